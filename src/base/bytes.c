/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct vs_span
vs_span_cstr(const char *s)
{
	return s == NULL ? VS_SPAN(NULL, 0) : VS_SPAN(s, strlen(s));
}

bool
vs_span_equal(struct vs_span a, struct vs_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
vs_span_is(struct vs_span a, const char *text)
{
	return vs_span_equal(a, vs_span_cstr(text));
}

bool
vs_span_starts(struct vs_span a, struct vs_span prefix)
{
	return prefix.n <= a.n &&
	    vs_span_equal(vs_span_slice(a, 0, prefix.n), prefix);
}

bool
vs_span_zero(struct vs_span a)
{
	uint8_t any = 0;

	for (size_t i = 0; i < a.n; i++)
		any |= a.p[i];
	return any == 0;
}

struct vs_span
vs_span_slice(struct vs_span a, size_t offset, size_t n)
{
	if (offset >= a.n)
		return VS_SPAN(NULL, 0);
	if (n > a.n - offset)
		n = a.n - offset;
	return VS_SPAN(a.p + offset, n);
}

bool
vs_equal_ct(struct vs_span a, struct vs_span b)
{
	volatile uint8_t diff = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		diff = (uint8_t)(diff | (a.p[i] ^ b.p[i]));
	return diff == 0;
}

bool
vs_add(size_t a, size_t b, size_t *out)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*out = sum;
	return true;
}

bool
vs_mul(size_t a, size_t b, size_t *out)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*out = product;
	return true;
}

void *
vs_calloc(size_t count, size_t size)
{
	size_t total;

	if (!vs_mul(count, size, &total))
		return NULL;
	return calloc(1, total == 0 ? 1 : total);
}

struct vs_rd
vs_rd_of(struct vs_span s)
{
	return (struct vs_rd){s.p, s.n};
}

struct vs_span
vs_rd_rest(const struct vs_rd *in)
{
	return VS_SPAN(in->p, in->n);
}

/* The one place where a cursor moves. */
static vs_status
take(struct vs_rd *in, size_t n, const uint8_t **at)
{
	if (n > in->n)
		return VS_TRUNCATED;
	*at = in->p;
	if (n > 0) {
		in->p += n;
		in->n -= n;
	}
	return VS_OK;
}

static uint64_t
load_le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = (v << 8) | p[i - 1];
	return v;
}

static uint64_t
load_be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = (v << 8) | p[i];
	return v;
}

vs_status
vs_rd_u8(struct vs_rd *in, uint8_t *out)
{
	const uint8_t *at;
	vs_status st = take(in, 1, &at);

	if (st == VS_OK)
		*out = at[0];
	return st;
}

/* clang-format off */
#define READER(name, type, load)                                               \
	vs_status                                                              \
	name(struct vs_rd *in, type *out)                                      \
	{                                                                      \
		const uint8_t *at;                                             \
		vs_status st = take(in, sizeof(type), &at);                    \
                                                                               \
		if (st == VS_OK)                                               \
			*out = (type)load(at, sizeof(type));                   \
		return st;                                                     \
	}
READER(vs_rd_u16le, uint16_t, load_le)
READER(vs_rd_u16be, uint16_t, load_be)
READER(vs_rd_u32le, uint32_t, load_le)
READER(vs_rd_u32be, uint32_t, load_be)
READER(vs_rd_u64le, uint64_t, load_le)
READER(vs_rd_u64be, uint64_t, load_be)
#undef READER
/* clang-format on */

vs_status
vs_rd_bytes(struct vs_rd *in, size_t n, struct vs_span *out)
{
	const uint8_t *at;
	vs_status st = take(in, n, &at);

	if (st == VS_OK)
		*out = VS_SPAN(at, n);
	return st;
}

vs_status
vs_rd_copy(struct vs_rd *in, void *out, size_t n)
{
	const uint8_t *at;
	vs_status st = take(in, n, &at);

	if (st == VS_OK && n > 0)
		memcpy(out, at, n);
	return st;
}

vs_status
vs_rd_sub(struct vs_rd *in, size_t n, struct vs_rd *out)
{
	const uint8_t *at;
	vs_status st = take(in, n, &at);

	if (st == VS_OK)
		*out = (struct vs_rd){at, n};
	return st;
}

vs_status
vs_rd_skip(struct vs_rd *in, size_t n)
{
	const uint8_t *at;

	return take(in, n, &at);
}

vs_status
vs_rd_zeros(struct vs_rd *in, size_t n)
{
	if (n > in->n)
		return VS_TRUNCATED;
	if (!vs_span_zero(VS_SPAN(in->p, n)))
		return VS_RESERVED;
	return vs_rd_skip(in, n);
}

vs_status
vs_rd_end(const struct vs_rd *in)
{
	return in->n == 0 ? VS_OK : VS_TRAILING;
}

struct vs_wr
vs_wr_of(void *buf, size_t cap)
{
	return (struct vs_wr){buf, cap, 0, false};
}

static uint8_t *
room(struct vs_wr *w, size_t n)
{
	uint8_t *at;

	if (w->overflow || n > w->cap - w->n) {
		w->overflow = true;
		return NULL;
	}
	at = w->p + w->n;
	w->n += n;
	return at;
}

static void
store_le(struct vs_wr *w, uint64_t v, size_t n)
{
	uint8_t *at = room(w, n);

	for (size_t i = 0; at != NULL && i < n; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static void
store_be(struct vs_wr *w, uint64_t v, size_t n)
{
	uint8_t *at = room(w, n);

	for (size_t i = 0; at != NULL && i < n; i++)
		at[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void
vs_wr_u8(struct vs_wr *w, uint8_t v)
{
	store_le(w, v, 1);
}

void
vs_wr_u16le(struct vs_wr *w, uint16_t v)
{
	store_le(w, v, 2);
}

void
vs_wr_u16be(struct vs_wr *w, uint16_t v)
{
	store_be(w, v, 2);
}

void
vs_wr_u32le(struct vs_wr *w, uint32_t v)
{
	store_le(w, v, 4);
}

void
vs_wr_u32be(struct vs_wr *w, uint32_t v)
{
	store_be(w, v, 4);
}

void
vs_wr_u64le(struct vs_wr *w, uint64_t v)
{
	store_le(w, v, 8);
}

void
vs_wr_u64be(struct vs_wr *w, uint64_t v)
{
	store_be(w, v, 8);
}

void
vs_wr_bytes(struct vs_wr *w, struct vs_span s)
{
	uint8_t *at = room(w, s.n);

	if (at != NULL && s.n > 0)
		memcpy(at, s.p, s.n);
}

void
vs_wr_zeros(struct vs_wr *w, size_t n)
{
	uint8_t *at = room(w, n);

	if (at != NULL && n > 0)
		memset(at, 0, n);
}

void
vs_wr_lp32(struct vs_wr *w, struct vs_span s)
{
	if (s.n > UINT32_MAX) {
		w->overflow = true;
		return;
	}
	vs_wr_u32be(w, (uint32_t)s.n);
	vs_wr_bytes(w, s);
}

vs_status
vs_wr_finish(const struct vs_wr *w, struct vs_span *out)
{
	if (w->overflow)
		return VS_TOO_LARGE;
	*out = VS_SPAN(w->p, w->n);
	return VS_OK;
}
