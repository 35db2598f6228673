/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/kdf.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/digest.h"

/* RFC 5869 2.3: T(i) = HMAC(PRK, T(i-1) || info || i). */
static vs_status
expand(const uint8_t prk[VS_SHA256_SIZE], struct vs_span info, uint8_t *out,
    size_t n)
{
	uint8_t t[VS_SHA256_SIZE], counter = 1;
	struct vs_span parts[3] = {{t, 0}, info, {&counter, 1}};
	vs_status st = VS_OK;

	while (st == VS_OK && n > 0) {
		size_t take = n < sizeof t ? n : sizeof t;

		st = vs_hmac_sha256(
		    VS_SPAN(prk, VS_SHA256_SIZE), parts, VS_COUNT(parts), t);
		if (st == VS_OK)
			memcpy(out, t, take);
		parts[0].n = sizeof t;
		counter++;
		out += take;
		n -= take;
	}
	vs_wipe(t, sizeof t);
	return st;
}

vs_status
vs_hkdf_sha256(struct vs_span salt, struct vs_span ikm, struct vs_span info,
    uint8_t *out, size_t n)
{
	uint8_t prk[VS_SHA256_SIZE];
	vs_status st;

	if (n > (size_t)255 * VS_SHA256_SIZE)
		return VS_RANGE;
	st = vs_hmac_sha256(salt, &ikm, 1, prk);
	if (st == VS_OK)
		st = expand(prk, info, out, n);
	if (st != VS_OK)
		vs_wipe(out, n);
	vs_wipe(prk, sizeof prk);
	return st;
}

static void
put_be32(uint8_t out[4], size_t v)
{
	out[0] = (uint8_t)(v >> 24);
	out[1] = (uint8_t)(v >> 16);
	out[2] = (uint8_t)(v >> 8);
	out[3] = (uint8_t)v;
}

vs_status
vs_concat_kdf(struct vs_span z, struct vs_span alg, struct vs_span apu,
    struct vs_span apv, uint8_t out[32])
{
	static const uint8_t round[4] = {0, 0, 0, 1};
	static const uint8_t key_bits[4] = {0, 0, 1, 0}; /* SuppPubInfo: 256 */
	uint8_t len[3][4];
	const struct vs_span parts[] = {VS_SPAN_OF(round), z,
	    VS_SPAN_OF(len[0]), alg, VS_SPAN_OF(len[1]), apu,
	    VS_SPAN_OF(len[2]), apv, VS_SPAN_OF(key_bits)};

	if (alg.n > UINT32_MAX || apu.n > UINT32_MAX || apv.n > UINT32_MAX)
		return VS_TOO_LARGE;
	put_be32(len[0], alg.n);
	put_be32(len[1], apu.n);
	put_be32(len[2], apv.n);
	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out);
}
