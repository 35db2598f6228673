/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"

static void
test_error_context(void)
{
	struct vs_err err = {0};

	CHECK_INT(vs_ctx(&err, "report", VS_TRUNCATED), VS_TRUNCATED);
	CHECK_STR(err.msg, "report: ends too early");
	CHECK_INT(vs_ctx(&err, "snp", VS_TRUNCATED), VS_TRUNCATED);
	CHECK_STR(err.msg, "snp: report: ends too early");
	CHECK_INT(
	    vs_fail_code(&err, VS_UNTRUSTED, "sig.report", "no"), VS_UNTRUSTED);
	CHECK_STR(err.code, "sig.report");
	CHECK_INT(vs_status_http(VS_UNTRUSTED), 403);
	CHECK_INT(vs_status_http(VS_SPENT), 401);
	CHECK_INT(vs_status_http(VS_TOO_LARGE), 413);
	CHECK_INT(vs_status_http(VS_DISK_FULL), 503);
	CHECK_INT(vs_status_exit(VS_TRUNCATED), 2);
	CHECK_STR(vs_class_name(vs_status_class(VS_SEALED)), "unavailable");
	for (int i = 0; i < 100; i++)
		(void)vs_ctx(&err, "a long way up", VS_UNTRUSTED);
	CHECK(strlen(err.msg) < sizeof err.msg);
}

static void
test_pool(void)
{
	struct vs_err err = {0};
	struct vs_secret *a;
	struct vs_secret *b;
	uint8_t *p;

	CHECK(vs_secret_new(1) == NULL);
	CHECK_OK(vs_secret_pool_init(8192, &err), err);
	a = vs_secret_new(32);
	b = vs_secret_new(4000);
	if (!CHECK(a != NULL && b != NULL))
		return;
	CHECK(vs_secret_new(8192) == NULL);
	CHECK_INT(vs_secret_len(a), 32);
	CHECK(vs_span_zero(vs_secret_peek(b)));
	p = vs_secret_poke(a);
	memset(p, 0x5A, 32);
	vs_secret_free(&a);
	CHECK(a == NULL && p[0] != 0x5A && p[31] != 0x5A);
	a = vs_secret_new(32);
	CHECK(a != NULL && vs_span_zero(vs_secret_peek(a)));
	vs_secret_free(&a);
	vs_secret_free(&a);
	vs_secret_free(&b);
	CHECK_INT(vs_secret_pool_used(), 0);
	vs_secret_pool_fini();
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* The sanitizers turn mlock into a call that does nothing. */
enum { MLOCK_WORKS = 0 };
#else
enum { MLOCK_WORKS = 1 };
#endif

/* A pool above the limit is refused with a message that says what to do. */
static void
test_lock_limit_is_named(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		const struct rlimit lim = {4096, 4096};
		struct vs_err err = {0};

		/* Root locks without limit: give that up first. */
		if (setrlimit(RLIMIT_MEMLOCK, &lim) != 0 ||
		    (getuid() == 0 && setuid(65534) != 0))
			_exit(3);
		if (vs_secret_pool_init(1 << 20, &err) != VS_UNAVAILABLE)
			_exit(1);
		_exit(strstr(err.msg, "LimitMEMLOCK") != NULL ? 0 : 2);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A forked child must not see the pool: MADV_DONTFORK. */
static void
test_children_do_not_inherit(void)
{
	struct vs_err err = {0};
	struct vs_secret *s;
	pid_t pid;
	int status = 0;

	CHECK_OK(vs_secret_pool_init(4096, &err), err);
	s = vs_secret_new(16);
	if (!CHECK(s != NULL))
		return;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		volatile uint8_t b;

		(void)close(STDERR_FILENO); /* a sanitizer would report it */
		b = vs_secret_peek(s).p[0];
		_exit(b);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) != 0));
	vs_secret_free(&s);
	vs_secret_pool_fini();
}

int
main(void)
{
	RUN(test_error_context);
	RUN(test_pool);
	if (MLOCK_WORKS)
		RUN(test_lock_limit_is_named);
	RUN(test_children_do_not_inherit);
	return check_result();
}
