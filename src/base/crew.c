/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"

/* On the stack of its caller; in the list while there are parts to take. */
struct job {
	vs_crew_fn fn;
	void *arg;
	size_t n, next;
	size_t busy; /* parts that hands of the crew are at */
	struct job *link;
};

struct vs_crew {
	pthread_mutex_t lock; /* of everything below, jobs included */
	pthread_cond_t work, done;
	struct job *jobs;
	bool quit;
	unsigned hands;
	pthread_t thread[VS_CREW_HANDS_MAX];
};

static void
lock(struct vs_crew *c)
{
	VS_ASSERT(pthread_mutex_lock(&c->lock) == 0);
}

static void
unlock(struct vs_crew *c)
{
	VS_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
}

/* The next part; with the last one the job leaves the list. */
static size_t
take(struct vs_crew *c, struct job *j)
{
	size_t i = j->next++;

	if (j->next < j->n)
		return i;
	for (struct job **at = &c->jobs; *at != NULL; at = &(*at)->link)
		if (*at == j) {
			*at = j->link;
			break;
		}
	return i;
}

/* Under the lock, which it lets go meanwhile. */
static void
help(struct vs_crew *c, struct job *j)
{
	size_t i = take(c, j);

	j->busy++;
	unlock(c);
	j->fn(j->arg, i);
	lock(c);
	if (--j->busy == 0 && j->next == j->n)
		VS_ASSERT(pthread_cond_broadcast(&c->done) == 0);
}

static void *
hand(void *arg)
{
	struct vs_crew *c = arg;

	lock(c);
	while (!c->quit) {
		if (c->jobs != NULL)
			help(c, c->jobs);
		else
			VS_ASSERT(pthread_cond_wait(&c->work, &c->lock) == 0);
	}
	unlock(c);
	return NULL;
}

/* Signals are for who waits for them, and that is none of these. */
static void
start(struct vs_crew *c, unsigned hands)
{
	sigset_t all, before;

	(void)sigfillset(&all); /* fails for no set */
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return;
	while (c->hands < hands &&
	    pthread_create(&c->thread[c->hands], NULL, hand, c) == 0)
		c->hands++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL); /* as before */
}

struct vs_crew *
vs_crew_new(unsigned hands)
{
	struct vs_crew *c = vs_calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	/* These fail only for attributes, and there are none. */
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->work, NULL);
	(void)pthread_cond_init(&c->done, NULL);
	start(c, hands < VS_CREW_HANDS_MAX ? hands : VS_CREW_HANDS_MAX);
	return c;
}

void
vs_crew_free(struct vs_crew **cp)
{
	struct vs_crew *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	lock(c);
	c->quit = true;
	VS_ASSERT(pthread_cond_broadcast(&c->work) == 0);
	unlock(c);
	while (c->hands > 0)
		VS_ASSERT(pthread_join(c->thread[--c->hands], NULL) == 0);
	(void)pthread_cond_destroy(&c->done);
	(void)pthread_cond_destroy(&c->work);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

unsigned
vs_crew_fitting(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n <= 1)
		return 0;
	return n - 1 < VS_CREW_HANDS_MAX ? (unsigned)(n - 1)
					 : (unsigned)VS_CREW_HANDS_MAX;
}

static void
alone(size_t n, vs_crew_fn fn, void *arg)
{
	for (size_t i = 0; i < n; i++)
		fn(arg, i);
}

void
vs_crew_run(struct vs_crew *c, size_t n, vs_crew_fn fn, void *arg)
{
	struct job j = {.fn = fn, .arg = arg, .n = n};

	if (c == NULL || c->hands == 0 || n < 2) {
		alone(n, fn, arg);
		return;
	}
	lock(c);
	j.link = c->jobs;
	c->jobs = &j;
	VS_ASSERT(pthread_cond_broadcast(&c->work) == 0);
	while (j.next < j.n) {
		size_t i = take(c, &j);

		unlock(c);
		fn(arg, i);
		lock(c);
	}
	while (j.busy > 0)
		VS_ASSERT(pthread_cond_wait(&c->done, &c->lock) == 0);
	unlock(c);
}
