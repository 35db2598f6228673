/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are derived: one name each, one key each, and never the dataset's
 * own. */
#include "keeper_world.h"

#include "crypto/kdf.h"
#include "keeper/derived.h"

static struct world w;
static struct vs_arena arena;

static void
test_names(void)
{
	static const char *const good[] = {"m/ds/epoch-0/shard-0",
	    "m/ds/epoch-3/shard-17", "m/ds/epoch-4294967295/shard-4294967295",
	    "a/epoch-1/shard-1/epoch-2/shard-3"};
	static const char *const bad[] = {"", "m/ds", "m/ds/epoch-3",
	    "m/ds/shard-3", "m/ds/epoch-03/shard-1", "m/ds/epoch-3/shard-01",
	    "m/ds/epoch-3/shard-", "m/ds/epoch-/shard-1",
	    "m/ds/epoch-3/shard-1/x", "m/ds/epoch-3/shard-1a",
	    "m/ds/epoch-a/shard-1", "m/ds/epoch--1/shard-1",
	    "m/ds/epoch-3shard-1", "/epoch-1/shard-1",
	    "m/ds/epoch-4294967296/shard-1", "m/ds/epoch-1/shard-4294967296",
	    "m/ds/epoch-1/shard-99999999999", "m/ds/epoch-1/shard-0..3",
	    "m/ds/Epoch-1/shard-1", "m/dsepoch-1/shard-1"};
	struct vs_derived d;

	for (size_t i = 0; i < VS_COUNT(good); i++)
		CHECK(vs_derived_parse(vs_span_cstr(good[i]), &d));
	CHECK(vs_span_is(d.base, "a/epoch-1/shard-1"));
	CHECK(d.epoch == 2 && d.shard == 3);
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		if (!CHECK(!vs_derived_parse(vs_span_cstr(bad[i]), &d)))
			(void)fprintf(stderr, "  %s\n", bad[i]);
}

static void
derive(const char *secret, const char *base, uint32_t version, uint32_t epoch,
    uint32_t shard, uint8_t out[32])
{
	const struct vs_derived d = {vs_span_cstr(base), epoch, shard};

	CHECK_INT(
	    vs_derived_key(vs_span_cstr(secret), &d, version, out), VS_OK);
}

static void
test_each_input_counts(void)
{
	uint8_t k[8][32];

	derive("secret", "m/ds", 1, 3, 17, k[0]);
	derive("Secret", "m/ds", 1, 3, 17, k[1]);
	derive("secret", "m/dt", 1, 3, 17, k[2]);
	derive("secret", "m/ds", 2, 3, 17, k[3]);
	derive("secret", "m/ds", 1, 4, 17, k[4]);
	derive("secret", "m/ds", 1, 3, 18, k[5]);
	derive("secret", "m/ds", 1, 17, 3, k[6]);
	derive("secret", "m/ds", 1, 3, 17, k[7]);
	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(memcmp(k[i], k[j], 32) != 0);
	CHECK(memcmp(k[0], k[7], 32) == 0);
}

/* What stands in docs/keys.md, written out by hand. */
static void
test_as_documented(void)
{
	static const uint8_t info[] = "vouchsafe/v1 derived"
				      "\0\0\0\4m/ds"
				      "\0\0\0\1"
				      "\0\0\0\3"
				      "\0\0\0\21";
	uint8_t got[32], want[32];

	derive("secret", "m/ds", 1, 3, 17, got);
	CHECK_INT(vs_hkdf_sha256(VS_SPAN(NULL, 0), VS_SPAN_LIT("secret"),
		      VS_SPAN(info, sizeof info - 1), want, 32),
	    VS_OK);
	CHECK(memcmp(got, want, 32) == 0);
}

/* A dataset's key of n bytes. */
static void
dataset_new(struct world_key *k, const char *name, size_t n)
{
	struct vs_key_place place;

	*k = (struct world_key){.version = 2, .kek_version = 1};
	(void)snprintf(k->name, sizeof k->name, "%s", name);
	memcpy(k->kek, w.kek, sizeof k->kek);
	place = place_of(k);
	place.dataset = true;
	CHECK_INT(
	    vs_core_new_key(w.core, &place, n, k->dek, &k->payload), VS_OK);
}

static struct vs_reseal_item
derived_item(const struct world_key *k, const char *name)
{
	struct vs_reseal_item it = item_of(k);

	it.place.dataset = true;
	it.derived = vs_span_cstr(name);
	return it;
}

/* The dataset's own key, opened by hand. */
static void
raw_key(const struct world_key *k, uint8_t *plain, size_t n)
{
	struct vs_key_place place = place_of(k);
	uint8_t kek[32], dek[32];
	uint8_t buf[VS_RECORD_AAD_MAX];
	struct vs_span aad;

	place.dataset = true;
	CHECK_INT(k->payload.n, n + VS_PAYLOAD_OVERHEAD);
	CHECK_INT(vs_aad_kek(buf, vs_record_namespace(place.name), 1,
		      k->kek + 1, &aad),
	    VS_OK);
	CHECK_INT(open_by_hand(vs_secret_peek(w.keys.kek_wrap).p, aad,
		      VS_SPAN_OF(k->kek), kek),
	    VS_OK);
	CHECK_INT(vs_aad_dek(buf, &place, k->dek + 1, &aad), VS_OK);
	CHECK_INT(open_by_hand(kek, aad, VS_SPAN_OF(k->dek), dek), VS_OK);
	aad = vs_aad_payload(buf, aad);
	CHECK_INT(
	    open_by_hand(dek, aad, vs_buf_span(&k->payload), plain), VS_OK);
}

