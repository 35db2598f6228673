/* SPDX-License-Identifier: Apache-2.0 */
/* The store's two callbacks, served by the keeper and by crypto/. */
#ifndef VS_BROKER_CHAIN_H
#define VS_BROKER_CHAIN_H

#include "keeper/client.h"
#include "store/store.h"

/* The ctx of both; outlives the store. */
struct vs_chain {
	struct vs_keeper *keeper;
	unsigned channel; /* the committer's own */
};

/* vs_store_chain_fn and vs_store_digest_fn. */
VS_MUST_USE vs_status vs_chain_macs(void *ctx, const uint8_t prev[32],
    const uint8_t (*digests)[32], size_t n, uint8_t (*macs)[32],
    struct vs_err *err);
VS_MUST_USE vs_status vs_chain_digest(
    void *ctx, struct vs_span row, uint8_t out[32]);

#endif
