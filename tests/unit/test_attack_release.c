/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have a key, and everybody else. */
#include <pthread.h>

#include "attack_range.h"

/* Opens the answer and compares what must be in it. */
static void
check_opens(struct guest *g, const char *const *names, size_t n)
{
	struct vs_span apu = {0};
	struct vs_span apv = {0};
	struct vs_span id = {0};
	struct vs_json *v = NULL;
	struct vs_span text = jwe_open(
	    &g->key, vs_buf_span(&g->reply.jwe), &g->arena, &apu, &apv);
	char want[VS_UUID_TEXT_MAX];

	if (!CHECK(text.n > 0) ||
	    !CHECK_OK(vs_json_parse(text, &v, &g->err), g->err))
		return;
	vs_uuid_format(g->reply.id, want);
	CHECK(vs_json_is_string(vs_json_get(v, "release_id"), &id));
	CHECK(vs_span_is(id, want));
	CHECK(vs_span_equal(apu, g->req.nonce));
	CHECK(vs_span_is(apv, want));
	CHECK_INT(vs_json_size(vs_json_get(v, "keys")), n);
	for (size_t i = 0; i < n; i++) {
		const struct vs_json *k = vs_json_at(vs_json_get(v, "keys"), i);
		int64_t version = 0;

		CHECK(jwe_text_is(k, "name", names[i]));
		CHECK(vs_json_is_int(vs_json_get(k, "version"), &version));
		CHECK_INT(version, 1);
		CHECK_INT(jwe_member(k, "key", &g->arena).n, 32);
		CHECK(jwe_text_is(k, "content_type", "application/x-key"));
	}
	vs_json_free(&v);
}

static void
test_proven_guest_gets_its_keys(void)
{
	static const char *const curves[] = {"P-256", "P-384", "X25519"};
	static const char *const names[] = {"models/a", "models/b"};
	struct range r;

	range_init(&r);
	for (size_t i = 0; i < 3; i++) {
		for (size_t n = 1; n <= 2; n++) {
			struct guest g;

			guest_init(&r, &g, curves[i], names[0]);
			g.asks[1].name = vs_span_cstr(names[1]);
			g.req.keys_n = n;
			guest_prove(&g, range_pki);
			CHECK_OK(guest_ask(&r, &g, 0), g.err);
			check_opens(&g, names, n);
			CHECK(vs_span_is(
			    guest_record(&r, &g).outcome, "allowed"));
			guest_fini(&g);
		}
	}
	range_fini(&r);
}

/* The same key again is the same bytes; another key is not. */
static void
test_answer_opens_only_for_its_recipient(void)
{
	struct range r;
	struct guest g;
	struct jwe_key other;
	struct vs_span apu;
	struct vs_span apv;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	CHECK_OK(guest_ask(&r, &g, 0), g.err);
	jwe_key_new(&other, "P-256");
	CHECK_INT(
	    jwe_open(&other, vs_buf_span(&g.reply.jwe), &g.arena, &apu, &apv).n,
	    0);
	jwe_key_free(&other);
	guest_fini(&g);
	range_fini(&r);
}

enum { REPLAYS = 200 };

struct replay {
	struct range *r;
	const struct guest *g;
	unsigned worker;
	size_t ok, spent, other;
	pthread_t t;
};

static void *
replay(void *arg)
{
	struct replay *p = arg;
	struct vs_arena arena;

	vs_arena_init(&arena, 16 * 1024 * 1024);
	for (size_t i = 0; i < REPLAYS / WORKERS; i++) {
		struct vs_release_reply reply;
		struct vs_err err = {0};
		vs_status st;

		vs_arena_reset(&arena);
		st = vs_broker_release(
		    p->r->broker, p->worker, &arena, &p->g->req, &reply, &err);
		p->ok += st == VS_OK && reply.jwe.n > 0;
		p->spent += st == VS_SPENT && reply.jwe.n == 0;
		p->other += st != VS_OK && st != VS_SPENT;
		vs_buf_fini(&reply.jwe);
	}
	vs_arena_fini(&arena);
	return NULL;
}

static void
test_200_replays_one_succeeds(void)
{
	struct range r;
	struct guest g;
	struct replay p[WORKERS];
	size_t ok = 0;
	size_t spent = 0;
	size_t other = 0;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	for (unsigned i = 0; i < WORKERS; i++) {
		p[i] = (struct replay){.r = &r, .g = &g, .worker = i};
		CHECK_INT(pthread_create(&p[i].t, NULL, replay, &p[i]), 0);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		pthread_join(p[i].t, NULL);
		ok += p[i].ok;
		spent += p[i].spent;
		other += p[i].other;
	}
	CHECK_INT(ok, 1);
	CHECK_INT(spent, REPLAYS - 1);
	CHECK_INT(other, 0);
	guest_fini(&g);
	range_fini(&r);
}

