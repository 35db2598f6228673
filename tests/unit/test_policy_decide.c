/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: nothing but a whole, fitting, true policy allows. */
#include "check.h"

#include "base/clock.h"
#include "policy/policy.h"

/* The engine is tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

static struct vs_arena arena, claims_arena;
static struct vs_claims claims;
static struct vs_err err;
static struct vs_policy_result result;

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);

#define DOC(name, more, rules)                                                 \
	"apiVersion: policy/v1\nname: " name "\nversion: 1\n" more             \
	"rules:\n" rules
#define SNP "keys: [\"**\"]\ntee: [snp]\n"
#define RULE(id, expr) "  - id: " id "\n    assert: |\n      " expr "\n"

static void
set_str(vs_claim_id id, const char *s)
{
	CHECK_INT(vs_claims_str(&claims, id, vs_span_cstr(s)), VS_OK);
}

static void
reset_claims(void)
{
	vs_arena_reset(&claims_arena);
	vs_claims_init(&claims, &claims_arena);
	set_str(VS_CLAIM_KEY_NAME, "models/a");
	set_str(VS_CLAIM_TEE_KIND, "snp");
	set_str(VS_CLAIM_TEE_CRL, "good");
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_BOUND, true);
}

static struct vs_policy_set *
set_of(const char *const *docs, size_t n)
{
	struct vs_policy *v[4] = {0};
	struct vs_policy_set *set = NULL;

	for (size_t i = 0; i < n; i++)
		CHECK_OK(vs_policy_load(
			     "p", vs_span_cstr(docs[i]), NULL, &v[i], &err),
		    err);
	CHECK_OK(vs_policy_set_new(v, n, &set, &err), err);
	for (size_t i = 0; i < n; i++)
		CHECK(v[i] == NULL);
	return set;
}

static void
decide(const char *const *docs, size_t n, int64_t now)
{
	struct vs_policy_set *set = set_of(docs, n);

	/* The policies' own texts are part of the result. */
	static struct vs_policy_set *last;
	vs_policy_set_free(&last);
	vs_arena_reset(&arena);
	memset(&result, 0xff, sizeof(result));
	vs_policy_decide(set, NULL, &claims, now, &arena, &result);
	last = vs_policy_set_ref(set);
	vs_policy_set_free(&set);
	if (n == 0)
		vs_policy_set_free(&last);
}

static void
judged(const char *doc, vs_verdict want, const char *reason)
{
	decide(&doc, 1, NOW);
	CHECK_INT(result.verdict, want);
	CHECK_STR(result.reason, reason);
}

static void
allowed(const char *doc)
{
	judged(doc, VS_VERDICT_ALLOW, "allowed");
}

static void
denied(const char *doc, const char *reason)
{
	judged(doc, VS_VERDICT_DENY, reason);
}

static void
test_rules(void)
{
	reset_claims();
	allowed(DOC("p", SNP, RULE("a", "tee.bound")));
	denied(DOC("p", SNP, RULE("a", "!tee.bound")), "rules");
	denied(DOC("p", SNP, RULE("a", "tee.bound") RULE("b", "!tee.bound")),
	    "rules");
	CHECK_INT(result.rules_n, 2);
	CHECK_INT(result.rules[0].outcome, VS_RULE_PASSED);
	CHECK_INT(result.rules[1].outcome, VS_RULE_FAILED);
	CHECK_STR(result.rules[1].id, "b");
	CHECK_STR(result.rules[1].policy, "p");
	CHECK(result.rules[1].error == NULL);
	CHECK_INT(result.rules[1].line, 10);
	/* An error is a failure, with its kind. */
	denied(DOC("p", SNP, RULE("a", "snp.vmpl == 0")), "rules");
	CHECK_INT(result.rules[0].outcome, VS_RULE_ERROR);
	CHECK_STR(result.rules[0].error, "no_such_field");
	vs_claims_int(&claims, VS_CLAIM_SNP_VMPL, 0);
	allowed(DOC("p", SNP, RULE("a", "snp.vmpl == 0")));
	/* A warning is told and does not decide. */
	allowed(DOC("p", SNP,
	    RULE("a", "tee.bound") RULE("b", "!tee.bound") "    severity: "
							   "warn\n"));
	CHECK(result.rules[1].warn);
	CHECK_INT(result.rules[1].outcome, VS_RULE_FAILED);
	/* Warnings alone are no policy. */
	denied(DOC("p", SNP, RULE("a", "tee.bound") "    severity: warn\n"),
	    "no-rule");
}

