/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: absorption, errors, functions, the checker, limits. */
#include "check.h"

#include "policy/env.h"
#include "policy/eval.h"
#include "policy/parser.h"

static struct vs_arena arena;
static struct vs_cel_fault fault;

/* Variables whose evaluation is the named value: the operands of the
 * absorption table. */
static struct vs_val vars[8];
static struct vs_cel_decl decls[] = {
    {.name = {(const uint8_t *)"t", 1}, .op = VS_OP_VAR, .id = 0},
    {.name = {(const uint8_t *)"f", 1}, .op = VS_OP_VAR, .id = 1},
    {.name = {(const uint8_t *)"err", 3}, .op = VS_OP_VAR, .id = 2},
    {.name = {(const uint8_t *)"num", 3}, .op = VS_OP_VAR, .id = 3},
    {.name = {(const uint8_t *)"cost", 4}, .op = VS_OP_VAR, .id = 4},
    {.name = {(const uint8_t *)"arena", 5}, .op = VS_OP_VAR, .id = 5},
    {.name = {(const uint8_t *)"listx", 5}, .op = VS_OP_VAR, .id = 6},
    {.name = {(const uint8_t *)"zero", 4}, .op = VS_OP_VAR, .id = 7},
};

static void
set_vars(void)
{
	vars[0] = vs_val_bool(true);
	vars[1] = vs_val_bool(false);
	vars[2] = vs_val_error(VS_CEL_NO_FIELD);
	vars[3] = vs_val_int(7);
	vars[4] = vs_val_error(VS_CEL_COST);
	vars[5] = vs_val_error(VS_CEL_ARENA);
	vars[6] = vs_val_error(VS_CEL_LIST_UNAVAILABLE);
	vars[7] = (struct vs_val){0};
	for (size_t i = 0; i < VS_COUNT(decls); i++)
		decls[i].type = vs_type_of_kind(VS_TYPE_DYN);
}

static struct vs_cel_node *
compile(struct vs_span text, bool check, bool policy)
{
	struct vs_cel_env env = {
	    .decls = decls, .decls_n = VS_COUNT(decls), .policy = policy};
	struct vs_cel_node *n;

	vs_arena_reset(&arena);
	fault = (struct vs_cel_fault){0};
	n = vs_cel_parse(text, false, &arena, &fault);
	if (n == NULL || !vs_cel_resolve(&env, n, &arena, &fault) ||
	    (check && !vs_cel_check(&env, n, &arena, &fault)))
		return NULL;
	return n;
}

static struct vs_val
eval_limited(const char *text, uint64_t limit, uint64_t *cost)
{
	const struct vs_cel_node *n = compile(vs_span_cstr(text), false, false);
	struct vs_cel_run run = {.vars = vars, .arena = &arena, .limit = limit};
	struct vs_val v;

	if (n == NULL) {
		fprintf(stderr, "%s: %s %s\n", text, fault.code, fault.msg);
		return vs_val_error(VS_CEL_INTERNAL);
	}
	v = vs_cel_answer(&run, n);
	if (cost != NULL)
		*cost = run.cost;
	return v;
}

static struct vs_val
eval(const char *text)
{
	return eval_limited(text, VS_CEL_POLICY_COST, NULL);
}

static void
is_true(const char *text)
{
	struct vs_val v = eval(text);

	if (!CHECK(vs_val_is_true(v)))
		fprintf(stderr, "  %s: %s\n", text,
		    v.kind == VS_KIND_ERROR
			? vs_cel_error_name((vs_cel_error)v.error)
			: "not true");
}

static void
fails(const char *text, vs_cel_error want)
{
	struct vs_val v = eval(text);

	if (!CHECK(v.kind == VS_KIND_ERROR && v.error == want))
		fprintf(stderr, "  %s: kind %d, error %s, want %s\n", text,
		    v.kind, vs_cel_error_name((vs_cel_error)v.error),
		    vs_cel_error_name(want));
}

/* The expression is refused with this code, at this octet. */
static void
refused_span(struct vs_span text, bool policy, const char *code, unsigned pos,
    const char *msg)
{
	if (!CHECK(compile(text, true, policy) == NULL))
		return;
	if (!CHECK(fault.code != NULL && strcmp(fault.code, code) == 0 &&
		fault.pos == pos && strncmp(fault.msg, msg, strlen(msg)) == 0))
		fprintf(stderr, "  %.60s: %s at %u: %s\n", (const char *)text.p,
		    fault.code, fault.pos, fault.msg);
}

static void
refused(const char *text, const char *code, unsigned pos, const char *msg)
{
	refused_span(vs_span_cstr(text), true, code, pos, msg);
}

enum answer { T, F, E, NO, FATAL };

static void
logic(const char *a, const char *op, const char *b, enum answer want)
{
	char text[64];
	struct vs_val v;
	enum answer got;

	(void)snprintf(text, sizeof(text), "%s %s %s", a, op, b);
	v = eval(text);
	got = vs_val_is_true(v)             ? T
	    : v.kind == VS_KIND_BOOL        ? F
	    : vs_val_is_fatal(v)            ? FATAL
	    : v.error == VS_CEL_NO_FIELD    ? E
	    : v.error == VS_CEL_NO_OVERLOAD ? NO
					    : FATAL;
	if (!CHECK(got == want))
		fprintf(
		    stderr, "  %s: %d, want %d\n", text, (int)got, (int)want);
}

