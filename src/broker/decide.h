/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision over one request, and the grant that only it can make.
 *
 * A grant names everything that the unwrap needs: records, recipient, nonce
 * and release id. Who holds one can do what was decided and nothing else.
 */
#ifndef VS_BROKER_DECIDE_H
#define VS_BROKER_DECIDE_H

#include "broker/broker.h"
#include "broker/counters.h"
#include "broker/trail.h"

struct vs_grant;

/* What is to be decided. claims are of verified evidence; key.* is set here. */
struct vs_case {
	struct vs_store *store;
	const struct vs_policy_set *policies;
	const struct vs_lists *lists;              /* may be NULL */
	struct vs_policy_counter *const *counters; /* may be NULL */
	struct vs_claims *claims;
	const struct vs_key_ask *keys;
	size_t keys_n;
	struct vs_recipient to;
	struct vs_span nonce;
	struct vs_span release_id; /* text */
	struct vs_span peer;       /* for who is asked to approve */
	int64_t now_ms;
};

struct vs_decision {
	const struct vs_grant *grant; /* NULL: denied. In the arena */
	const char *code;             /* for the audit record only */
	struct vs_trail trail;        /* the caller finishes it */
	struct vs_buf names;          /* "a/b@1,a/c@2"; likewise */
	/* Of keys with a limit, or derived: for the commit. In the arena. */
	struct vs_key_use *uses;
	size_t uses_n;
	/* Rules that failed, where their policies disclose that. */
	const char **failed;
	size_t failed_n;
	/* Approvals that the release uses up, each 16 octets, in the arena. */
	uint8_t *asks;
	size_t asks_n;
	bool pending; /* denied only because people have not agreed yet */
};

/*
 * VS_OK: every key is active and allowed, and out->grant is set. VS_DENIED:
 * one is not, with code "approval.pending" where nothing but people's
 * agreement is missing. All keys are looked up and judged either way, an
 * unknown one like any other. On failure out holds what was found so far.
 */
VS_MUST_USE vs_status vs_decide(const struct vs_case *c, struct vs_arena *a,
    struct vs_decision *out, struct vs_err *err);
void vs_decision_fini(struct vs_decision *d);

/* What the grant allows: to be handed to the keeper as it is. */
const struct vs_reseal *vs_grant_reseal(const struct vs_grant *g);

/* The one call by which a key leaves the keeper. */
VS_MUST_USE vs_status vs_unwrap(struct vs_keeper *k, unsigned channel,
    const struct vs_grant *grant, struct vs_buf *jwe, struct vs_err *err);

#endif
