/* SPDX-License-Identifier: Apache-2.0 */
/* Files of cases: what they may say, and that nothing else passes. */
#include "check.h"

#include "policy/test_file.h"

static const char policy_text[] = "apiVersion: policy/v1\n"
				  "name: base\n"
				  "version: 1\n"
				  "keys: [\"models/**\"]\n"
				  "tee: [snp]\n"
				  "params:\n"
				  "  launch: \"%s\"\n"
				  "rules:\n"
				  "  - id: no-debug\n"
				  "    assert: |\n"
				  "      !tee.debug\n"
				  "  - id: image\n"
				  "    assert: |\n"
				  "      snp.measurement == param.launch\n"
				  "  - id: tcb\n"
				  "    assert: |\n"
				  "      snp.tcb.reported.snp >= 20\n";
static char launch[97], text[1024];
static struct vs_policy *policy;
static struct vs_arena arena;
static struct vs_err err;

static vs_status
load(struct vs_span t, struct vs_policy_cases **out)
{
	vs_err_clear(&err);
	return vs_policy_cases_load("c.yaml", t, policy, NULL, out, &err);
}

static const char *
cases_text(const char *cases)
{
	(void)snprintf(text, sizeof text, "policy: p.yaml\ncases:\n%s", cases);
	return text;
}

static void
refused_at(const char *cases, const char *why, int line)
{
	struct vs_policy_cases *c = NULL;

	if (!CHECK(load(vs_span_cstr(cases_text(cases)), &c) != VS_OK) ||
	    !CHECK(strstr(err.msg, why) != NULL))
		fprintf(stderr, "line %d: %s\n", line, err.msg);
	vs_policy_cases_free(&c);
}
#define REFUSED(cases, why) refused_at((cases), (why), __LINE__)

static bool
passes(const struct vs_policy_cases *c, size_t i, const char *why)
{
	struct vs_policy_case_result r;

	vs_arena_reset(&arena);
	vs_policy_run_case(c, i, NULL, &arena, &r);
	if (!r.passed && (why == NULL || strstr(r.why, why) == NULL))
		fprintf(stderr, "%s: %s\n", r.name, r.why);
	return r.passed;
}

static void
test_cases_of_claims(void)
{
	struct vs_policy_cases *c = NULL;
	char cases[768];

	(void)snprintf(cases, sizeof cases,
	    "  - name: good\n"
	    "    claims: {snp: {measurement: %s, tcb: {reported: {snp: 20}}}}\n"
	    "    expect: allow\n"
	    "  - name: old\n"
	    "    claims: {snp: {measurement: %s, tcb: {reported: {snp: 19}}}}\n"
	    "    expect: deny\n"
	    "    failed: [tcb]\n"
	    "  - name: wrong\n"
	    "    claims: {snp: {measurement: %s, tcb: {reported: {snp: 19}}}}\n"
	    "    expect: allow\n",
	    launch, launch, launch);
	if (!CHECK_OK(load(vs_span_cstr(cases_text(cases)), &c), err))
		return;
	CHECK_INT(vs_policy_cases_count(c), 3);
	CHECK_STR(vs_policy_case_name(c, 1), "old");
	CHECK(vs_policy_case_evidence(c, 0)->report == NULL);
	CHECK(passes(c, 0, NULL));
	CHECK(passes(c, 1, NULL));
	CHECK(!passes(c, 2, "allow expected, got deny"));
	vs_policy_cases_free(&c);
}

static void
test_cases_of_evidence(void)
{
	struct vs_policy_cases *c = NULL;
	const struct vs_policy_evidence *e;

	if (!CHECK_OK(
		load(vs_span_cstr(cases_text(
			 "  - name: raw\n    evidence: r.bin\n"
			 "    certs: [a.pem, b.der]\n    kind: snp\n"
			 "    trust_anchors: [lab.pem]\n    collateral: coll\n"
			 "    key: models/a\n    now: 2026-04-01T00:00:00Z\n"
			 "    expect: unverified\n")),
		    &c),
		err))
		return;
	e = vs_policy_case_evidence(c, 0);
	CHECK_STR(e->report, "r.bin");
	CHECK_INT(e->certs_n, 2);
	CHECK_STR(e->certs[1], "b.der");
	CHECK_STR(e->anchors[0], "lab.pem");
	CHECK_STR(e->collateral, "coll");
	CHECK_STR(e->kind, "snp");
	CHECK_STR(e->key, "models/a");
	CHECK_INT(e->now_ms, 1775001600000);
	CHECK(e->unverified);
	vs_policy_cases_free(&c);
}

