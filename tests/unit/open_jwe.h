/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's end of a release, on OpenSSL alone: a recipient key, and the
 * opening of a compact JWE (RFC 7516, ECDH-ES with A256GCM, RFC 7518 4.6).
 * Shares no code with the sealing side but JSON and base64url.
 */
#ifndef VS_TESTS_OPEN_JWE_H
#define VS_TESTS_OPEN_JWE_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/encoding.h"
#include "check.h"
#include "codec/json.h"

struct jwe_key {
	EVP_PKEY *pkey;
	size_t size; /* of a coordinate */
	bool ec;
	uint8_t x[48];
	uint8_t y[48];
};

/* "P-256", "P-384" or "X25519". */
static inline void
jwe_key_new(struct jwe_key *k, const char *curve)
{
	uint8_t pub[97];
	size_t n = 0;

	*k = (struct jwe_key){.size = strcmp(curve, "P-384") == 0 ? 48 : 32,
	    .ec = curve[0] == 'P'};
	k->pkey = k->ec ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve)
			: EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	CHECK(k->pkey != NULL);
	CHECK_INT(EVP_PKEY_get_octet_string_param(
		      k->pkey, OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub, &n),
	    1);
	CHECK_INT(n, k->ec ? 1 + 2 * k->size : 32);
	memcpy(k->x, k->ec ? pub + 1 : pub, k->size);
	if (k->ec)
		memcpy(k->y, pub + 1 + k->size, k->size);
}

static inline void
jwe_key_free(struct jwe_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

static inline EVP_PKEY *
jwe_peer(const struct jwe_key *k, struct vs_span x, struct vs_span y)
{
	uint8_t pub[97] = {4};
	char group[16] = {0};
	OSSL_PARAM params[3];
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *peer = NULL;
	size_t n = 0;

	if (!k->ec)
		return EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_X25519, NULL, x.p, x.n);
	if (x.n != k->size || y.n != k->size ||
	    EVP_PKEY_get_group_name(k->pkey, group, sizeof group, &n) != 1)
		return NULL;
	memcpy(pub + 1, x.p, x.n);
	memcpy(pub + 1 + x.n, y.p, y.n);
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, pub, 1 + 2 * k->size);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &peer, EVP_PKEY_PUBLIC_KEY, params) != 1)
		peer = NULL;
	EVP_PKEY_CTX_free(ctx);
	return peer;
}

static inline size_t
jwe_agree(const struct jwe_key *k, EVP_PKEY *peer, uint8_t z[64])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	size_t n = 64;

	if (peer == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, peer) != 1 ||
	    EVP_PKEY_derive(ctx, z, &n) != 1)
		n = 0;
	EVP_PKEY_CTX_free(ctx);
	return n;
}

static inline void
jwe_put32(EVP_MD_CTX *h, size_t n)
{
	uint8_t b[4] = {0, 0, (uint8_t)(n >> 8), (uint8_t)n};

	CHECK_INT(EVP_DigestUpdate(h, b, 4), 1);
}

/* RFC 7518 4.6.2, one round of the Concat KDF. */
static inline void
jwe_kdf(
    struct vs_span z, struct vs_span apu, struct vs_span apv, uint8_t key[32])
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();

	CHECK_INT(EVP_DigestInit_ex(h, EVP_sha256(), NULL), 1);
	jwe_put32(h, 1);
	CHECK_INT(EVP_DigestUpdate(h, z.p, z.n), 1);
	jwe_put32(h, 7);
	CHECK_INT(EVP_DigestUpdate(h, "A256GCM", 7), 1);
	jwe_put32(h, apu.n);
	CHECK_INT(EVP_DigestUpdate(h, apu.p, apu.n), 1);
	jwe_put32(h, apv.n);
	CHECK_INT(EVP_DigestUpdate(h, apv.p, apv.n), 1);
	jwe_put32(h, 256);
	CHECK_INT(EVP_DigestFinal_ex(h, key, NULL), 1);
	EVP_MD_CTX_free(h);
}

static inline bool
jwe_gcm(const uint8_t key[32], struct vs_span aad, struct vs_span iv,
    struct vs_span ct, struct vs_span tag, uint8_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t t[16];
	int n = 0;
	bool ok = iv.n == 12 && tag.n == 16;

	if (ok)
		memcpy(t, tag.p, 16);
	ok = ok &&
	    EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv.p) == 1 &&
	    EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.n) == 1 &&
	    EVP_DecryptUpdate(c, out, &n, ct.p, (int)ct.n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, 16, t) == 1 &&
	    EVP_DecryptFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

static inline struct vs_span
jwe_member(const struct vs_json *o, const char *name, struct vs_arena *a)
{
	struct vs_span text = {0};
	struct vs_span out = {0};

	if (!vs_json_is_string(vs_json_get(o, name), &text) ||
	    vs_b64url_decode(a, text, &out) != VS_OK)
		return (struct vs_span){0};
	return out;
}

static inline bool
jwe_text_is(const struct vs_json *o, const char *name, const char *want)
{
	struct vs_span text = {0};

	return vs_json_is_string(vs_json_get(o, name), &text) &&
	    vs_span_is(text, want);
}

/*
 * The plaintext, in the arena; apu and apv as they were used. Empty when it
 * does not open with this key.
 */
static inline struct vs_span
jwe_open(const struct jwe_key *k, struct vs_span jwe, struct vs_arena *a,
    struct vs_span *apu, struct vs_span *apv)
{
	struct vs_span part[5] = {{0}};
	struct vs_span raw[5] = {{0}};
	struct vs_json *h = NULL;
	struct vs_err err = {0};
	uint8_t z[64];
	uint8_t cek[32];
	size_t at = 0;
	bool ok = true;

	for (size_t i = 0; i < 5; i++) {
		size_t from = at;

		while (at < jwe.n && jwe.p[at] != '.')
			at++;
		part[i] = vs_span_slice(jwe, from, at - from);
		ok = ok && vs_b64url_decode(a, part[i], &raw[i]) == VS_OK;
		ok = ok && (i == 4 ? at == jwe.n : at < jwe.n);
		at++;
	}
	ok = ok && raw[1].n == 0 && vs_json_parse(raw[0], &h, &err) == VS_OK;
	if (!CHECK(ok))
		return (struct vs_span){0};
	CHECK(jwe_text_is(h, "alg", "ECDH-ES"));
	CHECK(jwe_text_is(h, "enc", "A256GCM"));
	const struct vs_json *epk = vs_json_get(h, "epk");
	EVP_PKEY *peer =
	    jwe_peer(k, jwe_member(epk, "x", a), jwe_member(epk, "y", a));
	size_t zn = jwe_agree(k, peer, z);
	uint8_t *out = vs_arena_alloc(a, raw[3].n);

	EVP_PKEY_free(peer);
	*apu = jwe_member(h, "apu", a);
	*apv = jwe_member(h, "apv", a);
	vs_json_free(&h);
	jwe_kdf(VS_SPAN(z, zn), *apu, *apv, cek);
	if (zn == 0 || !jwe_gcm(cek, part[0], raw[2], raw[3], raw[4], out))
		return (struct vs_span){0};
	return VS_SPAN(out, raw[3].n);
}

#endif
