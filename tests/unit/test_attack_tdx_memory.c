/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th allocation of an appraisal fails, for every k: never an answer
 * that is kinder, nothing left in the cache that should not be, and the next
 * appraisal works. */
#include <stdatomic.h>

#include "tdx_forge.h"

/* The sanitizers bring an allocator of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

#ifdef OWN_ALLOCATOR
int
main(void)
{
	printf("skip: not with sanitizers\n");
	return 77;
}
#else

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

/* Seen by the shared libraries too. */
#define EXPORTED __attribute__((visibility("default")))

static long until = -1; /* allocations before the failing ones */
static bool for_good;   /* all that follow fail as well */
static bool met;        /* the failing one was reached */

static bool
fails(void)
{
	if (until < 0)
		return false;
	if (until == 0) {
		met = true;
		if (!for_good)
			until = -1;
		return true;
	}
	until--;
	return false;
}

EXPORTED void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

EXPORTED void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

EXPORTED void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

/* Most of the thousands of allocations are alike: OpenSSL's, for numbers. */
enum { K_MAX = 20000, DENSE = 150, STRIDE = 17 };

static struct vs_sim_tdx *pki;

struct subject {
	struct vs_collateral *collateral;
	struct vs_evidence_cache *cache;
	struct vs_buf quote, log;
	bool good;
};

static vs_status
appraise(const struct subject *s, long k, struct vs_err *err)
{
	struct vs_evidence_expect expect = {.report_data = VS_SPAN_OF(tf_data)};
	struct vs_evidence_options opt = {
	    .collateral = s->collateral, .cache = s->cache, .now = TF_NOW};
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_TDX,
	    .report = vs_buf_span(&s->quote),
	    .event_log = vs_buf_span(&s->log)};
	struct vs_claims claims;
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	met = false;
	until = k;
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, err);
	until = -1;
	if (st == VS_OK) {
		CHECK(claims.v[VS_CLAIM_TDX_MRTD].present);
		CHECK(claims.v[VS_CLAIM_TCB_STATUS].present);
		CHECK_INT(
		    claims.v[VS_CLAIM_EVENT_LOG_EVENTS].present, s->log.n != 0);
	} else {
		CHECK(!claims.v[VS_CLAIM_TEE_KIND].present);
	}
	vs_arena_fini(&a);
	return st;
}

/* Until an appraisal goes through without meeting the failing allocation. */
static void
exhaust(struct subject *s)
{
	struct vs_err err = {0};
	long k;

	for (k = 0; k < K_MAX; k += k < DENSE ? 1 : STRIDE) {
		vs_status st;
		bool last;

		s->cache = vs_evidence_cache_new(8);
		CHECK(s->cache != NULL);
		st = appraise(s, k, &err);
		last = !met;
		CHECK_INT(st == VS_OK && !s->good, 0);
		/* With what the failed one left behind. */
		vs_err_clear(&err);
		CHECK_INT(appraise(s, -1, &err) == VS_OK, s->good);
		CHECK_INT(appraise(s, k, &err) == VS_OK && !s->good, 0);
		vs_evidence_cache_free(&s->cache);
		if (last)
			break;
	}
	CHECK(k > 20 && k < K_MAX);
}

static void
run_all(const struct vs_sim_tdx_collateral *says, struct vs_sim_td td,
    bool tampered, bool good)
{
	struct subject s = {
	    .collateral = tf_collateral(pki, says), .good = good};
	uint8_t rtmr[4][48];
	struct vs_err err = {0};

	tf_quote(pki, td, &s.quote);
	if (td.event_log)
		CHECK_OK(
		    vs_sim_tdx_event_log(tampered, &s.log, rtmr, &err), err);
	for_good = false;
	exhaust(&s);
	for_good = true;
	exhaust(&s);
	vs_buf_fini(&s.quote);
	vs_buf_fini(&s.log);
	vs_collateral_free(&s.collateral);
}

static const struct vs_sim_tdx_collateral healthy = {.issued = TF_NOW - TF_DAY};

static void
test_a_good_quote(void)
{
	run_all(&healthy, (struct vs_sim_td){.version = 5}, false, true);
}

static void
test_a_good_quote_with_its_log(void)
{
	run_all(&healthy, (struct vs_sim_td){.event_log = true}, false, true);
}

static void
test_bad_ones_stay_bad(void)
{
	struct vs_sim_tdx_collateral revoked = {
	    .issued = TF_NOW - TF_DAY, .revoke_pck = true};
	struct vs_sim_tdx_collateral other = {
	    .issued = TF_NOW - TF_DAY, .other_qe = true};

	run_all(&healthy, (struct vs_sim_td){.foreign_qe = true}, false, false);
	run_all(&healthy, (struct vs_sim_td){.event_log = true}, true, false);
	run_all(&revoked, (struct vs_sim_td){0}, false, false);
	run_all(&other, (struct vs_sim_td){0}, false, false);
}

int
main(void)
{
	pki = tf_pki();
	RUN(test_a_good_quote);
	RUN(test_a_good_quote_with_its_log);
	RUN(test_bad_ones_stay_bad);
	vs_sim_tdx_free(&pki);
	return check_result();
}
#endif
