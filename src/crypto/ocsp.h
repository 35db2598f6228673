/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about the revocation of certificates (RFC 6960), as files. */
#ifndef VS_CRYPTO_OCSP_H
#define VS_CRYPTO_OCSP_H

#include "crypto/x509.h"

struct vs_ocsp; /* immutable once parsed, thread-safe */

enum {
	VS_OCSP_MAX = 32 * 1024, /* an answer with its signer is 2 KiB */
	VS_OCSP_ANSWERS_MAX = 16,
	VS_OCSP_NAME_MAX = 64,
};

typedef enum vs_ocsp_state {
	VS_OCSP_UNKNOWN = 0, /* the responder does not know it */
	VS_OCSP_GOOD,
	VS_OCSP_REVOKED,
	VS_OCSP_HOLD, /* revoked, and it may be taken back */
} vs_ocsp_state;

struct vs_ocsp_answer {
	vs_ocsp_state state;
	int64_t this_update, next_update;
};

struct vs_ocsp_facts {
	struct vs_span der;
	bool all_good;       /* every answer says so */
	int64_t this_update; /* of the oldest answer */
	int64_t next_update; /* the earliest */
	/* Of the first: serial number, "@", start of its issuer's key id. */
	char name[VS_OCSP_NAME_MAX];
	uint8_t sha256[VS_SHA256_SIZE];
};

/* Begins like a response; a certificate or CRL does not. */
bool vs_ocsp_is(struct vs_span der);
/*
 * One response, successful and basic. VS_MALFORMED for anything else, without
 * nextUpdate, or with a critical extension. Verifies nothing.
 */
VS_MUST_USE vs_status vs_ocsp_parse(
    struct vs_span der, struct vs_ocsp **out, struct vs_err *err);
void vs_ocsp_free(struct vs_ocsp **o);
const struct vs_ocsp_facts *vs_ocsp_facts(const struct vs_ocsp *o);

/* False: it says nothing of this certificate of that issuer. Of several
 * answers the worst counts. */
bool vs_ocsp_about(const struct vs_ocsp *o, const struct vs_cert *cert,
    const struct vs_cert *issuer, struct vs_ocsp_answer *out);
/*
 * Signed by this authority, or by whom it certified for that alone and who
 * was in date then (RFC 6960 4.2.2.2). VS_UNTRUSTED otherwise. For
 * VS_SIG_P384_SHA384 only; whether it is fresh is for the caller. until is
 * the last second of the one certified, INT64_MAX for the authority: an
 * answer is worth no more than who gave it.
 */
VS_MUST_USE vs_status vs_ocsp_issued_by(const struct vs_ocsp *o,
    const struct vs_cert *issuer, int64_t *until, struct vs_err *err);

#endif
