/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of lists and what waits for approval: one at a time, and a
 * thousand at once. */
#include <pthread.h>

#include "store/lists.h"
#include "store_fixture.h"

enum { APPROVER = 16, SECURITY = 2, DAY = 86400000 };

static _Atomic uint64_t serial = 1;

struct person {
	const char *name;
	unsigned roles;
};
static const struct person ann = {"ann", SECURITY};
static const struct person bob = {"bob", APPROVER};
static const struct person cat = {"cat", APPROVER | SECURITY};
static const struct person dan = {"dan", APPROVER};

static void
put_id(uint64_t n, uint8_t id[16])
{
	memset(id, 0, 16);
	for (size_t i = 0; i < 8; i++)
		id[15 - i] = (uint8_t)(n >> (8 * i));
}

/* The record lives in *row. */
static struct vs_act
act_of(const struct person *p, int64_t now, struct vs_audit_row *row)
{
	*row = audit_row(serial++);
	row->action = VS_SPAN_LIT("list.change");
	row->outcome = VS_SPAN_LIT("done");
	return (struct vs_act){.who = vs_span_cstr(p->name),
	    .person = vs_span_cstr(p->name),
	    .roles = p->roles,
	    .now_ms = now,
	    .audit = row};
}

static struct vs_entry_add
add_of(const char *value, uint8_t need)
{
	struct vs_entry_add a = {
	    .row = {.list = VS_SPAN_LIT("images"),
		.value = vs_span_cstr(value),
		.kind = VS_SPAN_LIT("text"),
		.labels = VS_SPAN_LIT("{}")},
	    .need = {.any = need},
	    .ask_until_ms = DAY,
	};

	put_id(serial++, a.ask);
	return a;
}

static vs_status
add(struct fixture *f, const struct person *p, const char *value, uint8_t need,
    struct vs_entry_outcome *out)
{
	struct vs_audit_row row;
	struct vs_act act = act_of(p, 1000, &row);
	struct vs_entry_add a = add_of(value, need);

	vs_err_clear(&f->err);
	return vs_store_entry_add(f->s, &act, &a, out, &f->err);
}

static vs_status
vote_at(struct fixture *f, const struct person *p, const uint8_t id[16],
    bool reject, int64_t now, struct vs_vote_outcome *out)
{
	struct vs_audit_row row;
	struct vs_act act = act_of(p, now, &row);
	struct vs_vote v = {.reject = reject};

	memcpy(v.ask, id, 16);
	vs_err_clear(&f->err);
	return vs_store_vote(f->s, &act, &v, out, &f->err);
}

static vs_status
vote(struct fixture *f, const struct person *p, const uint8_t id[16],
    struct vs_vote_outcome *out)
{
	return vote_at(f, p, id, false, 2000, out);
}

static vs_status
take_back(struct fixture *f, const struct person *p, const char *value,
    uint8_t need, struct vs_entry_outcome *out)
{
	struct vs_audit_row row;
	struct vs_act act = act_of(p, 3000, &row);
	struct vs_entry_revoke r = {.list = VS_SPAN_LIT("images"),
	    .value = vs_span_cstr(value),
	    .reason = VS_SPAN_LIT("why not"),
	    .need = {.any = need},
	    .ask_until_ms = DAY};

	put_id(serial++, r.ask);
	vs_err_clear(&f->err);
	return vs_store_entry_revoke(f->s, &act, &r, out, &f->err);
}

static vs_entry_state
state_of(struct fixture *f, const char *value)
{
	struct vs_entry_row r;
	vs_status st = vs_store_entry(f->s, VS_SPAN_LIT("images"),
	    vs_span_cstr(value), &f->a, &r, &f->err);

	return st == VS_OK ? r.state : VS_ENTRY_NONE;
}

static int64_t
change_of(struct fixture *f)
{
	int64_t n = -1;

	CHECK_OK(vs_store_lists_change(f->s, &n, &f->err), f->err);
	return n;
}