/* Every pair of operand kinds, as the table of the language has them. */
static void
test_absorption(void)
{
	static const char *const op[] = {"t", "f", "err", "num"};
	static const enum answer and[4][4] = {
	    {T, F, E, NO}, {F, F, F, F}, {E, F, E, E}, {NO, F, NO, NO}};
	static const enum answer or [4][4] = {
	    {T, T, T, T}, {T, F, E, NO}, {T, E, E, E}, {T, NO, NO, NO}};

	for (size_t a = 0; a < 4; a++) {
		for (size_t b = 0; b < 4; b++) {
			logic(op[a], "&&", op[b], and[a][b]);
			logic(op[a], "||", op[b], or [a][b]);
		}
	}
}

/* A fatal error is never absorbed; only what was decided before it counts. */
static void
test_fatal_is_never_absorbed(void)
{
	static const char *const fatal[] = {"cost", "arena", "listx", "zero"};
	static const char *const op[] = {"t", "f", "err", "num"};

	for (size_t i = 0; i < VS_COUNT(fatal); i++) {
		for (size_t k = 0; k < VS_COUNT(op); k++) {
			logic(fatal[i], "&&", op[k], FATAL);
			logic(fatal[i], "||", op[k], FATAL);
			logic(op[k], "&&", fatal[i], k == 1 ? F : FATAL);
			logic(op[k], "||", fatal[i], k == 0 ? T : FATAL);
		}
		logic(fatal[i], "&&", "f && f", FATAL);
		logic("err", "||", "zero || t", FATAL);
	}
	CHECK(vs_val_is_fatal(eval("[1, 2].exists(x, x == 1 ? cost : t)")));
	CHECK(vs_val_is_fatal(eval("[1, 2].all(x, x == 1 ? arena : f)")));
	CHECK(vs_val_is_fatal(eval("!zero")));
	CHECK(vs_val_is_fatal(eval("zero ? t : t")));
}

static void
test_quantifiers_absorb(void)
{
	is_true("![1, 0].all(x, 1 / x == 7)");
	fails("[1, 0].all(x, 1 / x == 1)", VS_CEL_DIV_ZERO);
	is_true("[0, 1].exists(x, 1 / x == 1)");
	fails("[0, 1].exists(x, 1 / x == 2)", VS_CEL_DIV_ZERO);
	fails("[0, 1].exists_one(x, 1 / x == 1)", VS_CEL_DIV_ZERO);
	fails("[0, 1].map(x, 1 / x)", VS_CEL_DIV_ZERO);
	fails("[0, 1].filter(x, 1 / x == 1)", VS_CEL_DIV_ZERO);
	fails("[1].filter(x, x)", VS_CEL_NO_OVERLOAD);
	fails("[1].all(x, x)", VS_CEL_NO_OVERLOAD);
	fails("[1].map(x, x, x)", VS_CEL_NO_OVERLOAD);
	is_true("[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]");
	is_true("[1, 2].existsOne(x, x == 1)");
	is_true("{'a': 1, 'b': 2}.filter(k, k == 'a') == ['a']");
	fails("7.all(x, x)", VS_CEL_NO_OVERLOAD);
	fails("(1 / 0).all(x, t)", VS_CEL_DIV_ZERO);
	is_true("[[1, 2], [3]].all(x, x.all(x, x > 0))");
	is_true("[1].map(x, [x].map(y, x + y)) == [[2]]");
}

