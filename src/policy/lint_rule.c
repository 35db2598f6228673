/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that say nothing new, and expressions that let more through than
 * they seem to. */
#include "policy/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/record.h"
#include "policy/unparse.h"

const struct vs_cel_node *
vs_lint_behind(const struct vs_pol_doc *d, const struct vs_cel_node *n)
{
	while (n->op == VS_OP_LET)
		n = d->p->lets[n->id].code;
	return n;
}

static void
each(const struct vs_lint_at *at, const struct vs_cel_node *n, vs_lint_node fn,
    void *ctx)
{
	fn(at, n, ctx);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			each(at, n->kid[i], fn, ctx);
	}
}

void
vs_lint_each(struct vs_pol_doc *d, vs_lint_node fn, void *ctx)
{
	const struct vs_policy *p = d->p;

	for (size_t i = 0; i < p->lets_n; i++)
		each(&(struct vs_lint_at){d, p->lets[i].yaml, NULL},
		    p->lets[i].code, fn, ctx);
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_pol_rule *r = &p->rules[i];

		if (r->when != NULL)
			each(&(struct vs_lint_at){d, r->yaml_when, r}, r->when,
			    fn, ctx);
		each(&(struct vs_lint_at){d, r->yaml_assert, r}, r->assert_code,
		    fn, ctx);
	}
}

void
vs_lint_warn(const struct vs_lint_at *at, const struct vs_cel_node *n,
    const char *code, const char *fmt, ...)
{
	char text[256];
	int line, col;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	vs_doc_position(at->d, at->yaml, n->pos, &line, &col);
	vs_report_warn(at->d->report, code, line, col, "%s", text);
}

/* ---- W_SUBSUMED ---------------------------------------------------------- */

/* Alike but for blanks, parentheses and comments. */
static bool
same(const struct vs_cel_node *a, const struct vs_cel_node *b)
{
	return a == NULL || b == NULL ? a == b : vs_cel_same_tree(a, b);
}

static void
lint_subsumed(struct vs_pol_doc *d)
{
	const struct vs_policy *p = d->p;

	for (size_t i = 0; i < p->rules_n; i++) {
		for (size_t k = 0; k < p->rules_n; k++) {
			const struct vs_pol_rule *a = &p->rules[i];
			const struct vs_pol_rule *b = &p->rules[k];

			/* b demands it always, or in the same cases. */
			if (i == k || b->warn ||
			    !same(a->assert_code, b->assert_code) ||
			    (b->when != NULL && !same(a->when, b->when)))
				continue;
			if (i < k && same(a->when, b->when) &&
			    a->warn == b->warn)
				continue;
			vs_report_warn(d->report, "W_SUBSUMED", a->line, a->col,
			    "rule \"%s\" says nothing that rule \"%s\" of line "
			    "%d does not say",
			    a->id, b->id, b->line);
			break;
		}
	}
}

/* ---- W_OR_ERROR ---------------------------------------------------------- */

static bool
asks_for(const struct vs_cel_node *n, struct vs_span path)
{
	if (n->op == VS_OP_HAS_CLAIM || n->op == VS_OP_HAS_RECORD) {
		if (vs_span_starts(path, n->name) &&
		    (path.n == n->name.n || path.p[n->name.n] == '.'))
			return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && asks_for(n->kid[i], path))
			return true;
	}
	return false;
}

struct or_walk {
	const struct vs_lint_at *at;
	const struct vs_cel_node *whole;
};

static bool
may_be_absent(const struct vs_cel_node *n, const char **path)
{
	const struct vs_claim_def *def;

	if (n->op != VS_OP_CLAIM)
		return false;
	def = vs_claim_def((vs_claim_id)n->id);
	*path = def->path;
	/* The broker always sets key.*. */
	return (def->flags & VS_CLAIM_OPT) != 0 &&
	    strncmp(def->path, "key.", 4) != 0;
}

