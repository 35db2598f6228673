/* SPDX-License-Identifier: Apache-2.0 */
/* Trace mode: the same answer at the same cost, and everything seen. */
#include "check.h"

#include "base/file.h"
#include "policy/document.h"
#include "policy/env.h"
#include "policy/parser.h"
#include "policy/trace.h"

static struct vs_arena arena, trace_arena;
static struct vs_val vars[4];
static struct vs_cel_decl decls[] = {
    {.name = {(const uint8_t *)"t", 1}, .op = VS_OP_VAR, .id = 0},
    {.name = {(const uint8_t *)"f", 1}, .op = VS_OP_VAR, .id = 1},
    {.name = {(const uint8_t *)"e", 1}, .op = VS_OP_VAR, .id = 2},
    {.name = {(const uint8_t *)"x", 1}, .op = VS_OP_VAR, .id = 3},
    {.name = {(const uint8_t *)"l0", 2}, .op = VS_OP_LET, .id = 0},
    {.name = {(const uint8_t *)"l1", 2}, .op = VS_OP_LET, .id = 1},
};
static const struct vs_cel_node *let_code[2];
static struct vs_cel_let lets[2];

static struct vs_cel_node *
compile(const char *text)
{
	struct vs_cel_env env = {.decls = decls, .decls_n = VS_COUNT(decls)};
	struct vs_cel_fault fault = {0};
	struct vs_cel_node *n =
	    vs_cel_parse(vs_span_cstr(text), false, &arena, &fault);

	if (n == NULL || !vs_cel_resolve(&env, n, &arena, &fault)) {
		fprintf(stderr, "%s: %s\n", text, fault.msg);
		return NULL;
	}
	return n;
}

static void
prepare(void)
{
	vs_arena_reset(&arena);
	vs_arena_reset(&trace_arena);
	vars[0] = vs_val_bool(true);
	vars[1] = vs_val_bool(false);
	vars[2] = vs_val_error(VS_CEL_NO_FIELD);
	vars[3] = vs_val_error(VS_CEL_LIST_UNAVAILABLE);
	for (size_t i = 0; i < VS_COUNT(decls); i++)
		decls[i].type = vs_type_of_kind(VS_TYPE_DYN);
	let_code[0] = compile("[1, 2, 3].all(i, i < 3)");
	let_code[1] = compile("l0 || f || l0");
	memset(lets, 0, sizeof(lets));
}

static struct vs_cel_run
new_run(uint64_t limit)
{
	memset(lets, 0, sizeof(lets));
	return (struct vs_cel_run){.vars = vars,
	    .let_code = let_code,
	    .lets = lets,
	    .arena = &arena,
	    .limit = limit};
}

static const struct vs_seen_tree *
recorded(const char *text, uint64_t limit, struct vs_val *v, uint64_t *cost)
{
	static struct vs_seen_tree tree;
	const struct vs_cel_node *n = compile(text);
	struct vs_cel_run run = new_run(limit);

	if (!CHECK(n != NULL))
		exit(1);
	*v = vs_cel_record(&run, n, &trace_arena, &tree);
	*cost = run.cost;
	return &tree;
}

static void
agree_limited(const char *text, uint64_t limit)
{
	const struct vs_cel_node *n = compile(text);
	struct vs_cel_run run = new_run(limit);
	struct vs_val fast, slow;
	uint64_t cost;

	if (!CHECK(n != NULL))
		return;
	fast = vs_cel_answer(&run, n);
	(void)recorded(text, limit, &slow, &cost);
	if (!CHECK_INT(slow.kind, fast.kind))
		fprintf(stderr, "  %s\n", text);
	/* Over the limit fast mode may go a few operands further. */
	CHECK_INT(cost > limit, run.cost > limit);
	if (run.cost <= limit && !CHECK_INT(cost, run.cost))
		fprintf(stderr, "  %s\n", text);
	if (fast.kind == VS_KIND_ERROR)
		CHECK_INT(slow.error, fast.error);
	if (fast.kind == VS_KIND_BOOL)
		CHECK_INT(slow.u.b, fast.u.b);
}

static const char *const texts[] = {"t || e", "t || x", "f && x", "f && e",
    "e || t", "e && f", "x || t", "t && l0", "f && l0 || l0", "t || l1",
    "l1 || l0", "(t || l0) && l0 && l1", "[1, 2, 3].all(i, i > 9)",
    "[1, 2, 3].exists(i, i > 0)", "[1, 2].all(i, [1, 2].exists(k, k == i))",
    "[1, 2].exists(i, i == 1 || 1 / (i - 2) == 0)", "t ? f : e",
    "[1, 2].exists_one(i, i == 1)", "[1, 2].filter(i, i == 1) == [1]",
    "[1, 2].map(i, i + 1).all(i, i > 2)", "!(f && e)", "e", "x", "1 + 2"};

/* The table of absorption, with everything that can be left out. */
static void
test_trace_of_every_form_equals_fast(void)
{
	prepare();
	for (size_t i = 0; i < VS_COUNT(texts); i++)
		agree_limited(texts[i], VS_CEL_POLICY_COST);
}

/* Extras must not use up what the answer needs. */
static void
test_trace_under_every_limit_equals_fast(void)
{
	prepare();
	for (size_t i = 0; i < VS_COUNT(texts); i++)
		for (uint64_t limit = 0; limit < 40; limit++)
			agree_limited(texts[i], limit);
}

static size_t
count(const struct vs_seen *s)
{
	size_t n = 0;

	for (s = s->first; s != NULL; s = s->next)
		n++;
	return n;
}