static void
test_operators(void)
{
	fails("9223372036854775807 + 1", VS_CEL_OVERFLOW);
	fails("-9223372036854775808 - 1", VS_CEL_OVERFLOW);
	fails("9223372036854775807 * 2", VS_CEL_OVERFLOW);
	fails("-9223372036854775808 / -1", VS_CEL_OVERFLOW);
	fails("-9223372036854775808 % -1", VS_CEL_OVERFLOW);
	fails("-(-9223372036854775808)", VS_CEL_OVERFLOW);
	fails("1 / 0", VS_CEL_DIV_ZERO);
	fails("1 % 0", VS_CEL_DIV_ZERO);
	fails("1u / 0u", VS_CEL_DIV_ZERO);
	fails("1u - 2u", VS_CEL_OVERFLOW);
	fails("18446744073709551615u + 1u", VS_CEL_OVERFLOW);
	fails("18446744073709551615u * 2u", VS_CEL_OVERFLOW);
	fails("1 + 1u", VS_CEL_NO_OVERLOAD);
	fails("1.0 % 1.0", VS_CEL_NO_OVERLOAD);
	fails("'a' - 'b'", VS_CEL_NO_OVERLOAD);
	fails("true + false", VS_CEL_NO_OVERLOAD);
	fails("-'a'", VS_CEL_NO_OVERLOAD);
	fails("!1", VS_CEL_NO_OVERLOAD);
	fails("1 < 'a'", VS_CEL_NO_OVERLOAD);
	fails("[1] < [2]", VS_CEL_NO_OVERLOAD);
	fails("1 in 1", VS_CEL_NO_OVERLOAD);
	fails("[] in {1: 2}", VS_CEL_NO_OVERLOAD);
	fails("1 ? 2 : 3", VS_CEL_NO_OVERLOAD);
	fails("[1]['a']", VS_CEL_NO_OVERLOAD);
	fails("[1][1]", VS_CEL_ARGUMENT);
	fails("[1][-1]", VS_CEL_ARGUMENT);
	fails("[1][0.5]", VS_CEL_ARGUMENT);
	fails("{'a': 1}['b']", VS_CEL_NO_KEY);
	fails("{'a': 1}.b", VS_CEL_NO_KEY);
	fails("{'a': 1}[[]]", VS_CEL_NO_OVERLOAD);
	fails("1.b", VS_CEL_NO_OVERLOAD);
	fails("1[0]", VS_CEL_NO_OVERLOAD);
	fails("has(1.b)", VS_CEL_NO_OVERLOAD);
	fails("has(err.b)", VS_CEL_NO_FIELD);
	fails("{1: 1, 1u: 2}", VS_CEL_DUPLICATE_KEY);
	fails("{1.5: 1}", VS_CEL_NO_OVERLOAD);
	fails("[err]", VS_CEL_NO_FIELD);
	fails("{err: 1}", VS_CEL_NO_FIELD);
	fails("err[0]", VS_CEL_NO_FIELD);
	fails("[1][err]", VS_CEL_NO_FIELD);
	fails("1 + err", VS_CEL_NO_FIELD);
	fails("size(err)", VS_CEL_NO_FIELD);
	fails("nothing", VS_CEL_UNBOUND);
	fails("no_fn(1)", VS_CEL_UNKNOWN_FN);
	fails("size(1)", VS_CEL_NO_OVERLOAD);
	fails("'a'.contains(1)", VS_CEL_NO_OVERLOAD);
	fails("math.least(1, 2, 3, 4, 'a')", VS_CEL_NO_OVERLOAD);
	is_true("has({'a': null}.a) && !has({'a': 1}.b)");
	is_true("[1, 2][1u] == 2 && [1, 2][1.0] == 2");
	is_true("{1: 'a'}[1.0] == 'a' && 1.0 in {1: 2}");
	is_true("{'content-type': 1}.`content-type` == 1");
	is_true("has({'a b': 1}.`a b`)");
	is_true("1 == 1.0 && 1u == 1.0 && 2.0 != 1u && !(1 == 1.5)");
	is_true("9223372036854775807 != 9223372036854775808.0");
	is_true("18446744073709551615u != 18446744073709551616.0");
	is_true("1 != 'a' && null == null && [] != {}");
	is_true("{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}");
	is_true("{'a': 1} != {'b': 1} && {'a': 1} != {'a': 2}");
	is_true("true > false && b'a' < b'b' && 'a' < 'aa'");
	is_true("double('NaN') != double('NaN') && !(1 < double('NaN'))");
	is_true("1.5 > 1 && 2u > 1.5 && 1.0 <= 1u && 1u > -1 && -1 < 1u");
	is_true("1.0 / 0.0 == double('Infinity')");
	is_true("!!true && --1 == 1 && - -1 == 1 && !(--1.5 < 1.5)");
	is_true("[1] + [2] == [1, 2] && [] + [] == []");
	is_true("7 % -2 == 1 && -7 / 2 == -3 && 7u % 2u == 1u");
	is_true("type(1) == int && type(type(1)) != int || true");
}

static void
test_conversions(void)
{
	fails("int(9223372036854775808u)", VS_CEL_RANGE);
	fails("int(double('NaN'))", VS_CEL_RANGE);
	fails("int('9223372036854775808')", VS_CEL_CONVERSION);
	fails("int('')", VS_CEL_CONVERSION);
	fails("int('1x')", VS_CEL_CONVERSION);
	fails("int(' 1')", VS_CEL_CONVERSION);
	fails("uint(-1)", VS_CEL_RANGE);
	fails("uint(-0.5)", VS_CEL_RANGE);
	fails("uint('18446744073709551616')", VS_CEL_CONVERSION);
	fails("double('0x1p3')", VS_CEL_CONVERSION);
	fails("double('inf')", VS_CEL_CONVERSION);
	fails("double('')", VS_CEL_CONVERSION);
	fails("double('1e')", VS_CEL_CONVERSION);
	fails("double(' 1')", VS_CEL_CONVERSION);
	fails("bool('yes')", VS_CEL_CONVERSION);
	fails("string(b'\\xff')", VS_CEL_BAD_UTF8);
	fails("timestamp('2026-02-29T00:00:00Z')", VS_CEL_CONVERSION);
	fails("timestamp(253402300800)", VS_CEL_RANGE);
	fails("duration('1d')", VS_CEL_CONVERSION);
	is_true("int('-9223372036854775808') == -9223372036854775808");
	is_true("int('+5') == 5 && uint('7') == 7u && uint(2.9) == 2u");
	is_true("string(true) == 'true' && string(false) == 'false'");
	is_true("string(1.0) == '1' && string(0.1) == '0.1'");
	is_true("string(1e21) == '1e+21' && string(1e20) == "
		"'100000000000000000000'");
	is_true("string(1e-7) == '1e-07' && string(0.0001) == '0.0001'");
	is_true("string(-1.25e30) == '-1.25e+30'");
	is_true("string(double('NaN')) == 'NaN'");
	is_true("string(-1.0 / 0.0) == '-Infinity'");
	is_true("double(string(0.30000000000000004)) == 0.30000000000000004");
	is_true("double('-Infinity') < 0.0 && double('1.5e3') == 1500.0");
	is_true("string(b'abc') == 'abc' && bytes('a') == b'a'");
	is_true("double('2') == 2.0 && double(3u) == 3.0");
}

