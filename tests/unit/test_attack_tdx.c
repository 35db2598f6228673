/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated TDs against the verifier: honest ones pass, each attack by the
 * host, the guest or an old collateral service has its own class. */
#include "tdx_forge.h"

static struct vs_sim_tdx *pki;

struct attempt {
	struct vs_sim_td td;
	struct vs_sim_tdx_collateral says;
	const struct vs_sim_tdx *by; /* whose quote; NULL: of the PKI */
	int64_t now;                 /* 0: TF_NOW */
};

static vs_status
appraise(const struct attempt *a, struct vs_claims *claims, struct vs_err *err)
{
	struct vs_sim_tdx_collateral says = a->says;
	struct vs_sim_td td = a->td;
	struct vs_collateral *c;
	struct vs_evidence_cache *cache = vs_evidence_cache_new(8);
	struct vs_buf quote = {0};
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_TDX};
	struct vs_evidence_expect expect = {.report_data = VS_SPAN_OF(tf_data)};
	struct vs_evidence_options opt = {
	    .cache = cache, .now = a->now == 0 ? TF_NOW : a->now};
	vs_status st, again;

	if (says.issued == 0)
		says.issued = TF_NOW - TF_DAY;
	c = tf_collateral(pki, &says);
	if (vs_span_zero(VS_SPAN_OF(td.report_data)))
		memcpy(td.report_data, tf_data, sizeof(tf_data));
	CHECK_OK(
	    vs_sim_tdx_quote(a->by == NULL ? pki : a->by, &td, &quote, err),
	    *err);
	in.report = vs_buf_span(&quote);
	opt.collateral = c;
	st = vs_evidence_appraise(&in, &expect, &opt, claims, err);
	/* What the cache holds changes no answer. */
	again = vs_evidence_appraise(&in, &expect, &opt, claims, err);
	CHECK_INT(again, st);
	vs_buf_fini(&quote);
	vs_collateral_free(&c);
	vs_evidence_cache_free(&cache);
	return st;
}

static void
passes_at(struct attempt a, const char *status, int line)
{
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err = {0};
	bool ok;

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	ok = CHECK_OK(appraise(&a, &claims, &err), err);
	ok = ok && CHECK(claims.v[VS_CLAIM_TCB_STATUS].present) &&
	    CHECK(vs_span_is(claims.v[VS_CLAIM_TCB_STATUS].u.s, status));
	ok = ok && CHECK(claims.v[VS_CLAIM_TEE_SIMULATED].u.b) &&
	    CHECK(claims.v[VS_CLAIM_TEE_BOUND].u.b) &&
	    CHECK_INT(claims.v[VS_CLAIM_TEE_DEBUG].u.b, a.td.debug);
	if (!ok)
		fprintf(stderr, "line %d\n", line);
	vs_arena_fini(&arena);
}
#define PASSES(status, ...)                                                    \
	passes_at((struct attempt){__VA_ARGS__}, (status), __LINE__)

static void
refused_at(struct attempt a, const char *code, int line)
{
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err = {0};
	vs_status st;

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	st = appraise(&a, &claims, &err);
	/* Never "stale": a guest would take a fresh nonce and try again. */
	if (!CHECK_INT(vs_status_class(st), VS_CLASS_UNVERIFIED) ||
	    !CHECK_STR(err.code, code))
		fprintf(stderr, "line %d: %s\n", line, err.msg);
	CHECK(!claims.v[VS_CLAIM_TEE_KIND].present);
	vs_arena_fini(&arena);
}
#define REFUSED(code, ...)                                                     \
	refused_at((struct attempt){__VA_ARGS__}, (code), __LINE__)

static void
test_honest_guests_pass(void)
{
	PASSES("UpToDate", .now = TF_NOW);
	PASSES("UpToDate", .td = {.version = 5});
	PASSES("UpToDate", .td = {.version = 5, .body = 2});
	PASSES("UpToDate", .td = {.no_sept_ve = true});
}

/* What a policy has to refuse: signed, and not good. */
static void
test_what_policy_judges_is_told(void)
{
	PASSES("UpToDate", .td = {.debug = true});
	PASSES("OutOfDate", .td = {.old_tcb = true});
	PASSES("OutOfDate", .td = {.old_module = true});
	PASSES("OutOfDate", .says = {.raised = true, .number = 19});
	PASSES("UpToDate", .says = {.number = 17});
}

static void
test_report_data_of_others(void)
{
	REFUSED("bind.report_data", .td = {.report_data = "another nonce"});
}

static void
test_foreign_root(void)
{
	struct vs_sim_tdx *other = tf_pki();

	REFUSED("root_untrusted", .by = other);
	vs_sim_tdx_free(&other);
}

static void
test_swapped_quoting_enclave(void)
{
	REFUSED("qe_identity_mismatch", .td = {.foreign_qe = true});
	REFUSED("qe_identity_mismatch", .says = {.other_qe = true});
	REFUSED("qe_identity_mismatch", .says = {.sgx_qe = true});
}

static void
test_revocation(void)
{
	REFUSED("cert_revoked", .says = {.revoke_pck = true});
	REFUSED("cert_revoked", .says = {.revoke_ca = true});
	REFUSED("cert_revoked", .says = {.revoke_signing = true});
	REFUSED("tcb_revoked", .says = {.platform_out = true});
}

