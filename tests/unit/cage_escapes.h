/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways out of a cage, each tried in a child that has stepped in: the call must
 * end it. A test lists them once as X(name, call) and makes of the list the
 * functions, with ESCAPE_FUNCTION, and the table, with ESCAPE_ENTRY.
 */
#ifndef VS_TESTS_CAGE_ESCAPES_H
#define VS_TESTS_CAGE_ESCAPES_H

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { DONE = 0, KILLED = 1000 + SIGSYS };

struct escape {
	const char *name;
	void (*f)(void);
};

/* What a call returns does not matter where it must not return. */
#define ESCAPE_FUNCTION(name, call)                                            \
	static void name(void)                                                 \
	{                                                                      \
		(void)!(call);                                                 \
	}
#define ESCAPE_ENTRY(name, call) {#name, name},

/* f's exit status after step_in(), or 1000 and the signal that ended it. */
static inline int
outcome(void (*step_in)(void), void (*f)(void))
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

static inline void
check_escapes(void (*step_in)(void), const struct escape *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!CHECK_INT(outcome(step_in, all[i].f), KILLED))
			printf("  it could %s\n", all[i].name);
}

#endif
