/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The locked heap of libcrypto: key schedules are in it, and are wiped when
 * they are freed; an empty one fails cleanly. Each test has a process of its
 * own, for libcrypto takes its allocator once.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "check.h"
#include "crypto/aead.h"
#include "crypto/ecdh.h"
#include "crypto/init.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
enum { HEAP_STAYS = 1 };
#else
enum { HEAP_STAYS = 0 };
#endif

enum { POOL = 2 * 1024 * 1024, HEAP = 1024 * 1024 };

static void
in_child(void (*test)(void))
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		test();
		_exit(check_failed_n > 0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
start(size_t heap)
{
	struct vs_err err = {0};

	CHECK_OK(vs_secret_pool_init(POOL, &err), err);
	CHECK_OK(vs_crypto_lock_heap(heap, &err), err);
}

/* The pool is one mapping: whatever is in it lies within POOL of a secret. */
static bool
in_pool(struct vs_span what)
{
	struct vs_secret *s = vs_secret_new(1);
	const uint8_t *end = vs_secret_peek(s).p;
	bool found = memmem(end - HEAP, HEAP, what.p, what.n) != NULL;

	vs_secret_free(&s);
	return found;
}

static void
key_schedules(void)
{
	static const uint8_t nonce[VS_AEAD_NONCE_SIZE];
	uint8_t key[VS_AEAD_KEY_SIZE], tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {.nonce = nonce, .tag = tag};
	struct vs_aead *a = NULL;

	memset(key, 0x3d, sizeof key);
	start(HEAP);
	CHECK_INT(vs_aead_new(&a), VS_OK);
	CHECK_INT(vs_aead_seal(a, key, &m), VS_OK);
	if (!HEAP_STAYS) {
		CHECK(vs_crypto_heap_peak() > 0);
		CHECK(vs_crypto_heap_peak() <= HEAP);
		CHECK(in_pool(VS_SPAN_OF(key))); /* AES-256: round keys 0, 1 */
	}
	vs_aead_free(&a);
	if (!HEAP_STAYS)
		CHECK(!in_pool(VS_SPAN_OF(key)));
}

/* Blocks come back: the peak of many rounds is that of the first. */
static void
blocks_return(void)
{
	struct vs_ecdh_point p;
	uint8_t z[VS_ECDH_SIZE_MAX];
	size_t peak = 0;

	start(HEAP);
	for (int i = 0; i < 50; i++) {
		struct vs_ecdh *e = NULL;

		CHECK_INT(vs_ecdh_new(&e), VS_OK);
		CHECK_INT(vs_ecdh_generate(e, VS_CURVE_X25519, &p), VS_OK);
		CHECK_INT(
		    vs_ecdh_derive(e, VS_SPAN(p.x, 32), VS_SPAN(NULL, 0), z),
		    VS_OK);
		CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P384, &p), VS_OK);
		CHECK_INT(
		    vs_ecdh_derive(e, VS_SPAN(p.x, 48), VS_SPAN(p.y, 48), z),
		    VS_OK);
		vs_ecdh_free(&e);
		if (i == 1)
			peak = vs_crypto_heap_peak();
	}
	CHECK_INT(vs_crypto_heap_peak(), peak);
}

/* Used up: an error for the caller, and no other heap in its place. */
static void
used_up(void)
{
	static struct vs_aead *all[4096];
	static const uint8_t key[VS_AEAD_KEY_SIZE], nonce[VS_AEAD_NONCE_SIZE];
	uint8_t tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {.nonce = nonce, .tag = tag};
	vs_status st = VS_OK;
	size_t n = 0;

	start(HEAP);
	while (st == VS_OK && n < VS_COUNT(all)) {
		st = vs_aead_new(&all[n]);
		if (st == VS_OK)
			st = vs_aead_seal(all[n++], key, &m);
	}
	if (!HEAP_STAYS) {
		CHECK(st != VS_OK);
		CHECK(n > 100 && n < VS_COUNT(all));
	}
	while (n > 0)
		vs_aead_free(&all[--n]);
	CHECK_INT(vs_aead_new(&all[0]), VS_OK);
	CHECK_INT(vs_aead_seal(all[0], key, &m), VS_OK);
	vs_aead_free(&all[0]);
}

static void
too_late(void)
{
	struct vs_aead *a = NULL;
	struct vs_err err = {0};

	CHECK_INT(vs_aead_new(&a), VS_OK);
	vs_aead_free(&a);
	CHECK_OK(vs_secret_pool_init(POOL, &err), err);
	if (!HEAP_STAYS)
		CHECK_INT(vs_crypto_lock_heap(HEAP, &err), VS_INTERNAL);
}

static void
no_room(void)
{
	struct vs_err err = {0};

	if (HEAP_STAYS)
		return;
	CHECK_INT(vs_crypto_lock_heap(HEAP, &err), VS_NO_MEMORY); /* no pool */
	CHECK_OK(vs_secret_pool_init(4096, &err), err);
	CHECK_INT(vs_crypto_lock_heap(HEAP, &err), VS_NO_MEMORY);
}

static void
test_key_schedules_are_locked_and_wiped(void)
{
	in_child(key_schedules);
}

static void
test_blocks_return(void)
{
	in_child(blocks_return);
}

static void
test_used_up(void)
{
	in_child(used_up);
}

static void
test_too_late(void)
{
	in_child(too_late);
}

static void
test_no_room(void)
{
	in_child(no_room);
}

static void
test_hardware(void)
{
	struct vs_err err = {0};

	CHECK_OK(vs_crypto_need_hardware(&err), err);
}

int
main(void)
{
	RUN(test_key_schedules_are_locked_and_wiped);
	RUN(test_blocks_return);
	RUN(test_used_up);
	RUN(test_too_late);
	RUN(test_no_room);
	RUN(test_hardware);
	return check_result();
}
