/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trace mode: an evaluation that is watched. It answers what the fast one
 * answers, at the same metered cost, and besides evaluates what that one
 * would have left out: every operand of && and ||, every element of all()
 * and exists(). Those extras have a meter and an arena of their own; they
 * can fail or run over without touching the answer.
 */
#ifndef VS_POLICY_TRACE_H
#define VS_POLICY_TRACE_H

#include "policy/ast.h"
#include "policy/eval.h"

/*
 * The observer: enter before a node is evaluated, leave with its value, so
 * that calls nest as the evaluation does. Operands that errors make
 * unnecessary (the right side of an == whose left side failed) and the
 * branch of ?: that is not taken are never entered. A let is evaluated
 * where it is first read; extras evaluate it again.
 */
struct vs_cel_trace {
	void *ctx;
	void (*enter)(void *ctx, const struct vs_cel_node *n);
	void (*leave)(
	    void *ctx, const struct vs_cel_node *n, struct vs_val value);
	struct vs_arena *arena; /* of the extras */
	uint64_t left;          /* units that the extras may still use */
	bool cut;               /* they needed more: some are missing */
	bool extra;             /* inside of one now */
};

/* vs_cel_eval of a traced run. */
struct vs_val vs_cel_traced(
    struct vs_cel_run *run, const struct vs_cel_node *node);
/* Evaluates for the observer alone; without a trace does nothing. */
void vs_cel_extra(struct vs_cel_run *run, const struct vs_cel_node *node);

/* One evaluation as a tree: what was called from where, and its value. In
 * the order of evaluation. */
struct vs_seen {
	const struct vs_cel_node *node;
	struct vs_val val;
	const struct vs_seen *first; /* what it evaluated itself */
	const struct vs_seen *next;  /* what came after it, beside it */
};

enum {
	VS_SEEN_MAX = 65536, /* nodes of one tree */
	VS_TRACE_ARENA = 16 * 1024 * 1024,
};

struct vs_seen_tree {
	struct vs_arena *arena;
	size_t n;
	bool cut; /* the tree is not whole */
	struct vs_seen root;
	struct vs_seen *open[VS_CEL_DEPTH_MAX + 2]; /* being evaluated */
	struct vs_seen *last[VS_CEL_DEPTH_MAX + 2]; /* child of each */
	size_t depth;
};

/* Evaluates node with run->trace set to record into the tree (in the arena
 * of it), and gives the answer. tree->root.first is the node's. */
struct vs_val vs_cel_record(struct vs_cel_run *run,
    const struct vs_cel_node *node, struct vs_arena *arena,
    struct vs_seen_tree *tree);

#endif