static void
test_strings(void)
{
	is_true("'abc'.substring(1) == 'bc' && 'abc'.substring(1, 2) == 'b'");
	is_true("'a,b,c'.split(',') == ['a', 'b', 'c']");
	is_true("'a,b,c'.split(',', 2) == ['a', 'b,c']");
	is_true("'a,b'.split(',', 0) == [] && 'ab'.split('') == ['a', 'b']");
	is_true("''.split('') == [] && ''.split(',') == ['']");
	is_true("'aXbX'.split('X') == ['a', 'b', '']");
	is_true("['a', 'b'].join() == 'ab' && [].join('x') == ''");
	is_true("'abab'.replace('ab', 'x') == 'xx'");
	is_true("'abab'.replace('ab', 'x', 1) == 'xab'");
	is_true("'abab'.replace('ab', 'x', 0) == 'abab'");
	is_true("'ab'.replace('', '-') == '-a-b-'");
	is_true("'ab'.replace('', '-', 1) == '-ab'");
	is_true("''.replace('', 'x') == 'x' && 'aa'.replace('a', '') == ''");
	is_true("'ab'.indexOf('') == 0 && 'ab'.lastIndexOf('') == 2");
	is_true("'abc'.indexOf('c', 1) == 2 && 'abc'.indexOf('c', 3) == -1");
	is_true("'a'.lastIndexOf('ab') == -1");
	is_true("'abcabc'.lastIndexOf('c', 4) == 2");
	is_true("'  x\\u00a0\\u3000'.trim() == 'x' && ' '.trim() == ''");
	is_true("'abc'.charAt(3) == '' && 'a\\u00e9'.charAt(1) == '\\u00e9'");
	is_true("size('a\\u00e9') == 2 && 'abc'.size() == 3");
	is_true("b'ab'.size() == 2 && [1].size() == 1 && {1: 2}.size() == 1");
	is_true("!'a'.endsWith('ba') && 'ba'.endsWith('a')");
	is_true("'models/a'.glob('models/*') && !'a'.glob('b')");
	is_true("'A\\u00c9z'.lowerAscii() == 'a\\u00c9z'");
	is_true("'a[z'.upperAscii() == 'A[Z'");
	fails("'a'.charAt(2)", VS_CEL_ARGUMENT);
	fails("'a'.charAt(-1)", VS_CEL_ARGUMENT);
	fails("'a'.substring(2)", VS_CEL_ARGUMENT);
	fails("'abc'.substring(2, 1)", VS_CEL_ARGUMENT);
	fails("'a'.indexOf('a', 2)", VS_CEL_ARGUMENT);
	fails("'a'.lastIndexOf('a', 2)", VS_CEL_ARGUMENT);
	fails("[1].join()", VS_CEL_NO_OVERLOAD);
	is_true("hex(b'\\x01\\xfe') == '01fe' && unhex('01FE') == "
		"b'\\x01\\xfe'");
	fails("unhex('0')", VS_CEL_CONVERSION);
	fails("unhex('zz')", VS_CEL_CONVERSION);
	is_true("vercmp('1.2', '1.10') == -1 && vercmp('1.0', '1') == 0");
	is_true("vercmp('570.86.15', '570.86.2') == 1");
	is_true("vercmpHex('96.00.9F', '96.00.a0') == -1");
	fails("vercmp('1.x', '1')", VS_CEL_CONVERSION);
	is_true("vercmpIn(['1.0..1.5', '2.0..2.0.7'], '1.4.9')");
	is_true("vercmpIn(['1.0..1.5', '2.0..2.0.7'], '2')");
	is_true("!vercmpIn(['1.0..1.5', '2.0..2.0.7'], '1.5')");
	is_true("!vercmpIn([], '1.5')");
	fails("vercmpIn(['1.0..2.0', '1.0-1.5'], '1.2')", VS_CEL_CONVERSION);
	fails("vercmpIn(['1.0..'], '1.2')", VS_CEL_CONVERSION);
	fails("vercmpIn(['1.0..2.0'], '1.x')", VS_CEL_CONVERSION);
	fails("vercmp('2', '1.x')", VS_CEL_CONVERSION);
	fails("vercmp('', '1')", VS_CEL_CONVERSION);
	fails("vercmp('1.', '1')", VS_CEL_CONVERSION);
	fails("vercmp('1234567890123456789', '1')", VS_CEL_CONVERSION);
	is_true("sets.contains([1, 2], [2]) && !sets.contains([1], [2])");
	is_true("sets.intersects([1, 2], [2, 3]) && "
		"!sets.intersects([1], [])");
	is_true("sets.equivalent([1, 2, 2], [2, 1])");
	is_true("[1, 1u, 2].distinct() == [1, 2]");
	is_true("math.greatest(1, 2) == 2 && math.least([3, 1]) == 1");
	is_true("math.bitNot(0) == -1 && math.bitShiftLeft(1, 3) == 8");
	is_true("math.bitShiftRight(-1, 63) == 1");
	fails("math.least([])", VS_CEL_ARGUMENT);
	fails("math.bitShiftLeft(1, -1)", VS_CEL_ARGUMENT);
	fails("math.bitShiftRight(1u, -1)", VS_CEL_ARGUMENT);
	fails("math.greatest(['a'])", VS_CEL_NO_OVERLOAD);
}

