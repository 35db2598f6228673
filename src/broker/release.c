/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of one release. The order is a security property: nothing costly
 * before the nonce check, nothing handed out before the record is on disk.
 */
#include <stdlib.h>
#include <string.h>

#include "broker/attempt.h"

static int
compare_names(const void *a, const void *b)
{
	const struct vs_span *x = a;
	const struct vs_span *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->p, y->p, n);

	if (order != 0)
		return order;
	return x->n < y->n ? -1 : x->n > y->n;
}

static vs_status
check_distinct(const struct vs_attempt *at, struct vs_err *err)
{
	size_t n = at->req->keys_n;
	struct vs_span *names;

	if (n < 2)
		return VS_OK;
	names = vs_arena_calloc(at->arena, n, sizeof *names);
	if (names == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keys");
	for (size_t i = 0; i < n; i++)
		names[i] = at->req->keys[i].name;
	qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 1; i < n; i++)
		if (vs_span_equal(names[i - 1], names[i]))
			return vs_fail_code(err, VS_MALFORMED, "key.duplicate",
			    "keys: a name stands twice");
	return VS_OK;
}

static vs_status
check_keys(const struct vs_attempt *at, struct vs_err *err)
{
	size_t n = at->req->keys_n;

	if (n == 0 || n > VS_RELEASE_KEYS_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.count",
		    "keys: must be 1 to %d", VS_RELEASE_KEYS_MAX);
	for (size_t i = 0; i < n; i++)
		VS_TRY(
		    err, "keys", vs_key_name_check(at->req->keys[i].name, err));
	return check_distinct(at, err);
}

static vs_status
check_recipient(struct vs_attempt *at, struct vs_err *err)
{
	vs_status st =
	    vs_binding_thumbprint(&at->req->recipient, at->thumbprint);

	if (st == VS_MALFORMED)
		return vs_fail_code(err, VS_MALFORMED, "recipient.key",
		    "recipient: unknown curve or coordinate of a wrong size");
	VS_TRY(err, "recipient", st);
	at->has_thumbprint = true;
	return VS_OK;
}

static vs_status
appraise_cpu(struct vs_attempt *at, struct vs_err *err)
{
	uint8_t report_data[64];
	struct vs_evidence_expect expect = {
	    .report_data = VS_SPAN_OF(report_data)};
	struct vs_evidence_options opt = {.collateral = at->snap->collateral,
	    .cache = at->snap->cache,
	    .now = at->now_ms / 1000,
	    .crl = at->b->opt.crl,
	    .allow_masked_chip_id = at->b->opt.allow_masked_chip_id};

	VS_TRY(
	    err, "binding", vs_binding_devices(&at->req->devices, at->devices));
	VS_TRY(err, "binding",
	    vs_binding_report_data(at->req->nonce, &at->req->recipient,
		VS_SPAN_OF(at->devices), report_data));
	return vs_evidence_appraise(
	    &at->req->cpu, &expect, &opt, &at->claims, err);
}

static vs_status
appraise_devices(struct vs_attempt *at, struct vs_err *err)
{
	uint8_t nonce[VS_DEVICE_NONCE_SIZE];
	struct vs_devices_options opt = {.collateral = at->snap->collateral,
	    .cache = at->snap->cache,
	    .crew = at->b->crew,
	    .nonce = VS_SPAN_OF(nonce),
	    .now = at->now_ms / 1000,
	    .allow_expired_rim = at->b->opt.allow_expired_rim};

	VS_TRY(err, "binding",
	    vs_binding_gpu_nonce(at->req->nonce, &at->req->recipient, nonce));
	return vs_devices_appraise(&at->req->devices, &opt, &at->claims, err);
}

static bool
has_devices(const struct vs_release_request *req)
{
	return req->devices.gpus_n + req->devices.switches_n > 0;
}

/* The CPU first: it costs one signature to learn that devices were swapped,
 * and without a CPU they prove nothing to us. */
static vs_status
appraise(struct vs_attempt *at, struct vs_err *err)
{
	int64_t begin = vs_mono_ns();
	vs_status st = appraise_cpu(at, err);

	if (st == VS_OK && has_devices(at->req)) {
		st = appraise_devices(at, err);
		if (st != VS_OK) /* nothing half-proven */
			vs_claims_init(&at->claims, at->arena);
	}
	at->evidence_ns = vs_mono_ns() - begin;
	at->verified = st == VS_OK;
	return st;
}

