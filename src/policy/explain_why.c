/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the trace of a rule that failed to the smallest set of its operands
 * that made it fail.
 */
#include <string.h>

#include "policy/explain.h"
#include "policy/explain_int.h"
#include "policy/trace.h"

const char *
vs_why_what_name(vs_why_what w)
{
	static const char *const names[] = {[VS_WHY_FALSE] = "false",
	    [VS_WHY_TRUE] = "true",
	    [VS_WHY_ERROR] = "error",
	    [VS_WHY_GUARDED] = "guarded",
	    [VS_WHY_ELEMENT] = "element"};

	return names[w];
}

/* More is no explanation any more. */
enum { WHYS_MAX = 512 };

vs_why_what
vs_why_outcome(struct vs_val v)
{
	if (v.kind != VS_KIND_BOOL)
		return VS_WHY_ERROR;
	return v.u.b ? VS_WHY_TRUE : VS_WHY_FALSE;
}

struct vs_span
vs_why_source(const struct vs_why_walk *w, const struct vs_cel_node *n)
{
	return vs_span_slice(w->yaml->text, n->pos, n->end - n->pos);
}

struct vs_why *
vs_why_add(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *s, vs_why_what what)
{
	struct vs_pol_doc doc = {.text = w->job->p->text};
	struct vs_why *y = NULL;

	if (w->n < WHYS_MAX)
		y = vs_arena_alloc(w->job->arena, sizeof(*y));
	if (y == NULL) {
		w->cut = true;
		return NULL;
	}
	w->n++;
	y->what = what;
	y->source = vs_why_source(w, s->node);
	vs_doc_position(&doc, w->yaml, s->node->pos, &y->line, &y->col);
	if (vs_val_is_error(s->val))
		y->error = vs_cel_error_name((vs_cel_error)s->val.error);
	if (list->last != NULL)
		list->last->next = y;
	else
		list->first = y;
	list->last = y;
	return y;
}

void
vs_why_note(struct vs_why *y, const char *note)
{
	if (note != NULL && y->notes_n < VS_WHY_NOTES_MAX)
		y->notes[y->notes_n++] = note;
}

static void tell(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *s, bool flat);

const struct vs_why *
vs_why_told(struct vs_why_walk *w, const struct vs_seen *s, bool flat)
{
	struct vs_why_list kids = {NULL, NULL};

	tell(w, &kids, s, flat);
	return kids.first;
}

/* Whether an operand of && or || that came to v has a part in the result. */
static bool
has_part(int op, struct vs_val result, struct vs_val v)
{
	bool is_true = vs_val_is_true(v);

	if (vs_val_is_true(result))
		return op == VS_OP_AND || is_true;
	if (result.kind == VS_KIND_BOOL)
		return op == VS_OP_OR || v.kind == VS_KIND_BOOL ? !is_true
								: false;
	return op == VS_OP_OR ? !is_true : vs_val_is_error(v);
}

static void
tell_logic(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *s, bool flat)
{
	bool one_of_many = (s->node->op == VS_OP_OR) != vs_val_is_true(s->val);
	struct vs_why_list kids = {NULL, NULL}, *into = list;
	struct vs_why *y = NULL;

	/* "All of these" can stand beside what surrounds them, "none of
	 * these" cannot. */
	if (!flat || one_of_many) {
		y = vs_why_add(w, list, s, vs_why_outcome(s->val));
		if (y == NULL)
			return;
		y->op = vs_op_text((vs_op)s->node->op);
		into = &kids;
	}
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next) {
		if (has_part(s->node->op, s->val, k->val))
			tell(w, into, k, y == NULL);
		else if (vs_val_is_error(k->val) && s->node->op == VS_OP_AND)
			(void)vs_why_add(w, into, k, VS_WHY_GUARDED);
	}
	if (y != NULL)
		y->kids = kids.first;
}

static void
tell_let(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s)
{
	const struct vs_seen *code =
	    s->first != NULL ? s->first : w->let[s->node->id];
	const struct vs_yaml *yaml = w->yaml;
	struct vs_why *y = vs_why_add(w, list, s, vs_why_outcome(s->val));

	if (y == NULL || code == NULL)
		return;
	w->yaml = w->job->p->lets[s->node->id].yaml;
	y->kids = vs_why_told(w, code, true);
	w->yaml = yaml;
}

/* Where the variable of a cel.bind is read first, it is evaluated. */
static void
tell_bound(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s)
{
	struct vs_why *y = vs_why_add(w, list, s, vs_why_outcome(s->val));

	if (y != NULL)
		y->kids = vs_why_told(w, s->first, true);
}

static void
tell_bind(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *s, bool flat)
{
	const struct vs_cel_node *n = s->node;

	w->hidden_local[n->id] = vs_why_hidden(w, n->kid[0]);
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next) {
		if (k->node == n->kid[1])
			tell(w, list, k, flat);
	}
}

