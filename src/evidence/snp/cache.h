/* SPDX-License-Identifier: Apache-2.0 */
/* Chains that were verified, so that the next report with the same
 * certificates costs one signature check. vs_evidence_cache of evidence.h. */
#ifndef VS_EVIDENCE_SNP_CACHE_H
#define VS_EVIDENCE_SNP_CACHE_H

#include "evidence/snp/chain.h"

/* Names everything that a built chain depends on. */
VS_MUST_USE vs_status vs_snp_cache_key(const struct vs_snp_blob *blobs,
    size_t n, vs_snp_signer wanted, const struct vs_collateral *collateral,
    uint8_t key[VS_SHA256_SIZE]);

/* A reference for the caller, or NULL. cache may be NULL. */
struct vs_snp_chain *vs_snp_cache_get(
    struct vs_evidence_cache *cache, const uint8_t key[VS_SHA256_SIZE]);
/* Takes a reference of its own. Only for chains of evidence that passed
 * every check. cache may be NULL. */
void vs_snp_cache_put(struct vs_evidence_cache *cache,
    const uint8_t key[VS_SHA256_SIZE], struct vs_snp_chain *chain);

#endif
