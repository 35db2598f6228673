/* SPDX-License-Identifier: Apache-2.0 */
/* The extension libraries: networks, versions, encodings, two variables,
 * local names. */
#include "check.h"

#include "policy/env.h"
#include "policy/net.h"
#include "policy/parser.h"
#include "policy/semver.h"

static struct vs_arena arena;
static struct vs_cel_fault fault;

/* The names of types, as values. */
static struct vs_cel_decl decls[VS_KIND_COUNT];

static void
declare_types(void)
{
	for (int k = 0; k < VS_KIND_COUNT; k++) {
		const char *name = vs_kind_name((vs_kind)k);

		decls[k] = (struct vs_cel_decl){.name = vs_span_cstr(name),
		    .op = VS_OP_LIT,
		    .val = vs_val_type((vs_kind)k),
		    .type = vs_type_of_kind(VS_TYPE_DYN)};
	}
}

static struct vs_val
eval(const char *text)
{
	struct vs_cel_env env = {.decls = decls, .decls_n = VS_KIND_COUNT};
	struct vs_cel_run run = {.arena = &arena, .limit = VS_CEL_POLICY_COST};
	struct vs_cel_node *n;

	vs_arena_reset(&arena);
	fault = (struct vs_cel_fault){0};
	n = vs_cel_parse(vs_span_cstr(text), false, &arena, &fault);
	if (n == NULL || !vs_cel_resolve(&env, n, &arena, &fault) ||
	    !vs_cel_check(&env, n, &arena, &fault)) {
		fprintf(stderr, "  %s: %s %s\n", text, fault.code, fault.msg);
		return vs_val_error(VS_CEL_INTERNAL);
	}
	return vs_cel_answer(&run, n);
}

static void
is_true(const char *text)
{
	struct vs_val v = eval(text);

	if (!CHECK(vs_val_is_true(v)))
		fprintf(stderr, "  %s: kind %d, %s\n", text, v.kind,
		    vs_cel_error_name((vs_cel_error)v.error));
}

static void
fails(const char *text, vs_cel_error want)
{
	struct vs_val v = eval(text);

	if (!CHECK(v.kind == VS_KIND_ERROR && v.error == want))
		fprintf(stderr, "  %s: kind %d, error %s\n", text, v.kind,
		    vs_cel_error_name((vs_cel_error)v.error));
}

static void
refused(const char *text, const char *code)
{
	struct vs_cel_env env = {0};
	struct vs_cel_node *n;

	vs_arena_reset(&arena);
	fault = (struct vs_cel_fault){0};
	n = vs_cel_parse(vs_span_cstr(text), false, &arena, &fault);
	if (n != NULL && vs_cel_resolve(&env, n, &arena, &fault))
		(void)vs_cel_check(&env, n, &arena, &fault);
	if (!CHECK(fault.code != NULL && strcmp(fault.code, code) == 0))
		fprintf(stderr, "  %s: %s\n", text, fault.msg);
}

