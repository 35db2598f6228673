/* SPDX-License-Identifier: Apache-2.0 */
/* The client from inside: channels, calls, supervision. */
#ifndef VS_KEEPER_CLIENT_INT_H
#define VS_KEEPER_CLIENT_INT_H

#include <pthread.h>

#include "keeper/frame.h"
#include "keeper/starter.h"

struct vs_keeper_channel {
	pthread_mutex_t lock;
	int fd; /* -1: down */
	struct vs_buf answer;
};

struct vs_keeper {
	char *program;
	struct vs_seal_conf conf; /* texts of its own */
	struct vs_starter starter;
	unsigned n;
	struct vs_keeper_channel *channels;

	pthread_t supervisor;
	bool supervised;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool stopping;
	bool tried; /* the first start has an outcome */
	int pid;    /* 0: none */
	bool sealed;
	char seal[16];
	char why[VS_KEEPER_WHY_MAX];
	uint32_t restarts;
	struct vs_err last; /* why the last start failed */
};

/* A call on one fd. answer holds the payload on VS_OK. VS_UNAVAILABLE and the
 * malformed class: the fd is of no more use. */
VS_MUST_USE vs_status vs_keeper_call_fd(int fd, vs_op op,
    struct vs_span payload, struct vs_buf *answer, bool *broken);
/* The same with another limit than that of a request that a guest waits for. */
VS_MUST_USE vs_status vs_keeper_call_within(int fd, int timeout_ms, vs_op op,
    struct vs_span payload, struct vs_buf *answer, bool *broken);

/* One request on a channel; the answer, of exactly want bytes (0: any), is
 * appended to out. */
VS_MUST_USE vs_status vs_keeper_ask(struct vs_keeper *k, unsigned channel,
    vs_op op, struct vs_buf *req, size_t want, struct vs_buf *out,
    struct vs_err *err);

/* Has the process started with k->n channels; fds receives our ends. */
VS_MUST_USE vs_status vs_keeper_spawn(
    struct vs_keeper *k, int *fds, int *pid, struct vs_err *err);

/* Makes a root and a seal without shares where there is no seal file. */
VS_MUST_USE vs_status vs_keeper_make_seal(
    const struct vs_keeper *k, struct vs_err *err);

/* Thread of supervise.c. */
void *vs_keeper_supervise(void *keeper);

struct vs_keeper_facts {
	bool sealed;
	char seal[16];
	char why[VS_KEEPER_WHY_MAX];
	uint64_t unwraps;
	uint64_t failures;
	struct vs_seal_shares shares;
};
VS_MUST_USE vs_status vs_keeper_read_facts(
    struct vs_span payload, struct vs_keeper_facts *out);

#endif
