/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/*
 * An implicit fetch costs more than hashing a short message, so the three
 * algorithms are fetched once per process and never change afterwards.
 */
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static EVP_MD *fetched[3];

static void
fetch_free(void)
{
	for (size_t i = 0; i < VS_COUNT(fetched); i++) {
		EVP_MD_free(fetched[i]);
		fetched[i] = NULL;
	}
}

static void
fetch_all(void)
{
	static const char *const names[] = {"SHA2-256", "SHA2-384", "SHA2-512"};

	for (size_t i = 0; i < VS_COUNT(fetched); i++)
		fetched[i] = EVP_MD_fetch(NULL, names[i], NULL);
	(void)OPENSSL_atexit(fetch_free); /* a leak at exit is harmless */
}

static const EVP_MD *
md_of(vs_hash h)
{
	if (pthread_once(&fetch_once, fetch_all) != 0)
		return NULL;
	return fetched[h];
}

size_t
vs_hash_size(vs_hash h)
{
	switch (h) {
	case VS_HASH_SHA256:
		return VS_SHA256_SIZE;
	case VS_HASH_SHA384:
		return VS_SHA384_SIZE;
	case VS_HASH_SHA512:
		return VS_SHA512_SIZE;
	}
	return 0;
}

static bool
hash_parts(EVP_MD_CTX *ctx, const EVP_MD *md, const struct vs_span *parts,
    size_t n, uint8_t *out)
{
	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (parts[i].n > 0 &&
		    EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) != 1)
			return false;
	return EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

vs_status
vs_digest(vs_hash h, const struct vs_span *parts, size_t n, uint8_t *out)
{
	uint8_t tmp[VS_HASH_MAX];
	const EVP_MD *md = md_of(h);
	EVP_MD_CTX *ctx;
	bool ok;

	ERR_clear_error();
	if (md == NULL)
		return VS_INTERNAL;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return VS_NO_MEMORY;
	ok = hash_parts(ctx, md, parts, n, tmp);
	EVP_MD_CTX_free(ctx);
	if (ok)
		memcpy(out, tmp, vs_hash_size(h));
	OPENSSL_cleanse(tmp, sizeof(tmp));
	return ok ? VS_OK : VS_INTERNAL;
}

vs_status
vs_sha256(struct vs_span in, uint8_t out[VS_SHA256_SIZE])
{
	return vs_digest(VS_HASH_SHA256, &in, 1, out);
}

vs_status
vs_sha384(struct vs_span in, uint8_t out[VS_SHA384_SIZE])
{
	return vs_digest(VS_HASH_SHA384, &in, 1, out);
}

vs_status
vs_sha512(struct vs_span in, uint8_t out[VS_SHA512_SIZE])
{
	return vs_digest(VS_HASH_SHA512, &in, 1, out);
}

enum { HMAC_BLOCK = 64 };

/* Init with the padded key, then n parts, then final. */
static bool
hmac_pass(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t key[HMAC_BLOCK],
    uint8_t pad, const struct vs_span *parts, size_t n, uint8_t *out)
{
	uint8_t block[HMAC_BLOCK];
	bool ok;

	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] = key[i] ^ pad;
	ok = EVP_DigestInit_ex2(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, block, sizeof(block)) == 1;
	OPENSSL_cleanse(block, sizeof(block));
	for (size_t i = 0; ok && i < n; i++)
		ok = parts[i].n == 0 ||
		    EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
	return ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

/*
 * RFC 2104 over the fetched digest: EVP_MAC would fetch HMAC and the digest
 * again for every message, which shows in the cost of a challenge.
 */
vs_status
vs_hmac_sha256(struct vs_span key, const struct vs_span *parts, size_t n,
    uint8_t out[VS_SHA256_SIZE])
{
	uint8_t block[HMAC_BLOCK] = {0}, inner[VS_SHA256_SIZE];
	uint8_t tmp[VS_SHA256_SIZE];
	const struct vs_span mid = VS_SPAN_OF(inner);
	const EVP_MD *md = md_of(VS_HASH_SHA256);
	vs_status st = VS_INTERNAL;
	EVP_MD_CTX *ctx;

	ERR_clear_error();
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return VS_NO_MEMORY;
	if (key.n > HMAC_BLOCK)
		st = vs_sha256(key, block);
	else if (md != NULL)
		st = VS_OK;
	if (st == VS_OK && key.n > 0 && key.n <= HMAC_BLOCK)
		memcpy(block, key.p, key.n);
	if (st == VS_OK &&
	    (!hmac_pass(ctx, md, block, 0x36, parts, n, inner) ||
		!hmac_pass(ctx, md, block, 0x5c, &mid, 1, tmp)))
		st = VS_INTERNAL;
	if (st == VS_OK)
		memcpy(out, tmp, sizeof(tmp));
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(inner, sizeof(inner));
	EVP_MD_CTX_free(ctx);
	return st;
}
