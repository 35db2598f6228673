/* SPDX-License-Identifier: Apache-2.0 */
/* AMD's extensions of VCEK and VLEK certificates (AMD 57230). */
#ifndef VS_EVIDENCE_SNP_LEAF_H
#define VS_EVIDENCE_SNP_LEAF_H

#include "crypto/x509.h"
#include "evidence/snp/tcb.h"

enum {
	VS_SNP_HWID_MAX = 64,
	VS_SNP_CSP_MAX = 128, /* most that the claim takes */
	/* Instead of a value: */
	VS_SNP_EXT_ABSENT = -1,
	VS_SNP_EXT_BAD = -2, /* twice, or not of the only allowed form */
};

/*
 * Reading does not fail: what is absent or bad is said here and judged when
 * the leaf is bound to a report, after the signatures.
 */
struct vs_snp_leaf {
	int struct_version;
	int spl[VS_SNP_SPL_COUNT];
	int hwid_n; /* 8, 64, absent or bad */
	uint8_t hwid[VS_SNP_HWID_MAX];
	int csp_n; /* length, absent or bad */
	char csp[VS_SNP_CSP_MAX + 1];
};

void vs_snp_leaf_read(const struct vs_cert *cert, struct vs_snp_leaf *out);

#endif
