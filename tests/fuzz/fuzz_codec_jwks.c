/* SPDX-License-Identifier: Apache-2.0 */
/* vs_jwks_parse: what is kept can verify, and has one algorithm. */
#include "codec/jwks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	VS_AUTO(vs_jwks) *s = NULL;
	struct vs_err err = {0};

	if (vs_jwks_parse(VS_SPAN(data, n), VS_JOSE_RS256, &s, &err) != VS_OK) {
		VS_ASSERT(s == NULL && err.status != VS_OK);
		return 0;
	}
	VS_ASSERT(vs_jwks_count(s) + vs_jwks_left_out(s) <= VS_JWKS_KEYS_MAX);
	for (size_t i = 0; i < vs_jwks_count(s); i++) {
		const struct vs_jwks_key *k = vs_jwks_at(s, i);

		VS_ASSERT(k->alg != VS_JOSE_NONE);
		VS_ASSERT(vs_jose_fits(k->key, k->alg));
		VS_ASSERT(k->kid.n <= VS_JWK_ID_MAX);
		if (k->kid.n > 0)
			VS_ASSERT(vs_jwks_find(s, k->kid) == k);
		/* Nobody signed this. */
		VS_ASSERT(vs_jose_verify(k->key, k->alg, VS_SPAN(data, n),
			      VS_SPAN(data, n), &err) != VS_OK);
	}
	return 0;
}
