/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jws.h"

#include "base/encoding.h"

static vs_status
malformed(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_MALFORMED, "token.malformed", "token: %s", what);
}

/* RFC 7515 3.1: exactly three parts. */
static vs_status
split(struct vs_span text, struct vs_span part[3], struct vs_span *input,
    struct vs_err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t end = at;

		while (end < text.n && text.p[end] != '.')
			end++;
		if ((end < text.n) != (i < 2) || end == at)
			return malformed(err, "is not of three parts");
		part[i] = vs_span_slice(text, at, end - at);
		if (i == 1)
			*input = vs_span_slice(text, 0, end);
		at = end + 1;
	}
	return VS_OK;
}

static vs_status
read_object(struct vs_span part, const char *what, struct vs_arena *a,
    struct vs_json **out, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_span text;
	vs_status st = vs_b64url_decode(a, part, &text);

	if (st == VS_NO_MEMORY)
		return vs_fail(err, st, "token");
	if (st != VS_OK || vs_json_parse(text, &doc, err) != VS_OK ||
	    vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail_code(err, VS_MALFORMED, "token.malformed",
		    "token: its %s is not a JSON object in base64url", what);
	*out = VS_TAKE(doc);
	return VS_OK;
}

static vs_status
read_alg(struct vs_jws *t, struct vs_err *err)
{
	struct vs_span name;

	if (vs_json_need_str(t->header, "", "alg", &name, err) != VS_OK)
		return malformed(err, "its header has no alg");
	t->alg = vs_jose_alg_named(name);
	if (t->alg == VS_JOSE_NONE)
		return vs_fail_code(err, VS_UNSUPPORTED, "token.alg",
		    "token: alg: must be a public key signature (RS256, ES256 "
		    "...), not none, a MAC or another");
	return VS_OK;
}

static vs_status
read_header(struct vs_jws *t, struct vs_err *err)
{
	const struct vs_json *kid = vs_json_get(t->header, "kid");

	VS_TRY(err, "header", read_alg(t, err));
	if (vs_json_get(t->header, "crit") != NULL)
		return vs_fail_code(err, VS_UNSUPPORTED, "token.crit",
		    "token: crit: no extension is understood");
	if (vs_json_get(t->header, "b64") != NULL)
		return vs_fail_code(err, VS_UNSUPPORTED, "token.b64",
		    "token: b64: not understood");
	if (kid != NULL &&
	    (!vs_json_is_string(kid, &t->kid) || t->kid.n == 0 ||
		t->kid.n > VS_JWK_ID_MAX))
		return malformed(err, "its kid is no text, or too long");
	return VS_OK;
}

static vs_status
parse(struct vs_span text, struct vs_arena *a, struct vs_jws *t,
    struct vs_err *err)
{
	struct vs_span part[3];

	VS_TRY(err, "token", split(text, part, &t->signing_input, err));
	if (vs_b64url_decode(a, part[2], &t->signature) != VS_OK)
		return malformed(err, "its signature is not base64url");
	VS_TRY(
	    err, "token", read_object(part[0], "header", a, &t->header, err));
	VS_TRY(err, "token", read_header(t, err));
	return read_object(part[1], "payload", a, &t->claims, err);
}

vs_status
vs_jws_parse(struct vs_span text, struct vs_arena *a, struct vs_jws *out,
    struct vs_err *err)
{
	struct vs_jws t = {.alg = VS_JOSE_NONE};
	vs_status st;

	if (text.n > VS_JWS_SIZE_MAX)
		return vs_fail_code(err, VS_TOO_LARGE, "token.malformed",
		    "token: above %d octets", VS_JWS_SIZE_MAX);
	st = parse(text, a, &t, err);
	if (st != VS_OK) {
		vs_jws_fini(&t);
		return st;
	}
	*out = t;
	return VS_OK;
}

void
vs_jws_fini(struct vs_jws *t)
{
	vs_json_free(&t->header);
	vs_json_free(&t->claims);
	*t = (struct vs_jws){.alg = VS_JOSE_NONE};
}

vs_status
vs_jws_verify(
    const struct vs_jws *t, const struct vs_jwks *keys, struct vs_err *err)
{
	const struct vs_jwks_key *k = vs_jwks_find(keys, t->kid);

	if (k == NULL)
		return vs_fail_code(err, VS_UNTRUSTED, "token.key",
		    "token: the issuer has no key of this id (kid); its keys "
		    "may have changed since they were fetched");
	if (t->alg != k->alg)
		return vs_fail_code(err, VS_UNTRUSTED, "token.alg",
		    "token: alg: %s, but this key signs with %s",
		    vs_jose_alg_name(t->alg), vs_jose_alg_name(k->alg));
	VS_TRY_CODE(err, "token.signature", "token: signature",
	    vs_jose_verify(
		k->key, k->alg, t->signing_input, t->signature, err));
	return VS_OK;
}

static vs_status
claim_missing(struct vs_err *err, const char *name)
{
	return vs_fail_code(err, VS_MALFORMED, "token.claim",
	    "token: %s: absent or not of its type", name);
}

/* RFC 7519 2 lets a NumericDate have a fraction; no issuer that we know of
 * writes one where it signs who somebody is. */
static vs_status
date(const struct vs_json *claims, const char *name, bool needed, int64_t *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(claims, name);
	/* Year 9999: sums stay far from the end of the type. */
	const int64_t max = INT64_C(253402300799);

	if (v == NULL && !needed)
		return VS_OK;
	if (!vs_json_is_int(v, out) || *out < 0 || *out > max)
		return claim_missing(err, name);
	return VS_OK;
}

static vs_status
check_dates(const struct vs_json *claims, const struct vs_jwt_want *want,
    struct vs_err *err)
{
	int64_t exp = 0, nbf = 0, iat = 0, since;

	VS_TRY(err, "token", date(claims, "exp", true, &exp, err));
	VS_TRY(err, "token", date(claims, "nbf", false, &nbf, err));
	VS_TRY(err, "token", date(claims, "iat", false, &iat, err));
	if (want->now >= exp + want->skew)
		return vs_fail_code(err, VS_STALE, "token.expired",
		    "token: expired %lld seconds ago",
		    (long long)(want->now - exp));
	if (want->now < nbf - want->skew || want->now < iat - want->skew)
		return vs_fail_code(err, VS_STALE, "token.not-yet",
		    "token: not valid yet; check both clocks");
	since = iat != 0 ? iat : nbf != 0 ? nbf : want->now;
	if (exp - since > want->life)
		return vs_fail_code(err, VS_UNTRUSTED, "token.life",
		    "token: lives longer than %lld seconds",
		    (long long)want->life);
	return VS_OK;
}

/* RFC 7519 4.1.3: one text, or a list of them. */
static bool
is_for(const struct vs_json *aud, struct vs_span want)
{
	struct vs_span text;

	if (vs_json_is_string(aud, &text))
		return vs_span_equal(text, want);
	if (vs_json_type_of(aud) != VS_JSON_ARRAY)
		return false;
	for (size_t i = 0; i < vs_json_size(aud); i++)
		if (vs_json_is_string(vs_json_at(aud, i), &text) &&
		    vs_span_equal(text, want))
			return true;
	return false;
}

vs_status
vs_jwt_check(const struct vs_json *claims, const struct vs_jwt_want *want,
    struct vs_err *err)
{
	const struct vs_json *aud = vs_json_get(claims, "aud");
	struct vs_span iss;

	if (!vs_json_is_string(vs_json_get(claims, "iss"), &iss))
		return claim_missing(err, "iss");
	if (!vs_span_equal(iss, want->issuer))
		return vs_fail_code(err, VS_UNTRUSTED, "token.issuer",
		    "token: iss: another issuer");
	if (aud == NULL)
		return claim_missing(err, "aud");
	if (want->audience.n == 0 || !is_for(aud, want->audience))
		return vs_fail_code(err, VS_UNTRUSTED, "token.audience",
		    "token: aud: made for another audience than \"%.*s\"",
		    VS_SPAN_ARG(want->audience));
	return check_dates(claims, want, err);
}
