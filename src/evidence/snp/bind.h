/* SPDX-License-Identifier: Apache-2.0 */
/* What ties a report to its signing key, its chip and its request. */
#ifndef VS_EVIDENCE_SNP_BIND_H
#define VS_EVIDENCE_SNP_BIND_H

#include "evidence/snp/chain.h"
#include "evidence/snp/report.h"

/* bind.signer, bind.product: before the signature, which they give sense. */
VS_MUST_USE vs_status vs_snp_bind_signer(const struct vs_snp_report *r,
    const struct vs_snp_chain *c, struct vs_err *err);
/* sig.report */
VS_MUST_USE vs_status vs_snp_check_signature(const struct vs_snp_report *r,
    const struct vs_snp_chain *c, struct vs_err *err);
/* bind.tcb, bind.chip_id */
VS_MUST_USE vs_status vs_snp_bind_platform(const struct vs_snp_report *r,
    const struct vs_snp_chain *c, bool allow_masked, bool *masked,
    struct vs_err *err);

#endif
