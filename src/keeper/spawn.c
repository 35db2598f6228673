/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the keeper process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "keeper/client_int.h"
#include "keeper/seal_args.h"

/* A release of 10,000 keys takes well under a second. */
enum { CALL_TIMEOUT_S = 10 };

struct ends {
	int *ours;
	int *theirs;
	unsigned n;
};

static void
close_all(const int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		(void)close(fds[i]); /* sockets lose nothing by it */
}

static bool
make_pair(int *ours, int *theirs)
{
	const struct timeval limit = {.tv_sec = CALL_TIMEOUT_S};
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) != 0)
		return false;
	if (setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) !=
		0 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) !=
		0) {
		close_all(sv, 2);
		return false;
	}
	*ours = sv[0];
	*theirs = sv[1];
	return true;
}

static vs_status
make_pairs(struct ends *e, unsigned want, struct vs_err *err)
{
	for (; e->n < want; e->n++)
		if (!make_pair(&e->ours[e->n], &e->theirs[e->n]))
			return vs_fail(err, VS_UNAVAILABLE,
			    "no sockets for the keeper's channels");
	return VS_OK;
}

/*
 * Between fork and exec: only calls that are safe there. The file descriptors
 * of this process are all close-on-exec but the channels' ends.
 */
__attribute__((noreturn)) static void
child(const struct ends *e, const char *program, char *const *argv, int parent)
{
	static char *const no_environment[] = {NULL};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(126);
	for (unsigned i = 0; i < e->n; i++)
		if (fcntl(e->theirs[i], F_SETFD, 0) != 0)
			_exit(126);
	(void)execve(program, argv, no_environment);
	_exit(127);
}

static vs_status
fork_exec(struct vs_keeper *k, const struct ends *e, char *channels, int *pid,
    struct vs_err *err)
{
	char flags[VS_SEAL_ARGS][VS_SEAL_FLAG];
	char *argv[VS_SEAL_ARGV + 4] = {k->program};
	size_t n = 1 + vs_seal_argv(&k->conf, flags, argv + 1);
	char flag_channels[] = "--channels";
	int parent = getpid();

	argv[n++] = flag_channels;
	argv[n++] = channels;
	argv[n] = NULL;
	if (access(k->program, X_OK) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot be run; set keeper.program", k->program);
	*pid = fork();
	if (*pid == 0)
		child(e, k->program, argv, parent);
	if (*pid < 0)
		return vs_fail(err, VS_UNAVAILABLE, "cannot fork");
	return VS_OK;
}

vs_status
vs_keeper_spawn(struct vs_keeper *k, int *fds, int *pid, struct vs_err *err)
{
	struct ends e = {.ours = fds};
	struct vs_buf list = {0};
	vs_status st;

	e.theirs = vs_calloc(k->n, sizeof *e.theirs);
	if (e.theirs == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keeper");
	st = make_pairs(&e, k->n, err);
	for (unsigned i = 0; i < e.n; i++)
		vs_buf_printf(&list, "%s%d", i > 0 ? "," : "", e.theirs[i]);
	vs_buf_add(&list, VS_SPAN("\0", 1));
	if (st == VS_OK)
		st = vs_buf_status(&list);
	if (st == VS_OK)
		st = fork_exec(k, &e, (char *)list.p, pid, err);
	close_all(e.theirs, e.n);
	if (st != VS_OK)
		close_all(e.ours, e.n);
	free(e.theirs);
	vs_buf_fini(&list);
	return st;
}
