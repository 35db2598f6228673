/* SPDX-License-Identifier: Apache-2.0 */
/* lists.NAME.provenance: what a list trusts and demands. */
#include <stdio.h>
#include <string.h>

#include "broker/config_reader.h"
#include "broker/config_value.h"
#include "broker/list_proof.h"

struct where {
	const struct vs_config_reader *r;
	const char *list;
	struct vs_list_proof *p;
};

typedef vs_status (*member_fn)(
    struct where *w, const struct vs_yaml *v, const char *what, void *out);

static vs_status
text(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	struct vs_span *to = out;

	if (v->type != VS_YAML_SCALAR || v->text.n == 0)
		return vs_config_wrong(w->r, v, what, "must be text");
	*to = v->text;
	return VS_OK;
}

static vs_status
pattern(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	if (v->type != VS_YAML_SCALAR || !vs_provenance_pattern_ok(v->text))
		return vs_config_wrong(w->r, v, what, "must be a pattern");
	return text(w, v, what, out);
}

static vs_status
file(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	const char **to = out;

	if (v->type != VS_YAML_SCALAR)
		return vs_config_wrong(w->r, v, what, "must be a file");
	return vs_config_text(w->r, v, what, true, to);
}

static vs_status
flag(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	bool *to = out;

	if (v->type != VS_YAML_SCALAR || !vs_config_bool(v->text, to))
		return vs_config_wrong(w->r, v, what, "must be true or false");
	return VS_OK;
}

static vs_status
level(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	int64_t *to = out;

	if (v->type != VS_YAML_SCALAR || !vs_config_count(v->text, to) ||
	    *to > VS_PROVENANCE_LEVEL_MAX)
		return vs_config_wrong(w->r, v, what, "must be from 0 to 4");
	return VS_OK;
}

static vs_status
age(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	int64_t *to = out;

	if (v->type != VS_YAML_SCALAR || !vs_config_seconds(v->text, to) ||
	    *to < 1)
		return vs_config_wrong(
		    w->r, v, what, "must be a duration such as 720h");
	return VS_OK;
}

