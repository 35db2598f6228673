/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM: published vectors, keys that stay loaded, every flip. */
#include "check.h"
#include "crypto/aead.h"

enum { N = 60, AAD = 20 };

/* The GCM specification (McGrew, Viega), test case 16; in NIST's too. */
static const uint8_t key16[VS_AEAD_KEY_SIZE] = {0xfe, 0xff, 0xe9, 0x92, 0x86,
    0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08, 0xfe,
    0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67,
    0x30, 0x83, 0x08};
static const uint8_t nonce16[VS_AEAD_NONCE_SIZE] = {
    0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
static const uint8_t aad16[AAD] = {0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe,
    0xef, 0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda,
    0xd2};
static const uint8_t plain16[N] = {0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06,
    0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9,
    0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a,
    0x72, 0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e,
    0x24, 0x49, 0xa6, 0xb5, 0x25, 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6,
    0x57, 0xba, 0x63, 0x7b, 0x39};
static const uint8_t sealed16[N] = {0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d,
    0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a, 0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c,
    0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55, 0xd1,
    0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb, 0x3d, 0xa7, 0xb0, 0x8b,
    0x10, 0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a,
    0x0a, 0xbc, 0xc9, 0xf6, 0x62};
static const uint8_t tag16[VS_AEAD_TAG_SIZE] = {0x76, 0xfc, 0x6e, 0xce, 0x0f,
    0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};

static struct vs_aead *aead;

static void
test_vector(void)
{
	uint8_t out[N], tag[VS_AEAD_TAG_SIZE];
	struct vs_aead_msg m = {
	    nonce16, VS_SPAN_OF(aad16), VS_SPAN_OF(plain16), out, tag};

	CHECK_INT(vs_aead_seal(aead, key16, &m), VS_OK);
	CHECK(memcmp(out, sealed16, N) == 0);
	CHECK(memcmp(tag, tag16, sizeof tag) == 0);
	m.in = VS_SPAN_OF(sealed16);
	CHECK_INT(vs_aead_open(aead, key16, &m), VS_OK);
	CHECK(memcmp(out, plain16, N) == 0);
}

/* GCM specification, test case 13: nothing at all. */
static void
test_empty(void)
{
	static const uint8_t zeros[VS_AEAD_KEY_SIZE];
	static const uint8_t want[VS_AEAD_TAG_SIZE] = {0x53, 0x0f, 0x8a, 0xfb,
	    0xc7, 0x45, 0x36, 0xb9, 0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73,
	    0x8b};
	uint8_t tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {.nonce = zeros, .tag = tag};

	CHECK_INT(vs_aead_seal(aead, zeros, &m), VS_OK);
	CHECK(memcmp(tag, want, sizeof tag) == 0);
	CHECK_INT(vs_aead_open(aead, zeros, &m), VS_OK);
	CHECK_INT(vs_aead_open_mask(aead, NULL, &m), 0xff);
	tag[0] ^= 1;
	CHECK_INT(vs_aead_open_mask(aead, NULL, &m), 0);
}

static void
test_pieces(void)
{
	uint8_t out[N], tag[VS_AEAD_TAG_SIZE];

	for (size_t cut = 0; cut <= N; cut++) {
		memset(out, 0, sizeof out);
		CHECK_INT(
		    vs_aead_seal_start(aead, key16, nonce16, VS_SPAN_OF(aad16)),
		    VS_OK);
		CHECK_INT(vs_aead_seal_update(aead, VS_SPAN(plain16, cut), out),
		    VS_OK);
		CHECK_INT(vs_aead_seal_update(
			      aead, VS_SPAN(plain16 + cut, N - cut), out + cut),
		    VS_OK);
		CHECK_INT(vs_aead_seal_finish(aead, tag), VS_OK);
		CHECK(memcmp(out, sealed16, N) == 0);
		CHECK(memcmp(tag, tag16, sizeof tag) == 0);
	}
}

/* A loaded key serves on; the directions have a key each. */
static void
test_loaded_keys(void)
{
	static const uint8_t other[VS_AEAD_KEY_SIZE] = {1};
	uint8_t out[N], tag[VS_AEAD_TAG_SIZE], back[N];
	struct vs_aead_msg m = {
	    nonce16, VS_SPAN_OF(aad16), VS_SPAN_OF(plain16), out, tag};
	struct vs_aead_msg r = {
	    nonce16, VS_SPAN_OF(aad16), VS_SPAN_OF(sealed16), back, tag};

	CHECK_INT(vs_aead_seal(aead, key16, &m), VS_OK);
	CHECK_INT(vs_aead_open(aead, key16, &r), VS_OK);
	for (int i = 0; i < 3; i++) {
		memset(out, 0, sizeof out);
		memset(back, 0, sizeof back);
		CHECK_INT(vs_aead_seal(aead, NULL, &m), VS_OK);
		CHECK(memcmp(out, sealed16, N) == 0);
		CHECK_INT(vs_aead_open(aead, NULL, &r), VS_OK);
		CHECK(memcmp(back, plain16, N) == 0);
		tag[3] ^= 4; /* a failure does not unload it */
		CHECK_INT(vs_aead_open(aead, NULL, &r), VS_UNTRUSTED);
		tag[3] ^= 4;
	}
	CHECK_INT(vs_aead_seal(aead, other, &m), VS_OK);
	CHECK(memcmp(out, sealed16, N) != 0);
	memcpy(tag, tag16, sizeof tag);
	CHECK_INT(vs_aead_open(aead, NULL, &r), VS_OK);
	CHECK_INT(vs_aead_open(aead, other, &r), VS_UNTRUSTED);
}

/* Without a key there is nothing to work with. */
static void
test_no_key(void)
{
	VS_AUTO(vs_aead) *fresh = NULL;
	uint8_t out[N] = {0}, tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {
	    nonce16, VS_SPAN_OF(aad16), VS_SPAN_OF(plain16), out, tag};

	memcpy(tag, tag16, sizeof tag);
	CHECK_INT(vs_aead_new(&fresh), VS_OK);
	CHECK(vs_aead_seal(fresh, NULL, &m) != VS_OK);
	CHECK(vs_span_zero(VS_SPAN_OF(out)));
	CHECK_INT(vs_aead_open_mask(fresh, NULL, &m), 0);
}

static void
expect_refused(const struct vs_aead_msg *m)
{
	memset(m->out, 0xaa, m->in.n);
	CHECK_INT(vs_aead_open_mask(aead, NULL, m), 0);
	memset(m->out, 0xaa, m->in.n);
	CHECK_INT(vs_aead_open(aead, NULL, m), VS_UNTRUSTED);
	CHECK(vs_span_zero(VS_SPAN(m->out, m->in.n)));
}

static void
flips(uint8_t *p, size_t n, const struct vs_aead_msg *m)
{
	for (size_t bit = 0; bit < n * 8; bit++) {
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_refused(m);
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
test_flips(void)
{
	uint8_t nonce[VS_AEAD_NONCE_SIZE], aad[AAD], in[N], out[N];
	uint8_t tag[VS_AEAD_TAG_SIZE];
	struct vs_aead_msg m = {
	    nonce, VS_SPAN_OF(aad), VS_SPAN_OF(in), out, tag};

	memcpy(nonce, nonce16, sizeof nonce);
	memcpy(aad, aad16, sizeof aad);
	memcpy(in, sealed16, sizeof in);
	memcpy(tag, tag16, sizeof tag);
	CHECK_INT(vs_aead_open(aead, key16, &m), VS_OK);
	flips(nonce, sizeof nonce, &m);
	flips(aad, sizeof aad, &m);
	flips(in, sizeof in, &m);
	flips(tag, sizeof tag, &m);
	for (m.in.n = 0; m.in.n < N; m.in.n++)
		expect_refused(&m);
	for (m.aad.n = 0; m.aad.n < AAD; m.aad.n++)
		expect_refused(&m);
	m.aad.n = AAD;
	CHECK_INT(vs_aead_open(aead, key16, &m), VS_OK);
}

/* out may be in. */
static void
test_in_place(void)
{
	uint8_t buf[N], tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {
	    nonce16, VS_SPAN_OF(aad16), VS_SPAN_OF(buf), buf, tag};

	memcpy(buf, plain16, N);
	CHECK_INT(vs_aead_seal(aead, key16, &m), VS_OK);
	CHECK(memcmp(buf, sealed16, N) == 0);
	CHECK_INT(vs_aead_open(aead, key16, &m), VS_OK);
	CHECK(memcmp(buf, plain16, N) == 0);
}

int
main(void)
{
	if (!CHECK_INT(vs_aead_new(&aead), VS_OK))
		return check_result();
	RUN(test_vector);
	RUN(test_empty);
	RUN(test_pieces);
	RUN(test_loaded_keys);
	RUN(test_no_key);
	RUN(test_flips);
	RUN(test_in_place);
	vs_aead_free(&aead);
	CHECK(aead == NULL);
	vs_aead_free(&aead);
	return check_result();
}
