/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a JWE that was sealed by another implementation: OpenSSL's EVP and
 * a Concat KDF of the test's own, which first proves itself on the example of
 * RFC 7518 appendix C.
 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/encoding.h"
#include "check.h"
#include "crypto/digest.h"
#include "guest/jwe.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define OTHER_ID "01890a5d-ac96-774b-bcce-b302099a8058"

static const uint8_t nonce[VS_GUEST_NONCE_SIZE] = {1, 2, 3, 4, 5};
static const char plain[] = "{\"keys\":[],\"release_id\":\"" ID "\"}";

static void
put_lp(struct vs_wr *w, struct vs_span s)
{
	vs_wr_u32be(w, (uint32_t)s.n);
	vs_wr_bytes(w, s);
}

/* SP 800-56A 5.8.1, one round of SHA-256: RFC 7518 4.6.2. */
static void
kdf(struct vs_span z, const char *alg, struct vs_span apu, struct vs_span apv,
    uint32_t bits, uint8_t out[32])
{
	uint8_t info[512];
	struct vs_wr w = vs_wr_of(info, sizeof(info));

	vs_wr_u32be(&w, 1);
	vs_wr_bytes(&w, z);
	put_lp(&w, vs_span_cstr(alg));
	put_lp(&w, apu);
	put_lp(&w, apv);
	vs_wr_u32be(&w, bits);
	CHECK(EVP_Digest(info, w.n, out, NULL, EVP_sha256(), NULL) == 1);
}

static void
test_kdf_of_the_test_matches_rfc7518_appendix_c(void)
{
	static const uint8_t z[32] = {158, 86, 217, 29, 129, 113, 53, 211, 114,
	    131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106,
	    72, 246, 218, 167, 121, 140, 254, 144, 196};
	uint8_t out[32];
	char text[23] = {0};

	kdf(VS_SPAN_OF(z), "A128GCM", VS_SPAN_LIT("Alice"), VS_SPAN_LIT("Bob"),
	    128, out);
	vs_b64url_encode(VS_SPAN(out, 16), (uint8_t *)text);
	CHECK_STR(text, "VqqN6vgjbSBcIijNcacQGg");
}

/* What a test may change about a message. */
struct form {
	vs_curve curve;
	const char *alg, *enc, *apv, *crv, *extra, *key;
	uint8_t nonce0;
};

static EVP_PKEY *
peer_key(const struct vs_ecdh_point *p)
{
	uint8_t pub[1 + 2 * VS_ECDH_SIZE_MAX] = {4};
	size_t n = vs_curve_size(p->curve);
	char group[16];
	OSSL_PARAM params[3];
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *key = NULL;

	if (p->curve == VS_CURVE_X25519)
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_X25519, NULL, p->x, 32);
	memcpy(pub + 1, p->x, n);
	memcpy(pub + 1 + n, p->y, n);
	(void)snprintf(group, sizeof(group), "%s", vs_curve_name(p->curve));
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, pub, 1 + 2 * n);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	CHECK(EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static size_t
agree(EVP_PKEY *ours, EVP_PKEY *theirs, uint8_t z[VS_ECDH_SIZE_MAX])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours, NULL);
	size_t n = VS_ECDH_SIZE_MAX;

	CHECK(EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
	    EVP_PKEY_derive(ctx, z, &n) == 1);
	EVP_PKEY_CTX_free(ctx);
	return n;
}

static void
public_point(EVP_PKEY *key, vs_curve curve, struct vs_ecdh_point *out)
{
	uint8_t pub[1 + 2 * VS_ECDH_SIZE_MAX];
	size_t n = 0, size = vs_curve_size(curve);

	out->curve = curve;
	CHECK(EVP_PKEY_get_octet_string_param(key,
		  curve == VS_CURVE_X25519 ? OSSL_PKEY_PARAM_PUB_KEY
					   : OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
		  pub, sizeof(pub), &n) == 1);
	if (curve == VS_CURVE_X25519) {
		memcpy(out->x, pub, size);
	} else {
		memcpy(out->x, pub + 1, size);
		memcpy(out->y, pub + 1 + size, size);
	}
}

