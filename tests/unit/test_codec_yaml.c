/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "codec/yaml.h"

static struct vs_arena arena;
static struct vs_err err;

static const struct vs_yaml *
parse_span(struct vs_span text)
{
	const struct vs_yaml *y = NULL;

	vs_arena_reset(&arena);
	vs_err_clear(&err);
	if (vs_yaml_parse(text, &arena, &y, &err) != VS_OK)
		return NULL;
	return y;
}

static const struct vs_yaml *
parse(const char *text)
{
	return parse_span(vs_span_cstr(text));
}

/* The text is refused with a message that begins so. */
static void
refused(const char *text, vs_status want, const char *message)
{
	const struct vs_yaml *y = NULL;
	vs_status st;

	vs_arena_reset(&arena);
	vs_err_clear(&err);
	st = vs_yaml_parse(vs_span_cstr(text), &arena, &y, &err);
	CHECK_INT(st, want);
	CHECK(y == NULL);
	if (!CHECK(strncmp(err.msg, message, strlen(message)) == 0))
		fprintf(
		    stderr, "  got \"%s\", want \"%s\"\n", err.msg, message);
}

static void
test_tree(void)
{
	const struct vs_yaml *y = parse("# comment\n"
					"a: no\n"
					"list:\n"
					"  - 'x # y'\n"
					"  - \"z\\n\"\n"
					"lit: |\n"
					"  one # two\n"
					"  three\n"
					"fold: >\n"
					"  one\n"
					"  two\n"
					"empty: {}\n"
					"none: []\n");
	const struct vs_yaml *v;

	if (!CHECK(y != NULL)) {
		fprintf(stderr, "%s\n", err.msg);
		return;
	}
	CHECK_INT(y->type, VS_YAML_MAP);
	CHECK_INT(y->n, 6);
	v = vs_yaml_get(y, "a");
	CHECK(v != NULL && vs_span_is(v->text, "no"));
	CHECK_INT(v->style, VS_YAML_PLAIN);
	CHECK_INT(v->line, 2);
	CHECK_INT(v->col, 4);
	v = vs_yaml_get(y, "list");
	CHECK(v != NULL && v->type == VS_YAML_SEQ && v->n == 2);
	CHECK(vs_span_is(v->v[0]->text, "x # y"));
	CHECK_INT(v->v[0]->style, VS_YAML_SINGLE);
	CHECK(vs_span_is(v->v[1]->text, "z\n"));
	CHECK_INT(v->v[1]->style, VS_YAML_DOUBLE);
	v = vs_yaml_get(y, "lit");
	CHECK(v != NULL && vs_span_is(v->text, "one # two\nthree\n"));
	CHECK_INT(v->style, VS_YAML_LITERAL);
	CHECK_INT(v->line, 6);
	v = vs_yaml_get(y, "fold");
	CHECK(v != NULL && vs_span_is(v->text, "one two\n"));
	CHECK_INT(v->style, VS_YAML_FOLDED);
	v = vs_yaml_get(y, "empty");
	CHECK(v != NULL && v->type == VS_YAML_MAP && v->n == 0);
	v = vs_yaml_get(y, "none");
	CHECK(v != NULL && v->type == VS_YAML_SEQ && v->n == 0);
	CHECK(vs_yaml_get(y, "absent") == NULL);
	CHECK(vs_yaml_get(v, "a") == NULL);
	CHECK(vs_yaml_get(NULL, "a") == NULL);
}

static void
test_accepted_forms(void)
{
	CHECK(parse("\xef\xbb\xbf"
		    "a: b\n") != NULL);
	CHECK(parse("---\na: b\n...\n") != NULL);
	CHECK(parse("a:\n") != NULL);
	CHECK(parse("plain") != NULL);
	CHECK(parse("k: '!not a tag'\n") != NULL);
	CHECK(parse("k: \"*not an alias\"\n") != NULL);
	CHECK(parse("k: h\xc3\xa9llo\nl: |\n  !x\n") != NULL);
}

