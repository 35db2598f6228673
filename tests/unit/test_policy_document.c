/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents: what loads, what is refused and where, lints, tests. */
#include "check.h"

#include "policy/policy.h"

/* The engine is tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

static struct vs_policy_diags *diags;
static struct vs_err err;

#define HEAD                                                                   \
	"apiVersion: policy/v1\n"                                              \
	"name: p\n"                                                            \
	"version: 1\n"                                                         \
	"keys: [\"**\"]\n"                                                     \
	"tee: [snp]\n"
/* Line 6 is the first after HEAD. */
#define RULES "rules:\n"
#define RULE(expr) "  - id: r\n    assert: |\n      " expr "\n"
/* A rule that keeps W_NO_MEASUREMENT and W_NO_DEBUG quiet. */
#define QUIET                                                                  \
	"  - id: quiet\n"                                                      \
	"    assert: |\n"                                                      \
	"      !tee.debug && has(snp.measurement) &&\n"                        \
	"      snp.measurement != \"" HEX96 "\"\n"
#define HEX16 "0123456789abcdef"
#define HEX96 HEX16 HEX16 HEX16 HEX16 HEX16 HEX16

static struct vs_policy *
load_span(struct vs_span text)
{
	struct vs_policy *p = NULL;
	vs_status st;

	vs_policy_diags_free(&diags);
	diags = vs_policy_diags_new();
	vs_err_clear(&err);
	st = vs_policy_load("p.yaml", text, diags, &p, &err);
	CHECK((st == VS_OK) == (p != NULL));
	return p;
}

static bool
loads(const char *text)
{
	struct vs_policy *p = load_span(vs_span_cstr(text));
	bool ok = p != NULL;

	if (!ok)
		fprintf(stderr, "%s\n", err.msg);
	vs_policy_free(&p);
	return ok;
}

/* The first finding is this one. */
static void
finds(const char *text, bool error, const char *code, int line, int col,
    const char *msg)
{
	struct vs_policy *p = load_span(vs_span_cstr(text));
	const struct vs_policy_diag *d = vs_policy_diags_at(diags, 0);

	CHECK((p == NULL) == error);
	if (CHECK(d != NULL) &&
	    !CHECK(d->error == error && strcmp(d->code, code) == 0 &&
		d->line == line && d->col == col &&
		strncmp(d->msg, msg, strlen(msg)) == 0))
		fprintf(stderr, "  got %d:%d %s \"%s\"\n  want %d:%d %s\n",
		    d->line, d->col, d->code, d->msg, line, col, msg);
	if (error && d != NULL) {
		char where[64];

		(void)snprintf(
		    where, sizeof(where), "p.yaml:%d:%d: ", line, col);
		CHECK(line == 0 || strncmp(err.msg, where, strlen(where)) == 0);
		CHECK_STR(err.code, code);
		CHECK_INT(vs_status_class(err.status), VS_CLASS_MALFORMED);
	}
	vs_policy_free(&p);
}

static void
refused(const char *text, const char *code, int line, int col, const char *msg)
{
	finds(text, true, code, line, col, msg);
}

static void
warns(const char *text, const char *code, int line, int col, const char *msg)
{
	finds(text, false, code, line, col, msg);
}

static void
silent(const char *text)
{
	CHECK(loads(text));
	if (!CHECK(vs_policy_diags_count(diags) == 0))
		fprintf(stderr, "  %s\n", vs_policy_diags_at(diags, 0)->msg);
}

static void
test_whole_document(void)
{
	struct vs_policy *p = load_span(vs_span_cstr(
	    "apiVersion: policy/v1\n"
	    "name: whole-1\n"
	    "version: 7\n"
	    "keys: [\"a/*\", 'b/**']\n"
	    "tee: [snp, azure]\n"
	    "mode: shadow\n"
	    "not_before: 2026-01-01T00:00:00Z\n"
	    "not_after: 2027-01-01T00:00:00+01:00\n"
	    "params:\n"
	    "  number: 3\n"
	    "  text: \"3\"\n"
	    "  flag: true\n"
	    "  word: no\n"
	    "  block: |\n"
	    "    x\n"
	    "  list: [\"" HEX96 "\"]\n"
	    "  ints: [1, -2]\n"
	    "  none: []\n"
	    "let:\n"
	    "  m: |\n"
	    "    has(snp.measurement) ? snp.measurement : \"\"\n"
	    "  ok: |\n"
	    "    m in param.list\n"
	    "rules:\n"
	    "  - id: one\n"
	    "    assert: |\n"
	    "      ok // a comment\n"
	    "      && !tee.debug\n"
	    "    message: no\n"
	    "    explain: 'm'\n"
	    "    severity: deny\n"
	    "    ref: SEC-1\n"
	    "    owner: someone\n"
	    "  - id: two\n"
	    "    when: \"param.flag && tee.bound\"\n"
	    "    assert: |-\n"
	    "      param.number == 3 && param.text == '3' &&\n"
	    "      param.word == 'no' && param.block == 'x\\n' &&\n"
	    "      param.ints[1] == -2 && !(tee.kind in param.none) &&\n"
	    "      now > timestamp(0)\n"
	    "    severity: warn\n"
	    "disclose: rule-ids\n"
	    "tests: []\n"));

	if (CHECK(p != NULL)) {
		CHECK_STR(vs_policy_name(p), "whole-1");
		CHECK_INT(vs_policy_version(p), 7);
		CHECK_INT(vs_policy_rules(p), 2);
		CHECK(!vs_policy_enforces(p));
	} else {
		fprintf(stderr, "%s\n", err.msg);
	}
	CHECK_INT(vs_policy_diags_count(diags), 0);
	vs_policy_free(&p);
	vs_policy_free(&p);
	vs_policy_free(NULL);
}

