/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate table, HCL blob, TPM structures: made-up ones, and each of
 * them damaged in every place. */
#include "check.h"
#include "evidence/snp/certtable.h"
#include "evidence/azure/hcl.h"
#include "evidence/snp/report.h"
#include "evidence/azure/tpm.h"

static const uint8_t vcek_guid[16] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45,
    0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};

static const char *
table_code(struct vs_span blob, struct vs_snp_table *t)
{
	struct vs_err err = {0};

	if (vs_snp_table_parse(blob, t, &err) == VS_OK)
		return "ok";
	CHECK_INT(vs_status_class(err.status), VS_CLASS_MALFORMED);
	return err.code;
}

/* Two entries of 8 and 4 bytes behind a header of three. */
enum { TABLE_SIZE = 3 * 24 + 12 };

static void
make_table(uint8_t b[TABLE_SIZE])
{
	struct vs_wr w = vs_wr_of(b, TABLE_SIZE);

	vs_wr_bytes(&w, VS_SPAN_OF(vcek_guid));
	vs_wr_u32le(&w, 72);
	vs_wr_u32le(&w, 8);
	vs_wr_bytes(&w, VS_SPAN_LIT("sixteen bytes..."));
	vs_wr_u32le(&w, 80);
	vs_wr_u32le(&w, 4);
	vs_wr_zeros(&w, 24);
	vs_wr_bytes(&w, VS_SPAN_LIT("12345678abcd"));
}

static void
test_table(void)
{
	uint8_t b[TABLE_SIZE];
	struct vs_snp_table t;

	make_table(b);
	CHECK_STR(table_code(VS_SPAN_OF(b), &t), "ok");
	CHECK_INT(t.n, 2);
	CHECK_INT(t.v[0].kind, VS_SNP_TABLE_VCEK);
	CHECK(vs_span_is(t.v[0].data, "12345678"));
	CHECK_INT(t.v[1].kind, VS_SNP_TABLE_OTHER);
	CHECK(vs_span_is(t.v[1].data, "abcd"));
	/* No bytes, or a terminator only: the host gave nothing. */
	CHECK_STR(table_code(VS_SPAN(NULL, 0), &t), "ok");
	CHECK_INT(t.n, 0);
	memset(b, 0, 24);
	CHECK_STR(table_code(VS_SPAN(b, 24), &t), "ok");
	CHECK_INT(t.n, 0);
}

static void
test_table_truncated(void)
{
	uint8_t b[TABLE_SIZE];
	struct vs_snp_table t;

	make_table(b);
	for (size_t n = 1; n < TABLE_SIZE; n++)
		CHECK_STR(table_code(VS_SPAN(b, n), &t), "parse.cert_table");
}

/* What verifies lies inside the blob, whatever bit is flipped. */
static void
test_table_flipped(void)
{
	uint8_t b[TABLE_SIZE];
	struct vs_snp_table t;

	for (size_t bit = 0; bit < 8 * TABLE_SIZE; bit++) {
		make_table(b);
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (strcmp(table_code(VS_SPAN_OF(b), &t), "ok") != 0)
			continue;
		for (size_t i = 0; i < t.n; i++)
			CHECK(t.v[i].data.p >= b + 72 &&
			    t.v[i].data.p + t.v[i].data.n <= b + TABLE_SIZE);
	}
}

static void
set32(uint8_t *p, uint32_t v)
{
	struct vs_wr w = vs_wr_of(p, 4);

	vs_wr_u32le(&w, v);
}

static void
test_table_bounds(void)
{
	static const struct {
		uint32_t offset, length;
		bool ok;
	} all[] = {{72, 12, true}, {84, 0, true}, {71, 1, false}, {0, 0, false},
	    {72, 13, false}, {85, 0, false}, {0xfffffff0, 0x20, false},
	    {72, 0xffffffff, false}, {0xffffffff, 0xffffffff, false}};
	uint8_t b[TABLE_SIZE];
	struct vs_snp_table t;

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		make_table(b);
		set32(b + 16, all[i].offset);
		set32(b + 20, all[i].length);
		CHECK_STR(table_code(VS_SPAN_OF(b), &t),
		    all[i].ok ? "ok" : "parse.cert_table");
	}
}

