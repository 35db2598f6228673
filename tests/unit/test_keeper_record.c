/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records at rest: each thing that a record is bound to is changed alone,
 * and the record must not open.
 */
#include "keeper_world.h"

static struct world w;
static struct world_guest guest;

/* What a reseal of this one key says; nothing may be written on failure. */
static vs_status
reseal(const struct world_key *k)
{
	const struct vs_reseal_item it = item_of(k);
	const struct vs_reseal req = request_of(&guest, &it, 1);
	struct vs_buf jwe = {0};
	unsigned failed = 9;
	vs_status st = vs_core_reseal(w.core, &req, &jwe, &failed);

	CHECK_INT(jwe.n > 0, st == VS_OK);
	CHECK_INT(failed, st == VS_UNTRUSTED);
	vs_buf_fini(&jwe);
	return st;
}

/* Both ways to the record agree that it opens, or that it does not. */
static bool
opens(const struct world_key *k)
{
	const struct vs_reseal_item it = item_of(k);
	uint8_t mask = vs_core_unwrap(w.core, &it);
	vs_status st = reseal(k);

	CHECK(mask == 0 || mask == 0xff);
	CHECK_INT(st, mask == 0xff ? VS_OK : VS_UNTRUSTED);
	return mask == 0xff;
}

/* ---- parsing ------------------------------------------------------------ */

static void
test_parse(void)
{
	uint8_t bytes[VS_KEY_RECORD_SIZE];
	struct vs_record r = {0};

	CHECK_INT(vs_record_begin(bytes), VS_OK);
	CHECK_INT(bytes[0], VS_RECORD_FORMAT);
	CHECK_INT(vs_record_parse(VS_SPAN_OF(bytes), &r), VS_OK);
	CHECK(r.id == bytes + 1 && r.nonce == bytes + 17);
	CHECK(r.sealed.p == bytes + 29 && r.sealed.n == 32);
	CHECK(r.tag == bytes + 61);
	for (size_t n = 0; n < VS_PAYLOAD_OVERHEAD; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, bytes, n);
		r.id = NULL;
		CHECK(vs_record_parse(VS_SPAN(copy, n), &r) != VS_OK);
		CHECK(r.id == NULL);
		free(copy);
	}
	CHECK_INT(
	    vs_record_parse(VS_SPAN(bytes, VS_PAYLOAD_OVERHEAD), &r), VS_OK);
	CHECK_INT(r.sealed.n, 0);
	for (unsigned bit = 0; bit < 8; bit++) {
		bytes[0] = (uint8_t)(VS_RECORD_FORMAT ^ 1u << bit);
		CHECK_INT(vs_record_parse(VS_SPAN_OF(bytes), &r), VS_MALFORMED);
	}
}

static void
test_fresh_ids_and_nonces(void)
{
	uint8_t a[VS_RECORD_HEAD];
	uint8_t b[VS_RECORD_HEAD];

	CHECK_INT(vs_record_begin(a), VS_OK);
	CHECK_INT(vs_record_begin(b), VS_OK);
	CHECK(memcmp(a + 1, b + 1, VS_KEEPER_ID_SIZE) != 0);
	CHECK(memcmp(a + 17, b + 17, VS_AEAD_NONCE_SIZE) != 0);
}

static void
test_names(void)
{
	static const char *const good[] = {
	    "a", "models/llama-70b/weights", "A.Z_0-9/x", "/", "..", "a//b"};
	static const char *const bad[] = {"", " ", "a b", "a\"b", "a\\b", "a\n",
	    "\x7f", "k\xc3\xa9y", "a,b", "a:b", "a{", "a@1", "a%2f"};
	uint8_t text[VS_KEY_NAME_MAX + 1];

	for (size_t i = 0; i < VS_COUNT(good); i++)
		CHECK(vs_record_name_ok(vs_span_cstr(good[i])));
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK(!vs_record_name_ok(vs_span_cstr(bad[i])));
	CHECK(!vs_record_name_ok(VS_SPAN("a\0b", 3)));
	memset(text, 'n', sizeof text);
	CHECK(vs_record_name_ok(VS_SPAN(text, VS_KEY_NAME_MAX)));
	CHECK(!vs_record_name_ok(VS_SPAN(text, VS_KEY_NAME_MAX + 1)));
	for (unsigned c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;
		bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') ||
		    (c != 0 && strchr("._/-", (int)c));

		CHECK_INT(vs_record_name_ok(VS_SPAN(&byte, 1)), ok);
	}
}

