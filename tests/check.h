/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asserting macros for the unit tests. A failed check prints where and what,
 * and the test goes on; the program's exit code tells. 77 means skipped.
 */
#ifndef VS_TESTS_CHECK_H
#define VS_TESTS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"

/* Threads of a test may check, too. */
static _Atomic int check_failed_n;
static _Atomic int check_done_n;

#define CHECK(cond) check_that((cond), #cond, __FILE__, __LINE__)
#define CHECK_INT(got, want)                                                   \
	check_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) check_str((got), (want), #got, __FILE__, __LINE__)
/* err is a struct vs_err: prints its message when st is not VS_OK. */
#define CHECK_OK(st, err) check_ok((st), &(err), #st, __FILE__, __LINE__)
#define RUN(test)                                                              \
	do {                                                                   \
		int before_ = check_failed_n;                                  \
		test();                                                        \
		printf("%s %s\n", check_failed_n == before_ ? "ok  " : "FAIL", \
		    #test);                                                    \
	} while (0)

static inline bool
check_that(bool ok, const char *what, const char *file, int line)
{
	check_done_n++;
	if (!ok) {
		check_failed_n++;
		fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
	}
	return ok;
}

static inline bool
check_int(
    int64_t got, int64_t want, const char *what, const char *file, int line)
{
	check_done_n++;
	if (got != want) {
		check_failed_n++;
		fprintf(stderr, "%s:%d: %s is %" PRId64 ", want %" PRId64 "\n",
		    file, line, what, got, want);
	}
	return got == want;
}

static inline bool
check_str(const char *got, const char *want, const char *what, const char *file,
    int line)
{
	check_done_n++;
	bool ok = got != NULL && want != NULL && strcmp(got, want) == 0;
	if (!ok) {
		check_failed_n++;
		fprintf(stderr, "%s:%d: %s is \"%s\", want \"%s\"\n", file,
		    line, what, got ? got : "(null)", want ? want : "(null)");
	}
	return ok;
}

static inline bool
check_ok(vs_status st, const struct vs_err *err, const char *what,
    const char *file, int line)
{
	check_done_n++;
	if (st != VS_OK) {
		check_failed_n++;
		fprintf(stderr, "%s:%d: %s: %s [%s]\n", file, line, what,
		    err->msg, err->code ? err->code : "");
	}
	return st == VS_OK;
}

/* The folder of real vectors, or NULL when there is none. */
static inline const char *
check_vectors(void)
{
	const char *dir = getenv("VOUCHSAFE_VECTORS");
	struct stat st;

	if (dir == NULL || dir[0] == '\0')
		dir = getenv("VS_DEFAULT_VECTORS");
	if (dir == NULL || dir[0] == '\0')
		dir = "../shared/vectors";
	return stat(dir, &st) == 0 ? dir : NULL;
}

static inline int
check_result(void)
{
	printf("%d checks, %d failed\n", check_done_n, check_failed_n);
	return check_failed_n == 0 && check_done_n > 0 ? 0 : 1;
}

#endif
