/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Key Sets (RFC 7517): the public keys of an issuer of tokens. Each
 * key has one algorithm, which follows from the key alone.
 */
#ifndef VS_CODEC_JWKS_H
#define VS_CODEC_JWKS_H

#include "base/arena.h"
#include "crypto/jose.h"

enum {
	VS_JWKS_SIZE_MAX = 256 * 1024, /* with certificates beside each key */
	VS_JWKS_KEYS_MAX = 64,
	VS_JWK_ID_MAX = 256,
};

struct vs_jwks; /* immutable, may be used by several threads */

/*
 * rsa: the algorithm of RSA keys that do not say theirs, RS256 where the
 * caller knows nothing else. Keys that are for another purpose, of a type we
 * do not know or too weak are left out (RFC 7517 5). VS_MALFORMED for what is
 * no key set, two keys of one id, and a key that contradicts itself.
 */
VS_MUST_USE vs_status vs_jwks_parse(struct vs_span text, vs_jose_alg rsa,
    struct vs_jwks **out, struct vs_err *err);
void vs_jwks_free(struct vs_jwks **s);

/* How many can verify, and how many were left out. */
size_t vs_jwks_count(const struct vs_jwks *s);
size_t vs_jwks_left_out(const struct vs_jwks *s);

struct vs_jwks_key {
	struct vs_span kid; /* empty: it has none */
	vs_jose_alg alg;
	struct vs_pubkey *key; /* of the set */
};
const struct vs_jwks_key *vs_jwks_at(const struct vs_jwks *s, size_t i);
/* Exactly this id; without one, the key of a set that has only one. NULL. */
const struct vs_jwks_key *vs_jwks_find(
    const struct vs_jwks *s, struct vs_span kid);

#endif
