/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU time of the bare cryptography of one release, on this machine and
 * now. */
#ifndef VS_CLI_BENCH_FLOOR_H
#define VS_CLI_BENCH_FLOOR_H

#include "base/bytes.h"

/* Nanoseconds of CPU time per release; medians over several batches. */
struct vs_bench_floor {
	double verify; /* one ECDSA P-384 verification */
	double agree;  /* a P-256 key and a shared secret */
	double aead;   /* two AES-256-GCM opens and one seal */
};
double vs_bench_floor_sum(const struct vs_bench_floor *f);
VS_MUST_USE vs_status vs_bench_floor_measure(
    struct vs_bench_floor *out, struct vs_err *err);
/* The mean of two measurements. */
void vs_bench_floor_mean(const struct vs_bench_floor *a,
    const struct vs_bench_floor *b, struct vs_bench_floor *out);

/* CPU time of the calling thread. */
int64_t vs_bench_thread_ns(void);
/* Of n values, which it sorts. */
double vs_bench_median(double *v, size_t n);

#endif
