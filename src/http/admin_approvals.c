/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for approval over HTTP. */
#include <string.h>

#include "base/random.h"
#include "codec/json.h"
#include "http/admin_lists.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };
#define APPROVALS_PATH "/v1/approvals/"

static struct vs_json *
ask_json(const struct vs_ask_row *r)
{
	struct vs_json *o = vs_json_object();
	bool release = r->action == VS_ASK_RELEASE;

	vs_json_set(&o, "id", vs_admin_id_json(r->id));
	vs_json_set(&o, "action", vs_json_cstr(vs_ask_action_name(r->action)));
	vs_json_set(&o, "state", vs_json_cstr(vs_ask_state_name(r->state)));
	vs_json_set(&o, release ? "key" : "list", vs_json_str(r->subject));
	vs_json_set(&o, release ? "binding" : "value", vs_json_str(r->value));
	vs_json_set(&o, "need", vs_admin_need_json(&r->need));
	vs_json_set(&o, "asked_by", vs_json_str(r->asked_by));
	vs_admin_set_time(&o, "asked_at", r->asked_ms);
	vs_admin_set_time(&o, "expires_at", r->expires_ms);
	if (r->reason.n > 0)
		vs_json_set(&o, "reason", vs_json_str(r->reason));
	if (r->closed_ms != 0)
		vs_admin_set_time(&o, "closed_at", r->closed_ms);
	return o;
}

/* Who pushes images need not know which guest wants which key, nor what waits
 * for the lists of others. */
static vs_status
may_see(const struct vs_identity *who, const struct vs_ask_row *r,
    struct vs_err *err)
{
	struct vs_span none = VS_SPAN_LIT("");
	struct vs_err ignored = {0};

	if (r->action != VS_ASK_RELEASE)
		return vs_identity_may(
		    who, VS_MAY_SEE_LISTS, r->subject, none, err);
	if (vs_identity_may(who, VS_MAY_SEE_AUDIT, none, none, &ignored) ==
	    VS_OK)
		return VS_OK;
	return vs_identity_may(who, VS_MAY_APPROVE_RELEASE, none, none, err);
}

static vs_status
read_filter(
    const struct vs_request *req, struct vs_ask_filter *f, struct vs_err *err)
{
	const char *state = req->query(req->query_ctx, "state");
	const char *after = req->query(req->query_ctx, "after");
	int64_t limit = 0;

	VS_TRY(err, "query",
	    vs_admin_query_int(
		req, "limit", LIMIT_DEFAULT, LIMIT_MAX, &limit, err));
	f->limit = limit < 1 ? 1 : (size_t)limit;
	f->state = VS_ASK_OPEN;
	if (state != NULL) {
		f->state = VS_ASK_ABSENT;
#define X(sym, number, name)                                                   \
	if (strcmp(state, name) == 0)                                          \
		f->state = sym;
		VS_ASK_STATE_TABLE(X)
#undef X
		if (f->state == VS_ASK_ABSENT && strcmp(state, "all") != 0)
			return vs_fail(err, VS_MALFORMED,
			    "state: must be open, approved, rejected, lapsed, "
			    "used, overtaken or all");
	}
	f->has_after = after != NULL;
	if (after != NULL &&
	    vs_uuid_parse(vs_span_cstr(after), f->after) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "after: must be a UUID");
	return VS_OK;
}

void
vs_admin_approvals_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_ask_filter f = {.limit = 0};
	struct vs_ask_row *rows = NULL;
	struct vs_json *list, *doc;
	struct vs_err err = {0};
	size_t n = 0;
	vs_status st = read_filter(req, &f, &err);

	if (st == VS_OK)
		st = vs_broker_asks(a->broker, &f, req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	doc = vs_json_object();
	for (size_t i = 0; i < n; i++)
		if (may_see(req->identity, &rows[i], &err) == VS_OK)
			vs_json_append(&list, ask_json(&rows[i]));
	vs_json_set(&doc, "approvals", list);
	if (n == f.limit)
		vs_json_set(&doc, "next", vs_admin_id_json(rows[n - 1].id));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

/* ID or ID:VERB */
static vs_status
read_id(const struct vs_request *req, uint8_t id[VS_UUID_SIZE],
    struct vs_span *verb, struct vs_err *err)
{
	struct vs_span rest =
	    vs_span_slice(req->path, sizeof APPROVALS_PATH - 1, req->path.n);
	size_t n = 0;

	while (n < rest.n && rest.p[n] != ':')
		n++;
	*verb = vs_span_slice(rest, n + 1, rest.n);
	if (vs_uuid_parse(vs_span_slice(rest, 0, n), id) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "the id must be a UUID");
	return VS_OK;
}

static struct vs_json *
votes_json(const struct vs_vote_row *votes, size_t n)
{
	struct vs_json *list = vs_json_array();
	char roles[VS_ROLES_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		struct vs_json *o = vs_json_object();

		vs_json_set(&o, "by", vs_json_str(votes[i].who));
		vs_json_set(&o, "roles",
		    vs_json_cstr(vs_roles_text(votes[i].roles, roles)));
		vs_admin_set_time(&o, "at", votes[i].at_ms);
		vs_json_append(&list, o);
	}
	return list;
}

void
vs_admin_approval_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_ask_row r = {0};
	struct vs_vote_row *votes = NULL;
	struct vs_json *detail = NULL, *doc;
	struct vs_err err = {0};
	struct vs_span verb;
	uint8_t id[VS_UUID_SIZE];
	size_t n = 0;
	vs_status st = read_id(req, id, &verb, &err);

	if (st == VS_OK)
		st = vs_broker_ask(
		    a->broker, id, req->arena, &r, &votes, &n, &err);
	if (st == VS_OK)
		st = may_see(req->identity, &r, &err);
	if (st == VS_OK)
		st = vs_json_parse(r.detail, &detail, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = ask_json(&r);
	vs_json_set(&doc, "votes", votes_json(votes, n));
	vs_json_set(&doc, "detail", detail);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

static vs_status
read_vote(
    const struct vs_request *req, struct vs_list_vote *v, struct vs_err *err)
{
	static const char *const known[] = {"reason"};
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_span verb, reason = {0};

	VS_TRY(err, "path", read_id(req, v->ask, &verb, err));
	v->reject = vs_span_is(verb, "reject");
	if (!v->reject && !vs_span_is(verb, "approve"))
		return vs_fail(err, VS_NOT_FOUND,
		    "what to do with it must be :approve or :reject");
	VS_TRY(err, "query", vs_admin_query_dry(req, &v->dry_run, err));
	VS_TRY(
	    err, "body", vs_admin_body(req, known, VS_COUNT(known), &doc, err));
	VS_TRY(err, "body", vs_admin_text(doc, "reason", &reason, err));
	return vs_arena_dup(req->arena, reason, &v->reason);
}

void
vs_admin_approval_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_list_vote v = {.dry_run = false};
	struct vs_vote_outcome done = {.unchanged = false};
	struct vs_err err = {0};
	struct vs_json *doc;
	vs_status st = read_vote(req, &v, &err);

	if (st == VS_OK)
		st = vs_broker_vote(
		    a->broker, req->identity, &v, req->arena, &done, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "id", vs_admin_id_json(v.ask));
	vs_json_set(&doc, "state", vs_json_cstr(vs_ask_state_name(done.state)));
	vs_json_set(&doc, "unchanged", vs_json_bool(done.unchanged));
	if (v.dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}
