/* SPDX-License-Identifier: Apache-2.0 */
/* The cage, tried from inside: what is not allowed does not happen. */
#include "base/cage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "check.h"

enum { UNAVAILABLE = 77 };

static char dir[] = "/tmp/vouchsafe-cage-XXXXXX";

/* What a child that does f comes to: its exit status, or 1000 + signal. */
static int
outcome(int (*f)(void))
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(f());
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

#ifndef VS_UNCAGED
enum { KILLED = 1000 + SIGSYS };

static const struct vs_cage_call few[] = {
    {SYS_write, VS_CAGE_ALLOW},
    {SYS_mmap, VS_CAGE_DATA},
    {SYS_mprotect, VS_CAGE_DATA},
    {SYS_munmap, VS_CAGE_ALLOW},
    {SYS_clone, VS_CAGE_THREAD},
    {SYS_clone3, VS_CAGE_ABSENT},
    {SYS_socket, VS_CAGE_REFUSE},
    {SYS_tgkill, VS_CAGE_SELF},
    {SYS_exit_group, VS_CAGE_ALLOW},
};

static bool
enter(void)
{
	struct vs_err err = {0};

	return vs_cage_calls(few, sizeof few / sizeof few[0], &err) == VS_OK;
}

static int
do_allowed(void)
{
	void *p;

	if (!enter())
		return 2;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ) == 0 &&
		munmap(p, 4096) == 0
	    ? 0
	    : 3;
}

static int
do_open(void)
{
	return enter() ? open("/etc/passwd", O_RDONLY) : 2;
}

static int
do_map_code(void)
{
	if (!enter())
		return 2;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int
do_make_code(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return enter() ? mprotect(page, 4096, PROT_READ | PROT_EXEC) : 2;
}

static int
do_fork(void)
{
	return enter() ? (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : 2;
}

static int
do_clone3(void)
{
	if (!enter())
		return 2;
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? 0 : 3;
}

static int
do_socket(void)
{
	if (!enter())
		return 2;
	return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? 0 : 3;
}

static int
do_signal_another(void)
{
	pid_t parent = getppid();

	return enter() ? (int)syscall(SYS_tgkill, parent, parent, 0) : 2;
}

static int
do_signal_self(void)
{
	pid_t self = getpid();

	if (!enter())
		return 2;
	return (int)syscall(SYS_tgkill, self, self, 0);
}

#ifdef __x86_64__
static int
do_x32(void)
{
	return enter() ? (int)syscall(0x40000000L + SYS_write, 1, "", 0) : 2;
}

/* The table of 32-bit programs: number 1 is exit there, write here. */
static int
do_i386(void)
{
	long r;

	if (!enter())
		return 2;
	__asm__ volatile("int $0x80" : "=a"(r) : "0"(4L), "b"(1L) : "memory");
	return (int)r;
}
#endif

static void
test_calls(void)
{
	CHECK_INT(outcome(do_allowed), 0);
	CHECK_INT(outcome(do_open), KILLED);
	CHECK_INT(outcome(do_map_code), KILLED);
	CHECK_INT(outcome(do_make_code), KILLED);
	CHECK_INT(outcome(do_fork), KILLED);
	CHECK_INT(outcome(do_clone3), 0);
	CHECK_INT(outcome(do_socket), 0);
	CHECK_INT(outcome(do_signal_another), KILLED);
	CHECK_INT(outcome(do_signal_self), 0);
#ifdef __x86_64__
	CHECK_INT(outcome(do_x32), KILLED);
	CHECK(outcome(do_i386) >= 1000);
#endif
}
#endif

/* ---- files -------------------------------------------------------------- */

static bool
make(const char *name)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd >= 0)
		(void)close(fd); /* empty */
	return fd >= 0;
}

static int
open_in(const char *name, int flags)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return open(path, flags, 0600) >= 0 ? 0 : errno;
}

static vs_status
enter_files(void)
{
	char seen[128], own[128], nothing[128];
	struct vs_err err = {0};
	const struct vs_cage_path paths[] = {
	    {seen, VS_CAGE_READ},
	    {own, VS_CAGE_CHANGE},
	    {nothing, VS_CAGE_READ},
	};

	(void)snprintf(seen, sizeof seen, "%s/seen", dir);
	(void)snprintf(own, sizeof own, "%s/own", dir);
	(void)snprintf(nothing, sizeof nothing, "%s/nothing", dir);
	return vs_cage_files(paths, 3, &err);
}