static vs_status
keys(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	struct vs_list_proof *p = out;

	if (v->type != VS_YAML_SEQ || v->n == 0 ||
	    v->n > VS_PROVENANCE_KEYS_MAX)
		return vs_config_wrong(
		    w->r, v, what, "must be a list of 1 to 32 files");
	p->keys = vs_arena_calloc(&w->r->c->arena, v->n, sizeof *p->keys);
	if (p->keys == NULL)
		return vs_config_wrong(w->r, v, what, "out of memory");
	p->keys_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		vs_status st = file(w, v->v[i], what, &p->keys[i]);

		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

static vs_status
build_types(
    struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	struct vs_provenance_want *want = out;
	struct vs_span *to;

	if (v->type != VS_YAML_SEQ || v->n == 0)
		return vs_config_wrong(w->r, v, what, "must be a list");
	to = vs_arena_calloc(&w->r->c->arena, v->n, sizeof *to);
	if (to == NULL)
		return vs_config_wrong(w->r, v, what, "out of memory");
	for (size_t i = 0; i < v->n; i++) {
		vs_status st = text(w, v->v[i], what, &to[i]);

		if (st != VS_OK)
			return st;
	}
	want->build_types = to;
	want->build_types_n = v->n;
	return VS_OK;
}

static vs_status
builder(struct where *w, const struct vs_yaml *v, const char *what,
    struct vs_provenance_builder *b)
{
	bool has_level = false;

	if (v->type != VS_YAML_MAP)
		return vs_config_wrong(
		    w->r, v, what, "each has id, a pattern, and level");
	for (size_t i = 0; i < v->n; i++) {
		vs_status st;

		if (vs_span_is(v->k[i]->text, "id")) {
			st = pattern(w, v->v[i], what, &b->id);
		} else if (vs_span_is(v->k[i]->text, "level")) {
			st = level(w, v->v[i], what, &b->level);
			has_level = true;
		} else {
			st = vs_config_wrong(w->r, v->k[i], what,
			    "unknown key; known are id and level");
		}
		if (st != VS_OK)
			return st;
	}
	if (b->id.n == 0 || !has_level)
		return vs_config_wrong(
		    w->r, v, what, "each has id, a pattern, and level");
	return VS_OK;
}

static vs_status
builders(struct where *w, const struct vs_yaml *v, const char *what, void *out)
{
	struct vs_provenance_want *want = out;
	struct vs_provenance_builder *b;

	if (v->type != VS_YAML_SEQ || v->n == 0 ||
	    v->n > VS_PROVENANCE_BUILDERS_MAX)
		return vs_config_wrong(w->r, v, what,
		    "must be a list of entries with id and level");
	b = vs_arena_calloc(&w->r->c->arena, v->n, sizeof *b);
	if (b == NULL)
		return vs_config_wrong(w->r, v, what, "out of memory");
	for (size_t i = 0; i < v->n; i++) {
		vs_status st = builder(w, v->v[i], what, &b[i]);

		if (st != VS_OK)
			return st;
	}
	want->builders = b;
	want->builders_n = v->n;
	return VS_OK;
}

#define AT(m) offsetof(struct vs_list_proof, m)
static const struct {
	const char *name;
	member_fn read;
	size_t offset;
} members[] = {
    {"trusted_root", file, AT(root)},
    {"keys", keys, 0},
    {"issuer", text, AT(want.issuer)},
    {"identity", pattern, AT(want.identity)},
    {"source_uri", text, AT(want.source_uri)},
    {"source_repo_id", text, AT(want.source_repo_id)},
    {"source_ref", pattern, AT(want.source_ref)},
    {"runner", text, AT(want.runner)},
    {"build_types", build_types, AT(want)},
    {"builders", builders, AT(want)},
    {"min_level", level, AT(want.min_level)},
    {"max_age", age, AT(want.max_age_s)},
    {"allow_v02", flag, AT(want.allow_v02)},
    {"allow_vsa", flag, AT(want.allow_vsa)},
    {"any_predicate", flag, AT(want.any_predicate)},
    {"strict_parameters", flag, AT(want.strict_parameters)},
    {"legacy_bundles", flag, AT(want.legacy_bundles)},
    {"no_log", flag, AT(want.no_log)},
    {"no_transparency", flag, AT(want.no_transparency)},
};

static vs_status
unknown(struct where *w, const struct vs_yaml *k)
{
	const char *names[VS_COUNT(members)];
	const char *near;

	for (size_t i = 0; i < VS_COUNT(members); i++)
		names[i] = members[i].name;
	near = vs_nearest(k->text, names, VS_COUNT(names));
	return vs_fail(w->r->err, VS_USAGE,
	    "%s:%d:%d: lists.%s.provenance: unknown key \"%.*s\"%s%s%s",
	    w->r->file, k->line, k->col, w->list,
	    (int)(k->text.n < 64 ? k->text.n : 64), (const char *)k->text.p,
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static vs_status
read_member(struct where *w, const struct vs_yaml *k, const struct vs_yaml *v)
{
	for (size_t i = 0; i < VS_COUNT(members); i++) {
		char what[160];

		if (!vs_span_is(k->text, members[i].name))
			continue;
		(void)snprintf(what, sizeof what, "lists.%s.provenance.%s",
		    w->list, members[i].name);
		return members[i].read(
		    w, v, what, (char *)w->p + members[i].offset);
	}
	return unknown(w, k);
}

/* These certify everybody who opens an account, and a workflow that is made to
 * be called runs for anybody: the identity alone is not who built it. */
static bool
is_shared(struct vs_span issuer)
{
	return vs_span_is(
		   issuer, "https://token.actions.githubusercontent.com") ||
	    vs_span_is(issuer, "https://gitlab.com");
}

static bool
is_wild(struct vs_span pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (memchr("*/:.@", pattern.p[i], 5) == NULL)
			return false;
	return true;
}

static vs_status
check_keyless(struct where *w, const struct vs_yaml *v)
{
	const struct vs_provenance_want *want = &w->p->want;

	if (want->identity.n != 0 && is_wild(want->identity))
		return vs_config_wrong(
		    w->r, v, "provenance", "identity: would take everybody");
	if (is_shared(want->issuer) && want->source_uri.n == 0 &&
	    want->source_repo_id.n == 0)
		return vs_config_wrong(w->r, v, "provenance",
		    "with this issuer it needs source_uri or source_repo_id: "
		    "anybody can call a workflow");
	return VS_OK;
}

/* What would trust everybody, or nobody. */
static vs_status
check(struct where *w, const struct vs_yaml *v)
{
	const struct vs_list_proof *p = w->p;
	const struct vs_provenance_want *want = &p->want;

	if (p->root == NULL && p->keys_n == 0)
		return vs_config_wrong(w->r, v, "provenance",
		    "needs trusted_root or keys: what is trusted?");
	if (p->root != NULL && p->keys_n == 0 &&
	    (want->issuer.n == 0 || want->identity.n == 0))
		return vs_config_wrong(w->r, v, "provenance",
		    "with a trusted_root it needs issuer and identity: anybody "
		    "can have a certificate");
	if (p->root == NULL && (want->issuer.n != 0 || want->identity.n != 0))
		return vs_config_wrong(w->r, v, "provenance",
		    "issuer and identity are of certificates: they need a "
		    "trusted_root");
	return check_keyless(w, v);
}

vs_status
vs_config_proof(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *list, const struct vs_list_proof **out)
{
	struct where w = {.r = r, .list = list};
	vs_status st;

	if (v->type != VS_YAML_MAP)
		return vs_config_wrong(
		    r, v, "provenance", "must be keys and values");
	w.p = vs_arena_calloc(&r->c->arena, 1, sizeof *w.p);
	if (w.p == NULL)
		return vs_config_wrong(r, v, "provenance", "out of memory");
	for (size_t i = 0; i < v->n; i++) {
		st = read_member(&w, v->k[i], v->v[i]);
		if (st != VS_OK)
			return st;
	}
	st = check(&w, v);
	if (st == VS_OK)
		*out = w.p;
	return st;
}
