/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sigkey.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/pubkey_int.h"
#include "crypto/x509_int.h"

enum { SPKI_MAX = 2048 }; /* RSA of 8192 bits takes 1,062 */

struct vs_sigkey {
	EVP_PKEY *pkey;
	const EVP_MD *md; /* NULL: Ed25519 */
	unsigned char *spki;
	size_t spki_n;
	uint8_t id[VS_SHA256_SIZE];
};

void
vs_sigkey_free(struct vs_sigkey **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	OPENSSL_free((*k)->spki);
	free(*k);
	*k = NULL;
}

static bool
pick_md(struct vs_sigkey *k)
{
	if (vs_pkey_is_p256(k->pkey) || vs_pkey_is_fit_rsa(k->pkey))
		k->md = EVP_sha256();
	else if (vs_pkey_is_p384(k->pkey))
		k->md = EVP_sha384();
	else
		return EVP_PKEY_get_id(k->pkey) == EVP_PKEY_ED25519;
	return true;
}

/* Takes the reference over, also on failure. */
static vs_status
adopt(EVP_PKEY *pkey, struct vs_sigkey **out, struct vs_err *err)
{
	VS_AUTO(vs_sigkey) *k = vs_calloc(1, sizeof(*k));
	int n;

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return vs_fail(err, VS_NO_MEMORY, "public key");
	}
	k->pkey = pkey;
	if (!pick_md(k))
		return vs_fail(err, VS_UNSUPPORTED,
		    "key: not on P-256 or P-384, not Ed25519, and not RSA "
		    "from 2048 bits");
	n = i2d_PUBKEY(k->pkey, &k->spki);
	if (n <= 0) {
		ERR_clear_error();
		return vs_fail(err, VS_NO_MEMORY, "public key");
	}
	k->spki_n = (size_t)n;
	VS_TRY(err, "key", vs_sha256(vs_sigkey_spki(k), k->id));
	*out = VS_TAKE(k);
	return VS_OK;
}

vs_status
vs_sigkey_read(struct vs_span spki, struct vs_sigkey **out, struct vs_err *err)
{
	VS_AUTO(vs_sigkey) *k = NULL;
	const unsigned char *p = spki.p;
	EVP_PKEY *pkey;

	ERR_clear_error();
	pkey = spki.n > 0 && spki.n <= SPKI_MAX
	    ? d2i_PUBKEY(NULL, &p, (long)spki.n)
	    : NULL;
	ERR_clear_error();
	if (pkey == NULL || p != spki.p + spki.n) {
		EVP_PKEY_free(pkey);
		return vs_fail(err, VS_MALFORMED, "not a public key");
	}
	VS_TRY(err, "key", adopt(pkey, &k, err));
	/* What OpenSSL reads but would write in another way is no DER. */
	if (!vs_span_equal(vs_sigkey_spki(k), spki))
		return vs_fail(err, VS_MALFORMED, "public key: not DER");
	*out = VS_TAKE(k);
	return VS_OK;
}

vs_status
vs_sigkey_of(
    const struct vs_cert *c, struct vs_sigkey **out, struct vs_err *err)
{
	ERR_clear_error();
	if (EVP_PKEY_up_ref(c->pkey) != 1)
		return vs_fail(err, VS_INTERNAL, "public key");
	return adopt(c->pkey, out, err);
}

struct vs_span
vs_sigkey_spki(const struct vs_sigkey *k)
{
	return VS_SPAN(k->spki, k->spki_n);
}

const uint8_t *
vs_sigkey_id(const struct vs_sigkey *k)
{
	return k->id;
}

bool
vs_sigkey_takes_sha256(const struct vs_sigkey *k)
{
	return k->md != NULL && EVP_MD_get_size(k->md) == VS_SHA256_SIZE;
}

vs_status
vs_sigkey_verify(const struct vs_sigkey *k, struct vs_span msg,
    struct vs_span sig, struct vs_err *err)
{
	EVP_MD_CTX *ctx;
	int ok = 0;

	ERR_clear_error();
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return vs_fail(err, VS_NO_MEMORY, "signature");
	/* RSA: PKCS #1 v1.5 is what OpenSSL takes unless told otherwise. */
	if (sig.n > 0 &&
	    EVP_DigestVerifyInit(ctx, NULL, k->md, NULL, k->pkey) == 1)
		ok = EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(
		    err, VS_UNTRUSTED, "the signature is not by this key");
	return VS_OK;
}

static int
verify_digest(
    EVP_PKEY_CTX *ctx, bool rsa, const uint8_t *digest, struct vs_span sig)
{
	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1)
		return 0;
	if (rsa && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		return 0;
	if (EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1)
		return 0;
	return EVP_PKEY_verify(ctx, sig.p, sig.n, digest, VS_SHA256_SIZE);
}

vs_status
vs_sigkey_verify_sha256(const struct vs_sigkey *k,
    const uint8_t digest[VS_SHA256_SIZE], struct vs_span sig,
    struct vs_err *err)
{
	EVP_PKEY_CTX *ctx;
	int ok;

	ERR_clear_error();
	if (!vs_sigkey_takes_sha256(k))
		return vs_fail(err, VS_UNSUPPORTED,
		    "this kind of key signs the artifact, not its SHA-256: "
		    "the artifact is needed");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	ok = verify_digest(
	    ctx, EVP_PKEY_get_id(k->pkey) == EVP_PKEY_RSA, digest, sig);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(
		    err, VS_UNTRUSTED, "the signature is not by this key");
	return VS_OK;
}