/* One report an ||: the first claim that nobody asks for. */
static bool
find_unasked(const struct or_walk *w, const struct vs_cel_node *n)
{
	const struct vs_pol_rule *r = w->at->rule;
	const char *path;

	if (may_be_absent(n, &path) &&
	    !asks_for(w->whole, vs_span_cstr(path)) &&
	    (r == NULL || r->when == NULL ||
		!asks_for(r->when, vs_span_cstr(path)))) {
		vs_lint_warn(w->at, n, "W_OR_ERROR",
		    "|| hides it when %s is absent: the other side decides "
		    "then",
		    path);
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && find_unasked(w, n->kid[i]))
			return true;
	}
	return false;
}

static void
lint_or(const struct vs_lint_at *at, const struct vs_cel_node *n,
    const struct vs_cel_node *whole)
{
	struct or_walk w = {at, whole};

	if (n->op == VS_OP_OR) {
		(void)find_unasked(&w, n);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			lint_or(at, n->kid[i], whole);
	}
}

static void
lint_ors(struct vs_pol_doc *d)
{
	const struct vs_policy *p = d->p;

	for (size_t i = 0; i < p->lets_n; i++)
		lint_or(&(struct vs_lint_at){d, p->lets[i].yaml, NULL},
		    p->lets[i].code, p->lets[i].code);
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_pol_rule *r = &p->rules[i];

		lint_or(&(struct vs_lint_at){d, r->yaml_assert, r},
		    r->assert_code, r->assert_code);
		if (r->when != NULL)
			lint_or(&(struct vs_lint_at){d, r->yaml_when, r},
			    r->when, r->when);
	}
}

/* ---- W_REGEX_UNANCHORED, W_REVOKED --------------------------------------- */

static bool
anchored(struct vs_span re)
{
	for (size_t i = 0; i < re.n; i++) {
		if (re.p[i] == '^' || re.p[i] == '$' ||
		    (re.p[i] == '\\' && i + 1 < re.n &&
			(re.p[i + 1] == 'A' || re.p[i + 1] == 'z')))
			return true;
	}
	return false;
}

static void
lint_regex(const struct vs_lint_at *at, const struct vs_cel_node *n, void *ctx)
{
	const struct vs_cel_node *last;

	(void)ctx;
	if (n->op != VS_OP_CALL || n->n != 2 || !vs_span_is(n->name, "matches"))
		return;
	last = n->kid[1];
	if (last->op == VS_OP_LIT && last->val.kind == VS_KIND_STRING &&
	    !anchored(vs_val_span(last->val)))
		vs_lint_warn(at, last, "W_REGEX_UNANCHORED",
		    "the pattern matches anywhere in the text: begin it with "
		    "^ and end it with $");
}

struct registries {
	bool revoked; /* somebody asks */
	bool told[VS_POL_LISTS_MAX];
};

static void
find_revoked(
    const struct vs_lint_at *at, const struct vs_cel_node *n, void *ctx)
{
	struct registries *r = ctx;

	(void)at;
	if (n->op == VS_OP_SELECT && n->kid[0]->type != NULL &&
	    n->kid[0]->type->kind == VS_KIND_RECORD &&
	    n->kid[0]->type->record == &vs_registry_entry &&
	    n->id == VS_REG_REVOKED)
		r->revoked = true;
}

static void
lint_registry(
    const struct vs_lint_at *at, const struct vs_cel_node *n, void *ctx)
{
	struct registries *r = ctx;

	if (n->op != VS_OP_LISTED || !at->d->p->lists[n->id].registry ||
	    r->revoked || r->told[n->id])
		return;
	r->told[n->id] = true;
	vs_lint_warn(at, n, "W_REVOKED",
	    "a revoked entry is in the registry still: ask for "
	    "registry.%s[...].revoked",
	    at->d->p->lists[n->id].name);
}

void
vs_lint_rules(struct vs_pol_doc *d)
{
	struct registries r = {0};

	lint_subsumed(d);
	lint_ors(d);
	vs_lint_each(d, lint_regex, NULL);
	vs_lint_each(d, find_revoked, &r);
	vs_lint_each(d, lint_registry, &r);
}
