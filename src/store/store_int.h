/* SPDX-License-Identifier: Apache-2.0 */
/* The store from inside: the pool of readers and the committer's queue. */
#ifndef VS_STORE_STORE_INT_H
#define VS_STORE_STORE_INT_H

#include <pthread.h>
#include <semaphore.h>

#include "store/db.h"
#include "store/store.h"

/* Most operations of one transaction; also bounds the chain call. */
enum { VS_GROUP_MAX = 256 };

struct vs_op;

/*
 * Runs in the open transaction. A failure of class usage or malformed is the
 * operation's own and undoes it alone; any other fails the whole group. May
 * run twice: a failed group is tried again one by one.
 */
typedef vs_status (*vs_op_fn)(
    struct vs_store *s, struct vs_op *op, struct vs_err *err);

/* One write that waits for its commit. Lives on the caller's stack. */
struct vs_op {
	vs_op_fn apply;
	void *arg;
	/* Appended to the trail when apply succeeded; NULL: no record. */
	const struct vs_audit_row *given;
	bool savepoint; /* more than one statement: undo them together */
	/* Set by apply: nothing was done, so there is nothing to record. */
	bool silent;
	bool scrub; /* removes secrets: empty the WAL afterwards */

	/* The committer's. */
	struct vs_op *next;
	struct vs_audit_row row;
	bool own_failure;
	vs_status status;
	struct vs_err *err;
	sem_t done;
};

struct vs_queue {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct vs_op *first;
	struct vs_op **last;
	size_t n;         /* in the queue */
	size_t announced; /* on their way */
	bool stop;
};

struct vs_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct vs_db *dbs;
	size_t *idle; /* a stack of indexes: the warmest cache first */
	size_t idle_n;
	size_t n;
};

struct vs_store {
	struct vs_store_options opt; /* path is not kept */
	struct vs_db writer;         /* the committer's, once it runs */
	struct vs_queue queue;
	struct vs_pool pool;
	pthread_t committer;
	bool running;

	/* The committer's scratch. */
	struct vs_op *group[VS_GROUP_MAX];
	uint8_t digests[VS_GROUP_MAX][32];
	uint8_t macs[VS_GROUP_MAX][VS_STORE_MAC_SIZE];
	struct vs_buf canonical;
	bool scrub_due;
};

/* Waits for a read connection. Never NULL. */
struct vs_db *vs_store_take(struct vs_store *s);
void vs_store_put(struct vs_store *s, struct vs_db *db);

/* Queues the operation and waits until it is durable or has failed. */
VS_MUST_USE vs_status vs_store_submit(
    struct vs_store *s, struct vs_op *op, struct vs_err *err);
/* The committer thread; arg is the store. */
void *vs_committer_main(void *arg);
/* Empties the WAL; when that fails, scrub_due stays. Before there is a
 * committer, also of what a crash left in it. */
void vs_store_scrub(struct vs_store *s);

/* Appends the rows of the group's operations that succeeded. */
VS_MUST_USE vs_status vs_audit_append(
    struct vs_store *s, struct vs_op *const *ops, size_t n, struct vs_err *err);

static inline void
vs_store_at(const struct vs_store *s, const char *point)
{
	if (s->opt.at != NULL)
		s->opt.at(s->opt.ctx, point);
}

#endif
