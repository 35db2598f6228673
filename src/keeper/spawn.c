/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of a keeper process that starts. */
#include <stdlib.h>
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

vs_status
vs_keeper_spawn(struct vs_keeper *k, int *fds, int *pid, struct vs_err *err)
{
	struct ends e = {.ours = fds};
	vs_status st;

	e.theirs = vs_calloc(k->n, sizeof *e.theirs);
	if (e.theirs == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keeper");
	st = make_pairs(&e, k->n, err);
	if (st == VS_OK)
		st = vs_starter_run(&k->starter, e.theirs, e.n, pid, err);
	close_all(e.theirs, e.n);
	if (st != VS_OK)
		close_all(e.ours, e.n);
	free(e.theirs);
	return st;
}