static void
test_collateral_of_another_day(void)
{
	/* The PCK CRL has the same life as TCB info: whichever is first. */
	struct attempt old = {.now = TF_NOW + 40 * TF_DAY};
	struct attempt early = {.says = {.issued = TF_NOW + TF_DAY}};
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err = {0};

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	CHECK_INT(vs_status_class(appraise(&old, &claims, &err)),
	    VS_CLASS_UNVERIFIED);
	CHECK(err.code != NULL && strstr(err.code, "_expired") != NULL);
	CHECK_INT(vs_status_class(appraise(&early, &claims, &err)),
	    VS_CLASS_UNVERIFIED);
	vs_arena_fini(&arena);
}

static vs_status
with_log(bool booted, bool tampered, size_t cut, struct vs_claims *claims,
    struct vs_err *err)
{
	struct vs_sim_tdx_collateral says = {.issued = TF_NOW - TF_DAY};
	struct vs_sim_td td = {.event_log = booted};
	struct vs_collateral *c = tf_collateral(pki, &says);
	struct vs_buf quote = {0}, log = {0};
	struct vs_evidence_expect expect = {.report_data = VS_SPAN_OF(tf_data)};
	struct vs_evidence_options opt = {.collateral = c, .now = TF_NOW};
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_TDX};
	uint8_t rtmr[4][48];
	vs_status st;

	memcpy(td.report_data, tf_data, sizeof(tf_data));
	CHECK_OK(vs_sim_tdx_quote(pki, &td, &quote, err), *err);
	CHECK_OK(vs_sim_tdx_event_log(tampered, &log, rtmr, err), *err);
	in.report = vs_buf_span(&quote);
	in.event_log = vs_span_slice(vs_buf_span(&log), 0, cut);
	st = vs_evidence_appraise(&in, &expect, &opt, claims, err);
	vs_buf_fini(&quote);
	vs_buf_fini(&log);
	vs_collateral_free(&c);
	return st;
}

/* Events become claims only of a log that leads to the quote. */
static void
test_event_log(void)
{
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err = {0};
	const struct vs_claim_value *v;

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	CHECK_OK(with_log(true, false, SIZE_MAX, &claims, &err), err);
	v = &claims.v[VS_CLAIM_EVENT_LOG_SECURE_BOOT];
	CHECK(v->present && v->u.b);
	v = &claims.v[VS_CLAIM_EVENT_LOG_APPS];
	CHECK(v->present && v->u.list.n == 0);
	CHECK_INT(with_log(true, true, SIZE_MAX, &claims, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "eventlog_mismatch");
	CHECK(!claims.v[VS_CLAIM_TDX_MRTD].present);
	CHECK_INT(
	    with_log(false, false, SIZE_MAX, &claims, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "eventlog_mismatch");
	CHECK_INT(vs_status_class(with_log(true, false, 70, &claims, &err)),
	    VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "eventlog_malformed");
	vs_arena_fini(&arena);
}

/* No bit of what is signed can change; and what is not signed decides
 * nothing but the form. */
static void
test_every_signed_byte_counts(void)
{
	struct vs_sim_tdx_collateral says = {.issued = TF_NOW - TF_DAY};
	struct vs_sim_td td = {.version = 5};
	struct vs_collateral *c = tf_collateral(pki, &says);
	struct vs_buf quote = {0};
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err = {0};
	struct vs_evidence_expect expect = {.report_data = VS_SPAN_OF(tf_data)};
	struct vs_evidence_options opt = {.collateral = c, .now = TF_NOW};
	size_t passed = 0;

	memcpy(td.report_data, tf_data, sizeof(tf_data));
	CHECK_OK(vs_sim_tdx_quote(pki, &td, &quote, &err), err);
	vs_arena_init(&arena, 1 << 20);
	/* Header, body, signatures, keys, QE report: up to its own data. */
	for (size_t i = 0; i < 54 + 648 + 4 + 134 + 384 + 64; i++) {
		struct vs_evidence_input in = {
		    .kind = VS_EVIDENCE_TDX, .report = vs_buf_span(&quote)};

		vs_arena_reset(&arena);
		vs_claims_init(&claims, &arena);
		quote.p[i] ^= (uint8_t)(1U << i % 8);
		passed += vs_evidence_appraise(
			      &in, &expect, &opt, &claims, &err) == VS_OK;
		quote.p[i] ^= (uint8_t)(1U << i % 8);
	}
	CHECK_INT(passed, 0);
	vs_arena_fini(&arena);
	vs_buf_fini(&quote);
	vs_collateral_free(&c);
}

int
main(void)
{
	pki = tf_pki();
	RUN(test_honest_guests_pass);
	RUN(test_what_policy_judges_is_told);
	RUN(test_report_data_of_others);
	RUN(test_foreign_root);
	RUN(test_swapped_quoting_enclave);
	RUN(test_revocation);
	RUN(test_collateral_of_another_day);
	RUN(test_event_log);
	RUN(test_every_signed_byte_counts);
	vs_sim_tdx_free(&pki);
	return check_result();
}