static void
test_addresses(void)
{
	static const char *const good[][2] = {{"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"}, {"::", "::"},
	    {"::1", "::1"}, {"1::", "1::"}, {"2001:DB8::68", "2001:db8::68"},
	    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
	    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
	    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
	    {"0001:002:03:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
	    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
	    {"::ffff:c0a8:1", "192.168.0.1"}};
	static const char *const bad[] = {"", ".", "1.2.3", "1.2.3.4.5",
	    "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4",
	    "1.2..4", "+1.2.3.4", "1.2.3.4/8", "a.b.c.d", "0x1.2.3.4", ":",
	    ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
	    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
	    "12345::", "g::", "fe80::1%eth0", "1:", ":1",
	    "::1:", "::ffff:192.168.0.1", "::1.2.3.4:1",
	    "1:2:3:4:5:6:7:1.2.3.4", "[::1]"};
	char text[VS_IP_TEXT_MAX];
	struct vs_ip ip;

	for (size_t i = 0; i < VS_COUNT(good); i++) {
		if (!CHECK(vs_ip_parse(vs_span_cstr(good[i][0]), &ip)))
			continue;
		(void)vs_ip_text(&ip, text);
		CHECK_STR(text, good[i][1]);
	}
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		if (!CHECK(!vs_ip_parse(vs_span_cstr(bad[i]), &ip)))
			fprintf(stderr, "  %s\n", bad[i]);
	}
	is_true("ip('::ffff:c0a8:1') == ip('192.168.0.1')");
	is_true("ip('::ffff:c0a8:1').family() == 4");
	is_true("ip.isCanonical('::1') && !ip.isCanonical('0::1')");
	is_true("!ip.isCanonical('::ffff:c0a8:1')");
	is_true("isIP('::') && !isIP('::%1') && !isIP('')");
	is_true("type(ip('::')) == net.IP && type(net.CIDR) == type");
	is_true("[ip('::1')].exists(x, x == ip('0::1'))");
	is_true("dyn(ip('::1')) != '::1'");
	fails("ip('1.2.3')", VS_CEL_CONVERSION);
	fails("ip.isCanonical('1.2.3')", VS_CEL_CONVERSION);
	refused("ip('::1') < ip('::2')", "E_CHECK");
	refused("ip(1)", "E_CHECK");
}

static void
test_kinds_of_addresses(void)
{
	is_true("ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()");
	is_true("!ip('::1').isUnspecified()");
	is_true("ip('127.255.0.1').isLoopback() && ip('::1').isLoopback()");
	is_true("!ip('128.0.0.1').isLoopback() && !ip('::2').isLoopback()");
	is_true("ip('224.0.0.9').isLinkLocalMulticast()");
	is_true("!ip('224.0.1.9').isLinkLocalMulticast()");
	is_true("ip('ff02::9').isLinkLocalMulticast()");
	is_true("ip('ff12::9').isLinkLocalMulticast()");
	is_true("!ip('ff05::9').isLinkLocalMulticast()");
	is_true("ip('169.254.0.1').isLinkLocalUnicast()");
	is_true("!ip('169.255.0.1').isLinkLocalUnicast()");
	is_true("ip('febf::').isLinkLocalUnicast()");
	is_true("!ip('fec0::').isLinkLocalUnicast()");
	is_true("ip('10.0.0.1').isGlobalUnicast()");
	is_true("ip('fd00::1').isGlobalUnicast()");
	is_true("['0.0.0.0', '255.255.255.255', '127.0.0.1', '224.0.0.1', "
		"'239.1.1.1', '169.254.1.1', '::', '::1', 'fe80::1', "
		"'ff0e::1'].all(s, !ip(s).isGlobalUnicast())");
}

static void
test_networks(void)
{
	static const char *const bad[] = {"", "/", "1.2.3.4", "1.2.3.4/",
	    "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/+8", "1.2.3.4/8/8", "/8",
	    "::/129", "::/", "::ffff:c0a8:0/112", "::ffff:1.2.3.4/112",
	    "fe80::%1/64", "1.2.3/8", "::/1 ", "::/0x1"};
	struct vs_cidr c;

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		if (!CHECK(!vs_cidr_parse(vs_span_cstr(bad[i]), &c)))
			fprintf(stderr, "  %s\n", bad[i]);
	}
	is_true("string(cidr('10.1.2.3/8')) == '10.1.2.3/8'");
	is_true("string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8'");
	is_true("string(cidr('2001:db8:ffff::/33').masked()) == "
		"'2001:db8:8000::/33'");
	is_true("cidr('10.1.2.3/8') != cidr('10.1.2.3/9')");
	is_true("cidr('10.1.2.3/8') != cidr('10.1.2.4/8')");
	is_true("cidr('0.0.0.0/0') != cidr('::/0')");
	is_true("cidr('10.1.2.3/8').ip() == ip('10.1.2.3')");
	is_true("cidr('10.1.2.3/8').prefixLength() == 8");
	is_true("cidr('0.0.0.0/0').containsIP('255.0.0.1')");
	is_true("!cidr('0.0.0.0/0').containsIP('::1')");
	is_true("!cidr('::/0').containsIP('1.2.3.4')");
	is_true("cidr('192.168.0.0/16').containsIP('::ffff:c0a8:1')");
	is_true("cidr('10.0.0.1/32').containsIP('10.0.0.1')");
	is_true("!cidr('10.0.0.1/32').containsIP('10.0.0.2')");
	is_true("cidr('10.0.0.128/25').containsIP('10.0.0.255')");
	is_true("!cidr('10.0.0.128/25').containsIP('10.0.0.127')");
	is_true("cidr('10.0.0.0/8').containsCIDR('10.9.0.0/16')");
	is_true("!cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')");
	is_true("!cidr('10.0.0.0/8').containsCIDR(cidr('11.0.0.0/9'))");
	is_true("!cidr('::/0').containsCIDR('10.0.0.0/8')");
	is_true("isCIDR('::/0') && !isCIDR('::')");
	fails("cidr('::')", VS_CEL_CONVERSION);
	fails("cidr('::/0').containsIP('x')", VS_CEL_CONVERSION);
	fails("cidr('::/0').containsCIDR('x')", VS_CEL_CONVERSION);
}

