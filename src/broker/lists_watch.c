/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/lists_watch.h"

#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/lists_build.h"

enum {
	WAIT_MS = 2000,
	/* After building for so many ms, as many times as long passes before
	 * the next, so that pushes without end do not take a processor. */
	REST_FACTOR = 4,
	REST_MAX_MS = 400,
};

struct vs_lists_watch {
	struct vs_broker *b;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work; /* for the thread */
	pthread_cond_t done; /* for who waits */
	uint64_t asked;      /* pokes so far */
	uint64_t begun;      /* of these, before the last refresh began */
	uint64_t finished;   /* and before the last that succeeded did */
	unsigned urgent;     /* somebody waits */
	bool stop;

	/* The thread's, and of the first refresh. */
	int64_t change; /* -1: nothing was built */
	bool failing;   /* and that was said */
};

static void
until(struct timespec *t, int64_t ms)
{
	VS_ASSERT(clock_gettime(CLOCK_MONOTONIC, t) == 0);
	t->tv_sec += (time_t)(ms / 1000);
	t->tv_nsec += (long)(ms % 1000) * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
}

static vs_status
refresh(struct vs_broker *b, int64_t *change, struct vs_err *err)
{
	/* Before the store is looked at: true as of then. */
	int64_t now = vs_clock_ms(&b->opt.clock);
	struct vs_lists *lists;
	int64_t seen = 0;

	VS_TRY(err, "lists", vs_store_lists_change(b->opt.store, &seen, err));
	if (seen == *change) {
		lists = vs_broker_lists(b);
		if (lists != NULL)
			vs_lists_confirm(lists, now, now + VS_LISTS_TRUST_MS);
		vs_lists_free(&lists);
		return VS_OK;
	}
	VS_TRY(err, "lists",
	    vs_lists_of_store(b->opt.store, &b->opt.lists, seen, now,
		now + VS_LISTS_TRUST_MS, &lists, err));
	vs_broker_set_lists(b, lists);
	*change = seen;
	return VS_OK;
}

vs_status
vs_lists_refresh(struct vs_broker *b, struct vs_err *err)
{
	int64_t never = -1;

	return refresh(b, &never, err);
}

/* Once, not ten times a second. */
static void
tell(struct vs_lists_watch *w, vs_status st, const struct vs_err *err)
{
	char why[VS_LOG_TEXT_MAX];

	if (st != VS_OK && !w->failing)
		vs_log(VS_LOG_ERROR,
		    "event=lists-failed note=\"not used in %d s\" error=\"%s\"",
		    VS_LISTS_TRUST_MS / 1000,
		    vs_log_text(vs_span_cstr(err->msg), why));
	if (st == VS_OK && w->failing)
		vs_log(VS_LOG_INFO, "event=lists-loaded");
	w->failing = st != VS_OK;
}

/* With the lock, which is let go meanwhile. How long it took, in ms. */
static int64_t
turn(struct vs_lists_watch *w)
{
	struct vs_err err = {0};
	uint64_t asked = w->asked;
	int64_t change = w->change, begin;
	vs_status st;

	w->begun = asked;
	pthread_mutex_unlock(&w->lock);
	begin = vs_mono_ns();
	/* A failure is tried again at the next poll; meanwhile the lists age
	 * and are not used for long. */
	st = refresh(w->b, &change, &err);
	begin = (vs_mono_ns() - begin) / 1000000;
	tell(w, st, &err);
	pthread_mutex_lock(&w->lock);
	w->change = change;
	if (st == VS_OK) {
		w->finished = asked;
		pthread_cond_broadcast(&w->done);
	}
	return begin;
}

/* What a sleep ends for, besides its time. */
typedef enum patience {
	FOR_NOBODY,  /* the end alone */
	FOR_WAITERS, /* somebody waits for the next refresh */
	FOR_POKES,   /* something has changed */
} patience;

static bool
is_disturbed(const struct vs_lists_watch *w, patience p)
{
	if (w->stop)
		return true;
	if (p != FOR_NOBODY && w->urgent != 0 && w->asked != w->begun)
		return true;
	return p == FOR_POKES && w->asked != w->begun;
}

static void
sleep_ms(struct vs_lists_watch *w, int64_t ms, patience p)
{
	struct timespec t;

	until(&t, ms);
	while (!is_disturbed(w, p))
		if (pthread_cond_timedwait(&w->work, &w->lock, &t) != 0)
			return;
}

static void *
watch(void *arg)
{
	struct vs_lists_watch *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		int64_t rest = REST_FACTOR * turn(w);

		if (w->failing) {
			/* Whoever waits: again soon, but not at once. */
			sleep_ms(w, VS_LISTS_POLL_MS, FOR_NOBODY);
			continue;
		}
		sleep_ms(
		    w, rest < REST_MAX_MS ? rest : REST_MAX_MS, FOR_WAITERS);
		sleep_ms(w, VS_LISTS_POLL_MS, FOR_POKES);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
init_cond(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	VS_ASSERT(pthread_condattr_init(&attr) == 0);
	VS_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	VS_ASSERT(pthread_cond_init(c, &attr) == 0);
	(void)pthread_condattr_destroy(&attr); /* holds nothing */
}

static void
dispose(struct vs_lists_watch *w)
{
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->done);
	free(w);
}

vs_status
vs_lists_watch_start(struct vs_broker *b, struct vs_err *err)
{
	struct vs_lists_watch *w;
	vs_status st;

	if (b->opt.lists.n == 0)
		return VS_OK;
	w = vs_calloc(1, sizeof *w);
	if (w == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists");
	w->b = b;
	w->change = -1;
	(void)pthread_mutex_init(&w->lock, NULL); /* fails for attributes */
	init_cond(&w->work);
	init_cond(&w->done);
	st = refresh(b, &w->change, err);
	if (st == VS_OK && pthread_create(&w->thread, NULL, watch, w) != 0)
		st = vs_fail(
		    err, VS_UNAVAILABLE, "lists: cannot start a thread");
	if (st == VS_OK)
		b->watch = w;
	else
		dispose(w);
	return st;
}

void
vs_lists_watch_free(struct vs_lists_watch **wp)
{
	struct vs_lists_watch *w = *wp;

	*wp = NULL;
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL); /* it is joinable */
	dispose(w);
}

bool
vs_lists_watch_poke(struct vs_broker *b, bool wait)
{
	struct vs_lists_watch *w = b->watch;
	struct timespec t;
	uint64_t mine;
	bool done;

	if (w == NULL)
		return false;
	until(&t, WAIT_MS);
	pthread_mutex_lock(&w->lock);
	mine = ++w->asked;
	w->urgent += wait;
	pthread_cond_signal(&w->work);
	while (wait && w->finished < mine)
		if (pthread_cond_timedwait(&w->done, &w->lock, &t) != 0)
			break;
	w->urgent -= wait;
	done = w->finished >= mine;
	pthread_mutex_unlock(&w->lock);
	return done;
}