static void
test_release(void)
{
	static const char *const names[] = {"models/ds/epoch-3/shard-17",
	    "models/ds/epoch-3/shard-18", "models/ds/epoch-4/shard-17"};
	struct vs_reseal_item items[4];
	struct world_key ds, plain;
	struct world_guest g;
	struct vs_reseal req;
	struct vs_buf jwe = {0}, want = {0};
	uint8_t raw[5000];
	unsigned failed = 9;
	struct opened o;

	guest_new(&g, VS_CURVE_X25519);
	dataset_new(&ds, "models/ds", sizeof raw);
	key_new(&w, &plain, "models/a", 32);
	for (size_t i = 0; i < 3; i++)
		items[i] = derived_item(&ds, names[i]);
	items[3] = item_of(&plain);
	req = request_of(&g, items, 4);
	CHECK_INT(vs_core_reseal(w.core, &req, &jwe, &failed), VS_OK);
	raw_key(&ds, raw, sizeof raw);
	vs_buf_puts(&want, "{\"keys\":[");
	for (size_t i = 0; i < 3; i++) {
		struct vs_derived d;
		uint8_t key[32];

		CHECK(vs_derived_parse(vs_span_cstr(names[i]), &d));
		CHECK_INT(vs_derived_key(VS_SPAN_OF(raw), &d, 2, key), VS_OK);
		vs_buf_printf(&want,
		    "{\"name\":\"%s\",\"version\":2,\"key\":\"", names[i]);
		vs_buf_b64url(&want, VS_SPAN_OF(key));
		vs_buf_puts(&want, "\"},");
	}
	open_all(&w, &plain, &o);
	vs_buf_puts(&want, "{\"name\":\"models/a\",\"version\":1,\"key\":\"");
	vs_buf_b64url(&want, VS_SPAN(o.plain, o.n));
	vs_buf_puts(&want, "\"}],\"release_id\":\"" WORLD_RELEASE "\"}");
	vs_arena_reset(&arena);
	CHECK(vs_span_equal(
	    open_jwe(&g, vs_buf_span(&jwe), &arena), vs_buf_span(&want)));
	free(o.plain);
	vs_buf_fini(&jwe);
	vs_buf_fini(&want);
	key_free(&ds);
	key_free(&plain);
	guest_free(&g);
}

static void
refused(const struct vs_reseal_item *it, vs_status want)
{
	struct vs_buf jwe = {0};
	struct world_guest g;
	struct vs_reseal req;
	unsigned failed = 9;

	guest_new(&g, VS_CURVE_X25519);
	req = request_of(&g, it, 1);
	CHECK_INT(vs_core_reseal(w.core, &req, &jwe, &failed), want);
	CHECK_INT(jwe.n, 0);
	vs_buf_fini(&jwe);
	guest_free(&g);
}

/* There is no way to the dataset's key itself, nor from a plain key to one
 * that is derived from it. */
static void
test_refused(void)
{
	struct vs_reseal_item it;
	struct world_key ds, plain;

	dataset_new(&ds, "models/ds", 32);
	key_new(&w, &plain, "models/a", 32);
	it = derived_item(&ds, "models/ds/epoch-1/shard-1");
	it.derived = VS_SPAN(NULL, 0);
	refused(&it, VS_MALFORMED); /* the dataset's own */
	it.place.dataset = false;
	refused(&it, VS_UNTRUSTED); /* and called a plain key */
	it = derived_item(&ds, "models/dt/epoch-1/shard-1");
	refused(&it, VS_MALFORMED); /* another dataset's name */
	it = derived_item(&ds, "models/ds/x/epoch-1/shard-1");
	refused(&it, VS_MALFORMED);
	it = derived_item(&ds, "models/ds/epoch-01/shard-1");
	refused(&it, VS_MALFORMED); /* a second name of one key */
	it = derived_item(&ds, "models/ds");
	refused(&it, VS_MALFORMED);
	it = derived_item(&ds, "models/ds/epoch-1/shard-1");
	it.place.version = 3;
	refused(&it, VS_UNTRUSTED);
	it = derived_item(&plain, "models/a/epoch-1/shard-1");
	refused(&it, VS_UNTRUSTED); /* a plain key called a dataset */
	it.place.dataset = false;
	refused(&it, VS_MALFORMED);
	key_free(&ds);
	key_free(&plain);
}

int
main(void)
{
	world_pool();
	vs_arena_init(&arena, 16 * 1024 * 1024);
	world_new(&w, 7);
	RUN(test_names);
	RUN(test_each_input_counts);
	RUN(test_as_documented);
	RUN(test_release);
	RUN(test_refused);
	world_free(&w);
	vs_arena_fini(&arena);
	return check_result();
}
