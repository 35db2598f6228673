/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cage.h"

#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "base/cage.h"
#include "broker/list_proof.h"

#ifdef VS_UNCAGED
/* Sanitizers and coverage need more of the system than we do. */
vs_status
vs_daemon_cage(const struct vs_config *c, const char *store, struct vs_err *err)
{
	(void)c;
	(void)store;
	(void)err;
	return VS_OK;
}
#else

enum {
	/* Else glibc would read the number of processors from a file. */
	HEAPS = 32,
	PATHS_ROOM = 256 * 1024,
	NAME_BUF = 4096,
};

/* By frequency. */
static const struct vs_cage_call calls[] = {
    {SYS_futex, VS_CAGE_ALLOW},
    {SYS_epoll_wait, VS_CAGE_ALLOW},
    {SYS_recvfrom, VS_CAGE_ALLOW},
    {SYS_sendto, VS_CAGE_ALLOW},
    {SYS_sendmsg, VS_CAGE_ALLOW},
    {SYS_recvmsg, VS_CAGE_ALLOW},
    {SYS_read, VS_CAGE_ALLOW},
    {SYS_write, VS_CAGE_ALLOW},
    {SYS_writev, VS_CAGE_ALLOW},
    {SYS_pread64, VS_CAGE_ALLOW},
    {SYS_pwrite64, VS_CAGE_ALLOW},
    {SYS_fdatasync, VS_CAGE_ALLOW},
    {SYS_fsync, VS_CAGE_ALLOW},
    {SYS_fcntl, VS_CAGE_ALLOW},
    {SYS_close, VS_CAGE_ALLOW},
    {SYS_accept4, VS_CAGE_ALLOW},
    {SYS_epoll_ctl, VS_CAGE_ALLOW},
    {SYS_epoll_pwait, VS_CAGE_ALLOW},
    {SYS_ppoll, VS_CAGE_ALLOW},
#ifdef SYS_poll
    {SYS_poll, VS_CAGE_ALLOW},
    {SYS_epoll_create, VS_CAGE_ALLOW},
    {SYS_unlink, VS_CAGE_ALLOW},
    {SYS_open, VS_CAGE_ALLOW},
    {SYS_stat, VS_CAGE_ALLOW},
    {SYS_lstat, VS_CAGE_ALLOW},
    {SYS_access, VS_CAGE_ALLOW},
    {SYS_readlink, VS_CAGE_ALLOW},
    {SYS_getdents, VS_CAGE_ALLOW},
#endif
    {SYS_epoll_create1, VS_CAGE_ALLOW},
    {SYS_eventfd2, VS_CAGE_ALLOW},
    {SYS_socketpair, VS_CAGE_ALLOW}, /* the keeper's channels */
    {SYS_socket, VS_CAGE_REFUSE},    /* of name services */
    {SYS_connect, VS_CAGE_REFUSE},
    {SYS_getsockopt, VS_CAGE_ALLOW},
    {SYS_setsockopt, VS_CAGE_ALLOW},
    {SYS_getsockname, VS_CAGE_ALLOW},
    {SYS_getpeername, VS_CAGE_ALLOW},
    {SYS_shutdown, VS_CAGE_ALLOW},
    {SYS_listen, VS_CAGE_ALLOW},
    {SYS_getrandom, VS_CAGE_ALLOW},
    {SYS_clock_gettime, VS_CAGE_ALLOW},
    {SYS_clock_getres, VS_CAGE_ALLOW},
    {SYS_clock_nanosleep, VS_CAGE_ALLOW},
    {SYS_nanosleep, VS_CAGE_ALLOW},
    {SYS_gettimeofday, VS_CAGE_ALLOW},
    {SYS_brk, VS_CAGE_ALLOW},
    {SYS_munmap, VS_CAGE_ALLOW},
    {SYS_mremap, VS_CAGE_ALLOW},
    {SYS_madvise, VS_CAGE_ALLOW},
    {SYS_mlock, VS_CAGE_ALLOW},
    {SYS_munlock, VS_CAGE_ALLOW},
    {SYS_mmap, VS_CAGE_DATA},
    {SYS_mprotect, VS_CAGE_DATA},
    {SYS_openat, VS_CAGE_ALLOW}, /* Landlock says which */
    {SYS_lseek, VS_CAGE_ALLOW},
    {SYS_fstat, VS_CAGE_ALLOW},
    {SYS_newfstatat, VS_CAGE_ALLOW},
    {SYS_statx, VS_CAGE_ALLOW},
    {SYS_fstatfs, VS_CAGE_ALLOW},
    {SYS_faccessat, VS_CAGE_ALLOW},
    {SYS_faccessat2, VS_CAGE_ALLOW},
    {SYS_readlinkat, VS_CAGE_ALLOW},
    {SYS_getdents64, VS_CAGE_ALLOW},
    {SYS_getcwd, VS_CAGE_ALLOW},
    {SYS_ftruncate, VS_CAGE_ALLOW},
    {SYS_fallocate, VS_CAGE_ALLOW},
    {SYS_fchmod, VS_CAGE_ALLOW},
    {SYS_fchown, VS_CAGE_ALLOW}, /* SQLite, of what it makes */
    {SYS_unlinkat, VS_CAGE_ALLOW},
    {SYS_clone, VS_CAGE_THREAD},
    {SYS_clone3, VS_CAGE_ABSENT}, /* its flags are out of our sight */
    {SYS_set_robust_list, VS_CAGE_ALLOW},
    {SYS_rseq, VS_CAGE_ALLOW},
    {SYS_prctl, VS_CAGE_REFUSE}, /* names of threads */
    {SYS_rt_sigprocmask, VS_CAGE_ALLOW},
    {SYS_rt_sigaction, VS_CAGE_ALLOW},
    {SYS_rt_sigreturn, VS_CAGE_ALLOW},
    {SYS_rt_sigtimedwait, VS_CAGE_ALLOW},
    {SYS_restart_syscall, VS_CAGE_ALLOW},
    {SYS_sched_yield, VS_CAGE_ALLOW},
    {SYS_sched_getaffinity, VS_CAGE_ALLOW},
    {SYS_getrusage, VS_CAGE_ALLOW},
    {SYS_sysinfo, VS_CAGE_ALLOW},
    {SYS_uname, VS_CAGE_ALLOW},
    {SYS_gettid, VS_CAGE_ALLOW},
    {SYS_getpid, VS_CAGE_ALLOW},
    {SYS_getuid, VS_CAGE_ALLOW},
    {SYS_geteuid, VS_CAGE_ALLOW},
    {SYS_getgid, VS_CAGE_ALLOW},
    {SYS_getegid, VS_CAGE_ALLOW},
    {SYS_wait4, VS_CAGE_ALLOW}, /* for the starter */
    {SYS_tgkill, VS_CAGE_SELF}, /* abort(3) */
    {SYS_exit, VS_CAGE_ALLOW},
    {SYS_exit_group, VS_CAGE_ALLOW},
};

