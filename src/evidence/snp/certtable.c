/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/certtable.h"

#include <string.h>

enum { GUID_SIZE = 16, ENTRY_SIZE = 24 };

/* In the order of RFC 4122 text, not with the first three fields swapped. */
static const struct {
	vs_snp_table_kind kind;
	uint8_t guid[GUID_SIZE];
} guids[] = {
    {VS_SNP_TABLE_VCEK,
	{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9,
	    0x3b, 0xe8, 0xac, 0xcd}},
    {VS_SNP_TABLE_VLEK,
	{0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0,
	    0x45, 0xa0, 0xb8, 0xa1}},
    {VS_SNP_TABLE_ASK,
	{0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae,
	    0xf3, 0x27, 0xc7, 0x82}},
    {VS_SNP_TABLE_ARK,
	{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6,
	    0x01, 0x4c, 0xd0, 0xae}},
    {VS_SNP_TABLE_CRL,
	{0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f,
	    0x88, 0xdc, 0x67, 0xea}},
};

static vs_snp_table_kind
kind_of(struct vs_span guid)
{
	for (size_t i = 0; i < VS_COUNT(guids); i++)
		if (vs_span_equal(guid, VS_SPAN_OF(guids[i].guid)))
			return guids[i].kind;
	return VS_SNP_TABLE_OTHER;
}

struct raw_entry {
	struct vs_span guid;
	uint32_t offset, length;
};

/* Entries up to the terminator. */
static vs_status
read_header(
    struct vs_span blob, struct raw_entry *v, size_t *n, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(blob);

	for (*n = 0;; (*n)++) {
		struct raw_entry e;
		struct vs_rd entry, look;

		VS_TRY(err, "no terminating entry",
		    vs_rd_sub(&in, ENTRY_SIZE, &entry));
		look = entry;
		if (vs_rd_zeros(&look, ENTRY_SIZE) == VS_OK)
			return VS_OK;
		if (*n == VS_SNP_TABLE_MAX)
			return vs_fail(err, VS_MALFORMED,
			    "more than %d entries", VS_SNP_TABLE_MAX);
		VS_TRY(err, "guid", vs_rd_bytes(&entry, GUID_SIZE, &e.guid));
		VS_TRY(err, "offset", vs_rd_u32le(&entry, &e.offset));
		VS_TRY(err, "length", vs_rd_u32le(&entry, &e.length));
		v[*n] = e;
	}
}

static vs_status
read_table(struct vs_span blob, struct vs_snp_table *t, struct vs_err *err)
{
	struct raw_entry raw[VS_SNP_TABLE_MAX];
	size_t n, header;

	VS_TRY(err, "header", read_header(blob, raw, &n, err));
	header = (n + 1) * ENTRY_SIZE;
	for (size_t i = 0; i < n; i++) {
		uint64_t end = (uint64_t)raw[i].offset + raw[i].length;

		if (raw[i].offset < header)
			return vs_fail(err, VS_MALFORMED,
			    "entry %zu lies in the header", i);
		if (end > blob.n)
			return vs_fail(err, VS_MALFORMED,
			    "entry %zu ends behind the table", i);
		t->v[i].kind = kind_of(raw[i].guid);
		t->v[i].data =
		    vs_span_slice(blob, raw[i].offset, raw[i].length);
	}
	t->n = n;
	return VS_OK;
}

vs_status
vs_snp_table_parse(
    struct vs_span blob, struct vs_snp_table *out, struct vs_err *err)
{
	struct vs_snp_table t = {0};

	if (blob.n > 0)
		VS_TRY_CODE(err, "parse.cert_table", "certificate table",
		    read_table(blob, &t, err));
	*out = t;
	return VS_OK;
}
