/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks to a TPM or a token for the keeper: one request, then it is gone.
 * Started with --make it makes a seal, and is gone as well; for a TPM or a
 * token it then starts itself again, so that a root and the code of a device
 * are never in one process.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/init.h"
#include "keeper/seal_tool.h"
#include "seal/serve.h"

enum {
	HEAP_LOCKED = 2 * 1024 * 1024, /* a token in software takes most */
	SECRETS_LOCKED = 256 * 1024,   /* a seal file, twice, and shares */
	TIMEOUT_S = 120, /* a device that hangs must not hold up a start */
};

static vs_status
prepare(struct vs_err *err)
{
	(void)umask(077);
	VS_TRY(err, "seal", vs_process_harden(err));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return vs_fail(err, VS_INTERNAL, "no_new_privs");
	VS_TRY(err, "seal",
	    vs_secret_pool_init(HEAP_LOCKED + SECRETS_LOCKED, err));
	return vs_crypto_lock_heap(HEAP_LOCKED, err);
}

static int
make(const struct vs_seal_job *job)
{
	struct vs_err err = {0};
	vs_status st = prepare(&err);

	if (st == VS_OK)
		st = vs_seal_tool(job, &err);
	if (st != VS_OK)
		(void)printf("fail %s\n", err.msg);
	return vs_status_exit(st);
}

int
main(int argc, char **argv)
{
	struct vs_seal_job job = {.in = STDIN_FILENO, .out = STDOUT_FILENO};
	struct vs_err err = {0};

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("vouchsafe-seal " VS_VERSION) < 0;
	if (vs_seal_job_parse(argc, argv, &job))
		return make(&job);
	if (argc != VS_SEAL_HELPER_ARGS + 1) {
		(void)fputs("vouchsafe-seal: started by vouchsafe-keeper(8) "
			    "where the seal is a TPM or a token, and by "
			    "`vouchsafe seal`. Not for people.\n",
		    stderr);
		return 2;
	}
	(void)alarm(TIMEOUT_S);
	if (prepare(&err) != VS_OK) {
		(void)fprintf(stderr, "vouchsafe-seal: %s\n", err.msg);
		return 4;
	}
	/* No handlers of a module at exit: they have torn down too much. */
	_exit(vs_seal_serve(VS_SEAL_CHANNEL, argv + 1) ? 0 : 4);
}
