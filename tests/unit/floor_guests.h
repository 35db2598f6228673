/* SPDX-License-Identifier: Apache-2.0 */
/* Guests for tests of the floor: good ones, and each kind of bad one, with
 * everything else as it may come. */
#ifndef VS_TESTS_FLOOR_GUESTS_H
#define VS_TESTS_FLOOR_GUESTS_H

#include "check.h"

#include "claims/gpu.h"
#include "floor_mutants.h"
#include "policy/policy.h"

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);

static struct vs_arena arena, claims_arena;
static struct vs_claims claims;
static struct vs_lists *lists;
static struct vs_err err;

static uint32_t seed = 1;

static inline unsigned
dice(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static inline void
str(vs_claim_id id, const char *s)
{
	CHECK_INT(vs_claims_str(&claims, id, vs_span_cstr(s)), VS_OK);
}

static inline const char *
pick(const char *const *from, unsigned n)
{
	return from[dice(n)];
}

static inline void
good_gpus(void)
{
	size_t g;

	for (int i = 0; i < 2; i++) {
		CHECK_INT(vs_claims_gpu_add(&claims, &g), VS_OK);
		vs_claims_gpu_bool(&claims, g, VS_GPU_SIMULATED, false);
		CHECK_INT(vs_claims_gpu_str(
			      &claims, g, VS_GPU_CC_STATE, VS_SPAN_LIT("on")),
		    VS_OK);
		CHECK_INT(vs_claims_gpu_str(&claims, g, VS_GPU_MEASUREMENTS,
			      VS_SPAN_LIT("match")),
		    VS_OK);
	}
}

/* Azure has a measurement as well, of its paravisor. */
static inline void
good_guest(const char *kind)
{
	vs_arena_reset(&claims_arena);
	vs_claims_init(&claims, &claims_arena);
	str(VS_CLAIM_KEY_NAME, "models/test");
	str(VS_CLAIM_TEE_KIND, kind);
	str(VS_CLAIM_TEE_CRL, "good");
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_BOUND, true);
	str(VS_CLAIM_SNP_MEASUREMENT, HEX96_A);
	str(VS_CLAIM_SNP_PRODUCT, "Milan");
	vs_claims_bool(&claims, VS_CLAIM_SNP_POLICY_DEBUG, false);
	vs_claims_int(&claims, VS_CLAIM_SNP_VMPL, 0);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_SNP, 24);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_UCODE, 219);
	str(VS_CLAIM_SNP_AUTHOR_KEY_DIGEST, HEX96_B);
	if (strcmp(kind, "az-snp") == 0) {
		vs_claims_bool(&claims, VS_CLAIM_AZ_QUOTE, true);
		str(VS_CLAIM_AZ_PCR_DIGEST, HEX64_A);
	}
	good_gpus();
}

static inline void
forget(vs_claim_id id)
{
	claims.v[id].present = false;
}

/* Everything that no demand is about, as it may come. */
static inline void
shuffle(void)
{
	static const char *const products[] = {"Milan", "Genoa", "Turin", "X"};
	static const char *const keys[] = {
	    "models/test", "models/a", "models/b/c"};

	str(VS_CLAIM_KEY_NAME, pick(keys, 3));
	str(VS_CLAIM_SNP_PRODUCT, pick(products, 4));
	vs_claims_int(&claims, VS_CLAIM_SNP_VMPL, (int64_t)dice(4));
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, dice(4) == 0);
	if (dice(2) == 0)
		str(VS_CLAIM_SNP_CSP_ID, "some cloud");
	if (dice(3) == 0)
		forget(VS_CLAIM_SNP_PRODUCT);
	if (dice(5) == 0)
		forget(VS_CLAIM_SNP_VMPL);
	if (dice(5) == 0)
		forget(VS_CLAIM_SNP_POLICY_DEBUG);
}

static inline void
attack_debug(void)
{
	/* They say the same of any real guest. */
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, true);
	vs_claims_bool(&claims, VS_CLAIM_SNP_POLICY_DEBUG, true);
	if (dice(5) == 0)
		forget(VS_CLAIM_SNP_POLICY_DEBUG);
}

static inline void
attack_identity(const char *kind)
{
	static const char fresh[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char zero[] =
	    "000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000";

	if (strcmp(kind, "az-snp") == 0 && dice(2) == 0) {
		/* A paravisor of one's own, which says what is wanted. */
		str(VS_CLAIM_SNP_MEASUREMENT, fresh);
		return;
	}
	if (strcmp(kind, "az-snp") == 0) {
		/* The paravisor is the same for all. */
		CHECK_INT(vs_claims_str(&claims, VS_CLAIM_AZ_PCR_DIGEST,
			      VS_SPAN(fresh, 64)),
		    VS_OK);
		if (dice(3) == 0) {
			forget(VS_CLAIM_AZ_PCR_DIGEST);
			vs_claims_bool(&claims, VS_CLAIM_AZ_QUOTE, false);
		}
		return;
	}
	str(VS_CLAIM_SNP_MEASUREMENT, fresh);
	str(VS_CLAIM_SNP_AUTHOR_KEY_DIGEST, dice(2) == 0 ? fresh : zero);
	if (dice(4) == 0)
		forget(VS_CLAIM_SNP_MEASUREMENT);
	if (dice(4) == 0)
		forget(VS_CLAIM_SNP_AUTHOR_KEY_DIGEST);
}

static inline void
attack_tcb(void)
{
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_SNP, 0);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_REPORTED_UCODE, 0);
	if (dice(5) == 0)
		forget(VS_CLAIM_SNP_TCB_REPORTED_UCODE);
	if (dice(5) == 0)
		forget(VS_CLAIM_SNP_TCB_REPORTED_SNP);
}

static inline void
attack_gpus(void)
{
	static const char *const states[] = {"off", "devtools"};
	size_t g = dice(2);

	if (dice(3) == 0) {
		claims.gpus_n = 0;
		return;
	}
	CHECK_INT(vs_claims_gpu_str(&claims, g, VS_GPU_CC_STATE,
		      vs_span_cstr(pick(states, 2))),
	    VS_OK);
}

static inline vs_verdict
judge(struct vs_policy_set *set, bool with_lists)
{
	struct vs_policy_result r;

	vs_arena_reset(&arena);
	vs_policy_decide(
	    set, with_lists ? lists : NULL, &claims, NOW, &arena, &r);
	return r.verdict;
}

static inline void
make_lists(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head head = {
	    .name = VS_SPAN_LIT("images"), .as_of_ms = NOW};
	struct vs_registry_record rec = {.slsa_level = 3};

	CHECK_OK(vs_lists_add_registry(b, &head, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT(HEX96_A), &rec, &err), err);
	head.name = VS_SPAN_LIT("bad-images");
	CHECK_OK(vs_lists_add_list(b, &head, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT(HEX96_B), 0, &err), err);
	head.name = VS_SPAN_LIT("pcrs");
	CHECK_OK(vs_lists_add_list(b, &head, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT(HEX64_A), 0, &err), err);
	CHECK_OK(vs_lists_build(&b, "", &lists, &err), err);
}

#endif
