/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations: the operands that made a rule fail, and no others. */
#include "check.h"

#include "claims/gpu.h"
#include "codec/json.h"
#include "policy/explain.h"

/* The engine is tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

static struct vs_arena arena, claims_arena;
static struct vs_claims claims;
static struct vs_policy_set *set;
static const struct vs_explanation *told;
static struct vs_buf text, json;
static struct vs_lists *lists;
static struct vs_err err;

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);

#define DIGEST_A                                                               \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                     \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIGEST_NEAR                                                            \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                     \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbcb"
#define DIGEST_FAR                                                             \
	"0123456789abcdef0123456789abcdef0123456789abcdef"                     \
	"0123456789abcdef0123456789abcdef0123456789abcdef"

/* What every policy needs to load; the rule of interest comes after. */
#define HEAD                                                                   \
	"apiVersion: policy/v1\n"                                              \
	"name: base\n"                                                         \
	"version: 7\n"                                                         \
	"keys: [\"models/**\"]\n"                                              \
	"tee: [snp]\n"                                                         \
	"params:\n"                                                            \
	"  launch: [" DIGEST_A ", " DIGEST_FAR "]\n"                           \
	"  min: 20\n"                                                          \
	"let:\n"                                                               \
	"  good_tcb: |\n"                                                      \
	"    snp.tcb.reported.snp >= param.min &&\n"                           \
	"    snp.tcb.reported.microcode >= 100\n"                              \
	"rules:\n"                                                             \
	"  - id: no-debug\n"                                                   \
	"    assert: |\n"                                                      \
	"      !tee.debug\n"                                                   \
	"  - id: launch\n"                                                     \
	"    assert: |\n"                                                      \
	"      snp.measurement in param.launch\n"                              \
	"  - id: tcb\n"                                                        \
	"    message: The firmware is too old.\n"                              \
	"    ref: SEC-12\n"                                                    \
	"    assert: |\n"                                                      \
	"      good_tcb\n"
#define LISTED                                                                 \
	"apiVersion: policy/v1\n"                                              \
	"name: listed\n"                                                       \
	"version: 1\n"                                                         \
	"keys: [\"models/**\"]\n"                                              \
	"tee: [snp]\n"                                                         \
	"lists:\n"                                                             \
	"  images: {source: signed-file, max_age: 24h}\n"                      \
	"rules:\n"                                                             \
	"  - id: no-debug\n"                                                   \
	"    assert: |\n"                                                      \
	"      !tee.debug && snp.tcb.reported.snp >= 8\n"                      \
	"  - id: image\n"                                                      \
	"    assert: |\n"                                                      \
	"      snp.measurement in lists.images\n"
#define RULE(expr)                                                             \
	"  - id: extra\n"                                                      \
	"    assert: |\n"                                                      \
	"      " expr "\n"

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
	set_str(VS_CLAIM_SNP_MEASUREMENT, DIGEST_A);
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_BOUND, true);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_SNP, 20);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_UCODE, 100);
}

static void
explain_at(const char *doc, int64_t now)
{
	struct vs_policy *p = NULL;
	struct vs_question q = {.claims = &claims, .now_ms = now};
	struct vs_json *parsed = NULL;

	vs_policy_set_free(&set);
	vs_arena_reset(&arena);
	vs_buf_reset(&text);
	vs_buf_reset(&json);
	CHECK_OK(
	    vs_policy_load("p.yaml", vs_span_cstr(doc), NULL, &p, &err), err);
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	q.set = set;
	q.lists = lists;
	if (!CHECK_OK(vs_explain(&q, &arena, &told, &err), err))
		exit(1);
	vs_explain_text(told, &text);
	vs_explain_json(told, &json);
	CHECK_OK(vs_json_parse(vs_buf_span(&json), &parsed, &err), err);
	vs_json_free(&parsed);
	if (getenv("VS_VERBOSE") != NULL)
		printf("%s%s\n", vs_buf_cstr(&text), vs_buf_cstr(&json));
}