static size_t
records(struct fixture *f)
{
	struct vs_audit_span all = {.until_ms = INT64_MAX};
	size_t n = 0;

	CHECK_OK(vs_store_audit_count(f->s, &all, &n, &f->err), f->err);
	return n;
}

static void
test_add_is_idempotent(void)
{
	struct fixture f;
	struct vs_entry_outcome a, b;

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 0, &a), f.err);
	CHECK_INT(a.state, VS_ENTRY_ACTIVE);
	CHECK(!a.unchanged && !a.waits);
	CHECK_INT(change_of(&f), 1);
	CHECK_INT(records(&f), 1);
	CHECK_OK(add(&f, &bob, "one", 0, &b), f.err);
	CHECK(b.unchanged && b.id == a.id && b.change == a.change);
	CHECK_INT(change_of(&f), 1);
	CHECK_INT(records(&f), 1);
	fixture_fini(&f);
}

static void
test_other_content_replaces(void)
{
	struct fixture f;
	struct vs_entry_outcome a, b;
	struct vs_entry_add again = add_of("one", 0);
	struct vs_audit_row row;
	struct vs_act act = act_of(&ann, 1500, &row);

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 0, &a), f.err);
	again.row.labels = VS_SPAN_LIT("{\"a\":\"b\"}");
	again.match = (struct vs_entry_match){true, a.id, a.change + 1};
	CHECK_INT(
	    vs_store_entry_add(f.s, &act, &again, &b, &f.err), VS_CONFLICT);
	CHECK_STR(f.err.code, "etag.mismatch");
	again.match.change = a.change;
	CHECK_OK(vs_store_entry_add(f.s, &act, &again, &b, &f.err), f.err);
	CHECK(b.id != a.id && b.state == VS_ENTRY_ACTIVE && !b.unchanged);
	CHECK_INT(change_of(&f), 2);
	CHECK(check_chain(&f) == 2);
	fixture_fini(&f);
}

static void
test_two_persons(void)
{
	struct fixture f;
	struct vs_entry_outcome a, b;
	struct vs_vote_outcome v;

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 2, &a), f.err);
	CHECK(a.waits && a.state == VS_ENTRY_PENDING);
	CHECK_INT(change_of(&f), 0);
	CHECK_OK(add(&f, &bob, "one", 2, &b), f.err);
	CHECK(b.unchanged && memcmp(a.ask, b.ask, 16) == 0);
	CHECK_INT(vote(&f, &ann, a.ask, &v), VS_DENIED);
	CHECK_STR(f.err.code, "approval.self");
	CHECK_OK(vote(&f, &bob, a.ask, &v), f.err);
	CHECK(v.state == VS_ASK_OPEN && !v.unchanged);
	CHECK_OK(vote(&f, &bob, a.ask, &v), f.err);
	CHECK(v.state == VS_ASK_OPEN && v.unchanged);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_PENDING);
	CHECK_OK(vote(&f, &cat, a.ask, &v), f.err);
	CHECK_INT(v.state, VS_ASK_APPROVED);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_ACTIVE);
	CHECK_INT(change_of(&f), 1);
	CHECK_OK(vote(&f, &cat, a.ask, &v), f.err);
	CHECK(v.unchanged);
	CHECK_INT(vote(&f, &dan, a.ask, &v), VS_CONFLICT);
	CHECK_STR(f.err.code, "approval.closed");
	/* Two refusals, one addition, two votes. */
	CHECK_INT(check_chain(&f), 5);
	fixture_fini(&f);
}

static void
test_today_may_ask_for_more(void)
{
	struct fixture f;
	struct vs_entry_outcome a;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act;
	struct vs_vote more = {.need = {.any = 1, .role = {[1] = 1}}};

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 1, &a), f.err);
	memcpy(more.ask, a.ask, 16);
	act = act_of(&bob, 2000, &row);
	CHECK_OK(vs_store_vote(f.s, &act, &more, &v, &f.err), f.err);
	CHECK_INT(v.state, VS_ASK_OPEN);
	act = act_of(&cat, 2000, &row);
	CHECK_OK(vs_store_vote(f.s, &act, &more, &v, &f.err), f.err);
	CHECK_INT(v.state, VS_ASK_APPROVED);
	fixture_fini(&f);
}

