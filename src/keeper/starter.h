/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The starter: a process that is forked from the daemon before it confines
 * itself, and that can start the keeper and nothing else. So the daemon, once
 * in its cage, needs no right to run programs, to read the seal or to become
 * another user, and a keeper that died still comes back.
 *
 * It knows the keeper's command line from the beginning; what it is told
 * later is when to start or to kill it, and with which channels. It ends, and
 * with it the keeper, when its own parent does.
 */
#ifndef VS_KEEPER_STARTER_H
#define VS_KEEPER_STARTER_H

#include "base/bytes.h"

enum { VS_STARTER_CHANNELS_MAX = 512 };

struct vs_starter {
	int fd;  /* to the process */
	int pid; /* its number */
};

/* argv: the keeper's, borrowed for the call, ended by NULL; it is completed
 * with --channels. */
VS_MUST_USE vs_status vs_starter_fork(
    char *const *argv, struct vs_starter *out, struct vs_err *err);
/* Ends it, and the keeper. */
void vs_starter_stop(struct vs_starter *s);

/* Starts the keeper with n inherited channels. One keeper at a time. */
VS_MUST_USE vs_status vs_starter_run(struct vs_starter *s, const int *fds,
    unsigned n, int *pid, struct vs_err *err);
/* Waits until the keeper that runs is dead. */
void vs_starter_await(struct vs_starter *s);
/* Kills the keeper of that number if it runs; from any thread. */
void vs_starter_kill(struct vs_starter *s, int pid);

#endif
