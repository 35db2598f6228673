/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and their entries over HTTP: what there is. */
#include <string.h>

#include "base/random.h"
#include "broker/lists.h"
#include "codec/json.h"
#include "http/admin_lists.h"
#include "http/problem.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };
#define LISTS_PATH "/v1/allowlists/"

static struct vs_span
query_text(const struct vs_request *req, const char *name)
{
	return vs_span_cstr(req->query(req->query_ctx, name));
}

static int64_t
now_ms(void)
{
	struct vs_clock clock = vs_clock_system();

	return vs_clock_ms(&clock);
}

struct vs_json *
vs_admin_id_json(const uint8_t id[VS_UUID_SIZE])
{
	char text[VS_UUID_TEXT_MAX];

	vs_uuid_format(id, text);
	return vs_json_cstr(text);
}

void
vs_admin_list_fail(
    struct vs_response *res, vs_status st, const struct vs_err *err)
{
	vs_admin_fail(res, st, err);
	if (st == VS_CONFLICT && err->code != NULL &&
	    strcmp(err->code, "etag.mismatch") == 0)
		res->status = 412;
}

vs_status
vs_admin_list_target(const struct vs_request *req, bool verb,
    struct vs_list_target *out, struct vs_err *err)
{
	static const char entries[] = "entries";
	struct vs_span rest =
	    vs_span_slice(req->path, sizeof LISTS_PATH - 1, req->path.n);
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '/')
		n++;
	out->list = vs_span_slice(rest, 0, n);
	rest = vs_span_slice(rest, n + 1, rest.n);
	if (rest.n == 0)
		return VS_OK;
	if (!vs_span_starts(rest, VS_SPAN_LIT(entries)) ||
	    (rest.n >= sizeof entries && rest.p[sizeof entries - 1] != '/'))
		return vs_fail(
		    err, VS_NOT_FOUND, "a list has entries, and nothing else");
	out->entries = true;
	rest = vs_span_slice(rest, sizeof entries, rest.n);
	for (n = rest.n; verb && n > 0 && rest.p[n - 1] != ':'; n--)
		continue;
	if (verb && n > 0) {
		out->verb = vs_span_slice(rest, n, rest.n);
		rest = vs_span_slice(rest, 0, n - 1);
	}
	out->value = rest;
	return VS_OK;
}

void
vs_admin_list_etag(struct vs_response *res, const struct vs_request *req,
    int64_t id, int64_t change)
{
	res->etag = vs_arena_printf(
	    req->arena, "\"%lld-%lld\"", (long long)id, (long long)change);
}

/* ---- JSON --------------------------------------------------------------- */

static struct vs_json *
lines_json(struct vs_span text)
{
	struct vs_json *list = vs_json_array();

	while (text.n > 0) {
		size_t n = 0;

		while (n < text.n && text.p[n] != '\n')
			n++;
		vs_json_append(&list, vs_json_str(vs_span_slice(text, 0, n)));
		text = vs_span_slice(text, n + 1, text.n);
	}
	return list;
}

static void
set_text(struct vs_json **o, const char *name, struct vs_span text)
{
	if (text.n > 0)
		vs_json_set(o, name, vs_json_str(text));
}

static struct vs_json *
entry_json(const struct vs_entry_row *r, int64_t now)
{
	struct vs_json *o = vs_json_object();
	struct vs_json *labels = NULL;
	struct vs_err err = {0};

	vs_json_set(&o, "list", vs_json_str(r->list));
	vs_json_set(&o, "value", vs_json_str(r->value));
	vs_json_set(&o, "kind", vs_json_str(r->kind));
	vs_json_set(&o, "state", vs_json_cstr(vs_entry_shown(r, now)));
	/* Our own text; without memory the whole answer fails. */
	if (vs_json_parse(r->labels, &labels, &err) != VS_OK)
		labels = NULL;
	vs_json_set(&o, "labels", labels);
	set_text(&o, "source", r->source);
	vs_json_set(&o, "added_by", vs_json_str(r->added_by));
	vs_admin_set_time(&o, "added_at", r->added_ms);
	if (r->expires_ms != 0)
		vs_admin_set_time(&o, "expires_at", r->expires_ms);
	vs_json_set(&o, "approvals", lines_json(r->approvals));
	vs_json_set(&o, "slsa_level", vs_json_int(r->slsa_level));
	set_text(&o, "builder", r->builder);
	set_text(&o, "source_uri", r->source_uri);
	set_text(&o, "source_ref", r->source_ref);
	vs_admin_set_time(&o, "state_at", r->state_ms);
	vs_json_set(&o, "state_by", vs_json_str(r->state_by));
	set_text(&o, "reason", r->reason);
	return o;
}

