/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe key ...`: keys are made inside the keeper; nobody sees them. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/config_value.h"
#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"

struct key_opts {
	struct vs_admin_opts admin;
	uint64_t bytes;
	const char *content_type;
	bool dataset;
	uint64_t max_uses;
	const char *epoch;
	uint64_t version;
	const char *after;
	int64_t after_s;
	bool now;
	bool yes;
	bool dry_run;
};

/* A call that changes something: adds dry_run, returns the exit code on
 * failure through *code. */
static bool
change(const struct key_opts *o, struct vs_buf *path, struct vs_json **in,
    struct vs_json **out, int *code)
{
	struct vs_err err = {0};

	vs_cli_query(path, "dry_run", o->dry_run ? "true" : NULL);
	vs_status st =
	    vs_cli_call(&o->admin, "POST", vs_buf_cstr(path), *in, out, &err);
	vs_json_free(in);
	vs_buf_fini(path);
	if (st == VS_OK)
		return true;
	*code = vs_cli_fail(&err, o->admin.json);
	return false;
}

static const char *
would(const struct key_opts *o)
{
	return o->dry_run ? "would have " : "";
}

static void
print_created(const struct key_opts *o, const struct vs_json *answer)
{
	const struct vs_json *list = vs_json_get(answer, "created");
	char text[VS_CLI_TEXT_MAX];

	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *k = vs_json_at(list, i);
		printf("%screated %s, version %lld\n", would(o),
		    vs_cli_text(vs_cli_str(k, "name"), text),
		    (long long)vs_cli_int(k, "version"));
	}
}

static int
run_create(const void *opts, const struct vs_args *args)
{
	const struct key_opts *o = opts;
	struct vs_json *in = vs_json_object(), *names = vs_json_array();
	struct vs_json *out = NULL;
	struct vs_buf path = {0};
	int code = VS_EXIT_OK;

	for (size_t i = 0; i < args->n; i++)
		vs_json_append(&names, vs_json_cstr(args->v[i]));
	vs_json_set(&in, "names", names);
	vs_json_set(&in, "bytes",
	    vs_json_int(o->bytes > 0 && o->bytes <= INT32_MAX
		    ? (int64_t)o->bytes
		    : o->bytes == 0 ? 32
				    : INT32_MAX));
	if (o->content_type != NULL)
		vs_json_set(&in, "content_type", vs_json_cstr(o->content_type));
	if (o->dataset)
		vs_json_set(&in, "dataset", vs_json_bool(true));
	if (o->max_uses > 0)
		vs_json_set(&in, "max_uses",
		    vs_json_int(o->max_uses > INT64_MAX
			    ? INT64_MAX
			    : (int64_t)o->max_uses));
	vs_buf_puts(&path, "/v1/keys");
	if (!change(o, &path, &in, &out, &code))
		return code;
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	print_created(o, out);
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static void
add_key_rows(struct vs_table *t, const struct vs_json *keys)
{
	for (size_t i = 0; i < vs_json_size(keys); i++) {
		const struct vs_json *k = vs_json_at(keys, i);
		vs_table_add(t, vs_cli_str(k, "name"));
		vs_table_addf(t, "%lld", (long long)vs_cli_int(k, "versions"));
		if (vs_cli_int(k, "active_version") > 0)
			vs_table_addf(t, "%lld",
			    (long long)vs_cli_int(k, "active_version"));
		else
			vs_table_adds(t, "-");
		vs_table_add(t, vs_cli_str(k, "state"));
		vs_table_addf(t, "%lld", (long long)vs_cli_int(k, "size"));
		vs_table_add(t, vs_cli_str(k, "created_at"));
	}
}

/* One page; *after moves on, or becomes NULL at the end. The cursor lives in
 * *page. */
static vs_status
list_page(const struct key_opts *o, const char *prefix, char **after,
    struct vs_json **page, struct vs_err *err)
{
	struct vs_buf path = {0};
	struct vs_span next;

	vs_buf_puts(&path, "/v1/keys");
	vs_cli_query(&path, "limit", "500");
	vs_cli_query(&path, "prefix", prefix);
	vs_cli_query(&path, "after", *after);
	vs_status st =
	    vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, page, err);
	vs_buf_fini(&path);
	free(*after);
	*after = NULL;
	if (st != VS_OK)
		return st;
	next = vs_cli_str(*page, "next");
	if (next.n > 0)
		*after = vs_cli_dup(next);
	return VS_OK;
}

/* Every page into one table or one list. */
static vs_status
list_all(const struct key_opts *o, const char *prefix, struct vs_table *t,
    struct vs_json **all, struct vs_err *err)
{
	char *after = NULL;
	vs_status st;

	do {
		struct vs_json *page = NULL;
		st = list_page(o, prefix, &after, &page, err);
		if (st != VS_OK)
			break;
		const struct vs_json *keys = vs_json_get(page, "keys");
		if (!o->admin.json)
			add_key_rows(t, keys);
		for (size_t i = 0; o->admin.json && i < vs_json_size(keys); i++)
			vs_json_append(all, vs_json_copy(vs_json_at(keys, i)));
		vs_json_free(&page);
	} while (after != NULL);
	free(after);
	return st;
}

static int
run_list(const void *opts, const struct vs_args *args)
{
	static const char *const heads[] = {
	    "NAME", "VERSIONS", "ACTIVE", "STATE", "BYTES", "CREATED"};
	const struct key_opts *o = opts;
	struct vs_json *all = o->admin.json ? vs_json_array() : NULL;
	struct vs_err err = {0};
	struct vs_table t;
	int code = VS_EXIT_OK;

	vs_table_init(&t, heads, VS_COUNT(heads));
	vs_status st =
	    list_all(o, args->n > 0 ? args->v[0] : NULL, &t, &all, &err);
	if (st != VS_OK) {
		vs_json_free(&all);
		code = vs_cli_fail(&err, o->admin.json);
	} else if (o->admin.json) {
		struct vs_json *root = vs_json_object();
		vs_json_set(&root, "keys", all);
		code = vs_cli_json(&root, VS_EXIT_OK);
	} else if (t.n == t.cols) {
		puts("no keys");
	} else {
		vs_table_print(&t, stdout);
	}
	vs_table_fini(&t);
	return code;
}

static void
print_versions(const struct vs_json *key)
{
	static const char *const heads[] = {
	    "VERSION", "STATE", "BYTES", "USES", "CREATED", "DESTROYED"};
	const struct vs_json *list = vs_json_get(key, "versions");
	char text[VS_CLI_TEXT_MAX];
	struct vs_table t;

	printf("%s\n", vs_cli_text(vs_cli_str(key, "name"), text));
	if (vs_json_get(vs_json_at(list, 0), "dataset") != NULL)
		printf("a dataset: keys from epoch %lld on are derived from "
		       "it\n",
		    (long long)vs_cli_int(vs_json_at(list, 0), "first_epoch"));
	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *v = vs_json_at(list, i);
		vs_table_addf(&t, "%lld", (long long)vs_cli_int(v, "version"));
		vs_table_add(&t, vs_cli_str(v, "state"));
		vs_table_addf(&t, "%lld", (long long)vs_cli_int(v, "size"));
		if (vs_cli_int(v, "max_uses") > 0)
			vs_table_addf(&t, "%lld of %lld",
			    (long long)vs_cli_int(v, "uses"),
			    (long long)vs_cli_int(v, "max_uses"));
		else
			vs_table_adds(&t, "-");
		vs_table_add(&t, vs_cli_str(v, "created_at"));
		if (vs_cli_str(v, "destroy_at").n > 0)
			vs_table_addf(&t, "due %.*s",
			    VS_SPAN_ARG(vs_cli_str(v, "destroy_at")));
		else
			vs_table_add(&t, vs_cli_str(v, "destroyed_at"));
	}
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
}

static int
run_show(const void *opts, const struct vs_args *args)
{
	const struct key_opts *o = opts;
	struct vs_err err = {0};
	struct vs_buf path = {0};
	struct vs_json *out = NULL;

	vs_cli_key_path(&path, args->v[0]);
	vs_status st =
	    vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, &out, &err);
	vs_buf_fini(&path);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	print_versions(out);
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static int
run_rotate(const void *opts, const struct vs_args *args)
{
	const struct key_opts *o = opts;
	struct vs_json *in = NULL, *out = NULL;
	struct vs_buf path = {0};
	int code = VS_EXIT_OK;

	vs_cli_key_path(&path, args->v[0]);
	vs_buf_puts(&path, ":rotate");
	if (!change(o, &path, &in, &out, &code))
		return code;
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	printf("%srotated %s: version %lld is the active one\n", would(o),
	    args->v[0], (long long)vs_cli_int(out, "version"));
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static int
set_state(const struct key_opts *o, const char *name, const char *verb,
    const char *done)
{
	struct vs_json *in = vs_json_object(), *out = NULL;
	struct vs_buf path = {0};
	int code = VS_EXIT_OK;

	if (o->version > 0)
		vs_json_set(&in, "version", vs_json_int((int64_t)o->version));
	if (strcmp(verb, ":destroy") == 0)
		vs_json_set(&in, "after_s", vs_json_int(o->after_s));
	vs_cli_key_path(&path, name);
	vs_buf_puts(&path, verb);
	if (!change(o, &path, &in, &out, &code))
		return code;
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	if (o->version > 0)
		printf("%s%s %s, version %llu", would(o), done, name,
		    (unsigned long long)o->version);
	else
		printf("%s%s %s, every version", would(o), done, name);
	if (vs_cli_str(out, "destroy_at").n > 0)
		printf(": destroyed at %.*s",
		    VS_SPAN_ARG(vs_cli_str(out, "destroy_at")));
	putchar('\n');
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static int
run_disable(const void *opts, const struct vs_args *args)
{
	return set_state(opts, args->v[0], ":disable", "disabled");
}

static int
run_enable(const void *opts, const struct vs_args *args)
{
	return set_state(opts, args->v[0], ":enable", "enabled");
}

static int
run_retire(const void *opts, const struct vs_args *args)
{
	return set_state(
	    opts, args->v[0], ":retire", "for decryption only from now:");
}

static int
run_cancel(const void *opts, const struct vs_args *args)
{
	return set_state(
	    opts, args->v[0], ":cancel", "will not be destroyed, is disabled:");
}

static int
run_close(const void *opts, const struct vs_args *args)
{
	const struct key_opts *o = opts;
	struct vs_json *in = vs_json_object(), *out = NULL;
	struct vs_buf path = {0};
	struct vs_err err = {0};
	int64_t epoch = 0;
	int code = VS_EXIT_OK;

	if (o->epoch == NULL ||
	    !vs_config_count(vs_span_cstr(o->epoch), &epoch)) {
		vs_json_free(&in);
		(void)vs_fail(
		    &err, VS_USAGE, "--epoch N is missing, or no number");
		return vs_cli_fail(&err, o->admin.json);
	}
	vs_json_set(&in, "epoch", vs_json_int(epoch));
	vs_cli_key_path(&path, args->v[0]);
	vs_buf_puts(&path, ":close");
	if (!change(o, &path, &in, &out, &code))
		return code;
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	vs_json_free(&out);
	printf("%sclosed %s, epochs up to %lld\n", would(o), args->v[0],
	    (long long)epoch);
	return VS_EXIT_OK;
}

/* "7d", "12h", "30m", "90s"; --now, or a week. */
static vs_status
waiting(struct key_opts *o, struct vs_err *err)
{
	struct vs_span text = vs_span_cstr(o->after);
	int64_t days = 0;

	if (o->now && o->after != NULL)
		return vs_fail(
		    err, VS_USAGE, "--now and --after: one or the other");
	o->after_s = o->now ? 0 : VS_DESTROY_WAIT_S;
	if (o->after == NULL)
		return VS_OK;
	if (text.n > 1 && text.p[text.n - 1] == 'd' &&
	    vs_config_count(vs_span_slice(text, 0, text.n - 1), &days) &&
	    days <= VS_DESTROY_WAIT_MAX_S / 86400)
		o->after_s = days * 86400;
	else if (!vs_config_seconds(text, &o->after_s))
		o->after_s = 0;
	if (o->after_s < 1)
		return vs_fail(err, VS_USAGE,
		    "--after: must be a time such as 7d, 12h, 30m or 90s");
	return VS_OK;
}

static vs_status
sure(const struct key_opts *o, const char *name, bool *yes, struct vs_err *err)
{
	const char *how =
	    o->now ? "Nothing brings it back." : "It is given out no more.";
	char question[512];

	*yes = o->yes || o->dry_run;
	if (*yes)
		return VS_OK;
	if (o->version > 0)
		(void)snprintf(question, sizeof(question),
		    "destroy %s, version %llu? %s", name,
		    (unsigned long long)o->version, how);
	else
		(void)snprintf(question, sizeof(question),
		    "destroy %s, EVERY version? %s", name, how);
	return vs_cli_confirm(question, yes, err);
}

static int
run_destroy(const void *opts, const struct vs_args *args)
{
	struct key_opts o = *(const struct key_opts *)opts;
	struct vs_err err = {0};
	bool yes = false;

	if (waiting(&o, &err) != VS_OK ||
	    sure(&o, args->v[0], &yes, &err) != VS_OK)
		return vs_cli_fail(&err, o.admin.json);
	if (!yes) {
		fputs("not destroyed\n", stderr);
		return VS_EXIT_DENIED;
	}
	return set_state(&o, args->v[0], ":destroy",
	    o.after_s == 0 ? "destroyed" : "scheduled");
}

/* clang-format off */
#define BYTES VS_OPT("bytes", COUNT, struct key_opts, bytes, "N", \
    "length of the key, 32 by default")
#define CONTENT_TYPE VS_OPT("content-type", TEXT, struct key_opts, \
    content_type, "TYPE", "media type handed to the guest with the key")
#define VERSION VS_OPT("version", COUNT, struct key_opts, version, "N", \
    "this version only")
#define DRY_RUN VS_OPT("dry-run", FLAG, struct key_opts, dry_run, NULL, \
    "check everything, change nothing")
#define DATASET VS_OPT("dataset", FLAG, struct key_opts, dataset, NULL, \
    "others are derived from it: NAME/epoch-N/shard-N")
#define MAX_USES VS_OPT("max-uses", COUNT, struct key_opts, max_uses, "N", \
    "give it out so many times and no more")
#define EPOCH VS_OPT("epoch", TEXT, struct key_opts, epoch, "N", \
    "the last epoch to close")
#define AFTER VS_OPT("after", TEXT, struct key_opts, after, "TIME", \
    "waiting period: 7d by default")
#define NOW VS_OPT("now", FLAG, struct key_opts, now, NULL, \
    "without a waiting period")
#define YES VS_OPT("yes", FLAG, struct key_opts, yes, NULL, "do not ask")
/* clang-format on */

static const struct vs_opt create_options[] = {
    VS_ADMIN_OPTIONS(struct key_opts), BYTES, CONTENT_TYPE, DATASET, MAX_USES,
    DRY_RUN};
static const struct vs_opt read_options[] = {VS_ADMIN_OPTIONS(struct key_opts)};
static const struct vs_opt rotate_options[] = {
    VS_ADMIN_OPTIONS(struct key_opts), DRY_RUN};
static const struct vs_opt close_options[] = {
    VS_ADMIN_OPTIONS(struct key_opts), EPOCH, DRY_RUN};
static const struct vs_opt state_options[] = {
    VS_ADMIN_OPTIONS(struct key_opts), VERSION, DRY_RUN};
static const struct vs_opt destroy_options[] = {
    VS_ADMIN_OPTIONS(struct key_opts), VERSION, AFTER, NOW, DRY_RUN, YES};

/* clang-format off */
#define KEY(word, what, least, most, text, table, function)                    \
	{                                                                      \
		.verb = "key", .sub = (word), .args = (what),                  \
		.args_min = (least), .args_max = (most), .summary = (text),    \
		.opts = (table), .opts_n = VS_COUNT(table),                    \
		.size = sizeof(struct key_opts), .run = (function)             \
	}
/* clang-format on */

static const struct vs_command commands[] = {
    KEY("create", "NAME...", 1, SIZE_MAX, "make keys inside the keeper",
	create_options, run_create),
    KEY("list", "[PREFIX]", 0, 1, "names and states", read_options, run_list),
    KEY("show", "NAME", 1, 1, "the versions of one key; never its bytes",
	read_options, run_show),
    KEY("rotate", "NAME", 1, 1, "add a version; older ones stay readable",
	rotate_options, run_rotate),
    KEY("disable", "NAME", 1, 1, "refuse to release it until it is enabled",
	state_options, run_disable),
    KEY("enable", "NAME", 1, 1, "release it again", state_options, run_enable),
    KEY("retire", "NAME", 1, 1, "give it out by its number alone",
	state_options, run_retire),
    KEY("destroy", "NAME", 1, 1, "erase it for good, after a while",
	destroy_options, run_destroy),
    KEY("close", "NAME", 1, 1, "give out no key of old epochs again",
	close_options, run_close),
    KEY("cancel", "NAME", 1, 1, "undo a destruction that is not due yet",
	state_options, run_cancel),
};
const struct vs_family vs_key_family = {commands, VS_COUNT(commands)};
