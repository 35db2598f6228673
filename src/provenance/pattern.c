/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns for identities: two kinds of star, and nothing that could be
 * mistaken for a character of a URI. */
#include "base/encoding.h"
#include "provenance/provenance.h"

enum { PATTERN_MAX = 512 };

bool
vs_provenance_pattern_ok(struct vs_span pattern)
{
	return pattern.n > 0 && pattern.n <= PATTERN_MAX &&
	    vs_utf8_valid(pattern);
}

/* Where to go on when what follows a star does not fit. */
struct mark {
	bool set;
	bool slashes; /* `**`: the star takes '/' too */
	size_t p, t;
};

static struct mark
star(struct vs_span pattern, size_t *p, size_t t)
{
	struct mark m = {.set = true, .t = t};

	while (*p < pattern.n && pattern.p[*p] == '*') {
		m.slashes = m.slashes || m.p != 0;
		m.p = ++*p;
	}
	return m;
}

/* The star takes one octet more; false when it may not. */
static bool
widen(struct mark *m, struct vs_span text, size_t *p, size_t *t)
{
	if (!m->set || m->t >= text.n || (!m->slashes && text.p[m->t] == '/'))
		return false;
	*p = m->p;
	*t = ++m->t;
	return true;
}

/*
 * The last `*` may stop at a slash where the `**` before it could still move
 * on, so both are kept. Work is at most text times text times pattern, with
 * all of them below a kilobyte and nearly always linear.
 */
bool
vs_provenance_pattern_match(struct vs_span pattern, struct vs_span text)
{
	struct mark one = {0}, any = {0};
	size_t p = 0, t = 0;

	if (!vs_provenance_pattern_ok(pattern))
		return false;
	while (t < text.n || p < pattern.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			struct mark m = star(pattern, &p, t);
			if (m.slashes) {
				any = m;
				one.set = false;
			} else {
				one = m;
			}
			continue;
		}
		if (p < pattern.n && t < text.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
			continue;
		}
		if (widen(&one, text, &p, &t))
			continue;
		one.set = false;
		if (!widen(&any, text, &p, &t))
			return false;
	}
	return true;
}
