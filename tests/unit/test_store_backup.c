/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a database: whole ones, while it is written to, or none. */
#include "store_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "store/backup.h"
#include "store/generation.h"

enum { LOAD_KEYS = 400 };

static struct fixture fx;
static char copy_path[128];

static vs_status
back_up(struct vs_backup *out)
{
	const struct vs_backup_options opt = {.from = fx.path, .to = copy_path};

	vs_err_clear(&fx.err);
	return vs_store_backup(&opt, out, &fx.err);
}

static unsigned
files_in_dir(void)
{
	DIR *d = opendir(fx.dir);
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		(void)closedir(d);
	return n - 2;
}

static void
set_up(void)
{
	fixture_init(&fx);
	(void)snprintf(copy_path, sizeof copy_path, "%s/copy.db", fx.dir);
	add_kek(&fx, "models");
}

static void
tear_down(void)
{
	(void)unlink(copy_path);
	fixture_fini(&fx);
}

/* What the copy holds, opened as a daemon would. */
static void
move_to_copy(void)
{
	vs_store_close(&fx.s);
	(void)unlink(fx.path);
	CHECK_INT(rename(copy_path, fx.path), 0);
	CHECK_OK(fixture_open(&fx), fx.err);
}

static void
test_copy_holds_everything(void)
{
	struct vs_backup b = {0};
	struct vs_key_row row;
	struct stat st;

	set_up();
	CHECK_OK(add_key(&fx, "models/a", 1), fx.err);
	CHECK_OK(add_key(&fx, "models/a", 2), fx.err);
	CHECK_OK(add_key(&fx, "models/b", 1), fx.err);
	CHECK_OK(commit(&fx, 1, NULL), fx.err);
	CHECK_OK(commit(&fx, 2, NULL), fx.err);
	CHECK_OK(back_up(&b), fx.err);
	CHECK_INT(b.names, 2);
	CHECK_INT(b.keys, 3);
	CHECK_INT(b.keks, 1);
	CHECK_INT(b.audit, 2);
	CHECK_INT(b.head_seq, 2);
	CHECK_INT(stat(copy_path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(st.st_size, b.bytes);
	CHECK_INT(files_in_dir(), 4); /* database, WAL, its index, copy */
	/* What comes later is not in it. */
	CHECK_OK(add_key(&fx, "models/late", 1), fx.err);
	move_to_copy();
	CHECK_OK(vs_store_key(
		     fx.s, VS_SPAN_LIT("models/b"), 0, &fx.a, &row, &fx.err),
	    fx.err);
	CHECK_INT(vs_store_key(fx.s, VS_SPAN_LIT("models/late"), 0, &fx.a, &row,
		      &fx.err),
	    VS_NOT_FOUND);
	CHECK_INT(check_chain(&fx), 2);
	tear_down();
}

static void
test_never_over_a_file(void)
{
	struct vs_backup b = {0};
	int fd;

	set_up();
	fd = open(copy_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, "mine", 4) == 4);
	(void)close(fd);
	CHECK_INT(back_up(&b), VS_CONFLICT);
	CHECK_INT(files_in_dir(), 4);
	tear_down();
}

static void
test_sources_that_are_none(void)
{
	struct vs_backup b = {0};
	int fd;

	set_up();
	vs_store_close(&fx.s);
	(void)unlink(fx.path);
	CHECK(back_up(&b) != VS_OK); /* nothing there */
	CHECK_INT(files_in_dir(), 0);
	fd = open(fx.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK(back_up(&b) != VS_OK); /* an empty file is no store */
	CHECK(write(fd, "this is not a database at all", 29) == 29);
	(void)close(fd);
	CHECK(back_up(&b) != VS_OK);
	CHECK_INT(files_in_dir(), 1);
	tear_down();
}

static void
test_a_place_that_is_none(void)
{
	struct vs_backup b = {0};

	set_up();
	(void)snprintf(copy_path, sizeof copy_path, "%s/no/where.db", fx.dir);
	CHECK_INT(back_up(&b), VS_UNAVAILABLE);
	tear_down();
}

/* A page of a table that is not what it was: the copy is not kept. */
static void
test_damage_is_found(void)
{
	struct vs_backup b = {0};
	uint8_t junk[4096];
	struct stat st;
	int fd;

	set_up();
	for (unsigned i = 1; i <= 200; i++)
		CHECK_OK(commit(&fx, i, NULL), fx.err);
	vs_store_close(&fx.s);
	memset(junk, 0xa5, sizeof junk);
	fd = open(fx.path, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	CHECK(pwrite(fd, junk, sizeof junk, st.st_size / 2 / 4096 * 4096) ==
	    4096);
	(void)close(fd);
	CHECK(back_up(&b) != VS_OK);
	CHECK_INT(access(copy_path, F_OK), -1);
	tear_down();
}

static void
test_copy_is_never_the_one_last_served(void)
{
	struct vs_backup b = {0};
	int64_t g = 0;

	set_up();
	CHECK_OK(vs_store_generation_set(fx.s, 7, &fx.err), fx.err);
	CHECK_OK(back_up(&b), fx.err);
	CHECK_OK(vs_store_generation(fx.s, &g, &fx.err), fx.err);
	CHECK_INT(g, 7);
	move_to_copy();
	CHECK_OK(vs_store_generation(fx.s, &g, &fx.err), fx.err);
	CHECK_INT(g, VS_GENERATION_COPY);
	tear_down();
}

static void *
write_on(void *arg)
{
	char name[32];
	struct vs_err err = {0};

	(void)arg;
	for (unsigned i = 0; i < LOAD_KEYS; i++) {
		struct vs_key_row row;

		(void)snprintf(name, sizeof name, "models/load%u", i);
		row = key_row(name, 1);
		CHECK_OK(vs_store_add_keys(fx.s, &row, 1, &err), err);
	}
	return NULL;
}

/* Each copy is of one moment, and each moment is later than the last. */
static void
test_under_load(void)
{
	struct vs_backup b = {0};
	int64_t before = 0;
	pthread_t writer;

	set_up();
	CHECK_INT(pthread_create(&writer, NULL, write_on, NULL), 0);
	for (unsigned i = 0; i < 10; i++) {
		CHECK_OK(back_up(&b), fx.err);
		CHECK(b.keys >= before);
		CHECK_INT(b.keys, b.names);
		before = b.keys;
		CHECK_INT(unlink(copy_path), 0);
	}
	CHECK_INT(pthread_join(writer, NULL), 0);
	CHECK_OK(back_up(&b), fx.err);
	CHECK_INT(b.keys, LOAD_KEYS);
	tear_down();
}

int
main(void)
{
	RUN(test_copy_holds_everything);
	RUN(test_never_over_a_file);
	RUN(test_sources_that_are_none);
	RUN(test_a_place_that_is_none);
	RUN(test_damage_is_found);
	RUN(test_copy_is_never_the_one_last_served);
	RUN(test_under_load);
	return check_result();
}
