/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: a subset of the RE2 syntax, matched in time linear in
 * the text by stepping through all states at once (Thompson, Pike). There
 * are no groups to read back, no back-references and no look-around, so that
 * a match is a yes or a no and costs at most text times program.
 *
 * Outside the subset, and refused rather than read differently: \C, \p,
 * possessive repeats, and what is not ASCII under the flag i.
 */
#ifndef VS_POLICY_REGEX_H
#define VS_POLICY_REGEX_H

#include "base/arena.h"

struct vs_regex;

enum {
	VS_REGEX_PROG_MAX = 1000,   /* instructions, repeats written out */
	VS_REGEX_REPEAT_MAX = 1000, /* n and m of {n,m} */
	VS_REGEX_NEST_MAX = 100,    /* groups in groups */
};

/*
 * A program in the arena, immutable, for any thread. A refusal is
 * VS_MALFORMED, or VS_TOO_LARGE beyond the limits above: err_at is the octet
 * of the pattern that it is about, why a static text. Else VS_NO_MEMORY.
 */
VS_MUST_USE vs_status vs_regex_compile(struct vs_span pattern,
    struct vs_arena *a, const struct vs_regex **out, size_t *err_at,
    const char **why);

/* Instructions: the factor of the text's length in the cost of a match. */
size_t vs_regex_size(const struct vs_regex *r);

/* Which ends of the text (or of a line) the pattern mentions anywhere. */
enum { VS_REGEX_BEGIN = 1, VS_REGEX_END = 2 };
unsigned vs_regex_anchors(const struct vs_regex *r);

/* Memory of one match at a time; serves any number, one after the other. */
struct vs_regex_set {
	uint16_t *dense, *sparse;
	size_t n;
};

struct vs_regex_work {
	struct vs_regex_set now, next;
	uint16_t *stack;
	size_t cap;     /* programs up to this size fit */
	uint64_t steps; /* counts on: states entered and states tried */
};

/* Work memory for r from the arena; NULL when it is full. */
struct vs_regex_work *vs_regex_work(
    const struct vs_regex *r, struct vs_arena *a);

/*
 * Whether the pattern matches somewhere in text, which is valid UTF-8.
 * Allocates nothing. w was made for r or for a larger program.
 */
bool vs_regex_match(
    const struct vs_regex *r, struct vs_span text, struct vs_regex_work *w);

#endif