static void
test_when(void)
{
	reset_claims();
	allowed(DOC("p", SNP,
	    RULE("a", "tee.bound")
		RULE("b", "!tee.bound") "    when: '!tee.bound'\n"));
	CHECK_INT(result.rules[1].outcome, VS_RULE_SKIPPED);
	/* All skipped: nothing was judged. */
	denied(DOC("p", SNP, RULE("a", "tee.bound") "    when: '!tee.bound'\n"),
	    "no-rule");
	/* An error in when is no reason to skip. */
	denied(DOC("p", SNP,
		   RULE("a", "tee.bound")
		       RULE("b", "tee.bound") "    when: 'snp.vmpl == 0'\n"),
	    "rules");
	CHECK_INT(result.rules[1].outcome, VS_RULE_ERROR);
	allowed(
	    DOC("p", SNP, RULE("a", "tee.bound") "    when: 'tee.bound'\n"));
}

static void
test_tee(void)
{
	static const struct {
		const char *kind, *tee;
		bool admitted;
	} cases[] = {{"snp", "snp", true}, {"az-snp", "snp", false},
	    {"az-tdx", "tdx", false}, {"az-snp", "azure", true},
	    {"az-tdx", "azure", true}, {"snp", "azure", false},
	    {"tdx", "tdx", true}, {"sgx", "sgx", true},
	    {"nitro", "nitro", true}, {"cca", "cca", true},
	    {"vtpm", "vtpm", true}, {"gcp-snp", "gcp", true},
	    {"gcp-tdx", "gcp", true}, {"gcp", "gcp", false}, {"", "snp", false},
	    {"sn", "snp", false}, {"snp2", "snp", false},
	    {"tdx", "snp, azure", false}, {"snp", "tdx, snp", true}};
	char doc[400];

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		reset_claims();
		set_str(VS_CLAIM_TEE_KIND, cases[i].kind);
		(void)snprintf(doc, sizeof(doc),
		    DOC("p", "keys: [\"**\"]\ntee: [%s]\n",
			RULE("a", "tee.bound")),
		    cases[i].tee);
		if (cases[i].admitted)
			allowed(doc);
		else
			denied(doc, "tee");
		CHECK_INT(result.rules_n, cases[i].admitted);
	}
	reset_claims();
	claims.v[VS_CLAIM_TEE_KIND].present = false;
	denied(DOC("p", SNP, RULE("a", "tee.bound")), "tee");
}

static void
test_window(void)
{
	const char *doc = DOC("p",
	    SNP "not_before: 2026-06-01T00:00:00Z\n"
		"not_after: 2026-07-01T00:00:00Z\n",
	    RULE("a", "now >= timestamp('2026-06-01T00:00:00Z')"));
	static const struct {
		int64_t now;
		bool open;
	} cases[] = {{INT64_C(1780272000000), true},
	    {INT64_C(1780271999999), false}, {INT64_C(1782864000000), true},
	    {INT64_C(1782864000001), false}, {0, false}, {-1, false},
	    {INT64_MAX, false}, {INT64_MIN, false}};

	reset_claims();
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		decide(&doc, 1, cases[i].now);
		CHECK_INT(result.verdict, cases[i].open);
		CHECK_STR(result.reason, cases[i].open ? "allowed" : "window");
	}
	/* A clock that is no time at all: now is an error. */
	doc = DOC("p", SNP, RULE("a", "now > timestamp(0)"));
	decide(&doc, 1, INT64_MAX);
	CHECK_INT(result.verdict, VS_VERDICT_DENY);
	decide(&doc, 1, -1);
	CHECK_INT(result.verdict, VS_VERDICT_DENY);
}

