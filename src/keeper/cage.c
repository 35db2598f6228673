/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/cage.h"

#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper/seal_int.h"

enum { ARENAS = 16 };

/* By frequency. */
/* clang-format off */
#define ALLOW(name) {SYS_##name, VS_CAGE_ALLOW}
static const struct vs_cage_call calls[] = {
	ALLOW(recvfrom), ALLOW(sendto), ALLOW(recvmsg), ALLOW(sendmsg),
	ALLOW(read), ALLOW(write), ALLOW(writev), ALLOW(futex), ALLOW(ppoll),
#ifdef SYS_poll
	ALLOW(poll),
#endif
	ALLOW(getrandom), ALLOW(clock_gettime), ALLOW(clock_nanosleep),
	ALLOW(brk), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise),
	ALLOW(mlock), ALLOW(munlock),
	{SYS_mmap, VS_CAGE_DATA}, {SYS_mprotect, VS_CAGE_DATA},
	/* The seal that is open: a new ring is written in place. glibc's
	 * fstat is one or the other. */
	ALLOW(pread64), ALLOW(pwrite64), ALLOW(fdatasync), ALLOW(flock),
	ALLOW(fstat), ALLOW(newfstatat),
	ALLOW(close), ALLOW(shutdown),
	{SYS_clone, VS_CAGE_THREAD},
	{SYS_clone3, VS_CAGE_ABSENT}, /* its flags are out of our sight */
	ALLOW(set_robust_list), ALLOW(rseq), ALLOW(rt_sigprocmask),
	ALLOW(rt_sigaction), /* of the first thread */
	ALLOW(rt_sigreturn), ALLOW(restart_syscall), ALLOW(sched_yield),
	ALLOW(gettid), ALLOW(getpid),
	{SYS_tgkill, VS_CAGE_SELF}, /* abort(3) */
	ALLOW(exit), ALLOW(exit_group),
};
/* clang-format on */

static vs_status
no_files(const char **unavailable, struct vs_err *err)
{
	vs_status st = vs_cage_files(NULL, 0, err);

	if (st != VS_UNSUPPORTED)
		return st;
	*unavailable = VS_CAGE_FILES_BY;
	return VS_OK;
}

vs_status
vs_keeper_cage(const struct vs_cage_user *user, unsigned open_files,
    const char **unavailable, struct vs_err *err)
{
	*unavailable = NULL;
	/* Else glibc would read the number of processors from a file. */
	(void)mallopt(M_ARENA_MAX, ARENAS);
	if (user->uid != 0 && geteuid() == 0)
		VS_TRY(err, "cage", vs_cage_become(user, err));
	VS_TRY(err, "cage", no_files(unavailable, err));
	VS_TRY(err, "cage",
	    vs_cage_no_new_files(open_files, VS_SEAL_FILE_MAX, err));
	return vs_cage_calls(calls, sizeof calls / sizeof calls[0], err);
}
