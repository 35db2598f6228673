/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Target: vs_policy_load, vs_policy_run_tests and vs_policy_decide. The
 * oracle: a policy or an error, and a denial for claims that fit nothing.
 */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(struct vs_policy *p)
{
	struct vs_policy *v[] = {p};
	struct vs_policy_set *set = NULL;
	struct vs_policy_result r;
	struct vs_claims claims;
	struct vs_arena arena;
	struct vs_err err = {0};

	VS_ASSERT(vs_policy_set_new(v, 1, &set, &err) == VS_OK);
	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	vs_policy_decide(set, NULL, &claims, 0, &arena, &r);
	VS_ASSERT(r.verdict == VS_VERDICT_DENY);
	(void)vs_claims_str(&claims, VS_CLAIM_KEY_NAME, VS_SPAN_LIT("a/b"));
	(void)vs_claims_str(&claims, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp"));
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_policy_decide(set, NULL, &claims, 0, &arena, &r);
	VS_ASSERT((r.verdict == VS_VERDICT_ALLOW) ==
	    vs_span_is(vs_span_cstr(r.reason), "allowed"));
	vs_arena_fini(&arena);
	vs_policy_set_free(&set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	size_t ran, failed;

	/* With the floor, for its own sake; nearly nothing gets over it. */
	if (vs_policy_load("f", VS_SPAN(data, size), NULL, &p, &err) == VS_OK)
		vs_policy_free(&p);
	if (vs_policy_load_at("f", VS_SPAN(data, size), VS_POLICY_PAST, diags,
		&p, &err) != VS_OK) {
		VS_ASSERT(p == NULL && err.msg[0] != '\0');
	} else {
		VS_ASSERT(vs_policy_run_tests(p, diags, &ran, &failed, &err) ==
		    VS_OK);
		judge(p);
	}
	vs_policy_diags_free(&diags);
	return 0;
}
