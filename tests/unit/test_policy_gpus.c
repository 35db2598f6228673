/* SPDX-License-Identifier: Apache-2.0 */
/* `gpus` in policies: types, fields, absence, comprehensions, tests. */
#include "check.h"

#include "claims/gpu.h"
#include "policy/gpus.h"
#include "policy/policy.h"

/* The engine is tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

static struct vs_arena arena, claims_arena;
static struct vs_claims claims;

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);

#define HEAD                                                                   \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [snp]\n"
#define RULE(expr) "rules:\n  - id: r\n    assert: |\n      " expr "\n"

static void
set_str(size_t gpu, vs_gpu_claim_id id, const char *s)
{
	CHECK(vs_claims_gpu_str(&claims, gpu, id, vs_span_cstr(s)) == VS_OK);
}

static void
reset_claims(void)
{
	vs_arena_reset(&claims_arena);
	vs_claims_init(&claims, &claims_arena);
	CHECK(vs_claims_str(&claims, VS_CLAIM_KEY_NAME, VS_SPAN_LIT("k")) ==
	    VS_OK);
	CHECK(vs_claims_str(&claims, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp")) ==
	    VS_OK);
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_BOUND, true);
}

/* n GPUs; the last lacks what may be absent. */
static void
with_gpus(size_t n)
{
	struct vs_span mism[] = {
	    VS_SPAN_LIT("driver:24"), VS_SPAN_LIT("vbios:9")};
	char id[20];

	reset_claims();
	for (size_t i = 0; i < n; i++) {
		size_t g;

		CHECK(vs_claims_gpu_add(&claims, &g) == VS_OK);
		snprintf(id, sizeof(id), "%02zx", i);
		set_str(g, VS_GPU_ARCH, "hopper");
		set_str(g, VS_GPU_ID, id);
		set_str(g, VS_GPU_DRIVER_VERSION, "570.86.15");
		set_str(g, VS_GPU_MEASUREMENTS, i == 1 ? "mismatch" : "match");
		CHECK(vs_claims_gpu_strs(&claims, g, VS_GPU_MISMATCHES, mism,
			  i == 1 ? 2 : 0) == VS_OK);
		vs_claims_gpu_bool(&claims, g, VS_GPU_BOUND, true);
		vs_claims_gpu_bool(&claims, g, VS_GPU_SIMULATED, false);
		if (i + 1 < n)
			set_str(g, VS_GPU_CC_STATE, "on");
	}
}

/* How the rule ends: "passed", "failed", or the kind of an error. */
static const char *
outcome(const char *expr)
{
	static char text[32];
	char doc[1024];
	struct vs_policy *p = NULL;
	struct vs_policy_set *set = NULL;
	struct vs_policy_result r;
	struct vs_err err = {0};

	snprintf(doc, sizeof(doc), HEAD RULE("%s"), expr);
	if (!CHECK_OK(
		vs_policy_load("p", vs_span_cstr(doc), NULL, &p, &err), err))
		return "";
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	vs_arena_reset(&arena);
	vs_policy_decide(set, NULL, &claims, NOW, &arena, &r);
	snprintf(text, sizeof(text), "%s",
	    r.rules_n != 1         ? r.reason
		: r.rules[0].error ? r.rules[0].error
				   : vs_rule_outcome_name(r.rules[0].outcome));
	CHECK((r.verdict == VS_VERDICT_ALLOW) == (strcmp(text, "passed") == 0));
	vs_policy_set_free(&set);
	return text;
}

/* What decides. */
static const char *
reason(const char *expr)
{
	char doc[1024];
	struct vs_policy *p = NULL;
	struct vs_policy_set *set = NULL;
	struct vs_policy_result r;
	struct vs_err err = {0};

	snprintf(doc, sizeof(doc), HEAD RULE("%s"), expr);
	if (!CHECK_OK(
		vs_policy_load("p", vs_span_cstr(doc), NULL, &p, &err), err))
		return "";
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	vs_arena_reset(&arena);
	vs_policy_decide(set, NULL, &claims, NOW, &arena, &r);
	vs_policy_set_free(&set);
	return r.reason;
}

struct expect {
	const char *expr, *outcome;
};

static void
run_table(const struct expect *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!CHECK_STR(outcome(t[i].expr), t[i].outcome))
			fprintf(stderr, "  %s\n", t[i].expr);
	}
}

