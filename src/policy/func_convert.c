/* SPDX-License-Identifier: Apache-2.0 */
/* bool() int() uint() double() string() bytes() type(). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "policy/func.h"

static struct vs_val
conversion(void)
{
	return vs_val_error(VS_CEL_CONVERSION);
}

static struct vs_val
range(void)
{
	return vs_val_error(VS_CEL_RANGE);
}

struct vs_val
vs_fn_type(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return vs_val_type((vs_kind)a[0].kind);
}

struct vs_val
vs_fn_same(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return a[0];
}

struct vs_val
vs_fn_to_bool(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	static const char *const yes[] = {"1", "t", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "false", "FALSE", "False"};

	(void)run;
	(void)n;
	if (a[0].kind == VS_KIND_BOOL)
		return a[0];
	for (size_t i = 0; i < VS_COUNT(yes); i++) {
		if (vs_span_is(vs_val_span(a[0]), yes[i]))
			return vs_val_bool(true);
		if (vs_span_is(vs_val_span(a[0]), no[i]))
			return vs_val_bool(false);
	}
	return conversion();
}

/* Decimal digits to the end of s, at least one. */
static bool
parse_u64(struct vs_span s, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' ||
		    __builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return s.n > 0;
}

static struct vs_val
int_from_text(struct vs_span s)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	bool sign = minus || (s.n > 0 && s.p[0] == '+');
	uint64_t v;

	if (!parse_u64(vs_span_slice(s, sign, s.n), &v) ||
	    v > (uint64_t)INT64_MAX + minus)
		return conversion();
	return vs_val_int(minus ? (int64_t)(0 - v) : (int64_t)v);
}

struct vs_val
vs_fn_to_int(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	switch (a[0].kind) {
	case VS_KIND_UINT:
		if (a[0].u.u > INT64_MAX)
			return range();
		return vs_val_int((int64_t)a[0].u.u);
	case VS_KIND_DOUBLE:
		/* Exclusive on both ends; false for NaN. */
		if (!(a[0].u.d > -0x1p63 && a[0].u.d < 0x1p63))
			return range();
		return vs_val_int((int64_t)a[0].u.d);
	case VS_KIND_STRING:
		vs_cel_charge_octets(run, a[0].n);
		return int_from_text(vs_val_span(a[0]));
	case VS_KIND_TIMESTAMP:
		return vs_val_int(a[0].u.i);
	default:
		return a[0];
	}
}

struct vs_val
vs_fn_to_uint(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	uint64_t v;

	(void)n;
	switch (a[0].kind) {
	case VS_KIND_INT:
		if (a[0].u.i < 0)
			return range();
		return vs_val_uint((uint64_t)a[0].u.i);
	case VS_KIND_DOUBLE:
		if (!(a[0].u.d >= 0 && a[0].u.d < 0x1p64))
			return range();
		return vs_val_uint((uint64_t)a[0].u.d);
	case VS_KIND_STRING:
		vs_cel_charge_octets(run, a[0].n);
		if (!parse_u64(vs_val_span(a[0]), &v))
			return conversion();
		return vs_val_uint(v);
	default:
		return a[0];
	}
}

static struct vs_val
double_from_text(struct vs_span s)
{
	static const struct {
		const char *name;
		double value;
	} names[] = {{"NaN", (double)NAN}, {"Infinity", (double)INFINITY},
	    {"+Infinity", (double)INFINITY}, {"-Infinity", -(double)INFINITY},
	    {"Inf", (double)INFINITY}};
	char buf[512], *end;

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		if (vs_span_is(s, names[i].name))
			return vs_val_double(names[i].value);
	}
	if (s.n == 0 || s.n >= sizeof(buf))
		return conversion();
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	/* No hexadecimal, no "inf", no leading blanks. */
	if (strspn(buf, "0123456789+-.eE") != s.n)
		return conversion();
	double d = strtod(buf, &end);
	if (end != buf + s.n)
		return conversion();
	if (isinf(d))
		return range();
	return vs_val_double(d);
}

