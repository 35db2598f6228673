/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDH on published keys and points, and points that are none: off the curve,
 * of another one, at infinity, in other forms than the one. OpenSSL's EVP as a
 * second opinion on each.
 */
#include "crypto_vectors.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "crypto/ecdh.h"

static struct vs_ecdh *ecdh;

/* The private key that generating one gives, instead of a random one: our
 * code has no way to load a key on the NIST curves. Takes the place of
 * libcrypto's function in this program. */
static struct hex fixed;

int
BN_priv_rand_range(BIGNUM *r, const BIGNUM *range)
{
	VS_ASSERT(fixed.n > 0);
	if (BN_bin2bn(fixed.p, (int)fixed.n, r) == NULL)
		return 0;
	return BN_cmp(r, range) < 0;
}

static void
generate(vs_curve curve, const char *d, struct vs_ecdh_point *out)
{
	fixed = hex(d);
	CHECK_INT(vs_ecdh_generate(ecdh, curve, out), VS_OK);
}

/* ---- the second opinion ------------------------------------------------- */

static const char *
group_of(vs_curve curve)
{
	return curve == VS_CURVE_P256 ? "P-256" : "P-384";
}

/* NULL where EVP does not take the point either. */
static EVP_PKEY *
evp_point(vs_curve curve, struct vs_span x, struct vs_span y)
{
	EVP_PKEY *like = EVP_EC_gen(group_of(curve));
	EVP_PKEY *key = EVP_PKEY_new();
	uint8_t raw[1 + 2 * 64] = {4};

	VS_ASSERT(x.n <= 64 && y.n <= 64);
	if (x.n > 0)
		memcpy(raw + 1, x.p, x.n);
	if (y.n > 0)
		memcpy(raw + 1 + x.n, y.p, y.n);
	CHECK_INT(EVP_PKEY_copy_parameters(key, like), 1);
	EVP_PKEY_free(like);
	if (EVP_PKEY_set1_encoded_public_key(key, raw, 1 + x.n + y.n) == 1)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* d on the curve, with its public half. */
static EVP_PKEY *
evp_private(vs_curve curve, const struct vs_ecdh_point *q, const struct hex *d)
{
	static char names[2][6] = {"P-256", "P-384"};
	const size_t n = vs_curve_size(curve);
	uint8_t raw[97] = {4}, little[48];
	OSSL_PARAM params[4];
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	memcpy(raw + 1, q->x, n);
	memcpy(raw + 1 + n, q->y, n);
	for (size_t i = 0; i < n; i++)
		little[i] = d->p[n - 1 - i];
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, names[curve != VS_CURVE_P256], 0);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, raw, 1 + 2 * n);
	params[2] =
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, little, n);
	params[3] = OSSL_PARAM_construct_end();
	CHECK_INT(EVP_PKEY_fromdata_init(c), 1);
	CHECK_INT(EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params), 1);
	EVP_PKEY_CTX_free(c);
	return key;
}

static void
evp_agrees(EVP_PKEY *ours, EVP_PKEY *peer, const char *z)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(ours, NULL);
	uint8_t out[HEX_MAX];
	size_t n = sizeof out;

	CHECK(EVP_PKEY_derive_init(c) == 1 &&
	    EVP_PKEY_derive_set_peer(c, peer) == 1 &&
	    EVP_PKEY_derive(c, out, &n) == 1);
	CHECK_INT(n, strlen(z) / 2);
	CHECK(is_hex(out, z));
	EVP_PKEY_CTX_free(c);
}

/* ---- published ---------------------------------------------------------- */

struct agreement {
	vs_curve curve;
	const char *d, *x, *y; /* ours */
	const char *peer_x, *peer_y;
	const char *z;
};

/* NIST CAVP, "KAS ECC CDH primitive", P-256, the first; RFC 5903 8.1 and 8.2,
 * from both sides. */