static void
test_keys(void)
{
	reset_claims();
	allowed(DOC("p", "keys: [\"x\", \"models/*\"]\ntee: [snp]\n",
	    RULE("a", "key.name == 'models/a'")));
	denied(DOC("p", "keys: [\"models\"]\ntee: [snp]\n",
		   RULE("a", "tee.bound")),
	    "no-policy");
	claims.v[VS_CLAIM_KEY_NAME].present = false;
	denied(DOC("p", SNP, RULE("a", "tee.bound")), "no-policy");
	reset_claims();
	decide(NULL, 0, NOW);
	CHECK_INT(result.verdict, VS_VERDICT_DENY);
	CHECK_STR(result.reason, "no-policy");
	memset(&result, 0xff, sizeof(result));
	vs_policy_decide(NULL, NULL, &claims, NOW, &arena, &result);
	CHECK_INT(result.verdict, VS_VERDICT_DENY);
	CHECK_STR(result.reason, "no-policy");
}

#define YES RULE("yes", "tee.bound")
#define NO RULE("no", "!tee.bound")

static void
pair(const char *a, const char *b, bool allow, const char *reason)
{
	const char *docs[] = {a, b}, *swapped[] = {b, a};

	decide(docs, 2, NOW);
	CHECK_INT(result.verdict, allow);
	CHECK_STR(result.reason, reason);
	decide(swapped, 2, NOW);
	CHECK_INT(result.verdict, allow);
	CHECK_STR(result.reason, reason);
}

static void
test_several(void)
{
	reset_claims();
	pair(DOC("a", SNP, YES), DOC("b", SNP, YES), true, "allowed");
	pair(DOC("a", SNP, YES), DOC("b", SNP, NO), false, "rules");
	pair(DOC("a", SNP, YES), DOC("b", "keys: [\"**\"]\ntee: [tdx]\n", YES),
	    false, "tee");
	pair(DOC("a", SNP, YES),
	    DOC("b", "keys: [\"other\"]\ntee: [snp]\n", NO), true, "allowed");
	/* Shadow policies are told and never decide. */
	pair(DOC("a", SNP, YES), DOC("b", SNP "mode: shadow\n", NO), true,
	    "allowed");
	CHECK_INT(result.rules_n, 2);
	CHECK(result.rules[0].shadow && !result.rules[1].shadow);
	pair(DOC("a", SNP, NO), DOC("b", SNP "mode: shadow\n", YES), false,
	    "rules");
	denied(DOC("p", SNP "mode: shadow\n", YES), "no-policy");
	/* Guards deny and do not grant. */
	pair(DOC("a", SNP, YES), DOC("b", SNP "mode: guard\n", YES), true,
	    "allowed");
	pair(DOC("a", SNP, YES), DOC("b", SNP "mode: guard\n", NO), false,
	    "rules");
	denied(DOC("p", SNP "mode: guard\n", YES), "no-policy");
}

