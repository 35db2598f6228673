/* SPDX-License-Identifier: Apache-2.0 */
/* AMD TCB_VERSION: eight bytes whose meaning depends on the product line. */
#ifndef VS_EVIDENCE_SNP_TCB_H
#define VS_EVIDENCE_SNP_TCB_H

#include "base/bytes.h"
#include "evidence/snp/product.h"

enum { VS_SNP_TCB_SIZE = 8 };

/* Components that a TCB or a certificate can have. */
typedef enum vs_snp_spl {
	VS_SNP_SPL_BL,
	VS_SNP_SPL_TEE,
	VS_SNP_SPL_SNP,
	VS_SNP_SPL_4,
	VS_SNP_SPL_5,
	VS_SNP_SPL_6,
	VS_SNP_SPL_7,
	VS_SNP_SPL_UCODE,
	VS_SNP_SPL_FMC,
	VS_SNP_SPL_COUNT,
} vs_snp_spl;

/* The byte that holds a component, or -1 when the product has none.
 * TCBs have no total order: never compare the eight bytes as one number. */
int vs_snp_tcb_index(vs_snp_product p, vs_snp_spl spl);
const char *vs_snp_spl_name(vs_snp_spl spl);

#endif