struct vs_val
vs_fn_to_double(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	switch (a[0].kind) {
	case VS_KIND_INT:
		return vs_val_double((double)a[0].u.i);
	case VS_KIND_UINT:
		return vs_val_double((double)a[0].u.u);
	case VS_KIND_STRING:
		vs_cel_charge_octets(run, a[0].n);
		return double_from_text(vs_val_span(a[0]));
	default:
		return a[0];
	}
}

static struct vs_val
text(struct vs_cel_run *run, const char *s, size_t n)
{
	uint8_t *p = vs_cel_octets(run, n);

	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	if (n > 0)
		memcpy(p, s, n);
	return vs_val_str(VS_SPAN(p, n));
}

/* Digits of a double in plain notation: exp10 is that of the first digit. */
static size_t
plain(const char *dig, int count, int exp10, char *out)
{
	size_t n = 0;

	if (exp10 < 0) {
		out[n++] = '0';
		out[n++] = '.';
		for (int i = -1; i > exp10; i--)
			out[n++] = '0';
		for (int i = 0; i < count; i++)
			out[n++] = dig[i];
		return n;
	}
	for (int i = 0; i < count || i <= exp10; i++) {
		if (i == exp10 + 1)
			out[n++] = '.';
		out[n++] = i < count ? dig[i] : '0';
	}
	return n;
}

/* The shortest digits that read back as the same value. */
static size_t
double_text(double d, char out[64])
{
	char e[40], dig[20];
	int precision = 0, count = 0, exp10;
	size_t n = 0;

	if (isnan(d))
		return (size_t)snprintf(out, 64, "NaN");
	if (isinf(d))
		return (size_t)snprintf(
		    out, 64, "%sInfinity", d < 0 ? "-" : "");
	do {
		(void)snprintf(e, sizeof(e), "%.*e", precision, fabs(d));
	} while (strtod(e, NULL) != fabs(d) && ++precision < 17);
	const char *exp = strchr(e, 'e');
	exp10 = (int)strtol(exp + 1, NULL, 10);
	for (const char *s = e; s < exp; s++) {
		if (*s != '.')
			dig[count++] = *s;
	}
	if (signbit(d))
		out[n++] = '-';
	if (exp10 >= -4 && exp10 < 21)
		return n + plain(dig, count, exp10, out + n);
	int len = snprintf(out + n, 64 - n, "%.*s", (int)(exp - e), e);
	n += len > 0 ? (size_t)len : 0;
	len = snprintf(out + n, 64 - n, "e%+03d", exp10);
	return n + (len > 0 ? (size_t)len : 0);
}

static struct vs_val
string_from_bytes(struct vs_cel_run *run, struct vs_val v)
{
	vs_cel_charge_octets(run, v.n);
	if (!vs_utf8_valid(vs_val_span(v)))
		return vs_val_error(VS_CEL_BAD_UTF8);
	return vs_val_str(vs_val_span(v));
}

size_t
vs_cel_format_scalar(struct vs_val v, char out[64])
{
	int len;

	switch (v.kind) {
	case VS_KIND_INT:
		len = snprintf(out, 64, "%lld", (long long)v.u.i);
		return len > 0 ? (size_t)len : 0;
	case VS_KIND_UINT:
		len = snprintf(out, 64, "%llu", (unsigned long long)v.u.u);
		return len > 0 ? (size_t)len : 0;
	case VS_KIND_DOUBLE:
		return double_text(v.u.d, out);
	default:
		return vs_cel_format_time(v, out);
	}
}

struct vs_val
vs_fn_to_string(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	char buf[64];

	(void)n;
	switch (a[0].kind) {
	case VS_KIND_BOOL:
		return vs_val_str(
		    a[0].u.b ? VS_SPAN_LIT("true") : VS_SPAN_LIT("false"));
	case VS_KIND_BYTES:
		return string_from_bytes(run, a[0]);
	case VS_KIND_STRING:
		return a[0];
	default:
		return text(run, buf, vs_cel_format_scalar(a[0], buf));
	}
}

struct vs_val
vs_fn_to_bytes(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return vs_val_bytes(vs_val_span(a[0]));
}