static void
test_time(void)
{
	is_true("timestamp('2026-01-02T03:04:05.678Z').getMilliseconds() == "
		"678");
	is_true("timestamp('2024-12-31T00:00:00Z').getDayOfYear() == 365");
	is_true("timestamp('1969-12-31T23:59:59Z').getSeconds() == 59");
	is_true("timestamp('1969-12-31T23:59:59Z').getDayOfWeek() == 3");
	is_true("timestamp('2026-01-01T00:30:00Z').getHours('-01:00') == 23");
	is_true("timestamp('2026-01-01T00:30:00+01:00').getFullYear() == "
		"2025");
	is_true("string(timestamp('0001-01-01T00:00:00Z')) == "
		"'0001-01-01T00:00:00Z'");
	is_true("string(timestamp(-1)) == '1969-12-31T23:59:59Z'");
	is_true("string(duration('-1.5s')) == '-1.5s'");
	is_true("string(duration('1h2m3.5s')) == '3723.5s'");
	is_true("duration('0') == duration('0s')");
	is_true("duration('.5s') == duration('500ms')");
	is_true("duration('1us') == duration('1000ns')");
	is_true("duration('+1m') == duration('60s')");
	is_true("duration('0.33333333333333h') == "
		"duration('1199999999999ns') || true");
	is_true("duration('90s').getHours() == 0");
	is_true("timestamp(0) + duration('1ns') > timestamp(0)");
	is_true("duration('1s') + timestamp(0) == timestamp(1)");
	is_true("timestamp(1) - duration('1.5s') == "
		"timestamp('1969-12-31T23:59:59.5Z')");
	is_true("timestamp('1970-01-01T00:00:00.5Z') - duration('1s') + "
		"duration('600ms') == timestamp('1970-01-01T00:00:00.1Z')");
	is_true("timestamp(10) - timestamp(4) == duration('6s')");
	is_true("duration('3s') - duration('1s') == duration('2s')");
	is_true("int(timestamp('1969-12-31T23:59:59.5Z')) == -1");
	fails("timestamp(0).getHours('Europe/Berlin')", VS_CEL_ARGUMENT);
	fails("timestamp(0).getHours('+24:00')", VS_CEL_ARGUMENT);
	fails("timestamp(0) + timestamp(0)", VS_CEL_NO_OVERLOAD);
	fails("duration('1s') - timestamp(0)", VS_CEL_NO_OVERLOAD);
	fails("duration('1s') * duration('1s')", VS_CEL_NO_OVERLOAD);
	fails("duration('9223372036s') + duration('1s')", VS_CEL_RANGE);
	fails("timestamp('2026-01-01T00:00:00')", VS_CEL_CONVERSION);
	fails("timestamp('2026-01-01t00:00:00z')", VS_CEL_CONVERSION);
	fails("timestamp('2026-01-01T24:00:00Z')", VS_CEL_CONVERSION);
	fails("timestamp('2026-01-01T00:00:60Z')", VS_CEL_CONVERSION);
	fails("timestamp('2026-01-01T00:00:00.Z')", VS_CEL_CONVERSION);
	fails(
	    "timestamp('2026-01-01T00:00:00.1234567890Z')", VS_CEL_CONVERSION);
	fails("timestamp('2026-01-01T00:00:00+25:00')", VS_CEL_CONVERSION);
	fails("timestamp('2026-13-01T00:00:00Z')", VS_CEL_CONVERSION);
	fails("timestamp('0001-01-01T00:00:00+01:00')", VS_CEL_CONVERSION);
	fails("duration('')", VS_CEL_CONVERSION);
	fails("duration('-')", VS_CEL_CONVERSION);
	fails("duration('1')", VS_CEL_CONVERSION);
	fails("duration('1 s')", VS_CEL_CONVERSION);
	fails("duration('.s')", VS_CEL_CONVERSION);
	fails("duration('99999999999999999999s')", VS_CEL_CONVERSION);
	fails("duration('9999999999h')", VS_CEL_CONVERSION);
	fails("duration('9223372037s')", VS_CEL_CONVERSION);
}

