/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Target: vs_explain and its two writers, on a policy as input and two sets
 * of claims. Whatever loads is explained, the explanation agrees with the
 * decision, and its JSON is JSON.
 */
#include <stdlib.h>

#include "claims/gpu.h"
#include "codec/json.h"
#include "policy/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fill(struct vs_claims *c, struct vs_arena *a, bool rich)
{
	size_t gpu;

	vs_claims_init(c, a);
	if (vs_claims_key(c, VS_SPAN_LIT("models/a"), 1) != VS_OK)
		abort();
	vs_claims_bool(c, VS_CLAIM_TEE_DEBUG, rich);
	vs_claims_bool(c, VS_CLAIM_TEE_SIMULATED, false);
	for (int i = 0; rich && i < VS_CLAIM_COUNT; i++) {
		vs_claim_id id = (vs_claim_id)i;

		if (vs_claim_def(id)->type == VS_CLAIM_INT)
			vs_claims_int(c, id, i);
		else if (vs_claim_def(id)->type == VS_CLAIM_STRING &&
		    vs_claims_str(c, id, VS_SPAN_LIT("snp")) != VS_OK)
			abort();
	}
	for (int i = 0; rich && i < 3; i++) {
		if (vs_claims_gpu_add(c, &gpu) != VS_OK ||
		    vs_claims_gpu_str(
			c, gpu, VS_GPU_ARCH, VS_SPAN_LIT("hopper")) != VS_OK)
			abort();
	}
}

static void
check_json(const struct vs_explanation *e)
{
	struct vs_buf json = {0}, text = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};

	vs_explain_text(e, &text);
	vs_explain_json(e, &json);
	if (vs_buf_status(&json) == VS_OK &&
	    vs_json_parse(vs_buf_span(&json), &doc, &err) != VS_OK &&
	    err.status != VS_TOO_LARGE && err.status != VS_NO_MEMORY)
		abort();
	vs_json_free(&doc);
	vs_buf_fini(&json);
	vs_buf_fini(&text);
}

static void
explain(const struct vs_policy_set *set, bool rich)
{
	struct vs_arena a, decision;
	struct vs_claims claims;
	struct vs_policy_result r;
	const struct vs_explanation *e = NULL;
	struct vs_question q = {.set = set, .claims = &claims, .now_ms = 1};
	struct vs_err err = {0};

	vs_arena_init(&a, 64 << 20);
	vs_arena_init(&decision, 16 << 20);
	fill(&claims, &a, rich);
	vs_policy_decide(set, NULL, &claims, q.now_ms, &decision, &r);
	if (vs_explain(&q, &a, &e, &err) == VS_OK) {
		if (e->result.verdict != r.verdict)
			abort();
		check_json(e);
	}
	vs_arena_fini(&a);
	vs_arena_fini(&decision);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_policy *p = NULL;
	struct vs_policy_set *set = NULL;
	struct vs_err err = {0};

	if (vs_policy_load_at("p.yaml", VS_SPAN(data, size), VS_POLICY_PAST,
		NULL, &p, &err) != VS_OK)
		return 0;
	if (vs_policy_set_new(&p, 1, &set, &err) == VS_OK) {
		explain(set, false);
		explain(set, true);
	}
	vs_policy_free(&p);
	vs_policy_set_free(&set);
	return 0;
}