static void
test_reject_and_lapse(void)
{
	struct fixture f;
	struct vs_entry_outcome a;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act;
	size_t n = 9;

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 1, &a), f.err);
	CHECK_OK(vote_at(&f, &bob, a.ask, true, 2000, &v), f.err);
	CHECK_INT(v.state, VS_ASK_REJECTED);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_NONE);
	CHECK_INT(vote(&f, &cat, a.ask, &v), VS_CONFLICT);
	CHECK_OK(add(&f, &ann, "one", 1, &a), f.err);
	CHECK_INT(vote_at(&f, &bob, a.ask, false, DAY, &v), VS_CONFLICT);
	CHECK_STR(f.err.code, "approval.lapsed");
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_NONE);
	CHECK_INT(vote(&f, &cat, a.ask, &v), VS_CONFLICT);
	CHECK_OK(add(&f, &ann, "two", 1, &a), f.err);
	act = act_of(&ann, DAY - 1, &row);
	CHECK_OK(vs_store_asks_lapse(f.s, &act, &n, &f.err), f.err);
	CHECK_INT(n, 0);
	n = records(&f);
	act = act_of(&ann, DAY, &row);
	CHECK_OK(vs_store_asks_lapse(f.s, &act, &n, &f.err), f.err);
	CHECK_INT(n, 1);
	CHECK_INT(state_of(&f, "two"), VS_ENTRY_NONE);
	CHECK_INT(change_of(&f), 0);
	CHECK(check_chain(&f) > 0);
	fixture_fini(&f);
}

static void
test_revoke(void)
{
	struct fixture f;
	struct vs_entry_outcome a, r, b;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act;
	struct vs_entry_add again;

	fixture_init(&f);
	CHECK_INT(take_back(&f, &ann, "one", 0, &r), VS_NOT_FOUND);
	CHECK_OK(add(&f, &ann, "one", 0, &a), f.err);
	CHECK_OK(take_back(&f, &ann, "one", 1, &r), f.err);
	CHECK(r.waits && r.state == VS_ENTRY_ACTIVE);
	CHECK_OK(take_back(&f, &bob, "one", 1, &b), f.err);
	CHECK(b.unchanged && memcmp(b.ask, r.ask, 16) == 0);
	CHECK_INT(vote(&f, &ann, r.ask, &v), VS_DENIED);
	/* An emergency does not wait, and ends what waits. */
	CHECK_OK(take_back(&f, &cat, "one", 0, &b), f.err);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_REVOKED);
	CHECK_INT(change_of(&f), 2);
	CHECK_INT(vote(&f, &bob, r.ask, &v), VS_CONFLICT);
	CHECK_OK(take_back(&f, &cat, "one", 0, &b), f.err);
	CHECK(b.unchanged);
	CHECK_INT(add(&f, &bob, "one", 0, &b), VS_CONFLICT);
	CHECK_STR(f.err.code, "entry.revoked");
	/* While the security team asks for it again it stays revoked. */
	again = add_of("one", 1);
	again.may_restore = true;
	act = act_of(&ann, 4000, &row);
	CHECK_OK(vs_store_entry_add(f.s, &act, &again, &b, &f.err), f.err);
	CHECK(b.waits);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_REVOKED);
	CHECK_OK(vote(&f, &bob, b.ask, &v), f.err);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_ACTIVE);
	/* A revocation takes what waits with it. */
	again = add_of("two", 1);
	act = act_of(&ann, 4000, &row);
	CHECK_OK(vs_store_entry_add(f.s, &act, &again, &b, &f.err), f.err);
	CHECK_OK(take_back(&f, &cat, "two", 0, &r), f.err);
	CHECK_INT(r.state, VS_ENTRY_REJECTED);
	CHECK_INT(vote(&f, &bob, b.ask, &v), VS_CONFLICT);
	CHECK(check_chain(&f) > 0);
	fixture_fini(&f);
}

