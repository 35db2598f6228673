/* SPDX-License-Identifier: Apache-2.0 */
/* The seal's file: whose it is. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/seal_int.h"

vs_status
vs_seal_refuse(struct vs_err *err, const char *path, const char *why)
{
	return vs_fail_code(
	    err, VS_SEALED, "seal.file", "%.64s: %s", path, why);
}

static vs_status
check_owner(int fd, const char *path, struct stat *is, struct vs_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return vs_seal_refuse(err, path, "not a regular file");
	if (st.st_uid != geteuid())
		return vs_seal_refuse(err, path,
		    "belongs to another user; run this as its owner");
	if ((st.st_mode & 077) != 0)
		return vs_seal_refuse(err, path,
		    "others may read it; chmod 600 it, and change the root "
		    "if they did");
	if (st.st_size > VS_SEAL_FILE_MAX)
		return vs_seal_refuse(err, path,
		    "damaged (size); put back the backup of this file");
	*is = st;
	return VS_OK;
}

vs_status
vs_seal_disk_open(
    const char *path, int *fd, struct stat *is, struct vs_err *err)
{
	/* a fifo in its place must not make us wait for a writer; a file that
	 * may only be read opens, and takes no new root */
	const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int f = open(path, O_RDWR | flags);
	vs_status st;

	if (f < 0 && (errno == EACCES || errno == EROFS || errno == ENXIO))
		f = open(path, O_RDONLY | flags);
	if (f < 0 && errno == ENOENT)
		return vs_seal_refuse(err, path,
		    "is missing, and the store holds keys under its root; "
		    "put back the backup of this file");
	if (f < 0 && errno == EISDIR)
		return vs_seal_refuse(err, path, "not a regular file");
	if (f < 0)
		return vs_seal_refuse(err, path, "cannot be opened");
	st = check_owner(f, path, is, err);
	if (st != VS_OK) {
		(void)close(f); /* nothing was done with it */
		return st;
	}
	*fd = f;
	return VS_OK;
}

bool
vs_seal_disk_read(int fd, uint8_t *out, size_t n)
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