static int
do_files(void)
{
	int before = open("/etc/passwd", O_RDONLY);
	char byte;
	vs_status st = enter_files();

	if (st == VS_UNSUPPORTED)
		return UNAVAILABLE;
	if (st != VS_OK)
		return 2;
	if (open_in("seen/file", O_RDONLY) != 0 ||
	    open_in("seen/file", O_WRONLY) != EACCES ||
	    open_in("seen/new", O_WRONLY | O_CREAT) != EACCES)
		return 3;
	if (open_in("own/file", O_RDWR | O_TRUNC) != 0 ||
	    open_in("own/new", O_WRONLY | O_CREAT) != 0)
		return 4;
	if (open_in("other/file", O_RDONLY) != EACCES ||
	    open_in("nothing", O_RDONLY) != ENOENT ||
	    open("/proc/self/mem", O_RDONLY) >= 0 || errno != EACCES)
		return 5;
	/* What was open stays. */
	return read(before, &byte, 1) == 1 ? 0 : 6;
}

static int
do_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	vs_status st = enter_files();

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (st != VS_OK)
		return st == VS_UNSUPPORTED ? UNAVAILABLE : 2;
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return 3;
	if (errno == ECONNREFUSED)
		return UNAVAILABLE; /* older than 6.7 */
	return errno == EACCES ? 0 : 4;
}

static int
do_signal_outside(void)
{
	vs_status st = enter_files();

	if (st != VS_OK)
		return st == VS_UNSUPPORTED ? UNAVAILABLE : 2;
	if (kill(getppid(), 0) == 0)
		return UNAVAILABLE; /* older than 6.12 */
	return errno == EPERM ? 0 : 3;
}

#ifndef VS_UNCAGED
static int
do_limits(void)
{
	struct vs_err err = {0};
	int fd = open("/dev/null", O_RDWR);

	if (vs_cage_no_new_files((unsigned)fd + 1, 0, &err) != VS_OK)
		return 2;
	return open("/dev/null", O_RDONLY) < 0 && errno == EMFILE ? 0 : 3;
}

#endif

static void
check_or_tell(int (*f)(void), const char *what)
{
	int got = outcome(f);

	if (got == UNAVAILABLE)
		printf("not in this kernel: %s\n", what);
	else
		CHECK_INT(got, 0);
}

static void
test_files(void)
{
	char sub[128];

	for (const char *const *d =
		 (const char *const[]){"seen", "own", "other", NULL};
	     *d != NULL; d++) {
		(void)snprintf(sub, sizeof sub, "%s/%s", dir, *d);
		CHECK(mkdir(sub, 0700) == 0);
		(void)snprintf(sub, sizeof sub, "%s/file", *d);
		CHECK(make(sub));
	}
	check_or_tell(do_files, "Landlock");
	check_or_tell(do_connect, "Landlock for TCP");
	check_or_tell(do_signal_outside, "Landlock for signals");
#ifndef VS_UNCAGED
	CHECK_INT(outcome(do_limits), 0);
#endif
}

/* ---- users -------------------------------------------------------------- */

static void
test_user_text(void)
{
	static const char *const bad[] = {"", "0", "root", "0:5", "5:0",
	    "5:", ":5", "4294967295", "4294967296", "5:6:7", "5 ", "-1",
	    "no-such-user-here"};
	struct vs_cage_user u = {7, 7};
	struct vs_err err = {0};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(vs_cage_user_find(bad[i], &u, &err) != VS_OK);
	CHECK(u.uid == 7 && u.gid == 7);
	CHECK_OK(vs_cage_user_find("64501:64502", &u, &err), err);
	CHECK(u.uid == 64501 && u.gid == 64502);
	CHECK_OK(vs_cage_user_find("64503", &u, &err), err);
	CHECK(u.uid == 64503 && u.gid == 64503);
	CHECK_OK(vs_cage_user_find("nobody", &u, &err), err);
	CHECK_INT(u.uid, 65534);
}

static int
do_become(void)
{
	const struct vs_cage_user u = {64501, 64502};
	struct vs_err err = {0};

	if (vs_cage_become(&u, &err) != VS_OK)
		return 2;
	return getuid() == 64501 && getegid() == 64502 &&
		getgroups(0, NULL) == 0 && setuid(0) != 0
	    ? 0
	    : 3;
}

static int
do_become_unable(void)
{
	const struct vs_cage_user u = {64501, 64502};
	const struct vs_cage_user v = {64503, 64504};
	struct vs_err err = {0};

	if (vs_cage_become(&u, &err) != VS_OK)
		return 2;
	return vs_cage_become(&v, &err) == VS_UNAVAILABLE ? 0 : 3;
}

static void
test_become(void)
{
	if (getuid() != 0) {
		printf("not root: becoming another user is not tried\n");
		return;
	}
	CHECK_INT(outcome(do_become), 0);
	CHECK_INT(outcome(do_become_unable), 0);
}

int
main(void)
{
	CHECK(mkdtemp(dir) != NULL);
#ifndef VS_UNCAGED
	RUN(test_calls);
#endif
	RUN(test_files);
	RUN(test_user_text);
	RUN(test_become);
	{
		char command[160];

		(void)snprintf(command, sizeof command, "rm -rf %s", dir);
		CHECK(system(command) == 0);
	}
	return check_result();
}
