/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of SEV-SNP evidence, bare or in Azure's HCL blob: every check
 * that is not a matter of policy, in one call. */
#ifndef VS_EVIDENCE_SNP_VERIFY_H
#define VS_EVIDENCE_SNP_VERIFY_H

#include "evidence/evidence.h"

/* As vs_evidence_appraise, for the kinds snp and az-snp. out must be
 * initialised; on failure it may hold a part of the claims. */
VS_MUST_USE vs_status vs_snp_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err);

#endif
