/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
vs_dir_fini(struct vs_dir *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->paths[i]);
	free(d->paths);
	*d = (struct vs_dir){0};
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static vs_status
add(struct vs_dir *d, const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *path = malloc(n);

	if (path == NULL)
		return VS_NO_MEMORY;
	(void)snprintf(path, n, "%s/%s", dir, name);
	d->paths[d->n++] = path;
	return VS_OK;
}

static vs_status
read_entries(DIR *dir, const char *path, struct vs_dir *out, struct vs_err *err)
{
	const struct dirent *e;

	out->paths = vs_calloc(VS_DIR_FILES_MAX, sizeof *out->paths);
	if (out->paths == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", path);
	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (out->n == VS_DIR_FILES_MAX)
			return vs_fail(err, VS_LIMITED, "%s: above %d files",
			    path, VS_DIR_FILES_MAX);
		VS_TRY(err, path, add(out, path, e->d_name));
	}
	if (errno != 0)
		return vs_fail(err, VS_UNAVAILABLE, "%s: cannot read", path);
	return VS_OK;
}

vs_status
vs_dir_read(const char *path, struct vs_dir *out, struct vs_err *err)
{
	DIR *dir = opendir(path);
	vs_status st;

	*out = (struct vs_dir){0};
	if (dir == NULL && errno == ENOENT)
		return VS_OK;
	if (dir == NULL)
		return vs_fail(err, VS_UNAVAILABLE, "%s: cannot open: %s", path,
		    errno == ENOTDIR ? "not a directory" : "not permitted");
	st = read_entries(dir, path, out, err);
	(void)closedir(dir); /* only read from */
	if (st != VS_OK) {
		vs_dir_fini(out);
		return st;
	}
	if (out->n > 1)
		qsort(out->paths, out->n, sizeof *out->paths, by_name);
	return VS_OK;
}

bool
vs_dir_absent(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && errno == ENOENT;
}

void
vs_file_facts(const char *path, struct vs_file_facts *out)
{
	struct stat st;

	*out = (struct vs_file_facts){0};
	if (stat(path, &st) != 0)
		return;
	out->mtime_ns =
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	out->size = st.st_size;
	out->inode = st.st_ino;
}
