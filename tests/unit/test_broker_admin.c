/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of keys, and readiness. */
#include <pthread.h>

#include "fake_world.h"

static void
last_record_by(
    struct bench *t, const char *who, const char *action, const char *keys)
{
	struct vs_audit_filter f = {.limit = 1};
	struct vs_audit_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_store_audit_list(t->store, &f, &t->reads, &rows, &n, &t->err),
	    t->err);
	if (!CHECK_INT(n, 1))
		return;
	CHECK(vs_span_is(rows[0].action, action));
	CHECK(vs_span_is(rows[0].keys, keys));
	CHECK(vs_span_is(rows[0].outcome, "done"));
	CHECK(vs_span_is(rows[0].class_name, "ok"));
	CHECK(vs_span_is(rows[0].peer, who));
}

static void
last_record(struct bench *t, const char *action, const char *keys)
{
	last_record_by(t, "uid:0", action, keys);
}

static size_t
record_count(struct bench *t)
{
	struct vs_audit_filter f = {.limit = 1000};
	struct vs_audit_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_store_audit_list(t->store, &f, &t->reads, &rows, &n, &t->err),
	    t->err);
	return n;
}

static vs_status
get(struct bench *t, const char *name, uint32_t v, struct vs_key_row *row)
{
	struct vs_err err = {0};

	return vs_store_key(
	    t->store, vs_span_cstr(name), v, &t->reads, row, &err);
}

static vs_status
rotate(struct bench *t, const char *name, bool dry, uint32_t *v)
{
	vs_err_clear(&t->err);
	return vs_broker_key_rotate(
	    t->b, VS_SPAN_LIT("uid:0"), vs_span_cstr(name), dry, v, &t->err);
}

static void
test_create(void)
{
	struct bench t;
	struct vs_key_row row = {0};

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	last_record(&t, "key.create", "models/a@1");
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.size, 32);
	CHECK_INT(row.state, VS_KEY_ACTIVE);
	CHECK_INT(row.created_ms, t.now_ms);
	CHECK(vs_span_is(row.content_type, "text/plain"));
	CHECK_INT(row.payload.n, 32 + VS_PAYLOAD_OVERHEAD);
	CHECK_INT(row.kek.n, VS_KEY_RECORD_SIZE);
	CHECK_INT(create_key(&t, "models/a"), VS_CONFLICT);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	CHECK_OK(create_key(&t, "other/b"), t.err);
	CHECK_INT(fake.keks, 2);
	CHECK_INT(record_count(&t), 3);
	bench_fini(&t);
}

static vs_status
create(struct bench *t, const char *name, size_t n, size_t bytes,
    struct vs_span type)
{
	struct vs_span s = vs_span_cstr(name);

	vs_err_clear(&t->err);
	return vs_broker_key_create(
	    t->b, VS_SPAN_LIT("uid:0"), &s, n, bytes, type, false, &t->err);
}

static vs_status
create_dataset(struct bench *t, const char *name, size_t bytes)
{
	const struct vs_span s = vs_span_cstr(name);
	const struct vs_key_make make = {
	    .names = &s, .n = 1, .bytes = bytes, .dataset = true};

	vs_err_clear(&t->err);
	return vs_broker_key_make(
	    t->b, VS_SPAN_LIT("uid:0"), &make, false, &t->err);
}