/* YAML that other readers take, and that means something else than it says. */
static void
test_yaml_traps(void)
{
	refused("a: &x b\n", "E_YAML", 1, 4, "anchors are not allowed");
	refused(HEAD "rules: *x\n", "E_YAML", 6, 8, "aliases");
	refused(HEAD "<<: {mode: shadow}\n", "E_YAML", 6, 1, "merge keys");
	refused(HEAD "mode: !!str shadow\n", "E_YAML", 6, 7, "tags");
	refused(HEAD "name: q\n", "E_YAML", 6, 1, "duplicate key \"name\"");
	refused(HEAD "---\n" RULES, "E_YAML", 6, 1, "more than one document");
	refused("", "E_YAML", 1, 1, "the document is empty");
	refused("\xff", "E_YAML", 1, 1, "not valid UTF-8");
	/* A plain scalar ends at " #": half of the rule would be gone. */
	refused(HEAD RULES "  - id: r\n"
			   "    assert: tee.debug == false #&& x\n",
	    "E_SCHEMA", 8, 13, "write the expression as a block (|)");
	refused(HEAD RULES "  - {id: r, assert: \"tee.debug // x\"}\n",
	    "E_SCHEMA", 7, 32, "a comment needs a literal block");
	/* Folding would put the second line into the comment. */
	refused(HEAD RULES "  - id: r\n"
			   "    assert: >\n"
			   "      tee.bound // note\n"
			   "      && !tee.debug\n",
	    "E_SCHEMA", 8, 13, "a comment needs a literal block");
	refused(HEAD RULES "  - id: r\n"
			   "    assert: 'tee.bound // note\n"
			   "      && !tee.debug'\n",
	    "E_SCHEMA", 8, 13, "a comment needs a literal block");
	refused(HEAD RULES RULE("tee.bound # note"), "E_PARSE", 9, 17,
	    "'#' begins no comment here");
	silent(HEAD RULES QUIET "  - id: r\n"
				"    assert: >-\n"
				"      tee.bound\n"
				"      && !tee.debug\n");
	/* `no` is a text, and only true and false are bools. */
	refused(HEAD "params: {a: no}\n" RULES RULE("param.a"), "E_CHECK", 10,
	    7, "assert must be a bool, not string");
	refused(HEAD "params: {a: \"true\"}\n" RULES RULE("param.a"), "E_CHECK",
	    10, 7, "assert must be a bool, not string");
	refused(HEAD "params: {a: 0x10}\n" RULES RULE("param.a == 16"),
	    "E_CHECK", 10, 7, "no operator == for (string, int)");
}

static void
test_schema_errors(void)
{
	refused("[]\n", "E_SCHEMA", 1, 1, "a policy must be a mapping");
	refused("x\n", "E_SCHEMA", 1, 1, "a policy must be a mapping");
	refused(HEAD "ruls: []\n", "E_SCHEMA", 6, 1,
	    "unknown key \"ruls\" in a policy; did you mean \"rules\"?");
	refused(HEAD, "E_SCHEMA", 1, 1, "a policy has no \"rules\"");
	refused(
	    "name: p\n", "E_SCHEMA", 1, 1, "a policy has no \"apiVersion\"");
	refused("apiVersion: policy/v2\n"
		"name: p\nversion: 1\nkeys: [a]\ntee: [snp]\n" RULES RULE(
		    "tee.bound"),
	    "E_SCHEMA", 1, 13,
	    "apiVersion: unknown value \"policy/v2\"; did you mean");
	refused(HEAD "mode: audit\n" RULES RULE("tee.bound"), "E_SCHEMA", 6, 7,
	    "mode: unknown value \"audit\"");
	refused(HEAD "mode: [shadow]\n" RULES RULE("tee.bound"), "E_SCHEMA", 6,
	    7, "mode must be a single value");
	refused(HEAD "disclose: all\n" RULES RULE("tee.bound"), "E_SCHEMA", 6,
	    11, "disclose: unknown value");
	refused(HEAD "lists: [a]\n" RULES RULE("tee.bound"), "E_SCHEMA", 6, 8,
	    "lists must be a mapping");
	refused(HEAD "not_before: soon\n" RULES RULE("tee.bound"), "E_SCHEMA",
	    6, 13, "not_before must be a time");
	refused(HEAD
	    "not_before: 2026-01-01T00:00:00Z\n"
	    "not_after: 2026-01-01T00:00:00Z\n" RULES RULE("tee.bound"),
	    "E_SCHEMA", 7, 12, "not_after is not after not_before");
	refused(HEAD "rules: []\n", "E_SCHEMA", 6, 8,
	    "a policy has 1 to 128 rules");
	refused(HEAD "rules: {}\n", "E_SCHEMA", 6, 8, "rules must be a list");
	refused(
	    HEAD "rules: [x]\n", "E_SCHEMA", 6, 9, "a rule must be a mapping");
}

