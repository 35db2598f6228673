/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/digest.h"

enum { HALF = VS_SIG_SIZE / 2, DER_MAX = 80 };

struct vs_verifier {
	EVP_PKEY *pkey;
	vs_sign_alg alg;
	uint8_t id[VS_SIGN_ID_SIZE];
};

struct vs_signer {
	EVP_PKEY *pkey;
	vs_sign_alg alg;
};

const char *
vs_sign_alg_name(vs_sign_alg a)
{
	switch (a) {
	case VS_SIGN_ED25519:
		return "ed25519";
	case VS_SIGN_P256:
		return "p256";
	case VS_SIGN_NONE:
		break;
	}
	return "none";
}

static vs_status
fail(struct vs_err *err, vs_status st, const char *what)
{
	ERR_clear_error();
	return vs_fail(err, st, "%s", what);
}

static vs_sign_alg
alg_of(const EVP_PKEY *k)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(k, "ED25519") == 1)
		return VS_SIGN_ED25519;
	if (EVP_PKEY_is_a(k, "EC") == 1 &&
	    EVP_PKEY_get_group_name(k, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return VS_SIGN_P256;
	return VS_SIGN_NONE;
}

static vs_status
set_id(struct vs_verifier *v, struct vs_err *err)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(v->pkey, &der);
	vs_status st;

	if (n <= 0)
		return fail(err, VS_INTERNAL, "public key");
	st = vs_sha256(VS_SPAN(der, (size_t)n), v->id);
	OPENSSL_free(der);
	return st == VS_OK ? st : vs_fail(err, st, "public key");
}

/* No passphrase is ever asked for. */
static int
no_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return 0;
}

static BIO *
bio_of(struct vs_span pem)
{
	return pem.n > 0 && pem.n <= INT_MAX
	    ? BIO_new_mem_buf(pem.p, (int)pem.n)
	    : NULL;
}

vs_status
vs_verifier_read(
    struct vs_span pem, struct vs_verifier **out, struct vs_err *err)
{
	VS_AUTO(vs_verifier) *v = vs_calloc(1, sizeof(*v));
	BIO *bio;

	ERR_clear_error();
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "public key");
	bio = bio_of(pem);
	if (bio != NULL)
		v->pkey = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (v->pkey == NULL)
		return fail(err, VS_MALFORMED,
		    "not a public key in PEM (-----BEGIN PUBLIC KEY-----)");
	v->alg = alg_of(v->pkey);
	if (v->alg == VS_SIGN_NONE)
		return fail(
		    err, VS_MALFORMED, "the key must be Ed25519 or on P-256");
	VS_TRY(err, "public key", set_id(v, err));
	*out = VS_TAKE(v);
	return VS_OK;
}

void
vs_verifier_free(struct vs_verifier **v)
{
	if (*v == NULL)
		return;
	EVP_PKEY_free((*v)->pkey);
	free(*v);
	*v = NULL;
}

vs_sign_alg
vs_verifier_alg(const struct vs_verifier *v)
{
	return v->alg;
}

const uint8_t *
vs_verifier_id(const struct vs_verifier *v)
{
	return v->id;
}

/* 64 octets to the DER that OpenSSL wants; 0 for what is none. */
static size_t
to_der(struct vs_span sig, uint8_t out[DER_MAX])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sig.p, HALF, NULL);
	BIGNUM *t = BN_bin2bn(sig.p + HALF, HALF, NULL);
	unsigned char *p = out;
	int n = 0;

	if (s == NULL || r == NULL || t == NULL ||
	    ECDSA_SIG_set0(s, r, t) != 1) {
		BN_free(r);
		BN_free(t);
	} else if (i2d_ECDSA_SIG(s, NULL) <= DER_MAX) {
		n = i2d_ECDSA_SIG(s, &p);
	}
	ECDSA_SIG_free(s);
	return n > 0 ? (size_t)n : 0;
}

static bool
from_der(struct vs_span der, uint8_t sig[VS_SIG_SIZE])
{
	const unsigned char *p = der.p;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	bool ok = s != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, HALF) == HALF &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + HALF, HALF) == HALF;

	ECDSA_SIG_free(s);
	return ok;
}

static const EVP_MD *
md_of(vs_sign_alg alg)
{
	return alg == VS_SIGN_P256 ? EVP_sha256() : NULL;
}

vs_status
vs_verify(const struct vs_verifier *v, struct vs_span msg, struct vs_span sig,
    struct vs_err *err)
{
	uint8_t der[DER_MAX];
	EVP_MD_CTX *ctx;
	int rc = 0;