static void
test_create_bad_arguments(void)
{
	struct bench t;
	struct vs_span none = {0};
	char longer[130];

	bench_init(&t);
	memset(longer, 'a', sizeof longer);
	CHECK_INT(create(&t, "models", 1, 32, none), VS_MALFORMED);
	CHECK_STR(t.err.code, "key.name");
	CHECK_INT(create(&t, "models/a", 0, 32, none), VS_MALFORMED);
	CHECK_INT(create(&t, "models/a", 1, 0, none), VS_MALFORMED);
	CHECK_STR(t.err.code, "key.bytes");
	CHECK_INT(
	    create(&t, "models/a", 1, VS_PAYLOAD_MAX + 1, none), VS_MALFORMED);
	CHECK_INT(
	    create(&t, "models/a", 1, 32, VS_SPAN(longer, 128)), VS_MALFORMED);
	CHECK_STR(t.err.code, "key.content_type");
	CHECK_INT(
	    create(&t, "models/a", 1, 32, VS_SPAN_LIT("a\nb")), VS_MALFORMED);
	/* The keeper gives no key out under one of these. */
	CHECK_INT(
	    create(&t, "models/a", 1, 32, VS_SPAN_LIT("a\"b")), VS_MALFORMED);
	CHECK_STR(t.err.code, "key.content_type");
	CHECK_INT(
	    create(&t, "models/a", 1, 32, VS_SPAN_LIT("a\\b")), VS_MALFORMED);
	CHECK_INT(create_dataset(&t, "models/a", 15), VS_MALFORMED);
	CHECK_STR(t.err.code, "key.bytes");
	CHECK_INT(record_count(&t), 0);
	CHECK_INT(fake.keks, 0);
	CHECK_OK(
	    create(&t, "models/a", 1, VS_PAYLOAD_MAX, VS_SPAN(longer, 127)),
	    t.err);
	CHECK_OK(create_dataset(&t, "models/ds", 16), t.err);
	bench_fini(&t);
}

static void
test_create_dry_run_changes_nothing(void)
{
	struct bench t;
	struct vs_span name = VS_SPAN_LIT("models/a");
	struct vs_key_row row;

	bench_init(&t);
	CHECK_OK(vs_broker_key_create(t.b, VS_SPAN_LIT("uid:0"), &name, 1, 32,
		     (struct vs_span){0}, true, &t.err),
	    t.err);
	CHECK_INT(get(&t, "models/a", 1, &row), VS_NOT_FOUND);
	CHECK_INT(record_count(&t), 0);
	CHECK_INT(fake.keks, 0);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_INT(vs_broker_key_create(t.b, VS_SPAN_LIT("uid:0"), &name, 1, 32,
		      (struct vs_span){0}, true, &t.err),
	    VS_CONFLICT);
	bench_fini(&t);
}

static void
test_create_with_keeper_down(void)
{
	struct bench t;
	struct vs_key_row row;

	bench_init(&t);
	fake.sealed = true;
	CHECK_INT(create_key(&t, "models/a"), VS_SEALED);
	fake.sealed = false;
	CHECK_INT(get(&t, "models/a", 1, &row), VS_NOT_FOUND);
	bench_fini(&t);
}

static void
test_rotate(void)
{
	struct bench t;
	struct vs_key_row row = {0};
	uint32_t v = 0;

	bench_init(&t);
	CHECK_INT(rotate(&t, "models/a", false, &v), VS_NOT_FOUND);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(rotate(&t, "models/a", true, &v), t.err);
	CHECK_INT(v, 2);
	CHECK_INT(get(&t, "models/a", 2, &row), VS_NOT_FOUND);
	CHECK_OK(rotate(&t, "models/a", false, &v), t.err);
	CHECK_INT(v, 2);
	last_record(&t, "key.rotate", "models/a@2");
	CHECK_OK(get(&t, "models/a", 0, &row), t.err);
	CHECK_INT(row.version, 2);
	CHECK_INT(row.size, 32);
	CHECK(vs_span_is(row.content_type, "text/plain"));
	CHECK_OK(set_state(&t, "models/a", 2, VS_KEY_DESTROYED), t.err);
	CHECK_OK(rotate(&t, "models/a", false, &v), t.err);
	CHECK_INT(v, 3);
	CHECK_OK(set_state(&t, "models/a", 0, VS_KEY_DESTROYED), t.err);
	CHECK_INT(rotate(&t, "models/a", false, &v), VS_CONFLICT);
	CHECK_INT(rotate(&t, "a", false, &v), VS_MALFORMED);
	bench_fini(&t);
}