/* One wrong line in an otherwise good document. */
static void
head_refused(
    const char *old, const char *new, int line, int col, const char *msg)
{
	static const char good[] = HEAD RULES QUIET;
	char text[4096];
	const char *at = strstr(good, old);

	VS_ASSERT(at != NULL);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good,
	    new, at + strlen(old));
	refused(text, "E_SCHEMA", line, col, msg);
}

static void
test_head_errors(void)
{
	head_refused("name: p", "name: P", 2, 7, "a name holds lower-case");
	head_refused("name: p", "name: -p", 2, 7, "a name holds lower-case");
	head_refused("name: p", "name: ''", 2, 7, "a name holds lower-case");
	head_refused("name: p", "name: [p]", 2, 7, "name must be a single");
	head_refused("name: p",
	    "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaa",
	    2, 7, "a name holds");
	head_refused("version: 1", "version: 0", 3, 10, "version must be 1");
	head_refused("version: 1", "version: 1.0", 3, 10,
	    "version must be a whole number");
	head_refused("version: 1", "version: --", 3, 10, "version must be a");
	head_refused("version: 1", "version: 9223372036854775808", 3, 10,
	    "version must be a whole number");
	head_refused("version: 1", "version: {}", 3, 10, "version must be a");
	head_refused("[\"**\"]", "[]", 4, 7, "keys has 1 to 64 patterns");
	head_refused("[\"**\"]", "a", 4, 7, "keys must be a list");
	head_refused("[\"**\"]", "[a, \"[\"]", 4, 11,
	    "the pattern is broken: a set [..] that does not end");
	head_refused("[\"**\"]", "[[a]]", 4, 8, "a key pattern must be a");
	head_refused("[snp]", "[]", 5, 6, "tee admits nothing");
	head_refused("[snp]", "snp", 5, 6, "tee must be a list");
	head_refused("[snp]", "[snq]", 5, 7,
	    "tee: unknown value \"snq\"; did you mean \"snp\"?");
	head_refused("[snp]", "[snp, snp]", 5, 12, "\"snp\" is there twice");
	head_refused("- id: quiet", "- id: Quiet", 7, 9, "an id holds lower");
	head_refused("- id: quiet", "- idd: quiet", 7, 5,
	    "unknown key \"idd\" in a rule; did you mean \"id\"?");
	head_refused("- id: quiet", "- id: quiet\n    severity: error", 8, 15,
	    "severity: unknown value \"error\"");
	head_refused("- id: quiet", "- id: quiet\n    message: [x]", 8, 14,
	    "message must be a single value");
	head_refused("- id: quiet",
	    "- id: quiet\n    assert: 'tee.bound'\n  - id: quiet", 9, 9,
	    "the id \"quiet\" is taken by line 7");
}

