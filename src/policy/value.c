/* SPDX-License-Identifier: Apache-2.0 */
/* Equality and order of values. */
#include <math.h>
#include <string.h>

#include "policy/func.h"
#include "policy/net.h"
#include "policy/value.h"

const char *
vs_kind_name(vs_kind k)
{
	static const char *const names[] = {
#define X(sym, name, letter) [sym] = (name),
	    VS_KIND_TABLE(X)
#undef X
	};

	return k < VS_KIND_COUNT ? names[k] : "unknown";
}

const char *
vs_cel_error_name(vs_cel_error e)
{
	static const char *const names[] = {
#define X(sym, name) [sym] = (name),
	    VS_CEL_ERROR_TABLE(X)
#undef X
	};

	return (size_t)e < VS_COUNT(names) ? names[e] : "internal";
}

static vs_order
order_i64(int64_t a, int64_t b)
{
	return a < b ? VS_LESS : a > b ? VS_GREATER : VS_SAME;
}

static vs_order
order_u64(uint64_t a, uint64_t b)
{
	return a < b ? VS_LESS : a > b ? VS_GREATER : VS_SAME;
}

static vs_order
order_double(double a, double b)
{
	if (isnan(a) || isnan(b))
		return VS_UNORDERED;
	return a < b ? VS_LESS : a > b ? VS_GREATER : VS_SAME;
}

static vs_order
reverse(vs_order o)
{
	return o == VS_LESS ? VS_GREATER : o == VS_GREATER ? VS_LESS : o;
}

/*
 * Within the range of the integer the order is that of doubles, as the
 * conformance cases have it: 2^63 - 1 >= 2^63 when the latter is a double.
 * Equality asks equal_int_double and is exact.
 */
static vs_order
order_int_double(int64_t i, double d)
{
	if (isnan(d))
		return VS_UNORDERED;
	if (d > 0x1p63)
		return VS_LESS;
	if (d < -0x1p63)
		return VS_GREATER;
	return order_double((double)i, d);
}

static vs_order
order_uint_double(uint64_t u, double d)
{
	if (isnan(d))
		return VS_UNORDERED;
	if (d > 0x1p64)
		return VS_LESS;
	if (d < 0)
		return VS_GREATER;
	return order_double((double)u, d);
}

static bool
equal_int_double(int64_t i, double d)
{
	return d >= -0x1p63 && d < 0x1p63 && d == trunc(d) && i == (int64_t)d;
}

static bool
equal_uint_double(uint64_t u, double d)
{
	return d >= 0 && d < 0x1p64 && d == trunc(d) && u == (uint64_t)d;
}

static vs_order
order_int_uint(int64_t i, uint64_t u)
{
	return i < 0 ? VS_LESS : order_u64((uint64_t)i, u);
}

static vs_order
order_numbers(struct vs_val a, struct vs_val b)
{
	if (a.kind == VS_KIND_INT) {
		if (b.kind == VS_KIND_INT)
			return order_i64(a.u.i, b.u.i);
		if (b.kind == VS_KIND_UINT)
			return order_int_uint(a.u.i, b.u.u);
		return order_int_double(a.u.i, b.u.d);
	}
	if (a.kind == VS_KIND_UINT) {
		if (b.kind == VS_KIND_UINT)
			return order_u64(a.u.u, b.u.u);
		if (b.kind == VS_KIND_INT)
			return reverse(order_int_uint(b.u.i, a.u.u));
		return order_uint_double(a.u.u, b.u.d);
	}
	if (b.kind == VS_KIND_INT)
		return reverse(order_int_double(b.u.i, a.u.d));
	if (b.kind == VS_KIND_UINT)
		return reverse(order_uint_double(b.u.u, a.u.d));
	return order_double(a.u.d, b.u.d);
}

static bool
equal_numbers(struct vs_val a, struct vs_val b)
{
	if (a.kind != VS_KIND_DOUBLE && b.kind == VS_KIND_DOUBLE)
		return a.kind == VS_KIND_INT ? equal_int_double(a.u.i, b.u.d)
					     : equal_uint_double(a.u.u, b.u.d);
	if (a.kind == VS_KIND_DOUBLE && b.kind != VS_KIND_DOUBLE)
		return equal_numbers(b, a);
	return order_numbers(a, b) == VS_SAME;
}