static void
test_content_types(void)
{
	uint8_t text[VS_CONTENT_TYPE_MAX + 1];

	CHECK(vs_record_type_ok(VS_SPAN(NULL, 0)));
	CHECK(vs_record_type_ok(VS_SPAN_LIT("text/plain; charset=utf-8")));
	memset(text, 't', sizeof text);
	CHECK(vs_record_type_ok(VS_SPAN(text, VS_CONTENT_TYPE_MAX)));
	CHECK(!vs_record_type_ok(VS_SPAN(text, VS_CONTENT_TYPE_MAX + 1)));
	for (unsigned c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;
		bool ok = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

		CHECK_INT(vs_record_type_ok(VS_SPAN(&byte, 1)), ok);
	}
}

static void
test_namespaces(void)
{
	CHECK(vs_span_is(
	    vs_record_namespace(VS_SPAN_LIT("models/a/b")), "models"));
	CHECK(vs_span_is(vs_record_namespace(VS_SPAN_LIT("models")), "models"));
	CHECK_INT(vs_record_namespace(VS_SPAN_LIT("/a")).n, 0);
	CHECK_INT(vs_record_namespace(VS_SPAN(NULL, 0)).n, 0);
}

/* The longest names fit. */
static void
test_aads_of_the_longest_names(void)
{
	uint8_t text[VS_KEY_NAME_MAX];
	uint8_t buf[VS_RECORD_AAD_MAX];
	struct vs_key_place place = {
	    .kek = VS_SPAN_OF(w.kek), .name = VS_SPAN_OF(text), .version = 1};
	struct vs_span aad;

	memset(text, 'n', sizeof text);
	CHECK_INT(vs_aad_dek(buf, &place, w.kek + 1, &aad), VS_OK);
	CHECK_INT(vs_aad_kek(buf, VS_SPAN_OF(text), 1, w.kek + 1, &aad), VS_OK);
}

/* ---- bit flips ---------------------------------------------------------- */

