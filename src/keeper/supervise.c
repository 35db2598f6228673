/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread has the keeper started, waits for its death and has it started
 * again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper/client_int.h"

enum {
	BACKOFF_MIN_MS = 20,
	BACKOFF_MAX_MS = 2000,
	/* A slow TPM or a token in the network may take a while to open the
	 * seal; the keeper gives up before that. To start it again meanwhile
	 * would try the PIN again. */
	OPEN_TIMEOUT_MS = 150000,
	/* A keeper that lived this long did not die of its start. */
	HEALTHY_MS = 1000,
};

/* Channels take the new ends; whoever is in a call on an old one has got its
 * error by now, for the process is gone. */
static void
install(struct vs_keeper *k, const int *fds)
{
	for (unsigned i = 0; i < k->n; i++) {
		struct vs_keeper_channel *c = &k->channels[i];

		(void)pthread_mutex_lock(&c->lock);
		if (c->fd >= 0)
			(void)close(c->fd); /* dead */
		c->fd = fds == NULL ? -1 : fds[i];
		(void)pthread_mutex_unlock(&c->lock);
	}
}

static vs_status
greet(int fd, struct vs_keeper_facts *facts, struct vs_err *err)
{
	struct vs_buf answer = {0};
	bool broken = false;
	vs_status st = vs_keeper_call_within(fd, OPEN_TIMEOUT_MS, VS_OP_STATUS,
	    VS_SPAN(NULL, 0), &answer, &broken);

	if (st == VS_OK)
		st = vs_keeper_read_facts(vs_buf_span(&answer), facts);
	vs_buf_fini(&answer);
	if (st != VS_OK)
		return vs_fail_code(err, VS_UNAVAILABLE, "keeper.down",
		    "the keeper does not answer; its own message is above, "
		    "on standard error");
	return VS_OK;
}

static void
publish(struct vs_keeper *k, int pid, const struct vs_keeper_facts *facts,
    const struct vs_err *err)
{
	(void)pthread_mutex_lock(&k->lock);
	if (k->tried && pid != 0)
		k->restarts++;
	k->tried = true;
	k->pid = pid;
	k->sealed = facts->sealed;
	memcpy(k->seal, facts->seal, sizeof k->seal);
	memcpy(k->why, facts->why, sizeof k->why);
	k->last = *err;
	(void)pthread_cond_broadcast(&k->changed);
	(void)pthread_mutex_unlock(&k->lock);
}

static bool
is_stopping(struct vs_keeper *k)
{
	bool yes;

	(void)pthread_mutex_lock(&k->lock);
	yes = k->stopping;
	(void)pthread_mutex_unlock(&k->lock);
	return yes;
}

/* Starts, serves until death. */
static vs_status
run_once(struct vs_keeper *k, int *fds, struct vs_err *err)
{
	struct vs_keeper_facts facts = {0};
	int pid = 0;
	vs_status st = vs_keeper_spawn(k, fds, &pid, err);

	if (st != VS_OK) {
		publish(k, 0, &facts, err);
		return st;
	}
	st = greet(fds[0], &facts, err);
	if (st != VS_OK) {
		for (unsigned i = 0; i < k->n; i++)
			(void)close(fds[i]); /* its end is closed too */
		vs_starter_kill(&k->starter, pid);
		vs_starter_await(&k->starter);
		publish(k, 0, &facts, err);
		return st;
	}
	install(k, fds);
	publish(k, pid, &facts, err);
	/* Whoever stops us hung up on the channels that were there then; on
	 * these nobody will. */
	if (is_stopping(k))
		vs_starter_kill(&k->starter, pid);
	vs_starter_await(&k->starter);
	publish(k, 0, &facts, err);
	install(k, NULL);
	return VS_OK;
}

/* Until the time has come, or somebody stops us. */
static void
pause_ms(struct vs_keeper *k, int64_t ms)
{
	struct timespec until;

	VS_ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	(void)pthread_mutex_lock(&k->lock);
	while (!k->stopping &&
	    pthread_cond_timedwait(&k->changed, &k->lock, &until) != ETIMEDOUT)
		continue;
	(void)pthread_mutex_unlock(&k->lock);
}

void *
vs_keeper_supervise(void *keeper)
{
	struct vs_keeper *k = keeper;
	int64_t backoff = BACKOFF_MIN_MS;
	int *fds = vs_calloc(k->n, sizeof *fds);

	VS_ASSERT(fds != NULL);
	while (!is_stopping(k)) {
		struct vs_err err = {0};
		int64_t begin = vs_mono_ns();

		(void)run_once(k, fds, &err); /* published, whatever it is */
		if (vs_mono_ns() - begin > (int64_t)HEALTHY_MS * 1000000) {
			backoff = BACKOFF_MIN_MS;
			continue;
		}
		pause_ms(k, backoff);
		backoff =
		    backoff * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : backoff * 2;
	}
	free(fds);
	return NULL;
}