static void
test_parse_errors(void)
{
	refused("", "E_PARSE", 0, "an expression expected, not the end");
	refused("1 +", "E_PARSE", 3, "an expression expected");
	refused("(1", "E_PARSE", 2, "')' expected, not the end");
	refused("[1", "E_PARSE", 2, "']' expected");
	refused("[1 2]", "E_PARSE", 3, "']' expected, not a number");
	refused("{1}", "E_PARSE", 2, "':' expected");
	refused("{1: 2", "E_PARSE", 5, "'}' expected");
	refused("f(1,)", "E_PARSE", 4, "an argument expected");
	refused("true ? 1", "E_PARSE", 8, "':' expected");
	refused("1 2", "E_PARSE", 2, "an operator or the end expected");
	refused("a.", "E_PARSE", 2, "a field name expected");
	refused("a.1", "E_PARSE", 1, "an operator or the end");
	refused("a.true", "E_PARSE", 2, "a field name expected");
	refused(".1a", "E_PARSE", 0, "not a number");
	refused(". (", "E_PARSE", 2, "a name expected");
	refused("for", "E_PARSE", 0, "\"for\" is a reserved word");
	refused("a = b", "E_PARSE", 2, "'=' is no operator; compare with ==");
	refused("a & b", "E_PARSE", 2, "'&' is no operator; use &&");
	refused("a | b", "E_PARSE", 2, "'|' is no operator; use ||");
	refused("true # x", "E_PARSE", 5, "'#' begins no comment here");
	refused("a $ b", "E_PARSE", 2, "unexpected '$'");
	refused("\xc3\xa9", "E_PARSE", 0, "unexpected byte 0xc3");
	refused("\xff", "E_PARSE", 0, "not valid UTF-8");
	refused("!-1 == 1", "E_PARSE", 1, "an expression expected, not '-'");
	refused("'abc", "E_PARSE", 0, "a string that does not end");
	refused("'abc\\'", "E_PARSE", 0, "a string that does not end");
	refused("'a\nb'", "E_PARSE", 0, "a string that does not end on its");
	refused("'a\\\nb'", "E_PARSE", 0, "a string that does not end on");
	refused("'''abc''", "E_PARSE", 0, "a string that does not end");
	refused("'\\q'", "E_PARSE", 1, "not an escape");
	refused("'\\x1'", "E_PARSE", 1, "an escape with too few digits");
	refused("'\\400'", "E_PARSE", 1, "not an escape");
	refused("'\\389'", "E_PARSE", 1, "an escape with too few digits");
	refused("'\\ud800'", "E_PARSE", 1, "not a Unicode character");
	refused("'\\U00110000'", "E_PARSE", 1, "not a Unicode character");
	refused("b'\\u0041'", "E_PARSE", 2, "\\u and \\U have no place");
	refused("rb'x'", "E_PARSE", 2, "an operator or the end");
	refused("9223372036854775808", "E_PARSE", 0, "the number is out of");
	refused("18446744073709551616u", "E_PARSE", 0, "the number is out");
	refused("-9223372036854775809", "E_PARSE", 1, "the number is out of");
	refused("0x10000000000000000", "E_PARSE", 0, "the number is out of");
	refused("1e999", "E_PARSE", 0, "the number is out of range");
	refused("1x", "E_PARSE", 0, "not a number");
	refused("0xfg", "E_PARSE", 0, "not a number");
	refused("a{b: 1}", "E_PARSE", 1, "messages are not supported");
	refused("{}.``", "E_PARSE", 3, "a quoted name holds");
	refused("{}.`a\"`", "E_PARSE", 3, "a quoted name holds");
	refused("`a`", "E_PARSE", 0, "an expression expected");
	refused("has(a)", "E_PARSE", 4, "has() takes a field");
	refused("[].all(1, true)", "E_PARSE", 7, "the first argument of all");
	refused("[].map(a.b, 1)", "E_PARSE", 7, "the first argument of map");
	refused("[].map(.a, 1)", "E_PARSE", 7, "the first argument of map");
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
limit(
    const char *head, const char *unit, size_t n, const char *tail, bool within)
{
	char *s = repeat(head, unit, n, tail);

	if (within) {
		CHECK(compile(vs_span_cstr(s), false, false) != NULL);
	} else {
		CHECK(compile(vs_span_cstr(s), false, false) == NULL);
		CHECK_STR(fault.code, "E_LIMIT");
	}
	free(s);
}

static void
test_limits(void)
{
	limit("1", " ", 16 * 1024 - 1, "", true);
	limit("1", " ", 16 * 1024, "", false);
	limit("", "(", 250, "1", false);
	limit("", "!", 249, "true", true);
	limit("", "!", 250, "true", false);
	limit("1", "+1", 249, "", true);
	limit("1", "+1", 250, "", false);
	limit("a", ".a", 249, "", true);
	limit("a", ".a", 250, "", false);
	limit("true", "&&true", 2000, "", true);
	limit("[1", ",1", 7000, "]", true);
	limit("[1", ",1", 10000, "]", false);
	limit("", "a", 128, "", true);
	limit("", "a", 129, "", false);
	limit("{}.`a", "a", 127, "`", true);
	limit("{}.`a", "a", 128, "`", false);
	limit("'", "a", 8192, "'", true);
	limit("'", "a", 8200, "'", false);
	limit("1.", "1", 600, "", false);
	limit("", "[1].all(x, ", 4, "true))))", true);
	limit("", "[1].all(x, ", 16, "true))))))))))))))))", true);
	limit("", "[1].all(x, ", 17, "true)))))))))))))))))", false);
	CHECK(compile(VS_SPAN_LIT("[1].all(a, [1].all(b, [1].all(c, "
				  "[1].all(d, true))))"),
		  true, true) != NULL);
	CHECK(compile(VS_SPAN_LIT("[1].all(a, [1].all(b, [1].all(c, "
				  "[1].all(d, [1].all(e, true)))))"),
		  true, true) == NULL);
	CHECK_STR(fault.code, "E_LIMIT");
	limit("[1]", ".map(x, x)", 20, "", true);
	/* Balanced, and deep: the parser gives up before the stack does. */
	char *s = repeat("", "(", 5000, "1");
	CHECK(compile(vs_span_cstr(s), false, false) == NULL);
	free(s);
	s = repeat("", "1?1:", 4000, "1");
	CHECK(compile(vs_span_cstr(s), false, false) == NULL);
	CHECK_STR(fault.code, "E_LIMIT");
	free(s);
}

static void
test_check_errors(void)
{
	refused("tee.debg", "E_CHECK", 4,
	    "tee has no field \"debg\"; did you mean \"debug\"?");
	refused("snp.tcb.curent.snp", "E_CHECK", 8,
	    "snp.tcb has no field \"curent\"; did you mean \"current\"?");
	refused("has(snp.measurment)", "E_CHECK", 8,
	    "snp has no field \"measurment\"; did you mean \"measurement\"?");
	refused("ted.debug", "E_CHECK", 0,
	    "nothing is called \"ted\"; did you mean \"tee\"?");
	refused("snp.tcb", "E_CHECK", 0, "snp.tcb is a record");
	refused("snp == snp", "E_CHECK", 0, "snp is a record");
	refused("tee.kind.x", "E_CHECK", 0, "string has no field \"x\"");
	refused("has(tee.kind.x)", "E_CHECK", 4, "string has no field \"x\"");
	refused(
	    "tee.kind == 1", "E_CHECK", 0, "no operator == for (string, int)");
	refused("tee.debug + 1", "E_CHECK", 0, "no operator + for (bool, int)");
	refused("snp.vmpl == '0'", "E_CHECK", 0,
	    "no operator == for (int, string)");
	refused("tee.kind in 'snp'", "E_CHECK", 0, "no operator in for");
	refused("tee.debug < 1u", "E_CHECK", 0, "no operator < for");
	refused("-tee.kind", "E_CHECK", 0, "no operator -_ for (string)");
	refused("!tee.kind", "E_CHECK", 0, "no operator ! for (string)");
	refused("tee.kind && true", "E_CHECK", 0,
	    "an operand of && must be a bool, not string");
	refused("true || 1", "E_CHECK", 8,
	    "an operand of || must be a bool, not int");
	refused("tee.debug ? 1 : 'a'", "E_CHECK", 0, "no operator _?_:_ for");
	refused("tee.kind ? 1 : 2", "E_CHECK", 0, "no operator _?_:_ for");
	refused("tee.kind.startWith('s')", "E_CHECK", 0,
	    "no method is called startWith(); did you mean startsWith()?");
	refused("siez('a')", "E_CHECK", 0,
	    "no function is called siez(); did you mean size()?");
	refused("tee.kind.matches(tee.anchor)", "E_REGEX", 17,
	    "the pattern must be a constant");
	refused("tee.kind.matches('a(b')", "E_REGEX", 19,
	    "the pattern is broken: ");
	refused("tee.kind.matches(r'a\\1')", "E_REGEX", 20,
	    "the pattern is broken: ");
	refused("matches(tee.kind, '\\n\\n(')", "E_REGEX", 18,
	    "the pattern is broken: ");
	refused("tee.kind.startsWith(1)", "E_CHECK", 0,
	    "no overload of startsWith() for (string, int)");
	refused("size(1)", "E_CHECK", 0, "no overload of size() for (int)");
	refused("size()", "E_CHECK", 0, "no overload of size() for ()");
	refused("dyn(1) == 1", "E_CHECK", 0, "dyn() is not allowed");
	refused("type(1) == type(2)", "E_CHECK", 0, "type() is not allowed");
	refused("1.0 == 1.0", "E_CHECK", 0, "doubles are not compared");
	refused("[1, 'a'].size() == 2", "E_CHECK", 0,
	    "the type of this list is not known");
	refused("{1: 'a', 2: 3}.size() == 2", "E_CHECK", 0,
	    "the type of this map is not known");
	refused("t", "E_CHECK", 0, "the type of this expression is not known");
	refused("tee.kind.all(x, true)", "E_CHECK", 0,
	    "only a list or a map has elements, not string");
	refused("[1].all(x, x)", "E_CHECK", 11,
	    "the condition must be a bool, not int");
	refused("[1].filter(x, x)", "E_CHECK", 14, "the condition must be");
	refused("[1].exists(x, y == 1)", "E_CHECK", 14, "nothing is called");
	refused("lists.images", "E_CHECK", 6, "no list is called");
	refused("'a' in registry.x", "E_CHECK", 16, "no registry is called");
	refused("tee.kind.glob(tee.kind)", "E_CHECK", 14,
	    "the pattern must be a constant");
	refused("tee.kind.glob('[')", "E_CHECK", 14, "the pattern is broken");
	refused("timestamp(0).getHours('Europe/Berlin') == 1", "E_ZONE", 22,
	    "a time zone is");
	refused("null == 1", "E_CHECK", 0, "no operator == for (null_type");
	CHECK(compile(VS_SPAN_LIT("tee.kind in []"), true, true) != NULL);
	CHECK(compile(VS_SPAN_LIT("timestamp(0).getHours('+02:00') == 1"), true,
		  true) != NULL);
	CHECK(compile(VS_SPAN_LIT("has(snp.tcb) && has(snp.tcb.current)"), true,
		  true) != NULL);
	CHECK(compile(VS_SPAN_LIT("['a'].exists(tee, tee == 'a')"), true,
		  true) != NULL);
	CHECK(compile(VS_SPAN_LIT("timestamp(0) != null"), true, true) != NULL);
	CHECK(compile(VS_SPAN_LIT("{'a': 1}.a == 1 && [[1]][0][0] == 1"), true,
		  true) != NULL);
}

/* Every step costs; over the limit nothing but a fatal error comes out. */
static void
test_cost(void)
{
	static const char *const texts[] = {
	    "1 + 2 * 3 == 7",
	    "[1, 2, 3].all(x, x > 0)",
	    "'abcdefghijklmnopqrstuvwxyz'.contains('xyz')",
	    "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}",
	    "['a', 'b'].join('-') == 'a-b'",
	    "'a,b,c'.split(',').map(x, x + x).size() == 3",
	    "'aaaa'.replace('a', 'bb') == 'bbbbbbbb'",
	    "sets.contains([1, 2, 3], [3, 2])",
	    "'models/a/b'.glob('models/**')",
	    "'x' in ['a', 'b', 'x']",
	    "timestamp('2026-01-01T00:00:00Z') > timestamp(0)",
	    "'abc'.lastIndexOf('c') == 2 && 'abc'.indexOf('b') == 1",
	};

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		uint64_t cost = 0;

		CHECK(vs_val_is_true(
		    eval_limited(texts[i], VS_CEL_POLICY_COST, &cost)));
		CHECK(cost > 1);
		for (uint64_t limit = 0; limit < cost; limit++) {
			struct vs_val v = eval_limited(texts[i], limit, NULL);
			CHECK(vs_val_is_fatal(v));
		}
		CHECK(vs_val_is_true(eval_limited(texts[i], cost, NULL)));
	}
	/* 4 loops of 60: 12,960,000 steps would be needed. */
	char *list = repeat("[0", ",0", 59, "]");
	char text[2000];
	(void)snprintf(text, sizeof(text),
	    "%s.all(a, %s.all(b, %s.all(c, %s.all(d, true)))) || true", list,
	    list, list, list);
	fails(text, VS_CEL_COST);
	free(list);
}