/* {"any": 2, "security": 1} */
struct vs_json *
vs_admin_need_json(const struct vs_need *n)
{
	static const struct {
		unsigned bit;
		const char *name;
	} roles[] = {
#define X(sym, bit, name) {bit, name},
	    VS_ROLE_TABLE(X)
#undef X
	};
	struct vs_json *o = vs_json_object();

	if (n->any > 0)
		vs_json_set(&o, "any", vs_json_int(n->any));
	for (size_t i = 0; i < VS_COUNT(roles); i++)
		for (size_t k = 0; k < VS_NEED_ROLES; k++)
			if (roles[i].bit == 1u << k && n->role[k] > 0)
				vs_json_set(
				    &o, roles[i].name, vs_json_int(n->role[k]));
	return o;
}

static struct vs_json *
rule_json(const struct vs_list_rule *r)
{
	struct vs_json *o = vs_json_object();
	struct vs_json *needs = vs_json_object();

	vs_json_set(&o, "name", vs_json_cstr(r->name));
	vs_json_set(&o, "kind", vs_json_cstr(r->kind->name));
	vs_json_set(
	    &o, "form", vs_json_cstr(r->registry ? "registry" : "list"));
	vs_json_set(&o, "effect", vs_json_cstr(r->deny ? "deny" : "allow"));
	vs_json_set(&needs, "add", vs_admin_need_json(&r->add));
	vs_json_set(&needs, "revoke", vs_admin_need_json(&r->revoke));
	vs_json_set(&needs, "wait_s", vs_json_int(r->pending_s));
	vs_json_set(&o, "approvals", needs);
	if (r->max_life_s != 0)
		vs_json_set(&o, "max_life_s", vs_json_int(r->max_life_s));
	return o;
}

static vs_status
add_counts(struct vs_broker *b, struct vs_json **o, const char *name,
    struct vs_err *err)
{
	struct vs_entry_counts n = {0};

	VS_TRY(
	    err, name, vs_broker_entry_counts(b, vs_span_cstr(name), &n, err));
	vs_json_set(o, "active", vs_json_int(n.active));
	vs_json_set(o, "pending", vs_json_int(n.pending));
	vs_json_set(o, "revoked", vs_json_int(n.revoked));
	return VS_OK;
}

/* ---- reading ------------------------------------------------------------ */

static vs_status
may_see(const struct vs_request *req, const struct vs_list_rule *rule,
    struct vs_err *err)
{
	return vs_identity_may(req->identity, VS_MAY_SEE_LISTS,
	    vs_span_cstr(rule->name), VS_SPAN_LIT(""), err);
}

void
vs_admin_lists_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	const struct vs_list_rules *rules = vs_broker_list_rules(a->broker);
	struct vs_json *list = vs_json_array();
	struct vs_json *doc = vs_json_object();
	struct vs_err ignored = {0};

	for (size_t i = 0; i < rules->n; i++)
		if (may_see(req, &rules->v[i], &ignored) == VS_OK)
			vs_json_append(&list, rule_json(&rules->v[i]));
	vs_json_set(&doc, "lists", list);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

static vs_status
show_list(struct vs_admin *a, const struct vs_list_target *t,
    struct vs_response *res, struct vs_err *err)
{
	const struct vs_list_rule *rule = NULL;
	struct vs_json *doc;
	vs_status st = vs_broker_list_rule(a->broker, t->list, &rule, err);

