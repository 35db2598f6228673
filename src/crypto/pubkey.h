/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys and the signature schemes that evidence uses. */
#ifndef VS_CRYPTO_PUBKEY_H
#define VS_CRYPTO_PUBKEY_H

#include "base/bytes.h"

/* Immutable once made; may be used by several threads at once. */
struct vs_pubkey;

enum { VS_P384_SIZE = 48, VS_P256_SIZE = 32 };

/*
 * RSA from big-endian modulus and exponent. VS_RANGE unless the modulus has
 * 2048 to 8192 bits and the exponent is odd and from 65537 to 2^32 - 1.
 */
VS_MUST_USE vs_status vs_pubkey_rsa(struct vs_span n, struct vs_span e,
    struct vs_pubkey **out, struct vs_err *err);
void vs_pubkey_free(struct vs_pubkey **k);
/* Length of an RSA signature by this key; 0 for other keys. */
size_t vs_pubkey_rsa_size(const struct vs_pubkey *k);

/*
 * ECDSA on P-384 with SHA-384 over msg; r and s are little-endian as AMD's
 * firmware writes them. VS_UNTRUSTED when the signature is not by k, which
 * includes r or s outside 1..n-1 and keys on another curve.
 */
VS_MUST_USE vs_status vs_p384_verify_le(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t r[VS_P384_SIZE], const uint8_t s[VS_P384_SIZE],
    struct vs_err *err);

/* The same; sig is r and s, big-endian, as NVIDIA's firmware writes them. */
VS_MUST_USE vs_status vs_p384_verify(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t sig[2 * VS_P384_SIZE], struct vs_err *err);

/*
 * EC on P-256 from its point, x and y big-endian. VS_UNTRUSTED when that is
 * not on the curve.
 */
VS_MUST_USE vs_status vs_pubkey_p256(const uint8_t xy[2 * VS_P256_SIZE],
    struct vs_pubkey **out, struct vs_err *err);
/*
 * ECDSA on P-256 with SHA-256 over msg; sig is r and s, big-endian, as
 * Intel's enclaves write them. VS_UNTRUSTED when the signature is not by k,
 * which includes r or s outside 1..n-1 and keys on another curve. For every
 * signature there is a second one with n - s: it identifies nothing.
 */
VS_MUST_USE vs_status vs_p256_verify(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t sig[2 * VS_P256_SIZE], struct vs_err *err);

/* RSASSA-PKCS1-v1_5 with SHA-256; VS_UNTRUSTED when not by k. */
VS_MUST_USE vs_status vs_rsa_pkcs1_sha256_verify(const struct vs_pubkey *k,
    struct vs_span msg, struct vs_span sig, struct vs_err *err);

#endif
