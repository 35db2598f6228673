/* SPDX-License-Identifier: Apache-2.0 */
/* The first start: a root and its seal, made by vouchsafe-seal. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/client_int.h"
#include "keeper/seal_args.h"

enum { PATH_BYTES = 4096, TEXT_BYTES = 512 };

/* vouchsafe-seal stands beside the keeper. */
static bool
beside(const char *program, char out[PATH_BYTES])
{
	const char *slash = strrchr(program, '/');
	int n = slash == NULL ? 0 : (int)(slash - program) + 1;

	n = snprintf(out, PATH_BYTES, "%.*svouchsafe-seal", n, program);
	return n > 0 && n < PATH_BYTES && access(out, X_OK) == 0;
}

static bool
start(char *const *argv, int out, int *pid)
{
	static char *const no_environment[] = {NULL};
	posix_spawn_file_actions_t acts;
	bool ok = posix_spawn_file_actions_init(&acts) == 0;

	if (!ok)
		return false;
	ok = posix_spawn_file_actions_adddup2(&acts, out, STDOUT_FILENO) == 0 &&
	    posix_spawn(pid, argv[0], &acts, NULL, argv, no_environment) == 0;
	(void)posix_spawn_file_actions_destroy(&acts);
	return ok;
}

/* All that it says, to its end. */
static void
listen_to(int fd, char text[TEXT_BYTES])
{
	size_t at = 0;
	ssize_t n;

	do {
		n = read(fd, text + at, TEXT_BYTES - 1 - at);
		if (n > 0)
			at += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	text[at] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static vs_status
run(char *const *argv, struct vs_err *err)
{
	char text[TEXT_BYTES] = "";
	int status = -1;
	int pid = -1;
	int fds[2];
	bool ok;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "no pipes");
	ok = start(argv, fds[1], &pid);
	(void)close(fds[1]);
	if (ok)
		listen_to(fds[0], text);
	(void)close(fds[0]);
	while (ok && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (ok && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return VS_OK;
	return vs_fail_code(err, VS_UNAVAILABLE, "seal.none", "%.200s",
	    strncmp(text, "fail ", 5) == 0 ? text + 5
					   : "no seal could be made");
}

vs_status
vs_keeper_make_seal(const struct vs_keeper *k, struct vs_err *err)
{
	char flags[VS_SEAL_ARGS][VS_SEAL_FLAG];
	char make[] = "--make", fresh[] = "new", to[] = "--to";
	char kind[16] = "file";
	char path[PATH_BYTES];
	char *argv[VS_SEAL_ARGV + 6] = {path, make, fresh, to, kind};

	if (access(k->conf.path, F_OK) == 0 || errno != ENOENT)
		return VS_OK; /* there is one, or it is for the keeper to say */
	if (k->conf.kind != NULL)
		(void)snprintf(kind, sizeof kind, "%s", k->conf.kind);
	if (strcmp(kind, "shamir") == 0)
		return vs_fail_code(err, VS_UNAVAILABLE, "seal.none",
		    "%.64s: there is no seal yet; make it, and its shares, "
		    "with `vouchsafe seal init`",
		    k->conf.path);
	if (!beside(k->program, path))
		return vs_fail_code(err, VS_UNAVAILABLE, "seal.none",
		    "%s: cannot be run; it makes the seal of a first start",
		    path);
	argv[5 + vs_seal_argv(&k->conf, flags, argv + 5)] = NULL;
	if (run(argv, err) == VS_OK || access(k->conf.path, F_OK) == 0)
		return VS_OK; /* or somebody else was faster */
	return err->status;
}
