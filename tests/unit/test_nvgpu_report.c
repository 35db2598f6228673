/* SPDX-License-Identifier: Apache-2.0 */
/* Report and opaque data: each check alone, on made-up devices. */
#include "check.h"
#include "evidence/nvgpu/opaque.h"
#include "evidence/nvgpu/report.h"

/* Offsets of a report of three blocks. */
enum {
	BLOCKS = 3,
	BLOCK = 55,
	RECORD = BLOCKS * BLOCK,
	AT_RECORD = 45,
	AT_OPAQUE_SIZE = AT_RECORD + RECORD + 32,
	AT_OPAQUE = AT_OPAQUE_SIZE + 2,
	OPAQUE = 20,
	SIZE = AT_OPAQUE + OPAQUE + 96,
};

static uint8_t report[SIZE];

static void
fresh(void)
{
	static const uint8_t head[] = {0x11, 0xe0, 0x01, 0xff};
	static const uint8_t response[] = {
	    0x11, 0x60, 0, 0, BLOCKS, RECORD, 0, 0};

	memset(report, 0x5a, sizeof(report));
	memcpy(report, head, sizeof(head));
	report[36] = 0;
	memcpy(report + 37, response, sizeof(response));
	for (uint8_t i = 0; i < BLOCKS; i++) {
		const uint8_t b[] = {(uint8_t)(i + 1), 1, 51, 0, 1, 48, 0};

		memcpy(report + AT_RECORD + i * BLOCK, b, sizeof(b));
	}
	report[AT_OPAQUE_SIZE] = OPAQUE;
	report[AT_OPAQUE_SIZE + 1] = 0;
}

static void
want(bool ok, struct vs_span bytes)
{
	struct vs_nv_report r = {.blocks = 77};
	struct vs_err err = {0};
	vs_status st = vs_nv_report_parse(bytes, &r, &err);

	if (ok) {
		CHECK_OK(st, err);
		return;
	}
	CHECK_INT(vs_status_class(st), VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "GPU_PARSE");
	CHECK_INT(r.blocks, 77);
}

static void
test_fields(void)
{
	struct vs_nv_report r;
	struct vs_err err = {0};

	fresh();
	CHECK_OK(vs_nv_report_parse(VS_SPAN_OF(report), &r, &err), err);
	CHECK(r.nonce.p == report + 4 && r.nonce.n == 32);
	CHECK_INT(r.blocks, BLOCKS);
	CHECK(r.measurement[0] == NULL && r.measurement[4] == NULL);
	CHECK(r.measurement[2] == report + AT_RECORD + BLOCK + 7);
	CHECK(r.opaque.p == report + AT_OPAQUE && r.opaque.n == OPAQUE);
	CHECK(r.signed_part.p == report && r.signed_part.n == SIZE - 96);
	CHECK(r.signature.p == report + SIZE - 96 && r.signature.n == 96);
}

/* Octets that have one value only: every other one is refused. */
static void
test_fixed_octets(void)
{
	static const size_t at[] = {0, 1, 2, 3, 36, 37, 38, 39, 40,
	    AT_RECORD + 1, AT_RECORD + 2, AT_RECORD + 3, AT_RECORD + 4,
	    AT_RECORD + 5, AT_RECORD + 6, 41, 42, 43, 44, AT_OPAQUE_SIZE,
	    AT_OPAQUE_SIZE + 1};

	for (size_t i = 0; i < VS_COUNT(at); i++)
		for (unsigned v = 1; v < 256; v++) {
			fresh();
			report[at[i]] ^= (uint8_t)v;
			want(false, VS_SPAN_OF(report));
		}
}

static void
test_indices(void)
{
	fresh();
	report[AT_RECORD] = 0;
	want(false, VS_SPAN_OF(report));
	for (unsigned v = 1; v < 256; v++) {
		fresh();
		report[AT_RECORD] = (uint8_t)v;
		want(v != 2 && v != 3, VS_SPAN_OF(report));
	}
}

static void
test_sizes(void)
{
	static uint8_t large[VS_NV_REPORT_MAX + 1];
	uint8_t more[SIZE + 1];

	fresh();
	memcpy(more, report, SIZE);
	more[SIZE] = 0;
	for (size_t n = 0; n <= sizeof(more); n++)
		want(n == SIZE, VS_SPAN(more, n));
	memcpy(large, report, SIZE);
	want(false, VS_SPAN_OF(large));
	/* Consistent, and without opaque data. */
	fresh();
	report[AT_OPAQUE_SIZE] = 0;
	want(false, VS_SPAN(report, SIZE - OPAQUE));
}

/* ---- opaque data ---- */

static uint8_t opaque[2048];
static size_t opaque_n;

static void
add(unsigned type, const void *value, size_t n)
{
	opaque[opaque_n++] = (uint8_t)type;
	opaque[opaque_n++] = (uint8_t)(type >> 8);
	opaque[opaque_n++] = (uint8_t)n;
	opaque[opaque_n++] = (uint8_t)(n >> 8);
	if (n > 0)
		memcpy(opaque + opaque_n, value, n);
	opaque_n += n;
}

