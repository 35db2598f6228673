/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens over HTTP: made from a hash, listed, revoked; never shown. */
#include "base/encoding.h"
#include "broker/tokens.h"
#include "codec/json.h"
#include "http/admin_api.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, SCOPE_MAX = 64 };
#define TOKENS_PATH "/v1/tokens/"

static struct vs_json *
words(struct vs_span text)
{
	struct vs_json *list = vs_json_array();
	size_t at = 0;

	while (at < text.n) {
		size_t end = at;

		while (end < text.n && text.p[end] != ' ')
			end++;
		vs_json_append(
		    &list, vs_json_str(vs_span_slice(text, at, end - at)));
		at = end + 1;
	}
	return list;
}

static struct vs_json *
roles_json(unsigned roles)
{
	static const struct {
		unsigned bit;
		const char *name;
	} known[] = {
#define X(sym, bit, name) {bit, name},
	    VS_ROLE_TABLE(X)
#undef X
	};
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < VS_COUNT(known); i++)
		if ((roles & known[i].bit) != 0)
			vs_json_append(&list, vs_json_cstr(known[i].name));
	return list;
}

static struct vs_json *
row_json(const struct vs_token_row *r)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "id", vs_json_str(r->id));
	vs_json_set(&o, "name", vs_json_str(r->name));
	vs_json_set(
	    &o, "state", vs_json_cstr(vs_token_state(r, vs_clock_ms(&clock))));
	vs_json_set(&o, "roles", roles_json(r->roles));
	vs_json_set(&o, "lists", words(r->lists));
	vs_json_set(&o, "kinds", words(r->kinds));
	vs_json_set(&o, "person", vs_json_str(r->person));
	vs_json_set(&o, "made_by", vs_json_str(r->made_by));
	vs_admin_set_time(&o, "made_at", r->made_ms);
	vs_admin_set_time(&o, "expires_at", r->expires_ms);
	if (r->revoked_ms != 0) {
		vs_admin_set_time(&o, "revoked_at", r->revoked_ms);
		vs_json_set(&o, "revoked_by", vs_json_str(r->revoked_by));
	}
	return o;
}