static void
test_reading(void)
{
	static const struct expect t[] = {
	    {"size(gpus) == 3 && gpus.size() == 3", "passed"},
	    {"gpus[0].arch == 'hopper' && gpus[2].id == '02'", "passed"},
	    {"gpus[1].arch == 'blackwell'", "failed"},
	    {"gpus[3].arch == 'hopper'", "invalid_argument"},
	    {"gpus[-1].arch == 'hopper'", "invalid_argument"},
	    {"has(gpus[0].cc_state) && gpus[0].cc_state == 'on'", "passed"},
	    {"has(gpus[2].cc_state)", "failed"},
	    {"gpus[2].cc_state == 'on'", "no_such_field"},
	    {"gpus[0].vbios_version == '96'", "no_such_field"},
	    {"gpus[1].mismatches == ['driver:24', 'vbios:9']", "passed"},
	    {"size(gpus[0].mismatches) == 0", "passed"},
	    {"gpus[0].bound", "passed"},
	    {"vercmp(gpus[0].driver_version, '570.86.9') == 1", "passed"},
	};

	with_gpus(3);
	run_table(t, VS_COUNT(t));
}

static void
test_comprehensions(void)
{
	static const struct expect t[] = {
	    {"gpus.all(g, g.arch == 'hopper')", "passed"},
	    {"gpus.all(g, g.measurements == 'match')", "failed"},
	    {"gpus.exists(g, g.measurements == 'mismatch')", "passed"},
	    {"gpus.exists_one(g, g.measurements == 'mismatch')", "passed"},
	    {"gpus.all(g, g.cc_state == 'on')", "no_such_field"},
	    {"gpus.all(g, has(g.cc_state) && g.cc_state == 'on')", "failed"},
	    {"gpus.filter(g, has(g.cc_state)).all(g, g.cc_state == 'on')",
		"passed"},
	    {"gpus.filter(g, has(g.cc_state)).size() == 2", "passed"},
	    {"gpus.filter(g, g.id == '01')[0].measurements == 'mismatch'",
		"passed"},
	    {"gpus.map(g, g.id) == ['00', '01', '02']", "passed"},
	    {"gpus.map(g, g.measurements == 'match', g.id) == ['00', '02']",
		"passed"},
	    {"gpus.map(g, g.id).distinct().size() == gpus.size()", "passed"},
	    {"gpus.map(g, g)[1].id == '01'", "passed"},
	    {"gpus.all(g, gpus.exists_one(h, h.id == g.id))", "passed"},
	    {"gpus.exists(g, g.mismatches.exists(m, m == 'vbios:9'))",
		"passed"},
	    {"(gpus + gpus).size() == 6", "passed"},
	    {"[1].all(gpus, gpus == 1)", "passed"},
	};

	with_gpus(3);
	run_table(t, VS_COUNT(t));
}

/* Who shows no GPU satisfies every all(): the count is what denies. */
static void
test_none(void)
{
	static const struct expect t[] = {
	    {"size(gpus) == 0", "passed"},
	    {"gpus.all(g, g.arch == 'hopper')", "passed"},
	    {"size(gpus) == 8 && gpus.all(g, g.arch == 'hopper')", "failed"},
	    {"gpus.exists(g, true)", "failed"},
	    {"gpus[0].arch == 'hopper'", "invalid_argument"},
	};

	reset_claims();
	run_table(t, VS_COUNT(t));
}

/* Beside a real processor nothing accepts a GPU that is simulated. */
static void
test_simulated(void)
{
	with_gpus(2);
	CHECK_STR(
	    outcome("gpus.all(g, !g.simulated) && !tee.simulated"), "passed");
	vs_claims_gpu_bool(&claims, 1, VS_GPU_SIMULATED, true);
	CHECK_STR(reason("true || gpus[1].simulated"), "simulated");
	CHECK_STR(reason("!tee.simulated"), "simulated");
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, true);
	CHECK_STR(reason("true || tee.debug"), "simulated");
	CHECK_STR(reason("tee.simulated"), "allowed");
	with_gpus(2);
	claims.gpus[1].v[VS_GPU_SIMULATED].present = false;
	CHECK_STR(reason("!tee.simulated"), "simulated");
}

static void
test_many(void)
{
	with_gpus(VS_CLAIM_GPUS_MAX);
	CHECK_STR(
	    outcome("size(gpus) == 16 && gpus.all(g, g.bound)"), "passed");
}

