/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of issuers: OpenID Connect as CI systems speak it. */
#include <string.h>

#include "broker/identities_int.h"
#include "codec/jws_x5c.h"
#include "policy/glob.h"

enum {
	LIFE_MAX_S = 24 * 3600,
	SUBJECT_MAX = 255, /* OpenID Connect Core 2 */
	TOKEN_ID_MAX = 64,
	SHOWN_MAX = 48, /* of a value in a message */
};

/* ---- claims against patterns ---- */

static bool
text_matches(const struct vs_scope *any, struct vs_span text)
{
	for (size_t i = 0; i < any->n; i++)
		if (vs_glob_match(any->v[i], text))
			return true;
	return false;
}

/* Numbers and truth values count as their text. NULL: it has none. */
static const char *
scalar_text(const struct vs_json *v, struct vs_arena *a)
{
	struct vs_span text;
	int64_t n;
	bool yes;

	if (vs_json_is_string(v, &text))
		/* A NUL could not be: the reader refuses it. */
		return vs_arena_cstr(a, text);
	if (vs_json_is_int(v, &n))
		return vs_arena_printf(a, "%lld", (long long)n);
	if (vs_json_is_bool(v, &yes))
		return yes ? "true" : "false";
	return NULL;
}

static bool
value_matches(
    const struct vs_scope *any, const struct vs_json *v, struct vs_arena *a)
{
	const char *text = scalar_text(v, a);

	return text != NULL && text_matches(any, vs_span_cstr(text));
}

/* Of a list, one element is enough: it says what all somebody is. */
static bool
claim_matches(const struct vs_config_claim *c, const struct vs_json *claims,
    struct vs_arena *a)
{
	const struct vs_json *v = vs_json_get(claims, c->name);

	if (vs_json_type_of(v) != VS_JSON_ARRAY)
		return value_matches(&c->any, v, a);
	for (size_t i = 0; i < vs_json_size(v); i++)
		if (value_matches(&c->any, vs_json_at(v, i), a))
			return true;
	return false;
}

/* How many claims match until the first that does not. */
static size_t
matching(const struct vs_config_binding *b, const struct vs_json *claims,
    struct vs_arena *a)
{
	size_t n = 0;

	while (n < b->claims_n && claim_matches(&b->claims[n], claims, a))
		n++;
	return n;
}

/* Of the bindings that do not match, the one that nearly did tells most. */
static vs_status
explain(const struct vs_config_binding *near, size_t matched,
    const struct vs_config_issuer *is, const struct vs_json *claims,
    struct vs_arena *a, struct vs_err *err)
{
	const struct vs_config_claim *c;
	const char *value;

	if (near == NULL)
		return vs_fail_code(err, VS_DENIED, "identity.unknown",
		    "token: nobody of the issuer %s is bound to a role",
		    is->name);
	c = &near->claims[matched];
	value = scalar_text(vs_json_get(claims, c->name), a);
	if (value != NULL)
		value = vs_identity_text(a, vs_span_cstr(value), SHOWN_MAX);
	return vs_fail_code(err, VS_DENIED, "identity.claims",
	    "token: no binding of %s takes it: %s is %s, not %.*s%s", is->name,
	    c->name, value != NULL ? value : "absent",
	    (int)(c->any.v[0].n < SHOWN_MAX ? c->any.v[0].n : SHOWN_MAX),
	    (const char *)c->any.v[0].p, c->any.n > 1 ? " ..." : "");
}

static vs_status
find_binding(const struct vs_config *c, const struct vs_config_issuer *is,
    const struct vs_json *claims, struct vs_arena *a,
    const struct vs_config_binding **out, struct vs_err *err)
{
	const struct vs_config_binding *near = NULL;
	size_t best = 0;

	for (size_t i = 0; i < c->bindings_n; i++) {
		const struct vs_config_binding *b = &c->bindings[i];
		size_t n;

		if (b->issuer == NULL || strcmp(b->issuer, is->name) != 0)
			continue;
		n = matching(b, claims, a);
		if (n == b->claims_n) {
			*out = b;
			return VS_OK;
		}
		if (near == NULL || n > best) {
			near = b;
			best = n;
		}
	}
	return explain(near, best, is, claims, a, err);
}

/* ---- the token ---- */

/* Not authentic yet: it only says whose keys to try. */
static vs_status
find_issuer(const struct vs_config *c, const struct vs_jws *t, size_t *out,
    struct vs_err *err)
{
	struct vs_span iss = {0};

	if (!vs_json_is_string(vs_json_get(t->claims, "iss"), &iss))
		return vs_fail_code(err, VS_MALFORMED, "token.claim",
		    "token: iss: absent or not text");
	for (size_t i = 0; i < c->issuers_n; i++) {
		if (!vs_span_is(iss, c->issuers[i].issuer))
			continue;
		*out = i;
		return VS_OK;
	}
	return vs_fail_code(err, VS_UNTRUSTED, "token.issuer",
	    "token: iss: no such issuer is configured");
}

