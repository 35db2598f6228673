/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/upkeep.h"

#include <time.h>

#include "base/log.h"
#include "broker/admin.h"
#include "broker/broker_int.h"
#include "broker/root.h"
#include "store/keks.h"

enum {
	/* Between rounds that nobody asked for. */
	EVERY_S = 1,
	MEMORY_MAX = 16 * 1024 * 1024,
};

void
vs_upkeep_init(struct vs_upkeep *u)
{
	pthread_condattr_t attr;

	(void)pthread_mutex_init(&u->lock, NULL);
	VS_ASSERT(pthread_condattr_init(&attr) == 0);
	VS_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	VS_ASSERT(pthread_cond_init(&u->changed, &attr) == 0);
	(void)pthread_condattr_destroy(&attr); /* holds nothing */
}

void
vs_upkeep_fini(struct vs_upkeep *u)
{
	(void)pthread_cond_destroy(&u->changed);
	(void)pthread_mutex_destroy(&u->lock);
}

void
vs_upkeep_kick(struct vs_upkeep *u)
{
	(void)pthread_mutex_lock(&u->lock);
	u->kicked = true;
	(void)pthread_cond_signal(&u->changed);
	(void)pthread_mutex_unlock(&u->lock);
}

static void
pass(struct vs_broker *b, const struct vs_kek_view *v)
{
	struct vs_rotation now = {0};
	struct vs_err err = {0};
	char ns[VS_LOG_TEXT_MAX];
	vs_status st = vs_rotation_pass(b, v->ns, &b->upkeep.stop, &err);

	(void)vs_log_text(v->ns, ns);
	if (st != VS_OK) {
		vs_log(VS_LOG_ERROR,
		    "event=rewrap-failed namespace=%s error=\"%s\"", ns,
		    err.msg);
		return;
	}
	if (!vs_rotations_get(&b->rotations, v->ns, &now))
		return;
	vs_log(now.unreadable > 0 ? VS_LOG_WARN : VS_LOG_INFO,
	    "event=%s namespace=%s kek=%u keys=%zu unreadable=%zu ms=%lld",
	    b->upkeep.stop ? "rewrap-interrupted" : "rewrapped", ns,
	    (unsigned)now.version, now.done, now.unreadable,
	    (long long)(now.ended_ms - now.started_ms));
}

/* A pass that left keys behind, for they do not open, would leave them again:
 * it is not repeated until somebody rotates, or the next start. */
static bool
is_due(const struct vs_kek_view *v)
{
	if (v->has_pass && v->pass.running)
		return true; /* asked for */
	if (v->old == 0)
		return false;
	return !v->has_pass || v->pass.failed || v->pass.version != v->version;
}

static void
rotate_worn(struct vs_broker *b, const struct vs_kek_view *v)
{
	struct vs_err err = {0};
	uint32_t version = 0;
	vs_status st;

	if (v->uses < b->opt.kek_max_uses || v->old > 0)
		return;
	st = vs_broker_kek_rotate(
	    b, VS_SPAN_LIT("daemon"), v->ns, false, &version, &err);
	if (st != VS_OK)
		vs_log(VS_LOG_ERROR, "event=kek-worn uses=%lld error=\"%s\"",
		    (long long)v->uses, err.msg);
}

static void
rotations(struct vs_broker *b)
{
	struct vs_kek_view *v = NULL;
	struct vs_err ignored = {0};
	struct vs_arena a;
	size_t n = 0;

	vs_arena_init(&a, MEMORY_MAX);
	/* A store that cannot be read now is asked again in the next round;
	 * readiness tells of it. */
	if (vs_broker_keks(b, VS_SPAN(NULL, 0), &a, &v, &n, &ignored) == VS_OK)
		for (size_t i = 0; i < n && !b->upkeep.stop; i++) {
			if (is_due(&v[i]))
				pass(b, &v[i]);
			else
				rotate_worn(b, &v[i]);
		}
	vs_arena_fini(&a);
}

void
vs_broker_upkeep(struct vs_broker *b)
{
	struct vs_keeper_status keeper = {0};

	vs_keeper_status(b->opt.keeper, &keeper);
	if (!keeper.up || keeper.sealed)
		return; /* no audit record, so no change */
	vs_admin_destroy_due(b);
	vs_root_step(b);
	rotations(b);
}

/* With the lock: until there is something to do, or the time has come. */
static void
wait(struct vs_upkeep *u)
{
	struct timespec until;

	VS_ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_sec += EVERY_S;
	while (!u->stop && !u->kicked)
		if (pthread_cond_timedwait(&u->changed, &u->lock, &until) != 0)
			break;
	u->kicked = false;
}

static void *
upkeep(void *arg)
{
	struct vs_broker *b = arg;
	struct vs_upkeep *u = &b->upkeep;

	(void)pthread_mutex_lock(&u->lock);
	while (!u->stop) {
		(void)pthread_mutex_unlock(&u->lock);
		vs_broker_upkeep(b);
		(void)pthread_mutex_lock(&u->lock);
		wait(u);
	}
	(void)pthread_mutex_unlock(&u->lock);
	return NULL;
}

vs_status
vs_broker_upkeep_start(struct vs_broker *b, struct vs_err *err)
{
	if (pthread_create(&b->upkeep.thread, NULL, upkeep, b) != 0)
		return vs_fail(err, VS_INTERNAL, "cannot start a thread");
	b->upkeep.running = true;
	return VS_OK;
}

void
vs_broker_upkeep_stop(struct vs_broker *b)
{
	struct vs_upkeep *u = &b->upkeep;

	if (!u->running)
		return;
	(void)pthread_mutex_lock(&u->lock);
	u->stop = true;
	(void)pthread_cond_signal(&u->changed);
	(void)pthread_mutex_unlock(&u->lock);
	(void)pthread_join(u->thread, NULL); /* it is joinable */
	u->running = false;
}