static vs_status
decide(struct vs_attempt *at, struct vs_err *err)
{
	struct vs_case c = {.store = at->b->opt.store,
	    .policies = at->snap->policies,
	    .lists = at->lists,
	    .counters = at->snap->counters,
	    .claims = &at->claims,
	    .keys = at->req->keys,
	    .keys_n = at->req->keys_n,
	    .to = at->req->recipient,
	    .nonce = at->req->nonce,
	    .release_id = vs_span_cstr(at->id_text),
	    .peer = at->req->peer,
	    .now_ms = at->now_ms};
	int64_t begin = vs_mono_ns();
	vs_status st = vs_decide(&c, at->arena, &at->decision, err);

	at->decide_ns = vs_mono_ns() - begin;
	return st;
}

static vs_status
unwrap(struct vs_attempt *at, struct vs_err *err)
{
	int64_t begin = vs_mono_ns();
	vs_status st = vs_unwrap(
	    at->b->opt.keeper, at->worker, at->decision.grant, &at->jwe, err);

	at->unwrap_ns = vs_mono_ns() - begin;
	if (st != VS_OK)
		return st;
	VS_TRY(err, "answer", vs_buf_status(&at->jwe));
	return VS_OK;
}

/* From the proven nonce to the sealed keys, in memory only. */
static vs_status
attempt(struct vs_attempt *at, struct vs_err *err)
{
	vs_status st;

	VS_TRY(err, "request", check_keys(at, err));
	VS_TRY(err, "request", check_recipient(at, err));
	if (at->snap == NULL)
		return vs_fail_code(err, VS_UNAVAILABLE, "snapshot.none",
		    "policies and collateral are not loaded");
	VS_TRY(err, "evidence", appraise(at, err));
	st = decide(at, err);
	if (st != VS_OK)
		return st;
	return unwrap(at, err);
}

static void
answer(struct vs_attempt *at, vs_status st, struct vs_release_reply *reply)
{
	if (st == VS_OK) {
		reply->jwe = at->jwe;
		at->jwe = (struct vs_buf){0};
	}
	if (st == VS_DENIED) {
		reply->failed_rules = at->decision.failed;
		reply->failed_rules_n = at->decision.failed_n;
	}
}

/* Only what is recorded is answered. */
static vs_status
conclude(struct vs_attempt *at, vs_status st, struct vs_release_reply *reply,
    struct vs_err *err)
{
	struct vs_err recording = {0};
	vs_status recorded = vs_attempt_record(at, st, err, &recording);

	if (recorded != VS_OK) {
		*err = recording;
		return recorded;
	}
	answer(at, st, reply);
	return st;
}

vs_status
vs_broker_release(struct vs_broker *b, unsigned worker, struct vs_arena *arena,
    const struct vs_release_request *req, struct vs_release_reply *reply,
    struct vs_err *err)
{
	struct vs_attempt at = {.b = b,
	    .worker = worker,
	    .arena = arena,
	    .req = req,
	    .now_ms = vs_clock_ms(&b->opt.clock)};
	vs_status st;

	VS_ASSERT(worker < b->opt.workers);
	*reply = (struct vs_release_reply){0};
	VS_TRY(err, "release id", vs_uuid7(at.now_ms, reply->id));
	at.id = reply->id;
	vs_uuid_format(at.id, at.id_text);
	st = vs_nonce_check(b, req->nonce, at.now_ms, &at.forget_ms, err);
	if (st != VS_OK)
		return st;
	/* From here on there will be a record. */
	vs_store_announce(b->opt.store);
	at.snap = vs_broker_snapshot(b);
	at.lists = vs_broker_lists(b);
	vs_claims_init(&at.claims, arena);
	st = attempt(&at, err);
	vs_store_arrive(b->opt.store);
	st = conclude(&at, st, reply, err);
	vs_buf_fini(&at.jwe);
	vs_decision_fini(&at.decision);
	vs_lists_free(&at.lists);
	vs_snapshot_free(&at.snap);
	return st;
}
