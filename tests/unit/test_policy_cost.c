/* SPDX-License-Identifier: Apache-2.0 */
/* The static bound on the cost of an expression, and E_COST at load. */
#include "check.h"

#include "policy/cost.h"
#include "policy/env.h"
#include "policy/parser.h"
#include "policy/policy.h"

static struct vs_arena arena;
static struct vs_cel_fault fault;

static struct vs_cel_node *
compile(const char *text)
{
	struct vs_cel_env env = {.policy = true};
	struct vs_cel_node *n;

	vs_arena_reset(&arena);
	fault = (struct vs_cel_fault){0};
	n = vs_cel_parse(vs_span_cstr(text), false, &arena, &fault);
	if (n == NULL || !vs_cel_resolve(&env, n, &arena, &fault) ||
	    !vs_cel_check(&env, n, &arena, &fault)) {
		fprintf(stderr, "  %s: %s\n", text, fault.msg);
		return NULL;
	}
	return n;
}

static uint64_t
bound_of(const char *text)
{
	struct vs_cost_env env = {.arena = &arena, .limit = UINT64_MAX};
	const struct vs_cel_node *n = compile(text);
	struct vs_cel_bound b;

	if (!CHECK(n != NULL && vs_cel_bound(&env, n, &b)))
		return 0;
	return b.cost;
}

/* The costlier claims an attacker could send: as long as they may be. */
static void
longest_claims(struct vs_claims *c, uint8_t fill[4096])
{
	vs_claims_init(c, &arena);
	memset(fill, 'f', 4096);
	for (int i = 0; i < VS_CLAIM_COUNT; i++) {
		const struct vs_claim_def *d = vs_claim_def((vs_claim_id)i);

		if (d->type == VS_CLAIM_BOOL)
			vs_claims_bool(c, (vs_claim_id)i, true);
		else if (d->type == VS_CLAIM_INT)
			vs_claims_int(c, (vs_claim_id)i, INT64_MAX);
		else if (d->type == VS_CLAIM_STRING)
			CHECK(d->max <= 4096 &&
			    vs_claims_str(c, (vs_claim_id)i,
				VS_SPAN(fill, d->max)) == VS_OK);
	}
}

/* Each of these, over claims as long as can be, costs no more than its
 * bound, and the bound is no more than a few times of that. */
static void
test_bound_holds(void)
{
	static const char *const texts[] = {
	    "tee.debug",
	    "snp.measurement == snp.report_data",
	    "snp.measurement < snp.chip_id",
	    "snp.measurement + snp.chip_id == snp.report_data",
	    "[snp.measurement, 'x'] == [snp.measurement, 'x']",
	    "snp.measurement in [snp.chip_id, snp.report_data]",
	    "{snp.measurement: 1, 'a': 2}[snp.measurement] == 1",
	    "{'a': {'b': snp.chip_id}}.a.b == snp.chip_id",
	    "key.name.contains('f/g')",
	    "key.name.replace('f', 'ff').size() > 0",
	    "key.name.split('f').size() > 0",
	    "key.name.split('').map(x, x + x).join('-').size() > 0",
	    "key.name.lowerAscii().upperAscii().trim() == 'x'",
	    "key.name.substring(1, 2) == key.name.charAt(3)",
	    "key.name.indexOf('g') < 0 && key.name.lastIndexOf('g') < 0",
	    "key.name.glob('**/x*')",
	    "key.name.matches('^(f|g)+$')",
	    "hex(unhex(snp.measurement)) == snp.measurement",
	    "base64.encode(bytes(snp.chip_id)).size() > 9",
	    "size(base64.decode(base64.encode(bytes(snp.chip_id)))) > 9",
	    "isIP(key.name) || isCIDR(key.name) || isSemver(key.name)",
	    "semver('1.2.3-' + snp.measurement) == semver('1.2.3')",
	    "cidr('10.0.0.0/8').containsIP('10.1.2.3')",
	    "sets.equivalent([snp.chip_id, 'a'], ['a', snp.chip_id])",
	    "[snp.chip_id, 'a', 'a'].distinct().size() == 2",
	    "math.greatest([1, 2, snp.vmpl]) > 1",
	    "[1, 2, 3].all(x, [4, 5].exists(y, x < y && tee.debug))",
	    "[1, 2, 3].map(x, x > 1, string(x)).filter(s, s == '2') == ['2']",
	    "[3, 2, 1].exists_one(x, x == 2)",
	    "{'a': 1, 'b': 2}.transformMap(k, v, k + snp.chip_id).size() == 2",
	    "size(['a'].transformMapEntry(i, v, {v + snp.chip_id: i})) == 1",
	    "cel.bind(x, snp.chip_id + key.name, x == x || x != x)",
	    "cel.bind(x, [1, 2].map(a, a), x.all(b, b in x))",
	    "has(snp.chip_id) ? snp.chip_id == 'x' : key.name == 'x'",
	    "timestamp('2026-01-01T00:00:00Z').getFullYear('+02:00') > 1",
	    "size(gpus) == 0 && gpus.all(g, true)",
	};
	static uint8_t fill[4096];

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		const struct vs_cel_node *n = compile(texts[i]);
		struct vs_cost_env env = {.arena = &arena, .limit = UINT64_MAX};
		struct vs_cel_bound b;
		struct vs_claims claims;
		struct vs_cel_run run = {.claims = &claims,
		    .arena = &arena,
		    .limit = VS_CEL_POLICY_COST};

		if (!CHECK(n != NULL))
			continue;
		longest_claims(&claims, fill);
		CHECK(vs_cel_bound(&env, n, &b) && b.over == NULL);
		(void)vs_cel_answer(&run, n);
		if (!CHECK(run.cost <= b.cost && b.cost < UINT64_MAX))
			printf("  %s: %llu, bound %llu\n", texts[i],
			    (unsigned long long)run.cost,
			    (unsigned long long)b.cost);
	}
}

