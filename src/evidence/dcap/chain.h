/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates that came with a quote or beside it: untrusted. */
#ifndef VS_EVIDENCE_DCAP_CHAIN_H
#define VS_EVIDENCE_DCAP_CHAIN_H

#include "evidence/dcap/quote.h"

struct vs_dcap_chain {
	struct vs_cert *pck;
	struct vs_cert *ca;
	struct vs_cert *root; /* NULL: not sent */
};

/*
 * By place for a chain in the quote, by content for certificates beside it.
 * Codes cert_data_type (none where one is needed) and chain_invalid, also
 * for names and constraints that Intel's chains do not have.
 */
VS_MUST_USE vs_status vs_dcap_chain_read(const struct vs_dcap_quote *q,
    const struct vs_span *certs, size_t certs_n, struct vs_dcap_chain *out,
    struct vs_err *err);
void vs_dcap_chain_fini(struct vs_dcap_chain *c);

#endif
