/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA P-256 from raw points and scalars, and the profiles of chains. */
#include <openssl/ec.h>

#include "check.h"
#include "crypto/issue.h"
#include "crypto/pubkey_int.h"
#include "crypto/x509_int.h"

static const struct vs_span msg = {(const uint8_t *)"what was signed", 15};
static struct vs_err err;

/* FIPS 186-4 D.1.2.3. */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

static void
verify(
    struct vs_pubkey *k, const uint8_t *sig, struct vs_span m, vs_status want)
{
	vs_err_clear(&err);
	CHECK_INT(vs_p256_verify(k, m, sig, &err), want);
}

static void
point_of(const struct vs_issue_key *key, uint8_t xy[64])
{
	struct vs_buf der = {0};

	CHECK_OK(vs_issue_spki(key, &der, &err), err);
	CHECK(der.n > 64);
	memcpy(xy, der.p + der.n - 64, 64);
	vs_buf_fini(&der);
}

static void
test_signature(void)
{
	struct vs_issue_key *key = NULL;
	struct vs_pubkey *k = NULL;
	uint8_t xy[64], sig[64], bad[64];

	CHECK_OK(vs_issue_key_p256(&key, &err), err);
	point_of(key, xy);
	CHECK_OK(vs_pubkey_p256(xy, &k, &err), err);
	CHECK_OK(vs_issue_sign_p256(key, msg, sig, sig + 32, &err), err);
	verify(k, sig, msg, VS_OK);
	verify(k, sig, msg, VS_OK); /* with the context of before */
	verify(k, sig, VS_SPAN(msg.p, msg.n - 1), VS_UNTRUSTED);
	for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
		memcpy(bad, sig, sizeof(bad));
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		verify(k, bad, msg, VS_UNTRUSTED);
	}
	for (int half = 0; half < 2; half++) {
		memcpy(bad, sig, sizeof(bad));
		memset(bad + 32 * half, 0, 32);
		verify(k, bad, msg, VS_UNTRUSTED);
		memcpy(bad + 32 * half, order, 32);
		verify(k, bad, msg, VS_UNTRUSTED);
		memset(bad + 32 * half, 0xff, 32);
		verify(k, bad, msg, VS_UNTRUSTED);
	}
	vs_pubkey_free(&k);
	vs_issue_key_free(&key);
}

static void
test_points(void)
{
	struct vs_issue_key *key = NULL;
	struct vs_pubkey *k = NULL;
	uint8_t xy[64], zero[64] = {0}, ones[64];

	CHECK_OK(vs_issue_key_p256(&key, &err), err);
	point_of(key, xy);
	for (size_t i = 0; i < sizeof(xy); i += 7) {
		xy[i] ^= 1;
		CHECK_INT(vs_pubkey_p256(xy, &k, &err), VS_UNTRUSTED);
		xy[i] ^= 1;
	}
	CHECK_INT(vs_pubkey_p256(zero, &k, &err), VS_UNTRUSTED);
	memset(ones, 0xff, sizeof(ones));
	CHECK_INT(vs_pubkey_p256(ones, &k, &err), VS_UNTRUSTED);
	CHECK(k == NULL);
	vs_issue_key_free(&key);
}

static void
test_other_keys(void)
{
	EVP_PKEY *p384 = EVP_EC_gen("P-384"), *rsa = EVP_RSA_gen(2048);
	EVP_PKEY *explicit = EVP_EC_gen("P-256");
	struct vs_pubkey *a = vs_pubkey_wrap(p384), *b = vs_pubkey_wrap(rsa);
	uint8_t sig[64] = {[31] = 1, [63] = 1};

	verify(a, sig, msg, VS_UNTRUSTED);
	verify(b, sig, msg, VS_UNTRUSTED);
	CHECK(vs_pkey_is_p256(explicit));
	CHECK(!vs_pkey_is_p256(p384));
	CHECK(!vs_pkey_is_p256(rsa));
	CHECK(EVP_PKEY_set_utf8_string_param(
		  explicit, "encoding", "explicit") == 1);
	CHECK(!vs_pkey_is_p256(explicit));
	CHECK_INT(
	    vs_x509_profile((struct vs_span){0}, rsa, (vs_sig_profile)99, &err),
	    VS_INTERNAL);
	vs_pubkey_free(&a);
	vs_pubkey_free(&b);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(explicit);
	EVP_PKEY_free(rsa);
}

int
main(void)
{
	RUN(test_signature);
	RUN(test_points);
	RUN(test_other_keys);
	return check_result();
}
