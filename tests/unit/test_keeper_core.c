/* SPDX-License-Identifier: Apache-2.0 */
/* The core: what it seals opens at the recipient, and at nobody else. */
#include "keeper_world.h"

#include "crypto/digest.h"
#include "keeper/kek_cache.h"

enum { ARENA = 64 * 1024 * 1024 };

static struct world w;
static struct vs_arena arena;
/* First bytes of the pool: made before any other secret. */
static struct vs_secret *pool_start;

static vs_status
reseal(const struct world_guest *g, const struct vs_reseal_item *items,
    size_t n, struct vs_buf *jwe, unsigned *failed)
{
	const struct vs_reseal req = request_of(g, items, n);

	*failed = 9;
	return vs_core_reseal(w.core, &req, jwe, failed);
}

/* The text that the recipient must find: from the records opened by hand. */
static void
expected(const struct world_key *keys, const char *const *types, size_t n,
    struct vs_buf *out)
{
	vs_buf_puts(out, "{\"keys\":[");
	for (size_t i = 0; i < n; i++) {
		struct opened o;

		open_all(&w, &keys[i], &o);
		vs_buf_printf(out,
		    "%s{\"name\":\"%s\",\"version\":%u,\"key\":\"",
		    i > 0 ? "," : "", keys[i].name, keys[i].version);
		vs_buf_b64url(out, VS_SPAN(o.plain, o.n));
		if (types != NULL && types[i] != NULL)
			vs_buf_printf(
			    out, "\",\"content_type\":\"%s", types[i]);
		vs_buf_puts(out, "\"}");
		free(o.plain);
	}
	vs_buf_puts(out, "],\"release_id\":\"" WORLD_RELEASE "\"}");
	CHECK_INT(vs_buf_status(out), VS_OK);
}

static void
check_release(const struct world_guest *g, const struct world_key *keys,
    const char *const *types, size_t n)
{
	struct vs_reseal_item *items = calloc(n, sizeof *items);
	struct vs_buf jwe = {0};
	struct vs_buf want = {0};
	unsigned failed;

	for (size_t i = 0; i < n; i++) {
		items[i] = item_of(&keys[i]);
		if (types != NULL && types[i] != NULL)
			items[i].content_type = vs_span_cstr(types[i]);
	}
	CHECK_INT(reseal(g, items, n, &jwe, &failed), VS_OK);
	CHECK_INT(failed, 0);
	expected(keys, types, n, &want);
	vs_arena_reset(&arena);
	CHECK(vs_span_equal(
	    open_jwe(g, vs_buf_span(&jwe), &arena), vs_buf_span(&want)));
	vs_buf_fini(&jwe);
	vs_buf_fini(&want);
	free(items);
}

static void
test_every_curve(void)
{
	static const char *const types[3] = {NULL, "text/plain", NULL};
	struct world_key keys[3];

	key_new(&w, &keys[0], "models/a", 32);
	key_new(&w, &keys[1], "models/b/c", 1);
	key_new(&w, &keys[2], "models", 100);
	for (int c = VS_CURVE_P256; c <= VS_CURVE_X25519; c++) {
		struct world_guest g;

		guest_new(&g, (vs_curve)c);
		for (size_t n = 1; n <= 3; n++)
			check_release(&g, keys, types, n);
		guest_free(&g);
	}
	for (size_t i = 0; i < 3; i++)
		key_free(&keys[i]);
}

/* Around the sizes of the scratch and of the pieces of the stream. */
static void
test_sizes_of_payloads(void)
{
	static const size_t sizes[] = {1, 2, 3, 767, 768, 769, 4031, 4032, 4033,
	    9215, 9216, 9217, 12288, 65536, VS_PAYLOAD_MAX};
	size_t before = vs_secret_pool_used();
	struct world_guest g;

	guest_new(&g, VS_CURVE_X25519);
	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		struct world_key k;

		key_new(&w, &k, "models/sized", sizes[i]);
		check_release(&g, &k, NULL, 1);
		key_free(&k);
	}
	CHECK_INT(vs_secret_pool_used(), before);
	guest_free(&g);
}

