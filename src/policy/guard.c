/* SPDX-License-Identifier: Apache-2.0 */
/* W_UNGUARDED: a claim, or a field of a record, that may be absent, read where
 * no has() vouches for it. It is absent: the rule fails with an error, or ||
 * hides that. */
#include <string.h>

#include "policy/document.h"
#include "policy/record.h"
#include "policy/unparse.h"

enum { GUARDS_MAX = 64 };

struct walk {
	struct vs_pol_doc *d;
	const struct vs_pol_rule *rule;
	const struct vs_yaml *yaml; /* of the expression that is walked */
	struct vs_span guard[GUARDS_MAX];
	size_t n;
	const struct vs_cel_node *field[GUARDS_MAX]; /* has() of records */
	size_t fields;
	bool told[VS_CLAIM_COUNT];
	const struct vs_cel_node *told_field[GUARDS_MAX];
	size_t told_fields;
	bool seen[VS_POL_NAMES_MAX]; /* lets; each is walked once */
};

static void walk(struct walk *w, const struct vs_cel_node *n);

static void
push(struct walk *w, struct vs_span path)
{
	if (w->n < GUARDS_MAX)
		w->guard[w->n++] = path;
}

/* What is present when n is true, or when it is false. */
static void
push_implied(struct walk *w, const struct vs_cel_node *n, bool when_true)
{
	switch (n->op) {
	case VS_OP_HAS_CLAIM:
	case VS_OP_HAS_RECORD:
		if (when_true)
			push(w, n->name);
		return;
	case VS_OP_HAS:
		if (when_true && w->fields < GUARDS_MAX)
			w->field[w->fields++] = n;
		return;
	case VS_OP_LET:
		push_implied(w, w->d->p->lets[n->id].code, when_true);
		return;
	case VS_OP_NOT:
		push_implied(w, n->kid[0], !when_true);
		return;
	case VS_OP_AND:
	case VS_OP_OR:
		if (when_true == (n->op == VS_OP_AND)) {
			for (size_t i = 0; i < n->n; i++)
				push_implied(w, n->kid[i], when_true);
		}
		return;
	default:
		return;
	}
}

static bool
guarded(const struct walk *w, struct vs_span path)
{
	for (size_t i = 0; i < w->n; i++) {
		struct vs_span g = w->guard[i];

		if (vs_span_starts(path, g) &&
		    (path.n == g.n || path.p[g.n] == '.'))
			return true;
	}
	return false;
}

static void
read_claim(struct walk *w, const struct vs_cel_node *n)
{
	const struct vs_claim_def *def = vs_claim_def((vs_claim_id)n->id);
	int line, col;

	/* The broker always sets key.*. */
	if ((def->flags & VS_CLAIM_OPT) == 0 || w->told[n->id] ||
	    strncmp(def->path, "key.", 4) == 0 ||
	    guarded(w, vs_span_cstr(def->path)))
		return;
	w->told[n->id] = true;
	vs_doc_position(w->d, w->yaml, n->pos, &line, &col);
	vs_report_warn(w->d->report, "W_UNGUARDED", line, col,
	    "rule \"%s\": %s may be absent: write has(%s) && ...", w->rule->id,
	    def->path, def->path);
}

/* The record that a node selects a field of, or NULL. */
static const struct vs_cel_record *
record_of(const struct vs_cel_node *n)
{
	const struct vs_cel_type *t = n->kid[0]->type;

	return t != NULL && t->kind == VS_KIND_RECORD ? t->record : NULL;
}

/* Variables are the same by their slot: names can be shadowed. */
static bool
same_record(const struct vs_cel_node *a, const struct vs_cel_node *b)
{
	if (a->op == VS_OP_LOCAL && b->op == VS_OP_LOCAL)
		return a->id == b->id;
	return vs_cel_same_tree(a, b);
}

