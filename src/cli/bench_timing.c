/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"

struct sample {
	double ns;
	unsigned cls;
};

static double
now(void)
{
	struct timespec t = {0};

	/* Cannot fail: every Linux has this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
slower(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/* Welch 1947: the difference of the means by its standard error. */
static void
welch(const struct sample *v, size_t n, struct vs_timing *out)
{
	double sum[2] = {0}, squares[2] = {0}, error = 0;

	*out = (struct vs_timing){0};
	for (size_t i = 0; i < n; i++) {
		out->n[v[i].cls]++;
		sum[v[i].cls] += v[i].ns;
	}
	if (out->n[0] < 2 || out->n[1] < 2)
		return;
	for (unsigned c = 0; c < 2; c++)
		out->mean[c] = sum[c] / (double)out->n[c];
	for (size_t i = 0; i < n; i++) {
		double d = v[i].ns - out->mean[v[i].cls];

		squares[v[i].cls] += d * d;
	}
	for (unsigned c = 0; c < 2; c++)
		error +=
		    squares[c] / (double)(out->n[c] - 1) / (double)out->n[c];
	if (error > 0)
		out->t = (out->mean[0] - out->mean[1]) / sqrt(error);
}

static void
take(vs_timing_op op, void *ctx, const uint32_t *choice, size_t n,
    size_t inputs, struct sample *v)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned cls = choice[i] & 1;
		const size_t input = (choice[i] >> 1) % inputs;
		double begin = now();

		op(ctx, cls, input);
		v[i] = (struct sample){now() - begin, cls};
	}
}

vs_status
vs_bench_timing(vs_timing_op op, void *ctx, size_t samples, size_t inputs,
    struct vs_timing *out, struct vs_err *err)
{
	struct sample *v = vs_calloc(samples, sizeof(*v));
	uint32_t *choice = vs_calloc(samples, sizeof(*choice));
	vs_status st = VS_NO_MEMORY;

	if (v != NULL && choice != NULL)
		st = vs_random((uint8_t *)choice, samples * sizeof(*choice));
	if (st == VS_OK) {
		/* The first round warms up. */
		take(op, ctx, choice, samples / 8, inputs, v);
		take(op, ctx, choice, samples, inputs, v);
		qsort(v, samples, sizeof(*v), slower);
		welch(v, samples - samples / 10, out);
	}
	free(v);
	free(choice);
	return st == VS_OK ? st : vs_fail(err, st, "timing");
}