static void
gcm(const uint8_t key[32], struct vs_span aad, struct vs_buf *jwe)
{
	static const uint8_t iv[12] = {9, 8, 7};
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t out[sizeof(plain)], tag[16];
	int n = 0;

	CHECK(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv) == 1 &&
	    EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.n) == 1 &&
	    EVP_EncryptUpdate(
		c, out, &n, (const uint8_t *)plain, sizeof(plain) - 1) == 1 &&
	    EVP_EncryptFinal_ex(c, out + n, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
	EVP_CIPHER_CTX_free(c);
	vs_buf_b64url(jwe, VS_SPAN_OF(iv));
	vs_buf_puts(jwe, ".");
	vs_buf_b64url(jwe, VS_SPAN(out, sizeof(plain) - 1));
	vs_buf_puts(jwe, ".");
	vs_buf_b64url(jwe, VS_SPAN_OF(tag));
}

/* A message to r in this form. */
static void
seal(const struct vs_guest_recipient *r, const struct form *f,
    struct vs_buf *jwe)
{
	EVP_PKEY *ours = f->curve == VS_CURVE_X25519
	    ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519")
	    : EVP_EC_gen(vs_curve_name(f->curve));
	EVP_PKEY *theirs = peer_key(&r->point);
	struct vs_ecdh_point epk = {0};
	uint8_t apu[32], z[VS_ECDH_SIZE_MAX], cek[32];
	char jwk[VS_GUEST_JWK_MAX];
	struct vs_buf header = {0};
	size_t z_n;

	memcpy(apu, nonce, 32);
	apu[0] = (uint8_t)(apu[0] ^ f->nonce0);
	public_point(ours, f->curve, &epk);
	CHECK_INT(vs_guest_jwk(&epk, jwk), VS_OK);
	vs_buf_printf(&header, "{\"alg\":\"%s\",\"enc\":\"%s\",%s\"apu\":\"",
	    f->alg, f->enc, f->extra);
	vs_buf_b64url(&header, VS_SPAN_OF(apu));
	vs_buf_puts(&header, "\",\"apv\":\"");
	vs_buf_b64url(&header, vs_span_cstr(f->apv));
	vs_buf_printf(&header, "\",\"epk\":%s}", jwk);
	vs_buf_b64url(jwe, vs_buf_span(&header));
	z_n = agree(ours, theirs, z);
	kdf(VS_SPAN(z, z_n), f->enc, VS_SPAN_OF(apu), vs_span_cstr(f->apv), 256,
	    cek);
	vs_buf_fini(&header);
	vs_buf_add(&header, vs_buf_span(jwe)); /* the AAD is the first part */
	vs_buf_printf(jwe, ".%s.", f->key);
	gcm(cek, vs_buf_span(&header), jwe);
	vs_buf_fini(&header);
	EVP_PKEY_free(ours);
	EVP_PKEY_free(theirs);
}

static const struct form good = {.curve = VS_CURVE_P256,
    .alg = "ECDH-ES",
    .enc = "A256GCM",
    .apv = ID,
    .extra = "",
    .key = ""};

static vs_status
seal_and_open(vs_curve recipient, const struct form *f, struct vs_err *err)
{
	VS_AUTO(vs_secret) *out = NULL;
	struct vs_guest_recipient r = {0};
	struct vs_buf jwe = {0};
	vs_status st;

	CHECK_OK(vs_guest_recipient_init(&r, recipient, err), *err);
	if (f->curve == recipient) {
		seal(&r, f, &jwe);
	} else {
		struct vs_guest_recipient other = {0};

		CHECK_OK(vs_guest_recipient_init(&other, f->curve, err), *err);
		seal(&other, f, &jwe);
		vs_guest_recipient_fini(&other);
	}
	st = vs_guest_jwe_open(&r, vs_buf_span(&jwe), nonce, ID, &out, err);
	if (st == VS_OK)
		CHECK(vs_span_equal(
		    vs_secret_peek(out), VS_SPAN(plain, sizeof(plain) - 1)));
	vs_buf_fini(&jwe);
	vs_guest_recipient_fini(&r);
	return st;
}

static void
test_every_curve_opens(void)
{
	struct form f = good;
	struct vs_err err = {0};

	CHECK_OK(seal_and_open(VS_CURVE_P256, &f, &err), err);
	f.curve = VS_CURVE_P384;
	CHECK_OK(seal_and_open(VS_CURVE_P384, &f, &err), err);
	f.curve = VS_CURVE_X25519;
	CHECK_OK(seal_and_open(VS_CURVE_X25519, &f, &err), err);
}