static void
test_rails(void)
{
	static const struct {
		vs_claim_id id;
		const char *name;
	} rails[] = {{VS_CLAIM_TEE_DEBUG, "debug"},
	    {VS_CLAIM_TEE_SIMULATED, "simulated"}};
	char doc[400], other[400];

	for (size_t i = 0; i < VS_COUNT(rails); i++) {
		const char *name = rails[i].name;

		reset_claims();
		vs_claims_bool(&claims, rails[i].id, true);
		denied(DOC("p", SNP, YES), name);
		CHECK(!result.disclose_rule_ids);
		/* A rule that passes and reads the claim accepts it. */
#define ACCEPTS(expr, more)                                                    \
	(snprintf(                                                             \
	     doc, sizeof(doc), DOC("p", SNP more, YES RULE("r", expr)), name), \
	    doc)
		allowed(ACCEPTS("tee.%s", ""));
		allowed(ACCEPTS("tee.%s || tee.bound", ""));
		denied(ACCEPTS("!tee.%s", ""), "rules");
		/* Not one that is skipped, only warns, or asks has(). */
		denied(ACCEPTS("tee.%s\n    when: '!tee.bound'", ""), name);
		denied(ACCEPTS("tee.%s\n    severity: warn", ""), name);
		denied(ACCEPTS("has(tee.%s)", ""), name);
		denied(ACCEPTS("tee.bound // tee.%s", ""), name);
		/* Through a let as well. */
		(void)snprintf(doc, sizeof(doc),
		    DOC("p", SNP "let: {x: 'tee.%s'}\n", RULE("r", "x")), name);
		allowed(doc);
		/* Neither shadow nor guard policies accept it. */
		(void)ACCEPTS("tee.%s", "mode: shadow\n");
		(void)snprintf(other, sizeof(other), "%s", DOC("q", SNP, YES));
		pair(doc, other, false, name);
		(void)ACCEPTS("tee.%s", "mode: guard\n");
		pair(doc, other, false, name);
		(void)ACCEPTS("tee.%s", "");
		pair(doc, other, true, "allowed");
		/* What nobody set is no "false". */
		reset_claims();
		claims.v[rails[i].id].present = false;
		denied(DOC("p", SNP, YES), name);
	}
	reset_claims();
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, true);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, true);
	denied(DOC("p", SNP, RULE("r", "tee.debug")), "simulated");
	denied(DOC("p", SNP, RULE("r", "tee.simulated")), "debug");
	allowed(DOC("p", SNP, RULE("r", "tee.simulated && tee.debug")));
}

static void
test_let(void)
{
	reset_claims();
	/* A let that nobody reads and that would fail does no harm, one that
	 * is read often is evaluated once. */
	allowed(DOC("p", SNP "let:\n  bad: 'snp.vmpl'\n  good: 'tee.kind'\n",
	    RULE("a", "good == 'snp' && good != 'x'")
		RULE("b", "tee.bound || bad == 1")));
	denied(DOC("p", SNP "let:\n  bad: 'snp.vmpl'\n",
		   RULE("a", "bad == 0") RULE("b", "bad == 1")),
	    "rules");
	CHECK_STR(result.rules[1].error, "no_such_field");
	allowed(DOC("p", SNP "let: {l: '[1, 2].map(x, x + 1)'}\n",
	    RULE("a", "[5].all(x, l == [2, 3] && x == 5)")));
	allowed(DOC("p", SNP "let: {l: '[1, 2].map(x, size(tee.kind) + x)'}\n",
	    RULE("a", "[5].all(x, l == [4, 5] && x == 5)")));
}

static void
test_explain_and_texts(void)
{
	reset_claims();
	denied(DOC("p", SNP "disclose: rule-ids\n",
		   RULE("a",
		       "!tee.bound") "    message: because\n"
				     "    explain: '\"kind \" + "
				     "tee.kind'\n" RULE("b",
					 "!tee.bound") "    explain: "
						       "'string(snp.vmpl)'"
						       "\n" RULE("c",
							   "tee.bound") "    "
									"explai"
									"n: "
									"'tee."
									"kind'"
									"\n"),
	    "rules");
	CHECK_STR(result.rules[0].message, "because");
	CHECK(vs_span_is(result.rules[0].explain, "kind snp"));
	CHECK(result.rules[1].message == NULL);
	CHECK_INT(result.rules[1].explain.n, 0);
	CHECK_INT(result.rules[2].explain.n, 0);
	CHECK(result.disclose_rule_ids);
	pair(DOC("a", SNP "disclose: rule-ids\n", NO), DOC("b", SNP, NO), false,
	    "rules");
	CHECK(!result.disclose_rule_ids);
	pair(DOC("a", SNP "disclose: rule-ids\n", NO), DOC("b", SNP, YES),
	    false, "rules");
	CHECK(result.disclose_rule_ids);
	allowed(DOC("p", SNP "disclose: rule-ids\n", YES));
	CHECK(!result.disclose_rule_ids);
	CHECK_STR(vs_rule_outcome_name(VS_RULE_PASSED), "passed");
	CHECK_STR(vs_rule_outcome_name(VS_RULE_FAILED), "failed");
	CHECK_STR(vs_rule_outcome_name(VS_RULE_SKIPPED), "skipped");
	CHECK_STR(vs_rule_outcome_name(VS_RULE_ERROR), "error");
}

