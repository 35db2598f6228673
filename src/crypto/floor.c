/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/floor.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

enum {
	MSG_SIZE = 672,
	QUOTE_SIZE = 632,
	KEY_SIZE = 32,
	TAG_SIZE = 16,
	AAD_SIZE = 96, /* about what names and versions come to */
	SEAL_SIZE = 192,
	SIG_MAX = 128,
	PIECE = 3072,
};

/* One curve with its digest, a key loaded and a signature to verify. */
struct ecdsa {
	EVP_PKEY *key;
	EVP_PKEY_CTX *verify;
	EVP_MD *hash;
	EVP_MD_CTX *md;
	size_t msg_n;
	uint8_t sig[SIG_MAX];
	size_t sig_n;
};

struct vs_floor {
	struct ecdsa report, quote;
	uint8_t msg[MSG_SIZE];

	EC_GROUP *p256;
	EC_POINT *ours, *peer, *shared;
	BIGNUM *priv, *x, *y;
	BN_CTX *bn;

	EVP_CIPHER *gcm;
	EVP_CIPHER_CTX *kek, *dek, *seal;
	uint8_t iv[12], aad[AAD_SIZE], wrapped[KEY_SIZE], tag[TAG_SIZE];
	uint8_t payload[KEY_SIZE], payload_tag[TAG_SIZE];
};

static bool
setup_verify(struct ecdsa *e, const char *curve, const char *hash,
    const uint8_t *msg, size_t n)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned digest_n = 0;
	EVP_PKEY_CTX *sign = NULL;
	bool ok;

	e->msg_n = n;
	e->sig_n = SIG_MAX;
	e->key = EVP_EC_gen(curve);
	e->hash = EVP_MD_fetch(NULL, hash, NULL);
	e->md = EVP_MD_CTX_new();
	if (e->key == NULL || e->hash == NULL || e->md == NULL)
		return false;
	sign = EVP_PKEY_CTX_new(e->key, NULL);
	e->verify = EVP_PKEY_CTX_new(e->key, NULL);
	ok = sign != NULL && e->verify != NULL &&
	    EVP_Digest(msg, n, digest, &digest_n, e->hash, NULL) == 1 &&
	    EVP_PKEY_sign_init(sign) == 1 &&
	    EVP_PKEY_sign(sign, e->sig, &e->sig_n, digest, digest_n) == 1 &&
	    EVP_PKEY_verify_init(e->verify) == 1;
	EVP_PKEY_CTX_free(sign);
	return ok;
}

static void
fini_verify(struct ecdsa *e)
{
	EVP_PKEY_CTX_free(e->verify);
	EVP_PKEY_free(e->key);
	EVP_MD_CTX_free(e->md);
	EVP_MD_free(e->hash);
}

static bool
setup_agree(struct vs_floor *f)
{
	f->p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	f->bn = BN_CTX_new();
	f->priv = BN_new();
	f->x = BN_new();
	f->y = BN_new();
	if (f->p256 == NULL || f->bn == NULL || f->priv == NULL ||
	    f->x == NULL || f->y == NULL)
		return false;
	f->ours = EC_POINT_new(f->p256);
	f->peer = EC_POINT_new(f->p256);
	f->shared = EC_POINT_new(f->p256);
	BN_set_flags(f->priv, BN_FLG_CONSTTIME);
	return f->ours != NULL && f->peer != NULL && f->shared != NULL &&
	    BN_priv_rand_range(f->priv, EC_GROUP_get0_order(f->p256)) == 1 &&
	    EC_POINT_mul(f->p256, f->peer, f->priv, NULL, NULL, f->bn) == 1;
}

static EVP_CIPHER_CTX *
gcm_ctx(struct vs_floor *f, int encrypt, const uint8_t *key)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c != NULL &&
	    EVP_CipherInit_ex2(c, f->gcm, key, f->iv, encrypt, NULL) != 1) {
		EVP_CIPHER_CTX_free(c);
		return NULL;
	}
	return c;
}

