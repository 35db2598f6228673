/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's roots: the bytes, and their pins. */
#ifndef VS_COLLATERAL_NVIDIA_CA_H
#define VS_COLLATERAL_NVIDIA_CA_H

#include "base/bytes.h"

enum {
	VS_NV_ROOT_DEVICE, /* above all GPUs and switches */
	VS_NV_ROOT_RIM,    /* above the signers of reference documents */
	VS_NV_ROOT_COUNT,
};

struct vs_nv_ca {
	struct vs_span der;
};

struct vs_nv_pin {
	uint8_t cert_sha256[32];
	uint8_t spki_sha256[32];
};

extern const struct vs_nv_ca vs_nv_cas[VS_NV_ROOT_COUNT];
extern const struct vs_nv_pin vs_nv_pins[VS_NV_ROOT_COUNT];

#endif
