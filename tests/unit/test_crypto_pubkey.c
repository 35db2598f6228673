/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA P-384 from little-endian scalars, RSASSA-PKCS1, RSA key limits. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "check.h"
#include "crypto/pubkey_int.h"

static const struct vs_span msg = {(const uint8_t *)"what was signed", 15};

static EVP_PKEY *
make_ec(const char *curve)
{
	return EVP_EC_gen(curve);
}

static size_t
sign(EVP_PKEY *key, const EVP_MD *md, uint8_t *sig, size_t cap)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = cap;

	CHECK(EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, sig, &n, msg.p, msg.n) == 1);
	EVP_MD_CTX_free(ctx);
	return n;
}

static void
sign_le(EVP_PKEY *key, uint8_t r[48], uint8_t s[48])
{
	uint8_t der[256];
	const uint8_t *p = der;
	size_t n = sign(key, EVP_sha384(), der, sizeof(der));
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);

	CHECK(BN_bn2lebinpad(ECDSA_SIG_get0_r(sig), r, 48) == 48);
	CHECK(BN_bn2lebinpad(ECDSA_SIG_get0_s(sig), s, 48) == 48);
	ECDSA_SIG_free(sig);
}

static void
p384(struct vs_pubkey *k, const uint8_t *r, const uint8_t *s, struct vs_span m,
    vs_status want)
{
	struct vs_err err = {0};
	uint8_t be[96];

	CHECK_INT(vs_p384_verify_le(k, m, r, s, &err), want);
	for (size_t i = 0; i < 48; i++) {
		be[i] = r[47 - i];
		be[48 + i] = s[47 - i];
	}
	CHECK_INT(vs_p384_verify(k, m, be, &err), want);
}

/* FIPS 186-4 D.1.2.4, little-endian. */
static const uint8_t order[48] = {0x73, 0x29, 0xc5, 0xcc, 0x6a, 0x19, 0xec,
    0xec, 0x7a, 0xa7, 0xb0, 0x48, 0xb2, 0x0d, 0x1a, 0x58, 0xdf, 0x2d, 0x37,
    0xf4, 0x81, 0x4d, 0x63, 0xc7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff};

