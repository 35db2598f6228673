/* SPDX-License-Identifier: Apache-2.0 */
/* The DER writer, byte for byte (X.690). */
#include "base/encoding.h"
#include "check.h"
#include "simulate/derw.h"

static void
is_hex(struct vs_buf *b, const char *want)
{
	struct vs_buf hex = {0};

	CHECK_INT(vs_buf_status(b), VS_OK);
	vs_buf_hex(&hex, vs_buf_span(b));
	CHECK_STR(vs_buf_cstr(&hex), want);
	vs_buf_fini(&hex);
	vs_buf_reset(b);
}

static void
test_integers(void)
{
	struct vs_buf b = {0};

	vs_derw_uint(&b, 0);
	is_hex(&b, "020100");
	vs_derw_uint(&b, 127);
	is_hex(&b, "02017f");
	vs_derw_uint(&b, 128); /* a zero keeps it positive */
	is_hex(&b, "02020080");
	vs_derw_uint(&b, 0x10001);
	is_hex(&b, "0203010001");
	vs_derw_uint(&b, UINT64_MAX);
	is_hex(&b, "020900ffffffffffffffff");
	vs_buf_fini(&b);
}

static void
test_lengths(void)
{
	static const uint8_t zeros[70000];
	struct vs_buf b = {0};

	vs_derw_put(&b, VS_DERW_OCTETS, VS_SPAN(zeros, 0));
	is_hex(&b, "0400");
	vs_derw_put(&b, VS_DERW_OCTETS, VS_SPAN(zeros, 127));
	CHECK(b.n == 129 && b.p[1] == 0x7f);
	vs_buf_reset(&b);
	vs_derw_put(&b, VS_DERW_OCTETS, VS_SPAN(zeros, 128));
	CHECK(b.n == 131 && b.p[1] == 0x81 && b.p[2] == 0x80);
	vs_buf_reset(&b);
	vs_derw_put(&b, VS_DERW_OCTETS, VS_SPAN(zeros, 256));
	CHECK(b.n == 260 && b.p[1] == 0x82 && b.p[2] == 1 && b.p[3] == 0);
	vs_buf_reset(&b);
	vs_derw_put(&b, VS_DERW_OCTETS, VS_SPAN(zeros, sizeof(zeros)));
	CHECK(b.n == sizeof(zeros) + 5 && b.p[1] == 0x83);
	vs_buf_fini(&b);
}

static void
test_identifiers(void)
{
	struct vs_buf b = {0};

	vs_derw_oid(&b, "1.3.6.1.4.1.3704.1.3.8");
	is_hex(&b, "060a2b060104019c78010308");
	vs_derw_oid(&b, "2.5.29.15");
	is_hex(&b, "0603551d0f");
	vs_derw_oid(&b, "1.2.840.113549.1.1.10");
	is_hex(&b, "06092a864886f70d01010a");
	vs_derw_oid(&b, "1.x");
	CHECK_INT(vs_buf_status(&b), VS_MALFORMED);
	vs_buf_fini(&b);
}

static void
test_times(void)
{
	struct vs_buf b = {0};

	vs_derw_time(&b, 1603387385); /* 2020-10-22T17:23:05Z */
	is_hex(&b, "170d3230313032323137323330355a");
	vs_derw_time(&b, 2524607999); /* the last second of 2049 */
	is_hex(&b, "170d3439313233313233353935395a");
	vs_derw_time(&b, 2524608000);
	is_hex(&b, "180f32303530303130313030303030305a");
	vs_derw_time(&b, -1);
	is_hex(&b, "170d3639313233313233353935395a");
	vs_buf_fini(&b);
}

static void
test_nesting(void)
{
	struct vs_buf b = {0};
	size_t outer = vs_derw_open(&b, VS_DERW_SEQ);
	size_t inner = vs_derw_open(&b, VS_DERW_CTX0 + 2);

	vs_derw_text(&b, VS_DERW_UTF8, "ab");
	vs_derw_close(&b, inner);
	vs_derw_bits(&b, VS_SPAN_LIT("\x05"));
	vs_derw_close(&b, outer);
	is_hex(&b, "300aa2040c02616203020005");
	vs_buf_fini(&b);
}

int
main(void)
{
	RUN(test_integers);
	RUN(test_lengths);
	RUN(test_identifiers);
	RUN(test_times);
	RUN(test_nesting);
	return check_result();
}