static void
test_refused_forms(void)
{
	refused("", VS_MALFORMED, "1:1: the document is empty");
	refused("# only\n", VS_MALFORMED, "2:1: the document is empty");
	refused("---\n", VS_MALFORMED, "2:1: the document is empty");
	refused(
	    "a: b\n---\nc: d\n", VS_MALFORMED, "2:1: more than one document");
	refused("a: &x b\n", VS_MALFORMED, "1:4: anchors are not allowed");
	refused("a: &x {b: c}\n", VS_MALFORMED, "1:4: anchors");
	refused("a: &x [b]\n", VS_MALFORMED, "1:4: anchors");
	refused("a: *x\n", VS_MALFORMED, "1:4: aliases are not allowed");
	refused("a: !!str b\n", VS_MALFORMED, "1:4: tags are not allowed");
	refused("a: !x {}\n", VS_MALFORMED, "1:4: tags");
	refused("a: !x []\n", VS_MALFORMED, "1:4: tags");
	refused("a: ! b\n", VS_MALFORMED, "1:4: tags");
	refused("\xc3\xa9: \xc3\xa9\nb: ! 'c'\n", VS_MALFORMED, "2:4: tags");
	refused("!a b: c\n", VS_MALFORMED, "1:1: tags");
	refused("<<: {a: b}\n", VS_MALFORMED, "1:1: merge keys");
	refused("a: 1\nb:\n  c: 1\n  c: 2\n", VS_DUPLICATE,
	    "4:3: duplicate key \"c\", first on line 3");
	refused("a: 1\n'a': 2\n", VS_DUPLICATE, "2:1: duplicate key \"a\"");
	refused("[a]: b\n", VS_MALFORMED, "1:1: a key must be a scalar");
	refused("? {a: b}\n: c\n", VS_MALFORMED, "1:3: a key must be");
	refused("%YAML 1.1\n---\na: b\n", VS_MALFORMED,
	    "1:1: directives are not allowed");
	refused("%TAG ! tag:x,2000:\n---\na: b\n", VS_MALFORMED,
	    "1:1: directives are not allowed");
	refused("a: \"\\0\"\n", VS_MALFORMED, "1:4: a NUL character");
	refused("ok: 1\na: b\xff\n", VS_MALFORMED, "2:5: not valid UTF-8");
	refused("a: \xed\xa0\x80\n", VS_MALFORMED, "1:4: not valid UTF-8");
	refused("a: \xc3", VS_MALFORMED, "1:4: not valid UTF-8");
	refused("a: b\xef\xbb\xbf\n", VS_MALFORMED, "1:5: a byte order mark");
	refused("\xfe\xff\x00\x61", VS_MALFORMED, "1:1: not valid UTF-8");
	refused("a: \x01\n", VS_MALFORMED, "1:4: control characters");
	refused("a: [b\n", VS_MALFORMED, "2:1: ");
	refused("a: 'b\n", VS_MALFORMED, "2:1: ");
	refused("a:\n\tb: c\n", VS_MALFORMED, "2:1: ");
	refused("a: b: c\n", VS_MALFORMED, "1:5: ");

	/* A comment for the eye, a key for a YAML parser. */
	refused("a: b # c\xe2\x80\xa8"
		"d: e\n",
	    VS_MALFORMED, "1:9: a line break other than LF");
	refused("a: b # c\xc2\x85"
		"d: e\n",
	    VS_MALFORMED, "1:9: a line break");
	refused("a: b # c\rd: e\n", VS_MALFORMED, "1:9: a line break");
	refused("a: \xe2\x80\xae"
		"b\n",
	    VS_MALFORMED, "1:4: a mark of text direction");
	refused("# \xe2\x81\xa6\n", VS_MALFORMED, "1:3: a mark of");
	CHECK(parse("a: b\r\nc: |\r\n  d\r\n") != NULL);

	CHECK(parse_span(VS_SPAN("a: \0b", 6)) == NULL);
	CHECK(strncmp(err.msg, "1:4: a NUL byte", 15) == 0);
}

static char *
repeat(const char *head, const char *unit, size_t n, const char *tail)
{
	size_t unit_n = strlen(unit), head_n = strlen(head);
	char *s = malloc(head_n + unit_n * n + strlen(tail) + 1);

	VS_ASSERT(s != NULL);
	memcpy(s, head, head_n);
	for (size_t i = 0; i < n; i++)
		memcpy(s + head_n + i * unit_n, unit, unit_n);
	memcpy(s + head_n + n * unit_n, tail, strlen(tail) + 1);
	return s;
}

