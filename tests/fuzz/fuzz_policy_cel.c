/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Target: lexer, parser, resolver, checker, folding and evaluator, in both
 * profiles. The oracle: a checked expression yields a value of its type or
 * an error, within its cost and within the static bound of it; and what
 * parses, written out, parses to the same.
 */
#include <string.h>

#include "policy/cost.h"
#include "policy/env.h"
#include "policy/eval.h"
#include "policy/parser.h"
#include "policy/unparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
fits(struct vs_val v, const struct vs_cel_type *t)
{
	return v.kind == VS_KIND_ERROR || t->kind >= VS_KIND_COUNT ||
	    v.kind == t->kind || v.kind == VS_KIND_NULL;
}

static void
run_both(struct vs_cel_node *n, struct vs_arena *arena, bool fold)
{
	struct vs_claims claims;
	struct vs_cel_fault fault = {0};

	vs_claims_init(&claims, arena);
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_int(&claims, VS_CLAIM_SNP_VMPL, 0);
	(void)vs_claims_str(&claims, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp"));
	struct vs_cel_run run = {.claims = &claims,
	    .now = {.kind = VS_KIND_TIMESTAMP},
	    .arena = arena,
	    .limit = VS_CEL_RULE_COST};
	struct vs_cost_env cost = {.arena = arena, .limit = UINT64_MAX};
	struct vs_cel_bound bound;
	bool bounded = vs_cel_bound(&cost, n, &bound);
	struct vs_val before = vs_cel_answer(&run, n), after;

	VS_ASSERT(!bounded || bound.cost > run.limit || run.cost <= bound.cost);
	VS_ASSERT(n->type == NULL || fits(before, n->type));
	if (!fold || !vs_cel_fold(n, arena, &fault))
		return;
	run.cost = 0;
	after = vs_cel_answer(&run, n);
	/* Folding may only save cost and memory. */
	VS_ASSERT(vs_val_is_fatal(before) || before.kind == after.kind);
	VS_ASSERT(before.kind != VS_KIND_BOOL || before.u.b == after.u.b);
}

static void
write_out(const struct vs_cel_node *n, struct vs_arena *arena)
{
	struct vs_cel_fault fault = {0};
	struct vs_buf text = {0};
	const struct vs_cel_node *back;

	vs_cel_unparse(n, &text);
	back = vs_cel_parse(vs_buf_span(&text), true, arena, &fault);
	/* Parentheses and escapes may pass a limit. */
	if (back == NULL)
		VS_ASSERT(strcmp(fault.code, "E_LIMIT") == 0);
	else
		VS_ASSERT(vs_cel_same_tree(n, back));
	vs_buf_fini(&text);
}

static void
try_one(struct vs_span text, bool policy, bool check)
{
	static struct vs_cel_decl now = {
	    .name = {(const uint8_t *)"now", 3}, .op = VS_OP_NOW};
	struct vs_cel_env env = {.decls = &now, .decls_n = 1, .policy = policy};
	struct vs_cel_fault fault = {0};
	struct vs_arena arena;

	now.type = vs_type_of_kind(VS_KIND_TIMESTAMP);
	vs_arena_init(&arena, 16 << 20);
	struct vs_cel_node *n = vs_cel_parse(text, policy, &arena, &fault);
	if (n != NULL)
		write_out(n, &arena);
	if (n != NULL && vs_cel_resolve(&env, n, &arena, &fault) &&
	    (!check || vs_cel_check(&env, n, &arena, &fault)))
		run_both(n, &arena, check);
	else
		VS_ASSERT(fault.code != NULL && fault.pos <= text.n);
	vs_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_one(VS_SPAN(data, size), true, true);
	try_one(VS_SPAN(data, size), false, true);
	try_one(VS_SPAN(data, size), false, false);
	return 0;
}