static const struct agreement agreements[] = {
    {VS_CURVE_P256,
	"7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
	"ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230",
	"28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141",
	"700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287",
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
	"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
    {VS_CURVE_P256,
	"c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
	"dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
	"5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
	"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
	"56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
	"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {VS_CURVE_P256,
	"c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
	"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
	"56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
	"dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
	"5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
	"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {VS_CURVE_P384,
	"099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655"
	"e35b538041e649ee3faef896783ab194",
	"667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6"
	"de3ac808acb4bdb4c88732aee95f41aa",
	"9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e"
	"eb9fcff3c2c947dae69b4c634573a81c",
	"e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d"
	"0d1ac43a0336def96fda41d0774a3571",
	"dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff"
	"f83fa40142209dff5eaad96db9e6386c",
	"11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4"
	"d603135569b9e9d09cf5d4a270f59746"},
    {VS_CURVE_P384,
	"41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942"
	"e0308312916b8ed2960e4bd55a7448fc",
	"e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d"
	"0d1ac43a0336def96fda41d0774a3571",
	"dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff"
	"f83fa40142209dff5eaad96db9e6386c",
	"667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6"
	"de3ac808acb4bdb4c88732aee95f41aa",
	"9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e"
	"eb9fcff3c2c947dae69b4c634573a81c",
	"11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4"
	"d603135569b9e9d09cf5d4a270f59746"},
};

static void
test_nist_published(void)
{
	for (size_t i = 0; i < VS_COUNT(agreements); i++) {
		const struct agreement *a = &agreements[i];
		const struct hex x = hex(a->peer_x), y = hex(a->peer_y);
		const struct hex d = hex(a->d);
		struct vs_ecdh_point q;
		EVP_PKEY *ours, *peer;
		uint8_t z[48];

		generate(a->curve, a->d, &q);
		CHECK(is_hex(q.x, a->x));
		CHECK(is_hex(q.y, a->y));
		CHECK_INT(
		    vs_ecdh_derive(ecdh, HEX_SPAN(x), HEX_SPAN(y), z), VS_OK);
		CHECK(is_hex(z, a->z));
		ours = evp_private(a->curve, &q, &d);
		peer = evp_point(a->curve, HEX_SPAN(x), HEX_SPAN(y));
		CHECK(peer != NULL);
		evp_agrees(ours, peer, a->z);
		EVP_PKEY_free(ours);
		EVP_PKEY_free(peer);
	}
}

struct montgomery {
	const char *k, *u, *z;
};

/* RFC 7748 5.2, and 6.1 from both sides. */
static const struct montgomery montgomeries[] = {
    {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    {"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
};

static void
x25519(const uint8_t *k, const uint8_t *u, uint8_t *z)
{
	struct vs_ecdh_point q;

	CHECK_INT(vs_ecdh_load_x25519(ecdh, k, &q), VS_OK);
	CHECK_INT(
	    vs_ecdh_derive(ecdh, VS_SPAN(u, 32), VS_SPAN(NULL, 0), z), VS_OK);
}

static void
test_x25519_published(void)
{
	for (size_t i = 0; i < VS_COUNT(montgomeries); i++) {
		const struct montgomery *m = &montgomeries[i];
		const struct hex k = hex(m->k), u = hex(m->u);
		EVP_PKEY *ours = EVP_PKEY_new_raw_private_key(
		    EVP_PKEY_X25519, NULL, k.p, 32);
		EVP_PKEY *peer =
		    EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, u.p, 32);
		uint8_t z[48];

		x25519(k.p, u.p, z);
		CHECK(is_hex(z, m->z));
		evp_agrees(ours, peer, m->z);
		EVP_PKEY_free(ours);
		EVP_PKEY_free(peer);
	}
}

/* RFC 7748 5.2: k and u both begin as 9; then u is the last k. */
static void
test_x25519_iterated(void)
{
	uint8_t k[32] = {9}, u[32] = {9}, z[48];

	for (unsigned i = 1; i <= 1000; i++) {
		x25519(k, u, z);
		memcpy(u, k, sizeof u);
		memcpy(k, z, sizeof k);
		if (i == 1)
			CHECK(is_hex(k,
			    "422c8e7a6227d7bca1350b3e2bb7279f"
			    "7897b87bb6854b783c60e80311ae3079"));
	}
	CHECK(is_hex(k,
	    "684cf59ba83309552800ef566f2f4d3c"
	    "1c3887c49360e3875f2eb94d99532c51"));
}

/* ---- points that are none ----------------------------------------------- */

static void
refused(vs_curve curve, struct vs_span x, struct vs_span y)
{
	EVP_PKEY *theirs = evp_point(curve, x, y);
	uint8_t z[48];

	memset(z, 0xaa, sizeof z);
	CHECK_INT(vs_ecdh_derive(ecdh, x, y, z), VS_MALFORMED);
	CHECK_INT(z[0], 0xaa);
	CHECK(theirs == NULL);
	EVP_PKEY_free(theirs);
}

static const char *const scalars[] = {
    "0000000000000000000000000000000000000000000000000000000000000005",
    "0000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000005"};

/* Five times the generator, and a key of ours to meet it with. */
static size_t
begin(vs_curve curve, struct vs_ecdh_point *q)
{
	generate(curve, scalars[curve != VS_CURVE_P256], q);
	return vs_curve_size(curve);
}

static void
off_the_curve(vs_curve curve)
{
	struct vs_ecdh_point q;
	const size_t n = begin(curve, &q);

	for (size_t bit = 0; bit < 8 * n; bit++) {
		q.y[bit / 8] ^= (uint8_t)(1u << bit % 8);
		refused(curve, VS_SPAN(q.x, n), VS_SPAN(q.y, n));
		q.y[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* Coordinates that changed places. */
	refused(curve, VS_SPAN(q.y, n), VS_SPAN(q.x, n));
}

/* It has no coordinates: zeros, one byte of zero, and nothing stand for it. */
static void
at_infinity(vs_curve curve)
{
	static const uint8_t zeros[48];
	struct vs_ecdh_point q;
	const size_t n = begin(curve, &q);
	uint8_t z[48];

	refused(curve, VS_SPAN(zeros, n), VS_SPAN(zeros, n));
	refused(curve, VS_SPAN(zeros, 1), VS_SPAN(NULL, 0));
	refused(curve, VS_SPAN(NULL, 0), VS_SPAN(NULL, 0));
	/* Forms that EVP reads: ours takes two coordinates and nothing else. */
	CHECK_INT(vs_ecdh_derive(ecdh, VS_SPAN(q.x, n), VS_SPAN(NULL, 0), z),
	    VS_MALFORMED);
	CHECK_INT(
	    vs_ecdh_derive(ecdh, VS_SPAN(q.x, n), VS_SPAN(q.y, n), z), VS_OK);
}

static void
of_the_other_curve(vs_curve curve, vs_curve other)
{
	struct vs_ecdh_point theirs, q;
	const size_t m = begin(other, &theirs);
	const size_t n = begin(curve, &q);

	refused(curve, VS_SPAN(theirs.x, m), VS_SPAN(theirs.y, m));
	/* Cut or filled to the right length. */
	refused(curve, VS_SPAN(theirs.x, n), VS_SPAN(theirs.y, n));
}

/* The smallest points of a curve, by their x; and whether there is none. */
static bool
small_point(EC_GROUP *g, unsigned x, uint8_t *px, uint8_t *py, size_t n)
{
	EC_POINT *p = EC_POINT_new(g);
	BIGNUM *bx = BN_new(), *by = BN_new();
	bool ok = BN_set_word(bx, x) == 1 &&
	    EC_POINT_set_compressed_coordinates(g, p, bx, 0, NULL) == 1 &&
	    EC_POINT_get_affine_coordinates(g, p, NULL, by, NULL) == 1;

	CHECK_INT(BN_bn2binpad(bx, px, (int)n), n);
	if (ok)
		CHECK_INT(BN_bn2binpad(by, py, (int)n), n);
	BN_free(bx);
	BN_free(by);
	EC_POINT_free(p);
	return ok;
}

/* x + p, which is the same number to who does not look. */
static void
add_prime(EC_GROUP *g, const uint8_t *x, uint8_t *out, size_t n)
{
	BIGNUM *p = BN_new(), *bx = BN_bin2bn(x, (int)n, NULL);

	CHECK_INT(EC_GROUP_get_curve(g, p, NULL, NULL, NULL), 1);
	CHECK_INT(BN_add(bx, bx, p), 1);
	CHECK_INT(BN_bn2binpad(bx, out, (int)n), n);
	BN_free(p);
	BN_free(bx);
}

static void
not_canonical(vs_curve curve, int nid)
{
	EC_GROUP *g = EC_GROUP_new_by_curve_name(nid);
	uint8_t x[48], y[48] = {0}, more[48], z[48];
	struct vs_ecdh_point q;
	const size_t n = begin(curve, &q);
	unsigned points = 0, none = 0;

	for (unsigned i = 0; i < 60; i++) {
		if (!small_point(g, i, x, y, n)) {
			/* On the twist: no y will do. */
			none++;
			refused(curve, VS_SPAN(x, n), VS_SPAN(q.y, n));
			continue;
		}
		points++;
		CHECK_INT(vs_ecdh_derive(ecdh, VS_SPAN(x, n), VS_SPAN(y, n), z),
		    VS_OK);
		add_prime(g, x, more, n);
		refused(curve, VS_SPAN(more, n), VS_SPAN(y, n));
	}
	CHECK(points > 10 && none > 10);
	EC_GROUP_free(g);
}

static void
test_nist_points_that_are_none(void)
{
	off_the_curve(VS_CURVE_P256);
	off_the_curve(VS_CURVE_P384);
	at_infinity(VS_CURVE_P256);
	at_infinity(VS_CURVE_P384);
	of_the_other_curve(VS_CURVE_P256, VS_CURVE_P384);
	of_the_other_curve(VS_CURVE_P384, VS_CURVE_P256);
	not_canonical(VS_CURVE_P256, NID_X9_62_prime256v1);
	not_canonical(VS_CURVE_P384, NID_secp384r1);
}

/* p + u for the u below 19: RFC 7748 5 wants them taken for u, as it wants the
 * top bit ignored; 0 and 1 are of small order, and refused in each form. */
static void
test_x25519_not_canonical(void)
{
	uint8_t u[32] = {0}, same[32], z[48], again[48];
	struct vs_ecdh_point q;
	const struct hex k = hex(montgomeries[0].k);

	for (unsigned i = 0; i < 19; i++) {
		u[0] = (uint8_t)i;
		memset(same, 0xff, sizeof same);
		same[0] = (uint8_t)(0xed + i);
		same[31] = i % 2 ? 0x7f : 0xff;
		CHECK_INT(vs_ecdh_load_x25519(ecdh, k.p, &q), VS_OK);
		if (i < 2) {
			CHECK_INT(vs_ecdh_derive(ecdh, VS_SPAN_OF(same),
				      VS_SPAN(NULL, 0), z),
			    VS_MALFORMED);
			continue;
		}
		x25519(k.p, u, z);
		x25519(k.p, same, again);
		CHECK(memcmp(z, again, 32) == 0);
	}
}

/* The five u of small order (1, 2, 4, 8 on the curve and its twist), in every
 * form that fits 32 bytes; with any private key the result would be zero. */
static void
test_x25519_small_order(void)
{
	static const char *const low[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

	for (size_t i = 0; i < VS_COUNT(low); i++) {
		struct hex u = hex(low[i]);

		for (size_t k = 0; k < 2 * VS_COUNT(montgomeries); k++) {
			struct vs_ecdh_point q;
			uint8_t z[48];

			CHECK_INT(vs_ecdh_load_x25519(
				      ecdh, hex(montgomeries[k / 2].k).p, &q),
			    VS_OK);
			u.p[31] ^= 0x80;
			memset(z, 0xaa, sizeof z);
			CHECK_INT(vs_ecdh_derive(
				      ecdh, HEX_SPAN(u), VS_SPAN(NULL, 0), z),
			    VS_MALFORMED);
			CHECK_INT(z[0], 0xaa);
		}
	}
}

int
main(void)
{
	if (!CHECK_INT(vs_ecdh_new(&ecdh), VS_OK))
		return check_result();
	RUN(test_nist_published);
	RUN(test_x25519_published);
	RUN(test_x25519_iterated);
	RUN(test_nist_points_that_are_none);
	RUN(test_x25519_not_canonical);
	RUN(test_x25519_small_order);
	vs_ecdh_free(&ecdh);
	return check_result();
}
