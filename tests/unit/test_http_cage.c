/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's cage, tried from inside, call by call and file by file. */
#include "http/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static char dir[] = "/tmp/vouchsafe-cage-XXXXXX";
static char data[48], store[64], wal[72], seal[64], policies[64], cert[112];

/* clang-format off */
#define ESCAPES(X)							\
	X(start_a_program, execl("/bin/true", "true", (char *)NULL))	\
	X(a_process, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))		\
	X(trace_another, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))	\
	X(read_another, syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0)) \
	X(kill_another, kill(getppid(), 0))				\
	X(become_root, setuid(0))					\
	X(executable_memory, mmap(NULL, 4096, PROT_READ | PROT_EXEC,	\
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)		\
	X(bind_a_port, bind(0, NULL, 0))				\
	X(make_a_directory, syscall(SYS_mkdirat, AT_FDCWD, "/tmp/x", 0700)) \
	X(rename_a_file,						\
	    syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0))	\
	X(link_a_file, syscall(SYS_linkat, AT_FDCWD, "a", AT_FDCWD, "b", 0)) \
	X(mount_it, syscall(SYS_mount, NULL, NULL, NULL, 0, NULL))	\
	X(a_namespace, syscall(SYS_unshare, 0))				\
	X(a_ring, syscall(SYS_io_uring_setup, 1, NULL))			\
	X(bpf, syscall(SYS_bpf, 0, NULL, 0))				\
	X(a_program_of_memory, syscall(SYS_memfd_create, "x", 0))
/* clang-format on */

ESCAPES(ESCAPE_FUNCTION)

static const struct escape escapes[] = {ESCAPES(ESCAPE_ENTRY)};

static void
step_in(void)
{
	struct vs_config c = {
	    .data = data,
	    .policy_dir = policies,
	    .collateral_dir = policies,
	    .tls_cert = cert,
	    .seal = {.path = seal},
	};
	struct vs_err err = {0};

	if (vs_daemon_cage(&c, store, &err) != VS_OK) {
		printf("%s\n", err.msg);
		_exit(90);
	}
}

static bool
may(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	return fd >= 0;
}

/* Bits of what went wrong. */
static void
files(void)
{
	int bad = 0;
	char other[96];

	bad |= !may(store, O_RDWR) << 0;
	bad |= !may(wal, O_RDWR) << 1;
	bad |= !may(cert, O_RDONLY) << 2;
	(void)snprintf(other, sizeof other, "%s/p.yaml", policies);
	bad |= !may(other, O_RDONLY) << 3;
	bad |= may(other, O_WRONLY) << 4;
	bad |= (may(seal, O_RDONLY) || errno != EACCES) << 5;
	(void)snprintf(other, sizeof other, "%s/new", data);
	bad |= may(other, O_WRONLY | O_CREAT) << 6;
	bad |= (unlink(seal) == 0) << 7;
	_exit(bad);
}

static void
no_network(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	_exit(fd < 0 && errno == EPERM ? DONE : 2);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
threads(void)
{
	pthread_t t;

	_exit(pthread_create(&t, NULL, nothing, NULL) == 0 &&
		    pthread_join(t, NULL) == 0
		? DONE
		: 2);
}

static bool
landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static void
test_files(void)
{
	if (landlock())
		CHECK_INT(outcome(step_in, files), DONE);
	else
		printf("not in this kernel: Landlock\n");
	CHECK_INT(outcome(step_in, no_network), DONE);
	CHECK_INT(outcome(step_in, threads), DONE);
}

static void
put(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (CHECK(fd >= 0))
		(void)close(fd); /* empty */
}

static void
lay_out(void)
{
	char path[96];

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(data, sizeof data, "%s/data", dir);
	(void)snprintf(store, sizeof store, "%s/vouchsafe.db", data);
	(void)snprintf(wal, sizeof wal, "%s-wal", store);
	(void)snprintf(seal, sizeof seal, "%s/root.seal", data);
	(void)snprintf(policies, sizeof policies, "%s/policies", data);
	(void)snprintf(path, sizeof path, "%s/tls", dir);
	(void)snprintf(cert, sizeof cert, "%s/cert.pem", path);
	CHECK(mkdir(data, 0700) == 0);
	CHECK(mkdir(policies, 0700) == 0);
	CHECK(mkdir(path, 0700) == 0);
	put(store);
	put(wal);
	put(seal);
	put(cert);
	(void)snprintf(path, sizeof path, "%s/p.yaml", policies);
	put(path);
}

static void
test_escapes(void)
{
	check_escapes(step_in, escapes, sizeof escapes / sizeof escapes[0]);
}

int
main(void)
{
	char command[96];

	lay_out();
	RUN(test_escapes);
	RUN(test_files);
	(void)snprintf(command, sizeof command, "rm -rf %s", dir);
	CHECK(system(command) == 0);
	return check_result();
}
#endif