static void
test_pending_content_stays(void)
{
	struct fixture f;
	struct vs_entry_outcome a;
	struct vs_entry_add other = add_of("one", 1);
	struct vs_audit_row row;
	struct vs_act act = act_of(&bob, 1000, &row);

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", 1, &a), f.err);
	other.row.slsa_level = 3;
	CHECK_INT(
	    vs_store_entry_add(f.s, &act, &other, &a, &f.err), VS_CONFLICT);
	CHECK_STR(f.err.code, "entry.pending");
	fixture_fini(&f);
}

static void
test_release_is_used_once(void)
{
	struct fixture f;
	struct vs_ask_row ask = {.action = VS_ASK_RELEASE,
	    .subject = VS_SPAN_LIT("models/a@1"),
	    .value = VS_SPAN_LIT("b1nd1ng"),
	    .need = {.any = 1},
	    .asked_by = VS_SPAN_LIT("guest"),
	    .person = VS_SPAN_LIT("guest"),
	    .asked_ms = 1000,
	    .expires_ms = DAY,
	    .window_ms = 5000,
	    .detail = VS_SPAN_LIT("{}")};
	struct vs_ask_row first, second;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act = act_of(&ann, 1000, &row);

	fixture_init(&f);
	put_id(serial++, ask.id);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &first, &f.err), f.err);
	CHECK_INT(first.state, VS_ASK_OPEN);
	put_id(serial++, ask.id);
	act = act_of(&ann, 1000, &row);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &second, &f.err), f.err);
	CHECK(memcmp(first.id, second.id, 16) == 0);
	CHECK_OK(vote(&f, &bob, first.id, &v), f.err);
	CHECK_INT(v.state, VS_ASK_APPROVED);
	act = act_of(&ann, 3000, &row);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &second, &f.err), f.err);
	CHECK_INT(second.state, VS_ASK_APPROVED);
	CHECK_INT(second.expires_ms, 7000);
	/* When its window is over it must be asked for again. */
	act = act_of(&ann, 7000, &row);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &second, &f.err), f.err);
	CHECK_INT(second.state, VS_ASK_OPEN);
	CHECK(memcmp(first.id, second.id, 16) != 0);
	fixture_fini(&f);
}

/* What was agreed to under weaker rules is not what they want now. */
static void
test_release_by_the_rules_of_today(void)
{
	struct fixture f;
	struct vs_ask_row ask = {.action = VS_ASK_RELEASE,
	    .subject = VS_SPAN_LIT("models/a@1"),
	    .value = VS_SPAN_LIT("b1nd1ng"),
	    .need = {.any = 1},
	    .asked_by = VS_SPAN_LIT("guest"),
	    .person = VS_SPAN_LIT("guest"),
	    .asked_ms = 1000,
	    .expires_ms = DAY,
	    .window_ms = 5000,
	    .detail = VS_SPAN_LIT("{}")};
	struct vs_ask_row first, second;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act = act_of(&ann, 1000, &row);

	fixture_init(&f);
	for (int i = 0; i < 3; i++) {
		put_id(serial++, ask.id);
		act = act_of(&ann, 1000, &row);
		CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &first, &f.err),
		    f.err);
		CHECK_OK(vote(&f, &bob, first.id, &v), f.err);
		CHECK_INT(v.state, i == 0 ? VS_ASK_APPROVED : VS_ASK_OPEN);
		if (i == 0)
			ask.need.role[1] = 1;
		if (i == 1)
			ask.window_ms = 1000;
		put_id(serial++, ask.id);
		act = act_of(&ann, 2000, &row);
		CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &second, &f.err),
		    f.err);
		CHECK_INT(second.state, VS_ASK_OPEN);
		CHECK((memcmp(first.id, second.id, 16) == 0) == (i == 2));
	}
	/* Where two sets of policies differ, either's demands are met. */
	ask.need = (struct vs_need){.any = 1};
	ask.window_ms = 5000;
	act = act_of(&ann, 2000, &row);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &first, &f.err), f.err);
	CHECK(memcmp(first.id, second.id, 16) == 0);
	CHECK_OK(vote(&f, &cat, first.id, &v), f.err);
	CHECK_INT(v.state, VS_ASK_APPROVED);
	act = act_of(&ann, 2500, &row);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &first, &f.err), f.err);
	CHECK_INT(first.expires_ms, 3000);
	fixture_fini(&f);
}

