/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/seal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "crypto/rand.h"

static const char magic[] = "VSSEAL1\n";
enum {
	MAGIC_SIZE = sizeof magic - 1,
	ROOT_SIZE = 32,
	BODY_SIZE = MAGIC_SIZE + ROOT_SIZE,
	FILE_SIZE = BODY_SIZE + VS_SHA256_SIZE,
	PATH_BYTES = 2048,
};

static vs_status
sealed(struct vs_err *err, const char *path, const char *why)
{
	return vs_fail_code(
	    err, VS_SEALED, "seal.file", "%.64s: %s", path, why);
}

static vs_status
check_owner(int fd, const char *path, struct vs_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return sealed(err, path, "not a regular file");
	if (st.st_uid != geteuid())
		return sealed(err, path, "belongs to another user");
	if ((st.st_mode & 077) != 0)
		return sealed(err, path,
		    "others may read it; chmod 600 it, and change the root "
		    "if they did");
	if (st.st_size != FILE_SIZE)
		return sealed(err, path,
		    "damaged (size); put back the backup of this file");
	return VS_OK;
}

static bool
read_all(int fd, uint8_t *out, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, out, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		out += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* Checks magic and checksum, moves the root out. */
static vs_status
take_root(const uint8_t *file, const char *path, struct vs_secret **root,
    struct vs_err *err)
{
	uint8_t sum[VS_SHA256_SIZE];
	struct vs_secret *s;

	VS_TRY(err, "seal", vs_sha256(VS_SPAN(file, BODY_SIZE), sum));
	if (memcmp(file, magic, MAGIC_SIZE) != 0 ||
	    !vs_equal_ct(
		VS_SPAN_OF(sum), VS_SPAN(file + BODY_SIZE, sizeof sum)))
		return sealed(err, path,
		    "damaged (checksum); put back the backup of this file");
	s = vs_secret_new(ROOT_SIZE);
	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "root key");
	memcpy(vs_secret_poke(s), file + MAGIC_SIZE, ROOT_SIZE);
	*root = s;
	return VS_OK;
}

static vs_status
read_seal(int fd, const char *path, struct vs_secret **root, struct vs_err *err)
{
	struct vs_secret *file = vs_secret_new(FILE_SIZE);
	vs_status st;

	if (file == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	st = check_owner(fd, path, err);
	if (st == VS_OK && !read_all(fd, vs_secret_poke(file), FILE_SIZE))
		st = sealed(err, path, "cannot be read");
	if (st == VS_OK)
		st = take_root(vs_secret_peek(file).p, path, root, err);
	vs_secret_free(&file);
	return st;
}

static bool
sync_parent(const char *path)
{
	char dir[PATH_BYTES];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	int fd;
	bool ok;

	if (n >= sizeof dir)
		return false;
	memcpy(dir, path, n);
	dir[n] = '\0';
	fd = open(slash == NULL ? "."
		: n == 0        ? "/"
				: dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	(void)close(fd); /* only synced */
	return ok;
}

/* Whole and synced before it has its name: a crash leaves no half seal. */
static vs_status
publish(const uint8_t *file, const char *path, struct vs_err *err)
{
	char temp[PATH_BYTES];
	int n = snprintf(temp, sizeof temp, "%s.XXXXXX", path);
	bool ok;
	int fd;

	if (n < 0 || (size_t)n >= sizeof temp)
		return sealed(err, path, "path too long");
	fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return sealed(err, path, "cannot be created");
	ok = write_all(fd, file, FILE_SIZE) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	/* link, not rename: never over a seal that is there. Somebody who was
	 * faster made the seal that counts. */
	ok = ok && (link(temp, path) == 0 || errno == EEXIST);
	(void)unlink(temp); /* the name that counts is the other */
	if (!ok || !sync_parent(path))
		return sealed(err, path, "cannot be written");
	return VS_OK;
}

static vs_status
create_seal(const char *path, struct vs_err *err)
{
	struct vs_secret *file = vs_secret_new(FILE_SIZE);
	uint8_t *p;
	vs_status st;

	if (file == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	p = vs_secret_poke(file);
	memcpy(p, magic, MAGIC_SIZE);
	st = vs_rand_secret(p + MAGIC_SIZE, ROOT_SIZE);
	if (st == VS_OK)
		st = vs_sha256(VS_SPAN(p, BODY_SIZE), p + BODY_SIZE);
	if (st == VS_OK)
		st = publish(p, path, err);
	vs_secret_free(&file);
	return st;
}

vs_status
vs_seal_file_open(
    const char *path, bool create, struct vs_secret **root, struct vs_err *err)
{
	/* a fifo in its place must not make us wait for a writer */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = open(path, flags);
	vs_status st;

	if (fd < 0 && errno == ENOENT && create) {
		VS_TRY(err, "new seal", create_seal(path, err));
		fd = open(path, flags);
	}
	if (fd < 0 && errno == ENOENT)
		return sealed(err, path,
		    "is missing, and the store holds keys under its root; "
		    "put back the backup of this file");
	if (fd < 0)
		return sealed(err, path, "cannot be opened");
	st = read_seal(fd, path, root, err);
	(void)close(fd); /* only read from */
	return st;
}