static void
test_limits(void)
{
	char *s;

	s = repeat("", "[", 16, "]]]]]]]]]]]]]]]]");
	CHECK(parse(s) != NULL);
	free(s);
	s = repeat("", "[", 17, "]]]]]]]]]]]]]]]]]");
	refused(s, VS_TOO_LARGE, "1:17: nested more than 16 levels deep");
	free(s);
	s = repeat("", "[", 100000, "");
	refused(s, VS_TOO_LARGE, "1:17: nested");
	free(s);
	s = repeat("", "- a\n", 4096, "");
	CHECK(parse(s) != NULL);
	free(s);
	s = repeat("", "- a\n", 4097, "");
	refused(s, VS_TOO_LARGE, "4097:3: more than 4096 values");
	free(s);
	s = repeat("a: ", "x", VS_YAML_SIZE_MAX - 3, "");
	CHECK(parse(s) != NULL);
	free(s);
	s = repeat("a: ", "x", VS_YAML_SIZE_MAX - 2, "");
	refused(s, VS_TOO_LARGE, "1:1: larger than 262144 bytes");
	free(s);
}

/* Whatever the arena's cap, the answer is a whole tree or "no memory". */
static void
test_arena_exhausted(void)
{
	struct vs_span text = vs_span_cstr("a: [b, {c: d}]\ne: 'f'\n");
	bool whole = false;

	for (size_t cap = 0; cap < 8192 && !whole; cap += 8) {
		struct vs_arena small;
		const struct vs_yaml *y = NULL;
		vs_status st;

		vs_arena_init(&small, cap);
		vs_err_clear(&err);
		st = vs_yaml_parse(text, &small, &y, &err);
		CHECK(st == VS_OK || st == VS_NO_MEMORY);
		CHECK((st == VS_OK) == (y != NULL));
		whole = st == VS_OK;
		vs_arena_fini(&small);
	}
	CHECK(whole);
}

/* Every truncation and every bit flip: refused or read, never a crash. */
static void
test_mutations(void)
{
	static const char good[] = "a: &x b\nlist: [1, \"\\u00e9\", {k: v}]\n"
				   "lit: |2-\n    text\n? q\n: !t ''\n";
	uint8_t buf[sizeof(good)];
	size_t n = sizeof(good) - 1;

	for (size_t i = 0; i < n; i++)
		(void)parse_span(VS_SPAN(good, i));
	for (size_t i = 0; i < n * 8; i++) {
		memcpy(buf, good, n);
		buf[i / 8] ^= (uint8_t)(1U << (i % 8));
		(void)parse_span(VS_SPAN(buf, n));
	}
	CHECK(parse_span(VS_SPAN(good, n)) == NULL);
}

static void
test_nearest(void)
{
	static const char *const names[] = {
	    "assert", "when", "message", "severity", "not_before"};
	const size_t n = VS_COUNT(names);

	CHECK_STR(vs_nearest(VS_SPAN_LIT("asert"), names, n), "assert");
	CHECK_STR(vs_nearest(VS_SPAN_LIT("assret"), names, n), "assert");
	CHECK_STR(vs_nearest(VS_SPAN_LIT("wehn"), names, n), "when");
	CHECK_STR(vs_nearest(VS_SPAN_LIT("notbefore"), names, n), "not_before");
	CHECK_STR(vs_nearest(VS_SPAN_LIT("message"), names, n), "message");
	CHECK(vs_nearest(VS_SPAN_LIT("zzz"), names, n) == NULL);
	CHECK(vs_nearest(VS_SPAN_LIT(""), names, n) == NULL);
	char *s = repeat("", "a", 100, "");
	const char *const one[] = {s};
	CHECK(vs_nearest(vs_span_cstr(s), names, n) == NULL);
	CHECK(vs_nearest(VS_SPAN_LIT("aa"), one, 1) == NULL);
	free(s);
}

int
main(void)
{
	vs_arena_init(&arena, 4 << 20);
	RUN(test_tree);
	RUN(test_accepted_forms);
	RUN(test_refused_forms);
	RUN(test_limits);
	RUN(test_arena_exhausted);
	RUN(test_mutations);
	RUN(test_nearest);
	vs_arena_fini(&arena);
	return check_result();
}
