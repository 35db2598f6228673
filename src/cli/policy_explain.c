/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy explain`: of a recorded decision, or of one that is taken
 * here from evidence or claims. */
#include "cli/dispatch.h"
#include "cli/evidence_claims.h"
#include "cli/explain.h"
#include "cli/input.h"
#include "cli/lists_file.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "policy/explain.h"

enum { ARENA_MAX = 64 * 1024 * 1024 };

struct explain_opts {
	struct vs_admin_opts admin;
	struct vs_appraise_opts a; /* evidence, policies, key, time */
	const char *claims;
	const char *db;
	const char *view;
};

static vs_status
get_claims(const struct explain_opts *o, struct vs_arena *a,
    struct vs_claims *out, struct vs_err *err)
{
	if (o->a.policies.n == 0 || o->a.key == NULL)
		return vs_fail(err, VS_USAGE,
		    "--policy and --key: both are needed with --evidence "
		    "or --claims");
	VS_TRY(err, "--key", vs_key_name_check(vs_span_cstr(o->a.key), err));
	if (o->claims != NULL)
		VS_TRY(err, "--claims",
		    vs_cli_json_claims(o->claims, a, out, err));
	else
		VS_TRY(err, "--evidence",
		    vs_cli_evidence_claims(&o->a, a, out, err));
	return vs_claims_key(out, vs_span_cstr(o->a.key), 1);
}

static vs_status
take(const struct explain_opts *o, struct vs_arena *a,
    struct vs_policy_set **set, struct vs_lists **lists,
    const struct vs_explanation **out, struct vs_err *err)
{
	struct vs_claims claims;
	struct vs_question q = {
	    .claims = &claims, .now_ms = vs_cli_now(&o->a.at)};

	VS_TRY(err, "explain", get_claims(o, a, &claims, err));
	VS_TRY(err, "--policy", vs_cli_policy_set(&o->a.policies, set, err));
	if (o->a.lists != NULL)
		VS_TRY(err, "--lists",
		    vs_cli_lists(o->a.lists, q.now_ms, lists, err));
	q.set = *set;
	q.lists = *lists;
	return vs_explain(&q, a, out, err);
}

static int
print(const struct explain_opts *o, const struct vs_explanation *e)
{
	struct vs_buf text = {0};
	struct vs_err err = {0};
	int code =
	    e->result.verdict == VS_VERDICT_ALLOW ? VS_EXIT_OK : VS_EXIT_DENIED;
	vs_status st;

	if (o->admin.json)
		vs_explain_json(e, &text);
	else
		vs_explain_text(e, &text);
	st = vs_buf_status(&text);
	if (st == VS_OK && o->admin.json) {
		struct vs_json *doc = NULL;

		st = vs_json_parse(vs_buf_span(&text), &doc, &err);
		if (st == VS_OK)
			code = vs_cli_json(&doc, code);
	} else if (st == VS_OK) {
		fputs(vs_buf_cstr(&text), stdout);
	}
	vs_buf_fini(&text);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	return code;
}

static int
explain_here(const struct explain_opts *o)
{
	const struct vs_explanation *e = NULL;
	struct vs_policy_set *set = NULL;
	struct vs_lists *lists = NULL;
	struct vs_arena a;
	struct vs_err err = {0};
	int code;

	vs_arena_init(&a, ARENA_MAX);
	code = take(o, &a, &set, &lists, &e, &err) == VS_OK
	    ? print(o, e)
	    : vs_cli_fail(&err, o->admin.json);
	vs_policy_set_free(&set);
	vs_lists_free(&lists);
	vs_arena_fini(&a);
	return code;
}

static int
run_explain(const void *opts, const struct vs_args *args)
{
	const struct explain_opts *o = opts;
	struct vs_explain_opts x = {
	    .admin = o->admin, .db = o->db, .lists = o->a.lists};
	size_t ways = args->n + (o->a.cpu != NULL) + (o->claims != NULL);
	struct vs_err err = {0};

	if (ways != 1) {
		(void)vs_fail(&err, VS_USAGE,
		    "wants a release id, --evidence or --claims: one of them");
		return vs_cli_fail(&err, o->admin.json);
	}
	if (args->n == 0)
		return explain_here(o);
	if (vs_view_parse(o->view, &x.view, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	return vs_cli_explain_id(&x, args->v[0]);
}

#define OPT(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct explain_opts, member, arg, help)
static const struct vs_opt explain_options[] = {
    VS_ADMIN_OPTIONS(struct explain_opts),
    OPT("db", TEXT, db, "FILE", "the database instead of the daemon"),
    OPT("view", TEXT, view, "WHO", "guest, security (default) or auditor"),
    OPT("lists", TEXT, a.lists, "FILE", "value lists and registries, JSON"),
    OPT("evidence", TEXT, a.cpu, "FILE", "judge this report"),
    OPT("claims", TEXT, claims, "FILE", "judge these claims, JSON"),
    OPT("policy", LIST, a.policies, "FILE", "by this policy; may repeat"),
    OPT("key", TEXT, a.key, "NAME", "the key that is asked for"),
    OPT("at", TIME, a.at, "TIME", "as of then: RFC 3339, Unix seconds"),
    OPT("kind", TEXT, a.kind, "KIND", "of the evidence; guessed when absent"),
    OPT("certs", LIST, a.certs, "FILE", "its certificates; may repeat"),
    OPT("collateral", TEXT, a.collateral, "DIR",
	"revocation lists and intermediates"),
    OPT("trust-anchor", LIST, a.anchors, "FILE",
	"a root to trust besides the built-in ones; may repeat"),
    OPT("crl", TEXT, a.crl, "MODE", "require, if-present (default) or off"),
    OPT("allow-masked-chip-id", FLAG, a.allow_masked_chip_id, NULL,
	"accept a VCEK where the host hides the chip's identity"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "explain",
	.args = "[ID]",
	.args_max = 1,
	.summary = "say why a release was denied, or would be",
	.opts = explain_options,
	.opts_n = VS_COUNT(explain_options),
	.size = sizeof(struct explain_opts),
	.run = run_explain},
};
const struct vs_family vs_policy_explain_family = {
    commands, VS_COUNT(commands)};
