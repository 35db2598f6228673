/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: what is accepted, what matches, what it costs. */
#include <unistd.h>

#include "base/arena.h"
#include "check.h"
#include "policy/regex.h"

static struct vs_arena arena;

static bool
matches(struct vs_span pattern, struct vs_span text, uint64_t *steps)
{
	const struct vs_regex *r = NULL;
	const char *why = "";
	size_t at = 0;
	struct vs_regex_work *w;
	bool hit;

	vs_arena_reset(&arena);
	if (vs_regex_compile(pattern, &arena, &r, &at, &why) != VS_OK) {
		fprintf(stderr, "/%.*s/ at %zu: %s\n", VS_SPAN_ARG(pattern), at,
		    why);
		CHECK(false);
		return false;
	}
	w = vs_regex_work(r, &arena);
	CHECK(w != NULL);
	hit = w != NULL && vs_regex_match(r, text, w);
	/* The work memory serves again. */
	CHECK(w == NULL || vs_regex_match(r, text, w) == hit);
	if (w == NULL)
		return hit;
	/* Each state is entered once and tried once at each place. */
	CHECK(w->steps <= 4 * (text.n + 1) * vs_regex_size(r));
	if (steps != NULL)
		*steps = w->steps / 2;
	return hit;
}

struct match {
	const char *pattern;
	const char *yes, *no; /* texts, or NULL */
};

static void
run_table(const struct match *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vs_span p = vs_span_cstr(t[i].pattern);
		bool yes = t[i].yes == NULL ||
		    matches(p, vs_span_cstr(t[i].yes), NULL);
		bool no =
		    t[i].no != NULL && matches(p, vs_span_cstr(t[i].no), NULL);

		if (!yes || no)
			fprintf(stderr, "/%s/: \"%s\" %d, \"%s\" %d\n",
			    t[i].pattern, t[i].yes ? t[i].yes : "", yes,
			    t[i].no ? t[i].no : "", no);
		CHECK(yes && !no);
	}
}
#define TABLE(t) run_table(t, VS_COUNT(t))

static void
test_literals(void)
{
	static const struct match t[] = {
	    {"", "", NULL},
	    {"", "abc", NULL},
	    {"abc", "xxabcxx", "ab c"},
	    {"a.c", "abc", "a\nc"},
	    {"(?s)a.c", "a\nc", "ac"},
	    {"a\\.c", "a.c", "abc"},
	    {"]", "]", "["},
	    {"}", "}", "{"},
	    {"a{", "a{", "a"},
	    {"a{,3}", "a{,3}", "aaa"},
	    {"a{x}", "a{x}", "ax"},
	    {"a{1", "a{1", "a"},
	    {"\xc3\xa9", "caf\xc3\xa9", "cafe"},
	    {"^.$", "\xf0\x9f\x98\x80", "ab"},
	    {"^.\xe2\x82\xac$", "x\xe2\x82\xac", "\xe2\x82\xac"},
	    {"\\Qa.b*\\E+", "a.b**", "aab"},
	    {"\\Q(((", "(((", "((x"},
	    {"x\\Q\\Ey", "xy", "x"},
	    {"^\\Qab\\E{2}$", "abb", "abab"},
	    {"^\\Q\\\\E$", "\\", "a"},
	    {"a b", "a b", "ab"},
	};

	TABLE(t);
}

