/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe audit ...`: what was released, to whom, and why. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/admin.h"
#include "cli/audit_verify.h"
#include "cli/dispatch.h"
#include "cli/explain.h"
#include "cli/output.h"

struct audit_opts {
	struct vs_admin_opts admin;
	struct vs_opt_time since;
	const char *outcome, *action, *key;
	const char *view, *lists;
	uint64_t limit;
};

enum { LIMIT_DEFAULT = 50, PAGE_MAX = 500 };

static void
list_path(const struct audit_opts *o, uint64_t left, int64_t before,
    struct vs_buf *path)
{
	char text[VS_TIME_TEXT_MAX];

	vs_buf_puts(path, "/v1/audit");
	(void)snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)(left < PAGE_MAX ? left : PAGE_MAX));
	vs_cli_query(path, "limit", text);
	if (before > 0) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)before);
		vs_cli_query(path, "before", text);
	}
	if (o->since.given) {
		vs_time_format_ms(o->since.ms, text);
		vs_cli_query(path, "since", text);
	}
	vs_cli_query(path, "outcome", o->outcome);
	vs_cli_query(path, "action", o->action);
	vs_cli_query(path, "key", o->key);
}

static void
add_rows(struct vs_table *t, const struct vs_json *records)
{
	for (size_t i = 0; i < vs_json_size(records); i++) {
		const struct vs_json *r = vs_json_at(records, i);
		struct vs_span code = vs_cli_str(r, "code");
		vs_table_add(t, vs_cli_str(r, "at"));
		vs_table_add(t, vs_cli_str(r, "id"));
		vs_table_add(t, vs_cli_str(r, "action"));
		vs_table_add(t, vs_cli_str(r, "outcome"));
		vs_table_add(t, code.n > 0 ? code : vs_cli_str(r, "class"));
		vs_table_add(t, vs_cli_str(r, "peer"));
		vs_table_add(t, vs_cli_str(r, "keys"));
	}
}

/* Pages until limit records came or there are no more. */
static vs_status
collect(const struct audit_opts *o, struct vs_table *t, struct vs_json **all,
    struct vs_err *err)
{
	uint64_t left = o->limit > 0 ? o->limit : LIMIT_DEFAULT;
	int64_t before = 0;

	while (left > 0) {
		VS_AUTO(vs_json) *page = NULL;
		struct vs_buf path = {0};
		list_path(o, left, before, &path);
		vs_status st = vs_cli_call(
		    &o->admin, "GET", vs_buf_cstr(&path), NULL, &page, err);
		vs_buf_fini(&path);
		if (st != VS_OK)
			return st;
		const struct vs_json *list = vs_json_get(page, "records");
		add_rows(t, list);
		for (size_t i = 0; i < vs_json_size(list); i++)
			vs_json_append(all, vs_json_copy(vs_json_at(list, i)));
		size_t n = vs_json_size(list);
		before = vs_cli_int(page, "next");
		left = n < left ? left - n : 0;
		if (n == 0 || before <= 0)
			break;
	}
	return VS_OK;
}

static int
run_list(const void *opts, const struct vs_args *args)
{
	static const char *const heads[] = {
	    "AT", "ID", "ACTION", "OUTCOME", "WHY", "PEER", "KEYS"};
	const struct audit_opts *o = opts;
	struct vs_json *all = vs_json_array(), *root = vs_json_object();
	struct vs_err err = {0};
	struct vs_table t;
	int code = VS_EXIT_OK;

	(void)args;
	vs_table_init(&t, heads, VS_COUNT(heads));
	vs_status st = collect(o, &t, &all, &err);
	vs_json_set(&root, "records", all);
	if (st != VS_OK)
		code = vs_cli_fail(&err, o->admin.json);
	else if (o->admin.json)
		code = vs_cli_json(&root, VS_EXIT_OK);
	else if (t.n == t.cols)
		puts("no records");
	else
		vs_table_print(&t, stdout);
	vs_json_free(&root);
	vs_table_fini(&t);
	return code;
}

static void print_value(const struct vs_json *v, const char *name, int depth);

static void
print_members(const struct vs_json *v, int depth)
{
	for (size_t i = 0; i < vs_json_size(v); i++) {
		struct vs_span name = {0};
		char text[VS_CLI_TEXT_MAX];

		if (vs_json_type_of(v) == VS_JSON_ARRAY) {
			print_value(vs_json_at(v, i), "-", depth);
			continue;
		}
		const struct vs_json *m = vs_json_member(v, i, &name);
		print_value(m, vs_cli_text(name, text), depth);
	}
}

static void
print_scalar(const struct vs_json *v)
{
	struct vs_buf text = {0};
	char safe[VS_CLI_TEXT_MAX];
	struct vs_span s;

	if (vs_json_is_string(v, &s))
		puts(vs_cli_text(s, safe));
	else if (vs_json_dump(v, VS_JSON_COMPACT, &text) == VS_OK)
		puts(vs_cli_text(vs_buf_span(&text), safe));
	else
		puts("?");
	vs_buf_fini(&text);
}

/* "name: value", members of objects and arrays two further in. */
static void
print_value(const struct vs_json *v, const char *name, int depth)
{
	vs_json_type type = vs_json_type_of(v);
	bool nested = type == VS_JSON_OBJECT || type == VS_JSON_ARRAY;

	/* Depth is bounded by the parser: VS_JSON_DEPTH_MAX. */
	printf("%*s", depth * 2, "");
	vs_cli_paint(stdout, VS_DIM, name);
	if (nested && vs_json_size(v) > 0) {
		putchar('\n');
		print_members(v, depth + 1);
		return;
	}
	printf(" ");
	print_scalar(v);
}

/* For people: the record, then why, then what was looked at. */
static void
print_record(const struct vs_json *r)
{
	static const char *const first[] = {"error", "decisions"};
	const struct vs_json *detail = vs_json_get(r, "detail");

	for (size_t i = 0; i < vs_json_size(r); i++) {
		struct vs_span name = {0}, s = {0};
		const struct vs_json *m = vs_json_member(r, i, &name);
		char text[VS_CLI_TEXT_MAX];

		if (vs_span_is(name, "detail") ||
		    (vs_json_is_string(m, &s) && s.n == 0))
			continue;
		print_value(m, vs_cli_text(name, text), 0);
	}
	for (size_t i = 0; i < VS_COUNT(first); i++)
		if (vs_json_get(detail, first[i]) != NULL)
			print_value(vs_json_get(detail, first[i]), first[i], 0);
	for (size_t i = 0; i < vs_json_size(detail); i++) {
		struct vs_span name = {0};
		const struct vs_json *m = vs_json_member(detail, i, &name);
		char text[VS_CLI_TEXT_MAX];

		if (!vs_span_is(name, first[0]) && !vs_span_is(name, first[1]))
			print_value(m, vs_cli_text(name, text), 0);
	}
}

static int
run_view(const struct audit_opts *o, const char *id)
{
	struct vs_explain_opts x = {.admin = o->admin, .lists = o->lists};
	struct vs_err err = {0};

	if (vs_view_parse(o->view, &x.view, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	return vs_cli_explain_id(&x, id);
}

static int
run_show(const void *opts, const struct vs_args *args)
{
	const struct audit_opts *o = opts;
	struct vs_json *out = NULL;
	struct vs_buf path = {0};
	struct vs_err err = {0};

	if (o->view != NULL)
		return run_view(o, args->v[0]);
	vs_buf_puts(&path, "/v1/audit/");
	for (const char *p = args->v[0]; *p != '\0'; p++)
		if (strchr("0123456789abcdefABCDEF-", *p) == NULL) {
			vs_buf_fini(&path);
			(void)vs_fail(&err, VS_USAGE,
			    "\"%.60s\" is not a release id", args->v[0]);
			return vs_cli_fail(&err, o->admin.json);
		}
	vs_buf_puts(&path, args->v[0]);
	vs_status st =
	    vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, &out, &err);
	vs_buf_fini(&path);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	print_record(out);
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static const struct vs_opt list_options[] = {
    VS_ADMIN_OPTIONS(struct audit_opts),
    VS_OPT("since", TIME, struct audit_opts, since, "TIME",
	"not older: RFC 3339, Unix seconds"),
    VS_OPT("outcome", TEXT, struct audit_opts, outcome, "O",
	"allowed, denied, failed, done"),
    VS_OPT("action", TEXT, struct audit_opts, action, "A",
	"release, key.create, ..."),
    VS_OPT("key", TEXT, struct audit_opts, key, "NAME", "this key only"),
    VS_OPT("limit", COUNT, struct audit_opts, limit, "N",
	"at most so many, 50 by default"),
};
static const struct vs_opt show_options[] = {
    VS_ADMIN_OPTIONS(struct audit_opts),
    VS_OPT("view", TEXT, struct audit_opts, view, "WHO",
	"explained, as guest, security or auditor see it"),
    VS_OPT("lists", TEXT, struct audit_opts, lists, "FILE",
	"with --view: value lists and registries, JSON"),
};

static const struct vs_opt verify_options[] = {
    VS_ADMIN_OPTIONS(struct vs_audit_verify_opts),
    VS_OPT("head", TEXT, struct vs_audit_verify_opts, head, "N:MAC",
	"a head that was noted: it must still be there"),
};

static const struct vs_command commands[] = {
    {.verb = "audit",
	.sub = "list",
	.args = "",
	.summary = "what was released or refused, newest first",
	.opts = list_options,
	.opts_n = VS_COUNT(list_options),
	.size = sizeof(struct audit_opts),
	.run = run_list},
    {.verb = "audit",
	.sub = "show",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.summary = "the whole reason: rules, claims, digests",
	.opts = show_options,
	.opts_n = VS_COUNT(show_options),
	.size = sizeof(struct audit_opts),
	.run = run_show},
    {.verb = "audit",
	.sub = "verify",
	.args = "",
	.summary = "that no record was changed or taken out",
	.opts = verify_options,
	.opts_n = VS_COUNT(verify_options),
	.size = sizeof(struct vs_audit_verify_opts),
	.run = vs_cli_audit_verify},
};
const struct vs_family vs_audit_family = {commands, VS_COUNT(commands)};