static void
explain(const char *doc)
{
	explain_at(doc, NOW);
}

static bool
says_(const char *what)
{
	if (strstr(vs_buf_cstr(&text), what) != NULL)
		return true;
	fprintf(stderr, "not said: %s\nin:\n%s", what, vs_buf_cstr(&text));
	return false;
}
#define SAYS(what) CHECK(says_(what))
#define SILENT(what) CHECK(strstr(vs_buf_cstr(&text), (what)) == NULL)
#define JSON(what) CHECK(strstr(vs_buf_cstr(&json), (what)) != NULL)

static void
test_explain_allow_names_no_rule(void)
{
	reset_claims();
	explain(HEAD);
	SAYS("allow (allowed): key models/a at 2026-06-15T00:00:00Z");
	SAYS("policy base version 7 (p.yaml): allow (allowed)");
	SILENT("rule ");
	JSON("{\"allow\":true,\"reason\":\"allowed\",\"key\":\"models/a\"");
}

static void
test_explain_false_conjunct_is_told_alone(void)
{
	reset_claims();
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_SNP, 18);
	explain(HEAD);
	SAYS("deny (rules)");
	SAYS("rule tcb failed: The firmware is too old.");
	SAYS("ref: SEC-12");
	/* The let is where it is read, its operand where it is written. */
	SAYS("p.yaml:24:7: false\n");
	SAYS("p.yaml:11:5: false\n");
	SAYS("   11 |     snp.tcb.reported.snp >= param.min &&\n");
	SAYS("      |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
	SAYS("snp.tcb.reported.snp = 18\n");
	SAYS("param.min = 20\n");
	SAYS("component snp of the reported TCB is 18, 2 too low: at least 20 "
	     "is needed");
	SILENT("microcode of");
	SILENT("no-debug");
	SILENT("launch");
	JSON("\"operator\":\">=\"");
	JSON("\"operands\":[{\"source\":\"snp.tcb.reported.snp\","
	     "\"value\":\"18\"}");
}

static void
test_explain_digest_near_an_entry_names_it(void)
{
	reset_claims();
	set_str(VS_CLAIM_SNP_MEASUREMENT, DIGEST_NEAR);
	explain(HEAD);
	SAYS("near: \"" DIGEST_A "\" differs in 1 of 96 characters, first in "
	     "number 95");
	set_str(VS_CLAIM_SNP_MEASUREMENT,
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000");
	explain(HEAD);
	SAYS("rule launch failed");
	SILENT("near:");
	set_str(VS_CLAIM_SNP_MEASUREMENT, "aaaaaaaaaaaaaaaaaaaaaaaa");
	explain(HEAD);
	SAYS("a digest of 24 characters is compared with one of 96");
}

static void
test_explain_negation_tells_what_is_true(void)
{
	reset_claims();
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, true);
	explain(HEAD RULE("!(tee.debug || tee.simulated)"));
	SAYS("p.yaml:27:9: true\n");
	SAYS("tee.debug = true");
	SILENT("tee.simulated =");
}

static void
test_explain_disjunction_tells_every_operand(void)
{
	reset_claims();
	explain(HEAD RULE("(tee.crl == 'bad' && tee.bound) || "
			  "tee.kind == 'sgx'"));
	SAYS("tee.crl = \"good\"");
	SAYS("tee.kind = \"snp\"");
	JSON("\"operator\":\"||\"");
	JSON("\"operator\":\"&&\"");
}

static void
test_explain_absent_claim_is_named(void)
{
	reset_claims();
	explain(HEAD RULE("snp.csp_id == 'acme'"));
	SAYS("rule extra error");
	SAYS("error, no_such_field");
	SAYS("snp.csp_id is absent: evidence of kind snp did not bring it");
	SILENT("rule tcb");
	/* Behind its own guard the error is not the cause. */
	explain(HEAD RULE("has(snp.csp_id) && snp.csp_id == 'acme'"));
	SAYS("rule extra failed");
	SAYS("snp.csp_id is absent: evidence");
	SAYS("guarded, not looked at: snp.csp_id == 'acme'");
}

