/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at any moment, and a full disk: what was acknowledged is there. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>

#include "store_fixture.h"

enum { WRITERS = 4 };

struct writer {
	struct fixture *f;
	uint64_t first;
	int fd;
	pthread_t t;
};

static void
nonce_of(uint64_t n, uint8_t nonce[32])
{
	memset(nonce, 0, 32);
	memcpy(nonce, &n, sizeof n);
}

/* Commits without end; tells each id once it was acknowledged. */
static void *
write_on(void *arg)
{
	struct writer *w = arg;

	for (uint64_t n = w->first;; n += WRITERS) {
		struct vs_audit_row row = audit_row(n);
		struct vs_err err = {0};
		uint8_t nonce[32];

		nonce_of(n, nonce);
		if (vs_store_commit(w->f->s, &row, nonce, 5000, &err) != VS_OK)
			_exit(3);
		if (write(w->fd, &n, sizeof n) != (ssize_t)sizeof n)
			_exit(4);
	}
	return NULL;
}

static void
child(struct fixture *f, uint64_t first, int fd)
{
	struct writer w[WRITERS];

	if (fixture_open(f) != VS_OK) {
		fprintf(stderr, "child: %s\n", f->err.msg);
		_exit(2);
	}
	for (uint64_t i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){.f = f, .first = first + i, .fd = fd};
		if (pthread_create(&w[i].t, NULL, write_on, &w[i]) != 0)
			_exit(5);
	}
	for (;;)
		(void)pause();
}

static bool
integrity_ok(struct fixture *f)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	bool ok = sqlite3_open(f->path, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;

	sqlite3_finalize(st);
	sqlite3_close(db);
	return ok;
}

static size_t
check_acknowledged(struct fixture *f, int fd)
{
	uint64_t n;
	size_t seen = 0;

	while (read(fd, &n, sizeof n) == (ssize_t)sizeof n) {
		struct vs_audit_row row = audit_row(n);
		uint8_t nonce[32];

		CHECK_OK(vs_store_audit_get(f->s, row.id, &f->a, &row, &f->err),
		    f->err);
		if (seen++ > 0)
			continue;
		nonce_of(n, nonce);
		row = audit_row(n + (1u << 30));
		CHECK_INT(vs_store_commit(f->s, &row, nonce, 5000, &f->err),
		    VS_SPENT);
	}
	return seen;
}

static void
test_kill_at_random_moments_loses_nothing(void)
{
	struct fixture f;
	unsigned rnd = 12345;
	size_t total = 0;

	fixture_init(&f);
	vs_store_close(&f.s);
	for (uint64_t round = 0; round < 50; round++) {
		int fds[2];
		pid_t pid;
		int status = 0;

		CHECK_INT(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			(void)close(fds[0]);
			child(&f, 1 + round * 100000, fds[1]);
		}
		(void)close(fds[1]);
		rnd = rnd * 1103515245u + 12345u;
		(void)usleep(5000 + (rnd >> 8) % 40000);
		CHECK_INT(kill(pid, SIGKILL), 0);
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		CHECK(integrity_ok(&f));
		CHECK_OK(fixture_open(&f), f.err);
		total += check_acknowledged(&f, fds[0]);
		(void)close(fds[0]);
		vs_arena_reset(&f.a);
		vs_store_close(&f.s);
	}
	CHECK(total > 0);
	CHECK_OK(fixture_open(&f), f.err);
	CHECK(check_chain(&f) > (long)total);
	printf("%zu commits were acknowledged before 50 kills\n", total);
	fixture_fini(&f);
}

/* Stopped before COMMIT nothing is there; after it everything is. */
static void
test_stop_at_each_point(void)
{
	static const char *const points[] = {
	    "begin", "applied", "chained", "written", "committed"};

	for (size_t i = 0; i < 5; i++) {
		struct fixture f;
		uint8_t nonce[32] = {9};
		int status = 0;
		pid_t pid;
		bool durable = strcmp(points[i], "committed") == 0;

		fixture_init(&f);
		vs_store_close(&f.s);
		pid = fork();
		if (pid == 0) {
			f.stop_at = points[i];
			if (fixture_open(&f) == VS_OK)
				(void)commit(&f, 1, nonce);
			_exit(1);
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK_INT(WEXITSTATUS(status), 9);
		CHECK(integrity_ok(&f));
		CHECK_OK(fixture_open(&f), f.err);
		CHECK_INT(commit(&f, 2, nonce), durable ? VS_SPENT : VS_OK);
		CHECK_INT(check_chain(&f), durable ? 2 : 1);
		fixture_fini(&f);
	}
}

/* Bytes that fill what is left of the file system. */
static int
fill_disk(const char *path)
{
	static char block[4096];
	FILE *o = fopen(path, "w");

	if (o == NULL)
		return -1;
	setvbuf(o, NULL, _IONBF, 0);
	while (fwrite(block, 1, sizeof block, o) == sizeof block)
		;
	return fclose(o);
}

static void
full_disk(struct fixture *f)
{
	char ballast[128];
	uint64_t n = 1;
	uint64_t failed = 0;
	vs_status st = VS_OK;
	struct vs_audit_row row;

	(void)snprintf(ballast, sizeof ballast, "%s/ballast", f->dir);
	CHECK_OK(fixture_open(f), f->err);
	CHECK_OK(commit(f, n, NULL), f->err);
	(void)fill_disk(ballast);
	while (n < 100000 && st == VS_OK)
		st = commit(f, ++n, NULL);
	CHECK_INT(st, VS_DISK_FULL);
	CHECK_STR(f->err.code, "store.full");
	failed = n;
	CHECK_INT(commit(f, failed, NULL), VS_DISK_FULL);
	CHECK_INT(vs_store_probe(f->s, &f->err), VS_DISK_FULL);
	row = audit_row(failed);
	CHECK_INT(vs_store_audit_get(f->s, row.id, &f->a, &row, &f->err),
	    VS_NOT_FOUND);
	CHECK_INT(check_chain(f), (long)failed - 1);
	CHECK_INT(unlink(ballast), 0);
	CHECK_OK(commit(f, failed, NULL), f->err);
	CHECK_INT(check_chain(f), (long)failed);
	CHECK_OK(fixture_reopen(f), f->err);
	CHECK_INT(check_chain(f), (long)failed);
}

static bool skipped;

/* On a file system of 1 MiB of our own, where we may mount one. */
static void
test_full_disk_loses_nothing(void)
{
	char mount_point[] = "/tmp/vs-full-XXXXXX";
	struct fixture f;

	CHECK(mkdtemp(mount_point) != NULL);
	if (mount("none", mount_point, "tmpfs", 0, "size=1m") != 0) {
		printf("skip: no mount here: %s\n", strerror(errno));
		skipped = true;
		(void)rmdir(mount_point);
		return;
	}
	fixture_init_at(&f, mount_point);
	full_disk(&f);
	fixture_fini(&f);
	CHECK_INT(umount(mount_point), 0);
	(void)rmdir(mount_point);
}

int
main(void)
{
	RUN(test_stop_at_each_point);
	RUN(test_kill_at_random_moments_loses_nothing);
	RUN(test_full_disk_loses_nothing);
	if (check_result() != 0)
		return 1;
	return skipped ? 77 : 0;
}