static void
respond_row(struct vs_response *res, unsigned status,
    const struct vs_token_row *r, bool dry_run)
{
	struct vs_json *doc = row_json(r);

	if (dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	vs_respond_json(res, status, doc);
	vs_json_free(&doc);
}

void
vs_admin_tokens_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_span before =
	    vs_span_cstr(req->query(req->query_ctx, "before"));
	struct vs_token_row *rows = NULL;
	struct vs_err err = {0};
	struct vs_json *list, *doc;
	int64_t limit = 0;
	size_t n = 0;
	vs_status st = vs_admin_query_int(
	    req, "limit", LIMIT_DEFAULT, LIMIT_MAX, &limit, &err);

	limit = limit < 1 ? 1 : limit;
	if (st == VS_OK)
		st = vs_broker_token_list(a->broker, before, (size_t)limit,
		    req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, row_json(&rows[i]));
	doc = vs_json_object();
	vs_json_set(&doc, "tokens", list);
	if (n == (size_t)limit)
		vs_json_set(&doc, "next", vs_json_str(rows[n - 1].id));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

/* ---- making ---- */

static vs_status
read_scope(const struct vs_json *doc, const char *name, struct vs_arena *a,
    struct vs_scope *out, struct vs_err *err)
{
	const struct vs_json *list = vs_json_get(doc, name);
	size_t n = vs_json_size(list);
	struct vs_span *v;

	if (list == NULL)
		return VS_OK;
	if (vs_json_type_of(list) != VS_JSON_ARRAY || n > SCOPE_MAX)
		return vs_fail(err, VS_MALFORMED,
		    "%s: must be a list of up to %d", name, SCOPE_MAX);
	v = vs_arena_calloc(a, n + 1, sizeof *v);
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", name);
	for (size_t i = 0; i < n; i++)
		if (!vs_json_is_string(vs_json_at(list, i), &v[i]))
			return vs_fail(
			    err, VS_MALFORMED, "%s: must be text", name);
	*out = (struct vs_scope){v, n};
	return VS_OK;
}

static vs_status
read_roles(const struct vs_json *doc, unsigned *out, struct vs_err *err)
{
	const struct vs_json *list = NULL;

	VS_TRY(err, "body",
	    vs_json_need(doc, "", "roles", VS_JSON_ARRAY, &list, err));
	for (size_t i = 0; i < vs_json_size(list); i++) {
		struct vs_span name;
		unsigned bit = vs_json_is_string(vs_json_at(list, i), &name)
		    ? vs_role_named(name)
		    : 0;

		if (bit == 0)
			return vs_fail(err, VS_MALFORMED,
			    "roles: must be operator, security, ci, auditor "
			    "or approver");
		*out |= bit;
	}
	return VS_OK;
}

static vs_status
read_ask(const struct vs_json *doc, struct vs_arena *a,
    struct vs_token_ask *out, struct vs_err *err)
{
	static const char *const known[] = {"sha256", "name", "roles", "lists",
	    "kinds", "person", "expires_at"};
	const struct vs_json *person = vs_json_get(doc, "person");
	struct vs_span hash, until;

	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	VS_TRY(err, "body", vs_json_only(doc, "", known, VS_COUNT(known), err));
	VS_TRY(err, "body", vs_json_need_str(doc, "", "sha256", &hash, err));
	if (hash.n != 2 * sizeof out->hash ||
	    vs_unhex(hash, out->hash, sizeof out->hash) != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "sha256: must be that of the secret, 64 hex digits");
	VS_TRY(err, "body", vs_json_need_str(doc, "", "name", &out->name, err));
	VS_TRY(
	    err, "body", vs_json_need_str(doc, "", "expires_at", &until, err));
	if (vs_time_parse_ms(until, &out->expires_ms) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "expires_at: must be a time (RFC 3339)");
	if (person != NULL && !vs_json_is_string(person, &out->person))
		return vs_fail(err, VS_MALFORMED, "person: must be text");
	VS_TRY(err, "body", read_roles(doc, &out->roles, err));
	VS_TRY(err, "body", read_scope(doc, "lists", a, &out->lists, err));
	return read_scope(doc, "kinds", a, &out->kinds, err);
}

void
vs_admin_tokens_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_token_ask ask = {.roles = 0};
	struct vs_token_row row = {.roles = 0};
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_err err = {0};
	bool dry_run = false;
	vs_status st = vs_admin_query_dry(req, &dry_run, &err);

	if (st == VS_OK)
		st = vs_json_parse(req->body, &doc, &err);
	if (st == VS_OK)
		st = read_ask(doc, req->arena, &ask, &err);
	if (st == VS_OK)
		st = vs_broker_token_make(a->broker, req->identity, &ask,
		    dry_run, req->arena, &row, &err);
	if (st == VS_OK)
		respond_row(res, dry_run ? 200 : 201, &row, dry_run);
	else
		vs_admin_fail(res, st, &err);
}

/* "/v1/tokens/ID:revoke" */
void
vs_admin_token_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	static const char verb[] = ":revoke";
	struct vs_admin *a = app;
	struct vs_span path =
	    vs_span_slice(req->path, sizeof TOKENS_PATH - 1, req->path.n);
	struct vs_span id = vs_span_slice(path, 0, VS_TOKEN_ID_LEN);
	struct vs_token_row row = {.roles = 0};
	struct vs_err err = {0};
	bool dry_run = false;
	vs_status st = vs_admin_query_dry(req, &dry_run, &err);

	if (st == VS_OK &&
	    (path.n < VS_TOKEN_ID_LEN ||
		!vs_span_is(
		    vs_span_slice(path, VS_TOKEN_ID_LEN, path.n), verb)))
		st = vs_fail(
		    &err, VS_NOT_FOUND, "POST: wants a token's id and :revoke");
	if (st == VS_OK)
		st = vs_broker_token_revoke(a->broker, req->identity, id,
		    dry_run, req->arena, &row, &err);
	if (st == VS_OK)
		respond_row(res, 200, &row, dry_run);
	else
		vs_admin_fail(res, st, &err);
}
