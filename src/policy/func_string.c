/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: the standard functions, and those that look for a part. Offsets
 * count characters. */
#include <string.h>

#include "policy/func.h"
#include "policy/glob.h"
#include "policy/utf8.h"

struct vs_val
vs_fn_size(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	if (a[0].kind != VS_KIND_STRING)
		return vs_val_int(a[0].n);
	vs_cel_charge_octets(run, a[0].n);
	return vs_val_int((int64_t)vs_utf8_count(vs_val_span(a[0])));
}

/* Charged before the search: it may cost the product of both lengths. */
static bool
charge_search(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	vs_cel_charge(
	    run, ((uint64_t)a.n + 15) / 16 * (((uint64_t)b.n + 15) / 16));
	return !vs_cel_over(run);
}

/* Octet offset of the first part at or after from, or SIZE_MAX. */
static size_t
find(struct vs_span s, struct vs_span part, size_t from)
{
	const uint8_t *hit;

	if (from > s.n)
		return SIZE_MAX;
	if (part.n == 0)
		return from;
	if (s.n == from)
		return SIZE_MAX;
	hit = memmem(s.p + from, s.n - from, part.p, part.n);
	return hit != NULL ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct vs_val
vs_fn_contains(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	if (!charge_search(run, a[0], a[1]))
		return vs_val_error(VS_CEL_COST);
	return vs_val_bool(
	    find(vs_val_span(a[0]), vs_val_span(a[1]), 0) != SIZE_MAX);
}

struct vs_val
vs_fn_starts(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	vs_cel_charge_octets(run, a[1].n);
	return vs_val_bool(
	    vs_span_starts(vs_val_span(a[0]), vs_val_span(a[1])));
}

struct vs_val
vs_fn_ends(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	vs_cel_charge_octets(run, a[1].n);
	if (a[1].n > a[0].n)
		return vs_val_bool(false);
	return vs_val_bool(vs_span_equal(
	    VS_SPAN(a[0].u.p + (a[0].n - a[1].n), a[1].n), vs_val_span(a[1])));
}

/* Octet offset of an offset in characters. */
static bool
offset_of(struct vs_cel_run *run, struct vs_val s, struct vs_val i, size_t *out)
{
	if (i.u.i < 0)
		return false;
	vs_cel_charge_octets(run, s.n);
	*out = vs_utf8_offset(vs_val_span(s), (uint64_t)i.u.i);
	return *out <= s.n;
}

static struct vs_val
characters_before(struct vs_val s, size_t octet)
{
	if (octet == SIZE_MAX)
		return vs_val_int(-1);
	return vs_val_int((int64_t)vs_utf8_count(VS_SPAN(s.u.p, octet)));
}

struct vs_val
vs_fn_index_of(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	size_t from = 0;

	if (n == 3 && !offset_of(run, a[0], a[2], &from))
		return vs_val_error(VS_CEL_ARGUMENT);
	if (!charge_search(run, a[0], a[1]))
		return vs_val_error(VS_CEL_COST);
	return characters_before(
	    a[0], find(vs_val_span(a[0]), vs_val_span(a[1]), from));
}

struct vs_val
vs_fn_last_index_of(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span s = vs_val_span(a[0]), part = vs_val_span(a[1]);
	size_t last = s.n;

	if (n == 3 && !offset_of(run, a[0], a[2], &last))
		return vs_val_error(VS_CEL_ARGUMENT);
	if (!charge_search(run, a[0], a[1]))
		return vs_val_error(VS_CEL_COST);
	if (part.n > s.n)
		return vs_val_int(-1);
	if (last > s.n - part.n)
		last = s.n - part.n;
	for (size_t i = last + 1; i > 0; i--) {
		if (vs_span_equal(vs_span_slice(s, i - 1, part.n), part))
			return characters_before(a[0], i - 1);
	}
	return vs_val_int(-1);
}

struct vs_val
vs_fn_substring(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	size_t from, to = a[0].n;

	if (!offset_of(run, a[0], a[1], &from) ||
	    (n == 3 && !offset_of(run, a[0], a[2], &to)) || from > to)
		return vs_val_error(VS_CEL_ARGUMENT);
	return vs_val_str(vs_span_slice(vs_val_span(a[0]), from, to - from));
}

struct vs_val
vs_fn_char_at(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span rest;
	size_t at;

	(void)n;
	if (!offset_of(run, a[0], a[1], &at))
		return vs_val_error(VS_CEL_ARGUMENT);
	rest = vs_span_slice(vs_val_span(a[0]), at, a[0].n);
	if (rest.n > 0)
		rest.n = vs_utf8_step(rest);
	return vs_val_str(rest);
}

struct vs_val
vs_fn_glob(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	uint64_t text = a[0].n, pattern = a[1].n;

	(void)n;
	/* A `*` after a `**` may be tried from each place. */
	vs_cel_charge(run, 1 + text * (text + pattern) / 16);
	if (vs_cel_over(run))
		return vs_val_error(VS_CEL_COST);
	return vs_val_bool(vs_glob_match(vs_val_span(a[1]), vs_val_span(a[0])));
}