static void
flip_all(struct world_key *k, uint8_t *p, size_t n)
{
	unsigned opened = 0;

	CHECK(opens(k));
	for (size_t bit = 0; bit < n * 8; bit++) {
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		opened += opens(k);
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	CHECK_INT(opened, 0);
	CHECK(opens(k));
}

static void
test_flipped_records(void)
{
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	flip_all(&k, k.kek, sizeof k.kek);
	flip_all(&k, k.dek, sizeof k.dek);
	flip_all(&k, k.payload.p, k.payload.n);
	key_free(&k);
}

static void
test_payload_of_another_length(void)
{
	struct world_key k;
	size_t n;

	key_new(&w, &k, "models/a", 32);
	n = k.payload.n;
	for (k.payload.n = VS_PAYLOAD_OVERHEAD; k.payload.n < n; k.payload.n++)
		CHECK(!opens(&k));
	CHECK(opens(&k));
	vs_buf_add(&k.payload, VS_SPAN_LIT("x"));
	CHECK(!opens(&k));
	key_free(&k);
}

/* ---- moved records ------------------------------------------------------ */

static void
test_another_name(void)
{
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	CHECK(opens(&k));
	k.name[7] = 'b';
	CHECK(!opens(&k));
	(void)snprintf(k.name, sizeof k.name, "models/a/");
	CHECK(!opens(&k));
	(void)snprintf(k.name, sizeof k.name, "models");
	CHECK(!opens(&k));
	(void)snprintf(k.name, sizeof k.name, "models/a");
	CHECK(opens(&k));
	key_free(&k);
}

static void
test_another_version(void)
{
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	k.version = 2;
	CHECK(!opens(&k));
	k.version = 0;
	CHECK(!opens(&k));
	k.version = 1u << 24;
	CHECK(!opens(&k));
	key_free(&k);
}

static void
test_another_dek_or_payload(void)
{
	struct world_key a, b, mixed;

	key_new(&w, &a, "models/a", 32);
	key_new(&w, &b, "models/a", 32);
	key_copy(&mixed, &a);
	memcpy(mixed.dek, b.dek, sizeof mixed.dek);
	CHECK(!opens(&mixed));
	/* With the id that the other DEK has, too. */
	memcpy(mixed.payload.p + 1, b.dek + 1, VS_KEEPER_ID_SIZE);
	CHECK(!opens(&mixed));
	key_free(&a);
	key_free(&b);
	key_free(&mixed);
}

/* The KEK's own record, moved to another namespace or version. */
static void
test_kek_moved(void)
{
	struct vs_key_place place = {.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("models/new"),
	    .version = 1};
	struct vs_buf payload = {0};
	uint8_t dek[VS_KEY_RECORD_SIZE];

	CHECK_INT(vs_core_new_key(w.core, &place, 8, dek, &payload), VS_OK);
	vs_buf_reset(&payload);
	place.kek_version = 2;
	CHECK_INT(
	    vs_core_new_key(w.core, &place, 8, dek, &payload), VS_UNTRUSTED);
	place.kek_version = 1;
	place.name = VS_SPAN_LIT("model/s/new");
	CHECK_INT(
	    vs_core_new_key(w.core, &place, 8, dek, &payload), VS_UNTRUSTED);
	place.name = VS_SPAN_LIT("modelsx/new");
	CHECK_INT(
	    vs_core_new_key(w.core, &place, 8, dek, &payload), VS_UNTRUSTED);
	CHECK_INT(payload.n, 0);
	vs_buf_fini(&payload);
}

/*
 * The same KEK in a record of another id, version or namespace, made by hand:
 * the KEK opens, and what is under it must not.
 */
static void
rewrap(struct world_key *k, const uint8_t *kek)
{
	const struct vs_key_place place = place_of(k);
	uint8_t buf[VS_RECORD_AAD_MAX];
	struct vs_span aad;

	CHECK_INT(vs_aad_kek(buf, vs_record_namespace(place.name),
		      k->kek_version, k->kek + 1, &aad),
	    VS_OK);
	seal_by_hand(
	    vs_secret_peek(w.keys.kek_wrap).p, aad, VS_SPAN(kek, 32), k->kek);
}

static void
test_same_kek_under_another_label(void)
{
	struct world_key k, moved;
	struct opened o;

	key_new(&w, &k, "models/a", 32);
	open_all(&w, &k, &o);

	key_copy(&moved, &k);
	rewrap(&moved, o.kek);
	CHECK(opens(&moved)); /* by hand it is done right */
	CHECK_INT(vs_record_begin(moved.kek), VS_OK);
	rewrap(&moved, o.kek);
	CHECK(!opens(&moved)); /* the id */
	memcpy(moved.kek, k.kek, sizeof moved.kek);
	moved.kek_version = 2;
	rewrap(&moved, o.kek);
	CHECK(!opens(&moved)); /* the KEK's version */
	moved.kek_version = 1;
	(void)snprintf(moved.name, sizeof moved.name, "other/a");
	rewrap(&moved, o.kek);
	CHECK(!opens(&moved)); /* the namespace */
	free(o.plain);
	key_free(&moved);
	key_free(&k);
}

/* A new KEK, the DEK rewrapped under it with its id kept: the payload opens
 * as it was. Nothing else may be needed to rotate a KEK. */
static void
test_kek_rotated(void)
{
	struct world_key k;
	struct vs_key_place place;
	uint8_t buf[VS_RECORD_AAD_MAX];
	uint8_t next[VS_AEAD_KEY_SIZE];
	struct vs_span aad;
	struct opened o;

	key_new(&w, &k, "models/a", 32);
	open_all(&w, &k, &o);
	memset(next, 0x6b, sizeof next);
	k.kek_version = 2;
	CHECK_INT(vs_record_begin(k.kek), VS_OK);
	rewrap(&k, next);
	CHECK(!opens(&k)); /* the DEK is still under the old one */
	place = place_of(&k);
	CHECK_INT(vs_aad_dek(buf, &place, k.dek + 1, &aad), VS_OK);
	seal_by_hand(next, aad, VS_SPAN_OF(o.dek), k.dek);
	CHECK(opens(&k));
	free(o.plain);
	key_free(&k);
}

/* ---- parts of two records ------------------------------------------------ */

typedef enum vs_part {
	KEK_ID,
	KEK_NONCE,
	KEK_SEALED,
	KEK_TAG,
	DEK_ID,
	DEK_NONCE,
	DEK_SEALED,
	DEK_TAG,
	PAYLOAD_ID,
	PAYLOAD_NONCE,
	PAYLOAD_SEALED,
	PAYLOAD_TAG,
	NAMESPACE,
	NAME,
	VERSION,
	KEK_VERSION,
	DATASET,
	PARTS
} vs_part;

/* Two keys of 32 bytes, so that all records have the same form; names are of
 * one length, with the namespace in the first six. */
struct twin {
	struct world_key k;
	bool dataset;
};

static uint8_t *
part_of(struct twin *t, vs_part p, size_t *n)
{
	static const struct {
		size_t at, n;
	} fields[] = {{1, 16}, {17, 12}, {29, 32}, {61, 16}};
	uint8_t *const records[] = {t->k.kek, t->k.dek, t->k.payload.p};

	if (p < NAMESPACE) {
		*n = fields[p % 4].n;
		return records[p / 4] + fields[p % 4].at;
	}
	*n = p == NAMESPACE ? 6 : p == NAME ? 2 : p == DATASET ? 1 : 4;
	if (p == NAMESPACE || p == NAME)
		return (uint8_t *)t->k.name + (p == NAME ? 6 : 0);
	return p == VERSION    ? (uint8_t *)&t->k.version
	    : p == KEK_VERSION ? (uint8_t *)&t->k.kek_version
			       : (uint8_t *)&t->dataset;
}

static bool
twin_opens(const struct twin *t)
{
	struct vs_reseal_item it = item_of(&t->k);

	it.place.dataset = t->dataset;
	return vs_core_unwrap(w.core, &it) == 0xff;
}

static void
swap_part(struct twin *a, struct twin *b, vs_part p)
{
	size_t n = 0;
	uint8_t *x = part_of(a, p, &n), *y = part_of(b, p, &n);

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = x[i];

		x[i] = y[i];
		y[i] = byte;
	}
}