static void
test_table_too_many(void)
{
	uint8_t b[24 * (VS_SNP_TABLE_MAX + 2)] = {0};
	struct vs_snp_table t;

	for (size_t i = 0; i < VS_SNP_TABLE_MAX; i++) {
		b[24 * i] = 1;
		set32(b + 24 * i + 16, sizeof(b));
	}
	CHECK_STR(table_code(VS_SPAN_OF(b), &t), "ok");
	CHECK_INT(t.n, VS_SNP_TABLE_MAX);
	b[24 * VS_SNP_TABLE_MAX] = 1;
	CHECK_STR(table_code(VS_SPAN_OF(b), &t), "parse.cert_table");
}

enum { JSON_SIZE = 21, HCL_SIZE = 1236 + JSON_SIZE, NV_SIZE = 2600 };

static void
make_hcl(uint8_t b[NV_SIZE])
{
	struct vs_wr w = vs_wr_of(b, NV_SIZE);

	memset(b, 0, NV_SIZE);
	vs_wr_bytes(&w, VS_SPAN_LIT("HCLA"));
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, HCL_SIZE);
	vs_wr_u32le(&w, 2);
	vs_wr_zeros(&w, 4 + 12 + VS_SNP_REPORT_SIZE);
	vs_wr_u32le(&w, 20 + JSON_SIZE);
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, 2);
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, JSON_SIZE);
	vs_wr_bytes(&w, VS_SPAN_LIT("{\"twenty one bytes\":1}"));
	vs_wr_zeros(&w, 1);
}

static const char *
hcl_code(struct vs_span blob, struct vs_hcl *h)
{
	struct vs_err err = {0};

	if (vs_hcl_parse(blob, VS_HCL_SNP, h, &err) == VS_OK)
		return "ok";
	CHECK_INT(vs_status_class(err.status), VS_CLASS_MALFORMED);
	return err.code;
}

static void
test_hcl(void)
{
	uint8_t b[NV_SIZE];
	struct vs_hcl h;

	make_hcl(b);
	b[1236 + JSON_SIZE] = 0;
	CHECK_STR(hcl_code(VS_SPAN_OF(b), &h), "ok");
	CHECK(h.report.p == b + 32 && h.report.n == VS_SNP_REPORT_SIZE);
	CHECK(h.runtime.p == b + 1236 && h.runtime.n == JSON_SIZE);
	for (size_t n = 0; n <= NV_SIZE; n++)
		CHECK_STR(hcl_code(VS_SPAN(b, n), &h),
		    n < HCL_SIZE ? "parse.hcl" : "ok");
	for (size_t i = HCL_SIZE; i < NV_SIZE; i++) {
		b[i] = 1;
		CHECK_STR(hcl_code(VS_SPAN_OF(b), &h), "parse.hcl");
		b[i] = 0;
	}
}

/* The four bytes at an offset set to a value. */
static void
test_hcl_fields(void)
{
	static const struct {
		size_t at;
		uint32_t v;
		const char *code;
	} all[] = {{0, 0, "parse.hcl"}, {4, 0, "parse.hcl"}, {4, 2, "ok"},
	    {4, 3, "parse.hcl"}, {12, 1, "parse.hcl"}, {16, 1, "parse.hcl"},
	    {20, 1, "parse.hcl"}, {28, 1, "parse.hcl"}, {1216, 19, "parse.hcl"},
	    {1216, 42, "parse.hcl"}, {1216, 0, "parse.hcl"},
	    {1216, 0xffffffff, "parse.hcl"}, {1224, 4, "parse.hcl_type"},
	    {1224, 0, "parse.hcl_type"}, {1228, 2, "parse.hcl_hash"},
	    {1228, 3, "parse.hcl_hash"}, {1228, 0, "parse.hcl_hash"},
	    {1232, 20, "parse.hcl"}, {1232, 22, "parse.hcl"},
	    {1232, 0xffffffff, "parse.hcl"}, {1232, 0xfffffff0, "parse.hcl"}};
	uint8_t b[NV_SIZE];
	struct vs_hcl h;

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		make_hcl(b);
		b[1236 + JSON_SIZE] = 0;
		set32(b + all[i].at, all[i].v);
		CHECK_STR(hcl_code(VS_SPAN_OF(b), &h), all[i].code);
	}
}

/* A quote over one bank of 24 PCRs. */
enum { QUOTE_MAX = 200 };

