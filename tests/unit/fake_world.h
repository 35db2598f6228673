/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence, collateral and policies, faked, beside the faked keeper: tests
 * of the broker decide what each says and see in which order it is asked.
 * The store is the real one.
 */
#ifndef VS_TESTS_FAKE_WORLD_H
#define VS_TESTS_FAKE_WORLD_H

#include <unistd.h>

#include "broker/broker_int.h"
#include "broker/chain.h"
#include "check.h"
#include "fake_keeper.h"

static struct {
	vs_status evidence; /* how appraisals end */
	const char *evidence_code;
	unsigned appraisals;
	uint8_t report_data[64]; /* that the last one was to find */
	vs_status devices;       /* how those of devices end */
	unsigned device_appraisals;
	uint8_t device_nonce[32];
	unsigned decisions;
	const char *denied_key; /* NULL: none is denied; "*": all are */
	bool disclose;
	bool explain_by_name;
	bool shadow_deny; /* the policy is in shadow mode */
	bool waives;      /* it waives a check */
	size_t policies;
	int64_t crl_until;
	unsigned frees;
} world;

/* ---- evidence ---- */

struct vs_evidence_cache *
vs_evidence_cache_new(size_t entries)
{
	return malloc(entries);
}

void
vs_evidence_cache_free(struct vs_evidence_cache **c)
{
	free(*c);
	*c = NULL;
}

const char *
vs_evidence_kind_name(vs_evidence_kind k)
{
	return k == VS_EVIDENCE_SNP ? "snp" : "unknown";
}

