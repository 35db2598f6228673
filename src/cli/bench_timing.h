/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a clock tell two classes of inputs apart? Welch's t over many single
 * measurements in random order, the method of dudect (Reparaz, Balasch,
 * Verbauwhede 2017).
 */
#ifndef VS_CLI_BENCH_TIMING_H
#define VS_CLI_BENCH_TIMING_H

#include "base/bytes.h"

struct vs_timing {
	size_t n[2];    /* measurements of each class that counted */
	double mean[2]; /* ns */
	double t;
};

/* One operation on the i-th input of a class; must not fail. */
typedef void (*vs_timing_op)(void *ctx, unsigned cls, size_t i);

/*
 * samples measurements, each of a class and an input below inputs at random.
 * The slowest tenth, where interrupts and neighbours are, does not count.
 */
VS_MUST_USE vs_status vs_bench_timing(vs_timing_op op, void *ctx,
    size_t samples, size_t inputs, struct vs_timing *out, struct vs_err *err);

#endif