static void
test_stale_nonces_are_refused(void)
{
	struct range r;
	struct range other;
	struct guest g;

	range_init(&r);
	range_init(&other);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	r.now_ms += 300001;
	guest_refused(&r, &g, VS_STALE, "nonce.expired", NULL);
	r.now_ms -= 300001 + 30001;
	guest_refused(&r, &g, VS_STALE, "nonce.future", NULL);
	r.now_ms += 30001;
	guest_refused(&other, &g, VS_STALE, "nonce.unknown", NULL);
	CHECK_OK(guest_ask(&r, &g, 0), g.err);
	guest_fini(&g);
	range_fini(&other);
	range_fini(&r);
}

/* Evidence of one guest with the key, or the nonce, of another. */
static void
test_evidence_is_bound(void)
{
	struct range r;
	struct guest g;
	struct jwe_key thief;
	unsigned expires = 0;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	jwe_key_new(&thief, "P-256");
	g.req.recipient.x = VS_SPAN(thief.x, 32);
	g.req.recipient.y = VS_SPAN(thief.y, 32);
	guest_refused(
	    &r, &g, VS_UNTRUSTED, "bind.report_data", "bind.report_data");
	jwe_key_free(&thief);
	guest_fini(&g);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	CHECK_OK(
	    vs_broker_challenge(r.broker, g.nonce, &expires, &g.err), g.err);
	guest_refused(
	    &r, &g, VS_UNTRUSTED, "bind.report_data", "bind.report_data");
	guest_fini(&g);
	range_fini(&r);
}

/* Also proven evidence does not help a point that is none. */
static void
test_bad_recipient_keys(void)
{
	static const uint8_t zeros[48];
	static uint8_t ones[48];
	struct range r;
	struct guest g;

	memset(ones, 0xff, sizeof ones);
	range_init(&r);
	for (int i = 0; i < 6; i++) {
		guest_init(&r, &g, i == 3 ? "X25519" : "P-256", "models/a");
		switch (i) {
		case 0: /* off the curve */
			g.key.y[31] ^= 1;
			break;
		case 1: /* coordinates out of range */
			g.req.recipient.x = VS_SPAN(ones, 32);
			break;
		case 2: /* P-256 coordinates said to be of P-384 */
			g.req.recipient.curve = VS_CURVE_P384;
			g.req.recipient.x = VS_SPAN(zeros, 48);
			g.req.recipient.y = VS_SPAN(ones, 48);
			break;
		case 3: /* X25519 of small order */
			g.req.recipient.x = VS_SPAN(zeros, 32);
			break;
		case 4: /* the origin */
			g.req.recipient.x = VS_SPAN(zeros, 32);
			g.req.recipient.y = VS_SPAN(zeros, 32);
			break;
		default: /* x and y swapped */
			g.req.recipient.x = VS_SPAN(g.key.y, 32);
			g.req.recipient.y = VS_SPAN(g.key.x, 32);
			break;
		}
		guest_prove(&g, range_pki);
		guest_refused(
		    &r, &g, VS_MALFORMED, "recipient.key", "recipient.key");
		guest_fini(&g);
	}
	range_fini(&r);
}

static void
test_denied_unknown_and_destroyed_look_alike(void)
{
	static const char *const names[] = {
	    "models/forbidden", "models/unknown", "models/b", "models/a"};
	static const char *const codes[] = {
	    "policy.rules", "key.unknown", "key.disabled", "key.destroyed"};
	struct range r;

	range_init(&r);
	CHECK_OK(
	    vs_broker_key_state(r.broker, VS_SPAN_LIT("t"),
		VS_SPAN_LIT("models/b"), 1, VS_KEY_DISABLED, false, &r.err),
	    r.err);
	CHECK_OK(
	    vs_broker_key_state(r.broker, VS_SPAN_LIT("t"),
		VS_SPAN_LIT("models/a"), 1, VS_KEY_DESTROYED, false, &r.err),
	    r.err);
	for (size_t i = 0; i < 4; i++) {
		struct guest g;

		guest_init(&r, &g, "P-256", names[i]);
		g.asks[0].version = 1;
		guest_prove(&g, range_pki);
		guest_refused(&r, &g, VS_DENIED, "denied", codes[i]);
		CHECK_STR(g.err.msg, "the release is denied");
		CHECK_INT(g.reply.failed_rules_n, 0);
		guest_fini(&g);
	}
	range_fini(&r);
}

static void
test_other_measurement_is_denied(void)
{
	struct range r;
	struct guest g;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	g.sim.measurement[0] = 0x22;
	guest_prove(&g, range_pki);
	guest_refused(&r, &g, VS_DENIED, "denied", "policy.rules");
	guest_fini(&g);
	range_fini(&r);
}

