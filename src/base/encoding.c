/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encoding.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void
vs_hex(struct vs_span in, char *out)
{
	for (size_t i = 0; i < in.n; i++) {
		out[2 * i] = hex_digits[in.p[i] >> 4];
		out[2 * i + 1] = hex_digits[in.p[i] & 15];
	}
	out[2 * in.n] = '\0';
}

void
vs_buf_hex(struct vs_buf *b, struct vs_span in)
{
	for (size_t i = 0; i < in.n; i++) {
		const char two[2] = {
		    hex_digits[in.p[i] >> 4], hex_digits[in.p[i] & 15]};

		vs_buf_add(b, VS_SPAN_OF(two));
	}
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

vs_status
vs_unhex(struct vs_span text, uint8_t *out, size_t n)
{
	if (text.n % 2 != 0 || text.n / 2 != n)
		return VS_RANGE;
	for (size_t i = 0; i < text.n; i++)
		if (hex_value(text.p[i]) < 0)
			return VS_MALFORMED;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((hex_value(text.p[2 * i]) << 4) |
		    hex_value(text.p[2 * i + 1]));
	return VS_OK;
}

size_t
vs_b64url_len(size_t n)
{
	size_t rest = n % 3;

	return n / 3 * 4 + (rest == 0 ? 0 : rest + 1);
}

/*
 * 0..63 to its letter by arithmetic: each term is a mask that is all ones
 * when v is past a boundary of the alphabet, times the jump at that boundary.
 */
static uint8_t
b64url_letter(uint32_t v)
{
	uint32_t c = v + 'A';

	c += ((25u - v) >> 8) & (uint32_t)('a' - 'Z' - 1);
	c -= ((51u - v) >> 8) & (uint32_t)('z' + 1 - '0');
	c -= ((61u - v) >> 8) & (uint32_t)('9' + 1 - '-');
	c += ((62u - v) >> 8) & (uint32_t)('_' - '-' - 1);
	return (uint8_t)c;
}

void
vs_b64url_encode(struct vs_span in, uint8_t *out)
{
	size_t i = 0;
	size_t o = 0;

	for (; in.n - i >= 3; i += 3) {
		uint32_t v = (uint32_t)in.p[i] << 16 |
		    (uint32_t)in.p[i + 1] << 8 | in.p[i + 2];

		out[o++] = b64url_letter(v >> 18);
		out[o++] = b64url_letter((v >> 12) & 63);
		out[o++] = b64url_letter((v >> 6) & 63);
		out[o++] = b64url_letter(v & 63);
	}
	if (in.n - i == 2) {
		uint32_t v = (uint32_t)in.p[i] << 8 | in.p[i + 1];

		out[o++] = b64url_letter(v >> 10);
		out[o++] = b64url_letter((v >> 4) & 63);
		out[o] = b64url_letter((v << 2) & 63);
	} else if (in.n - i == 1) {
		uint32_t v = in.p[i];

		out[o++] = b64url_letter(v >> 2);
		out[o] = b64url_letter((v << 4) & 63);
	}
}

void
vs_buf_b64url(struct vs_buf *b, struct vs_span in)
{
	uint8_t *at = vs_buf_grow(b, vs_b64url_len(in.n));

	if (at != NULL)
		vs_b64url_encode(in, at);
}

/*
 * Decoding is for public text only: it may look things up. One more than the
 * value of a letter; 0: not a letter.
 */
/* clang-format off */
#define COMMON								\
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5,		\
	['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10,		\
	['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15,	\
	['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20,	\
	['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25,	\
	['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,	\
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,	\
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,	\
	['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45,	\
	['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50,	\
	['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55,	\
	['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,	\
	['8'] = 61, ['9'] = 62
/* clang-format on */

static const uint8_t url_letters[256] = {COMMON, ['-'] = 63, ['_'] = 64};
static const uint8_t std_letters[256] = {COMMON, ['+'] = 63, ['/'] = 64};
#undef COMMON

static size_t
decoded_len(size_t text_len)
{
	return text_len / 4 * 3 + (text_len % 4 == 0 ? 0 : text_len % 4 - 1);
}

/* Up to four letters, most significant first. False: one is not a letter. */
static bool
join(const uint8_t *letters, const uint8_t *p, size_t n, uint32_t *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t one = letters[p[i]];

		if (one == 0)
			return false;
		v = v << 6 | (one - 1);
	}
	*out = v;
	return true;
}

/* The two or three letters at the end. Unused bits must be zero, or one value
 * has several texts. */
static bool
decode_rest(const uint8_t *letters, struct vs_span text, uint8_t *out)
{
	uint32_t v;

	if (!join(letters, text.p, text.n, &v))
		return false;
	if (text.n == 2) {
		out[0] = (uint8_t)(v >> 4);
		return (v & 15) == 0;
	}
	out[0] = (uint8_t)(v >> 10);
	out[1] = (uint8_t)(v >> 2);
	return (v & 3) == 0;
}

/* text without padding; out holds decoded_len(text.n) bytes. */
static vs_status
decode(struct vs_span text, const uint8_t *letters, uint8_t *out)
{
	uint32_t v;

	if (text.n % 4 == 1)
		return VS_MALFORMED;
	for (; text.n >= 4; text.n -= 4, text.p += 4, out += 3) {
		if (!join(letters, text.p, 4, &v))
			return VS_MALFORMED;
		out[0] = (uint8_t)(v >> 16);
		out[1] = (uint8_t)(v >> 8);
		out[2] = (uint8_t)v;
	}
	return text.n == 0 || decode_rest(letters, text, out) ? VS_OK
							      : VS_MALFORMED;
}

static vs_status
decode_arena(struct vs_arena *a, struct vs_span text, const uint8_t *letters,
    struct vs_span *out)
{
	size_t n = decoded_len(text.n);
	uint8_t *p = vs_arena_alloc(a, n);
	vs_status st;

	if (p == NULL)
		return VS_NO_MEMORY;
	st = decode(text, letters, p);
	if (st == VS_OK)
		*out = VS_SPAN(p, n);
	return st;
}

vs_status
vs_b64url_decode(struct vs_arena *a, struct vs_span text, struct vs_span *out)
{
	return decode_arena(a, text, url_letters, out);
}

vs_status
vs_b64_decode(struct vs_arena *a, struct vs_span text, struct vs_span *out)
{
	if (text.n % 4 != 0)
		return VS_MALFORMED;
	for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
		text.n--;
	return decode_arena(a, text, std_letters, out);
}

vs_status
vs_b64url_decode_n(struct vs_span text, uint8_t *out, size_t n)
{
	uint8_t tmp[128];
	vs_status st;

	if (n > sizeof tmp || decoded_len(text.n) != n)
		return VS_RANGE;
	st = decode(text, url_letters, tmp);
	if (st == VS_OK && n > 0)
		memcpy(out, tmp, n);
	return st;
}

/* Length of the well-formed sequence at p (n > 0 bytes left), or 0. */
static size_t
utf8_sequence(const uint8_t *p, size_t n)
{
	size_t len;
	uint32_t min;
	uint32_t v;

	if (p[0] < 0x80)
		return 1;
	if ((p[0] & 0xE0) == 0xC0) {
		len = 2;
		min = 0x80;
		v = p[0] & 0x1F;
	} else if ((p[0] & 0xF0) == 0xE0) {
		len = 3;
		min = 0x800;
		v = p[0] & 0x0F;
	} else if ((p[0] & 0xF8) == 0xF0) {
		len = 4;
		min = 0x10000;
		v = p[0] & 0x07;
	} else {
		return 0;
	}
	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3F);
	}
	if (v < min || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
		return 0;
	return len;
}

bool
vs_utf8_valid(struct vs_span text)
{
	while (text.n > 0) {
		size_t len = utf8_sequence(text.p, text.n);

		if (len == 0)
			return false;
		text.p += len;
		text.n -= len;
	}
	return true;
}
