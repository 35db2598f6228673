/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policy/semver.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-';
}

static bool
all_digits(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

/* Up to the separator, which is eaten; false when there is none left. */
static bool
cut(struct vs_span *rest, uint8_t at, struct vs_span *part)
{
	const uint8_t *hit = rest->n > 0 ? memchr(rest->p, at, rest->n) : NULL;
	size_t n = hit != NULL ? (size_t)(hit - rest->p) : rest->n;

	*part = VS_SPAN(rest->p, n);
	*rest = vs_span_slice(*rest, n + (hit != NULL), rest->n);
	return hit != NULL;
}

/* [SemVer 2] Digits without leading zeros. */
static bool
number(struct vs_span s, int64_t *out)
{
	int64_t v = 0;

	if (!all_digits(s) || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (__builtin_mul_overflow(v, INT64_C(10), &v) ||
		    __builtin_add_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	*out = v;
	return true;
}

/* [SemVer 9, 10] Dotted identifiers; numeric ones of a pre-release have no
 * leading zeros. */
static bool
identifiers(struct vs_span s, bool numbers)
{
	struct vs_span part;
	bool more = true;

	while (more) {
		more = cut(&s, '.', &part);
		if (part.n == 0 ||
		    (numbers && part.n > 1 && part.p[0] == '0' &&
			all_digits(part)))
			return false;
		for (size_t i = 0; i < part.n; i++) {
			if (!is_letter(part.p[i]))
				return false;
		}
	}
	return true;
}

/* "core-pre+build" into its three parts; absent ones have p == NULL. */
static void
split(struct vs_span s, struct vs_span *core, struct vs_span *pre,
    struct vs_span *build)
{
	struct vs_span front;

	*build = *pre = VS_SPAN(NULL, 0);
	if (cut(&s, '+', &front))
		*build = VS_SPAN(front.p + front.n + 1, s.n);
	if (cut(&front, '-', core))
		*pre = VS_SPAN(core->p + core->n + 1, front.n);
}

bool
vs_semver_parse(struct vs_span text, struct vs_semver *out)
{
	struct vs_span core, pre, build, part;
	struct vs_semver v;

	if (text.n > VS_SEMVER_TEXT_MAX)
		return false;
	split(text, &core, &pre, &build);
	if (!cut(&core, '.', &part) || !number(part, &v.major) ||
	    !cut(&core, '.', &part) || !number(part, &v.minor) ||
	    !number(core, &v.patch))
		return false;
	if ((pre.p != NULL && !identifiers(pre, true)) ||
	    (build.p != NULL && !identifiers(build, false)))
		return false;
	v.pre = pre;
	*out = v;
	return true;
}

static struct vs_span
without_zeros(struct vs_span s)
{
	while (s.n > 1 && s.p[0] == '0')
		s = vs_span_slice(s, 1, s.n);
	return s;
}

bool
vs_semver_normalise(struct vs_span text, uint8_t *out, size_t *n)
{
	struct vs_span core, pre, build, part;
	struct vs_wr w = vs_wr_of(out, VS_SEMVER_TEXT_MAX);
	struct vs_span done;
	bool more = true, missing = false;

	if (text.n > 0 && text.p[0] == 'v')
		text = vs_span_slice(text, 1, text.n);
	split(text, &core, &pre, &build);
	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			vs_wr_u8(&w, '.');
		if (!more) {
			missing = true;
			vs_wr_u8(&w, '0');
			continue;
		}
		more = cut(&core, '.', &part);
		if (!all_digits(part))
			return false;
		vs_wr_bytes(&w, without_zeros(part));
	}
	if (more || (missing && (pre.p != NULL || build.p != NULL)))
		return false;
	/* What follows the numbers stays as it is. */
	if (pre.p != NULL || build.p != NULL) {
		const uint8_t *from = pre.p != NULL ? pre.p : build.p;
		size_t len = (size_t)(text.p + text.n - from) + 1;

		vs_wr_bytes(&w, VS_SPAN(from - 1, len));
	}
	if (vs_wr_finish(&w, &done) != VS_OK)
		return false;
	*n = done.n;
	return true;
}

static int
order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* Digits without leading zeros: the longer is the larger. */
static int
compare_identifiers(struct vs_span a, struct vs_span b)
{
	bool na = all_digits(a), nb = all_digits(b);
	size_t n = a.n < b.n ? a.n : b.n;
	int c;

	if (na != nb)
		return na ? -1 : 1;
	if (na && a.n != b.n)
		return order(a.n, b.n);
	c = n > 0 ? memcmp(a.p, b.p, n) : 0;
	return c != 0 ? (c > 0) - (c < 0) : order(a.n, b.n);
}

/* [SemVer 11] A release is above its pre-releases. */
static int
compare_pre(struct vs_span a, struct vs_span b)
{
	struct vs_span pa, pb;
	bool ma = true, mb = true;

	if (a.n == 0 || b.n == 0)
		return order(a.n == 0, b.n == 0);
	while (ma && mb) {
		ma = cut(&a, '.', &pa);
		mb = cut(&b, '.', &pb);
		int c = compare_identifiers(pa, pb);
		if (c != 0)
			return c;
	}
	return order(ma, mb);
}

int
vs_semver_compare(const struct vs_semver *a, const struct vs_semver *b)
{
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	if (a->patch != b->patch)
		return a->patch < b->patch ? -1 : 1;
	return compare_pre(a->pre, b->pre);
}
