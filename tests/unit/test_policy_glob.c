/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "policy/glob.h"

static void
match(const char *pattern, const char *text, bool want)
{
	if (!CHECK(vs_glob_match(vs_span_cstr(pattern), vs_span_cstr(text)) ==
		want))
		fprintf(stderr, "  \"%s\" on \"%s\"\n", pattern, text);
}

static void
test_forms(void)
{
	match("a", "a", true);
	match("a", "b", false);
	match("a", "ab", false);
	match("ab", "a", false);
	match("*", "", true);
	match("*", "abc", true);
	match("*", "a/b", false);
	match("**", "a/b/c", true);
	match("demo/**", "demo/a/b", true);
	match("demo/**", "demo/", true);
	match("demo/**", "demo", false);
	match("demo/*", "demo/a/b", false);
	match("*/x", "a/x", true);
	match("*/x", "a/b/x", false);
	match("**/x", "a/b/x", true);
	match("a*b*c", "aXbYc", true);
	match("a*b*c", "aXbYd", false);
	match("a*b**c", "ab/c/bc", true);
	match("**a*b", "x/a/ab", true);
	match("**a*b", "xa/b", false);
	match("?", "/", false);
	match("?", "x", true);
	match("?", "\xc3\xa9", true);
	match("a?c", "ac", false);
	match("[abc]", "b", true);
	match("[abc]", "d", false);
	match("[a-c]x", "bx", true);
	match("[!a-c]", "d", true);
	match("[^a-c]", "a", false);
	match("[!a]", "/", false);
	match("[]a]", "]", true);
	match("[a-]", "-", true);
	match("[\\]]", "]", true);
	match("[a-\\c]", "b", true);
	match("\\*", "*", true);
	match("\\*", "x", false);
	match("a\\", "a", false);
	match("[a", "a", false);
	match("", "", false);
	match("*", "\xf0\x9f\x90\xb1", true);
}

static void
test_check(void)
{
	CHECK(vs_glob_check(VS_SPAN_LIT("a/**")) == NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("[!a-z]?\\[")) == NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("")) != NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("[")) != NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("[a-")) != NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("[\\")) != NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("[a-\\")) != NULL);
	CHECK(vs_glob_check(VS_SPAN_LIT("x\\")) != NULL);
}

/* The definition itself, exponential: stars, '?', '/' and letters only. */
static bool
naive(const char *p, const char *t)
{
	if (*p == '\0')
		return *t == '\0';
	if (*p == '*') {
		bool any = p[1] == '*';

		for (const char *rest = t;; rest++) {
			if (naive(p + 1 + any, rest))
				return true;
			if (*rest == '\0' || (!any && *rest == '/'))
				return false;
		}
	}
	if (*t == '\0')
		return false;
	return (*p == '?' ? *t != '/' : *p == *t) && naive(p + 1, t + 1);
}

/* All patterns and texts over small alphabets. */
static void
test_against_naive(void)
{
	static const char pattern_letters[] = "a/*?", text_letters[] = "ab/";
	char p[8], t[8];
	int bad = 0;

	for (int i = 0; i < 4 * 4 * 4 * 4 * 4 * 4; i++) {
		for (int k = 0, v = i; k < 6; k++, v /= 4)
			p[k] = pattern_letters[v % 4];
		p[6] = '\0';
		for (int j = 0; j < 3 * 3 * 3 * 3 * 3; j++) {
			for (int k = 0, v = j; k < 5; k++, v /= 3)
				t[k] = text_letters[v % 3];
			t[5] = '\0';
			bad += vs_glob_match(vs_span_cstr(p),
				   vs_span_cstr(t)) != naive(p, t);
		}
	}
	CHECK_INT(bad, 0);
}

int
main(void)
{
	RUN(test_forms);
	RUN(test_check);
	RUN(test_against_naive);
	return check_result();
}