/* The list is made once; a run without room for it denies. */
static void
test_memory(void)
{
	static const char doc[] = HEAD RULE("size(gpus) == 8");
	struct vs_policy *p = NULL;
	struct vs_policy_set *set = NULL;
	struct vs_policy_result r;
	struct vs_err err = {0};
	struct vs_arena small;

	with_gpus(8);
	CHECK_OK(vs_policy_load("p", vs_span_cstr(doc), NULL, &p, &err), err);
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	for (size_t cap = 0; cap < 8192; cap += 256) {
		vs_arena_init(&small, cap);
		vs_policy_decide(set, NULL, &claims, NOW, &small, &r);
		CHECK(r.verdict == VS_VERDICT_ALLOW ||
		    strcmp(r.reason, "fatal") == 0);
		CHECK(cap > 512 || r.verdict != VS_VERDICT_ALLOW);
		vs_arena_fini(&small);
	}
	CHECK(r.verdict == VS_VERDICT_ALLOW);
	vs_policy_set_free(&set);
}

static void
refused(const char *expr, const char *msg)
{
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	char doc[1024];

	snprintf(doc, sizeof(doc), HEAD RULE("%s"), expr);
	CHECK(vs_policy_load("p", vs_span_cstr(doc), NULL, &p, &err) != VS_OK);
	CHECK_STR(err.code, "E_CHECK");
	if (!CHECK(strstr(err.msg, msg) != NULL))
		fprintf(stderr, "  %s: %s\n", expr, err.msg);
	vs_policy_free(&p);
}

static void
test_checker(void)
{
	refused("gpus.all(g, g.arhc == 'hopper')",
	    "a GPU has no field \"arhc\"; did you mean \"arch\"?");
	refused("gpus[0].driver_versoin == '1'",
	    "did you mean "
	    "\"driver_version\"?");
	refused("has(gpus[0].cc)", "a GPU has no field \"cc\"");
	refused("gups.size() == 8", "did you mean \"gpus\"?");
	refused("gpus[0].bound == 'yes'", "no operator ==");
	refused("gpus.all(g, g.arch)", "must be a bool");
	refused("gpus.arch == 'hopper'", "list(record)");
	refused("gpus['0'].arch == 'hopper'", "operator _[_]");
	refused("gpus == 8", "operator ==");
	refused("gpus[0] == gpus[1]", "records are not compared");
	refused("gpus == gpus", "records are not compared");
	refused("gpus[0] in gpus", "records are not compared");
	refused("string(gpus[0]) == ''", "string()");
}

/* Findings of W_UNGUARDED, and the first of them. */
static size_t
unguarded(const char *expr, char first[200])
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	char doc[1024];
	size_t n = 0;

	snprintf(doc, sizeof(doc), HEAD RULE("%s"), expr);
	CHECK_OK(vs_policy_load("p", vs_span_cstr(doc), diags, &p, &err), err);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++) {
		const struct vs_policy_diag *d = vs_policy_diags_at(diags, i);

		if (strcmp(d->code, "W_UNGUARDED") == 0 && n++ == 0)
			snprintf(first, 200, "%d: %s", d->col, d->msg);
	}
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
	return n;
}

static void
test_unguarded(void)
{
	static const struct {
		const char *expr;
		size_t n;
	} t[] = {
	    {"gpus.all(g, g.arch == 'hopper')", 0},
	    {"gpus.all(g, g.cc_state == 'on')", 1},
	    {"gpus.all(g, has(g.cc_state) && g.cc_state == 'on')", 0},
	    {"gpus.all(g, g.cc_state == 'on' && has(g.cc_state))", 0},
	    {"gpus.all(g, !has(g.cc_state) || g.cc_state == 'on')", 0},
	    {"gpus.all(g, has(g.cc_state) || g.cc_state == 'on')", 1},
	    {"gpus.all(g, has(g.cc_mode) && g.cc_state == 'on')", 1},
	    {"gpus.all(g, has(g.cc_state) ? g.cc_state == 'on' : false)", 0},
	    {"gpus.all(g, has(g.cc_state) ? false : g.cc_state == 'on')", 1},
	    {"gpus.all(g, g.cc_state == 'on' && g.cc_mode == g.cc_state)", 2},
	    {"gpus.all(g, has(g.cc_state)) && gpus.all(h, h.cc_state == '')",
		1},
	    {"gpus.filter(h, has(h.cc_state)).all(g, g.cc_state == 'on')", 0},
	    {"gpus.filter(h, has(h.cc_mode)).all(g, g.cc_state == 'on')", 1},
	    {"gpus.all(g, has(g.pdi) && gpus.all(g, g.pdi == ''))", 1},
	    {"gpus.all(g, has(g.pdi) && gpus.all(h, g.pdi == ''))", 0},
	    {"has(gpus[0].pdi) && gpus[0].pdi == ''", 0},
	    {"has(gpus[0].pdi) && gpus[1].pdi == ''", 1},
	};
	char first[200] = "";

	for (size_t i = 0; i < VS_COUNT(t); i++) {
		if (!CHECK_INT(unguarded(t[i].expr, first), t[i].n))
			fprintf(stderr, "  %s: %s\n", t[i].expr, first);
	}
	CHECK_INT(unguarded("gpus.all(g, g.cc_state == 'on')", first), 1);
	CHECK_STR(first,
	    "19: rule \"r\": g.cc_state may be absent: write "
	    "has(g.cc_state) && ...");
}

