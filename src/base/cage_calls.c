/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter, as a program of classic BPF. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cage.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name the architecture of the seccomp filter"
#endif

#ifdef VS_UNCAGED
enum { UNCAGED = 1 };
#else
enum { UNCAGED = 0 };
#endif

/* Of x86-64: numbers from here on are of another table of calls. */
#define X32_BIT 0x40000000u

/* The low half of an argument; the machines above are little-endian. */
#define ARGUMENT(i) ((unsigned)offsetof(struct seccomp_data, args[i]))

enum {
	HEAD = 6,   /* instructions before the first call */
	A_CALL = 6, /* instructions of a call, at most */
	PROGRAM = HEAD + VS_CAGE_CALLS_MAX * A_CALL + 1,
};

struct program {
	struct sock_filter at[PROGRAM];
	unsigned short n;
};

static void
put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->at[p->n++] =
	    (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = k};
}

static void
put_load(struct program *p, uint32_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

/* Goes over `no` instructions unless the loaded word is k. */
static void
put_unless(struct program *p, uint32_t k, uint8_t no)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, no);
}

static void
put_return(struct program *p, uint32_t action)
{
	put(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Allows when the bits of mask in the argument are exactly want. */
static void
put_masked(struct program *p, unsigned argument, uint32_t mask, uint32_t want)
{
	put_load(p, ARGUMENT(argument));
	put(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, want, 0, 1);
	put_return(p, SECCOMP_RET_ALLOW);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
}

static void
put_call(struct program *p, const struct vs_cage_call *c)
{
	const uint32_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;

	put_unless(p, (uint32_t)c->number,
	    c->how == VS_CAGE_THREAD || c->how == VS_CAGE_DATA ||
		    c->how == VS_CAGE_SELF
		? 5
		: 1);
	switch (c->how) {
	case VS_CAGE_ALLOW:
		put_return(p, SECCOMP_RET_ALLOW);
		return;
	case VS_CAGE_THREAD:
		put_masked(p, 0, thread | CLONE_NEWUSER | CLONE_NEWNS, thread);
		return;
	case VS_CAGE_DATA:
		put_masked(p, 2, PROT_EXEC, 0);
		return;
	case VS_CAGE_SELF:
		put_masked(p, 0, UINT32_MAX, (uint32_t)getpid());
		return;
	case VS_CAGE_ABSENT:
		put_return(p, SECCOMP_RET_ERRNO | ENOSYS);
		return;
	case VS_CAGE_REFUSE:
		put_return(p, SECCOMP_RET_ERRNO | EPERM);
		return;
	}
}

static void
put_head(struct program *p)
{
	put_load(p, (uint32_t)offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_load(p, (uint32_t)offsetof(struct seccomp_data, nr));
	put(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
}

vs_status
vs_cage_calls(const struct vs_cage_call *calls, size_t n, struct vs_err *err)
{
	struct program p = {.n = 0};
	struct sock_fprog program = {.filter = p.at};

	if (n > VS_CAGE_CALLS_MAX)
		return vs_fail(err, VS_RANGE, "cage: too many calls");
	put_head(&p);
	for (size_t i = 0; i < n; i++)
		put_call(&p, &calls[i]);
	put_return(&p, SECCOMP_RET_KILL_PROCESS);
	program.len = p.n;
	if (UNCAGED)
		return VS_OK;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return vs_fail(err, VS_INTERNAL, "cage: no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "cage: the kernel refuses the filter of system calls%s",
		    errno == ENOSYS || errno == EINVAL ? "; it has no seccomp"
						       : "");
	return VS_OK;
}
