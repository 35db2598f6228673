/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the audit trail is what the keeper once put its MAC on. */
#ifndef VS_BROKER_AUDIT_CHECK_H
#define VS_BROKER_AUDIT_CHECK_H

#include "broker/broker.h"

/* Most records of one call: what the keeper takes in one frame. */
enum { VS_AUDIT_CHECK_MAX = 1024 };

struct vs_audit_check {
	size_t rows;      /* that are good, in sequence */
	int64_t last;     /* number of the last good one; `after` if none */
	uint8_t head[32]; /* its MAC; zeros before the first record */
	/* NULL: all of them are good. Else what is wrong with the next. */
	const char *wrong;
	int64_t wrong_seq;
	uint8_t wrong_id[VS_STORE_ID_SIZE]; /* zeros where it is missing */
};

/*
 * Recomputes the chain from record `after` (0: from the start) over at most
 * limit records (up to VS_AUDIT_CHECK_MAX). Finds records that were changed,
 * taken out or put in; not that the newest ones were cut off: for that,
 * compare the head with one that was noted elsewhere. VS_OK means that the
 * check was made, VS_UNAVAILABLE that it could not be (keeper, store).
 */
VS_MUST_USE vs_status vs_broker_audit_check(struct vs_broker *b,
    unsigned worker, int64_t after, size_t limit, struct vs_arena *a,
    struct vs_audit_check *out, struct vs_err *err);

#endif
