/* SPDX-License-Identifier: Apache-2.0 */
/* The GPUs of one guest, verified in the steady state of a broker. */
#ifndef VS_CLI_BENCH_GPU_H
#define VS_CLI_BENCH_GPU_H

#include "base/bytes.h"

enum { VS_BENCH_GPUS = 8 };

/* Nanoseconds for all of them, medians. */
struct vs_bench_gpu {
	double first;  /* CPU time; nothing known but the collateral */
	double verify; /* CPU time; chains known, every report new */
	double floor;  /* CPU time of as many ECDSA P-384 verifications */
	double alone;  /* wall time of verify on one thread */
	double crew;   /* and with a thread for each processor */
	unsigned hands;
	size_t bytes; /* reports and certificates */
};
VS_MUST_USE vs_status vs_bench_gpu_measure(
    struct vs_bench_gpu *out, struct vs_err *err);

#endif
