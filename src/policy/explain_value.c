/* SPDX-License-Identifier: Apache-2.0 */
/* The values behind one part of a rule, and what came near. */
#include <string.h>

#include "policy/explain_int.h"
#include "policy/gpus.h"

/* A field of a GPU says which one it is, the GPU alone does not. */
static bool
hidden_field(const struct vs_cel_node *n)
{
	const struct vs_cel_type *t = n->kid[0]->type;

	return t != NULL && t->kind == VS_KIND_RECORD &&
	    t->record == &vs_gpu_record && vs_gpu_field_sensitive(n->id);
}

bool
vs_why_hidden(const struct vs_why_walk *w, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_CLAIM)
		return (vs_claim_def((vs_claim_id)n->id)->flags &
			   VS_CLAIM_SENS) != 0;
	if (n->op == VS_OP_LOCAL || n->op == VS_OP_BOUND)
		return w->hidden_local[n->id];
	if (n->op == VS_OP_LET)
		return w->hidden_let[n->id];
	if (n->op == VS_OP_SELECT && hidden_field(n))
		return true;
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && vs_why_hidden(w, n->kid[i]))
			return true;
	}
	return false;
}

void
vs_why_operand(struct vs_why_walk *w, struct vs_why *y, struct vs_span source,
    struct vs_val v, bool hidden)
{
	struct vs_arena *a = w->job->arena;
	const char *value = hidden ? vs_why_redacted(v, a) : vs_why_show(v, a);

	/* Literals say it themselves. */
	if (value == NULL || y->operands_n == VS_WHY_OPERANDS_MAX ||
	    vs_span_is(source, value))
		return;
	for (size_t i = 0; i < y->operands_n; i++) {
		if (vs_span_equal(y->operands[i].source, source))
			return;
	}
	y->operands[y->operands_n++] =
	    (struct vs_why_operand){.source = source, .value = value};
}

static bool
is_atom(const struct vs_cel_node *n)
{
	return n->op <= VS_OP_INDEX;
}

/* An operand, and the claims inside it when it is more than one. */
static void
value(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s)
{
	const struct vs_cel_node *n = s->node;

	if (n->op == VS_OP_LIT && n->val.kind == VS_KIND_STRING &&
	    n->end - n->pos == n->val.n + 2)
		return; /* quoted in another way, but the same text */
	vs_why_operand(w, y, vs_why_source(w, n), s->val, vs_why_hidden(w, n));
	if (is_atom(n) || n->op >= VS_OP_ALL)
		return;
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next) {
		if (k->node->op != VS_OP_LIT)
			value(w, y, k);
	}
}

static bool
is_has(int op)
{
	return op == VS_OP_HAS || op == VS_OP_HAS_CLAIM ||
	    op == VS_OP_HAS_RECORD;
}

void
vs_why_values(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s)
{
	const struct vs_cel_node *n = s->node;

	if (vs_val_is_error(s->val) || is_has(n->op)) {
		for (const struct vs_seen *k = s->first; k != NULL; k = k->next)
			if (k->val.kind != VS_KIND_MAP &&
			    k->val.kind < VS_KIND_COUNT && !is_has(n->op))
				value(w, y, k);
		return;
	}
	if (is_atom(n)) {
		value(w, y, s);
		return;
	}
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next)
		value(w, y, k);
}

static const char *
absent(struct vs_why_walk *w, struct vs_span path)
{
	const struct vs_claim_value *kind =
	    vs_claims_get(w->job->q->claims, VS_CLAIM_TEE_KIND);
	struct vs_span of = kind->present ? kind->u.s : VS_SPAN_LIT("unknown");

	return vs_arena_printf(w->job->arena,
	    "%.*s is absent: evidence of kind %.*s did not bring it",
	    VS_SPAN_ARG(path), VS_SPAN_ARG(of));
}

static void
note_absent(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s)
{
	const struct vs_cel_node *n = s->node;
	bool no_field =
	    s->val.kind == VS_KIND_ERROR && s->val.error == VS_CEL_NO_FIELD;
	bool has_false = s->val.kind == VS_KIND_BOOL && !s->val.u.b;

	if ((n->op == VS_OP_CLAIM && no_field) ||
	    (n->op == VS_OP_HAS_CLAIM && has_false))
		vs_why_note(y,
		    absent(w,
			vs_span_cstr(vs_claim_def((vs_claim_id)n->id)->path)));
	else if (n->op == VS_OP_HAS_RECORD && has_false)
		vs_why_note(y, absent(w, n->name));
	else if (n->op == VS_OP_SELECT &&
	    (no_field ||
		(vs_val_is_error(s->val) && s->val.error == VS_CEL_NO_KEY)))
		vs_why_note(y,
		    vs_arena_printf(w->job->arena, "there is no \"%.*s\" here",
			VS_SPAN_ARG(n->name)));
}

/* How it is called in a note about a number, or empty. */
static struct vs_span
number_name(const struct vs_why_walk *w, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_CLAIM)
		return vs_span_cstr(vs_claim_def((vs_claim_id)n->id)->path);
	if (n->op == VS_OP_SELECT)
		return vs_why_source(w, n);
	return VS_SPAN(NULL, 0);
}

static int
turned(int op)
{
	switch (op) {
	case VS_OP_LT:
		return VS_OP_GT;
	case VS_OP_LE:
		return VS_OP_GE;
	case VS_OP_GT:
		return VS_OP_LT;
	default:
		return VS_OP_LE;
	}
}

static void
near_number(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *a,
    const struct vs_seen *b, int op)
{
	struct vs_span left = number_name(w, a->node);
	struct vs_span right = number_name(w, b->node);
	struct vs_arena *arena = w->job->arena;

	if (left.n > 0)
		vs_why_note(
		    y, vs_why_near_number(op, left, a->val, b->val, arena));
	else if (right.n > 0)
		vs_why_note(y,
		    vs_why_near_number(
			turned(op), right, b->val, a->val, arena));
}

static void
near_text(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *a,
    const struct vs_seen *b, int op)
{
	struct vs_span have = vs_val_span(a->val);
	struct vs_arena *arena = w->job->arena;

	if (a->val.kind != VS_KIND_STRING)
		return;
	if (op == VS_OP_IN)
		vs_why_note(y, vs_why_near_list(have, b->val, arena));
	else if (b->val.kind == VS_KIND_STRING)
		vs_why_note(
		    y, vs_why_near_text(have, vs_val_span(b->val), arena));
}

void
vs_why_near(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s)
{
	const struct vs_seen *a = s->first;
	const struct vs_seen *b = a != NULL ? a->next : NULL;
	int op = s->node->op;

	note_absent(w, y, s);
	/* What came near to a sensitive value gives it away. */
	if (a == NULL || b == NULL || y->what != VS_WHY_FALSE ||
	    vs_why_hidden(w, s->node))
		return;
	if (op == VS_OP_EQ || op == VS_OP_IN)
		near_text(w, y, a, b, op);
	if (op >= VS_OP_LT && op <= VS_OP_GE)
		near_number(w, y, a, b, op);
}
