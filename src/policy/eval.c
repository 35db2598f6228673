/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator: a walk over the tree. Errors are values that travel up. */
#include <math.h>
#include <string.h>

#include "policy/ast.h"
#include "policy/eval.h"
#include "policy/func.h"
#include "policy/gpus.h"
#include "policy/members.h"
#include "policy/operand.h"
#include "policy/trace.h"

static struct vs_val
no_overload(void)
{
	return vs_val_error(VS_CEL_NO_OVERLOAD);
}

uint8_t *
vs_cel_octets(struct vs_cel_run *run, size_t n)
{
	if (n > VS_CEL_STR_MAX)
		return NULL;
	vs_cel_charge_octets(run, n);
	return vs_arena_alloc(run->arena, n);
}

struct vs_val *
vs_cel_items(struct vs_cel_run *run, size_t n)
{
	if (n > VS_CEL_ITEMS_MAX)
		return NULL;
	vs_cel_charge(run, n);
	return vs_arena_calloc(run->arena, n, sizeof(struct vs_val));
}

static struct vs_val
claim_list(struct vs_cel_run *run, const struct vs_claim_value *c)
{
	struct vs_val *v = vs_cel_items(run, c->u.list.n);

	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < c->u.list.n; i++)
		v[i] = vs_val_str(c->u.list.v[i]);
	return vs_val_list(v, c->u.list.n);
}

static struct vs_val
eval_claim(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	const struct vs_claim_value *c;

	if (run->claims == NULL)
		return vs_val_error(VS_CEL_INTERNAL);
	c = vs_claims_get(run->claims, (vs_claim_id)n->id);
	if (!c->present)
		return vs_val_error(VS_CEL_NO_FIELD);
	switch (vs_claim_def((vs_claim_id)n->id)->type) {
	case VS_CLAIM_BOOL:
		return vs_val_bool(c->u.b);
	case VS_CLAIM_INT:
		return vs_val_int(c->u.i);
	case VS_CLAIM_STRING:
		return vs_val_str(c->u.s);
	case VS_CLAIM_TIME:
		return vs_val_timestamp(c->u.i, 0);
	case VS_CLAIM_STRINGS:
	default:
		return claim_list(run, c);
	}
}

/* Whether any claim of the record "a.b" is present. */
static struct vs_val
has_record(const struct vs_cel_run *run, struct vs_span path)
{
	if (run->claims == NULL)
		return vs_val_error(VS_CEL_INTERNAL);
	for (int id = 0; id < VS_CLAIM_COUNT; id++) {
		struct vs_span whole =
		    vs_span_cstr(vs_claim_def((vs_claim_id)id)->path);

		if (whole.n > path.n && whole.p[path.n] == '.' &&
		    vs_span_starts(whole, path) &&
		    vs_claims_get(run->claims, (vs_claim_id)id)->present)
			return vs_val_bool(true);
	}
	return vs_val_bool(false);
}

/* The checker has found the number of the field. */
static struct vs_val
select_field(struct vs_val record, uint32_t field, bool has)
{
	if (field >= record.n)
		return vs_val_error(VS_CEL_INTERNAL);
	return has ? vs_val_bool(!vs_val_is_error(record.u.v[field]))
		   : record.u.v[field];
}

static struct vs_val
eval_select(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val target = vs_cel_target(run, n->kid[0]);
	bool has = n->op == VS_OP_HAS;
	const struct vs_val *v;

	if (vs_val_is_error(target))
		return target;
	if (target.kind == VS_KIND_RECORD)
		return select_field(target, n->id, has);
	if (target.kind != VS_KIND_MAP)
		return no_overload();
	v = vs_cel_member(run, n->kid[0], target, vs_val_str(n->name));
	if (has)
		return vs_val_bool(v != NULL);
	return v != NULL ? *v : vs_val_error(VS_CEL_NO_KEY);
}

/* Lists take any number without a fraction as index. */
static struct vs_val
index_list(struct vs_val list, struct vs_val i)
{
	if (i.kind == VS_KIND_DOUBLE) {
		if (!(i.u.d >= 0 && i.u.d < 0x1p32) || i.u.d != trunc(i.u.d))
			return vs_val_error(VS_CEL_ARGUMENT);
		i = vs_val_uint((uint64_t)i.u.d);
	} else if (i.kind == VS_KIND_INT) {
		if (i.u.i < 0)
			return vs_val_error(VS_CEL_ARGUMENT);
		i = vs_val_uint((uint64_t)i.u.i);
	} else if (i.kind != VS_KIND_UINT) {
		return no_overload();
	}
	if (i.u.u >= list.n)
		return vs_val_error(VS_CEL_ARGUMENT);
	return list.u.v[i.u.u];
}