/* The parts in which they are not the same already. */
static size_t
parts_that_differ(struct twin *a, struct twin *b, vs_part out[PARTS])
{
	size_t count = 0, n = 0;

	for (unsigned p = 0; p < PARTS; p++) {
		const uint8_t *x = part_of(a, (vs_part)p, &n);

		if (memcmp(x, part_of(b, (vs_part)p, &n), n) != 0)
			out[count++] = (vs_part)p;
	}
	return count;
}

/* Every choice of parts is swapped, in the order of a Gray code: one part a
 * step. Only what is whole opens. */
static unsigned
swap_all(struct twin *a, struct twin *b)
{
	vs_part parts[PARTS];
	const size_t n = parts_that_differ(a, b, parts);
	unsigned opened = 0, swapped = 0;
	const unsigned all = (1u << n) - 1;

	CHECK(twin_opens(a) && twin_opens(b));
	for (unsigned step = 1; step <= all; step++) {
		const unsigned bit = (unsigned)__builtin_ctz(step);

		swap_part(a, b, parts[bit]);
		swapped ^= 1u << bit;
		if (swapped == all) {
			CHECK(twin_opens(a) && twin_opens(b));
			continue;
		}
		opened += twin_opens(a);
		opened += twin_opens(b);
	}
	CHECK_INT(opened, 0);
	key_free(&a->k);
	key_free(&b->k);
	return all;
}

