/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_case.h"

#include <stdio.h>

#include "claims/gpu.h"

enum { ARENA = 1024 * 1024, DIGEST_TEXT = 96 };

/* 2026-06-15T00:00:00Z */
static const int64_t now_ms = INT64_C(1781481600000);

static const char head[] = "apiVersion: policy/v1\n"
			   "name: h100-serving\n"
			   "version: 1\n"
			   "keys: [\"models/**\"]\n"
			   "tee: [snp]\n"
			   "lists:\n"
			   "  images: {source: signed-file, max_age: 24h}\n"
			   "params:\n"
			   "  min_microcode: 209\n"
			   "  min_driver: \"570.86.15\"\n"
			   "  vbios: [\"96.00.9F.00.01\", \"96.00.A5.00.01\"]\n"
			   "  gpus: ";

static const char *const rules[VS_BENCH_RULES] = {
    "!tee.debug && !tee.simulated",
    "tee.bound && tee.crl == \"good\"",
    "has(snp.vmpl) && snp.vmpl == 0",
    ("has(snp.tcb.reported.microcode) &&\n"
     "      snp.tcb.reported.microcode >= param.min_microcode"),
    "has(snp.tcb.committed.snp) && snp.tcb.committed.snp >= 22",
    "has(snp.measurement) && snp.measurement in lists.images",
    "size(gpus) == param.gpus",
    "gpus.all(g, g.arch == \"hopper\" && g.bound && !g.simulated)",
    "gpus.all(g, has(g.cc_state) && g.cc_state == \"on\")",
    "gpus.all(g, g.measurements == \"match\")",
    "gpus.all(g, vercmp(g.driver_version, param.min_driver) >= 0)",
    "gpus.all(g, g.vbios_version in param.vbios)",
};

static vs_status
make_policy(
    const struct vs_bench_case *b, struct vs_policy **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st;

	vs_buf_puts(&text, head);
	vs_buf_printf(&text, "%zu\nrules:\n", b->gpus);
	for (size_t i = 0; i < b->rules; i++) {
		vs_buf_printf(
		    &text, "  - id: rule-%zu\n    assert: |\n      ", i);
		vs_buf_puts(&text, rules[i % VS_BENCH_RULES]);
		vs_buf_puts(&text, "\n");
	}
	st = vs_buf_status(&text);
	if (st == VS_OK)
		st =
		    vs_policy_load("bench", vs_buf_span(&text), NULL, out, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, "policy", st);
}

/* Digests that differ in their first half, as any two do. */
static struct vs_span
digest(size_t i, char text[DIGEST_TEXT + 1])
{
	(void)snprintf(text, DIGEST_TEXT + 1, "%016zx%080d",
	    i * (size_t)0x9e3779b97f4a7c15, 0);
	return VS_SPAN(text, DIGEST_TEXT);
}

static vs_status
make_lists(struct vs_bench_case *b, struct vs_err *err)
{
	struct vs_list_head images = {
	    .name = VS_SPAN_LIT("images"), .as_of_ms = now_ms - 1000};
	struct vs_lists_builder *builder = vs_lists_builder_new();
	char text[DIGEST_TEXT + 1];
	vs_status st;

	if (builder == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists");
	st = vs_lists_add_list(builder, &images, err);
	for (size_t i = 0; st == VS_OK && i < b->items; i++)
		st = vs_lists_add_value(builder, digest(i, text), 0, err);
	if (st == VS_OK)
		return vs_lists_build(&builder, "", &b->lists, err);
	vs_lists_builder_free(&builder);
	return st;
}

static vs_status
set_gpu(struct vs_claims *c, size_t i)
{
	static const struct {
		vs_gpu_claim_id id;
		const char *text;
	} strings[] = {{VS_GPU_ARCH, "hopper"},
	    {VS_GPU_MODEL, "GH100 A01 GSP BROM"},
	    {VS_GPU_DRIVER_VERSION, "570.124.06"},
	    {VS_GPU_VBIOS_VERSION, "96.00.A5.00.01"}, {VS_GPU_CC_MODE, "mpt"},
	    {VS_GPU_CC_STATE, "on"}, {VS_GPU_MEASUREMENTS, "match"},
	    {VS_GPU_REVOCATION, "good"}};
	char text[DIGEST_TEXT + 1];
	struct vs_span hex = digest(i + 1, text);
	size_t g;
	vs_status st = vs_claims_gpu_add(c, &g);

	for (size_t k = 0; st == VS_OK && k < VS_COUNT(strings); k++)
		st = vs_claims_gpu_str(
		    c, g, strings[k].id, vs_span_cstr(strings[k].text));
	if (st == VS_OK)
		st = vs_claims_gpu_str(
		    c, g, VS_GPU_ID, vs_span_slice(hex, 0, 40));
	if (st == VS_OK)
		st = vs_claims_gpu_str(c, g, VS_GPU_FWID, hex);
	if (st == VS_OK)
		st = vs_claims_gpu_strs(c, g, VS_GPU_MISMATCHES, NULL, 0);
	if (st != VS_OK)
		return st;
	vs_claims_gpu_bool(c, g, VS_GPU_BOUND, true);
	vs_claims_gpu_bool(c, g, VS_GPU_SIMULATED, false);
	return VS_OK;
}

static vs_status
make_claims(struct vs_bench_case *b, struct vs_err *err)
{
	struct vs_claims *c = &b->claims;
	char text[DIGEST_TEXT + 1];

	vs_claims_init(c, &b->claims_arena);
	VS_TRY(err, "key",
	    vs_claims_key(c, VS_SPAN_LIT("models/llama/weights"), 1));
	VS_TRY(err, "kind",
	    vs_claims_str(c, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp")));
	VS_TRY(err, "crl",
	    vs_claims_str(c, VS_CLAIM_TEE_CRL, VS_SPAN_LIT("good")));
	VS_TRY(err, "measurement",
	    vs_claims_str(
		c, VS_CLAIM_SNP_MEASUREMENT, digest(b->items / 2, text)));
	vs_claims_bool(c, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(c, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(c, VS_CLAIM_TEE_BOUND, true);
	vs_claims_int(c, VS_CLAIM_SNP_VMPL, 0);
	vs_claims_int(c, VS_CLAIM_SNP_TCB_REPORTED_UCODE, 213);
	vs_claims_int(c, VS_CLAIM_SNP_TCB_COMMITTED_SNP, 23);
	for (size_t i = 0; i < b->gpus; i++)
		VS_TRY(err, "gpus", set_gpu(c, i));
	return VS_OK;
}

vs_status
vs_bench_case_init(struct vs_bench_case *b, struct vs_err *err)
{
	struct vs_policy *p = NULL;

	vs_arena_init(&b->claims_arena, ARENA);
	vs_arena_init(&b->arena, ARENA);
	VS_TRY(err, "claims", make_claims(b, err));
	VS_TRY(err, "lists", make_lists(b, err));
	VS_TRY(err, "bench", make_policy(b, &p, err));
	return vs_policy_set_new(&p, 1, &b->set, err);
}

void
vs_bench_case_fini(struct vs_bench_case *b)
{
	vs_policy_set_free(&b->set);
	vs_lists_free(&b->lists);
	vs_arena_fini(&b->claims_arena);
	vs_arena_fini(&b->arena);
}

bool
vs_bench_case_decide(struct vs_bench_case *b)
{
	struct vs_policy_result r;

	vs_arena_reset(&b->arena);
	vs_policy_decide(b->set, b->lists, &b->claims, now_ms, &b->arena, &r);
	return r.verdict == VS_VERDICT_ALLOW;
}
