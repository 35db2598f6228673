/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forked where threads may run already (in tests), so that both the starter
 * and the child before exec only make calls that are safe there.
 */
#include "keeper/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FDS_A_MESSAGE = 128, /* the kernel takes 253 */
	ARGS_MAX = 60,
	LIST_MAX = VS_STARTER_CHANNELS_MAX * 11 + 1,
};

typedef enum order_kind {
	ORDER_FDS = 1, /* keep what came along */
	ORDER_RUN,     /* with all that were kept */
	ORDER_KILL,
} order_kind;

struct order {
	order_kind kind;
	int pid;
};

/* pid: of the keeper that started; 0: it is dead; -1: it did not start. */
struct report {
	int pid;
};

/* ---- in the starter ---------------------------------------------------- */

struct state {
	int fd;
	char *const *argv;
	int fds[VS_STARTER_CHANNELS_MAX];
	unsigned n;
	int pid;   /* of the keeper; 0: none */
	int pidfd; /* -1: none */
	char list[LIST_MAX];
};

static void
put_number(char **at, unsigned v)
{
	char digits[10];
	unsigned n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		*(*at)++ = digits[--n];
}

static void
make_list(struct state *s)
{
	char *at = s->list;

	for (unsigned i = 0; i < s->n; i++) {
		if (i > 0)
			*at++ = ',';
		put_number(&at, (unsigned)s->fds[i]);
	}
	*at = '\0';
}

__attribute__((noreturn)) static void
child(struct state *s, int parent)
{
	static char *const no_environment[] = {NULL};
	static char channels[] = "--channels";
	char *argv[ARGS_MAX + 4];
	unsigned n = 0;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(126);
	for (; s->argv[n] != NULL && n < ARGS_MAX; n++)
		argv[n] = s->argv[n];
	argv[n++] = channels;
	argv[n++] = s->list;
	argv[n] = NULL;
	for (unsigned i = 0; i < s->n; i++)
		if (fcntl(s->fds[i], F_SETFD, 0) != 0)
			_exit(126);
	(void)execve(argv[0], argv, no_environment);
	_exit(127);
}

static void
tell(const struct state *s, int pid)
{
	const struct report r = {pid};

	/* Nobody reads: then our own end is near. */
	(void)send(s->fd, &r, sizeof r, MSG_NOSIGNAL);
}

static void
forget_fds(struct state *s)
{
	for (unsigned i = 0; i < s->n; i++)
		(void)close(s->fds[i]); /* the keeper has its own */
	s->n = 0;
}

static void
run(struct state *s)
{
	int parent = getpid();
	int pid = -1;

	make_list(s);
	if (s->pid == 0)
		pid = fork();
	if (pid == 0)
		child(s, parent);
	forget_fds(s);
	if (pid > 0) {
		s->pid = pid;
		s->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	}
	tell(s, pid);
}

static void
bury(struct state *s)
{
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	s->pid = 0;
	if (s->pidfd >= 0)
		(void)close(s->pidfd); /* read only */
	s->pidfd = -1;
	tell(s, 0);
}

static void
keep_fds(struct state *s, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[FDS_A_MESSAGE];

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    n > FDS_A_MESSAGE)
			continue;
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (size_t i = 0; i < n; i++)
			if (s->n < VS_STARTER_CHANNELS_MAX)
				s->fds[s->n++] = fds[i];
			else
				(void)close(fds[i]); /* one too many */
	}
}

