/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys of any kind that signs software: ECDSA on P-256 with SHA-256
 * and on P-384 with SHA-384 (signatures in DER), Ed25519, RSASSA-PKCS1-v1_5
 * with SHA-256 from 2048 bits. The key alone decides the algorithm.
 */
#ifndef VS_CRYPTO_SIGKEY_H
#define VS_CRYPTO_SIGKEY_H

#include "crypto/digest.h"
#include "crypto/x509.h"

struct vs_sigkey; /* immutable; any number of threads */

/* Exactly one SubjectPublicKeyInfo (RFC 5280 4.1.2.7). VS_MALFORMED for what
 * is none, VS_UNSUPPORTED for another kind of key. */
VS_MUST_USE vs_status vs_sigkey_read(
    struct vs_span spki, struct vs_sigkey **out, struct vs_err *err);
/* The key of a certificate. */
VS_MUST_USE vs_status vs_sigkey_of(
    const struct vs_cert *c, struct vs_sigkey **out, struct vs_err *err);
void vs_sigkey_free(struct vs_sigkey **k);

/* SubjectPublicKeyInfo, DER; borrowed. */
struct vs_span vs_sigkey_spki(const struct vs_sigkey *k);
const uint8_t *vs_sigkey_id(const struct vs_sigkey *k); /* SHA-256 of it */
/* True when a SHA-256 digest is all that a signature needs. */
bool vs_sigkey_takes_sha256(const struct vs_sigkey *k);

/* VS_UNTRUSTED when sig is not by k over msg. */
VS_MUST_USE vs_status vs_sigkey_verify(const struct vs_sigkey *k,
    struct vs_span msg, struct vs_span sig, struct vs_err *err);
/* The same where only the digest of the message is known; VS_UNSUPPORTED
 * unless vs_sigkey_takes_sha256. */
VS_MUST_USE vs_status vs_sigkey_verify_sha256(const struct vs_sigkey *k,
    const uint8_t digest[VS_SHA256_SIZE], struct vs_span sig,
    struct vs_err *err);

#endif
