/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM and HKDF-SHA256 on published inputs and outputs, and what must
 * not open; OpenSSL's EVP, one call after the other, as a second opinion.
 */
#include "crypto_vectors.h"

#include <openssl/evp.h>

#include "crypto/aead.h"
#include "crypto/ecdh.h"
#include "crypto/jwe.h"
#include "crypto/kdf.h"
#include "crypto/rand.h"

enum { LONGEST = 300, ROOM = LONGEST + 16 };

struct gcm {
	const char *key, *nonce, *aad, *plain, *sealed, *tag;
};

/* McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test
 * cases 13 to 16; NIST CAVP gcmEncryptExtIV256, each the first with a tag of
 * 128 bits of its lengths. */
static const struct gcm gcms[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
	"000000000000000000000000", "", "", "",
	"530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000",
	"000000000000000000000000", "", "00000000000000000000000000000000",
	"cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	"cafebabefacedbaddecaf888", "",
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
	"b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	"cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	"76fc6ece0f4e1768cddf8853bb2d551b"},
    {"b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
	"516c33929df5a3284ff463d7", "", "", "",
	"bdc1ac884d332457a1d2664f168c76f0"},
    {"31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
	"0d18e06c7c725ac9e362e1ce", "", "2db5168e932556f8089a0622981d017d",
	"fa4362189661d163fcd6a56d8bf0405a", "d636ac1bbedd5cc3ee727dc2ab4a9489"},
    {"92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
	"ac93a1a6145299bde902f21a", "1e0889016f67601c8ebea4943bc23ad6",
	"2d71bcfa914e4ac045b2aa60955fad24", "8995ae2e6df3dbf96fac7b7137bae67f",
	"eca5aa77d51d4a0a14d9c51e1da474ab"},
};

static struct vs_aead *aead;

/* ---- the second opinion ------------------------------------------------- */

struct message {
	const uint8_t *key, *nonce;
	struct vs_span aad, in;
};

static bool
evp_feed(EVP_CIPHER_CTX *c, const struct message *m, bool seal, uint8_t *out)
{
	int n = 0;

	return EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, m->key, m->nonce,
		   seal ? 1 : 0) == 1 &&
	    (m->aad.n == 0 ||
		EVP_CipherUpdate(c, NULL, &n, m->aad.p, (int)m->aad.n) == 1) &&
	    (m->in.n == 0 ||
		EVP_CipherUpdate(c, out, &n, m->in.p, (int)m->in.n) == 1);
}

static void
evp_seal(const struct message *m, uint8_t *out, uint8_t *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;

	CHECK(evp_feed(c, m, true, out));
	CHECK_INT(EVP_CipherFinal_ex(c, tag, &n), 1);
	CHECK_INT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag), 1);
	EVP_CIPHER_CTX_free(c);
}