static void
twin_new(struct twin *t, const char *name, uint32_t version,
    uint32_t kek_version, bool dataset)
{
	struct vs_key_place place;

	*t =
	    (struct twin){.k = {.version = version, .kek_version = kek_version},
		.dataset = dataset};
	(void)snprintf(t->k.name, sizeof t->k.name, "%s", name);
	memcpy(t->k.kek, w.kek, sizeof t->k.kek);
	if (kek_version != 1)
		CHECK_INT(vs_core_new_kek(w.core,
			      vs_record_namespace(vs_span_cstr(name)),
			      kek_version, t->k.kek),
		    VS_OK);
	place = place_of(&t->k);
	place.dataset = dataset;
	CHECK_INT(vs_core_new_key(w.core, &place, 32, t->k.dek, &t->k.payload),
	    VS_OK);
}

static void
test_every_swap_of_parts(void)
{
	struct twin a, b;

	/* Two keys of a namespace, two versions of a key, one key under two
	 * KEKs, and two that have nothing in common. */
	twin_new(&a, "models/a", 1, 1, false);
	twin_new(&b, "models/b", 1, 1, false);
	CHECK_INT(swap_all(&a, &b), (1u << 9) - 1);
	twin_new(&a, "models/a", 1, 1, false);
	twin_new(&b, "models/a", 2, 1, false);
	CHECK_INT(swap_all(&a, &b), (1u << 9) - 1);
	twin_new(&a, "models/a", 1, 1, false);
	twin_new(&b, "models/a", 1, 2, false);
	CHECK_INT(swap_all(&a, &b), (1u << 13) - 1);
	twin_new(&a, "models/a", 1, 1, false);
	twin_new(&b, "things/b", 2, 3, true);
	CHECK_INT(swap_all(&a, &b), (1u << 17) - 1);
}

/* ---- purposes ----------------------------------------------------------- */

static void
test_dek_for_payload(void)
{
	struct world_key k, swapped;

	key_new(&w, &k, "models/a", 32);
	/* A payload of 32 bytes has the form of a key record. */
	key_copy(&swapped, &k);
	memcpy(swapped.dek, k.payload.p, sizeof swapped.dek);
	memcpy(swapped.payload.p, k.dek, sizeof k.dek);
	CHECK(!opens(&swapped));
	memcpy(swapped.dek, k.dek, sizeof swapped.dek);
	CHECK(!opens(&swapped));
	/* A DEK's record as a KEK's. */
	memcpy(swapped.kek, k.dek, sizeof swapped.kek);
	CHECK(!opens(&swapped));
	key_free(&swapped);
	key_free(&k);
}

