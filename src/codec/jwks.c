/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jwks.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"
#include "crypto/x509.h"

/* The text once as JSON, and the decoded members of one key. */
enum { ARENA_MAX = 2 * VS_JWKS_SIZE_MAX };

struct vs_jwks {
	struct vs_arena arena; /* ids */
	struct vs_jwks_key v[VS_JWKS_KEYS_MAX];
	size_t n;
	size_t left_out;
};

/* One member of the set while it is read. */
struct reading {
	const struct vs_json *jwk;
	struct vs_arena *a;
	vs_jose_alg rsa;
	struct vs_jwks_key out;
};

static vs_status
coordinate(struct reading *r, const char *name, uint8_t *out, size_t n,
    struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "key", vs_json_need_str(r->jwk, "keys", name, &text, err));
	if (vs_b64url_decode_n(text, out, n) != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "keys.%s: must be %zu octets in base64url", name, n);
	return VS_OK;
}

static vs_status
read_ec(struct reading *r, struct vs_err *err)
{
	uint8_t xy[2 * VS_P384_SIZE];
	struct vs_span crv;
	size_t n;

	VS_TRY(err, "key", vs_json_need_str(r->jwk, "keys", "crv", &crv, err));
	if (vs_span_is(crv, "P-256"))
		n = VS_P256_SIZE;
	else if (vs_span_is(crv, "P-384"))
		n = VS_P384_SIZE;
	else
		return VS_UNSUPPORTED;
	VS_TRY(err, "key", coordinate(r, "x", xy, n, err));
	VS_TRY(err, "key", coordinate(r, "y", xy + n, n, err));
	r->out.alg = n == VS_P256_SIZE ? VS_JOSE_ES256 : VS_JOSE_ES384;
	return n == VS_P256_SIZE ? vs_pubkey_p256(xy, &r->out.key, err)
				 : vs_pubkey_p384(xy, &r->out.key, err);
}

static vs_status
read_okp(struct reading *r, struct vs_err *err)
{
	uint8_t x[VS_ED25519_SIZE];
	struct vs_span crv;

	VS_TRY(err, "key", vs_json_need_str(r->jwk, "keys", "crv", &crv, err));
	if (!vs_span_is(crv, "Ed25519"))
		return VS_UNSUPPORTED;
	VS_TRY(err, "key", coordinate(r, "x", x, sizeof x, err));
	r->out.alg = VS_JOSE_EDDSA;
	return vs_pubkey_ed25519(x, &r->out.key, err);
}

/* Some issuers publish the certificate alone: its key is the key. Nobody's
 * signature on it counts: what makes the key trusted is this set. */
static vs_status
read_x5c(struct reading *r, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_json *list = NULL;
	struct vs_span text = {0}, der;

	VS_TRY(err, "key",
	    vs_json_need(r->jwk, "keys", "x5c", VS_JSON_ARRAY, &list, err));
	if (!vs_json_is_string(vs_json_at(list, 0), &text) ||
	    vs_b64_decode(r->a, text, &der) != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "keys.x5c: must be certificates in base64");
	VS_TRY(err, "keys.x5c", vs_cert_parse(der, &cert, err));
	VS_TRY(err, "keys.x5c", vs_cert_pubkey(cert, &r->out.key, err));
	return VS_OK;
}

static vs_status
read_rsa(struct reading *r, struct vs_err *err)
{
	struct vs_span n, e;
	vs_status st;

	r->out.alg = r->rsa;
	if (vs_json_get(r->jwk, "n") == NULL &&
	    vs_json_get(r->jwk, "x5c") != NULL) {
		VS_TRY(err, "key", read_x5c(r, err));
		return vs_jose_fits(r->out.key, r->rsa) ? VS_OK
							: VS_UNSUPPORTED;
	}
	VS_TRY(err, "key",
	    vs_json_need_b64url(
		r->jwk, "keys", "n", VS_JWKS_SIZE_MAX, r->a, &n, err));
	VS_TRY(err, "key",
	    vs_json_need_b64url(
		r->jwk, "keys", "e", VS_JWKS_SIZE_MAX, r->a, &e, err));
	st = vs_pubkey_rsa(n, e, &r->out.key, err);
	/* Too weak or too large is a matter of taste, not of form. */
	return st == VS_RANGE ? VS_UNSUPPORTED : st;
}

/* A key that says its algorithm must be able to make such signatures. */
static vs_status
pin_alg(struct reading *r, struct vs_err *err)
{
	struct vs_span name;
	vs_jose_alg alg;

	if (vs_json_get(r->jwk, "alg") == NULL)
		return VS_OK;
	VS_TRY(err, "key", vs_json_need_str(r->jwk, "keys", "alg", &name, err));
	alg = vs_jose_alg_named(name);
	if (alg == VS_JOSE_NONE)
		return VS_UNSUPPORTED; /* for encryption, or a MAC */
	if (!vs_jose_fits(r->out.key, alg))
		return vs_fail(err, VS_MALFORMED,
		    "keys.alg: a key of this type makes no signatures of %s",
		    vs_jose_alg_name(alg));
	r->out.alg = alg;
	return VS_OK;
}

