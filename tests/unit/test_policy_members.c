/* SPDX-License-Identifier: Apache-2.0 */
/* `in` over a constant list of strings: the same answers, cheaper. */
#include "check.h"

#include "base/buf.h"
#include "policy/env.h"
#include "policy/eval.h"
#include "policy/members.h"
#include "policy/parser.h"

static struct vs_arena arena;
static struct vs_val var;

static struct vs_cel_node *
compile(struct vs_span text, bool fold)
{
	struct vs_cel_decl x = {.name = VS_SPAN_LIT("x"),
	    .op = VS_OP_VAR,
	    .type = vs_type_of_kind(VS_TYPE_DYN)};
	struct vs_cel_env env = {.decls = &x, .decls_n = 1};
	struct vs_cel_fault fault = {0};
	struct vs_cel_node *n = vs_cel_parse(text, false, &arena, &fault);

	if (n == NULL || !vs_cel_resolve(&env, n, &arena, &fault) ||
	    !vs_cel_check(&env, n, &arena, &fault) ||
	    (fold && !vs_cel_fold(n, &arena, &fault))) {
		fprintf(stderr, "%s\n", fault.msg);
		return NULL;
	}
	return n;
}

static struct vs_val
eval(const struct vs_cel_node *n, struct vs_val x, uint64_t *cost)
{
	struct vs_cel_run run = {
	    .vars = &var, .arena = &arena, .limit = VS_CEL_POLICY_COST};
	struct vs_val v;

	var = x;
	v = vs_cel_answer(&run, n);
	*cost = run.cost;
	return v;
}

/* Item i of a list: lengths go up and down, every seventh comes again. */
static void
item(size_t i, char out[32])
{
	size_t k = i % 7 == 6 ? i - 6 : i;

	snprintf(out, 32, "%0*zu", (int)(1 + k * 5 % 19), k * 37 % 101);
}

static struct vs_span
list_of(struct vs_buf *text, size_t n)
{
	char s[32];

	vs_buf_reset(text);
	vs_buf_puts(text, "x in [");
	for (size_t i = 0; i < n; i++) {
		item(i, s);
		vs_buf_printf(text, "%s'%s'", i > 0 ? ", " : "", s);
	}
	vs_buf_puts(text, "]");
	return vs_buf_span(text);
}

static void
compare(const struct vs_cel_node *fast, const struct vs_cel_node *slow,
    const char *s)
{
	struct vs_val x = vs_val_str(vs_span_cstr(s));
	uint64_t few, many;
	struct vs_val a = eval(fast, x, &few), b = eval(slow, x, &many);

	CHECK(a.kind == VS_KIND_BOOL && b.kind == VS_KIND_BOOL);
	if (!CHECK(a.u.b == b.u.b))
		fprintf(stderr, "  \"%s\"\n", s);
	/* A search from the front may be lucky; one for nothing is not. */
	CHECK(b.u.b || few <= many);
}

static void
test_same_answers(void)
{
	struct vs_buf text = {0};
	char s[32];

	for (size_t n = 1; n < 60; n++) {
		struct vs_cel_node *fast, *slow;

		vs_arena_reset(&arena);
		fast = compile(list_of(&text, n), true);
		slow = compile(vs_buf_span(&text), false);
		if (!CHECK(fast != NULL && slow != NULL))
			break;
		CHECK((fast->sorted != NULL) == (n >= VS_MEMBERS_MIN));
		CHECK(slow->sorted == NULL);
		for (size_t i = 0; i < n + 20; i++) {
			item(i, s);
			compare(fast, slow, s);
			s[strlen(s) - 1] = 'x';
			compare(fast, slow, s);
		}
		compare(fast, slow, "");
	}
	vs_buf_fini(&text);
}

static void
test_other_kinds(void)
{
	struct vs_cel_node *n;
	uint64_t cost;

	vs_arena_reset(&arena);
	n = compile(VS_SPAN_LIT("x in ['a','b','c','d','e','f','g','']"), true);
	if (!CHECK(n != NULL && n->sorted != NULL))
		return;
	CHECK(!eval(n, vs_val_int(1), &cost).u.b);
	CHECK(!eval(n, vs_val_bytes(VS_SPAN_LIT("a")), &cost).u.b);
	CHECK(eval(n, vs_val_str(VS_SPAN_LIT("")), &cost).u.b);
	CHECK(vs_val_is_error(eval(n, vs_val_error(VS_CEL_NO_FIELD), &cost)));
	n = compile(
	    VS_SPAN_LIT("x in [dyn('a'),'b','c','d','e','f','g',1]"), true);
	CHECK(n != NULL && n->sorted == NULL);
}

static void
test_cost(void)
{
	struct vs_buf text = {0};
	struct vs_cel_node *n;
	uint64_t cost;

	vs_arena_reset(&arena);
	n = compile(list_of(&text, 1000), true);
	if (!CHECK(n != NULL))
		return;
	CHECK(!eval(n, vs_val_str(VS_SPAN_LIT("no")), &cost).u.b);
	CHECK(cost <= 3 + 2 * 10);
	vs_buf_fini(&text);
}

int
main(void)
{
	vs_arena_init(&arena, 16 << 20);
	RUN(test_same_answers);
	RUN(test_other_kinds);
	RUN(test_cost);
	vs_arena_fini(&arena);
	return check_result();
}
