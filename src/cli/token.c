/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe token ...`: tokens for sites without an issuer of their own. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "broker/tokens.h"
#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "cli/token_jwks.h"
#include "client/client.h"
#include "crypto/digest.h"
#include "crypto/rand.h"

struct token_opts {
	struct vs_admin_opts admin;
	struct vs_opt_list roles;
	struct vs_opt_list lists;
	struct vs_opt_list kinds;
	const char *person;
	const char *expires;
	const char *out;
	bool dry_run;
};

enum { DAYS_DEFAULT = 90, DIGITS_MAX = 5 };

/* ---- create ---- */

/* "30d", "12h", or a time. */
static vs_status
expiry(const char *text, int64_t *ms, struct vs_err *err)
{
	const int64_t hour = INT64_C(3600) * 1000;
	struct vs_clock clock = vs_clock_system();
	size_t n = text == NULL ? 0 : strlen(text);
	size_t digits = n == 0 ? 0 : strspn(text, "0123456789");
	int64_t count = 0;

	if (text == NULL) {
		*ms = vs_clock_ms(&clock) + DAYS_DEFAULT * 24 * hour;
		return VS_OK;
	}
	for (size_t i = 0; i < digits && i < DIGITS_MAX; i++)
		count = 10 * count + (text[i] - '0');
	if (digits > 0 && digits <= DIGITS_MAX && digits + 1 == n &&
	    (text[n - 1] == 'd' || text[n - 1] == 'h')) {
		*ms = vs_clock_ms(&clock) +
		    count * hour * (text[n - 1] == 'd' ? 24 : 1);
		return VS_OK;
	}
	if (vs_time_parse_ms(vs_span_cstr(text), ms) == VS_OK)
		return VS_OK;
	return vs_fail(err, VS_USAGE,
	    "--expires: must be such as 30d, 12h or 2030-01-31T00:00:00Z");
}

static struct vs_json *
texts(const struct vs_opt_list *l)
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < l->n; i++)
		vs_json_append(&list, vs_json_cstr(l->v[i]));
	return list;
}

static vs_status
make_body(const struct token_opts *o, const char *name, struct vs_span secret,
    struct vs_json **out, struct vs_err *err)
{
	uint8_t hash[VS_SHA256_SIZE];
	char hex[2 * VS_SHA256_SIZE + 1], until[VS_TIME_TEXT_MAX];
	int64_t ms = 0;
	struct vs_json *in;

	VS_TRY(err, "token", expiry(o->expires, &ms, err));
	VS_TRY(err, "token", vs_sha256(secret, hash));
	vs_hex(VS_SPAN_OF(hash), hex);
	vs_time_format_ms(ms, until);
	in = vs_json_object();
	vs_json_set(&in, "sha256", vs_json_cstr(hex));
	vs_json_set(&in, "name", vs_json_cstr(name));
	vs_json_set(&in, "expires_at", vs_json_cstr(until));
	vs_json_set(&in, "roles", texts(&o->roles));
	if (o->lists.n > 0)
		vs_json_set(&in, "lists", texts(&o->lists));
	if (o->kinds.n > 0)
		vs_json_set(&in, "kinds", texts(&o->kinds));
	if (o->person != NULL)
		vs_json_set(&in, "person", vs_json_cstr(o->person));
	*out = in;
	return VS_OK;
}

static vs_status
write_token(const struct token_opts *o, const char *token, struct vs_err *err)
{
	struct vs_buf line = {0};
	vs_status st;

	vs_buf_printf(&line, "%s\n", token);
	st = vs_buf_status(&line);
	if (st == VS_OK)
		st = vs_file_write(o->out, vs_buf_span(&line), 0600, err);
	vs_buf_fini(&line);
	return st;
}

/* Standard output gets the token alone, so that it can go into a file. */
static int
show(const struct token_opts *o, const char *token, struct vs_json **answer)
{
	struct vs_err err = {0};
	struct vs_buf row = {0};

	if (o->out != NULL && !o->dry_run &&
	    write_token(o, token, &err) != VS_OK) {
		vs_json_free(answer);
		return vs_cli_fail(&err, o->admin.json);
	}
	if (o->admin.json && (o->out != NULL || o->dry_run))
		return vs_cli_json(answer, VS_EXIT_OK);
	if (o->admin.json) {
		/* The secret stays out of what builds JSON. */
		if (vs_json_dump(*answer, VS_JSON_COMPACT, &row) == VS_OK &&
		    row.n > 1)
			printf("{\"token\":\"%s\",%s\n", token,
			    vs_buf_cstr(&row) + 1);
	} else if (o->dry_run) {
		puts("would have made the token");
	} else if (o->out == NULL) {
		printf("%s\n", token);
		fprintf(stderr, "It is shown once. Keep it as a secret.\n");
	}
	vs_buf_fini(&row);
	vs_json_free(answer);
	return VS_EXIT_OK;
}

static vs_status
create(const struct token_opts *o, const char *name,
    char token[VS_TOKEN_TEXT_LEN + 1], struct vs_json **answer,
    struct vs_err *err)
{
	uint8_t secret[VS_TOKEN_SECRET_SIZE];
	uint8_t tail[VS_TOKEN_SECRET_LEN + 1] = {0};
	VS_AUTO(vs_json) *in = NULL;
	struct vs_buf path = {0};
	struct vs_span id;
	vs_status st;

	VS_TRY(err, "token", vs_rand_secret(secret, sizeof secret));
	VS_TRY(err, "token", make_body(o, name, VS_SPAN_OF(secret), &in, err));
	vs_buf_puts(&path, "/v1/tokens");
	vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
	st =
	    vs_cli_call(&o->admin, "POST", vs_buf_cstr(&path), in, answer, err);
	vs_buf_fini(&path);
	VS_TRY(err, "token", st);
	id = vs_cli_str(*answer, "id");
	if (id.n != VS_TOKEN_ID_LEN)
		return vs_fail(err, VS_MALFORMED, "answer: id");
	vs_b64url_encode(VS_SPAN_OF(secret), tail);
	(void)snprintf(token, VS_TOKEN_TEXT_LEN + 1, VS_TOKEN_PREFIX "%.*s_%s",
	    VS_SPAN_ARG(id), (const char *)tail);
	return VS_OK;
}

static int
run_create(const void *opts, const struct vs_args *args)
{
	const struct token_opts *o = opts;
	char token[VS_TOKEN_TEXT_LEN + 1] = "";
	struct vs_json *answer = NULL;
	struct vs_err err = {0};

	if (create(o, args->v[0], token, &answer, &err) != VS_OK) {
		vs_json_free(&answer);
		return vs_cli_fail(&err, o->admin.json);
	}
	return show(o, token, &answer);
}

/* ---- list, revoke ---- */

static void
join(const struct vs_json *list, struct vs_buf *out)
{
	struct vs_span s;

	vs_buf_reset(out);
	for (size_t i = 0; i < vs_json_size(list); i++)
		if (vs_json_is_string(vs_json_at(list, i), &s)) {
			vs_buf_puts(out, i > 0 ? "," : "");
			vs_buf_add(out, s);
		}
	if (out->n == 0)
		vs_buf_puts(out, "-");
}

static void
add_rows(struct vs_table *t, const struct vs_json *tokens)
{
	struct vs_buf text = {0};

	for (size_t i = 0; i < vs_json_size(tokens); i++) {
		const struct vs_json *k = vs_json_at(tokens, i);

		vs_table_add(t, vs_cli_str(k, "id"));
		vs_table_add(t, vs_cli_str(k, "name"));
		vs_table_add(t, vs_cli_str(k, "state"));
		join(vs_json_get(k, "roles"), &text);
		vs_table_add(t, vs_buf_span(&text));
		join(vs_json_get(k, "lists"), &text);
		vs_table_add(t, vs_buf_span(&text));
		vs_table_add(t, vs_cli_str(k, "expires_at"));
		vs_table_add(t, vs_cli_str(k, "made_by"));
	}
	vs_buf_fini(&text);
}

static vs_status
page(const struct token_opts *o, char **before, struct vs_json **out,
    struct vs_err *err)
{
	struct vs_buf path = {0};
	struct vs_span next;
	vs_status st;

	vs_buf_puts(&path, "/v1/tokens");
	vs_cli_query(&path, "limit", "500");
	vs_cli_query(&path, "before", *before);
	st = vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, out, err);
	vs_buf_fini(&path);
	free(*before);
	*before = NULL;
	if (st != VS_OK)
		return st;
	next = vs_cli_str(*out, "next");
	if (next.n > 0)
		*before = vs_cli_dup(next);
	return VS_OK;
}

static int
run_list(const void *opts, const struct vs_args *args)
{
	const struct token_opts *o = opts;
	static const char *const head[] = {
	    "ID", "NAME", "STATE", "ROLES", "LISTS", "EXPIRES", "MADE BY"};
	struct vs_table t;
	struct vs_json *all = vs_json_array(), *doc = NULL;
	struct vs_err err = {0};
	char *before = NULL;

	(void)args;
	vs_table_init(&t, head, VS_COUNT(head));
	do {
		struct vs_json *one = NULL;
		const struct vs_json *tokens;

		if (page(o, &before, &one, &err) != VS_OK) {
			vs_json_free(&all);
			vs_table_fini(&t);
			return vs_cli_fail(&err, o->admin.json);
		}
		tokens = vs_json_get(one, "tokens");
		add_rows(&t, tokens);
		for (size_t i = 0; i < vs_json_size(tokens); i++)
			vs_json_append(
			    &all, vs_json_copy(vs_json_at(tokens, i)));
		vs_json_free(&one);
	} while (before != NULL);
	if (o->admin.json) {
		vs_table_fini(&t);
		doc = vs_json_object();
		vs_json_set(&doc, "tokens", all);
		return vs_cli_json(&doc, VS_EXIT_OK);
	}
	vs_json_free(&all);
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
	return VS_EXIT_OK;
}

/* Who has found a token has the whole of it: the secret stays here, out of the
 * daemon's log. */
static struct vs_span
id_of(const char *text)
{
	struct vs_span s = vs_span_cstr(text);

	return vs_token_is(s)
	    ? vs_span_slice(s, sizeof VS_TOKEN_PREFIX - 1, VS_TOKEN_ID_LEN)
	    : s;
}

static int
run_revoke(const void *opts, const struct vs_args *args)
{
	const struct token_opts *o = opts;
	struct vs_span id = id_of(args->v[0]);
	struct vs_buf path = {0};
	struct vs_json *out = NULL;
	struct vs_err err = {0};
	vs_status st;

	vs_buf_puts(&path, "/v1/tokens/");
	vs_client_escape(&path, id, false);
	vs_buf_puts(&path, ":revoke");
	vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
	st = vs_cli_call(
	    &o->admin, "POST", vs_buf_cstr(&path), NULL, &out, &err);
	vs_buf_fini(&path);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	vs_json_free(&out);
	printf("%s %.*s\n", o->dry_run ? "would have revoked" : "revoked",
	    VS_SPAN_ARG(id));
	return VS_EXIT_OK;
}

#define DRY_RUN                                                                \
	VS_OPT("dry-run", FLAG, struct token_opts, dry_run, NULL,              \
	    "check everything, change nothing")

static const struct vs_opt create_options[] = {
    VS_ADMIN_OPTIONS(struct token_opts),
    VS_OPT("role", LIST, struct token_opts, roles, "ROLE",
	"ci, auditor, approver, security or operator; may repeat"),
    VS_OPT("list", LIST, struct token_opts, lists, "PATTERN",
	"a list it may change; may repeat; needed for ci"),
    VS_OPT("kind", LIST, struct token_opts, kinds, "PATTERN",
	"a kind of entry it may add; may repeat; default: all"),
    VS_OPT("person", TEXT, struct token_opts, person, "NAME",
	"for whom, where two persons are needed"),
    VS_OPT("expires", TEXT, struct token_opts, expires, "TIME",
	"30d, 12h or a time; default 90d, at most 366d"),
    VS_OPT("out", TEXT, struct token_opts, out, "FILE",
	"write the token there (mode 0600) instead of showing it"),
    DRY_RUN};
static const struct vs_opt list_options[] = {
    VS_ADMIN_OPTIONS(struct token_opts)};
static const struct vs_opt revoke_options[] = {
    VS_ADMIN_OPTIONS(struct token_opts), DRY_RUN};

#define COMMAND(words, arg, n, text, table, fn)                                \
	{                                                                      \
		.verb = "token", .sub = words, .args = arg, .args_min = n,     \
		.args_max = n, .summary = text, .opts = table,                 \
		.opts_n = VS_COUNT(table), .size = sizeof(struct token_opts),  \
		.run = fn                                                      \
	}

static const struct vs_command commands[] = {
    COMMAND("create", "NAME", 1, "make a token; it is shown once",
	create_options, run_create),
    COMMAND("list", "", 0, "tokens, newest first; never the secrets",
	list_options, run_list),
    COMMAND(
	"revoke", "ID", 1, "end a token at once", revoke_options, run_revoke),
    {.verb = "token",
	.sub = "jwks",
	.args = "ISSUER",
	.args_min = 1,
	.args_max = 1,
	.summary = "fetch the keys of an issuer of tokens into a file",
	.opts = vs_token_jwks_options,
	.opts_n = VS_TOKEN_JWKS_OPTIONS_N,
	.size = sizeof(struct vs_token_jwks_opts),
	.run = vs_token_jwks},
};
const struct vs_family vs_token_family = {commands, VS_COUNT(commands)};