static vs_order
order_octets(struct vs_val a, struct vs_val b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.u.p, b.u.p, n) : 0;

	if (c != 0)
		return c < 0 ? VS_LESS : VS_GREATER;
	return order_u64(a.n, b.n);
}

bool
vs_val_order(
    struct vs_cel_run *run, struct vs_val a, struct vs_val b, vs_order *out)
{
	if (vs_val_is_number(a) && vs_val_is_number(b)) {
		*out = order_numbers(a, b);
		return true;
	}
	if (a.kind != b.kind)
		return false;
	switch ((vs_kind)a.kind) {
	case VS_KIND_BOOL:
		*out = order_u64(a.u.b, b.u.b);
		return true;
	case VS_KIND_STRING:
	case VS_KIND_BYTES:
		vs_cel_charge_octets(run, a.n < b.n ? a.n : b.n);
		*out = order_octets(a, b);
		return true;
	case VS_KIND_TIMESTAMP:
		*out = order_i64(a.u.i, b.u.i);
		if (*out == VS_SAME)
			*out = order_u64(a.n, b.n);
		return true;
	case VS_KIND_DURATION:
		*out = order_i64(a.u.i, b.u.i);
		return true;
	case VS_KIND_ERROR:
	case VS_KIND_NULL:
	case VS_KIND_INT:
	case VS_KIND_UINT:
	case VS_KIND_DOUBLE:
	case VS_KIND_LIST:
	case VS_KIND_MAP:
	case VS_KIND_TYPE:
	case VS_KIND_IP:
	case VS_KIND_CIDR:
	case VS_KIND_SEMVER:
	case VS_KIND_RECORD:
	case VS_KIND_COUNT:
	default:
		return false;
	}
}

static bool
equal_lists(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (vs_cel_over(run) || !vs_val_equal(run, a.u.v[i], b.u.v[i]))
			return false;
	}
	return true;
}

static bool
equal_maps(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		const struct vs_val *v = vs_val_map_get(run, b, a.u.v[2 * i]);

		if (v == NULL || vs_cel_over(run) ||
		    !vs_val_equal(run, a.u.v[2 * i + 1], *v))
			return false;
	}
	return true;
}

bool
vs_val_equal(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	vs_order o;

	vs_cel_charge(run, 1);
	if (vs_val_is_number(a) && vs_val_is_number(b))
		return equal_numbers(a, b);
	if (a.kind != b.kind)
		return false;
	switch ((vs_kind)a.kind) {
	case VS_KIND_NULL:
		return true;
	case VS_KIND_TYPE:
		return a.u.i == b.u.i;
	case VS_KIND_STRING:
	case VS_KIND_BYTES:
		if (a.n != b.n)
			return false;
		vs_cel_charge_octets(run, a.n);
		return a.n == 0 || memcmp(a.u.p, b.u.p, a.n) == 0;
	case VS_KIND_IP:
	case VS_KIND_CIDR:
		return a.n == b.n && memcmp(a.u.p, b.u.p, VS_IP_LEN) == 0;
	case VS_KIND_SEMVER:
		return vs_val_semver_order(run, a, b) == 0;
	case VS_KIND_LIST:
		return equal_lists(run, a, b);
	case VS_KIND_MAP:
		return equal_maps(run, a, b);
	case VS_KIND_BOOL:
	case VS_KIND_TIMESTAMP:
	case VS_KIND_DURATION:
		return vs_val_order(run, a, b, &o) && o == VS_SAME;
	case VS_KIND_ERROR:
	case VS_KIND_INT:
	case VS_KIND_UINT:
	case VS_KIND_DOUBLE:
	case VS_KIND_RECORD: /* the checker lets none be compared */
	case VS_KIND_COUNT:
	default:
		return false;
	}
}

bool
vs_val_is_key(struct vs_val v)
{
	return v.kind == VS_KIND_BOOL || v.kind == VS_KIND_INT ||
	    v.kind == VS_KIND_UINT || v.kind == VS_KIND_STRING;
}

const struct vs_val *
vs_val_map_get(struct vs_cel_run *run, struct vs_val map, struct vs_val key)
{
	for (size_t i = 0; i < map.n && !vs_cel_over(run); i++) {
		if (vs_val_equal(run, map.u.v[2 * i], key))
			return &map.u.v[2 * i + 1];
	}
	return NULL;
}
