/* SPDX-License-Identifier: Apache-2.0 */
/* The tests: block of a document. */
#include <stdio.h>
#include <string.h>

#include "policy/document.h"

/* One decision of a test: the same bound as one of the broker. */
enum { TEST_ARENA = 1024 * 1024 };

/*
 * What verified evidence always has, where a test does not say otherwise:
 * production hardware, and the first kind that the policy admits.
 */
static void
set_defaults(const struct vs_policy *p, struct vs_claims *c)
{
	static const char *const kinds[] = {
#define X(sym, name, kind, other) [sym] = (kind),
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	struct vs_claim_value *v = c->v;

	for (size_t i = 0; i < VS_TEE_COUNT; i++) {
		if (p->tee[i] && !v[VS_CLAIM_TEE_KIND].present) {
			v[VS_CLAIM_TEE_KIND].present = true;
			v[VS_CLAIM_TEE_KIND].u.s = vs_span_cstr(kinds[i]);
		}
	}
	v[VS_CLAIM_TEE_DEBUG].present = true;
	v[VS_CLAIM_TEE_SIMULATED].present = true;
	v[VS_CLAIM_TEE_BOUND].present = true;
	v[VS_CLAIM_TEE_BOUND].u.b = true;
	v[VS_CLAIM_TEE_CRL].present = true;
	v[VS_CLAIM_TEE_CRL].u.s = VS_SPAN_LIT("good");
}

static bool
expected_to_fail(const struct vs_pol_test *t, const char *id)
{
	for (size_t i = 0; i < t->failed_n; i++) {
		if (strcmp(t->failed[i], id) == 0)
			return true;
	}
	return false;
}

static bool
did_fail(const struct vs_policy_result *r, const char *id)
{
	for (size_t i = 0; i < r->rules_n; i++) {
		if (strcmp(r->rules[i].id, id) == 0)
			return r->rules[i].outcome == VS_RULE_FAILED ||
			    r->rules[i].outcome == VS_RULE_ERROR;
	}
	return false;
}

/* "; failed: a, b (no_such_field)" */
static void
list_failures(const struct vs_policy_result *r, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->rules_n && at < size; i++) {
		const struct vs_rule_result *x = &r->rules[i];

		if (x->outcome != VS_RULE_FAILED && x->outcome != VS_RULE_ERROR)
			continue;
		int n = snprintf(out + at, size - at, "%s%s%s%s%s",
		    at == 0 ? "; failed: " : ", ", x->id,
		    x->error != NULL ? " (" : "",
		    x->error != NULL ? x->error : "",
		    x->error != NULL ? ")" : "");
		at += n > 0 ? (size_t)n : 0;
	}
}

/* Whether just those rules failed that were to. */
static bool
check_failed(const struct vs_policy *p, const struct vs_pol_test *t,
    const struct vs_policy_result *r, const char *failures,
    struct vs_policy_case_result *out)
{
	if (!t->failed_set)
		return true;
	for (size_t i = 0; i < p->rules_n; i++) {
		const char *id = p->rules[i].id;
		bool want = expected_to_fail(t, id);

		if (want == did_fail(r, id))
			continue;
		(void)snprintf(out->why, sizeof(out->why),
		    "rule \"%.60s\" %s%.150s", id,
		    want ? "should fail and did not" : "failed and should not",
		    failures);
		return false;
	}
	return true;
}

static void
set_claims(const struct vs_policy *p, const struct vs_pol_test *t,
    const struct vs_claims *base, struct vs_arena *arena, struct vs_claims *out)
{
	if (base != NULL) {
		*out = *base;
	} else {
		vs_claims_init(out, arena);
		set_defaults(p, out);
	}
	for (size_t i = 0; i < t->given_n; i++)
		out->v[t->given[i].id] = t->given[i].value;
	if (t->gpus_n > 0) {
		out->gpus = t->gpus;
		out->gpus_n = t->gpus_n;
	}
}

void
vs_pol_run_case(const struct vs_policy *p, const struct vs_pol_test *t,
    const struct vs_claims *base, struct vs_arena *arena,
    struct vs_policy_case_result *out)
{
	struct vs_policy_result r;
	struct vs_claims claims;
	char failures[160];

	*out = (struct vs_policy_case_result){
	    .name = t->name, .line = t->line, .col = t->col};
	set_claims(p, t, base, arena, &claims);
	vs_pol_judge(&p, 1, true, t->lists, &claims, t->now_ms, arena, &r);
	list_failures(&r, failures, sizeof(failures));
	if ((r.verdict == VS_VERDICT_ALLOW) == t->allow) {
		out->passed = check_failed(p, t, &r, failures, out);
		return;
	}
	(void)snprintf(out->why, sizeof(out->why),
	    "%s expected, got %s (%s)%.150s", t->allow ? "allow" : "deny",
	    r.verdict == VS_VERDICT_ALLOW ? "allow" : "deny", r.reason,
	    failures);
}

size_t
vs_policy_tests(const struct vs_policy *p)
{
	return p->tests_n;
}

void
vs_policy_run_test(const struct vs_policy *p, size_t i, struct vs_arena *arena,
    struct vs_policy_case_result *out)
{
	VS_ASSERT(i < p->tests_n);
	vs_pol_run_case(p, &p->tests[i], NULL, arena, out);
}

vs_status
vs_policy_run_tests(const struct vs_policy *p, struct vs_policy_diags *diags,
    size_t *ran, size_t *failed, struct vs_err *err)
{
	struct vs_err first = {0};
	struct vs_report report = {
	    .file = p->file, .diags = diags, .err = &first};
	struct vs_arena arena;
	size_t bad = 0;

	vs_arena_init(&arena, TEST_ARENA);
	for (size_t i = 0; i < p->tests_n; i++) {
		struct vs_policy_case_result r;

		vs_arena_reset(&arena);
		vs_policy_run_test(p, i, &arena, &r);
		if (r.passed)
			continue;
		bad++;
		vs_report_error(&report, "E_TEST", r.line, r.col,
		    "test \"%s\": %s", r.name, r.why);
	}
	vs_arena_fini(&arena);
	if (report.no_memory)
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	*ran = p->tests_n;
	*failed = bad;
	return VS_OK;
}
