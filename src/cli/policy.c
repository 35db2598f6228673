/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy check`; the options of `policy schema`. */
#include "policy/policy.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "broker/dir.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "cli/policy_schema.h"
#include "codec/yaml.h"

struct check_opts {
	bool strict;
	bool json;
};

struct file_result {
	const char *file;
	struct vs_buf text;
	struct vs_policy_diags *diags;
	size_t errors, warnings;
	size_t rules, tests, tests_failed;
};

static void
count(struct file_result *r)
{
	for (size_t i = 0; i < vs_policy_diags_count(r->diags); i++) {
		if (vs_policy_diags_at(r->diags, i)->error)
			r->errors++;
		else
			r->warnings++;
	}
}

/* VS_OK also for a policy with findings: they are in the result. */
static vs_status
check_file(struct file_result *r, struct vs_err *err)
{
	VS_AUTO(vs_policy) *p = NULL;
	vs_status st;

	st = vs_file_read(r->file, VS_YAML_SIZE_MAX, &r->text, err);
	if (st != VS_OK) {
		err->status = VS_USAGE;
		return VS_USAGE;
	}
	st = vs_policy_load(r->file, vs_buf_span(&r->text), r->diags, &p, err);
	if (st == VS_OK) {
		r->rules = vs_policy_rules(p);
		st = vs_policy_run_tests(
		    p, r->diags, &r->tests, &r->tests_failed, err);
	}
	count(r);
	/* The findings say it better. */
	if (st != VS_OK && r->errors > 0)
		st = VS_OK;
	return st;
}

static void
print_result(const struct file_result *r, bool bad)
{
	for (size_t i = 0; i < vs_policy_diags_count(r->diags); i++)
		vs_cli_print_diag(r->file, vs_buf_span(&r->text),
		    vs_policy_diags_at(r->diags, i));
	printf("%s: ", r->file);
	vs_cli_paint(stdout, bad ? VS_BAD : VS_GOOD, bad ? "FAILED" : "ok");
	printf(", %zu rules, %zu tests, %zu errors, %zu warnings\n", r->rules,
	    r->tests, r->errors, r->warnings);
}

static struct vs_json *
diag_json(const struct vs_policy_diag *d)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(
	    &o, "severity", vs_json_cstr(d->error ? "error" : "warning"));
	vs_json_set(&o, "code", vs_json_cstr(d->code));
	vs_json_set(&o, "line", vs_json_int(d->line));
	vs_json_set(&o, "column", vs_json_int(d->col));
	vs_json_set(&o, "message", vs_json_cstr(d->msg));
	return o;
}

static struct vs_json *
result_json(const struct file_result *r, bool bad)
{
	struct vs_json *o = vs_json_object(), *list = vs_json_array();
	struct vs_json *tests = vs_json_object();

	vs_json_set(&o, "file", vs_json_cstr(r->file));
	vs_json_set(&o, "ok", vs_json_bool(!bad));
	for (size_t i = 0; i < vs_policy_diags_count(r->diags); i++)
		vs_json_append(
		    &list, diag_json(vs_policy_diags_at(r->diags, i)));
	vs_json_set(&o, "diagnostics", list);
	vs_json_set(&tests, "ran", vs_json_int((int64_t)r->tests));
	vs_json_set(&tests, "failed", vs_json_int((int64_t)r->tests_failed));
	vs_json_set(&o, "tests", tests);
	return o;
}

/* Exit code of one file; appends to *files when that is wanted. */
static int
check_one(const char *file, const struct check_opts *o, struct vs_json **files)
{
	struct file_result r = {.file = file};
	struct vs_err err = {0};
	vs_status st;
	bool bad;

	r.diags = vs_policy_diags_new();
	st = r.diags != NULL ? check_file(&r, &err)
			     : vs_fail(&err, VS_NO_MEMORY, "%s", file);
	bad = st != VS_OK || r.errors > 0 || r.tests_failed > 0 ||
	    (o->strict && r.warnings > 0);
	if (st != VS_OK)
		(void)fprintf(stderr, "vouchsafe policy check: %s\n", err.msg);
	if (o->json)
		vs_json_append(files, result_json(&r, bad));
	else if (st == VS_OK)
		print_result(&r, bad);
	vs_policy_diags_free(&r.diags);
	vs_buf_fini(&r.text);
	if (st != VS_OK)
		return vs_status_exit(st);
	return bad ? VS_EXIT_DENIED : VS_EXIT_OK;
}

static bool
is_policy_name(const char *path)
{
	size_t n = strlen(path);

	return (n > 5 && strcmp(path + n - 5, ".yaml") == 0) ||
	    (n > 4 && strcmp(path + n - 4, ".yml") == 0);
}

/* The policies of a directory, as the daemon reads them. */
static int
check_dir(const char *path, const struct check_opts *o, struct vs_json **files)
{
	struct vs_dir dir = {0};
	struct vs_err err = {0};
	int worst = VS_EXIT_OK;
	size_t n = 0;

	if (vs_dir_read(path, &dir, &err) != VS_OK) {
		(void)fprintf(stderr, "vouchsafe policy check: %s\n", err.msg);
		return vs_status_exit(err.status);
	}
	for (size_t i = 0; i < dir.n; i++) {
		int code;

		if (!is_policy_name(dir.paths[i]))
			continue;
		code = check_one(dir.paths[i], o, files);
		worst = code > worst ? code : worst;
		n++;
	}
	vs_dir_fini(&dir);
	if (n > 0)
		return worst;
	(void)fprintf(stderr,
	    "vouchsafe policy check: %s: no .yaml or .yml file in it\n", path);
	return VS_EXIT_USAGE;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
run_check(const void *opts, const struct vs_args *args)
{
	const struct check_opts *o = opts;
	struct vs_json *files = o->json ? vs_json_array() : NULL;
	int worst = VS_EXIT_OK;

	for (size_t i = 0; i < args->n; i++) {
		int code = is_dir(args->v[i])
		    ? check_dir(args->v[i], o, &files)
		    : check_one(args->v[i], o, &files);
		if (code > worst)
			worst = code;
	}
	if (!o->json)
		return worst;
	struct vs_json *root = vs_json_object();
	vs_json_set(&root, "ok", vs_json_bool(worst == VS_EXIT_OK));
	vs_json_set(&root, "files", files);
	return vs_cli_json(&root, worst);
}

static const struct vs_opt check_options[] = {
    VS_OPT("strict", FLAG, struct check_opts, strict, NULL,
	"warnings fail as well"),
    VS_OPT("json", FLAG, struct check_opts, json, NULL, "one JSON object"),
};
static const struct vs_opt schema_options[] = {
    VS_OPT("document", FLAG, struct vs_schema_opts, document, NULL,
	"a JSON Schema of policies, for editors"),
    VS_OPT("markdown", FLAG, struct vs_schema_opts, markdown, NULL,
	"the page docs/claims.md"),
    VS_OPT("json", FLAG, struct vs_schema_opts, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "check",
	.args = "FILES...",
	.args_min = 1,
	.args_max = SIZE_MAX,
	.summary = "lint and type-check policies, run their tests",
	.opts = check_options,
	.opts_n = VS_COUNT(check_options),
	.size = sizeof(struct check_opts),
	.run = run_check},
    {.verb = "policy",
	.sub = "schema",
	.args = "",
	.summary = "the claims that policies read",
	.opts = schema_options,
	.opts_n = VS_COUNT(schema_options),
	.size = sizeof(struct vs_schema_opts),
	.run = vs_policy_schema},
};
const struct vs_family vs_policy_family = {commands, VS_COUNT(commands)};