static void
test_wrong_files_are_refused(void)
{
	struct vs_policy_cases *c = NULL;
	const char *path = NULL;

	REFUSED("  - name: x\n    expect: allow\n", "claims or evidence");
	REFUSED("  - name: x\n    claims: {}\n    expect: maybe\n", "expect");
	REFUSED("  - name: x\n    claims: {}\n    expect: unverified\n",
	    "only evidence");
	REFUSED("  - name: x\n    claims: {}\n", "expect");
	REFUSED("  - claims: {}\n    expect: deny\n", "name");
	REFUSED("  - name: x\n    claims: {}\n    expect: deny\n    wat: 1\n",
	    "wat");
	REFUSED("  - name: x\n    claims: {snp: {vmpl: a}}\n    expect: deny\n",
	    "snp.vmpl");
	REFUSED("  - name: x\n    claims: {snp: {no: 1}}\n    expect: deny\n",
	    "no claim");
	REFUSED("  - name: x\n    claims: {}\n    expect: deny\n"
		"    failed: [nope]\n",
	    "nope");
	REFUSED("  - name: x\n    evidence: r\n    certs: a\n"
		"    expect: deny\n",
	    "certs");
	CHECK(load(VS_SPAN_LIT("policy: p\ncases: 1\n"), &c) != VS_OK);
	CHECK(load(VS_SPAN_LIT("[]"), &c) != VS_OK);
	CHECK_OK(vs_policy_cases_policy("c.yaml",
		     VS_SPAN_LIT("policy: ../p.yaml\ncases: []\n"), &arena,
		     &path, &err),
	    err);
	CHECK_STR(path, "../p.yaml");
	CHECK(vs_policy_cases_policy("c.yaml", VS_SPAN_LIT("cases: []\n"),
		  &arena, &path, &err) != VS_OK);
	CHECK(vs_policy_cases_policy("c.yaml", VS_SPAN_LIT("policy: [a]\n"),
		  &arena, &path, &err) != VS_OK);
}

/* Every truncation and every flipped bit: refused, or cases that run. */
static void
test_mutations(void)
{
	static const char good[] =
	    "policy: p.yaml\ncases:\n  - name: a\n    claims:\n"
	    "      snp: {vmpl: 0}\n    expect: deny\n    failed: [image]\n"
	    "  - name: b\n    evidence: r\n    expect: unverified\n";
	char copy[sizeof good];

	for (size_t n = 0; n < sizeof good - 1; n++) {
		struct vs_policy_cases *c = NULL;

		if (load(VS_SPAN(good, n), &c) == VS_OK)
			CHECK(vs_policy_cases_count(c) <= 2);
		vs_policy_cases_free(&c);
	}
	for (size_t i = 0; i < (sizeof good - 1) * 8; i++) {
		struct vs_policy_cases *c = NULL;

		memcpy(copy, good, sizeof good);
		copy[i / 8] ^= (char)(1 << (i % 8));
		if (load(VS_SPAN(copy, sizeof good - 1), &c) == VS_OK &&
		    vs_policy_cases_count(c) > 0)
			(void)passes(c, 0, "");
		vs_policy_cases_free(&c);
	}
}

int
main(void)
{
	char doc[1024];

	memset(launch, 'a', 96);
	(void)snprintf(doc, sizeof doc, policy_text, launch);
	vs_arena_init(&arena, 1 << 20);
	if (!CHECK_OK(vs_policy_load(
			  "p.yaml", vs_span_cstr(doc), NULL, &policy, &err),
		err))
		return check_result();
	RUN(test_cases_of_claims);
	RUN(test_cases_of_evidence);
	RUN(test_wrong_files_are_refused);
	RUN(test_mutations);
	vs_policy_free(&policy);
	vs_arena_fini(&arena);
	return check_result();
}
