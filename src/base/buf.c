/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
vs_buf_fini(struct vs_buf *b)
{
	free(b->p);
	*b = (struct vs_buf){.max = b->max};
}

void
vs_buf_reset(struct vs_buf *b)
{
	b->n = 0;
	b->bad = VS_OK;
}

/* Room for n more bytes and one NUL. */
static bool
reserve(struct vs_buf *b, size_t n)
{
	size_t max = b->max == 0 ? VS_BUF_MAX : b->max;
	size_t need;
	size_t cap;
	uint8_t *p;

	if (b->bad != VS_OK)
		return false;
	if (!vs_add(b->n, n, &need) || need > max) {
		b->bad = VS_TOO_LARGE;
		return false;
	}
	if (need < b->cap)
		return true;
	cap = b->cap < 128 ? 256 : b->cap * 2;
	if (cap <= need)
		cap = need + 1;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->bad = VS_NO_MEMORY;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

uint8_t *
vs_buf_grow(struct vs_buf *b, size_t n)
{
	uint8_t *at;

	if (!reserve(b, n))
		return NULL;
	at = b->p + b->n;
	b->n += n;
	return at;
}

void
vs_buf_add(struct vs_buf *b, struct vs_span s)
{
	uint8_t *at = vs_buf_grow(b, s.n);

	if (at != NULL && s.n > 0)
		memcpy(at, s.p, s.n);
}

void
vs_buf_puts(struct vs_buf *b, const char *s)
{
	vs_buf_add(b, vs_span_cstr(s));
}

void
vs_buf_int(struct vs_buf *b, int64_t v)
{
	uint8_t text[20]; /* of INT64_MIN, with its sign */
	size_t at = sizeof text;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		text[--at] = (uint8_t)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		text[--at] = '-';
	vs_buf_add(b, VS_SPAN(text + at, sizeof text - at));
}

void
vs_buf_printf(struct vs_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->bad = VS_INTERNAL;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

struct vs_span
vs_buf_span(const struct vs_buf *b)
{
	return VS_SPAN(b->p, b->bad == VS_OK ? b->n : 0);
}

const char *
vs_buf_cstr(struct vs_buf *b)
{
	if (!reserve(b, 0))
		return "";
	b->p[b->n] = '\0';
	return (const char *)b->p;
}

vs_status
vs_buf_status(const struct vs_buf *b)
{
	return b->bad;
}
