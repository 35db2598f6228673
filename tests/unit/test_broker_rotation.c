/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation of KEKs, with the keeper faked and the store real. */
#include "fake_world.h"

#include "broker/root.h"
#include "broker/upkeep.h"
#include "store/keks.h"

static void
many(struct bench *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "models/%04zu", i);
		CHECK_OK(create_key(t, name), t->err);
	}
}

static uint32_t
rotate(struct bench *t, const char *ns)
{
	uint32_t version = 0;

	vs_err_clear(&t->err);
	CHECK_OK(vs_broker_kek_rotate(t->b, VS_SPAN_LIT("uid:0"),
		     vs_span_cstr(ns), false, &version, &t->err),
	    t->err);
	return version;
}

static struct vs_kek_view
view(struct bench *t, const char *ns)
{
	struct vs_kek_view *v = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_broker_keks(t->b, vs_span_cstr(ns), &t->reads, &v, &n, &t->err),
	    t->err);
	CHECK_INT(n, 1);
	return *v;
}

static struct vs_key_row
key(struct bench *t, const char *name)
{
	struct vs_key_row row = {0};

	CHECK_OK(vs_store_key(
		     t->store, vs_span_cstr(name), 0, &t->reads, &row, &t->err),
	    t->err);
	return row;
}

static size_t
audited(struct bench *t, const char *action)
{
	struct vs_audit_filter f = {
	    .action = vs_span_cstr(action), .limit = 1000};
	struct vs_audit_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_store_audit_list(t->store, &f, &t->reads, &rows, &n, &t->err),
	    t->err);
	return n;
}

static void
test_rotation_moves_and_retires(void)
{
	struct bench t;
	struct vs_kek_view v;
	struct vs_key_row row;

	bench_init(&t);
	many(&t, 5);
	CHECK_OK(create_key(&t, "other/a"), t.err);
	CHECK_INT(view(&t, "models").uses, 5);
	CHECK_INT(rotate(&t, "models"), 2);
	v = view(&t, "models");
	CHECK(v.has_pass && v.pass.running);
	CHECK_INT(v.old, 1);
	/* While it is under way, a second one joins it. */
	CHECK_INT(rotate(&t, "models"), 2);
	vs_broker_upkeep(t.b);
	v = view(&t, "models");
	CHECK_INT(v.version, 2);
	CHECK_INT(v.old, 0);
	CHECK_INT(v.uses, 5);
	CHECK(!v.pass.running && !v.pass.failed && v.pass.unreadable == 0);
	CHECK(v.pass.total == 5 && v.pass.done == 5);
	row = key(&t, "models/0003");
	CHECK_INT(row.kek_version, 2);
	CHECK(row.dek.p[1] == 2 && row.dek.p[2] == 'R');
	CHECK_INT(key(&t, "other/a").kek_version, 1);
	CHECK_INT(audited(&t, "kek.rotate"), 1);
	CHECK_INT(audited(&t, "kek.retire"), 1);
	/* New keys go under the new one, and nothing is left to do. */
	CHECK_OK(create_key(&t, "models/new"), t.err);
	CHECK_INT(key(&t, "models/new").kek_version, 2);
	vs_broker_upkeep(t.b);
	CHECK_INT(audited(&t, "kek.retire"), 1);
	bench_fini(&t);
}

static void
test_dry_run_and_unknown(void)
{
	struct bench t;
	uint32_t version = 0;

	bench_init(&t);
	many(&t, 1);
	CHECK_OK(vs_broker_kek_rotate(t.b, VS_SPAN_LIT("uid:0"),
		     VS_SPAN_LIT("models"), true, &version, &t.err),
	    t.err);
	CHECK_INT(version, 2);
	CHECK_INT(view(&t, "models").version, 1);
	CHECK_INT(vs_broker_kek_rotate(t.b, VS_SPAN_LIT("uid:0"),
		      VS_SPAN_LIT("nothing"), false, &version, &t.err),
	    VS_NOT_FOUND);
	CHECK_INT(vs_broker_kek_rotate(t.b, VS_SPAN_LIT("uid:0"),
		      VS_SPAN(NULL, 0), false, &version, &t.err),
	    VS_MALFORMED);
	bench_fini(&t);
}

/* The keeper dies in the middle: what was moved is moved, the rest follows. */
static void
test_interrupted_and_resumed(void)
{
	struct bench t;
	struct vs_kek_view v;
	size_t left = 0;

	bench_init(&t);
	many(&t, 2300); /* three batches */
	CHECK_INT(rotate(&t, "models"), 2);
	fake.fail_rewrap = 2;
	vs_broker_upkeep(t.b);
	v = view(&t, "models");
	CHECK(!v.pass.running && v.pass.failed);
	CHECK_INT(v.pass.done, 1000);
	CHECK(strstr(v.pass.error, "fake keeper broke") != NULL);
	CHECK_INT(v.old, 1);
	CHECK_INT(key(&t, "models/0999").kek_version, 2);
	CHECK_INT(key(&t, "models/1000").kek_version, 1);
	fake.fail_rewrap = 0;
	vs_broker_upkeep(t.b);
	v = view(&t, "models");
	CHECK(!v.pass.failed && v.old == 0);
	CHECK_INT(v.pass.total, 1300);
	CHECK_INT(v.pass.done, 1300);
	CHECK_OK(vs_store_rewrap_left(
		     t.store, VS_SPAN_LIT("models"), 2, &left, &t.err),
	    t.err);
	CHECK_INT(left, 0);
	bench_fini(&t);
}