struct reach {
	struct vs_arena arena;
	struct vs_cage_path paths[VS_CAGE_PATHS_MAX];
	size_t n;
	bool full;
};

static void
add(struct reach *r, const char *path, vs_cage_use use)
{
	for (size_t i = 0; path != NULL && i < r->n; i++)
		if (r->paths[i].use == use &&
		    strcmp(r->paths[i].path, path) == 0)
			return;
	if (path == NULL || r->n == VS_CAGE_PATHS_MAX) {
		r->full = true;
		return;
	}
	r->paths[r->n++] = (struct vs_cage_path){path, use};
}

/* The directory, so that a file can be replaced by another of its name. */
static void
add_parent(struct reach *r, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		add(r, ".", VS_CAGE_READ);
	else
		add(r,
		    slash == file ? "/"
				  : vs_arena_printf(&r->arena, "%.*s",
					(int)(slash - file), file),
		    VS_CAGE_READ);
}

/* A file that may stand behind symbolic links. */
static void
add_file(struct reach *r, const char *file)
{
	char *real;

	if (file == NULL)
		return;
	add_parent(r, file);
	real = realpath(file, NULL);
	if (real != NULL) {
		char *kept = vs_arena_cstr(&r->arena, vs_span_cstr(real));

		if (kept != NULL)
			add_parent(r, kept);
		else
			r->full = true;
	}
	free(real);
}

