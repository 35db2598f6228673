/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/shamir.h"

#include "base/secret.h"
#include "crypto/rand.h"

/* [FIPS 197 4.2] Eight times the same work, whatever the bits are. */
static uint8_t
gf_mul(uint8_t a, uint8_t b)
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
		a = gf_mul(a, a);
		r = gf_mul(r, a);
	}
	return r;
}

/* The polynomials' values at x: coefficients of 32 polynomials, the lowest
 * degree first. */
static void
evaluate(const uint8_t *coefficients, unsigned k, uint8_t x, uint8_t *out)
{
	for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++) {
		uint8_t y = 0;

		for (unsigned i = k; i-- > 0;)
			y = gf_mul(y, x) ^ coefficients[i * VS_SHAMIR_SIZE + j];
		out[j] = y;
	}
}

vs_status
vs_shamir_split(const uint8_t *secret, unsigned k, unsigned n, uint8_t *shares)
{
	struct vs_secret *c;
	vs_status st = VS_OK;

	if (n == 0 || n > VS_SHAMIR_MAX || k == 0 || k > n || (k == 1 && n > 1))
		return VS_RANGE;
	c = vs_secret_new((size_t)k * VS_SHAMIR_SIZE);
	if (c == NULL)
		return VS_NO_MEMORY;
	for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++)
		vs_secret_poke(c)[j] = secret[j];
	if (k > 1)
		st = vs_rand_secret(vs_secret_poke(c) + VS_SHAMIR_SIZE,
		    (size_t)(k - 1) * VS_SHAMIR_SIZE);
	for (unsigned i = 0; st == VS_OK && i < n; i++)
		evaluate(vs_secret_peek(c).p, k, (uint8_t)(i + 1),
		    shares + (size_t)i * VS_SHAMIR_SIZE);
	vs_secret_free(&c);
	return st;
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
				weight = gf_mul(weight,
				    gf_mul(numbers[m],
					gf_inverse(numbers[m] ^ numbers[i])));
		for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++)
			out[j] ^= gf_mul(
			    weight, shares[(size_t)i * VS_SHAMIR_SIZE + j]);
	}
}
