/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confinement of a process by the kernel: what it has by now it may use, and
 * hardly anything new can be had. Landlock (landlock(7)) for files and TCP,
 * seccomp (seccomp(2)) for system calls. Neither can be undone, and both are
 * inherited by threads started later, so call them before the first one.
 */
#ifndef VS_BASE_CAGE_H
#define VS_BASE_CAGE_H

#include "base/bytes.h"

/*
 * Sanitizers and coverage ask more of the system than a cage allows: in
 * builds with VS_UNCAGED what confines does nothing, and vs_cage_files says
 * so. What it would have used is named by VS_CAGE_FILES_BY.
 */
#ifdef VS_UNCAGED
#define VS_CAGE_FILES_BY "anything, being an instrumented build"
#else
#define VS_CAGE_FILES_BY "Landlock"
#endif

typedef enum vs_cage_how {
	VS_CAGE_ALLOW = 0,
	VS_CAGE_THREAD, /* clone: a thread of this process, nothing else */
	VS_CAGE_DATA,   /* mmap, mprotect: no executable pages */
	VS_CAGE_SELF,   /* the first argument is our own process */
	VS_CAGE_ABSENT, /* fails with ENOSYS: the caller knows another way */
	VS_CAGE_REFUSE, /* fails with EPERM: the caller copes */
} vs_cage_how;

struct vs_cage_call {
	int number; /* SYS_... */
	vs_cage_how how;
};

enum { VS_CAGE_CALLS_MAX = 120, VS_CAGE_PATHS_MAX = 400 };

/*
 * From now on any call that is not listed ends the process (SIGSYS), as does
 * one of another architecture. Order by frequency: the list is searched from
 * its front. Also sets no_new_privs. Fails where the kernel has no seccomp.
 */
VS_MUST_USE vs_status vs_cage_calls(
    const struct vs_cage_call *calls, size_t n, struct vs_err *err);

typedef enum vs_cage_use {
	VS_CAGE_READ = 0, /* a file, or all below a directory */
	VS_CAGE_CHANGE,   /* also write, create and remove there */
} vs_cage_use;

struct vs_cage_path {
	const char *path;
	vs_cage_use use;
};

/*
 * From now on only these paths can be opened, and what is below them; no TCP
 * port can be bound or connected to (from Linux 6.7 on), and no process
 * outside be signalled (6.12). A path that does not exist is skipped: it
 * stays out of reach. What is open stays open. Also sets no_new_privs.
 *
 * VS_UNSUPPORTED where the kernel has no Landlock or does not let us use it;
 * nothing has changed then.
 */
VS_MUST_USE vs_status vs_cage_files(
    const struct vs_cage_path *paths, size_t n, struct vs_err *err);

/* At most this many open files from now on, and none that is written beyond
 * so many bytes. */
VS_MUST_USE vs_status vs_cage_no_new_files(
    unsigned open_files, uint64_t file_bytes, struct vs_err *err);

struct vs_cage_user {
	uint32_t uid;
	uint32_t gid;
};

/*
 * "NAME", "UID" or "UID:GID". VS_NOT_FOUND for a name that nobody has;
 * VS_USAGE for root.
 */
VS_MUST_USE vs_status vs_cage_user_find(
    const char *text, struct vs_cage_user *out, struct vs_err *err);
/* Becomes that user, for good: no way back, no other groups, not traceable.
 * The caller is root. */
VS_MUST_USE vs_status vs_cage_become(
    const struct vs_cage_user *user, struct vs_err *err);

#endif