static void
test_explain_all_tells_three_elements(void)
{
	reset_claims();
	explain(HEAD RULE("['a', 'b', 'c', 'd', 'e'].all(x, x == tee.kind || "
			  "x == 'b')"));
	SAYS("4 of 5 elements fail");
	SAYS("element 0\n");
	SAYS("element 2\n");
	SAYS("element 3\n");
	SILENT("element 1\n");
	SILENT("element 4\n");
	SAYS("x = \"c\"");
	JSON("\"index\":3");
}

static void
test_explain_exists_tells_the_nearest(void)
{
	reset_claims();
	explain(HEAD RULE("['x', 'snp', 'y'].exists(k, k == tee.kind && "
			  "tee.crl == 'never' && tee.bound)"));
	SAYS("0 of 3 elements match");
	SAYS("element 1\n");
	SILENT("element 0\n");
	SAYS("tee.crl = \"good\"");
	explain(HEAD RULE("['x'].filter(k, k == tee.kind)"
			  ".exists(k, k == 'x')"));
	SAYS("there are no elements");
	explain(HEAD RULE("!['x', 'snp'].exists(k, k == tee.kind)"));
	SAYS("1 of 2 elements match");
	SAYS("element 1\n");
}

/* Neither the value, nor what came near to it, nor through a variable. */
static void
test_explain_sensitive_claim_is_redacted(void)
{
	reset_claims();
	set_str(VS_CLAIM_AZ_USER_DATA, "hunter2hunter2hunter3");
	explain(HEAD RULE("has(azure.user_data) && "
			  "azure.user_data in ['hunter2hunter2hunter2']"));
	SAYS("azure.user_data = <redacted len=21>");
	SILENT("hunter3");
	SILENT("near:");
	explain(HEAD RULE("has(azure.user_data) && [azure.user_data + '!']"
			  ".exists(s, s == 'x' && s != 'y')"));
	SAYS("s = <redacted len=22>");
	SILENT("hunter3");
	CHECK(strstr(vs_buf_cstr(&json), "hunter3") == NULL);
}

static void
add_gpu(const char *arch, const char *id)
{
	size_t at = 0;

	CHECK_INT(vs_claims_gpu_add(&claims, &at), VS_OK);
	CHECK_INT(
	    vs_claims_gpu_str(&claims, at, VS_GPU_ARCH, vs_span_cstr(arch)),
	    VS_OK);
	CHECK_INT(
	    vs_claims_gpu_str(&claims, at, VS_GPU_ID, vs_span_cstr(id)), VS_OK);
}

static void
test_explain_gpus_by_number_not_by_identity(void)
{
	reset_claims();
	add_gpu("hopper", "1111111111111111");
	add_gpu("hopper", "2222222222222222");
	explain(HEAD RULE("gpus.all(g, g.arch == 'hopper' && "
			  "g.id == '1111111111111111')"));
	SAYS("1 of 2 elements fail");
	SAYS("element 1\n");
	SAYS("g = gpus[1]");
	SAYS("g.id = <redacted len=16>");
	SILENT("2222");
	explain(HEAD RULE("gpus.all(g, has(g.cc_mode) && "
			  "g.cc_mode == 'spt')"));
	SAYS("2 of 2 elements fail");
	SAYS("guarded, not looked at: g.cc_mode == 'spt'");
	explain(HEAD RULE("gpus[1].arch == 'blackwell'"));
	SAYS("gpus[1].arch = \"hopper\"");
	explain(HEAD RULE("cel.bind(a, gpus[0].id, a == 'x' || a == 'y')"));
	SILENT("1111");
	SAYS("a = <redacted len=16>");
}

