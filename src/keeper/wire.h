/* SPDX-License-Identifier: Apache-2.0 */
/* Whole frames over a stream socket. */
#ifndef VS_KEEPER_WIRE_H
#define VS_KEEPER_WIRE_H

#include "keeper/frame.h"

/* Head and payload in one call where the kernel takes it. */
VS_MUST_USE vs_status vs_wire_send(
    int fd, const uint8_t head[VS_FRAME_HEAD], struct vs_span payload);

/*
 * Reads the head, and the payload as far as it came along. vs_wire_rest reads
 * what is missing of a payload of n bytes. VS_UNAVAILABLE when the other side
 * closed or the time ran out; timeout_ms -1: wait for ever.
 */
VS_MUST_USE vs_status vs_wire_head(int fd, int timeout_ms,
    uint8_t head[VS_FRAME_HEAD], struct vs_buf *payload);
VS_MUST_USE vs_status vs_wire_rest(int fd, size_t n, struct vs_buf *payload);

#endif
