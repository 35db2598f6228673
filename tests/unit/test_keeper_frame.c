/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: what is written is read back; nothing else is. */
#include "check.h"

#include "keeper/frame.h"

/* Bytes in memory of exactly their size, so that a read beyond is seen. */
struct exact {
	uint8_t *p;
	size_t n;
};

static struct exact
exactly(struct vs_span s, size_t n)
{
	struct exact e = {malloc(n > 0 ? n : 1), n};

	if (e.p == NULL)
		exit(1);
	if (n > 0)
		memcpy(e.p, s.p, n < s.n ? n : s.n);
	if (n > s.n)
		memset(e.p + s.n, 0, n - s.n);
	return e;
}

static struct vs_rd
rd_of(const struct exact *e)
{
	return vs_rd_of(VS_SPAN(e->p, e->n));
}

static void
test_request_heads(void)
{
	uint8_t head[VS_FRAME_HEAD];
	uint32_t n = 7;
	uint8_t op = 9;

	vs_frame_head(head, VS_FRAME_MAX, VS_OP_CHAIN);
	CHECK_INT(vs_frame_read_request(head, &n, &op), VS_OK);
	CHECK_INT(n, VS_FRAME_MAX);
	CHECK_INT(op, VS_OP_CHAIN);
	n = 7;
	op = 9;
	vs_frame_head(head, VS_FRAME_MAX + 1, VS_OP_CHAIN);
	CHECK_INT(vs_frame_read_request(head, &n, &op), VS_TOO_LARGE);
	vs_frame_head(head, UINT32_MAX, VS_OP_CHAIN);
	CHECK_INT(vs_frame_read_request(head, &n, &op), VS_TOO_LARGE);
	for (unsigned bit = 8; bit < 32; bit++) {
		vs_frame_head(head, 0, VS_OP_STATUS | 1u << bit);
		CHECK_INT(vs_frame_read_request(head, &n, &op), VS_RESERVED);
	}
	CHECK(n == 7 && op == 9);
}

static void
test_answer_heads(void)
{
	static const vs_status known[] = {
#define X(sym, value, text) sym,
	    VS_STATUS_TABLE(X)
#undef X
	};
	uint8_t head[VS_FRAME_HEAD];
	uint32_t n = 7;
	vs_status st = VS_SPENT;

	for (size_t i = 0; i < VS_COUNT(known); i++) {
		vs_frame_head(head, (uint32_t)i, (uint32_t)known[i]);
		CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_OK);
		CHECK(n == i && st == known[i]);
	}
	n = 7;
	st = VS_SPENT;
	vs_frame_head(head, 0, 0x0107);
	CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_MALFORMED);
	vs_frame_head(head, 0, 0x00010000);
	CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_MALFORMED);
	vs_frame_head(head, 0, 1);
	CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_MALFORMED);
	vs_frame_head(head, VS_FRAME_MAX + 1, VS_OK);
	CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_TOO_LARGE);
	CHECK(n == 7 && st == VS_SPENT);
}

