/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens that bring the chain of their key (RFC 7515 4.1.6), for issuers
 * that have one root certificate instead of a key set. The chain only leads
 * to the key; the root, which the caller has, is what is trusted.
 */
#ifndef VS_CODEC_JWS_X5C_H
#define VS_CODEC_JWS_X5C_H

#include "codec/jws.h"
#include "crypto/x509.h"

enum { VS_X5C_MAX = 4 };

/*
 * VS_UNTRUSTED with code "token.chain" unless the header's x5c leads from the
 * key to the root itself, by RSA with SHA-256, through certificates that are
 * in date at `now` (Unix seconds), and "token.alg" or "token.signature" as
 * vs_jws_verify. The algorithm must be RS256.
 */
VS_MUST_USE vs_status vs_jws_verify_x5c(const struct vs_jws *t,
    const struct vs_cert *root, int64_t now, struct vs_arena *a,
    struct vs_err *err);

#endif