	ERR_clear_error();
	if (sig.n != VS_SIG_SIZE)
		return vs_fail(err, VS_UNTRUSTED, "signature: wrong length");
	if (v->alg == VS_SIGN_P256) {
		sig = VS_SPAN(der, to_der(sig, der));
		if (sig.n == 0)
			return fail(err, VS_UNTRUSTED, "signature: no values");
	}
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return fail(err, VS_NO_MEMORY, "signature");
	if (EVP_DigestVerifyInit(ctx, NULL, md_of(v->alg), NULL, v->pkey) == 1)
		rc = EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n);
	EVP_MD_CTX_free(ctx);
	if (rc != 1)
		return fail(
		    err, VS_UNTRUSTED, "the signature is not by this key");
	return VS_OK;
}

/* Takes the pkey over, also on failure. */
static vs_status
adopt(EVP_PKEY *pkey, struct vs_signer **out, struct vs_err *err)
{
	struct vs_signer *s = vs_calloc(1, sizeof(*s));

	if (s == NULL) {
		EVP_PKEY_free(pkey);
		return vs_fail(err, VS_NO_MEMORY, "private key");
	}
	s->pkey = pkey;
	s->alg = alg_of(pkey);
	if (s->alg == VS_SIGN_NONE) {
		vs_signer_free(&s);
		return fail(
		    err, VS_MALFORMED, "the key must be Ed25519 or on P-256");
	}
	*out = s;
	return VS_OK;
}

vs_status
vs_signer_new(vs_sign_alg alg, struct vs_signer **out, struct vs_err *err)
{
	EVP_PKEY *pkey;

	ERR_clear_error();
	pkey = alg == VS_SIGN_P256 ? EVP_EC_gen("P-256")
				   : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey == NULL)
		return fail(err, VS_INTERNAL, "cannot make a key");
	return adopt(pkey, out, err);
}

vs_status
vs_signer_read(struct vs_span pem, struct vs_signer **out, struct vs_err *err)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio;

	ERR_clear_error();
	bio = bio_of(pem);
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (pkey == NULL)
		return fail(
		    err, VS_MALFORMED, "not an unencrypted private key in PEM");
	return adopt(pkey, out, err);
}

void
vs_signer_free(struct vs_signer **s)
{
	if (*s == NULL)
		return;
	EVP_PKEY_free((*s)->pkey);
	free(*s);
	*s = NULL;
}

vs_status
vs_signer_public(
    const struct vs_signer *s, struct vs_buf *pem, struct vs_err *err)
{
	BIO *bio;
	char *text = NULL;
	long n = 0;

	ERR_clear_error();
	bio = BIO_new(BIO_s_mem());
	if (bio != NULL && PEM_write_bio_PUBKEY(bio, s->pkey) == 1)
		n = BIO_get_mem_data(bio, &text);
	if (n > 0)
		vs_buf_add(pem, VS_SPAN(text, (size_t)n));
	BIO_free(bio);
	if (n <= 0)
		return fail(err, VS_INTERNAL, "public key");
	return vs_buf_status(pem);
}

static vs_status
sign(EVP_MD_CTX *ctx, const struct vs_signer *s, struct vs_span msg,
    uint8_t out[VS_SIG_SIZE], struct vs_err *err)
{
	uint8_t der[DER_MAX];
	size_t n = sizeof(der);

	if (EVP_DigestSignInit(ctx, NULL, md_of(s->alg), NULL, s->pkey) != 1 ||
	    EVP_DigestSign(ctx, der, &n, msg.p, msg.n) != 1)
		return fail(err, VS_INTERNAL, "cannot sign");
	if (s->alg == VS_SIGN_P256)
		return from_der(VS_SPAN(der, n), out)
		    ? VS_OK
		    : fail(err, VS_INTERNAL, "cannot sign");
	if (n != VS_SIG_SIZE)
		return fail(err, VS_INTERNAL, "cannot sign");
	memcpy(out, der, VS_SIG_SIZE);
	return VS_OK;
}

vs_status
vs_sign(const struct vs_signer *s, struct vs_span msg, uint8_t sig[VS_SIG_SIZE],
    struct vs_err *err)
{
	EVP_MD_CTX *ctx;
	vs_status st;

	ERR_clear_error();
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return fail(err, VS_NO_MEMORY, "signature");
	st = sign(ctx, s, msg, sig, err);
	EVP_MD_CTX_free(ctx);
	return st;
}
