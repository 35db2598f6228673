/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey_int.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, EXPONENT_MAX = 4 };

struct vs_pubkey *
vs_pubkey_wrap(EVP_PKEY *pkey)
{
	struct vs_pubkey *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	if (EVP_PKEY_up_ref(pkey) != 1) {
		free(k);
		return NULL;
	}
	VS_ASSERT(pthread_mutex_init(&k->lock, NULL) == 0);
	k->pkey = pkey;
	k->p384 = vs_pkey_is_p384(pkey);
	k->p256 = vs_pkey_is_p256(pkey);
	return k;
}

void
vs_pubkey_free(struct vs_pubkey **k)
{
	if (*k == NULL)
		return;
	for (size_t i = 0; i < (*k)->ready_n; i++)
		EVP_PKEY_CTX_free((*k)->ready[i]);
	(void)pthread_mutex_destroy(&(*k)->lock);
	EVP_PKEY_free((*k)->pkey);
	free(*k);
	*k = NULL;
}

static bool
is_on(EVP_PKEY *pkey, const char *curve)
{
	char group[32] = "", form[16] = "";
	size_t n;

	return EVP_PKEY_get_id(pkey) == EVP_PKEY_EC &&
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) == 1 &&
	    strcmp(group, curve) == 0 &&
	    EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING,
		form, sizeof(form), &n) == 1 &&
	    strcmp(form, OSSL_PKEY_EC_ENCODING_GROUP) == 0;
}

bool
vs_pkey_is_p384(EVP_PKEY *pkey)
{
	return is_on(pkey, "secp384r1");
}

bool
vs_pkey_is_p256(EVP_PKEY *pkey)
{
	return is_on(pkey, "prime256v1");
}

bool
vs_pkey_is_fit_rsa(EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);

	return EVP_PKEY_get_id(pkey) == EVP_PKEY_RSA && bits >= RSA_BITS_MIN &&
	    bits <= RSA_BITS_MAX;
}

size_t
vs_pubkey_rsa_size(const struct vs_pubkey *k)
{
	int size = EVP_PKEY_get_size(k->pkey);

	if (EVP_PKEY_get_id(k->pkey) != EVP_PKEY_RSA || size < 0)
		return 0;
	return (size_t)size;
}

static EVP_PKEY *
rsa_from(OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *
rsa_new(struct vs_span n, struct vs_span e)
{
	BIGNUM *bn = BN_bin2bn(n.p, (int)n.n, NULL);
	BIGNUM *be = BN_bin2bn(e.p, (int)e.n, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (bn != NULL && be != NULL && bld != NULL &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, be) == 1)
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params != NULL)
		pkey = rsa_from(params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(be);
	BN_free(bn);
	return pkey;
}

static bool
exponent_ok(struct vs_span e)
{
	uint32_t v = 0;

	if (e.n == 0 || e.n > EXPONENT_MAX)
		return false;
	for (size_t i = 0; i < e.n; i++)
		v = v << 8 | e.p[i];
	return v >= 65537 && v % 2 == 1;
}

vs_status
vs_pubkey_rsa(struct vs_span n, struct vs_span e, struct vs_pubkey **out,
    struct vs_err *err)
{
	struct vs_pubkey *k;
	EVP_PKEY *pkey;

	ERR_clear_error();
	if (n.n > RSA_BITS_MAX / 8 || !exponent_ok(e))
		return vs_fail(err, VS_RANGE, "RSA modulus or exponent");
	pkey = rsa_new(n, e);
	if (pkey == NULL)
		return vs_fail(err, VS_MALFORMED, "not an RSA public key");
	if (!vs_pkey_is_fit_rsa(pkey)) {
		EVP_PKEY_free(pkey);
		return vs_fail(err, VS_RANGE, "RSA modulus below 2048 bits");
	}
	k = vs_pubkey_wrap(pkey);
	EVP_PKEY_free(pkey);
	if (k == NULL)
		return vs_fail(err, VS_NO_MEMORY, "public key");
	*out = k;
	return VS_OK;
}

/* FIPS 186-4 D.1.2.4: the order of the base point of P-384. */
static const uint8_t p384_order[VS_P384_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4,
    0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec,
    0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

EVP_PKEY_CTX *
vs_pubkey_take(struct vs_pubkey *k)
{
	EVP_PKEY_CTX *ctx = NULL;

	(void)pthread_mutex_lock(&k->lock);
	if (k->ready_n > 0)
		ctx = k->ready[--k->ready_n];
	(void)pthread_mutex_unlock(&k->lock);
	if (ctx != NULL)
		return ctx;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

void
vs_pubkey_give(struct vs_pubkey *k, EVP_PKEY_CTX *ctx)
{
	(void)pthread_mutex_lock(&k->lock);
	if (k->ready_n < VS_PUBKEY_READY_MAX) {
		k->ready[k->ready_n++] = ctx;
		ctx = NULL;
	}
	(void)pthread_mutex_unlock(&k->lock);
	EVP_PKEY_CTX_free(ctx);
}

vs_status
vs_p384_verify(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t sig[2 * VS_P384_SIZE], struct vs_err *err)
{
	uint8_t digest[VS_SHA384_SIZE];

	if (!k->p384)
		return vs_fail(err, VS_UNTRUSTED, "the key is not on P-384");
	VS_TRY(err, "SHA-384", vs_sha384(msg, digest));
	return vs_pubkey_ecdsa(
	    k, VS_SPAN_OF(p384_order), VS_SPAN_OF(digest), sig, err);
}

vs_status
vs_p384_verify_le(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t r[VS_P384_SIZE], const uint8_t s[VS_P384_SIZE],
    struct vs_err *err)
{
	uint8_t be[2 * VS_P384_SIZE];

	for (size_t i = 0; i < VS_P384_SIZE; i++) {
		be[i] = r[VS_P384_SIZE - 1 - i];
		be[VS_P384_SIZE + i] = s[VS_P384_SIZE - 1 - i];
	}
	return vs_p384_verify(k, msg, be, err);
}

static bool
pkcs1_init(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_verify_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1;
}

vs_status
vs_rsa_pkcs1_sha256_verify(const struct vs_pubkey *k, struct vs_span msg,
    struct vs_span sig, struct vs_err *err)
{
	uint8_t digest[VS_SHA256_SIZE];
	EVP_PKEY_CTX *ctx;
	int ok;

	ERR_clear_error();
	if (!vs_pkey_is_fit_rsa(k->pkey))
		return vs_fail(err, VS_UNTRUSTED, "not an RSA key");
	if (sig.n != vs_pubkey_rsa_size(k))
		return vs_fail(err, VS_UNTRUSTED, "RSA signature length");
	VS_TRY(err, "SHA-256", vs_sha256(msg, digest));
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx == NULL || !pkcs1_init(ctx)) {
		EVP_PKEY_CTX_free(ctx);
		return vs_fail(err, VS_INTERNAL, "cannot verify RSA");
	}
	ok = EVP_PKEY_verify(ctx, sig.p, sig.n, digest, sizeof(digest));
	EVP_PKEY_CTX_free(ctx);
	if (ok != 1)
		return vs_fail(err, VS_UNTRUSTED, "RSA does not verify");
	return VS_OK;
}
