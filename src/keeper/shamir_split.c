/* SPDX-License-Identifier: Apache-2.0 */
/* Making shares; joining them is the keeper's. */
#include "base/secret.h"
#include "crypto/rand.h"
#include "keeper/shamir.h"

/* The polynomials' values at x: coefficients of 32 polynomials, the lowest
 * degree first. */
static void
evaluate(const uint8_t *coefficients, unsigned k, uint8_t x, uint8_t *out)
{
	for (unsigned j = 0; j < VS_SHAMIR_SIZE; j++) {
		uint8_t y = 0;

		for (unsigned i = k; i-- > 0;)
			y = vs_gf_mul(y, x) ^
			    coefficients[i * VS_SHAMIR_SIZE + j];
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