static void
test_names(void)
{
	refused(HEAD "params: []\n" RULES QUIET, "E_SCHEMA", 6, 9,
	    "params must be a mapping");
	refused(HEAD "params: {a-b: 1}\n" RULES QUIET, "E_SCHEMA", 6, 10,
	    "a param name holds");
	refused(HEAD "params: {in: 1}\n" RULES QUIET, "E_SCHEMA", 6, 10,
	    "a param name holds");
	refused(HEAD "params: {1a: 1}\n" RULES QUIET, "E_SCHEMA", 6, 10,
	    "a param name holds");
	refused(HEAD "params: {a: {b: 1}}\n" RULES QUIET, "E_SCHEMA", 6, 13,
	    "a param is a value or a list");
	refused(HEAD "params: {a: [1, x]}\n" RULES QUIET, "E_SCHEMA", 6, 17,
	    "the elements of a list must be of one type; this is a string, "
	    "the first is a int");
	refused(HEAD "params: {a: [[1]]}\n" RULES QUIET, "E_SCHEMA", 6, 14,
	    "an element of a param must be a single value");
	refused(HEAD "let: []\n" RULES QUIET, "E_SCHEMA", 6, 6,
	    "let must be a mapping");
	refused(HEAD "let: {snp: '1'}\n" RULES QUIET, "E_SCHEMA", 6, 7,
	    "the name \"snp\" is taken");
	refused(HEAD "let: {now: '1'}\n" RULES QUIET, "E_SCHEMA", 6, 7,
	    "the name \"now\" is taken");
	refused(HEAD "let:\n  gpus: |\n    [1]\n" RULES RULE("tee.bound"),
	    "E_SCHEMA", 7, 3, "the name \"gpus\" is taken");
	refused(HEAD "let: {a: 1}\n" RULES QUIET, "E_SCHEMA", 6, 10,
	    "write the expression as a block");
	refused(HEAD "let: {a: [1]}\n" RULES QUIET, "E_SCHEMA", 6, 10,
	    "a let must be a single value");
	refused(HEAD "let: {a: 'b', b: '1'}\n" RULES QUIET, "E_CHECK", 6, 11,
	    "nothing is called \"b\"");
	refused(HEAD "let: {a: 'a'}\n" RULES QUIET, "E_CHECK", 6, 11,
	    "nothing is called \"a\"");
	refused(HEAD RULES RULE("param.x == 1"), "E_CHECK", 9, 13,
	    "no param is called \"x\"");
	refused(HEAD "params: {min_svn: 3}\n" RULES RULE("param.min_snv == 1"),
	    "E_CHECK", 10, 13,
	    "no param is called \"min_snv\"; did you mean \"param.min_svn\"?");
	refused(HEAD "params: {min_svn: 3}\n" RULES RULE("min_svn == 1"),
	    "E_CHECK", 10, 7,
	    "nothing is called \"min_svn\"; did you mean \"param.min_svn\"?");
}

/* Positions inside every style of scalar. */
static void
test_positions(void)
{
	refused(HEAD RULES RULE("tee.debg"), "E_CHECK", 9, 11,
	    "tee has no field \"debg\"; did you mean \"debug\"?");
	refused(HEAD RULES "  - id: r\n"
			   "    assert: |\n"
			   "\n"
			   "        tee.bound &&\n"
			   "          tee.debg\n",
	    "E_CHECK", 11, 15, "tee has no field");
	refused(HEAD RULES "  - id: r\n"
			   "    assert: |2-\n"
			   "         tee.debg\n",
	    "E_CHECK", 9, 14, "tee has no field");
	refused(HEAD RULES "  - {id: r, assert: 'tee.debg'}\n", "E_CHECK", 7,
	    26, "tee has no field");
	refused(HEAD RULES "  - {id: \"r\", assert: \"tee.debg\"}\n", "E_CHECK",
	    7, 28, "tee has no field");
	refused(HEAD RULES "  - {message: '\xc3\xa9', id: r, assert: "
			   "'\"\xc3\xa9\" == tee.kid'}\n",
	    "E_CHECK", 7, 47, "tee has no field");
	refused(HEAD RULES "  - id: r\n"
			   "    assert: >\n"
			   "      tee.debg\n",
	    "E_CHECK", 8, 13, "tee has no field");
	refused(HEAD RULES "  - id: r\n"
			   "    assert: 'tee.bound &&\n"
			   "      tee.debg'\n",
	    "E_CHECK", 8, 13, "tee has no field");
	refused(HEAD RULES "  - id: r\n    assert: |\n      tee.bound\n"
			   "    when: |\n      tee.kind\n",
	    "E_CHECK", 11, 7, "when must be a bool, not string");
	refused(HEAD RULES "  - id: r\n    assert: |\n      tee.bound\n"
			   "    explain: |\n      tee.bound\n",
	    "E_CHECK", 11, 7, "explain must be a string, not bool");
	refused(HEAD RULES RULE("1 / 0 == 1"), "E_CHECK", 9, 7,
	    "this can only fail: div_by_zero");
	refused(HEAD RULES RULE("tee.kind.matches('x(')"), "E_REGEX", 9, 26,
	    "the pattern is broken: ");
	refused(HEAD RULES "  - id: r\n    assert: ''\n", "E_PARSE", 8, 14,
	    "an expression expected, not the end");
}

