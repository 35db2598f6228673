/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The k-th allocation of a release fails, for every k, in whatever thread and
 * library: never a key without its record, and the next release works.
 */
#include <stdatomic.h>

#include "fake_world.h"

/* The sanitizers bring an allocator of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

#ifdef OWN_ALLOCATOR
int
main(void)
{
	printf("skip: not with sanitizers\n");
	return 77;
}
#else

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

/* Seen by the shared libraries too. */
#define EXPORTED __attribute__((visibility("default")))

static atomic_long until = -1; /* allocations before the failing one */
static atomic_bool for_good;   /* all that follow fail as well */

static bool
fails(void)
{
	long left = atomic_load(&until);

	if (left < 0)
		return false;
	if (left == 0)
		return atomic_load(&for_good) ||
		    atomic_fetch_sub(&until, 1) == 0;
	(void)atomic_fetch_sub(&until, 1);
	return false;
}

EXPORTED void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

EXPORTED void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

EXPORTED void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

static uint8_t coord[32] = {1};

struct call {
	uint8_t nonce[32];
	struct vs_key_ask keys[2];
	struct vs_release_reply reply;
};

static vs_status
release(struct bench *t, struct call *c, long k)
{
	struct vs_release_request req = {.nonce = VS_SPAN_OF(c->nonce),
	    .recipient = {VS_CURVE_P256, VS_SPAN_OF(coord), VS_SPAN_OF(coord)},
	    .cpu = {.kind = VS_EVIDENCE_SNP},
	    .keys = c->keys,
	    .keys_n = 2};
	struct vs_arena arena;
	unsigned expires = 0;
	vs_status st;

	c->keys[0].name = VS_SPAN_LIT("models/a");
	c->keys[1].name = VS_SPAN_LIT("models/b");
	CHECK_OK(
	    vs_broker_challenge(t->b, c->nonce, &expires, &t->err), t->err);
	vs_arena_init(&arena, 1024 * 1024);
	vs_err_clear(&t->err);
	atomic_store(&until, k);
	st = vs_broker_release(t->b, 0, &arena, &req, &c->reply, &t->err);
	atomic_store(&until, -1);
	vs_arena_fini(&arena);
	return st;
}

static void
check_outcome(struct bench *t, struct call *c, vs_status st)
{
	struct vs_audit_row row = {0};
	struct vs_err err = {0};

	if (st != VS_OK) {
		CHECK_INT(c->reply.jwe.n, 0);
		CHECK_INT(t->err.status, st);
		return;
	}
	CHECK(c->reply.jwe.n > 0);
	CHECK_OK(
	    vs_store_audit_get(t->store, c->reply.id, &t->reads, &row, &err),
	    err);
	CHECK(vs_span_is(row.outcome, "allowed"));
	CHECK(vs_span_is(row.keys, "models/a@1,models/b@1"));
	vs_arena_reset(&t->reads);
}

/* Until k is past the last allocation: then nothing has failed. */
static size_t
every_allocation(struct bench *t)
{
	size_t failed = 0;

	for (long k = 0; k < 100000; k++) {
		struct call c = {0};
		vs_status st = release(t, &c, k);

		check_outcome(t, &c, st);
		vs_buf_fini(&c.reply.jwe);
		failed += st != VS_OK;
		c = (struct call){0};
		if (!CHECK_OK(release(t, &c, -1), t->err))
			break;
		vs_buf_fini(&c.reply.jwe);
		if (st == VS_OK && k > (long)failed + 200)
			break;
	}
	return failed;
}

static void
test_one_allocation_fails(void)
{
	struct bench t;
	size_t failed;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	atomic_store(&for_good, false);
	failed = every_allocation(&t);
	printf("%zu places failed a release\n", failed);
	CHECK(failed > 10);
	bench_fini(&t);
}

static void
test_memory_runs_out(void)
{
	struct bench t;

	bench_init(&t);
	CHECK_OK(create_key(&t, "models/a"), t.err);
	CHECK_OK(create_key(&t, "models/b"), t.err);
	atomic_store(&for_good, true);
	CHECK(every_allocation(&t) > 10);
	atomic_store(&for_good, false);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_one_allocation_fails);
	RUN(test_memory_runs_out);
	return check_result();
}
#endif
