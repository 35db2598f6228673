/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the configuration. Where approvals are named, how many is
 * written: none at all, or none by oversight, must not look alike.
 */
#include <stdio.h>
#include <string.h>

#include "broker/config_reader.h"
#include "broker/config_value.h"

static const char lists_name[] = "lists";
enum { NEED_MAX = 16, WHAT_MAX = 160 };

static bool
name_ok(struct vs_span s)
{
	if (s.n == 0 || s.n > VS_LIST_NAME_MAX ||
	    (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return true;
}

/* "lists.NAME.KEY" for messages. */
struct where {
	const struct vs_config_reader *r;
	const char *list;
	char text[WHAT_MAX];
};

static const char *
at(struct where *w, const char *key)
{
	(void)snprintf(w->text, sizeof w->text, "lists.%s.%s", w->list, key);
	return w->text;
}

static vs_status
unknown(struct where *w, const struct vs_yaml *k, const char *under,
    const char *const *names, size_t n)
{
	const char *near = vs_nearest(k->text, names, n);

	return vs_fail(w->r->err, VS_USAGE,
	    "%s:%d:%d: lists.%s%s: unknown key \"%.*s\"%s%s%s", w->r->file,
	    k->line, k->col, w->list, under,
	    (int)(k->text.n < 64 ? k->text.n : 64), (const char *)k->text.p,
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static vs_status
read_count(
    struct where *w, const struct vs_yaml *v, const char *key, uint8_t *out)
{
	int64_t n = 0;

	if (v->type != VS_YAML_SCALAR || !vs_config_count(v->text, &n) ||
	    n < 1 || n > NEED_MAX)
		return vs_config_wrong(w->r, v, at(w, key),
		    "must be a number of people from 1 to 16; to need no "
		    "approvals, leave `approvals` out");
	*out = (uint8_t)n;
	return VS_OK;
}

static vs_status
read_role_counts(struct where *w, const struct vs_yaml *v, const char *key,
    struct vs_need *out)
{
	if (v->n == 0)
		return vs_config_wrong(w->r, v, at(w, key),
		    "must say how many people of which roles");
	for (size_t i = 0; i < v->n; i++) {
		unsigned role = vs_role_named(v->k[i]->text);
		uint8_t *to = &out->any;
		vs_status st;

		if (role == 0 ||
		    (role & (VS_ROLE_SECURITY | VS_ROLE_APPROVER)) == 0)
			return vs_config_wrong(w->r, v->k[i], at(w, key),
			    "only the roles security and approver approve");
		for (unsigned bit = 0; bit < VS_NEED_ROLES; bit++)
			if (role == 1u << bit)
				to = &out->role[bit];
		st = read_count(w, v->v[i], key, to);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

static vs_status
read_need(struct where *w, const struct vs_yaml *v, const char *key,
    struct vs_need *out)
{
	return v->type == VS_YAML_MAP ? read_role_counts(w, v, key, out)
				      : read_count(w, v, key, &out->any);
}

static size_t
people(const struct vs_need *n)
{
	size_t sum = n->any;

	for (size_t i = 0; i < VS_NEED_ROLES; i++)
		sum += n->role[i];
	return sum;
}

static vs_status
read_seconds(struct where *w, const struct vs_yaml *v, const char *key,
    int64_t max, int64_t *out)
{
	int64_t n = 0;

	if (v->type != VS_YAML_SCALAR || !vs_config_seconds(v->text, &n) ||
	    n < 1 || n > max)
		return vs_config_wrong(w->r, v, at(w, key),
		    "must be a duration such as 30m, 24h or 2160h");
	*out = n;
	return VS_OK;
}

/* What lets more guests in needs its number; what shuts them out may have
 * one, but a smaller. */
static vs_status
check_needs(
    struct where *w, const struct vs_yaml *v, const struct vs_list_rule *l)
{
	const struct vs_need *loose = l->deny ? &l->revoke : &l->add;
	const struct vs_need *tight = l->deny ? &l->add : &l->revoke;

	if (vs_need_nothing(loose))
		return vs_config_wrong(w->r, v, at(w, "approvals"),
		    l->deny ? "must say how many approve the end of an entry: "
			      "revoke: N"
			    : "must say how many approve an entry: add: N");
	if (people(tight) >= people(loose))
		return vs_config_wrong(w->r, v, at(w, "approvals"),
		    l->deny ? "add must need fewer people than revoke"
			    : "revoke must need fewer people than add");
	return VS_OK;
}

static vs_status
read_approvals(struct where *w, const struct vs_yaml *v, struct vs_list_rule *l)
{
	static const char *const names[] = {"add", "revoke", "wait"};

	if (v->type != VS_YAML_MAP)
		return vs_config_wrong(w->r, v, at(w, "approvals"),
		    "must have add, and may have revoke and wait");
	for (size_t i = 0; i < v->n; i++) {
		struct vs_span k = v->k[i]->text;
		vs_status st;

		if (vs_span_is(k, "add"))
			st = read_need(w, v->v[i], "approvals.add", &l->add);
		else if (vs_span_is(k, "revoke"))
			st = read_need(
			    w, v->v[i], "approvals.revoke", &l->revoke);
		else if (vs_span_is(k, "wait"))
			st = read_seconds(w, v->v[i], "approvals.wait",
			    VS_LIST_PENDING_MAX_S, &l->pending_s);
		else
			st = unknown(
			    w, v->k[i], ".approvals", names, VS_COUNT(names));
		if (st != VS_OK)
			return st;
	}
	return check_needs(w, v, l);
}

static vs_status
read_roles(struct where *w, const struct vs_yaml *v, struct vs_list_rule *l)
{
	if (v->type != VS_YAML_SEQ || v->n == 0)
		return vs_config_wrong(
		    w->r, v, at(w, "add_roles"), "must be a list of roles");
	for (size_t i = 0; i < v->n; i++) {
		unsigned role = v->v[i]->type == VS_YAML_SCALAR
		    ? vs_role_named(v->v[i]->text)
		    : 0;

		if ((role & (VS_ROLE_CI | VS_ROLE_SECURITY)) == 0)
			return vs_config_wrong(w->r, v->v[i],
			    at(w, "add_roles"),
			    "only the roles ci and security add");
		l->add_roles |= role;
	}
	return VS_OK;
}

static vs_status
read_choice(struct where *w, const struct vs_yaml *v, const char *key,
    const char *no, const char *yes, bool *out)
{
	bool is_yes = v->type == VS_YAML_SCALAR && vs_span_is(v->text, yes);

	if (!is_yes && (v->type != VS_YAML_SCALAR || !vs_span_is(v->text, no)))
		return vs_fail(w->r->err, VS_USAGE,
		    "%s:%d:%d: %s: must be %s or %s", w->r->file, v->line,
		    v->col, at(w, key), no, yes);
	*out = is_yes;
	return VS_OK;
}

static vs_status
read_kind(struct where *w, const struct vs_yaml *v, struct vs_list_rule *l)
{
	const char *names[64];
	const char *near;

	if (v->type == VS_YAML_SCALAR)
		l->kind = vs_entry_kind_named(v->text);
	if (l->kind != NULL)
		return VS_OK;
	VS_ASSERT(vs_entry_kinds_n <= VS_COUNT(names));
	for (size_t i = 0; i < vs_entry_kinds_n; i++)
		names[i] = vs_entry_kinds[i].name;
	near = v->type == VS_YAML_SCALAR
	    ? vs_nearest(v->text, names, vs_entry_kinds_n)
	    : NULL;
	return vs_fail(w->r->err, VS_USAGE,
	    "%s:%d:%d: %s: no such kind of entry%s%s%s", w->r->file, v->line,
	    v->col, at(w, "kind"), near ? "; did you mean " : "",
	    near ? near : ", see vouchsafed.conf(5)", near ? "?" : "");
}

/* approvals comes last, whatever the file's order: it depends on effect. */
static vs_status
read_list(struct where *w, const struct vs_yaml *map, struct vs_list_rule *l)
{
	static const char *const names[] = {"kind", "form", "effect",
	    "add_roles", "max_life", "keep_revoked", "approvals", "provenance"};
	const struct vs_yaml *approvals = vs_yaml_get(map, "approvals");

	for (size_t i = 0; i < map->n; i++) {
		const struct vs_yaml *v = map->v[i];
		struct vs_span k = map->k[i]->text;
		vs_status st = VS_OK;
		bool list = false;

		if (vs_span_is(k, "kind")) {
			st = read_kind(w, v, l);
		} else if (vs_span_is(k, "form")) {
			st = read_choice(
			    w, v, "form", "registry", "list", &list);
			l->registry = !list;
		} else if (vs_span_is(k, "effect")) {
			st = read_choice(
			    w, v, "effect", "allow", "deny", &l->deny);
		} else if (vs_span_is(k, "keep_revoked")) {
			st = read_choice(w, v, "keep_revoked", "false", "true",
			    &l->keep_revoked);
		} else if (vs_span_is(k, "add_roles")) {
			st = read_roles(w, v, l);
		} else if (vs_span_is(k, "max_life")) {
			st = read_seconds(
			    w, v, "max_life", INT32_MAX, &l->max_life_s);
		} else if (vs_span_is(k, "provenance")) {
			st = vs_config_proof(w->r, v, w->list, &l->proof);
		} else if (!vs_span_is(k, "approvals")) {
			st = unknown(w, map->k[i], "", names, VS_COUNT(names));
		}
		if (st != VS_OK)
			return st;
	}
	if (l->kind == NULL)
		return vs_config_wrong(w->r, map, at(w, "kind"),
		    "is missing: what the entries are");
	if (l->keep_revoked && !l->registry)
		return vs_config_wrong(w->r, map, at(w, "keep_revoked"),
		    "is for registries: in a list it could not be seen");
	return approvals == NULL ? VS_OK : read_approvals(w, approvals, l);
}

vs_status
vs_config_lists(const struct vs_config_reader *r, const struct vs_yaml *v)
{
	struct vs_config *c = r->c;
	struct vs_list_rule *rules;

	if (v->type != VS_YAML_MAP)
		return vs_config_wrong(
		    r, v, lists_name, "must be names and what each is");
	if (v->n > VS_LISTS_MAX)
		return vs_config_wrong(r, v, lists_name, "more than 256");
	rules = vs_arena_calloc(&c->arena, v->n + 1, sizeof *rules);
	if (rules == NULL)
		return vs_config_wrong(r, v, lists_name, "out of memory");
	c->lists.v = rules;
	for (size_t i = 0; i < v->n; i++) {
		struct where w = {.r = r};
		vs_status st;

		if (!name_ok(v->k[i]->text))
			return vs_config_wrong(r, v->k[i], lists_name,
			    "a name holds letters, digits, - and _, begins "
			    "with no digit, and is at most 64 long");
		if (vs_list_rule_named(&c->lists, v->k[i]->text) != NULL)
			return vs_config_wrong(r, v->k[i], lists_name,
			    "two names that policies could not tell apart: - "
			    "and _ are alike");
		w.list = vs_arena_cstr(&c->arena, v->k[i]->text);
		if (w.list == NULL)
			return vs_config_wrong(
			    r, v, lists_name, "out of memory");
		rules[i] = (struct vs_list_rule){.name = w.list,
		    .registry = true,
		    .pending_s = VS_LIST_PENDING_DEFAULT_S};
		if (v->v[i]->type != VS_YAML_MAP)
			return vs_config_wrong(r, v->v[i], w.list,
			    "must be keys and values, kind among them");
		st = read_list(&w, v->v[i], &rules[i]);
		if (st != VS_OK)
			return st;
		c->lists.n++;
	}
	return VS_OK;
}
