/* SPDX-License-Identifier: Apache-2.0 */
/* Names for expressions: lets, and cel.bind(). */
#include <string.h>

#include "policy/ast.h"
#include "policy/eval.h"
#include "policy/trace.h"

/* Evaluates what stands outside the scope of the locals from slot on, which
 * it may use for its own. */
__attribute__((noinline)) static struct vs_val
eval_apart(struct vs_cel_run *run, const struct vs_cel_node *n, size_t slot)
{
	struct vs_val local[VS_CEL_LOCALS_MAX], v;
	const struct vs_cel_node *thunk[VS_CEL_LOCALS_MAX];
	size_t count = VS_CEL_LOCALS_MAX - slot;

	memcpy(local, run->local + slot, count * sizeof(*local));
	memcpy(thunk, run->thunk + slot, count * sizeof(*thunk));
	v = vs_cel_eval(run, n);
	memcpy(run->local + slot, local, count * sizeof(*local));
	memcpy(run->thunk + slot, thunk, count * sizeof(*thunk));
	return v;
}

struct vs_val
vs_cel_bind(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	run->thunk[n->id] = n->kid[0];
	return vs_cel_eval(run, n->kid[1]);
}

struct vs_val
vs_cel_bound_value(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val v;

	if (run->thunk[n->id] == NULL)
		return run->local[n->id];
	v = eval_apart(run, run->thunk[n->id], n->id);
	if (run->trace == NULL || !run->trace->extra) {
		run->local[n->id] = v;
		run->thunk[n->id] = NULL;
	}
	return v;
}

struct vs_val
vs_cel_let_value(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_cel_let *let;

	if (run->lets == NULL)
		return vs_val_error(VS_CEL_INTERNAL);
	let = &run->lets[n->id];
	if (!let->done) {
		/* A let sees no local variables, and clobbers none of ours:
		 * it is outside every comprehension. */
		struct vs_val v = eval_apart(run, run->let_code[n->id], 0);

		/* What an extra finds out must not save the others the
		 * cost of it. */
		if (run->trace != NULL && run->trace->extra)
			return v;
		let->val = v;
		let->done = true;
	}
	return let->val;
}
