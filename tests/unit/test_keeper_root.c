/* SPDX-License-Identifier: Apache-2.0 */
/* KEKs from one root to the next. */
#include "keeper_world.h"

#include "keeper/root.h"
#include "keeper/seal.h"

/* The root of byte 1, and then that of byte 2 beside it. */
static struct world first, both, second;

static void
set_up(void)
{
	struct vs_root_keys old;
	uint8_t root[VS_ROOT_SIZE];

	world_new(&first, 1);
	world_new(&second, 2);
	memset(root, 1, sizeof root);
	CHECK_INT(vs_root_derive(VS_SPAN_OF(root), &old), VS_OK);
	both = (struct world){0};
	memset(root, 2, sizeof root);
	CHECK_INT(vs_root_derive(VS_SPAN_OF(root), &both.keys), VS_OK);
	both.keys.kek_wrap_old = VS_TAKE(old.kek_wrap);
	vs_root_wipe(&old);
	CHECK_INT(vs_core_new(&both.keys, &both.core), VS_OK);
}

static void
tear_down(void)
{
	world_free(&first);
	world_free(&both);
	world_free(&second);
	CHECK_INT(vs_secret_pool_used(), 0);
}

static uint8_t
opens(struct world *w, const struct world_key *k)
{
	const struct vs_reseal_item it = item_of(k);

	return vs_core_unwrap(w->core, &it);
}

static void
test_moved(void)
{
	struct world_key k, now;
	struct opened a, b;
	uint8_t kek[VS_KEY_RECORD_SIZE], again[VS_KEY_RECORD_SIZE];
	bool moved = false;

	set_up();
	key_new(&first, &k, "models/a", 32);
	CHECK_INT(opens(&first, &k), 0xff);
	CHECK_INT(opens(&both, &k), 0xff); /* meanwhile */
	CHECK_INT(opens(&second, &k), 0);
	CHECK_INT(vs_core_rewrap_kek(both.core, VS_SPAN_LIT("models"), 1,
		      first.kek, kek, &moved),
	    VS_OK);
	CHECK(moved);
	CHECK(memcmp(kek + 1, first.kek + 1, 16) == 0); /* the same id */
	CHECK(memcmp(kek + 17, first.kek + 17, 60) != 0);
	key_copy(&now, &k);
	memcpy(now.kek, kek, sizeof kek);
	CHECK_INT(opens(&second, &now), 0xff);
	CHECK_INT(opens(&both, &now), 0xff);
	CHECK_INT(opens(&first, &now), 0);
	open_all(&first, &k, &a);
	open_all(&second, &now, &b);
	CHECK(memcmp(a.kek, b.kek, 32) == 0);
	CHECK(a.n == b.n && memcmp(a.plain, b.plain, a.n) == 0);
	CHECK_INT(vs_core_rewrap_kek(
		      both.core, VS_SPAN_LIT("models"), 1, kek, again, &moved),
	    VS_OK);
	CHECK(!moved && memcmp(kek, again, sizeof kek) == 0);
	free(a.plain);
	free(b.plain);
	key_free(&k);
	key_free(&now);
	tear_down();
}

static void
refused(struct vs_core *c, const char *ns, uint32_t version)
{
	uint8_t out[VS_KEY_RECORD_SIZE];
	bool moved = false;

	CHECK_INT(vs_core_rewrap_kek(
		      c, vs_span_cstr(ns), version, first.kek, out, &moved),
	    VS_UNTRUSTED);
}

static void
test_refused(void)
{
	set_up();
	refused(both.core, "model", 1);
	refused(both.core, "models", 2);
	refused(both.core, "", 1);
	refused(second.core, "models", 1); /* no old root, no way */
	for (size_t bit = 0; bit < 8 * sizeof first.kek; bit++) {
		first.kek[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		refused(both.core, "models", 1);
		first.kek[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	tear_down();
}

static void
test_keys_of_a_ring(void)
{
	struct vs_secret *ring = NULL, *two = NULL, *done = NULL;
	struct vs_root_keys a = {0}, b = {0}, c = {0};

	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_INT(vs_ring_begin(ring, &two), VS_OK);
	CHECK_INT(vs_ring_finish(two, &done), VS_OK);
	CHECK_INT(vs_ring_keys(ring, &a), VS_OK);
	CHECK_INT(vs_ring_keys(two, &b), VS_OK);
	CHECK_INT(vs_ring_keys(done, &c), VS_OK);
	CHECK(a.kek_wrap_old == NULL && c.kek_wrap_old == NULL);
	CHECK(vs_span_equal(
	    vs_secret_peek(b.kek_wrap_old), vs_secret_peek(a.kek_wrap)));
	CHECK(vs_span_equal(
	    vs_secret_peek(b.kek_wrap), vs_secret_peek(c.kek_wrap)));
	CHECK(!vs_span_equal(
	    vs_secret_peek(a.kek_wrap), vs_secret_peek(b.kek_wrap)));
	/* The audit chain outlives every root. */
	CHECK(vs_span_equal(
	    vs_secret_peek(a.audit_chain), vs_secret_peek(c.audit_chain)));
	vs_root_wipe(&a);
	vs_root_wipe(&b);
	vs_root_wipe(&c);
	vs_secret_free(&ring);
	vs_secret_free(&two);
	vs_secret_free(&done);
	CHECK_INT(vs_secret_pool_used(), 0);
}

int
main(void)
{
	world_pool();
	RUN(test_moved);
	RUN(test_refused);
	RUN(test_keys_of_a_ring);
	return check_result();
}