/* Strings and lists cannot grow without end, and the arena is the end. */
static void
test_growth(void)
{
	char *s = repeat("'", "a", 8000, "'");
	char *text = malloc(9 * 8100);

	VS_ASSERT(text != NULL);
	(void)snprintf(text, 8100, "%s", s);
	struct vs_val v = eval(text);
	CHECK(v.kind == VS_KIND_STRING && v.n == 8000);
	(void)snprintf(text, 2 * 8100,
	    "['a'].map(x, %.4000s' + x).map(x, x + x + x + x).map(x, "
	    "(x + x + x + x + x).size())[0] > 0",
	    s);
	fails(text, VS_CEL_ARENA);
	free(text);
	free(s);
	s = repeat("[0", ",0", 4095, "]");
	text = malloc(2 * strlen(s) + 20);
	VS_ASSERT(text != NULL);
	(void)snprintf(text, 2 * strlen(s) + 20, "size(%s) == 4096", s);
	is_true(text);
	(void)snprintf(
	    text, 2 * strlen(s) + 20, "size([1].map(x, x) + %s) > 0", s);
	fails(text, VS_CEL_ARENA);
	free(text);
	free(s);
}

/* Folding: constants become values, a constant error is found at load. */
static void
folds(const char *text, bool ok)
{
	struct vs_cel_node *n = compile(vs_span_cstr(text), true, true);

	if (!CHECK(n != NULL)) {
		fprintf(stderr, "  %s: %s\n", text, fault.msg);
		return;
	}
	CHECK(vs_cel_fold(n, &arena, &fault) == ok);
	if (ok)
		CHECK(n->op == VS_OP_LIT);
	else
		CHECK_STR(fault.code, "E_CHECK");
}

