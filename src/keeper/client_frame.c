/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as the front alone needs them. */
#include "keeper/client_int.h"

static bool
is_status(uint32_t v)
{
	switch (v) {
#define X(sym, value, text)                                                    \
	case value:                                                            \
		return true;
		VS_STATUS_TABLE(X)
#undef X
	default:
		return false;
	}
}

vs_status
vs_frame_read_answer(
    const uint8_t head[VS_FRAME_HEAD], uint32_t *length, vs_status *status)
{
	struct vs_rd in = vs_rd_of(VS_SPAN(head, VS_FRAME_HEAD));
	uint32_t n = 0;
	uint32_t code = 0;
	vs_status st = vs_frame_length(&in, &n);

	if (st == VS_OK)
		st = vs_rd_u32be(&in, &code);
	if (st == VS_OK && !is_status(code))
		st = VS_MALFORMED;
	if (st != VS_OK)
		return st;
	*length = n;
	*status = (vs_status)code;
	return VS_OK;
}

void
vs_put_place(struct vs_buf *b, const struct vs_key_place *p)
{
	vs_put_field(b, p->kek);
	vs_put_u32(b, p->kek_version);
	vs_put_field(b, p->name);
	vs_put_u32(b, p->version);
	vs_put_u32(b, p->dataset ? 1 : 0);
}
