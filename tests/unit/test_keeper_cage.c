/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's cage, tried from inside, call by call. */
#include "keeper/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage_escapes.h"
#include "check.h"

#ifdef VS_UNCAGED
int
main(void)
{
	puts("skipped: instrumented builds have no cage");
	return 77;
}
#else

enum { OPEN_FILES = 64 };

/* clang-format off */
#define ESCAPES(X)							\
	X(open_a_file, open("/etc/passwd", O_RDONLY))			\
	X(make_a_file, open("/tmp/vouchsafe-x", O_CREAT | O_WRONLY, 0600)) \
	X(remove_a_file, unlink("/tmp/vouchsafe-x"))			\
	X(list_files, syscall(SYS_getdents64, 0, NULL, 0))		\
	X(a_socket, socket(AF_INET, SOCK_STREAM, 0))			\
	X(a_unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))		\
	X(connect_one, connect(0, NULL, 0))				\
	X(accept_one, accept(0, NULL, NULL))				\
	X(start_a_program, execl("/bin/true", "true", (char *)NULL))	\
	X(a_process, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))		\
	X(an_old_process, syscall(SYS_fork_or_vfork))			\
	X(trace_another, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))	\
	X(read_another, syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0)) \
	X(kill_another, kill(getppid(), 0))				\
	X(become_root, setuid(0))					\
	X(executable_memory, mmap(NULL, 4096, PROT_READ | PROT_EXEC,	\
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)		\
	X(a_namespace, syscall(SYS_unshare, 0))				\
	X(a_key_of_the_kernel, syscall(SYS_keyctl, 0, 0, 0, 0, 0))	\
	X(a_ring, syscall(SYS_io_uring_setup, 1, NULL))			\
	X(bpf, syscall(SYS_bpf, 0, NULL, 0))				\
	X(another_limit, syscall(SYS_prlimit64, 0, 7, NULL, NULL))	\
	X(dumpable_again, syscall(SYS_prctl, 4, 1, 0, 0, 0))		\
	X(another_file_number, dup(0))					\
	X(shared_memory, syscall(SYS_memfd_create, "x", 0))		\
	X(a_device, syscall(SYS_ioctl, 0, 0, 0))
/* clang-format on */

#ifdef SYS_vfork
#define SYS_fork_or_vfork SYS_vfork
#else
#define SYS_fork_or_vfork SYS_execveat
#endif

ESCAPES(ESCAPE_FUNCTION)

static const struct escape escapes[] = {ESCAPES(ESCAPE_ENTRY)};

static void
step_in(void)
{
	const struct vs_cage_user stay = {0, 0};
	const char *unavailable = NULL;
	struct vs_err err = {0};

	if (vs_keeper_cage(&stay, OPEN_FILES, &unavailable, &err) != VS_OK)
		_exit(90);
}

static void *
nothing(void *arg)
{
	free(malloc(200000));
	return arg;
}

/* What serving takes works on. */
static void
serve(void)
{
	pthread_t t;
	char *p = malloc(10 << 20);
	char byte = 1;

	if (p == NULL || pthread_create(&t, NULL, nothing, NULL) != 0 ||
	    pthread_join(t, NULL) != 0)
		_exit(91);
	p = realloc(p, 20 << 20);
	if (p == NULL || syscall(SYS_getrandom, &byte, 1, 0) != 1)
		_exit(92);
	free(p);
}

static void
test_serving(void)
{
	CHECK_INT(outcome(step_in, serve), DONE);
}

/* abort(3) ends as it should, so that a failed assertion is seen. */
static void
test_abort(void)
{
	CHECK_INT(outcome(step_in, abort), 1000 + SIGABRT);
}

static void
test_escapes(void)
{
	check_escapes(step_in, escapes, sizeof escapes / sizeof escapes[0]);
}

int
main(void)
{
	RUN(test_escapes);
	RUN(test_serving);
	RUN(test_abort);
	return check_result();
}
#endif
