/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/frame.h"

#include <string.h>

enum {
	REQUEST_MIN_ITEM = 4 * 9 + 77,
	REWRAP_MIN_ITEM = 4 * 3 + VS_KEY_RECORD_SIZE,
};

void
vs_frame_head(
    uint8_t head[VS_FRAME_HEAD], uint32_t length, uint32_t op_or_status)
{
	struct vs_wr w = vs_wr_of(head, VS_FRAME_HEAD);

	vs_wr_u32be(&w, length);
	vs_wr_u32be(&w, op_or_status);
}

vs_status
vs_frame_length(struct vs_rd *in, uint32_t *length)
{
	uint32_t n;
	vs_status st = vs_rd_u32be(in, &n);

	if (st == VS_OK && n > VS_FRAME_MAX)
		st = VS_TOO_LARGE;
	if (st == VS_OK)
		*length = n;
	return st;
}

vs_status
vs_frame_read_request(
    const uint8_t head[VS_FRAME_HEAD], uint32_t *length, uint8_t *op)
{
	struct vs_rd in = vs_rd_of(VS_SPAN(head, VS_FRAME_HEAD));
	uint32_t n = 0;
	uint8_t which = 0;
	vs_status st = vs_frame_length(&in, &n);

	if (st == VS_OK)
		st = vs_rd_zeros(&in, 3);
	if (st == VS_OK)
		st = vs_rd_u8(&in, &which);
	if (st != VS_OK)
		return st;
	*length = n;
	*op = which;
	return VS_OK;
}

void
vs_put_u32(struct vs_buf *b, uint32_t v)
{
	uint8_t raw[4];
	struct vs_wr w = vs_wr_of(raw, sizeof raw);

	vs_wr_u32be(&w, v);
	vs_buf_add(b, VS_SPAN_OF(raw));
}

void
vs_put_u64(struct vs_buf *b, uint64_t v)
{
	vs_put_u32(b, (uint32_t)(v >> 32));
	vs_put_u32(b, (uint32_t)v);
}

void
vs_put_field(struct vs_buf *b, struct vs_span s)
{
	if (s.n > VS_FRAME_MAX) {
		b->bad = VS_TOO_LARGE;
		return;
	}
	vs_put_u32(b, (uint32_t)s.n);
	vs_buf_add(b, s);
}

vs_status
vs_get_field(struct vs_rd *in, size_t max, struct vs_span *out)
{
	struct vs_rd ahead = *in;
	uint32_t n;
	vs_status st = vs_rd_u32be(&ahead, &n);

	if (st == VS_OK && n > max)
		st = VS_TOO_LARGE;
	if (st == VS_OK)
		st = vs_rd_bytes(&ahead, n, out);
	if (st == VS_OK)
		*in = ahead;
	return st;
}

static vs_status
get_bool(struct vs_rd *in, bool *out)
{
	uint32_t v = 0;
	vs_status st = vs_rd_u32be(in, &v);

	if (st == VS_OK && v > 1)
		st = VS_RANGE;
	if (st == VS_OK)
		*out = v != 0;
	return st;
}

vs_status
vs_get_place(struct vs_rd *in, struct vs_key_place *out)
{
	struct vs_rd ahead = *in;
	struct vs_key_place p = {0};
	vs_status st = vs_get_field(&ahead, VS_KEY_RECORD_SIZE, &p.kek);

	if (st == VS_OK)
		st = vs_rd_u32be(&ahead, &p.kek_version);
	if (st == VS_OK)
		st = vs_get_field(&ahead, VS_KEY_NAME_MAX, &p.name);
	if (st == VS_OK)
		st = vs_rd_u32be(&ahead, &p.version);
	if (st == VS_OK)
		st = get_bool(&ahead, &p.dataset);
	if (st == VS_OK && p.kek.n != VS_KEY_RECORD_SIZE)
		st = VS_RANGE;
	if (st != VS_OK)
		return st;
	*out = p;
	*in = ahead;
	return VS_OK;
}

