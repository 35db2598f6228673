/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature algorithms of JOSE (RFC 7518 3.1, RFC 8037) that have a
 * public key. A MAC is none of them: what verifies one can also make it.
 */
#ifndef VS_CRYPTO_JOSE_H
#define VS_CRYPTO_JOSE_H

#include "crypto/pubkey.h"

/* X(symbol, name) */
#define VS_JOSE_ALG_TABLE(X)                                                   \
	X(VS_JOSE_RS256, "RS256")                                              \
	X(VS_JOSE_RS384, "RS384")                                              \
	X(VS_JOSE_RS512, "RS512")                                              \
	X(VS_JOSE_PS256, "PS256")                                              \
	X(VS_JOSE_PS384, "PS384")                                              \
	X(VS_JOSE_PS512, "PS512")                                              \
	X(VS_JOSE_ES256, "ES256")                                              \
	X(VS_JOSE_ES384, "ES384")                                              \
	X(VS_JOSE_EDDSA, "EdDSA")

typedef enum vs_jose_alg {
	VS_JOSE_NONE = 0,
#define X(sym, name) sym,
	VS_JOSE_ALG_TABLE(X)
#undef X
} vs_jose_alg;

/* VS_JOSE_NONE for every other name. */
vs_jose_alg vs_jose_alg_named(struct vs_span name);
const char *vs_jose_alg_name(vs_jose_alg a);

enum { VS_ED25519_SIZE = 32 };

/* VS_UNTRUSTED when that is not on the curve. */
VS_MUST_USE vs_status vs_pubkey_p384(const uint8_t xy[2 * VS_P384_SIZE],
    struct vs_pubkey **out, struct vs_err *err);
VS_MUST_USE vs_status vs_pubkey_ed25519(const uint8_t x[VS_ED25519_SIZE],
    struct vs_pubkey **out, struct vs_err *err);

/* Whether a key of this type can make signatures of this algorithm. */
bool vs_jose_fits(const struct vs_pubkey *k, vs_jose_alg a);
/*
 * VS_UNTRUSTED when sig, in the form of JWS (RFC 7518 3.4: r and s as they
 * are), is not by k over msg, also when the key does not fit.
 */
VS_MUST_USE vs_status vs_jose_verify(struct vs_pubkey *k, vs_jose_alg a,
    struct vs_span msg, struct vs_span sig, struct vs_err *err);

#endif
