/* SPDX-License-Identifier: Apache-2.0 */
/* The file seal: made once, opened by us alone, refused when in doubt. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/secret.h"
#include "crypto/digest.h"
#include "seal_file.h"

/* Magic, length, header with one slot, checksum, two areas for the ring. */
enum {
	HEADER = 1 + 4 + 4 + 2 + 4 + 32,
	AREA = 8 + 12 + 108 + 16,
	AREAS_AT = 8 + 4 + HEADER + 32,
	SEAL_SIZE = AREAS_AT + 2 * AREA,
};

static char dir[64];
static char path[96];

static void
enter(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-seal-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/root.seal", dir);
}

static void
leave(void)
{
	(void)unlink(path);
	CHECK(rmdir(dir) == 0); /* nothing else was left in it */
}

static size_t
files_in_dir(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		(void)closedir(d);
	return n - 2; /* . and .. */
}

/* Opens, gives the root, and checks that a refusal says why. */
static vs_status
open_seal(bool create, uint8_t root[32], const char *why)
{
	size_t before = vs_secret_pool_used();
	struct vs_secret *s = NULL;
	struct vs_err err = {0};
	vs_status st = seal_file_open(path, create, &s, &err);

	if (st == VS_OK) {
		CHECK_INT(vs_secret_len(s), 32);
		if (root != NULL)
			memcpy(root, vs_secret_peek(s).p, 32);
		vs_secret_free(&s);
	} else {
		CHECK(s == NULL);
		CHECK_INT(st, VS_SEALED);
		CHECK_STR(err.code, "seal.file");
		if (!CHECK(why != NULL && strstr(err.msg, why) != NULL))
			fprintf(stderr, "%s\n", err.msg);
	}
	CHECK_INT(vs_secret_pool_used(), before);
	return st;
}

static void
read_file(uint8_t bytes[SEAL_SIZE])
{
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0 && read(fd, bytes, SEAL_SIZE) == SEAL_SIZE);
	(void)close(fd);
}

static void
write_file(const uint8_t *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	(void)close(fd);
}

static void
test_created_then_opened(void)
{
	uint8_t a[32], b[32], other[32], bytes[SEAL_SIZE];
	struct stat st;

	enter();
	(void)umask(0);
	CHECK_INT(open_seal(true, a, NULL), VS_OK);
	CHECK(stat(path, &st) == 0 && S_ISREG(st.st_mode));
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(st.st_size, SEAL_SIZE);
	CHECK_INT(st.st_nlink, 1);
	CHECK_INT(files_in_dir(), 1);
	CHECK_INT(open_seal(true, b, NULL), VS_OK);
	CHECK(memcmp(a, b, 32) == 0);
	CHECK_INT(open_seal(false, b, NULL), VS_OK);
	CHECK(memcmp(a, b, 32) == 0);
	read_file(bytes);
	CHECK(memcmp(bytes, "VSSEAL2\n", 8) == 0);
	CHECK(memmem(bytes, sizeof bytes, a, 32) == NULL);
	CHECK(unlink(path) == 0);
	CHECK_INT(open_seal(true, other, NULL), VS_OK);
	CHECK(memcmp(a, other, 32) != 0);
	leave();
}

static void
test_missing(void)
{
	enter();
	CHECK_INT(open_seal(false, NULL, "missing"), VS_SEALED);
	CHECK_INT(files_in_dir(), 0);
	leave();
}

static void
test_modes(void)
{
	static const mode_t bad[] = {
	    0640, 0620, 0610, 0604, 0602, 0601, 0644, 0660, 0777};
	static const mode_t good[] = {0600, 0400, 0700};

	enter();
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		CHECK(chmod(path, bad[i]) == 0);
		CHECK_INT(open_seal(true, NULL, "chmod 600"), VS_SEALED);
	}
	for (size_t i = 0; i < VS_COUNT(good); i++) {
		CHECK(chmod(path, good[i]) == 0);
		CHECK_INT(open_seal(false, NULL, NULL), VS_OK);
	}
	leave();
}

