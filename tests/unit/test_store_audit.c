/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail, its chain, and nonces that are spent once. */
#include <pthread.h>

#include "store_fixture.h"

static void
test_commit_spends_nonce_once(void)
{
	struct fixture f;
	uint8_t nonce[32] = {1};
	struct vs_audit_row row = audit_row(2);

	fixture_init(&f);
	CHECK_OK(commit(&f, 1, nonce), f.err);
	CHECK_INT(commit(&f, 2, nonce), VS_SPENT);
	CHECK_STR(f.err.code, "nonce.spent");
	CHECK_OK(vs_store_audit_get(f.s, row.id, &f.a, &row, &f.err), f.err);
	CHECK(vs_span_is(row.outcome, "denied"));
	CHECK(vs_span_is(row.class_name, "stale"));
	CHECK(vs_span_is(row.code, "nonce.spent"));
	CHECK(vs_span_is(row.keys, "models/a@1,models/b@2"));
	nonce[31] = 1;
	CHECK_OK(commit(&f, 3, nonce), f.err);
	CHECK_OK(commit(&f, 4, NULL), f.err);
	CHECK_INT(check_chain(&f), 4);
	fixture_fini(&f);
}

static void
test_row_round_trip(void)
{
	struct fixture f;
	struct vs_audit_row in = audit_row(77);
	struct vs_audit_row out = {0};

	fixture_init(&f);
	in.code = VS_SPAN_LIT("a.code");
	CHECK_OK(vs_store_commit(f.s, &in, NULL, 0, &f.err), f.err);
	CHECK_OK(vs_store_audit_get(f.s, in.id, &f.a, &out, &f.err), f.err);
	CHECK_INT(out.seq, 1);
	CHECK_INT(out.at_ms, 77000);
	CHECK(memcmp(in.id, out.id, 16) == 0);
	CHECK(vs_span_is(out.action, "release"));
	CHECK(vs_span_is(out.outcome, "allowed"));
	CHECK(vs_span_is(out.class_name, "ok"));
	CHECK(vs_span_is(out.code, "a.code"));
	CHECK(vs_span_is(out.peer, "127.0.0.1"));
	CHECK(vs_span_is(out.detail, "{\"claims\":{}}"));
	in.id[0] = 9;
	CHECK_INT(
	    vs_store_audit_get(f.s, in.id, &f.a, &out, &f.err), VS_NOT_FOUND);
	fixture_fini(&f);
}

/* Every field is covered, and no byte can move from one to its neighbour. */
static void
test_canonical_covers_every_field(void)
{
	struct vs_audit_row base = audit_row(1);
	struct vs_audit_row v[11];
	struct vs_buf a = {0};
	struct vs_buf b = {0};

	for (size_t i = 0; i < 11; i++)
		v[i] = base;
	v[0].seq = 1;
	v[1].id[3] = 1;
	v[2].at_ms = 1;
	v[3].action = VS_SPAN_LIT("x");
	v[4].outcome = VS_SPAN_LIT("x");
	v[5].class_name = VS_SPAN_LIT("x");
	v[6].code = VS_SPAN_LIT("x");
	v[7].peer = VS_SPAN_LIT("x");
	v[8].keys = VS_SPAN_LIT("x");
	v[9].detail = VS_SPAN_LIT("x");
	v[10].action = VS_SPAN_LIT("releasea");
	v[10].outcome = VS_SPAN_LIT("llowed");
	vs_audit_canonical(&base, &a);
	for (size_t i = 0; i < 11; i++) {
		vs_buf_reset(&b);
		vs_audit_canonical(&v[i], &b);
		CHECK(!vs_span_equal(vs_buf_span(&a), vs_buf_span(&b)));
	}
	vs_buf_fini(&a);
	vs_buf_fini(&b);
}

static void
test_chain_failure_writes_nothing(void)
{
	struct fixture f;
	uint8_t nonce[32] = {5};

	fixture_init(&f);
	CHECK_OK(commit(&f, 1, NULL), f.err);
	f.chain_fails = true;
	CHECK_INT(commit(&f, 2, nonce), VS_SEALED);
	f.chain_fails = false;
	CHECK_OK(commit(&f, 2, nonce), f.err);
	CHECK_INT(check_chain(&f), 2);
	fixture_fini(&f);
}

static void
test_second_row_of_an_id_fails_alone(void)
{
	struct fixture f;
	uint8_t nonce[32] = {6};

	fixture_init(&f);
	CHECK_OK(commit(&f, 1, NULL), f.err);
	CHECK_INT(commit(&f, 1, nonce), VS_CONFLICT);
	CHECK_OK(commit(&f, 2, nonce), f.err);
	CHECK_INT(check_chain(&f), 2);
	fixture_fini(&f);
}

struct racer {
	struct fixture *f;
	uint64_t id;
	uint8_t nonce[32];
	bool spends;
	vs_status st;
	pthread_t t;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct vs_audit_row row = audit_row(r->id);
	struct vs_err err = {0};

	r->st = vs_store_commit(
	    r->f->s, &row, r->spends ? r->nonce : NULL, 5000, &err);
	return NULL;
}

enum { RACERS = 200 };

