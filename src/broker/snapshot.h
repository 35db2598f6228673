/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload swaps: policies, collateral, and what is derived of them. */
#ifndef VS_BROKER_SNAPSHOT_H
#define VS_BROKER_SNAPSHOT_H

#include <stdatomic.h>

#include "broker/broker.h"
#include "broker/counters.h"

/* Immutable but for the cache, which has its own lock. */
struct vs_snapshot {
	atomic_uint refs;
	struct vs_policy_set *policies;
	struct vs_policy_counter **counters; /* of the broker, by policy */
	struct vs_collateral *collateral;
	/* Chains that were verified against this collateral, no other. */
	struct vs_evidence_cache *cache;
	char policies_hex[65];
	char collateral_hex[65];
	int64_t loaded_ms;
};

/* Takes the references of parts over on success only. */
VS_MUST_USE vs_status vs_snapshot_new(struct vs_snapshot_parts *parts,
    struct vs_snapshot **out, struct vs_err *err);
struct vs_snapshot *vs_snapshot_ref(struct vs_snapshot *s);
/* Drops one reference. Accepts NULL, nulls the pointer. */
void vs_snapshot_free(struct vs_snapshot **s);

#endif
