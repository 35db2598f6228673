/* SPDX-License-Identifier: Apache-2.0 */
/* Comprehensions: all, exists, exists_one, filter, map. */
#include "policy/ast.h"
#include "policy/eval.h"
#include "policy/trace.h"

static struct vs_val
element(struct vs_val range, size_t i)
{
	return range.kind == VS_KIND_MAP ? range.u.v[2 * i] : range.u.v[i];
}

/* What is no bool counts as an error. */
static struct vs_val
predicate(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val range, size_t i)
{
	struct vs_val v;

	run->local[n->id] = element(range, i);
	v = vs_cel_eval(run, n->kid[1]);
	if (v.kind != VS_KIND_BOOL && !vs_val_is_error(v))
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	return v;
}

/* The elements from i on, when the others have decided: for the observer. */
static void
watch_rest(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val range, size_t i)
{
	for (; run->trace != NULL && i < range.n; i++) {
		run->local[n->id] = element(range, i);
		vs_cel_extra(run, n->kid[1]);
	}
}

/* all and exists absorb errors as && and || do. */
static struct vs_val
quantify(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	bool decides = n->op == VS_OP_EXISTS;
	struct vs_val result = vs_val_bool(!decides);

	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = predicate(run, n, range, i);

		if (vs_val_is_fatal(v))
			return v;
		if (v.kind == VS_KIND_BOOL && v.u.b == decides) {
			watch_rest(run, n, range, i + 1);
			return v;
		}
		if (vs_val_is_error(v) && !vs_val_is_error(result))
			result = v;
	}
	return result;
}

/* exists_one absorbs nothing. */
static struct vs_val
exactly_one(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	size_t hits = 0;

	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = predicate(run, n, range, i);

		if (vs_val_is_error(v))
			return v;
		hits += v.u.b;
	}
	return vs_val_bool(hits == 1);
}

/* filter: kid[2] is absent and the element itself is kept. */
static struct vs_val
collect(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	struct vs_val *out = vs_cel_items(run, range.n);
	size_t kept = 0;

	if (out == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = n->kid[1] != NULL
		    ? predicate(run, n, range, i)
		    : vs_val_bool(true);

		if (vs_val_is_error(v))
			return v;
		if (!v.u.b)
			continue;
		v = element(range, i);
		if (n->op == VS_OP_TRANSFORM) {
			run->local[n->id] = v;
			v = vs_cel_eval(run, n->kid[2]);
		}
		if (vs_val_is_error(v))
			return v;
		out[kept++] = v;
	}
	return vs_val_list(out, kept);
}

struct vs_val
vs_cel_loop(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val range = vs_cel_eval(run, n->kid[0]);

	if (vs_val_is_error(range))
		return range;
	if (range.kind != VS_KIND_LIST && range.kind != VS_KIND_MAP)
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	if (n->op == VS_OP_ALL || n->op == VS_OP_EXISTS)
		return quantify(run, n, range);
	if (n->op == VS_OP_ONE)
		return exactly_one(run, n, range);
	return collect(run, n, range);
}
