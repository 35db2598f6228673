/* SPDX-License-Identifier: Apache-2.0 */
/* The static checker: comprehensions and cel.bind(). */
#include "policy/check.h"

/* Types of index or key, and of element or value. */
static bool
range_types(struct vs_checker *c, const struct vs_cel_node *range,
    struct vs_cel_type *out[2])
{
	struct vs_cel_type *t = vs_type_find(range->type);
	char text[VS_TYPE_TEXT_MAX];

	if (t->kind == VS_KIND_LIST) {
		out[0] = vs_type_of_kind(VS_KIND_INT);
		out[1] = t->a;
	} else if (t->kind == VS_KIND_MAP) {
		out[0] = t->a;
		out[1] = t->b;
	} else if (t->kind == VS_TYPE_DYN || t->kind == VS_TYPE_VAR) {
		out[0] = out[1] = vs_type_of_kind(VS_TYPE_DYN);
	} else {
		vs_type_text(t, text);
		return vs_cel_fault(c->fault, "E_CHECK", range->pos,
		    "only a list or a map has elements, not %s", text);
	}
	return true;
}

struct vs_cel_type *
vs_check_bind(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t = vs_check_node(c, n->kid[0]);

	if (t == NULL)
		return NULL;
	c->local[n->id] = t;
	return vs_check_node(c, n->kid[1]);
}

/* What transformMapEntry() makes of each element is a map itself. */
static struct vs_cel_type *
want_map(struct vs_checker *c, const struct vs_cel_node *n)
{
	struct vs_cel_type *t = vs_type_find(n->type);
	char text[VS_TYPE_TEXT_MAX];

	if (t->kind == VS_KIND_MAP)
		return t;
	if (t->kind == VS_TYPE_DYN)
		return vs_type_new(&c->types, VS_KIND_MAP, t, t);
	vs_type_text(t, text);
	(void)vs_cel_fault(c->fault, "E_CHECK", n->pos,
	    "transformMapEntry() takes a map for each element, not %s", text);
	return NULL;
}

struct vs_cel_type *
vs_check_loop(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t[2] = {NULL, NULL}, *one, *to;

	if (vs_check_node(c, n->kid[0]) == NULL ||
	    !range_types(c, n->kid[0], t))
		return NULL;
	one = vs_type_find(n->kid[0]->type)->kind == VS_KIND_MAP ? t[0] : t[1];
	c->local[n->id] = n->name2.n > 0 ? t[0] : one;
	if (n->name2.n > 0)
		c->local[n->id + 1] = t[1];
	if (n->kid[1] != NULL &&
	    (vs_check_node(c, n->kid[1]) == NULL ||
		!vs_check_bool(c, n->kid[1], "the condition")))
		return NULL;
	if (n->op == VS_OP_FILTER)
		return vs_type_new(&c->types, VS_KIND_LIST, one, NULL);
	if (n->op < VS_OP_TRANSFORM)
		return vs_type_of_kind(VS_KIND_BOOL);
	to = vs_check_node(c, n->kid[2]);
	if (to == NULL)
		return NULL;
	if (n->op == VS_OP_TRANSFORM_ENTRY)
		return want_map(c, n->kid[2]);
	if (n->op == VS_OP_TRANSFORM_MAP)
		return vs_type_new(&c->types, VS_KIND_MAP, t[0], to);
	return vs_type_new(&c->types, VS_KIND_LIST, to, NULL);
}
