/* SPDX-License-Identifier: Apache-2.0 */
/* W_UNGUARDED: a claim that may be absent, read where no has() vouches for
 * it. It is absent: the rule fails with an error, or || hides that. */
#include <string.h>

#include "policy/document.h"

enum { GUARDS_MAX = 64 };

struct walk {
	struct vs_pol_doc *d;
	const struct vs_pol_rule *rule;
	const struct vs_yaml *yaml; /* of the expression that is walked */
	struct vs_span guard[GUARDS_MAX];
	size_t n;
	bool told[VS_CLAIM_COUNT];
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
	size_t mark = w->n;

	walk(w, n->kid[0]);
	for (size_t i = 1; i <= 2; i++) {
		push_implied(w, n->kid[0], i == 1);
		walk(w, n->kid[i]);
		w->n = mark;
	}
}

static void
walk(struct walk *w, const struct vs_cel_node *n)
{
	size_t mark = w->n;

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
		for (size_t i = 0; i < n->n; i++) {
			if (n->kid[i] != NULL)
				walk(w, n->kid[i]);
		}
		w->n = mark;
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
