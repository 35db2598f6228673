/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM of a test's own: swtpm in a private directory, on a Unix socket. */
#ifndef VS_TESTS_SWTPM_H
#define VS_TESTS_SWTPM_H

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include "check.h"

struct swtpm {
	char dir[64];
	char tcti[128];
	pid_t pid;
};

static inline bool
swtpm_there(void)
{
	return system("command -v swtpm >/dev/null") == 0;
}

/* Starts it, as after a reset of the machine; the state stays in dir. */
static inline bool
swtpm_start(struct swtpm *t)
{
	char state[96], server[128], ctrl[128], sock[96];

	if (t->dir[0] == '\0') {
		(void)snprintf(t->dir, sizeof t->dir, "/tmp/vs-tpm-XXXXXX");
		if (mkdtemp(t->dir) == NULL)
			return false;
	}
	(void)snprintf(sock, sizeof sock, "%s/sock", t->dir);
	(void)snprintf(state, sizeof state, "dir=%s", t->dir);
	(void)snprintf(server, sizeof server, "type=unixio,path=%s", sock);
	(void)snprintf(ctrl, sizeof ctrl, "type=unixio,path=%s.ctrl", sock);
	(void)snprintf(t->tcti, sizeof t->tcti, "swtpm:path=%s", sock);
	(void)unlink(sock);
	t->pid = fork();
	if (t->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* it tells of every connection */
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		(void)execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate",
		    state, "--server", server, "--ctrl", ctrl, "--flags",
		    "not-need-init,startup-clear", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && access(sock, F_OK) != 0; i++)
		(void)usleep(20000);
	return t->pid > 0 && access(sock, F_OK) == 0;
}

static inline void
swtpm_stop(struct swtpm *t)
{
	if (t->pid > 0) {
		(void)kill(t->pid, SIGTERM);
		(void)waitpid(t->pid, NULL, 0);
	}
	t->pid = 0;
}

static inline void
swtpm_remove(struct swtpm *t)
{
	char command[96];

	swtpm_stop(t);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
	CHECK(system(command) == 0);
	t->dir[0] = '\0';
}

/* Other hands on the same TPM. */
static inline ESYS_CONTEXT *
swtpm_connect(const struct swtpm *t, TSS2_TCTI_CONTEXT **tcti)
{
	ESYS_CONTEXT *esys = NULL;

	CHECK(Tss2_TctiLdr_Initialize(t->tcti, tcti) == TSS2_RC_SUCCESS);
	CHECK(Esys_Initialize(&esys, *tcti, NULL) == TSS2_RC_SUCCESS);
	return esys;
}

static inline void
swtpm_disconnect(ESYS_CONTEXT *esys, TSS2_TCTI_CONTEXT *tcti)
{
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&tcti);
}

static inline void
swtpm_extend(const struct swtpm *t, unsigned pcr)
{
	static const TPML_DIGEST_VALUES values = {.count = 1,
	    .digests = {{.hashAlg = TPM2_ALG_SHA256, .digest.sha256 = {0xab}}}};
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *esys = swtpm_connect(t, &tcti);

	CHECK(Esys_PCR_Extend(esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
		  ESYS_TR_NONE, ESYS_TR_NONE, &values) == TSS2_RC_SUCCESS);
	swtpm_disconnect(esys, tcti);
}

#endif
