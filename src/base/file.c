/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static vs_status
errno_status(int e)
{
	switch (e) {
	case ENOENT:
	case ENOTDIR:
		return VS_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
		return VS_DISK_FULL;
	case ENOMEM:
		return VS_NO_MEMORY;
	default:
		return VS_UNAVAILABLE;
	}
}

static vs_status
io_error(struct vs_err *err, const char *what, const char *path)
{
	int e = errno;
	char text[64] = "";

	return vs_fail(err, errno_status(e), "%s: cannot %s: %s", path, what,
	    strerror_r(e, text, sizeof text));
}

static vs_status
read_fd(int fd, const char *path, size_t max, struct vs_buf *out,
    struct vs_err *err)
{
	uint8_t chunk[4096];
	size_t total = 0;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(err, "read", path);
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > max)
			return vs_fail(err, VS_TOO_LARGE,
			    "%s: larger than %zu bytes", path, max);
		vs_buf_add(out, VS_SPAN(chunk, (size_t)n));
	}
	VS_TRY(err, path, vs_buf_status(out));
	return VS_OK;
}

vs_status
vs_file_read(
    const char *path, size_t max, struct vs_buf *out, struct vs_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	vs_status st;

	if (fd < 0)
		return io_error(err, "open", path);
	st = read_fd(fd, path, max, out, err);
	(void)close(fd); /* only read from */
	return st;
}

static vs_status
write_all(int fd, struct vs_span data)
{
	while (data.n > 0) {
		ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno_status(errno);
		data.p += n;
		data.n -= (size_t)n;
	}
	return VS_OK;
}

/* Two of them fit into one frame when the compiler inlines. */
enum { PATH_TEXT_MAX = 2048 };

/* The rename is durable only once the directory is. */
static vs_status
sync_dir_of(const char *path, struct vs_err *err)
{
	char dir[PATH_TEXT_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	int fd;
	int rc;

	if (n >= sizeof dir)
		return vs_fail(err, VS_TOO_LARGE, "%s: path too long", path);
	memcpy(dir, path, n);
	dir[n] = '\0';
	fd = open(slash == NULL ? "."
		: n == 0        ? "/"
				: dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return io_error(err, "open the directory of", path);
	rc = fsync(fd);
	(void)close(fd);
	return rc == 0 ? VS_OK : io_error(err, "sync the directory of", path);
}

static vs_status
write_temp(int fd, const char *temp, struct vs_span data, unsigned mode,
    struct vs_err *err)
{
	vs_status st = write_all(fd, data);

	if (st != VS_OK)
		return vs_fail(
		    err, st, "%s: cannot write: %s", temp, vs_status_text(st));
	if (fchmod(fd, (mode_t)mode) != 0)
		return io_error(err, "set the mode of", temp);
	if (fsync(fd) != 0)
		return io_error(err, "sync", temp);
	return VS_OK;
}

vs_status
vs_file_write(
    const char *path, struct vs_span data, unsigned mode, struct vs_err *err)
{
	char temp[PATH_TEXT_MAX];
	int n = snprintf(temp, sizeof temp, "%s.XXXXXX", path);
	int fd;
	vs_status st;

	if (n < 0 || (size_t)n >= sizeof temp)
		return vs_fail(err, VS_TOO_LARGE, "%s: path too long", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return io_error(err, "create a file beside", path);
	st = write_temp(fd, temp, data, mode, err);
	if (close(fd) != 0 && st == VS_OK)
		st = io_error(err, "close", temp);
	if (st == VS_OK && rename(temp, path) != 0)
		st = io_error(err, "replace", path);
	if (st != VS_OK) {
		(void)unlink(temp); /* the failure is reported already */
		return st;
	}
	return sync_dir_of(path, err);
}
