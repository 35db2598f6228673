/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement on three curves, with OpenSSL's EVP as the other side; points
 * that are none. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "check.h"
#include "crypto/ecdh.h"
#include "crypto/rand.h"

static const vs_curve curves[] = {
    VS_CURVE_P256, VS_CURVE_P384, VS_CURVE_X25519};
static struct vs_ecdh *ecdh;

static void
test_names(void)
{
	CHECK_INT(vs_curve_size(VS_CURVE_NONE), 0);
	CHECK_INT(vs_curve_size((vs_curve)9), 0);
	CHECK(vs_curve_name(VS_CURVE_NONE) == NULL);
	CHECK_STR(vs_curve_name(VS_CURVE_P256), "P-256");
	CHECK_STR(vs_curve_name(VS_CURVE_P384), "P-384");
	CHECK_STR(vs_curve_name(VS_CURVE_X25519), "X25519");
	CHECK_INT(vs_curve_size(VS_CURVE_P384), 48);
}

static struct vs_span
y_of(const struct vs_ecdh_point *p)
{
	bool ec = p->curve != VS_CURVE_X25519;

	return VS_SPAN(p->y, ec ? vs_curve_size(p->curve) : 0);
}

static struct vs_span
x_of(const struct vs_ecdh_point *p)
{
	return VS_SPAN(p->x, vs_curve_size(p->curve));
}

static void
test_two_sides_agree(void)
{
	VS_AUTO(vs_ecdh) *other = NULL;

	CHECK_INT(vs_ecdh_new(&other), VS_OK);
	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		size_t n = vs_curve_size(curves[i]);
		struct vs_ecdh_point a, b, c;
		uint8_t za[48], zb[48];

		CHECK_INT(vs_ecdh_generate(ecdh, curves[i], &a), VS_OK);
		CHECK_INT(vs_ecdh_generate(other, curves[i], &b), VS_OK);
		CHECK_INT(vs_ecdh_derive(ecdh, x_of(&b), y_of(&b), za), VS_OK);
		CHECK_INT(vs_ecdh_derive(other, x_of(&a), y_of(&a), zb), VS_OK);
		CHECK(memcmp(za, zb, n) == 0);
		CHECK(!vs_span_zero(VS_SPAN(za, n)));
		/* A fresh key every time. */
		CHECK_INT(vs_ecdh_generate(ecdh, curves[i], &c), VS_OK);
		CHECK(memcmp(a.x, c.x, n) != 0);
		CHECK_INT(vs_ecdh_derive(ecdh, x_of(&b), y_of(&b), za), VS_OK);
		CHECK(memcmp(za, zb, n) != 0);
	}
}

static EVP_PKEY *
evp_public(const struct vs_ecdh_point *p)
{
	size_t n = vs_curve_size(p->curve);
	uint8_t raw[97] = {4};
	EVP_PKEY *like, *key = NULL;

	if (p->curve == VS_CURVE_X25519)
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_X25519, NULL, p->x, n);
	memcpy(raw + 1, p->x, n);
	memcpy(raw + 1 + n, p->y, n);
	like = EVP_EC_gen(vs_curve_name(p->curve));
	key = EVP_PKEY_new();
	CHECK_INT(EVP_PKEY_copy_parameters(key, like), 1);
	CHECK_INT(EVP_PKEY_set1_encoded_public_key(key, raw, 1 + 2 * n), 1);
	EVP_PKEY_free(like);
	return key;
}

/* Their key pair, their derivation with their own validation of our point. */
static void
test_agrees_with_evp(void)
{
	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		size_t n = vs_curve_size(curves[i]), got = 48, raw_n;
		EVP_PKEY *theirs = curves[i] == VS_CURVE_X25519
		    ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519")
		    : EVP_EC_gen(vs_curve_name(curves[i]));
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(theirs, NULL);
		struct vs_ecdh_point us;
		uint8_t ours[48], z[48], raw[97];
		size_t skip = curves[i] == VS_CURVE_X25519 ? 0 : 1;
		EVP_PKEY *pub;

		CHECK_INT(vs_ecdh_generate(ecdh, curves[i], &us), VS_OK);
		pub = evp_public(&us);
		CHECK(EVP_PKEY_derive_init(ctx) == 1 &&
		    EVP_PKEY_derive_set_peer(ctx, pub) == 1 &&
		    EVP_PKEY_derive(ctx, z, &got) == 1 && got == n);
		CHECK_INT(EVP_PKEY_get_octet_string_param(theirs,
			      OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof raw, &raw_n),
		    1);
		CHECK_INT(vs_ecdh_derive(ecdh, VS_SPAN(raw + skip, n),
			      VS_SPAN(raw + skip + n, skip * n), ours),
		    VS_OK);
		CHECK(memcmp(ours, z, n) == 0);
		EVP_PKEY_free(pub);
		EVP_PKEY_free(theirs);
		EVP_PKEY_CTX_free(ctx);
	}
}

static void
refused(struct vs_span x, struct vs_span y)
{
	uint8_t z[48];

	memset(z, 0xaa, sizeof z);
	CHECK_INT(vs_ecdh_derive(ecdh, x, y, z), VS_MALFORMED);
	for (size_t i = 0; i < sizeof z; i++)
		if (!CHECK_INT(z[i], 0xaa))
			return; /* written on failure */
}

