/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail over HTTP. */
#include "base/encoding.h"
#include "base/random.h"
#include "broker/policies.h"
#include "broker/view.h"
#include "codec/json.h"
#include "http/admin_api.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };
#define AUDIT_PATH "/v1/audit/"

static struct vs_json *
row_json(const struct vs_audit_row *r)
{
	struct vs_json *o = vs_json_object();
	char id[VS_UUID_TEXT_MAX];

	vs_uuid_format(r->id, id);
	vs_json_set(&o, "seq", vs_json_int(r->seq));
	vs_json_set(&o, "id", vs_json_cstr(id));
	vs_admin_set_time(&o, "at", r->at_ms);
	vs_json_set(&o, "action", vs_json_str(r->action));
	vs_json_set(&o, "outcome", vs_json_str(r->outcome));
	vs_json_set(&o, "class", vs_json_str(r->class_name));
	vs_json_set(&o, "code", vs_json_str(r->code));
	vs_json_set(&o, "peer", vs_json_str(r->peer));
	vs_json_set(&o, "keys", vs_json_str(r->keys));
	return o;
}

static struct vs_span
query_text(const struct vs_request *req, const char *name)
{
	return vs_span_cstr(req->query(req->query_ctx, name));
}

static vs_status
read_filter(
    const struct vs_request *req, struct vs_audit_filter *f, struct vs_err *err)
{
	struct vs_span since = query_text(req, "since");
	int64_t limit = 0;

	VS_TRY(err, "query",
	    vs_admin_query_int(req, "before", 0, INT64_MAX, &f->before, err));
	VS_TRY(err, "query",
	    vs_admin_query_int(
		req, "limit", LIMIT_DEFAULT, LIMIT_MAX, &limit, err));
	if (since.n > 0)
		VS_TRY(err, "since", vs_time_parse_ms(since, &f->since_ms));
	f->limit = limit < 1 ? 1 : (size_t)limit;
	f->outcome = query_text(req, "outcome");
	f->action = query_text(req, "action");
	f->key = query_text(req, "key");
	return VS_OK;
}

void
vs_admin_audit_list(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_audit_filter f = {0};
	struct vs_audit_row *rows = NULL;
	struct vs_err err = {0};
	struct vs_json *list;
	struct vs_json *doc;
	size_t n = 0;
	vs_status st = read_filter(req, &f, &err);

	if (st == VS_OK)
		st = vs_broker_audit_list(
		    a->broker, &f, req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, row_json(&rows[i]));
	doc = vs_json_object();
	vs_json_set(&doc, "records", list);
	if (n == f.limit)
		vs_json_set(&doc, "next", vs_json_int(rows[n - 1].seq));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

void
vs_admin_audit_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_audit_row row = {0};
	uint8_t id[VS_UUID_SIZE];
	char mac[2 * VS_STORE_MAC_SIZE + 1];
	struct vs_json *detail = NULL;
	struct vs_json *doc;
	struct vs_err err = {0};
	vs_status st = vs_uuid_parse(
	    vs_span_slice(req->path, sizeof AUDIT_PATH - 1, req->path.n), id);

	if (st != VS_OK)
		st = vs_fail(&err, VS_MALFORMED, "the id must be a UUID");
	if (st == VS_OK)
		st = vs_broker_audit_get(a->broker, id, req->arena, &row, &err);
	/* The detail is our own text; one that does not parse was damaged. */
	if (st == VS_OK)
		st = vs_json_parse(
		    row.detail.n > 0 ? row.detail : VS_SPAN_LIT("{}"), &detail,
		    &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = row_json(&row);
	vs_hex(VS_SPAN_OF(row.mac), mac);
	vs_json_set(&doc, "mac", vs_json_cstr(mac));
	vs_json_set(&doc, "detail", detail);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

/* A page of 500 is 1.5 MB. */
enum { EXPORT_DEFAULT = 500, EXPORT_MAX = 1000 };

static vs_status
read_span(
    const struct vs_request *req, struct vs_audit_span *f, struct vs_err *err)
{
	struct vs_span since = query_text(req, "since");
	struct vs_span until = query_text(req, "until");
	int64_t limit = 0;

	f->until_ms = INT64_MAX;
	VS_TRY(err, "query",
	    vs_admin_query_int(req, "after", 0, INT64_MAX, &f->after, err));
	VS_TRY(err, "query",
	    vs_admin_query_int(
		req, "limit", EXPORT_DEFAULT, EXPORT_MAX, &limit, err));
	if (since.n > 0)
		VS_TRY(err, "since", vs_time_parse_ms(since, &f->since_ms));
	if (until.n > 0)
		VS_TRY(err, "until", vs_time_parse_ms(until, &f->until_ms));
	f->limit = limit < 1 ? 1 : (size_t)limit;
	f->action = query_text(req, "action");
	return VS_OK;
}

/* Whole records, oldest first. The detail is text: the very octets that the
 * chain covers. */
void
vs_admin_audit_export(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_audit_span f = {0};
	struct vs_audit_row *rows = NULL;
	struct vs_json *list, *doc;
	struct vs_err err = {0};
	size_t n = 0, total = 0;
	vs_status st = read_span(req, &f, &err);

	if (st == VS_OK && f.after == 0)
		st = vs_broker_audit_count(a->broker, &f, &total, &err);
	if (st == VS_OK)
		st = vs_broker_audit_scan(
		    a->broker, &f, req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++) {
		struct vs_json *o = row_json(&rows[i]);
		char mac[2 * VS_STORE_MAC_SIZE + 1];

		vs_hex(VS_SPAN_OF(rows[i].mac), mac);
		vs_json_set(&o, "mac", vs_json_cstr(mac));
		vs_json_set(&o, "detail", vs_json_str(rows[i].detail));
		vs_json_append(&list, o);
	}
	doc = vs_json_object();
	vs_json_set(&doc, "records", list);
	if (f.after == 0)
		vs_json_set(&doc, "total", vs_json_int((int64_t)total));
	if (n == f.limit)
		vs_json_set(&doc, "next", vs_json_int(rows[n - 1].seq));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}
