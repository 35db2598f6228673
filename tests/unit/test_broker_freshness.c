/* SPDX-License-Identifier: Apache-2.0 */
/* An old database put back, with a counter that the test holds. */
#include "store_fixture.h"

#include "broker/freshness.h"
#include "store/generation.h"

struct count {
	uint64_t value; /* 0: not there */
	vs_status fails;
	bool bump_fails;
	unsigned jump; /* somebody else counts too */
	unsigned calls;
};

static vs_status
count_read(void *ctx, uint64_t *out, struct vs_err *err)
{
	struct count *c = ctx;

	if (c->fails != VS_OK)
		return vs_fail(err, c->fails, "no TPM");
	if (c->value == 0)
		return vs_fail(err, VS_NOT_FOUND, "no counter");
	*out = c->value;
	return VS_OK;
}

static vs_status
count_bump(void *ctx, uint64_t *out, struct vs_err *err)
{
	struct count *c = ctx;

	if (c->bump_fails)
		return vs_fail(err, VS_SEALED, "no TPM");
	c->calls++;
	c->value += 1 + c->jump;
	*out = c->value;
	return VS_OK;
}

static vs_status
count_define(void *ctx, uint64_t *out, struct vs_err *err)
{
	struct count *c = ctx;

	if (c->fails != VS_OK)
		return vs_fail(err, c->fails, "no TPM");
	c->value = c->value == 0 ? 100 : c->value + 1;
	*out = c->value;
	(void)err;
	return VS_OK;
}

static struct fixture fx;
static struct count tpm;

/* One start; code: of the refusal. */
static vs_status
start(bool created, bool sealed, bool accept, bool known, const char *code)
{
	const struct vs_freshness_counter counter = {
	    count_define, count_read, count_bump, &tpm};
	const struct vs_freshness f = {&counter, created, sealed, accept};
	struct vs_err err = {0};
	bool got = false;
	vs_status st = vs_freshness_check(fx.s, &f, &got, &err);

	CHECK_INT(got, known);
	if (st != VS_OK && code != NULL)
		CHECK_STR(err.code, code);
	return st;
}

static int64_t
generation(void)
{
	int64_t n = -1;
	struct vs_err err = {0};

	CHECK_OK(vs_store_generation(fx.s, &n, &err), err);
	return n;
}

static void
set_generation(int64_t n)
{
	struct vs_err err = {0};

	CHECK_OK(vs_store_generation_set(fx.s, n, &err), err);
}

static void
enter(void)
{
	memset(&fx, 0, sizeof fx);
	memset(&tpm, 0, sizeof tpm);
	fixture_init(&fx);
}

static void
test_they_count_together(void)
{
	enter();
	CHECK_INT(generation(), 0);
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	CHECK_INT(generation(), 100);
	for (int i = 1; i <= 3; i++) {
		CHECK_INT(start(false, false, false, true, NULL), VS_OK);
		CHECK_INT(tpm.value, 100 + i);
		CHECK_INT(generation(), 100 + i);
	}
	fixture_fini(&fx);
}

static void
test_old_database(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	for (int64_t old = 0; old <= 101; old++) {
		set_generation(old);
		CHECK_INT(
		    start(false, false, false, true, "store.old"), VS_CONFLICT);
		/* also while it waits for custodians */
		CHECK_INT(
		    start(false, true, false, true, "store.old"), VS_CONFLICT);
		CHECK_INT(generation(), old);
		CHECK_INT(tpm.value, 102);
	}
	set_generation(104); /* of the future: another machine's */
	CHECK_INT(start(false, false, false, true, "store.old"), VS_CONFLICT);
	set_generation(7);
	CHECK_INT(start(false, false, true, true, NULL), VS_OK);
	CHECK_INT(generation(), 103);
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	fixture_fini(&fx);
}

/* Of any age, and where the counter is not. */
static void
test_backup(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	set_generation(VS_GENERATION_COPY);
	CHECK_INT(start(false, false, false, true, "store.old"), VS_CONFLICT);
	CHECK_INT(start(false, true, false, true, "store.old"), VS_CONFLICT);
	tpm.value = 0;
	CHECK_INT(start(false, false, false, false, "store.old"), VS_CONFLICT);
	tpm.value = 100;
	CHECK_INT(start(false, false, true, true, NULL), VS_OK);
	CHECK_INT(generation(), 101);
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	fixture_fini(&fx);
}

/* Between the database and the counter. */
static void
test_crash(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	tpm.bump_fails = true;
	CHECK_INT(start(false, false, false, true, NULL), VS_SEALED);
	CHECK_INT(generation(), 101);
	CHECK_INT(tpm.value, 100);
	tpm.bump_fails = false;
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	CHECK_INT(generation(), 101);
	CHECK_INT(tpm.value, 101);
	fixture_fini(&fx);
}

static void
test_another_database_on_this_machine(void)
{
	enter();
	tpm.value = 50;
	CHECK_INT(start(false, false, false, true, "store.old"), VS_CONFLICT);
	/* but one that is new has nothing to hide */
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	CHECK_INT(generation(), 51);
	fixture_fini(&fx);
}

static void
test_counter_lost(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	tpm.value = 0;
	CHECK_INT(start(false, false, false, false, "store.old"), VS_CONFLICT);
	CHECK_INT(start(false, true, false, false, NULL), VS_OK);
	CHECK_INT(generation(), 100);
	CHECK_INT(start(false, false, true, true, NULL), VS_OK);
	CHECK_INT(start(false, false, false, true, NULL), VS_OK);
	fixture_fini(&fx);
}

static void
test_no_tpm(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	tpm.fails = VS_SEALED;
	CHECK_INT(start(false, false, false, false, NULL), VS_SEALED);
	CHECK_INT(start(false, false, true, false, NULL), VS_SEALED);
	CHECK_INT(start(false, true, false, false, NULL), VS_OK);
	CHECK_INT(generation(), 100);
	fixture_fini(&fx);
}

static void
test_two_brokers_of_one_tpm(void)
{
	enter();
	CHECK_INT(start(true, false, false, true, NULL), VS_OK);
	tpm.jump = 1;
	CHECK_INT(
	    start(false, false, false, true, "store.counter"), VS_CONFLICT);
	fixture_fini(&fx);
}

int
main(void)
{
	RUN(test_they_count_together);
	RUN(test_old_database);
	RUN(test_backup);
	RUN(test_crash);
	RUN(test_another_database_on_this_machine);
	RUN(test_counter_lost);
	RUN(test_no_tpm);
	RUN(test_two_brokers_of_one_tpm);
	return check_result();
}