/* "snp" until it is longer than a string may be. */
#define LONG                                                                   \
	"cel.bind(a, tee.kind + tee.kind, cel.bind(b, a + a + a + a, "         \
	"cel.bind(c, b + b + b + b, cel.bind(d, c + c + c + c, "               \
	"cel.bind(e, d + d + d + d, cel.bind(f, e + e + e + e, "               \
	"cel.bind(g, f + f + f + f, g + g + g + g == tee.kind)))))))"

/* Growing without end is fatal, wherever an || would hide it. */
static void
test_growth_is_fatal(void)
{
	reset_claims();
	denied(DOC("p", SNP, RULE("a", "tee.bound") RULE("b", LONG)), "fatal");
	CHECK_STR(result.rules[1].error, "arena_exhausted");
	CHECK_INT(result.rules[0].outcome, VS_RULE_PASSED);
	denied(DOC("p", SNP,
		   RULE("a", "tee.bound || " LONG)
		       RULE("b", LONG " || tee.bound")),
	    "fatal");
	CHECK_INT(result.rules[0].outcome, VS_RULE_PASSED);
	CHECK_INT(result.rules[1].outcome, VS_RULE_ERROR);
	/* Not even a rule that only warns may do so. */
	denied(
	    DOC("p", SNP,
		RULE("a", "tee.bound") RULE("b", LONG) "    severity: warn\n"),
	    "fatal");
	/* In a shadow policy it is the shadow's own affair. */
	pair(DOC("a", SNP, YES),
	    DOC("b", SNP "mode: shadow\n", RULE("a", LONG)), true, "allowed");
	pair(DOC("a", SNP, NO), DOC("b", SNP, RULE("a", LONG)), false, "fatal");
	/* An explanation may fail and changes nothing. */
	denied(DOC("p", SNP,
		   RULE("a", "!tee.bound") "    explain: '" LONG
					   " ? \"a\" : \"b\"'\n"),
	    "rules");
}

/*
 * Whatever the arena holds: the right verdict or a denial. One document
 * would be allowed with room enough, one is denied for its rules.
 */
static void
test_arena_sweep(void)
{
	const char *docs[] = {
	    DOC("a", SNP "let: {l: '[1, 2, 3].map(x, x + size(tee.kind))'}\n",
		RULE("x",
		    "l.map(x, x * 2).size() == 3 && "
		    "(tee.kind + tee.kind).split(\"n\").size() == 3")),
	    DOC("b", SNP, RULE("y", "[tee.kind].exists(k, k == 'snp')") NO),
	};

	reset_claims();
	for (size_t i = 0; i < 2; i++) {
		struct vs_policy_set *set = set_of(&docs[i], 1);
		int allowed_n = 0, fatal_n = 0;

		for (size_t cap = 0; cap < 4096; cap++) {
			struct vs_policy_result r;
			struct vs_arena small;

			memset(&r, 0xff, sizeof(r));
			vs_arena_init(&small, cap);
			vs_policy_decide(set, NULL, &claims, NOW, &small, &r);
			allowed_n += r.verdict == VS_VERDICT_ALLOW;
			fatal_n += strcmp(r.reason, "fatal") == 0;
			CHECK(r.verdict == VS_VERDICT_ALLOW ||
			    r.verdict == VS_VERDICT_DENY);
			CHECK((r.verdict == VS_VERDICT_ALLOW) ==
			    (strcmp(r.reason, "allowed") == 0));
			vs_arena_fini(&small);
		}
		CHECK(fatal_n > 0);
		CHECK((allowed_n > 0) == (i == 0));
		vs_policy_set_free(&set);
	}
}