/* As after kill -9: another broker on the same store goes on by itself. */
static void
test_another_broker_resumes(void)
{
	struct bench t;
	struct vs_broker_options bo;

	bench_init(&t);
	many(&t, 10);
	CHECK_INT(rotate(&t, "models"), 2);
	bo = t.b->opt;
	vs_broker_free(&t.b);
	CHECK_OK(vs_broker_new(&bo, &t.b, &t.err), t.err);
	bench_install(&t);
	CHECK(!view(&t, "models").has_pass);
	vs_broker_upkeep(t.b);
	CHECK_INT(view(&t, "models").old, 0);
	CHECK_INT(view(&t, "models").pass.done, 10);
	bench_fini(&t);
}

/* A record that does not open keeps its KEK, and does not stop the others. */
static void
test_unreadable(void)
{
	struct bench t;
	struct vs_kek_view v;

	bench_init(&t);
	many(&t, 4);
	fake.unreadable = "models/0002";
	CHECK_INT(rotate(&t, "models"), 2);
	vs_broker_upkeep(t.b);
	v = view(&t, "models");
	CHECK(!v.pass.failed && v.pass.unreadable == 1 && v.old == 1);
	CHECK_INT(key(&t, "models/0001").kek_version, 2);
	CHECK_INT(key(&t, "models/0002").kek_version, 1);
	CHECK_INT(key(&t, "models/0003").kek_version, 2);
	fake.rewraps = 0;
	vs_broker_upkeep(t.b);
	CHECK_INT(fake.rewraps, 0); /* not again and again */
	fake.unreadable = NULL;
	CHECK_INT(rotate(&t, "models"), 3);
	vs_broker_upkeep(t.b);
	CHECK_INT(view(&t, "models").old, 0);
	CHECK_INT(key(&t, "models/0002").kek_version, 3);
	CHECK_INT(audited(&t, "kek.retire"), 2);
	bench_fini(&t);
}

static void
test_worn_kek_is_rotated(void)
{
	struct bench t;

	bench_init(&t);
	t.b->opt.kek_max_uses = 6;
	many(&t, 5);
	vs_broker_upkeep(t.b);
	CHECK_INT(view(&t, "models").version, 1);
	CHECK_OK(create_key(&t, "models/sixth"), t.err);
	t.b->opt.kek_max_uses = 6;
	vs_broker_upkeep(t.b); /* adds the KEK */
	CHECK_INT(view(&t, "models").version, 2);
	t.b->opt.kek_max_uses = 1000;
	vs_broker_upkeep(t.b); /* moves the keys */
	CHECK_INT(view(&t, "models").old, 0);
	CHECK_INT(view(&t, "models").uses, 6);
	bench_fini(&t);
}

static void
test_sealed_waits(void)
{
	struct bench t;

	bench_init(&t);
	many(&t, 3);
	CHECK_INT(rotate(&t, "models"), 2);
	fake.sealed = true;
	vs_broker_upkeep(t.b);
	CHECK(view(&t, "models").pass.running);
	fake.sealed = false;
	vs_broker_upkeep(t.b);
	CHECK_INT(view(&t, "models").old, 0);
	bench_fini(&t);
}

/* Every KEK, and only then the old root goes. */
static void
test_root(void)
{
	struct bench t;
	struct vs_broker_root r = {0};

	bench_init(&t);
	memset(&fake_root, 0, sizeof fake_root);
	many(&t, 3);
	CHECK_OK(create_key(&t, "other/a"), t.err);
	CHECK_OK(
	    vs_broker_root_rotate(t.b, VS_SPAN_LIT("uid:0"), true, &r, &t.err),
	    t.err);
	CHECK(r.generation == 1 && r.old == 0);
	CHECK_OK(
	    vs_broker_root_rotate(t.b, VS_SPAN_LIT("uid:0"), false, &r, &t.err),
	    t.err);
	CHECK(r.generation == 2 && r.old == 1);
	CHECK_INT(
	    vs_broker_root_rotate(t.b, VS_SPAN_LIT("uid:0"), false, &r, &t.err),
	    VS_CONFLICT);
	fake_root.unreadable = true;
	vs_broker_upkeep(t.b);
	CHECK_INT(fake_root.finishes, 0);
	fake_root.unreadable = false;
	vs_broker_upkeep(t.b);
	vs_broker_upkeep(t.b);
	CHECK_INT(fake_root.finishes, 0); /* not before the grace is over */
	t.b->root_moved_ns -= 6000000000;
	vs_broker_upkeep(t.b);
	CHECK_INT(fake_root.finishes, 1);
	CHECK_INT(key(&t, "models/0001").kek.p[75], 2);
	CHECK_INT(key(&t, "other/a").kek.p[75], 2);
	vs_broker_upkeep(t.b);
	CHECK_INT(fake_root.finishes, 1);
	CHECK_INT(audited(&t, "root.rotate"), 1);
	CHECK_INT(audited(&t, "root.retire"), 1);
	bench_fini(&t);
}

/* The thread does the same by itself. */
static void
test_thread(void)
{
	struct bench t;

	bench_init(&t);
	many(&t, 50);
	CHECK_OK(vs_broker_upkeep_start(t.b, &t.err), t.err);
	CHECK_INT(rotate(&t, "models"), 2);
	for (int i = 0; i < 500 && view(&t, "models").old > 0; i++)
		(void)usleep(10000);
	CHECK_INT(view(&t, "models").old, 0);
	vs_broker_upkeep_stop(t.b);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_rotation_moves_and_retires);
	RUN(test_dry_run_and_unknown);
	RUN(test_interrupted_and_resumed);
	RUN(test_another_broker_resumes);
	RUN(test_unreadable);
	RUN(test_worn_kek_is_rotated);
	RUN(test_sealed_waits);
	RUN(test_root);
	RUN(test_thread);
	return check_result();
}
