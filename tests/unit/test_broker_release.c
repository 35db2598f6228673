/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a release, step by step, among fakes that can fail. */
#include "broker/decide.h"
#include "codec/json.h"
#include "fake_world.h"

static uint8_t coord[32] = {1, 2, 3};

struct call {
	uint8_t nonce[32];
	struct vs_key_ask keys[4];
	struct vs_release_request req;
	struct vs_release_reply reply;
};

static void
prepare(struct bench *t, struct call *c, const char *name)
{
	unsigned expires = 0;

	*c = (struct call){0};
	CHECK_OK(
	    vs_broker_challenge(t->b, c->nonce, &expires, &t->err), t->err);
	c->keys[0].name = vs_span_cstr(name);
	c->req = (struct vs_release_request){.nonce = VS_SPAN_OF(c->nonce),
	    .recipient = {VS_CURVE_P256, VS_SPAN_OF(coord), VS_SPAN_OF(coord)},
	    .cpu = {.kind = VS_EVIDENCE_SNP},
	    .keys = c->keys,
	    .keys_n = 1,
	    .peer = VS_SPAN_LIT("192.0.2.1")};
}

static vs_status
call(struct bench *t, struct call *c)
{
	vs_err_clear(&t->err);
	vs_arena_reset(&t->arena);
	vs_buf_fini(&c->reply.jwe);
	return vs_broker_release(
	    t->b, 0, &t->arena, &c->req, &c->reply, &t->err);
}

static vs_status
ask(struct bench *t, struct call *c, const char *name)
{
	prepare(t, c, name);
	return call(t, c);
}

/* The record of the call, or a zero row. */
static struct vs_audit_row
record(struct bench *t, const struct call *c)
{
	struct vs_audit_row row = {0};
	struct vs_err err = {0};

	if (vs_store_audit_get(t->store, c->reply.id, &t->reads, &row, &err) !=
	    VS_OK)
		return (struct vs_audit_row){0};
	return row;
}

static size_t
records(struct bench *t)
{
	struct vs_audit_filter f = {
	    .limit = 100000, .action = VS_SPAN_LIT("release")};
	struct vs_audit_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_store_audit_list(t->store, &f, &t->reads, &rows, &n, &t->err),
	    t->err);
	return n;
}

static void
check_record(struct bench *t, const struct call *c, const char *outcome,
    const char *class_name, const char *code)
{
	struct vs_audit_row row = record(t, c);
	struct vs_json *detail = NULL;
	struct vs_err err = {0};

	CHECK(vs_span_is(row.outcome, outcome));
	CHECK(vs_span_is(row.class_name, class_name));
	if (!CHECK(vs_span_is(row.code, code)))
		fprintf(stderr, "  code %.*s\n", VS_SPAN_ARG(row.code));
	CHECK(vs_span_is(row.peer, "192.0.2.1"));
	CHECK_OK(vs_json_parse(row.detail, &detail, &err), err);
	vs_json_free(&detail);
}

static bool
holds(struct vs_span text, const char *what)
{
	return memmem(text.p, text.n, what, strlen(what)) != NULL;
}