static vs_status
forbid(struct fixture *f, int64_t until, bool emergency, uint8_t need,
    struct vs_entry_outcome *out)
{
	struct vs_audit_row row;
	struct vs_act act = act_of(&ann, 1000, &row);
	struct vs_entry_add a = add_of("one", need);

	a.no_sooner = true;
	a.overtakes = emergency;
	a.row.expires_ms = until;
	a.expires_given = true;
	vs_err_clear(&f->err);
	return vs_store_entry_add(f->s, &act, &a, out, &f->err);
}

/* A ban that a later one may shorten is lifted by who may only ban. */
static void
test_what_forbids_ends_no_sooner(void)
{
	struct fixture f;
	struct vs_entry_outcome a;
	struct vs_entry_add again;
	struct vs_audit_row row;
	struct vs_act act;

	fixture_init(&f);
	CHECK_OK(forbid(&f, 9000, false, 0, &a), f.err);
	CHECK_INT(forbid(&f, 8999, false, 0, &a), VS_CONFLICT);
	CHECK_STR(f.err.code, "entry.sooner");
	CHECK_INT(forbid(&f, 8999, false, 1, &a), VS_CONFLICT);
	CHECK_OK(forbid(&f, 9001, false, 0, &a), f.err);
	CHECK_OK(forbid(&f, 0, false, 0, &a), f.err);
	CHECK_INT(forbid(&f, DAY, true, 0, &a), VS_CONFLICT);
	CHECK_STR(f.err.code, "entry.sooner");
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_ACTIVE);
	/* Said without an end, it is for ever, whatever was there. */
	a.unchanged = true;
	again = add_of("two", 0);
	again.no_sooner = true;
	again.row.expires_ms = 9000;
	for (int i = 0; i < 3; i++) {
		act = act_of(&ann, 1000, &row);
		CHECK_OK(
		    vs_store_entry_add(f.s, &act, &again, &a, &f.err), f.err);
		CHECK(a.unchanged == (i == 2));
		again.row.expires_ms = 0;
	}
	fixture_fini(&f);
}

static void
test_emergency_overtakes_what_waits(void)
{
	struct fixture f;
	struct vs_entry_outcome a, b;
	struct vs_vote_outcome v;

	fixture_init(&f);
	/* The same content, and another. */
	for (int i = 0; i < 2; i++) {
		CHECK_OK(forbid(&f, 9000 + i, false, 1, &a), f.err);
		CHECK(a.waits);
		CHECK_OK(forbid(&f, 9000 + 2 * i, true, 0, &b), f.err);
		CHECK(!b.waits && !b.unchanged);
		CHECK_INT(b.state, VS_ENTRY_ACTIVE);
		CHECK_INT(state_of(&f, "one"), VS_ENTRY_ACTIVE);
		CHECK_INT(vote(&f, &bob, a.ask, &v), VS_CONFLICT);
		CHECK_STR(f.err.code, "approval.closed");
	}
	CHECK_OK(forbid(&f, 9002, true, 0, &b), f.err);
	CHECK(b.unchanged);
	fixture_fini(&f);
}