/* False when the other side has gone. */
static bool
obey(struct state *s)
{
	union {
		char bytes[CMSG_SPACE(FDS_A_MESSAGE * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct order o = {0};
	struct iovec v = {&o, sizeof o};
	struct msghdr m = {
	    .msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes,
	};
	ssize_t n = recvmsg(s->fd, &m, MSG_CMSG_CLOEXEC);

	if (n < 0 && errno == EINTR)
		return true;
	if (n != (ssize_t)sizeof o)
		return false;
	keep_fds(s, &m);
	if (o.kind == ORDER_RUN)
		run(s);
	else if (o.kind == ORDER_KILL && o.pid > 0 && o.pid == s->pid)
		(void)kill(s->pid, SIGKILL); /* or it is dead already */
	return true;
}

__attribute__((noreturn)) static void
serve(int fd, int parent, char *const *argv)
{
	static struct state s;
	const int own = 3;
	int parentfd;

	if (fd != own && dup3(fd, own, O_CLOEXEC) != own)
		_exit(126);
	if (syscall(SYS_close_range, own + 1, ~0u, 0) != 0)
		_exit(126);
	/* Its own child may hold copies of the socket: its death counts. */
	parentfd = (int)syscall(SYS_pidfd_open, parent, 0);
	if (parentfd < 0 || getppid() != parent)
		_exit(126);
	(void)prctl(PR_SET_NAME, "vouchsafe-start"); /* for ps(1) */
	s = (struct state){.fd = own, .argv = argv, .pidfd = -1};
	for (;;) {
		struct pollfd p[] = {
		    {.fd = s.fd, .events = POLLIN},
		    {.fd = s.pidfd, .events = POLLIN},
		    {.fd = parentfd, .events = POLLIN},
		};

		if ((poll(p, 3, -1) < 0 && errno != EINTR) || p[2].revents != 0)
			break;
		if (p[1].revents != 0)
			bury(&s);
		else if (p[0].revents != 0 && !obey(&s))
			break;
	}
	if (s.pid > 0)
		(void)kill(s.pid, SIGKILL); /* or it is dead already */
	_exit(0);
}

/* ---- in the daemon ----------------------------------------------------- */

vs_status
vs_starter_fork(char *const *argv, struct vs_starter *out, struct vs_err *err)
{
	const int self = getpid();
	int sv[2];
	int pid;

	if (access(argv[0], X_OK) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot be run; set keeper.program", argv[0]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "no socket pair");
	pid = fork();
	if (pid == 0)
		serve(sv[1], self, argv);
	(void)close(sv[1]); /* the starter's */
	if (pid < 0) {
		(void)close(sv[0]); /* of no use */
		return vs_fail(err, VS_UNAVAILABLE, "cannot fork");
	}
	*out = (struct vs_starter){sv[0], pid};
	return VS_OK;
}

void
vs_starter_stop(struct vs_starter *s)
{
	if (s->pid <= 0)
		return;
	(void)close(s->fd); /* which is how it is told */
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*s = (struct vs_starter){-1, 0};
}

static bool
send_order(const struct vs_starter *s, const struct order *o, const int *fds,
    unsigned n)
{
	union {
		char bytes[CMSG_SPACE(FDS_A_MESSAGE * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct order copy = *o;
	struct iovec v = {&copy, sizeof copy};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ssize_t sent;

	if (n > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof control);
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	do
		sent = sendmsg(s->fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof copy;
}

/* -1: the starter has gone. */
static int
hear(const struct vs_starter *s)
{
	struct report r = {-1};
	ssize_t n;

	do
		n = recv(s->fd, &r, sizeof r, 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof r ? r.pid : -1;
}

vs_status
vs_starter_run(struct vs_starter *s, const int *fds, unsigned n, int *pid,
    struct vs_err *err)
{
	const struct order more = {.kind = ORDER_FDS};
	const struct order run_it = {.kind = ORDER_RUN};
	bool ok = n <= VS_STARTER_CHANNELS_MAX;
	int started;

	for (unsigned i = 0; ok && i < n; i += FDS_A_MESSAGE) {
		unsigned part = n - i < FDS_A_MESSAGE ? n - i : FDS_A_MESSAGE;

		ok = send_order(s, &more, fds + i, part);
	}
	ok = ok && send_order(s, &run_it, NULL, 0);
	started = ok ? hear(s) : -1;
	if (started <= 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "the keeper cannot be started%s",
		    ok ? "" : "; restart the daemon");
	*pid = started;
	return VS_OK;
}

void
vs_starter_await(struct vs_starter *s)
{
	(void)hear(s); /* that it is dead, or the starter with it */
}

void
vs_starter_kill(struct vs_starter *s, int pid)
{
	const struct order o = {.kind = ORDER_KILL, .pid = pid};

	(void)send_order(s, &o, NULL, 0); /* gone: so is the keeper */
}
