/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published conformance cases of the expression language, as converted
 * to JSON (see manifest.json beside them). Every case of the tiers "must"
 * and "ext" passes; "later" is counted. On each of them as well: the tree
 * written out parses to an equal tree, and trace mode equals fast mode.
 */
#include "check.h"

#include "base/file.h"
#include "policy/cases.h"
#include "policy/cost.h"
#include "policy/parser.h"
#include "policy/trace.h"
#include "policy/unparse.h"

static const char *const files[] = {"basic", "bindings_ext", "comparisons",
    "conversions", "encoders_ext", "fields", "fp_math", "integer_math", "lists",
    "logic", "macros", "macros2", "math_ext", "namespace", "network_ext",
    "optionals", "parse", "plumbing", "string", "string_ext", "timestamps",
    "type_deduction"};

/* What the suite counts of each tier; fewer cases would prove less. */
enum { MUST = 816, EXT = 259 };

static struct vs_arena arena;
static bool verbose;
static int unparsed, traced, unbounded, must, ext, later, later_passed;

/* The tree, written out, parses to an equal tree and the same text. */
static void
check_unparse(struct vs_span expr)
{
	struct vs_cel_fault fault = {0};
	struct vs_buf text = {0}, again = {0};
	const struct vs_cel_node *n = vs_cel_parse(expr, false, &arena, &fault);
	const struct vs_cel_node *back;

	if (n == NULL)
		return;
	vs_cel_unparse(n, &text);
	back = vs_cel_parse(vs_buf_span(&text), true, &arena, &fault);
	if (!CHECK(back != NULL && vs_cel_same_tree(n, back)))
		printf("  became %s %s\n", vs_buf_cstr(&text), fault.msg);
	if (back != NULL)
		vs_cel_unparse(back, &again);
	CHECK(vs_span_equal(vs_buf_span(&text), vs_buf_span(&again)));
	unparsed++;
	vs_buf_fini(&text);
	vs_buf_fini(&again);
}

/* Trace mode gives the same value or the same error, at the same cost. */
static bool
same_traced(const struct vs_cel_case *c, const struct vs_cel_outcome *o)
{
	static struct vs_seen_tree tree;
	struct vs_cel_run run = {
	    .vars = c->vars, .arena = &arena, .limit = VS_CEL_POLICY_COST};
	struct vs_val v = vs_cel_record(&run, o->root, &arena, &tree);

	traced++;
	if (run.cost != o->cost || v.kind != o->val.kind)
		return false;
	return vs_val_is_error(v) ? v.error == o->val.error
				  : vs_cel_same_value(&arena, v, o->val);
}

/* No run is charged more than the static bound says. */
static void
check_bound(const struct vs_cel_case *c, const struct vs_cel_outcome *o)
{
	struct vs_cost_env env = {
	    .arena = &arena, .vars = c->vars, .limit = UINT64_MAX};
	struct vs_cel_bound b;

	CHECK(vs_cel_bound(&env, o->root, &b));
	unbounded += b.cost == UINT64_MAX;
	if (!CHECK(o->cost <= b.cost))
		printf("  %.*s: %llu, not %llu\n", VS_SPAN_ARG(c->expr),
		    (unsigned long long)o->cost, (unsigned long long)b.cost);
}

static void
print_failure(const struct vs_cel_case *c, const struct vs_cel_outcome *o)
{
	printf("  %.*s/%.*s: %.*s: ", VS_SPAN_ARG(c->section),
	    VS_SPAN_ARG(c->name), VS_SPAN_ARG(c->expr));
	if (o->fault.code != NULL)
		printf("%s %s\n", o->fault.code, o->fault.msg);
	else if (vs_val_is_error(o->val) && o->evaluated)
		printf("error %s\n",
		    vs_cel_error_name((vs_cel_error)o->val.error));
	else
		printf("another value or type\n");
}

static bool
run_case(const struct vs_json *j, bool *is_later)
{
	struct vs_cel_outcome o;
	struct vs_cel_case c;

	vs_arena_reset(&arena);
	if (!CHECK(vs_cel_case_read(j, &arena, &c)))
		return false;
	*is_later = vs_span_is(c.tier, "later");
	must += vs_span_is(c.tier, "must");
	ext += vs_span_is(c.tier, "ext");
	check_unparse(c.expr);
	vs_cel_case_run(&c, &arena, &o);
	if (o.evaluated) {
		check_bound(&c, &o);
		CHECK(same_traced(&c, &o));
	}
	if (!o.pass && (verbose || !*is_later))
		print_failure(&c, &o);
	return o.pass;
}

static void
run_file(const char *dir, const char *name)
{
	struct vs_buf text = {0};
	struct vs_json *cases = NULL;
	struct vs_err err = {0};
	char path[512];
	size_t passed = 0, n;

	(void)snprintf(path, sizeof(path), "%s/cel/%s.json", dir, name);
	CHECK_OK(vs_file_read(path, 1 << 20, &text, &err), err);
	CHECK_OK(vs_json_parse_nul(vs_buf_span(&text), &cases, &err), err);
	n = vs_json_size(cases);
	for (size_t i = 0; i < n; i++) {
		bool is_later = false;
		bool ok = run_case(vs_json_at(cases, i), &is_later);

		CHECK(ok || is_later);
		passed += ok;
		later += is_later;
		later_passed += is_later && ok;
	}
	printf("%-16s %4zu of %4zu pass\n", name, passed, n);
	vs_json_free(&cases);
	vs_buf_fini(&text);
}

int
main(void)
{
	const char *dir = check_vectors();

	if (dir == NULL)
		return 77;
	verbose = getenv("VS_VERBOSE") != NULL;
	vs_arena_init(&arena, 64 << 20);
	for (size_t i = 0; i < VS_COUNT(files); i++)
		run_file(dir, files[i]);
	printf("must %d, ext %d, later %d of %d; %d written out and read back, "
	       "%d traced\n",
	    must, ext, later_passed, later, unparsed, traced);
	printf("%d without a bound\n", unbounded);
	CHECK(must >= MUST && ext >= EXT);
	vs_arena_fini(&arena);
	return check_result();
}
