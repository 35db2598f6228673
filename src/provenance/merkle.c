/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of inclusion (RFC 9162 2.1.3.2), hashes of RFC 6962. */
#include <string.h>

#include "provenance/parts.h"

static bool
node(const uint8_t *left, const uint8_t *right, uint8_t out[VS_SHA256_SIZE])
{
	static const uint8_t prefix = 0x01;
	const struct vs_span parts[] = {VS_SPAN(&prefix, 1),
	    VS_SPAN(left, VS_SHA256_SIZE), VS_SPAN(right, VS_SHA256_SIZE)};
	uint8_t hash[VS_SHA256_SIZE];

	if (vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), hash) != VS_OK)
		return false;
	memcpy(out, hash, sizeof(hash));
	return true;
}

static bool
leaf_hash(struct vs_span leaf, uint8_t out[VS_SHA256_SIZE])
{
	static const uint8_t prefix = 0x00;
	const struct vs_span parts[] = {VS_SPAN(&prefix, 1), leaf};

	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out) == VS_OK;
}

/* fn and sn are the RFC's: the node on the path and the last node of the
 * level. */
bool
vs_pv_included(const struct vs_pv_proof *p, struct vs_span leaf)
{
	uint64_t fn = p->index, sn = p->size - 1;
	uint8_t r[VS_SHA256_SIZE];

	if (p->size == 0 || p->index >= p->size || !leaf_hash(leaf, r))
		return false;
	for (size_t i = 0; i < p->hashes_n; i++) {
		const uint8_t *h = p->hashes[i].p;
		if (sn == 0)
			return false;
		if ((fn & 1) == 1 || fn == sn) {
			if (!node(h, r, r))
				return false;
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else if (!node(r, h, r)) {
			return false;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && vs_span_equal(VS_SPAN_OF(r), p->root);
}
