/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jws_x5c.h"

#include "base/encoding.h"

struct chain {
	struct vs_cert *v[VS_X5C_MAX];
	size_t n;
};

static void
chain_fini(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		vs_cert_free(&c->v[i]);
}

static vs_status
bad_chain(struct vs_err *err, const char *why)
{
	return vs_fail_code(
	    err, VS_UNTRUSTED, "token.chain", "token: x5c: %s", why);
}

/* The key first, the root last. */
static vs_status
read_chain(const struct vs_jws *t, struct vs_arena *a, struct chain *c,
    struct vs_err *err)
{
	const struct vs_json *list = vs_json_get(t->header, "x5c");
	size_t n = vs_json_size(list);

	if (vs_json_type_of(list) != VS_JSON_ARRAY || n < 2 || n > VS_X5C_MAX)
		return bad_chain(err, "must be 2 to 4 certificates");
	for (size_t i = 0; i < n; i++) {
		struct vs_span text, der;

		if (!vs_json_is_string(vs_json_at(list, i), &text) ||
		    vs_b64_decode(a, text, &der) != VS_OK)
			return bad_chain(err, "not base64");
		VS_TRY_CODE(err, "token.chain", "token: x5c",
		    vs_cert_parse(der, &c->v[i], err));
		c->n = i + 1;
	}
	return VS_OK;
}

static vs_status
check_chain(const struct chain *c, const struct vs_cert *root, int64_t now,
    struct vs_err *err)
{
	const struct vs_cert_facts *last = vs_cert_facts(c->v[c->n - 1]);

	if (!vs_span_equal(last->der, vs_cert_facts(root)->der))
		return bad_chain(err, "does not end at the root of the issuer");
	if (vs_cert_facts(c->v[0])->ca)
		return bad_chain(err, "the key is an authority's");
	for (size_t i = 0; i < c->n; i++) {
		struct vs_validity v = vs_cert_facts(c->v[i])->validity;

		if (now < v.not_before || now > v.not_after)
			return bad_chain(err, "a certificate is out of date");
		if (i + 1 < c->n)
			VS_TRY_CODE(err, "token.chain", "token: x5c",
			    vs_cert_issued_as(c->v[i], c->v[i + 1], (long)i,
				VS_SIG_RSA_SHA256, err));
	}
	return VS_OK;
}

static vs_status
verify(const struct vs_jws *t, const struct vs_cert *leaf, struct vs_err *err)
{
	VS_AUTO(vs_pubkey) *key = NULL;

	VS_TRY_CODE(
	    err, "token.chain", "token: x5c", vs_cert_pubkey(leaf, &key, err));
	if (t->alg != VS_JOSE_RS256 || !vs_jose_fits(key, t->alg))
		return vs_fail_code(err, VS_UNTRUSTED, "token.alg",
		    "token: alg: must be RS256, by an RSA key");
	VS_TRY_CODE(err, "token.signature", "token: signature",
	    vs_jose_verify(key, t->alg, t->signing_input, t->signature, err));
	return VS_OK;
}

vs_status
vs_jws_verify_x5c(const struct vs_jws *t, const struct vs_cert *root,
    int64_t now, struct vs_arena *a, struct vs_err *err)
{
	struct chain c = {.n = 0};
	vs_status st = read_chain(t, a, &c, err);

	if (st == VS_OK)
		st = check_chain(&c, root, now, err);
	if (st == VS_OK)
		st = verify(t, c.v[0], err);
	chain_fini(&c);
	return st;
}