static void
test_another_exchange_is_refused(void)
{
	struct form f = good;
	struct vs_err err = {0};

	f.nonce0 = 1;
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_UNTRUSTED);
	CHECK(strstr(err.msg, "apu") != NULL);
	f = good;
	f.apv = OTHER_ID;
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_UNTRUSTED);
	CHECK(strstr(err.msg, "apv") != NULL);
	f = good; /* sealed to a key on another curve */
	f.curve = VS_CURVE_P384;
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_UNSUPPORTED);
}

static void
test_other_algorithms_are_refused(void)
{
	struct form f = good;
	struct vs_err err = {0};

	f.alg = "ECDH-ES+A256KW";
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_UNSUPPORTED);
	f = good;
	f.enc = "A128GCM";
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_UNSUPPORTED);
	f = good;
	f.extra = "\"zip\":\"DEF\",";
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_MALFORMED);
	f.extra = "\"crit\":[\"b64\"],";
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_MALFORMED);
	f = good;
	f.key = "AAAA";
	CHECK_INT(seal_and_open(VS_CURVE_P256, &f, &err), VS_MALFORMED);
}

/* Every shorter text, and every text with one bit changed. */
static void
test_no_mutation_opens(void)
{
	struct vs_guest_recipient r = {0};
	struct vs_buf jwe = {0};
	struct vs_secret *out = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_guest_recipient_init(&r, VS_CURVE_P256, &err), err);
	seal(&r, &good, &jwe);
	for (size_t n = 0; n < jwe.n; n++)
		CHECK(vs_guest_jwe_open(&r, VS_SPAN(jwe.p, n), nonce, ID, &out,
			  &err) != VS_OK);
	for (size_t bit = 0; bit < 8 * jwe.n; bit++) {
		jwe.p[bit / 8] = (uint8_t)(jwe.p[bit / 8] ^ 1u << bit % 8);
		CHECK(vs_guest_jwe_open(&r, vs_buf_span(&jwe), nonce, ID, &out,
			  &err) != VS_OK);
		jwe.p[bit / 8] = (uint8_t)(jwe.p[bit / 8] ^ 1u << bit % 8);
	}
	vs_buf_puts(&jwe, ".");
	CHECK_INT(
	    vs_guest_jwe_open(&r, vs_buf_span(&jwe), nonce, ID, &out, &err),
	    VS_MALFORMED);
	CHECK(out == NULL);
	CHECK_INT(vs_secret_pool_used(), 0);
	vs_buf_fini(&jwe);
	vs_guest_recipient_fini(&r);
}

static void
test_thumbprint_is_of_the_sorted_members(void)
{
	/* RFC 7517 A.1, the key "1". */
	static const char want[] =
	    "{\"crv\":\"P-256\",\"kty\":\"EC\","
	    "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
	    "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}";
	struct vs_ecdh_point p = {.curve = VS_CURVE_P256};
	char got[VS_GUEST_JWK_MAX];

	CHECK_INT(
	    vs_b64url_decode_n(
		VS_SPAN_LIT("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"), p.x,
		32),
	    VS_OK);
	CHECK_INT(
	    vs_b64url_decode_n(
		VS_SPAN_LIT("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"), p.y,
		32),
	    VS_OK);
	CHECK_INT(vs_guest_jwk(&p, got), VS_OK);
	CHECK_STR(got, want);
}

static void
test_report_data_is_the_digest_of_the_binding(void)
{
	uint8_t bytes[25 + 32 + 32 + 32] = "vouchsafe/v1 report-data";
	uint8_t thumb[32], want[64], got[64];
	const uint8_t none[32] = {0};

	memset(thumb, 0x44, sizeof(thumb));
	memcpy(bytes + 25, nonce, 32);
	memcpy(bytes + 57, thumb, 32);
	CHECK(EVP_Digest(
		  bytes, sizeof(bytes), want, NULL, EVP_sha512(), NULL) == 1);
	CHECK_INT(vs_guest_report_data(nonce, thumb, none, got), VS_OK);
	CHECK(memcmp(got, want, 64) == 0);
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(65536, &err), err))
		return 1;
	RUN(test_kdf_of_the_test_matches_rfc7518_appendix_c);
	RUN(test_every_curve_opens);
	RUN(test_another_exchange_is_refused);
	RUN(test_other_algorithms_are_refused);
	RUN(test_no_mutation_opens);
	RUN(test_thumbprint_is_of_the_sorted_members);
	RUN(test_report_data_is_the_digest_of_the_binding);
	vs_secret_pool_fini();
	return check_result();
}
