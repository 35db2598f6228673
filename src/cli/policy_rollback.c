/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy status`, `policy history`, `policy rollback`. */
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"

struct history_opts {
	struct vs_admin_opts admin;
	uint64_t version;
	bool dry_run;
};

/* Names of policies have none of what a path would take amiss. */
static vs_status
check_name(const char *name, struct vs_err *err)
{
	if (name[0] == '\0' || strlen(name) > 63 ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
		strlen(name))
		return vs_fail(err, VS_USAGE,
		    "\"%.60s\" is not the name of a policy", name);
	return VS_OK;
}

static int64_t
count_of(const struct vs_json *policy, const char *name)
{
	return vs_cli_int(vs_json_get(policy, "decisions"), name);
}

static void
print_status(const struct vs_json *doc)
{
	static const char *const heads[] = {"POLICY", "VERSION", "MODE",
	    "RULES", "ALLOW", "DENY", "SHADOW-ALLOW", "SHADOW-DENY"};
	static const char *const counts[] = {
	    "allow", "deny", "shadow_allow", "shadow_deny"};
	const struct vs_json *list = vs_json_get(doc, "names");
	struct vs_table t;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *p = vs_json_at(list, i);

		vs_table_add(&t, vs_cli_str(p, "name"));
		vs_table_addf(&t, "%lld", (long long)vs_cli_int(p, "version"));
		vs_table_add(&t, vs_cli_str(p, "mode"));
		vs_table_addf(&t, "%lld", (long long)vs_cli_int(p, "rules"));
		for (size_t k = 0; k < VS_COUNT(counts); k++)
			vs_table_addf(
			    &t, "%lld", (long long)count_of(p, counts[k]));
	}
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
}

static int
run_status(const void *opts, const struct vs_args *args)
{
	const struct history_opts *o = opts;
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_err err = {0};

	(void)args;
	if (vs_cli_call(&o->admin, "GET", "/v1/policies", NULL, &doc, &err) !=
	    VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	print_status(doc);
	return VS_EXIT_OK;
}

static void
print_history(const struct vs_json *doc)
{
	static const char *const heads[] = {
	    "VERSION", "LOADED", "SHA-256", "FILE"};
	const struct vs_json *list = vs_json_get(doc, "versions");
	int64_t back = vs_cli_int(doc, "rolled_back_to");
	struct vs_table t;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *v = vs_json_at(list, i);

		vs_table_addf(&t, "%lld", (long long)vs_cli_int(v, "version"));
		vs_table_add(&t, vs_cli_str(v, "loaded_at"));
		vs_table_add(&t, vs_cli_str(v, "sha256"));
		vs_table_add(&t, vs_cli_str(v, "file"));
	}
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
	if (back > 0)
		printf("\nrolled back to version %lld\n", (long long)back);
}

static int
run_history(const void *opts, const struct vs_args *args)
{
	const struct history_opts *o = opts;
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_err err = {0};
	char path[128];

	(void)snprintf(path, sizeof(path), "/v1/policies/%.63s", args->v[0]);
	if (check_name(args->v[0], &err) != VS_OK ||
	    vs_cli_call(&o->admin, "GET", path, NULL, &doc, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	print_history(doc);
	return VS_EXIT_OK;
}

static int
run_rollback(const void *opts, const struct vs_args *args)
{
	const struct history_opts *o = opts;
	VS_AUTO(vs_json) *in = vs_json_object();
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_err err = {0};
	char path[160];

	(void)snprintf(path, sizeof(path), "/v1/policies/%.63s:rollback%s",
	    args->v[0], o->dry_run ? "?dry_run=true" : "");
	if (o->version > 0)
		vs_json_set(&in, "version", vs_json_int((int64_t)o->version));
	if (check_name(args->v[0], &err) != VS_OK ||
	    vs_cli_call(&o->admin, "POST", path, in, &doc, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	printf("%s %s from version %lld to %lld\n",
	    o->dry_run ? "would take" : "took", args->v[0],
	    (long long)vs_cli_int(doc, "from"),
	    (long long)vs_cli_int(doc, "to"));
	return VS_EXIT_OK;
}

static const struct vs_opt plain_options[] = {
    VS_ADMIN_OPTIONS(struct history_opts)};
static const struct vs_opt rollback_options[] = {
    VS_ADMIN_OPTIONS(struct history_opts),
    VS_OPT("to", COUNT, struct history_opts, version, "VERSION",
	"to this version; the one before by default"),
    VS_OPT("dry-run", FLAG, struct history_opts, dry_run, NULL,
	"say what would be done"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "status",
	.args = "",
	.summary = "policies in force, and how often they decided",
	.opts = plain_options,
	.opts_n = VS_COUNT(plain_options),
	.size = sizeof(struct history_opts),
	.run = run_status},
    {.verb = "policy",
	.sub = "history",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.summary = "every version of a policy that was loaded",
	.opts = plain_options,
	.opts_n = VS_COUNT(plain_options),
	.size = sizeof(struct history_opts),
	.run = run_history},
    {.verb = "policy",
	.sub = "rollback",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.summary = "go back to an earlier version, on record",
	.opts = rollback_options,
	.opts_n = VS_COUNT(rollback_options),
	.size = sizeof(struct history_opts),
	.run = run_rollback},
};
const struct vs_family vs_policy_rollback_family = {
    commands, VS_COUNT(commands)};
