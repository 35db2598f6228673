/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of reference documents: eight octets of magic, then each piece with
 * its length in front (32 bits, big-endian): id, document as published,
 * canonical form, signature, certificates.
 */
#include <stdio.h>
#include <string.h>

#include "collateral/nvidia.h"

static const char magic[] = "VSNVRIM1";

enum { MAGIC_SIZE = sizeof(magic) - 1 };

bool
vs_nv_table_is(struct vs_span bytes)
{
	return vs_span_starts(bytes, VS_SPAN(magic, MAGIC_SIZE));
}

static void
put(struct vs_buf *out, struct vs_span s)
{
	uint8_t n[4] = {(uint8_t)(s.n >> 24), (uint8_t)(s.n >> 16),
	    (uint8_t)(s.n >> 8), (uint8_t)s.n};

	vs_buf_add(out, VS_SPAN_OF(n));
	vs_buf_add(out, s);
}

void
vs_nv_table_write(const struct vs_nv_rim_parts *parts, struct vs_buf *out)
{
	vs_buf_add(out, VS_SPAN(magic, MAGIC_SIZE));
	put(out, parts->id);
	put(out, parts->xml);
	put(out, parts->canonical);
	put(out, parts->signature);
	for (size_t i = 0; i < VS_NV_RIM_CERTS; i++)
		put(out, parts->certs[i]);
}

static vs_status
get(struct vs_rd *in, size_t max, struct vs_span *out)
{
	struct vs_rd at = *in;
	uint32_t n;
	vs_status st = vs_rd_u32be(&at, &n);

	if (st == VS_OK && (n == 0 || n > max))
		st = VS_RANGE;
	if (st == VS_OK)
		st = vs_rd_bytes(&at, n, out);
	if (st == VS_OK)
		*in = at;
	return st;
}

static vs_status
read_all(struct vs_rd *in, struct vs_nv_rim_parts *p, struct vs_err *err)
{
	struct vs_span head;

	VS_TRY(err, "magic", vs_rd_bytes(in, MAGIC_SIZE, &head));
	if (!vs_nv_table_is(head))
		return vs_fail(err, VS_MALFORMED, "not a table");
	VS_TRY(err, "id", get(in, VS_NV_RIM_ID_MAX, &p->id));
	VS_TRY(err, "document", get(in, VS_NV_RIM_XML_MAX, &p->xml));
	VS_TRY(err, "canonical form",
	    get(in, 2 * VS_NV_RIM_XML_MAX, &p->canonical));
	VS_TRY(err, "signature", get(in, 2 * VS_P384_SIZE, &p->signature));
	for (size_t i = 0; i < VS_NV_RIM_CERTS; i++)
		VS_TRY(err, "certificate", get(in, VS_CERT_MAX, &p->certs[i]));
	VS_TRY(err, "end", vs_rd_end(in));
	return VS_OK;
}

vs_status
vs_nv_table_read(
    struct vs_span bytes, struct vs_nv_rim_parts *out, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes);
	struct vs_nv_rim_parts p = {0};

	vs_err_clear(err);
	VS_TRY_CODE(err, "RIM_PARSE", "table", read_all(&in, &p, err));
	*out = p;
	return VS_OK;
}
