/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways out of a cage, each tried in a child that has stepped in: the call must
 * end it. Include with ESCAPES(X) defined, X(name, call), and step_in().
 */
#ifndef VS_TESTS_CAGE_ESCAPES_H
#define VS_TESTS_CAGE_ESCAPES_H

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { DONE = 0, KILLED = 1000 + SIGSYS };

static void step_in(void);

#define X(name, call)                                                          \
	static void name(void)                                                 \
	{                                                                      \
		(void)!(call);                                                 \
	}
ESCAPES(X)
#undef X

/* Its exit status, or 1000 and the signal that ended it. */
static int
outcome(void (*f)(void))
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		step_in();
		f();
		_exit(DONE);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void
test_escapes(void)
{
	static const struct {
		const char *name;
		void (*f)(void);
	} all[] = {
#define X(name, call) {#name, name},
	    ESCAPES(X)
#undef X
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!CHECK_INT(outcome(all[i].f), KILLED))
			printf("  it could %s\n", all[i].name);
}

#endif