static void
test_sets(void)
{
	const char *doc = DOC("p", SNP, YES);
	struct vs_policy *v[2] = {0};
	struct vs_policy_set *set = NULL, *ref;

	for (size_t i = 0; i < 2; i++)
		CHECK_OK(
		    vs_policy_load("p", vs_span_cstr(doc), NULL, &v[i], &err),
		    err);
	CHECK_INT(vs_policy_set_new(v, 2, &set, &err), VS_CONFLICT);
	CHECK(set == NULL && v[0] != NULL && v[1] != NULL);
	vs_policy_free(&v[1]);
	CHECK_INT(vs_policy_set_new(v, 1, &set, &err), VS_OK);
	CHECK_INT(vs_policy_set_count(set), 1);
	CHECK_STR(vs_policy_name(vs_policy_set_at(set, 0)), "p");
	CHECK(vs_policy_set_at(set, 1) == NULL);
	ref = vs_policy_set_ref(set);
	vs_policy_set_free(&set);
	CHECK(set == NULL);
	CHECK_INT(vs_policy_set_count(ref), 1);
	vs_policy_set_free(&ref);
	vs_policy_set_free(&ref);
	vs_policy_set_free(NULL);
	CHECK(vs_policy_set_ref(NULL) == NULL);
	CHECK_INT(vs_policy_set_count(NULL), 0);
}

/* Every claim type reaches the rules as what it is. */
static void
test_claim_types(void)
{
	reset_claims();
	set_str(VS_CLAIM_SNP_PRODUCT, "Milan");
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_UCODE, -5);
	allowed(DOC("p", SNP,
	    RULE("a", "snp.product.startsWith('Mi')")
		RULE("b", "snp.tcb.reported.microcode == -5")
		    RULE("c", "has(snp.tcb.reported) && !has(snp.tcb.launch)")
			RULE("d", "has(snp.product) && !has(snp.vmpl)")));
}

static void
bench(void)
{
	static char doc[8192];
	size_t at;
	int64_t begin, n = 2000;

	reset_claims();
	set_str(VS_CLAIM_SNP_MEASUREMENT,
	    "0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef0123456789abcdef");
	vs_claims_int(&claims, VS_CLAIM_SNP_VMPL, 0);
	at = (size_t)snprintf(doc, sizeof(doc), DOC("p", SNP, ""));
	for (int i = 0; i < 10; i++)
		at += (size_t)snprintf(doc + at, sizeof(doc) - at,
		    "  - id: r%d\n    assert: |\n"
		    "      !tee.debug && has(snp.vmpl) && snp.vmpl == 0 &&\n"
		    "      has(snp.measurement) &&\n"
		    "      snp.measurement.startsWith(\"0123\")\n",
		    i);
	const char *one = doc;
	struct vs_policy_set *set = set_of(&one, 1);
	begin = vs_mono_ns();
	for (int64_t i = 0; i < n; i++) {
		vs_arena_reset(&arena);
		vs_policy_decide(set, NULL, &claims, NOW, &arena, &result);
		CHECK(result.verdict == VS_VERDICT_ALLOW);
	}
	printf("10 rules: %.2f us\n",
	    (double)(vs_mono_ns() - begin) / (double)n / 1000);
	vs_policy_set_free(&set);
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	RUN(test_rules);
	RUN(test_when);
	RUN(test_tee);
	RUN(test_window);
	RUN(test_keys);
	RUN(test_several);
	RUN(test_rails);
	RUN(test_let);
	RUN(test_explain_and_texts);
	RUN(test_growth_is_fatal);
	RUN(test_arena_sweep);
	RUN(test_sets);
	RUN(test_claim_types);
	bench();
	decide(NULL, 0, NOW);
	vs_arena_fini(&arena);
	vs_arena_fini(&claims_arena);
	return check_result();
}
