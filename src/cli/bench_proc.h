/* SPDX-License-Identifier: Apache-2.0 */
/* Other processes, seen through /proc. */
#ifndef VS_CLI_BENCH_PROC_H
#define VS_CLI_BENCH_PROC_H

#include <sys/types.h>

#include "base/bytes.h"

/* Path of a program in the directory of this one; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_proc_sibling(
    const char *name, char *out, size_t cap, struct vs_err *err);
/* The child of parent whose command name (15 bytes) is this. */
VS_MUST_USE vs_status vs_proc_child(
    pid_t parent, const char *name, pid_t *out, struct vs_err *err);
/* CPU time of all threads, those that ended included, and resident bytes. */
VS_MUST_USE vs_status vs_proc_usage(
    pid_t pid, int64_t *cpu_ns, int64_t *rss, struct vs_err *err);

#endif
