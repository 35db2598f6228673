/* SPDX-License-Identifier: Apache-2.0 */
/* The admin socket, made by root in a directory that another user owns. */
#include "check.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/socket.h"

static char dir[64];
static char path[96];
static char victim[96];
static bool swap;

/* The owner of the directory is as fast as can be. */
int
bind(int fd, __CONST_SOCKADDR_ARG at, socklen_t n)
{
	long rc = syscall(SYS_bind, fd, at.__sockaddr__, n);

	if (rc == 0 && swap)
		CHECK(unlink(path) == 0 && symlink(victim, path) == 0);
	return (int)rc;
}

static mode_t
mode_of(const char *file)
{
	struct stat st = {0};

	CHECK(lstat(file, &st) == 0);
	return st.st_mode;
}

static void
listen_once(void)
{
	struct vs_err err = {0};
	int fd = -1;

	CHECK_OK(vs_listen_unix(path, NULL, &fd, &err), err);
	(void)close(fd); /* nobody came */
}

static void
test_mode(void)
{
	mode_t before = umask(0);

	listen_once();
	CHECK_INT(mode_of(path), S_IFSOCK | 0660);
	CHECK_INT(umask(before), 0);
	listen_once(); /* in the place of the one that is left */
	CHECK_INT(mode_of(path), S_IFSOCK | 0660);
	CHECK(unlink(path) == 0);
}

static void
test_swapped_for_a_link(void)
{
	FILE *f = fopen(victim, "w");

	CHECK(f != NULL && fclose(f) == 0 && chmod(victim, 0600) == 0);
	swap = true;
	listen_once();
	swap = false;
	CHECK_INT(mode_of(victim), S_IFREG | 0600);
	CHECK(unlink(path) == 0 && unlink(victim) == 0);
}

int
main(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-socket-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/admin.sock", dir);
	(void)snprintf(victim, sizeof victim, "%s/victim", dir);
	RUN(test_mode);
	RUN(test_swapped_for_a_link);
	CHECK(rmdir(dir) == 0);
	return check_result();
}