static vs_status
dry_state(struct bench *t, const char *name, uint32_t v, vs_key_state st)
{
	vs_err_clear(&t->err);
	return vs_broker_key_state(t->b, VS_SPAN_LIT("uid:0"),
	    vs_span_cstr(name), v, st, true, &t->err);
}

static void
test_state(void)
{
	struct bench t;
	struct vs_key_row row = {0};

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_INT(set_state(&t, "models/b", 0, VS_KEY_DISABLED), VS_NOT_FOUND);
	CHECK_INT(dry_state(&t, "models/b", 0, VS_KEY_DISABLED), VS_NOT_FOUND);
	CHECK_INT(dry_state(&t, "models/a", 2, VS_KEY_DISABLED), VS_NOT_FOUND);
	CHECK_INT(set_state(&t, "models/a", 0, VS_KEY_NONE), VS_USAGE);
	CHECK_OK(dry_state(&t, "models/a", 1, VS_KEY_DESTROYED), t.err);
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_ACTIVE);
	CHECK_OK(set_state(&t, "models/a", 1, VS_KEY_DISABLED), t.err);
	last_record(&t, "key.disable", "models/a@1");
	CHECK_OK(set_state(&t, "models/a", 0, VS_KEY_ACTIVE), t.err);
	last_record(&t, "key.enable", "models/a");
	CHECK_OK(set_state(&t, "models/a", 0, VS_KEY_DESTROYED), t.err);
	last_record(&t, "key.destroy", "models/a");
	CHECK_INT(set_state(&t, "models/a", 1, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_INT(dry_state(&t, "models/a", 1, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_INT(record_count(&t), 4);
	bench_fini(&t);
}

static vs_status
schedule(struct bench *t, const char *name, int64_t wait_s, bool dry_run)
{
	int64_t due = 0;
	vs_status st;

	vs_err_clear(&t->err);
	st = vs_broker_key_schedule(t->b, VS_SPAN_LIT("uid:0"),
	    vs_span_cstr(name), 0, wait_s, dry_run, &due, &t->err);
	if (st == VS_OK)
		CHECK_INT(due, t->now_ms + wait_s * 1000);
	return st;
}

static vs_status
cancel(struct bench *t, const char *name, bool dry_run)
{
	vs_err_clear(&t->err);
	return vs_broker_key_cancel(t->b, VS_SPAN_LIT("uid:0"),
	    vs_span_cstr(name), 0, dry_run, &t->err);
}

static void
test_waiting_period(void)
{
	struct bench t;
	struct vs_key_row row = {0};

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	CHECK_INT(schedule(&t, "models/a", 0, false), VS_MALFORMED);
	CHECK_INT(schedule(&t, "models/a", INT64_MAX, false), VS_MALFORMED);
	CHECK_INT(schedule(&t, "models/x", 60, false), VS_NOT_FOUND);
	CHECK_INT(schedule(&t, "models/x", 60, true), VS_NOT_FOUND);
	CHECK_INT(cancel(&t, "models/a", true), VS_CONFLICT);
	CHECK_INT(cancel(&t, "models/a", false), VS_CONFLICT);
	CHECK_OK(schedule(&t, "models/a", 60, true), t.err);
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_ACTIVE);
	CHECK_OK(schedule(&t, "models/a", 60, false), t.err);
	last_record(&t, "key.schedule", "models/a");
	CHECK_OK(schedule(&t, "models/b", 60, false), t.err);
	CHECK_INT(set_state(&t, "models/a", 0, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_INT(dry_state(&t, "models/a", 0, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_OK(cancel(&t, "models/b", true), t.err);
	CHECK_OK(cancel(&t, "models/b", false), t.err);
	last_record(&t, "key.cancel", "models/b");
	t.now_ms += 59999;
	vs_broker_upkeep(t.b);
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_SCHEDULED);
	t.now_ms += 1;
	fake.sealed = true; /* without a record nothing is destroyed */
	vs_broker_upkeep(t.b);
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_SCHEDULED);
	fake.sealed = false;
	vs_broker_upkeep(t.b);
	CHECK_OK(get(&t, "models/a", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_DESTROYED);
	CHECK_INT(row.dek.n, 0);
	last_record_by(&t, "daemon", "key.destroy", "models/a@1");
	CHECK_OK(get(&t, "models/b", 1, &row), t.err);
	CHECK_INT(row.state, VS_KEY_DISABLED);
	bench_fini(&t);
}

struct racer {
	struct bench *t;
	char name[32];
	vs_status st;
	pthread_t thread;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct vs_span name = vs_span_cstr(r->name);
	struct vs_err err = {0};

	r->st = vs_broker_key_create(r->t->b, VS_SPAN_LIT("uid:0"), &name, 1,
	    32, (struct vs_span){0}, false, &err);
	return NULL;
}

/* Many first keys of one namespace at once: one KEK, every key. */
static void
test_first_kek_race(void)
{
	struct racer r[16];
	struct bench t;

	bench_init(&t);
	for (size_t i = 0; i < 16; i++) {
		r[i].t = &t;
		(void)snprintf(r[i].name, sizeof r[i].name, "new/%zu", i);
		CHECK_INT(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
	}
	for (size_t i = 0; i < 16; i++) {
		struct vs_key_row row = {0};

		pthread_join(r[i].thread, NULL);
		CHECK_INT(r[i].st, VS_OK);
		CHECK_INT(get(&t, r[i].name, 1, &row), VS_OK);
		CHECK_INT(row.kek_version, 1);
	}
	bench_fini(&t);
}

/* Each readiness check of a fresh broker, so that no answer is remembered. */
static vs_status
ready(struct bench *t)
{
	t->b->ready.at_ns = 0;
	vs_err_clear(&t->err);
	return vs_broker_ready(t->b, &t->err);
}

static void
test_ready_says_what_is_missing(void)
{
	struct bench t;

	bench_init(&t);
	CHECK_OK(ready(&t), t.err);
	fake.down = true;
	CHECK_INT(ready(&t), VS_UNAVAILABLE);
	CHECK_STR(t.err.code, "keeper.down");
	fake.down = false;
	fake.sealed = true;
	CHECK_INT(ready(&t), VS_SEALED);
	CHECK_STR(t.err.msg, "the keeper is sealed: locked");
	fake.sealed = false;
	world.policies = 0;
	CHECK_INT(ready(&t), VS_UNAVAILABLE);
	CHECK_STR(t.err.code, "policy.none");
	world.policies = 1;
	world.crl_until = t.now_ms / 1000;
	bench_install(&t);
	CHECK_OK(ready(&t), t.err);
	world.crl_until--;
	bench_install(&t);
	CHECK_INT(ready(&t), VS_UNAVAILABLE);
	CHECK_STR(t.err.code, "collateral.expired");
	t.b->opt.crl = VS_CRL_OFF;
	CHECK_OK(ready(&t), t.err);
	vs_snapshot_free(&t.b->snapshot);
	CHECK_INT(ready(&t), VS_UNAVAILABLE);
	CHECK_STR(t.err.code, "snapshot.none");
	bench_fini(&t);
}

static void
test_ready_is_remembered_shortly(void)
{
	struct bench t;

	bench_init(&t);
	CHECK_OK(vs_broker_ready(t.b, &t.err), t.err);
	fake.down = true;
	CHECK_OK(vs_broker_ready(t.b, &t.err), t.err);
	t.b->ready.at_ns = vs_mono_ns() - 1000000001;
	CHECK_INT(vs_broker_ready(t.b, &t.err), VS_UNAVAILABLE);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_create);
	RUN(test_create_bad_arguments);
	RUN(test_create_dry_run_changes_nothing);
	RUN(test_create_with_keeper_down);
	RUN(test_rotate);
	RUN(test_state);
	RUN(test_waiting_period);
	RUN(test_first_kek_race);
	RUN(test_ready_says_what_is_missing);
	RUN(test_ready_is_remembered_shortly);
	return check_result();
}
