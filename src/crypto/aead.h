/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
 *
 * A context keeps its key schedule: a key that serves many messages is loaded
 * once, and each message re-initialises the nonce alone. One thread at a time.
 */
#ifndef VS_CRYPTO_AEAD_H
#define VS_CRYPTO_AEAD_H

#include "base/bytes.h"

enum {
	VS_AEAD_KEY_SIZE = 32,
	VS_AEAD_NONCE_SIZE = 12,
	VS_AEAD_TAG_SIZE = 16,
};

struct vs_aead;

VS_MUST_USE vs_status vs_aead_new(struct vs_aead **out);
/* Wipes the key schedule. Accepts NULL, nulls the pointer. */
void vs_aead_free(struct vs_aead **a);

/* One message, as AES-GCM takes it apart. in.n bytes go to out, which may be
 * in.p itself. tag is written by seal and read by open. */
struct vs_aead_msg {
	const uint8_t *nonce; /* VS_AEAD_NONCE_SIZE */
	struct vs_span aad;
	struct vs_span in;
	uint8_t *out;
	uint8_t *tag; /* VS_AEAD_TAG_SIZE */
};

/* key == NULL: the key that the last call in the same direction loaded. */
VS_MUST_USE vs_status vs_aead_seal(
    struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m);
/* VS_UNTRUSTED, and out zeroed, when the tag does not match. */
VS_MUST_USE vs_status vs_aead_open(
    struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m);

/*
 * vs_aead_open without a branch on the outcome: 0xff when the tag matched and
 * 0x00 otherwise, and out & mask is what may be used. The same work is done
 * in both cases, so that a batch does not tell which record failed.
 */
VS_MUST_USE uint8_t vs_aead_open_mask(
    struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m);

/* Sealing in pieces: start with the nonce and the AAD, then any number of
 * updates, then the tag. */
VS_MUST_USE vs_status vs_aead_seal_start(struct vs_aead *a, const uint8_t *key,
    const uint8_t nonce[VS_AEAD_NONCE_SIZE], struct vs_span aad);
VS_MUST_USE vs_status vs_aead_seal_update(
    struct vs_aead *a, struct vs_span in, uint8_t *out);
VS_MUST_USE vs_status vs_aead_seal_finish(
    struct vs_aead *a, uint8_t tag[VS_AEAD_TAG_SIZE]);

#endif