static void
test_200_threads_spend_one_nonce_once(void)
{
	static struct racer r[RACERS];
	struct fixture f;
	size_t ok = 0;
	size_t spent = 0;

	fixture_init(&f);
	for (size_t i = 0; i < RACERS; i++) {
		r[i] = (struct racer){.f = &f, .id = i + 1, .spends = true};
		r[i].nonce[0] = 42;
		CHECK_INT(pthread_create(&r[i].t, NULL, race, &r[i]), 0);
	}
	for (size_t i = 0; i < RACERS; i++) {
		pthread_join(r[i].t, NULL);
		ok += r[i].st == VS_OK;
		spent += r[i].st == VS_SPENT;
	}
	CHECK_INT(ok, 1);
	CHECK_INT(spent, RACERS - 1);
	CHECK_INT(check_chain(&f), RACERS);
	CHECK(f.chain_calls <= RACERS);
	printf("%u chain calls for %d commits\n", f.chain_calls, RACERS);
	fixture_fini(&f);
}

/* Half of the racers share an id: one of them wins, all others are served. */
static void
test_conflict_in_a_group_fails_alone(void)
{
	static struct racer r[RACERS];
	struct fixture f;
	size_t ok = 0;

	fixture_init(&f);
	for (size_t i = 0; i < RACERS; i++) {
		r[i] = (struct racer){.f = &f, .id = i % 2 == 0 ? 1 : i + 1000};
		CHECK_INT(pthread_create(&r[i].t, NULL, race, &r[i]), 0);
	}
	for (size_t i = 0; i < RACERS; i++) {
		pthread_join(r[i].t, NULL);
		ok += r[i].st == VS_OK;
		if (i % 2 == 1)
			CHECK_INT(r[i].st, VS_OK);
	}
	CHECK_INT(ok, RACERS / 2 + 1);
	CHECK_INT(check_chain(&f), RACERS / 2 + 1);
	fixture_fini(&f);
}

static void
list(struct fixture *f, struct vs_audit_filter filter, const char *want)
{
	struct vs_audit_row *rows = NULL;
	struct vs_buf got = {0};
	size_t n = 0;

	CHECK_OK(vs_store_audit_list(f->s, &filter, &f->a, &rows, &n, &f->err),
	    f->err);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(rows[i].detail.n, 0);
		vs_buf_printf(&got, "%d ", (int)rows[i].seq);
	}
	CHECK_STR(vs_buf_cstr(&got), want);
	vs_buf_fini(&got);
}

static void
test_list_filters_and_pages(void)
{
	struct fixture f;

	fixture_init(&f);
	for (uint64_t i = 1; i <= 5; i++) {
		struct vs_audit_row row = audit_row(i);

		if (i == 2)
			row.outcome = VS_SPAN_LIT("denied");
		if (i == 3)
			row.action = VS_SPAN_LIT("key.create");
		if (i == 4)
			row.keys = VS_SPAN_LIT("models/ab@1,xmodels/a@1");
		if (i == 5)
			row.keys = VS_SPAN_LIT("x/y,models/b");
		CHECK_OK(vs_store_commit(f.s, &row, NULL, 0, &f.err), f.err);
	}
	list(&f, (struct vs_audit_filter){.limit = 9}, "5 4 3 2 1 ");
	list(&f, (struct vs_audit_filter){.limit = 2}, "5 4 ");
	list(&f, (struct vs_audit_filter){.limit = 2, .before = 4}, "3 2 ");
	list(&f, (struct vs_audit_filter){.limit = 9, .since_ms = 3000},
	    "5 4 3 ");
	list(&f,
	    (struct vs_audit_filter){
		.limit = 9, .outcome = VS_SPAN_LIT("denied")},
	    "2 ");
	list(&f,
	    (struct vs_audit_filter){
		.limit = 9, .action = VS_SPAN_LIT("key.create")},
	    "3 ");
	list(&f,
	    (struct vs_audit_filter){
		.limit = 9, .key = VS_SPAN_LIT("models/a")},
	    "3 2 1 ");
	list(&f,
	    (struct vs_audit_filter){
		.limit = 9, .key = VS_SPAN_LIT("models/b")},
	    "5 3 2 1 ");
	list(&f,
	    (struct vs_audit_filter){.limit = 9, .key = VS_SPAN_LIT("models")},
	    "");
	list(&f, (struct vs_audit_filter){.limit = 0}, "");
	fixture_fini(&f);
}

static void
test_prune_removes_only_expired(void)
{
	struct fixture f;
	uint8_t nonce[32] = {0};
	size_t removed = 0;

	fixture_init(&f);
	for (uint64_t i = 1; i <= 30; i++) {
		struct vs_audit_row row = audit_row(i);

		nonce[0] = (uint8_t)(i * 37);
		CHECK_OK(vs_store_commit(
			     f.s, &row, nonce, (int64_t)(100 * i), &f.err),
		    f.err);
	}
	CHECK_OK(vs_store_prune_nonces(f.s, 1500, &removed, &f.err), f.err);
	CHECK_INT(removed, 14);
	nonce[0] = 15 * 37 % 256; /* expires at 1500: kept */
	CHECK_INT(commit(&f, 100, nonce), VS_SPENT);
	nonce[0] = 14 * 37 % 256;
	CHECK_OK(commit(&f, 101, nonce), f.err);
	CHECK_OK(vs_store_prune_nonces(f.s, 99999, &removed, &f.err), f.err);
	CHECK_INT(removed, 17);
	CHECK_OK(vs_store_prune_nonces(f.s, 99999, &removed, &f.err), f.err);
	CHECK_INT(removed, 0);
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_commit_spends_nonce_once);
	RUN(test_row_round_trip);
	RUN(test_canonical_covers_every_field);
	RUN(test_chain_failure_writes_nothing);
	RUN(test_second_row_of_an_id_fails_alone);
	RUN(test_200_threads_spend_one_nonce_once);
	RUN(test_conflict_in_a_group_fails_alone);
	RUN(test_list_filters_and_pages);
	RUN(test_prune_removes_only_expired);
	return check_result();
}
