/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe allow pending`, `approve` and `reject`. */
#include <stdlib.h>
#include <string.h>

#include "cli/allow.h"
#include "client/client.h"

static void
approval_path(struct vs_buf *out, const char *id)
{
	vs_buf_puts(out, "/v1/approvals/");
	vs_client_escape(out, vs_span_cstr(id), false);
}

static void
add_rows(struct vs_table *t, const struct vs_json *list)
{
	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *a = vs_json_at(list, i);
		bool release = vs_span_is(vs_cli_str(a, "action"), "release");

		vs_table_add(t, vs_cli_str(a, "id"));
		vs_table_add(t, vs_cli_str(a, "action"));
		vs_table_add(t, vs_cli_str(a, "state"));
		vs_table_add(t, vs_cli_str(a, release ? "key" : "list"));
		vs_table_add(t, vs_cli_str(a, release ? "binding" : "value"));
		vs_table_add(t, vs_cli_str(a, "asked_by"));
		vs_table_add(t, vs_cli_str(a, "expires_at"));
	}
}

/* Every page into one table and one list. */
static vs_status
every_page(const struct vs_allow_opts *o, struct vs_table *t,
    struct vs_json **all, struct vs_err *err)
{
	char *after = NULL;
	vs_status st;

	do {
		const struct vs_json *list;
		struct vs_json *page = NULL;
		struct vs_buf path = {0};
		struct vs_span next;

		vs_buf_puts(&path, "/v1/approvals");
		vs_cli_query(&path, "limit", "500");
		vs_cli_query(&path, "state", o->state);
		vs_cli_query(&path, "after", after);
		free(after);
		after = NULL;
		st = vs_cli_call(
		    &o->admin, "GET", vs_buf_cstr(&path), NULL, &page, err);
		vs_buf_fini(&path);
		if (st != VS_OK)
			return st;
		list = vs_json_get(page, "approvals");
		add_rows(t, list);
		for (size_t i = 0; i < vs_json_size(list); i++)
			vs_json_append(all, vs_json_copy(vs_json_at(list, i)));
		next = vs_cli_str(page, "next");
		if (next.n > 0)
			after = vs_cli_dup(next);
		vs_json_free(&page);
	} while (after != NULL);
	return VS_OK;
}

/* The whole of one: an approver must see what is agreed to. */
static int
show(const struct vs_allow_opts *o, const char *id)
{
	struct vs_buf path = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};
	vs_status st;

	approval_path(&path, id);
	st =
	    vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, &doc, &err);
	vs_buf_fini(&path);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	return vs_cli_json(&doc, VS_EXIT_OK);
}

int
vs_allow_pending(const void *opts, const struct vs_args *args)
{
	static const char *const heads[] = {
	    "ID", "ACTION", "STATE", "OF", "VALUE", "ASKED BY", "UNTIL"};
	const struct vs_allow_opts *o = opts;
	struct vs_json *all, *root;
	struct vs_err err = {0};
	struct vs_table t;
	int code = VS_EXIT_OK;

	if (args->n > 0)
		return show(o, args->v[0]);
	all = vs_json_array();
	vs_table_init(&t, heads, VS_COUNT(heads));
	if (every_page(o, &t, &all, &err) != VS_OK) {
		vs_json_free(&all);
		code = vs_cli_fail(&err, o->admin.json);
	} else if (o->admin.json) {
		root = vs_json_object();
		vs_json_set(&root, "approvals", all);
		code = vs_cli_json(&root, VS_EXIT_OK);
	} else {
		vs_json_free(&all);
		if (t.n == t.cols)
			puts("nothing waits");
		else
			vs_table_print(&t, stdout);
	}
	vs_table_fini(&t);
	return code;
}

static vs_status
vote(const struct vs_allow_opts *o, const char *id, const char *verb,
    struct vs_json **out, struct vs_err *err)
{
	struct vs_json *in = vs_json_object();
	struct vs_buf path = {0};
	vs_status st;

	if (o->reason != NULL)
		vs_json_set(&in, "reason", vs_json_cstr(o->reason));
	approval_path(&path, id);
	vs_buf_puts(&path, verb);
	vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
	st = vs_cli_call(&o->admin, "POST", vs_buf_cstr(&path), in, out, err);
	vs_buf_fini(&path);
	vs_json_free(&in);
	return st;
}

static int
vote_all(
    const struct vs_allow_opts *o, const struct vs_args *args, const char *verb)
{
	struct vs_json *all = vs_json_array(), *root;
	struct vs_err err = {0};
	char text[VS_CLI_TEXT_MAX];

	for (size_t i = 0; i < args->n; i++) {
		struct vs_json *out = NULL;

		if (vote(o, args->v[i], verb, &out, &err) != VS_OK) {
			vs_json_free(&all);
			return vs_cli_fail(&err, o->admin.json);
		}
		if (!o->admin.json)
			printf("%s: %s%s\n", args->v[i],
			    o->dry_run ? "would be " : "",
			    vs_span_is(vs_cli_str(out, "state"), "open")
				? "noted; more must agree"
				: vs_cli_text(vs_cli_str(out, "state"), text));
		vs_json_append(&all, out);
	}
	if (!o->admin.json) {
		vs_json_free(&all);
		return VS_EXIT_OK;
	}
	root = vs_json_object();
	vs_json_set(&root, "approvals", all);
	return vs_cli_json(&root, VS_EXIT_OK);
}

int
vs_allow_approve(const void *opts, const struct vs_args *args)
{
	return vote_all(opts, args, ":approve");
}

int
vs_allow_reject(const void *opts, const struct vs_args *args)
{
	return vote_all(opts, args, ":reject");
}
