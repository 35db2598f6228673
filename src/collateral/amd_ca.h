/* SPDX-License-Identifier: Apache-2.0 */
/* AMD's certificate authorities for SEV-SNP: the bytes, and their pins. */
#ifndef VS_COLLATERAL_AMD_CA_H
#define VS_COLLATERAL_AMD_CA_H

#include "base/bytes.h"

typedef enum vs_amd_role {
	VS_AMD_ARK,  /* root */
	VS_AMD_ASK,  /* issues VCEKs */
	VS_AMD_ASVK, /* issues VLEKs */
} vs_amd_role;

enum { VS_AMD_CA_COUNT = 9 };

struct vs_amd_ca {
	const char *product;
	vs_amd_role role;
	struct vs_span der;
};

struct vs_amd_pin {
	const char *product;
	vs_amd_role role;
	uint8_t cert_sha256[32];
	uint8_t spki_sha256[32];
};

/* Same order: each product's ARK, ASK, ASVK. */
extern const struct vs_amd_ca vs_amd_cas[VS_AMD_CA_COUNT];
extern const struct vs_amd_pin vs_amd_pins[VS_AMD_CA_COUNT];

#endif