static void
gpu_with(unsigned type, const void *value, size_t n)
{
	opaque_n = 0;
	if (type != 3)
		add(3, "550.90.07", 10);
	if (type != 6)
		add(6, "\x00\x9f\x00\x96\x01\0\0\0", 8);
	if (type != 0)
		add(type, value, n);
}

static void
switch_with(unsigned type, const void *value, size_t n)
{
	opaque_n = 0;
	if (type != 6)
		add(6, "96.10.55.00.01", 14);
	if (type != 0)
		add(type, value, n);
}

static bool
reads(vs_nv_arch arch, struct vs_nv_opaque *o)
{
	struct vs_nv_fields f;
	struct vs_err err = {0};
	vs_status st = vs_nv_fields_parse(VS_SPAN(opaque, opaque_n), &f, &err);

	if (st == VS_OK)
		st = vs_nv_opaque_read(&f, arch, o, &err);
	if (st == VS_OK)
		return true;
	CHECK_INT(vs_status_class(st), VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "GPU_PARSE");
	return false;
}

static bool
gpu(unsigned type, const void *value, size_t n)
{
	struct vs_nv_opaque o;

	gpu_with(type, value, n);
	return reads(VS_NV_HOPPER, &o);
}

static bool
nv_switch(unsigned type, const void *value, size_t n)
{
	struct vs_nv_opaque o;

	switch_with(type, value, n);
	return reads(VS_NV_LS10, &o);
}

static void
test_types(void)
{
	static const uint8_t gpu_types[] = {
	    1, 2, 4, 5, 7, 8, 9, 10, 12, 13, 14, 16, 19, 32, 33};
	struct vs_nv_fields f;
	struct vs_err err = {0};

	for (unsigned t = 0; t < 65536; t += t < 300 ? 1 : 97) {
		bool known = (t >= 1 && t <= 27) || (t >= 32 && t <= 36);

		opaque_n = 0;
		add(t, "", 0);
		CHECK_INT(vs_nv_fields_parse(
			      VS_SPAN(opaque, opaque_n), &f, &err) == VS_OK,
		    known);
	}
	for (size_t i = 0; i < VS_COUNT(gpu_types); i++)
		CHECK(gpu(gpu_types[i], "ab", 2));
	for (unsigned t = 23; t <= 27; t++)
		CHECK(!gpu(t, "ab", 2));       /* a switch's */
	CHECK(!nv_switch(3, "550.90.07", 10)); /* a GPU's */
	CHECK(!nv_switch(36, "\0\0", 2));
	gpu_with(14, "abcd", 4);
	add(14, "abcd", 4);
	CHECK_INT(vs_nv_fields_parse(VS_SPAN(opaque, opaque_n), &f, &err),
	    VS_DUPLICATE);
}

/* Every end of the data but the right one cuts a field, or loses one. */
static void
test_truncated_fields(void)
{
	struct vs_nv_fields f = {.v[9] = {opaque, 1}};
	struct vs_err err = {0};
	size_t whole;

	gpu_with(14, "abcd", 4);
	whole = opaque_n;
	for (size_t n = 0; n < whole; n++) {
		vs_status st = vs_nv_fields_parse(VS_SPAN(opaque, n), &f, &err);

		if (n == 0 || n == 14 || n == 26)
			CHECK_INT(st, VS_OK);
		else
			CHECK_INT(st, VS_TRUNCATED);
	}
}

static void
test_versions(void)
{
	struct vs_nv_opaque o;

	gpu_with(15, "882\0\0\0", 6);
	CHECK(reads(VS_NV_HOPPER, &o));
	CHECK_STR(o.driver, "550.90.07");
	CHECK_STR(o.vbios, "96.00.9F.00.01");
	CHECK_STR(o.chip_sku, "882");
	CHECK_STR(o.project, "");
	CHECK(o.nvdec == VS_NV_NVDEC_ABSENT && o.mode == VS_NV_MODE_UNKNOWN);
	CHECK(!gpu(6, "\x00\x9f\x00\x96\x01\0\0", 7));
	CHECK(!gpu(6, "\x00\x9f\x00\x96\x01\0\0\1", 8));
	CHECK(!gpu(6, "\x00\x9f\x00\x96\x01\1\0\0", 8));
	CHECK(!gpu(3, "", 0));
	CHECK(!gpu(3, "\0\0", 2));
	CHECK(!gpu(3, "550/90", 6));
	CHECK(!gpu(3,
	    "550\0"
	    "90",
	    6));
	CHECK(!gpu(3, "12345678901234567", 17));
	CHECK(!gpu(15, "../a", 4));
	CHECK(gpu(15, "g5a\0", 4));
	opaque_n = 0;
	add(3, "550.90.07", 10);
	CHECK(!reads(VS_NV_HOPPER, &o)); /* no VBIOS */
	opaque_n = 0;
	add(6, "\x00\x9f\x00\x96\x01\0\0\0", 8);
	CHECK(!reads(VS_NV_HOPPER, &o)); /* no driver */
	switch_with(0, NULL, 0);
	CHECK(reads(VS_NV_LS10, &o));
	CHECK_STR(o.vbios, "96.10.55.00.01");
	CHECK(!nv_switch(6, "96.10.55.00.0", 13));
	CHECK(!nv_switch(6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14));
	CHECK(!nv_switch(6, "96.10.55.00.0\0", 14));
	CHECK(!nv_switch(6, "96.10.55.00.0\n", 14));
	opaque_n = 0;
	add(22, "12345678", 8);
	CHECK(!reads(VS_NV_LS10, &o)); /* no BIOS */
}

