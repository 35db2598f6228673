/* SPDX-License-Identifier: Apache-2.0 */
/* The check of the audit trail over HTTP, a stretch at a time. */
#include "base/encoding.h"
#include "base/random.h"
#include "broker/audit_check.h"
#include "codec/json.h"
#include "http/admin_api.h"

static struct vs_json *
check_json(const struct vs_audit_check *c)
{
	struct vs_json *o = vs_json_object();
	char id[VS_UUID_TEXT_MAX];
	char head[65];

	vs_hex(VS_SPAN_OF(c->head), head);
	vs_json_set(&o, "good", vs_json_bool(c->wrong == NULL));
	vs_json_set(&o, "records", vs_json_int((int64_t)c->rows));
	vs_json_set(&o, "last", vs_json_int(c->last));
	vs_json_set(&o, "head", vs_json_cstr(head));
	if (c->wrong == NULL)
		return o;
	vs_json_set(&o, "wrong", vs_json_cstr(c->wrong));
	vs_json_set(&o, "wrong_seq", vs_json_int(c->wrong_seq));
	if (!vs_span_zero(VS_SPAN_OF(c->wrong_id))) {
		vs_uuid_format(c->wrong_id, id);
		vs_json_set(&o, "wrong_id", vs_json_cstr(id));
	}
	return o;
}

void
vs_admin_audit_verify(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_audit_check c = {0};
	struct vs_err err = {0};
	struct vs_json *doc;
	int64_t after = 0, limit = 0;
	vs_status st =
	    vs_admin_query_int(req, "after", 0, INT64_MAX, &after, &err);

	if (st == VS_OK)
		st = vs_admin_query_int(req, "limit", VS_AUDIT_CHECK_MAX,
		    VS_AUDIT_CHECK_MAX, &limit, &err);
	if (st == VS_OK)
		st = vs_broker_audit_check(a->broker, req->worker, after,
		    limit < 1 ? 1 : (size_t)limit, req->arena, &c, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = check_json(&c);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}
