/* SPDX-License-Identifier: Apache-2.0 */
/* The static checker: a type for every node, or the first reason why not. */
#include <stdio.h>
#include <string.h>

#include "policy/check.h"
#include "policy/env.h"
#include "policy/gpus.h"

/* No operator or function has more. */
enum { OVERLOADS_MAX = 16 };

static struct vs_cel_type *
kind(unsigned k)
{
	return vs_type_of_kind(k);
}

static const char *const *
operator_sigs(int op, size_t *n)
{
	static const char *const add[] = {"ii>i", "uu>u", "dd>d", "ss>s",
	    "yy>y", "LALA>LA", "tD>t", "Dt>t", "DD>D"};
	static const char *const sub[] = {
	    "ii>i", "uu>u", "dd>d", "tt>D", "tD>t", "DD>D"};
	static const char *const mul[] = {"ii>i", "uu>u", "dd>d"};
	static const char *const order[] = {
	    "bb>b", "ii>b", "uu>b", "dd>b", "ss>b", "yy>b", "tt>b", "DD>b"};
	static const char *const neg[] = {"i>i", "d>d"};
	static const char *const equal[] = {"AA>b"};
	static const char *const in[] = {"ALA>b", "AMAB>b"};
	static const char *const index[] = {"LAi>A", "MABA>B"};
	static const char *const cond[] = {"bAA>A"};
	static const char *const not [] = {"b>b"};
#define SIGS(table) (*n = VS_COUNT(table), (table))

	switch (op) {
	case VS_OP_ADD:
		return SIGS(add);
	case VS_OP_SUB:
		return SIGS(sub);
	case VS_OP_MUL:
	case VS_OP_DIV:
		return SIGS(mul);
	case VS_OP_MOD:
		*n = 2;
		return mul;
	case VS_OP_NEG:
		return SIGS(neg);
	case VS_OP_NOT:
		return SIGS(not );
	case VS_OP_EQ:
	case VS_OP_NE:
		return SIGS(equal);
	case VS_OP_IN:
		return SIGS(in);
	case VS_OP_INDEX:
		return SIGS(index);
	case VS_OP_COND:
		return SIGS(cond);
	default:
		return SIGS(order);
	}
#undef SIGS
}

static bool
fits(struct vs_checker *c, const char *sig, const struct vs_cel_node *n,
    struct vs_cel_type **result)
{
	struct vs_cel_type *vars[2] = {NULL, NULL};
	struct vs_cel_type *mark = c->types.trail;

	for (size_t i = 0; i < n->n; i++) {
		struct vs_cel_type *from = n->kid[i]->type;

		if (*sig == '>' ||
		    !vs_type_assignable(
			&c->types, from, vs_type_read(&c->types, &sig, vars))) {
			vs_type_undo(&c->types, mark);
			return false;
		}
	}
	if (*sig != '>') {
		vs_type_undo(&c->types, mark);
		return false;
	}
	sig++;
	*result = vs_type_read(&c->types, &sig, vars);
	return true;
}

static bool
any_dyn(const struct vs_cel_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (vs_type_has_dyn(n->kid[i]->type))
			return true;
	}
	return false;
}

static struct vs_cel_type *
no_overload(struct vs_checker *c, const struct vs_cel_node *n, const char *what)
{
	char args[4 * VS_TYPE_TEXT_MAX] = "";
	size_t at = 0;

	for (size_t i = 0; i < n->n && at < sizeof(args); i++) {
		char one[VS_TYPE_TEXT_MAX];

		vs_type_text(n->kid[i]->type, one);
		int len = snprintf(args + at, sizeof(args) - at, "%s%s",
		    i > 0 ? ", " : "", one);
		at += len > 0 ? (size_t)len : 0;
	}
	(void)vs_cel_fault(
	    c->fault, "E_CHECK", n->pos, "no %s for (%s)", what, args);
	return NULL;
}

/*
 * With known operand types the first overload that fits is the only one. A
 * dyn operand leaves the call open: then the result is what all that fit
 * agree on, or dyn.
 */
