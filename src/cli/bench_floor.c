/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_floor.h"

#include <stdlib.h>
#include <time.h>

#include "crypto/floor.h"

enum { BATCHES = 9, VERIFIES = 60, AGREES = 300, AEADS = 5000 };

int64_t
vs_bench_thread_ns(void)
{
	struct timespec t = {0};

	/* Cannot fail: every Linux has this clock. */
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
vs_bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static vs_status
batch(struct vs_floor *f, bool (*op)(struct vs_floor *), int times,
    double *ns_each, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns();

	for (int i = 0; i < times; i++)
		if (!op(f))
			return vs_fail(err, VS_INTERNAL, "floor: OpenSSL");
	*ns_each = (double)(vs_bench_thread_ns() - begin) / times;
	return VS_OK;
}

static vs_status
measure(struct vs_floor *f, bool (*op)(struct vs_floor *), int times,
    double *median, struct vs_err *err)
{
	double v[BATCHES], warm;

	VS_TRY(err, "floor", batch(f, op, times, &warm, err));
	for (size_t i = 0; i < BATCHES; i++)
		VS_TRY(err, "floor", batch(f, op, times, &v[i], err));
	*median = vs_bench_median(v, BATCHES);
	return VS_OK;
}

vs_status
vs_bench_floor_measure(struct vs_bench_floor *out, struct vs_err *err)
{
	VS_AUTO(vs_floor) *f = NULL;
	struct vs_bench_floor m = {0};

	VS_TRY(err, "floor", vs_floor_new(&f, err));
	VS_TRY(err, "verify",
	    measure(f, vs_floor_verify, VERIFIES, &m.verify, err));
	VS_TRY(err, "agree", measure(f, vs_floor_agree, AGREES, &m.agree, err));
	VS_TRY(err, "aead", measure(f, vs_floor_aead, AEADS, &m.aead, err));
	*out = m;
	return VS_OK;
}

double
vs_bench_floor_sum(const struct vs_bench_floor *f)
{
	return f->verify + f->agree + f->aead;
}

void
vs_bench_floor_mean(const struct vs_bench_floor *a,
    const struct vs_bench_floor *b, struct vs_bench_floor *out)
{
	out->verify = (a->verify + b->verify) / 2;
	out->agree = (a->agree + b->agree) / 2;
	out->aead = (a->aead + b->aead) / 2;
}
