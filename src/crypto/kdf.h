/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation. */
#ifndef VS_CRYPTO_KDF_H
#define VS_CRYPTO_KDF_H

#include "base/bytes.h"

/* RFC 5869 with SHA-256; n at most 255 * 32. */
VS_MUST_USE vs_status vs_hkdf_sha256(struct vs_span salt, struct vs_span ikm,
    struct vs_span info, uint8_t *out, size_t n);

/*
 * The content key of ECDH-ES (RFC 7518 4.6.2): the Concat KDF of NIST SP
 * 800-56A with SHA-256, one round, 32 bytes. alg is the "enc" value, apu and
 * apv are raw bytes.
 */
VS_MUST_USE vs_status vs_concat_kdf(struct vs_span z, struct vs_span alg,
    struct vs_span apu, struct vs_span apv, uint8_t out[32]);

#endif
