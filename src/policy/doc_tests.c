/* SPDX-License-Identifier: Apache-2.0 */
/* tests: cases that a document brings along. */
#include <string.h>

#include "policy/document.h"

/* Without `now` and without not_before: 2026-01-01T00:00:00Z. */
static const int64_t default_now_ms = INT64_C(1767225600000);

struct givens {
	struct vs_pol_test *test;
	struct vs_pol_given *v;
	size_t n;
};

static bool
string_list(struct vs_pol_doc *d, const struct vs_yaml *y, const char *path,
    size_t max, struct vs_claim_value *out)
{
	struct vs_span *v;

	if (!vs_doc_is(d, y, VS_YAML_SEQ, path))
		return false;
	if (y->n > VS_CLAIM_ITEMS_MAX) {
		vs_doc_bad(d, y, "%s: more than %d elements", path,
		    VS_CLAIM_ITEMS_MAX);
		return false;
	}
	v = vs_doc_calloc(d, y->n, sizeof(*v));
	if (v == NULL)
		return false;
	for (size_t i = 0; i < y->n; i++) {
		if (!vs_doc_is(d, y->v[i], VS_YAML_SCALAR, path))
			return false;
		if (y->v[i]->text.n > max) {
			vs_doc_bad(
			    d, y->v[i], "%s: longer than %zu", path, max);
			return false;
		}
		v[i] = y->v[i]->text;
	}
	out->u.list.v = v;
	out->u.list.n = y->n;
	return true;
}

static bool
bool_value(struct vs_pol_doc *d, const struct vs_yaml *y, const char *path,
    struct vs_claim_value *out)
{
	static const char *const names[] = {"false", "true"};
	size_t i;

	if (!vs_doc_enum(d, y, path, names, 2, &i))
		return false;
	out->u.b = i == 1;
	return true;
}

bool
vs_doc_claim(struct vs_pol_doc *d, const struct vs_yaml *y,
    const struct vs_claim_def *def, struct vs_claim_value *out)
{
	int64_t ms;

	switch (def->type) {
	case VS_CLAIM_BOOL:
		return bool_value(d, y, def->path, out);
	case VS_CLAIM_INT:
		return vs_doc_int(d, y, def->path, &out->u.i);
	case VS_CLAIM_TIME:
		if (!vs_doc_time(d, y, def->path, &ms))
			return false;
		out->u.i = ms / 1000;
		return true;
	case VS_CLAIM_STRINGS:
		return string_list(d, y, def->path, def->max, out);
	case VS_CLAIM_STRING:
	default:
		if (!vs_doc_is(d, y, VS_YAML_SCALAR, def->path))
			return false;
		if (y->text.n > def->max) {
			vs_doc_bad(
			    d, y, "%s: longer than %zu", def->path, def->max);
			return false;
		}
		out->u.s = y->text;
		return true;
	}
}

static struct vs_span
join(struct vs_pol_doc *d, struct vs_span prefix, struct vs_span name)
{
	char *s;

	if (prefix.n == 0)
		return name;
	s = vs_arena_printf(
	    &d->p->arena, "%.*s.%.*s", VS_SPAN_ARG(prefix), VS_SPAN_ARG(name));
	if (s == NULL) {
		d->report->no_memory = true;
		return VS_SPAN(NULL, 0);
	}
	return vs_span_cstr(s);
}

static void
unknown_claim(struct vs_pol_doc *d, const struct vs_yaml *key,
    struct vs_span prefix, struct vs_span path)
{
	const char *near =
	    vs_cel_nearest_field(prefix, key->text, &d->p->arena);

