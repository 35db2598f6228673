/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames between front and keeper, on a stream socket.
 *
 *   request:  u32be length, 3 zero bytes, u8 operation, payload
 *   answer:   u32be length, u32be status, payload
 *
 * length counts the payload. Inside, integers are big-endian and every
 * variable field has a u32be length before it. A frame that does not parse to
 * its last byte closes the channel.
 */
#ifndef VS_KEEPER_FRAME_H
#define VS_KEEPER_FRAME_H

#include "base/arena.h"
#include "base/buf.h"
#include "keeper/client.h"

enum {
	VS_FRAME_HEAD = 8,
	/* 10,000 keys with names and records, or a few payloads of 1 MiB. */
	VS_FRAME_MAX = 16 * 1024 * 1024,
	VS_CHAIN_MAX = 1024,
	/* A UUID as text has 36. */
	VS_RELEASE_ID_MAX = 64,
};

typedef enum vs_op {
	VS_OP_STATUS = 1,
	VS_OP_NONCE_KEY,
	VS_OP_NEW_KEK,
	VS_OP_NEW_KEY,
	VS_OP_RESEAL,
	VS_OP_CHAIN,
	VS_OP_REWRAP,
	VS_OP_IMPORT_KEY,
	VS_OP_IMPORT,
	VS_OP_ROOT,
	VS_OP_REWRAP_KEK,
	VS_OP_UNSEAL,
} vs_op;

void vs_frame_head(
    uint8_t head[VS_FRAME_HEAD], uint32_t length, uint32_t op_or_status);
/* VS_RESERVED for zero bytes that are not, VS_TOO_LARGE for a length above the
 * cap, VS_MALFORMED for a status that is none of ours. */
VS_MUST_USE vs_status vs_frame_length(struct vs_rd *in, uint32_t *length);
VS_MUST_USE vs_status vs_frame_read_request(
    const uint8_t head[VS_FRAME_HEAD], uint32_t *length, uint8_t *op);
VS_MUST_USE vs_status vs_frame_read_answer(
    const uint8_t head[VS_FRAME_HEAD], uint32_t *length, vs_status *status);

/* Encoding, for the client. */
void vs_put_u32(struct vs_buf *b, uint32_t v);
void vs_put_u64(struct vs_buf *b, uint64_t v);
void vs_put_field(struct vs_buf *b, struct vs_span s);
void vs_put_place(struct vs_buf *b, const struct vs_key_place *p);

/* Decoding, for the server; max bounds the field. */
VS_MUST_USE vs_status vs_get_field(
    struct vs_rd *in, size_t max, struct vs_span *out);
VS_MUST_USE vs_status vs_get_place(struct vs_rd *in, struct vs_key_place *out);
/* Items live in the arena. */
VS_MUST_USE vs_status vs_get_reseal(
    struct vs_rd *in, struct vs_arena *a, struct vs_reseal *out);
VS_MUST_USE vs_status vs_get_rewrap(
    struct vs_rd *in, struct vs_arena *a, struct vs_rewrap *out);

#endif