static void
test_need(void)
{
	const struct vs_need two = {.any = 2};
	const struct vs_need each = {.role = {[1] = 1, [4] = 1}};
	const struct vs_need more = {.any = 1, .role = {[1] = 1}};
	const unsigned both[] = {SECURITY | APPROVER};
	const unsigned pair[] = {SECURITY | APPROVER, APPROVER};
	const unsigned same[] = {APPROVER, APPROVER, APPROVER};
	const unsigned swap[] = {APPROVER, SECURITY | APPROVER};

	CHECK(!vs_need_met(&two, both, 1));
	CHECK(vs_need_met(&two, pair, 2));
	/* One person fills one place, whatever he may. */
	CHECK(!vs_need_met(&each, both, 1));
	CHECK(vs_need_met(&each, pair, 2));
	CHECK(vs_need_met(&each, swap, 2));
	CHECK(!vs_need_met(&each, same, 3));
	CHECK(!vs_need_met(&more, same, 3));
	CHECK(vs_need_met(&more, pair, 2));
	CHECK(!vs_need_met(&two, NULL, 0));
}

/* ---- a thousand at once -------------------------------------------------- */

enum { THREADS = 8, OPS = 125, VALUES = 5, NEED = 2 };

struct crowd {
	struct fixture *f;
	unsigned seed;
	unsigned odd; /* statuses that no call may have */
};

static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static bool
expected(vs_status st)
{
	return st == VS_OK || st == VS_DENIED || st == VS_CONFLICT ||
	    st == VS_NOT_FOUND;
}

static vs_status
vote_on_any(struct vs_store *s, const struct vs_act *act, unsigned which,
    bool reject, struct vs_err *err)
{
	struct vs_ask_filter open = {.state = VS_ASK_OPEN, .limit = 16};
	struct vs_vote v = {.reject = reject, .need = {.any = NEED}};
	struct vs_vote_outcome out;
	struct vs_ask_row *rows = NULL;
	struct vs_arena a;
	size_t n = 0;
	vs_status st;

	vs_arena_init(&a, 1024 * 1024);
	st = vs_store_asks(s, &open, &a, &rows, &n, err);
	if (st == VS_OK && n > 0) {
		memcpy(v.ask, rows[which % n].id, 16);
		st = vs_store_vote(s, act, &v, &out, err);
	}
	vs_arena_fini(&a);
	return st;
}

static void *
jostle(void *arg)
{
	static const char *const values[VALUES] = {"a", "b", "c", "d", "e"};
	static const struct person *const people[] = {&ann, &bob, &cat, &dan};
	struct crowd *c = arg;

	for (unsigned i = 0; i < OPS; i++) {
		const char *value = values[next(&c->seed) % VALUES];
		const struct person *p = people[next(&c->seed) % 4];
		unsigned what = next(&c->seed) % 10;
		int64_t now = 1000 + next(&c->seed) % 4000;
		struct vs_audit_row row;
		struct vs_act act = act_of(p, now, &row);
		struct vs_err err = {0};
		struct vs_entry_outcome out;
		vs_status st;

		if (what < 3) {
			struct vs_entry_add a = add_of(value, NEED);

			a.may_restore = true;
			/* Some lapse while they are voted on. */
			a.ask_until_ms = now + 500;
			st = vs_store_entry_add(c->f->s, &act, &a, &out, &err);
		} else if (what < 8) {
			st = vote_on_any(
			    c->f->s, &act, next(&c->seed), what == 7, &err);
		} else if (what == 8) {
			struct vs_entry_revoke r = {
			    .list = VS_SPAN_LIT("images"),
			    .value = vs_span_cstr(value),
			    .need = {.any = next(&c->seed) % 2},
			    .ask_until_ms = now + 500};

			put_id(serial++, r.ask);
			st = vs_store_entry_revoke(
			    c->f->s, &act, &r, &out, &err);
		} else {
			size_t n;

			st = vs_store_asks_lapse(c->f->s, &act, &n, &err);
		}
		c->odd += !expected(st);
	}
	return NULL;
}

