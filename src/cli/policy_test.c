/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy test`: the tests of policies, and files of cases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "broker/dir.h"
#include "cli/dispatch.h"
#include "cli/evidence_claims.h"
#include "cli/junit.h"
#include "cli/output.h"
#include "cli/replay.h"
#include "codec/yaml.h"
#include "policy/test_file.h"

enum { TEST_ARENA = 16 * 1024 * 1024 };

struct test_opts {
	const char *junit;
	bool json;
};

struct job {
	const struct test_opts *o;
	struct vs_tested_all all;
	struct vs_arena arena; /* of one test */
};

static void
broken(struct job *j, const char *name, const char *why)
{
	char copy[512];
	struct vs_tested t = {
	    .name = vs_cli_dup(vs_span_cstr(name)), .why = copy, .error = true};

	(void)snprintf(copy, sizeof(copy), "%s", why);
	vs_tested_add(&j->all, &t);
	free(t.name);
}

static void
add(struct job *j, struct vs_policy_case_result *r, int64_t begin)
{
	char *name = vs_cli_dup(vs_span_cstr(r->name));
	struct vs_tested t = {.name = name,
	    .why = r->passed ? NULL : r->why,
	    .line = r->line,
	    .col = r->col,
	    .ns = vs_mono_ns() - begin};

	vs_tested_add(&j->all, &t);
	free(name);
}

static void
test_policy(struct job *j, const struct vs_policy *p)
{
	for (size_t i = 0; i < vs_policy_tests(p); i++) {
		struct vs_policy_case_result r;
		int64_t begin = vs_mono_ns();

		vs_arena_reset(&j->arena);
		vs_policy_run_test(p, i, &j->arena, &r);
		add(j, &r, begin);
	}
}

/* A path of a file is relative to that file. In the arena; NULL stays. */
static const char *
beside(struct job *j, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path == NULL || path[0] == '/' || slash == NULL)
		return path;
	return vs_arena_printf(
	    &j->arena, "%.*s/%s", (int)(slash - file), file, path);
}

static vs_status
set_paths(struct job *j, const char *file, const char *const *v, size_t n,
    struct vs_opt_list *out, struct vs_err *err)
{
	const char **copy = vs_arena_calloc(&j->arena, n, sizeof(*copy));

	if (copy == NULL)
		return vs_fail(err, VS_NO_MEMORY, "paths");
	for (size_t i = 0; i < n; i++) {
		copy[i] = beside(j, file, v[i]);
		if (copy[i] == NULL)
			return vs_fail(err, VS_NO_MEMORY, "paths");
	}
	*out = (struct vs_opt_list){copy, n};
	return VS_OK;
}

static vs_status
verify(struct job *j, const char *file, const struct vs_policy_evidence *e,
    struct vs_claims *out, struct vs_err *err)
{
	struct vs_appraise_opts o = {.cpu = beside(j, file, e->report),
	    .kind = e->kind,
	    .collateral = beside(j, file, e->collateral),
	    .at = {true, e->now_ms}};

	VS_TRY(err, "certs",
	    set_paths(j, file, e->certs, e->certs_n, &o.certs, err));
	VS_TRY(err, "trust_anchors",
	    set_paths(j, file, e->anchors, e->anchors_n, &o.anchors, err));
	VS_TRY(
	    err, "evidence", vs_cli_evidence_claims(&o, &j->arena, out, err));
	if (e->key == NULL)
		return VS_OK;
	return vs_claims_key(out, vs_span_cstr(e->key), 1);
}

/* Evidence that fails to verify, as opposed to what cannot be read. */
static bool
is_unverified(vs_status st)
{
	vs_class c = vs_status_class(st);

	return c == VS_CLASS_UNVERIFIED || c == VS_CLASS_MALFORMED;
}

static void
test_evidence(struct job *j, const char *file, const struct vs_policy_cases *c,
    size_t i, struct vs_policy_case_result *r)
{
	const struct vs_policy_evidence *e = vs_policy_case_evidence(c, i);
	struct vs_claims claims;
	struct vs_err err = {0};
	vs_status st = verify(j, file, e, &claims, &err);

	if (st == VS_OK && !e->unverified) {
		vs_policy_run_case(c, i, &claims, &j->arena, r);
		return;
	}
	*r = (struct vs_policy_case_result){.name = vs_policy_case_name(c, i),
	    .passed = e->unverified && is_unverified(st)};
	if (st == VS_OK)
		(void)snprintf(r->why, sizeof(r->why),
		    "unverified expected, but the evidence verifies");
	else
		(void)snprintf(r->why, sizeof(r->why), "%.200s", err.msg);
}

static void
test_cases(struct job *j, const char *file, const struct vs_policy_cases *c)
{
	for (size_t i = 0; i < vs_policy_cases_count(c); i++) {
		struct vs_policy_case_result r;
		int64_t begin = vs_mono_ns();

		vs_arena_reset(&j->arena);
		if (vs_policy_case_evidence(c, i)->report != NULL)
			test_evidence(j, file, c, i, &r);
		else
			vs_policy_run_case(c, i, NULL, &j->arena, &r);
		add(j, &r, begin);
	}
}

static vs_status
run_cases(
    struct job *j, const char *file, struct vs_span text, struct vs_err *err)
{
	VS_AUTO(vs_policy_cases) *c = NULL;
	struct vs_policy_files policy = {.n = 0};
	const char *path = NULL;
	vs_status st;

	vs_arena_reset(&j->arena);
	VS_TRY(err, "cases",
	    vs_policy_cases_policy(file, text, &j->arena, &path, err));
	path = beside(j, file, path);
	if (path == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	st = vs_policy_files_add(&policy, path, err);
	if (st == VS_OK && policy.n != 1)
		st = vs_fail(err, VS_USAGE, "%s: must be one policy", path);
	if (st == VS_OK)
		st = vs_policy_cases_load(
		    file, text, policy.v[0], NULL, &c, err);
	if (st == VS_OK)
		test_cases(j, file, c);
	vs_policy_cases_free(&c);
	vs_policy_files_fini(&policy);
	return st;
}

static bool
has_cases(struct vs_span text)
{
	struct vs_arena a;
	const struct vs_yaml *root = NULL;
	struct vs_err err = {0};
	bool found;

	vs_arena_init(&a, TEST_ARENA);
	found = vs_yaml_parse(text, &a, &root, &err) == VS_OK &&
	    root->type == VS_YAML_MAP && vs_yaml_get(root, "cases") != NULL;
	vs_arena_fini(&a);
	return found;
}

static vs_status
run_file(struct job *j, const char *file, struct vs_err *err)
{
	VS_AUTO(vs_policy) *p = NULL;
	struct vs_buf text = {0};
	vs_status st = vs_file_read(file, VS_YAML_SIZE_MAX, &text, err);

	vs_tested_begin(&j->all, file);
	if (st == VS_OK && has_cases(vs_buf_span(&text))) {
		st = run_cases(j, file, vs_buf_span(&text), err);
	} else if (st == VS_OK) {
		st = vs_policy_load(file, vs_buf_span(&text), NULL, &p, err);
		if (st == VS_OK)
			test_policy(j, p);
	}
	vs_buf_fini(&text);
	if (st != VS_OK && st != VS_NO_MEMORY) {
		broken(j, "loads", err->msg);
		vs_err_clear(err);
		return VS_OK;
	}
	return st;
}

static bool
is_yaml(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static vs_status
run_path(struct job *j, const char *path, struct vs_err *err)
{
	struct vs_dir dir = {0};
	vs_status st;

	if (!vs_policy_path_is_dir(path))
		return run_file(j, path, err);
	st = vs_dir_read(path, &dir, err);
	for (size_t i = 0; st == VS_OK && i < dir.n; i++) {
		if (is_yaml(dir.paths[i]))
			st = run_file(j, dir.paths[i], err);
	}
	vs_dir_fini(&dir);
	return st;
}

static void
print_file(const struct vs_tested_file *f)
{
	size_t failed = vs_tested_failed(f);
	char safe[VS_CLI_TEXT_MAX];

	for (size_t i = 0; i < f->n; i++) {
		const struct vs_tested *t = &f->v[i];

		if (t->why == NULL)
			continue;
		if (t->line > 0)
			printf("%s:%d:%d: ", f->file, t->line, t->col);
		else
			printf("%s: ", f->file);
		vs_cli_paint(stdout, VS_BAD, t->error ? "error" : "failed");
		printf(": %s", vs_cli_text(vs_span_cstr(t->name), safe));
		printf(": %s\n", vs_cli_text(vs_span_cstr(t->why), safe));
	}
	printf("%s: ", f->file);
	vs_cli_paint(stdout, failed > 0 ? VS_BAD : VS_GOOD,
	    failed > 0 ? "FAILED" : "ok");
	printf(", %zu tests, %zu failed\n", f->n, failed);
}

static struct vs_json *
file_json(const struct vs_tested_file *f)
{
	struct vs_json *o = vs_json_object(), *list = vs_json_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct vs_tested *t = &f->v[i];
		struct vs_json *one = vs_json_object();

		vs_json_set(&one, "name", vs_json_cstr(t->name));
		vs_json_set(&one, "passed", vs_json_bool(t->why == NULL));
		if (t->line > 0)
			vs_json_set(&one, "line", vs_json_int(t->line));
		if (t->why != NULL)
			vs_json_set(&one, "why", vs_json_cstr(t->why));
		vs_json_append(&list, one);
	}
	vs_json_set(&o, "file", vs_json_cstr(f->file));
	vs_json_set(&o, "tests", list);
	return o;
}

static vs_status
write_junit(const struct job *j, struct vs_err *err)
{
	struct vs_buf xml = {0};
	vs_status st;

	if (j->o->junit == NULL)
		return VS_OK;
	vs_junit_write(&j->all, &xml);
	st = vs_buf_status(&xml);
	if (st == VS_OK)
		st = vs_file_write(j->o->junit, vs_buf_span(&xml), 0644, err);
	else
		(void)vs_fail(err, st, "--junit");
	vs_buf_fini(&xml);
	return st;
}

static int
report(struct job *j)
{
	struct vs_json *list = vs_json_array(), *root = vs_json_object();
	size_t failed = 0, tests = 0;
	int code;

	for (size_t i = 0; i < j->all.n; i++) {
		failed += vs_tested_failed(&j->all.v[i]);
		tests += j->all.v[i].n;
		if (j->o->json)
			vs_json_append(&list, file_json(&j->all.v[i]));
		else
			print_file(&j->all.v[i]);
	}
	code = failed > 0 ? VS_EXIT_DENIED : VS_EXIT_OK;
	vs_json_set(&root, "ok", vs_json_bool(failed == 0));
	vs_json_set(&root, "tests", vs_json_int((int64_t)tests));
	vs_json_set(&root, "failed", vs_json_int((int64_t)failed));
	vs_json_set(&root, "files", list);
	if (j->o->json)
		return vs_cli_json(&root, code);
	vs_json_free(&root);
	printf("%zu tests, %zu failed\n", tests, failed);
	return code;
}

static int
run_test(const void *opts, const struct vs_args *args)
{
	struct job j = {.o = opts};
	struct vs_err err = {0};
	vs_status st = VS_OK;
	int code;

	vs_arena_init(&j.arena, TEST_ARENA);
	for (size_t i = 0; st == VS_OK && i < args->n; i++)
		st = run_path(&j, args->v[i], &err);
	if (st == VS_OK)
		st = write_junit(&j, &err);
	code = st == VS_OK ? report(&j) : vs_cli_fail(&err, j.o->json);
	vs_tested_fini(&j.all);
	vs_arena_fini(&j.arena);
	return code;
}

static const struct vs_opt test_options[] = {
    VS_OPT("junit", TEXT, struct test_opts, junit, "FILE",
	"write the results as JUnit XML, too"),
    VS_OPT("json", FLAG, struct test_opts, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "test",
	.args = "PATHS...",
	.args_min = 1,
	.args_max = SIZE_MAX,
	.summary = "run the tests of policies, and files of cases",
	.opts = test_options,
	.opts_n = VS_COUNT(test_options),
	.size = sizeof(struct test_opts),
	.run = run_test},
};
const struct vs_family vs_policy_test_family = {commands, VS_COUNT(commands)};
