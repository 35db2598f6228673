/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/chain.h"

#include "crypto/digest.h"

vs_status
vs_chain_macs(void *ctx, const uint8_t prev[32], const uint8_t (*digests)[32],
    size_t n, uint8_t (*macs)[32], struct vs_err *err)
{
	const struct vs_chain *c = ctx;

	return vs_keeper_chain(
	    c->keeper, c->channel, prev, digests, n, macs, err);
}

vs_status
vs_chain_digest(void *ctx, struct vs_span row, uint8_t out[32])
{
	(void)ctx;
	return vs_sha256(row, out);
}