static struct vs_cel_type *
overload(struct vs_checker *c, const struct vs_cel_node *n,
    const char *const *sigs, size_t sigs_n, const char *what)
{
	struct vs_cel_type *result = NULL, *other;
	bool open = any_dyn(n);

	for (size_t i = 0; i < sigs_n; i++) {
		if (result == NULL) {
			if (fits(c, sigs[i], n, &result) && !open)
				break;
			continue;
		}
		struct vs_cel_type *mark = c->types.trail;
		if (fits(c, sigs[i], n, &other) &&
		    vs_type_find(other)->kind != vs_type_find(result)->kind)
			result = kind(VS_TYPE_DYN);
		vs_type_undo(&c->types, mark);
	}
	return result != NULL ? result : no_overload(c, n, what);
}

static bool
check_kids(struct vs_checker *c, struct vs_cel_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && vs_check_node(c, n->kid[i]) == NULL)
			return false;
	}
	return true;
}

static struct vs_cel_type *
check_operator(struct vs_checker *c, struct vs_cel_node *n)
{
	char what[32];
	size_t sigs_n;
	const char *const *sigs = operator_sigs(n->op, &sigs_n);

	if (!check_kids(c, n))
		return NULL;
	(void)snprintf(
	    what, sizeof(what), "operator %s", vs_op_text((vs_op)n->op));
	return overload(c, n, sigs, sigs_n, what);
}

static struct vs_cel_type *
check_call(struct vs_checker *c, struct vs_cel_node *n)
{
	const char *sigs[OVERLOADS_MAX];
	char what[VS_CEL_IDENT_TEXT];
	size_t sigs_n = 0;

	if (!vs_check_call_allowed(c, n) || !check_kids(c, n))
		return NULL;
	for (const struct vs_cel_fn *f = n->fn; f != NULL;
	     f = vs_cel_fn_next(f)) {
		VS_ASSERT(sigs_n < OVERLOADS_MAX);
		sigs[sigs_n++] = f->sig;
	}
	(void)snprintf(
	    what, sizeof(what), "overload of %.*s()", VS_SPAN_ARG(n->name));
	return overload(c, n, sigs, sigs_n, what);
}

static struct vs_cel_type *
literal_type(struct vs_checker *c, const struct vs_cel_node *n)
{
	if (n->type != NULL)
		return n->type;
	if (n->val.kind == VS_KIND_TYPE)
		return vs_type_new(
		    &c->types, VS_KIND_TYPE, kind((unsigned)n->val.u.i), NULL);
	return kind(n->val.kind);
}

bool
vs_check_bool(
    struct vs_checker *c, const struct vs_cel_node *n, const char *what)
{
	char text[VS_TYPE_TEXT_MAX];

	if (vs_type_assignable(&c->types, n->type, kind(VS_KIND_BOOL)))
		return true;
	vs_type_text(n->type, text);
	return vs_cel_fault(c->fault, "E_CHECK", n->pos,
	    "%s must be a bool, not %s", what, text);
}

static struct vs_cel_type *
check_logic(struct vs_checker *c, struct vs_cel_node *n)
{
	if (!check_kids(c, n))
		return NULL;
	for (size_t i = 0; i < n->n; i++) {
		if (!vs_check_bool(c, n->kid[i],
			n->op == VS_OP_AND ? "an operand of &&"
					   : "an operand of ||"))
			return NULL;
	}
	return kind(VS_KIND_BOOL);
}

static struct vs_cel_type *
select_type(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t = vs_type_find(n->kid[0]->type);
	char text[VS_TYPE_TEXT_MAX];

	if (t->kind == VS_KIND_RECORD)
		return vs_check_field(c, n, t->record);
	if (t->kind == VS_TYPE_DYN || t->kind == VS_TYPE_VAR)
		return kind(VS_TYPE_DYN);
	if (t->kind == VS_KIND_MAP &&
	    vs_type_assignable(&c->types, kind(VS_KIND_STRING), t->a))
		return t->b;
	vs_type_text(t, text);
	(void)vs_cel_fault(c->fault, "E_CHECK", n->kid[0]->pos,
	    "%s has no field \"%.*s\"", text, VS_SPAN_ARG(n->name));
	return NULL;
}

