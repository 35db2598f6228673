/* SPDX-License-Identifier: Apache-2.0 */
/* KEKs over HTTP: how far a rotation is, and the start of one. */
#include "broker/rotation.h"
#include "codec/json.h"
#include "http/admin_api.h"
#include "http/problem.h"

static struct vs_json *
pass_json(const struct vs_rotation *p)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "version", vs_json_int(p->version));
	vs_json_set(&o, "running", vs_json_bool(p->running));
	vs_json_set(&o, "total", vs_json_int((int64_t)p->total));
	vs_json_set(&o, "done", vs_json_int((int64_t)p->done));
	vs_json_set(&o, "unreadable", vs_json_int((int64_t)p->unreadable));
	vs_admin_set_time(&o, "started_at", p->started_ms);
	if (p->ended_ms != 0)
		vs_admin_set_time(&o, "ended_at", p->ended_ms);
	if (p->failed)
		vs_json_set(&o, "error", vs_json_cstr(p->error));
	return o;
}

static struct vs_json *
namespace_json(const struct vs_kek_view *v)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "namespace", vs_json_str(v->ns));
	vs_json_set(&o, "version", vs_json_int(v->version));
	if (v->created_ms != 0)
		vs_admin_set_time(&o, "created_at", v->created_ms);
	vs_json_set(&o, "encryptions", vs_json_int(v->uses));
	vs_json_set(&o, "old_versions", vs_json_int((int64_t)v->old));
	if (v->has_pass)
		vs_json_set(&o, "rewrap", pass_json(&v->pass));
	return o;
}

void
vs_admin_keks_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_kek_view *v = NULL;
	struct vs_err err = {0};
	struct vs_json *list;
	struct vs_json *doc;
	size_t n = 0;
	vs_status st = vs_broker_keks(a->broker,
	    vs_span_cstr(req->query(req->query_ctx, "namespace")), req->arena,
	    &v, &n, &err);

	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, namespace_json(&v[i]));
	doc = vs_json_object();
	vs_json_set(&doc, "keks", list);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

struct rewrap {
	struct vs_span ns; /* empty: all */
	bool dry_run;
};

static vs_status
read_body(const struct vs_request *req, struct rewrap *out, struct vs_err *err)
{
	static const char *const known[] = {"namespace"};
	struct vs_span text = req->body.n > 0 ? req->body : VS_SPAN_LIT("{}");
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_span ns = {0};

	VS_TRY(err, "query", vs_admin_query_dry(req, &out->dry_run, err));
	VS_TRY(err, "body", vs_json_parse(text, &doc, err));
	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	VS_TRY(err, "body", vs_json_only(doc, "", known, 1, err));
	if (vs_json_get(doc, "namespace") == NULL)
		return VS_OK;
	VS_TRY(err, "body", vs_json_need_str(doc, "", "namespace", &ns, err));
	if (ns.n == 0)
		return vs_fail(err, VS_MALFORMED, "namespace: is empty");
	VS_TRY(err, "body", vs_arena_dup(req->arena, ns, &out->ns));
	return VS_OK;
}

static vs_status
rewrap(struct vs_broker *b, const struct vs_request *req,
    const struct rewrap *r, struct vs_json **list, struct vs_err *err)
{
	struct vs_kek_view *v = NULL;
	size_t n = 0;

	VS_TRY(
	    err, "rewrap", vs_broker_keks(b, r->ns, req->arena, &v, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct vs_json *it;
		uint32_t version = 0;

		VS_TRY(err, "rewrap",
		    vs_broker_kek_rotate(b, req->identity->audit, v[i].ns,
			r->dry_run, &version, err));
		it = vs_json_object();
		vs_json_set(&it, "namespace", vs_json_str(v[i].ns));
		vs_json_set(&it, "version", vs_json_int(version));
		vs_json_append(list, it);
	}
	return VS_OK;
}

void
vs_admin_keks_rewrap(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct rewrap r = {0};
	struct vs_err err = {0};
	struct vs_json *list = vs_json_array();
	struct vs_json *doc;
	vs_status st = read_body(req, &r, &err);

	if (st == VS_OK)
		st = rewrap(a->broker, req, &r, &list, &err);
	if (st != VS_OK) {
		vs_json_free(&list);
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "keks", list);
	if (r.dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	vs_respond_json(res, r.dry_run ? 200 : 202, doc);
	vs_json_free(&doc);
}