/* What does more never has a smaller bound. */
static void
test_bound_grows(void)
{
	static const char *const rising[][2] = {
	    {"tee.debug", "!tee.debug"},
	    {"snp.measurement == 'a'", "snp.measurement == snp.chip_id"},
	    {"'a' in ['a']", "'a' in ['a', 'b']"},
	    {"[1].all(x, x > 0)", "[1, 2].all(x, x > 0)"},
	    {"[1].all(x, x > 0)", "[1].all(x, x > 0 || x < 0)"},
	    {"[1, 2].all(x, true)", "[1, 2].all(x, [1, 2].all(y, true))"},
	    {"key.name.contains('a')", "key.name.contains(key.name)"},
	    {"tee.debug ? 1 : 2", "tee.debug ? 1 : size(key.name)"},
	    {"tee.kind.glob('a')", "key.name.glob('a')"},
	    {"tee.kind.matches('a')", "key.name.matches('a')"},
	    {"key.name.matches('a')", "key.name.matches('a{50}')"},
	    {"size(tee.kind + 'a')", "size(tee.kind + key.name)"},
	    {"size(gpus)", "gpus.all(g, true)"},
	    {"{1: 2} == {1: 2}", "{1: 2, 2: 3} == {1: 2, 2: 3}"},
	    {"cel.bind(x, 1, x)", "cel.bind(x, 1 + 1, x)"},
	};

	for (size_t i = 0; i < VS_COUNT(rising); i++) {
		if (!CHECK(bound_of(rising[i][0]) < bound_of(rising[i][1])))
			printf("  %s\n", rising[i][1]);
	}
}

/* Every function of the table has a bound. */
static void
test_functions(void)
{
	struct vs_cost_env env = {.arena = &arena, .limit = UINT64_MAX};
	struct vs_cel_bound b = {0};
	struct vs_coster c = {.env = &env, .out = &b};
	const struct vs_cel_size *a[VS_FN_ARGS_MAX], *size;

	vs_arena_reset(&arena);
	for (size_t i = 0; i < VS_FN_ARGS_MAX; i++)
		a[i] = vs_size_new(&c, 100, NULL, &vs_size_scalar);
#define X(fn)                                                                  \
	{                                                                      \
		const struct vs_cel_fn f = {.name = #fn, .impl = fn};          \
		CHECK(vs_cost_call(&c, &f, a, 2, &size) < UINT64_MAX);         \
	}
	VS_FN_IMPL_TABLE(X)
#undef X
}

static void
test_arithmetic(void)
{
	CHECK(vs_cost_add(1, 2) == 3 && vs_cost_mul(3, 4) == 12);
	CHECK(vs_cost_add(UINT64_MAX, 1) == UINT64_MAX);
	CHECK(vs_cost_mul(UINT64_MAX / 2, 3) == UINT64_MAX);
	CHECK(vs_cost_octets(0) == 0 && vs_cost_octets(1) == 1);
	CHECK(vs_cost_octets(16) == 1 && vs_cost_octets(17) == 2);
	CHECK(vs_cost_octets(UINT64_MAX) == UINT64_MAX / 16 + 1);
}

/* Whatever comes of two branches is as large as either. */
static void
test_sizes(void)
{
	struct vs_cost_env env = {.arena = &arena, .limit = UINT64_MAX};
	struct vs_cel_bound b = {0};
	struct vs_coster c = {.env = &env, .out = &b};
	const struct vs_cel_size *text, *list, *map, *both;

	vs_arena_reset(&arena);
	text = vs_size_octets(&c, 7);
	list = vs_size_new(&c, 3, NULL, text);
	map = vs_size_new(&c, 5, text, &vs_size_scalar);
	both = vs_size_join(&c, list, map);
	CHECK(both->n == 5 && both->key->n == 7 && both->elem->n == 7);
	CHECK(vs_size_join(&c, &vs_size_scalar, text) == text);
	CHECK(vs_size_join(&c, text, &vs_size_scalar) == text);
	CHECK(vs_size_join(&c, text, &vs_size_unknown) == &vs_size_unknown);
	CHECK(vs_size_join(&c, &vs_size_unknown, text) == &vs_size_unknown);
	both = vs_size_join(&c, text, &vs_size_version);
	CHECK(both->version && both->n >= 7);
	both = vs_size_join(&c, vs_size_octets(&c, 9000), &vs_size_version);
	CHECK(both->n >= 9000);
	CHECK(vs_size_octets(&c, UINT64_MAX)->n == VS_CEL_STR_MAX);
	CHECK(vs_cost_equal(&vs_size_unknown, &vs_size_unknown) == UINT64_MAX);
	CHECK(vs_cost_equal(&vs_size_unknown, text) < 100);
	CHECK(vs_cost_equal(map, map) > vs_cost_equal(list, list));
	CHECK(vs_size_of_value(&c, vs_val_int(5))->n == 0);
}

/* ---- at load ------------------------------------------------------------- */

#define HEAD                                                                   \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [a]\ntee: [snp]\n"
#define L64                                                                    \
	"[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"      \
	"24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,"      \
	"45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63]"
/* 64 times 64 times 3 and a claim. */
#define DEAR "      " L64 ".all(a, " L64 ".all(b,\n        a + b < snp.vmpl))\n"
#define DEARER                                                                 \
	"      " L64 ".all(a, " L64 ".all(b,\n"                                \
	"        " L64 ".all(c, a + b + c < snp.vmpl)))\n"

static void
refused(const char *text, int line, int col, const char *msg)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	const struct vs_policy_diag *d;

	CHECK(vs_policy_load_at("p.yaml", vs_span_cstr(text), VS_POLICY_PAST,
		  diags, &p, &err) != VS_OK);
	d = vs_policy_diags_at(diags, 0);
	if (CHECK(p == NULL && d != NULL)) {
		CHECK_STR(d->code, "E_COST");
		CHECK_INT(d->line, line);
		CHECK_INT(d->col, col);
		if (!CHECK(strstr(d->msg, msg) != NULL))
			printf("  %s\n", d->msg);
	}
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
}

