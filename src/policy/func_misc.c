/* SPDX-License-Identifier: Apache-2.0 */
/* hex, unhex, versions, sets. */
#include "base/encoding.h"
#include "policy/func.h"

struct vs_val
vs_fn_hex(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *p = vs_cel_octets(run, 2 * (size_t)a[0].n);

	(void)n;
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < a[0].n; i++) {
		p[2 * i] = (uint8_t)digits[a[0].u.p[i] >> 4];
		p[2 * i + 1] = (uint8_t)digits[a[0].u.p[i] & 15];
	}
	return vs_val_str(VS_SPAN(p, 2 * (size_t)a[0].n));
}

struct vs_val
vs_fn_unhex(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	size_t len = a[0].n / 2;
	uint8_t *p = vs_cel_octets(run, len);

	(void)n;
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	if (vs_unhex(vs_val_span(a[0]), p, len) != VS_OK)
		return vs_val_error(VS_CEL_CONVERSION);
	return vs_val_bytes(VS_SPAN(p, len));
}

static int
digit_of(uint8_t c, int base)
{
	int d = c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'   ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'   ? c - 'A' + 10
				     : 99;

	return d < base ? d : -1;
}

/* The next part of a dotted version; 0 once nothing is left. 18 decimal and
 * 15 hexadecimal digits fit with room to spare. */
static bool
next_part(struct vs_span *s, bool *more, int base, int64_t *out)
{
	int64_t v = 0;
	size_t i = 0, most = base == 10 ? 18 : 15;

	*out = 0;
	if (!*more)
		return true;
	for (; i < s->n && s->p[i] != '.'; i++) {
		int d = digit_of(s->p[i], base);

		if (d < 0 || i >= most)
			return false;
		v = v * base + d;
	}
	if (i == 0)
		return false;
	*more = i < s->n;
	*s = vs_span_slice(*s, i + 1, s->n);
	*out = v;
	return true;
}

/* False where one of them is no version. */
static bool
compare(struct vs_span x, struct vs_span y, int base, int *result)
{
	bool more_x = true, more_y = true;
	int64_t vx, vy;

	*result = 0;
	/* To the end, so that a broken tail is never overlooked. */
	while (more_x || more_y) {
		if (!next_part(&x, &more_x, base, &vx) ||
		    !next_part(&y, &more_y, base, &vy))
			return false;
		if (*result == 0 && vx != vy)
			*result = vx < vy ? -1 : 1;
	}
	return true;
}

static struct vs_val
compare_versions(struct vs_cel_run *run, const struct vs_val *a, int base)
{
	struct vs_span x = vs_val_span(a[0]), y = vs_val_span(a[1]);
	int result;

	vs_cel_charge_octets(run, x.n + y.n);
	if (!compare(x, y, base, &result))
		return vs_val_error(VS_CEL_CONVERSION);
	return vs_val_int(result);
}

/* "LOW..HIGH", HIGH not included. False where it is none. */
static bool
in_range(struct vs_span version, struct vs_span range, bool *in)
{
	size_t n = 0;
	int low, high;

	while (n + 1 < range.n && !(range.p[n] == '.' && range.p[n + 1] == '.'))
		n++;
	if (!compare(version, vs_span_slice(range, 0, n), 10, &low) ||
	    !compare(version, vs_span_slice(range, n + 2, range.n), 10, &high))
		return false;
	*in = *in || (low >= 0 && high < 0);
	return true;
}

/* All of them are looked at: a range that is broken is never overlooked. */
struct vs_val
vs_fn_vercmp_in(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	bool in = false;

	(void)n;
	for (size_t i = 0; i < a[0].n && !vs_cel_over(run); i++) {
		if (a[0].u.v[i].kind != VS_KIND_STRING)
			return vs_val_error(VS_CEL_NO_OVERLOAD);
		vs_cel_charge_octets(run, a[0].u.v[i].n);
		if (!in_range(vs_val_span(a[1]), vs_val_span(a[0].u.v[i]), &in))
			return vs_val_error(VS_CEL_CONVERSION);
	}
	return vs_val_bool(in);
}

struct vs_val
vs_fn_vercmp(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return compare_versions(run, a, 10);
}

struct vs_val
vs_fn_vercmp_hex(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return compare_versions(run, a, 16);
}

static bool
holds(struct vs_cel_run *run, struct vs_val list, struct vs_val v)
{
	for (size_t i = 0; i < list.n && !vs_cel_over(run); i++) {
		if (vs_val_equal(run, list.u.v[i], v))
			return true;
	}
	return false;
}

static bool
holds_all(struct vs_cel_run *run, struct vs_val list, struct vs_val part)
{
	for (size_t i = 0; i < part.n; i++) {
		if (!holds(run, list, part.u.v[i]))
			return false;
	}
	return true;
}

struct vs_val
vs_fn_sets_contains(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_bool(holds_all(run, a[0], a[1]));
}

struct vs_val
vs_fn_sets_equivalent(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_bool(
	    holds_all(run, a[0], a[1]) && holds_all(run, a[1], a[0]));
}

struct vs_val
vs_fn_sets_intersects(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	for (size_t i = 0; i < a[1].n; i++) {
		if (holds(run, a[0], a[1].u.v[i]))
			return vs_val_bool(true);
	}
	return vs_val_bool(false);
}

struct vs_val
vs_fn_distinct(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_val *v = vs_cel_items(run, a[0].n);
	size_t kept = 0;

	(void)n;
	if (v == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < a[0].n; i++) {
		if (!holds(run, vs_val_list(v, kept), a[0].u.v[i]))
			v[kept++] = a[0].u.v[i];
	}
	return vs_val_list(v, kept);
}
