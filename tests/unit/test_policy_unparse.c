/* SPDX-License-Identifier: Apache-2.0 */
/* Trees written out as text. */
#include "check.h"

#include "policy/cases.h"
#include "policy/parser.h"
#include "policy/unparse.h"

static struct vs_arena arena;

static void
shows(const char *text, const char *want)
{
	struct vs_cel_fault fault = {0};
	struct vs_buf b = {0};
	const struct vs_cel_node *n, *back;

	vs_arena_reset(&arena);
	n = vs_cel_parse(vs_span_cstr(text), false, &arena, &fault);
	if (!CHECK(n != NULL))
		return;
	vs_cel_unparse(n, &b);
	CHECK_STR(vs_buf_cstr(&b), want);
	back = vs_cel_parse(vs_buf_span(&b), false, &arena, &fault);
	CHECK(back != NULL && vs_cel_same_tree(n, back));
	vs_buf_fini(&b);
}

static void
test_parentheses(void)
{
	shows("((a))", "a");
	shows("(a + b) * c", "(a + b) * c");
	shows("a + (b * c)", "a + b * c");
	shows("a - (b - c) - d", "a - (b - c) - d");
	shows("(a == b) == c", "a == b == c");
	shows("a == (b == c)", "a == (b == c)");
	shows("a && (b && c) && d", "a && (b && c) && d");
	shows("a || b && c || (d || e)", "a || b && c || (d || e)");
	shows("(a || b) && c", "(a || b) && c");
	shows("(a ? b : c) ? d : (e ? f : g)", "(a ? b : c) ? d : e ? f : g");
	shows("a ? (b ? c : d) : e", "a ? (b ? c : d) : e");
	shows("!(!a)", "!!a");
	shows("!(a && b)", "!(a && b)");
	shows("(a + b).c", "(a + b).c");
	shows("(a ? b : c)[d ? e : f]", "(a ? b : c)[d ? e : f]");
}

static void
test_literals(void)
{
	shows("-5", "-5");
	shows("-(5)", "-(5)");
	shows("--5", "--5");
	shows("-(-(5))", "--(5)");
	shows("!(-a)", "!(-a)");
	shows("-(!a)", "-(!a)");
	shows("1 - -1", "1 - -1");
	shows("-(4.a)", "-(4.a)");
	shows("-(4[0].f())", "-(4[0].f())");
	shows("-(4.map(x, x))", "-(4.map(x, x))");
	shows("-f(4)", "-f(4)");
	shows("-1 .f()", "(-1).f()");
	shows("-9223372036854775808", "-9223372036854775808");
	shows("0x10u", "16u");
	shows("1.0 + 2e30 + 0.1 + .5", "1.0 + 2e+30 + 0.1 + 0.5");
	shows("-1.5", "-1.5");
	shows("'a\\n\"\\\\'", "\"a\\x0a\\\"\\\\\"");
	shows("r'\\d'", "\"\\\\d\"");
	shows("b'\\377a'", "b\"\\xffa\"");
	shows("[1, 'a', null, true,]", "[1, \"a\", null, true]");
	shows("{1: 2, 'a': {}}", "{1: 2, \"a\": {}}");
}

static void
test_names(void)
{
	shows(".a.b", ".a.b");
	shows("a.`b-c`.`in`.`d`", "a.`b-c`.`in`.d");
	shows("has(a.`b c`)", "has(a.`b c`)");
	shows("f(a).g(b, c)[0]", "f(a).g(b, c)[0]");
	shows("a.map(x, x > 1, x)", "a.map(x, x > 1, x)");
	shows("a.map(x, x).filter(y, y)", "a.map(x, x).filter(y, y)");
	shows("a.exists_one(x, x)", "a.existsOne(x, x)");
	shows("a.all(i, v, v)", "a.all(i, v, v)");
	shows("a.transformList(i, v, v)", "a.transformList(i, v, v)");
	shows("a.transformMapEntry(i, v, i, {})",
	    "a.transformMapEntry(i, v, i, {})");
	shows("cel.bind(x, 1 + 2, x)", "cel.bind(x, 1 + 2, x)");
	shows("math.least(1, 2, 3)", "math.least([1, 2, 3])");
}

static void
different(const char *a, const char *b)
{
	struct vs_cel_fault fault = {0};
	const struct vs_cel_node *x, *y;

	vs_arena_reset(&arena);
	x = vs_cel_parse(vs_span_cstr(a), false, &arena, &fault);
	y = vs_cel_parse(vs_span_cstr(b), false, &arena, &fault);
	CHECK(x != NULL && y != NULL && !vs_cel_same_tree(x, y));
	CHECK(vs_cel_same_tree(x, x) && vs_cel_same_tree(y, y));
}

static void
test_differences(void)
{
	different("a", "b");
	different("a", ".a");
	different("a + b", "a - b");
	different("1", "1u");
	different("1", "1.0");
	different("'a'", "b'a'");
	different("'a'", "'b'");
	different("true", "false");
	different("a && b", "a && b && c");
	different("f(a)", "a.f()");
	different("f(a)", "f(a, b)");
	different("a.b", "has(a.b)");
	different("a.map(x, x)", "a.map(y, x)");
	different("a.all(x, y, x)", "a.all(x, z, x)");
	different("a.map(x, x, x)", "a.map(x, x)");
}

static void
value_shows(const char *expr, const char *want)
{
	struct vs_cel_case c = {.expr = vs_span_cstr(expr)};
	struct vs_types types = {.arena = &arena};
	struct vs_cel_decl decls[VS_KIND_COUNT];
	struct vs_cel_outcome o;
	struct vs_buf b = {0};

	vs_arena_reset(&arena);
	c.env.decls = decls;
	c.env.decls_n = vs_cel_declare_types(&types, decls);
	vs_cel_case_run(&c, &arena, &o);
	vs_cel_value_text(o.val, &b);
	CHECK_STR(vs_buf_cstr(&b), want);
	vs_buf_fini(&b);
}

static void
test_values(void)
{
	value_shows("[1 + 1, -2, 3u]", "[2, -2, 3u]");
	value_shows("{'a': [], 1: {}}", "{\"a\": [], 1: {}}");
	value_shows("[1.0 / 3.0, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0]",
	    "[0.3333333333333333, double(\"Infinity\"), "
	    "double(\"-Infinity\"), double(\"NaN\")]");
	value_shows("[timestamp(0), duration('90s')]",
	    "[timestamp(\"1970-01-01T00:00:00Z\"), duration(\"90s\")]");
	value_shows("[ip('::1'), cidr('10.0.0.0/8'), semver('1.2.3')]",
	    "[ip(\"::1\"), cidr(\"10.0.0.0/8\"), semver(\"1.2.3\")]");
	value_shows("[type(1), type(null), null, true, b'\\x00']",
	    "[int, null_type, null, true, b\"\\x00\"]");
	value_shows("1 / 0", "error div_by_zero");
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	RUN(test_parentheses);
	RUN(test_literals);
	RUN(test_names);
	RUN(test_differences);
	RUN(test_values);
	vs_arena_fini(&arena);
	return check_result();
}
