/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotation of KEKs, online: a new KEK, then every key of the namespace moved
 * under it in batches, then the old KEK erased. What is still to be moved
 * stands in the store, so that a pass that was interrupted goes on with the
 * next start of the daemon.
 */
#ifndef VS_BROKER_ROTATION_H
#define VS_BROKER_ROTATION_H

#include <pthread.h>

#include "broker/broker.h"

/* The last pass over a namespace, or the one that runs. */
struct vs_rotation {
	struct vs_rotation *next;
	char ns[VS_KEY_NAMESPACE_MAX + 1];
	uint32_t version; /* of the KEK that keys go to */
	bool running;     /* or about to */
	bool failed;      /* it ended before all keys were moved */
	size_t total;     /* keys to move when it began */
	size_t done;
	size_t unreadable; /* records that do not open: they stay */
	int64_t started_ms;
	int64_t ended_ms; /* 0: runs */
	char error[VS_ERR_MSG_MAX];
};

struct vs_rotations {
	pthread_mutex_t lock;
	struct vs_rotation *first;
};

void vs_rotations_init(struct vs_rotations *r);
void vs_rotations_fini(struct vs_rotations *r);
/* A copy; false: there was no pass since the start. */
bool vs_rotations_get(
    struct vs_rotations *r, struct vs_span ns, struct vs_rotation *out);

/*
 * Moves what is to be moved in a namespace. Returns early, VS_OK, when *stop
 * becomes true. Records that do not open are counted, and keep their KEK from
 * being erased.
 */
VS_MUST_USE vs_status vs_rotation_pass(struct vs_broker *b, struct vs_span ns,
    const _Atomic bool *stop, struct vs_err *err);

/* For administrators. One namespace at a time, as of now. */
struct vs_kek_view {
	struct vs_span ns;
	uint32_t version; /* the newest */
	int64_t created_ms;
	int64_t uses;
	size_t old; /* KEKs that are not erased yet */
	bool has_pass;
	struct vs_rotation pass;
};
/* ns empty: all. */
VS_MUST_USE vs_status vs_broker_keks(struct vs_broker *b, struct vs_span ns,
    struct vs_arena *a, struct vs_kek_view **out, size_t *n,
    struct vs_err *err);
/*
 * A new KEK for the namespace; the upkeep moves the keys. While a pass runs
 * there, nothing is added: *version is the one that it moves keys to.
 * VS_NOT_FOUND: no such namespace.
 */
VS_MUST_USE vs_status vs_broker_kek_rotate(struct vs_broker *b,
    struct vs_span who, struct vs_span ns, bool dry_run, uint32_t *version,
    struct vs_err *err);

#endif
