/* SPDX-License-Identifier: Apache-2.0 */
/* The ephemeral key that a release is encrypted to, and what binds it to the
 * evidence. */
#ifndef VS_GUEST_RECIPIENT_H
#define VS_GUEST_RECIPIENT_H

#include "crypto/ecdh.h"

enum { VS_GUEST_JWK_MAX = 256, VS_GUEST_NONCE_SIZE = 32 };

struct vs_guest_recipient {
	struct vs_ecdh *ecdh; /* holds the private key */
	struct vs_ecdh_point point;
	char jwk[VS_GUEST_JWK_MAX]; /* RFC 7638 form: also the thumbprint's */
	uint8_t thumbprint[32];
};

VS_MUST_USE vs_status vs_guest_recipient_init(
    struct vs_guest_recipient *r, vs_curve curve, struct vs_err *err);
void vs_guest_recipient_fini(struct vs_guest_recipient *r);

/* The public JWK: required members only, in lexicographic order, no space
 * (RFC 7638 3.2). */
VS_MUST_USE vs_status vs_guest_jwk(
    const struct vs_ecdh_point *point, char out[VS_GUEST_JWK_MAX]);

/* What the CPU report must carry: SHA-512 over tag, nonce, thumbprint and the
 * digest of the devices, which is 32 zero bytes without devices. */
VS_MUST_USE vs_status vs_guest_report_data(
    const uint8_t nonce[VS_GUEST_NONCE_SIZE], const uint8_t thumbprint[32],
    const uint8_t devices[32], uint8_t out[64]);
/* What every GPU and switch must answer: SHA-256 over a tag of its own, nonce
 * and thumbprint. */
VS_MUST_USE vs_status vs_guest_gpu_nonce(
    const uint8_t nonce[VS_GUEST_NONCE_SIZE], const uint8_t thumbprint[32],
    uint8_t out[32]);

#endif