static void
test_p384(void)
{
	EVP_PKEY *key = make_ec("P-384");
	struct vs_pubkey *k = vs_pubkey_wrap(key);
	uint8_t r[48], s[48], big[48], zero[48] = {0};

	sign_le(key, r, s);
	p384(k, r, s, msg, VS_OK);
	p384(k, r, s, VS_SPAN(msg.p, msg.n - 1), VS_UNTRUSTED);
	p384(k, s, r, msg, VS_UNTRUSTED);
	for (size_t bit = 0; bit < 8 * 48; bit += 5) {
		r[bit / 8] ^= (uint8_t)(1 << bit % 8);
		p384(k, r, s, msg, VS_UNTRUSTED);
		r[bit / 8] ^= (uint8_t)(1 << bit % 8);
		s[bit / 8] ^= (uint8_t)(1 << bit % 8);
		p384(k, r, s, msg, VS_UNTRUSTED);
		s[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	p384(k, zero, s, msg, VS_UNTRUSTED);
	p384(k, r, zero, msg, VS_UNTRUSTED);
	p384(k, order, s, msg, VS_UNTRUSTED);
	p384(k, r, order, msg, VS_UNTRUSTED);
	memset(big, 0xff, sizeof(big));
	p384(k, big, s, msg, VS_UNTRUSTED);
	p384(k, r, big, msg, VS_UNTRUSTED);
	CHECK_INT(vs_pubkey_rsa_size(k), 0);
	vs_pubkey_free(&k);
	vs_pubkey_free(&k);
	EVP_PKEY_free(key);
}

static void
test_other_curves_and_keys(void)
{
	EVP_PKEY *p256 = make_ec("P-256"), *p384k = make_ec("P-384");
	EVP_PKEY *explicit = make_ec("P-384"), *rsa = EVP_RSA_gen(2048);
	struct vs_pubkey *a = vs_pubkey_wrap(p256), *b = vs_pubkey_wrap(rsa);
	uint8_t r[48], s[48];

	sign_le(p384k, r, s);
	p384(a, r, s, msg, VS_UNTRUSTED);
	p384(b, r, s, msg, VS_UNTRUSTED);
	CHECK(vs_pkey_is_p384(p384k));
	CHECK(!vs_pkey_is_p384(p256));
	CHECK(!vs_pkey_is_p384(rsa));
	CHECK(EVP_PKEY_set_utf8_string_param(
		  explicit, "encoding", "explicit") == 1);
	CHECK(!vs_pkey_is_p384(explicit));
	vs_pubkey_free(&a);
	vs_pubkey_free(&b);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384k);
	EVP_PKEY_free(explicit);
	EVP_PKEY_free(rsa);
}

static struct vs_span
param(EVP_PKEY *key, const char *name, uint8_t *buf, size_t cap)
{
	BIGNUM *bn = NULL;
	int n;

	CHECK(EVP_PKEY_get_bn_param(key, name, &bn) == 1);
	n = BN_num_bytes(bn);
	CHECK((size_t)n <= cap && BN_bn2bin(bn, buf) == n);
	BN_free(bn);
	return VS_SPAN(buf, (size_t)n);
}

static void
test_rsa_pkcs1(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048), *ec = make_ec("P-384");
	uint8_t n_buf[512], e_buf[8], sig[512];
	struct vs_span n = param(key, "n", n_buf, sizeof(n_buf));
	struct vs_span e = param(key, "e", e_buf, sizeof(e_buf));
	size_t len = sign(key, EVP_sha256(), sig, sizeof(sig));
	struct vs_pubkey *k = NULL, *wrong = vs_pubkey_wrap(ec);
	struct vs_err err = {0};

	CHECK_OK(vs_pubkey_rsa(n, e, &k, &err), err);
	CHECK_INT(vs_pubkey_rsa_size(k), 256);
	CHECK_OK(
	    vs_rsa_pkcs1_sha256_verify(k, msg, VS_SPAN(sig, len), &err), err);
	CHECK_INT(
	    vs_rsa_pkcs1_sha256_verify(wrong, msg, VS_SPAN(sig, len), &err),
	    VS_UNTRUSTED);
	CHECK_INT(vs_rsa_pkcs1_sha256_verify(
		      k, VS_SPAN(msg.p, 3), VS_SPAN(sig, len), &err),
	    VS_UNTRUSTED);
	CHECK_INT(
	    vs_rsa_pkcs1_sha256_verify(k, msg, VS_SPAN(sig, len - 1), &err),
	    VS_UNTRUSTED);
	for (size_t i = 0; i < len; i += 3) {
		sig[i] ^= 0x20;
		CHECK_INT(
		    vs_rsa_pkcs1_sha256_verify(k, msg, VS_SPAN(sig, len), &err),
		    VS_UNTRUSTED);
		sig[i] ^= 0x20;
	}
	/* The same key, another hash. */
	len = sign(key, EVP_sha384(), sig, sizeof(sig));
	CHECK_INT(vs_rsa_pkcs1_sha256_verify(k, msg, VS_SPAN(sig, len), &err),
	    VS_UNTRUSTED);
	vs_pubkey_free(&k);
	vs_pubkey_free(&wrong);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ec);
}

static void
test_rsa_limits(void)
{
	static const struct {
		size_t bytes;
		const char *e;
		size_t e_n;
		bool ok;
	} all[] = {{256, "\x01\x00\x01", 3, true}, {256, "\x03", 1, false},
	    {256, "\x01\x00\x00", 3, false}, {256, "", 0, false},
	    {256, "\x01\x00\x00\x00\x01", 5, false},
	    {255, "\x01\x00\x01", 3, false}, {128, "\x01\x00\x01", 3, false},
	    {1025, "\x01\x00\x01", 3, false}, {0, "\x01\x00\x01", 3, false}};
	uint8_t n[1025];

	memset(n, 0xc5, sizeof(n));
	for (size_t i = 0; i < VS_COUNT(all); i++) {
		struct vs_pubkey *k = NULL;
		struct vs_err err = {0};
		vs_status st = vs_pubkey_rsa(VS_SPAN(n, all[i].bytes),
		    VS_SPAN(all[i].e, all[i].e_n), &k, &err);

		CHECK_INT(st == VS_OK, all[i].ok);
		CHECK_INT(k != NULL, all[i].ok);
		vs_pubkey_free(&k);
	}
}

int
main(void)
{
	RUN(test_p384);
	RUN(test_other_curves_and_keys);
	RUN(test_rsa_pkcs1);
	RUN(test_rsa_limits);
	return check_result();
}