static struct vs_val
eval_index(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val target = vs_cel_target(run, n->kid[0]), i;

	if (vs_val_is_error(target))
		return target;
	i = vs_cel_operand(run, n->kid[1]);
	if (vs_val_is_error(i))
		return i;
	if (target.kind == VS_KIND_LIST)
		return index_list(target, i);
	if (target.kind != VS_KIND_MAP)
		return no_overload();
	if (!vs_val_is_key(i) && i.kind != VS_KIND_DOUBLE)
		return no_overload();
	const struct vs_val *v = vs_cel_member(run, n->kid[0], target, i);
	return v != NULL ? *v : vs_val_error(VS_CEL_NO_KEY);
}

/* Apart from vs_cel_step, which shall not pay for its array at every node;
 * so are the others that need one. */
__attribute__((noinline)) static struct vs_val
eval_call(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val a[VS_FN_ARGS_MAX] = {{0}};

	/* Before the operands: `f(x) || true` does not depend on x. */
	if (n->fn == NULL)
		return vs_val_error(VS_CEL_UNKNOWN_FN);
	if (n->n > VS_FN_ARGS_MAX)
		return no_overload();
	for (size_t i = 0; i < n->n; i++) {
		a[i] = vs_cel_operand(run, n->kid[i]);
		if (vs_val_is_error(a[i]))
			return a[i];
	}
	if (n->regex != NULL && a[0].kind == VS_KIND_STRING)
		return vs_cel_matches(run, n->regex, a[0]);
	for (const struct vs_cel_fn *f = n->fn; f != NULL;
	     f = vs_cel_fn_next(f)) {
		if (vs_cel_fn_fits(f, a, n->n))
			return f->impl != NULL
			    ? f->impl(run, a, n->n)
			    : vs_val_error(VS_CEL_UNKNOWN_FN);
	}
	return no_overload();
}

static struct vs_val
eval_list(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val *v = vs_cel_items(run, n->n);

	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < n->n; i++) {
		v[i] = vs_cel_operand(run, n->kid[i]);
		if (vs_val_is_error(v[i]))
			return v[i];
	}
	return vs_val_list(v, n->n);
}

static struct vs_val
eval_map(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val *v = vs_cel_items(run, n->n);

	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < n->n; i++) {
		v[i] = vs_cel_operand(run, n->kid[i]);
		if (vs_val_is_error(v[i]))
			return v[i];
		if (i % 2 == 1)
			continue;
		if (!vs_val_is_key(v[i]))
			return no_overload();
		if (vs_val_map_get(run, vs_val_map(v, i / 2), v[i]) != NULL)
			return vs_val_error(VS_CEL_DUPLICATE_KEY);
	}
	return vs_val_map(v, n->n / 2);
}

static struct vs_val
eval_cond(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val c = vs_cel_eval(run, n->kid[0]);

	if (vs_val_is_error(c))
		return c;
	if (c.kind != VS_KIND_BOOL)
		return no_overload();
	return vs_cel_eval(run, n->kid[c.u.b ? 1 : 2]);
}

/*
 * && and ||: an operand that decides wins over errors on either side of it;
 * what is no bool counts as an error; nothing wins over a fatal one.
 */
static struct vs_val
eval_logic(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	bool decides = n->op == VS_OP_OR;
	struct vs_val result = vs_val_bool(!decides);

	for (size_t i = 0; i < n->n; i++) {
		struct vs_val v = vs_cel_operand(run, n->kid[i]);

		if (vs_val_is_fatal(v))
			return v;
		if (v.kind == VS_KIND_BOOL && v.u.b == decides) {
			while (run->trace != NULL && ++i < n->n)
				vs_cel_extra(run, n->kid[i]);
			return v;
		}
		if (v.kind != VS_KIND_BOOL && !vs_val_is_error(result))
			result = vs_val_is_error(v) ? v : no_overload();
	}
	return result;
}

__attribute__((noinline)) static struct vs_val
eval_order(struct vs_cel_run *run, int op, struct vs_val a, struct vs_val b)
{
	vs_order o;

	if (!vs_val_order(run, a, b, &o))
		return no_overload();
	switch (op) {
	case VS_OP_LT:
		return vs_val_bool(o == VS_LESS);
	case VS_OP_LE:
		return vs_val_bool(o == VS_LESS || o == VS_SAME);
	case VS_OP_GT:
		return vs_val_bool(o == VS_GREATER);
	default:
		return vs_val_bool(o == VS_GREATER || o == VS_SAME);
	}
}