static void
test_trace_sees_what_fast_leaves_out(void)
{
	const struct vs_seen_tree *t;
	const struct vs_seen *and, *all;
	struct vs_val v;
	uint64_t cost;

	prepare();
	t = recorded("f && e && [1, 2, 3].all(i, i > 1)", 1000, &v, &cost);
	CHECK(!t->cut);
	and = t->root.first;
	if (!CHECK(and != NULL) || !CHECK_INT(count(and), 3))
		return;
	CHECK(and->val.kind == VS_KIND_BOOL && !and->val.u.b);
	CHECK_INT(and->first->next->val.error, VS_CEL_NO_FIELD);
	all = and->first->next->next;
	CHECK_INT(count(all), 4); /* the list, three elements */
	CHECK(!all->first->next->val.u.b);
	CHECK(all->first->next->next->val.u.b);
	/* An operand that an error left of it makes pointless. */
	t = recorded("e == l0", 1000, &v, &cost);
	CHECK_INT(count(t->root.first), 1);
	/* Inside a let, where it is read. */
	t = recorded("t || l0", 1000, &v, &cost);
	CHECK_INT(count(t->root.first->first->next), 1);
}

/* Past the limits the record ends, and says so; the answer stays. */
static void
test_trace_too_long_is_cut(void)
{
	const struct vs_seen_tree *t;
	struct vs_val v;
	uint64_t cost;

	prepare();
	t = recorded("[1,2,3,4,5,6,7,8].exists(a, [1,2,3,4,5,6,7,8].exists(b, "
		     "[1,2,3,4,5,6,7,8].exists(c, [1,2,3,4,5,6,7,8].exists(d,"
		     " a + b + c + d < 40 && a < 9 && b < 9 && c < 9))))",
	    VS_CEL_POLICY_COST, &v, &cost);
	CHECK(vs_val_is_true(v) && t->cut);
	CHECK_INT(t->n, VS_SEEN_MAX);
}

/* Both ways over one rule, its lets included. */
static void
rule_agrees(const struct vs_policy *p, const struct vs_cel_node *code,
    const struct vs_claims *claims, const struct vs_pol_test *t)
{
	static struct vs_seen_tree tree;
	struct vs_cel_run fast, slow;
	struct vs_val a, b;

	if (code == NULL ||
	    !CHECK(
		vs_pol_start(p, t->lists, claims, t->now_ms, &arena, &fast)) ||
	    !CHECK(vs_pol_start(p, t->lists, claims, t->now_ms, &arena, &slow)))
		return;
	fast.limit = slow.limit = VS_CEL_POLICY_COST;
	a = vs_cel_answer(&fast, code);
	b = vs_cel_record(&slow, code, &trace_arena, &tree);
	CHECK_INT(b.kind, a.kind);
	CHECK_INT(slow.cost, fast.cost);
	if (a.kind == VS_KIND_BOOL)
		CHECK_INT(b.u.b, a.u.b);
	if (a.kind == VS_KIND_ERROR)
		CHECK_INT(b.error, a.error);
}

static void
tests_agree(const struct vs_policy *p)
{
	for (size_t i = 0; i < p->tests_n; i++) {
		const struct vs_pol_test *t = &p->tests[i];
		struct vs_claims claims;

		vs_arena_reset(&arena);
		vs_arena_reset(&trace_arena);
		vs_claims_init(&claims, &arena);
		for (size_t k = 0; k < t->given_n; k++)
			claims.v[t->given[k].id] = t->given[k].value;
		claims.gpus = t->gpus;
		claims.gpus_n = t->gpus_n;
		for (size_t k = 0; k < p->rules_n; k++) {
			rule_agrees(p, p->rules[k].when, &claims, t);
			rule_agrees(p, p->rules[k].assert_code, &claims, t);
		}
	}
}

/* Every rule of the library, on the claims of every test of its policy. */
static void
test_trace_of_the_library_equals_fast(void)
{
	const char *root = getenv("VS_SOURCE");
	static const char *const names[] = {"snp-baseline", "azure-cvm",
	    "h100-serving", "training-worker", "two-person-release",
	    "firmware-deny-list", "region-by-inventory", "guard-rails",
	    "simulated-demo", "simulated-gpu-node", "blackwell-fleet"};

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		struct vs_policy *p = NULL;
		struct vs_buf text = {0};
		struct vs_err err = {0};
		char path[512];

		(void)snprintf(path, sizeof path, "%s/policy/%s.yaml",
		    root != NULL ? root : ".", names[i]);
		CHECK_OK(vs_file_read(path, 1 << 18, &text, &err), err);
		CHECK_OK(
		    vs_policy_load(path, vs_buf_span(&text), NULL, &p, &err),
		    err);
		if (p != NULL) {
			CHECK(p->tests_n > 0);
			tests_agree(p);
		}
		vs_policy_free(&p);
		vs_buf_fini(&text);
	}
}

int
main(void)
{
	vs_arena_init(&arena, 16 << 20);
	vs_arena_init(&trace_arena, VS_TRACE_ARENA);
	RUN(test_trace_of_every_form_equals_fast);
	RUN(test_trace_under_every_limit_equals_fast);
	RUN(test_trace_sees_what_fast_leaves_out);
	RUN(test_trace_too_long_is_cut);
	RUN(test_trace_of_the_library_equals_fast);
	vs_arena_fini(&arena);
	vs_arena_fini(&trace_arena);
	return check_result();
}
