/* SPDX-License-Identifier: Apache-2.0 */
/* Hex and base64, strict on input. */
#ifndef VS_BASE_ENCODING_H
#define VS_BASE_ENCODING_H

#include "base/arena.h"
#include "base/buf.h"

/* Lower-case hex, 2n bytes and a NUL into out. */
void vs_hex(struct vs_span in, char *out);
/* Accepts both cases; exactly n bytes must come out. */
VS_MUST_USE vs_status vs_unhex(struct vs_span text, uint8_t *out, size_t n);
void vs_buf_hex(struct vs_buf *b, struct vs_span in);

/* Length of the unpadded base64url text of n bytes. */
size_t vs_b64url_len(size_t n);
/*
 * Unpadded base64url, branch-free and table-free in the contents, so that it
 * may be used on secrets. Writes vs_b64url_len(in.n) bytes, no NUL.
 */
void vs_b64url_encode(struct vs_span in, uint8_t *out);
void vs_buf_b64url(struct vs_buf *b, struct vs_span in);

/*
 * Strict decoders: no whitespace, unused bits zero, canonical length.
 * url: unpadded, the URL alphabet. std: padded, the standard alphabet.
 * The result lives in the arena.
 */
VS_MUST_USE vs_status vs_b64url_decode(
    struct vs_arena *a, struct vs_span text, struct vs_span *out);
VS_MUST_USE vs_status vs_b64_decode(
    struct vs_arena *a, struct vs_span text, struct vs_span *out);
/* Into a fixed buffer; VS_RANGE unless exactly n bytes come out. */
VS_MUST_USE vs_status vs_b64url_decode_n(
    struct vs_span text, uint8_t *out, size_t n);

/* True for well-formed UTF-8 (no surrogates, no overlong forms). */
bool vs_utf8_valid(struct vs_span text);

#endif
