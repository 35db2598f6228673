/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "base/secret.h"

/*
 * Two OpenSSL contexts, for a key schedule belongs to one direction. Each is
 * made when first needed: a KEK that only opens costs one.
 */
struct vs_aead {
	EVP_CIPHER *cipher; /* fetched once: an implicit fetch costs 500 ns */
	EVP_CIPHER_CTX *seal;
	EVP_CIPHER_CTX *open;
};

vs_status
vs_aead_new(struct vs_aead **out)
{
	struct vs_aead *a = calloc(1, sizeof *a);

	ERR_clear_error();
	if (a == NULL)
		return VS_NO_MEMORY;
	a->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (a->cipher == NULL) {
		free(a);
		return VS_INTERNAL;
	}
	*out = a;
	return VS_OK;
}

void
vs_aead_free(struct vs_aead **a)
{
	if (*a == NULL)
		return;
	EVP_CIPHER_CTX_free((*a)->seal);
	EVP_CIPHER_CTX_free((*a)->open);
	EVP_CIPHER_free((*a)->cipher);
	free(*a);
	*a = NULL;
}

/* The context of one direction, with cipher set but no key yet. */
static EVP_CIPHER_CTX *
context(const struct vs_aead *a, EVP_CIPHER_CTX **slot, int encrypt)
{
	if (*slot != NULL)
		return *slot;
	*slot = EVP_CIPHER_CTX_new();
	if (*slot != NULL &&
	    EVP_CipherInit_ex2(*slot, a->cipher, NULL, NULL, encrypt, NULL) !=
		1) {
		EVP_CIPHER_CTX_free(*slot);
		*slot = NULL;
	}
	return *slot;
}

vs_status
vs_aead_seal_start(struct vs_aead *a, const uint8_t *key,
    const uint8_t nonce[VS_AEAD_NONCE_SIZE], struct vs_span aad)
{
	EVP_CIPHER_CTX *c;
	int n = 0;

	ERR_clear_error();
	c = context(a, &a->seal, 1);
	if (c == NULL)
		return VS_NO_MEMORY;
	if (aad.n > INT_MAX)
		return VS_TOO_LARGE;
	if (EVP_EncryptInit_ex2(c, NULL, key, nonce, NULL) != 1)
		return VS_INTERNAL;
	if (aad.n > 0 && EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.n) != 1)
		return VS_INTERNAL;
	return VS_OK;
}

vs_status
vs_aead_seal_update(struct vs_aead *a, struct vs_span in, uint8_t *out)
{
	int n = 0;

	if (in.n == 0)
		return VS_OK;
	if (in.n > INT_MAX)
		return VS_TOO_LARGE;
	if (EVP_EncryptUpdate(a->seal, out, &n, in.p, (int)in.n) != 1)
		return VS_INTERNAL;
	return VS_OK;
}

vs_status
vs_aead_seal_finish(struct vs_aead *a, uint8_t tag[VS_AEAD_TAG_SIZE])
{
	uint8_t none[VS_AEAD_TAG_SIZE];
	int n = 0;

	if (EVP_EncryptFinal_ex(a->seal, none, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(
		a->seal, EVP_CTRL_AEAD_GET_TAG, VS_AEAD_TAG_SIZE, tag) != 1)
		return VS_INTERNAL;
	return VS_OK;
}

vs_status
vs_aead_seal(struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m)
{
	vs_status st = vs_aead_seal_start(a, key, m->nonce, m->aad);

	if (st == VS_OK)
		st = vs_aead_seal_update(a, m->in, m->out);
	if (st == VS_OK)
		st = vs_aead_seal_finish(a, m->tag);
	return st;
}

/*
 * OpenSSL compares the tag in constant time; whether it matched is public,
 * the caller learns it in any case. Nothing here branches on it.
 */
uint8_t
vs_aead_open_mask(
    struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m)
{
	/* The tag goes in with the nonce: one call less per message. */
	OSSL_PARAM tag[2] = {OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
				 m->tag, VS_AEAD_TAG_SIZE),
	    OSSL_PARAM_END};
	uint8_t none[VS_AEAD_TAG_SIZE];
	EVP_CIPHER_CTX *c = context(a, &a->open, 0);
	int n = 0;

	/* The error queue is left to the callers: clearing it takes a fifth
	 * of the time of an open, and nobody reads it here. */
	if (c == NULL || m->aad.n > INT_MAX || m->in.n > INT_MAX)
		return 0;
	if (EVP_DecryptInit_ex2(c, NULL, key, m->nonce, tag) != 1)
		return 0;
	if (m->aad.n > 0 &&
	    EVP_DecryptUpdate(c, NULL, &n, m->aad.p, (int)m->aad.n) != 1)
		return 0;
	if (m->in.n > 0 &&
	    EVP_DecryptUpdate(c, m->out, &n, m->in.p, (int)m->in.n) != 1)
		return 0;
	return (uint8_t) - (EVP_DecryptFinal_ex(c, none, &n) == 1);
}

vs_status
vs_aead_open(struct vs_aead *a, const uint8_t *key, const struct vs_aead_msg *m)
{
	if (vs_aead_open_mask(a, key, m) == 0xff)
		return VS_OK;
	ERR_clear_error();
	vs_wipe(m->out, m->in.n);
	return VS_UNTRUSTED;
}
