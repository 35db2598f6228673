/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growable byte buffer for output, with a hard cap and a sticky failure.
 * Holds no secrets: growing leaves copies behind.
 */
#ifndef VS_BASE_BUF_H
#define VS_BASE_BUF_H

#include "base/bytes.h"

struct vs_buf {
	uint8_t *p;
	size_t n;
	size_t cap;
	size_t max;    /* 0: VS_BUF_MAX */
	vs_status bad; /* VS_OK, VS_NO_MEMORY or VS_TOO_LARGE; sticky */
};

/* 16 MiB: a JWE of 10,000 keys fits, a runaway loop does not. */
enum { VS_BUF_MAX = 16 * 1024 * 1024 };

/* {0} is a valid empty buffer. Frees and resets to {0}. */
void vs_buf_fini(struct vs_buf *b);
/* Forgets the contents and any failure, keeps the memory. */
void vs_buf_reset(struct vs_buf *b);
void vs_buf_add(struct vs_buf *b, struct vs_span s);
void vs_buf_puts(struct vs_buf *b, const char *s);
/* Decimal text; a fraction of the cost of vs_buf_printf. */
void vs_buf_int(struct vs_buf *b, int64_t v);
void vs_buf_printf(struct vs_buf *b, const char *fmt, ...) VS_PRINTF(2, 3);
/* Reserves n bytes and returns where to write them, or NULL when bad. */
uint8_t *vs_buf_grow(struct vs_buf *b, size_t n);
struct vs_span vs_buf_span(const struct vs_buf *b);
/* NUL-terminated view (the NUL is not counted); "" when empty or bad. */
const char *vs_buf_cstr(struct vs_buf *b);
VS_MUST_USE vs_status vs_buf_status(const struct vs_buf *b);

#endif