static struct vs_cel_type *
check_select(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t;

	if (vs_check_node(c, n->kid[0]) == NULL)
		return NULL;
	t = select_type(c, n);
	return t != NULL && n->op == VS_OP_HAS ? kind(VS_KIND_BOOL) : t;
}

static struct vs_cel_type *
check_list(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t = NULL;

	for (size_t i = 0; i < n->n; i++) {
		struct vs_cel_type *one = vs_check_node(c, n->kid[i]);

		if (one == NULL)
			return NULL;
		t = t == NULL ? one : vs_type_join(&c->types, t, one);
	}
	return vs_type_new(&c->types, VS_KIND_LIST,
	    t != NULL ? t : vs_type_fresh(&c->types), NULL);
}

static struct vs_cel_type *
check_map(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t[2] = {NULL, NULL};

	for (size_t i = 0; i < n->n; i++) {
		struct vs_cel_type *one = vs_check_node(c, n->kid[i]);

		if (one == NULL)
			return NULL;
		t[i % 2] = t[i % 2] == NULL
		    ? one
		    : vs_type_join(&c->types, t[i % 2], one);
	}
	if (n->n == 0) {
		t[0] = vs_type_fresh(&c->types);
		t[1] = vs_type_fresh(&c->types);
	}
	return vs_type_new(&c->types, VS_KIND_MAP, t[0], t[1]);
}

static struct vs_cel_type *
type_of_op(struct vs_checker *c, struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_LIT:
		return literal_type(c, n);
	case VS_OP_VAR:
	case VS_OP_LET:
	case VS_OP_NOW:
	case VS_OP_LISTED:
		return n->type;
	case VS_OP_LOCAL:
	case VS_OP_BOUND:
		return c->local[n->id];
	case VS_OP_BIND:
		return vs_check_bind(c, n);
	case VS_OP_GPUS:
		return vs_type_new(&c->types, VS_KIND_LIST,
		    vs_type_record(&c->types, &vs_gpu_record), NULL);
	case VS_OP_CLAIM:
		return vs_cel_claim_type(&c->types, n->id);
	case VS_OP_HAS_CLAIM:
	case VS_OP_HAS_RECORD:
		return kind(VS_KIND_BOOL);
	case VS_OP_SELECT:
	case VS_OP_HAS:
		return check_select(c, n);
	case VS_OP_CALL:
		return check_call(c, n);
	case VS_OP_LIST:
		return check_list(c, n);
	case VS_OP_MAP:
		return check_map(c, n);
	case VS_OP_AND:
	case VS_OP_OR:
		return check_logic(c, n);
	case VS_OP_ALL:
	case VS_OP_EXISTS:
	case VS_OP_ONE:
	case VS_OP_FILTER:
	case VS_OP_TRANSFORM:
	case VS_OP_TRANSFORM_MAP:
	case VS_OP_TRANSFORM_ENTRY:
		return vs_check_loop(c, n);
	case VS_OP_IDENT:
	case VS_OP_UNBOUND:
	case VS_OP_RECORD:
		return vs_check_no_value(c, n);
	default:
		return check_operator(c, n);
	}
}

struct vs_cel_type *
vs_check_node(struct vs_checker *c, struct vs_cel_node *n)
{
	struct vs_cel_type *t = type_of_op(c, n);

	if (t == NULL)
		return NULL;
	n->type = t;
	return t;
}

static bool
finish(struct vs_checker *c, struct vs_cel_node *n)
{
	n->type = vs_type_final(&c->types, n->type);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && !finish(c, n->kid[i]))
			return false;
	}
	return !c->env->policy || vs_check_strict(c, n);
}

bool
vs_cel_check(const struct vs_cel_env *env, struct vs_cel_node *root,
    struct vs_arena *a, struct vs_cel_fault *fault)
{
	struct vs_checker c = {
	    .env = env, .types = {.arena = a}, .fault = fault};

	if (vs_check_node(&c, root) == NULL || !finish(&c, root))
		return false;
	if (c.types.no_memory)
		return vs_cel_fault(fault, "E_LIMIT", 0, "out of memory");
	return true;
}
