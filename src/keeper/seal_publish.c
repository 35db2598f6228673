/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a seal's file so that a crash is harmless. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/seal_int.h"

static bool
write_all(int fd, struct vs_span s)
{
	while (s.n > 0) {
		ssize_t put = write(fd, s.p, s.n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		s = vs_span_slice(s, (size_t)put, s.n);
	}
	return true;
}

static bool
sync_parent(const char *path)
{
	char dir[VS_SEAL_PATH_MAX];
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

vs_status
vs_seal_disk_write(struct vs_span file, const char *path,
    char temp[VS_SEAL_PATH_MAX], struct vs_err *err)
{
	int n = snprintf(temp, VS_SEAL_PATH_MAX, "%s.XXXXXX", path);
	bool ok;
	int fd;

	if (n < 0 || n >= VS_SEAL_PATH_MAX)
		return vs_seal_refuse(err, path, "path too long");
	fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return vs_seal_refuse(err, path, "cannot be created");
	ok = write_all(fd, file) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok)
		return VS_OK;
	(void)unlink(temp); /* of no use */
	return vs_seal_refuse(err, path, "cannot be written");
}

vs_status
vs_seal_disk_publish(
    const char *temp, const char *path, bool replace, struct vs_err *err)
{
	/* link, not rename: never over a seal that is there. Somebody who was
	 * faster made the seal that counts. */
	bool ok = (replace ? rename(temp, path) : link(temp, path)) == 0;
	bool late = !ok && !replace && errno == EEXIST;

	if (!replace || !ok)
		(void)unlink(temp); /* the name that counts is the other */
	if (late)
		return vs_fail_code(err, VS_CONFLICT, "seal.exists",
		    "%.64s: there is a seal already; what was just handed out "
		    "does not open it",
		    path);
	if (!ok || !sync_parent(path))
		return vs_seal_refuse(err, path, "cannot be written");
	return VS_OK;
}
