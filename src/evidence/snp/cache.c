/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/cache.h"

#include "evidence/cache.h"

static void
ref(void *obj)
{
	(void)vs_snp_chain_ref(obj);
}

static void
drop(void *obj)
{
	struct vs_snp_chain *c = obj;

	vs_snp_chain_free(&c);
}

static const struct vs_cache_type type = {ref, drop};

vs_status
vs_snp_cache_key(const struct vs_snp_blob *blobs, size_t n,
    vs_snp_signer wanted, const struct vs_collateral *collateral,
    uint8_t key[VS_SHA256_SIZE])
{
	struct vs_span parts[1 + 2 * VS_SNP_BLOBS_MAX];
	uint8_t heads[VS_SNP_BLOBS_MAX][9];
	uint8_t head[VS_SHA256_SIZE + 1];
	size_t used = 0;

	if (n > VS_SNP_BLOBS_MAX)
		return VS_TOO_LARGE;
	vs_collateral_digest(collateral, head);
	head[VS_SHA256_SIZE] = (uint8_t)wanted;
	parts[used++] = VS_SPAN_OF(head);
	for (size_t i = 0; i < n; i++) {
		struct vs_wr w = vs_wr_of(heads[i], sizeof(heads[i]));

		vs_wr_u8(&w, (uint8_t)blobs[i].role);
		vs_wr_u64be(&w, blobs[i].bytes.n);
		parts[used++] = VS_SPAN_OF(heads[i]);
		parts[used++] = blobs[i].bytes;
	}
	return vs_digest(VS_HASH_SHA256, parts, used, key);
}

struct vs_snp_chain *
vs_snp_cache_get(struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE])
{
	return c == NULL ? NULL : vs_cache_get(c->entries, &type, key);
}

void
vs_snp_cache_put(struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE],
    struct vs_snp_chain *chain)
{
	if (c != NULL)
		vs_cache_put(c->entries, &type, key, chain);
}
