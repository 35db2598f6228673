/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an expression can cost at most, whatever the evidence: found at load
 * from the longest strings and lists that the schema of claims allows, in
 * the units that vs_cel_run meters. Never below what a run is charged.
 */
#ifndef VS_POLICY_COST_H
#define VS_POLICY_COST_H

#include "policy/ast.h"
#include "policy/eval.h"

/*
 * How large a value can be. Scalars have n == 0; strings and bytes at most n
 * octets; lists at most n elements, each of size elem; maps at most n pairs.
 */
struct vs_cel_size {
	uint64_t n;
	const struct vs_cel_size *key; /* of a map, else NULL */
	const struct vs_cel_size *elem;
	bool version; /* read to the end when it is compared */
};

/* More lets than this have no policy. */
enum { VS_COST_LETS_MAX = 128 };

struct vs_cel_bound {
	uint64_t cost; /* UINT64_MAX: no bound */
	const struct vs_cel_size *size;
	/* Lets that are read, also through others: one bit each. Their cost
	 * is not in `cost`, as a run pays for each of them once. */
	uint64_t lets[VS_COST_LETS_MAX / 64];
	bool listed; /* a list or registry of the snapshot, under any name */
	/* The innermost part that alone costs more than the limit, if any. */
	const struct vs_cel_node *over;
	uint64_t over_cost;
};

struct vs_cost_env {
	struct vs_arena *arena;
	const struct vs_cel_bound *lets; /* of the lets before */
	const struct vs_val *vars; /* the values of variables; may be NULL */
	uint64_t limit;            /* for `over` */
};

/* Of a resolved tree, folded or not. False without memory. */
bool vs_cel_bound(const struct vs_cost_env *env, const struct vs_cel_node *node,
    struct vs_cel_bound *out);
/* With the lets that it reads. */
uint64_t vs_cel_bound_total(
    const struct vs_cost_env *env, const struct vs_cel_bound *b);

/* The rest is shared by cost.c, cost_size.c and cost_fn.c. */

struct vs_coster {
	const struct vs_cost_env *env;
	const struct vs_cel_size *local[VS_CEL_LOCALS_MAX];
	struct vs_cel_bound *out;
	bool no_memory;
};

/* Sums and products that stop at UINT64_MAX. */
uint64_t vs_cost_add(uint64_t a, uint64_t b);
uint64_t vs_cost_mul(uint64_t a, uint64_t b);
/* Units of n octets. */
uint64_t vs_cost_octets(uint64_t n);

extern const struct vs_cel_size vs_size_scalar;
/* Anything: a string as long as can be, a list or map of anything. */
extern const struct vs_cel_size vs_size_unknown;
const struct vs_cel_size *vs_size_new(struct vs_coster *c, uint64_t n,
    const struct vs_cel_size *key, const struct vs_cel_size *elem);
const struct vs_cel_size *vs_size_octets(struct vs_coster *c, uint64_t n);
extern const struct vs_cel_size vs_size_version;
/* Holds what either does. */
const struct vs_cel_size *vs_size_join(struct vs_coster *c,
    const struct vs_cel_size *a, const struct vs_cel_size *b);
const struct vs_cel_size *vs_size_of_value(
    struct vs_coster *c, struct vs_val v);
/* What == can be charged, beside its operands. */
uint64_t vs_cost_equal(
    const struct vs_cel_size *a, const struct vs_cel_size *b);

/* One call of f on operands of these sizes, beside the operands. */
uint64_t vs_cost_call(struct vs_coster *c, const struct vs_cel_fn *f,
    const struct vs_cel_size *const *a, size_t n,
    const struct vs_cel_size **size);

#endif
