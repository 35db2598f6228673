/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing; the pool of read connections. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/store_int.h"

struct vs_db *
vs_store_take(struct vs_store *s)
{
	struct vs_pool *p = &s->pool;
	struct vs_db *db;

	pthread_mutex_lock(&p->lock);
	while (p->idle_n == 0)
		pthread_cond_wait(&p->freed, &p->lock);
	db = &p->dbs[p->idle[--p->idle_n]];
	pthread_mutex_unlock(&p->lock);
	return db;
}

void
vs_store_put(struct vs_store *s, struct vs_db *db)
{
	struct vs_pool *p = &s->pool;

	pthread_mutex_lock(&p->lock);
	p->idle[p->idle_n++] = (size_t)(db - p->dbs);
	pthread_cond_signal(&p->freed);
	pthread_mutex_unlock(&p->lock);
}

/* SQLite's own files take the mode of the database. Created by us, so that
 * the umask does not matter and there is no moment of a wider mode. */
static vs_status
create_file(const char *path, struct vs_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd); /* nothing was written */
		return VS_OK;
	}
	if (errno == EEXIST)
		return VS_OK;
	return vs_fail_code(err,
	    errno == ENOSPC ? VS_DISK_FULL : VS_UNAVAILABLE, "store.io",
	    "store: %s: cannot create: errno %d", path, errno);
}

/* After the file is known to be ours. */
static vs_status
restrict_mode(const char *path, struct vs_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 ||
	    ((st.st_mode & 077) != 0 && chmod(path, 0600) != 0))
		return vs_fail_code(err, VS_UNAVAILABLE, "store.io",
		    "store: %s: cannot restrict the mode: errno %d", path,
		    errno);
	return VS_OK;
}

static vs_status
open_readers(struct vs_store *s, const char *path, struct vs_err *err)
{
	struct vs_pool *p = &s->pool;
	size_t n = s->opt.readers == 0 ? 1 : s->opt.readers;

	p->dbs = vs_calloc(n, sizeof *p->dbs);
	p->idle = vs_calloc(n, sizeof *p->idle);
	if (p->dbs == NULL || p->idle == NULL)
		return vs_fail(err, VS_NO_MEMORY, "store: readers");
	while (p->n < n) {
		struct vs_db *db = &p->dbs[p->n];

		VS_TRY(err, "reader", vs_db_open(db, path, VS_DB_READER, err));
		p->idle[p->n] = p->n;
		p->n++;
	}
	p->idle_n = n;
	return VS_OK;
}

static vs_status
start(struct vs_store *s, const char *path, struct vs_err *err)
{
	VS_TRY(err, path, create_file(path, err));
	VS_TRY(err, path, vs_db_open(&s->writer, path, VS_DB_WRITER, err));
	VS_TRY(err, path, vs_schema_migrate(&s->writer, err));
	VS_TRY(err, path, restrict_mode(path, err));
	VS_TRY(err, path, open_readers(s, path, err));
	vs_store_scrub(s);
	if (s->opt.opened != NULL)
		VS_TRY(err, path, s->opt.opened(s->opt.opened_ctx, err));
	if (pthread_create(&s->committer, NULL, vs_committer_main, s) != 0)
		return vs_fail(
		    err, VS_UNAVAILABLE, "store: cannot start the committer");
	s->running = true;
	return VS_OK;
}

/* The daemon may be writing meanwhile. */
static vs_status
start_reading(struct vs_store *s, const char *path, struct vs_err *err)
{
	VS_TRY(err, path, open_readers(s, path, err));
	return vs_schema_require(&s->pool.dbs[0], err);
}

/* Waits of the committer are measured by a clock that nobody sets. */
static void
init_work(pthread_cond_t *work)
{
	pthread_condattr_t attr;

	VS_ASSERT(pthread_condattr_init(&attr) == 0);
	VS_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	VS_ASSERT(pthread_cond_init(work, &attr) == 0);
	(void)pthread_condattr_destroy(&attr); /* holds nothing */
}

vs_status
vs_store_open(const struct vs_store_options *opt, struct vs_store **out,
    struct vs_err *err)
{
	struct vs_store *s;
	vs_status st;

	VS_ASSERT(
	    opt->read_only || (opt->chain != NULL && opt->digest != NULL));
	s = vs_calloc(1, sizeof *s);
	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "store: open");
	s->opt = *opt;
	s->opt.path = NULL;
	s->queue.last = &s->queue.first;
	/* These fail only for attributes, and there are none. */
	(void)pthread_mutex_init(&s->queue.lock, NULL);
	init_work(&s->queue.work);
	(void)pthread_mutex_init(&s->pool.lock, NULL);
	(void)pthread_cond_init(&s->pool.freed, NULL);
	st = opt->read_only ? start_reading(s, opt->path, err)
			    : start(s, opt->path, err);
	if (st != VS_OK) {
		vs_store_close(&s);
		return st;
	}
	*out = s;
	return VS_OK;
}

static void
stop(struct vs_store *s)
{
	if (!s->running)
		return;
	pthread_mutex_lock(&s->queue.lock);
	s->queue.stop = true;
	pthread_cond_signal(&s->queue.work);
	pthread_mutex_unlock(&s->queue.lock);
	(void)pthread_join(s->committer, NULL); /* it is joinable */
}

void
vs_store_close(struct vs_store **sp)
{
	struct vs_store *s = *sp;

	if (s == NULL)
		return;
	stop(s);
	for (size_t i = 0; i < s->pool.n; i++)
		vs_db_close(&s->pool.dbs[i]);
	free(s->pool.dbs);
	free(s->pool.idle);
	/* Last: the closing of the last connection empties the WAL. */
	vs_db_close(&s->writer);
	vs_buf_fini(&s->canonical);
	(void)pthread_mutex_destroy(&s->queue.lock);
	(void)pthread_cond_destroy(&s->queue.work);
	(void)pthread_mutex_destroy(&s->pool.lock);
	(void)pthread_cond_destroy(&s->pool.freed);
	free(s);
	*sp = NULL;
}
