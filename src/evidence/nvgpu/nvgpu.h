/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appraisal of NVIDIA GPUs and NVSwitches: reports and certificates against
 * NVIDIA's root, measurements against NVIDIA's reference documents, and the
 * devices of one request against each other. Nothing is fetched.
 *
 * Codes, in the order of the checks: GPU_PARSE (VS_MALFORMED); GPU_CHAIN,
 * GPU_REVOKED, GPU_TIME, GPU_ARCH, GPU_SIG, GPU_NONCE, GPU_FWID of every
 * device; then RIM_TIME, RIM_REVOKED, RIM_PRODUCT, RIM_VERSION, RIM_CONFLICT;
 * then TOPOLOGY (all VS_UNTRUSTED). That measurements differ from the reference
 * values is a claim and no error: policy judges it.
 */
#ifndef VS_EVIDENCE_NVGPU_NVGPU_H
#define VS_EVIDENCE_NVGPU_NVGPU_H

#include "base/crew.h"
#include "claims/gpu.h"
#include "collateral/nvidia.h"
#include "evidence/evidence.h"
#include "evidence/nvgpu/chain.h"
#include "evidence/nvgpu/report.h"

/* Two boards of 8 GPUs and their switches, with room. */
enum { VS_NV_DEVICES_MAX = 32 };

/* One device's evidence. Borrowed. */
struct vs_nv_input {
	vs_nv_arch arch; /* as declared; VS_NV_NONE: whatever it is */
	struct vs_span report;
	struct vs_span certs; /* PEM, leaf first */
};

/*
 * Evidence as the agents of NVIDIA (a list of devices, or "evidences" or
 * "evidence_list") and of Confidential Containers ("device_evidence_list")
 * write it. A nonce in it proves nothing and is not read. out has room for
 * VS_NV_DEVICES_MAX. VS_MALFORMED, GPU_PARSE.
 */
VS_MUST_USE vs_status vs_nv_evidence_json(struct vs_span text,
    struct vs_arena *a, struct vs_nv_input *out, size_t *n, struct vs_err *err);

/* Documents to judge by, instead of those of the collateral that have the
 * right id. Several are alternatives. */
struct vs_nv_rims {
	const struct vs_nv_rim *const *driver;
	size_t driver_n;
	const struct vs_nv_rim *const *vbios;
	size_t vbios_n;
};

struct vs_nv_options {
	const struct vs_collateral *collateral; /* required */
	struct vs_evidence_cache *cache;        /* of chains; NULL: none */
	struct vs_span nonce;          /* 32 bytes; empty: not compared, and the
					  claim bound is false */
	int64_t now;                   /* Unix seconds */
	const struct vs_nv_rims *rims; /* NULL: by id */
	struct vs_crew *crew;          /* to share the work; NULL: none */
	/* So many GPUs come first, and then switches. 0: in any order. */
	size_t gpus_n;
	bool allow_expired_rim; /* a signer that was valid once will do */
	bool allow_absent_fwid; /* drivers from 550 on do report it */
};

typedef enum vs_nv_match {
	VS_NV_ABSENT = 0, /* no document: nothing compared */
	VS_NV_MISMATCH,
	VS_NV_MATCH,
} vs_nv_match;

/* Measurements against one document, the best of its alternatives. */
struct vs_nv_outcome {
	vs_nv_match match;
	const struct vs_nv_rim *rim; /* NULL when absent; borrowed */
	bool expired;
	size_t compared;
	uint8_t differ[VS_NV_RIM_INDEX_COUNT]; /* indices of the document */
	size_t differ_n;
};

/* A verified device. Zeroed: nothing verified. */
struct vs_nv_device {
	const char *kind; /* "GPU", "switch", or "device" in any order */
	size_t number;    /* from 0, among its kind */
	vs_nv_arch arch;
	struct vs_nv_chain *chain;
	struct vs_nv_report report; /* borrows from the input */
	struct vs_nv_opaque opaque;
	struct vs_span fwid; /* of the certificate */
	bool fwid_reported;  /* and of the report, the same */
	bool bound;
	/* Ids of the documents that are about it; "" when there is none. */
	char driver_id[VS_NV_RIM_ID_MAX + 1];
	char vbios_id[VS_NV_RIM_ID_MAX + 1];
	struct vs_nv_outcome driver, vbios;
	bool has_topology, topology;
};

/* Steps of vs_nvgpu_appraise, for who wants them one by one: each device by
 * itself; the documents and the devices together; the claims of the GPUs. */
VS_MUST_USE vs_status vs_nvgpu_verify(const struct vs_nv_input *in, size_t n,
    const struct vs_nv_options *opt, struct vs_nv_device *out,
    struct vs_err *err);
VS_MUST_USE vs_status vs_nvgpu_judge(struct vs_nv_device *v, size_t n,
    const struct vs_nv_options *opt, struct vs_err *err);
VS_MUST_USE vs_status vs_nvgpu_claims(const struct vs_nv_device *v, size_t n,
    int64_t now, struct vs_claims *out, struct vs_err *err);
void vs_nv_devices_fini(struct vs_nv_device *v, size_t n);

/*
 * All of them. out is zeroed, has room for n, and is to be given to
 * vs_nv_devices_fini in any case. On failure the claims hold no GPU.
 */
VS_MUST_USE vs_status vs_nvgpu_appraise(const struct vs_nv_input *in, size_t n,
    const struct vs_nv_options *opt, struct vs_nv_device *out,
    struct vs_claims *claims, struct vs_err *err);

/* "GPU 3 (41444a500c0208a298)": the place in the request and, once its
 * certificates are verified, the id. */
enum { VS_NV_NAME_MAX = 80 };
void vs_nv_device_name(
    const struct vs_nv_device *d, char out[VS_NV_NAME_MAX + 1]);
/* One and the same, by the certificate that its maker gave it: its serial
 * number, or the identity in the fabric that this ends with. */
bool vs_nv_device_same(
    const struct vs_nv_device *a, const struct vs_nv_device *b);

/* Of driver and VBIOS together; a switch has no driver. */
vs_nv_match vs_nv_device_match(const struct vs_nv_device *d);
/* Serial number of the leaf, decimal: what NVIDIA's tokens call ueid. */
enum { VS_NV_UEID_MAX = 49 };
void vs_nv_ueid(const struct vs_nv_device *d, char out[VS_NV_UEID_MAX + 1]);

#endif