static vs_status
get_item(struct vs_rd *in, struct vs_reseal_item *out)
{
	vs_status st = vs_get_place(in, &out->place);

	if (st == VS_OK)
		st = vs_get_field(in, VS_KEY_RECORD_SIZE, &out->dek);
	if (st == VS_OK)
		st = vs_get_field(
		    in, VS_PAYLOAD_MAX + VS_PAYLOAD_OVERHEAD, &out->payload);
	if (st == VS_OK)
		st = vs_get_field(in, VS_CONTENT_TYPE_MAX, &out->content_type);
	if (st == VS_OK)
		st = vs_get_field(in, VS_KEY_NAME_MAX, &out->derived);
	if (st == VS_OK &&
	    (out->dek.n != VS_KEY_RECORD_SIZE ||
		out->payload.n < VS_PAYLOAD_OVERHEAD))
		st = VS_RANGE;
	return st;
}

static vs_status
get_recipient(struct vs_rd *in, struct vs_recipient *out)
{
	uint32_t curve;
	vs_status st = vs_rd_u32be(in, &curve);

	if (st == VS_OK && (curve == VS_CURVE_NONE || curve > VS_CURVE_X25519))
		st = VS_RANGE;
	if (st == VS_OK)
		st = vs_get_field(in, VS_ECDH_SIZE_MAX, &out->x);
	if (st == VS_OK)
		st = vs_get_field(in, VS_ECDH_SIZE_MAX, &out->y);
	if (st == VS_OK)
		out->curve = (vs_curve)curve;
	return st;
}

vs_status
vs_get_reseal(struct vs_rd *in, struct vs_arena *a, struct vs_reseal *out)
{
	struct vs_reseal r = {0};
	struct vs_reseal_item *items;
	uint32_t n = 0;
	vs_status st = get_recipient(in, &r.to);

	if (st == VS_OK)
		st = vs_rd_bytes(in, 32, &r.nonce);
	if (st == VS_OK)
		st = vs_get_field(in, VS_RELEASE_ID_MAX, &r.release_id);
	if (st == VS_OK)
		st = vs_rd_u32be(in, &n);
	/* Before allocating: so many items cannot be in what is left. */
	if (st == VS_OK &&
	    (n == 0 || n > VS_RESEAL_KEYS_MAX || n > in->n / REQUEST_MIN_ITEM))
		st = VS_RANGE;
	if (st != VS_OK)
		return st;
	items = vs_arena_calloc(a, n, sizeof *items);
	if (items == NULL)
		return VS_NO_MEMORY;
	for (uint32_t i = 0; st == VS_OK && i < n; i++)
		st = get_item(in, &items[i]);
	if (st == VS_OK)
		st = vs_rd_end(in);
	r.items = items;
	r.n = n;
	if (st == VS_OK)
		*out = r;
	return st;
}

static vs_status
get_record(struct vs_rd *in, struct vs_span *out)
{
	return vs_rd_bytes(in, VS_KEY_RECORD_SIZE, out);
}

static vs_status
get_rewrap_item(struct vs_rd *in, struct vs_rewrap_item *out)
{
	vs_status st = vs_get_field(in, VS_KEY_NAME_MAX, &out->name);

	if (st == VS_OK)
		st = vs_rd_u32be(in, &out->version);
	if (st == VS_OK)
		st = get_bool(in, &out->dataset);
	return st == VS_OK ? get_record(in, &out->dek) : st;
}

vs_status
vs_get_rewrap(struct vs_rd *in, struct vs_arena *a, struct vs_rewrap *out)
{
	struct vs_rewrap r = {0};
	struct vs_rewrap_item *items;
	uint32_t n = 0;
	vs_status st = get_record(in, &r.from);

	if (st == VS_OK)
		st = vs_rd_u32be(in, &r.from_version);
	if (st == VS_OK)
		st = get_record(in, &r.to);
	if (st == VS_OK)
		st = vs_rd_u32be(in, &r.to_version);
	if (st == VS_OK)
		st = vs_rd_u32be(in, &n);
	if (st == VS_OK &&
	    (n == 0 || n > VS_REWRAP_KEYS_MAX || n > in->n / REWRAP_MIN_ITEM))
		st = VS_RANGE;
	if (st != VS_OK)
		return st;
	items = vs_arena_calloc(a, n, sizeof *items);
	if (items == NULL)
		return VS_NO_MEMORY;
	for (uint32_t i = 0; st == VS_OK && i < n; i++)
		st = get_rewrap_item(in, &items[i]);
	if (st == VS_OK)
		st = vs_rd_end(in);
	r.items = items;
	r.n = n;
	if (st == VS_OK)
		*out = r;
	return st;
}