static void
test_root_that_was_not_named_is_refused(void)
{
	struct range r;
	struct guest g;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	g.certs = vs_buf_span(&forged_certs);
	guest_prove(&g, forged_pki);
	CHECK_INT(guest_ask(&r, &g, 0), VS_UNTRUSTED);
	CHECK(vs_span_is(guest_record(&r, &g).class_name, "unverified"));
	guest_fini(&g);
	guest_init(&r, &g, "P-256", "models/a");
	range_install(&r, false);
	guest_prove(&g, range_pki);
	CHECK_INT(guest_ask(&r, &g, 0), VS_UNTRUSTED);
	CHECK(vs_span_is(guest_record(&r, &g).class_name, "unverified"));
	guest_fini(&g);
	range_fini(&r);
}

/* A policy that does not speak of them does not let them pass. */
static void
test_guard_rails(void)
{
	struct range r;
	struct guest g;

	range_init(&r);
	guest_init(&r, &g, "P-256", "naive/a");
	guest_prove(&g, range_pki);
	guest_refused(&r, &g, VS_DENIED, "denied", "policy.simulated");
	guest_fini(&g);
	guest_init(&r, &g, "P-256", "models/a");
	g.sim.policy = 0x30000 | 1u << 19;
	guest_prove(&g, range_pki);
	guest_refused(&r, &g, VS_DENIED, "denied", "policy.debug");
	guest_fini(&g);
	guest_init(&r, &g, "P-256", "nobody/a");
	guest_prove(&g, range_pki);
	guest_refused(&r, &g, VS_DENIED, "denied", "policy.no-policy");
	guest_fini(&g);
	range_fini(&r);
}

static void
test_any_flip_in_the_report_is_refused(void)
{
	struct range r;
	struct guest g;

	range_init(&r);
	for (size_t bit = 0; bit < 8 * VS_SIM_REPORT_SIZE; bit += 211) {
		guest_init(&r, &g, "P-256", "models/a");
		guest_prove(&g, range_pki);
		g.report[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		/* The tail after the signature is not signed, but must be
		 * zero. */
		CHECK(guest_ask(&r, &g, 0) != VS_OK);
		CHECK_INT(g.reply.jwe.n, 0);
		CHECK(guest_record(&r, &g).seq > 0);
		guest_fini(&g);
	}
	range_fini(&r);
}

static void
test_failed_commit_releases_nothing(void)
{
	struct range r;
	struct guest g;

	range_init(&r);
	guest_init(&r, &g, "P-256", "models/a");
	guest_prove(&g, range_pki);
	r.chain_fails = true;
	CHECK_INT(guest_ask(&r, &g, 0), VS_UNAVAILABLE);
	CHECK_INT(g.reply.jwe.n, 0);
	CHECK_INT(guest_record(&r, &g).seq, 0);
	r.chain_fails = false;
	CHECK_OK(guest_ask(&r, &g, 0), g.err);
	guest_fini(&g);
	range_fini(&r);
}

/* However little memory there is, the answer is no key or the right one. */
static void
test_lack_of_memory_denies(void)
{
	static const char *const names[] = {"models/a"};
	struct range r;
	struct guest g;
	vs_status st = VS_NO_MEMORY;
	size_t refused = 0;

	range_init(&r);
	for (size_t cap = 0; cap < 1024 * 1024 && st != VS_OK;) {
		guest_init(&r, &g, "P-256", names[0]);
		guest_prove(&g, range_pki);
		vs_arena_fini(&g.arena);
		vs_arena_init(&g.arena, cap);
		st = guest_ask(&r, &g, 0);
		if (st == VS_OK) {
			g.arena.cap = 1024 * 1024;
			check_opens(&g, names, 1);
		} else {
			CHECK_INT(g.reply.jwe.n, 0);
			CHECK(guest_record(&r, &g).seq > 0);
			refused++;
		}
		guest_fini(&g);
		cap += cap < 4096 ? 128 : 1024;
	}
	CHECK_INT(st, VS_OK);
	CHECK(refused > 3);
	range_fini(&r);
}

int
main(void)
{
	char program[512];

	if (!range_program(program)) {
		printf("skip: no %s\n", program);
		return 77;
	}
	make_pki(&range_pki, &range_certs);
	make_pki(&forged_pki, &forged_certs);
	RUN(test_proven_guest_gets_its_keys);
	RUN(test_answer_opens_only_for_its_recipient);
	RUN(test_200_replays_one_succeeds);
	RUN(test_stale_nonces_are_refused);
	RUN(test_evidence_is_bound);
	RUN(test_bad_recipient_keys);
	RUN(test_denied_unknown_and_destroyed_look_alike);
	RUN(test_other_measurement_is_denied);
	RUN(test_root_that_was_not_named_is_refused);
	RUN(test_guard_rails);
	RUN(test_any_flip_in_the_report_is_refused);
	RUN(test_failed_commit_releases_nothing);
	RUN(test_lack_of_memory_denies);
	vs_sim_pki_free(&range_pki);
	vs_sim_pki_free(&forged_pki);
	vs_buf_fini(&range_certs);
	vs_buf_fini(&forged_certs);
	return check_result();
}