/* All errors of a file come in one go, each once. */
static void
test_all_errors(void)
{
	struct vs_policy *p =
	    load_span(vs_span_cstr(HEAD "mode: x\n"
					"let: {a: 'b'}\n" RULES "  - id: r\n"
					"    assert: 'c'\n"
					"  - id: s\n"
					"    asert: 'true'\n"
					"  - id: t\n"
					"    assert: 'tee.bound'\n"
					"    when: '1'\n"
					"tests:\n"
					"  - {name: n, claims: {}, "
					"expect: deny, failed: [r]}\n"));

	CHECK(p == NULL);
	/* That r, whose expression is wrong, stands in a test is none. */
	CHECK_INT(vs_policy_diags_count(diags), 6);
	CHECK(vs_policy_diags_at(diags, 6) == NULL);
	CHECK(strncmp(err.msg, "p.yaml:6:7: mode", 16) == 0);
	vs_policy_free(&p);
	/* Without a list the first error still is in err. */
	vs_err_clear(&err);
	CHECK_INT(vs_policy_load("q", VS_SPAN_LIT("a: b\n"), NULL, &p, &err),
	    VS_MALFORMED);
	CHECK(strncmp(err.msg, "q:1:1: unknown key \"a\"", 22) == 0);
	CHECK_INT(vs_policy_diags_count(NULL), 0);
	CHECK(vs_policy_diags_at(NULL, 0) == NULL);
	vs_policy_diags_free(NULL);
	/* Nothing in a file can reach the terminal. */
	CHECK(!loads("\"a\\x1b[31m\": 1\n"));
	CHECK(strchr(vs_policy_diags_at(diags, 0)->msg, 0x1b) == NULL);
	CHECK(strchr(err.msg, 0x1b) == NULL);
}

static void
test_lint_guards(void)
{
#define GUARD_RULE(expr)                                                       \
	HEAD RULES QUIET "  - id: r\n    assert: |\n      " expr "\n"
	warns(GUARD_RULE("snp.vmpl == 0"), "W_UNGUARDED", 13, 7,
	    "rule \"r\": snp.vmpl may be absent: write has(snp.vmpl) &&");
	silent(GUARD_RULE("has(snp.vmpl) && snp.vmpl == 0"));
	silent(GUARD_RULE("snp.vmpl == 0 && has(snp.vmpl)"));
	silent(GUARD_RULE("!has(snp.vmpl) || snp.vmpl == 0"));
	silent(GUARD_RULE("has(snp.vmpl) ? snp.vmpl == 0 : tee.bound"));
	silent(GUARD_RULE("!has(snp.vmpl) ? tee.bound : snp.vmpl == 0"));
	silent(GUARD_RULE("has(snp.tcb.current) && snp.tcb.current.snp > 1"));
	silent(GUARD_RULE("!(!has(snp.vmpl) || snp.vmpl != 0)"));
	silent(GUARD_RULE("has(snp.vmpl) && [1].all(x, x > snp.vmpl)"));
	silent(GUARD_RULE("key.name == 'a'"));
	silent(HEAD RULES QUIET "  - id: r\n"
				"    when: 'has(snp.vmpl)'\n"
				"    assert: 'snp.vmpl == 0'\n");
	silent(HEAD
	    "let: {h: 'has(snp.vmpl)', v: 'h && snp.vmpl == 0'}\n" RULES QUIET
	    "  - {id: r, assert: 'v'}\n");
	silent(HEAD "let: {h: 'has(snp.vmpl)'}\n" RULES QUIET
		    "  - {id: r, assert: 'h && snp.vmpl == 0'}\n");
	warns(GUARD_RULE("has(snp.vmpl) || snp.vmpl == 0"), "W_UNGUARDED", 13,
	    24, "rule \"r\": snp.vmpl");
	warns(GUARD_RULE("has(snp.vmpl) ? tee.bound : snp.vmpl == 0"),
	    "W_UNGUARDED", 13, 35, "rule \"r\": snp.vmpl");
	warns(GUARD_RULE("has(snp.version) && snp.vmpl == 0"), "W_UNGUARDED",
	    13, 27, "rule \"r\": snp.vmpl");
	warns(HEAD "let: {v: 'snp.vmpl'}\n" RULES QUIET
		   "  - {id: r, assert: 'v == 0 || v == 1'}\n",
	    "W_UNGUARDED", 6, 11, "rule \"r\": snp.vmpl");
	warns(HEAD RULES QUIET "  - id: r\n"
			       "    when: 'snp.vmpl == 0'\n"
			       "    assert: 'tee.bound'\n",
	    "W_UNGUARDED", 12, 12, "rule \"r\": snp.vmpl");
}