static size_t
make_quote(uint8_t b[QUOTE_MAX], uint32_t banks, uint16_t hash, uint8_t last)
{
	struct vs_wr w = vs_wr_of(b, QUOTE_MAX);
	struct vs_span done;

	vs_wr_u32be(&w, 0xff544347);
	vs_wr_u16be(&w, 0x8018);
	vs_wr_u16be(&w, 3);
	vs_wr_bytes(&w, VS_SPAN_LIT("who"));
	vs_wr_u16be(&w, 5);
	vs_wr_bytes(&w, VS_SPAN_LIT("nonce"));
	vs_wr_zeros(&w, 17 + 8);
	vs_wr_u32be(&w, banks);
	for (uint32_t i = 0; i < banks && i < 20; i++) {
		vs_wr_u16be(&w, hash);
		vs_wr_u8(&w, 3);
		vs_wr_u8(&w, 0xff);
		vs_wr_u8(&w, 0xff);
		vs_wr_u8(&w, last);
	}
	vs_wr_u16be(&w, 6);
	vs_wr_bytes(&w, VS_SPAN_LIT("digest"));
	CHECK_INT(vs_wr_finish(&w, &done), VS_OK);
	return done.n;
}

static bool
quote_ok(const uint8_t *b, size_t n, struct vs_tpm_quote *q)
{
	struct vs_err err = {0};

	return vs_tpm_quote_parse(VS_SPAN(b, n), q, &err) == VS_OK;
}

static void
test_quote(void)
{
	uint8_t b[QUOTE_MAX];
	struct vs_tpm_quote q;
	size_t n = make_quote(b, 1, 0x000b, 0xff);

	CHECK(quote_ok(b, n, &q));
	CHECK(vs_span_is(q.extra_data, "nonce"));
	CHECK(vs_span_is(q.pcr_digest, "digest"));
	CHECK(q.all_sha256);
	for (size_t i = 0; i < n; i++)
		CHECK(!quote_ok(b, i, &q));
	CHECK(!quote_ok(b, n + 1, &q));
	for (size_t bit = 0; bit < 48; bit++) { /* magic and type */
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!quote_ok(b, n, &q));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
test_quote_selection(void)
{
	uint8_t b[QUOTE_MAX];
	struct vs_tpm_quote q;

	CHECK(quote_ok(b, make_quote(b, 1, 0x0004, 0xff), &q)); /* SHA-1 */
	CHECK(!q.all_sha256);
	CHECK(quote_ok(b, make_quote(b, 1, 0x000b, 0x7f), &q));
	CHECK(!q.all_sha256);
	CHECK(quote_ok(b, make_quote(b, 0, 0x000b, 0xff), &q));
	CHECK(!q.all_sha256);
	CHECK(quote_ok(b, make_quote(b, 2, 0x000b, 0xff), &q));
	CHECK(!q.all_sha256);
	CHECK(!quote_ok(b, make_quote(b, 17, 0x000b, 0xff), &q));
}

static void
test_signature(void)
{
	const uint8_t tpmt[] = {0, 0x14, 0, 0x0b, 0, 2, 'o', 'k'};
	struct vs_err err = {0};
	struct vs_span out;
	uint8_t b[9] = {0};

	CHECK_OK(
	    vs_tpm_signature_parse(VS_SPAN_OF(tpmt), 256, &out, &err), err);
	CHECK(vs_span_is(out, "ok"));
	CHECK_OK(vs_tpm_signature_parse(VS_SPAN_OF(tpmt), 8, &out, &err), err);
	CHECK_INT(out.n, 8);
	memcpy(b, tpmt, sizeof(tpmt));
	for (size_t n = 0; n <= 9; n++)
		CHECK((vs_tpm_signature_parse(VS_SPAN(b, n), 256, &out, &err) ==
			  VS_OK) == (n == 8));
	for (size_t i = 0; i < 6; i++) {
		b[i] ^= 1;
		CHECK(vs_tpm_signature_parse(VS_SPAN(b, 8), 256, &out, &err) !=
		    VS_OK);
		b[i] ^= 1;
	}
}

int
main(void)
{
	RUN(test_table);
	RUN(test_table_truncated);
	RUN(test_table_flipped);
	RUN(test_table_bounds);
	RUN(test_table_too_many);
	RUN(test_hcl);
	RUN(test_hcl_fields);
	RUN(test_quote);
	RUN(test_quote_selection);
	RUN(test_signature);
	return check_result();
}