/* How many of those who agreed were not who asked. */
static size_t
others(struct fixture *f, const struct vs_ask_row *ask)
{
	struct vs_vote_row *v = NULL;
	struct vs_ask_row again;
	size_t n = 0, k = 0;

	CHECK_OK(vs_store_ask(f->s, ask->id, &f->a, &again, &v, &n, &f->err),
	    f->err);
	for (size_t i = 0; i < n; i++)
		k += !vs_span_equal(v[i].person, ask->person);
	CHECK_INT(k, n);
	return k;
}

/* Every entry that was ever active was agreed to by two others. */
static void
check_asks(struct fixture *f, size_t *approved)
{
	struct vs_ask_filter all = {.limit = 100000};
	struct vs_ask_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(vs_store_asks(f->s, &all, &f->a, &rows, &n, &f->err), f->err);
	*approved = 0;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].state != VS_ASK_APPROVED)
			continue;
		CHECK(others(f, &rows[i]) >=
		    (rows[i].action == VS_ASK_ADD ? NEED : 1));
		*approved += rows[i].action == VS_ASK_ADD;
	}
}

static void
check_entries(struct fixture *f, size_t approved)
{
	static const char *const values[VALUES] = {"a", "b", "c", "d", "e"};
	size_t ever = 0;

	for (size_t k = 0; k < VALUES; k++) {
		struct vs_entry_filter of = {.list = VS_SPAN_LIT("images"),
		    .value = vs_span_cstr(values[k]),
		    .limit = 10000};
		struct vs_entry_row *rows = NULL;
		size_t n = 0, live = 0, pending = 0;

		CHECK_OK(vs_store_entries(f->s, &of, &f->a, &rows, &n, &f->err),
		    f->err);
		for (size_t i = 0; i < n; i++) {
			live += rows[i].state == VS_ENTRY_ACTIVE ||
			    rows[i].state == VS_ENTRY_REVOKED;
			pending += rows[i].state == VS_ENTRY_PENDING;
			ever += rows[i].state == VS_ENTRY_ACTIVE ||
			    rows[i].state == VS_ENTRY_REVOKED ||
			    rows[i].state == VS_ENTRY_REPLACED;
			if (rows[i].state == VS_ENTRY_ACTIVE)
				CHECK(rows[i].approvals.n > 3);
		}
		CHECK(live <= 1 && pending <= 1);
	}
	CHECK_INT(ever, approved);
}

