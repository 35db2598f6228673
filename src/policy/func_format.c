/* SPDX-License-Identifier: Apache-2.0 */
/* string.format(): a text with clauses, and a list of what goes into them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "policy/func.h"

enum { PRECISION = 6, PRECISION_MAX = 100, NUMBER_MAX = 512 };

/* Measures first (p == NULL), then writes. */
struct out {
	struct vs_cel_run *run;
	uint8_t *p;
	size_t n;
	bool failed;
	vs_cel_error why;
};

static void
fail(struct out *o, vs_cel_error why)
{
	if (o->failed)
		return;
	o->failed = true;
	o->why = why;
}

static void
put(struct out *o, struct vs_span s)
{
	if (o->failed)
		return;
	if (o->n + s.n > VS_CEL_STR_MAX) {
		fail(o, VS_CEL_ARENA);
		return;
	}
	if (o->p != NULL && s.n > 0)
		memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

static void
word(struct out *o, const char *s)
{
	put(o, vs_span_cstr(s));
}

static void show(struct out *o, struct vs_val v);

static void
show_list(struct out *o, struct vs_val list)
{
	word(o, "[");
	for (size_t i = 0; i < list.n && !o->failed; i++) {
		vs_cel_charge(o->run, 1);
		if (i > 0)
			word(o, ", ");
		show(o, list.u.v[i]);
	}
	word(o, "]");
}

/* Text of a key; room for that of a number. */
static struct vs_span
key_text(struct vs_val key, char buf[64])
{
	if (key.kind == VS_KIND_STRING)
		return vs_val_span(key);
	if (key.kind == VS_KIND_BOOL)
		return vs_span_cstr(key.u.b ? "true" : "false");
	return VS_SPAN(buf, vs_cel_format_scalar(key, buf));
}

static int
compare_keys(struct vs_val map, size_t a, size_t b)
{
	char buf_a[64], buf_b[64];
	struct vs_span x = key_text(map.u.v[2 * a], buf_a);
	struct vs_span y = key_text(map.u.v[2 * b], buf_b);
	size_t n = x.n < y.n ? x.n : y.n;
	int c = n > 0 ? memcmp(x.p, y.p, n) : 0;

	if (c != 0)
		return c;
	if (x.n != y.n)
		return x.n < y.n ? -1 : 1;
	/* 1 and "1" look alike. */
	return a < b ? -1 : a > b;
}

/* The entry that comes next in the order of keys; map.n: none. */
static size_t
next_key(struct vs_val map, size_t last)
{
	size_t best = map.n;

	for (size_t i = 0; i < map.n; i++) {
		if (last < map.n && compare_keys(map, i, last) <= 0)
			continue;
		if (best == map.n || compare_keys(map, i, best) < 0)
			best = i;
	}
	return best;
}

static void
show_map(struct out *o, struct vs_val map)
{
	size_t at = map.n;

	vs_cel_charge(o->run, (uint64_t)map.n * map.n);
	if (vs_cel_over(o->run)) {
		fail(o, VS_CEL_COST);
		return;
	}
	word(o, "{");
	for (size_t i = 0; i < map.n && !o->failed; i++) {
		at = next_key(map, at);
		if (i > 0)
			word(o, ", ");
		show(o, map.u.v[2 * at]);
		word(o, ": ");
		show(o, map.u.v[2 * at + 1]);
	}
	word(o, "}");
}

static void
show(struct out *o, struct vs_val v)
{
	char buf[64];

	switch (v.kind) {
	case VS_KIND_NULL:
		word(o, "null");
		return;
	case VS_KIND_BOOL:
		word(o, v.u.b ? "true" : "false");
		return;
	case VS_KIND_BYTES:
		if (!vs_utf8_valid(vs_val_span(v)))
			fail(o, VS_CEL_BAD_UTF8);
		put(o, vs_val_span(v));
		return;
	case VS_KIND_STRING:
	case VS_KIND_SEMVER:
		put(o, vs_val_span(v));
		return;
	case VS_KIND_LIST:
		show_list(o, v);
		return;
	case VS_KIND_MAP:
		show_map(o, v);
		return;
	case VS_KIND_TYPE:
		word(o, vs_kind_name((vs_kind)v.u.i));
		return;
	case VS_KIND_IP:
	case VS_KIND_CIDR:
		put(o, VS_SPAN(buf, vs_cel_format_net(v, buf)));
		return;
	case VS_KIND_RECORD:
	case VS_KIND_ERROR:
		fail(o, VS_CEL_ARGUMENT);
		return;
	default:
		put(o, VS_SPAN(buf, vs_cel_format_scalar(v, buf)));
		return;
	}
}

/* Sign and magnitude of an int or uint. */
static bool
magnitude(struct vs_val v, bool *minus, uint64_t *out)
{
	*minus = v.kind == VS_KIND_INT && v.u.i < 0;
	if (v.kind == VS_KIND_INT)
		*out = *minus ? ~(uint64_t)v.u.i + 1 : (uint64_t)v.u.i;
	else if (v.kind == VS_KIND_UINT)
		*out = v.u.u;
	else
		return false;
	return true;
}

/* %b %o %x %X of a number: so many bits a digit. */
static void
show_digits(struct out *o, struct vs_val v, unsigned bits, const char *digits)
{
	char buf[72];
	size_t at = sizeof(buf);
	uint64_t u;
	bool minus;

	if (!magnitude(v, &minus, &u)) {
		fail(o, VS_CEL_ARGUMENT);
		return;
	}
	do {
		buf[--at] = digits[u & ((1U << bits) - 1)];
		u >>= bits;
	} while (u != 0);
	if (minus)
		buf[--at] = '-';
	put(o, VS_SPAN(buf + at, sizeof(buf) - at));
}

static void
show_hex(struct out *o, struct vs_val v, const char *digits)
{
	if (v.kind != VS_KIND_STRING && v.kind != VS_KIND_BYTES) {
		show_digits(o, v, 4, digits);
		return;
	}
	for (size_t i = 0; i < v.n && !o->failed; i++) {
		uint8_t c = v.u.p[i];
		const char pair[2] = {digits[c >> 4], digits[c & 15]};

		put(o, VS_SPAN(pair, 2));
	}
}

static void
show_real(struct out *o, struct vs_val v, int precision, char verb)
{
	char buf[NUMBER_MAX];
	int n;

	if (v.kind == VS_KIND_INT)
		v = vs_val_double((double)v.u.i);
	else if (v.kind == VS_KIND_UINT)
		v = vs_val_double((double)v.u.u);
	if (v.kind != VS_KIND_DOUBLE) {
		fail(o, VS_CEL_ARGUMENT);
	} else if (!isfinite(v.u.d)) {
		show(o, v);
	} else {
		n = verb == 'f'
		    ? snprintf(buf, sizeof(buf), "%.*f", precision, v.u.d)
		    : snprintf(buf, sizeof(buf), "%.*e", precision, v.u.d);
		put(o, VS_SPAN(buf, n > 0 ? (size_t)n : 0));
	}
}

/* Whole numbers, and the doubles that are none at all. */
static void
show_decimal(struct out *o, struct vs_val v)
{
	if (v.kind == VS_KIND_INT || v.kind == VS_KIND_UINT ||
	    (v.kind == VS_KIND_DOUBLE && !isfinite(v.u.d)))
		show(o, v);
	else
		fail(o, VS_CEL_ARGUMENT);
}

static void
show_clause(struct out *o, uint8_t verb, int precision, struct vs_val v)
{
	static const char low[] = "0123456789abcdef";
	static const char high[] = "0123456789ABCDEF";

	switch (verb) {
	case 's':
		show(o, v);
		return;
	case 'd':
		show_decimal(o, v);
		return;
	case 'f':
	case 'e':
		show_real(o, v, precision, (char)verb);
		return;
	case 'b':
		if (v.kind == VS_KIND_BOOL)
			v = vs_val_int(v.u.b);
		show_digits(o, v, 1, low);
		return;
	case 'o':
		show_digits(o, v, 3, low);
		return;
	case 'x':
		show_hex(o, v, low);
		return;
	case 'X':
		show_hex(o, v, high);
		return;
	default:
		fail(o, VS_CEL_ARGUMENT);
		return;
	}
}

/* ".3" behind a %; moves past it. */
static bool
take_precision(struct vs_span *s, int *out)
{
	size_t i = 1;
	int v = 0;

	*out = PRECISION;
	if (s->n == 0 || s->p[0] != '.')
		return true;
	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		v = v * 10 + (s->p[i] - '0');
		if (v > PRECISION_MAX)
			return false;
	}
	*s = vs_span_slice(*s, i, s->n);
	*out = v;
	return i > 1;
}

