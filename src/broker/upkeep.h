/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to keys without anybody asking: rotations go on, KEKs that
 * encrypted much are rotated, keys whose waiting period is over are
 * destroyed. One thread, apart from those that serve.
 */
#ifndef VS_BROKER_UPKEEP_H
#define VS_BROKER_UPKEEP_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/bytes.h"

struct vs_broker;

struct vs_upkeep {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool running;
	bool kicked;
	_Atomic bool stop;
};

void vs_upkeep_init(struct vs_upkeep *u);
void vs_upkeep_fini(struct vs_upkeep *u);
/* There is something to do now. */
void vs_upkeep_kick(struct vs_upkeep *u);

/* One round, in the caller's thread: for the tests. */
void vs_broker_upkeep(struct vs_broker *b);

VS_MUST_USE vs_status vs_broker_upkeep_start(
    struct vs_broker *b, struct vs_err *err);
/* Before the store closes. A batch that runs is ended first. */
void vs_broker_upkeep_stop(struct vs_broker *b);

#endif