static void
test_lint_values(void)
{
	warns(HEAD RULES QUIET "  - {id: r, assert: 'true'}\n", "W_CONST", 11,
	    21, "rule \"r\": assert is always true");
	warns(HEAD RULES QUIET "  - {id: r, assert: '1 > 2'}\n", "W_CONST", 11,
	    21, "rule \"r\": assert is always false");
	warns(HEAD RULES QUIET
	    "  - {id: r, when: 'false', assert: 'tee.bound'}\n",
	    "W_CONST", 11, 19, "rule \"r\": when is always false");
	refused(GUARD_RULE("has(snp.measurement) && snp.measurement == 'ab'"),
	    "W_HEX", 13, 50, "snp.measurement has 96 hex digits; \"ab\" has 2");
	refused(GUARD_RULE("has(snp.measurement) && 'ab' != snp.measurement"),
	    "W_HEX", 13, 31, "snp.measurement has 96");
	refused(HEAD "params: {m: ['" HEX96 "', '" HEX96 "0']}\n" RULES QUIET
		     "  - {id: r, assert: 'has(snp.measurement) && "
		     "snp.measurement in param.m'}\n",
	    "W_HEX", 12, 65,
	    "snp.measurement has 96 hex digits; "
	    "\"0123456789abcdef01234567...\" has 97");
	refused(HEAD "let: {m: 'has(snp.chip_id) ? snp.chip_id == \"00\" : "
		     "false'}\n" RULES QUIET "  - {id: r, assert: 'm'}\n",
	    "W_HEX", 6, 45, "snp.chip_id has 128");
	warns(GUARD_RULE(
		  "has(snp.host_data) && snp.host_data == '" HEX16 HEX16 HEX16
		  "0123456789ABCDEF'"),
	    "W_HEX", 13, 46, "snp.host_data is lower-case hex");
	silent(GUARD_RULE("tee.anchor == 'ARK-Milan'"));
	warns(HEAD RULES RULE("!tee.debug"), "W_NO_MEASUREMENT", 0, 0,
	    "no rule reads a measurement");
	silent(HEAD "mode: guard\n" RULES RULE("!tee.debug"));
}

static void
test_lint_document(void)
{
	warns(HEAD RULES "  - id: r\n    assert: |\n"
			 "      has(snp.measurement) && "
			 "snp.measurement != \"" HEX96 "\"\n",
	    "W_NO_DEBUG", 0, 0, "no rule looks at tee.debug");
	/* A rule that does not decide checks nothing. */
	warns(HEAD RULES QUIET "    severity: warn\n"
			       "  - {id: r, assert: 'tee.bound'}\n",
	    "W_NO_MEASUREMENT", 0, 0, "no rule reads");
	warns(HEAD "params: {a: 1, b: 2}\n" RULES QUIET
		   "  - {id: r, assert: 'param.a == 1 && tee.bound'}\n",
	    "W_UNUSED", 6, 16, "param.b is never used");
	warns(HEAD "let: {a: 'tee.kind'}\n" RULES QUIET, "W_UNUSED", 6, 7,
	    "a is never used");
	warns(HEAD RULES QUIET
	    "  - {id: r, assert: \"tee.kind != 'a\\\\n'\"}\n",
	    "W_DQUOTE", 11, 21, "YAML reads the backslashes");
	silent(HEAD "let: {a: 'tee.kind', b: 'a'}\n" RULES QUIET
		    "  - {id: r, assert: 'b == \"snp\"'}\n");
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
	char *s = repeat("# ", "x", 256 * 1024, "\n");

	refused(s, "E_YAML", 1, 1, "larger than 262144 bytes");
	free(s);
	s = repeat(HEAD RULES, "  - {id: r, assert: 'tee.bound'}\n", 129, "");
	refused(s, "E_SCHEMA", 7, 3, "a policy has 1 to 128 rules");
	free(s);
	s = repeat("apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [a",
	    ", a", 64, "]\ntee: [snp]\n" RULES QUIET);
	refused(s, "E_SCHEMA", 4, 7, "keys has 1 to 64");
	free(s);
	/* Chained lets are as deep as their expressions together. */
	char *lets = malloc(200 * 300);
	size_t at = 0;
	VS_ASSERT(lets != NULL);
	at += (size_t)snprintf(lets, 100, HEAD "let:\n  a0: '1'\n");
	for (int i = 1; i < 60; i++)
		at += (size_t)snprintf(lets + at, 300,
		    "  a%d: 'a%d + ((((a%d + 1) + 1) + 1) + 1)'\n", i, i - 1,
		    i - 1);
	(void)snprintf(lets + at, 300, RULES QUIET);
	refused(lets, "E_LIMIT", 49, 8, "with its lets more than 250 levels");
	free(lets);
	char *params = malloc(20 * 200);
	VS_ASSERT(params != NULL);
	at = (size_t)snprintf(params, 200, HEAD "params:\n");
	for (int i = 0; i < 129; i++)
		at += (size_t)snprintf(params + at, 20, "  a%d: 1\n", i);
	(void)snprintf(params + at, 300, RULES QUIET);
	refused(params, "E_SCHEMA", 7, 3, "more than 128 params");
	memcpy(strstr(params, "params:"), "let:   ", 7);
	refused(params, "E_SCHEMA", 7, 3, "more than 128 lets");
	free(params);
}

