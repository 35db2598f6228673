/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/siphash.h"

static inline uint64_t
rotate(uint64_t x, unsigned n)
{
	return (x << n) | (x >> (64 - n));
}

static inline void
rounds(uint64_t v[4], unsigned n)
{
	for (; n > 0; n--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static uint64_t
word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

static void
take(uint64_t v[4], uint64_t w)
{
	v[3] ^= w;
	rounds(v, 2);
	v[0] ^= w;
}

uint64_t
vs_siphash(const uint64_t key[2], struct vs_span text)
{
	uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575),
	    key[1] ^ UINT64_C(0x646f72616e646f6d),
	    key[0] ^ UINT64_C(0x6c7967656e657261),
	    key[1] ^ UINT64_C(0x7465646279746573)};
	size_t whole = text.n - text.n % 8;

	for (size_t i = 0; i < whole; i += 8)
		take(v, word(text.p + i, 8));
	take(v,
	    (uint64_t)text.n << 56 |
		word(whole < text.n ? text.p + whole : NULL, text.n % 8));
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
