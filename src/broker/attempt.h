/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt at a release, from the nonce check to the audit record. */
#ifndef VS_BROKER_ATTEMPT_H
#define VS_BROKER_ATTEMPT_H

#include "base/random.h"
#include "broker/broker_int.h"
#include "broker/decide.h"

struct vs_attempt {
	struct vs_broker *b;
	unsigned worker;
	struct vs_arena *arena;
	const struct vs_release_request *req;
	const uint8_t *id; /* the release id */
	char id_text[VS_UUID_TEXT_MAX];
	int64_t now_ms;
	int64_t forget_ms; /* when the store may forget the nonce */
	struct vs_snapshot *snap;
	struct vs_lists *lists; /* as they were at the beginning; or NULL */

	/* Filled on the way; the audit record tells how far it came. */
	bool has_thumbprint;
	uint8_t thumbprint[32];
	bool verified;
	struct vs_claims claims;
	struct vs_decision decision;
	struct vs_buf jwe;
	int64_t evidence_ns;
	int64_t decide_ns;
	int64_t unwrap_ns;
};

/*
 * Writes the audit record and spends the nonce, in one durable transaction.
 * st and err are the outcome so far. VS_OK: the record is on disk. VS_SPENT:
 * it is, as that of a replay; VS_DENIED: it is, as that of a release whose
 * approval another one used up meanwhile. Any other: class unavailable, and
 * nothing is.
 */
VS_MUST_USE vs_status vs_attempt_record(struct vs_attempt *at, vs_status st,
    const struct vs_err *why, struct vs_err *err);

#endif
