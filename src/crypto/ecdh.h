/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ephemeral Diffie-Hellman on P-256, P-384 (SP 800-56A) and X25519
 * (RFC 7748).
 */
#ifndef VS_CRYPTO_ECDH_H
#define VS_CRYPTO_ECDH_H

#include "base/bytes.h"

typedef enum vs_curve {
	VS_CURVE_NONE = 0,
	VS_CURVE_P256,
	VS_CURVE_P384,
	VS_CURVE_X25519,
} vs_curve;

enum { VS_ECDH_SIZE_MAX = 48 };

/* Bytes of a coordinate and of the shared secret; 0 for an unknown curve. */
size_t vs_curve_size(vs_curve c);
/* "P-256": the "crv" of a JWK (RFC 7518 6.2.1.1, RFC 8037); NULL. */
const char *vs_curve_name(vs_curve c);

/* Big-endian coordinates of vs_curve_size bytes; X25519 has x only. */
struct vs_ecdh_point {
	vs_curve curve;
	uint8_t x[VS_ECDH_SIZE_MAX];
	uint8_t y[VS_ECDH_SIZE_MAX];
};

/* At most one private key at a time, and what is worth keeping between keys.
 * One thread at a time. */
struct vs_ecdh;

VS_MUST_USE vs_status vs_ecdh_new(struct vs_ecdh **out);
void vs_ecdh_free(struct vs_ecdh **e);

/* Makes a fresh private key, forgetting the one before. */
VS_MUST_USE vs_status vs_ecdh_generate(
    struct vs_ecdh *e, vs_curve curve, struct vs_ecdh_point *public_key);
/* Loads a private X25519 key (32 bytes, RFC 7748 5) instead of a fresh one. */
VS_MUST_USE vs_status vs_ecdh_load_x25519(
    struct vs_ecdh *e, const uint8_t *key, struct vs_ecdh_point *public_key);
/*
 * The shared secret (vs_curve_size bytes into z) with a peer on the curve of
 * the current key. VS_MALFORMED for coordinates of a wrong size or out of
 * range, a point not on the curve, and an X25519 value of small order.
 */
VS_MUST_USE vs_status vs_ecdh_derive(
    struct vs_ecdh *e, struct vs_span x, struct vs_span y, uint8_t *z);
/* Wipes the current private key. */
void vs_ecdh_forget(struct vs_ecdh *e);

#endif
