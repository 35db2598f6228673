/* SPDX-License-Identifier: Apache-2.0 */
/* vs_cel_eval without a call for what is there already. */
#ifndef VS_POLICY_OPERAND_H
#define VS_POLICY_OPERAND_H

#include "policy/ast.h"
#include "policy/eval.h"

/*
 * Literals, local variables, and fields of a local record: most operands.
 * They are charged as anywhere, but do not look at the meter, so this is not
 * for the body of a comprehension, which must end when it runs over.
 */
static inline struct vs_val
vs_cel_operand(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	if (run->trace != NULL)
		return vs_cel_eval(run, n);
	if (n->op == VS_OP_LIT) {
		vs_cel_charge(run, 1);
		return n->val;
	}
	if (n->op == VS_OP_LOCAL) {
		vs_cel_charge(run, 1);
		return run->local[n->id];
	}
	if (n->op == VS_OP_SELECT && n->kid[0]->op == VS_OP_LOCAL) {
		struct vs_val record = run->local[n->kid[0]->id];

		if (record.kind == VS_KIND_RECORD && n->id < record.n) {
			vs_cel_charge(run, 2);
			return record.u.v[n->id];
		}
	}
	return vs_cel_eval(run, n);
}

/* The same for the right side of `in` and the left side of [] and of a
 * field, where a list of the snapshot stays what it is. */
static inline struct vs_val
vs_cel_target(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	return n->op == VS_OP_LISTED || n->op == VS_OP_LET
	    ? vs_cel_container(run, n)
	    : vs_cel_operand(run, n);
}

#endif
