/* SPDX-License-Identifier: Apache-2.0 */
/* Conformance cases: reading them, judging them, values there and back. */
#include "check.h"

#include "policy/cases.h"

static struct vs_arena arena;

static struct vs_json *
parse(const char *text)
{
	struct vs_json *j = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_json_parse_nul(vs_span_cstr(text), &j, &err), err);
	return j;
}

/* Whether the case, written without its name, passes. */
static bool
passes(const char *members)
{
	char text[2048];
	struct vs_cel_outcome o;
	struct vs_cel_case c;
	struct vs_json *j;

	(void)snprintf(text, sizeof(text),
	    "{\"section\": \"s\", \"name\": \"n\", \"tier\": \"must\", %s}",
	    members);
	j = parse(text);
	vs_arena_reset(&arena);
	if (!CHECK(vs_cel_case_read(j, &arena, &c)))
		return false;
	CHECK(vs_span_is(c.section, "s") && vs_span_is(c.name, "n") &&
	    vs_span_is(c.tier, "must"));
	vs_cel_case_run(&c, &arena, &o);
	vs_json_free(&j);
	return o.pass;
}

#define VALUE(type, v) "{\"type\": \"" type "\", \"value\": " v "}"
#define GIVES(expr, value)                                                     \
	"\"expr\": \"" expr "\", \"expect\": {\"value\": " value "}"

static void
test_verdicts(void)
{
	CHECK(passes(GIVES("1 + 1", VALUE("int", "\"2\""))));
	CHECK(!passes(GIVES("1 + 1", VALUE("int", "\"3\""))));
	CHECK(!passes(GIVES("1 + 1", VALUE("uint", "\"2\""))));
	CHECK(!passes(GIVES("1 + 1", VALUE("double", "\"2\""))));
	CHECK(!passes(GIVES("1 / 0", VALUE("int", "\"2\""))));
	CHECK(passes("\"expr\": \"1 / 0\", \"expect\": {\"error\": true}"));
	CHECK(passes("\"expr\": \"1 +\", \"expect\": {\"error\": true}"));
	CHECK(passes("\"expr\": \"1 + 'a'\", \"expect\": {\"error\": true}"));
	CHECK(!passes("\"expr\": \"1\", \"expect\": {\"error\": true}"));
	CHECK(passes("\"expr\": \"f(1) || true\", \"disable_check\": true, "
		     "\"expect\": {\"value\": " VALUE("bool", "true") "}"));
	CHECK(!passes("\"expr\": \"f(1) || true\", "
		      "\"expect\": {\"value\": " VALUE("bool", "true") "}"));
}

static void
test_values(void)
{
	CHECK(passes(GIVES("null", "{\"type\": \"null\"}")));
	CHECK(passes(GIVES("0.0 / 0.0", VALUE("double", "\"NaN\""))));
	CHECK(passes(GIVES("1.0 / 0.0", VALUE("double", "\"Infinity\""))));
	CHECK(passes(GIVES("-0.0", VALUE("double", "\"0\""))));
	CHECK(passes(GIVES("'\\u0000'", VALUE("string", "\"\\u0000\""))));
	CHECK(passes(GIVES(
	    "b'\\\\xff'", "{\"type\": \"bytes\", \"base64\": \"/w==\"}")));
	CHECK(passes(GIVES("type(1)", VALUE("type", "\"int\""))));
	CHECK(passes(GIVES("timestamp(7)",
	    "{\"type\": \"timestamp\", \"seconds\": \"7\", \"nanos\": 0}")));
	CHECK(passes(GIVES("duration('-1.5s')",
	    "{\"type\": \"duration\", \"seconds\": \"-1\", "
	    "\"nanos\": -500000000}")));
	CHECK(passes(GIVES("[1, 'a']",
	    VALUE("list",
		"[" VALUE("int", "\"1\"") ", " VALUE("string", "\"a\"") "]"))));
	CHECK(!passes(GIVES("[1]", VALUE("list", "[]"))));
	CHECK(!passes(
	    GIVES("[1]", VALUE("list", "[" VALUE("uint", "\"1\"") "]"))));
	/* The order of entries does not matter, the type of keys does. */
	CHECK(passes(GIVES("{1: 'a', 2: 'b'}",
	    VALUE("map",
		"[[" VALUE("int", "\"2\"") "," VALUE(
		    "string", "\"b\"") "],"
				       "[" VALUE("int", "\"1\"") "," VALUE(
					   "string", "\"a\"") "]]"))));
	CHECK(!passes(GIVES("{1u: 'a'}",
	    VALUE("map",
		"[[" VALUE("int", "\"1\"") "," VALUE(
		    "string", "\"a\"") "]]"))));
	CHECK(!passes(GIVES("1", VALUE("widget", "\"1\""))));
	CHECK(!passes(GIVES("1", VALUE("int", "1"))));
}

#define TYPE(env, expr, t)                                                     \
	env "\"expr\": \"" expr "\", \"check_only\": true, "                   \
	    "\"expect\": {\"deduced_type\": " t "}"
#define ENV(decls) "\"type_env\": [" decls "], "
#define FN                                                                     \
	"{\"name\": \"f\", \"function\": [{\"params\": [{\"param\": \"T\"}, "  \
	"{\"list\": {\"param\": \"T\"}}], "                                    \
	"\"result\": {\"map\": [\"string\", {\"param\": \"T\"}]}}]}"

