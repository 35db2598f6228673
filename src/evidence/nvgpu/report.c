/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/nvgpu/report.h"

/* DMTF DSP0274 1.1.1. */
enum {
	SPDM_1_1 = 0x11, /* 1.2 and later sign something else: not read */
	GET_MEASUREMENTS = 0xe0,
	MEASUREMENTS = 0x60,
	WANTS_SIGNATURE = 0x01,
	ALL_BLOCKS = 0xff,
	SPEC_DMTF = 0x01,
	VALUE_DIGEST =
	    0x01,       /* immutable ROM, as all of them say; no raw bits */
	VALUE_HEAD = 3, /* type and size in front of the value */
	BLOCK_SIZE = 4 + VALUE_HEAD + VS_NV_MEASUREMENT_SIZE,
};

static vs_status
must_be(struct vs_rd *in, uint8_t want, const char *what, struct vs_err *err)
{
	uint8_t v;

	VS_TRY(err, what, vs_rd_u8(in, &v));
	if (v != want)
		return vs_fail(err, VS_MALFORMED, "%s is 0x%02x, want 0x%02x",
		    what, v, want);
	return VS_OK;
}

/* Table 42. A request for one block, or without a signature, could stand in
 * for a full answer. */
static vs_status
read_request(struct vs_rd *in, struct vs_nv_report *r, struct vs_err *err)
{
	VS_TRY(err, "request", must_be(in, SPDM_1_1, "SPDM version", err));
	VS_TRY(err, "request", must_be(in, GET_MEASUREMENTS, "code", err));
	VS_TRY(err, "request", must_be(in, WANTS_SIGNATURE, "Param1", err));
	VS_TRY(err, "request", must_be(in, ALL_BLOCKS, "Param2", err));
	VS_TRY(err, "nonce", vs_rd_bytes(in, VS_NV_NONCE_SIZE, &r->nonce));
	VS_TRY(err, "request", must_be(in, 0, "slot", err));
	return VS_OK;
}

/* Tables 44 and 45: a digest of SHA-384. */
static vs_status
read_block(struct vs_rd *in, struct vs_nv_report *r, struct vs_err *err)
{
	uint16_t outer, inner;
	struct vs_span value;
	uint8_t index;

	VS_TRY(err, "index", vs_rd_u8(in, &index));
	if (index == 0)
		return vs_fail(err, VS_RANGE, "index 0");
	if (r->measurement[index] != NULL)
		return vs_fail(err, VS_DUPLICATE, "index %u twice", index);
	VS_TRY(err, "block", must_be(in, SPEC_DMTF, "specification", err));
	VS_TRY(err, "size", vs_rd_u16le(in, &outer));
	VS_TRY(err, "block", must_be(in, VALUE_DIGEST, "value type", err));
	VS_TRY(err, "value size", vs_rd_u16le(in, &inner));
	if (inner != VS_NV_MEASUREMENT_SIZE || outer != inner + VALUE_HEAD)
		return vs_fail(err, VS_RANGE, "index %u: sizes %u and %u",
		    index, outer, inner);
	VS_TRY(err, "value", vs_rd_bytes(in, inner, &value));
	r->measurement[index] = value.p;
	return VS_OK;
}

static vs_status
read_record(struct vs_rd *in, struct vs_nv_report *r, struct vs_err *err)
{
	uint8_t blocks, high;
	uint16_t low;
	struct vs_rd record;
	size_t length;

	VS_TRY(err, "number of blocks", vs_rd_u8(in, &blocks));
	VS_TRY(err, "record length", vs_rd_u16le(in, &low));
	VS_TRY(err, "record length", vs_rd_u8(in, &high));
	length = (size_t)high << 16 | low;
	if (blocks == 0 || length != (size_t)blocks * BLOCK_SIZE)
		return vs_fail(
		    err, VS_RANGE, "%u blocks in %zu bytes", blocks, length);
	VS_TRY(err, "record", vs_rd_sub(in, length, &record));
	for (uint8_t i = 0; i < blocks; i++)
		VS_TRY(err, "measurement", read_block(&record, r, err));
	VS_TRY(err, "record", vs_rd_end(&record));
	r->blocks = blocks;
	return VS_OK;
}

/* Table 43. The responder's nonce is the device's own, no challenge. */
static vs_status
read_response(struct vs_rd *in, struct vs_nv_report *r, struct vs_err *err)
{
	uint16_t opaque;

	VS_TRY(err, "response", must_be(in, SPDM_1_1, "SPDM version", err));
	VS_TRY(err, "response", must_be(in, MEASUREMENTS, "code", err));
	VS_TRY(err, "response", must_be(in, 0, "Param1", err));
	VS_TRY(err, "response", must_be(in, 0, "Param2", err));
	VS_TRY(err, "response", read_record(in, r, err));
	VS_TRY(err, "responder's nonce", vs_rd_skip(in, VS_NV_NONCE_SIZE));
	VS_TRY(err, "opaque length", vs_rd_u16le(in, &opaque));
	if (opaque == 0)
		return vs_fail(err, VS_RANGE, "no opaque data");
	VS_TRY(err, "opaque data", vs_rd_bytes(in, opaque, &r->opaque));
	VS_TRY(err, "signature",
	    vs_rd_bytes(in, VS_NV_SIGNATURE_SIZE, &r->signature));
	return VS_OK;
}

static vs_status
read_all(struct vs_span bytes, struct vs_nv_report *r, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes);

	if (bytes.n > VS_NV_REPORT_MAX)
		return vs_fail(err, VS_RANGE, "%zu bytes", bytes.n);
	VS_TRY(err, "report", read_request(&in, r, err));
	VS_TRY(err, "report", read_response(&in, r, err));
	if (in.n > 0)
		return vs_fail(err, VS_TRAILING,
		    "%zu bytes behind the signature: not part of a report",
		    in.n);
	r->signed_part =
	    vs_span_slice(bytes, 0, bytes.n - VS_NV_SIGNATURE_SIZE);
	return VS_OK;
}

vs_status
vs_nv_report_parse(
    struct vs_span bytes, struct vs_nv_report *out, struct vs_err *err)
{
	struct vs_nv_report r = {0};

	vs_err_clear(err);
	VS_TRY_CODE(err, "GPU_PARSE", "report", read_all(bytes, &r, err));
	*out = r;
	return VS_OK;
}
