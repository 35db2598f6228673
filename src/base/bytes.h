/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans, the bounded reader and the bounded writer.
 *
 * Every parser of bytes from outside goes through vs_rd. A cursor moves only
 * on success; outputs are written only on success.
 */
#ifndef VS_BASE_BYTES_H
#define VS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Borrowed bytes. An empty span may have p == NULL. */
struct vs_span {
	const uint8_t *p;
	size_t n;
};

#define VS_SPAN(ptr, len) ((struct vs_span){(const uint8_t *)(ptr), (len)})
#define VS_SPAN_LIT(lit) VS_SPAN((lit), sizeof(lit) - 1)
#define VS_SPAN_OF(array) VS_SPAN((array), sizeof(array))
/* printf("%.*s", VS_SPAN_ARG(s)): only for text known to be printable. */
#define VS_SPAN_ARG(s) (int)(s).n, (const char *)(s).p

struct vs_span vs_span_cstr(const char *s);
/* Not constant time: for public data only. See vs_equal_ct for MACs. */
bool vs_span_equal(struct vs_span a, struct vs_span b);
bool vs_span_is(struct vs_span a, const char *text);
bool vs_span_starts(struct vs_span a, struct vs_span prefix);
bool vs_span_zero(struct vs_span a);
/* Bytes from offset on, at most n; empty when offset is past the end. */
struct vs_span vs_span_slice(struct vs_span a, size_t offset, size_t n);

/* Constant time in the contents; lengths are public. */
VS_MUST_USE bool vs_equal_ct(struct vs_span a, struct vs_span b);

/* Overflow-checked size arithmetic: false (and *out untouched) on overflow. */
VS_MUST_USE bool vs_add(size_t a, size_t b, size_t *out);
VS_MUST_USE bool vs_mul(size_t a, size_t b, size_t *out);
/* calloc with the product checked; NULL on overflow or lack of memory. */
void *vs_calloc(size_t count, size_t size);

/* Reader: what is left to read. Copy it to look ahead. */
struct vs_rd {
	const uint8_t *p;
	size_t n;
};

struct vs_rd vs_rd_of(struct vs_span s);
struct vs_span vs_rd_rest(const struct vs_rd *in);

/* All return VS_TRUNCATED when too little is left. */
VS_MUST_USE vs_status vs_rd_u8(struct vs_rd *in, uint8_t *out);
VS_MUST_USE vs_status vs_rd_u16le(struct vs_rd *in, uint16_t *out);
VS_MUST_USE vs_status vs_rd_u16be(struct vs_rd *in, uint16_t *out);
VS_MUST_USE vs_status vs_rd_u32le(struct vs_rd *in, uint32_t *out);
VS_MUST_USE vs_status vs_rd_u32be(struct vs_rd *in, uint32_t *out);
VS_MUST_USE vs_status vs_rd_u64le(struct vs_rd *in, uint64_t *out);
VS_MUST_USE vs_status vs_rd_u64be(struct vs_rd *in, uint64_t *out);
/* Borrows the next n bytes. */
VS_MUST_USE vs_status vs_rd_bytes(
    struct vs_rd *in, size_t n, struct vs_span *out);
VS_MUST_USE vs_status vs_rd_copy(struct vs_rd *in, void *out, size_t n);
/* A child reader of exactly n bytes; the parent moves past them. */
VS_MUST_USE vs_status vs_rd_sub(struct vs_rd *in, size_t n, struct vs_rd *out);
VS_MUST_USE vs_status vs_rd_skip(struct vs_rd *in, size_t n);
/* n bytes that must all be zero, else VS_RESERVED. */
VS_MUST_USE vs_status vs_rd_zeros(struct vs_rd *in, size_t n);
/* VS_TRAILING unless everything was read. */
VS_MUST_USE vs_status vs_rd_end(const struct vs_rd *in);

/*
 * Writer into a fixed caller buffer. Overflow is sticky: writes after it do
 * nothing, and vs_wr_finish reports it once as VS_TOO_LARGE.
 */
struct vs_wr {
	uint8_t *p;
	size_t cap;
	size_t n;
	bool overflow;
};

struct vs_wr vs_wr_of(void *buf, size_t cap);
void vs_wr_u8(struct vs_wr *w, uint8_t v);
void vs_wr_u16le(struct vs_wr *w, uint16_t v);
void vs_wr_u16be(struct vs_wr *w, uint16_t v);
void vs_wr_u32le(struct vs_wr *w, uint32_t v);
void vs_wr_u32be(struct vs_wr *w, uint32_t v);
void vs_wr_u64le(struct vs_wr *w, uint64_t v);
void vs_wr_u64be(struct vs_wr *w, uint64_t v);
void vs_wr_bytes(struct vs_wr *w, struct vs_span s);
void vs_wr_zeros(struct vs_wr *w, size_t n);
/* u32 big-endian length, then the bytes: the injective encoding for AADs. */
void vs_wr_lp32(struct vs_wr *w, struct vs_span s);
VS_MUST_USE vs_status vs_wr_finish(const struct vs_wr *w, struct vs_span *out);

#endif
