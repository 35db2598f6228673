/* SPDX-License-Identifier: Apache-2.0 */
/* Digests against FIPS 180-4 examples, HMAC against RFC 4231. */
#include "check.h"
#include "crypto/digest.h"

static void
hex_of(const uint8_t *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

static void
test_known_answers(void)
{
	static const char *const want[] = {
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"};
	static const size_t size[] = {32, 48, 64};
	const struct vs_span parts[] = {
	    VS_SPAN_LIT("a"), {NULL, 0}, VS_SPAN_LIT("bc")};
	const vs_hash h[] = {VS_HASH_SHA256, VS_HASH_SHA384, VS_HASH_SHA512};

	for (size_t i = 0; i < 3; i++) {
		uint8_t out[VS_HASH_MAX];
		char hex[2 * VS_HASH_MAX + 1];

		CHECK_INT(vs_hash_size(h[i]), size[i]);
		CHECK_INT(vs_digest(h[i], parts, 3, out), VS_OK);
		hex_of(out, size[i], hex);
		CHECK_STR(hex, want[i]);
	}
}

static void
test_short_forms_agree(void)
{
	const struct vs_span in = VS_SPAN_LIT("vouchsafe");
	uint8_t a[64], b[64];

	CHECK_INT(vs_sha256(in, a), VS_OK);
	CHECK_INT(vs_digest(VS_HASH_SHA256, &in, 1, b), VS_OK);
	CHECK(memcmp(a, b, 32) == 0);
	CHECK_INT(vs_sha384(in, a), VS_OK);
	CHECK_INT(vs_digest(VS_HASH_SHA384, &in, 1, b), VS_OK);
	CHECK(memcmp(a, b, 48) == 0);
	CHECK_INT(vs_sha512(in, a), VS_OK);
	CHECK_INT(vs_digest(VS_HASH_SHA512, &in, 1, b), VS_OK);
	CHECK(memcmp(a, b, 64) == 0);
}

static void
test_empty(void)
{
	uint8_t out[32];
	char hex[65];

	CHECK_INT(vs_digest(VS_HASH_SHA256, NULL, 0, out), VS_OK);
	hex_of(out, 32, hex);
	CHECK_STR(hex,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
check_hmac(struct vs_span key, struct vs_span msg, const char *want)
{
	struct vs_span parts[2] = {
	    vs_span_slice(msg, 0, 3), vs_span_slice(msg, 3, msg.n)};
	uint8_t out[32];
	char hex[65];

	CHECK_INT(vs_hmac_sha256(key, parts, 2, out), VS_OK);
	hex_of(out, 32, hex);
	CHECK_STR(hex, want);
}

static void
test_hmac_rfc4231(void)
{
	uint8_t key[131];

	memset(key, 0x0b, 20);
	check_hmac(VS_SPAN(key, 20), VS_SPAN_LIT("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_hmac(VS_SPAN_LIT("Jefe"),
	    VS_SPAN_LIT("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	check_hmac(VS_SPAN_OF(key),
	    VS_SPAN_LIT(
		"Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int
main(void)
{
	RUN(test_known_answers);
	RUN(test_short_forms_agree);
	RUN(test_empty);
	RUN(test_hmac_rfc4231);
	return check_result();
}
