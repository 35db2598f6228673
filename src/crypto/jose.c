/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jose.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/pubkey_int.h"

enum { ED25519_SIG_SIZE = 64 };

static const char *const names[] = {[VS_JOSE_NONE] = "none",
#define X(sym, name) [sym] = name,
    VS_JOSE_ALG_TABLE(X)
#undef X
};

vs_jose_alg
vs_jose_alg_named(struct vs_span name)
{
	for (size_t i = VS_JOSE_NONE + 1; i < VS_COUNT(names); i++)
		if (vs_span_is(name, names[i]))
			return (vs_jose_alg)i;
	return VS_JOSE_NONE;
}

const char *
vs_jose_alg_name(vs_jose_alg a)
{
	return names[a];
}

static vs_status
wrap(EVP_PKEY *pkey, const char *what, struct vs_pubkey **out,
    struct vs_err *err)
{
	struct vs_pubkey *k;

	ERR_clear_error();
	if (pkey == NULL)
		return vs_fail(err, VS_UNTRUSTED, "not a key on %s", what);
	k = vs_pubkey_wrap(pkey);
	EVP_PKEY_free(pkey);
	if (k == NULL)
		return vs_fail(err, VS_NO_MEMORY, "public key");
	*out = k;
	return VS_OK;
}

vs_status
vs_pubkey_p384(const uint8_t xy[2 * VS_P384_SIZE], struct vs_pubkey **out,
    struct vs_err *err)
{
	/* SEC 1 2.3.3: an uncompressed point. */
	uint8_t point[1 + 2 * VS_P384_SIZE] = {4};
	char curve[] = "secp384r1";

	ERR_clear_error();
	memcpy(point + 1, xy, 2 * VS_P384_SIZE);
	return wrap(
	    vs_pkey_of_point(curve, point, sizeof point), "P-384", out, err);
}

vs_status
vs_pubkey_ed25519(const uint8_t x[VS_ED25519_SIZE], struct vs_pubkey **out,
    struct vs_err *err)
{
	ERR_clear_error();
	return wrap(EVP_PKEY_new_raw_public_key(
			EVP_PKEY_ED25519, NULL, x, VS_ED25519_SIZE),
	    "Ed25519", out, err);
}

bool
vs_jose_fits(const struct vs_pubkey *k, vs_jose_alg a)
{
	switch (a) {
	case VS_JOSE_NONE:
		return false;
	case VS_JOSE_RS256:
	case VS_JOSE_RS384:
	case VS_JOSE_RS512:
	case VS_JOSE_PS256:
	case VS_JOSE_PS384:
	case VS_JOSE_PS512:
		return vs_pkey_is_fit_rsa(k->pkey);
	case VS_JOSE_ES256:
		return k->p256;
	case VS_JOSE_ES384:
		return k->p384;
	case VS_JOSE_EDDSA:
		return EVP_PKEY_get_id(k->pkey) == EVP_PKEY_ED25519;
	}
	return false;
}

static bool
is_pss(vs_jose_alg a)
{
	return a == VS_JOSE_PS256 || a == VS_JOSE_PS384 || a == VS_JOSE_PS512;
}

static vs_hash
hash_of(vs_jose_alg a)
{
	if (a == VS_JOSE_RS384 || a == VS_JOSE_PS384)
		return VS_HASH_SHA384;
	if (a == VS_JOSE_RS512 || a == VS_JOSE_PS512)
		return VS_HASH_SHA512;
	return VS_HASH_SHA256;
}

static const EVP_MD *
md_of(vs_hash h)
{
	if (h == VS_HASH_SHA384)
		return EVP_sha384();
	return h == VS_HASH_SHA512 ? EVP_sha512() : EVP_sha256();
}

/* RFC 7518 3.5: the salt is as long as the digest, MGF1 uses the same. */
static bool
rsa_init(EVP_PKEY_CTX *ctx, vs_jose_alg a)
{
	const EVP_MD *md = md_of(hash_of(a));

	if (EVP_PKEY_verify_init(ctx) != 1)
		return false;
	if (!is_pss(a))
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) ==
		    1 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static vs_status
rsa_verify(struct vs_pubkey *k, vs_jose_alg a, struct vs_span msg,
    struct vs_span sig, struct vs_err *err)
{
	uint8_t digest[VS_HASH_MAX];
	EVP_PKEY_CTX *ctx;
	int ok;

	if (sig.n != vs_pubkey_rsa_size(k))
		return vs_fail(err, VS_UNTRUSTED, "RSA signature length");
	VS_TRY(err, "digest", vs_digest(hash_of(a), &msg, 1, digest));
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (ctx == NULL || !rsa_init(ctx, a)) {
		EVP_PKEY_CTX_free(ctx);
		return vs_fail(err, VS_INTERNAL, "cannot verify RSA");
	}
	ok = EVP_PKEY_verify(
	    ctx, sig.p, sig.n, digest, vs_hash_size(hash_of(a)));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(err, VS_UNTRUSTED, "RSA does not verify");
	return VS_OK;
}

static vs_status
ed25519_verify(struct vs_pubkey *k, struct vs_span msg, struct vs_span sig,
    struct vs_err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = 0;

	if (ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) != 1) {
		EVP_MD_CTX_free(ctx);
		return vs_fail(err, VS_INTERNAL, "cannot verify Ed25519");
	}
	if (sig.n == ED25519_SIG_SIZE)
		ok = EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(err, VS_UNTRUSTED, "Ed25519 does not verify");
	return VS_OK;
}

vs_status
vs_jose_verify(struct vs_pubkey *k, vs_jose_alg a, struct vs_span msg,
    struct vs_span sig, struct vs_err *err)
{
	ERR_clear_error();
	if (!vs_jose_fits(k, a))
		return vs_fail(err, VS_UNTRUSTED,
		    "the key makes no signatures of %s", vs_jose_alg_name(a));
	if (a == VS_JOSE_EDDSA)
		return ed25519_verify(k, msg, sig, err);
	if (a == VS_JOSE_ES256 && sig.n == 2 * VS_P256_SIZE)
		return vs_p256_verify(k, msg, sig.p, err);
	if (a == VS_JOSE_ES384 && sig.n == 2 * VS_P384_SIZE)
		return vs_p384_verify(k, msg, sig.p, err);
	if (a == VS_JOSE_ES256 || a == VS_JOSE_ES384)
		return vs_fail(err, VS_UNTRUSTED, "ECDSA signature length");
	return rsa_verify(k, a, msg, sig, err);
}
