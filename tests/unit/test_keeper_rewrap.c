/* SPDX-License-Identifier: Apache-2.0 */
/* DEKs that move to another KEK: the same key, and only where it belongs. */
#include "keeper_world.h"

enum { N = 5 };

static struct world w;
static uint8_t kek_2[VS_KEY_RECORD_SIZE];
static struct world_key keys[N];
static struct vs_rewrap_item items[N];

static void
set_up(void)
{
	world_new(&w, 7);
	CHECK_INT(
	    vs_core_new_kek(w.core, VS_SPAN_LIT("models"), 2, kek_2), VS_OK);
	for (size_t i = 0; i < N; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "models/key-%zu", i);
		key_new(&w, &keys[i], name, 32 + i);
		items[i] =
		    (struct vs_rewrap_item){.name = vs_span_cstr(keys[i].name),
			.version = 1,
			.dek = VS_SPAN_OF(keys[i].dek)};
	}
}

static void
tear_down(void)
{
	for (size_t i = 0; i < N; i++)
		key_free(&keys[i]);
	world_free(&w);
}

static struct vs_rewrap
request(void)
{
	return (struct vs_rewrap){.from = VS_SPAN_OF(w.kek),
	    .from_version = 1,
	    .to = VS_SPAN_OF(kek_2),
	    .to_version = 2,
	    .items = items,
	    .n = N};
}

enum { EACH = 1 + VS_KEY_RECORD_SIZE };

/* Which items were moved, as a bit mask; every other is zeros. */
static unsigned
moved(const struct vs_buf *out)
{
	static const uint8_t zeros[VS_KEY_RECORD_SIZE];
	unsigned mask = 0;

	CHECK_INT(out->n, N * EACH);
	for (size_t i = 0; i < N && out->n == N * EACH; i++) {
		const uint8_t *at = out->p + i * EACH;

		CHECK(at[0] <= 1);
		CHECK(
		    (memcmp(at + 1, zeros, sizeof zeros) == 0) == (at[0] == 0));
		mask |= (unsigned)at[0] << i;
	}
	return mask;
}

static unsigned
run(const struct vs_rewrap *req)
{
	struct vs_buf out = {0};
	unsigned mask;

	CHECK_INT(vs_core_rewrap(w.core, req, &out), VS_OK);
	mask = moved(&out);
	vs_buf_fini(&out);
	return mask;
}

static void
test_moved_keys_are_the_same_keys(void)
{
	struct vs_buf out = {0};
	struct vs_rewrap req;

	set_up();
	req = request();
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_OK);
	CHECK_INT(moved(&out), (1u << N) - 1);
	for (size_t i = 0; i < N; i++) {
		const uint8_t *dek = out.p + i * EACH + 1;
		struct world_key now;
		struct opened a, b;

		open_all(&w, &keys[i], &a);
		key_copy(&now, &keys[i]);
		/* The same id, for the payload is bound to it. */
		CHECK(memcmp(dek + 1, keys[i].dek + 1, 16) == 0);
		CHECK(memcmp(dek + 17, keys[i].dek + 17, 12) != 0);
		memcpy(now.dek, dek, sizeof now.dek);
		memcpy(now.kek, kek_2, sizeof now.kek);
		now.kek_version = 2;
		open_all(&w, &now, &b);
		CHECK(memcmp(a.dek, b.dek, 32) == 0);
		CHECK(memcmp(a.kek, b.kek, 32) != 0);
		CHECK(a.n == b.n && memcmp(a.plain, b.plain, a.n) == 0);
		{
			struct vs_reseal_item it = item_of(&now);

			CHECK_INT(vs_core_unwrap(w.core, &it), 0xff);
			it.place.kek_version = 1;
			CHECK_INT(vs_core_unwrap(w.core, &it), 0);
		}
		free(a.plain);
		free(b.plain);
		key_free(&now);
	}
	vs_buf_fini(&out);
	tear_down();
}

static void
test_each_bit_of_a_dek(void)
{
	struct vs_rewrap req;

	set_up();
	req = request();
	for (size_t bit = 0; bit < 8 * (size_t)VS_KEY_RECORD_SIZE; bit++) {
		keys[2].dek[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		CHECK_INT(run(&req), 0x1b); /* all but number 2 */
		keys[2].dek[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	CHECK_INT(run(&req), 0x1f);
	tear_down();
}

/* Every thing that a DEK is bound to, wrong by itself. */
static void
test_a_record_that_was_moved(void)
{
	struct vs_rewrap req;

	set_up();
	req = request();
	items[0].name = VS_SPAN_LIT("models/key-9");
	CHECK_INT(run(&req), 0x1e);
	items[0].name = vs_span_cstr(keys[0].name);
	items[1].version = 2;
	CHECK_INT(run(&req), 0x1d);
	items[1].version = 1;
	items[2].dataset = true;
	CHECK_INT(run(&req), 0x1b);
	items[2].dataset = false;
	items[3].dek = VS_SPAN_OF(keys[4].dek);
	CHECK_INT(run(&req), 0x17);
	items[3].dek = VS_SPAN_OF(keys[3].dek);
	CHECK_INT(run(&req), 0x1f);
	tear_down();
}

static void
test_keks(void)
{
	struct vs_rewrap req;
	struct vs_buf out = {0};

	set_up();
	req = request();
	req.from_version = 2;
	CHECK_INT(run(&req), 0);
	req = request();
	req.from = VS_SPAN_OF(kek_2);
	CHECK_INT(run(&req), 0);
	w.kek[40] ^= 1;
	req = request();
	CHECK_INT(run(&req), 0);
	w.kek[40] ^= 1;
	/* Nothing is sealed under a KEK that is none. */
	req.to_version = 3;
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_UNTRUSTED);
	req = request();
	kek_2[40] ^= 1;
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_UNTRUSTED);
	kek_2[40] ^= 1;
	items[4].name = VS_SPAN_LIT("other/key");
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_MALFORMED);
	items[4].name = VS_SPAN_LIT("models/a b");
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_MALFORMED);
	items[4].name = vs_span_cstr(keys[4].name);
	items[4].version = 0;
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_MALFORMED);
	items[4].version = 1;
	req.n = 0;
	CHECK_INT(vs_core_rewrap(w.core, &req, &out), VS_MALFORMED);
	CHECK_INT(out.n, 0);
	req.n = N;
	CHECK_INT(run(&req), 0x1f);
	vs_buf_fini(&out);
	tear_down();
}

int
main(void)
{
	world_pool();
	RUN(test_moved_keys_are_the_same_keys);
	RUN(test_each_bit_of_a_dek);
	RUN(test_a_record_that_was_moved);
	RUN(test_keks);
	return check_result();
}
