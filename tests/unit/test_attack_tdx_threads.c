/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads over one snapshot of many platforms and one cache that is
 * too small for them: every answer is the one that a single thread gets. For
 * ThreadSanitizer above all. */
#include <pthread.h>

#include "tdx_forge.h"

enum { THREADS = 4, ROUNDS = 120, PLATFORMS = 11, CACHE = 8 };

static struct vs_collateral *col;
static struct vs_evidence_cache *cache;
static struct vs_buf quotes[PLATFORMS];

/* Returns whether the answer was wrong. */
static size_t
one_round(size_t i)
{
	struct vs_evidence_expect expect = {.report_data = VS_SPAN_OF(tf_data)};
	struct vs_evidence_options opt = {
	    .collateral = col, .cache = cache, .now = TF_NOW};
	const struct vs_buf *q = &quotes[i % PLATFORMS];
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_TDX};
	uint8_t *copy;
	bool damaged = i % 3 == 0;
	struct vs_err err = {0};
	struct vs_claims claims;
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	copy = vs_arena_alloc(&a, q->n);
	if (copy == NULL)
		return 1;
	memcpy(copy, q->p, q->n);
	/* In turn the body, the attestation key, the QE report. */
	copy[48 + 140 + (i / 3 % 3) * 600] ^= damaged;
	in.report = VS_SPAN(copy, q->n);
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
		*n += one_round(i + *n);
	return NULL;
}

static void
test_threads(void)
{
	size_t wrong[THREADS] = {0};
	pthread_t t[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&t[i], NULL, worker, &wrong[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		CHECK_INT(pthread_join(t[i], NULL), 0);
		CHECK_INT(wrong[i], 0);
	}
}

int
main(void)
{
	struct vs_sim_tdx_collateral says = {.issued = TF_NOW - TF_DAY};
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_err err = {0};
	char name[16];

	for (size_t i = 0; i < PLATFORMS; i++) {
		struct vs_sim_tdx *t = tf_pki();

		(void)snprintf(name, sizeof(name), "lab-%zu", i);
		tf_add(b, name, t, &says);
		tf_quote(t, (struct vs_sim_td){0}, &quotes[i]);
		vs_sim_tdx_free(&t);
	}
	CHECK_OK(vs_collateral_build(b, &col, &err), err);
	vs_collateral_builder_free(&b);
	cache = vs_evidence_cache_new(CACHE);
	RUN(test_threads);
	for (size_t i = 0; i < PLATFORMS; i++)
		vs_buf_fini(&quotes[i]);
	vs_evidence_cache_free(&cache);
	vs_collateral_free(&col);
	return check_result();
}
