/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/shamir.h"

/* [FIPS 197 4.2] Eight times the same work, whatever the bits are. */
uint8_t
vs_gf_mul(uint8_t a, uint8_t b)
{
	unsigned x = a;
	unsigned sum = 0;

	for (unsigned i = 0; i < 8; i++) {
		sum ^= x & (0u - ((unsigned)b >> i & 1u));
		x = x << 1 ^ (0x11bu & (0u - (x >> 7 & 1u)));
	}
	return (uint8_t)sum;
}

/* a^254: the inverse, and 0 for 0. */
static uint8_t
gf_inverse(uint8_t a)
{
	uint8_t r = 1;

	for (unsigned i = 0; i < 7; i++) {
		a = vs_gf_mul(a, a);
		r = vs_gf_mul(r, a);
	}
	return r;
}

/* Lagrange at 0; only the numbers, which are public, decide the weights. */
void
vs_shamir_join(const uint8_t *numbers, const uint8_t *shares, unsigned k,
    uint8_t out[VS_SHAMIR_SIZE])
{
	for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++)
		out[j] = 0;
	for (unsigned i = 0; i < k; i++) {
		uint8_t weight = 1;

		for (unsigned m = 0; m < k; m++)
			if (m != i)
				weight = vs_gf_mul(weight,
				    vs_gf_mul(numbers[m],
					gf_inverse(numbers[m] ^ numbers[i])));
		for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++)
			out[j] ^= vs_gf_mul(
			    weight, shares[(size_t)i * VS_SHAMIR_SIZE + j]);
	}
}