static void
test_escapes(void)
{
	static const struct match t[] = {
	    {"^\\a\\f\\t\\n\\r\\v$", "\a\f\t\n\r\v", ""},
	    {"^\\x41\\x{42}\\x{1F600}$", "AB\xf0\x9f\x98\x80", "AB"},
	    {"^\\101\\12\\0612$", "A\n12", "A"},
	    {"^\\x{10ffff}$", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbe"},
	    {"^\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\^\\$\\|\\\\$", ".*+?()[]{}^$|\\",
		""},
	    {"^\\-\\/\\:\\ \\'\\\"$", "-/: '\"", ""},
	    {"^\\777$", "\xc7\xbf", "?"},
	};
	struct vs_span nul = VS_SPAN_LIT("a\0b");

	TABLE(t);
	CHECK(matches(VS_SPAN_LIT("a\\0b"), nul, NULL));
	CHECK(matches(VS_SPAN_LIT("a\0b"), nul, NULL));
	CHECK(matches(VS_SPAN_LIT("^a\\x00b$"), nul, NULL));
	CHECK(matches(VS_SPAN_LIT("^a.b$"), nul, NULL));
	CHECK(!matches(VS_SPAN_LIT("a\\0c"), nul, NULL));
}

static void
test_classes(void)
{
	static const struct match t[] = {
	    {"^[abc]$", "b", "d"},
	    {"^[^abc]$", "d", "b"},
	    {"^[^a]$", "\n", "a"},
	    {"^[a-cx-z]+$", "abcxyz", "abd"},
	    {"^[]a]+$", "]a", "b"},
	    {"^[^]a]$", "b", "]"},
	    {"^[a-]+$", "a-", "b"},
	    {"^[-a]+$", "a-", "b"},
	    {"^[a-c-e]+$", "b-e", "d"},
	    {"^[\\d-z]+$", "7-z", "a"},
	    {"^[a\\]b]+$", "a]b", "\\"},
	    {"^[\\x41-\\x{43}]+$", "ABC", "D"},
	    {"^[.*+?()|$^]+$", ".*+?()|$^", "a"},
	    {"^[[a]+$", "[a", "]"},
	    {"^[[:a]+$", "[:a", "b"},
	    {"^\\d+$", "0189", "\xd9\xa3"},
	    {"^\\D$", "\xd9\xa3", "5"},
	    {"^\\w+$", "aZ_09", "\xc3\xa9"},
	    {"^\\W+$", "-\xc3\xa9 ", "_"},
	    {"^\\s+$", "\t\n\f\r ", "\v"},
	    {"^\\S$", "\v", " "},
	    {"^[\\s\\d]+$", "1 2", "a"},
	    {"^[^\\s\\d]+$", "ab", "a1"},
	    {"^[\\D]+$", "ab", "1"},
	    {"^[^\\D]+$", "12", "a"},
	    {"^[\\W5]+$", "-5\xc3\xa9", "6"},
	    {"^[\xc3\xa0-\xc3\xbf]+$", "\xc3\xa9\xc3\xbf", "e"},
	    {"^[^\xc3\xa0-\xc3\xbf]+$", "e\xe2\x82\xac", "\xc3\xa9"},
	    {"^[z-\xc3\xa9]$", "\x7f", "y"},
	    {"^[a\xc3\xa9\xc3\xaa\xc3\xa8\xe2\x82\xac]+$",
		"\xc3\xa8\xc3\xaa\xc3\xa9"
		"a\xe2\x82\xac",
		"\xc3\xab"},
	    {"^[\xc3\xa0-\xc3\xa4\xc3\xb0-\xc3\xb4\xc3\xa2-\xc3\xb2]+$",
		"\xc3\xa0\xc3\xaa\xc3\xb4", "\xc3\xb5"},
	    {"[^\\x00-\\x{10FFFF}]", NULL, "abc\n\xc3\xa9"},
	    {"^[^\\x00-\\x7f]$", "\xc3\xa9", "e"},
	};

	TABLE(t);
}

static void
test_named_classes(void)
{
	static const struct match t[] = {
	    {"^[[:alnum:]]+$", "aZ09", "_"},
	    {"^[[:alpha:]]+$", "aZ", "0"},
	    {"^[[:ascii:]]+$", "\x01\x7f", "\xc2\x80"},
	    {"^[[:blank:]]+$", "\t ", "\n"},
	    {"^[[:cntrl:]]+$", "\x1f\x7f", " "},
	    {"^[[:digit:]]+$", "09", "a"},
	    {"^[[:graph:]]+$", "!~a", " "},
	    {"^[[:lower:]]+$", "az", "A"},
	    {"^[[:print:]]+$", " ~", "\x7f"},
	    {"^[[:punct:]]+$", "!/:@[`{~_", "a"},
	    {"^[[:space:]]+$", "\t\n\v\f\r ", "a"},
	    {"^[[:upper:]]+$", "AZ", "a"},
	    {"^[[:word:]]+$", "_aZ9", "-"},
	    {"^[[:xdigit:]]+$", "09afAF", "g"},
	    {"^[[:^digit:]]+$", "a\xc3\xa9", "1"},
	    {"^[^[:^digit:]]+$", "19", "a"},
	    {"^[[:digit:]a-c_]+$", "1a_", "d"},
	};

	TABLE(t);
	CHECK(matches(VS_SPAN_LIT("^[[:cntrl:]]$"), VS_SPAN_LIT("\0"), NULL));
	CHECK(matches(VS_SPAN_LIT("^[[:ascii:]]$"), VS_SPAN_LIT("\0"), NULL));
}

static void
test_repeats(void)
{
	static const struct match t[] = {
	    {"^a*$", "", "b"},
	    {"^a*$", "aaaa", "aab"},
	    {"^a+$", "aaaa", ""},
	    {"^a?$", "a", "aa"},
	    {"^a{3}$", "aaa", "aa"},
	    {"^a{3}$", NULL, "aaaa"},
	    {"^a{2,}$", "aaaa", "a"},
	    {"^a{0,2}$", "", "aaa"},
	    {"^a{1,2}$", "aa", ""},
	    {"^a{0}$", "", "a"},
	    {"^a{0,}$", "aaa", "b"},
	    {"^a{1,}$", "aaa", ""},
	    {"^(ab){2}$", "abab", "ab"},
	    {"^(?:ab|c){2,3}$", "abcab", "ab"},
	    {"^a*?b+?c??d{1,2}?$", "aabd", "aac"},
	    {"^(a*)*$", "aaa", "b"},
	    {"^(a*)+$", "", "b"},
	    {"^(|a)*$", "aa", "b"},
	    {"^(a|b*)*c$", "abbac", "abx"},
	    {"^(){1000}$", "", "a"},
	    {"^(((){1000}){1000}){1000}a$", "a", ""},
	    {"^(?:^){3}a$", "a", "b"},
	    {"^*a", "a", "b"},
	    {"^\xc3\xa9{2}$", "\xc3\xa9\xc3\xa9", "\xc3\xa9"},
	    {"(a+)+$", "aaaa", "aaab"},
	    {"^a{1,3}{$", "aa{", "aa"},
	};

	TABLE(t);
}

static void
test_groups_and_flags(void)
{
	static const struct match t[] = {
	    {"^(a|b|)c$", "c", "d"},
	    {"a|b", "xb", "c"},
	    {"|", "", NULL},
	    {"^(?:a|bc)d$", "bcd", "bd"},
	    {"^a|b$", "xxb", "xbx"},
	    {"^(?P<name>a)(?<other>b)$", "ab", "a"},
	    {"^(?i)abc$", "aBC", "abd"},
	    {"^a(?i)b$", "aB", "AB"},
	    {"^(?i:a)b$", "Ab", "AB"},
	    {"^((?i)a)b$", "Ab", "AB"},
	    {"^(?i)a(?-i)b$", "Ab", "AB"},
	    {"^(?i-s:a.)$", "Ab", "A\n"},
	    {"^(?:(?i)a|b)$", "B", "c"},
	    {"^(?i)[a-c]+$", "aBC", "d"},
	    {"^(?i)[^a-c]+$", "dE", "A"},
	    {"^(?i)[[:lower:]]+$", "aZ", "1"},
	    {"^(?i)[[:^lower:]]+$", "12", "A"},
	    {"^(?i)[K-S@]+$", "kS@", "`"},
	    {"(?i)k", "K", "\xe2\x84\xaa"},
	    {"(?i)[^k]", "\xe2\x84\xaa", "K"},
	    {"^(?U)a+?$", "aa", "b"},
	    {"^(?ims)a.b$", "A\nB", "c"},
	    {"(?s-i)a.b", "a\nb", "A\nb"},
	    {"(?s).(?-s).", "\na", "\n\n"},
	};

	TABLE(t);
}

static void
test_ends(void)
{
	static const struct match t[] = {
	    {"a$", "ba", "a\n"},
	    {"^b", "ba", "a\nb"},
	    {"(?m)^b", "a\nb", "ab"},
	    {"(?m)a$", "a\nb", "ab"},
	    {"(?m)a$", "a", "ab"},
	    {"(?m)^$", "a\n", "a"},
	    {"(?m)\\Ab", "b\na", "a\nb"},
	    {"(?m)b\\z", "a\nb", "b\n"},
	    {"^$", "", "\n"},
	    {"\\bfoo\\b", "a foo-b", "afoo"},
	    {"\\bfoo\\b", "foo", "foo_"},
	    {"\\bfoo",
		"\xc3\xa9"
		"foo",
		"9foo"},
	    {"\\Bfoo", "afoo", "foo"},
	    {"\\B", "", "a"},
	    {"\\b", "a", ""},
	    {"a^b", NULL, "ab"},
	    {"a$b", NULL, "ab"},
	    {"(?m)a$\\n^b", "a\nb", "a\n\nb"},
	    {"(^a|b)c", "xbc", "xac"},
	    {"(?:^a|^b)c", "bc", "xbc"},
	    {"(?:^){2}a", "a", "ba"},
	    {"(?:^)?a", "ba", "b"},
	};

	TABLE(t);
}

struct reject {
	const char *pattern;
	size_t at;
	const char *word; /* of the reason */
};

static const struct reject rejects[] = {
    {"*a", 0, "nothing"},
    {"a|+", 2, "nothing"},
    {"(?)", 0, "group"},
    {"(*)", 1, "nothing"},
    {"{2}", 0, "nothing"},
    {"(?i)*", 4, "nothing"},
    {"\\Qab\\E**", 7, "repeat of a repeat"},
    {"x\\Q\\E+", 5, "nothing"},
    {"a**", 2, "repeat of a repeat"},
    {"a++", 2, "repeat of a repeat"},
    {"a?+", 2, "repeat of a repeat"},
    {"a{2}{3}", 4, "repeat of a repeat"},
    {"a*??", 3, "repeat of a repeat"},
    {"xa{3,2}", 2, "backwards"},
    {"a{1001}", 1, "1000"},
    {"a{1,1001}", 1, "1000"},
    {"a{99999999999999999999}", 1, "1000"},
    {"b(a", 1, "does not end"},
    {"b)a", 1, "without"},
    {"a[bc", 1, "does not end"},
    {"[]", 0, "does not end"},
    {"[^]", 0, "does not end"},
    {"[a-", 0, "does not end"},
    {"x[z-a]", 2, "backwards"},
    {"[a-\\d]", 3, "escape"},
    {"[[:foo:]]", 1, "class"},
    {"[[:foo]bar:]]", 1, "class"},
    {"[\\b]", 1, "escape"},
    {"a\\", 1, "backslash"},
    {"[a\\", 2, "backslash"},
    {"a\\1", 1, "back-reference"},
    {"(a)\\8", 3, "back-reference"},
    {"(?P<a>x)(?P=a)", 8, "back-reference"},
    {"(?=a)", 0, "look-around"},
    {"(?!a)", 0, "look-around"},
    {"x(?<=a)", 1, "look-around"},
    {"x(?<!a)", 1, "look-around"},
    {"(?>a)", 0, "possessive"},
    {"\\C", 0, "\\C"},
    {"a\\pL", 1, "\\p"},
    {"a\\p{Greek}", 1, "\\p"},
    {"[\\PN]", 1, "\\p"},
    {"\\y", 0, "escape"},
    {"\\Z", 0, "escape"},
    {"\\E", 0, "escape"},
    {"\\_", 0, "escape"},
    {"\\\xc3\xa9", 0, "escape"},
    {"\\x", 0, "\\x7F"},
    {"\\x4", 0, "\\x7F"},
    {"\\x{", 0, "\\x7F"},
    {"\\x{}", 0, "\\x7F"},
    {"\\x{110000}", 0, "10FFFF"},
    {"\\x{FFFFFFFFFF}", 0, "10FFFF"},
    {"\\x{d800}", 0, "surrogate"},
    {"(?i)\xc3\xa9", 4, "ASCII"},
    {"(?i)[a\xc3\xa9]", 6, "ASCII"},
    {"(?i)[a-\xc3\xa9]", 5, "ASCII"},
    {"(?i)\\x{e9}", 4, "ASCII"},
    {"(?i)\\Qa\xc3\xa9\\E", 7, "ASCII"},
    {"(?x)a", 0, "group"},
    {"(?i", 0, "group"},
    {"(?-)a", 0, "group"},
    {"(?i--s)a", 0, "group"},
    {"(?", 0, "group"},
    {"(?P<>a)", 0, "name"},
    {"(?P<a", 0, "name"},
    {"(?P<a-b>c)", 0, "name"},
    {"(?P<a>b)(?<a>c)", 8, "one name"},
    {"(?Px)", 0, "group"},
    {"a\xff", 0, "UTF-8"},
    {"\xed\xa0\x80", 0, "UTF-8"},
};

static void
check_reject(struct vs_span p, size_t want_at, const char *word, vs_status want)
{
	const struct vs_regex *r = NULL;
	const char *why = "";
	size_t at = SIZE_MAX;
	vs_status st;

	vs_arena_reset(&arena);
	st = vs_regex_compile(p, &arena, &r, &at, &why);
	if (st == VS_OK || at != want_at || strstr(why, word) == NULL)
		fprintf(stderr, "/%.*s/: %d, at %zu, want %zu: %s\n",
		    VS_SPAN_ARG(p), st, at, want_at, why);
	CHECK(st == want && r == NULL);
	CHECK_INT(at, want_at);
	CHECK(strstr(why, word) != NULL);
}

static void
test_rejects(void)
{
	for (size_t i = 0; i < VS_COUNT(rejects); i++) {
		const struct reject *t = &rejects[i];
		bool large = strcmp(t->word, "1000") == 0;

		check_reject(vs_span_cstr(t->pattern), t->at, t->word,
		    large ? VS_TOO_LARGE : VS_MALFORMED);
	}
}

static void
fill(char *to, const char *what, size_t times)
{
	*to = '\0';
	for (size_t i = 0, n = strlen(what); i < times; i++)
		memcpy(to + i * n, what, n + 1);
}

static void
test_limits(void)
{
	char p[4096];

	CHECK(!matches(VS_SPAN_LIT("a{999}"), VS_SPAN_LIT("a"), NULL));
	check_reject(VS_SPAN_LIT("a{1000}"), 1, "instructions", VS_TOO_LARGE);
	check_reject(
	    VS_SPAN_LIT("xx(a{100}){10}"), 10, "instructions", VS_TOO_LARGE);
	check_reject(VS_SPAN_LIT("((((a{1,60}){1,60}){1,20}){1,2})"), 12,
	    "instructions", VS_TOO_LARGE);
	check_reject(
	    VS_SPAN_LIT("(^{1000}){1000}"), 2, "instructions", VS_TOO_LARGE);
	fill(p, "a", 1000);
	check_reject(vs_span_cstr(p), 999, "instructions", VS_TOO_LARGE);
	p[999] = '\0';
	CHECK(matches(vs_span_cstr(p), vs_span_cstr(p), NULL));
	fill(p, "a|", 400);
	check_reject(vs_span_cstr(p), 665, "instructions", VS_TOO_LARGE);
	fill(p, "(", 101);
	check_reject(vs_span_cstr(p), 100, "100 groups", VS_TOO_LARGE);
	fill(p, "(", 100);
	fill(p + 100, ")", 100);
	CHECK(matches(vs_span_cstr(p), VS_SPAN_LIT(""), NULL));
}

static void
test_memory(void)
{
	const struct vs_regex *r = NULL;
	size_t at = 0, cap;
	const char *why = NULL;

	for (cap = 0; cap < 100000; cap += 16) {
		struct vs_arena small;
		vs_status st;

		vs_arena_init(&small, cap);
		st = vs_regex_compile(
		    VS_SPAN_LIT("(?P<x>[a-z\xc3\xa9]{2}|\\w+)$"), &small, &r,
		    &at, &why);
		vs_arena_fini(&small);
		if (st == VS_OK)
			break;
		CHECK_INT(st, VS_NO_MEMORY);
	}
	CHECK(cap > 0 && cap < 100000);
}

static void
test_properties(void)
{
	static const struct {
		const char *p;
		unsigned anchors;
		size_t size;
	} t[] = {{"abc", 0, 4}, {"^abc", VS_REGEX_BEGIN, 5},
	    {"abc\\z", VS_REGEX_END, 5}, {"a|(?m)b$", VS_REGEX_END, 6},
	    {"^a+$", VS_REGEX_BEGIN | VS_REGEX_END, 5}, {"a*", 0, 4},
	    {"a{2,4}", 0, 7}, {"\\b", 0, 2}};

	for (size_t i = 0; i < VS_COUNT(t); i++) {
		const struct vs_regex *r = NULL;
		size_t at;
		const char *why;

		vs_arena_reset(&arena);
		CHECK(vs_regex_compile(vs_span_cstr(t[i].p), &arena, &r, &at,
			  &why) == VS_OK);
		CHECK(vs_regex_anchors(r) == t[i].anchors);
		CHECK_INT(vs_regex_size(r), t[i].size);
	}
}

/*
 * Steps of patterns that make backtracking engines run for years. The bound
 * is in matches(); here they grow with the text and no faster.
 */
static void
test_linear(void)
{
	static const struct {
		const char *pattern, *unit, *tail;
	} t[] = {{"(a+)+$", "a", "b"}, {"^(a+)+$", "a", "b"},
	    {"^(a|a)*$", "a", "b"}, {"^(a|aa)+$", "a", "b"},
	    {"(.*)(.*)(.*)(.*)x", "a", ""}, {"a?a?a?a?a?aaaaa$", "a", "b"},
	    {"^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""}, {"(\\w*)*!", "ab_", ""},
	    {"(x+x+)+y", "x", ""}, {"([a-c]|[^d]){1,40}e", "abc", ""}};
	static char text[1 << 17];

	for (size_t i = 0; i < VS_COUNT(t); i++) {
		uint64_t last = 0;

		printf("  %-30s", t[i].pattern);
		for (size_t n = 1000; n <= 64000; n *= 4) {
			size_t unit = strlen(t[i].unit);
			uint64_t steps = 0;

			fill(text, t[i].unit, n / unit);
			memcpy(text + n / unit * unit, t[i].tail,
			    strlen(t[i].tail) + 1);
			CHECK(!matches(vs_span_cstr(t[i].pattern),
			    vs_span_cstr(text), &steps));
			printf(" %10" PRIu64, steps);
			/* Four times the text: four times the steps. */
			CHECK(last == 0 || steps <= 4 * last + last / 10);
			last = steps;
		}
		printf("\n");
	}
}

/* Patterns of a small grammar, for the comparison below. */
static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static void
append(char *to, const char *s)
{
	memcpy(to + strlen(to), s, strlen(s) + 1);
}

static void
grow(char *to, size_t room, int depth)
{
	static const char *const atoms[] = {"a", "b", "\xc3\xa9", ".", "[ab]",
	    "[^a]", "[a-b_]", "\\w", "\\W", "\\d", "\\s", "\\b", "\\B", "^",
	    "\\z", "\\A", "1", "[^\\w]", "\\S", "\\D", "(?i:A)", "(?s:.)",
	    "(?m:^)", "\\x62", "-", "(?:)", "[\xc3\xa0-\xc3\xaa]"};
	static const char *const repeats[] = {
	    "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "*?"};

	for (unsigned n = 1 + pick(3); n > 0 && strlen(to) + 40 < room; n--) {
		if (depth > 0 && pick(3) == 0) {
			append(to, "(?:");
			grow(to, room - 20, depth - 1);
			if (pick(2) == 0) {
				append(to, "|");
				grow(to, room - 20, depth - 1);
			}
			append(to, ")");
		} else {
			const char *s = atoms[pick(VS_COUNT(atoms))];

			/* What python calls a repeat of nothing, we do not. */
			append(to, "(?:");
			append(to, s);
			append(to, ")");
		}
		const char *s = repeats[pick(VS_COUNT(repeats))];
		append(to, s);
	}
}

static void
grow_text(char *to)
{
	static const char *const units[] = {
	    "a", "b", "a", "B", "\xc3\xa9", "\n", "-", "1", "_", " "};

	*to = '\0';
	for (unsigned n = pick(9); n > 0; n--)
		append(to, units[pick(VS_COUNT(units))]);
}

static const char script[] =
    "import re,sys\n"
    "for line in sys.stdin:\n"
    " p,t=[bytes.fromhex(x).decode() for x in line.split(',')]\n"
    " print(1 if re.search(p.replace('\\\\z','\\\\Z'),t,re.A) else 0)\n";

static void
put_hex(FILE *f, const char *s)
{
	for (; *s != '\0'; s++)
		fprintf(f, "%02x", (unsigned)(uint8_t)*s);
}

enum { PAIRS = 6000 };

static void
next_pair(char pattern[512], char text[64])
{
	pattern[0] = '\0';
	grow(pattern, 400, 2);
	grow_text(text);
}

/* The same questions to another engine, where both read patterns alike. */
static void
test_against_python(void)
{
	char pattern[512], text[64], command[1200], answer[8];
	char ask[] = "/tmp/vs-regex-XXXXXX";
	int fd = mkstemp(ask);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	int seen = 0;

	if (!CHECK(f != NULL))
		return;
	seed = 88172645463325252U;
	for (int i = 0; i < PAIRS; i++) {
		next_pair(pattern, text);
		put_hex(f, pattern);
		fputc(',', f);
		put_hex(f, text);
		fputc('\n', f);
	}
	fclose(f);
	snprintf(
	    command, sizeof(command), "python3 -c \"%s\" <%s", script, ask);
	f = popen(command, "r");
	seed = 88172645463325252U;
	while (f != NULL && fgets(answer, sizeof(answer), f) != NULL) {
		bool hit;

		next_pair(pattern, text);
		seen++;
		/* \B in no text: RE2 says yes, python no. */
		if (text[0] == '\0' && strstr(pattern, "\\B") != NULL)
			continue;
		hit = matches(vs_span_cstr(pattern), vs_span_cstr(text), NULL);
		if (hit != (answer[0] == '1'))
			fprintf(
			    stderr, "/%s/ on \"%s\": %d\n", pattern, text, hit);
		CHECK(hit == (answer[0] == '1'));
	}
	CHECK(f == NULL || pclose(f) == 0);
	CHECK_INT(seen, PAIRS);
	unlink(ask);
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	RUN(test_literals);
	RUN(test_escapes);
	RUN(test_classes);
	RUN(test_named_classes);
	RUN(test_repeats);
	RUN(test_groups_and_flags);
	RUN(test_ends);
	RUN(test_rejects);
	RUN(test_limits);
	RUN(test_memory);
	RUN(test_properties);
	RUN(test_linear);
	if (system("python3 -c 'import re' 2>/dev/null") == 0)
		RUN(test_against_python);
	vs_arena_fini(&arena);
	return check_result();
}