/* Records made by hand that differ in their purpose alone. */
static void
test_purpose_alone(void)
{
	uint8_t buf[VS_RECORD_AAD_MAX];
	struct vs_span dek_aad, payload_aad;
	uint8_t other[VS_RECORD_AAD_MAX];
	struct world_key k;
	struct opened o;

	key_new(&w, &k, "models/a", 32);
	open_all(&w, &k, &o);
	struct vs_key_place place = place_of(&k);

	CHECK_INT(vs_aad_dek(other, &place, k.dek + 1, &dek_aad), VS_OK);
	CHECK_INT(vs_aad_dek(buf, &place, k.dek + 1, &payload_aad), VS_OK);
	payload_aad = vs_aad_payload(buf, payload_aad);
	CHECK(!vs_span_equal(dek_aad, payload_aad));

	seal_by_hand(o.kek, dek_aad, VS_SPAN_OF(o.dek), k.dek);
	seal_by_hand(o.dek, payload_aad, VS_SPAN(o.plain, 32), k.payload.p);
	CHECK(opens(&k));
	seal_by_hand(o.dek, dek_aad, VS_SPAN(o.plain, 32), k.payload.p);
	CHECK(!opens(&k));
	seal_by_hand(o.dek, payload_aad, VS_SPAN(o.plain, 32), k.payload.p);
	seal_by_hand(o.kek, payload_aad, VS_SPAN_OF(o.dek), k.dek);
	CHECK(!opens(&k));
	seal_by_hand(o.kek, dek_aad, VS_SPAN_OF(o.dek), k.dek);
	CHECK(opens(&k));
	free(o.plain);
	key_free(&k);
}

/* The id of the DEK, the same in both records but not the one they are for. */
static void
test_another_dek_id(void)
{
	struct world_key k;

	key_new(&w, &k, "models/a", 32);
	k.dek[5] ^= 1;
	k.payload.p[5] ^= 1;
	CHECK(!opens(&k));
	k.dek[5] ^= 1;
	k.payload.p[5] ^= 1;
	CHECK(opens(&k));
	key_free(&k);
}

/* No AAD is another's, whatever the names: the encoding is injective. */
static void
test_aads_differ(void)
{
	static const char *const names[] = {
	    "a/b", "a/bc", "a", "ab", "ab/", ""};
	uint8_t bufs[2][VS_RECORD_AAD_MAX];
	uint8_t id[VS_KEEPER_ID_SIZE] = {0};
	struct vs_span a, b;

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		for (size_t j = 0; j < VS_COUNT(names); j++) {
			const struct vs_key_place x = {.kek = VS_SPAN_OF(w.kek),
			    .name = vs_span_cstr(names[i])};
			struct vs_key_place y = x;

			y.name = vs_span_cstr(names[j]);
			CHECK_INT(vs_aad_dek(bufs[0], &x, id, &a), VS_OK);
			CHECK_INT(vs_aad_dek(bufs[1], &y, id, &b), VS_OK);
			CHECK_INT(vs_span_equal(a, b), i == j);
			CHECK_INT(
			    vs_aad_kek(bufs[1], y.name, 0, id, &b), VS_OK);
			CHECK(!vs_span_equal(a, b));
		}
	}
}

/* ---- another root ------------------------------------------------------- */

static void
test_another_root(void)
{
	struct world other;
	struct world_key k;
	struct vs_reseal_item it;

	world_new(&other, 0x43);
	key_new(&w, &k, "models/a", 32);
	it = item_of(&k);
	CHECK_INT(vs_core_unwrap(w.core, &it), 0xff);
	CHECK_INT(vs_core_unwrap(other.core, &it), 0);
	key_free(&k);
	world_free(&other);
}

int
main(void)
{
	world_pool();
	world_new(&w, 0x42);
	guest_new(&guest, VS_CURVE_X25519);
	RUN(test_parse);
	RUN(test_fresh_ids_and_nonces);
	RUN(test_names);
	RUN(test_content_types);
	RUN(test_namespaces);
	RUN(test_aads_of_the_longest_names);
	RUN(test_flipped_records);
	RUN(test_payload_of_another_length);
	RUN(test_another_name);
	RUN(test_another_version);
	RUN(test_another_dek_or_payload);
	RUN(test_kek_moved);
	RUN(test_same_kek_under_another_label);
	RUN(test_kek_rotated);
	RUN(test_every_swap_of_parts);
	RUN(test_dek_for_payload);
	RUN(test_purpose_alone);
	RUN(test_another_dek_id);
	RUN(test_aads_differ);
	RUN(test_another_root);
	guest_free(&guest);
	world_free(&w);
	CHECK_INT(vs_secret_pool_used(), 0);
	vs_secret_pool_fini();
	return check_result();
}
