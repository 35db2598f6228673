/* SPDX-License-Identifier: Apache-2.0 */
/* all(), exists() and exists_one(): the elements that decided, or came near. */
#include "policy/explain_int.h"

/* True operands of a predicate, to choose the element that came nearest. */
static size_t
score(const struct vs_seen *s)
{
	size_t n = 0;

	if (s->node->op != VS_OP_AND)
		return 0;
	for (const struct vs_seen *k = s->first; k != NULL; k = k->next)
		n += vs_val_is_true(k->val);
	return n;
}

/* A record has no text of its own: "gpus[5]" says which one it is. */
static void
name_record(struct vs_why_walk *w, struct vs_why *y,
    const struct vs_cel_node *loop, struct vs_span name, size_t i)
{
	struct vs_span list = vs_why_source(w, loop->kid[0]);

	if (y->operands_n < VS_WHY_OPERANDS_MAX)
		y->operands[y->operands_n++] =
		    (struct vs_why_operand){.source = name,
			.value = vs_arena_printf(
			    w->job->arena, "%.*s[%zu]", VS_SPAN_ARG(list), i)};
}

static void
tell_element(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *loop, const struct vs_seen *e, size_t i)
{
	const struct vs_cel_node *n = loop->node;
	struct vs_val range = loop->first->val;
	struct vs_why *y = vs_why_add(w, list, e, VS_WHY_ELEMENT);
	struct vs_span name = n->name2.n > 0 ? n->name2 : n->name;

	if (y == NULL)
		return;
	y->index = i;
	if (i < range.n && range.kind == VS_KIND_MAP) {
		vs_why_operand(
		    w, y, n->name, range.u.v[2 * i], w->hidden_local[n->id]);
		if (n->name2.n > 0)
			vs_why_operand(w, y, n->name2, range.u.v[2 * i + 1],
			    w->hidden_local[n->id]);
	} else if (i < range.n && range.u.v[i].kind == VS_KIND_RECORD) {
		name_record(w, y, n, name, i);
	} else if (i < range.n) {
		vs_why_operand(
		    w, y, name, range.u.v[i], w->hidden_local[n->id]);
	}
	y->kids = vs_why_told(w, e, true);
}

/* The elements that decided: those that fail all(), that hold for exists(). */
static void
tell_deciding(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s,
    bool wanted)
{
	struct vs_why_list kids = {NULL, NULL};
	size_t i = 0, n = 0;

	for (const struct vs_seen *e = s->first->next; e != NULL;
	     e = e->next, i++) {
		if (vs_val_is_true(e->val) != wanted)
			continue;
		if (n++ < VS_WHY_ELEMENTS_MAX)
			tell_element(w, &kids, s, e, i);
	}
	y->kids = kids.first;
	vs_why_note(y,
	    vs_arena_printf(w->job->arena, "%zu of %u elements %s", n,
		(unsigned)s->first->val.n, wanted ? "match" : "fail"));
}

/* Nothing matched: the one for which most was true. */
static void
tell_nearest(struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s)
{
	struct vs_why_list kids = {NULL, NULL};
	const struct vs_seen *best = s->first->next;
	size_t i = 0, at = 0;

	vs_why_note(y,
	    vs_arena_printf(w->job->arena, "0 of %u elements match",
		(unsigned)s->first->val.n));
	if (best == NULL)
		return;
	for (const struct vs_seen *e = best; e != NULL; e = e->next, i++) {
		if (score(e) > score(best)) {
			best = e;
			at = i;
		}
	}
	tell_element(w, &kids, s, best, at);
	y->kids = kids.first;
}

void
vs_why_loop(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s)
{
	static const char *const names[] = {"all", "exists", "exists_one"};
	const struct vs_cel_node *n = s->node;
	struct vs_why *y = vs_why_add(w, list, s, vs_why_outcome(s->val));
	bool all = n->op == VS_OP_ALL, is_true = vs_val_is_true(s->val);

	if (y == NULL)
		return;
	y->op = names[n->op - VS_OP_ALL];
	w->hidden_local[n->id] = vs_why_hidden(w, n->kid[0]);
	if (n->name2.n > 0)
		w->hidden_local[n->id + 1] = w->hidden_local[n->id];
	vs_why_operand(w, y, vs_why_source(w, n->kid[0]), s->first->val,
	    w->hidden_local[n->id]);
	if (s->first->val.n == 0)
		vs_why_note(y, "there are no elements");
	else if (all && is_true)
		vs_why_note(y, "every element matches");
	else if (all || (vs_val_is_error(s->val) && n->op != VS_OP_EXISTS))
		tell_deciding(w, y, s, false);
	else if (is_true || n->op == VS_OP_ONE)
		tell_deciding(w, y, s, true);
	else
		tell_nearest(w, y, s);
}