static void
tell_cond(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s)
{
	struct vs_why *y = vs_why_add(w, list, s, vs_why_outcome(s->val));
	struct vs_why_list kids = {NULL, NULL};

	if (y == NULL)
		return;
	y->op = "?:";
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next)
		tell(w, &kids, k, false);
	y->kids = kids.first;
}

/* The operand that an error comes from, or NULL when it is born here. */
static const struct vs_seen *
origin(const struct vs_seen *s)
{
	if (!vs_val_is_error(s->val))
		return NULL;
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next) {
		if (vs_val_is_error(k->val))
			return k;
	}
	return NULL;
}

static void
tell_leaf(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s)
{
	struct vs_why *y = vs_why_add(w, list, s, vs_why_outcome(s->val));

	if (y == NULL)
		return;
	if (s->node->op == VS_OP_CALL)
		y->op = vs_arena_cstr(w->job->arena, s->node->name);
	else if (s->node->op >= VS_OP_EQ && s->node->op <= VS_OP_IN)
		y->op = vs_op_text((vs_op)s->node->op);
	vs_why_values(w, y, s);
	vs_why_near(w, y, s);
}

static bool
is_loop(const struct vs_seen *s)
{
	return s->node->op >= VS_OP_ALL && s->node->op <= VS_OP_ONE;
}

/* Depth: that of the trace, which is that of the expression. */
static void
tell(struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s,
    bool flat)
{
	int op = s->node->op;
	bool range_failed =
	    is_loop(s) && (s->first == NULL || vs_val_is_error(s->first->val));

	if (op == VS_OP_AND || op == VS_OP_OR)
		tell_logic(w, list, s, flat);
	else if (is_loop(s) && !range_failed)
		vs_why_loop(w, list, s);
	else if (op == VS_OP_LET)
		tell_let(w, list, s);
	else if (op == VS_OP_BIND)
		tell_bind(w, list, s, flat);
	else if (op == VS_OP_BOUND && s->first != NULL)
		tell_bound(w, list, s);
	else if (op == VS_OP_NOT && s->first != NULL)
		tell(w, list, s->first, flat);
	else if (op == VS_OP_COND && origin(s) == NULL)
		tell_cond(w, list, s);
	else if (origin(s) != NULL)
		tell(w, list, origin(s), flat);
	else
		tell_leaf(w, list, s);
}

/* A let is traced where it is read first; others point there. */
static void
find_lets(struct vs_why_walk *w, const struct vs_seen *s)
{
	for (; s != NULL; s = s->next) {
		if (s->node->op == VS_OP_LET && s->first != NULL &&
		    w->let[s->node->id] == NULL)
			w->let[s->node->id] = s->first;
		find_lets(w, s->first);
	}
}

static bool
trace(const struct vs_why_job *j, struct vs_cel_run *run,
    const struct vs_cel_node *code, struct vs_seen_tree **out)
{
	struct vs_seen_tree *t = vs_arena_alloc(j->scratch, sizeof(*t));

	if (t == NULL)
		return false;
	(void)vs_cel_record(run, code, j->scratch, t);
	*out = t;
	return true;
}

vs_status
vs_why_rule(const struct vs_why_job *j, struct vs_explained_rule *out,
    struct vs_err *err)
{
	struct vs_why_walk *w = vs_arena_alloc(j->scratch, sizeof(*w));
	struct vs_seen_tree *when = NULL, *tree = NULL;
	struct vs_why_list list = {NULL, NULL};
	struct vs_cel_run run;

	if (w == NULL ||
	    !vs_pol_start(j->p, j->q->lists, j->q->claims, j->q->now_ms,
		j->scratch, &run))
		return vs_fail(err, VS_NO_MEMORY, "explain: no memory");
	w->job = j;
	/* A let reads only what comes before it. */
	for (size_t i = 0; i < j->p->lets_n; i++)
		w->hidden_let[i] = vs_why_hidden(w, j->p->lets[i].code);
	/* Rules share what lets cost; here each stands for itself. */
	run.limit = VS_CEL_POLICY_COST;
	if (j->rule->when != NULL && !trace(j, &run, j->rule->when, &when))
		return vs_fail(err, VS_NO_MEMORY, "explain: no memory");
	out->in_when = when != NULL && when->root.first != NULL &&
	    vs_val_is_error(when->root.first->val);
	if (!out->in_when && !trace(j, &run, j->rule->assert_code, &tree))
		return vs_fail(err, VS_NO_MEMORY, "explain: no memory");
	if (when != NULL)
		find_lets(w, when->root.first);
	if (tree != NULL)
		find_lets(w, tree->root.first);
	else
		tree = when;
	w->yaml = out->in_when ? j->rule->yaml_when : j->rule->yaml_assert;
	if (tree->root.first != NULL)
		tell(w, &list, tree->root.first, true);
	out->why = list.first;
	out->cut = tree->cut || w->cut;
	return VS_OK;
}