static bool
loads(const char *text)
{
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	bool ok = vs_policy_load_at("p.yaml", vs_span_cstr(text),
		      VS_POLICY_PAST, NULL, &p, &err) == VS_OK;

	if (!ok)
		printf("  %s\n", err.msg);
	vs_policy_free(&p);
	return ok;
}

static void
test_load(void)
{
	struct vs_buf text = {0};

	CHECK(loads(HEAD "rules:\n  - id: r\n    assert: |\n" DEAR));
	refused(HEAD "rules:\n  - id: r\n    assert: |\n" DEARER, 9, 7,
	    "a rule 100000 at most");
	refused(HEAD "rules:\n  - id: r\n    assert: |\n      tee.bound\n"
		     "    when: |\n" DEARER,
	    11, 7, "a rule 100000 at most");
	refused(HEAD "let:\n  x: |\n" DEARER
		     "rules:\n  - id: r\n    assert: |\n      x\n",
	    8, 7, "a rule 100000 at most");
	/* The part that is too dear, not the rule around it. */
	refused(HEAD
	    "rules:\n  - id: r\n    assert: |\n      tee.bound &&\n" DEARER,
	    10, 7, "a rule 100000 at most");
	refused(HEAD "rules:\n  - id: r\n    assert: |\n      tee.bound\n"
		     "    explain: |\n      string(\n" DEARER "      )\n",
	    7, 5, "the explanation of this rule");
	/* No part of it is too dear, all together are. */
	refused(HEAD "rules:\n  - id: r\n    assert: |\n" DEAR "      && " DEAR
		     "    when: |\n" DEAR "      && " DEAR,
	    9, 7, "the rule with its lets may cost");
	/* A let is paid for once. */
	CHECK(loads(HEAD "let:\n  x: |\n" DEAR "rules:\n"
			 "  - id: r\n    assert: |\n      x && x && x && x\n"
			 "  - id: s\n    assert: |\n      x || x || x || x\n"));
	/* Each rule may be, all of them not. */
	vs_buf_puts(&text, HEAD "rules:\n");
	for (int i = 0; i < 60; i++)
		vs_buf_printf(&text, "  - id: r%d\n    assert: |\n%s", i, DEAR);
	refused(vs_buf_cstr(&text), 0, 0, "a policy 1000000 at most");
	vs_buf_fini(&text);
}

int
main(void)
{
	vs_arena_init(&arena, 64 << 20);
	RUN(test_arithmetic);
	RUN(test_bound_holds);
	RUN(test_bound_grows);
	RUN(test_functions);
	RUN(test_sizes);
	RUN(test_load);
	vs_arena_fini(&arena);
	return check_result();
}
