/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of lists over HTTP: adding and revoking. */
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "http/admin_lists.h"

static bool
read_number(struct vs_span *in, int64_t *out)
{
	size_t n = 0;
	int64_t v = 0;

	while (n < in->n && n < 18 && in->p[n] >= '0' && in->p[n] <= '9')
		v = v * 10 + (in->p[n++] - '0');
	*in = vs_span_slice(*in, n, in->n);
	*out = v;
	return n > 0;
}

/* If-Match: "ID-CHANGE", or If-None-Match: * for what must not be there. */
static vs_status
read_match(const struct vs_request *req, struct vs_entry_match *out,
    struct vs_err *err)
{
	struct vs_span t = req->if_match;

	if (vs_span_is(req->if_none_match, "*")) {
		*out = (struct vs_entry_match){.given = true};
		return VS_OK;
	}
	if (t.n == 0 || vs_span_is(t, "*"))
		return VS_OK;
	out->given = true;
	if (t.n > 2 && t.p[0] == '"' && t.p[t.n - 1] == '"') {
		t = vs_span_slice(t, 1, t.n - 2);
		if (read_number(&t, &out->id) && t.n > 1 && t.p[0] == '-') {
			t = vs_span_slice(t, 1, t.n);
			if (read_number(&t, &out->change) && t.n == 0)
				return VS_OK;
		}
	}
	return vs_fail_code(err, VS_CONFLICT, "etag.mismatch",
	    "If-Match: this is no ETag of an entry");
}

vs_status
vs_admin_body(const struct vs_request *req, const char *const *known, size_t n,
    struct vs_json **doc, struct vs_err *err)
{
	/* A change without arguments may come without a body. */
	struct vs_span text = req->body.n > 0 ? req->body : VS_SPAN_LIT("{}");

	VS_TRY(err, "body", vs_json_parse(text, doc, err));
	if (vs_json_type_of(*doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	return vs_json_only(*doc, "", known, n, err);
}

vs_status
vs_admin_text(const struct vs_json *doc, const char *name, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(doc, name);

	if (v != NULL && !vs_json_is_string(v, out))
		return vs_fail(err, VS_MALFORMED, "%s: must be text", name);
	return VS_OK;
}

static vs_status
read_bool(
    const struct vs_json *doc, const char *name, bool *out, struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(doc, name);

	if (v != NULL && !vs_json_is_bool(v, out))
		return vs_fail(
		    err, VS_MALFORMED, "%s: must be true or false", name);
	return VS_OK;
}

struct label {
	struct vs_span name, text;
	const char *cname;
};

static int
by_name(const void *a, const void *b)
{
	const struct label *x = a;
	const struct label *y = b;

	return strcmp(x->cname, y->cname);
}

static vs_status
check_label(const struct label *l, struct vs_err *err)
{
	if (l->name.n == 0 || l->name.n > VS_LABEL_TEXT_MAX ||
	    l->text.n > VS_LABEL_TEXT_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.labels",
		    "labels: a name or text has at most %d octets",
		    VS_LABEL_TEXT_MAX);
	return VS_OK;
}

/* By name, so that the same labels are the same text. */
static vs_status
read_labels(const struct vs_json *doc, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(doc, "labels");
	struct label l[VS_LABELS_MAX];
	size_t n = vs_json_size(v);
	struct vs_json *sorted;
	struct vs_buf text = {0};
	vs_status st;

	*out = VS_SPAN_LIT("{}");
	if (v == NULL)
		return VS_OK;
	if (vs_json_type_of(v) != VS_JSON_OBJECT || n > VS_LABELS_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.labels",
		    "labels: must be an object of at most %d texts",
		    VS_LABELS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!vs_json_is_string(
			vs_json_member(v, i, &l[i].name), &l[i].text))
			return vs_fail_code(err, VS_MALFORMED, "entry.labels",
			    "labels: must be texts");
		VS_TRY(err, "labels", check_label(&l[i], err));
		l[i].cname = vs_arena_cstr(a, l[i].name);
		if (l[i].cname == NULL)
			return vs_fail(err, VS_NO_MEMORY, "labels");
	}
	if (n > 0)
		qsort(l, n, sizeof *l, by_name);
	sorted = vs_json_object();
	for (size_t i = 0; i < n; i++)
		vs_json_set(&sorted, l[i].cname, vs_json_str(l[i].text));
	st = vs_json_dump(sorted, VS_JSON_COMPACT, &text);
	vs_json_free(&sorted);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&text), out);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_fail(err, st, "labels");
}

static vs_status
read_expiry(
    const struct vs_json *doc, struct vs_list_push *p, struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(doc, "expires_at");
	struct vs_span text;

	if (v == NULL)
		return VS_OK;
	p->expires_given = true;
	if (vs_json_type_of(v) == VS_JSON_NULL)
		return VS_OK;
	if (!vs_json_is_string(v, &text) ||
	    vs_time_parse_ms(text, &p->expires_ms) != VS_OK ||
	    p->expires_ms <= 0)
		return vs_fail_code(err, VS_MALFORMED, "entry.expiry",
		    "expires_at: must be a time such as "
		    "2027-01-31T00:00:00Z, or null for never");
	return VS_OK;
}