static bool
field_guarded(const struct walk *w, const struct vs_cel_node *n)
{
	for (size_t i = 0; i < w->fields; i++) {
		if (w->field[i]->id == n->id &&
		    same_record(w->field[i]->kid[0], n->kid[0]))
			return true;
	}
	return false;
}

/* Once for each field, whatever record it is of. */
static bool
field_told(struct walk *w, const struct vs_cel_node *n)
{
	for (size_t i = 0; i < w->told_fields; i++) {
		if (w->told_field[i]->id == n->id &&
		    record_of(w->told_field[i]) == record_of(n))
			return true;
	}
	if (w->told_fields < GUARDS_MAX)
		w->told_field[w->told_fields++] = n;
	return false;
}

static void
read_field(struct walk *w, const struct vs_cel_node *n)
{
	const struct vs_cel_record *r = record_of(n);
	struct vs_buf text = {0};
	int line, col;

	if (r == NULL || !r->field[n->id].optional || field_guarded(w, n) ||
	    field_told(w, n))
		return;
	vs_cel_unparse(n, &text);
	vs_doc_position(w->d, w->yaml, n->pos, &line, &col);
	vs_report_warn(w->d->report, "W_UNGUARDED", line, col,
	    "rule \"%s\": %.60s may be absent: write has(%.60s) && ...",
	    w->rule->id, vs_buf_cstr(&text), vs_buf_cstr(&text));
	vs_buf_fini(&text);
}

/* The elements that filter() lets through have what its condition asks. */
static void
push_filtered(struct walk *w, const struct vs_cel_node *loop)
{
	const struct vs_cel_node *range = loop->kid[0];

	if (range->op == VS_OP_FILTER && range->id == loop->id)
		push_implied(w, range->kid[1], true);
}

static void
walk_let(struct walk *w, const struct vs_cel_node *n)
{
	const struct vs_yaml *yaml = w->yaml;

	if (w->seen[n->id])
		return;
	w->seen[n->id] = true;
	w->yaml = w->d->p->lets[n->id].yaml;
	walk(w, w->d->p->lets[n->id].code);
	w->yaml = yaml;
}

static void
walk_cond(struct walk *w, const struct vs_cel_node *n)
{
	size_t mark = w->n, fields = w->fields;

	walk(w, n->kid[0]);
	for (size_t i = 1; i <= 2; i++) {
		push_implied(w, n->kid[0], i == 1);
		walk(w, n->kid[i]);
		w->n = mark;
		w->fields = fields;
	}
}

static void
walk(struct walk *w, const struct vs_cel_node *n)
{
	size_t mark = w->n, fields = w->fields;

	if (n->op == VS_OP_CLAIM) {
		read_claim(w, n);
	} else if (n->op == VS_OP_LET) {
		walk_let(w, n);
	} else if (n->op == VS_OP_COND) {
		walk_cond(w, n);
	} else {
		/* && only gets to the others when each is true, || when each
		 * is false. */
		for (size_t i = 0; i < n->n; i++) {
			if (n->op == VS_OP_AND || n->op == VS_OP_OR)
				push_implied(w, n->kid[i], n->op == VS_OP_AND);
		}
		if (n->op == VS_OP_SELECT)
			read_field(w, n);
		if (n->op >= VS_OP_ALL)
			push_filtered(w, n);
		for (size_t i = 0; i < n->n; i++) {
			if (n->kid[i] != NULL)
				walk(w, n->kid[i]);
		}
		w->n = mark;
		w->fields = fields;
	}
}

void
vs_doc_lint_guards(struct vs_pol_doc *d, const struct vs_pol_rule *rule)
{
	struct walk w = {.d = d, .rule = rule};

	if (rule->when != NULL) {
		w.yaml = rule->yaml_when;
		walk(&w, rule->when);
		push_implied(&w, rule->when, true);
	}
	w.yaml = rule->yaml_assert;
	walk(&w, rule->assert_code);
}
