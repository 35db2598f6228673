/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/issue.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

struct vs_issue_key {
	EVP_PKEY *pkey;
};

enum { PSS_SALT_SIZE = 48, SIG_MAX = 1024 };

static vs_status
fail(struct vs_err *err, const char *what)
{
	char text[120];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return vs_fail(err, VS_INTERNAL, "%s: %s", what, text);
}

/* Takes the pkey over, also on failure. */
static vs_status
adopt(EVP_PKEY *pkey, struct vs_issue_key **out, struct vs_err *err)
{
	struct vs_issue_key *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return vs_fail(err, VS_NO_MEMORY, "key");
	}
	k->pkey = pkey;
	*out = k;
	return VS_OK;
}

vs_status
vs_issue_key_rsa(unsigned bits, struct vs_issue_key **out, struct vs_err *err)
{
	EVP_PKEY *pkey;

	ERR_clear_error();
	if (bits < 2048 || bits > 8192)
		return vs_fail(err, VS_USAGE, "RSA of %u bits", bits);
	pkey = EVP_RSA_gen(bits);
	if (pkey == NULL)
		return fail(err, "RSA key");
	return adopt(pkey, out, err);
}

static vs_status
make_ec(const char *curve, struct vs_issue_key **out, struct vs_err *err)
{
	EVP_PKEY *pkey;

	ERR_clear_error();
	pkey = EVP_EC_gen(curve);
	if (pkey == NULL)
		return fail(err, "EC key");
	return adopt(pkey, out, err);
}

vs_status
vs_issue_key_p384(struct vs_issue_key **out, struct vs_err *err)
{
	return make_ec("P-384", out, err);
}

vs_status
vs_issue_key_p256(struct vs_issue_key **out, struct vs_err *err)
{
	return make_ec("P-256", out, err);
}

void
vs_issue_key_free(struct vs_issue_key **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	free(*k);
	*k = NULL;
}

/* Appends what a memory BIO holds. */
static vs_status
drain(BIO *bio, struct vs_buf *out)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	if (n <= 0 || p == NULL)
		return VS_INTERNAL;
	vs_buf_add(out, VS_SPAN(p, (size_t)n));
	return vs_buf_status(out);
}

static BIO *
bio_over(struct vs_span s)
{
	return s.n > INT_MAX ? NULL : BIO_new_mem_buf(s.p, (int)s.n);
}

vs_status
vs_issue_key_write(
    const struct vs_issue_key *k, struct vs_buf *pem, struct vs_err *err)
{
	BIO *bio;
	vs_status st = VS_INTERNAL;

	ERR_clear_error();
	bio = BIO_new(BIO_s_secmem());
	if (bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) ==
		1)
		st = drain(bio, pem);
	BIO_free(bio);
	return st == VS_OK ? VS_OK : fail(err, "private key");
}

vs_status
vs_issue_key_read(
    struct vs_span pem, struct vs_issue_key **out, struct vs_err *err)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio;

	ERR_clear_error();
	bio = bio_over(pem);
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (pkey == NULL) {
		ERR_clear_error();
		return vs_fail(err, VS_MALFORMED, "not a PEM private key");
	}
	return adopt(pkey, out, err);
}

vs_status
vs_issue_spki(
    const struct vs_issue_key *k, struct vs_buf *der, struct vs_err *err)
{
	unsigned char *p = NULL;
	int n;

	ERR_clear_error();
	n = i2d_PUBKEY(k->pkey, &p);
	if (n <= 0)
		return fail(err, "public key");
	vs_buf_add(der, VS_SPAN(p, (size_t)n));
	OPENSSL_free(p);
	VS_TRY(err, "public key", vs_buf_status(der));
	return VS_OK;
}

vs_status
vs_issue_key_id(
    const struct vs_issue_key *k, uint8_t out[20], struct vs_err *err)
{
	const unsigned char *bits = NULL;
	X509_PUBKEY *pub = NULL;
	unsigned int got = 0;
	int n = 0;
	bool ok;

	ERR_clear_error();
	ok = X509_PUBKEY_set(&pub, k->pkey) == 1 &&
	    X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, pub) == 1 && n > 0 &&
	    EVP_Digest(bits, (size_t)n, out, &got, EVP_sha1(), NULL) == 1;
	X509_PUBKEY_free(pub);
	return ok ? VS_OK : fail(err, "key id");
}

static bool
pss_setup(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, PSS_SALT_SIZE) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha384()) == 1;
}

/* DigestSign over msg; *n is the room before, the length after. */
static bool
digest_sign(const struct vs_issue_key *k, const EVP_MD *md, bool pss,
    struct vs_span msg, uint8_t *sig, size_t *n)
{
	EVP_PKEY_CTX *pctx = NULL; /* owned by ctx */
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL &&
	    EVP_DigestSignInit(ctx, &pctx, md, NULL, k->pkey) == 1 &&
	    (!pss || pss_setup(pctx)) &&
	    EVP_DigestSign(ctx, sig, n, msg.p, msg.n) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

vs_status
vs_issue_sign_pss(const struct vs_issue_key *k, struct vs_span msg,
    struct vs_buf *sig, struct vs_err *err)
{
	uint8_t bytes[SIG_MAX];
	size_t n = sizeof(bytes);

	ERR_clear_error();
	if (!EVP_PKEY_is_a(k->pkey, "RSA"))
		return vs_fail(err, VS_USAGE, "the signing key is not RSA");
	if (!digest_sign(k, EVP_sha384(), true, msg, bytes, &n))
		return fail(err, "RSASSA-PSS");
	vs_buf_add(sig, VS_SPAN(bytes, n));
	VS_TRY(err, "signature", vs_buf_status(sig));
	return VS_OK;
}

static vs_status
sign_ec(const struct vs_issue_key *k, const EVP_MD *md, struct vs_span msg,
    uint8_t *r, uint8_t *s, int size, struct vs_err *err)
{
	uint8_t der[SIG_MAX];
	const unsigned char *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig = NULL;
	bool ok;

	ERR_clear_error();
	if (!EVP_PKEY_is_a(k->pkey, "EC"))
		return vs_fail(err, VS_USAGE, "the signing key is not EC");
	if (digest_sign(k, md, false, msg, der, &n))
		sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	ok = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, size) == size &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, size) == size;
	ECDSA_SIG_free(sig);
	return ok ? VS_OK : fail(err, "ECDSA");
}

vs_status
vs_issue_sign_p384(const struct vs_issue_key *k, struct vs_span msg,
    uint8_t r[48], uint8_t s[48], struct vs_err *err)
{
	return sign_ec(k, EVP_sha384(), msg, r, s, 48, err);
}

vs_status
vs_issue_sign_p256(const struct vs_issue_key *k, struct vs_span msg,
    uint8_t r[32], uint8_t s[32], struct vs_err *err)
{
	return sign_ec(k, EVP_sha256(), msg, r, s, 32, err);
}

vs_status
vs_issue_pem_write(const char *label, struct vs_span der, struct vs_buf *pem,
    struct vs_err *err)
{
	BIO *bio;
	vs_status st = VS_INTERNAL;

	ERR_clear_error();
	bio = BIO_new(BIO_s_mem());
	if (bio != NULL && der.n <= INT_MAX &&
	    PEM_write_bio(bio, label, "", der.p, (long)der.n) > 0)
		st = drain(bio, pem);
	BIO_free(bio);
	return st == VS_OK ? VS_OK : fail(err, label);
}