static struct vs_val
eval_in(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val a = vs_cel_operand(run, n->kid[0]), b;

	if (vs_val_is_error(a))
		return a;
	b = vs_cel_target(run, n->kid[1]);
	if (vs_val_is_error(b))
		return b;
	if (b.kind != VS_KIND_MAP && b.kind != VS_KIND_LIST)
		return no_overload();
	if (b.kind == VS_KIND_MAP && !vs_val_is_key(a) &&
	    a.kind != VS_KIND_DOUBLE)
		return no_overload();
	if (n->sorted != NULL && a.kind == VS_KIND_STRING)
		return vs_val_bool(vs_cel_is_member(run, n, a));
	return vs_val_bool(vs_cel_member(run, n->kid[1], b, a) != NULL);
}

static struct vs_val
eval_binary(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val a = vs_cel_operand(run, n->kid[0]), b;

	if (vs_val_is_error(a))
		return a;
	b = vs_cel_operand(run, n->kid[1]);
	if (vs_val_is_error(b))
		return b;
	switch (n->op) {
	case VS_OP_EQ:
		return vs_val_bool(vs_val_equal(run, a, b));
	case VS_OP_NE:
		return vs_val_bool(!vs_val_equal(run, a, b));
	case VS_OP_LT:
	case VS_OP_LE:
	case VS_OP_GT:
	case VS_OP_GE:
		return eval_order(run, n->op, a, b);
	default:
		return vs_cel_arith(run, n->op, a, b);
	}
}

static struct vs_val
eval_unary(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val v = vs_cel_operand(run, n->kid[0]);

	if (vs_val_is_error(v))
		return v;
	if (n->op == VS_OP_NEG)
		return vs_cel_negate(v);
	return v.kind == VS_KIND_BOOL ? vs_val_bool(!v.u.b) : no_overload();
}

struct vs_val
vs_cel_eval(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	vs_cel_charge(run, 1);
	if (vs_cel_over(run))
		return vs_val_error(VS_CEL_COST);
	if (run->trace != NULL)
		return vs_cel_traced(run, n);
	return vs_cel_step(run, n);
}

struct vs_val
vs_cel_step(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_LIT:
		return n->val;
	case VS_OP_VAR:
		return run->vars[n->id];
	case VS_OP_LOCAL:
		return run->local[n->id];
	case VS_OP_BOUND:
		return vs_cel_bound_value(run, n);
	case VS_OP_BIND:
		return vs_cel_bind(run, n);
	case VS_OP_LET:
		return vs_cel_let_value(run, n);
	case VS_OP_NOW:
		return run->now;
	case VS_OP_GPUS:
		return vs_cel_gpus(run);
	case VS_OP_CLAIM:
		return eval_claim(run, n);
	case VS_OP_HAS_CLAIM:
		return run->claims == NULL
		    ? vs_val_error(VS_CEL_INTERNAL)
		    : vs_val_bool(vs_claims_get(run->claims, (vs_claim_id)n->id)
				      ->present);
	case VS_OP_HAS_RECORD:
		return has_record(run, n->name);
	case VS_OP_SELECT:
	case VS_OP_HAS:
		return eval_select(run, n);
	case VS_OP_INDEX:
		return eval_index(run, n);
	case VS_OP_CALL:
		return eval_call(run, n);
	case VS_OP_LIST:
		return eval_list(run, n);
	case VS_OP_MAP:
		return eval_map(run, n);
	case VS_OP_COND:
		return eval_cond(run, n);
	case VS_OP_AND:
	case VS_OP_OR:
		return eval_logic(run, n);
	case VS_OP_NOT:
	case VS_OP_NEG:
		return eval_unary(run, n);
	case VS_OP_IDENT:
	case VS_OP_UNBOUND:
	case VS_OP_RECORD:
		return vs_val_error(VS_CEL_UNBOUND);
	case VS_OP_LISTED:
		return vs_cel_listed(run, n);
	case VS_OP_IN:
		return eval_in(run, n);
	default:
		return n->op >= VS_OP_ALL ? vs_cel_loop(run, n)
					  : eval_binary(run, n);
	}
}

struct vs_val
vs_cel_answer(struct vs_cel_run *run, const struct vs_cel_node *n)
{
	struct vs_val v = vs_cel_eval(run, n);

	return vs_cel_over(run) ? vs_val_error(VS_CEL_COST) : v;
}
