/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool is one locked mapping between two guard pages, cut into units of
 * UNIT bytes. A bitmap says which units are in use; a secret is a run of
 * units found first-fit. Secrets are few and mostly small, so that is enough.
 */
#include "base/secret.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* More than any sensible limit on locked memory. */
#define POOL_MAX ((size_t)1 << 30)

enum { UNIT = 64, FREED_FILL = 0x77 };

struct vs_secret {
	uint8_t *p;
	size_t n;     /* bytes asked for */
	size_t units; /* units taken */
};

static struct {
	pthread_mutex_t lock;
	uint8_t *map; /* guard page, pool, guard page */
	size_t map_len;
	uint8_t *pool;
	size_t units;
	uint8_t *used; /* one byte a unit */
	size_t used_n;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A function pointer that the compiler must read: the call stays. */
static void *(*const volatile wipe_fn)(void *, int, size_t) = memset;

void
vs_wipe(void *p, size_t n)
{
	if (p != NULL && n > 0)
		(void)wipe_fn(p, 0, n);
}

static vs_status
lock_failed(size_t bytes, struct vs_err *err)
{
	struct rlimit lim = {0, 0};

	if (getrlimit(RLIMIT_MEMLOCK, &lim) != 0)
		lim.rlim_cur = 0;
	return vs_fail(err, VS_UNAVAILABLE,
	    "cannot lock %zu bytes of memory for secrets: the limit is %llu "
	    "bytes; raise LimitMEMLOCK= of the service, or `ulimit -l`",
	    bytes, (unsigned long long)lim.rlim_cur);
}

static vs_status
map_pool(size_t bytes, size_t page, struct vs_err *err)
{
	size_t len = bytes + 2 * page;
	uint8_t *map =
	    mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return vs_fail(
		    err, VS_NO_MEMORY, "cannot map memory for secrets");
	if (mprotect(map + page, bytes, PROT_READ | PROT_WRITE) != 0 ||
	    madvise(map + page, bytes, MADV_DONTDUMP) != 0 ||
	    madvise(map + page, bytes, MADV_DONTFORK) != 0) {
		(void)munmap(map, len);
		return vs_fail(err, VS_INTERNAL, "cannot protect the secrets");
	}
	if (mlock(map + page, bytes) != 0) {
		(void)munmap(map, len);
		return lock_failed(bytes, err);
	}
	pool.map = map;
	pool.map_len = len;
	pool.pool = map + page;
	return VS_OK;
}

vs_status
vs_secret_pool_init(size_t bytes, struct vs_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t rounded;
	uint8_t *used;
	vs_status st;

	VS_ASSERT(pool.map == NULL);
	if (!vs_add(bytes, page - 1, &rounded) || bytes > POOL_MAX)
		return vs_fail(err, VS_TOO_LARGE, "secret pool too large");
	rounded = rounded / page * page;
	used = vs_calloc(rounded / UNIT, 1);
	if (used == NULL)
		return vs_fail(err, VS_NO_MEMORY, "secret pool");
	st = map_pool(rounded, page, err);
	if (st != VS_OK) {
		free(used);
		return st;
	}
	pool.units = rounded / UNIT;
	pool.used = used;
	pool.used_n = 0;
	return VS_OK;
}

void
vs_secret_pool_fini(void)
{
	if (pool.map == NULL)
		return;
	VS_ASSERT(pool.used_n == 0);
	vs_wipe(pool.pool, pool.units * UNIT);
	(void)munmap(pool.map, pool.map_len); /* wiped: nothing left to lose */
	free(pool.used);
	pool.map = NULL;
	pool.used = NULL;
	pool.units = 0;
}

size_t
vs_secret_pool_used(void)
{
	size_t n;

	(void)pthread_mutex_lock(&pool.lock);
	n = pool.used_n * UNIT;
	(void)pthread_mutex_unlock(&pool.lock);
	return n;
}

/* First run of n free units; pool.units when there is none. */
static size_t
find_run(size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i < pool.units; i++) {
		run = pool.used[i] ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return pool.units;
}

struct vs_secret *
vs_secret_new(size_t n)
{
	struct vs_secret *s = malloc(sizeof *s);
	size_t units = n / UNIT + 1;
	size_t at;

	if (s == NULL)
		return NULL;
	(void)pthread_mutex_lock(&pool.lock);
	at = units <= pool.units ? find_run(units) : pool.units;
	if (at < pool.units) {
		memset(pool.used + at, 1, units);
		pool.used_n += units;
	}
	(void)pthread_mutex_unlock(&pool.lock);
	if (at >= pool.units) {
		free(s);
		return NULL;
	}
	*s = (struct vs_secret){pool.pool + at * UNIT, n, units};
	memset(s->p, 0, units * UNIT);
	return s;
}

void
vs_secret_free(struct vs_secret **s)
{
	struct vs_secret *it = *s;
	int saved = errno;
	size_t at;

	if (it == NULL)
		return;
	*s = NULL;
	vs_wipe(it->p, it->units * UNIT);
#ifndef NDEBUG
	/* Visible in a debugger, and wrong for whoever still reads it. */
	memset(it->p, FREED_FILL, it->units * UNIT);
#endif
	at = (size_t)(it->p - pool.pool) / UNIT;
	(void)pthread_mutex_lock(&pool.lock);
	memset(pool.used + at, 0, it->units);
	pool.used_n -= it->units;
	(void)pthread_mutex_unlock(&pool.lock);
	free(it);
	errno = saved;
}

size_t
vs_secret_len(const struct vs_secret *s)
{
	return s->n;
}

struct vs_span
vs_secret_peek(const struct vs_secret *s)
{
	return VS_SPAN(s->p, s->n);
}

uint8_t *
vs_secret_poke(struct vs_secret *s)
{
	return s->p;
}

vs_status
vs_process_harden(struct vs_err *err)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return vs_fail(err, VS_INTERNAL, "cannot forbid core dumps");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return vs_fail(err, VS_INTERNAL, "cannot forbid tracing");
	return VS_OK;
}