static void
test_two_releases_differ(void)
{
	struct vs_buf a = {0};
	struct vs_buf b = {0};
	struct vs_reseal_item it;
	struct world_guest g;
	struct world_key k;
	unsigned failed;

	guest_new(&g, VS_CURVE_P256);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	CHECK_INT(reseal(&g, &it, 1, &a, &failed), VS_OK);
	CHECK_INT(reseal(&g, &it, 1, &b, &failed), VS_OK);
	CHECK_INT(a.n, b.n);
	CHECK(!vs_span_equal(vs_buf_span(&a), vs_buf_span(&b)));
	vs_buf_fini(&a);
	vs_buf_fini(&b);
	key_free(&k);
	guest_free(&g);
}

static void
test_opens_for_the_recipient_alone(void)
{
	struct world_guest g, other;
	struct vs_reseal_item it;
	struct vs_buf jwe = {0};
	struct world_key k;
	unsigned failed;

	guest_new(&g, VS_CURVE_P256);
	guest_new(&other, VS_CURVE_P256);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_OK);
	vs_arena_reset(&arena);
	CHECK(open_jwe(&g, vs_buf_span(&jwe), &arena).n > 0);
	CHECK_INT(open_jwe(&other, vs_buf_span(&jwe), &arena).n, 0);
	vs_buf_fini(&jwe);
	key_free(&k);
	guest_free(&g);
	guest_free(&other);
}

/* The JWE is appended: what was in the buffer stays, on failure as well. */
static void
test_appends(void)
{
	struct vs_buf jwe = {0};
	struct vs_reseal_item it;
	struct world_guest g;
	struct world_key k;
	unsigned failed;

	guest_new(&g, VS_CURVE_X25519);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	vs_buf_puts(&jwe, "before");
	it.place.version++;
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_UNTRUSTED);
	CHECK(vs_span_is(vs_buf_span(&jwe), "before"));
	it.place.version--;
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_OK);
	CHECK(vs_span_starts(vs_buf_span(&jwe), VS_SPAN_LIT("beforeeyJ")));
	vs_buf_fini(&jwe);
	key_free(&k);
	guest_free(&g);
}

/* ---- recipients that are none ------------------------------------------- */

static void
refuse_recipient(
    const struct world_key *k, vs_curve c, struct vs_span x, struct vs_span y)
{
	const struct vs_reseal_item it = item_of(k);
	const struct vs_reseal req = {.to = {.curve = c, .x = x, .y = y},
	    .nonce = VS_SPAN_OF(world_nonce),
	    .release_id = VS_SPAN_LIT(WORLD_RELEASE),
	    .items = &it,
	    .n = 1};
	struct vs_buf jwe = {0};
	unsigned failed = 9;

	CHECK_INT(vs_core_reseal(w.core, &req, &jwe, &failed), VS_MALFORMED);
	CHECK(jwe.n == 0 && failed == 0);
	vs_buf_fini(&jwe);
}

static void
refuse_points(const struct world_key *k, vs_curve c)
{
	size_t n = vs_curve_size(c);
	struct world_guest g;
	uint8_t zero[VS_ECDH_SIZE_MAX] = {0};
	uint8_t ones[VS_ECDH_SIZE_MAX + 1];
	struct vs_span x, y;

	memset(ones, 0xff, sizeof ones);
	guest_new(&g, c);
	x = VS_SPAN(g.at.x, n);
	y = VS_SPAN(g.at.y, n);
	g.at.y[n - 1] ^= 1;
	refuse_recipient(k, c, x, y); /* off the curve */
	g.at.y[n - 1] ^= 1;
	g.at.x[0] ^= 0x80;
	refuse_recipient(k, c, x, y);
	g.at.x[0] ^= 0x80;
	refuse_recipient(k, c, VS_SPAN(g.at.x, n - 1), y);
	refuse_recipient(k, c, x, VS_SPAN(g.at.y, n - 1));
	refuse_recipient(k, c, x, VS_SPAN(NULL, 0));
	refuse_recipient(k, c, VS_SPAN(NULL, 0), y);
	refuse_recipient(k, c, VS_SPAN(ones, n + 1), y);
	refuse_recipient(k, c, VS_SPAN(zero, n), VS_SPAN(zero, n));
	refuse_recipient(k, c, VS_SPAN(ones, n), y); /* not below p */
	guest_free(&g);
}

