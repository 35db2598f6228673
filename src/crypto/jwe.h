/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWE (RFC 7516 7.1) with ECDH-ES (RFC 7518 4.6) and A256GCM, written
 * as a stream: the plaintext is never whole in memory, it passes through a
 * small locked buffer. Building only; there is no JSON parser here.
 */
#ifndef VS_CRYPTO_JWE_H
#define VS_CRYPTO_JWE_H

#include "crypto/ecdh.h"

/* Contexts and buffers, kept between messages. One thread at a time. */
struct vs_jwe;

/* Needs the secret pool (VS_JWE_LOCKED bytes of it). */
enum { VS_JWE_LOCKED = 14 * 1024 };
VS_MUST_USE vs_status vs_jwe_new(struct vs_jwe **out);
void vs_jwe_free(struct vs_jwe **j);

struct vs_jwe_to {
	vs_curve curve;
	struct vs_span x;
	struct vs_span y;
	struct vs_span apu; /* raw bytes, at most VS_JWE_PARTY_MAX */
	struct vs_span apv;
};

enum { VS_JWE_PARTY_MAX = 64 };

/* Length of the whole text for n bytes of plaintext; 0 when that is too
 * large or the curve unknown. */
size_t vs_jwe_len(const struct vs_jwe_to *to, size_t n);

/*
 * Draws an ephemeral key and writes the header. out holds vs_jwe_len(to, n)
 * bytes and stays borrowed until the end. VS_MALFORMED for a point that is
 * not on the curve.
 */
VS_MUST_USE vs_status vs_jwe_begin(
    struct vs_jwe *j, const struct vs_jwe_to *to, size_t n, uint8_t *out);
/* Plaintext, in order; constant time in its contents. */
VS_MUST_USE vs_status vs_jwe_add(struct vs_jwe *j, struct vs_span plaintext);
/* The unpadded base64url text of a secret, as plaintext. */
VS_MUST_USE vs_status vs_jwe_add_b64url(
    struct vs_jwe *j, struct vs_span secret);
/* VS_INTERNAL unless exactly n bytes were added. Wipes. */
VS_MUST_USE vs_status vs_jwe_end(struct vs_jwe *j);
/* Wipes what a message left behind; for the paths that do not reach end. */
void vs_jwe_abort(struct vs_jwe *j);

/* What a reader has after parsing a compact JWE. */
struct vs_jwe_parts {
	struct vs_span header; /* base64url text, as received: the AAD */
	struct vs_span epk_x;
	struct vs_span epk_y;
	struct vs_span apu; /* decoded */
	struct vs_span apv;
	struct vs_span iv;
	struct vs_span ciphertext;
	struct vs_span tag;
};

/*
 * Opens with the current key of e, whose curve the reader has compared with
 * that of the epk. out holds ciphertext.n bytes. VS_UNTRUSTED when the tag
 * does not match.
 */
VS_MUST_USE vs_status vs_jwe_open(
    struct vs_ecdh *e, const struct vs_jwe_parts *parts, uint8_t *out);

#endif
