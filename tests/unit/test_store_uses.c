/* SPDX-License-Identifier: Apache-2.0 */
/* Keys with a limit, and epochs that are closed: both hold in the very
 * transaction of the release. */
#include <pthread.h>

#include "store_fixture.h"

static void
add_limited(struct fixture *f, const char *name, int64_t max, bool dataset)
{
	struct vs_key_row row = key_row(name, 1);

	row.max_uses = max;
	row.kind = dataset ? VS_KIND_DATASET : VS_KIND_KEY;
	CHECK_OK(vs_store_add_keys(f->s, &row, 1, &f->err), f->err);
}

static vs_status
use(struct fixture *f, uint64_t id, const struct vs_key_use *uses, size_t n)
{
	struct vs_audit_row row = audit_row(id);
	uint8_t nonce[32] = {0};

	memcpy(nonce, &id, sizeof id);
	vs_err_clear(&f->err);
	return vs_store_commit_release(f->s, &row, nonce, 5000,
	    &(struct vs_release_use){.keys = uses, .keys_n = n}, &f->err);
}

static struct vs_key_use
of(const char *name, uint32_t n)
{
	return (struct vs_key_use){
	    .name = vs_span_cstr(name), .version = 1, .n = n, .epoch = -1};
}

static int64_t
uses_of(struct fixture *f, const char *name)
{
	struct vs_key_row row = {0};

	CHECK_OK(
	    vs_store_key(f->s, vs_span_cstr(name), 1, &f->a, &row, &f->err),
	    f->err);
	return row.uses;
}

static void
check_row(struct fixture *f, uint64_t id, const char *outcome, const char *code)
{
	struct vs_audit_row want = audit_row(id);
	struct vs_audit_row row = {0};

	CHECK_OK(
	    vs_store_audit_get(f->s, want.id, &f->a, &row, &f->err), f->err);
	CHECK(vs_span_is(row.outcome, outcome));
	CHECK(vs_span_is(row.code, code));
}

static void
test_limit(void)
{
	struct fixture f;
	struct vs_key_use u = of("models/a", 1);

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/a", 2, false);
	CHECK_OK(use(&f, 1, &u, 1), f.err);
	CHECK_OK(use(&f, 2, &u, 1), f.err);
	CHECK_INT(use(&f, 3, &u, 1), VS_DENIED);
	CHECK_STR(f.err.code, "denied");
	CHECK_INT(uses_of(&f, "models/a"), 2);
	check_row(&f, 2, "allowed", "");
	check_row(&f, 3, "denied", "key.exhausted");
	/* The nonce of the denied one is spent all the same. */
	{
		struct vs_audit_row row = audit_row(4);
		uint8_t nonce[32] = {0};
		uint64_t id = 3;

		memcpy(nonce, &id, sizeof id);
		CHECK_INT(
		    vs_store_commit(f.s, &row, nonce, 5000, &f.err), VS_SPENT);
	}
	CHECK_INT(check_chain(&f), 4);
	fixture_fini(&f);
}

/* A replay uses nothing. */
static void
test_replay_uses_nothing(void)
{
	struct fixture f;
	struct vs_key_use u = of("models/a", 1);
	struct vs_audit_row row = audit_row(2);
	uint8_t nonce[32] = {0};
	uint64_t id = 1;

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/a", 2, false);
	CHECK_OK(use(&f, 1, &u, 1), f.err);
	memcpy(nonce, &id, sizeof id);
	CHECK_INT(
	    vs_store_commit_release(f.s, &row, nonce, 5000,
		&(struct vs_release_use){.keys = &u, .keys_n = 1}, &f.err),
	    VS_SPENT);
	CHECK_INT(uses_of(&f, "models/a"), 1);
	fixture_fini(&f);
}

/* All of a release, or none of it. */
static void
test_all_or_none(void)
{
	struct fixture f;
	struct vs_key_use u[] = {
	    of("models/a", 1), of("models/b", 1), of("models/c", 3)};

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/a", 5, false);
	add_limited(&f, "models/b", 5, false);
	add_limited(&f, "models/c", 5, true);
	CHECK_OK(use(&f, 1, u, 3), f.err);
	CHECK_INT(use(&f, 2, u, 3), VS_DENIED);
	CHECK_INT(uses_of(&f, "models/a"), 1);
	CHECK_INT(uses_of(&f, "models/b"), 1);
	CHECK_INT(uses_of(&f, "models/c"), 3);
	CHECK_OK(use(&f, 3, u, 2), f.err);
	fixture_fini(&f);
}

static vs_status
close_to(struct fixture *f, const char *name, int64_t floor, uint64_t id)
{
	struct vs_audit_row audit = audit_row(id);

	vs_err_clear(&f->err);
	return vs_store_key_close(
	    f->s, vs_span_cstr(name), floor, &audit, &f->err);
}

