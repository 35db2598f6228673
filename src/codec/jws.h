/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWS (RFC 7515) with a JSON payload, which is a JWT (RFC 7519). Who
 * may have signed is the caller's: nothing in a token names its own key.
 */
#ifndef VS_CODEC_JWS_H
#define VS_CODEC_JWS_H

#include "codec/json.h"
#include "codec/jwks.h"

enum { VS_JWS_SIZE_MAX = 64 * 1024 };

/*
 * A token taken apart. NOTHING in it is authentic before vs_jws_verify has
 * said so. Spans are borrowed from the text, the documents or the arena.
 */
struct vs_jws {
	struct vs_span signing_input;
	struct vs_span signature;
	struct vs_json *header;
	struct vs_json *claims;
	vs_jose_alg alg;
	struct vs_span kid; /* empty: none */
};

/*
 * VS_MALFORMED with code "token.malformed"; VS_UNSUPPORTED with "token.alg"
 * for `none`, MACs and what we do not know, with "token.crit" for extensions
 * that must be understood (RFC 7515 4.1.11), and with "token.b64" for
 * payloads that are not encoded (RFC 7797).
 */
VS_MUST_USE vs_status vs_jws_parse(struct vs_span text, struct vs_arena *a,
    struct vs_jws *out, struct vs_err *err);
void vs_jws_fini(struct vs_jws *t);

/*
 * VS_UNTRUSTED with code "token.key" when the set has no such key,
 * "token.alg" when the token's algorithm is not the key's, and
 * "token.signature".
 */
VS_MUST_USE vs_status vs_jws_verify(
    const struct vs_jws *t, const struct vs_jwks *keys, struct vs_err *err);

/* What must hold of an authentic token at a time. Unix seconds. */
struct vs_jwt_want {
	struct vs_span issuer;
	struct vs_span audience;
	int64_t now;
	int64_t skew; /* of clocks, either way */
	int64_t life; /* longest that a token may live */
};
/*
 * VS_STALE with code "token.expired" or "token.not-yet"; VS_UNTRUSTED with
 * "token.issuer", "token.audience" or "token.life"; VS_MALFORMED with
 * "token.claim" when a claim that is needed is absent or of another type.
 */
VS_MUST_USE vs_status vs_jwt_check(const struct vs_json *claims,
    const struct vs_jwt_want *want, struct vs_err *err);

#endif
