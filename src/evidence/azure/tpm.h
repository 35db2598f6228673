/* SPDX-License-Identifier: Apache-2.0 */
/* TPMS_ATTEST of a quote and TPMT_SIGNATURE (TPM 2.0 Library, Part 2). */
#ifndef VS_EVIDENCE_AZURE_TPM_H
#define VS_EVIDENCE_AZURE_TPM_H

#include "base/bytes.h"

enum { VS_TPM_PCRS = 24 };

/* Spans are borrowed. */
struct vs_tpm_quote {
	struct vs_span extra_data; /* the nonce */
	bool all_sha256;           /* selects SHA-256, PCRs 0 to 23, only */
	struct vs_span pcr_digest;
};

/* VS_MALFORMED or the like unless it is a quote, whole, with nothing behind. */
VS_MUST_USE vs_status vs_tpm_quote_parse(
    struct vs_span attest, struct vs_tpm_quote *out, struct vs_err *err);

/* The RSASSA signature: of a TPMT_SIGNATURE with SHA-256, or bare bytes of
 * the length that the key has. */
VS_MUST_USE vs_status vs_tpm_signature_parse(struct vs_span in, size_t rsa_size,
    struct vs_span *out, struct vs_err *err);

#endif
