/* SPDX-License-Identifier: Apache-2.0 */
/* math.*: what is about doubles, and abs and sign. */
#include <math.h>

#include "policy/func.h"

#define REAL(fn, expr)                                                         \
	struct vs_val fn(                                                      \
	    struct vs_cel_run *run, const struct vs_val *a, size_t n)          \
	{                                                                      \
		double d = a[0].u.d;                                           \
                                                                               \
		(void)run;                                                     \
		(void)n;                                                       \
		return expr;                                                   \
	}

REAL(vs_fn_ceil, vs_val_double(ceil(d)))
REAL(vs_fn_floor, vs_val_double(floor(d)))
/* Halves go away from zero. */
REAL(vs_fn_round, vs_val_double(round(d)))
REAL(vs_fn_trunc, vs_val_double(trunc(d)))
REAL(vs_fn_is_nan, vs_val_bool(isnan(d)))
REAL(vs_fn_is_inf, vs_val_bool(isinf(d)))
REAL(vs_fn_is_finite, vs_val_bool(isfinite(d)))

struct vs_val
vs_fn_sqrt(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	if (a[0].kind == VS_KIND_INT)
		return vs_val_double(sqrt((double)a[0].u.i));
	if (a[0].kind == VS_KIND_UINT)
		return vs_val_double(sqrt((double)a[0].u.u));
	return vs_val_double(sqrt(a[0].u.d));
}

struct vs_val
vs_fn_abs(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	if (a[0].kind == VS_KIND_DOUBLE)
		return vs_val_double(fabs(a[0].u.d));
	if (a[0].kind == VS_KIND_UINT || a[0].u.i >= 0)
		return a[0];
	return vs_cel_negate(a[0]);
}

struct vs_val
vs_fn_sign(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	double d = a[0].u.d;

	(void)run;
	(void)n;
	if (a[0].kind == VS_KIND_INT)
		return vs_val_int((a[0].u.i > 0) - (a[0].u.i < 0));
	if (a[0].kind == VS_KIND_UINT)
		return vs_val_uint(a[0].u.u > 0);
	if (isnan(d))
		return a[0];
	return vs_val_double(d > 0 ? 1 : d < 0 ? -1 : 0);
}
