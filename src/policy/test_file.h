/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of test cases for a policy that stands elsewhere:
 *
 *   policy: ../snp.yaml
 *   cases:
 *     - name: a production guest
 *       claims: {...}          # as in the tests: of a policy, or
 *       evidence: report.bin   # a report, verified as of `now`
 *       expect: allow          # deny, unverified
 */
#ifndef VS_POLICY_TEST_FILE_H
#define VS_POLICY_TEST_FILE_H

#include "policy/policy.h"

/* Paths are as they are written: relative to the file. */
struct vs_policy_evidence {
	const char *report; /* NULL: the case brings claims */
	const char *kind, *collateral, *key;
	const char *const *certs;
	size_t certs_n;
	const char *const *anchors;
	size_t anchors_n;
	int64_t now_ms;
	bool unverified; /* that it does not verify is what is expected */
};

struct vs_policy_cases;
/* The `policy` of a file, in the arena, before it is known. */
VS_MUST_USE vs_status vs_policy_cases_policy(const char *file,
    struct vs_span text, struct vs_arena *a, const char **policy,
    struct vs_err *err);
/* Findings as vs_policy_load; p must live as long. */
VS_MUST_USE vs_status vs_policy_cases_load(const char *file,
    struct vs_span text, const struct vs_policy *p,
    struct vs_policy_diags *diags, struct vs_policy_cases **out,
    struct vs_err *err);
void vs_policy_cases_free(struct vs_policy_cases **c);
size_t vs_policy_cases_count(const struct vs_policy_cases *c);
const struct vs_policy_evidence *vs_policy_case_evidence(
    const struct vs_policy_cases *c, size_t i);
const char *vs_policy_case_name(const struct vs_policy_cases *c, size_t i);
/* base: the claims of the evidence, or NULL. As vs_policy_run_test. */
void vs_policy_run_case(const struct vs_policy_cases *c, size_t i,
    const struct vs_claims *base, struct vs_arena *arena,
    struct vs_policy_case_result *out);

#endif
