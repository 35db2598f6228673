/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/members.h"

#include <stdlib.h>
#include <string.h>

#include "policy/eval.h"

/* Any order will do: by length first, so that few texts are looked at. */
static int
compare(struct vs_val a, struct vs_val b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n > 0 ? memcmp(a.u.p, b.u.p, a.n) : 0;
}

static int
compare_items(const void *a, const void *b)
{
	return compare(*(const struct vs_val *)a, *(const struct vs_val *)b);
}

static bool
all_strings(struct vs_val list)
{
	for (size_t i = 0; i < list.n; i++) {
		if (list.u.v[i].kind != VS_KIND_STRING)
			return false;
	}
	return true;
}

static bool
prepare(struct vs_cel_node *n, struct vs_arena *a)
{
	const struct vs_cel_node *list = n->kid[1];
	struct vs_val *v;

	if (list->op != VS_OP_LIT || list->val.kind != VS_KIND_LIST ||
	    list->val.n < VS_MEMBERS_MIN || !all_strings(list->val))
		return true;
	v = vs_arena_calloc(a, list->val.n, sizeof(*v));
	if (v == NULL)
		return false;
	memcpy(v, list->val.u.v, list->val.n * sizeof(*v));
	qsort(v, list->val.n, sizeof(*v), compare_items);
	n->sorted = v;
	return true;
}

bool
vs_cel_members(struct vs_cel_node *n, struct vs_arena *a)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && !vs_cel_members(n->kid[i], a))
			return false;
	}
	return n->op != VS_OP_IN || prepare(n, a);
}

bool
vs_cel_is_member(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val s)
{
	size_t lo = 0, hi = n->kid[1]->val.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = compare(s, n->sorted[mid]);

		vs_cel_charge(run, 1);
		if (s.n == n->sorted[mid].n)
			vs_cel_charge_octets(run, s.n);
		if (order == 0)
			return true;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}