static void
test_sensitive(void)
{
	CHECK(vs_gpu_field_sensitive(VS_GPU_ID));
	CHECK(!vs_gpu_field_sensitive(VS_GPU_ARCH));
	CHECK(!vs_gpu_field_sensitive(VS_GPU_CLAIM_COUNT));
	CHECK_INT(vs_gpu_record.n, VS_GPU_CLAIM_COUNT);
	CHECK_INT(
	    vs_cel_field_find(&vs_gpu_record, VS_SPAN_LIT("pdi")), VS_GPU_PDI);
	CHECK(vs_gpu_record.field[VS_GPU_PDI].optional);
	CHECK(!vs_gpu_record.field[VS_GPU_ARCH].optional);
}

#define TESTS                                                                  \
	HEAD RULE("size(gpus) == 2 && gpus.all(g, has(g.cc_state) && "         \
		  "g.cc_state == 'on')") "tests:\n"
#define GPUS(list)                                                             \
	"  - name: t\n    claims:\n      gpus: " list "\n    expect: allow\n"

static void
test_in_file(void)
{
	static const char good[] = TESTS
	    "  - name: two\n"
	    "    claims:\n"
	    "      gpus:\n"
	    "        - {arch: hopper, cc_state: \"on\", bound: true}\n"
	    "        - cc_state: \"on\"\n"
	    "          mismatches: [\"driver:1\"]\n"
	    "    expect: allow\n"
	    "  - name: one\n"
	    "    claims:\n"
	    "      gpus: [{cc_state: \"on\"}]\n"
	    "    expect: deny\n"
	    "    failed: [r]\n"
	    "  - name: none\n"
	    "    claims: {}\n"
	    "    expect: deny\n"
	    "  - name: devtools\n"
	    "    claims: {gpus: [{cc_state: \"on\"}, {cc_state: devtools}]}\n"
	    "    expect: deny\n";
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	size_t ran = 0, failed = 0;

	CHECK_OK(vs_policy_load("p", vs_span_cstr(good), NULL, &p, &err), err);
	if (p == NULL)
		return;
	CHECK_OK(vs_policy_run_tests(p, NULL, &ran, &failed, &err), err);
	CHECK_INT(ran, 4);
	CHECK_INT(failed, 0);
	vs_policy_free(&p);
}

static void
test_in_file_refused(void)
{
	static const struct {
		const char *doc, *msg;
	} t[] = {
	    {TESTS GPUS("[{arhc: hopper}]"),
		"a GPU has no claim \"arhc\"; did you mean \"arch\"?"},
	    {TESTS GPUS("{arch: hopper}"), "gpus"},
	    {TESTS GPUS("[hopper]"), "a GPU"},
	    {TESTS GPUS("[{bound: yes}]"), "bound"},
	    {TESTS GPUS("[{arch: hopperhopperhopper}]"), "longer than 16"},
	    {TESTS GPUS("[{mismatches: x}]"), "mismatches"},
	    {TESTS GPUS("[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]"),
		"more than 16 GPUs"},
	};

	for (size_t i = 0; i < VS_COUNT(t); i++) {
		struct vs_policy *p = NULL;
		struct vs_err err = {0};

		CHECK(vs_policy_load("p", vs_span_cstr(t[i].doc), NULL, &p,
			  &err) != VS_OK);
		if (!CHECK(strstr(err.msg, t[i].msg) != NULL))
			fprintf(stderr, "  %s\n", err.msg);
		vs_policy_free(&p);
	}
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	RUN(test_reading);
	RUN(test_comprehensions);
	RUN(test_none);
	RUN(test_simulated);
	RUN(test_many);
	RUN(test_memory);
	RUN(test_checker);
	RUN(test_unguarded);
	RUN(test_sensitive);
	RUN(test_in_file);
	RUN(test_in_file_refused);
	vs_arena_fini(&arena);
	vs_arena_fini(&claims_arena);
	return check_result();
}