static void
nist_refusals(vs_curve curve)
{
	static const uint8_t zeros[48];
	size_t n = vs_curve_size(curve);
	struct vs_ecdh_point p;
	uint8_t ones[48];

	memset(ones, 0xff, sizeof ones);
	CHECK_INT(vs_ecdh_generate(ecdh, curve, &p), VS_OK);
	refused(VS_SPAN(zeros, n), VS_SPAN(zeros, n));
	refused(VS_SPAN(ones, n), VS_SPAN(p.y, n)); /* not below p */
	refused(VS_SPAN(p.x, n), VS_SPAN(ones, n));
	refused(VS_SPAN(p.x, n), VS_SPAN(NULL, 0));
	refused(VS_SPAN(NULL, 0), VS_SPAN(NULL, 0));
	for (size_t m = 0; m < n; m++)
		refused(VS_SPAN(p.x, m), VS_SPAN(p.y, n));
	for (size_t m = 0; m <= sizeof p.y; m++)
		if (m != n)
			refused(VS_SPAN(p.x, n), VS_SPAN(p.y, m));
	/* Another y than +-y is not on the curve; -y has all bits changed. */
	for (size_t bit = 0; bit < n * 8; bit++) {
		p.y[bit / 8] ^= (uint8_t)(1u << bit % 8);
		refused(VS_SPAN(p.x, n), VS_SPAN(p.y, n));
		p.y[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
test_points_off_the_curve(void)
{
	nist_refusals(VS_CURVE_P256);
	nist_refusals(VS_CURVE_P384);
}

/* A point of P-384 for a key on P-256, and the other way about. */
static void
test_point_of_another_curve(void)
{
	struct vs_ecdh_point p256, p384, x;

	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_X25519, &x), VS_OK);
	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_P384, &p384), VS_OK);
	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_P256, &p256), VS_OK);
	refused(x_of(&p384), y_of(&p384));
	refused(VS_SPAN(p384.x, 32), VS_SPAN(p384.y, 32));
	refused(x_of(&x), VS_SPAN(x.x, 32));
	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_P384, &p384), VS_OK);
	refused(x_of(&p256), y_of(&p256));
	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_X25519, &x), VS_OK);
	refused(x_of(&p256), y_of(&p256));
}

/* RFC 7748 6.1: the points of order 1, 2, 4 and 8, and their other forms. */
static void
test_x25519_small_order(void)
{
	static const uint8_t low[][32] = {
	    {0},
	    {1},
	    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c,
		0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8,
		0x00},
	    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
		0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58,
		0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11,
		0x57},
	};
	struct vs_ecdh_point us;
	uint8_t p[32];

	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_X25519, &us), VS_OK);
	for (size_t i = 0; i < VS_COUNT(low); i++) {
		refused(VS_SPAN_OF(low[i]), VS_SPAN(NULL, 0));
		memcpy(p, low[i], sizeof p);
		p[31] |= 0x80; /* the top bit is ignored */
		refused(VS_SPAN_OF(p), VS_SPAN(NULL, 0));
	}
	memset(p, 0xff, sizeof p);
	p[31] = 0x7f;
	for (unsigned last = 0xec; last <= 0xee; last++) { /* p-1, p, p+1 */
		p[0] = (uint8_t)last;
		refused(VS_SPAN_OF(p), VS_SPAN(NULL, 0));
	}
	for (size_t n = 0; n < 32; n++)
		refused(VS_SPAN(us.x, n), VS_SPAN(NULL, 0));
	refused(x_of(&us), VS_SPAN(us.x, 1));
}

static void
test_no_key(void)
{
	struct vs_ecdh_point p, untouched = {.curve = VS_CURVE_P384};
	uint8_t z[48];

	CHECK_INT(vs_ecdh_generate(ecdh, VS_CURVE_P256, &p), VS_OK);
	vs_ecdh_forget(ecdh);
	CHECK_INT(vs_ecdh_derive(ecdh, x_of(&p), y_of(&p), z), VS_USAGE);
	CHECK_INT(
	    vs_ecdh_generate(ecdh, VS_CURVE_NONE, &untouched), VS_UNSUPPORTED);
	CHECK_INT(untouched.curve, VS_CURVE_P384);
	CHECK_INT(vs_ecdh_derive(ecdh, x_of(&p), y_of(&p), z), VS_USAGE);
	vs_ecdh_forget(ecdh);
}

static void
test_random(void)
{
	uint8_t a[64] = {0}, b[64] = {0};

	CHECK_INT(vs_rand_public(a, sizeof a), VS_OK);
	CHECK_INT(vs_rand_secret(b, sizeof b), VS_OK);
	CHECK(!vs_span_zero(VS_SPAN_OF(a)) && !vs_span_zero(VS_SPAN_OF(b)));
	CHECK(memcmp(a, b, sizeof a) != 0);
	CHECK_INT(vs_rand_public(a, (size_t)1 << 31), VS_TOO_LARGE);
	CHECK_INT(vs_rand_secret(a, (size_t)1 << 31), VS_TOO_LARGE);
}

int
main(void)
{
	if (!CHECK_INT(vs_ecdh_new(&ecdh), VS_OK))
		return check_result();
	RUN(test_names);
	RUN(test_two_sides_agree);
	RUN(test_agrees_with_evp);
	RUN(test_points_off_the_curve);
	RUN(test_point_of_another_curve);
	RUN(test_x25519_small_order);
	RUN(test_no_key);
	RUN(test_random);
	vs_ecdh_free(&ecdh);
	vs_ecdh_free(&ecdh);
	return check_result();
}
