/* SPDX-License-Identifier: Apache-2.0 */
/* PEM blocks and the few DER heads that we read ourselves. */
#include "check.h"
#include "crypto/der.h"
#include "crypto/pem.h"

static struct vs_arena arena;

static vs_status
first(const char *text, struct vs_pem *out)
{
	struct vs_rd rd = vs_rd_of(vs_span_cstr(text));

	vs_arena_reset(&arena);
	return vs_pem_next(&rd, &arena, out);
}

#define B "-----BEGIN THING-----\n"
#define E "-----END THING-----\n"

static void
test_blocks(void)
{
	static const char text[] =
	    "subject=somebody\n" B "aGVs\r\nbG8=\r\n" E
	    "\n-----BEGIN X-----\n\nAA==\n-----END X-----";
	struct vs_rd rd = vs_rd_of(VS_SPAN_LIT(text));
	struct vs_pem p;

	CHECK_INT(vs_pem_next(&rd, &arena, &p), VS_OK);
	CHECK(vs_span_is(p.label, "THING"));
	CHECK(vs_span_is(p.der, "hello"));
	CHECK_INT(vs_pem_next(&rd, &arena, &p), VS_OK);
	CHECK(vs_span_is(p.label, "X"));
	CHECK(p.der.n == 1 && p.der.p[0] == 0);
	CHECK_INT(vs_pem_next(&rd, &arena, &p), VS_NOT_FOUND);
	CHECK(vs_pem_is(VS_SPAN_LIT(text)));
	CHECK(!vs_pem_is(VS_SPAN_LIT("hello\nworld")));
	CHECK(!vs_pem_is(VS_SPAN_LIT("")));
	CHECK(!vs_pem_is(VS_SPAN_LIT("-----BEGIN -----")));
}

static void
test_broken(void)
{
	static const char *const bad[] = {B "aGVsbG8=\n",
	    B "aGVsbG8=\n-----END OTHER-----\n", B "aGVsbG8\n" E,
	    B "aGVs bG8=\n" E, B "aGVs*bG8=\n" E, B B "aGVsbG8=\n" E,
	    B "Proc-Type: 4,ENCRYPTED\n\naGVsbG8=\n" E, B};
	struct vs_pem p;

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(
		    vs_status_class(first(bad[i], &p)), VS_CLASS_MALFORMED);
	CHECK_INT(first("", &p), VS_NOT_FOUND);
	CHECK_INT(first("x -----BEGIN THING-----\naGVs\n" E, &p), VS_NOT_FOUND);
}

static void
test_no_memory(void)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN_LIT(B "aGVsbG8=\n" E));
	struct vs_arena none;
	struct vs_pem p;

	vs_arena_init(&none, 1);
	CHECK_INT(vs_pem_next(&rd, &none, &p), VS_NO_MEMORY);
	CHECK(rd.n == sizeof(B "aGVsbG8=\n" E) - 1); /* did not move */
	vs_arena_fini(&none);
}

static void
der(const char *bytes, size_t n, bool ok)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN(bytes, n));
	struct vs_der el;
	vs_status st = vs_der_next(&rd, &el);

	CHECK_INT(st == VS_OK, ok);
	CHECK_INT(rd.n, ok ? n - el.whole.n : n);
}

static void
test_der_heads(void)
{
	uint8_t big[4 + 256] = {0x30, 0x82, 0x01, 0x00};
	struct vs_span v;

	der("\x02\x01\x05", 3, true);
	der("\x02\x00", 2, true);
	der("\x02\x01\x05\x00", 4, true);
	der("\x02", 1, false);
	der("", 0, false);
	der("\x02\x02\x05", 3, false);
	der("\x1f\x01\x05", 3, false);         /* high tag */
	der("\x30\x80\x00\x00", 4, false);     /* indefinite */
	der("\x02\x81\x01\x05", 4, false);     /* not minimal */
	der("\x02\x82\x00\x01\x05", 5, false); /* leading zero */
	der("\x02\x85\x00\x00\x00\x00\x01", 7, false);
	der("\x02\x84\xff\xff\xff\xff", 6, false);
	CHECK_INT(vs_der_only(VS_SPAN_OF(big), 0x30, &v), VS_OK);
	CHECK_INT(v.n, 256);
	CHECK(vs_der_only(VS_SPAN_OF(big), 0x31, &v) != VS_OK);
	for (size_t n = 0; n < sizeof(big); n++)
		CHECK(vs_der_only(VS_SPAN(big, n), 0x30, &v) != VS_OK);
}

static void
test_der_sig_algs(void)
{
	/* SEQ { SEQ { [0], INTEGER, SEQ{} }, SEQ{} } */
	static const uint8_t cert[] = {0x30, 0x0b, 0x30, 0x07, 0xa0, 0x00, 0x02,
	    0x01, 0x07, 0x30, 0x00, 0x30, 0x00};
	uint8_t b[sizeof(cert)];
	struct vs_span in, out;

	CHECK_INT(vs_der_sig_algs(VS_SPAN_OF(cert), &in, &out), VS_OK);
	CHECK(in.p == cert + 9 && out.p == cert + 11);
	for (size_t n = 0; n < sizeof(cert); n++)
		CHECK(vs_der_sig_algs(VS_SPAN(cert, n), &in, &out) != VS_OK);
	for (size_t bit = 0; bit < 8 * sizeof(cert); bit++) {
		memcpy(b, cert, sizeof(b));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (vs_der_sig_algs(VS_SPAN_OF(b), &in, &out) == VS_OK)
			CHECK(in.p >= b && in.p + in.n <= b + sizeof(b) &&
			    out.p >= b && out.p + out.n <= b + sizeof(b));
	}
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 16);
	RUN(test_blocks);
	RUN(test_broken);
	RUN(test_no_memory);
	RUN(test_der_heads);
	RUN(test_der_sig_algs);
	vs_arena_fini(&arena);
	return check_result();
}