	vs_doc_bad(d, key, "there is no claim \"%.*s\"%s%s%s",
	    VS_SPAN_ARG(path), near != NULL ? "; did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

/* Nested mappings and dotted keys alike. Depth: that of the YAML tree. */
static void
read_claims(struct vs_pol_doc *d, const struct vs_yaml *y,
    struct vs_span prefix, struct givens *g)
{
	for (size_t i = 0; i < y->n; i++) {
		struct vs_span path = join(d, prefix, y->k[i]->text);
		vs_claim_id id = vs_claim_find(path);
		struct vs_claim_value v = {.present = true};

		if (vs_span_is(path, "gpus")) {
			vs_doc_test_gpus(d, y->v[i], g->test);
			continue;
		}
		if (id == VS_CLAIM_COUNT) {
			if (!vs_cel_is_record(path))
				unknown_claim(d, y->k[i], prefix, path);
			else if (vs_doc_is(d, y->v[i], VS_YAML_MAP,
				     "a record of claims"))
				read_claims(d, y->v[i], path, g);
			continue;
		}
		if (!vs_doc_claim(d, y->v[i], vs_claim_def(id), &v))
			continue;
		for (size_t k = 0; k < g->n; k++) {
			if (g->v[k].id == id)
				vs_doc_bad(
				    d, y->k[i], "the claim is given twice");
		}
		if (g->n < VS_CLAIM_COUNT)
			g->v[g->n++] = (struct vs_pol_given){id, v};
	}
}

static void
read_given(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t)
{
	struct givens g = {.test = t};

	if (y->type == VS_YAML_SCALAR) {
		vs_doc_bad(d, y,
		    "claims from a file are not supported in this version: "
		    "write them here");
		return;
	}
	if (!vs_doc_is(d, y, VS_YAML_MAP, "claims"))
		return;
	g.v = vs_doc_calloc(d, VS_CLAIM_COUNT, sizeof(*g.v));
	if (g.v == NULL)
		return;
	read_claims(d, y, VS_SPAN(NULL, 0), &g);
	t->given = g.v;
	t->given_n = g.n;
}

static bool
is_rule(const struct vs_policy *p, const char *id)
{
	for (size_t i = 0; i < p->rules_n; i++) {
		if (strcmp(p->rules[i].id, id) == 0)
			return true;
	}
	return false;
}

static void
unknown_rule(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	const char *names[VS_POL_RULES_MAX], *near;

	for (size_t i = 0; i < d->p->rules_n; i++)
		names[i] = d->p->rules[i].id;
	near = vs_nearest(y->text, names, d->p->rules_n);
	vs_doc_bad(d, y, "no rule is called \"%.*s\"%s%s%s",
	    (int)(y->text.n < 64 ? y->text.n : 64), (const char *)y->text.p,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static void
read_failed(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "failed"))
		return;
	t->failed = vs_doc_calloc(d, y->n, sizeof(*t->failed));
	if (t->failed == NULL)
		return;
	for (size_t i = 0; i < y->n; i++) {
		const char *id;

		if (!vs_doc_str(d, y->v[i], "a rule id", &id))
			continue;
		if (!d->rules_missing && !is_rule(d->p, id))
			unknown_rule(d, y->v[i]);
		t->failed[t->failed_n++] = id;
	}
	t->failed_set = true;
}

void
vs_doc_case(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t)
{
	const struct vs_yaml *v;

	t->line = y->line;
	t->col = y->col;
	t->now_ms = d->p->has_not_before ? d->p->not_before_ms : default_now_ms;
	(void)vs_doc_str(d, vs_yaml_get(y, "name"), "name", &t->name);
	if ((v = vs_yaml_get(y, "claims")) != NULL)
		read_given(d, v, t);
	if ((v = vs_yaml_get(y, "now")) != NULL)
		(void)vs_doc_time(d, v, "now", &t->now_ms);
	if ((v = vs_yaml_get(y, "failed")) != NULL)
		read_failed(d, v, t);
	if ((v = vs_yaml_get(y, "lists")) != NULL)
		vs_doc_test_lists(d, v, t);
}

static void
read_test(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	static const char *const names[] = {
	    "name", "claims", "expect", NULL, "now", "failed", "lists"};
	static const char *const verdicts[] = {"deny", "allow"};
	struct vs_pol_test *t = &d->p->tests[d->p->tests_n];
	size_t verdict;

	if (!vs_doc_keys(d, y, "a test", names, VS_COUNT(names)))
		return;
	vs_doc_case(d, y, t);
	if (vs_doc_enum(
		d, vs_yaml_get(y, "expect"), "expect", verdicts, 2, &verdict))
		t->allow = verdict == 1;
	if (t->name != NULL)
		d->p->tests_n++;
	else
		vs_lists_free(&t->lists);
}

void
vs_doc_tests(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "tests"))
		return;
	if (y->n > VS_POL_TESTS_MAX) {
		vs_doc_bad(d, y, "more than %d tests", VS_POL_TESTS_MAX);
		return;
	}
	d->p->tests = vs_doc_calloc(d, y->n, sizeof(*d->p->tests));
	if (d->p->tests == NULL)
		return;
	for (size_t i = 0; i < y->n; i++)
		read_test(d, y->v[i]);
}
