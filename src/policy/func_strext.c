/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: the functions that build new ones. */
#include <string.h>

#include "policy/func.h"
#include "policy/utf8.h"

static struct vs_val
exhausted(void)
{
	return vs_val_error(VS_CEL_ARENA);
}

static struct vs_val
map_ascii(struct vs_cel_run *run, struct vs_val s, uint8_t low, uint8_t high)
{
	uint8_t *p = vs_cel_octets(run, s.n);

	if (p == NULL)
		return exhausted();
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.u.p[i];

		p[i] = c >= low && c <= high ? c ^ 0x20 : c;
	}
	return vs_val_str(VS_SPAN(p, s.n));
}

struct vs_val
vs_fn_lower(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return map_ascii(run, a[0], 'A', 'Z');
}

struct vs_val
vs_fn_upper(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return map_ascii(run, a[0], 'a', 'z');
}

/* Unicode White_Space. */
static bool
is_space(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

struct vs_val
vs_fn_trim(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span s = vs_val_span(a[0]);

	(void)n;
	vs_cel_charge_octets(run, s.n);
	while (s.n > 0 && is_space(vs_utf8_get(s)))
		s = vs_span_slice(s, vs_utf8_step(s), s.n);
	while (s.n > 0) {
		size_t last = s.n - 1;

		while (last > 0 && (s.p[last] & 0xc0) == 0x80)
			last--;
		if (!is_space(vs_utf8_get(VS_SPAN(s.p + last, s.n - last))))
			break;
		s.n = last;
	}
	return vs_val_str(s);
}

/* The next part up to sep, or one character where sep is empty. Moves *rest
 * past both; false when sep does not come again. */
static bool
cut(struct vs_span *rest, struct vs_span sep, struct vs_span *part)
{
	if (sep.n == 0) {
		size_t step = rest->n > 0 ? vs_utf8_step(*rest) : 0;

		if (step == 0 || step == rest->n)
			return false;
		*part = VS_SPAN(rest->p, step);
		*rest = vs_span_slice(*rest, step, rest->n);
		return true;
	}
	const uint8_t *hit =
	    rest->n > 0 ? memmem(rest->p, rest->n, sep.p, sep.n) : NULL;
	if (hit == NULL)
		return false;
	size_t at = (size_t)(hit - rest->p);
	*part = VS_SPAN(rest->p, at);
	*rest = vs_span_slice(*rest, at + sep.n, rest->n);
	return true;
}

static bool
charge_search(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	vs_cel_charge(
	    run, ((uint64_t)a.n + 15) / 16 * (((uint64_t)b.n + 15) / 16));
	return !vs_cel_over(run);
}

struct vs_val
vs_fn_split(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span rest = vs_val_span(a[0]), part;
	struct vs_span sep = vs_val_span(a[1]);
	int64_t limit = n == 3 ? a[2].u.i : -1;
	size_t count = 1;

	if (limit == 0)
		return vs_val_list(NULL, 0);
	if (!charge_search(run, a[0], a[1]))
		return vs_val_error(VS_CEL_COST);
	/* Nothing, cut into single characters, is no part at all. */
	if (rest.n == 0 && sep.n == 0)
		return vs_val_list(NULL, 0);
	while (cut(&rest, sep, &part) && count <= VS_CEL_ITEMS_MAX)
		count++;
	if (limit > 0 && (uint64_t)limit < count)
		count = (size_t)limit;
	struct vs_val *v = vs_cel_items(run, count);
	if (v == NULL)
		return exhausted();
	rest = vs_val_span(a[0]);
	for (size_t i = 0; i + 1 < count; i++) {
		if (!cut(&rest, sep, &part))
			return vs_val_error(VS_CEL_INTERNAL);
		v[i] = vs_val_str(part);
	}
	v[count - 1] = vs_val_str(rest);
	return vs_val_list(v, count);
}

struct vs_val
vs_fn_join(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span sep = n == 2 ? vs_val_span(a[1]) : VS_SPAN(NULL, 0);
	size_t len = 0, at = 0;

	for (size_t i = 0; i < a[0].n; i++) {
		if (a[0].u.v[i].kind != VS_KIND_STRING)
			return vs_val_error(VS_CEL_NO_OVERLOAD);
		len += a[0].u.v[i].n + (i > 0 ? sep.n : 0);
	}
	uint8_t *p = vs_cel_octets(run, len);
	if (p == NULL)
		return exhausted();
	for (size_t i = 0; i < a[0].n; i++) {
		struct vs_span s = vs_val_span(a[0].u.v[i]);

		if (i > 0 && sep.n > 0) {
			memcpy(p + at, sep.p, sep.n);
			at += sep.n;
		}
		if (s.n > 0)
			memcpy(p + at, s.p, s.n);
		at += s.n;
	}
	return vs_val_str(VS_SPAN(p, len));
}

/* Writes s with up to limit replacements; out NULL: only measures. */
static size_t
replaced(struct vs_span s, struct vs_span from, struct vs_span to,
    uint64_t limit, uint8_t *out)
{
	size_t n = 0;

	for (;; limit--) {
		struct vs_span part = s, put = to;
		/* An empty `from` is before each character and at the end. */
		bool more = limit > 0, end = false;

		if (more && from.n == 0) {
			size_t step = s.n > 0 ? vs_utf8_step(s) : 0;

			end = step == 0;
			part = VS_SPAN(s.p, step);
			s = vs_span_slice(s, step, s.n);
		} else if (more) {
			more = cut(&s, from, &part);
			part = more ? part : s;
		}
		if (from.n == 0 && more) {
			if (out != NULL && put.n > 0)
				memcpy(out + n, put.p, put.n);
			n += put.n;
		}
		if (out != NULL && part.n > 0)
			memcpy(out + n, part.p, part.n);
		n += part.n;
		if (from.n > 0 && more) {
			if (out != NULL && put.n > 0)
				memcpy(out + n, put.p, put.n);
			n += put.n;
		}
		if (!more || end)
			return n;
	}
}

struct vs_val
vs_fn_replace(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span s = vs_val_span(a[0]);
	struct vs_span from = vs_val_span(a[1]), to = vs_val_span(a[2]);
	uint64_t limit = UINT64_MAX;

	if (n == 4 && a[3].u.i >= 0)
		limit = (uint64_t)a[3].u.i;
	if (!charge_search(run, a[0], a[1]))
		return vs_val_error(VS_CEL_COST);
	size_t len = replaced(s, from, to, limit, NULL);
	uint8_t *p = vs_cel_octets(run, len);
	if (p == NULL)
		return exhausted();
	(void)replaced(s, from, to, limit, p);
	return vs_val_str(VS_SPAN(p, len));
}
