/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side: one thread a channel, one table of requests. */
#ifndef VS_KEEPER_SERVER_H
#define VS_KEEPER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "keeper/core.h"
#include "keeper/frame.h"

struct vs_seal;

/* What all channels share. */
struct vs_server {
	/* Goes from true to false once, after keys and ring are there. */
	atomic_bool sealed;
	const char *seal;         /* "file" */
	struct vs_root_keys keys; /* unless sealed */
	struct vs_secret *ring;   /* the same */
	/* Of the ring since it was opened: each makes the channels take
	 * their keys from it anew. */
	atomic_uint changes;
	pthread_mutex_t lock; /* guards the ring as well, and what follows */
	char why[VS_KEEPER_WHY_MAX];
	struct vs_seal *file; /* NULL: there is none that can be read */
	atomic_uint_fast64_t unwraps;
	atomic_uint_fast64_t failures;
};

/*
 * Answers one request. The payload of the answer goes to out. VS_MALFORMED
 * class in *fatal: the frame does not parse, and the channel must close.
 * core is NULL while sealed.
 */
vs_status vs_server_answer(struct vs_server *s, struct vs_core *core,
    uint8_t op, struct vs_span payload, struct vs_arena *arena,
    struct vs_buf *out, bool *fatal);

/* Serves the channels until every one is closed. */
VS_MUST_USE vs_status vs_server_run(
    struct vs_server *s, const int *fds, size_t n, struct vs_err *err);

#endif
