/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's certificates for SGX and TDX: the bytes, and their pins. */
#ifndef VS_COLLATERAL_INTEL_CA_H
#define VS_COLLATERAL_INTEL_CA_H

#include "base/bytes.h"

typedef enum vs_intel_role {
	VS_INTEL_ROOT,
	VS_INTEL_PCK_CA,
	VS_INTEL_TCB_SIGNING,
} vs_intel_role;

enum { VS_INTEL_CA_COUNT = 4 };

/* The root is first. */
struct vs_intel_ca {
	vs_intel_role role;
	struct vs_span der;
};

struct vs_intel_pin {
	vs_intel_role role;
	uint8_t cert_sha256[32];
	uint8_t spki_sha256[32];
};

/* Same order. */
extern const struct vs_intel_ca vs_intel_cas[VS_INTEL_CA_COUNT];
extern const struct vs_intel_pin vs_intel_pins[VS_INTEL_CA_COUNT];

#endif
