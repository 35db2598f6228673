/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/cage.h"

#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/secret.h"
#include "keeper/seal_int.h"

enum { ARENAS = 16 };

/* Sanitizers and coverage need more of the system than we do. */
#ifndef VS_UNCAGED
/* By frequency. */
static const struct vs_cage_call calls[] = {
    {SYS_recvfrom, VS_CAGE_ALLOW},
    {SYS_sendto, VS_CAGE_ALLOW},
    {SYS_recvmsg, VS_CAGE_ALLOW},
    {SYS_sendmsg, VS_CAGE_ALLOW},
    {SYS_read, VS_CAGE_ALLOW},
    {SYS_write, VS_CAGE_ALLOW},
    {SYS_writev, VS_CAGE_ALLOW},
    {SYS_futex, VS_CAGE_ALLOW},
    {SYS_ppoll, VS_CAGE_ALLOW},
#ifdef SYS_poll
    {SYS_poll, VS_CAGE_ALLOW},
#endif
    {SYS_getrandom, VS_CAGE_ALLOW},
    {SYS_clock_gettime, VS_CAGE_ALLOW},
    {SYS_clock_nanosleep, VS_CAGE_ALLOW},
    {SYS_brk, VS_CAGE_ALLOW},
    {SYS_munmap, VS_CAGE_ALLOW},
    {SYS_mremap, VS_CAGE_ALLOW},
    {SYS_madvise, VS_CAGE_ALLOW},
    {SYS_mlock, VS_CAGE_ALLOW},
    {SYS_munlock, VS_CAGE_ALLOW},
    {SYS_mmap, VS_CAGE_DATA},
    {SYS_mprotect, VS_CAGE_DATA},
    /* The seal that is open: a new ring is written in place. */
    {SYS_pread64, VS_CAGE_ALLOW},
    {SYS_pwrite64, VS_CAGE_ALLOW},
    {SYS_fdatasync, VS_CAGE_ALLOW},
    {SYS_flock, VS_CAGE_ALLOW},
    {SYS_fstat, VS_CAGE_ALLOW},
#ifdef SYS_newfstatat
    {SYS_newfstatat, VS_CAGE_ALLOW}, /* how glibc spells fstat */
#endif
    {SYS_close, VS_CAGE_ALLOW},
    {SYS_shutdown, VS_CAGE_ALLOW},
    {SYS_clone, VS_CAGE_THREAD},
    {SYS_clone3, VS_CAGE_ABSENT}, /* its flags are out of our sight */
    {SYS_set_robust_list, VS_CAGE_ALLOW},
    {SYS_rseq, VS_CAGE_ALLOW},
    {SYS_rt_sigprocmask, VS_CAGE_ALLOW},
    {SYS_rt_sigaction, VS_CAGE_ALLOW}, /* of the first thread */
    {SYS_rt_sigreturn, VS_CAGE_ALLOW},
    {SYS_restart_syscall, VS_CAGE_ALLOW},
    {SYS_sched_yield, VS_CAGE_ALLOW},
    {SYS_gettid, VS_CAGE_ALLOW},
    {SYS_getpid, VS_CAGE_ALLOW},
    {SYS_tgkill, VS_CAGE_SELF}, /* abort(3) */
    {SYS_exit, VS_CAGE_ALLOW},
    {SYS_exit_group, VS_CAGE_ALLOW},
};

static vs_status
no_files(const char **unavailable, struct vs_err *err)
{
	vs_status st = vs_cage_files(NULL, 0, err);

	if (st != VS_UNSUPPORTED)
		return st;
	*unavailable = "Landlock";
	return VS_OK;
}
#endif

vs_status
vs_keeper_cage(const struct vs_cage_user *user, unsigned open_files,
    const char **unavailable, struct vs_err *err)
{
	*unavailable = NULL;
	/* Else glibc would read the number of processors from a file. */
	(void)mallopt(M_ARENA_MAX, ARENAS);
	if (user != NULL && geteuid() == 0) {
		VS_TRY(err, "cage", vs_cage_become(user, err));
		/* Another user may be traced again: not us. */
		VS_TRY(err, "cage", vs_process_harden(err));
	}
#ifdef VS_UNCAGED
	(void)open_files;
	*unavailable = "anything: an instrumented build";
	return VS_OK;
#else
	VS_TRY(err, "cage", no_files(unavailable, err));
	VS_TRY(err, "cage",
	    vs_cage_no_new_files(open_files, VS_SEAL_FILE_MAX, err));
	return vs_cage_calls(calls, sizeof calls / sizeof calls[0], err);
#endif
}
