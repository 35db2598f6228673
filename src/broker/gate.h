/* SPDX-License-Identifier: Apache-2.0 */
/* The identities in force: swapped whole by a reload. */
#ifndef VS_BROKER_GATE_H
#define VS_BROKER_GATE_H

#include <pthread.h>

#include "broker/identities.h"

struct vs_gate {
	pthread_mutex_t lock;
	struct vs_identities *now; /* NULL: nobody gets in */
};

void vs_gate_init(struct vs_gate *g);
void vs_gate_fini(struct vs_gate *g);
/* Takes the reference over. */
void vs_gate_install(struct vs_gate *g, struct vs_identities *ids);
/* A reference of the caller's, or NULL. */
struct vs_identities *vs_gate_take(struct vs_gate *g);

#endif