/* Runs the tests of a document; expects so many failures. */
static void
test_run(
    const char *tests, size_t want_ran, size_t want_failed, const char *msg)
{
	char text[4096];
	struct vs_policy *p;
	size_t ran = 99, failed = 99;

	(void)snprintf(text, sizeof(text),
	    HEAD "not_after: 2027-01-01T00:00:00Z\n" RULES QUIET
		 "  - {id: v, assert: 'has(snp.vmpl) && snp.vmpl == 0'}\n"
		 "tests:\n%s",
	    tests);
	p = load_span(vs_span_cstr(text));
	if (!CHECK(p != NULL)) {
		fprintf(stderr, "%s\n", err.msg);
		return;
	}
	CHECK_OK(vs_policy_run_tests(p, diags, &ran, &failed, &err), err);
	CHECK_INT(ran, want_ran);
	CHECK_INT(failed, want_failed);
	CHECK_INT(vs_policy_diags_count(diags), want_failed);
	if (want_failed > 0) {
		const struct vs_policy_diag *d = vs_policy_diags_at(diags, 0);

		CHECK_STR(d->code, "E_TEST");
		CHECK_INT(d->line, 14);
		if (!CHECK(strncmp(d->msg, msg, strlen(msg)) == 0))
			fprintf(stderr, "  got %s\n", d->msg);
	}
	vs_policy_free(&p);
}

static void
test_file_tests(void)
{
#define GOOD "snp: {vmpl: 0, measurement: aa}"
	test_run("  - {name: a, claims: {" GOOD "}, expect: allow}\n"
		 "  - {name: b, claims: {}, expect: deny, "
		 "failed: [quiet, v]}\n"
		 "  - {name: c, claims: {" GOOD ", tee.debug: true}, "
		 "expect: deny, failed: [quiet]}\n"
		 "  - {name: d, claims: {" GOOD "}, expect: deny, failed: [], "
		 "now: 2028-01-01T00:00:00Z}\n"
		 "  - {name: e, claims: {" GOOD ", tee.kind: az-snp}, "
		 "expect: deny}\n",
	    5, 0, "");
	test_run("  - {name: a, claims: {" GOOD "}, expect: deny}\n", 1, 1,
	    "test \"a\": deny expected, got allow (allowed)");
	test_run("  - {name: a, claims: {snp.vmpl: 1}, expect: allow}\n", 1, 1,
	    "test \"a\": allow expected, got deny (rules); failed: "
	    "quiet, v");
	test_run("  - {name: a, claims: {snp.vmpl: 0}, expect: deny, "
		 "failed: [v]}\n",
	    1, 1, "test \"a\": rule \"quiet\" failed and should not");
	test_run("  - {name: a, claims: {snp.measurement: aa}, expect: deny, "
		 "failed: [quiet, v]}\n",
	    1, 1, "test \"a\": rule \"quiet\" should fail and did not");
}

static void
bad_test(const char *test, int col, const char *msg)
{
	char text[2048];

	(void)snprintf(
	    text, sizeof(text), HEAD RULES QUIET "tests:\n  - %s\n", test);
	refused(text, "E_SCHEMA", 12, col, msg);
}

static void
test_bad_tests(void)
{
	bad_test("x", 5, "a test must be a mapping");
	bad_test("{name: a, expect: deny}", 5, "a test has no \"claims\"");
	bad_test("{name: a, claims: {}, expect: maybe}", 35,
	    "expect: unknown value \"maybe\"");
	bad_test("{name: a, claims: f.json, expect: deny}", 23,
	    "claims from a file are not supported");
	bad_test("{name: a, claims: [], expect: deny}", 23,
	    "claims must be a mapping");
	bad_test("{name: a, claims: {tee.debg: true}, expect: deny}", 24,
	    "there is no claim \"tee.debg\"");
	bad_test("{name: a, claims: {tee: {debg: true}}, expect: deny}", 30,
	    "there is no claim \"tee.debg\"; did you mean \"debug\"?");
	bad_test("{name: a, claims: {tee: 1}, expect: deny}", 29,
	    "a record of claims must be a mapping");
	bad_test("{name: a, claims: {tee.debug: 1}, expect: deny}", 35,
	    "tee.debug: unknown value \"1\"");
	bad_test("{name: a, claims: {snp.vmpl: x}, expect: deny}", 34,
	    "snp.vmpl must be a whole number");
	bad_test("{name: a, claims: {tee.kind: [x]}, expect: deny}", 34,
	    "tee.kind must be a single value");
	bad_test("{name: a, claims: {tee.kind: aaaaaaaaaaaaaaaaa}, "
		 "expect: deny}",
	    34, "tee.kind: longer than 16");
	bad_test("{name: a, claims: {tee.debug: true, tee: {debug: true}}, "
		 "expect: deny}",
	    47, "the claim is given twice");
	bad_test("{name: a, claims: {}, expect: deny, failed: x}", 49,
	    "failed must be a list");
	bad_test("{name: a, claims: {}, expect: deny, failed: [x]}", 50,
	    "no rule is called \"x\"");
	bad_test("{name: a, claims: {}, expect: deny, now: x}", 46,
	    "now must be a time");
	bad_test("{name: a, claims: {}, expect: deny, lists: {b: []}}", 49,
	    "no list \"b\" is declared under lists");
	refused(HEAD RULES QUIET "tests: x\n", "E_SCHEMA", 11, 8,
	    "tests must be a list");
	char *s = repeat(HEAD RULES QUIET "tests:\n", "  - x\n", 257, "");
	refused(s, "E_SCHEMA", 12, 3, "more than 256 tests");
	free(s);
}