static void
test_versions(void)
{
	/* [SemVer 11] */
	static const char *const rising[] = {"0.0.0", "0.0.1", "0.1.0",
	    "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1",
	    "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
	    "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0",
	    "9223372036854775807.0.0"};
	static const char *const bad[] = {"", "1", "1.2", "1.2.3.4", "01.2.3",
	    "1.02.3", "1.2.03", "v1.2.3", "1.2.3-", "1.2.3+", "1.2.3-a..b",
	    "1.2.3-01", "1.2.3-a.01", "1.2.3-\xc3\xa9", "1.2.3+a+b", "1.2.3 ",
	    "-1.2.3", "1.2.x", "9223372036854775808.0.0", "1.2.3-a_b", ".2.3",
	    "1..3"};
	struct vs_semver a, b;

	for (size_t i = 0; i < VS_COUNT(rising); i++) {
		for (size_t k = 0; k < VS_COUNT(rising); k++) {
			CHECK(vs_semver_parse(vs_span_cstr(rising[i]), &a));
			CHECK(vs_semver_parse(vs_span_cstr(rising[k]), &b));
			CHECK_INT(vs_semver_compare(&a, &b),
			    i < k       ? -1
				: i > k ? 1
					: 0);
		}
	}
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		if (!CHECK(!vs_semver_parse(vs_span_cstr(bad[i]), &a)))
			fprintf(stderr, "  %s\n", bad[i]);
	}
	is_true("semver('1.2.3+a') == semver('1.2.3+b.01')");
	is_true("semver('1.2.3-x') != semver('1.2.3')");
	is_true("semver('1.2.3').isGreaterThan(semver('1.2.3-rc.1'))");
	is_true("semver('1.2.3').isLessThan(semver('1.10.0'))");
	is_true("semver('1.2.3').compareTo(semver('1.2.3')) == 0");
	is_true("semver('3.2.1').major() == 3 && semver('3.2.1').minor() == 2 "
		"&& semver('3.2.1').patch() == 1");
	is_true("isSemver('1.0.0') && !isSemver('v1.0') && "
		"isSemver('v1.0', true) && !isSemver('v1.0', false)");
	is_true("semver('v01.2', true) == semver('1.2.0')");
	is_true("semver('v1', true) == semver('1.0.0')");
	is_true("semver('v1.0.00-rc.1+b', true) == semver('1.0.0-rc.1')");
	is_true("!isSemver('1.2-rc', true) && !isSemver('', true) && "
		"!isSemver('1.2.3.4', true) && !isSemver('vv1', true)");
	is_true("type(semver('1.0.0')) == kubernetes.Semver");
	fails("semver('1.2')", VS_CEL_CONVERSION);
}

