/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that others made: sealed outside, opened by the keeper alone. */
#include "keeper_world.h"

#include "keeper/import.h"

static struct world w;
static struct vs_arena arena;

struct sealed {
	uint8_t secret[5000];
	size_t n;
	struct vs_buf jwe;
	struct vs_import_sealed in;
};

/* As a client seals it. */
static void
seal(struct sealed *s, const char *name, uint32_t version, bool dataset,
    size_t n)
{
	uint8_t key[VS_IMPORT_KEY_SIZE];
	uint8_t context[VS_IMPORT_CONTEXT_SIZE];
	const struct vs_jwe_to to = {.curve = VS_CURVE_X25519,
	    .x = VS_SPAN_OF(key),
	    .apu = VS_IMPORT_APU,
	    .apv = VS_SPAN_OF(context)};
	struct vs_jwe *j = NULL;
	struct vs_span part[5];
	struct vs_span header;
	uint8_t *out;

	*s = (struct sealed){.n = n};
	for (size_t i = 0; i < n; i++)
		s->secret[i] = (uint8_t)(i * 7 + 3);
	CHECK_INT(vs_core_import_key(w.core, key), VS_OK);
	CHECK_INT(
	    vs_import_context(vs_span_cstr(name), version, dataset, context),
	    VS_OK);
	CHECK_INT(vs_jwe_new(&j), VS_OK);
	out = vs_buf_grow(&s->jwe, vs_jwe_len(&to, n));
	CHECK_INT(vs_jwe_begin(j, &to, n, out), VS_OK);
	CHECK_INT(vs_jwe_add(j, VS_SPAN(s->secret, n)), VS_OK);
	CHECK_INT(vs_jwe_end(j), VS_OK);
	vs_jwe_free(&j);
	CHECK(split_jwe(vs_buf_span(&s->jwe), part));
	s->in.header = part[0];
	CHECK_INT(vs_b64url_decode(&arena, part[0], &header), VS_OK);
	s->in.epk = member_of(header, "x", &arena);
	CHECK_INT(vs_b64url_decode(&arena, part[2], &s->in.iv), VS_OK);
	CHECK_INT(vs_b64url_decode(&arena, part[3], &s->in.ciphertext), VS_OK);
	CHECK_INT(vs_b64url_decode(&arena, part[4], &s->in.tag), VS_OK);
}

static struct vs_key_place
place(const char *name, uint32_t version, bool dataset)
{
	return (struct vs_key_place){.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = vs_span_cstr(name),
	    .version = version,
	    .dataset = dataset};
}

static vs_status
import(const struct sealed *s, const struct vs_key_place *at,
    struct world_key *out)
{
	*out = (struct world_key){.version = at->version, .kek_version = 1};
	(void)snprintf(
	    out->name, sizeof out->name, "%.*s", VS_SPAN_ARG(at->name));
	memcpy(out->kek, w.kek, sizeof out->kek);
	return vs_core_import(w.core, at, &s->in, out->dek, &out->payload);
}

static void
test_round_trip(void)
{
	static const size_t sizes[] = {1, 32, 4032, 4033, 5000};

	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		const struct vs_key_place at = place("models/mine", 3, false);
		size_t before = vs_secret_pool_used();
		struct world_key k;
		struct sealed s;
		struct opened o;

		seal(&s, "models/mine", 3, false, sizes[i]);
		CHECK_INT(import(&s, &at, &k), VS_OK);
		open_all(&w, &k, &o);
		CHECK_INT(o.n, sizes[i]);
		CHECK(memcmp(o.plain, s.secret, sizes[i]) == 0);
		CHECK_INT(vs_secret_pool_used(), before);
		free(o.plain);
		key_free(&k);
		vs_buf_fini(&s.jwe);
	}
}

static void
refused(const struct sealed *s, const struct vs_key_place *at)
{
	struct world_key k;

	CHECK_INT(import(s, at, &k), VS_UNTRUSTED);
	CHECK_INT(k.payload.n, 0);
	key_free(&k);
}

