/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF against RFC 5869, and against OpenSSL's; the Concat KDF against
 * OpenSSL's single-step KDF (SP 800-56C), which is the same construction. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "check.h"
#include "crypto/kdf.h"

/* RFC 5869 A.1 and A.3. */
static void
test_hkdf_vectors(void)
{
	static const uint8_t want1[42] = {0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac,
	    0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a, 0x2d,
	    0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56,
	    0xec, 0xc4, 0xc5, 0xbf, 0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87,
	    0x18, 0x58, 0x65};
	static const uint8_t want3[42] = {0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63,
	    0xc1, 0x8f, 0x71, 0x5f, 0x80, 0x2a, 0x06, 0x3c, 0x5a, 0x31, 0xb8,
	    0xa1, 0x1f, 0x5c, 0x5e, 0xe1, 0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f,
	    0x3c, 0x73, 0x8d, 0x2d, 0x9d, 0x20, 0x13, 0x95, 0xfa, 0xa4, 0xb6,
	    0x1a, 0x96, 0xc8};
	uint8_t ikm[22], salt[13], info[10], out[42];

	memset(ikm, 0x0b, sizeof ikm);
	for (size_t i = 0; i < sizeof salt; i++)
		salt[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof info; i++)
		info[i] = (uint8_t)(0xf0 + i);
	CHECK_INT(vs_hkdf_sha256(VS_SPAN_OF(salt), VS_SPAN_OF(ikm),
		      VS_SPAN_OF(info), out, sizeof out),
	    VS_OK);
	CHECK(memcmp(out, want1, sizeof out) == 0);
	CHECK_INT(vs_hkdf_sha256(VS_SPAN(NULL, 0), VS_SPAN_OF(ikm),
		      VS_SPAN(NULL, 0), out, sizeof out),
	    VS_OK);
	CHECK(memcmp(out, want3, sizeof out) == 0);
}

static bool
derive(const char *name, const OSSL_PARAM *params, uint8_t *out, size_t n)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	bool ok = EVP_KDF_derive(ctx, out, n, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok;
}

static OSSL_PARAM
octets(const char *key, void *p, size_t n)
{
	return OSSL_PARAM_construct_octet_string(key, p, n);
}

static OSSL_PARAM
sha256(void)
{
	static char name[] = "SHA256";

	return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
}

static void
test_hkdf_lengths(void)
{
	static uint8_t ours[255 * 32 + 1], theirs[255 * 32];
	static const size_t sizes[] = {1, 31, 32, 33, 64, 255 * 32};
	uint8_t ikm[32] = {7}, salt[80] = {9}, info[5] = {1};
	const OSSL_PARAM params[] = {sha256(),
	    octets(OSSL_KDF_PARAM_KEY, ikm, sizeof ikm),
	    octets(OSSL_KDF_PARAM_SALT, salt, sizeof salt),
	    octets(OSSL_KDF_PARAM_INFO, info, sizeof info),
	    OSSL_PARAM_construct_end()};

	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		memset(ours, 0, sizeof ours);
		CHECK(derive("HKDF", params, theirs, sizes[i]));
		CHECK_INT(vs_hkdf_sha256(VS_SPAN_OF(salt), VS_SPAN_OF(ikm),
			      VS_SPAN_OF(info), ours, sizes[i]),
		    VS_OK);
		CHECK(memcmp(ours, theirs, sizes[i]) == 0);
		CHECK_INT(ours[sizes[i]], 0);
	}
	CHECK_INT(vs_hkdf_sha256(VS_SPAN_OF(salt), VS_SPAN_OF(ikm),
		      VS_SPAN_OF(info), ours, 255 * 32 + 1),
	    VS_RANGE);
}

/* RFC 7518 4.6.2: what OtherInfo consists of, put together by hand. */
static void
test_concat(void)
{
	uint8_t info[] = "\0\0\0\x07"
			 "A256GCM"
			 "\0\0\0\x05"
			 "Alice"
			 "\0\0\0\x03"
			 "Bob"
			 "\0\0\x01"; /* and the NUL: 256 bits */
	uint8_t z[48], ours[32], theirs[32];

	for (size_t i = 0; i < sizeof z; i++)
		z[i] = (uint8_t)(3 * i + 1);
	for (size_t n = 32; n <= sizeof z; n += 16) {
		const OSSL_PARAM params[] = {sha256(),
		    octets(OSSL_KDF_PARAM_KEY, z, n),
		    octets(OSSL_KDF_PARAM_INFO, info, sizeof info),
		    OSSL_PARAM_construct_end()};

		CHECK(derive("SSKDF", params, theirs, sizeof theirs));
		CHECK_INT(vs_concat_kdf(VS_SPAN(z, n), VS_SPAN_LIT("A256GCM"),
			      VS_SPAN_LIT("Alice"), VS_SPAN_LIT("Bob"), ours),
		    VS_OK);
		CHECK(memcmp(ours, theirs, sizeof ours) == 0);
	}
}

/* Each input alone changes the key, and so does where one ends. */
static void
test_concat_binds(void)
{
	static const char *const in[][4] = {{"z", "A256GCM", "u", "v"},
	    {"y", "A256GCM", "u", "v"}, {"z", "A128GCM", "u", "v"},
	    {"z", "A256GCM", "w", "v"}, {"z", "A256GCM", "u", "w"},
	    {"z", "A256GCM", "uv", ""}, {"z", "A256GCM", "", "uv"},
	    {"z", "A256GCMu", "", "v"}};
	uint8_t keys[VS_COUNT(in)][32];

	for (size_t i = 0; i < VS_COUNT(in); i++) {
		CHECK_INT(vs_concat_kdf(vs_span_cstr(in[i][0]),
			      vs_span_cstr(in[i][1]), vs_span_cstr(in[i][2]),
			      vs_span_cstr(in[i][3]), keys[i]),
		    VS_OK);
		for (size_t j = 0; j < i; j++)
			CHECK(memcmp(keys[i], keys[j], 32) != 0);
	}
}

int
main(void)
{
	RUN(test_hkdf_vectors);
	RUN(test_hkdf_lengths);
	RUN(test_concat);
	RUN(test_concat_binds);
	return check_result();
}
