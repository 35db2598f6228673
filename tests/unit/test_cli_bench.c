/* SPDX-License-Identifier: Apache-2.0 */
/* The decision of `bench policy`: it allows, and allocates nothing. */
#include "check.h"

#include "cli/bench_alloc.h"
#include "cli/bench_case.h"

static void
decide(size_t rules, size_t items, size_t gpus)
{
	struct vs_bench_case b = {.rules = rules, .items = items, .gpus = gpus};
	struct vs_err err = {0};
	uint64_t before;

	if (!CHECK_OK(vs_bench_case_init(&b, &err), err))
		return;
	/* The first takes a block for its arena, which the others reuse. */
	CHECK(vs_bench_case_decide(&b));
	before = vs_bench_allocs();
	for (int i = 0; i < 100; i++)
		CHECK(vs_bench_case_decide(&b));
	CHECK_INT(vs_bench_allocs() - before, 0);
	vs_bench_case_fini(&b);
}

static void
test_decisions(void)
{
	decide(VS_BENCH_RULES, 10000, 8);
	decide(VS_BENCH_RULES, 100, 1);
	decide(8 * VS_BENCH_RULES, 100, 16);
}

static void
test_denies(void)
{
	struct vs_bench_case b = {.rules = VS_BENCH_RULES, .items = 10};
	struct vs_err err = {0};

	b.gpus = 2;
	if (!CHECK_OK(vs_bench_case_init(&b, &err), err))
		return;
	CHECK(vs_bench_case_decide(&b));
	b.claims.gpus_n = 1;
	CHECK(!vs_bench_case_decide(&b));
	b.claims.gpus_n = 2;
	vs_lists_free(&b.lists);
	CHECK(!vs_bench_case_decide(&b));
	vs_bench_case_fini(&b);
}

int
main(void)
{
	if (!vs_bench_allocs_seen())
		puts("allocations are not counted in this build");
	RUN(test_decisions);
	RUN(test_denies);
	return check_result();
}
