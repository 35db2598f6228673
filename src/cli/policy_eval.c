/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy eval`: one expression, or a file of conformance cases. */
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"
#include "policy/cases.h"
#include "policy/parser.h"
#include "policy/recorded.h"
#include "policy/unparse.h"

enum { ARENA_MAX = 64 * 1024 * 1024, FILE_MAX = 8 * 1024 * 1024 };

struct eval_opts {
	const char *claims;
	const char *conformance;
	struct vs_opt_time at;
	bool unchecked;
	bool json;
};

/* ---- one expression ----------------------------------------------------- */

static vs_status
read_claims(const char *file, struct vs_arena *a, struct vs_claims *out,
    struct vs_err *err)
{
	struct vs_json *root = NULL;
	const struct vs_json *claims;
	struct vs_span text;

	vs_claims_init(out, a);
	if (file == NULL)
		return VS_OK;
	VS_TRY(err, "--claims", vs_cli_read(file, FILE_MAX, a, &text, err));
	VS_TRY(err, file, vs_json_parse(text, &root, err));
	/* What `appraise --json` prints has them as a member. */
	claims = vs_json_get(root, "claims");
	vs_status st = vs_claims_read(claims != NULL ? claims : root, out, err);
	vs_json_free(&root);
	return st;
}

/* `now`; without the checker of policies also the names of types. */
static size_t
declare(struct vs_arena *a, bool unchecked, struct vs_cel_decl *out)
{
	struct vs_types types = {.arena = a};

	out[0] = (struct vs_cel_decl){.name = VS_SPAN_LIT("now"),
	    .op = VS_OP_NOW,
	    .type = vs_type_of_kind(VS_KIND_TIMESTAMP)};
	return 1 + (unchecked ? vs_cel_declare_types(&types, out + 1) : 0);
}

/* Claims are read through what the checker found out about them: without it
 * there are none. */
static struct vs_cel_node *
compile(struct vs_span text, bool unchecked, struct vs_arena *a,
    struct vs_cel_fault *fault)
{
	struct vs_cel_decl decls[1 + VS_KIND_COUNT];
	struct vs_cel_env env = {.decls = decls,
	    .decls_n = declare(a, unchecked, decls),
	    .policy = !unchecked};
	struct vs_cel_node *n = vs_cel_parse(text, false, a, fault);

	if (n == NULL || !vs_cel_resolve(&env, n, a, fault))
		return NULL;
	if (!unchecked && !vs_cel_check(&env, n, a, fault))
		return NULL;
	return n;
}

/* The expression, and a caret under the place. */
static void
print_fault(struct vs_span text, const struct vs_cel_fault *f)
{
	char shown[VS_CLI_TEXT_MAX];

	fprintf(stderr, "vouchsafe policy eval: column %u: %s [%s]\n",
	    f->pos + 1, f->msg, f->code);
	fprintf(stderr, "    %s\n", vs_cli_text(text, shown));
	if (f->pos < VS_CLI_TEXT_SHOWN)
		fprintf(stderr, "    %*s^\n", (int)f->pos, "");
}

static int
print_value(struct vs_val v, uint64_t cost, bool json)
{
	int code = vs_val_is_error(v) ? VS_EXIT_DENIED : VS_EXIT_OK;
	struct vs_buf text = {0};

	if (json) {
		struct vs_json *o = vs_cel_value_json(v);

		vs_json_set(&o, "cost", vs_json_int((int64_t)cost));
		return vs_cli_json(&o, code);
	}
	vs_cel_value_text(v, &text);
	(void)fwrite(vs_buf_cstr(&text), 1, vs_buf_span(&text).n, stdout);
	putchar('\n');
	if (vs_buf_status(&text) != VS_OK)
		code = VS_EXIT_UNAVAILABLE;
	vs_buf_fini(&text);
	return code;
}

static int
eval_one(const char *expr, const struct eval_opts *o, struct vs_arena *a)
{
	struct vs_cel_fault fault = {0};
	struct vs_claims claims;
	struct vs_err err = {0};
	int64_t ms = vs_cli_now(&o->at);
	struct vs_cel_run run = {.claims = &claims,
	    .now = vs_val_timestamp(ms / 1000, ms % 1000 * 1000000),
	    .arena = a,
	    .limit = VS_CEL_RULE_COST};
	const struct vs_cel_node *n;

	if (read_claims(o->claims, a, &claims, &err) != VS_OK) {
		err.status = VS_USAGE;
		return vs_cli_fail(&err, o->json);
	}
	n = compile(vs_span_cstr(expr), o->unchecked, a, &fault);
	if (n == NULL) {
		if (!o->json) {
			print_fault(vs_span_cstr(expr), &fault);
			return VS_EXIT_USAGE;
		}
		(void)vs_fail(&err, VS_USAGE, "%s at %u: %s", fault.code,
		    fault.pos, fault.msg);
		return vs_cli_fail(&err, true);
	}
	struct vs_val v = vs_cel_answer(&run, n);
	return print_value(v, run.cost, o->json);
}

/* ---- conformance cases -------------------------------------------------- */

static struct vs_json *
got_json(const struct vs_cel_case *c, const struct vs_cel_outcome *o)
{
	struct vs_json *got;
	char type[VS_TYPE_TEXT_MAX];

	if (o->fault.code != NULL) {
		got = vs_json_object();
		vs_json_set(&got, "error", vs_json_cstr(o->fault.code));
		vs_json_set(&got, "message", vs_json_cstr(o->fault.msg));
		return got;
	}
	got = o->evaluated ? vs_cel_value_json(o->val) : vs_json_object();
	if (c->want_type != NULL && o->root != NULL && o->root->type != NULL) {
		vs_type_text(o->root->type, type);
		vs_json_set(&got, "deduced_type", vs_json_cstr(type));
	}
	return got;
}

static void
run_case(const struct vs_json *j, struct vs_arena *a, struct vs_json **results)
{
	struct vs_cel_outcome o = {
	    .fault = {.code = "E_CASE", .msg = "the case is malformed"}};
	struct vs_cel_case c = {0};
	struct vs_json *r = vs_json_object();

	vs_arena_reset(a);
	if (vs_cel_case_read(j, a, &c))
		vs_cel_case_run(&c, a, &o);
	vs_json_set(&r, "section", vs_json_str(vs_cli_str(j, "section")));
	vs_json_set(&r, "name", vs_json_str(vs_cli_str(j, "name")));
	vs_json_set(&r, "pass", vs_json_bool(o.pass));
	vs_json_set(&r, "got", got_json(&c, &o));
	vs_json_append(results, r);
}

/* Cases of tier "later" are told, and never failed on. */
static bool
gates(const struct vs_json *j)
{
	struct vs_span tier;

	return !vs_json_is_string(vs_json_get(j, "tier"), &tier) ||
	    !vs_span_is(tier, "later");
}

static vs_status
run_cases(const struct vs_json *cases, struct vs_arena *a,
    struct vs_json **results, bool *all, struct vs_err *err)
{
	if (cases == NULL || vs_json_type_of(cases) != VS_JSON_ARRAY)
		return vs_fail(err, VS_USAGE, "not an array of cases");
	for (size_t i = 0; i < vs_json_size(cases); i++) {
		const struct vs_json *j = vs_json_at(cases, i);
		bool pass;

		run_case(j, a, results);
		if (!vs_json_is_bool(
			vs_json_get(vs_json_at(*results, i), "pass"), &pass))
			return vs_fail(err, VS_NO_MEMORY, "case %zu", i);
		*all = *all && (pass || !gates(j));
	}
	return VS_OK;
}

static int
eval_file(const char *file, struct vs_arena *a)
{
	struct vs_json *cases = NULL, *results = vs_json_array();
	struct vs_arena text_arena;
	struct vs_span text;
	struct vs_err err = {0};
	bool all = true;
	vs_status st;

	vs_arena_init(&text_arena, FILE_MAX + 64);
	st = vs_cli_read(file, FILE_MAX, &text_arena, &text, &err);
	if (st == VS_OK)
		st = vs_json_parse_nul(text, &cases, &err);
	if (st == VS_OK)
		st = run_cases(cases, a, &results, &all, &err);
	vs_json_free(&cases);
	vs_arena_fini(&text_arena);
	if (st != VS_OK) {
		vs_json_free(&results);
		err.status = VS_USAGE;
		return vs_cli_fail(&err, true);
	}
	return vs_cli_json(&results, all ? VS_EXIT_OK : VS_EXIT_DENIED);
}

static int
run_eval(const void *opts, const struct vs_args *args)
{
	const struct eval_opts *o = opts;
	struct vs_arena a;
	int code;

	if ((o->conformance != NULL) == (args->n == 1)) {
		fputs("vouchsafe policy eval: one expression, or "
		      "--conformance FILE\n",
		    stderr);
		return VS_EXIT_USAGE;
	}
	if (o->claims != NULL && o->unchecked) {
		fputs("vouchsafe policy eval: claims are read by checked "
		      "expressions only\n",
		    stderr);
		return VS_EXIT_USAGE;
	}
	if (o->conformance != NULL && !o->unchecked) {
		fputs("vouchsafe policy eval: --conformance needs --unchecked: "
		      "the cases are no policies\n",
		    stderr);
		return VS_EXIT_USAGE;
	}
	vs_arena_init(&a, ARENA_MAX);
	code = o->conformance != NULL ? eval_file(o->conformance, &a)
				      : eval_one(args->v[0], o, &a);
	vs_arena_fini(&a);
	return code;
}

static const struct vs_opt eval_options[] = {
    VS_OPT("claims", TEXT, struct eval_opts, claims, "FILE",
	"JSON of the claims to read, as `appraise --json` prints it"),
    VS_OPT("at", TIME, struct eval_opts, at, "TIME",
	"the value of now; the clock unless given"),
    VS_OPT("unchecked", FLAG, struct eval_opts, unchecked, NULL,
	"leave out the checker of policies"),
    VS_OPT("conformance", TEXT, struct eval_opts, conformance, "FILE",
	"run the cases in this file instead; with --unchecked"),
    VS_OPT("json", FLAG, struct eval_opts, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "eval",
	.args = "EXPR",
	.args_max = 1,
	.summary = "evaluate one expression of the policy language",
	.opts = eval_options,
	.opts_n = VS_COUNT(eval_options),
	.size = sizeof(struct eval_opts),
	.run = run_eval},
};
const struct vs_family vs_policy_eval_family = {commands, VS_COUNT(commands)};