static void
test_allowed(void)
{
	struct bench t;
	struct call c;
	struct vs_audit_row row;
	uint8_t want[64];

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(ask(&t, &c, "models/a"), t.err);
	CHECK_STR(vs_buf_cstr(&c.reply.jwe), "models/a@1 ");
	CHECK_INT(fake.reseals, 1);
	CHECK_INT(vs_binding_report_data(
		      c.req.nonce, &c.req.recipient, (struct vs_span){0}, want),
	    VS_OK);
	CHECK(memcmp(want, world.report_data, 64) == 0);
	check_record(&t, &c, "allowed", "ok", "");
	row = record(&t, &c);
	CHECK(vs_span_is(row.keys, "models/a@1"));
	CHECK(holds(row.detail, "\"policies\":\"aaaa"));
	CHECK(holds(row.detail, "\"collateral\":\"cccc"));
	CHECK(holds(row.detail, "\"claims\":{\"tee\":{\"kind\":\"snp\""));
	CHECK(holds(row.detail, "\"id\":\"second\""));
	CHECK(!holds(row.detail, "never told"));
	CHECK_INT(call(&t, &c), VS_SPENT);
	CHECK_INT(c.reply.jwe.n, 0);
	check_record(&t, &c, "denied", "stale", "nonce.spent");
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

static const uint8_t bytes[] = {1, 2, 3, 4};
static const struct vs_device_input gpus[2] = {
    {{bytes, 1}, {bytes + 1, 1}, VS_CC_ON},
    {{bytes + 2, 1}, {bytes + 3, 1}, VS_CC_UNSAID}};

/* The CPU must name them, they must answer the request, the record tells. */
static void
test_devices_are_bound(void)
{
	struct bench t;
	struct call c;
	struct vs_audit_row row;
	uint8_t devices[32], want[64];

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	c.req.devices = (struct vs_devices_input){gpus, 2, gpus, 1};
	CHECK_OK(call(&t, &c), t.err);
	CHECK_INT(vs_binding_devices(&c.req.devices, devices), VS_OK);
	CHECK_INT(vs_binding_report_data(
		      c.req.nonce, &c.req.recipient, VS_SPAN_OF(devices), want),
	    VS_OK);
	CHECK(memcmp(want, world.report_data, 64) == 0);
	CHECK_INT(
	    vs_binding_gpu_nonce(c.req.nonce, &c.req.recipient, want), VS_OK);
	CHECK(memcmp(want, world.device_nonce, 32) == 0);
	CHECK_INT(world.device_appraisals, 1);
	row = record(&t, &c);
	CHECK(holds(row.detail, "\"gpus\":2,\"switches\":1,\"devices\":\""));
	CHECK(holds(row.detail, "\"gpus\":[{\"bound\":true},"));
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

/* One bad device denies; the record says which, and holds no claim. */
static void
test_a_bad_device_stops_before_policy(void)
{
	struct bench t;
	struct call c;
	struct vs_audit_row row;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	c.req.devices = (struct vs_devices_input){gpus, 2, NULL, 0};
	world.devices = VS_UNTRUSTED;
	CHECK_INT(call(&t, &c), VS_UNTRUSTED);
	CHECK_INT(world.decisions, 0);
	CHECK_INT(fake.reseals, 0);
	check_record(&t, &c, "denied", "unverified", "GPU_SIG");
	row = record(&t, &c);
	CHECK(holds(row.detail, "evidence: gpu 1 (41ab): signature"));
	CHECK(!holds(row.detail, "\"claims\""));
	bench_fini(&t);
}

/* Devices prove nothing without a CPU: they are not even looked at. */
static void
test_devices_come_after_the_cpu(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	c.req.devices = (struct vs_devices_input){gpus, 2, NULL, 0};
	world.evidence = VS_UNTRUSTED;
	world.evidence_code = "bind.report_data";
	CHECK_INT(call(&t, &c), VS_UNTRUSTED);
	CHECK_INT(world.device_appraisals, 0);
	check_record(&t, &c, "denied", "unverified", "bind.report_data");
	bench_fini(&t);
}

/* Nothing costly, and no record, before the nonce is known to be ours. */
static void
test_bad_nonce_costs_nothing(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	c.nonce[31] ^= 1;
	CHECK_INT(call(&t, &c), VS_STALE);
	CHECK_STR(t.err.code, "nonce.unknown");
	c.nonce[31] ^= 1;
	t.now_ms += 300001;
	CHECK_INT(call(&t, &c), VS_STALE);
	CHECK_STR(t.err.code, "nonce.expired");
	c.req.nonce.n = 31;
	CHECK_INT(call(&t, &c), VS_MALFORMED);
	CHECK_INT(world.appraisals, 0);
	CHECK_INT(world.decisions, 0);
	CHECK_INT(fake.reseals, 0);
	CHECK_INT(records(&t), 0);
	bench_fini(&t);
}

static void
test_unverified_stops_before_policy(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	world.evidence = VS_UNTRUSTED;
	world.evidence_code = "bind.report_data";
	CHECK_INT(ask(&t, &c, "models/a"), VS_UNTRUSTED);
	CHECK_STR(t.err.code, "bind.report_data");
	CHECK_INT(world.decisions, 0);
	CHECK_INT(fake.reseals, 0);
	check_record(&t, &c, "denied", "unverified", "bind.report_data");
	CHECK(vs_span_is(record(&t, &c).keys, "models/a"));
	/* The nonce is spent all the same. */
	world.evidence = VS_OK;
	CHECK_INT(call(&t, &c), VS_SPENT);
	CHECK_INT(c.reply.jwe.n, 0);
	bench_fini(&t);
}

/* What the caller gets is the same to the letter. */
static void
test_denials_look_alike(void)
{
	static const char *const names[] = {"models/denied", "models/unknown",
	    "models/off", "models/gone", "models/soon"};
	static const char *const codes[] = {"policy.rules", "key.unknown",
	    "key.disabled", "key.destroyed", "key.scheduled"};
	int64_t due = 0;
	struct bench t;

	bench_init(&t);
	for (size_t i = 0; i < 5; i++)
		if (i != 1)
			CHECK_OK(create_key(&t, names[i]), t.err);
	CHECK_OK(vs_broker_key_schedule(t.b, VS_SPAN_LIT("uid:0"),
		     vs_span_cstr(names[4]), 0, 60, false, &due, &t.err),
	    t.err);
	CHECK_OK(set_state(&t, names[2], 0, VS_KEY_DISABLED), t.err);
	CHECK_OK(set_state(&t, names[3], 0, VS_KEY_DESTROYED), t.err);
	world.denied_key = names[0];
	for (size_t i = 0; i < 10; i++) {
		struct call c;
		uint32_t version = i < 5 ? 1 : 0;

		prepare(&t, &c, names[i % 5]);
		c.keys[0].version = version;
		world.decisions = 0;
		CHECK_INT(call(&t, &c), VS_DENIED);
		CHECK_STR(t.err.code, "denied");
		CHECK_STR(t.err.msg, "the release is denied");
		CHECK_INT(c.reply.jwe.n, 0);
		CHECK_INT(c.reply.failed_rules_n, 0);
		CHECK_INT(world.decisions, 1);
		/* By name alone, a key without active version is unknown. */
		check_record(&t, &c, "denied", "denied",
		    version == 0 && i % 5 > 1 ? "key.unknown" : codes[i % 5]);
	}
	CHECK_INT(fake.reseals, 0);
	bench_fini(&t);
}

/* For decryption only: by its number, never as the newest. */
static void
test_decrypt_only(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(set_state(&t, "models/a", 1, VS_KEY_DECRYPT_ONLY), t.err);
	prepare(&t, &c, "models/a");
	CHECK_INT(call(&t, &c), VS_DENIED);
	check_record(&t, &c, "denied", "denied", "key.unknown");
	prepare(&t, &c, "models/a");
	c.keys[0].version = 1;
	CHECK_OK(call(&t, &c), t.err);
	CHECK(c.reply.jwe.n > 0);
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

static void
test_one_denied_key_denies_all(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	CHECK_OK(create_key(&t, "models/c"), t.err);
	prepare(&t, &c, "models/a");
	c.keys[1].name = VS_SPAN_LIT("models/b");
	c.keys[2].name = VS_SPAN_LIT("models/c");
	c.req.keys_n = 3;
	world.denied_key = "models/b";
	CHECK_INT(call(&t, &c), VS_DENIED);
	CHECK_INT(world.decisions, 3);
	CHECK_INT(fake.reseals, 0);
	CHECK(vs_span_is(
	    record(&t, &c).keys, "models/a@1,models/b@1,models/c@1"));
	world.denied_key = NULL;
	prepare(&t, &c, "models/a");
	c.keys[1].name = VS_SPAN_LIT("models/b");
	c.req.keys_n = 2;
	CHECK_OK(call(&t, &c), t.err);
	CHECK_STR(vs_buf_cstr(&c.reply.jwe), "models/a@1 models/b@1 ");
	/* Judged alike: one element with both names. */
	CHECK(holds(record(&t, &c).detail,
	    "\"decisions\":[{\"keys\":[{\"name\":\"models/a\",\"version\":1},"
	    "{\"name\":\"models/b\",\"version\":1}],\"allow\":true"));
	vs_buf_fini(&c.reply.jwe);
	prepare(&t, &c, "models/a");
	c.keys[1].name = VS_SPAN_LIT("models/b");
	c.req.keys_n = 2;
	world.explain_by_name = true;
	CHECK_OK(call(&t, &c), t.err);
	CHECK(holds(record(&t, &c).detail, "},{\"keys\":["));
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

static void
test_disclosed_rules(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	world.denied_key = "*";
	world.disclose = true;
	prepare(&t, &c, "models/a");
	c.keys[1].name = VS_SPAN_LIT("models/b");
	c.req.keys_n = 2;
	CHECK_INT(call(&t, &c), VS_DENIED);
	CHECK_INT(c.reply.failed_rules_n, 1);
	if (c.reply.failed_rules_n == 1)
		CHECK_STR(c.reply.failed_rules[0], "second");
	CHECK(holds(record(&t, &c).detail, "why \\\"it\\\" failed"));
	bench_fini(&t);
}

/* What a policy does without is told in every record that it touches. */
static void
test_waivers_are_recorded(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	world.waives = true;
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(ask(&t, &c, "models/a"), t.err);
	CHECK(holds(record(&t, &c).detail,
	    "\"waived\":[{\"check\":\"tcb\",\"policy\":\"p\","
	    "\"until\":\"2026-07-01T00:00:00Z\","
	    "\"reason\":\"the \\\"lab\\\"\"}]"));
	vs_buf_fini(&c.reply.jwe);
	world.waives = false;
	CHECK_OK(ask(&t, &c, "models/a"), t.err);
	CHECK(!holds(record(&t, &c).detail, "waived"));
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

/* Counted and recorded, but it decides nothing. */
static void
test_shadow_denial(void)
{
	struct bench t;
	struct call c;
	const struct vs_policy_counter *n;

	bench_init(&t);
	world.shadow_deny = true;
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(ask(&t, &c, "models/a"), t.err);
	CHECK(holds(record(&t, &c).detail, "\"shadow_deny\":[\"p\"]"));
	vs_buf_fini(&c.reply.jwe);
	n = t.b->counters.first;
	CHECK(n != NULL && n->shadow_deny == 1 && n->allow == 0);
	world.shadow_deny = false;
	CHECK_OK(ask(&t, &c, "models/a"), t.err);
	CHECK(!holds(record(&t, &c).detail, "shadow_deny"));
	vs_buf_fini(&c.reply.jwe);
	world.denied_key = "*";
	CHECK_INT(ask(&t, &c, "models/a"), VS_DENIED);
	CHECK(n != NULL && n->allow == 1 && n->deny == 1);
	bench_fini(&t);
}

static void
malformed(struct bench *t, struct call *c, const char *code)
{
	unsigned appraisals = world.appraisals;

	CHECK_INT(call(t, c), VS_MALFORMED);
	CHECK_STR(t->err.code, code);
	CHECK_INT(world.appraisals, appraisals);
	check_record(t, c, "failed", "malformed", code);
}

static void
test_malformed_requests(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	c.req.keys_n = 0;
	malformed(&t, &c, "key.count");
	prepare(&t, &c, "models/a");
	c.req.keys_n = VS_RELEASE_KEYS_MAX + 1;
	malformed(&t, &c, "key.count");
	prepare(&t, &c, "models/../a");
	malformed(&t, &c, "key.name");
	CHECK_INT(record(&t, &c).keys.n, 0);
	prepare(&t, &c, "models/a");
	c.keys[1].name = VS_SPAN_LIT("models/b");
	c.keys[2] = c.keys[0];
	c.keys[2].version = 1;
	c.req.keys_n = 3;
	malformed(&t, &c, "key.duplicate");
	prepare(&t, &c, "models/a");
	c.req.recipient.y.n = 31;
	malformed(&t, &c, "recipient.key");
	prepare(&t, &c, "models/a");
	c.req.recipient.curve = VS_CURVE_NONE;
	malformed(&t, &c, "recipient.key");
	bench_fini(&t);
}

static void
test_keeper_failures(void)
{
	static const struct {
		vs_status keeper;
		vs_status want;
		const char *outcome, *class_name, *code;
	} rows[] = {
	    {VS_MALFORMED, VS_MALFORMED, "failed", "malformed",
		"recipient.key"},
	    {VS_UNTRUSTED, VS_INTERNAL, "failed", "internal", "key.record"},
	    {VS_UNAVAILABLE, VS_UNAVAILABLE, "failed", "unavailable", ""},
	    {VS_SEALED, VS_SEALED, "failed", "unavailable", ""},
	};
	struct bench t;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct call c;

		fake.reseal = rows[i].keeper;
		CHECK_INT(ask(&t, &c, "models/a"), rows[i].want);
		CHECK_INT(c.reply.jwe.n, 0);
		check_record(
		    &t, &c, rows[i].outcome, rows[i].class_name, rows[i].code);
	}
	bench_fini(&t);
}

/* The chain cannot be continued: no record, hence no key, though the keeper
 * has sealed it already. */
static void
test_failed_commit_releases_nothing(void)
{
	static const vs_status how[] = {
	    VS_UNAVAILABLE, VS_SEALED, VS_INTERNAL, VS_NO_MEMORY};
	struct bench t;
	struct call c;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	prepare(&t, &c, "models/a");
	for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
		vs_status st;

		fake.chain = how[i];
		st = call(&t, &c);
		CHECK_INT(vs_status_class(st), VS_CLASS_UNAVAILABLE);
		CHECK_INT(t.err.status, st);
		CHECK_INT(fake.reseals, i + 1);
		CHECK_INT(c.reply.jwe.n, 0);
		CHECK_INT(record(&t, &c).seq, 0);
	}
	/* The nonce was not spent: nothing had happened. */
	fake.chain = VS_OK;
	CHECK_OK(call(&t, &c), t.err);
	CHECK_STR(vs_buf_cstr(&c.reply.jwe), "models/a@1 ");
	CHECK_INT(records(&t), 1);
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

/* An arena of any size: no memory means no key, and a record of that. */
static void
test_lack_of_memory_denies(void)
{
	struct bench t;
	struct call c;
	size_t failed = 0;
	vs_status st = VS_NO_MEMORY;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	for (size_t cap = 0; cap < 65536 && st != VS_OK; cap += 16) {
		struct vs_arena small;

		prepare(&t, &c, "models/a");
		c.keys[1].name = VS_SPAN_LIT("models/b");
		c.req.keys_n = 2;
		vs_arena_init(&small, cap);
		vs_err_clear(&t.err);
		st =
		    vs_broker_release(t.b, 0, &small, &c.req, &c.reply, &t.err);
		if (st != VS_OK) {
			CHECK_INT(st, VS_NO_MEMORY);
			CHECK_INT(c.reply.jwe.n, 0);
			check_record(&t, &c, "failed", "internal", "");
			failed++;
		}
		vs_buf_fini(&c.reply.jwe);
		vs_arena_fini(&small);
	}
	CHECK_INT(st, VS_OK);
	CHECK(failed > 10);
	CHECK_INT(fake.reseals, 1);
	bench_fini(&t);
}

static void
test_without_snapshot_is_unavailable(void)
{
	struct bench t;
	struct call c;

	bench_init(&t);
	vs_snapshot_free(&t.b->snapshot);
	CHECK_INT(ask(&t, &c, "models/a"), VS_UNAVAILABLE);
	CHECK_STR(t.err.code, "snapshot.none");
	check_record(&t, &c, "failed", "unavailable", "snapshot.none");
	bench_fini(&t);
}

static void
test_request_keeps_its_snapshot(void)
{
	struct bench t;
	struct vs_snapshot *held;

	bench_init(&t);
	held = vs_broker_snapshot(t.b);
	world.frees = 0;
	bench_install(&t);
	CHECK_INT(world.frees, 0);
	CHECK(held != t.b->snapshot);
	vs_snapshot_free(&held);
	CHECK_INT(world.frees, 2);
	CHECK(held == NULL);
	bench_fini(&t);
}

static void
test_incomplete_snapshot_is_refused(void)
{
	struct bench t;
	struct vs_snapshot *before;
	struct vs_snapshot_parts parts = {0};

	bench_init(&t);
	before = t.b->snapshot;
	CHECK_INT(vs_broker_install(t.b, &parts, &t.err), VS_USAGE);
	CHECK(t.b->snapshot == before);
	bench_fini(&t);
}

static void
test_many_keys_share_one_judgement(void)
{
	enum { MANY = 2000 };
	static char names[MANY][32];
	static struct vs_span spans[MANY];
	static struct vs_key_ask asks[MANY];
	struct bench t;
	struct call c;

	bench_init(&t);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof names[i], "m/%zu", i);
		spans[i] = vs_span_cstr(names[i]);
		asks[i].name = spans[i];
	}
	CHECK_OK(vs_broker_key_create(t.b, VS_SPAN_LIT("x"), spans, MANY, 32,
		     (struct vs_span){0}, false, &t.err),
	    t.err);
	CHECK_INT(fake.keks, 1);
	prepare(&t, &c, "m/0");
	c.req.keys = asks;
	c.req.keys_n = MANY;
	CHECK_OK(call(&t, &c), t.err);
	CHECK_INT(fake.reseals, 1);
	CHECK(record(&t, &c).detail.n < MANY * 64);
	vs_buf_fini(&c.reply.jwe);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_allowed);
	RUN(test_devices_are_bound);
	RUN(test_a_bad_device_stops_before_policy);
	RUN(test_devices_come_after_the_cpu);
	RUN(test_bad_nonce_costs_nothing);
	RUN(test_unverified_stops_before_policy);
	RUN(test_denials_look_alike);
	RUN(test_decrypt_only);
	RUN(test_one_denied_key_denies_all);
	RUN(test_disclosed_rules);
	RUN(test_waivers_are_recorded);
	RUN(test_shadow_denial);
	RUN(test_malformed_requests);
	RUN(test_keeper_failures);
	RUN(test_failed_commit_releases_nothing);
	RUN(test_lack_of_memory_denies);
	RUN(test_without_snapshot_is_unavailable);
	RUN(test_request_keeps_its_snapshot);
	RUN(test_incomplete_snapshot_is_refused);
	RUN(test_many_keys_share_one_judgement);
	return check_result();
}
