/* SPDX-License-Identifier: Apache-2.0 */
/* From a verified report to claims. */
#ifndef VS_EVIDENCE_SNP_CLAIMS_H
#define VS_EVIDENCE_SNP_CLAIMS_H

#include "evidence/azure/vtpm.h"
#include "evidence/snp/chain.h"
#include "evidence/snp/report.h"

/* What was found out, all of it verified. */
struct vs_snp_verified {
	vs_evidence_kind kind;
	const struct vs_snp_report *report;
	const struct vs_snp_chain *chain;
	const char *crl;
	bool bound; /* to the expected report data */
	bool chip_id_masked;
	uint8_t evidence_digest[VS_SHA256_SIZE];
	const struct vs_az_verified *azure; /* NULL: not Azure */
};

VS_MUST_USE vs_status vs_snp_claims(
    const struct vs_snp_verified *v, struct vs_claims *out, struct vs_err *err);

#endif
