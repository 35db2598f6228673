/* SPDX-License-Identifier: Apache-2.0 */
/* Names that mean nothing, and what policies may not do. */
#include <stdio.h>

#include "codec/yaml.h"
#include "policy/check.h"
#include "policy/glob.h"

static const char *
nearest_name(struct vs_checker *c, struct vs_span name)
{
	const struct vs_cel_env *env = c->env;
	const char *names[64];
	size_t n = 0;

	for (size_t i = 0; i < env->decls_n && n < VS_COUNT(names); i++) {
		const char *s =
		    vs_arena_cstr(c->types.arena, env->decls[i].name);
		if (s != NULL)
			names[n++] = s;
	}
	const char *near = vs_nearest(name, names, n);
	if (near == NULL && env->policy)
		near = vs_cel_nearest_field(
		    VS_SPAN(NULL, 0), name, c->types.arena);
	return near;
}

struct vs_cel_type *
vs_check_no_value(struct vs_checker *c, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_RECORD) {
		(void)vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "%.*s is a record: select one of its fields",
		    VS_SPAN_ARG(n->name));
		return NULL;
	}
	if (c->env->policy &&
	    (vs_span_is(n->name, "lists") || vs_span_is(n->name, "registry"))) {
		(void)vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "%.*s is not supported in this version",
		    VS_SPAN_ARG(n->name));
		return NULL;
	}
	const char *near = nearest_name(c, n->name);
	(void)vs_cel_fault(c->fault, "E_CHECK", n->pos,
	    "nothing is called \"%.*s\"%s%s%s", VS_SPAN_ARG(n->name),
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return NULL;
}

bool
vs_check_call_allowed(struct vs_checker *c, const struct vs_cel_node *n)
{
	if (n->fn == NULL) {
		if (vs_span_is(n->name, "matches"))
			return vs_cel_fault(c->fault, "E_CHECK", n->pos,
			    "matches() is not supported in this version; use "
			    "glob(), startsWith(), == or in");
		const char *near = vs_cel_fn_nearest(n->name, n->member);
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "no %s is called %.*s()%s%s%s",
		    n->member ? "method" : "function", VS_SPAN_ARG(n->name),
		    near != NULL ? "; did you mean " : "",
		    near != NULL ? near : "", near != NULL ? "()?" : "");
	}
	if (c->env->policy && (n->fn->flags & VS_FN_LOOSE) != 0)
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "%s() is not allowed in a policy: it loses the type",
		    n->fn->name);
	return true;
}

static bool
check_pattern(struct vs_checker *c, const struct vs_cel_node *n)
{
	const struct vs_cel_node *last = n->kid[n->n - 1];

	if (last->op != VS_OP_LIT || last->val.kind != VS_KIND_STRING)
		return vs_cel_fault(c->fault, "E_CHECK", last->pos,
		    "the pattern must be a constant");
	const char *why = vs_glob_check(vs_val_span(last->val));
	if (why != NULL)
		return vs_cel_fault(c->fault, "E_CHECK", last->pos,
		    "the pattern is broken: %s", why);
	return true;
}

static bool
check_zone(struct vs_checker *c, const struct vs_cel_node *n)
{
	const struct vs_cel_node *last = n->kid[n->n - 1];
	int64_t offset;

	if (n->n < 2 || last->op != VS_OP_LIT ||
	    vs_cel_parse_zone(vs_val_span(last->val), &offset))
		return true;
	return vs_cel_fault(c->fault, "E_ZONE", last->pos,
	    "a time zone is \"UTC\" or a fixed offset such as \"+02:00\"");
}

static unsigned
flags_of(const struct vs_cel_fn *f)
{
	unsigned flags = 0;

	for (; f != NULL; f = vs_cel_fn_next(f))
		flags |= f->flags;
	return flags;
}

bool
vs_check_strict(struct vs_checker *c, const struct vs_cel_node *n)
{
	if (vs_type_has_dyn(n->type))
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "the type of this %s is not known",
		    n->op == VS_OP_LIST      ? "list"
			: n->op == VS_OP_MAP ? "map"
					     : "expression");
	if ((n->op == VS_OP_EQ || n->op == VS_OP_NE) &&
	    n->kid[0]->type->kind == VS_KIND_DOUBLE)
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "doubles are not compared for equality: use < and >");
	if (n->op != VS_OP_CALL)
		return true;
	unsigned flags = flags_of(n->fn);
	return ((flags & VS_FN_GLOB) == 0 || check_pattern(c, n)) &&
	    ((flags & VS_FN_ZONE) == 0 || check_zone(c, n));
}
