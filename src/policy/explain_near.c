/* SPDX-License-Identifier: Apache-2.0 */
/* Near misses: the entry that was probably meant, the component that is too
 * low. Distances are bounded, so that a long list costs one pass over it. */
#include <stdio.h>
#include <string.h>

#include "policy/explain.h"

enum {
	NEAR_MAX = 8,    /* characters that may differ */
	TEXT_MAX = 512,  /* longer texts are not compared */
	DIGEST_MIN = 16, /* shorter ones are names, not digests */
};

struct near {
	struct vs_span text;
	size_t far;   /* characters that differ */
	size_t first; /* the first of them, from 0 */
	bool found;
};

/* A short word is near another only by a slip or two. */
static size_t
limit_of(struct vs_span have)
{
	size_t limit = have.n < 6 ? 1 : have.n / 4;

	return limit < NEAR_MAX ? limit : NEAR_MAX;
}

static size_t
first_difference(struct vs_span a, struct vs_span b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	return i;
}

static size_t
replaced(struct vs_span a, struct vs_span b, size_t limit)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n && n <= limit; i++)
		n += a.p[i] != b.p[i];
	return n;
}

static uint8_t
least(uint8_t a, uint8_t b, uint8_t c)
{
	uint8_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein, but never beyond limit + 1: only the band around the
 * diagonal is looked at. */
static size_t
edits(struct vs_span a, struct vs_span b, size_t limit)
{
	uint8_t rows[2][TEXT_MAX + 2];
	uint8_t *last = rows[0], *now = rows[1];
	uint8_t over = (uint8_t)(limit + 1);

	if ((a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		last[j] = j <= limit ? (uint8_t)j : over;
	for (size_t i = 1; i <= a.n; i++) {
		size_t from = i > limit ? i - limit : 1;
		size_t to = i + limit < b.n ? i + limit : b.n;

		memset(now, over, b.n + 1);
		now[0] = i <= limit ? (uint8_t)i : over;
		for (size_t j = from; j <= to; j++) {
			uint8_t same = a.p[i - 1] == b.p[j - 1] ? 0 : 1;
			uint8_t d = least((uint8_t)(last[j] + 1),
			    (uint8_t)(now[j - 1] + 1),
			    (uint8_t)(last[j - 1] + same));

			now[j] = d < over ? d : over;
		}
		uint8_t *t = last;
		last = now;
		now = t;
	}
	return last[b.n];
}

static void
consider(struct near *best, struct vs_span have, struct vs_span want)
{
	size_t limit = best->found ? best->far - 1 : limit_of(have);
	size_t d;

	if (have.n == 0 || want.n == 0 || have.n > TEXT_MAX ||
	    want.n > TEXT_MAX || (best->found && best->far <= 1))
		return;
	d = have.n == want.n && have.n >= DIGEST_MIN
	    ? replaced(have, want, limit)
	    : edits(have, want, limit);
	if (d == 0 || d > limit)
		return;
	*best = (struct near){want, d, first_difference(have, want), true};
}

static const char *
say_near(const struct near *best, struct vs_span have, struct vs_arena *a)
{
	const char *shown = vs_why_show(vs_val_str(best->text), a);

	if (shown == NULL)
		return NULL;
	return vs_arena_printf(a,
	    "near: %s differs in %zu of %zu characters, first in number %zu",
	    shown, best->far, have.n, best->first + 1);
}

static bool
is_hex(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			(c >= 'A' && c <= 'F')))
			return false;
	}
	return s.n >= DIGEST_MIN;
}

/* A digest of another algorithm is a common slip. */
static const char *
say_length(struct vs_span have, struct vs_span want, struct vs_arena *a)
{
	if (have.n == want.n || !is_hex(have) || !is_hex(want))
		return NULL;
	return vs_arena_printf(a,
	    "a digest of %zu characters is compared with one of %zu", have.n,
	    want.n);
}

const char *
vs_why_near_text(struct vs_span have, struct vs_span want, struct vs_arena *a)
{
	struct near best = {.found = false};

	consider(&best, have, want);
	return best.found ? say_near(&best, have, a)
			  : say_length(have, want, a);
}

const char *
vs_why_near_list(struct vs_span have, struct vs_val list, struct vs_arena *a)
{
	struct near best = {.found = false};
	size_t step = list.kind == VS_KIND_MAP ? 2 : 1;
	bool same_length = false;

	if (list.kind != VS_KIND_LIST && list.kind != VS_KIND_MAP)
		return NULL;
	if (list.n == 0)
		return "the list is empty";
	for (size_t i = 0; i < list.n; i++) {
		struct vs_val v = list.u.v[step * i];

		if (v.kind != VS_KIND_STRING)
			return NULL;
		same_length = same_length || v.n == have.n;
		consider(&best, have, vs_val_span(v));
	}
	if (best.found)
		return say_near(&best, have, a);
	return same_length ? NULL
			   : say_length(have, vs_val_span(list.u.v[0]), a);
}

/* "snp.tcb.reported.snp": "component snp of the reported TCB". */
static const char *
say_claim(struct vs_span claim, struct vs_arena *a)
{
	static const char tcb[] = ".tcb.";
	const char *path = vs_arena_cstr(a, claim);
	const char *at = path != NULL ? strstr(path, tcb) : NULL;
	const char *dot = at != NULL ? strchr(at + sizeof(tcb) - 1, '.') : NULL;

	if (dot == NULL)
		return path;
	at += sizeof(tcb) - 1;
	return vs_arena_printf(
	    a, "component %s of the %.*s TCB", dot + 1, (int)(dot - at), at);
}

const char *
vs_why_near_number(int op, struct vs_span claim, struct vs_val a,
    struct vs_val b, struct vs_arena *arena)
{
	const char *what = say_claim(claim, arena);
	static const char *const needs[] = {[VS_OP_LT - VS_OP_LT] = "less than",
	    [VS_OP_LE - VS_OP_LT] = "at most",
	    [VS_OP_GT - VS_OP_LT] = "more than",
	    [VS_OP_GE - VS_OP_LT] = "at least"};
	uint64_t by;

	if (what == NULL || claim.n == 0 || a.kind != VS_KIND_INT ||
	    b.kind != VS_KIND_INT || op < VS_OP_LT || op > VS_OP_GE)
		return NULL;
	by = a.u.i > b.u.i ? (uint64_t)a.u.i - (uint64_t)b.u.i
			   : (uint64_t)b.u.i - (uint64_t)a.u.i;
	if (by == 0)
		return vs_arena_printf(arena, "%s is %lld: %s %lld is needed",
		    what, (long long)a.u.i, needs[op - VS_OP_LT],
		    (long long)b.u.i);
	return vs_arena_printf(arena,
	    "%s is %lld, %llu too %s: %s %lld is "
	    "needed",
	    what, (long long)a.u.i, (unsigned long long)by,
	    op >= VS_OP_GT ? "low" : "high", needs[op - VS_OP_LT],
	    (long long)b.u.i);
}