static void
test_nist_points(void)
{
	struct world_guest g;
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	refuse_points(&k, VS_CURVE_P256);
	refuse_points(&k, VS_CURVE_P384);
	/* A point of one curve is none of the other's. */
	guest_new(&g, VS_CURVE_P256);
	refuse_recipient(
	    &k, VS_CURVE_P384, VS_SPAN(g.at.x, 32), VS_SPAN(g.at.y, 32));
	refuse_recipient(
	    &k, VS_CURVE_P384, VS_SPAN(g.at.x, 48), VS_SPAN(g.at.y, 48));
	guest_free(&g);
	key_free(&k);
}

/* RFC 7748: values whose multiples are all zero, also unreduced. */
static void
test_x25519_small_order(void)
{
	static const uint8_t small[][32] = {{0}, {1},
	    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c,
		0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8,
		0x00},
	    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
		0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58,
		0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11,
		0x57}};
	uint8_t near_p[32];
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	for (size_t i = 0; i < VS_COUNT(small); i++)
		refuse_recipient(&k, VS_CURVE_X25519, VS_SPAN_OF(small[i]),
		    VS_SPAN(NULL, 0));
	memset(near_p, 0xff, sizeof near_p);
	near_p[31] = 0x7f;
	for (unsigned low = 0xec; low <= 0xee; low++) { /* p-1, p, p+1 */
		near_p[0] = (uint8_t)low;
		refuse_recipient(
		    &k, VS_CURVE_X25519, VS_SPAN_OF(near_p), VS_SPAN(NULL, 0));
	}
	refuse_recipient(
	    &k, VS_CURVE_X25519, VS_SPAN(near_p, 31), VS_SPAN(NULL, 0));
	refuse_recipient(&k, VS_CURVE_X25519, VS_SPAN_OF(near_p),
	    VS_SPAN_OF(near_p)); /* it has no y */
	key_free(&k);
}

/* ---- requests that are none --------------------------------------------- */

static void
refuse(const struct vs_reseal *req, vs_status want)
{
	struct vs_buf jwe = {0};
	unsigned failed = 9;

	CHECK_INT(vs_core_reseal(w.core, req, &jwe, &failed), want);
	CHECK_INT(jwe.n, 0);
	CHECK_INT(failed, 0);
	vs_buf_fini(&jwe);
}