static void
test_explain_lists_name_the_nearest(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head head = {
	    .name = VS_SPAN_LIT("images"), .as_of_ms = NOW};

	reset_claims();
	if (!CHECK(b != NULL))
		return;
	CHECK_OK(vs_lists_add_list(b, &head, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT(DIGEST_NEAR), 0, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT(DIGEST_FAR), 0, &err), err);
	CHECK_OK(vs_lists_build(&b, "", &lists, &err), err);
	explain(LISTED);
	SAYS("near: \"" DIGEST_NEAR "\" differs in 1 of 96");
	vs_lists_free(&lists);
	explain(LISTED);
	SAYS("deny (fatal)");
	SAYS("error, list_unavailable");
	SAYS("lists.images");
}

static void
test_explain_values_are_bounded_and_safe(void)
{
	static char big[256];

	reset_claims();
	set_str(VS_CLAIM_SNP_SIGNER, "a\033[31m\n");
	explain(HEAD RULE("has(snp.signer) && snp.signer == 'vcek'"));
	SAYS("snp.signer = \"a\\x1b[31m\\x0a\"");
	memset(big, 'k', 200);
	set_str(VS_CLAIM_KEY_NAMESPACE, big);
	explain(HEAD RULE("has(key.namespace) && key.namespace == 'k'"));
	SAYS("kkk...\n");
	for (const struct vs_explained_rule *r = told->policies->rules;
	     r != NULL; r = r->next)
		for (size_t i = 0; i < r->why->operands_n; i++)
			CHECK(strlen(r->why->operands[i].value) <=
			    VS_WHY_VALUE_MAX);
}

static void
test_explain_without_rules_says_why(void)
{
	reset_claims();
	set_str(VS_CLAIM_TEE_KIND, "tdx");
	explain(HEAD);
	SAYS("deny (tee)");
	SAYS("the evidence is of kind tdx; the policy admits: snp");
	reset_claims();
	set_str(VS_CLAIM_KEY_NAME, "other/a");
	explain(HEAD);
	SAYS("deny (no-policy)");
	SAYS("no enforcing policy governs this key");
	reset_claims();
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, true);
	explain(HEAD);
	SAYS("deny (simulated)");
	SAYS("tee.simulated");
}

static void
test_explain_condition_and_calls(void)
{
	reset_claims();
	explain(HEAD RULE("tee.bound ? tee.kind.startsWith('td') : true"));
	JSON("\"operator\":\"?:\"");
	JSON("\"operator\":\"startsWith\"");
	SAYS("tee.kind = \"snp\"");
	explain(HEAD RULE("size(tee.kind) + 1 == 5"));
	SAYS("size(tee.kind) + 1 = 4");
	SAYS("tee.kind = \"snp\"");
}

int
main(void)
{
	vs_arena_init(&arena, 64 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	RUN(test_explain_allow_names_no_rule);
	RUN(test_explain_false_conjunct_is_told_alone);
	RUN(test_explain_digest_near_an_entry_names_it);
	RUN(test_explain_negation_tells_what_is_true);
	RUN(test_explain_disjunction_tells_every_operand);
	RUN(test_explain_absent_claim_is_named);
	RUN(test_explain_all_tells_three_elements);
	RUN(test_explain_exists_tells_the_nearest);
	RUN(test_explain_sensitive_claim_is_redacted);
	RUN(test_explain_gpus_by_number_not_by_identity);
	RUN(test_explain_lists_name_the_nearest);
	RUN(test_explain_values_are_bounded_and_safe);
	RUN(test_explain_without_rules_says_why);
	RUN(test_explain_condition_and_calls);
	vs_policy_set_free(&set);
	vs_buf_fini(&text);
	vs_buf_fini(&json);
	vs_arena_fini(&claims_arena);
	vs_arena_fini(&arena);
	return check_result();
}
