/* SPDX-License-Identifier: Apache-2.0 */
/* Names that mean nothing, and what policies may not do. */
#include <stdio.h>

#include "codec/yaml.h"
#include "policy/check.h"
#include "policy/glob.h"
#include "policy/regex.h"
#include "policy/record.h"

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
		    "%.*s is no value: write %.*s.NAME of what the document "
		    "declares under lists",
		    VS_SPAN_ARG(n->name), VS_SPAN_ARG(n->name));
		return NULL;
	}
	const char *near = vs_cel_nearest_name(c->env, n->name, c->types.arena);
	(void)vs_cel_fault(c->fault, "E_CHECK", n->pos,
	    "nothing is called \"%.*s\"%s%s%s", VS_SPAN_ARG(n->name),
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return NULL;
}

struct vs_cel_type *
vs_check_field(
    struct vs_checker *c, struct vs_cel_node *n, const struct vs_cel_record *r)
{
	size_t i = vs_cel_field_find(r, n->name);
	const char *names[VS_CEL_FIELDS_MAX], *near;
	struct vs_cel_type *vars[2] = {NULL, NULL};

	if (i < r->n) {
		const char *sig = r->field[i].sig;

		n->id = (uint32_t)i;
		return vs_type_read(&c->types, &sig, vars);
	}
	VS_ASSERT(r->n <= VS_CEL_FIELDS_MAX);
	for (i = 0; i < r->n; i++)
		names[i] = r->field[i].name;
	near = vs_nearest(n->name, names, r->n);
	(void)vs_cel_fault(c->fault, "E_CHECK", n->end - n->name.n,
	    "%s has no field \"%.*s\"%s%s%s", r->name, VS_SPAN_ARG(n->name),
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return NULL;
}

bool
vs_check_call_allowed(struct vs_checker *c, const struct vs_cel_node *n)
{
	if (n->fn == NULL) {
		const char *near = vs_cel_nearest_call(n->name, n->member);

		/* Written the other way round. */
		if (vs_cel_fn_find(n->name, !n->member) != NULL)
			return vs_cel_fault(c->fault, "E_CHECK", n->pos,
			    "%.*s() is %s", VS_SPAN_ARG(n->name),
			    n->member ? "a function: write it before its "
					"operand, as f(x)"
				      : "a method: write it after its "
					"operand, as x.f()");
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

/* Octet of the source for an octet of a literal; its beginning where
 * escapes make the two differ. */
static size_t
inside_literal(const struct vs_cel_node *lit, size_t at)
{
	size_t quotes = lit->end - lit->pos - lit->val.n;

	return quotes == 2 || quotes == 3 ? lit->pos + quotes - 1 + at
					  : lit->pos;
}

static bool
compile_regex(struct vs_checker *c, struct vs_cel_node *n)
{
	const struct vs_cel_node *last = n->kid[n->n - 1];
	const char *why;
	size_t at;
	vs_status st;

	if (last->op != VS_OP_LIT || last->val.kind != VS_KIND_STRING)
		return vs_cel_fault(c->fault, "E_REGEX", last->pos,
		    "the pattern must be a constant");
	st = vs_regex_compile(
	    vs_val_span(last->val), c->types.arena, &n->regex, &at, &why);
	if (st == VS_OK)
		return true;
	if (st == VS_NO_MEMORY)
		return vs_cel_fault(
		    c->fault, "E_LIMIT", n->pos, "out of memory");
	return vs_cel_fault(c->fault, "E_REGEX", inside_literal(last, at),
	    "the pattern is broken: %s", why);
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

/* By an operator, or by a function that looks at elements. */
static bool
compares_records(const struct vs_cel_node *n)
{
	bool any = false;

	if (n->op == VS_OP_IN)
		return vs_type_has_record(n->kid[0]->type);
	if (n->op != VS_OP_EQ && n->op != VS_OP_NE &&
	    (n->op != VS_OP_CALL || vs_span_is(n->name, "size")))
		return false;
	for (size_t i = 0; i < n->n; i++)
		any = any || vs_type_has_record(n->kid[i]->type);
	return any;
}

bool
vs_check_strict(struct vs_checker *c, struct vs_cel_node *n)
{
	if (vs_type_has_dyn(n->type))
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "the type of this %s is not known",
		    n->op == VS_OP_LIST      ? "list"
			: n->op == VS_OP_MAP ? "map"
					     : "expression");
	if (compares_records(n))
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "records are not compared: compare their fields");
	if ((n->op == VS_OP_EQ || n->op == VS_OP_NE) &&
	    n->kid[0]->type->kind == VS_KIND_DOUBLE)
		return vs_cel_fault(c->fault, "E_CHECK", n->pos,
		    "doubles are not compared for equality: use < and >");
	if (n->op != VS_OP_CALL)
		return true;
	unsigned flags = flags_of(n->fn);
	return ((flags & VS_FN_GLOB) == 0 || check_pattern(c, n)) &&
	    ((flags & VS_FN_REGEX) == 0 || compile_regex(c, n)) &&
	    ((flags & VS_FN_ZONE) == 0 || check_zone(c, n));
}
