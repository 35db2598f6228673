/* SPDX-License-Identifier: Apache-2.0 */
/* The broker from inside. */
#ifndef VS_BROKER_BROKER_INT_H
#define VS_BROKER_BROKER_INT_H

#include <pthread.h>

#include "broker/broker.h"
#include "broker/counters.h"
#include "broker/rotation.h"
#include "broker/snapshot.h"
#include "broker/upkeep.h"

/* The last answer of a readiness check; checks write to the disk. */
struct vs_ready_memo {
	pthread_mutex_t lock;
	int64_t at_ns; /* monotonic; 0: never */
	vs_status st;
	struct vs_err err;
};

struct vs_broker {
	struct vs_broker_options opt;
	struct vs_crew *crew; /* of all workers together */

	/* Swapped whole; read under the lock, used without it. */
	pthread_mutex_t snapshot_lock;
	struct vs_snapshot *snapshot;
	struct vs_lists *lists;       /* likewise; NULL: there are none */
	struct vs_counters counters;  /* the list, under the lock as well */
	struct vs_lists_watch *watch; /* NULL: nobody looks after them */

	/* Handed over by the keeper once it is unsealed. */
	pthread_mutex_t nonce_lock;
	bool nonce_key_known;
	uint8_t nonce_key[32];

	struct vs_ready_memo ready;

	/* Held from the making of a KEK until it is in the store. */
	pthread_mutex_t kek_lock;
	int64_t root_moved_ns; /* the upkeep's: the last KEK under a new root */
	struct vs_rotations rotations;
	struct vs_upkeep upkeep;
};

/* A reference to what is installed now, or NULL. */
struct vs_snapshot *vs_broker_snapshot(struct vs_broker *b);

/* A reference to the lists in force, or NULL. */
struct vs_lists *vs_broker_lists(struct vs_broker *b);
/* Takes the reference over. */
void vs_broker_set_lists(struct vs_broker *b, struct vs_lists *fresh);

enum { VS_NONCE_TTL_MIN = 10, VS_NONCE_TTL_MAX = 3600 };

/*
 * MAC and age of a nonce, nothing else: no store, no public-key work. Sets
 * the time at which a store may forget that it was spent.
 * VS_STALE with code "nonce.unknown", "nonce.expired" or "nonce.future".
 */
VS_MUST_USE vs_status vs_nonce_check(struct vs_broker *b, struct vs_span nonce,
    int64_t now_ms, int64_t *forget_ms, struct vs_err *err);

/* First segment of a key name. */
struct vs_span vs_key_namespace(struct vs_span name);

#endif
