/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vs_regex_compile and vs_regex_match: pattern, a line feed, text. What
 * compiles keeps to its limits, and no match takes more steps than its text
 * times its program.
 */
#include <string.h>

#include "base/buf.h"
#include "base/encoding.h"
#include "policy/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(const struct vs_regex *r, struct vs_span text, struct vs_arena *a)
{
	struct vs_regex_work *w = vs_regex_work(r, a);
	bool hit;

	if (w == NULL)
		return;
	hit = vs_regex_match(r, text, w);
	VS_ASSERT(w->steps <= 2 * (text.n + 1) * vs_regex_size(r));
	VS_ASSERT(vs_regex_match(r, text, w) == hit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *cut = n > 0 ? memchr(data, '\n', n) : NULL;
	size_t at = SIZE_MAX, used = cut != NULL ? (size_t)(cut - data) : n;
	struct vs_span pattern = VS_SPAN(data, used);
	struct vs_span text = vs_span_slice(VS_SPAN(data, n), used + 1, n);
	const struct vs_regex *r = NULL;
	const char *why = NULL;
	struct vs_arena arena;

	vs_arena_init(&arena, 4 << 20);
	if (vs_regex_compile(pattern, &arena, &r, &at, &why) != VS_OK) {
		VS_ASSERT(at <= pattern.n && why != NULL && r == NULL);
	} else {
		VS_ASSERT(vs_regex_size(r) <= VS_REGEX_PROG_MAX);
		if (vs_utf8_valid(text))
			check(r, text, &arena);
	}
	vs_arena_fini(&arena);
	return 0;
}