static void
test_another_owner(void)
{
	if (geteuid() != 0)
		return; /* only root can give a file away */
	enter();
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	CHECK(chown(path, 65534, 65534) == 0);
	CHECK_INT(open_seal(true, NULL, "another user"), VS_SEALED);
	leave();
}

static void
test_every_length(void)
{
	uint8_t bytes[SEAL_SIZE + 1] = {0};

	enter();
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	read_file(bytes);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		if (n == SEAL_SIZE)
			continue;
		write_file(bytes, n);
		CHECK_INT(open_seal(true, NULL, "damaged"), VS_SEALED);
	}
	write_file(bytes, SEAL_SIZE);
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	leave();
}

static void
test_every_bit(void)
{
	uint8_t bytes[SEAL_SIZE], want[32], got[32];

	enter();
	CHECK_INT(open_seal(true, want, NULL), VS_OK);
	read_file(bytes);
	for (size_t bit = 0; bit < SEAL_SIZE * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		write_file(bytes, SEAL_SIZE);
		if (bit < AREAS_AT * 8) {
			CHECK_INT(open_seal(true, NULL, "damaged"), VS_SEALED);
		} else {
			/* the other area holds the same ring */
			CHECK_INT(open_seal(true, got, NULL), VS_OK);
			CHECK(memcmp(want, got, 32) == 0);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	bytes[AREAS_AT] ^= 1;
	bytes[SEAL_SIZE - 1] ^= 1;
	write_file(bytes, SEAL_SIZE);
	CHECK_INT(open_seal(true, NULL, "damaged (root ring)"), VS_SEALED);
	leave();
}

/* The first version: the bare root, and no other byte of it may differ. */
static void
test_first_version(void)
{
	uint8_t bytes[8 + 32 + 32 + 1] = "VSSEAL1\n";
	uint8_t got[32];

	for (uint8_t i = 0; i < 32; i++)
		bytes[8 + i] = i;
	CHECK_INT(vs_sha256(VS_SPAN(bytes, 40), bytes + 40), VS_OK);
	enter();
	for (size_t n = 8; n <= sizeof bytes; n++) {
		write_file(bytes, n);
		if (n == 72)
			CHECK_INT(open_seal(false, got, NULL), VS_OK);
		else
			CHECK_INT(open_seal(true, NULL, "damaged"), VS_SEALED);
	}
	CHECK(memcmp(got, bytes + 8, 32) == 0);
	for (size_t bit = 0; bit < 72 * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		write_file(bytes, 72);
		CHECK_INT(open_seal(true, NULL, "damaged"), VS_SEALED);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	leave();
}

/* Links are refused, also to a good seal, and never written through. */
static void
test_links(void)
{
	char real[128];

	enter();
	(void)snprintf(real, sizeof real, "%s/real", dir);
	CHECK(symlink(real, path) == 0);
	CHECK_INT(open_seal(true, NULL, "cannot be opened"), VS_SEALED);
	CHECK(access(real, F_OK) != 0);
	CHECK(unlink(path) == 0);
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	CHECK(rename(path, real) == 0);
	CHECK(symlink(real, path) == 0);
	CHECK_INT(open_seal(true, NULL, "cannot be opened"), VS_SEALED);
	CHECK(unlink(real) == 0);
	leave();
}

static void
test_not_a_file(void)
{
	enter();
	CHECK(mkdir(path, 0700) == 0);
	CHECK_INT(open_seal(true, NULL, "not a regular file"), VS_SEALED);
	CHECK(rmdir(path) == 0);
	CHECK(mkfifo(path, 0600) == 0);
	(void)alarm(20); /* a fifo must not make us wait for a writer */
	CHECK_INT(open_seal(true, NULL, "not a regular file"), VS_SEALED);
	(void)alarm(0);
	leave();
}

static void
test_no_directory(void)
{
	enter();
	CHECK(rmdir(dir) == 0);
	CHECK_INT(open_seal(true, NULL, "cannot be created"), VS_SEALED);
	CHECK_INT(open_seal(false, NULL, "missing"), VS_SEALED);
}

static void
test_long_paths(void)
{
	static char name[5000];
	struct vs_secret *s = NULL;
	struct vs_err err = {0};

	memset(name, 'a', sizeof name - 1);
	CHECK_INT(seal_file_open(name, true, &s, &err), VS_SEALED);
	for (size_t i = 0; i < 3000; i += 2)
		memcpy(name + i, "./", 2);
	name[3000] = '\0';
	CHECK_INT(seal_file_open(name, true, &s, &err), VS_SEALED);
	CHECK(s == NULL);
}

/* A name without a directory lies in the current one. */
static void
test_relative_path(void)
{
	char full[sizeof path];
	char cwd[4096];

	enter();
	memcpy(full, path, sizeof full);
	CHECK(getcwd(cwd, sizeof cwd) != NULL && chdir(dir) == 0);
	(void)snprintf(path, sizeof path, "root.seal");
	CHECK_INT(open_seal(true, NULL, NULL), VS_OK);
	CHECK(access(full, F_OK) == 0);
	CHECK(chdir(cwd) == 0);
	memcpy(path, full, sizeof path);
	leave();
}

static void
test_no_locked_memory(void)
{
	struct vs_secret *hog[64] = {NULL};
	struct vs_secret *s = NULL;
	struct vs_err err = {0};
	size_t n = 0;

	enter();
	for (size_t size = 1 << 20; size >= 32; size /= 2)
		while (
		    n < VS_COUNT(hog) && (hog[n] = vs_secret_new(size)) != NULL)
			n++;
	CHECK_INT(seal_file_open(path, true, &s, &err), VS_NO_MEMORY);
	CHECK_INT(files_in_dir(), 0);
	CHECK_INT(seal_file_open(path, false, &s, &err), VS_SEALED);
	while (n > 0)
		vs_secret_free(&hog[--n]);
	CHECK(s == NULL);
	leave();
}

/* ---- many creators ------------------------------------------------------ */

enum { CREATORS = 8, ROUNDS = 40 };

static pthread_barrier_t gate;

struct creator {
	pthread_t thread;
	uint8_t root[32];
	vs_status st;
};

static void *
create(void *arg)
{
	struct creator *c = arg;
	struct vs_secret *s = NULL;
	struct vs_err err = {0};

	(void)pthread_barrier_wait(&gate);
	c->st = seal_file_open(path, true, &s, &err);
	if (c->st == VS_OK)
		memcpy(c->root, vs_secret_peek(s).p, sizeof c->root);
	vs_secret_free(&s);
	return NULL;
}

/* Whoever comes second opens what the first made: one root for all. */
static void
test_creators_race(void)
{
	struct creator c[CREATORS];

	CHECK(pthread_barrier_init(&gate, NULL, CREATORS) == 0);
	enter();
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t kept[32];

		memset(c, 0, sizeof c);
		for (size_t i = 0; i < CREATORS; i++)
			CHECK(pthread_create(
				  &c[i].thread, NULL, create, &c[i]) == 0);
		for (size_t i = 0; i < CREATORS; i++)
			CHECK(pthread_join(c[i].thread, NULL) == 0);
		CHECK_INT(open_seal(false, kept, NULL), VS_OK);
		for (size_t i = 0; i < CREATORS; i++) {
			CHECK_INT(c[i].st, VS_OK);
			CHECK(memcmp(c[i].root, kept, 32) == 0);
		}
		CHECK_INT(files_in_dir(), 1);
		CHECK(unlink(path) == 0);
	}
	leave();
	(void)pthread_barrier_destroy(&gate);
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	RUN(test_created_then_opened);
	RUN(test_missing);
	RUN(test_modes);
	RUN(test_another_owner);
	RUN(test_every_length);
	RUN(test_every_bit);
	RUN(test_first_version);
	RUN(test_links);
	RUN(test_not_a_file);
	RUN(test_no_directory);
	RUN(test_long_paths);
	RUN(test_relative_path);
	RUN(test_no_locked_memory);
	RUN(test_creators_race);
	vs_secret_pool_fini();
	return check_result();
}