static bool
evp_opens(const struct message *m, const uint8_t *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t out[ROOM], copy[16];
	int n = 0;
	bool ok;

	memcpy(copy, tag, sizeof copy);
	CHECK(evp_feed(c, m, false, out));
	CHECK_INT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, copy), 1);
	ok = EVP_CipherFinal_ex(c, out, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

/* Both ways of ours and theirs say the same; nothing comes out of what does
 * not open. */
static bool
opens(const struct message *m, const uint8_t *tag)
{
	uint8_t out[ROOM], copy[16];
	const struct vs_aead_msg in = {m->nonce, m->aad, m->in, out, copy};
	bool ok;

	memset(out, 0xaa, sizeof out);
	memcpy(copy, tag, sizeof copy);
	ok = vs_aead_open(aead, m->key, &in) == VS_OK;
	CHECK(ok || vs_span_zero(VS_SPAN(out, m->in.n)));
	CHECK_INT(out[m->in.n], 0xaa);
	CHECK_INT(vs_aead_open_mask(aead, m->key, &in), ok ? 0xff : 0);
	CHECK_INT(evp_opens(m, tag), ok);
	return ok;
}

/* ---- AES-256-GCM -------------------------------------------------------- */

static void
test_gcm_published(void)
{
	for (size_t i = 0; i < VS_COUNT(gcms); i++) {
		const struct hex key = hex(gcms[i].key);
		const struct hex nonce = hex(gcms[i].nonce);
		const struct hex aad = hex(gcms[i].aad);
		const struct hex plain = hex(gcms[i].plain);
		const struct hex sealed = hex(gcms[i].sealed);
		const struct hex tag = hex(gcms[i].tag);
		uint8_t out[ROOM], got[16], theirs[ROOM], their_tag[16];
		struct vs_aead_msg m = {
		    nonce.p, HEX_SPAN(aad), HEX_SPAN(plain), out, got};
		struct message same = {
		    key.p, nonce.p, HEX_SPAN(aad), HEX_SPAN(plain)};

		CHECK_INT(vs_aead_seal(aead, key.p, &m), VS_OK);
		CHECK(memcmp(out, sealed.p, sealed.n) == 0);
		CHECK(memcmp(got, tag.p, tag.n) == 0);
		evp_seal(&same, theirs, their_tag);
		CHECK(memcmp(theirs, sealed.p, sealed.n) == 0);
		CHECK(memcmp(their_tag, tag.p, tag.n) == 0);
		m.in = same.in = HEX_SPAN(sealed);
		CHECK(opens(&same, tag.p));
		CHECK_INT(vs_aead_open(aead, key.p, &m), VS_OK);
		CHECK(memcmp(out, plain.p, plain.n) == 0);
	}
}

/* Every length to beyond what is done in one go, of both. */
static void
test_gcm_lengths(void)
{
	uint8_t bytes[3 * LONGEST], key[32], nonce[12];
	uint8_t ours[ROOM], theirs[ROOM], a[16], b[16];

	CHECK_INT(vs_rand_public(bytes, sizeof bytes), VS_OK);
	for (size_t n = 0; n <= LONGEST; n++) {
		struct message m = {key, nonce,
		    VS_SPAN(bytes, n * 7 % (LONGEST + 1)),
		    VS_SPAN(bytes + LONGEST, n)};
		const struct vs_aead_msg own = {nonce, m.aad, m.in, ours, a};

		CHECK_INT(vs_rand_public(key, sizeof key), VS_OK);
		CHECK_INT(vs_rand_public(nonce, sizeof nonce), VS_OK);
		CHECK_INT(vs_aead_seal(aead, key, &own), VS_OK);
		evp_seal(&m, theirs, b);
		CHECK(memcmp(ours, theirs, n) == 0);
		CHECK(memcmp(a, b, sizeof a) == 0);
		m.in = VS_SPAN(ours, n);
		CHECK(opens(&m, a));
	}
}

static void
flips(const struct message *m, uint8_t *p, size_t n, const uint8_t *tag)
{
	for (size_t bit = 0; bit < 8 * n; bit++) {
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(!opens(m, tag));
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* Tags that a careless comparison lets in. */
static void
wrong_tags(const struct message *m, const uint8_t *right)
{
	uint8_t tag[16];

	for (size_t n = 0; n < sizeof tag; n++) {
		memset(tag, 0, sizeof tag); /* cut, and filled with zeros */
		memcpy(tag, right, n);
		CHECK(!opens(m, tag));
		memcpy(tag, right, sizeof tag); /* its end alone */
		memset(tag, 0, n + 1);
		CHECK(!opens(m, tag));
		memcpy(tag, right, sizeof tag); /* one byte of all bits */
		tag[n] ^= 0xff;
		CHECK(!opens(m, tag));
		tag[(n + 1) % sizeof tag] ^= 0xff; /* that cancel in a sum */
		CHECK(!opens(m, tag));
	}
	memset(tag, 0xff, sizeof tag);
	CHECK(!opens(m, tag));
	for (size_t i = 0; i < sizeof tag; i++)
		tag[i] = (uint8_t)~right[i];
	CHECK(!opens(m, tag));
	for (size_t i = 0; i < sizeof tag; i++)
		tag[i] = right[sizeof tag - 1 - i];
	CHECK(!opens(m, tag));
}

static void
test_gcm_refuses(void)
{
	for (size_t i = 0; i < VS_COUNT(gcms); i++) {
		struct hex key = hex(gcms[i].key);
		struct hex nonce = hex(gcms[i].nonce);
		struct hex aad = hex(gcms[i].aad);
		struct hex sealed = hex(gcms[i].sealed);
		struct hex tag = hex(gcms[i].tag);
		struct message m = {
		    key.p, nonce.p, HEX_SPAN(aad), HEX_SPAN(sealed)};

		CHECK(opens(&m, tag.p));
		flips(&m, tag.p, tag.n, tag.p);
		flips(&m, nonce.p, nonce.n, tag.p);
		flips(&m, key.p, key.n, tag.p);
		flips(&m, aad.p, aad.n, tag.p);
		flips(&m, sealed.p, sealed.n, tag.p);
		wrong_tags(&m, tag.p);
		/* A byte that changes sides, and bytes that are missing. */
		m.aad.n = aad.n + 1;
		CHECK(!opens(&m, tag.p));
		m.aad.n = aad.n;
		for (m.in.n = 0; m.in.n < sealed.n; m.in.n++)
			CHECK(!opens(&m, tag.p));
		CHECK(opens(&m, tag.p));
	}
}

/* Where lengths come from outside, of a JWE: 96 and 128 bits, no others. */
static void
test_lengths_of_nonce_and_tag(void)
{
	static const uint8_t bytes[64];
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;
	uint8_t out[1];

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P256, &p), VS_OK);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct vs_jwe_parts parts = {.header = VS_SPAN_LIT("e30"),
		    .epk_x = VS_SPAN(p.x, 32),
		    .epk_y = VS_SPAN(p.y, 32),
		    .iv = VS_SPAN(bytes, n),
		    .ciphertext = VS_SPAN(bytes, 1),
		    .tag = VS_SPAN(bytes, 16)};

		CHECK_INT(vs_jwe_open(e, &parts, out),
		    n == 12 ? VS_UNTRUSTED : VS_MALFORMED);
		parts.iv = VS_SPAN(bytes, 12);
		parts.tag = VS_SPAN(bytes, n);
		CHECK_INT(vs_jwe_open(e, &parts, out),
		    n == 16 ? VS_UNTRUSTED : VS_MALFORMED);
	}
}

