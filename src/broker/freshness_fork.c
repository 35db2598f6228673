/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter behind a cage: a process that is forked before the daemon
 * confines itself, asks the TPM when it is told to, and ends with its parent.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/freshness.h"

typedef enum order {
	ORDER_DEFINE = 1,
	ORDER_READ,
	ORDER_BUMP,
} order;

/* It was forked, so that a code in err is where it is with us. */
struct answer {
	vs_status st;
	uint64_t value;
	struct vs_err err;
};

static vs_status
obey(struct vs_seal_conf *conf, order what, struct answer *a)
{
	switch (what) {
	case ORDER_DEFINE:
		return vs_tpm_counter_define(conf, &a->value, &a->err);
	case ORDER_READ:
		return vs_tpm_counter_read(conf, &a->value, &a->err);
	case ORDER_BUMP:
		return vs_tpm_counter_bump(conf, &a->value, &a->err);
	}
	return VS_MALFORMED;
}

__attribute__((noreturn)) static void
serve(int fd, int parent, struct vs_seal_conf *conf)
{
	order what;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(126);
	while (recv(fd, &what, sizeof what, 0) == (ssize_t)sizeof what) {
		struct answer a = {.st = VS_OK};

		a.st = obey(conf, what, &a);
		if (send(fd, &a, sizeof a, MSG_NOSIGNAL) != (ssize_t)sizeof a)
			break;
	}
	_exit(0);
}

vs_status
vs_freshness_fork(struct vs_seal_conf *conf, struct vs_freshness_outside *out,
    struct vs_err *err)
{
	const int self = getpid();
	int sv[2];
	int pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "no socket pair");
	pid = fork();
	if (pid == 0) {
		(void)close(sv[0]); /* the parent's */
		serve(sv[1], self, conf);
	}
	(void)close(sv[1]); /* the child's */
	if (pid < 0) {
		(void)close(sv[0]); /* of no use */
		return vs_fail(err, VS_UNAVAILABLE, "cannot fork");
	}
	*out = (struct vs_freshness_outside){sv[0], pid};
	return VS_OK;
}

void
vs_freshness_outside_stop(struct vs_freshness_outside *o)
{
	if (o->pid <= 0)
		return;
	(void)close(o->fd); /* which is how it is told */
	while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*o = (struct vs_freshness_outside){-1, 0};
}

static vs_status
ask(void *ctx, order what, uint64_t *out, struct vs_err *err)
{
	const struct vs_freshness_outside *o = ctx;
	struct answer a = {.st = VS_UNAVAILABLE};
	ssize_t n = -1;

	if (send(o->fd, &what, sizeof what, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof what)
		do
			n = recv(o->fd, &a, sizeof a, 0);
		while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof a)
		return vs_fail(err, VS_UNAVAILABLE,
		    "the process that asks the TPM has gone");
	if (a.st != VS_OK) {
		*err = a.err;
		return a.st;
	}
	*out = a.value;
	return VS_OK;
}

static vs_status
ask_define(void *ctx, uint64_t *out, struct vs_err *err)
{
	return ask(ctx, ORDER_DEFINE, out, err);
}

static vs_status
ask_read(void *ctx, uint64_t *out, struct vs_err *err)
{
	return ask(ctx, ORDER_READ, out, err);
}

static vs_status
ask_bump(void *ctx, uint64_t *out, struct vs_err *err)
{
	return ask(ctx, ORDER_BUMP, out, err);
}

struct vs_freshness_counter
vs_freshness_counter_outside(struct vs_freshness_outside *o)
{
	return (struct vs_freshness_counter){ask_define, ask_read, ask_bump, o};
}