/* What it was sealed for is what it is imported as. */
static void
test_purpose(void)
{
	struct vs_key_place at;
	struct sealed s;

	seal(&s, "models/mine", 1, false, 32);
	at = place("models/yours", 1, false);
	refused(&s, &at);
	at = place("models/mine", 2, false);
	refused(&s, &at);
	at = place("models/mine", 1, true);
	refused(&s, &at);
	at = place("models/mine", 1, false);
	at.kek_version = 2;
	refused(&s, &at);
	vs_buf_fini(&s.jwe);
}

static void
flip_all(struct sealed *s, struct vs_span *part, const struct vs_key_place *at)
{
	uint8_t copy[1024];
	const struct vs_span was = *part;

	CHECK(was.n <= sizeof copy);
	memcpy(copy, was.p, was.n);
	*part = VS_SPAN(copy, was.n);
	for (size_t bit = 0; bit < 8 * was.n; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		refused(s, at);
		copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	*part = was;
}

static void
test_every_bit(void)
{
	const struct vs_key_place at = place("models/mine", 1, false);
	struct world_key k;
	struct sealed s;
	uint8_t zeros[32] = {0};

	seal(&s, "models/mine", 1, false, 32);
	flip_all(&s, &s.in.header, &at);
	flip_all(&s, &s.in.iv, &at);
	flip_all(&s, &s.in.ciphertext, &at);
	flip_all(&s, &s.in.tag, &at);
	s.in.epk = VS_SPAN_OF(zeros); /* of small order */
	refused(&s, &at);
	vs_buf_fini(&s.jwe);
	seal(&s, "models/mine", 1, false, 32);
	/* RFC 7748 5: the top bit of a coordinate is masked, so it does not
	 * count; every other does. */
	{
		uint8_t epk[32];

		memcpy(epk, s.in.epk.p, 32);
		s.in.epk = VS_SPAN_OF(epk);
		for (size_t bit = 0; bit < 255; bit++) {
			epk[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			refused(&s, &at);
			epk[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
		CHECK_INT(import(&s, &at, &k), VS_OK);
		key_free(&k);
	}
	vs_buf_fini(&s.jwe);
}

static void
test_key_is_the_roots(void)
{
	uint8_t one[VS_IMPORT_KEY_SIZE], again[VS_IMPORT_KEY_SIZE];
	struct world other;

	CHECK_INT(vs_core_import_key(w.core, one), VS_OK);
	CHECK_INT(vs_core_import_key(w.core, again), VS_OK);
	CHECK(memcmp(one, again, sizeof one) == 0);
	world_new(&other, 8);
	CHECK_INT(vs_core_import_key(other.core, again), VS_OK);
	CHECK(memcmp(one, again, sizeof one) != 0);
	world_free(&other);
}

static void
test_wire(void)
{
	struct vs_import_sealed got = {0};
	struct vs_buf b = {0};
	struct sealed s;
	struct vs_rd in;

	seal(&s, "models/mine", 1, false, 100);
	vs_put_import(&b, &s.in);
	in = vs_rd_of(vs_buf_span(&b));
	CHECK_INT(vs_get_import(&in, &got), VS_OK);
	CHECK_INT(in.n, 0);
	CHECK(vs_span_equal(got.header, s.in.header) &&
	    vs_span_equal(got.epk, s.in.epk) &&
	    vs_span_equal(got.iv, s.in.iv) &&
	    vs_span_equal(got.tag, s.in.tag) &&
	    vs_span_equal(got.ciphertext, s.in.ciphertext));
	for (size_t n = 0; n < b.n; n++) {
		in = vs_rd_of(VS_SPAN(b.p, n));
		CHECK(vs_get_import(&in, &got) != VS_OK);
	}
	vs_buf_fini(&b);
	vs_buf_fini(&s.jwe);
}

int
main(void)
{
	world_pool();
	vs_arena_init(&arena, 16 * 1024 * 1024);
	world_new(&w, 7);
	RUN(test_round_trip);
	RUN(test_purpose);
	RUN(test_every_bit);
	RUN(test_key_is_the_roots);
	RUN(test_wire);
	world_free(&w);
	vs_arena_fini(&arena);
	return check_result();
}