static void
test_requests_refused(void)
{
	struct world_guest g;
	struct world_key k;
	struct vs_reseal_item it;
	struct vs_reseal req;
	uint8_t long_text[256];

	memset(long_text, 'x', sizeof long_text);
	guest_new(&g, VS_CURVE_P256);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	req = request_of(&g, &it, 0);
	refuse(&req, VS_MALFORMED);
	req.n = VS_RESEAL_KEYS_MAX + 1;
	refuse(&req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	req.release_id = VS_SPAN_LIT("a\"b");
	refuse(&req, VS_MALFORMED);
	req.release_id = VS_SPAN(NULL, 0);
	refuse(&req, VS_MALFORMED);
	req.release_id = VS_SPAN(long_text, VS_JWE_PARTY_MAX + 1);
	refuse(&req, VS_TOO_LARGE);
	req = request_of(&g, &it, 1);
	req.to.curve = VS_CURVE_NONE;
	refuse(&req, VS_TOO_LARGE);
	req = request_of(&g, &it, 1);
	it.place.name = VS_SPAN_LIT("models/\"");
	refuse(&req, VS_MALFORMED);
	it = item_of(&k);
	it.content_type = VS_SPAN_LIT("\"");
	refuse(&req, VS_MALFORMED);
	it = item_of(&k);
	it.payload.n = VS_PAYLOAD_OVERHEAD - 1;
	refuse(&req, VS_MALFORMED);
	CHECK_INT(vs_core_unwrap(w.core, &it), 0);
	it = item_of(&k);
	it.place.kek.n--;
	refuse(&req, VS_MALFORMED);
	CHECK_INT(vs_core_unwrap(w.core, &it), 0);
	key_free(&k);
	guest_free(&g);
}

static void
test_new_keys_refused(void)
{
	struct vs_key_place place = {.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("models/a"),
	    .version = 1};
	struct vs_key_place bad = place;
	uint8_t dek[VS_KEY_RECORD_SIZE];
	uint8_t flipped[VS_KEY_RECORD_SIZE];
	struct vs_buf out = {0};

	CHECK_INT(vs_core_new_key(w.core, &place, 0, dek, &out), VS_MALFORMED);
	CHECK_INT(
	    vs_core_new_key(w.core, &place, VS_PAYLOAD_MAX + 1, dek, &out),
	    VS_MALFORMED);
	bad.name = VS_SPAN_LIT("models/ ");
	CHECK_INT(vs_core_new_key(w.core, &bad, 8, dek, &out), VS_MALFORMED);
	bad = place;
	bad.version = 0;
	CHECK_INT(vs_core_new_key(w.core, &bad, 8, dek, &out), VS_MALFORMED);
	memcpy(flipped, w.kek, sizeof flipped);
	flipped[70] ^= 4;
	bad = place;
	bad.kek = VS_SPAN_OF(flipped);
	CHECK_INT(vs_core_new_key(w.core, &bad, 8, dek, &out), VS_UNTRUSTED);
	bad.kek.n--;
	CHECK_INT(vs_core_new_key(w.core, &bad, 8, dek, &out), VS_MALFORMED);
	CHECK_INT(out.n, 0);
	out.max = 8;
	CHECK_INT(vs_core_new_key(w.core, &place, 8, dek, &out), VS_NO_MEMORY);
	vs_buf_fini(&out);
}

static void
test_new_keks(void)
{
	static const char *const bad[] = {"", "a/b", "a ", "\"", "/"};
	uint8_t a[VS_KEY_RECORD_SIZE];
	uint8_t b[VS_KEY_RECORD_SIZE];

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(vs_core_new_kek(w.core, vs_span_cstr(bad[i]), 1, a),
		    VS_MALFORMED);
	CHECK_INT(
	    vs_core_new_kek(w.core, VS_SPAN_LIT("a"), 0, a), VS_MALFORMED);
	CHECK_INT(vs_core_new_kek(w.core, VS_SPAN_LIT("a"), 1, a), VS_OK);
	CHECK_INT(vs_core_new_kek(w.core, VS_SPAN_LIT("a"), 1, b), VS_OK);
	CHECK_INT(a[0], VS_RECORD_FORMAT);
	CHECK(memcmp(a + 1, b + 1, VS_KEY_RECORD_SIZE - 1) != 0);
}

/* ---- batches ------------------------------------------------------------ */

enum { BATCH = 9 };

static void
test_one_bad_record_in_a_batch(void)
{
	struct world_key keys[BATCH];
	struct vs_reseal_item items[BATCH];
	struct world_guest g;
	struct vs_buf jwe = {0};
	size_t before = vs_secret_pool_used();
	unsigned failed;

	guest_new(&g, VS_CURVE_X25519);
	for (size_t i = 0; i < BATCH; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "models/%zu", i);
		key_new(&w, &keys[i], name, i == 4 ? 20000 : 32);
		items[i] = item_of(&keys[i]);
	}
	for (size_t k = 0; k < BATCH; k++) {
		uint8_t *at[] = {
		    keys[k].payload.p + 40, keys[k].dek + 40, keys[k].kek + 40};

		for (size_t r = 0; r < VS_COUNT(at); r++) {
			*at[r] ^= 1;
			CHECK_INT(reseal(&g, items, BATCH, &jwe, &failed),
			    VS_UNTRUSTED);
			CHECK(jwe.n == 0 && failed == 1);
			*at[r] ^= 1;
		}
	}
	CHECK_INT(reseal(&g, items, BATCH, &jwe, &failed), VS_OK);
	CHECK_INT(vs_secret_pool_used(), before);
	vs_buf_fini(&jwe);
	for (size_t i = 0; i < BATCH; i++)
		key_free(&keys[i]);
	guest_free(&g);
}

