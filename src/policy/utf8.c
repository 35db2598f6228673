/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/utf8.h"

size_t
vs_utf8_count(struct vs_span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

size_t
vs_utf8_offset(struct vs_span s, uint64_t i)
{
	size_t at = 0;

	for (; i > 0; i--) {
		if (at >= s.n)
			return s.n + 1;
		at += vs_utf8_step(VS_SPAN(s.p + at, s.n - at));
	}
	return at;
}

uint32_t
vs_utf8_get(struct vs_span s)
{
	size_t n = vs_utf8_step(s);
	static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t cp = s.p[0] & mask[n];

	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | (s.p[i] & 0x3f);
	return cp;
}

size_t
vs_utf8_put(uint32_t cp, uint8_t *out)
{
	if (cp < 0x80) {
		out[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (uint8_t)(0xc0 | cp >> 6);
		out[1] = (uint8_t)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (uint8_t)(0xe0 | cp >> 12);
		out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | cp >> 18);
	out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (cp & 0x3f));
	return 4;
}