static void
test_base64(void)
{
	is_true("base64.encode(b'hello') == 'aGVsbG8='");
	is_true("base64.encode(b'') == '' && base64.decode('') == b''");
	is_true("base64.encode(b'\\xff\\xfe\\xfd') == '//79'");
	is_true("base64.decode('aGVsbG8') == b'hello'");
	is_true("base64.decode('aGVsbA==') == b'hell'");
	is_true("base64.decode('aGVsbA') == b'hell'");
	is_true("base64.decode('+/+/') == b'\\xfb\\xff\\xbf'");
	fails("base64.decode('aGVsbG8==')", VS_CEL_CONVERSION);
	fails("base64.decode('aGVsbA=')", VS_CEL_CONVERSION);
	fails("base64.decode('a')", VS_CEL_CONVERSION);
	fails("base64.decode('aGVsbG9=')", VS_CEL_CONVERSION);
	fails("base64.decode('-_-_')", VS_CEL_CONVERSION);
	fails("base64.decode('aG Vs')", VS_CEL_CONVERSION);
	fails("base64.decode('=')", VS_CEL_CONVERSION);
	fails("base64.decode('====')", VS_CEL_CONVERSION);
}

static void
test_math(void)
{
	is_true("math.greatest(1, 3, 2) == 3 && math.least(3, 1, 2) == 1");
	is_true("type(math.greatest(1, 2.0, 3u)) == uint");
	is_true("math.greatest([1.5, 2.5]) == 2.5");
	is_true("math.round(-2.5) == -3.0 && math.trunc(-2.5) == -2.0");
	is_true("math.ceil(-2.5) == -2.0 && math.floor(-2.5) == -3.0");
	is_true("math.sqrt(16) == 4.0 && math.isNaN(math.sqrt(-1))");
	is_true("math.sign(-7) == -1 && math.sign(0u) == 0u");
	is_true("math.isNaN(math.sign(0.0 / 0.0))");
	is_true("math.abs(-7) == 7 && math.abs(-7.5) == 7.5");
	is_true("math.isInf(-1.0 / 0.0) && math.isFinite(1.0)");
	fails("math.abs(-9223372036854775807 - 1)", VS_CEL_OVERFLOW);
	refused("math.greatest(1, 'a')", "E_CHECK");
	fails("math.greatest(1, 2, 'a')", VS_CEL_NO_OVERLOAD);
	refused("math.greatest()", "E_CHECK");
	fails("math.greatest([])", VS_CEL_ARGUMENT);
	fails("math.least(dyn([1, 'a']))", VS_CEL_NO_OVERLOAD);
}

static void
test_format(void)
{
	is_true("'%s-%d%%'.format(['a', 7]) == 'a-7%'");
	is_true("'%.2f %.0e %f'.format([1.005, 1234.5, -1]) == "
		"'1.00 1e+03 -1.000000'");
	is_true("'%x %X %o %b %b'.format([-30, b'\\xab', 8, 5, true]) == "
		"'-1e AB 10 101 1'");
	is_true("'%b'.format([-9223372036854775808]) == '-1' + "
		"['0'].map(z, z+z+z+z+z+z+z+z+z).map(z, z+z+z+z+z+z+z)[0]");
	is_true("'%s'.format([{'b': 1, 'a': [ip('::1'), null], 3: 2u}]) == "
		"'{3: 2, a: [::1, null], b: 1}'");
	is_true("'%s %s'.format([{}, []]) == '{} []'");
	is_true("'%s'.format([{1: 'a', '1': 'b'}]) == '{1: a, 1: b}'");
	is_true("''.format([]) == '' && 'x'.format([1]) == 'x'");
	fails("'%s'.format([])", VS_CEL_ARGUMENT);
	fails("'%'.format([1])", VS_CEL_ARGUMENT);
	fails("'%.f'.format([1])", VS_CEL_ARGUMENT);
	fails("'%.101f'.format([1])", VS_CEL_ARGUMENT);
	fails("'%q'.format([1])", VS_CEL_ARGUMENT);
	fails("'%d'.format([1.5])", VS_CEL_ARGUMENT);
	fails("'%x'.format([1.5])", VS_CEL_ARGUMENT);
	fails("'%f'.format(['1'])", VS_CEL_ARGUMENT);
	fails("'%s'.format([b'\\xff'])", VS_CEL_BAD_UTF8);
	fails("['%s%s%s%s%s%s%s%s'].map(f, f.format([f,f,f,f,f,f,f,f]))"
	      ".map(f, f + f + f + f + f + f + f + f)"
	      ".map(f, f + f + f + f + f + f + f + f)"
	      ".map(f, f + f + f + f + f + f + f + f)"
	      ".map(f, '%s%s'.format([f, f]))",
	    VS_CEL_ARENA);
	is_true("'a\\u00e9\\U0001f600'.reverse() == '\\U0001f600\\u00e9a'");
	is_true("strings.quote('a\\x07\\x00\\\"') == "
		"'\\\"a\\\\a\\x00\\\\\\\"\\\"'");
}

