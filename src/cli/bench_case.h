/* SPDX-License-Identifier: Apache-2.0 */
/* One decision to measure: the policy of an H100 serving node, its claims,
 * and a list of images. */
#ifndef VS_CLI_BENCH_CASE_H
#define VS_CLI_BENCH_CASE_H

#include "claims/claims.h"
#include "policy/policy.h"

struct vs_bench_case {
	size_t rules, items, gpus; /* what the case is made of */
	struct vs_policy_set *set;
	struct vs_lists *lists;
	struct vs_claims claims;
	struct vs_arena claims_arena;
	struct vs_arena arena; /* of the decision */
};

/* The rules of the policy once; more repeat them under other names. */
enum { VS_BENCH_RULES = 12 };

/* Sets up b->rules, items and gpus; vs_bench_case_fini also after failure. */
VS_MUST_USE vs_status vs_bench_case_init(
    struct vs_bench_case *b, struct vs_err *err);
void vs_bench_case_fini(struct vs_bench_case *b);
/* One decision; false unless it allows. */
bool vs_bench_case_decide(struct vs_bench_case *b);

#endif
