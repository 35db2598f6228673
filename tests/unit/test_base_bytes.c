/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"

static void
test_reader_endianness(void)
{
	static const uint8_t raw[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct vs_rd in;
	uint16_t h;
	uint32_t w;
	uint64_t q;

	in = vs_rd_of(VS_SPAN_OF(raw));
	CHECK(vs_rd_u16le(&in, &h) == VS_OK && h == 0x0201);
	CHECK(vs_rd_u16be(&in, &h) == VS_OK && h == 0x0304);
	CHECK(vs_rd_u32le(&in, &w) == VS_OK && w == 0x08070605);
	CHECK(vs_rd_end(&in) == VS_OK);
	in = vs_rd_of(VS_SPAN_OF(raw));
	CHECK(vs_rd_u64be(&in, &q) == VS_OK && q == 0x0102030405060708);
	in = vs_rd_of(VS_SPAN_OF(raw));
	CHECK(vs_rd_u64le(&in, &q) == VS_OK && q == 0x0807060504030201);
	in = vs_rd_of(VS_SPAN_OF(raw));
	CHECK(vs_rd_u32be(&in, &w) == VS_OK && w == 0x01020304);
}

static void
test_reader_moves_only_on_success(void)
{
	static const uint8_t raw[] = {1, 0, 0};
	struct vs_rd in = vs_rd_of(VS_SPAN_OF(raw));
	struct vs_rd child = {NULL, 7};
	struct vs_span s = {NULL, 9};
	uint32_t w = 77;
	uint8_t b;

	CHECK(vs_rd_u32le(&in, &w) == VS_TRUNCATED && w == 77);
	CHECK(vs_rd_bytes(&in, 4, &s) == VS_TRUNCATED && s.n == 9);
	CHECK(vs_rd_sub(&in, SIZE_MAX, &child) == VS_TRUNCATED);
	CHECK_INT(child.n, 7);
	CHECK(vs_rd_zeros(&in, 2) == VS_RESERVED);
	CHECK(vs_rd_zeros(&in, 4) == VS_TRUNCATED);
	CHECK_INT(in.n, 3);
	CHECK(vs_rd_end(&in) == VS_TRAILING);
	CHECK(vs_rd_u8(&in, &b) == VS_OK && vs_rd_zeros(&in, 2) == VS_OK);
	CHECK(vs_rd_end(&in) == VS_OK);
	CHECK(vs_rd_u8(&in, &b) == VS_TRUNCATED);
}

static void
test_writer_overflow_is_sticky(void)
{
	uint8_t raw[4];
	struct vs_wr w = vs_wr_of(raw, sizeof raw);
	struct vs_span s;

	vs_wr_u16be(&w, 0x0102);
	vs_wr_u32be(&w, 1);
	vs_wr_u8(&w, 9);
	CHECK(vs_wr_finish(&w, &s) == VS_TOO_LARGE);
	w = vs_wr_of(raw, sizeof raw);
	vs_wr_u16le(&w, 0x0102);
	vs_wr_zeros(&w, 2);
	CHECK(vs_wr_finish(&w, &s) == VS_OK && s.n == 4);
	CHECK(raw[0] == 2 && raw[1] == 1 && raw[2] == 0);
	w = vs_wr_of(raw, sizeof raw);
	vs_wr_lp32(&w, VS_SPAN(NULL, 0));
	CHECK(vs_wr_finish(&w, &s) == VS_OK && s.n == 4 && vs_span_zero(s));
}

static void
test_size_arithmetic(void)
{
	size_t n = 5;

	CHECK(!vs_add(SIZE_MAX, 1, &n) && n == 5);
	CHECK(!vs_mul(SIZE_MAX, 2, &n) && n == 5);
	CHECK(vs_calloc(SIZE_MAX, 2) == NULL);
	CHECK(vs_mul(3, 4, &n) && n == 12);
}

static void
test_equal_ct(void)
{
	CHECK(vs_equal_ct(VS_SPAN_LIT("abc"), VS_SPAN_LIT("abc")));
	CHECK(!vs_equal_ct(VS_SPAN_LIT("abc"), VS_SPAN_LIT("abd")));
	CHECK(!vs_equal_ct(VS_SPAN_LIT("abc"), VS_SPAN_LIT("ab")));
	CHECK(vs_equal_ct(VS_SPAN(NULL, 0), VS_SPAN(NULL, 0)));
}

static void
test_spans(void)
{
	struct vs_span s = VS_SPAN_LIT("hello");

	CHECK(vs_span_is(vs_span_slice(s, 1, 3), "ell"));
	CHECK(vs_span_is(vs_span_slice(s, 3, 100), "lo"));
	CHECK_INT(vs_span_slice(s, 5, 1).n, 0);
	CHECK(vs_span_starts(s, VS_SPAN_LIT("he")));
	CHECK(!vs_span_starts(VS_SPAN_LIT("h"), s));
}

static void
test_buffer_cap_is_sticky(void)
{
	struct vs_buf b = {.max = 10};

	vs_buf_puts(&b, "12345");
	vs_buf_printf(&b, "%d", 678901);
	CHECK(vs_buf_status(&b) == VS_TOO_LARGE);
	vs_buf_puts(&b, "x");
	CHECK_INT(vs_buf_span(&b).n, 0);
	CHECK_STR(vs_buf_cstr(&b), "");
	vs_buf_reset(&b);
	vs_buf_printf(&b, "%s-%d", "ok", 7);
	CHECK_STR(vs_buf_cstr(&b), "ok-7");
	vs_buf_reset(&b);
	vs_buf_int(&b, -70);
	CHECK_STR(vs_buf_cstr(&b), "-70");
	vs_buf_fini(&b);
	CHECK(b.p == NULL && b.n == 0);
	b.max = 100;
	vs_buf_int(&b, INT64_MIN);
	vs_buf_puts(&b, " ");
	vs_buf_int(&b, INT64_MAX);
	vs_buf_int(&b, 0);
	CHECK_STR(vs_buf_cstr(&b), "-9223372036854775808 92233720368547758070");
	vs_buf_fini(&b);
}

static void
test_arena_cap_and_reset(void)
{
	struct vs_arena a;
	struct vs_span s = {NULL, 0};
	uint8_t *p;

	vs_arena_init(&a, 100000);
	p = vs_arena_alloc(&a, 3);
	CHECK(p != NULL && ((uintptr_t)p & 15) == 0 && p[0] == 0);
	CHECK(vs_arena_alloc(&a, 100000) == NULL);
	CHECK(vs_arena_alloc(&a, SIZE_MAX) == NULL);
	CHECK(vs_arena_calloc(&a, SIZE_MAX, 2) == NULL);
	CHECK(vs_arena_alloc(&a, 90000) != NULL);
	CHECK(vs_arena_dup(&a, VS_SPAN(p, 99999), &s) == VS_NO_MEMORY);
	vs_arena_reset(&a);
	CHECK_INT(a.total, 0);
	CHECK(vs_arena_dup(&a, VS_SPAN_LIT("abc"), &s) == VS_OK);
	CHECK(vs_span_is(s, "abc"));
	CHECK_STR(vs_arena_cstr(&a, s), "abc");
	CHECK_STR(vs_arena_printf(&a, "%s/%d", "k", 3), "k/3");
	vs_arena_fini(&a);
}

static void
test_arena_more(void)
{
	struct vs_arena a;
	size_t cap = 0;
	int *v = NULL;

	vs_arena_init(&a, 64 * 1024);
	for (int i = 0; i < 1000; i++) {
		int *w = vs_arena_more(&a, v, (size_t)i, &cap, sizeof *w);

		if (!CHECK(w != NULL))
			break;
		v = w;
		CHECK(v[i] == 0 && cap > (size_t)i);
		v[i] = i + 1;
	}
	for (int i = 0; i < 1000; i++)
		CHECK_INT(v[i], i + 1);
	/* No room: what there is stays, and so does what is said of it. */
	CHECK(vs_arena_more(&a, v, cap, &cap, 1024) == NULL);
	CHECK_INT(cap, 1024);
	CHECK_INT(v[999], 1000);
	vs_arena_fini(&a);
}

int
main(void)
{
	RUN(test_reader_endianness);
	RUN(test_reader_moves_only_on_success);
	RUN(test_writer_overflow_is_sticky);
	RUN(test_size_arithmetic);
	RUN(test_equal_ct);
	RUN(test_spans);
	RUN(test_buffer_cap_is_sticky);
	RUN(test_arena_cap_and_reset);
	RUN(test_arena_more);
	return check_result();
}
