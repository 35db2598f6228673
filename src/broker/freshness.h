/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An old database put back: keys that were destroyed would be back, uses that
 * were spent, audit records gone. Where the seal is a TPM, its counter tells.
 */
#ifndef VS_BROKER_FRESHNESS_H
#define VS_BROKER_FRESHNESS_H

#include "keeper/seal.h"
#include "store/store.h"

/* How to reach the counter; of a TPM as keeper/seal.h has it. */
struct vs_freshness_counter {
	vs_status (*define)(void *ctx, uint64_t *out, struct vs_err *err);
	vs_status (*read)(void *ctx, uint64_t *out, struct vs_err *err);
	vs_status (*bump)(void *ctx, uint64_t *out, struct vs_err *err);
	void *ctx;
};
struct vs_freshness {
	const struct vs_freshness_counter *counter;
	bool created; /* the database is of this start */
	bool sealed;  /* the keeper is */
	bool accept;  /* an operator says that this database is to serve */
};

/*
 * Once a start, before anything is served: VS_CONFLICT, code "store.old",
 * when the database is not the one that was last served on this machine;
 * else both count on. *known says whether the counter could be asked: where
 * not, and the keeper is open, VS_CONFLICT as well; a sealed one may be on
 * another machine, and waits for its custodians.
 */
VS_MUST_USE vs_status vs_freshness_check(struct vs_store *s,
    const struct vs_freshness *f, bool *known, struct vs_err *err);

/* Leaves an audit record, "store.accept", that an operator said so. */
struct vs_broker;
VS_MUST_USE vs_status vs_freshness_record(
    struct vs_broker *b, struct vs_err *err);

/*
 * The counter of the TPM that a conf names, asked by a process of its own
 * that is forked before the caller confines itself. conf is borrowed.
 */
struct vs_freshness_outside {
	int fd;
	int pid; /* 0: none */
};
VS_MUST_USE vs_status vs_freshness_fork(struct vs_seal_conf *conf,
    struct vs_freshness_outside *out, struct vs_err *err);
void vs_freshness_outside_stop(struct vs_freshness_outside *o);
struct vs_freshness_counter vs_freshness_counter_outside(
    struct vs_freshness_outside *o);

#endif
