/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and registries of the snapshot, as operands. */
#include "policy/ast.h"
#include "policy/eval.h"
#include "policy/lists.h"
#include "policy/trace.h"

/* The list that an operand names, also under the name of a let. */
static const struct vs_cel_node *
list_behind(const struct vs_cel_run *run, const struct vs_cel_node *n)
{
	while (n->op == VS_OP_LET && run->let_code != NULL)
		n = run->let_code[n->id];
	return n->op == VS_OP_LISTED ? n : NULL;
}

static const struct vs_list *
list_of(const struct vs_cel_run *run, const struct vs_cel_node *n)
{
	return run->lists != NULL ? run->lists[n->id] : NULL;
}

static struct vs_val
as_value(const struct vs_list *l, const struct vs_val *rows, size_t n)
{
	return vs_list_is_registry(l) ? vs_val_map(rows, n)
				      : vs_val_list(rows, n);
}

/* A copy of what has not expired. */
static struct vs_val
living(struct vs_cel_run *run, const struct vs_list *l)
{
	size_t per = vs_list_is_registry(l) ? 2 : 1, n = 0;
	struct vs_val *v = vs_cel_items(run, per * vs_list_size(l));
	struct vs_val key, val;
	bool expired;

	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0;
	     vs_list_entry(l, i, run->now.u.i, &key, &val, &expired); i++) {
		if (expired)
			continue;
		v[per * n] = key;
		v[per * n + per - 1] = val;
		n++;
	}
	return as_value(l, v, n);
}

struct vs_val
vs_cel_listed(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	const struct vs_list *l = list_of(run, n);

	if (l == NULL)
		return vs_val_error(VS_CEL_LIST_UNAVAILABLE);
	if (vs_list_size(l) > VS_LIST_WALK_MAX)
		return vs_val_error(VS_CEL_ARENA);
	return vs_list_any_expired(l, run->now.u.i)
	    ? living(run, l)
	    : as_value(l, vs_list_rows(l), vs_list_size(l));
}

struct vs_val
vs_cel_container(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	const struct vs_cel_node *listed = list_behind(run, n);
	const struct vs_list *l;
	struct vs_val v;

	if (listed == NULL)
		return vs_cel_eval(run, n);
	vs_cel_charge(run, 1);
	l = list_of(run, listed);
	v = l != NULL ? as_value(l, vs_list_rows(l), vs_list_size(l))
		      : vs_val_error(VS_CEL_LIST_UNAVAILABLE);
	if (run->trace != NULL) {
		run->trace->enter(run->trace->ctx, n);
		run->trace->leave(run->trace->ctx, n, v);
	}
	return v;
}

static const struct vs_val *
find_equal(struct vs_cel_run *run, struct vs_val list, struct vs_val v)
{
	for (size_t i = 0; i < list.n && !vs_cel_over(run); i++) {
		if (vs_val_equal(run, v, list.u.v[i]))
			return &list.u.v[i];
	}
	return NULL;
}

const struct vs_val *
vs_cel_member(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val container, struct vs_val key)
{
	const struct vs_cel_node *listed = list_behind(run, n);

	if (listed != NULL) {
		const struct vs_list *l = list_of(run, listed);

		if (l == NULL || key.kind != VS_KIND_STRING)
			return NULL;
		vs_cel_charge(run, 1);
		vs_cel_charge_octets(run, key.n);
		return vs_list_get(l, vs_val_span(key), run->now.u.i);
	}
	return container.kind == VS_KIND_MAP
	    ? vs_val_map_get(run, container, key)
	    : find_equal(run, container, key);
}