static void
test_ten_thousand_keys(void)
{
	struct world_key *keys = calloc(VS_RESEAL_KEYS_MAX, sizeof *keys);
	struct vs_reseal_item *items =
	    calloc(VS_RESEAL_KEYS_MAX, sizeof *items);
	struct vs_buf jwe = {0};
	struct vs_buf want = {0};
	struct world_guest g;
	unsigned failed;

	guest_new(&g, VS_CURVE_P256);
	for (size_t i = 0; i < VS_RESEAL_KEYS_MAX; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "models/%zu", i);
		key_new(&w, &keys[i], name, 32);
		items[i] = item_of(&keys[i]);
	}
	CHECK_INT(reseal(&g, items, VS_RESEAL_KEYS_MAX, &jwe, &failed), VS_OK);
	expected(keys, NULL, VS_RESEAL_KEYS_MAX, &want);
	vs_arena_reset(&arena);
	CHECK(vs_span_equal(
	    open_jwe(&g, vs_buf_span(&jwe), &arena), vs_buf_span(&want)));
	keys[VS_RESEAL_KEYS_MAX - 1].payload.p[70] ^= 1;
	vs_buf_reset(&jwe);
	CHECK_INT(
	    reseal(&g, items, VS_RESEAL_KEYS_MAX, &jwe, &failed), VS_UNTRUSTED);
	CHECK_INT(jwe.n, 0);
	for (size_t i = 0; i < VS_RESEAL_KEYS_MAX; i++)
		key_free(&keys[i]);
	vs_buf_fini(&jwe);
	vs_buf_fini(&want);
	free(items);
	free(keys);
	guest_free(&g);
}

/* ---- many KEKs ---------------------------------------------------------- */

enum { KEKS = VS_KEK_CACHE_MAX + 9 };

static void
test_more_keks_than_the_cache_holds(void)
{
	static struct world_key keys[KEKS];
	struct world_guest g;

	guest_new(&g, VS_CURVE_X25519);
	for (unsigned i = 0; i < KEKS; i++) {
		struct world_key *k = &keys[i];
		struct vs_key_place place;
		char ns[16];

		(void)snprintf(ns, sizeof ns, "ns%u", i / 2);
		(void)snprintf(k->name, sizeof k->name, "%s/key", ns);
		k->version = 1;
		k->kek_version = 1 + i % 2;
		CHECK_INT(vs_core_new_kek(
			      w.core, vs_span_cstr(ns), k->kek_version, k->kek),
		    VS_OK);
		place = place_of(k);
		CHECK_INT(
		    vs_core_new_key(w.core, &place, 16, k->dek, &k->payload),
		    VS_OK);
	}
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < KEKS; i++)
			check_release(&g, &keys[i * 7 % KEKS], NULL, 1);
	check_release(&g, keys, NULL, KEKS);
	for (unsigned i = 0; i < KEKS; i++)
		key_free(&keys[i]);
	guest_free(&g);
}

/* A KEK that failed leaves no entry behind that another could find. */
static void
test_failed_kek_is_not_kept(void)
{
	struct world_key k;
	struct vs_reseal_item it;

	key_new(&w, &k, "models/a", 32);
	k.kek[60] ^= 1;
	it = item_of(&k);
	for (int i = 0; i < 3; i++)
		CHECK_INT(vs_core_unwrap(w.core, &it), 0);
	k.kek[60] ^= 1;
	CHECK_INT(vs_core_unwrap(w.core, &it), 0xff);
	key_free(&k);
}

/* The work goes on with a key of zeros, never with the KEK of a record that
 * was merely moved: its key stream is right, only its tag is not. */
static void
test_moved_kek_is_a_key_of_zeros(void)
{
	static const uint8_t zeros[VS_AEAD_KEY_SIZE];
	static const uint8_t nonce[VS_AEAD_NONCE_SIZE];
	uint8_t out[2][8], tag[2][VS_AEAD_TAG_SIZE];
	const struct vs_key_place moved = {.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("elsewhere/a")};
	struct vs_kek_cache *c = calloc(1, sizeof *c);
	struct vs_secret *scratch = vs_secret_new(VS_AEAD_KEY_SIZE);
	struct vs_aead *wrap = NULL, *plain = NULL, *got = NULL;
	uint8_t ok = 0x55;

	CHECK_INT(vs_aead_new(&wrap), VS_OK);
	CHECK_INT(vs_aead_new(&plain), VS_OK);
	const uint8_t *wraps[2] = {vs_secret_peek(w.keys.kek_wrap).p, NULL};

	CHECK_INT(vs_kek_cache_get(c, &moved, wrap, wraps,
		      vs_secret_poke(scratch), &got, &ok),
	    VS_OK);
	CHECK_INT(ok, 0);
	CHECK(vs_span_zero(vs_secret_peek(scratch)));
	for (size_t i = 0; i < 2; i++) {
		const struct vs_aead_msg m = {.nonce = nonce,
		    .in = VS_SPAN_LIT("plaintext"),
		    .out = out[i],
		    .tag = tag[i]};
		struct vs_aead_msg eight = m;

		eight.in.n = sizeof out[i];
		CHECK_INT(vs_aead_seal(i == 0 ? got : plain,
			      i == 0 ? NULL : zeros, &eight),
		    VS_OK);
	}
	CHECK(memcmp(tag[0], tag[1], sizeof tag[0]) == 0);
	vs_kek_cache_fini(c);
	free(c);
	vs_aead_free(&wrap);
	vs_aead_free(&plain);
	vs_secret_free(&scratch);
}

