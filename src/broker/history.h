/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of policies on their way into force. A version only grows: an
 * older one, or another content under a version that was loaded before, does
 * not load, also after a restart. The one way back is an operator's explicit
 * act, which is recorded.
 */
#ifndef VS_BROKER_HISTORY_H
#define VS_BROKER_HISTORY_H

#include "broker/broker_int.h"
#include "store/policies.h"

/* One policy of a set that is being built. */
struct vs_incoming {
	struct vs_policy *policy;
	uint8_t hash[VS_POLICY_HASH_SIZE]; /* SHA-256 of its text */
	struct vs_buf signatures;          /* the .sig file; may be empty */
};
void vs_incoming_fini(struct vs_incoming *in);

/*
 * Holds every policy against what was loaded before. VS_CONFLICT, naming
 * file, version and what to do, for one that may not load. One that an
 * operator rolled back is replaced by the version they went back to, from
 * the store, for as long as its file is the one they went back from.
 */
VS_MUST_USE vs_status vs_history_settle(struct vs_store *store,
    struct vs_incoming *in, size_t n, struct vs_err *err);

/*
 * Writes down what is about to be in force, with an audit record when it is
 * something new. Before it is: whatever decides can be looked up later.
 */
VS_MUST_USE vs_status vs_history_record(struct vs_broker *b,
    const struct vs_incoming *in, size_t n, const uint8_t digest[32],
    int64_t now_ms, struct vs_err *err);

#endif
