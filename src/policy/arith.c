/* SPDX-License-Identifier: Apache-2.0 */
/* Checked arithmetic and concatenation. */
#include <string.h>

#include "policy/ast.h"
#include "policy/func.h"

static struct vs_val
overflow(void)
{
	return vs_val_error(VS_CEL_OVERFLOW);
}

static struct vs_val
int_arith(int op, int64_t a, int64_t b)
{
	int64_t r = 0;
	bool bad;

	switch (op) {
	case VS_OP_ADD:
		bad = __builtin_add_overflow(a, b, &r);
		break;
	case VS_OP_SUB:
		bad = __builtin_sub_overflow(a, b, &r);
		break;
	case VS_OP_MUL:
		bad = __builtin_mul_overflow(a, b, &r);
		break;
	default:
		if (b == 0)
			return vs_val_error(VS_CEL_DIV_ZERO);
		bad = a == INT64_MIN && b == -1;
		if (!bad)
			r = op == VS_OP_DIV ? a / b : a % b;
		break;
	}
	return bad ? overflow() : vs_val_int(r);
}

static struct vs_val
uint_arith(int op, uint64_t a, uint64_t b)
{
	uint64_t r = 0;
	bool bad = false;

	switch (op) {
	case VS_OP_ADD:
		bad = __builtin_add_overflow(a, b, &r);
		break;
	case VS_OP_SUB:
		bad = __builtin_sub_overflow(a, b, &r);
		break;
	case VS_OP_MUL:
		bad = __builtin_mul_overflow(a, b, &r);
		break;
	default:
		if (b == 0)
			return vs_val_error(VS_CEL_DIV_ZERO);
		r = op == VS_OP_DIV ? a / b : a % b;
		break;
	}
	return bad ? overflow() : vs_val_uint(r);
}

/* IEEE 754 division by zero, which C leaves undefined without Annex F. */
__attribute__((no_sanitize("float-divide-by-zero"))) static double
divide(double a, double b)
{
	return a / b;
}

static struct vs_val
double_arith(int op, double a, double b)
{
	switch (op) {
	case VS_OP_ADD:
		return vs_val_double(a + b);
	case VS_OP_SUB:
		return vs_val_double(a - b);
	case VS_OP_MUL:
		return vs_val_double(a * b);
	case VS_OP_DIV:
		return vs_val_double(divide(a, b));
	default:
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	}
}

static struct vs_val
concat_octets(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	size_t n = (size_t)a.n + b.n;
	uint8_t *p;

	if (a.n == 0)
		return b;
	if (b.n == 0)
		return a;
	p = vs_cel_octets(run, n);
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	memcpy(p, a.u.p, a.n);
	memcpy(p + a.n, b.u.p, b.n);
	a.u.p = p;
	a.n = (uint32_t)n;
	return a;
}

static struct vs_val
concat_lists(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	size_t n = (size_t)a.n + b.n;
	struct vs_val *v = vs_cel_items(run, n);

	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	if (a.n > 0)
		memcpy(v, a.u.v, a.n * sizeof(*v));
	if (b.n > 0)
		memcpy(v + a.n, b.u.v, b.n * sizeof(*v));
	return vs_val_list(v, n);
}

struct vs_val
vs_cel_arith(struct vs_cel_run *run, int op, struct vs_val a, struct vs_val b)
{
	if (a.kind == VS_KIND_TIMESTAMP || a.kind == VS_KIND_DURATION)
		return vs_cel_time_arith(op, a, b);
	if (a.kind != b.kind)
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	if (a.kind == VS_KIND_INT)
		return int_arith(op, a.u.i, b.u.i);
	if (a.kind == VS_KIND_UINT)
		return uint_arith(op, a.u.u, b.u.u);
	if (a.kind == VS_KIND_DOUBLE)
		return double_arith(op, a.u.d, b.u.d);
	if (op != VS_OP_ADD)
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	if (a.kind == VS_KIND_STRING || a.kind == VS_KIND_BYTES)
		return concat_octets(run, a, b);
	if (a.kind == VS_KIND_LIST)
		return concat_lists(run, a, b);
	return vs_val_error(VS_CEL_NO_OVERLOAD);
}

struct vs_val
vs_cel_negate(struct vs_val a)
{
	if (a.kind == VS_KIND_INT)
		return a.u.i == INT64_MIN ? overflow() : vs_val_int(-a.u.i);
	if (a.kind == VS_KIND_DOUBLE)
		return vs_val_double(-a.u.d);
	return vs_val_error(VS_CEL_NO_OVERLOAD);
}