/* ---- what stays behind -------------------------------------------------- */

static bool
in_pool(struct vs_span what)
{
	return memmem(vs_secret_peek(pool_start).p, WORLD_POOL, what.p,
		   what.n) != NULL;
}

static void
test_nothing_stays_in_the_pool(void)
{
	struct vs_secret *control = vs_secret_new(64);
	struct vs_buf text = {0};
	struct vs_buf jwe = {0};
	struct vs_reseal_item it;
	struct world_guest g;
	struct world_key k;
	struct opened o;
	unsigned failed;

	guest_new(&g, VS_CURVE_P256);
	key_new(&w, &k, "models/a", 30);
	open_all(&w, &k, &o);
	vs_buf_b64url(&text, VS_SPAN(o.plain, o.n));
	it = item_of(&k);
	for (int fail = 0; fail < 2; fail++) {
		it.place.version += (uint32_t)fail;
		CHECK_INT(reseal(&g, &it, 1, &jwe, &failed),
		    fail ? VS_UNTRUSTED : VS_OK);
		CHECK_INT(vs_core_unwrap(w.core, &it), fail ? 0 : 0xff);
		CHECK(!in_pool(VS_SPAN(o.plain, o.n)));
		CHECK(!in_pool(vs_buf_span(&text)));
		CHECK(!in_pool(VS_SPAN_OF(o.dek)));
		CHECK(!in_pool(VS_SPAN_OF(o.kek)));
	}
	memcpy(vs_secret_poke(control), o.dek, sizeof o.dek);
	CHECK(in_pool(VS_SPAN_OF(o.dek)));
	vs_secret_free(&control);
	CHECK(!in_pool(VS_SPAN_OF(o.dek)));
	free(o.plain);
	vs_buf_fini(&text);
	vs_buf_fini(&jwe);
	key_free(&k);
	guest_free(&g);
}

static void
test_pool_back_to_its_level(void)
{
	size_t before = vs_secret_pool_used();
	struct world other;

	world_new(&other, 7);
	CHECK(vs_secret_pool_used() > before);
	world_free(&other);
	CHECK_INT(vs_secret_pool_used(), before);
	vs_core_free(&other.core);
	vs_root_wipe(&other.keys);
}

static void
test_locked_size_is_as_documented(void)
{
	size_t before = vs_secret_pool_used();
	struct vs_core *c = NULL;

	CHECK_INT(vs_core_new(&w.keys, &c), VS_OK);
	CHECK(vs_secret_pool_used() - before <= VS_CORE_LOCKED);
	vs_core_free(&c);
	CHECK_INT(vs_secret_pool_used(), before);
}

/* No locked room: busy, not somewhere else; and whole again afterwards. */
static void
test_no_locked_memory(void)
{
	struct vs_root_keys none = {0};
	struct vs_secret *hog[64] = {NULL};
	struct vs_core *c = NULL;
	struct vs_buf jwe = {0};
	struct vs_reseal_item it;
	struct vs_key_place place;
	struct world_guest g;
	struct world_key k;
	uint8_t root[VS_ROOT_SIZE] = {1};
	size_t n = 0;
	unsigned failed;

	guest_new(&g, VS_CURVE_X25519);
	key_new(&w, &k, "models/large", 100000);
	it = item_of(&k);
	place = place_of(&k);
	for (size_t size = WORLD_POOL; size >= 32; size /= 2)
		while (
		    n < VS_COUNT(hog) && (hog[n] = vs_secret_new(size)) != NULL)
			n++;
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_BUSY);
	CHECK(jwe.n == 0 && failed == 0);
	CHECK_INT(vs_core_unwrap(w.core, &it), 0);
	CHECK_INT(
	    vs_core_new_key(w.core, &place, 100000, k.dek, &jwe), VS_BUSY);
	CHECK_INT(jwe.n, 0);
	CHECK_INT(vs_core_new(&w.keys, &c), VS_NO_MEMORY);
	CHECK_INT(vs_root_derive(VS_SPAN_OF(root), &none), VS_NO_MEMORY);
	CHECK(c == NULL && none.kek_wrap == NULL);
	while (n > 0)
		vs_secret_free(&hog[--n]);
	key_free(&k);
	key_new(&w, &k, "models/large", 100000);
	it = item_of(&k);
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_OK);
	vs_buf_fini(&jwe);
	key_free(&k);
	guest_free(&g);
}