	if (st != VS_OK)
		return st;
	doc = rule_json(rule);
	st = add_counts(a->broker, &doc, rule->name, err);
	if (st == VS_OK)
		vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
	return st;
}

static vs_status
show_entry(struct vs_admin *a, const struct vs_request *req,
    const struct vs_list_target *t, struct vs_response *res, struct vs_err *err)
{
	struct vs_entry_filter f = {
	    .list = t->list, .value = t->value, .limit = LIMIT_MAX};
	struct vs_entry_row r = {0}, *rows = NULL;
	struct vs_json *doc, *history = vs_json_array();
	size_t n = 0;
	vs_status st =
	    vs_broker_entry(a->broker, t->list, t->value, req->arena, &r, err);

	if (st == VS_OK)
		st = vs_broker_entries(
		    a->broker, &f, req->arena, &rows, &n, err);
	if (st != VS_OK) {
		vs_json_free(&history);
		return st;
	}
	vs_admin_list_etag(res, req, r.id, r.change);
	doc = entry_json(&r, now_ms());
	for (size_t i = 0; i < n; i++)
		if (rows[i].id != r.id)
			vs_json_append(
			    &history, entry_json(&rows[i], now_ms()));
	vs_json_set(&doc, "others", history);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
	return VS_OK;
}

static vs_status
read_filter(const struct vs_request *req, const struct vs_list_target *t,
    struct vs_entry_filter *f, struct vs_err *err)
{
	struct vs_span state = query_text(req, "state");
	int64_t limit = 0;

	f->list = t->list;
	VS_TRY(err, "query",
	    vs_admin_query_int(req, "after", 0, INT64_MAX, &f->after, err));
	VS_TRY(err, "query",
	    vs_admin_query_int(
		req, "limit", LIMIT_DEFAULT, LIMIT_MAX, &limit, err));
	f->limit = limit < 1 ? 1 : (size_t)limit;
#define X(sym, number, name)                                                   \
	if (vs_span_is(state, name))                                           \
		f->state = sym;
	VS_ENTRY_STATE_TABLE(X)
#undef X
	if (state.n > 0 && f->state == VS_ENTRY_NONE)
		return vs_fail(err, VS_MALFORMED,
		    "state: must be pending, active, revoked, replaced, "
		    "rejected or lapsed");
	return VS_OK;
}

static vs_status
show_entries(struct vs_admin *a, const struct vs_request *req,
    const struct vs_list_target *t, struct vs_response *res, struct vs_err *err)
{
	struct vs_entry_filter f = {.after = 0};
	struct vs_entry_row *rows = NULL;
	struct vs_json *list, *doc;
	int64_t now = now_ms();
	size_t n = 0;

	VS_TRY(err, "entries", read_filter(req, t, &f, err));
	VS_TRY(err, "entries",
	    vs_broker_entries(a->broker, &f, req->arena, &rows, &n, err));
	list = vs_json_array();
	doc = vs_json_object();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, entry_json(&rows[i], now));
	vs_json_set(&doc, "entries", list);
	if (n == f.limit)
		vs_json_set(&doc, "next", vs_json_int(rows[n - 1].id));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
	return VS_OK;
}

void
vs_admin_list_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_list_target t = {.entries = false};
	const struct vs_list_rule *rule = NULL;
	struct vs_err err = {0};
	vs_status st = vs_admin_list_target(req, false, &t, &err);

	if (st == VS_OK)
		st = vs_broker_list_rule(a->broker, t.list, &rule, &err);
	if (st == VS_OK)
		st = may_see(req, rule, &err);
	if (st == VS_OK && !t.entries)
		st = show_list(a, &t, res, &err);
	else if (st == VS_OK && t.value.n == 0)
		st = show_entries(a, req, &t, res, &err);
	else if (st == VS_OK)
		st = show_entry(a, req, &t, res, &err);
	if (st != VS_OK)
		vs_admin_list_fail(res, st, &err);
}
