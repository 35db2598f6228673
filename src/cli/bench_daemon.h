/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of our own for a measurement: private directory, loopback. */
#ifndef VS_CLI_BENCH_DAEMON_H
#define VS_CLI_BENCH_DAEMON_H

#include <sys/types.h>

#include "client/client.h"
#include "simulate/simulate.h"

enum { VS_BENCH_PATH_MAX = 1024 };

struct vs_bench_daemon {
	char dir[VS_BENCH_PATH_MAX - 128]; /* "" until it was made */
	pid_t pid;                         /* 0: not running */
	pid_t keeper;
	uint16_t port;
};

/* Starts vouchsafed from the directory of this program, with its data in a
 * new directory below parent, trusting pki alone; returns when it is ready. */
VS_MUST_USE vs_status vs_bench_daemon_start(const char *parent,
    const struct vs_sim_pki *pki, struct vs_bench_daemon *out,
    struct vs_err *err);
/* Stops it and removes the directory. */
void vs_bench_daemon_stop(struct vs_bench_daemon *d);

/* Clients of its two listeners. */
VS_MUST_USE vs_status vs_bench_admin(const struct vs_bench_daemon *d,
    struct vs_client **out, struct vs_err *err);
VS_MUST_USE vs_status vs_bench_guest(const struct vs_bench_daemon *d,
    struct vs_client **out, struct vs_err *err);

struct vs_bench_usage {
	int64_t daemon_ns, keeper_ns;   /* CPU time, user and system */
	int64_t daemon_rss, keeper_rss; /* bytes */
};
VS_MUST_USE vs_status vs_bench_usage(const struct vs_bench_daemon *d,
    struct vs_bench_usage *out, struct vs_err *err);

/* The type of the file system that the data are on: "ext4", "tmpfs", or
 * "other". Commits to a tmpfs are not durable. */
const char *vs_bench_fs(const struct vs_bench_daemon *d);

#endif