static void
test_environments(void)
{
	CHECK(passes(TYPE("", "[1]", "{\"list\": \"int\"}")));
	CHECK(!passes(TYPE("", "[1]", "{\"list\": \"uint\"}")));
	CHECK(passes(TYPE("", "type(1)", "{\"type\": \"int\"}")));
	CHECK(passes(TYPE("", "list", "{\"type\": \"list\"}")));
	CHECK(passes(
	    TYPE("", "map", "{\"type\": {\"map\": [\"dyn\", \"dyn\"]}}")));
	CHECK(passes(TYPE(ENV("{\"name\": \"x\", \"type\": \"timestamp\"}"),
	    "x", "\"google.protobuf.Timestamp\"")));
	CHECK(passes(
	    TYPE(ENV(FN), "f(1, [2])", "{\"map\": [\"string\", \"int\"]}")));
	CHECK(!passes(
	    TYPE(ENV(FN), "f(1, ['a'])", "{\"map\": [\"string\", \"int\"]}")));
	/* A type that the checker does not know is never a pass. */
	CHECK(!passes(TYPE(ENV("{\"name\": \"x\", \"type\": "
			       "{\"abstract\": \"tuple\"}}"),
	    "x", "\"dyn\"")));
	CHECK(passes("\"bindings\": {\"a.b\": " VALUE(
	    "int", "\"5\"") "}, " GIVES("a.b", VALUE("int", "\"5\""))));
	CHECK(passes("\"container\": \"p\", \"bindings\": {\"p.x\": " VALUE(
	    "bool", "true") "}, " GIVES("x", VALUE("bool", "true"))));
	/* Declared and not bound. */
	CHECK(passes(
	    ENV("{\"name\": \"x\", \"type\": \"int\"}") "\"expr\": \"x\", "
							"\"expect\": "
							"{\"error\": true}"));
}

static void
test_malformed(void)
{
	static const char *const texts[] = {"{}", "[]", "null", "1",
	    "{\"name\": \"n\"}", "{\"expr\": \"1\"}",
	    "{\"name\": \"n\", \"expr\": 1}", "{\"name\": 1, \"expr\": \"1\"}"};
	struct vs_cel_case c;

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		struct vs_json *j = parse(texts[i]);

		CHECK(!vs_cel_case_read(j, &arena, &c));
		vs_json_free(&j);
	}
	/* Without memory, too. */
	for (size_t cap = 0; cap < 20000; cap += 1000) {
		struct vs_arena small;
		struct vs_json *j = parse("{\"name\": \"n\", \"expr\": \"1\"}");

		vs_arena_init(&small, cap);
		(void)vs_cel_case_read(j, &small, &c);
		vs_arena_fini(&small);
		vs_json_free(&j);
	}
}

/* Written as JSON and read back it is the same. */
static void
test_round_trip(void)
{
	static const char *const exprs[] = {"null", "true", "-5", "7u", "1.5",
	    "0.1 + 0.2", "0.0 / 0.0", "'a\\u00e9'", "b'\\x00\\xff'",
	    "[1, 'a', [2u]]", "{'a': {1: true}}", "int",
	    "timestamp('2026-01-01T00:00:00.5Z')", "duration('-1.5s')"};

	for (size_t i = 0; i < VS_COUNT(exprs); i++) {
		struct vs_cel_case c = {.expr = vs_span_cstr(exprs[i])};
		struct vs_types types = {.arena = &arena};
		struct vs_cel_decl decls[VS_KIND_COUNT];
		struct vs_cel_outcome o;

		vs_arena_reset(&arena);
		c.env.decls = decls;
		c.env.decls_n = vs_cel_declare_types(&types, decls);
		vs_cel_case_run(&c, &arena, &o);
		struct vs_json *j = vs_cel_value_json(o.val);
		if (!CHECK(o.evaluated &&
			vs_cel_same_value(
			    &arena, o.val, vs_cel_case_value(j, &arena))))
			fprintf(stderr, "  %s\n", exprs[i]);
		vs_json_free(&j);
	}
}

static void
shows(const char *expr, const char *want)
{
	struct vs_cel_case c = {.expr = vs_span_cstr(expr)};
	struct vs_cel_outcome o;
	struct vs_buf b = {0};

	vs_arena_reset(&arena);
	vs_cel_case_run(&c, &arena, &o);
	struct vs_json *j = vs_cel_value_json(o.val);
	CHECK_INT(vs_json_dump(j, VS_JSON_COMPACT, &b), VS_OK);
	CHECK_STR(vs_buf_cstr(&b), want);
	vs_buf_fini(&b);
	vs_json_free(&j);
}

/* What the cases have no notation for. */
static void
test_others(void)
{
	shows("1 / 0", "{\"error\":\"div_by_zero\"}");
	shows("ip('::1')", "{\"type\":\"net.IP\",\"value\":\"::1\"}");
	shows("cidr('10.0.0.1/8')",
	    "{\"type\":\"net.CIDR\",\"value\":\"10.0.0.1/8\"}");
	shows("semver('1.2.3')",
	    "{\"type\":\"kubernetes.Semver\",\"value\":\"1.2.3\"}");
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	RUN(test_verdicts);
	RUN(test_values);
	RUN(test_environments);
	RUN(test_malformed);
	RUN(test_round_trip);
	RUN(test_others);
	vs_arena_fini(&arena);
	return check_result();
}
