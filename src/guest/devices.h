/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of this machine, and the switches between them. */
#ifndef VS_GUEST_DEVICES_H
#define VS_GUEST_DEVICES_H

#include "base/buf.h"
#include "client/api.h"
#include "simulate/gpu.h"

enum { VS_GUEST_GPUS_MAX = 16, VS_GUEST_SWITCHES_MAX = 8 };

struct vs_guest_device {
	struct vs_buf report, certs;
	const char *cc_state; /* static; NULL: not said */
};
struct vs_guest_devices {
	struct vs_guest_device gpu[VS_GUEST_GPUS_MAX];
	struct vs_guest_device nvswitch[VS_GUEST_SWITCHES_MAX];
	size_t gpus, switches;
};
void vs_guest_devices_fini(struct vs_guest_devices *d);

/* As the release request takes them; borrowed. */
struct vs_guest_devices_view {
	struct vs_api_device gpu[VS_GUEST_GPUS_MAX];
	struct vs_api_device nvswitch[VS_GUEST_SWITCHES_MAX];
	size_t gpus, switches;
};
void vs_guest_devices_view(
    const struct vs_guest_devices *d, struct vs_guest_devices_view *out);

/* What the CPU report names: SHA-256 over each GPU, then each switch, in
 * order; 32 zeros for none. */
VS_MUST_USE vs_status vs_guest_devices_digest(
    const struct vs_guest_devices_view *v, uint8_t out[32]);

typedef enum vs_guest_gpus {
	VS_GUEST_GPUS_AUTO = 0, /* those that there are in confidential mode */
	VS_GUEST_GPUS_NONE,
	VS_GUEST_GPUS_ALL,   /* all, and there must be one */
	VS_GUEST_GPUS_COUNT, /* exactly so many */
} vs_guest_gpus;

struct vs_guest_gpu_source {
	vs_guest_gpus which;
	unsigned count;   /* of VS_GUEST_GPUS_COUNT */
	const char *nvml; /* NULL: libnvidia-ml.so.1 */
	const char *nscq; /* NULL: libnvidia-nscq.so.2 */
	/* Directory of a simulated PKI, whose folder gpu has the board; NULL:
	 * real ones. */
	const char *simulate;
	struct vs_sim_machine machine; /* the forged one */
};
/* Reports that answer the nonce. digest: of what was taken; a simulated host
 * may make something else of it. out is zeroed. */
VS_MUST_USE vs_status vs_guest_devices_take(
    const struct vs_guest_gpu_source *src, const uint8_t nonce[32],
    struct vs_guest_devices *out, uint8_t digest[32], struct vs_err *err);

/* Through NVIDIA's libraries, loaded now. VS_UNAVAILABLE says what is missing.
 * fabric: the GPUs are in protected PCIe mode, with switches between them. */
VS_MUST_USE vs_status vs_nvml_take(const struct vs_guest_gpu_source *src,
    const uint8_t nonce[32], struct vs_guest_devices *out, bool *fabric,
    struct vs_err *err);
VS_MUST_USE vs_status vs_nscq_take(const struct vs_guest_gpu_source *src,
    const uint8_t nonce[32], struct vs_guest_devices *out, struct vs_err *err);

#endif