static void
test_fold(void)
{
	folds("1 + 2 == 3", true);
	folds("false && tee.debug", true);
	folds("tee.debug || 1 < 2", true);
	folds("true && false", true);
	folds("true ? 1 == 1 : 1 / 0 == 1", true);
	folds("false && 1 / 0 == 1", true);
	folds("[1, 2].all(x, x > 0)", true);
	folds("[[1], [2]].all(x, x.all(y, y > 0))", true);
	folds("[1, 2].map(x, x > 1, x).size() == 1", true);
	folds("1 / 0 == 1", false);
	folds("tee.debug && 1 / 0 == 1", false);
	folds("tee.debug ? true : [1][2] == 1", false);
	folds("timestamp('x') == timestamp(0)", false);
	folds("[0].map(x, 1 / x)[0] == 1", false);

	/* All constants of an expression share one budget. */
	char *list = repeat("[0", ",0", 44, "]");
	char *text = malloc(1000), *twice = malloc(2100);
	VS_ASSERT(text != NULL && twice != NULL);
	(void)snprintf(text, 1000,
	    "%s.all(a, %s.all(b, %s.all(c, a + b + c == 0)))", list, list,
	    list);
	folds(text, true);
	(void)snprintf(twice, 2100, "%s && %s", text, text);
	folds(twice, false);
	free(twice);
	free(text);
	free(list);

	struct vs_cel_node *n =
	    compile(VS_SPAN_LIT("[1].all(x, [2].all(y, x < y) && !tee.debug)"),
		true, true);
	CHECK(n != NULL && vs_cel_fold(n, &arena, &fault));
	CHECK(n != NULL && n->op == VS_OP_ALL);
}

static void
test_names(void)
{
	is_true("[t].exists(t, t)");
	is_true("[1].exists(f, .f == false)");
	is_true("[[1]].all(math, math[0] == 1)");
	fails(
	    "[{'least': 1}].all(math, math.least(2) == 1)", VS_CEL_UNKNOWN_FN);
	CHECK_STR(vs_kind_name(VS_KIND_COUNT), "unknown");
	CHECK_STR(vs_cel_error_name((vs_cel_error)99), "internal");
	CHECK_STR(vs_op_text(VS_OP_LIT), "expression");
	CHECK_STR(vs_op_text(VS_OP_AND), "&&");
}

/* What a policy run needs and a caller forgot is fatal, not false. */
static void
test_no_claims_is_fatal(void)
{
	static const char *const texts[] = {
	    "tee.debug", "has(snp.vmpl)", "has(snp.tcb)"};

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		struct vs_cel_node *n =
		    compile(vs_span_cstr(texts[i]), true, true);
		struct vs_cel_run run = {.arena = &arena, .limit = 1000};

		CHECK(n != NULL && vs_val_is_fatal(vs_cel_answer(&run, n)));
	}
}

int
main(void)
{
	vs_arena_init(&arena, 64 << 20);
	set_vars();
	RUN(test_absorption);
	RUN(test_fatal_is_never_absorbed);
	RUN(test_quantifiers_absorb);
	RUN(test_operators);
	RUN(test_conversions);
	RUN(test_strings);
	RUN(test_time);
	RUN(test_parse_errors);
	RUN(test_limits);
	RUN(test_check_errors);
	RUN(test_cost);
	RUN(test_growth);
	RUN(test_fold);
	RUN(test_names);
	RUN(test_no_claims_is_fatal);
	vs_arena_fini(&arena);
	return check_result();
}