vs_status
vs_evidence_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err)
{
	(void)in;
	(void)opt;
	world.appraisals++;
	CHECK_INT(expect->report_data.n, 64);
	memcpy(world.report_data, expect->report_data.p, 64);
	if (world.evidence != VS_OK) {
		err->code = NULL;
		(void)vs_fail(err, world.evidence, "fake evidence");
		err->code = world.evidence_code;
		return world.evidence;
	}
	vs_claims_bool(out, VS_CLAIM_TEE_DEBUG, false);
	return vs_claims_str(out, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp"));
}

vs_cc_state
vs_cc_state_parse(struct vs_span text)
{
	return vs_span_is(text, "on") ? VS_CC_ON : VS_CC_UNSAID;
}

const char *
vs_cc_state_name(vs_cc_state s)
{
	static const char *const names[] = {"", "on", "devtools", "off"};

	return names[s];
}

vs_status
vs_devices_appraise(const struct vs_devices_input *in,
    const struct vs_devices_options *opt, struct vs_claims *claims,
    struct vs_err *err)
{
	world.device_appraisals++;
	CHECK_INT(opt->nonce.n, 32);
	CHECK(opt->crew != NULL);
	memcpy(world.device_nonce, opt->nonce.p, 32);
	if (world.devices != VS_OK)
		return vs_fail_code(
		    err, world.devices, "GPU_SIG", "gpu 1 (41ab): signature");
	for (size_t i = 0; i < in->gpus_n; i++) {
		size_t gpu = 0;

		CHECK_INT(vs_claims_gpu_add(claims, &gpu), VS_OK);
		vs_claims_gpu_bool(claims, gpu, VS_GPU_BOUND, true);
	}
	return VS_OK;
}

/* ---- collateral ---- */

struct vs_collateral {
	struct vs_collateral_item crl;
};

void
vs_collateral_free(struct vs_collateral **c)
{
	world.frees++;
	free(*c);
	*c = NULL;
}

size_t
vs_collateral_count(const struct vs_collateral *c)
{
	(void)c;
	return 1;
}

const struct vs_collateral_item *
vs_collateral_item(const struct vs_collateral *c, size_t i)
{
	(void)i;
	return &c->crl;
}

void
vs_collateral_digest(const struct vs_collateral *c, uint8_t out[32])
{
	(void)c;
	memset(out, 0xcc, 32);
}

/* ---- policies ---- */

struct vs_policy_set {
	int unused;
};

void
vs_policy_set_free(struct vs_policy_set **s)
{
	world.frees++;
	free(*s);
	*s = NULL;
}

size_t
vs_policy_set_count(const struct vs_policy_set *s)
{
	(void)s;
	return world.policies;
}

/* They are told apart by their place alone. */
const struct vs_policy *
vs_policy_set_at(const struct vs_policy_set *s, size_t i)
{
	return (const void *)((const char *)s + i);
}

const char *
vs_policy_name(const struct vs_policy *p)
{
	(void)p;
	return "p";
}

const char *
vs_rule_outcome_name(vs_rule_outcome o)
{
	return o == VS_RULE_PASSED ? "passed" : "failed";
}

static const struct vs_policy_waiver fake_waiver = {.policy = "p",
    .check = "tcb",
    .reason = "the \"lab\"",
    .until = "2026-07-01T00:00:00Z"};
static const struct vs_policy_waiver *const fake_waivers[] = {&fake_waiver};

void
vs_policy_decide(const struct vs_policy_set *set, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now, struct vs_arena *arena,
    struct vs_policy_result *out)
{
	struct vs_rule_result *r = vs_arena_calloc(arena, 3, sizeof *r);
	struct vs_span name = vs_claims_get(claims, VS_CLAIM_KEY_NAME)->u.s;
	bool deny = world.denied_key != NULL &&
	    (strcmp(world.denied_key, "*") == 0 ||
		vs_span_is(name, world.denied_key));

	struct vs_policy_opinion *o;

	(void)lists;
	(void)now;
	world.decisions++;
	if (r == NULL) {
		*out = (struct vs_policy_result){.reason = "fatal"};
		return;
	}
	CHECK(vs_claims_get(claims, VS_CLAIM_KEY_NAMESPACE)->present);
	CHECK(vs_claims_get(claims, VS_CLAIM_KEY_VERSION)->present);
	r[0] = (struct vs_rule_result){.policy = "p",
	    .id = "first",
	    .outcome = VS_RULE_PASSED,
	    .message = "never told",
	    .line = 3};
	r[1] = (struct vs_rule_result){.policy = "p",
	    .id = "second",
	    .outcome = deny ? VS_RULE_FAILED : VS_RULE_PASSED,
	    .message = "why \"it\" failed",
	    .explain = world.explain_by_name ? name : (struct vs_span){0},
	    .line = 4};
	r[2] = (struct vs_rule_result){.policy = "p",
	    .id = "warned",
	    .outcome = VS_RULE_FAILED,
	    .warn = true,
	    .line = 5};
	o = vs_arena_calloc(arena, 1, sizeof *o);
	if (o == NULL) {
		*out = (struct vs_policy_result){.reason = "fatal"};
		return;
	}
	o->policy = vs_policy_set_at(set, 0);
	o->allow = world.shadow_deny ? false : !deny;
	o->shadow = world.shadow_deny;
	*out = (struct vs_policy_result){.waived_n = world.waives ? 1 : 0,
	    .waived = fake_waivers,
	    .opinions = o,
	    .opinions_n = 1,
	    .verdict = deny ? VS_VERDICT_DENY : VS_VERDICT_ALLOW,
	    .reason = deny ? "rules" : "allowed",
	    .disclose_rule_ids = world.disclose,
	    .rules_n = 3,
	    .rules = r};
}

/* ---- a broker among them ---- */

struct bench {
	char dir[64];
	char path[96];
	int64_t now_ms;
	struct vs_chain chain;
	struct vs_store *store;
	struct vs_broker *b;
	struct vs_arena arena; /* of the worker */
	struct vs_arena reads;
	struct vs_err err;
};

static inline void
bench_install(struct bench *t)
{
	struct vs_snapshot_parts parts = {0};

	parts.policies = vs_calloc(1, sizeof *parts.policies);
	parts.collateral = vs_calloc(1, sizeof *parts.collateral);
	parts.collateral->crl = (struct vs_collateral_item){.kind = "crl",
	    .name = "fake",
	    .product = "Milan",
	    .not_after = world.crl_until};
	memset(parts.policies_digest, 0xaa, 32);
	CHECK_OK(vs_broker_install(t->b, &parts, &t->err), t->err);
	CHECK(parts.policies == NULL && parts.collateral == NULL);
}

static inline void
bench_init(struct bench *t)
{
	struct vs_store_options so = {.readers = 2,
	    .chain = vs_chain_macs,
	    .digest = vs_chain_digest,
	    .ctx = &t->chain};
	struct vs_broker_options bo = {.clock = vs_clock_fixed(&t->now_ms),
	    .nonce_ttl_s = 300,
	    .workers = 1};

	memset(&fake, 0, sizeof fake);
	memset(&world, 0, sizeof world);
	world.policies = 1;
	world.crl_until = INT64_MAX;
	*t = (struct bench){.now_ms = 1767225600000};
	(void)snprintf(t->dir, sizeof t->dir, "/tmp/vs-broker-XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		exit(1);
	(void)snprintf(t->path, sizeof t->path, "%s/store.db", t->dir);
	so.path = t->path;
	if (!CHECK_OK(vs_store_open(&so, &t->store, &t->err), t->err))
		exit(1);
	bo.store = t->store;
	CHECK_OK(vs_broker_new(&bo, &t->b, &t->err), t->err);
	vs_arena_init(&t->arena, 16 * 1024 * 1024);
	vs_arena_init(&t->reads, 16 * 1024 * 1024);
	bench_install(t);
}

static inline void
bench_fini(struct bench *t)
{
	vs_broker_free(&t->b);
	vs_store_close(&t->store);
	vs_arena_fini(&t->arena);
	vs_arena_fini(&t->reads);
	(void)unlink(t->path);
	(void)rmdir(t->dir);
}

static inline vs_status
create_key(struct bench *t, const char *name)
{
	struct vs_span n = vs_span_cstr(name);

	vs_err_clear(&t->err);
	return vs_broker_key_create(t->b, VS_SPAN_LIT("uid:0"), &n, 1, 32,
	    VS_SPAN_LIT("text/plain"), false, &t->err);
}

static inline vs_status
set_state(struct bench *t, const char *name, uint32_t v, vs_key_state st)
{
	vs_err_clear(&t->err);
	return vs_broker_key_state(t->b, VS_SPAN_LIT("uid:0"),
	    vs_span_cstr(name), v, st, false, &t->err);
}

#endif