/* Every truncation and many flips: a policy or an error, never neither. */
static void
test_mutations(void)
{
	static const char good[] =
	    HEAD "mode: enforce\nparams: {m: ['" HEX96 "'], n: 3}\n"
		 "let:\n  k: |\n    tee.kind == 'snp' // x\n" RULES QUIET
		 "  - id: b\n    when: 'k'\n    assert: |\n"
		 "      has(snp.measurement) && snp.measurement in param.m &&\n"
		 "      [1, param.n].all(x, x > 0) && key.name.glob(\"a/**\")\n"
		 "tests:\n  - {name: t, claims: {tee.debug: true}, expect: "
		 "deny}\n";
	uint8_t buf[sizeof(good)];
	const size_t n = sizeof(good) - 1;

	CHECK(loads(good));
	for (size_t i = 0; i < n; i++) {
		struct vs_policy *p = load_span(VS_SPAN(good, i));

		vs_policy_free(&p);
	}
	for (size_t i = 0; i < n * 8; i++) {
		struct vs_policy *p;

		memcpy(buf, good, n);
		buf[i / 8] ^= (uint8_t)(1U << (i % 8));
		p = load_span(VS_SPAN(buf, n));
		CHECK((p == NULL) == (err.msg[0] != '\0'));
		vs_policy_free(&p);
	}
}

/* How many must agree is written, and never nobody. */
static void
test_approvals(void)
{
	CHECK(loads(HEAD "approvals: {release: 1}\n" RULES QUIET));
	CHECK(loads(
	    HEAD "approvals: {release: {security: 1, approver: 2}, wait: 4h,\n"
		 "  window: 90s, reason: weights}\n" RULES QUIET));
	refused(HEAD "approvals: 2\n" RULES QUIET, "E_SCHEMA", 6, 12,
	    "approvals must be a mapping");
	refused(HEAD "approvals: {}\n" RULES QUIET, "E_SCHEMA", 6, 12,
	    "approvals has no \"release\"");
	refused(HEAD "approvals: {wait: 1h}\n" RULES QUIET, "E_SCHEMA", 6, 12,
	    "approvals has no \"release\"");
	refused(HEAD "approvals:\n  release: 0\n" RULES QUIET, "E_SCHEMA", 7,
	    12, "release is a number of people from 1");
	refused(HEAD "approvals:\n  release: {}\n" RULES QUIET, "E_SCHEMA", 7,
	    12, "release says how many");
	refused(HEAD "approvals:\n  release: {ci: 1}\n" RULES QUIET, "E_SCHEMA",
	    7, 13, "unknown key \"ci\"");
	refused(HEAD "approvals:\n  release: {security: 0}\n" RULES QUIET,
	    "E_SCHEMA", 7, 23, "security is a number of people");
	refused(HEAD "approvals:\n  release: 1\n  window: 0s\n" RULES QUIET,
	    "E_SCHEMA", 8, 11, "window must be a duration");
	refused(HEAD "approvals:\n  release: 1\n  wait: 9999h\n" RULES QUIET,
	    "E_SCHEMA", 8, 9, "wait must be a duration");
}

int
main(void)
{
	RUN(test_whole_document);
	RUN(test_yaml_traps);
	RUN(test_schema_errors);
	RUN(test_head_errors);
	RUN(test_names);
	RUN(test_positions);
	RUN(test_all_errors);
	RUN(test_lint_guards);
	RUN(test_lint_values);
	RUN(test_lint_document);
	RUN(test_limits);
	RUN(test_file_tests);
	RUN(test_bad_tests);
	RUN(test_mutations);
	RUN(test_approvals);
	vs_policy_diags_free(&diags);
	return check_result();
}
