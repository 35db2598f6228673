/* SPDX-License-Identifier: Apache-2.0 */
/* The few DER heads that we read ourselves: definite, minimal, one-byte tag. */
#ifndef VS_CRYPTO_DER_H
#define VS_CRYPTO_DER_H

#include "base/bytes.h"

enum {
	VS_DER_INTEGER = 0x02,
	VS_DER_OCTETS = 0x04,
	VS_DER_OID = 0x06,
	VS_DER_IA5STRING = 0x16,
	VS_DER_SEQUENCE = 0x30,
	VS_DER_CONTEXT_0 = 0xa0,
};

/* One element: its tag, its contents, and all of it. */
struct vs_der {
	uint8_t tag;
	struct vs_span value;
	struct vs_span whole;
};

/* VS_TRUNCATED past the end, VS_MALFORMED for what DER does not allow. */
VS_MUST_USE vs_status vs_der_next(struct vs_rd *in, struct vs_der *out);
/* Exactly one element with this tag and nothing behind it. */
VS_MUST_USE vs_status vs_der_only(
    struct vs_span in, uint8_t tag, struct vs_span *value);

/*
 * Both signature AlgorithmIdentifiers of a certificate or CRL: the signed
 * one and the outer one (RFC 5280 4.1.1.2). Spans of whole elements.
 */
VS_MUST_USE vs_status vs_der_sig_algs(
    struct vs_span der, struct vs_span *inner, struct vs_span *outer);

#endif