/* Outside of policies a pattern is an operand like any other. */
static void
test_matches(void)
{
	uint64_t costs[2];

	is_true("'abc'.matches('b') && !matches('abc', '^b')");
	is_true("['a', 'bb', ''].map(s, s.matches(s + '$')) == "
		"[true, true, true]");
	is_true("['x1', 'y22'].all(s, s.matches('[a-z]' + '[0-9]+'))");
	is_true("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$') == false");
	fails("'a'.matches('(')", VS_CEL_ARGUMENT);
	fails("'a'.matches('a{1001}')", VS_CEL_ARGUMENT);
	fails("'a'.matches('((a{100}){100}){100}')", VS_CEL_ARGUMENT);
	fails("dyn(1).matches('a')", VS_CEL_NO_OVERLOAD);
	for (size_t i = 0; i < 2; i++) {
		struct vs_cel_run run = {
		    .arena = &arena, .limit = i == 0 ? VS_CEL_POLICY_COST : 3};
		struct vs_cel_env env = {0};
		struct vs_cel_node *n;

		vs_arena_reset(&arena);
		n = vs_cel_parse(VS_SPAN_LIT("'abcdefgh'.matches('a{9}b')"),
		    false, &arena, &fault);
		CHECK(vs_cel_resolve(&env, n, &arena, &fault));
		CHECK(vs_val_is_fatal(vs_cel_answer(&run, n)) == (i == 1));
		costs[i] = run.cost;
	}
	CHECK(costs[0] > 60 && costs[1] > 3);
}

static void
test_two_variables(void)
{
	is_true("[5, 6].all(i, v, v == i + 5)");
	is_true("[1, 2].exists(i, v, 1 / (v - 2) == 0 || i == 0)");
	fails("[1, 2].all(i, v, 1 / (v - 2) < 0)", VS_CEL_DIV_ZERO);
	fails("[2, 1].existsOne(i, v, 1 / (v - 2) < 0)", VS_CEL_DIV_ZERO);
	is_true("[1, 2].exists_one(i, v, i == 1)");
	is_true("{'a': 1}.exists(k, v, k == 'a' && v == 1)");
	is_true("[4, 5].transformList(i, v, i == 1, v) == [5]");
	is_true("{'a': 2}.transformList(k, v, k + string(v)) == ['a2']");
	is_true("[4, 5].transformMap(i, v, v * 2) == {0: 8, 1: 10}");
	is_true("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k + k) == "
		"{'b': 'bb'}");
	is_true("['a', 'b'].transformMapEntry(i, v, {v: i}) == "
		"{'a': 0, 'b': 1}");
	is_true("['a', 'b'].transformMapEntry(i, v, i > 0, {v: i, 'c': 9}) == "
		"{'b': 1, 'c': 9}");
	is_true("[].transformMapEntry(i, v, {}) == {}");
	fails(
	    "['a', 'a'].transformMapEntry(i, v, {v: i})", VS_CEL_DUPLICATE_KEY);
	fails("[1].transformMapEntry(i, v, dyn(1))", VS_CEL_NO_OVERLOAD);
	is_true("[[1, 2], [3]].transformList(i, v, "
		"v.transformList(k, w, i * 10 + k + w)) == [[1, 3], [13]]");
	refused("[1].all(i, i, true)", "E_PARSE");
	refused("[1].all(i, 1, true)", "E_PARSE");
	refused("[1].transformMapEntry(i, v, v)", "E_CHECK");
	refused("[1].all(i, v, i == 'a')", "E_CHECK");
	refused("1.all(i, v, true)", "E_CHECK");
}