static void
test_closed_epochs(void)
{
	struct fixture f;
	struct vs_key_use u = of("models/ds", 4);
	struct vs_key_row row = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/ds", 0, true);
	add_limited(&f, "models/a", 0, false);
	u.epoch = 3;
	CHECK_OK(use(&f, 1, &u, 1), f.err);
	CHECK_INT(uses_of(&f, "models/ds"), 0); /* no limit, no count */
	CHECK_OK(close_to(&f, "models/ds", 4, 10), f.err);
	CHECK_INT(use(&f, 2, &u, 1), VS_DENIED);
	check_row(&f, 2, "denied", "key.epoch_closed");
	u.epoch = 4;
	CHECK_OK(use(&f, 3, &u, 1), f.err);
	CHECK_OK(close_to(&f, "models/ds", 2, 11), f.err); /* never back */
	u.epoch = 3;
	CHECK_INT(use(&f, 4, &u, 1), VS_DENIED);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/ds"), 1, &f.a, &row, &f.err),
	    f.err);
	CHECK_INT(row.epoch_floor, 4);
	CHECK_INT(close_to(&f, "models/a", 4, 12), VS_CONFLICT);
	CHECK_STR(f.err.code, "key.kind");
	CHECK_INT(close_to(&f, "models/none", 4, 13), VS_NOT_FOUND);
	fixture_fini(&f);
}

/* A new version begins where the others are, whatever its maker knew of
 * that. */
static void
test_closed_in_new_versions(void)
{
	struct fixture f;
	struct vs_key_row row = key_row("models/ds", 2);
	struct vs_key_use u = of("models/ds", 1);

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/ds", 0, true);
	CHECK_OK(close_to(&f, "models/ds", 4, 10), f.err);
	row.kind = VS_KIND_DATASET;
	CHECK_OK(vs_store_add_keys(f.s, &row, 1, &f.err), f.err);
	u.version = 2;
	u.epoch = 3;
	CHECK_INT(use(&f, 1, &u, 1), VS_DENIED);
	check_row(&f, 1, "denied", "key.epoch_closed");
	row.version = 3;
	row.epoch_floor = 6;
	CHECK_OK(vs_store_add_keys(f.s, &row, 1, &f.err), f.err);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/ds"), 3, &f.a, &row, &f.err),
	    f.err);
	CHECK_INT(row.epoch_floor, 6);
	fixture_fini(&f);
}

/* Between the decision and the commit. */
static void
test_disabled_meanwhile(void)
{
	struct fixture f;
	struct vs_key_use u = of("models/a", 1);

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/a", 9, false);
	CHECK_OK(vs_store_key_state(f.s, VS_SPAN_LIT("models/a"), 1,
		     VS_KEY_DISABLED, 1, &f.err),
	    f.err);
	CHECK_INT(use(&f, 1, &u, 1), VS_DENIED);
	check_row(&f, 1, "denied", "key.changed");
	fixture_fini(&f);
}

enum { THREADS = 8, EACH = 20, LIMIT = 50 };

struct racer {
	struct fixture *f;
	uint64_t base;
	unsigned got, denied;
	pthread_t thread;
};

static void *
race(void *arg)
{
	struct racer *r = arg;

	for (uint64_t i = 0; i < EACH; i++) {
		struct vs_key_use u = of("models/a", 1);
		struct vs_audit_row row = audit_row(r->base + i);
		uint8_t nonce[32] = {0};
		struct vs_err err = {0};
		uint64_t id = r->base + i;
		vs_status st;

		memcpy(nonce, &id, sizeof id);
		st = vs_store_commit_release(r->f->s, &row, nonce, 5000,
		    &(struct vs_release_use){.keys = &u, .keys_n = 1}, &err);
		r->got += st == VS_OK;
		r->denied += st == VS_DENIED;
	}
	return NULL;
}

/* 160 at once for 50: exactly 50 get it. */
static void
test_race(void)
{
	struct fixture f;
	struct racer r[THREADS] = {0};
	unsigned got = 0, denied = 0;

	fixture_init(&f);
	add_kek(&f, "models");
	add_limited(&f, "models/a", LIMIT, false);
	for (size_t i = 0; i < THREADS; i++) {
		r[i] = (struct racer){.f = &f, .base = 1000 * (i + 1)};
		CHECK_INT(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		got += r[i].got;
		denied += r[i].denied;
	}
	CHECK_INT(got, LIMIT);
	CHECK_INT(denied, THREADS * EACH - LIMIT);
	CHECK_INT(uses_of(&f, "models/a"), LIMIT);
	CHECK_INT(check_chain(&f), THREADS * EACH);
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_limit);
	RUN(test_replay_uses_nothing);
	RUN(test_all_or_none);
	RUN(test_closed_epochs);
	RUN(test_closed_in_new_versions);
	RUN(test_disabled_meanwhile);
	RUN(test_race);
	return check_result();
}
