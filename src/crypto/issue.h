/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuer's side of public-key cryptography: making keys and signing. For
 * the simulator and the test suite only; nothing that serves calls it.
 */
#ifndef VS_CRYPTO_ISSUE_H
#define VS_CRYPTO_ISSUE_H

#include "base/buf.h"

struct vs_issue_key; /* a private key: RSA, or EC on P-384 or P-256 */

VS_MUST_USE vs_status vs_issue_key_rsa(
    unsigned bits, struct vs_issue_key **out, struct vs_err *err);
VS_MUST_USE vs_status vs_issue_key_p384(
    struct vs_issue_key **out, struct vs_err *err);
VS_MUST_USE vs_status vs_issue_key_p256(
    struct vs_issue_key **out, struct vs_err *err);
void vs_issue_key_free(struct vs_issue_key **k);

/* PKCS #8 PEM, not encrypted: these keys protect nothing. */
VS_MUST_USE vs_status vs_issue_key_write(
    const struct vs_issue_key *k, struct vs_buf *pem, struct vs_err *err);
VS_MUST_USE vs_status vs_issue_key_read(
    struct vs_span pem, struct vs_issue_key **out, struct vs_err *err);

/* SubjectPublicKeyInfo, DER, appended. */
VS_MUST_USE vs_status vs_issue_spki(
    const struct vs_issue_key *k, struct vs_buf *der, struct vs_err *err);
/* RFC 5280 4.2.1.2 method 1: SHA-1 of the subjectPublicKey bits. */
VS_MUST_USE vs_status vs_issue_key_id(
    const struct vs_issue_key *k, uint8_t out[20], struct vs_err *err);

/* RSASSA-PSS, SHA-384, MGF1 SHA-384, salt 48; appended. */
VS_MUST_USE vs_status vs_issue_sign_pss(const struct vs_issue_key *k,
    struct vs_span msg, struct vs_buf *sig, struct vs_err *err);
/* ECDSA with SHA-384, r and s big-endian. */
VS_MUST_USE vs_status vs_issue_sign_p384(const struct vs_issue_key *k,
    struct vs_span msg, uint8_t r[48], uint8_t s[48], struct vs_err *err);
/* ECDSA with SHA-256, r and s big-endian. */
VS_MUST_USE vs_status vs_issue_sign_p256(const struct vs_issue_key *k,
    struct vs_span msg, uint8_t r[32], uint8_t s[32], struct vs_err *err);

/* One PEM block, appended. */
VS_MUST_USE vs_status vs_issue_pem_write(const char *label, struct vs_span der,
    struct vs_buf *pem, struct vs_err *err);

#endif
