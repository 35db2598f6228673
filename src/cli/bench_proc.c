/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_proc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 512 };

vs_status
vs_proc_sibling(const char *name, char *out, size_t cap, struct vs_err *err)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	int len;

	if (n < 0)
		return vs_fail(
		    err, VS_UNAVAILABLE, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	slash = strrchr(self, '/');
	len = snprintf(out, cap, "%.*s/%s",
	    slash == NULL ? 0 : (int)(slash - self), self, name);
	if (len < 0 || (size_t)len >= cap)
		return vs_fail(err, VS_TOO_LARGE, "path too long");
	if (access(out, X_OK) != 0)
		return vs_fail(err, VS_NOT_FOUND,
		    "%s is not beside this program (%s)", name, out);
	return VS_OK;
}

/* "PID (NAME) STATE PPID ..." of /proc/PID/stat; the name may hold anything,
 * so the last ')' ends it. */
static bool
parent_and_name(const char *pid, pid_t *ppid, char name[32])
{
	char path[64], line[LINE];
	const char *open_at, *close_at;
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	ok = fgets(line, sizeof(line), f) != NULL;
	(void)fclose(f); /* read only */
	open_at = ok ? strchr(line, '(') : NULL;
	close_at = ok ? strrchr(line, ')') : NULL;
	if (open_at == NULL || close_at == NULL || close_at < open_at ||
	    strlen(close_at) < 5)
		return false;
	(void)snprintf(
	    name, 32, "%.*s", (int)(close_at - open_at - 1), open_at + 1);
	*ppid = (pid_t)strtol(close_at + 4, NULL, 10);
	return true;
}

vs_status
vs_proc_child(pid_t parent, const char *name, pid_t *out, struct vs_err *err)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	pid_t found = 0;

	if (dir == NULL)
		return vs_fail(
		    err, VS_UNAVAILABLE, "/proc: %s", strerror(errno));
	while (found == 0 && (e = readdir(dir)) != NULL) {
		char its_name[32];
		pid_t ppid;

		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    parent_and_name(e->d_name, &ppid, its_name) &&
		    ppid == parent && strcmp(its_name, name) == 0)
			found = (pid_t)strtol(e->d_name, NULL, 10);
	}
	(void)closedir(dir); /* read only */
	if (found == 0)
		return vs_fail(err, VS_NOT_FOUND, "process %d has no child %s",
		    (int)parent, name);
	*out = found;
	return VS_OK;
}

static bool
read_rss(pid_t pid, int64_t *rss)
{
	char path[64];
	long long total, resident;
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	ok = fscanf(f, "%lld %lld", &total, &resident) == 2;
	(void)fclose(f); /* read only */
	if (ok)
		*rss = resident * sysconf(_SC_PAGESIZE);
	return ok;
}

vs_status
vs_proc_usage(pid_t pid, int64_t *cpu_ns, int64_t *rss, struct vs_err *err)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0 || !read_rss(pid, rss))
		return vs_fail(
		    err, VS_UNAVAILABLE, "process %d is gone", (int)pid);
	*cpu_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	return VS_OK;
}
