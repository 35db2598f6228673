/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe bench policy`: what one decision costs, and how that grows. */
#include <stdio.h>

#include "cli/bench_alloc.h"
#include "cli/bench_case.h"
#include "cli/bench_floor.h"
#include "cli/bench_release.h"
#include "cli/options.h"
#include "cli/output.h"

enum {
	BATCHES = 15,
	BATCH_NS = 10 * 1000 * 1000,
	CALIBRATE = 200, /* decisions, which also warm up */
	STEPS_MAX = 8,
};

struct args {
	bool quick;
	bool json;
};
static const struct vs_opt options[] = {
    VS_OPT(
	"quick", FLAG, struct args, quick, NULL, "one case, not how it grows"),
    VS_OPT("json", FLAG, struct args, json, NULL, "one JSON object"),
};

/* The case that the others are variations of. */
static const struct vs_bench_case base = {
    .rules = VS_BENCH_RULES, .items = 10000, .gpus = 8};

/* One property of the case, and the values that it takes. */
struct series {
	const char *what;
	size_t offset; /* in struct vs_bench_case */
	size_t n;
	size_t value[STEPS_MAX];
	double ns[STEPS_MAX]; /* a decision */
};
#define SERIES(what, field, ...)                                               \
	{                                                                      \
		what, offsetof(struct vs_bench_case, field),                   \
		    sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t),          \
		    {__VA_ARGS__},                                             \
		{                                                              \
			0                                                      \
		}                                                              \
	}

struct figures {
	double ns;
	uint64_t decisions; /* of the case itself, all batches */
	uint64_t allocs;    /* that they made */
	bool allocs_seen;   /* else the figure above says nothing */
};

static vs_status
decide(struct vs_bench_case *b, size_t times, struct vs_err *err)
{
	for (size_t i = 0; i < times; i++) {
		if (!vs_bench_case_decide(b))
			return vs_fail(
			    err, VS_INTERNAL, "the policy did not allow");
	}
	return VS_OK;
}

/* Decisions that fill a batch. */
static vs_status
calibrate(struct vs_bench_case *b, size_t *times, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns(), took;

	VS_TRY(err, "warm-up", decide(b, CALIBRATE, err));
	took = vs_bench_thread_ns() - begin;
	*times = (size_t)((int64_t)BATCH_NS * CALIBRATE / (took + 1)) + 1;
	return VS_OK;
}

static vs_status
measure(struct vs_bench_case *b, struct figures *f, struct vs_err *err)
{
	double ns[BATCHES];
	size_t times;
	uint64_t allocs;

	VS_TRY(err, "policy", calibrate(b, &times, err));
	allocs = vs_bench_allocs();
	for (size_t i = 0; i < BATCHES; i++) {
		int64_t begin = vs_bench_thread_ns();

		VS_TRY(err, "policy", decide(b, times, err));
		ns[i] = (double)(vs_bench_thread_ns() - begin) / (double)times;
	}
	f->allocs = vs_bench_allocs() - allocs;
	f->allocs_seen = vs_bench_allocs_seen();
	f->decisions = (uint64_t)times * BATCHES;
	f->ns = vs_bench_median(ns, BATCHES);
	return VS_OK;
}

static vs_status
measure_one(size_t offset, size_t value, struct figures *f, struct vs_err *err)
{
	struct vs_bench_case b = base;
	vs_status st;

	*(size_t *)(void *)((char *)&b + offset) = value;
	st = vs_bench_case_init(&b, err);
	if (st == VS_OK)
		st = measure(&b, f, err);
	vs_bench_case_fini(&b);
	return st;
}

static vs_status
run(struct series *s, size_t n, struct figures *f, struct vs_err *err)
{
	VS_TRY(err, "bench",
	    measure_one(
		offsetof(struct vs_bench_case, rules), base.rules, f, err));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < s[i].n; k++) {
			struct figures one = {0};

			VS_TRY(err, s[i].what,
			    measure_one(s[i].offset, s[i].value[k], &one, err));
			s[i].ns[k] = one.ns;
		}
	}
	return VS_OK;
}

static struct vs_json *
series_json(const struct series *s)
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < s->n; i++) {
		struct vs_json *o = vs_json_object();

		vs_json_set(&o, s->what, vs_json_int((int64_t)s->value[i]));
		vs_json_set(&o, "ns", vs_json_int((int64_t)(s->ns[i] + 0.5)));
		vs_json_append(&list, o);
	}
	return list;
}

static int
print_json(const struct figures *f, const struct series *s, size_t n)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "rules", vs_json_int((int64_t)base.rules));
	vs_json_set(&o, "list_items", vs_json_int((int64_t)base.items));
	vs_json_set(&o, "gpus", vs_json_int((int64_t)base.gpus));
	vs_json_set(&o, "decision_ns", vs_json_int((int64_t)(f->ns + 0.5)));
	vs_json_set(&o, "decisions", vs_json_int((int64_t)f->decisions));
	vs_json_set(&o, "allocations",
	    f->allocs_seen ? vs_json_int((int64_t)f->allocs) : vs_json_null());
	for (size_t i = 0; i < n; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "by_%s", s[i].what);
		vs_json_set(&o, name, series_json(&s[i]));
	}
	return vs_cli_json(&o, 0);
}

static void
print_text(const struct figures *f, const struct series *s, size_t n)
{
	printf("one decision: %zu rules, a list of %zu digests, %zu GPUs; CPU "
	       "time\n\n",
	    base.rules, base.items, base.gpus);
	printf("decision    %8.0f ns\n", f->ns);
	if (f->allocs_seen)
		printf("allocations %8llu    in %llu decisions (calls of "
		       "malloc, calloc, realloc)\n",
		    (unsigned long long)f->allocs,
		    (unsigned long long)f->decisions);
	else
		puts("allocations  not counted in this build");
	for (size_t i = 0; i < n; i++) {
		printf("\n%12s        ns\n", s[i].what);
		for (size_t k = 0; k < s[i].n; k++)
			printf("%12zu  %8.0f\n", s[i].value[k], s[i].ns[k]);
	}
}

int
vs_bench_policy(int argc, char **argv)
{
	struct series s[] = {SERIES("rules", rules, 12, 24, 48, 96),
	    SERIES("list_items", items, 100, 1000, 10000, 100000, 1000000),
	    SERIES("gpus", gpus, 1, 2, 4, 8, 16)};
	size_t n = VS_COUNT(s);
	struct args a = {0};
	struct figures f = {0};
	struct vs_args rest;
	struct vs_err err = {0};
	vs_status st = vs_options_parse(
	    argc, argv, options, VS_COUNT(options), &a, &rest, &err);

	if (st == VS_OK && rest.n != 0)
		st = vs_fail(
		    &err, VS_USAGE, "unexpected argument %.60s", rest.v[0]);
	if (a.quick)
		n = 0;
	if (st == VS_OK)
		st = run(s, n, &f, &err);
	if (st != VS_OK)
		return vs_cli_fail(&err, a.json);
	if (a.json)
		return print_json(&f, s, n);
	print_text(&f, s, n);
	return 0;
}
