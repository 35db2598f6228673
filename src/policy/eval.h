/* SPDX-License-Identifier: Apache-2.0 */
/* One evaluation: its inputs, its arena and its meter. */
#ifndef VS_POLICY_EVAL_H
#define VS_POLICY_EVAL_H

#include "base/arena.h"
#include "claims/claims.h"
#include "policy/value.h"

struct vs_cel_node;
struct vs_regex_work;
struct vs_cel_trace;
struct vs_list;

/* Depth of comprehensions, and local variables that are visible at once. */
enum { VS_CEL_NEST_MAX = 4, VS_CEL_LOCALS_MAX = 16 };

/* Strings and lists that an evaluation may build. */
enum { VS_CEL_STR_MAX = 64 * 1024, VS_CEL_ITEMS_MAX = 4096 };

/* One unit is one node evaluated or 16 octets touched. */
enum { VS_CEL_RULE_COST = 100000, VS_CEL_POLICY_COST = 1000000 };

/* A named sub-expression: evaluated when first read, then remembered. */
struct vs_cel_let {
	bool done;
	struct vs_val val;
};

struct vs_cel_run {
	const struct vs_claims *claims;
	struct vs_val now;
	const struct vs_val *vars; /* by slot; for tests */
	const struct vs_cel_node *const *let_code;
	struct vs_cel_let *lets;
	const struct vs_list *const *lists; /* by number; NULL: unavailable */
	struct vs_arena *arena;
	struct vs_val gpus; /* once they are read */
	uint64_t cost;
	uint64_t limit;
	struct vs_cel_trace *trace;  /* NULL: fast mode */
	struct vs_regex_work *regex; /* of matches(), from regex_arena */
	const struct vs_arena *regex_arena;
	struct vs_val local[VS_CEL_LOCALS_MAX];
	/* By slot: what a cel.bind will be, until it is read; else NULL. */
	const struct vs_cel_node *thunk[VS_CEL_LOCALS_MAX];
};

static inline void
vs_cel_charge(struct vs_cel_run *run, uint64_t units)
{
	run->cost += units;
}

static inline void
vs_cel_charge_octets(struct vs_cel_run *run, size_t n)
{
	run->cost += (n + 15) / 16;
}

static inline bool
vs_cel_over(const struct vs_cel_run *run)
{
	return run->cost > run->limit;
}

/*
 * The value of an expression. Kinds are tested even where the checker proved
 * them. Once vs_cel_over the value means nothing: vs_cel_answer looks.
 */
struct vs_val vs_cel_eval(
    struct vs_cel_run *run, const struct vs_cel_node *node);
/* vs_cel_eval of one node, without its charge and its observer. */
struct vs_val vs_cel_step(
    struct vs_cel_run *run, const struct vs_cel_node *node);
/* The value, or a fatal error when the meter ran over. */
struct vs_val vs_cel_answer(
    struct vs_cel_run *run, const struct vs_cel_node *node);

/* eval_names.c: parts of vs_cel_eval. A let or a cel.bind is evaluated when
 * it is first read, and its value kept. */
struct vs_val vs_cel_let_value(
    struct vs_cel_run *run, const struct vs_cel_node *node);
struct vs_val vs_cel_bind(
    struct vs_cel_run *run, const struct vs_cel_node *node);
struct vs_val vs_cel_bound_value(
    struct vs_cel_run *run, const struct vs_cel_node *node);

/* A comprehension; part of vs_cel_eval. */
struct vs_val vs_cel_loop(
    struct vs_cel_run *run, const struct vs_cel_node *node);

/*
 * eval_lists.c. A list or registry of the snapshot as a value of its own:
 * what has expired is left out, and more than VS_LIST_WALK_MAX are too many
 * to walk through.
 */
struct vs_val vs_cel_listed(
    struct vs_cel_run *run, const struct vs_cel_node *node);
/* The right side of `in`, and the left side of [] and of a field. */
struct vs_val vs_cel_container(
    struct vs_cel_run *run, const struct vs_cel_node *node);
/* What container (the value of node by vs_cel_container) has under a key;
 * for a list the element that is equal. NULL: nothing. */
const struct vs_val *vs_cel_member(struct vs_cel_run *run,
    const struct vs_cel_node *node, struct vs_val container, struct vs_val key);

/* n octets or elements from the arena; NULL when over the caps above. */
uint8_t *vs_cel_octets(struct vs_cel_run *run, size_t n);
struct vs_val *vs_cel_items(struct vs_cel_run *run, size_t n);

#endif
