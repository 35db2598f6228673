/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identities of the configuration: issuers of tokens, and who of those
 * that prove who they are gets which roles. A binding that would take
 * everybody is an error, not a choice.
 */
#include <string.h>

#include "broker/config_reader.h"
#include "broker/config_value.h"
#include "crypto/jose.h"
#include "policy/glob.h"

enum { SKEW_DEFAULT_S = 60, SKEW_MAX_S = 300, PATTERNS_MAX = 64 };

static const char issuers_name[] = "identities.issuers";
static const char bindings_name[] = "identities.bindings";

typedef vs_status (*member_fn)(const struct vs_config_reader *r,
    const struct vs_yaml *v, const char *what, void *out);

struct member {
	const char *name;
	member_fn read;
	size_t offset;
};

static vs_status
unknown_member(const struct vs_config_reader *r, const struct vs_yaml *k,
    const char *what, const struct member *known, size_t n)
{
	const char *names[16];
	const char *near;

	VS_ASSERT(n <= VS_COUNT(names));
	for (size_t i = 0; i < n; i++)
		names[i] = known[i].name;
	near = vs_nearest(k->text, names, n);
	return vs_fail(r->err, VS_USAGE,
	    "%s:%d:%d: %s: unknown key \"%.*s\"%s%s%s", r->file, k->line,
	    k->col, what, (int)(k->text.n < 64 ? k->text.n : 64),
	    (const char *)k->text.p, near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

static vs_status
read_members(const struct vs_config_reader *r, const struct vs_yaml *map,
    const char *what, const struct member *known, size_t n, void *out)
{
	if (map->type != VS_YAML_MAP)
		return vs_config_wrong(r, map, what, "must be keys and values");
	for (size_t i = 0; i < map->n; i++) {
		const struct member *m = NULL;
		vs_status st;

		for (size_t k = 0; k < n; k++)
			if (vs_span_is(map->k[i]->text, known[k].name))
				m = &known[k];
		st = m == NULL
		    ? unknown_member(r, map->k[i], what, known, n)
		    : m->read(r, map->v[i], m->name, (char *)out + m->offset);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

static vs_status
text(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	const char **to = out;

	if (v->type != VS_YAML_SCALAR)
		return vs_config_wrong(r, v, what, "must be one value");
	return vs_config_text(r, v, what, false, to);
}

static vs_status
file(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	const char **to = out;

	if (v->type != VS_YAML_SCALAR)
		return vs_config_wrong(r, v, what, "must be a file");
	return vs_config_text(r, v, what, true, to);
}

/* Goes into audit records and messages. */
static vs_status
plain(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	for (size_t i = 0; v->type == VS_YAML_SCALAR && i < v->text.n; i++)
		if (v->text.p[i] <= 0x20 || v->text.p[i] > 0x7e)
			return vs_config_wrong(r, v, what,
			    "must be printable ASCII without spaces");
	if (v->type == VS_YAML_SCALAR && v->text.n > 64)
		return vs_config_wrong(r, v, what, "longer than 64 bytes");
	return text(r, v, what, out);
}

static vs_status
seconds(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	int64_t *to = out;
	int64_t n = 0;

	if (v->type != VS_YAML_SCALAR || !vs_config_seconds(v->text, &n) ||
	    n > SKEW_MAX_S)
		return vs_config_wrong(
		    r, v, what, "must be a duration from 0s to 5m");
	*to = n;
	return VS_OK;
}

/* A scalar counts as a list of one. */
static size_t
items(const struct vs_yaml *v)
{
	return v->type == VS_YAML_SEQ ? v->n : 1;
}

static const struct vs_yaml *
item(const struct vs_yaml *v, size_t i)
{
	return v->type == VS_YAML_SEQ ? v->v[i] : v;
}

static bool
is_list(const struct vs_yaml *v)
{
	if (v->type == VS_YAML_MAP || items(v) == 0 || items(v) > PATTERNS_MAX)
		return false;
	for (size_t i = 0; i < items(v); i++)
		if (item(v, i)->type != VS_YAML_SCALAR ||
		    item(v, i)->text.n == 0)
			return false;
	return true;
}

static vs_status
algorithms(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	unsigned *to = out;

	if (!is_list(v))
		return vs_config_wrong(r, v, what, "must be a list of names");
	for (size_t i = 0; i < items(v); i++) {
		vs_jose_alg a = vs_jose_alg_named(item(v, i)->text);

		if (a == VS_JOSE_NONE)
			return vs_config_wrong(r, item(v, i), what,
			    "must be RS256, RS384, RS512, PS256, PS384, "
			    "PS512, ES256, ES384 or EdDSA");
		*to |= 1u << a;
	}
	return VS_OK;
}

static vs_status
roles(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	unsigned *to = out;
	struct vs_err why = {0};

	if (!is_list(v))
		return vs_config_wrong(r, v, what, "must be a list of roles");
	for (size_t i = 0; i < items(v); i++) {
		unsigned bit = vs_role_named(item(v, i)->text);

		if (bit == 0)
			return vs_config_wrong(r, item(v, i), what,
			    "must be operator, security, ci, auditor or "
			    "approver");
		*to |= bit;
	}
	if (vs_roles_check(*to, &why) != VS_OK)
		return vs_config_wrong(r, v, what, why.msg);
	return VS_OK;
}

static vs_status
patterns(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	struct vs_scope *to = out;
	struct vs_span *list;

	if (!is_list(v))
		return vs_config_wrong(
		    r, v, what, "must be a pattern, or a list of up to 64");
	list = vs_arena_calloc(&r->c->arena, items(v), sizeof *list);
	if (list == NULL)
		return vs_config_wrong(r, v, what, "out of memory");
	for (size_t i = 0; i < items(v); i++) {
		const char *bad = vs_glob_check(item(v, i)->text);

		if (bad != NULL)
			return vs_config_wrong(r, item(v, i), what, bad);
		list[i] = item(v, i)->text; /* in the arena of the file */
	}
	*to = (struct vs_scope){list, items(v)};
	return VS_OK;
}

static vs_status
pattern(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	const char *bad =
	    v->type == VS_YAML_SCALAR ? vs_glob_check(v->text) : NULL;

	if (bad != NULL)
		return vs_config_wrong(r, v, what, bad);
	return text(r, v, what, out);
}

/* ---- issuers ---- */

static const struct member issuer_members[] = {
    {"name", plain, offsetof(struct vs_config_issuer, name)},
    {"issuer", text, offsetof(struct vs_config_issuer, issuer)},
    {"audience", text, offsetof(struct vs_config_issuer, audience)},
    {"jwks", file, offsetof(struct vs_config_issuer, jwks)},
    {"x5c_root", file, offsetof(struct vs_config_issuer, x5c_root)},
    {"clock_skew", seconds, offsetof(struct vs_config_issuer, skew_s)},
    {"algorithms", algorithms, offsetof(struct vs_config_issuer, algs)},
};

static vs_status
check_issuer(
    const struct vs_config_reader *r, const struct vs_yaml *at, size_t i)
{
	const struct vs_config_issuer *is = &r->c->issuers[i];

	if (is->name == NULL || is->issuer == NULL || is->audience == NULL ||
	    (is->jwks == NULL) == (is->x5c_root == NULL))
		return vs_config_wrong(r, at, issuers_name,
		    "each needs name, issuer, audience, and jwks or x5c_root");
	if (strchr(is->name, ':') != NULL)
		return vs_config_wrong(
		    r, at, issuers_name, "name: must have no colon");
	for (size_t k = 0; k < i; k++)
		if (strcmp(is->name, r->c->issuers[k].name) == 0 ||
		    strcmp(is->issuer, r->c->issuers[k].issuer) == 0)
			return vs_config_wrong(r, at, issuers_name,
			    "two of one name, or for one issuer");
	return VS_OK;
}

vs_status
vs_config_issuers(const struct vs_config_reader *r, const struct vs_yaml *v)
{
	struct vs_config_issuer *list;

	if (v->type != VS_YAML_SEQ || v->n > VS_CONFIG_ISSUERS_MAX)
		return vs_config_wrong(
		    r, v, issuers_name, "must be a list of up to 16");
	list = vs_arena_calloc(&r->c->arena, v->n + 1, sizeof *list);
	if (list == NULL)
		return vs_config_wrong(r, v, issuers_name, "out of memory");
	r->c->issuers = list;
	r->c->issuers_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		vs_status st;

		list[i].skew_s = SKEW_DEFAULT_S;
		st = read_members(r, v->v[i], issuers_name, issuer_members,
		    VS_COUNT(issuer_members), &list[i]);
		if (st == VS_OK)
			st = check_issuer(r, v->v[i], i);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

/* ---- bindings ---- */

static vs_status
claims(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *what, void *out)
{
	struct vs_config_binding *b = out;

	if (v->type != VS_YAML_MAP || v->n == 0 || v->n > PATTERNS_MAX)
		return vs_config_wrong(r, v, what,
		    "must be claims and the patterns that they must match");
	b->claims = vs_arena_calloc(&r->c->arena, v->n, sizeof *b->claims);
	if (b->claims == NULL)
		return vs_config_wrong(r, v, what, "out of memory");
	b->claims_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		struct vs_config_claim *c = &b->claims[i];
		vs_status st;

		c->name = vs_arena_cstr(&r->c->arena, v->k[i]->text);
		if (c->name == NULL)
			return vs_config_wrong(r, v, what, "out of memory");
		st = patterns(r, v->v[i], c->name, &c->any);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

#define AT(member) offsetof(struct vs_config_binding, member)
static const struct member binding_members[] = {
    {"issuer", text, AT(issuer)},
    {"claims", claims, 0},
    {"certificate", pattern, AT(certificate)},
    {"user", text, AT(user)},
    {"group", text, AT(group)},
    {"person", plain, AT(person)},
    {"person_claim", text, AT(person_claim)},
    {"roles", roles, AT(roles)},
    {"lists", patterns, AT(lists)},
    {"kinds", patterns, AT(kinds)},
};

static vs_status
check_binding(const struct vs_config_reader *r, const struct vs_yaml *at,
    const struct vs_config_binding *b)
{
	int who = (b->issuer != NULL) + (b->certificate != NULL) +
	    (b->user != NULL) + (b->group != NULL);

	if (who != 1)
		return vs_config_wrong(r, at, bindings_name,
		    "each needs one of issuer, certificate, user and group");
	if ((b->issuer != NULL) != (b->claims_n > 0))
		return vs_config_wrong(r, at, bindings_name,
		    "issuer and claims: each needs the other");
	if (b->person_claim != NULL && (b->issuer == NULL || b->person != NULL))
		return vs_config_wrong(r, at, bindings_name,
		    "person_claim: needs issuer, and no person");
	if (b->roles == 0)
		return vs_config_wrong(r, at, bindings_name, "needs roles");
	if ((b->roles & VS_ROLE_CI) != 0 && b->lists.n == 0)
		return vs_config_wrong(r, at, bindings_name,
		    "the role ci needs lists: the ones it may add to");
	return VS_OK;
}

vs_status
vs_config_bindings(const struct vs_config_reader *r, const struct vs_yaml *v)
{
	struct vs_config_binding *list;

	if (v->type != VS_YAML_SEQ || v->n > VS_CONFIG_BINDINGS_MAX)
		return vs_config_wrong(
		    r, v, bindings_name, "must be a list of up to 256");
	list = vs_arena_calloc(&r->c->arena, v->n + 1, sizeof *list);
	if (list == NULL)
		return vs_config_wrong(r, v, bindings_name, "out of memory");
	r->c->bindings = list;
	r->c->bindings_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		vs_status st;

		list[i].line = v->v[i]->line;
		list[i].col = v->v[i]->col;
		st = read_members(r, v->v[i], bindings_name, binding_members,
		    VS_COUNT(binding_members), &list[i]);
		if (st == VS_OK)
			st = check_binding(r, v->v[i], &list[i]);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}
