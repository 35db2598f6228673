/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe allow list` and `show`, and the table of the verbs. */
#include <stdlib.h>
#include <string.h>

#include "cli/allow.h"

static vs_status
get(const struct vs_allow_opts *o, struct vs_buf *path, struct vs_json **out,
    struct vs_err *err)
{
	vs_status st =
	    vs_cli_call(&o->admin, "GET", vs_buf_cstr(path), NULL, out, err);

	vs_buf_fini(path);
	return st;
}

/* "2", "security 1, approver 1", or "-". */
static void
add_need(struct vs_table *t, const struct vs_json *need)
{
	struct vs_buf text = {0};

	for (size_t i = 0; i < vs_json_size(need); i++) {
		struct vs_span name;
		const struct vs_json *v = vs_json_member(need, i, &name);
		int64_t n = 0;

		(void)vs_json_is_int(v, &n);
		vs_buf_puts(&text, i > 0 ? ", " : "");
		if (!vs_span_is(name, "any")) {
			vs_buf_add(&text, name);
			vs_buf_puts(&text, " ");
		}
		vs_buf_int(&text, n);
	}
	vs_table_adds(t, text.n > 0 ? vs_buf_cstr(&text) : "-");
	vs_buf_fini(&text);
}

static void
print_lists(const struct vs_json *doc)
{
	static const char *const heads[] = {
	    "LIST", "KIND", "FORM", "EFFECT", "ADD NEEDS", "REVOKE NEEDS"};
	const struct vs_json *lists = vs_json_get(doc, "lists");
	struct vs_table t;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_json_size(lists); i++) {
		const struct vs_json *l = vs_json_at(lists, i);
		const struct vs_json *a = vs_json_get(l, "approvals");

		vs_table_add(&t, vs_cli_str(l, "name"));
		vs_table_add(&t, vs_cli_str(l, "kind"));
		vs_table_add(&t, vs_cli_str(l, "form"));
		vs_table_add(&t, vs_cli_str(l, "effect"));
		add_need(&t, vs_json_get(a, "add"));
		add_need(&t, vs_json_get(a, "revoke"));
	}
	if (vs_json_size(lists) == 0)
		puts("no lists: declare them under `lists` in the "
		     "configuration");
	else
		vs_table_print(&t, stdout);
	vs_table_fini(&t);
}

static int
all_lists(const struct vs_allow_opts *o)
{
	struct vs_buf path = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};

	vs_buf_puts(&path, "/v1/allowlists");
	if (get(o, &path, &doc, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	print_lists(doc);
	vs_json_free(&doc);
	return VS_EXIT_OK;
}

static void
add_rows(struct vs_table *t, const struct vs_json *entries)
{
	for (size_t i = 0; i < vs_json_size(entries); i++) {
		const struct vs_json *e = vs_json_at(entries, i);
		int64_t level = vs_cli_int(e, "slsa_level");

		vs_table_add(t, vs_cli_str(e, "value"));
		vs_table_add(t, vs_cli_str(e, "state"));
		vs_table_add(t, vs_cli_str(e, "added_by"));
		vs_table_add(t, vs_cli_str(e, "added_at"));
		vs_table_add(t, vs_cli_str(e, "expires_at"));
		if (level > 0)
			vs_table_addf(t, "%lld", (long long)level);
		else
			vs_table_adds(t, "-");
	}
}

/* As it comes: a hundred thousand entries are more than one text holds. */
static vs_status
print_entries(const struct vs_json *entries, bool *first, struct vs_err *err)
{
	for (size_t i = 0; i < vs_json_size(entries); i++) {
		struct vs_buf text = {0};
		vs_status st = vs_json_dump(
		    vs_json_at(entries, i), VS_JSON_COMPACT, &text);

		if (st != VS_OK) {
			vs_buf_fini(&text);
			return vs_fail(err, st, "entries");
		}
		printf("%s    %s", *first ? "" : ",\n", vs_buf_cstr(&text));
		*first = false;
		vs_buf_fini(&text);
	}
	return VS_OK;
}

static vs_status
one_page(const struct vs_allow_opts *o, const char *list, int64_t after,
    struct vs_json **page, struct vs_err *err)
{
	struct vs_buf path = {0};
	char cursor[24];

	(void)snprintf(cursor, sizeof cursor, "%lld", (long long)after);
	vs_allow_path(&path, list, NULL);
	vs_buf_puts(&path, "/entries");
	vs_cli_query(&path, "limit", "1000");
	vs_cli_query(&path, "after", after > 0 ? cursor : NULL);
	vs_cli_query(&path, "state", o->state);
	return get(o, &path, page, err);
}

/* Every page into one table, or onto the output. */
static vs_status
every_page(const struct vs_allow_opts *o, const char *list, struct vs_table *t,
    struct vs_err *err)
{
	int64_t after = 0;
	bool first = true;

	do {
		struct vs_json *page = NULL;
		const struct vs_json *entries;
		vs_status st = one_page(o, list, after, &page, err);

		if (st != VS_OK)
			return st;
		entries = vs_json_get(page, "entries");
		if (!o->admin.json)
			add_rows(t, entries);
		else if (after == 0)
			printf("{\n  \"entries\": [\n");
		if (o->admin.json)
			st = print_entries(entries, &first, err);
		after = vs_cli_int(page, "next");
		vs_json_free(&page);
		if (st != VS_OK)
			return st;
	} while (after > 0);
	if (o->admin.json)
		printf("\n  ]\n}\n");
	return VS_OK;
}

int
vs_allow_list(const void *opts, const struct vs_args *args)
{
	static const char *const heads[] = {
	    "VALUE", "STATE", "ADDED BY", "ADDED", "EXPIRES", "SLSA"};
	const struct vs_allow_opts *o = opts;
	struct vs_err err = {0};
	struct vs_table t;
	int code = VS_EXIT_OK;

	if (args->n == 0)
		return all_lists(o);
	vs_table_init(&t, heads, VS_COUNT(heads));
	if (every_page(o, args->v[0], &t, &err) != VS_OK)
		code = vs_cli_fail(&err, o->admin.json);
	else if (!o->admin.json && t.n == t.cols)
		puts("no entries");
	else if (!o->admin.json)
		vs_table_print(&t, stdout);
	vs_table_fini(&t);
	return code;
}

static void
print_member(struct vs_span name, const struct vs_json *v)
{
	char a[VS_CLI_TEXT_MAX], b[VS_CLI_TEXT_MAX];
	struct vs_span text;
	struct vs_buf json = {0};

	if (vs_json_is_string(v, &text)) {
		printf(
		    "%-12s %s\n", vs_cli_text(name, a), vs_cli_text(text, b));
	} else if (vs_json_dump(v, VS_JSON_COMPACT, &json) == VS_OK) {
		printf("%-12s %s\n", vs_cli_text(name, a),
		    vs_cli_text(vs_buf_span(&json), b));
	}
	vs_buf_fini(&json);
}

int
vs_allow_show(const void *opts, const struct vs_args *args)
{
	const struct vs_allow_opts *o = opts;
	struct vs_buf path = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};
	size_t others;

	vs_allow_path(&path, args->v[0], args->n > 1 ? args->v[1] : NULL);
	if (get(o, &path, &doc, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	for (size_t i = 0; i < vs_json_size(doc); i++) {
		struct vs_span name;
		const struct vs_json *v = vs_json_member(doc, i, &name);

		if (!vs_span_is(name, "others"))
			print_member(name, v);
	}
	others = vs_json_size(vs_json_get(doc, "others"));
	if (others > 0)
		printf(
		    "%-12s %zu more: --json shows them\n", "history", others);
	vs_json_free(&doc);
	return VS_EXIT_OK;
}

/* clang-format off */
#define STATE VS_OPT("state", TEXT, struct vs_allow_opts, state, "STATE", \
    "pending, active, revoked, ...")
#define LABEL VS_OPT("label", LIST, struct vs_allow_opts, labels, \
    "NAME=TEXT", "what people call it; may repeat")
#define SOURCE VS_OPT("source", TEXT, struct vs_allow_opts, source, "TEXT", \
    "where it comes from: a pipeline, a ticket")
#define EXPIRES VS_OPT("expires", TIME, struct vs_allow_opts, expires, "TIME", \
    "when it ends to be good")
#define REASON VS_OPT("reason", TEXT, struct vs_allow_opts, reason, "TEXT", \
    "why, for approvers and the audit trail")
#define EMERGENCY VS_OPT("emergency", FLAG, struct vs_allow_opts, emergency, \
    NULL, "at once, without the approvals of the list")
#define PROVENANCE VS_OPT("provenance", TEXT, struct vs_allow_opts, \
    provenance, "FILE", "proof of origin: a Sigstore bundle or an envelope")
#define MEASURE VS_OPT("measure", FLAG, struct vs_allow_opts, measure, NULL, \
    "the launch digest of an SNP guest, as `measure snp` works it out:")
#define DRY_RUN VS_OPT("dry-run", FLAG, struct vs_allow_opts, dry_run, NULL, \
    "check everything, change nothing")
/* clang-format on */

static const struct vs_opt add_options[] = {
    VS_ADMIN_OPTIONS(struct vs_allow_opts), LABEL, SOURCE, EXPIRES, REASON,
    EMERGENCY, PROVENANCE, DRY_RUN, MEASURE,
    VS_MEASURE_OPTIONS(struct vs_allow_opts, measure_of)};
static const struct vs_opt list_options[] = {
    VS_ADMIN_OPTIONS(struct vs_allow_opts), STATE};
static const struct vs_opt read_options[] = {
    VS_ADMIN_OPTIONS(struct vs_allow_opts)};
static const struct vs_opt revoke_options[] = {
    VS_ADMIN_OPTIONS(struct vs_allow_opts), REASON, EMERGENCY, DRY_RUN};
static const struct vs_opt vote_options[] = {
    VS_ADMIN_OPTIONS(struct vs_allow_opts), REASON, DRY_RUN};

/* clang-format off */
#define ALLOW(word, what, least, most, text, table, function)                  \
	{                                                                      \
		.verb = "allow", .sub = (word), .args = (what),                \
		.args_min = (least), .args_max = (most), .summary = (text),    \
		.opts = (table), .opts_n = VS_COUNT(table),                    \
		.size = sizeof(struct vs_allow_opts), .run = (function)        \
	}
/* clang-format on */

static const struct vs_command commands[] = {
    ALLOW("add", "LIST [VALUE...]", 1, SIZE_MAX, "add entries to a list",
	add_options, vs_allow_add),
    ALLOW("list", "[LIST]", 0, 1, "the lists, or the entries of one",
	list_options, vs_allow_list),
    ALLOW("show", "LIST [VALUE]", 1, 2, "one list or entry, and its history",
	read_options, vs_allow_show),
    ALLOW("revoke", "LIST VALUE...", 2, SIZE_MAX,
	"end entries; releases stop within a second", revoke_options,
	vs_allow_revoke),
    ALLOW("pending", "[ID]", 0, 1, "what waits for approval", list_options,
	vs_allow_pending),
    ALLOW("approve", "ID...", 1, SIZE_MAX, "agree to what another asked for",
	vote_options, vs_allow_approve),
    ALLOW("reject", "ID...", 1, SIZE_MAX, "end it, or take it back",
	vote_options, vs_allow_reject),
};
const struct vs_family vs_allow_family = {commands, VS_COUNT(commands)};