/* ---- HKDF --------------------------------------------------------------- */

/* n bytes that count up from first. */
static struct hex
counted(uint8_t first, size_t n)
{
	struct hex h = {.n = n};

	for (size_t i = 0; i < n; i++)
		h.p[i] = (uint8_t)(first + i);
	return h;
}

struct hkdf {
	struct hex ikm, salt, info;
	const char *out;
};

static void
one_hkdf(const struct hkdf *k)
{
	const size_t n = strlen(k->out) / 2;
	uint8_t out[HEX_MAX + 1];

	for (size_t m = 1; m <= n; m++) {
		memset(out, 0xaa, sizeof out);
		CHECK_INT(vs_hkdf_sha256(HEX_SPAN(k->salt), HEX_SPAN(k->ikm),
			      HEX_SPAN(k->info), out, m),
		    VS_OK);
		CHECK(memcmp(out, hex(k->out).p, m) == 0);
		CHECK_INT(out[m], 0xaa); /* and no byte more */
	}
}

/* RFC 5869 A.1 to A.3. */
static void
test_hkdf_published(void)
{
	struct hkdf k = {.ikm = {.n = 22},
	    .salt = counted(0, 13),
	    .info = counted(0xf0, 10),
	    .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56"
		   "ecc4c5bf34007208d5b887185865"};

	memset(k.ikm.p, 0x0b, k.ikm.n);
	one_hkdf(&k);
	k.salt.n = k.info.n = 0;
	k.out = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c73"
		"8d2d9d201395faa4b61a96c8";
	one_hkdf(&k);
	k = (struct hkdf){.ikm = counted(0, 80),
	    .salt = counted(0x60, 80),
	    .info = counted(0xb0, 80),
	    .out = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c"
		   "19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
		   "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"};
	one_hkdf(&k);
}

/* Each bit of each input counts, and so does where an input ends: but for
 * zeros at the end of a salt, which HMAC does not see (RFC 2104). */
static void
test_hkdf_binds(void)
{
	struct hkdf k = {.ikm = counted(1, 32),
	    .salt = counted(40, 32),
	    .info = counted(90, 24)};
	struct hex *const in[] = {&k.ikm, &k.salt, &k.info};
	uint8_t first[32], out[32];

	CHECK_INT(vs_hkdf_sha256(HEX_SPAN(k.salt), HEX_SPAN(k.ikm),
		      HEX_SPAN(k.info), first, 32),
	    VS_OK);
	for (size_t i = 0; i < VS_COUNT(in); i++) {
		const size_t n = in[i]->n;

		for (size_t bit = 0; bit <= 8 * n; bit++) {
			if (bit < 8 * n)
				in[i]->p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			else
				in[i]->n--;
			CHECK_INT(
			    vs_hkdf_sha256(HEX_SPAN(k.salt), HEX_SPAN(k.ikm),
				HEX_SPAN(k.info), out, 32),
			    VS_OK);
			CHECK(memcmp(out, first, 32) != 0);
			if (bit < 8 * n)
				in[i]->p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		in[i]->n = n;
	}
}

int
main(void)
{
	if (!CHECK_INT(vs_aead_new(&aead), VS_OK))
		return check_result();
	RUN(test_gcm_published);
	RUN(test_gcm_lengths);
	RUN(test_gcm_refuses);
	RUN(test_lengths_of_nonce_and_tag);
	RUN(test_hkdf_published);
	RUN(test_hkdf_binds);
	vs_aead_free(&aead);
	return check_result();
}
