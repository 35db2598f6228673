/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detached signatures over files that people sign: Ed25519 (RFC 8032), and
 * ECDSA on P-256 with SHA-256, r and s as 64 octets big-endian. Keys come as
 * PEM: SubjectPublicKeyInfo ("PUBLIC KEY") and PKCS #8 ("PRIVATE KEY"), as
 * `openssl genpkey` and `openssl pkey -pubout` write them.
 */
#ifndef VS_CRYPTO_SIGN_H
#define VS_CRYPTO_SIGN_H

#include "base/buf.h"

enum { VS_SIG_SIZE = 64, VS_SIGN_ID_SIZE = 32 };

typedef enum vs_sign_alg {
	VS_SIGN_NONE = 0,
	VS_SIGN_ED25519,
	VS_SIGN_P256,
} vs_sign_alg;
const char *vs_sign_alg_name(vs_sign_alg a); /* "ed25519", "p256" */

struct vs_verifier; /* a public key; immutable */
struct vs_signer;   /* a private key, of a tool: nothing that serves has one */

/* VS_MALFORMED for what is no such key. A private key is none. */
VS_MUST_USE vs_status vs_verifier_read(
    struct vs_span pem, struct vs_verifier **out, struct vs_err *err);
void vs_verifier_free(struct vs_verifier **v);
vs_sign_alg vs_verifier_alg(const struct vs_verifier *v);
/* SHA-256 of its SubjectPublicKeyInfo: the same key has one name. */
const uint8_t *vs_verifier_id(const struct vs_verifier *v);
/* VS_UNTRUSTED when sig is not by this key over msg. */
VS_MUST_USE vs_status vs_verify(const struct vs_verifier *v, struct vs_span msg,
    struct vs_span sig, struct vs_err *err);

VS_MUST_USE vs_status vs_signer_new(
    vs_sign_alg alg, struct vs_signer **out, struct vs_err *err);
/* Not encrypted. */
VS_MUST_USE vs_status vs_signer_read(
    struct vs_span pem, struct vs_signer **out, struct vs_err *err);
void vs_signer_free(struct vs_signer **s);
/* PEM, appended. */
VS_MUST_USE vs_status vs_signer_public(
    const struct vs_signer *s, struct vs_buf *pem, struct vs_err *err);
VS_MUST_USE vs_status vs_sign(const struct vs_signer *s, struct vs_span msg,
    uint8_t sig[VS_SIG_SIZE], struct vs_err *err);

#endif