/* A flipped head is another head, or none; it never reads as what it was. */
static void
test_heads_flipped(void)
{
	for (unsigned bit = 0; bit < VS_FRAME_HEAD * 8; bit++) {
		uint8_t head[VS_FRAME_HEAD];
		uint32_t n = 100;
		uint8_t op = VS_OP_RESEAL;
		vs_status st = VS_SEALED;

		vs_frame_head(head, 100, VS_OP_RESEAL);
		head[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (vs_frame_read_request(head, &n, &op) == VS_OK)
			CHECK(n != 100 || op != VS_OP_RESEAL);
		n = 100;
		vs_frame_head(head, 100, VS_SEALED);
		head[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (vs_frame_read_answer(head, &n, &st) == VS_OK)
			CHECK(n != 100 || st != VS_SEALED);
	}
}

static void
test_fields(void)
{
	static const char text[] = "some text";
	struct vs_buf b = {0};
	struct vs_span out = VS_SPAN_LIT("before");
	struct vs_rd in;
	uint32_t after = 0;

	vs_put_field(&b, VS_SPAN_LIT("some text"));
	vs_put_field(&b, VS_SPAN(NULL, 0));
	vs_put_u32(&b, 0xfedcba98);
	in = vs_rd_of(vs_buf_span(&b));
	CHECK_INT(vs_get_field(&in, sizeof text - 2, &out), VS_TOO_LARGE);
	CHECK(vs_span_is(out, "before") && in.n == b.n);
	CHECK_INT(vs_get_field(&in, sizeof text - 1, &out), VS_OK);
	CHECK(vs_span_is(out, text));
	CHECK_INT(vs_get_field(&in, 0, &out), VS_OK);
	CHECK_INT(out.n, 0);
	CHECK_INT(vs_rd_u32be(&in, &after), VS_OK);
	CHECK_INT(after, 0xfedcba98);
	CHECK_INT(vs_rd_end(&in), VS_OK);
	vs_buf_fini(&b);
}

static void
test_fields_truncated(void)
{
	struct vs_buf b = {0};

	vs_put_field(&b, VS_SPAN_LIT("0123456789"));
	for (size_t n = 0; n < b.n; n++) {
		struct exact e = exactly(vs_buf_span(&b), n);
		struct vs_rd in = rd_of(&e);
		struct vs_span out = VS_SPAN_LIT("before");

		CHECK_INT(vs_get_field(&in, SIZE_MAX, &out), VS_TRUNCATED);
		CHECK(vs_span_is(out, "before") && in.n == n);
		free(e.p);
	}
	b.p[0] = 0xff;
	struct vs_rd in = vs_rd_of(vs_buf_span(&b));
	struct vs_span out;

	CHECK_INT(vs_get_field(&in, SIZE_MAX, &out), VS_TRUNCATED);
	vs_buf_fini(&b);
}

/* A field that no frame could hold spoils the buffer at once. */
static void
test_field_above_the_cap(void)
{
	struct vs_buf b = {0};
	const uint8_t one = 1;

	vs_put_field(&b, VS_SPAN(&one, (size_t)VS_FRAME_MAX + 1));
	CHECK_INT(vs_buf_status(&b), VS_TOO_LARGE);
	vs_put_u32(&b, 1);
	CHECK_INT(vs_buf_status(&b), VS_TOO_LARGE);
	vs_buf_fini(&b);
}

static void
test_numbers(void)
{
	struct vs_buf b = {0};
	struct vs_rd in;
	uint64_t v = 0;

	vs_put_u64(&b, 0x0123456789abcdef);
	in = vs_rd_of(vs_buf_span(&b));
	CHECK_INT(vs_rd_u64be(&in, &v), VS_OK);
	CHECK(v == 0x0123456789abcdef && in.n == 0);
	vs_buf_fini(&b);
}

/* ---- places ------------------------------------------------------------- */

static uint8_t kek[VS_KEY_RECORD_SIZE];
static uint8_t dek[VS_KEY_RECORD_SIZE];
static uint8_t payload[VS_PAYLOAD_OVERHEAD + 40];
static uint8_t point[VS_ECDH_SIZE_MAX + 1];
static uint8_t nonce[32];
static uint8_t long_text[VS_PAYLOAD_MAX + VS_PAYLOAD_OVERHEAD + 1];

static struct vs_key_place
a_place(void)
{
	memset(kek, 'K', sizeof kek);
	return (struct vs_key_place){.kek = VS_SPAN_OF(kek),
	    .kek_version = 3,
	    .name = VS_SPAN_LIT("models/llama/weights"),
	    .version = 0x01020304};
}

static bool
same_place(const struct vs_key_place *a, const struct vs_key_place *b)
{
	return vs_span_equal(a->kek, b->kek) &&
	    vs_span_equal(a->name, b->name) && a->version == b->version &&
	    a->kek_version == b->kek_version;
}

static void
test_places(void)
{
	const struct vs_key_place want = a_place();
	struct vs_key_place got = {0};
	struct vs_buf b = {0};
	struct vs_rd in;

	vs_put_place(&b, &want);
	in = vs_rd_of(vs_buf_span(&b));
	CHECK_INT(vs_get_place(&in, &got), VS_OK);
	CHECK(same_place(&got, &want) && in.n == 0);
	for (size_t n = 0; n < b.n; n++) {
		struct exact e = exactly(vs_buf_span(&b), n);

		in = rd_of(&e);
		got = (struct vs_key_place){0};
		CHECK_INT(vs_get_place(&in, &got), VS_TRUNCATED);
		CHECK(got.kek.p == NULL && in.n == n);
		free(e.p);
	}
	vs_buf_fini(&b);
}

static vs_status
read_place(const struct vs_key_place *p)
{
	struct vs_buf b = {0};
	struct vs_key_place got;
	struct vs_rd in;
	vs_status st;

	vs_put_place(&b, p);
	in = vs_rd_of(vs_buf_span(&b));
	st = vs_get_place(&in, &got);
	vs_buf_fini(&b);
	return st;
}

static void
test_place_limits(void)
{
	struct vs_key_place p = a_place();

	p.kek.n--;
	CHECK_INT(read_place(&p), VS_RANGE);
	p.kek.n = 0;
	CHECK_INT(read_place(&p), VS_RANGE);
	p.kek = VS_SPAN(long_text, VS_KEY_RECORD_SIZE + 1);
	CHECK_INT(read_place(&p), VS_TOO_LARGE);
	p = a_place();
	p.name = VS_SPAN(long_text, VS_KEY_NAME_MAX);
	CHECK_INT(read_place(&p), VS_OK);
	p.name.n++;
	CHECK_INT(read_place(&p), VS_TOO_LARGE);
}

/* ---- reseal requests ---------------------------------------------------- */

static void
put_item(struct vs_buf *b, const struct vs_reseal_item *it)
{
	vs_put_place(b, &it->place);
	vs_put_field(b, it->dek);
	vs_put_field(b, it->payload);
	vs_put_field(b, it->content_type);
	vs_put_field(b, it->derived);
}

static void
put_reseal(struct vs_buf *b, const struct vs_reseal *r)
{
	vs_put_u32(b, (uint32_t)r->to.curve);
	vs_put_field(b, r->to.x);
	vs_put_field(b, r->to.y);
	vs_buf_add(b, r->nonce);
	vs_put_field(b, r->release_id);
	vs_put_u32(b, (uint32_t)r->n);
	for (size_t i = 0; i < r->n; i++)
		put_item(b, &r->items[i]);
}

static struct vs_reseal_item items[2];

static struct vs_reseal
a_request(void)
{
	memset(dek, 'D', sizeof dek);
	memset(payload, 'P', sizeof payload);
	memset(point, 'X', sizeof point);
	memset(nonce, 'N', sizeof nonce);
	items[0] = (struct vs_reseal_item){.place = a_place(),
	    .dek = VS_SPAN_OF(dek),
	    .payload = VS_SPAN_OF(payload),
	    .content_type = VS_SPAN_LIT("application/octet-stream")};
	items[1] = items[0];
	items[1].place.name = VS_SPAN_LIT("models/other");
	items[1].content_type = VS_SPAN(NULL, 0);
	items[1].derived = VS_SPAN_LIT("m/a/epoch-1/shard-2");
	return (struct vs_reseal){.to = {.curve = VS_CURVE_P384,
				      .x = VS_SPAN(point, 48),
				      .y = VS_SPAN(point, 47)},
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT("0198-release"),
	    .items = items,
	    .n = 2};
}

static vs_status
read_reseal(struct vs_span bytes, struct vs_arena *a, struct vs_reseal *out)
{
	struct vs_rd in = vs_rd_of(bytes);

	vs_arena_reset(a);
	return vs_get_reseal(&in, a, out);
}

static vs_status
try_request(const struct vs_reseal *r)
{
	struct vs_buf b = {0};
	struct vs_reseal got;
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 4 * 1024 * 1024);
	put_reseal(&b, r);
	CHECK_INT(vs_buf_status(&b), VS_OK);
	st = read_reseal(vs_buf_span(&b), &a, &got);
	vs_arena_fini(&a);
	vs_buf_fini(&b);
	return st;
}

static void
test_requests(void)
{
	const struct vs_reseal want = a_request();
	struct vs_reseal got = {0};
	struct vs_buf b = {0};
	struct vs_arena a;

	vs_arena_init(&a, 4096);
	put_reseal(&b, &want);
	CHECK_INT(read_reseal(vs_buf_span(&b), &a, &got), VS_OK);
	CHECK_INT(got.to.curve, VS_CURVE_P384);
	CHECK(vs_span_equal(got.to.x, want.to.x));
	CHECK(vs_span_equal(got.to.y, want.to.y));
	CHECK(vs_span_equal(got.nonce, want.nonce));
	CHECK(vs_span_equal(got.release_id, want.release_id));
	CHECK_INT(got.n, 2);
	for (size_t i = 0; i < got.n; i++) {
		CHECK(same_place(&got.items[i].place, &items[i].place));
		CHECK(vs_span_equal(got.items[i].dek, items[i].dek));
		CHECK(vs_span_equal(got.items[i].payload, items[i].payload));
		CHECK(vs_span_equal(
		    got.items[i].content_type, items[i].content_type));
		CHECK(vs_span_equal(got.items[i].derived, items[i].derived));
	}
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

static void
test_requests_truncated_or_longer(void)
{
	const struct vs_reseal want = a_request();
	struct vs_buf b = {0};
	struct vs_arena a;

	vs_arena_init(&a, 4096);
	put_reseal(&b, &want);
	for (size_t n = 0; n <= b.n + 1; n++) {
		struct exact e = exactly(vs_buf_span(&b), n);
		struct vs_reseal got = {.n = 77};
		vs_status st = read_reseal(VS_SPAN(e.p, e.n), &a, &got);

		if (n < b.n)
			CHECK(st == VS_TRUNCATED || st == VS_RANGE);
		else
			CHECK_INT(st, n == b.n ? VS_OK : VS_TRAILING);
		CHECK_INT(got.n, st == VS_OK ? 2 : 77);
		free(e.p);
	}
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

/*
 * A request with a flipped bit is refused, or is another request that, when
 * written again, gives these very bytes: no two frames mean the same.
 */
static void
test_requests_flipped(void)
{
	const struct vs_reseal want = a_request();
	struct vs_buf b = {0};
	struct vs_buf again = {0};
	struct vs_arena a;
	unsigned refused = 0;

	vs_arena_init(&a, 4 * 1024 * 1024);
	put_reseal(&b, &want);
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		struct exact e = exactly(vs_buf_span(&b), b.n);
		struct vs_reseal got;

		e.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (read_reseal(VS_SPAN(e.p, e.n), &a, &got) == VS_OK) {
			vs_buf_reset(&again);
			put_reseal(&again, &got);
			CHECK(vs_span_equal(
			    vs_buf_span(&again), VS_SPAN(e.p, e.n)));
		} else {
			refused++;
		}
		free(e.p);
	}
	/* Every bit of every length at least. */
	CHECK(refused > 13 * 32);
	vs_buf_fini(&again);
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

static void
test_request_limits(void)
{
	struct vs_reseal r = a_request();

	CHECK_INT(try_request(&r), VS_OK);
	r.to.curve = VS_CURVE_NONE;
	CHECK_INT(try_request(&r), VS_RANGE);
	r.to.curve = (vs_curve)(VS_CURVE_X25519 + 1);
	CHECK_INT(try_request(&r), VS_RANGE);
	r = a_request();
	r.to.x = VS_SPAN_OF(point);
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	r.to.y = VS_SPAN_OF(point);
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	memset(long_text, 'a', sizeof long_text);
	r.release_id = VS_SPAN(long_text, 64);
	CHECK_INT(try_request(&r), VS_OK);
	r.release_id.n++;
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
}

static void
test_item_limits(void)
{
	struct vs_reseal r = a_request();

	items[1].dek.n--;
	CHECK_INT(try_request(&r), VS_RANGE);
	items[1].dek = VS_SPAN(long_text, VS_KEY_RECORD_SIZE + 1);
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	items[1].payload.n = VS_PAYLOAD_OVERHEAD - 1;
	CHECK_INT(try_request(&r), VS_RANGE);
	items[1].payload.n = VS_PAYLOAD_OVERHEAD;
	CHECK_INT(try_request(&r), VS_OK);
	items[1].payload =
	    VS_SPAN(long_text, VS_PAYLOAD_MAX + VS_PAYLOAD_OVERHEAD);
	CHECK_INT(try_request(&r), VS_OK);
	items[1].payload.n++;
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	items[1].content_type = VS_SPAN(long_text, VS_CONTENT_TYPE_MAX);
	CHECK_INT(try_request(&r), VS_OK);
	items[1].content_type.n++;
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	items[1].derived = VS_SPAN(long_text, VS_KEY_NAME_MAX);
	CHECK_INT(try_request(&r), VS_OK);
	items[1].derived.n++;
	CHECK_INT(try_request(&r), VS_TOO_LARGE);
	r = a_request();
	items[1].place.kek.n--;
	CHECK_INT(try_request(&r), VS_RANGE);
}

/* Refused for the count, before memory is taken for it. */
static void
test_counts(void)
{
	static const uint32_t bad[] = {0, 3, 200, VS_RESEAL_KEYS_MAX,
	    VS_RESEAL_KEYS_MAX + 1, 0x7fffffff, UINT32_MAX};
	const struct vs_reseal r = a_request();
	size_t at = 4 + 4 + r.to.x.n + 4 + r.to.y.n + 32 + 4 + r.release_id.n;
	struct vs_buf b = {0};
	struct vs_arena a;

	vs_arena_init(&a, 4 * 1024 * 1024);
	put_reseal(&b, &r);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		struct vs_wr w = vs_wr_of(b.p + at, 4);
		struct vs_reseal got;
		vs_status st;

		vs_wr_u32be(&w, bad[i]);
		st = read_reseal(vs_buf_span(&b), &a, &got);
		CHECK(st == VS_RANGE || (bad[i] == 3 && st == VS_TRUNCATED));
		CHECK(a.total <= 3 * sizeof(struct vs_reseal_item) + 64);
	}
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

static void
test_no_memory_for_items(void)
{
	const struct vs_reseal r = a_request();
	struct vs_reseal got = {.n = 77};
	struct vs_buf b = {0};
	struct vs_arena a;

	vs_arena_init(&a, sizeof(struct vs_reseal_item));
	put_reseal(&b, &r);
	CHECK_INT(read_reseal(vs_buf_span(&b), &a, &got), VS_NO_MEMORY);
	CHECK_INT(got.n, 77);
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

int
main(void)
{
	RUN(test_request_heads);
	RUN(test_answer_heads);
	RUN(test_heads_flipped);
	RUN(test_fields);
	RUN(test_fields_truncated);
	RUN(test_field_above_the_cap);
	RUN(test_numbers);
	RUN(test_places);
	RUN(test_place_limits);
	RUN(test_requests);
	RUN(test_requests_truncated_or_longer);
	RUN(test_requests_flipped);
	RUN(test_request_limits);
	RUN(test_item_limits);
	RUN(test_counts);
	RUN(test_no_memory_for_items);
	return check_result();
}
