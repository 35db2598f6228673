/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe collateral import`, `collateral status`. */
#include "collateral/collateral.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "broker/dir.h"
#include "cli/collateral_store.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"

struct collateral_opts {
	const char *dir;
	struct vs_opt_list anchors;
	struct vs_opt_time at;
	bool json;
};

static void
report_json(const struct vs_import *r, struct vs_json **list)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "file", vs_json_cstr(r->from));
	vs_json_set(&o, "kind", vs_json_cstr(r->kind));
	vs_json_set(&o, "name", vs_json_cstr(r->name));
	vs_json_set(&o, "result", vs_json_cstr(vs_import_result(r->what)));
	if (r->stored[0] != '\0')
		vs_json_set(&o, "stored", vs_json_cstr(r->stored));
	vs_json_append(list, o);
}

static void
report_text(const struct vs_import *r)
{
	printf("%s: %s %s: %s%s%s\n", r->from, r->kind, r->name,
	    vs_import_result(r->what), r->stored[0] ? " " : "", r->stored);
}

struct import_run {
	const struct collateral_opts *o;
	struct vs_json *done;
};

static void
imported(void *ctx, const struct vs_import *r)
{
	struct import_run *run = ctx;

	if (run->o->json)
		report_json(r, &run->done);
	else
		report_text(r);
}

static int
import_exit(vs_status st)
{
	/* Neither evidence nor policy: what does not verify is unverified,
	 * what does not parse is bad input. */
	return vs_status_exit(st);
}

/* Files as named, and those in directories as named. */
static vs_status
import_files(const struct collateral_opts *o, const struct vs_args *args,
    struct import_run *run, struct vs_err *err)
{
	struct vs_dir *dirs = vs_calloc(args->n, sizeof(*dirs));
	char **all = vs_calloc(args->n, VS_DIR_FILES_MAX * sizeof(*all));
	vs_status st = VS_OK;
	size_t n = 0;

	if (dirs == NULL || all == NULL)
		st = vs_fail(err, VS_NO_MEMORY, "files");
	for (size_t i = 0; st == VS_OK && i < args->n; i++) {
		struct stat facts;

		if (stat(args->v[i], &facts) != 0 || !S_ISDIR(facts.st_mode)) {
			all[n++] = args->v[i];
			continue;
		}
		st = vs_dir_read(args->v[i], &dirs[i], err);
		for (size_t k = 0; st == VS_OK && k < dirs[i].n; k++)
			all[n++] = dirs[i].paths[k];
	}
	if (st == VS_OK)
		st = vs_collateral_import(
		    o->dir, &o->anchors, all, n, imported, run, err);
	for (size_t i = 0; dirs != NULL && i < args->n; i++)
		vs_dir_fini(&dirs[i]);
	free(dirs);
	free(all);
	return st;
}

static int
run_import(const void *opts, const struct vs_args *args)
{
	const struct collateral_opts *o = opts;
	struct import_run run = {.o = o, .done = vs_json_array()};
	struct vs_json *root = vs_json_object();
	struct vs_err err = {0};
	vs_status st = VS_OK;

	if (o->dir == NULL)
		st = vs_fail(&err, VS_USAGE, "--collateral DIR is needed");
	else
		st = import_files(o, args, &run, &err);
	int code = import_exit(st);
	vs_json_set(&root, "imported", run.done);
	if (o->json) {
		if (st != VS_OK)
			vs_json_set(&root, "error",
			    vs_cli_error_json(
				vs_class_name(vs_status_class(st)), err.code,
				err.msg));
		return vs_cli_json(&root, code);
	}
	vs_json_free(&root);
	if (st != VS_OK)
		fprintf(stderr, "vouchsafe collateral import: %s\n", err.msg);
	return code;
}

static int64_t
days_left(const struct vs_collateral_item *it, int64_t now)
{
	int64_t left = it->not_after - now;

	/* Rounded down, so that the last day reads 0 and the past is < 0. */
	return left >= 0 ? left / 86400 : -((-left + 86399) / 86400);
}

static bool
in_date(const struct vs_collateral_item *it, int64_t now)
{
	return it->not_before <= now && now <= it->not_after;
}

static struct vs_json *
item_json(const struct vs_collateral_item *it, int64_t now)
{
	struct vs_json *o = vs_json_object();
	char text[2 * 32 + 1];

	vs_json_set(&o, "kind", vs_json_cstr(it->kind));
	vs_json_set(&o, "name", vs_json_cstr(it->name));
	vs_json_set(&o, "product", vs_json_cstr(it->product));
	vs_json_set(&o, "built_in", vs_json_bool(it->built_in));
	vs_json_set(&o, "simulated", vs_json_bool(it->simulated));
	vs_json_set(&o, "unverified", vs_json_bool(it->unverified));
	vs_json_set(&o, "superseded", vs_json_bool(it->superseded));
	if (it->number != 0)
		vs_json_set(&o, "number", vs_json_int(it->number));
	vs_time_format_ms(it->not_before * 1000, text);
	vs_json_set(&o, "not_before", vs_json_cstr(text));
	vs_time_format_ms(it->not_after * 1000, text);
	vs_json_set(&o, "not_after", vs_json_cstr(text));
	vs_json_set(&o, "days_left", vs_json_int(days_left(it, now)));
	vs_json_set(&o, "in_date", vs_json_bool(in_date(it, now)));
	vs_hex(VS_SPAN_OF(it->sha256), text);
	vs_json_set(&o, "sha256", vs_json_cstr(text));
	return o;
}

static void
add_row(struct vs_table *t, const struct vs_collateral_item *it, int64_t now)
{
	char text[VS_TIME_TEXT_MAX];

	vs_table_adds(t, it->kind);
	vs_table_adds(t, it->name);
	vs_table_adds(t, it->product);
	vs_table_adds(t,
	    it->built_in         ? "built in"
		: it->unverified ? "unverified"
		: it->simulated  ? "operator's"
				 : "imported");
	if (it->number != 0)
		vs_table_addf(t, "%u", it->number);
	else
		vs_table_adds(t, "-");
	vs_time_format_ms(it->not_after * 1000, text);
	vs_table_adds(t, text);
	if (it->superseded)
		vs_table_adds(t, "superseded");
	else if (in_date(it, now))
		vs_table_addf(t, "%lld", (long long)days_left(it, now));
	else
		vs_table_adds(
		    t, now < it->not_before ? "not yet valid" : "EXPIRED");
}

static int
print_status(const struct vs_collateral *c, const struct collateral_opts *o)
{
	static const char *const heads[] = {"KIND", "NAME", "PRODUCT", "FROM",
	    "NUMBER", "EXPIRES", "DAYS LEFT"};
	struct vs_json *list = vs_json_array(), *root = vs_json_object();
	int64_t now = vs_cli_now(&o->at) / 1000;
	struct vs_table t;
	int code = VS_EXIT_OK;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);
		vs_json_append(&list, item_json(it, now));
		add_row(&t, it, now);
		if (!it->superseded && !in_date(it, now))
			code = VS_EXIT_DENIED;
	}
	vs_json_set(&root, "items", list);
	if (o->json)
		code = vs_cli_json(&root, code);
	else
		vs_table_print(&t, stdout);
	vs_json_free(&root);
	vs_table_fini(&t);
	return code;
}

static int
run_status(const void *opts, const struct vs_args *args)
{
	const struct collateral_opts *o = opts;
	VS_AUTO(vs_collateral_builder) *b = NULL;
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_err err = {0};

	(void)args;
	vs_status st = vs_cli_builder(&o->anchors, o->dir, &b, &err);
	if (st == VS_OK)
		st = vs_collateral_build(b, &c, &err);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->json);
	return print_status(c, o);
}

/* clang-format off */
#define DIR_OPT VS_OPT("collateral", TEXT, struct collateral_opts, dir, \
    "DIR", "the directory that the daemon reads")
#define ANCHOR VS_OPT("trust-anchor", LIST, struct collateral_opts, anchors, \
    "FILE", "a root to trust besides the vendors'; may repeat")
#define JSON VS_OPT("json", FLAG, struct collateral_opts, json, NULL, \
    "one JSON object")
/* clang-format on */
static const struct vs_opt import_options[] = {DIR_OPT, ANCHOR, JSON};
static const struct vs_opt status_options[] = {DIR_OPT, ANCHOR,
    VS_OPT("at", TIME, struct collateral_opts, at, "TIME",
	"as of then: RFC 3339, Unix seconds"),
    JSON};

static const struct vs_command commands[] = {
    {.verb = "collateral",
	.sub = "import",
	.args = "FILES...",
	.args_min = 1,
	.args_max = SIZE_MAX,
	.summary = "verify certificates, CRLs, TCB info, RIMs; keep them",
	.opts = import_options,
	.opts_n = VS_COUNT(import_options),
	.size = sizeof(struct collateral_opts),
	.run = run_import},
    {.verb = "collateral",
	.sub = "status",
	.args = "",
	.summary = "what there is, and when it expires",
	.opts = status_options,
	.opts_n = VS_COUNT(status_options),
	.size = sizeof(struct collateral_opts),
	.run = run_status},
};
const struct vs_family vs_collateral_family = {commands, VS_COUNT(commands)};
