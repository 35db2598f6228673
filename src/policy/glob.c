/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/glob.h"
#include "policy/utf8.h"

static uint32_t
take(struct vs_span *s)
{
	uint32_t cp = vs_utf8_get(*s);

	*s = vs_span_slice(*s, vs_utf8_step(*s), s->n);
	return cp;
}

/* One character of a set, after a backslash if there is one. */
static bool
take_literal(struct vs_span *p, uint32_t *cp)
{
	if (p->n == 0)
		return false;
	*cp = take(p);
	if (*cp != '\\')
		return true;
	if (p->n == 0)
		return false;
	*cp = take(p);
	return true;
}

/* p stands after '['; moves past ']'. False when the set does not end. */
static bool
match_set(struct vs_span *p, uint32_t c, bool *hit)
{
	bool invert = false, found = false, first = true;

	if (p->n > 0 && (p->p[0] == '!' || p->p[0] == '^')) {
		invert = true;
		(void)take(p);
	}
	for (; p->n > 0 && (first || p->p[0] != ']'); first = false) {
		uint32_t low, high;

		if (!take_literal(p, &low))
			return false;
		high = low;
		if (p->n > 1 && p->p[0] == '-' && p->p[1] != ']') {
			(void)take(p);
			if (!take_literal(p, &high))
				return false;
		}
		found = found || (c >= low && c <= high);
	}
	if (p->n == 0)
		return false;
	(void)take(p);
	*hit = found != invert && c != '/';
	return true;
}

/* One character against the head of the pattern, which is no star. */
static bool
match_one(struct vs_span *p, struct vs_span *t)
{
	uint32_t want, c;
	bool hit = false;

	if (p->n == 0 || t->n == 0)
		return false;
	want = take(p);
	c = take(t);
	if (want == '?')
		return c != '/';
	if (want == '[')
		return match_set(p, c, &hit) && hit;
	if (want == '\\') {
		if (p->n == 0)
			return false;
		want = take(p);
	}
	return want == c;
}

const char *
vs_glob_check(struct vs_span p)
{
	bool hit;

	if (p.n == 0)
		return "it is empty";
	while (p.n > 0) {
		uint32_t c = take(&p);

		if (c == '[' && !match_set(&p, 'x', &hit))
			return "a set [..] that does not end";
		if (c == '\\') {
			if (p.n == 0)
				return "a backslash at the end";
			(void)take(&p);
		}
	}
	return NULL;
}

/* Where to go on when the characters after a star do not match. */
struct star {
	bool set;
	struct vs_span p, t;
};

/*
 * Only the last star of each kind is ever tried again: an earlier one that
 * took more would leave the later one less to choose from, and no `*` gets
 * past a slash that stopped a later `*`.
 */
bool
vs_glob_match(struct vs_span p, struct vs_span t)
{
	struct star one = {0}, any = {0};

	if (vs_glob_check(p) != NULL)
		return false;
	for (;;) {
		struct vs_span pn = p, tn = t;

		if (p.n > 1 && p.p[0] == '*' && p.p[1] == '*') {
			p = vs_span_slice(p, 2, p.n);
			any = (struct star){true, p, t};
			one.set = false;
		} else if (p.n > 0 && p.p[0] == '*') {
			p = vs_span_slice(p, 1, p.n);
			one = (struct star){true, p, t};
		} else if (match_one(&pn, &tn)) {
			p = pn;
			t = tn;
		} else if (p.n == 0 && t.n == 0) {
			return true;
		} else if (one.set && one.t.n > 0 && one.t.p[0] != '/') {
			(void)take(&one.t);
			p = one.p;
			t = one.t;
		} else if (any.set && any.t.n > 0) {
			(void)take(&any.t);
			p = any.p;
			t = any.t;
			one.set = false;
		} else {
			return false;
		}
	}
}
