/* SPDX-License-Identifier: Apache-2.0 */
/* An issuer of tokens for tests: its key, its key set, and what it signs. */
#ifndef VS_TESTS_JWT_FORGE_H
#define VS_TESTS_JWT_FORGE_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/encoding.h"
#include "check.h"
#include "crypto/pem.h"
#include "crypto/sign.h"

struct jwt_issuer {
	struct vs_signer *key;
	const char *kid;
	const char *alg;
	uint8_t point[65]; /* x and y, or x */
	size_t point_n;
	char jwk[512];
	char jwks[600];
};

static inline void
jwt_text64(const void *p, size_t n, char *out)
{
	vs_b64url_encode(VS_SPAN(p, n), (uint8_t *)out);
	out[vs_b64url_len(n)] = '\0';
}

/* The last octets of a SubjectPublicKeyInfo are the key's. */
static inline void
jwt_read_point(struct jwt_issuer *is, size_t n)
{
	struct vs_arena a;
	struct vs_buf pem = {0};
	struct vs_pem block = {0};
	struct vs_rd rd;
	struct vs_err err = {0};

	vs_arena_init(&a, 65536);
	CHECK_OK(vs_signer_public(is->key, &pem, &err), err);
	rd = vs_rd_of(vs_buf_span(&pem));
	CHECK_INT(vs_pem_next(&rd, &a, &block), VS_OK);
	CHECK(block.der.n > n);
	memcpy(is->point, block.der.p + block.der.n - n, n);
	is->point_n = n;
	vs_buf_fini(&pem);
	vs_arena_fini(&a);
}

static inline void
jwt_issuer_init(struct jwt_issuer *is, vs_sign_alg alg, const char *kid)
{
	bool ec = alg == VS_SIGN_P256;
	struct vs_err err = {0};
	char x[64], y[64];

	memset(is, 0, sizeof *is);
	is->kid = kid;
	is->alg = ec ? "ES256" : "EdDSA";
	CHECK_OK(vs_signer_new(alg, &is->key, &err), err);
	jwt_read_point(is, ec ? 64 : 32);
	jwt_text64(is->point, 32, x);
	jwt_text64(is->point + 32, 32, y);
	if (ec)
		(void)snprintf(is->jwk, sizeof is->jwk,
		    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\","
		    "\"use\":\"sig\",\"x\":\"%s\",\"y\":\"%s\"}",
		    kid, x, y);
	else
		(void)snprintf(is->jwk, sizeof is->jwk,
		    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\","
		    "\"x\":\"%s\"}",
		    kid, x);
	(void)snprintf(is->jwks, sizeof is->jwks, "{\"keys\":[%s]}", is->jwk);
}

static inline void
jwt_issuer_fini(struct jwt_issuer *is)
{
	vs_signer_free(&is->key);
}

/* A token with this header and payload; NUL-terminated in out. */
static inline const char *
jwt_sign_raw(const struct jwt_issuer *is, const char *header,
    const char *claims, struct vs_buf *out)
{
	uint8_t sig[VS_SIG_SIZE];
	struct vs_err err = {0};

	vs_buf_reset(out);
	vs_buf_b64url(out, vs_span_cstr(header));
	vs_buf_puts(out, ".");
	vs_buf_b64url(out, vs_span_cstr(claims));
	CHECK_OK(vs_sign(is->key, vs_buf_span(out), sig, &err), err);
	vs_buf_puts(out, ".");
	vs_buf_b64url(out, VS_SPAN_OF(sig));
	return vs_buf_cstr(out);
}

static inline const char *
jwt_sign(const struct jwt_issuer *is, const char *claims, struct vs_buf *out)
{
	char header[256];

	(void)snprintf(header, sizeof header,
	    "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}", is->alg,
	    is->kid);
	return jwt_sign_raw(is, header, claims, out);
}

#endif