static void
add_store(struct reach *r, const char *store)
{
	add(r, store, VS_CAGE_CHANGE);
	add(r, vs_arena_printf(&r->arena, "%s-wal", store), VS_CAGE_CHANGE);
	add(r, vs_arena_printf(&r->arena, "%s-shm", store), VS_CAGE_CHANGE);
}

static void
add_proof(struct reach *r, const struct vs_list_proof *p)
{
	if (p == NULL)
		return;
	add_file(r, p->root);
	for (size_t i = 0; i < p->keys_n; i++)
		add_file(r, p->keys[i]);
}

static void
add_configured(struct reach *r, const struct vs_config *c)
{
	add(r, c->policy_dir, VS_CAGE_READ);
	add(r, c->collateral_dir, VS_CAGE_READ);
	add_file(r, c->tls_cert);
	add_file(r, c->tls_key);
	add_file(r, c->admin_tls_cert);
	add_file(r, c->admin_tls_key);
	add_file(r, c->admin_client_ca);
	for (size_t i = 0; i < c->issuers_n; i++) {
		add_file(r, c->issuers[i].jwks);
		add_file(r, c->issuers[i].x5c_root);
	}
	for (size_t i = 0; i < c->anchors_n; i++)
		add_file(r, c->anchors[i].file);
	for (size_t i = 0; i < c->policy_keys_n; i++)
		add_file(r, c->policy_keys[i]);
	for (size_t i = 0; i < c->lists.n; i++)
		add_proof(r, c->lists.v[i].proof);
}

/* Who is in a group is looked up while we serve. */
static void
add_names(struct reach *r)
{
	struct passwd pw;
	struct passwd *user = NULL;
	struct group g;
	struct group *group = NULL;
	char buf[NAME_BUF];

	add(r, "/etc/passwd", VS_CAGE_READ);
	add(r, "/etc/group", VS_CAGE_READ);
	add(r, "/etc/nsswitch.conf", VS_CAGE_READ);
	/* Code that looks names up is loaded now or never. */
	(void)getpwuid_r(0, &pw, buf, sizeof buf, &user);
	(void)getgrgid_r(0, &g, buf, sizeof buf, &group);
}

static bool
lies_in(const char *file, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(file, dir, n) == 0 &&
	    (file[n] == '/' || (n > 0 && dir[n - 1] == '/'));
}

static void
warn_of(const struct reach *r, const char *what, const char *path)
{
	char *file = path == NULL ? NULL : realpath(path, NULL);
	bool told = false;

	for (size_t i = 0; file != NULL && !told && i < r->n; i++) {
		char *dir = realpath(r->paths[i].path, NULL);

		told = dir != NULL && lies_in(file, dir);
		if (told)
			vs_log(VS_LOG_WARN,
			    "event=cage note=\"the %s %.200s lies in %.200s, "
			    "which the daemon reads; move one of them\"",
			    what, file, dir);
		free(dir);
	}
	free(file);
}

static vs_status
limit_files(const struct vs_config *c, const char *store, struct vs_err *err)
{
	struct reach *r = vs_calloc(1, sizeof *r);
	vs_status st = VS_OK;

	if (r == NULL)
		return vs_fail(err, VS_NO_MEMORY, "cage");
	vs_arena_init(&r->arena, PATHS_ROOM);
	add_store(r, store);
	add_configured(r, c);
	add_names(r);
	if (r->full)
		st = vs_fail(err, VS_RANGE, "cage: too many paths");
	else
		st = vs_cage_files(r->paths, r->n, err);
	if (st == VS_OK) {
		warn_of(r, "seal", c->seal.path);
		warn_of(r, "token's PIN", c->seal.pkcs11.pin_file);
	}
	vs_arena_fini(&r->arena);
	free(r);
	if (st != VS_UNSUPPORTED)
		return st;
	vs_log(VS_LOG_WARN,
	    "event=cage note=\"this kernel has no Landlock: files are kept "
	    "apart by their owners and modes only\"");
	return VS_OK;
}

vs_status
vs_daemon_cage(const struct vs_config *c, const char *store, struct vs_err *err)
{
	(void)mallopt(M_ARENA_MAX, HEAPS);
	VS_TRY(err, "cage", limit_files(c, store, err));
	return vs_cage_calls(calls, sizeof calls / sizeof calls[0], err);
}
#endif
