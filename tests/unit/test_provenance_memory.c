/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th allocation of a verification fails: never a kinder answer, never
 * half of one, and the next verification works. */
#include "prov_forge.h"

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

static long until = -1; /* allocations before the failing one */
static bool for_good;   /* all that follow fail as well */
static bool met;        /* the failing one was reached */

static bool
fails(void)
{
	if (until < 0)
		return false;
	if (until == 0) {
		met = true;
		if (!for_good)
			until = -1;
		return true;
	}
	until--;
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

/* Most of the thousands of allocations are alike: OpenSSL's. */
enum { K_MAX = 60000, DENSE = 150, STRIDE = 97 };

static struct vs_buf root, pem;
static uint8_t digest[32];

static vs_status
verify(struct vs_span bundle, long k, struct vs_provenance *p,
    struct vs_arena *a, struct vs_err *err)
{
	const struct vs_provenance_want want = {.digest = VS_SPAN_OF(digest),
	    .issuer = VS_SPAN_LIT(F_ISSUER),
	    .identity = VS_SPAN_LIT(F_REPO "/**")};
	struct vs_provenance_trust *t = NULL;
	struct vs_span key = vs_buf_span(&pem);
	vs_status st;

	met = false;
	until = k;
	st = vs_provenance_trust_read(vs_buf_span(&root), &key, 1, &t, err);
	if (st == VS_OK)
		st = vs_provenance_verify(bundle, t, &want, a, p, err);
	until = -1;
	vs_provenance_trust_free(&t);
	return st;
}

static bool
round_of(struct vs_span bundle, bool good, long k)
{
	struct vs_provenance p = {.slsa_level = -1};
	struct vs_err err = {0};
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	st = verify(bundle, k, &p, &a, &err);
	if (st == VS_OK) {
		CHECK(good);
		CHECK_INT(p.slsa_level, 2);
		CHECK_INT(p.times_n, 2);
		CHECK(vs_span_is(p.identity, F_SAN));
		CHECK(vs_span_is(p.source_digest, F_COMMIT));
	} else {
		CHECK_INT(p.slsa_level, -1);
		CHECK(err.status != VS_OK);
	}
	vs_arena_fini(&a);
	return met;
}

static void
every(struct vs_span bundle, bool good)
{
	for (int kind = 0; kind < 2; kind++) {
		long k = 0;
		for_good = kind == 1;
		while (k < K_MAX && round_of(bundle, good, k))
			k += k < DENSE ? 1 : STRIDE;
		CHECK(k > DENSE && k < K_MAX);
	}
	for_good = false;
	CHECK(!round_of(bundle, good, -1));
}

static struct f_world world;

static void
test_a_good_bundle(void)
{
	struct f_make m = f_good();
	struct vs_buf b = {0};

	m.stamps = 1;
	f_bundle(&world, &m, &b);
	every(vs_buf_span(&b), true);
	vs_buf_fini(&b);
}

static void
test_bad_ones(void)
{
	struct f_make m[4];

	for (size_t i = 0; i < VS_COUNT(m); i++) {
		struct vs_buf b = {0};
		m[i] = f_good();
		m[i].bad_checkpoint_sig = i == 0;
		m[i].bad_sct = i == 1;
		m[i].foreign_ca = i == 2;
		m[i].bad_set = i == 3;
		f_bundle(&world, &m[i], &b);
		every(vs_buf_span(&b), false);
		vs_buf_fini(&b);
	}
}

int
main(void)
{
	f_world_init(&world);
	f_root(&world, &root);
	f_pem_key(world.own_key, &pem);
	CHECK(vs_unhex(VS_SPAN_LIT(F_DIGEST), digest, 32) == VS_OK);
	RUN(test_a_good_bundle);
	RUN(test_bad_ones);
	vs_buf_fini(&root);
	vs_buf_fini(&pem);
	f_world_fini(&world);
	return check_result();
}
#endif
