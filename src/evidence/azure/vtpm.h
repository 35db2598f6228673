/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Azure's paravisor adds to a report of the hardware, whichever it is:
 * runtime data, by their digest in the report's data, and in them the key of
 * a vTPM, whose quotes speak for the guest.
 */
#ifndef VS_EVIDENCE_AZURE_VTPM_H
#define VS_EVIDENCE_AZURE_VTPM_H

#include "crypto/digest.h"
#include "evidence/azure/runtime.h"
#include "evidence/azure/tpm.h"
#include "evidence/evidence.h"

/* All spans are borrowed from the input and the arena. */
struct vs_az_verified {
	struct vs_az_runtime runtime;
	uint8_t runtime_digest[VS_SHA256_SIZE];
	bool quote_verified;
	struct vs_tpm_quote quote;
	bool bound; /* to the expected report data */
};

/* bind.hcl_runtime_data: report_data is not SHA-256 of the runtime data and
 * zeros. parse.hcl: they are, and are not what they should be. */
VS_MUST_USE vs_status vs_az_bind_runtime(struct vs_span runtime,
    struct vs_span report_data, struct vs_arena *a, struct vs_az_verified *out,
    struct vs_err *err);

/*
 * The quote, if there is one, and the request: the guest's own data are the
 * user-data of the runtime data, or the nonce of the quote; either carries
 * the 64 bytes. Codes bind.nonce, bind.report_data and those of the quote.
 */
VS_MUST_USE vs_status vs_az_bind_request(const struct vs_vtpm_quote *quote,
    const struct vs_evidence_expect *expect, struct vs_az_verified *v,
    struct vs_err *err);

/* tpm.signature, tpm.attest, bind.nonce, tpm.pcr_digest. runtime must be
 * verified. */
VS_MUST_USE vs_status vs_az_check_quote(const struct vs_vtpm_quote *quote,
    const struct vs_az_runtime *runtime, struct vs_span nonce,
    struct vs_tpm_quote *out, struct vs_err *err);

VS_MUST_USE vs_status vs_az_claims(
    const struct vs_az_verified *v, struct vs_claims *out, struct vs_err *err);

#endif
