/* SPDX-License-Identifier: Apache-2.0 */
/* Comprehensions: all, exists, exists_one, filter, map, and the forms over
 * two variables. */
#include <string.h>

#include "policy/ast.h"
#include "policy/eval.h"
#include "policy/trace.h"

static struct vs_val
element(struct vs_val range, size_t i)
{
	return range.kind == VS_KIND_MAP ? range.u.v[2 * i] : range.u.v[i];
}

static struct vs_val
index_or_key(struct vs_val range, size_t i)
{
	return range.kind == VS_KIND_MAP ? range.u.v[2 * i]
					 : vs_val_int((int64_t)i);
}

static void
set_variables(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val range, size_t i)
{
	if (n->name2.n == 0) {
		run->local[n->id] = element(range, i);
		return;
	}
	run->local[n->id] = index_or_key(range, i);
	run->local[n->id + 1] =
	    range.kind == VS_KIND_MAP ? range.u.v[2 * i + 1] : range.u.v[i];
}

/* What is no bool counts as an error. */
static struct vs_val
predicate(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val range, size_t i)
{
	struct vs_val v;

	set_variables(run, n, range, i);
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
		set_variables(run, n, range, i);
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
		vs_cel_charge(run, 1);
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

/* Whether the element is wanted, as a bool or an error. */
static struct vs_val
wanted(struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range,
    size_t i)
{
	vs_cel_charge(run, 1);
	return n->kid[1] != NULL ? predicate(run, n, range, i)
				 : vs_val_bool(true);
}

/* exists_one absorbs nothing. */
static struct vs_val
exactly_one(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	size_t hits = 0;

	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = wanted(run, n, range, i);

		if (vs_val_is_error(v))
			return v;
		hits += v.u.b;
	}
	return vs_val_bool(hits == 1);
}

static struct vs_val
transformed(struct vs_cel_run *run, const struct vs_cel_node *n,
    struct vs_val range, size_t i)
{
	set_variables(run, n, range, i);
	return vs_cel_eval(run, n->kid[2]);
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
		struct vs_val v = wanted(run, n, range, i);

		if (vs_val_is_error(v))
			return v;
		if (!v.u.b)
			continue;
		v = n->op == VS_OP_FILTER ? element(range, i)
					  : transformed(run, n, range, i);
		if (vs_val_is_error(v))
			return v;
		out[kept++] = v;
	}
	return vs_val_list(out, kept);
}

/* The keys stay, the values change. */
static struct vs_val
collect_map(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	struct vs_val *out = vs_cel_items(run, 2 * (size_t)range.n);
	size_t kept = 0;

	if (out == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = wanted(run, n, range, i);

		if (vs_val_is_error(v))
			return v;
		if (!v.u.b)
			continue;
		v = transformed(run, n, range, i);
		if (vs_val_is_error(v))
			return v;
		out[2 * kept] = index_or_key(range, i);
		out[2 * kept++ + 1] = v;
	}
	return vs_val_map(out, kept);
}

/* A map under construction. */
struct entries {
	struct vs_val *v;
	size_t n, cap;
};

/* Adds every entry of the map; a key that is there already is an error. */
static struct vs_val
add_entries(struct vs_cel_run *run, struct entries *e, struct vs_val map)
{
	if (e->cap - e->n < map.n) {
		size_t cap = 2 * e->cap + map.n;
		struct vs_val *v = vs_cel_items(run, 2 * cap);

		if (v == NULL)
			return vs_val_error(VS_CEL_ARENA);
		if (e->n > 0)
			memcpy(v, e->v, 2 * e->n * sizeof(*v));
		e->v = v;
		e->cap = cap;
	}
	for (size_t i = 0; i < map.n; i++) {
		if (vs_val_map_get(
			run, vs_val_map(e->v, e->n), map.u.v[2 * i]) != NULL)
			return vs_val_error(VS_CEL_DUPLICATE_KEY);
		e->v[2 * e->n] = map.u.v[2 * i];
		e->v[2 * e->n++ + 1] = map.u.v[2 * i + 1];
	}
	return vs_val_bool(true);
}

static struct vs_val
collect_entries(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val range)
{
	struct entries e = {0};

	for (size_t i = 0; i < range.n; i++) {
		struct vs_val v = wanted(run, n, range, i);

		if (vs_val_is_error(v))
			return v;
		if (!v.u.b)
			continue;
		v = transformed(run, n, range, i);
		if (vs_val_is_error(v))
			return v;
		if (v.kind != VS_KIND_MAP)
			return vs_val_error(VS_CEL_NO_OVERLOAD);
		v = add_entries(run, &e, v);
		if (vs_val_is_error(v))
			return v;
	}
	return vs_val_map(e.v, e.n);
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
	if (n->op == VS_OP_TRANSFORM_MAP)
		return collect_map(run, n, range);
	if (n->op == VS_OP_TRANSFORM_ENTRY)
		return collect_entries(run, n, range);
	return collect(run, n, range);
}