static vs_status
check(const struct vs_identities *ids, size_t i, const struct vs_jws *t,
    int64_t now, struct vs_arena *a, struct vs_err *err)
{
	const struct vs_config_issuer *is = &ids->c->issuers[i];
	struct vs_jwt_want want = {
	    .issuer = vs_span_cstr(is->issuer),
	    .audience = vs_span_cstr(is->audience),
	    .now = now,
	    .skew = is->skew_s,
	    .life = LIFE_MAX_S,
	};

	if (is->algs != 0 && (is->algs & 1u << t->alg) == 0)
		return vs_fail_code(err, VS_UNTRUSTED, "token.alg",
		    "token: alg: %s is not among those of the issuer %s",
		    vs_jose_alg_name(t->alg), is->name);
	VS_TRY(err, "token",
	    is->jwks != NULL
		? vs_jws_verify(t, ids->jwks[i], err)
		: vs_jws_verify_x5c(t, ids->roots[i], now, a, err));
	return vs_jwt_check(t->claims, &want, err);
}

static vs_status
name_it(const struct vs_config_issuer *is, const struct vs_json *claims,
    struct vs_arena *a, const char **name, struct vs_span *token_id,
    struct vs_err *err)
{
	struct vs_span sub = {0}, jti = {0};
	const char *text;

	if (!vs_json_is_string(vs_json_get(claims, "sub"), &sub) ||
	    sub.n == 0 || sub.n > SUBJECT_MAX)
		return vs_fail_code(err, VS_MALFORMED, "token.claim",
		    "token: sub: absent, not text or too long");
	text = vs_identity_text(a, sub, SUBJECT_MAX);
	*name = text == NULL ? NULL
			     : vs_arena_printf(a, "oidc:%s:%s", is->name, text);
	if (!vs_json_is_string(vs_json_get(claims, "jti"), &jti))
		return VS_OK;
	text = vs_identity_text(a, jti, TOKEN_ID_MAX);
	if (text == NULL)
		return vs_fail(err, VS_NO_MEMORY, "identity");
	*token_id = vs_span_cstr(text);
	return VS_OK;
}

/* The subject is the job's. Who is behind it, two jobs may have in common. */
static vs_status
name_person(const struct vs_config_binding *b, const struct vs_json *claims,
    struct vs_arena *a, struct vs_identity *who, struct vs_err *err)
{
	const char *value;

	if (b->person_claim == NULL)
		return VS_OK;
	value = scalar_text(vs_json_get(claims, b->person_claim), a);
	if (value == NULL || value[0] == '\0')
		return vs_fail_code(err, VS_DENIED, "identity.claims",
		    "token: %s is absent, which says who it is",
		    b->person_claim);
	value = vs_identity_text(a, vs_span_cstr(value), SUBJECT_MAX);
	if (value != NULL)
		value = vs_arena_printf(a, "person:%s", value);
	if (value == NULL)
		return vs_fail(err, VS_NO_MEMORY, "identity");
	who->person = vs_span_cstr(value);
	return VS_OK;
}

static vs_status
identify(const struct vs_identities *ids, const struct vs_jws *t, int64_t now,
    struct vs_arena *a, struct vs_identity *out, struct vs_err *err)
{
	const struct vs_config_binding *b = NULL;
	const struct vs_config_issuer *is;
	struct vs_identity who = {.kind = VS_IDENTITY_NONE};
	struct vs_span token_id = {0};
	const char *name = NULL;
	size_t i = 0;

	VS_TRY(err, "token", find_issuer(ids->c, t, &i, err));
	is = &ids->c->issuers[i];
	VS_TRY(err, is->name, check(ids, i, t, now, a, err));
	VS_TRY(err, is->name, name_it(is, t->claims, a, &name, &token_id, err));
	VS_TRY(err, "token", find_binding(ids->c, is, t->claims, a, &b, err));
	VS_TRY(err, "token",
	    vs_identity_bound(
		b, VS_IDENTITY_OIDC, name, token_id, a, &who, err));
	VS_TRY(err, is->name, name_person(b, t->claims, a, &who, err));
	*out = who;
	return VS_OK;
}

vs_status
vs_identify_jwt(const struct vs_identities *ids, struct vs_span token,
    int64_t now, struct vs_arena *a, struct vs_identity *out,
    struct vs_err *err)
{
	struct vs_jws t = {.alg = VS_JOSE_NONE};
	vs_status st = vs_jws_parse(token, a, &t, err);

	if (st == VS_OK)
		st = identify(ids, &t, now, a, out, err);
	vs_jws_fini(&t);
	return st;
}
