/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/seal_helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/* A slow TPM takes seconds for its storage key, a network HSM too. */
	TIMEOUT_S = 120,
	PATH_BYTES = 4096,
};
static const char name[] = "vouchsafe-seal";

vs_status
vs_seal_helper_broken(struct vs_err *err, const char *why)
{
	return vs_fail_code(err, VS_SEALED, "seal.helper", "%s %s", name, why);
}

/* Beside the program that runs. */
static bool
beside_us(char path[PATH_BYTES])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_BYTES - sizeof name);

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return false;
	memcpy(path + n, name, sizeof name);
	return true;
}

static char *
text(const char *s)
{
	static char none[] = "";
	union {
		const char *in;
		char *out; /* execve takes it so, and does not write */
	} u = {.in = s};

	return s == NULL ? none : u.out;
}

/* Between fork and exec: only calls that are safe there. */
__attribute__((noreturn)) static void
child(const struct vs_seal_conf *c, char *path, int channel, int parent)
{
	static char quiet[] = "TSS2_LOG=all+none";
	char *const argv[] = {path, text(c->tpm2.tcti), text(c->tpm2.pcrs),
	    text(c->tpm2.policy_key), text(c->tpm2.policy_sig),
	    text(c->pkcs11.module), text(c->pkcs11.token), text(c->pkcs11.key),
	    text(c->pkcs11.pin_file), NULL};
	char *const env[] = {
	    quiet, c->pkcs11.env == NULL ? NULL : text(c->pkcs11.env), NULL};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(126);
	/* One above the channel's number first: it may have that number. */
	if (dup2(channel, VS_SEAL_CHANNEL + 1) < 0 ||
	    dup2(VS_SEAL_CHANNEL + 1, VS_SEAL_CHANNEL) < 0 ||
	    syscall(SYS_close_range, VS_SEAL_CHANNEL + 1, -1, 0) != 0)
		_exit(126);
	(void)execve(path, argv, env);
	_exit(127);
}

static vs_status
start(const struct vs_seal_conf *c, int *fd, int *pid, struct vs_err *err)
{
	const struct timeval limit = {.tv_sec = TIMEOUT_S};
	char path[PATH_BYTES];
	int parent = getpid();
	int sv[2];

	if (!beside_us(path) || access(path, X_OK) != 0)
		return vs_seal_helper_broken(err, "is not beside this program");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) != 0)
		return vs_seal_helper_broken(err, "cannot be given a channel");
	*pid = fork();
	if (*pid == 0)
		child(c, path, sv[1], parent);
	(void)close(sv[1]); /* theirs */
	if (*pid < 0 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) !=
		0) {
		(void)close(sv[0]); /* nothing was said */
		return vs_seal_helper_broken(err, "cannot be started");
	}
	*fd = sv[0];
	return VS_OK;
}

static void
stop(int fd, int pid)
{
	(void)close(fd);          /* all was said */
	(void)kill(pid, SIGKILL); /* or gone */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static ssize_t
exchange(int fd, uint8_t op, struct vs_span in, uint8_t *answer)
{
	struct iovec parts[] = {
	    {.iov_base = &op, .iov_len = 1}, {.iov_len = in.n}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = VS_COUNT(parts)};
	ssize_t n;

	memcpy(&parts[1].iov_base, &in.p, sizeof in.p); /* only read */
	if (sendmsg(fd, &m, MSG_NOSIGNAL) != (ssize_t)in.n + 1)
		return -1;
	do
		n = recv(fd, answer, VS_SEAL_MESSAGE_MAX, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

static vs_status
read_answer(struct vs_span answer, struct vs_span *data, struct vs_err *err)
{
	static const char *const codes[] = VS_SEAL_CODES;
	struct vs_rd in = vs_rd_of(answer);
	struct vs_span message = {0};
	uint32_t status = 0;
	uint8_t code = 0, n = 0;
	vs_status st = vs_rd_u32be(&in, &status);

	if (st == VS_OK)
		st = vs_rd_u8(&in, &code);
	if (st == VS_OK)
		st = vs_rd_u8(&in, &n);
	if (st == VS_OK)
		st = vs_rd_bytes(&in, n, &message);
	if (st != VS_OK || code >= VS_COUNT(codes))
		return vs_seal_helper_broken(err, "gave no answer");
	*data = vs_rd_rest(&in);
	if (status == VS_OK)
		return VS_OK;
	(void)vs_fail(err, (vs_status)status, "%.*s", VS_SPAN_ARG(message));
	err->code = codes[code];
	return (vs_status)status;
}

vs_status
vs_seal_helper_call(const struct vs_seal_conf *c, vs_seal_op op,
    struct vs_span in, uint8_t *answer, struct vs_span *data,
    struct vs_err *err)
{
	int fd = -1, pid = -1;
	vs_status st = start(c, &fd, &pid, err);
	ssize_t n;

	if (st != VS_OK)
		return st;
	n = exchange(fd, (uint8_t)op, in, answer);
	stop(fd, pid);
	return read_answer(VS_SPAN(answer, n < 0 ? 0 : (size_t)n), data, err);
}

static vs_status
unwrap(const struct vs_seal_conf *c, vs_seal_op op, struct vs_span blob,
    struct vs_secret **out, struct vs_err *err)
{
	VS_AUTO(vs_secret) *answer = vs_secret_new(VS_SEAL_MESSAGE_MAX);
	struct vs_span data = {0};
	vs_status st;

	if (answer == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	st = vs_seal_helper_call(
	    c, op, blob, vs_secret_poke(answer), &data, err);
	if (st != VS_OK)
		return st;
	if (data.n == 0 || data.n > VS_SEAL_SECRET_MAX)
		return vs_seal_helper_broken(err, "gave no key");
	*out = vs_secret_new(data.n);
	if (*out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	memcpy(vs_secret_poke(*out), data.p, data.n);
	return VS_OK;
}

vs_status
vs_seal_tpm2_unwrap(const struct vs_seal_conf *c, struct vs_span blob,
    struct vs_secret **out, struct vs_err *err)
{
	return unwrap(c, VS_SEAL_OP_TPM2_UNWRAP, blob, out, err);
}

vs_status
vs_seal_pkcs11_unwrap(const struct vs_seal_conf *c, struct vs_span blob,
    struct vs_secret **out, struct vs_err *err)
{
	return unwrap(c, VS_SEAL_OP_PKCS11_UNWRAP, blob, out, err);
}
