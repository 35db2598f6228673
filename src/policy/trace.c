/* SPDX-License-Identifier: Apache-2.0 */
/* Trace mode, and the tree that it records. */
#include "policy/trace.h"

struct vs_val
vs_cel_traced(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_cel_trace *t = run->trace;
	struct vs_val v;

	t->enter(t->ctx, n);
	v = vs_cel_step(run, n);
	t->leave(t->ctx, n, v);
	return v;
}

void
vs_cel_extra(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_cel_trace *t = run->trace;
	struct vs_arena *arena = run->arena;
	uint64_t cost = run->cost, limit = run->limit;

	if (t == NULL)
		return;
	if (t->extra) { /* on the meter of the extras already */
		(void)vs_cel_eval(run, n);
		return;
	}
	run->arena = t->arena;
	run->cost = 0;
	run->limit = t->left;
	t->extra = true;
	(void)vs_cel_eval(run, n);
	t->extra = false;
	t->cut = t->cut || run->cost > run->limit;
	t->left = run->cost < t->left ? t->left - run->cost : 0;
	run->arena = arena;
	run->cost = cost;
	run->limit = limit;
}

static void
enter(void *ctx, const struct vs_cel_node *n)
{
	struct vs_seen_tree *t = ctx;
	struct vs_seen *seen = NULL;
	size_t d = t->depth;

	/* Where the parent is missing, its children are: d counts them so
	 * that leave finds its own. */
	t->depth++;
	if (d >= VS_COUNT(t->open) || t->open[d - 1] == NULL ||
	    t->n >= VS_SEEN_MAX)
		seen = NULL;
	else
		seen = vs_arena_alloc(t->arena, sizeof(*seen));
	if (d < VS_COUNT(t->open)) {
		t->open[d] = seen;
		t->last[d] = NULL;
	}
	if (seen == NULL) {
		t->cut = true;
		return;
	}
	t->n++;
	seen->node = n;
	if (t->last[d - 1] != NULL)
		t->last[d - 1]->next = seen;
	else
		t->open[d - 1]->first = seen;
	t->last[d - 1] = seen;
}

static void
leave(void *ctx, const struct vs_cel_node *n, struct vs_val value)
{
	struct vs_seen_tree *t = ctx;

	(void)n;
	t->depth--;
	if (t->depth < VS_COUNT(t->open) && t->open[t->depth] != NULL)
		t->open[t->depth]->val = value;
}

struct vs_val
vs_cel_record(struct vs_cel_run *run, const struct vs_cel_node *node,
    struct vs_arena *arena, struct vs_seen_tree *tree)
{
	struct vs_cel_trace trace = {.ctx = tree,
	    .enter = enter,
	    .leave = leave,
	    .arena = arena,
	    .left = VS_CEL_POLICY_COST};
	struct vs_val v;

	tree->arena = arena;
	tree->n = 0;
	tree->cut = false;
	tree->root = (struct vs_seen){.node = node};
	tree->open[0] = &tree->root;
	tree->last[0] = NULL;
	tree->depth = 1;
	run->trace = &trace;
	v = vs_cel_answer(run, node);
	run->trace = NULL;
	tree->cut = tree->cut || trace.cut;
	return v;
}