static void
test_a_thousand_at_once(void)
{
	struct fixture f;
	struct crowd crowd[THREADS];
	pthread_t t[THREADS];
	size_t approved = 0;

	fixture_init(&f);
	for (unsigned i = 0; i < THREADS; i++) {
		crowd[i] = (struct crowd){.f = &f, .seed = i + 7};
		CHECK(pthread_create(&t[i], NULL, jostle, &crowd[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		(void)pthread_join(t[i], NULL);
		CHECK_INT(crowd[i].odd, 0);
	}
	check_asks(&f, &approved);
	CHECK(approved > 5);
	check_entries(&f, approved);
	CHECK(check_chain(&f) > 0);
	printf("     %zu entries were approved\n", approved);
	fixture_fini(&f);
}

/* All at the last moment: the second voice of two, many times. */
static void *
agree(void *arg)
{
	struct crowd *c = arg;
	struct person p = {"", APPROVER};
	char name[16];
	struct vs_vote_outcome out;
	struct vs_audit_row row;
	struct vs_act act;
	struct vs_err err = {0};
	struct vs_vote v = {.need = {.any = NEED}};

	(void)snprintf(name, sizeof name, "p%u", c->seed);
	p.name = name;
	act = act_of(&p, 2000, &row);
	put_id(c->odd, v.ask);
	c->odd = vs_store_vote(c->f->s, &act, &v, &out, &err) == VS_OK &&
	    out.state == VS_ASK_APPROVED;
	return NULL;
}

static void
test_the_last_voice_counts_once(void)
{
	struct fixture f;
	struct vs_entry_outcome out;
	struct crowd crowd[THREADS];
	pthread_t t[THREADS];
	unsigned n = 0;

	fixture_init(&f);
	CHECK_OK(add(&f, &ann, "one", NEED, &out), f.err);
	for (unsigned i = 0; i < THREADS; i++) {
		crowd[i] = (struct crowd){.f = &f, .seed = i};
		for (size_t k = 8; k < 16; k++)
			crowd[i].odd = crowd[i].odd << 8 | out.ask[k];
		CHECK(pthread_create(&t[i], NULL, agree, &crowd[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		(void)pthread_join(t[i], NULL);
		n += crowd[i].odd;
	}
	CHECK_INT(n, 1);
	CHECK_INT(change_of(&f), 1);
	CHECK_INT(state_of(&f, "one"), VS_ENTRY_ACTIVE);
	CHECK(check_chain(&f) > 0);
	fixture_fini(&f);
}

/* One approval, many releases that would use it up. */
static void *
release(void *arg)
{
	struct crowd *c = arg;
	uint8_t nonce[VS_STORE_NONCE_SIZE] = {0}, id[VS_ASK_ID_SIZE];
	struct vs_audit_row row = audit_row(serial++);
	struct vs_err err = {0};
	vs_status st;

	row.at_ms = 3000;
	nonce[0] = (uint8_t)c->seed;
	put_id(c->odd, id);
	st = vs_store_commit_release(c->f->s, &row, nonce, DAY,
	    &(struct vs_release_use){.asks = id, .asks_n = 1}, &err);
	c->odd = st == VS_OK;
	CHECK(st == VS_OK || st == VS_DENIED);
	if (st == VS_DENIED)
		CHECK_STR(err.code, "denied");
	return NULL;
}

static void
test_an_approval_is_used_once(void)
{
	struct fixture f;
	struct crowd crowd[THREADS];
	pthread_t t[THREADS];
	struct vs_ask_row ask = {.action = VS_ASK_RELEASE,
	    .subject = VS_SPAN_LIT("models/a@1"),
	    .value = VS_SPAN_LIT("b1nd1ng"),
	    .need = {.any = 1},
	    .asked_by = VS_SPAN_LIT("guest"),
	    .person = VS_SPAN_LIT("guest"),
	    .expires_ms = DAY,
	    .window_ms = 5000,
	    .detail = VS_SPAN_LIT("{}")};
	struct vs_ask_row found;
	struct vs_vote_outcome v;
	struct vs_audit_row row;
	struct vs_act act = act_of(&ann, 1000, &row);
	uint64_t id = serial++;
	unsigned n = 0;

	fixture_init(&f);
	put_id(id, ask.id);
	CHECK_OK(vs_store_ask_release(f.s, &act, &ask, &found, &f.err), f.err);
	CHECK_OK(vote(&f, &bob, ask.id, &v), f.err);
	for (unsigned i = 0; i < THREADS; i++) {
		crowd[i] =
		    (struct crowd){.f = &f, .seed = i, .odd = (unsigned)id};
		CHECK(pthread_create(&t[i], NULL, release, &crowd[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		(void)pthread_join(t[i], NULL);
		n += crowd[i].odd;
	}
	CHECK_INT(n, 1);
	CHECK(check_chain(&f) > THREADS);
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_add_is_idempotent);
	RUN(test_other_content_replaces);
	RUN(test_two_persons);
	RUN(test_today_may_ask_for_more);
	RUN(test_reject_and_lapse);
	RUN(test_revoke);
	RUN(test_pending_content_stays);
	RUN(test_release_is_used_once);
	RUN(test_release_by_the_rules_of_today);
	RUN(test_what_forbids_ends_no_sooner);
	RUN(test_emergency_overtakes_what_waits);
	RUN(test_need);
	RUN(test_a_thousand_at_once);
	RUN(test_the_last_voice_counts_once);
	RUN(test_an_approval_is_used_once);
	return check_result();
}
