/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/gate.h"

void
vs_gate_init(struct vs_gate *g)
{
	VS_ASSERT(pthread_mutex_init(&g->lock, NULL) == 0);
	g->now = NULL;
}

void
vs_gate_fini(struct vs_gate *g)
{
	vs_identities_free(&g->now);
	(void)pthread_mutex_destroy(&g->lock);
}

void
vs_gate_install(struct vs_gate *g, struct vs_identities *ids)
{
	struct vs_identities *old;

	(void)pthread_mutex_lock(&g->lock);
	old = g->now;
	g->now = ids;
	(void)pthread_mutex_unlock(&g->lock);
	vs_identities_free(&old);
}

struct vs_identities *
vs_gate_take(struct vs_gate *g)
{
	struct vs_identities *ids;

	(void)pthread_mutex_lock(&g->lock);
	ids = g->now == NULL ? NULL : vs_identities_ref(g->now);
	(void)pthread_mutex_unlock(&g->lock);
	return ids;
}
