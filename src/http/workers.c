/* SPDX-License-Identifier: Apache-2.0 */
#include "http/workers.h"

#include <pthread.h>
#include <stdlib.h>

struct vs_workers {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	unsigned n;
	bool *busy;
	struct vs_arena *arenas;
};

vs_status
vs_workers_new(
    unsigned n, size_t arena_cap, struct vs_workers **out, struct vs_err *err)
{
	struct vs_workers *w = vs_calloc(1, sizeof *w);

	if (w == NULL)
		return vs_fail(err, VS_NO_MEMORY, "workers");
	w->busy = vs_calloc(n, sizeof *w->busy);
	w->arenas = vs_calloc(n, sizeof *w->arenas);
	if (w->busy == NULL || w->arenas == NULL) {
		free(w->busy);
		free(w->arenas);
		free(w);
		return vs_fail(err, VS_NO_MEMORY, "workers");
	}
	w->n = n;
	for (unsigned i = 0; i < n; i++)
		vs_arena_init(&w->arenas[i], arena_cap);
	VS_ASSERT(pthread_mutex_init(&w->lock, NULL) == 0);
	VS_ASSERT(pthread_cond_init(&w->freed, NULL) == 0);
	*out = w;
	return VS_OK;
}

void
vs_workers_free(struct vs_workers **w)
{
	struct vs_workers *it = *w;

	if (it == NULL)
		return;
	*w = NULL;
	for (unsigned i = 0; i < it->n; i++)
		vs_arena_fini(&it->arenas[i]);
	(void)pthread_cond_destroy(&it->freed);
	(void)pthread_mutex_destroy(&it->lock);
	free(it->busy);
	free(it->arenas);
	free(it);
}

static unsigned
find_free(const struct vs_workers *w)
{
	unsigned i = 0;

	while (i < w->n && w->busy[i])
		i++;
	return i;
}

unsigned
vs_workers_take(struct vs_workers *w, struct vs_arena **arena)
{
	unsigned i;

	(void)pthread_mutex_lock(&w->lock);
	while ((i = find_free(w)) == w->n)
		(void)pthread_cond_wait(&w->freed, &w->lock);
	w->busy[i] = true;
	(void)pthread_mutex_unlock(&w->lock);
	vs_arena_reset(&w->arenas[i]);
	*arena = &w->arenas[i];
	return i;
}

void
vs_workers_give(struct vs_workers *w, unsigned i)
{
	(void)pthread_mutex_lock(&w->lock);
	w->busy[i] = false;
	(void)pthread_cond_signal(&w->freed);
	(void)pthread_mutex_unlock(&w->lock);
}