static void
test_status(void)
{
	struct vs_nv_opaque o;

	for (unsigned v = 0; v < 256; v++) {
		uint8_t b = (uint8_t)v;

		CHECK_INT(gpu(11, &b, 1), v == 0xaa || v == 0x55);
		CHECK_INT(gpu(21, &b, 1), v == 0xaa || v == 0x55);
	}
	CHECK(!gpu(11, "\xaa\xaa", 2));
	CHECK(!gpu(11, "", 0));
	gpu_with(11, "\x55", 1);
	CHECK(reads(VS_NV_HOPPER, &o) && o.nvdec == VS_NV_NVDEC_OFF);
	gpu_with(11, "\xaa", 1);
	CHECK(reads(VS_NV_HOPPER, &o) && o.nvdec == VS_NV_NVDEC_ON);
}

static void
test_mode(void)
{
	static const struct {
		const char *status, *flag;
		bool ok;
		vs_nv_mode mode;
	} all[] = {
	    {NULL, "\0\0", true, VS_NV_MODE_SPT},
	    {NULL, "\1\0", true, VS_NV_MODE_MPT},
	    {NULL, "\2\0", true, VS_NV_MODE_PPCIE},
	    {NULL, "\3\0", false, 0},
	    {NULL, "\0\1", false, 0},
	    {"\xaa", NULL, true, VS_NV_MODE_PPCIE},
	    {"\x55", NULL, true, VS_NV_MODE_UNKNOWN},
	    {"\xaa", "\2\0", true, VS_NV_MODE_PPCIE},
	    {"\xaa", "\0\0", false, 0},
	    {"\x55", "\2\0", false, 0},
	    {"\x55", "\1\0", true, VS_NV_MODE_MPT},
	};
	static const char *const names[] = {"", "spt", "mpt", "ppcie"};
	struct vs_nv_opaque o;

	for (size_t i = 0; i < VS_COUNT(names); i++)
		CHECK_STR(vs_nv_mode_name((vs_nv_mode)i), names[i]);
	for (size_t i = 0; i < VS_COUNT(all); i++) {
		gpu_with(0, NULL, 0);
		if (all[i].status != NULL)
			add(21, all[i].status, 1);
		if (all[i].flag != NULL)
			add(36, all[i].flag, 2);
		if (CHECK_INT(reads(VS_NV_HOPPER, &o), all[i].ok) && all[i].ok)
			CHECK_INT(o.mode, all[i].mode);
	}
	CHECK(!gpu(36, "\0", 1));
	CHECK(gpu(34, "\1\0", 2) && !gpu(34, "\2\0", 2) && !gpu(34, "\1", 1));
	CHECK(nv_switch(34, "\1\0", 2) && !nv_switch(34, "\2\0", 2));
}

static void
test_peers(void)
{
	uint8_t links[145], board[129];
	struct vs_nv_opaque o;

	for (size_t i = 0; i < sizeof(links); i++)
		links[i] = (uint8_t)i;
	memcpy(board, links, sizeof(board));
	CHECK(!gpu(22, links, 143) && !gpu(22, links, 145));
	gpu_with(22, links, 144);
	CHECK(reads(VS_NV_BLACKWELL, &o) && o.peers_n == VS_NV_LINKS);
	/* Backwards, unlike a switch's own. */
	CHECK(memcmp(o.peers[1].v, "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08", 8) == 0);
	CHECK(!nv_switch(22, links, 7) && !nv_switch(22, links, 144));
	switch_with(22, links, 8);
	CHECK(reads(VS_NV_LS10, &o) && o.has_pdi && o.peers_n == 0);
	CHECK(memcmp(o.pdi.v, "\0\1\2\3\4\5\6\7", 8) == 0);
	CHECK(!nv_switch(26, board, 127) && !nv_switch(26, board, 129));
	for (unsigned type = 4; type <= 26; type += 22) {
		switch_with(type, board, 128);
		CHECK(reads(VS_NV_LS10, &o) && o.peers_n == VS_NV_BOARD_GPUS);
		CHECK(memcmp(o.peers[7].v, board + 56, 8) == 0);
	}
	CHECK(gpu(20, links, 48) && !gpu(20, links, 47) && !gpu(20, "", 0));
}

int
main(void)
{
	RUN(test_fields);
	RUN(test_fixed_octets);
	RUN(test_indices);
	RUN(test_sizes);
	RUN(test_types);
	RUN(test_truncated_fields);
	RUN(test_versions);
	RUN(test_status);
	RUN(test_mode);
	RUN(test_peers);
	return check_result();
}