/* RFC 7517 4.2, 4.3: absent says nothing. */
static bool
is_to_verify(const struct vs_json *jwk)
{
	const struct vs_json *ops = vs_json_get(jwk, "key_ops");
	const struct vs_json *use = vs_json_get(jwk, "use");
	struct vs_span text = {0};

	if (use != NULL &&
	    (!vs_json_is_string(use, &text) || !vs_span_is(text, "sig")))
		return false;
	for (size_t i = 0; i < vs_json_size(ops); i++)
		if (vs_json_is_string(vs_json_at(ops, i), &text) &&
		    vs_span_is(text, "verify"))
			return true;
	return ops == NULL;
}

/* VS_UNSUPPORTED: to be left out. */
static vs_status
read_key(struct reading *r, struct vs_err *err)
{
	struct vs_span kty, kid = {0};
	vs_status st;

	if (vs_json_type_of(r->jwk) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "keys: must be objects");
	VS_TRY(err, "key", vs_json_need_str(r->jwk, "keys", "kty", &kty, err));
	if (vs_json_get(r->jwk, "kid") != NULL)
		VS_TRY(err, "key",
		    vs_json_need_str(r->jwk, "keys", "kid", &kid, err));
	if (kid.n > VS_JWK_ID_MAX)
		return vs_fail(err, VS_TOO_LARGE, "keys.kid: too long");
	if (vs_json_get(r->jwk, "d") != NULL)
		return vs_fail(err, VS_MALFORMED,
		    "keys: a private key: it must be replaced, and nobody "
		    "else may have it");
	VS_TRY(err, "key", vs_arena_dup(r->a, kid, &r->out.kid));
	if (!is_to_verify(r->jwk))
		return VS_UNSUPPORTED;
	if (vs_span_is(kty, "EC"))
		st = read_ec(r, err);
	else if (vs_span_is(kty, "OKP"))
		st = read_okp(r, err);
	else if (vs_span_is(kty, "RSA"))
		st = read_rsa(r, err);
	else
		return VS_UNSUPPORTED;
	return st == VS_OK ? pin_alg(r, err) : st;
}

static vs_status
add(struct vs_jwks *s, const struct vs_json *jwk, vs_jose_alg rsa,
    struct vs_err *err)
{
	struct reading r = {.jwk = jwk, .a = &s->arena, .rsa = rsa};
	vs_status st = read_key(&r, err);

	if (st == VS_OK)
		for (size_t i = 0; i < s->n; i++)
			if (vs_span_equal(s->v[i].kid, r.out.kid))
				st = vs_fail(err, VS_DUPLICATE,
				    "keys: two keys of one id");
	if (st == VS_OK) {
		s->v[s->n++] = r.out;
		return VS_OK;
	}
	vs_pubkey_free(&r.out.key);
	if (st != VS_UNSUPPORTED)
		return st;
	vs_err_clear(err);
	s->left_out++;
	return VS_OK;
}

static vs_status
read_set(struct vs_jwks *s, const struct vs_json *doc, vs_jose_alg rsa,
    struct vs_err *err)
{
	const struct vs_json *keys = NULL;
	size_t n;

	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "must be an object");
	VS_TRY(err, "set",
	    vs_json_need(doc, "", "keys", VS_JSON_ARRAY, &keys, err));
	n = vs_json_size(keys);
	if (n > VS_JWKS_KEYS_MAX)
		return vs_fail(
		    err, VS_TOO_LARGE, "keys: above %d", VS_JWKS_KEYS_MAX);
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, "set", add(s, vs_json_at(keys, i), rsa, err));
	return VS_OK;
}

vs_status
vs_jwks_parse(struct vs_span text, vs_jose_alg rsa, struct vs_jwks **out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	VS_AUTO(vs_jwks) *s = NULL;

	if (text.n > VS_JWKS_SIZE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "key set: above %d octets",
		    VS_JWKS_SIZE_MAX);
	s = vs_calloc(1, sizeof *s);
	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "key set");
	vs_arena_init(&s->arena, ARENA_MAX);
	VS_TRY(err, "key set", vs_json_parse(text, &doc, err));
	VS_TRY(err, "key set", read_set(s, doc, rsa, err));
	*out = VS_TAKE(s);
	return VS_OK;
}

void
vs_jwks_free(struct vs_jwks **sp)
{
	struct vs_jwks *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		vs_pubkey_free(&s->v[i].key);
	vs_arena_fini(&s->arena);
	free(s);
}

size_t
vs_jwks_count(const struct vs_jwks *s)
{
	return s->n;
}

size_t
vs_jwks_left_out(const struct vs_jwks *s)
{
	return s->left_out;
}

const struct vs_jwks_key *
vs_jwks_at(const struct vs_jwks *s, size_t i)
{
	return &s->v[i];
}

const struct vs_jwks_key *
vs_jwks_find(const struct vs_jwks *s, struct vs_span kid)
{
	if (kid.n == 0)
		return s->n == 1 ? &s->v[0] : NULL;
	for (size_t i = 0; i < s->n; i++)
		if (vs_span_equal(s->v[i].kid, kid))
			return &s->v[i];
	return NULL;
}
