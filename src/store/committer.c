/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Group commit. Callers queue operations; the committer takes all that wait,
 * applies them in one transaction and wakes their callers once it is on
 * disk. While it syncs, the next group gathers; and while callers have
 * announced that they are on their way, it waits a little for them.
 */
#include <time.h>

#include "store/store_int.h"

enum {
	/* Beyond, a larger group saves little: measured with `bench`. */
	GROUP_ENOUGH = 16,
	/* Reached under saturation only, where a release waits for a CPU
	 * anyway: as soon as nobody is on the way, the group goes. */
	GATHER_NS = 8 * 1000 * 1000,
};

static bool
is_enough(const struct vs_queue *q)
{
	return q->announced == 0 || q->n >= GROUP_ENOUGH;
}

vs_status
vs_store_submit(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct vs_queue *q = &s->queue;

	op->next = NULL;
	op->err = err;
	(void)sem_init(&op->done, 0, 0); /* fails for a huge value only */
	pthread_mutex_lock(&q->lock);
	*q->last = op;
	q->last = &op->next;
	q->n++;
	/* The committer sleeps until there is something, or enough. */
	if (q->n == 1 || is_enough(q))
		pthread_cond_signal(&q->work);
	pthread_mutex_unlock(&q->lock);
	while (sem_wait(&op->done) != 0)
		continue; /* a signal */
	(void)sem_destroy(&op->done);
	return op->status;
}

void
vs_store_announce(struct vs_store *s)
{
	pthread_mutex_lock(&s->queue.lock);
	s->queue.announced++;
	pthread_mutex_unlock(&s->queue.lock);
}

void
vs_store_arrive(struct vs_store *s)
{
	struct vs_queue *q = &s->queue;

	pthread_mutex_lock(&q->lock);
	VS_ASSERT(q->announced > 0);
	q->announced--;
	if (q->announced == 0 && q->n > 0)
		pthread_cond_signal(&q->work);
	pthread_mutex_unlock(&q->lock);
}

/* With the lock: gives those who are on their way a little time. */
static void
gather(struct vs_queue *q)
{
	struct timespec until;

	VS_ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_nsec += GATHER_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (!q->stop && !is_enough(q))
		if (pthread_cond_timedwait(&q->work, &q->lock, &until) != 0)
			return;
}

/* Waits for work. 0: the store closes and the queue is empty. */
static size_t
take_group(struct vs_store *s)
{
	struct vs_queue *q = &s->queue;
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	while (q->first == NULL && !q->stop)
		pthread_cond_wait(&q->work, &q->lock);
	if (q->first != NULL)
		gather(q);
	while (q->first != NULL && n < VS_GROUP_MAX) {
		s->group[n++] = q->first;
		q->first = q->first->next;
	}
	if (q->first == NULL)
		q->last = &q->first;
	q->n -= n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

/* Without the lock, which everyone who wakes would run into. An operation is
 * gone as soon as it was posted. */
static void
wake_group(struct vs_store *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)sem_post(&s->group[i]->done); /* counts to 1 */
}

static vs_status
run_sql(struct vs_store *s, vs_sql_id id, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, id);

	return vs_query_run(&q, err);
}

static bool
is_own_failure(vs_status st)
{
	vs_class c = vs_status_class(st);

	return c == VS_CLASS_USAGE || c == VS_CLASS_MALFORMED;
}

static vs_status
apply_one(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	vs_status st;

	op->own_failure = false;
	op->silent = false;
	op->status = VS_OK;
	if (op->given != NULL)
		op->row = *op->given;
	if (op->savepoint)
		VS_TRY(err, "savepoint", run_sql(s, VS_SQL_SAVE, err));
	vs_err_clear(op->err);
	st = op->apply(s, op, op->err);
	if (st != VS_OK && !(op->savepoint && is_own_failure(st))) {
		*err = *op->err;
		return st;
	}
	if (st != VS_OK) {
		op->own_failure = true;
		op->status = st;
		VS_TRY(err, "savepoint", run_sql(s, VS_SQL_SAVE_UNDO, err));
	}
	if (op->savepoint)
		VS_TRY(err, "savepoint", run_sql(s, VS_SQL_SAVE_KEEP, err));
	return VS_OK;
}

static vs_status
write_all(
    struct vs_store *s, struct vs_op *const *ops, size_t n, struct vs_err *err)
{
	vs_store_at(s, "begin");
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, "write", apply_one(s, ops[i], err));
	vs_store_at(s, "applied");
	VS_TRY(err, "audit", vs_audit_append(s, ops, n, err));
	vs_store_at(s, "written");
	return run_sql(s, VS_SQL_COMMIT, err);
}

/*
 * SQLite may have ended the transaction itself (disk full, I/O error). One
 * that cannot be rolled back now, for lack of memory, is before the next.
 */
static vs_status
roll_back(struct vs_store *s, struct vs_err *err)
{
	if (sqlite3_get_autocommit(s->writer.db) != 0)
		return VS_OK;
	return run_sql(s, VS_SQL_ROLLBACK, err);
}

static vs_status
transact(
    struct vs_store *s, struct vs_op *const *ops, size_t n, struct vs_err *err)
{
	struct vs_err ignored = {0};
	vs_status st;

	VS_TRY(err, "roll back", roll_back(s, err));
	VS_TRY(err, "begin", run_sql(s, VS_SQL_BEGIN, err));
	st = write_all(s, ops, n, err);
	if (st == VS_OK) {
		vs_store_at(s, "committed");
		return VS_OK;
	}
	(void)roll_back(s, &ignored); /* else the next one does it */
	return st;
}

static void
fail_all(
    struct vs_op *const *ops, size_t n, vs_status st, const struct vs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		ops[i]->status = st;
		*ops[i]->err = *err;
	}
}

/* A failure that one operation's data caused (two rows of one id, a row too
 * large) must not fail its neighbours; one of the disk fails all alike. */
static bool
may_be_one_alone(vs_status st)
{
	return st == VS_CONFLICT || st == VS_TOO_LARGE;
}

static void
run_group(struct vs_store *s, size_t n)
{
	struct vs_err err = {0};
	vs_status st = transact(s, s->group, n, &err);

	if (st == VS_OK)
		return;
	if (n == 1 || !may_be_one_alone(st)) {
		fail_all(s->group, n, st, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		vs_err_clear(&err);
		st = transact(s, &s->group[i], 1, &err);
		if (st != VS_OK)
			fail_all(&s->group[i], 1, st, &err);
	}
}

/*
 * After a key was destroyed: its records are overwritten in the database,
 * but older page images stand in the WAL until it is emptied. A reader in
 * mid-query makes this fail; the next group tries again.
 */
void
vs_store_scrub(struct vs_store *s)
{
	s->scrub_due = sqlite3_wal_checkpoint_v2(s->writer.db, NULL,
			   SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK;
}

static void
scrub(struct vs_store *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s->group[i]->scrub && s->group[i]->status == VS_OK)
			s->scrub_due = true;
	if (s->scrub_due)
		vs_store_scrub(s);
}

void *
vs_committer_main(void *arg)
{
	struct vs_store *s = arg;
	size_t n;

	while ((n = take_group(s)) > 0) {
		run_group(s, n);
		scrub(s, n);
		wake_group(s, n);
	}
	return NULL;
}
