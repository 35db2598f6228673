/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/azure/hcl.h"

enum {
	REQUEST_REPORT = 2,
	HASH_SHA256 = 1,
	DATA_HEAD_SIZE = 20, /* the five fields before the runtime data */
	VERSION_MIN = 1,
	VERSION_MAX = 2,
};

struct header {
	struct vs_span magic;
	uint32_t version, size, request, status;
	uint32_t data_size, data_version, type, hash, runtime_size;
};

static vs_status
read_blob(
    struct vs_rd *in, struct header *h, struct vs_hcl *out, struct vs_err *err)
{
	VS_TRY(err, "magic", vs_rd_bytes(in, 4, &h->magic));
	VS_TRY(err, "version", vs_rd_u32le(in, &h->version));
	VS_TRY(err, "report size", vs_rd_u32le(in, &h->size));
	VS_TRY(err, "request type", vs_rd_u32le(in, &h->request));
	VS_TRY(err, "status", vs_rd_u32le(in, &h->status));
	VS_TRY(err, "reserved", vs_rd_zeros(in, 12));
	VS_TRY(err, "hardware report",
	    vs_rd_bytes(in, VS_HCL_REPORT_SIZE, &out->report));
	VS_TRY(err, "data size", vs_rd_u32le(in, &h->data_size));
	VS_TRY(err, "data version", vs_rd_u32le(in, &h->data_version));
	VS_TRY(err, "report type", vs_rd_u32le(in, &h->type));
	VS_TRY(err, "hash type", vs_rd_u32le(in, &h->hash));
	VS_TRY(err, "runtime data size", vs_rd_u32le(in, &h->runtime_size));
	VS_TRY(err, "runtime data",
	    vs_rd_bytes(in, h->runtime_size, &out->runtime));
	/* The NV index is larger than the blob. */
	VS_TRY(err, "padding", vs_rd_zeros(in, in->n));
	return VS_OK;
}

/*
 * The header is not signed. What is checked of it is what decides how the
 * rest is read; the sizes must agree where version 1 defines them.
 */
static vs_status
check(const struct header *h, vs_hcl_type want, struct vs_err *err)
{
	if (!vs_span_is(h->magic, "HCLA"))
		return vs_fail_code(
		    err, VS_MALFORMED, "parse.hcl", "magic is not HCLA");
	if (h->version < VERSION_MIN || h->version > VERSION_MAX)
		return vs_fail_code(
		    err, VS_UNSUPPORTED, "parse.hcl", "version %u", h->version);
	if (h->request != REQUEST_REPORT || h->status != 0)
		return vs_fail_code(err, VS_MALFORMED, "parse.hcl",
		    "request type %u, status %u", h->request, h->status);
	if (h->type != (uint32_t)want)
		return vs_fail_code(err, VS_UNSUPPORTED, "parse.hcl_type",
		    "report type %u is not %s", h->type,
		    want == VS_HCL_SNP ? "SNP" : "TDX");
	if (h->hash != HASH_SHA256)
		return vs_fail_code(err, VS_UNSUPPORTED, "parse.hcl_hash",
		    "hash type %u is not SHA-256", h->hash);
	if (h->data_size < DATA_HEAD_SIZE ||
	    h->data_size - DATA_HEAD_SIZE != h->runtime_size)
		return vs_fail_code(err, VS_MALFORMED, "parse.hcl",
		    "data size %u does not fit runtime data of %u",
		    h->data_size, h->runtime_size);
	return VS_OK;
}

vs_status
vs_hcl_parse(struct vs_span blob, vs_hcl_type want, struct vs_hcl *out,
    struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(blob);
	struct header h = {0};
	struct vs_hcl hcl = {0};

	VS_TRY_CODE(err, "parse.hcl", "HCL", read_blob(&in, &h, &hcl, err));
	VS_TRY(err, "HCL", check(&h, want, err));
	*out = hcl;
	return VS_OK;
}