static void
test_jwe_above_the_buffers_cap(void)
{
	struct vs_buf jwe = {.max = 100};
	struct vs_reseal_item it;
	struct world_guest g;
	struct world_key k;
	unsigned failed;

	guest_new(&g, VS_CURVE_X25519);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	CHECK_INT(reseal(&g, &it, 1, &jwe, &failed), VS_TOO_LARGE);
	CHECK_INT(vs_buf_span(&jwe).n, 0);
	vs_buf_fini(&jwe);
	key_free(&k);
	guest_free(&g);
}

/* ---- sub-keys and the chain --------------------------------------------- */

static void
test_sub_keys_differ(void)
{
	const struct vs_span a = vs_secret_peek(w.keys.kek_wrap);
	const struct vs_span b = vs_secret_peek(w.keys.nonce_mac);
	const struct vs_span c = vs_secret_peek(w.keys.audit_chain);
	struct world same;

	CHECK(!vs_span_equal(a, b) && !vs_span_equal(b, c));
	CHECK(!vs_span_equal(a, c));
	world_new(&same, 0x42);
	CHECK(vs_span_equal(a, vs_secret_peek(same.keys.kek_wrap)));
	world_free(&same);
}

static void
test_chain(void)
{
	uint8_t digests[5][32];
	uint8_t last[32] = {9};
	struct vs_buf macs = {0};

	for (size_t i = 0; i < 5; i++)
		memset(digests[i], (int)i, 32);
	CHECK_INT(
	    vs_core_chain(w.core, last, VS_SPAN_OF(digests), &macs), VS_OK);
	CHECK_INT(macs.n, sizeof digests);
	for (size_t i = 0; i < 5; i++) {
		const struct vs_span parts[] = {
		    VS_SPAN_OF(last), VS_SPAN_OF(digests[i])};
		uint8_t mac[32];

		CHECK_INT(vs_hmac_sha256(vs_secret_peek(w.keys.audit_chain),
			      parts, 2, mac),
		    VS_OK);
		CHECK(memcmp(mac, macs.p + 32 * i, 32) == 0);
		memcpy(last, mac, 32);
	}
	vs_buf_fini(&macs);
}

int
main(void)
{
	world_pool();
	pool_start = vs_secret_new(1);
	vs_arena_init(&arena, ARENA);
	world_new(&w, 0x42);
	RUN(test_every_curve);
	RUN(test_sizes_of_payloads);
	RUN(test_two_releases_differ);
	RUN(test_opens_for_the_recipient_alone);
	RUN(test_appends);
	RUN(test_nist_points);
	RUN(test_x25519_small_order);
	RUN(test_requests_refused);
	RUN(test_new_keys_refused);
	RUN(test_new_keks);
	RUN(test_one_bad_record_in_a_batch);
	RUN(test_ten_thousand_keys);
	RUN(test_more_keks_than_the_cache_holds);
	RUN(test_failed_kek_is_not_kept);
	RUN(test_moved_kek_is_a_key_of_zeros);
	RUN(test_nothing_stays_in_the_pool);
	RUN(test_pool_back_to_its_level);
	RUN(test_locked_size_is_as_documented);
	RUN(test_no_locked_memory);
	RUN(test_jwe_above_the_buffers_cap);
	RUN(test_sub_keys_differ);
	RUN(test_chain);
	world_free(&w);
	vs_secret_free(&pool_start);
	CHECK_INT(vs_secret_pool_used(), 0);
	vs_secret_pool_fini();
	vs_arena_fini(&arena);
	return check_result();
}