/* Up to the next %, or to the end. */
static struct vs_span
take_text(struct vs_span *s)
{
	const uint8_t *hit = s->n > 0 ? memchr(s->p, '%', s->n) : NULL;
	size_t n = hit != NULL ? (size_t)(hit - s->p) : s->n;
	struct vs_span text = VS_SPAN(s->p, n);

	*s = vs_span_slice(*s, n, s->n);
	return text;
}

static void
format(struct out *o, struct vs_span s, struct vs_val args)
{
	size_t used = 0;
	int precision;

	while (s.n > 0 && !o->failed) {
		put(o, take_text(&s));
		if (s.n == 0)
			return;
		s = vs_span_slice(s, 1, s.n);
		if (s.n > 0 && s.p[0] == '%') {
			word(o, "%");
		} else if (!take_precision(&s, &precision) || s.n == 0 ||
		    used == args.n) {
			fail(o, VS_CEL_ARGUMENT);
			return;
		} else {
			show_clause(o, s.p[0], precision, args.u.v[used++]);
		}
		s = vs_span_slice(s, 1, s.n);
	}
}

struct vs_val
vs_fn_format(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct out o = {.run = run};

	(void)n;
	vs_cel_charge_octets(run, a[0].n);
	format(&o, vs_val_span(a[0]), a[1]);
	if (!o.failed) {
		o.p = vs_cel_octets(run, o.n);
		if (o.p == NULL)
			return vs_val_error(VS_CEL_ARENA);
		o.n = 0;
		format(&o, vs_val_span(a[0]), a[1]);
	}
	return o.failed ? vs_val_error(o.why) : vs_val_str(VS_SPAN(o.p, o.n));
}
