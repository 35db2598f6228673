/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/derw.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

size_t
vs_derw_open(struct vs_buf *b, unsigned tag)
{
	uint8_t *p = vs_buf_grow(b, 1);

	if (p != NULL)
		*p = (uint8_t)tag;
	return b->n;
}

/* The length, big-endian and minimal (X.690 10.1); returns its size. */
static size_t
encode_length(size_t n, uint8_t out[9])
{
	size_t bytes = 0;

	if (n < 0x80) {
		out[0] = (uint8_t)n;
		return 1;
	}
	for (size_t v = n; v != 0; v >>= 8)
		bytes++;
	out[0] = (uint8_t)(0x80 | bytes);
	for (size_t i = 0; i < bytes; i++)
		out[1 + i] = (uint8_t)(n >> (8 * (bytes - 1 - i)));
	return 1 + bytes;
}

void
vs_derw_close(struct vs_buf *b, size_t mark)
{
	uint8_t length[9];
	size_t content, n;

	if (b->bad != VS_OK)
		return;
	content = b->n - mark;
	n = encode_length(content, length);
	if (vs_buf_grow(b, n) == NULL)
		return;
	memmove(b->p + mark + n, b->p + mark, content);
	memcpy(b->p + mark, length, n);
}

void
vs_derw_put(struct vs_buf *b, unsigned tag, struct vs_span content)
{
	size_t mark = vs_derw_open(b, tag);

	vs_buf_add(b, content);
	vs_derw_close(b, mark);
}

void
vs_derw_text(struct vs_buf *b, unsigned tag, const char *text)
{
	vs_derw_put(b, tag, vs_span_cstr(text));
}

void
vs_derw_uint(struct vs_buf *b, uint64_t v)
{
	uint8_t bytes[9] = {0};
	size_t skip = 0;

	for (size_t i = 0; i < 8; i++)
		bytes[1 + i] = (uint8_t)(v >> (8 * (7 - i)));
	/* Minimal, with a zero in front where the top bit would be a sign. */
	while (skip < 8 && bytes[skip] == 0 && bytes[skip + 1] < 0x80)
		skip++;
	vs_derw_put(b, VS_DERW_INTEGER, VS_SPAN(bytes + skip, 9 - skip));
}

static void
base128(struct vs_buf *b, unsigned long v)
{
	for (int shift = 56; shift >= 0; shift -= 7) {
		uint8_t *p;

		if (v >> shift == 0 && shift != 0)
			continue;
		p = vs_buf_grow(b, 1);
		if (p != NULL)
			*p = (uint8_t)(((v >> shift) & 0x7f) |
			    (shift != 0 ? 0x80 : 0));
	}
}

void
vs_derw_unsigned(struct vs_buf *b, struct vs_span be)
{
	size_t skip = 0, mark = vs_derw_open(b, VS_DERW_INTEGER);

	while (skip + 1 < be.n && be.p[skip] == 0)
		skip++;
	if (be.p[skip] >= 0x80)
		vs_buf_add(b, VS_SPAN_LIT("\0"));
	vs_buf_add(b, vs_span_slice(be, skip, be.n));
	vs_derw_close(b, mark);
}

void
vs_derw_oid(struct vs_buf *b, const char *dotted)
{
	size_t mark = vs_derw_open(b, VS_DERW_OID);
	unsigned long first = 0;
	size_t arc = 0;
	char *end = NULL;

	for (const char *p = dotted; *p != '\0';
	     p = *end == '.' ? end + 1 : end) {
		unsigned long v = strtoul(p, &end, 10);

		if (end == p || (*end != '.' && *end != '\0')) {
			b->bad = VS_MALFORMED;
			return;
		}
		if (arc == 0)
			first = v;
		else
			base128(b, arc == 1 ? first * 40 + v : v);
		arc++;
	}
	vs_derw_close(b, mark);
}

void
vs_derw_bits(struct vs_buf *b, struct vs_span content)
{
	size_t mark = vs_derw_open(b, VS_DERW_BITS);

	vs_buf_add(b, VS_SPAN_LIT("\0"));
	vs_buf_add(b, content);
	vs_derw_close(b, mark);
}

void
vs_derw_time(struct vs_buf *b, int64_t unix_s)
{
	int64_t days = unix_s / 86400, left = unix_s % 86400, year;
	unsigned month, day;
	size_t mark;
	bool utc;

	if (left < 0) {
		left += 86400;
		days--;
	}
	vs_civil_from_days(days, &year, &month, &day);
	utc = year >= 1950 && year < 2050;
	mark = vs_derw_open(b, utc ? VS_DERW_UTCTIME : VS_DERW_GENTIME);
	if (utc)
		vs_buf_printf(b, "%02d", (int)(year % 100));
	else
		vs_buf_printf(b, "%04d", (int)year);
	vs_buf_printf(b, "%02u%02u%02d%02d%02dZ", month, day,
	    (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
	vs_derw_close(b, mark);
}
