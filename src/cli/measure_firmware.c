/* SPDX-License-Identifier: Apache-2.0 */
/* The table of GUIDs in an OVMF image, and the SEV metadata it leads to
 * (edk2 OvmfPkg, ResetVector and AmdSev metadata). */
#include <string.h>

#include "cli/measure_snp.h"

enum {
	TAIL = 32, /* from the end of the table to the end of the image */
	ENTRY = 18,
	SECTION = 12,
	META_VERSION = 1,
};

/* GUIDs as they are stored: the first three groups little-endian. */
static const uint8_t footer_guid[16] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f,
    0xf7, 0x45, 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t hashes_guid[16] = {0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a,
    0x04, 0x4b, 0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54};
static const uint8_t reset_guid[16] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb,
    0x4f, 0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};
static const uint8_t metadata_guid[16] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98,
    0x98, 0x47, 0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};
static const uint8_t svsm_guid[16] = {0x12, 0xa6, 0x89, 0xa7, 0x97, 0x05, 0x4b,
    0x4c, 0xa4, 0x9f, 0xcb, 0xb1, 0xfe, 0x9d, 0x1d, 0xdd};

/* The last entry of a table that is read from its end: data, size, GUID. */
struct entry {
	const uint8_t *guid;
	struct vs_span data;
	size_t size; /* of all of it */
};

static bool
last_entry(struct vs_span table, struct entry *out)
{
	struct vs_rd rd;
	uint16_t size;

	if (table.n < ENTRY)
		return false;
	rd = vs_rd_of(vs_span_slice(table, table.n - ENTRY, ENTRY));
	if (vs_rd_u16le(&rd, &size) != VS_OK)
		return false;
	out->guid = rd.p;
	out->size = size;
	return true;
}

static bool
fits(struct vs_span table, struct entry *e)
{
	if (e->size < ENTRY || e->size > table.n)
		return false;
	e->data = vs_span_slice(table, table.n - e->size, e->size - ENTRY);
	return true;
}

static bool
word(const struct entry *e, const uint8_t guid[16], uint32_t *out)
{
	struct vs_rd rd = vs_rd_of(e->data);

	return memcmp(e->guid, guid, 16) == 0 && vs_rd_u32le(&rd, out) == VS_OK;
}

static vs_status
read_section(struct vs_rd *rd, struct vs_fw_section *s, struct vs_err *err)
{
	VS_TRY(err, "section", vs_rd_u32le(rd, &s->gpa));
	VS_TRY(err, "section", vs_rd_u32le(rd, &s->size));
	VS_TRY(err, "section", vs_rd_u32le(rd, &s->type));
	if (s->gpa % VS_SNP_PAGE_SIZE != 0 || s->size % VS_SNP_PAGE_SIZE != 0)
		return vs_fail(err, VS_MALFORMED, "section: not whole pages");
	return VS_OK;
}

static vs_status
read_metadata(struct vs_firmware *fw, uint32_t from_end, struct vs_err *err)
{
	struct vs_rd rd;
	struct vs_span magic;
	uint32_t size, version, count;

	if (from_end > fw->image.n)
		return vs_fail(err, VS_MALFORMED, "metadata: outside");
	rd = vs_rd_of(
	    vs_span_slice(fw->image, fw->image.n - from_end, from_end));
	VS_TRY(err, "metadata", vs_rd_bytes(&rd, 4, &magic));
	VS_TRY(err, "metadata", vs_rd_u32le(&rd, &size));
	VS_TRY(err, "metadata", vs_rd_u32le(&rd, &version));
	VS_TRY(err, "metadata", vs_rd_u32le(&rd, &count));
	if (!vs_span_is(magic, "ASEV") || version != META_VERSION)
		return vs_fail(
		    err, VS_UNSUPPORTED, "metadata: of another version");
	if (count > VS_FW_SECTIONS_MAX || size < 16 ||
	    (size - 16) / SECTION < count)
		return vs_fail(err, VS_MALFORMED, "metadata: count");
	for (uint32_t i = 0; i < count; i++)
		VS_TRY(
		    err, "metadata", read_section(&rd, &fw->sections[i], err));
	fw->sections_n = count;
	return VS_OK;
}

static vs_status
read_entries(struct vs_span table, struct vs_firmware *fw, struct vs_err *err)
{
	struct entry e;
	uint32_t metadata;

	while (table.n > 0) {
		if (!last_entry(table, &e) || !fits(table, &e))
			return vs_fail(err, VS_MALFORMED, "an entry's size");
		if (word(&e, hashes_guid, &fw->hashes_gpa))
			fw->has_hashes = true;
		else if (word(&e, reset_guid, &fw->ap_eip))
			fw->has_ap_eip = true;
		else if (word(&e, svsm_guid, &fw->svsm_offset))
			fw->has_svsm = true;
		else if (word(&e, metadata_guid, &metadata))
			VS_TRY(err, "SEV", read_metadata(fw, metadata, err));
		table.n -= e.size;
	}
	return VS_OK;
}

vs_status
vs_firmware_read(struct vs_span image, uint64_t end, struct vs_firmware *out,
    struct vs_err *err)
{
	struct vs_firmware fw = {.image = image, .base = end - image.n};
	struct vs_span table;
	struct entry foot;

	if (image.n == 0 || image.n > end || image.n % VS_SNP_PAGE_SIZE != 0)
		return vs_fail(err, VS_MALFORMED,
		    "not a firmware image: its size is not whole pages");
	table = vs_span_slice(image, 0, image.n - TAIL);
	if (!last_entry(table, &foot) ||
	    memcmp(foot.guid, footer_guid, sizeof(footer_guid)) != 0)
		return vs_fail(err, VS_MALFORMED,
		    "not an OVMF image: no table of GUIDs at its end");
	if (!fits(table, &foot))
		return vs_fail(err, VS_MALFORMED, "table of GUIDs: size");
	VS_TRY(err, "table of GUIDs", read_entries(foot.data, &fw, err));
	*out = fw;
	return VS_OK;
}
