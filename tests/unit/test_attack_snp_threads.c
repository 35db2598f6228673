/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads over one snapshot and one small cache: every answer is
 * the one that a single thread gets. For ThreadSanitizer above all. */
#include <pthread.h>

#include "snp_forge.h"

enum { THREADS = 4, ROUNDS = 60, LEAVES = 12 };

static struct vs_collateral *col;
static struct vs_evidence_cache *cache;
static struct vs_buf leaves[LEAVES];
static uint8_t report[VS_SIM_REPORT_SIZE];

/* Returns how many answers were wrong. */
static size_t
one_round(size_t i)
{
	const struct vs_span certs[] = {
	    vs_buf_span(&leaves[i % LEAVES]), vs_sim_ask(f_pki(VS_SIM_MILAN))};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {
	    .collateral = col, .cache = cache, .now = F_NOW};
	uint8_t copy[VS_SIM_REPORT_SIZE];
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_SNP,
	    .report = VS_SPAN_OF(copy),
	    .certs = certs,
	    .certs_n = 2};
	bool damaged = i % 3 == 0;
	struct vs_err err = {0};
	struct vs_claims claims;
	struct vs_arena a;
	vs_status st;

	memcpy(copy, report, sizeof(copy));
	copy[0x90] ^= damaged;
	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
	vs_arena_fini(&a);
	return (st == VS_OK) == damaged;
}

static void *
worker(void *wrong)
{
	size_t *n = wrong;

	for (size_t i = 0; i < ROUNDS; i++)
		*n += one_round(i);
	return NULL;
}

static void
test_threads(void)
{
	size_t wrong[THREADS] = {0};
	pthread_t t[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&t[i], NULL, worker, &wrong[i]) == 0);
	for (size_t i = 0; i < THREADS; i++) {
		CHECK(pthread_join(t[i], NULL) == 0);
		CHECK_INT(wrong[i], 0);
	}
}

int
main(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_sim_guest g = {0};
	struct vs_err err = {0};
	struct f_leaf l;

	col = f_collateral(p, &f_good, 1);
	cache = vs_evidence_cache_new(8);
	CHECK_OK(vs_sim_report(p, &g, report, &err), err);
	f_leaf_default(p, false, &l);
	for (size_t i = 0; i < LEAVES; i++)
		f_issue(p, false, &l, &leaves[i]);
	RUN(test_threads);
	for (size_t i = 0; i < LEAVES; i++)
		vs_buf_fini(&leaves[i]);
	vs_evidence_cache_free(&cache);
	vs_collateral_free(&col);
	return check_result();
}
