/* SPDX-License-Identifier: Apache-2.0 */
/* math.*: greatest, least, bits. */
#include "policy/func.h"

/* The operands themselves, or the elements of one list. */
static struct vs_val
pick(struct vs_cel_run *run, const struct vs_val *a, size_t n, vs_order want)
{
	struct vs_val best;
	vs_order o;

	if (n == 1 && a[0].kind == VS_KIND_LIST) {
		n = a[0].n;
		a = a[0].u.v;
		vs_cel_charge(run, n);
	}
	if (n == 0)
		return vs_val_error(VS_CEL_ARGUMENT);
	best = a[0];
	for (size_t i = 0; i < n; i++) {
		if (!vs_val_is_number(a[i]) ||
		    !vs_val_order(run, a[i], best, &o))
			return vs_val_error(VS_CEL_NO_OVERLOAD);
		if (o == want)
			best = a[i];
	}
	return best;
}

struct vs_val
vs_fn_greatest(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	return pick(run, a, n, VS_GREATER);
}

struct vs_val
vs_fn_least(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	return pick(run, a, n, VS_LESS);
}

/* Bits of an int or uint, and back to the kind they came from. */
static uint64_t
bits(struct vs_val v)
{
	return v.kind == VS_KIND_INT ? (uint64_t)v.u.i : v.u.u;
}

static struct vs_val
like(struct vs_val v, uint64_t u)
{
	return v.kind == VS_KIND_INT ? vs_val_int((int64_t)u) : vs_val_uint(u);
}

struct vs_val
vs_fn_bit_and(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return like(a[0], bits(a[0]) & bits(a[1]));
}

struct vs_val
vs_fn_bit_or(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return like(a[0], bits(a[0]) | bits(a[1]));
}

struct vs_val
vs_fn_bit_xor(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return like(a[0], bits(a[0]) ^ bits(a[1]));
}

struct vs_val
vs_fn_bit_not(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return like(a[0], ~bits(a[0]));
}

struct vs_val
vs_fn_shift_left(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	if (a[1].u.i < 0)
		return vs_val_error(VS_CEL_ARGUMENT);
	return like(a[0], a[1].u.i > 63 ? 0 : bits(a[0]) << a[1].u.i);
}

/* Logical for int too. */
struct vs_val
vs_fn_shift_right(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	if (a[1].u.i < 0)
		return vs_val_error(VS_CEL_ARGUMENT);
	return like(a[0], a[1].u.i > 63 ? 0 : bits(a[0]) >> a[1].u.i);
}
