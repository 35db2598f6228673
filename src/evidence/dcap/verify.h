/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of Intel's DCAP quotes: every check that is not a matter of
 * policy, in one call. */
#ifndef VS_EVIDENCE_DCAP_VERIFY_H
#define VS_EVIDENCE_DCAP_VERIFY_H

#include "evidence/evidence.h"

/* As vs_evidence_appraise, for the kinds tdx and sgx. Revocation lists are
 * always required. out must be initialised; on failure it may hold a part of
 * the claims. */
VS_MUST_USE vs_status vs_dcap_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err);

#endif