/* key NULL: the loaded one. */
static bool
gcm_seal(struct vs_floor *f, EVP_CIPHER_CTX *c, const uint8_t *key,
    const uint8_t *in, int n, uint8_t *out, uint8_t *tag)
{
	int len = 0;

	return EVP_EncryptInit_ex2(c, NULL, key, f->iv, NULL) == 1 &&
	    EVP_EncryptUpdate(c, NULL, &len, f->aad, AAD_SIZE) == 1 &&
	    EVP_EncryptUpdate(c, out, &len, in, n) == 1 &&
	    EVP_EncryptFinal_ex(c, out + len, &len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1;
}

static bool
gcm_open(struct vs_floor *f, EVP_CIPHER_CTX *c, const uint8_t *key,
    const uint8_t *in, int n, uint8_t *out, uint8_t *tag)
{
	int len = 0;

	return EVP_DecryptInit_ex2(c, NULL, key, f->iv, NULL) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
	    EVP_DecryptUpdate(c, NULL, &len, f->aad, AAD_SIZE) == 1 &&
	    EVP_DecryptUpdate(c, out, &len, in, n) == 1 &&
	    EVP_DecryptFinal_ex(c, out + len, &len) == 1;
}

static bool
setup_aead(struct vs_floor *f)
{
	uint8_t key[KEY_SIZE], dek[KEY_SIZE];
	EVP_CIPHER_CTX *wrap;
	bool ok;

	memset(key, 7, sizeof(key));
	memset(dek, 9, sizeof(dek));
	f->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (f->gcm == NULL)
		return false;
	f->kek = gcm_ctx(f, 0, key);
	f->dek = gcm_ctx(f, 0, key);
	f->seal = gcm_ctx(f, 1, key);
	wrap = gcm_ctx(f, 1, key);
	ok = f->kek != NULL && f->dek != NULL && f->seal != NULL &&
	    wrap != NULL &&
	    gcm_seal(f, wrap, NULL, dek, KEY_SIZE, f->wrapped, f->tag) &&
	    gcm_seal(f, wrap, dek, key, KEY_SIZE, f->payload, f->payload_tag);
	EVP_CIPHER_CTX_free(wrap);
	return ok;
}

vs_status
vs_floor_new(struct vs_floor **out, struct vs_err *err)
{
	struct vs_floor *f = calloc(1, sizeof(*f));

	ERR_clear_error();
	if (f == NULL)
		return vs_fail(err, VS_NO_MEMORY, "floor");
	if (!setup_verify(&f->report, "P-384", "SHA384", f->msg, MSG_SIZE) ||
	    !setup_verify(&f->quote, "P-256", "SHA256", f->msg, QUOTE_SIZE) ||
	    !setup_agree(f) || !setup_aead(f)) {
		vs_floor_free(&f);
		ERR_clear_error();
		return vs_fail(err, VS_INTERNAL, "floor: OpenSSL");
	}
	*out = f;
	return VS_OK;
}

void
vs_floor_free(struct vs_floor **fp)
{
	struct vs_floor *f = *fp;

	if (f == NULL)
		return;
	fini_verify(&f->report);
	fini_verify(&f->quote);
	EC_POINT_free(f->ours);
	EC_POINT_free(f->peer);
	EC_POINT_free(f->shared);
	EC_GROUP_free(f->p256);
	BN_free(f->priv);
	BN_free(f->x);
	BN_free(f->y);
	BN_CTX_free(f->bn);
	EVP_CIPHER_CTX_free(f->kek);
	EVP_CIPHER_CTX_free(f->dek);
	EVP_CIPHER_CTX_free(f->seal);
	EVP_CIPHER_free(f->gcm);
	free(f);
	*fp = NULL;
}

static bool
verify(const struct ecdsa *e, const uint8_t *msg)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	return EVP_DigestInit_ex2(e->md, e->hash, NULL) == 1 &&
	    EVP_DigestUpdate(e->md, msg, e->msg_n) == 1 &&
	    EVP_DigestFinal_ex(e->md, digest, &n) == 1 &&
	    EVP_PKEY_verify(e->verify, e->sig, e->sig_n, digest, n) == 1;
}

bool
vs_floor_verify(struct vs_floor *f)
{
	return verify(&f->report, f->msg);
}

bool
vs_floor_verify_p256(struct vs_floor *f)
{
	return verify(&f->quote, f->msg);
}

bool
vs_floor_agree(struct vs_floor *f)
{
	const BIGNUM *order = EC_GROUP_get0_order(f->p256);

	return BN_priv_rand_range(f->priv, order) == 1 &&
	    EC_POINT_mul(f->p256, f->ours, f->priv, NULL, NULL, f->bn) == 1 &&
	    EC_POINT_get_affine_coordinates(
		f->p256, f->ours, f->x, f->y, f->bn) == 1 &&
	    EC_POINT_mul(f->p256, f->shared, NULL, f->peer, f->priv, f->bn) ==
	    1 &&
	    EC_POINT_get_affine_coordinates(
		f->p256, f->shared, f->x, NULL, f->bn) == 1;
}

bool
vs_floor_unwrap(struct vs_floor *f, size_t n)
{
	uint8_t dek[KEY_SIZE + TAG_SIZE], plain[KEY_SIZE + TAG_SIZE];
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = gcm_open(
			 f, f->kek, NULL, f->wrapped, KEY_SIZE, dek, f->tag) &&
		    gcm_open(f, f->dek, dek, f->payload, KEY_SIZE, plain,
			f->payload_tag);
	return ok;
}

/* In pieces that stay in the cache. */
static bool
seal_long(struct vs_floor *f, size_t n)
{
	uint8_t in[PIECE] = {0}, out[PIECE + TAG_SIZE], tag[TAG_SIZE];
	int len = 0;
	bool ok =
	    EVP_EncryptInit_ex2(f->seal, NULL, f->msg, f->iv, NULL) == 1 &&
	    EVP_EncryptUpdate(f->seal, NULL, &len, f->aad, AAD_SIZE) == 1;

	for (size_t piece; ok && n > 0; n -= piece) {
		piece = n < PIECE ? n : PIECE;
		ok = EVP_EncryptUpdate(f->seal, out, &len, in, (int)piece) == 1;
	}
	return ok && EVP_EncryptFinal_ex(f->seal, out, &len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(
		f->seal, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1;
}

bool
vs_floor_batch(struct vs_floor *f, size_t n, size_t size)
{
	return vs_floor_agree(f) && vs_floor_unwrap(f, n) &&
	    seal_long(f, n * size);
}

bool
vs_floor_aead(struct vs_floor *f)
{
	uint8_t in[SEAL_SIZE] = {0}, out[SEAL_SIZE + TAG_SIZE], tag[TAG_SIZE];

	return vs_floor_unwrap(f, 1) &&
	    gcm_seal(f, f->seal, f->msg, in, SEAL_SIZE, out, tag);
}