static void
test_bind(void)
{
	uint64_t once, twice;

	is_true("cel.bind(x, 2, x + x) == 4");
	is_true("cel.bind(x, 1 / 0, true)");
	fails("cel.bind(x, 1 / 0, x == 1)", VS_CEL_DIV_ZERO);
	is_true("cel.bind(x, 1 / 0, x == 1 || true)");
	is_true("cel.bind(x, 1, cel.bind(y, x + 1, [1].map(z, x + y + z))) "
		"== [4]");
	is_true("[1, 2].map(x, cel.bind(y, x * 10, y + x)) == [11, 22]");
	is_true("cel.bind(x, 1, cel.bind(x, x + 1, x)) == 2");
	/* The value is found inside a loop, whose variables stay. */
	is_true("cel.bind(x, [7, 8].map(a, a), [1].map(b, b + x[0] + b)) == "
		"[9]");
	is_true("cel.bind(x, [7].all(i, v, v == 7), "
		"[1, 2].all(i, v, x && v == i + 1 && x))");
	refused("cel.bind(1, 2, 3)", "E_PARSE");
	refused("cel.bind(x, 2)", "E_CHECK");
	struct vs_cel_run run = {.arena = &arena, .limit = VS_CEL_POLICY_COST};
	struct vs_cel_env env = {0};
	struct vs_cel_node *n;
	n = vs_cel_parse(VS_SPAN_LIT("cel.bind(x, [1,2,3,4,5,6,7,8], x == x)"),
	    false, &arena, &fault);
	CHECK(vs_cel_resolve(&env, n, &arena, &fault));
	(void)vs_cel_answer(&run, n);
	once = run.cost;
	run.cost = 0;
	n = vs_cel_parse(
	    VS_SPAN_LIT("cel.bind(x, [1,2,3,4,5,6,7,8], x == x && x == x)"),
	    false, &arena, &fault);
	CHECK(vs_cel_resolve(&env, n, &arena, &fault));
	(void)vs_cel_answer(&run, n);
	twice = run.cost;
	/* Nodes of the second comparison, not of the list. */
	CHECK(twice > once && twice - once < 16);
}

static void
test_mutations(void)
{
	static const char *const seeds[] = {
	    "2001:db8::192.0.2.1/64", "10.20.30.40/24", "1.2.3-rc.1+build.5"};
	uint8_t buf[64], out[VS_SEMVER_TEXT_MAX];
	char text[VS_IP_TEXT_MAX];

	for (size_t i = 0; i < VS_COUNT(seeds); i++) {
		size_t len = strlen(seeds[i]), n;

		for (size_t bit = 0; bit < 8 * (len + 1); bit++) {
			struct vs_semver v;
			struct vs_cidr c;
			struct vs_ip ip;

			memcpy(buf, seeds[i], len + 1);
			buf[bit / 8] ^= (uint8_t)(1U << (bit % 8));
			for (size_t cut = 0; cut <= len + 1; cut += 3) {
				struct vs_span s = VS_SPAN(buf, cut);

				if (vs_ip_parse(s, &ip))
					CHECK(vs_ip_text(&ip, text) > 1);
				if (vs_cidr_parse(s, &c))
					CHECK(vs_cidr_text(&c, text) > 3);
				if (vs_semver_parse(s, &v))
					CHECK(v.major >= 0);
				if (vs_semver_normalise(s, out, &n))
					CHECK(n > 4);
			}
		}
	}
}

int
main(void)
{
	vs_arena_init(&arena, 16 << 20);
	declare_types();
	RUN(test_addresses);
	RUN(test_kinds_of_addresses);
	RUN(test_networks);
	RUN(test_versions);
	RUN(test_base64);
	RUN(test_math);
	RUN(test_format);
	RUN(test_matches);
	RUN(test_two_variables);
	RUN(test_bind);
	RUN(test_mutations);
	vs_arena_fini(&arena);
	return check_result();
}