/* A bundle or an envelope, as the object that it is. */
static vs_status
read_proof(const struct vs_json *doc, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(doc, "provenance");
	struct vs_buf text = {0};
	vs_status st;

	if (v == NULL)
		return VS_OK;
	if (vs_json_type_of(v) != VS_JSON_OBJECT)
		return vs_fail_code(err, VS_MALFORMED, "entry.provenance",
		    "provenance: must be a bundle or an envelope, an object");
	st = vs_json_dump(v, VS_JSON_COMPACT, &text);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&text), out);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_fail(err, st, "provenance");
}

static vs_status
read_push(const struct vs_request *req, const struct vs_json *doc,
    struct vs_list_push *p, struct vs_err *err)
{
	VS_TRY(err, "query", vs_admin_query_dry(req, &p->dry_run, err));
	VS_TRY(err, "header", read_match(req, &p->match, err));
	VS_TRY(err, "body", read_labels(doc, req->arena, &p->labels, err));
	VS_TRY(err, "body", vs_admin_text(doc, "source", &p->source, err));
	VS_TRY(err, "body", vs_admin_text(doc, "reason", &p->reason, err));
	VS_TRY(err, "body", read_bool(doc, "emergency", &p->emergency, err));
	VS_TRY(err, "body", read_proof(doc, req->arena, &p->provenance, err));
	return read_expiry(doc, p, err);
}

static void
respond_change(const struct vs_request *req, struct vs_response *res,
    struct vs_span list, const struct vs_list_pushed *done, bool dry_run)
{
	const struct vs_entry_outcome *e = &done->entry;
	struct vs_json *doc = vs_json_object();

	vs_json_set(&doc, "list", vs_json_str(list));
	vs_json_set(&doc, "value", vs_json_str(done->value));
	vs_json_set(&doc, "state", vs_json_cstr(vs_entry_state_name(e->state)));
	vs_json_set(&doc, "unchanged", vs_json_bool(e->unchanged));
	vs_json_set(&doc, "waits", vs_json_bool(e->waits));
	if (e->waits && !dry_run)
		vs_json_set(&doc, "approval", vs_admin_id_json(e->ask));
	if (!e->waits && !dry_run)
		vs_json_set(&doc, "in_force", vs_json_bool(done->in_force));
	if (dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	else
		vs_admin_list_etag(res, req, e->id, e->change);
	vs_respond_json(res, e->waits && !dry_run ? 202 : 200, doc);
	vs_json_free(&doc);
}

void
vs_admin_list_put(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	static const char *const known[] = {"labels", "source", "reason",
	    "expires_at", "emergency", "provenance"};
	struct vs_admin *a = app;
	struct vs_list_target t = {.entries = false};
	struct vs_list_push p = {.dry_run = false};
	struct vs_list_pushed done = {.in_force = false};
	struct vs_err err = {0};
	VS_AUTO(vs_json) *doc = NULL;
	vs_status st = vs_admin_list_target(req, false, &t, &err);

	if (st == VS_OK && t.value.n == 0)
		st = vs_fail(&err, VS_NOT_FOUND, "which entry?");
	if (st == VS_OK)
		st = vs_admin_body(req, known, VS_COUNT(known), &doc, &err);
	if (st == VS_OK)
		st = read_push(req, doc, &p, &err);
	p.list = t.list;
	p.value = t.value;
	if (st == VS_OK)
		st = vs_broker_list_add(
		    a->broker, req->identity, &p, req->arena, &done, &err);
	if (st == VS_OK)
		respond_change(req, res, t.list, &done, p.dry_run);
	else
		vs_admin_list_fail(res, st, &err);
}

static vs_status
read_revocation(const struct vs_request *req, const struct vs_json *doc,
    struct vs_list_revocation *r, struct vs_err *err)
{
	VS_TRY(err, "query", vs_admin_query_dry(req, &r->dry_run, err));
	VS_TRY(err, "header", read_match(req, &r->match, err));
	VS_TRY(err, "body", vs_admin_text(doc, "reason", &r->reason, err));
	return read_bool(doc, "emergency", &r->emergency, err);
}

void
vs_admin_list_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	static const char *const known[] = {"reason", "emergency"};
	struct vs_admin *a = app;
	struct vs_list_target t = {.entries = false};
	struct vs_list_revocation r = {.dry_run = false};
	struct vs_list_pushed done = {.in_force = false};
	struct vs_err err = {0};
	VS_AUTO(vs_json) *doc = NULL;
	vs_status st = vs_admin_list_target(req, true, &t, &err);

	if (st == VS_OK && !vs_span_is(t.verb, "revoke"))
		st = vs_fail(&err, VS_NOT_FOUND,
		    "what to do with the entry must be :revoke");
	if (st == VS_OK)
		st = vs_admin_body(req, known, VS_COUNT(known), &doc, &err);
	if (st == VS_OK)
		st = read_revocation(req, doc, &r, &err);
	r.list = t.list;
	r.value = t.value;
	if (st == VS_OK)
		st = vs_broker_list_revoke(
		    a->broker, req->identity, &r, req->arena, &done, &err);
	if (st == VS_OK)
		respond_change(req, res, t.list, &done, r.dry_run);
	else
		vs_admin_list_fail(res, st, &err);
}
