/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps and durations: text, arithmetic, accessors. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/ast.h"
#include "policy/func.h"

/* Years 0001 to 9999. */
#define TIME_MIN INT64_C(-62135596800)
#define TIME_MAX INT64_C(253402300799)
#define NS INT64_C(1000000000)

static struct vs_val
range_error(void)
{
	return vs_val_error(VS_CEL_RANGE);
}

struct vs_val
vs_val_timestamp(int64_t s, int64_t ns)
{
	if (s < TIME_MIN || s > TIME_MAX || ns < 0 || ns >= NS)
		return range_error();
	return (struct vs_val){
	    .kind = VS_KIND_TIMESTAMP, .n = (uint32_t)ns, .u.i = s};
}

static uint8_t
at(struct vs_span s, size_t i)
{
	return i < s.n ? s.p[i] : 0;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits at i. */
static bool
digits(struct vs_span s, size_t i, size_t n, int64_t *out)
{
	int64_t v = 0;

	for (size_t k = 0; k < n; k++) {
		if (!is_digit(at(s, i + k)))
			return false;
		v = v * 10 + (at(s, i + k) - '0');
	}
	*out = v;
	return true;
}

/* "Z", or a sign with HH:MM, from i to the end. */
static bool
parse_offset(struct vs_span s, size_t i, int64_t *out)
{
	int64_t h, m;
	bool minus = at(s, i) == '-';

	if (!minus && at(s, i) != '+')
		return false;
	if (s.n != i + 6 || at(s, i + 3) != ':' || !digits(s, i + 1, 2, &h) ||
	    !digits(s, i + 4, 2, &m) || h > 23 || m > 59)
		return false;
	*out = (h * 60 + m) * (minus ? -60 : 60);
	return true;
}

bool
vs_cel_parse_zone(struct vs_span s, int64_t *offset_s)
{
	char signed_text[7] = "+";

	if (vs_span_is(s, "UTC")) {
		*offset_s = 0;
		return true;
	}
	if (s.n == 5 && is_digit(s.p[0])) {
		memcpy(signed_text + 1, s.p, 5);
		return parse_offset(VS_SPAN(signed_text, 6), 0, offset_s);
	}
	return parse_offset(s, 0, offset_s);
}

static bool
parse_fraction(struct vs_span s, size_t *i, int64_t *ns)
{
	int64_t scale = NS;
	size_t begin;

	*ns = 0;
	if (at(s, *i) != '.')
		return true;
	begin = ++*i;
	for (; is_digit(at(s, *i)); ++*i) {
		scale /= 10;
		*ns += (at(s, *i) - '0') * scale;
	}
	return *i > begin && *i - begin <= 9;
}

static bool
real_date(int64_t y, int64_t m, int64_t d)
{
	static const uint8_t len[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	if (y < 1 || m < 1 || m > 12 || d < 1 || d > len[m - 1])
		return false;
	return m != 2 || d < 29 || leap;
}

/* RFC 3339 5.6, upper-case T and Z, no leap seconds. */
bool
vs_cel_parse_timestamp(struct vs_span s, struct vs_val *out)
{
	int64_t y, mo, d, h, mi, sec, ns, offset = 0;
	size_t i = 19;

	if (!digits(s, 0, 4, &y) || at(s, 4) != '-' || !digits(s, 5, 2, &mo) ||
	    at(s, 7) != '-' || !digits(s, 8, 2, &d) || at(s, 10) != 'T' ||
	    !digits(s, 11, 2, &h) || at(s, 13) != ':' ||
	    !digits(s, 14, 2, &mi) || at(s, 16) != ':' ||
	    !digits(s, 17, 2, &sec) || !parse_fraction(s, &i, &ns))
		return false;
	if (!real_date(y, mo, d) || h > 23 || mi > 59 || sec > 59)
		return false;
	if (!(at(s, i) == 'Z' && s.n == i + 1) && !parse_offset(s, i, &offset))
		return false;
	*out = vs_val_timestamp(
	    vs_days_from_civil(y, (unsigned)mo, (unsigned)d) * 86400 +
		h * 3600 + mi * 60 + sec - offset,
	    ns);
	return !vs_val_is_error(*out);
}

/* Nanoseconds of one unit; moves past its name. 0: none. */
static int64_t
take_unit(struct vs_span s, size_t *i)
{
	static const struct {
		char name[3];
		int64_t ns;
	} units[] = {{"ms", 1000000}, {"us", 1000}, {"ns", 1}, {"h", 3600 * NS},
	    {"m", 60 * NS}, {"s", NS}};

	for (size_t k = 0; k < VS_COUNT(units); k++) {
		if (vs_span_starts(
			vs_span_slice(s, *i, 2), vs_span_cstr(units[k].name))) {
			*i += strlen(units[k].name);
			return units[k].ns;
		}
	}
	return 0;
}

/*
 * The digits from begin to end stand behind a decimal point: that part of a
 * unit, rounded down. From the last digit on, as floor((floor(x) + n) / 10)
 * is floor((x + n) / 10).
 */
static uint64_t
fraction_of(struct vs_span s, size_t begin, size_t end, uint64_t unit)
{
	uint64_t v = 0;

	for (size_t i = end; i > begin; i--)
		v = (v + (uint64_t)(s.p[i - 1] - '0') * unit) / 10;
	return v;
}

/* One "12.5h", added to *total in exact integers. */
static bool
duration_part(struct vs_span s, size_t *i, uint64_t *total)
{
	uint64_t whole = 0, unit;
	size_t begin, point, count = 0;

	for (; is_digit(at(s, *i)); ++*i, count++) {
		if (__builtin_mul_overflow(whole, UINT64_C(10), &whole) ||
		    __builtin_add_overflow(
			whole, (uint64_t)(s.p[*i] - '0'), &whole))
			return false;
	}
	point = at(s, *i) == '.';
	*i += point;
	begin = *i;
	while (point > 0 && is_digit(at(s, *i)))
		++*i;
	point = *i;
	unit = (uint64_t)take_unit(s, i);
	if (count + (point - begin) == 0 || unit == 0)
		return false;
	return !__builtin_mul_overflow(whole, unit, &whole) &&
	    !__builtin_add_overflow(*total, whole, total) &&
	    !__builtin_add_overflow(
		*total, fraction_of(s, begin, point, unit), total);
}

bool
vs_cel_parse_duration(struct vs_span s, struct vs_val *out)
{
	bool minus = at(s, 0) == '-';
	size_t i = minus || at(s, 0) == '+';
	uint64_t total = 0;

	if (s.n == i + 1 && s.p[i] == '0') {
		*out = vs_val_duration(0);
		return true;
	}
	if (i >= s.n)
		return false;
	while (i < s.n) {
		if (!duration_part(s, &i, &total))
			return false;
	}
	if (total > (uint64_t)INT64_MAX + minus)
		return false;
	*out = vs_val_duration(minus ? (int64_t)(0 - total) : (int64_t)total);
	return true;
}

/* ".5" without trailing zeros, nothing for 0. */
static int
format_fraction(int64_t ns, char out[16])
{
	int n;

	if (ns == 0) {
		out[0] = '\0';
		return 0;
	}
	n = snprintf(out, 16, ".%09d", (int)(ns % NS));
	while (n > 0 && out[n - 1] == '0')
		out[--n] = '\0';
	return n;
}

static size_t
format_duration(int64_t ns, char out[64])
{
	char fraction[16];
	/* The magnitude: INT64_MIN has no positive. */
	uint64_t abs = ns < 0 ? ~(uint64_t)ns + 1 : (uint64_t)ns;
	int n;

	(void)format_fraction((int64_t)(abs % (uint64_t)NS), fraction);
	n = snprintf(out, 64, "%s%llu%ss", ns < 0 ? "-" : "",
	    (unsigned long long)(abs / (uint64_t)NS), fraction);
	return n > 0 ? (size_t)n : 0;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

size_t
vs_cel_format_time(struct vs_val v, char out[64])
{
	int64_t days = floor_div(v.u.i, 86400), year;
	int sec = (int)(v.u.i - days * 86400);
	unsigned month, day;
	char fraction[16];
	int n;

	if (v.kind == VS_KIND_DURATION)
		return format_duration(v.u.i, out);
	vs_civil_from_days(days, &year, &month, &day);
	(void)format_fraction(v.n, fraction);
	n = snprintf(out, 64, "%04d-%02u-%02uT%02d:%02d:%02d%sZ", (int)year,
	    month, day, sec / 3600, sec / 60 % 60, sec % 60, fraction);
	return n > 0 ? (size_t)n : 0;
}

/* t + ns, where |ns| < 2^63. */
static struct vs_val
shift(struct vs_val t, int64_t ns, bool minus)
{
	int64_t s = floor_div(ns, NS), rest = ns - s * NS;

	if (minus) {
		s = -s;
		rest = -rest;
	}
	s += t.u.i;
	rest += t.n;
	if (rest >= NS) {
		s++;
		rest -= NS;
	} else if (rest < 0) {
		s--;
		rest += NS;
	}
	return vs_val_timestamp(s, rest);
}

static struct vs_val
difference(struct vs_val a, struct vs_val b)
{
	int64_t ns;

	if (__builtin_mul_overflow(a.u.i - b.u.i, NS, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)a.n - (int64_t)b.n, &ns))
		return range_error();
	return vs_val_duration(ns);
}

static struct vs_val
add_durations(int op, int64_t a, int64_t b)
{
	int64_t r;

	if (op == VS_OP_ADD ? __builtin_add_overflow(a, b, &r)
			    : __builtin_sub_overflow(a, b, &r))
		return range_error();
	return vs_val_duration(r);
}

struct vs_val
vs_cel_time_arith(int op, struct vs_val a, struct vs_val b)
{
	bool at = a.kind == VS_KIND_TIMESTAMP, bt = b.kind == VS_KIND_TIMESTAMP;
	bool ad = a.kind == VS_KIND_DURATION, bd = b.kind == VS_KIND_DURATION;

	if (op == VS_OP_ADD || op == VS_OP_SUB) {
		if (at && bd)
			return shift(a, b.u.i, op == VS_OP_SUB);
		if (ad && bt && op == VS_OP_ADD)
			return shift(b, a.u.i, false);
		if (at && bt && op == VS_OP_SUB)
			return difference(a, b);
		if (ad && bd)
			return add_durations(op, a.u.i, b.u.i);
	}
	return vs_val_error(VS_CEL_NO_OVERLOAD);
}

struct vs_val
vs_fn_timestamp(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_val t;

	(void)n;
	if (a[0].kind == VS_KIND_INT)
		return vs_val_timestamp(a[0].u.i, 0);
	vs_cel_charge_octets(run, a[0].n);
	if (!vs_cel_parse_timestamp(vs_val_span(a[0]), &t))
		return vs_val_error(VS_CEL_CONVERSION);
	return t;
}

struct vs_val
vs_fn_duration(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_val d;

	(void)n;
	vs_cel_charge_octets(run, a[0].n);
	if (!vs_cel_parse_duration(vs_val_span(a[0]), &d))
		return vs_val_error(VS_CEL_CONVERSION);
	return d;
}
