/* SPDX-License-Identifier: Apache-2.0 */
/* Keys over HTTP: what there is, and changes. Never a key's bytes. */
#include <string.h>

#include "broker/view.h"
#include "codec/json.h"
#include "http/admin_api.h"
#include "http/admin_import.h"
#include "http/problem.h"

enum {
	LIMIT_DEFAULT = 100,
	LIMIT_MAX = 1000,
	CREATE_MAX = 1000,
	BYTES_DEFAULT = 32,
};
#define KEYS_PATH "/v1/keys/"

/* A namespace or name prefix may be listed; the store matches text. */
static struct vs_span
query_text(const struct vs_request *req, const char *name)
{
	return vs_span_cstr(req->query(req->query_ctx, name));
}

/* All rows of one name, which stand together. */
static struct vs_json *
name_json(const struct vs_key_row *rows, size_t n)
{
	struct vs_json *o = vs_json_object();
	const struct vs_key_row *newest = &rows[n - 1];
	const struct vs_key_row *active = NULL;

	for (size_t i = 0; i < n; i++)
		if (rows[i].state == VS_KEY_ACTIVE)
			active = &rows[i];
	if (active != NULL)
		newest = active;
	vs_json_set(&o, "name", vs_json_str(newest->name));
	vs_json_set(&o, "versions", vs_json_int((int64_t)n));
	vs_json_set(
	    &o, "active_version", vs_json_int(active ? active->version : 0));
	vs_json_set(
	    &o, "state", vs_json_cstr(vs_key_state_name(newest->state)));
	vs_json_set(&o, "size", vs_json_int(newest->size));
	vs_json_set(&o, "content_type", vs_json_str(newest->content_type));
	vs_admin_set_time(&o, "created_at", rows[0].created_ms);
	return o;
}

static size_t
run_of_name(const struct vs_key_row *rows, size_t n)
{
	size_t run = 1;

	while (run < n && vs_span_equal(rows[run].name, rows[0].name))
		run++;
	return run;
}

void
vs_admin_keys_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_key_row *rows = NULL;
	struct vs_err err = {0};
	struct vs_json *list;
	struct vs_json *doc;
	int64_t limit = 0;
	size_t names = 0;
	size_t n = 0;
	vs_status st = vs_admin_query_int(
	    req, "limit", LIMIT_DEFAULT, LIMIT_MAX, &limit, &err);

	if (st == VS_OK)
		st = vs_broker_key_list(a->broker, query_text(req, "prefix"),
		    query_text(req, "after"), limit < 1 ? 1 : (size_t)limit,
		    req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; names++) {
		size_t run = run_of_name(rows + i, n - i);

		vs_json_append(&list, name_json(rows + i, run));
		i += run;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "keys", list);
	if (n > 0 && names >= (size_t)limit)
		vs_json_set(&doc, "next", vs_json_str(rows[n - 1].name));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

static vs_status
need_body(const struct vs_request *req, const char *const *known, size_t n,
    struct vs_json **doc, struct vs_err *err)
{
	/* A change without arguments may come without a body. */
	struct vs_span text = req->body.n > 0 ? req->body : VS_SPAN_LIT("{}");

	VS_TRY(err, "body", vs_json_parse(text, doc, err));
	if (vs_json_type_of(*doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	return vs_json_only(*doc, "", known, n, err);
}

struct create {
	const struct vs_span *names;
	size_t n;
	int64_t bytes;
	struct vs_span content_type;
	bool dataset;
	int64_t max_uses;
	bool dry_run;
};

static vs_status
read_names(const struct vs_json *doc, struct vs_arena *a, struct create *out,
    struct vs_err *err)
{
	const struct vs_json *list = NULL;
	struct vs_span *names;
	size_t n;

	VS_TRY(err, "body",
	    vs_json_need(doc, "", "names", VS_JSON_ARRAY, &list, err));
	n = vs_json_size(list);
	if (n == 0 || n > CREATE_MAX)
		return vs_fail(
		    err, VS_MALFORMED, "names: must be 1 to %d", CREATE_MAX);
	names = vs_arena_calloc(a, n, sizeof *names);
	if (names == NULL)
		return vs_fail(err, VS_NO_MEMORY, "names");
	for (size_t i = 0; i < n; i++)
		if (!vs_json_is_string(vs_json_at(list, i), &names[i]))
			return vs_fail(err, VS_MALFORMED,
			    "names[%zu]: must be a string", i);
	out->names = names;
	out->n = n;
	return VS_OK;
}

static vs_status
read_create(const struct vs_request *req, const struct vs_json *doc,
    struct create *out, struct vs_err *err)
{
	const struct vs_json *bytes = vs_json_get(doc, "bytes");
	const struct vs_json *dry = vs_json_get(doc, "dry_run");
	bool also = false;

	VS_TRY(err, "body", read_names(doc, req->arena, out, err));
	out->bytes = BYTES_DEFAULT;
	if (bytes != NULL &&
	    (!vs_json_is_int(bytes, &out->bytes) || out->bytes < 1 ||
		out->bytes > VS_PAYLOAD_MAX))
		return vs_fail(err, VS_MALFORMED, "bytes: must be 1 to %d",
		    VS_PAYLOAD_MAX);
	if (vs_json_get(doc, "content_type") != NULL)
		VS_TRY(err, "body",
		    vs_json_need_str(
			doc, "", "content_type", &out->content_type, err));
	VS_TRY(err, "body",
	    vs_admin_read_use(doc, &out->dataset, &out->max_uses, err));
	VS_TRY(err, "query", vs_admin_query_dry(req, &out->dry_run, err));
	if (dry != NULL && !vs_json_is_bool(dry, &also))
		return vs_fail(
		    err, VS_MALFORMED, "dry_run: must be true or false");
	out->dry_run = out->dry_run || also;
	return VS_OK;
}

static void
respond_created(const struct create *c, struct vs_response *res)
{
	struct vs_json *list = vs_json_array();
	struct vs_json *doc = vs_json_object();

	for (size_t i = 0; i < c->n; i++) {
		struct vs_json *it = vs_json_object();

		vs_json_set(&it, "name", vs_json_str(c->names[i]));
		vs_json_set(&it, "version", vs_json_int(1));
		vs_json_append(&list, it);
	}
	vs_json_set(&doc, "created", list);
	if (c->dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	vs_respond_json(res, c->dry_run ? 200 : 201, doc);
	vs_json_free(&doc);
}

static vs_status
make(struct vs_broker *b, struct vs_span who, const struct create *c,
    struct vs_err *err)
{
	const struct vs_key_make m = {.names = c->names,
	    .n = c->n,
	    .bytes = (size_t)c->bytes,
	    .content_type = c->content_type,
	    .dataset = c->dataset,
	    .max_uses = c->max_uses};

	return vs_broker_key_make(b, who, &m, c->dry_run, err);
}

void
vs_admin_keys_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	static const char *const known[] = {
	    "names", "bytes", "content_type", "dataset", "max_uses", "dry_run"};
	struct vs_admin *a = app;
	struct create c = {0};
	struct vs_err err = {0};
	VS_AUTO(vs_json) *doc = NULL;
	vs_status st = need_body(req, known, VS_COUNT(known), &doc, &err);

	if (st == VS_OK)
		st = read_create(req, doc, &c, &err);
	if (st == VS_OK)
		st = make(a->broker, req->identity->audit, &c, &err);
	if (st == VS_OK)
		respond_created(&c, res);
	else
		vs_admin_fail(res, st, &err);
}

static void
set_use(struct vs_json **it, const struct vs_key_row *row)
{
	if (row->kind == VS_KIND_DATASET) {
		vs_json_set(it, "dataset", vs_json_bool(true));
		vs_json_set(it, "first_epoch", vs_json_int(row->epoch_floor));
	}
	if (row->max_uses > 0) {
		vs_json_set(it, "uses", vs_json_int(row->uses));
		vs_json_set(it, "max_uses", vs_json_int(row->max_uses));
	}
}

void
vs_admin_key_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_span name =
	    vs_span_slice(req->path, sizeof KEYS_PATH - 1, req->path.n);
	struct vs_key_row *rows = NULL;
	struct vs_err err = {0};
	struct vs_json *list;
	struct vs_json *doc;
	size_t n = 0;
	vs_status st = vs_broker_key_versions(
	    a->broker, name, req->arena, &rows, &n, &err);

	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++) {
		struct vs_json *it = vs_json_object();

		vs_json_set(&it, "version", vs_json_int(rows[i].version));
		vs_json_set(&it, "state",
		    vs_json_cstr(vs_key_state_name(rows[i].state)));
		vs_json_set(&it, "size", vs_json_int(rows[i].size));
		vs_admin_set_time(&it, "created_at", rows[i].created_ms);
		set_use(&it, &rows[i]);
		if (rows[i].destroyed_ms != 0)
			vs_admin_set_time(&it,
			    rows[i].state == VS_KEY_SCHEDULED ? "destroy_at"
							      : "destroyed_at",
			    rows[i].destroyed_ms);
		vs_json_append(&list, it);
	}
	doc = vs_json_object();
	vs_json_set(&doc, "name", vs_json_str(name));
	vs_json_set(&doc, "versions", list);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

struct change {
	struct vs_span name;
	struct vs_span verb;
	uint32_t version; /* 0: all */
	int64_t after_s;  /* of a destruction; 0: now */
	int64_t epoch;    /* to close; -1: none was named */
	int64_t due_ms;
	vs_key_state state; /* that it has now */
	bool dry_run;
};

/* "/v1/keys/NAME:VERB"; a name holds no colon. */
static struct vs_span
split_verb(const struct vs_request *req, struct change *out)
{
	struct vs_span rest =
	    vs_span_slice(req->path, sizeof KEYS_PATH - 1, req->path.n);
	size_t n = 0;

	while (n < rest.n && rest.p[n] != ':')
		n++;
	out->name = vs_span_slice(rest, 0, n);
	out->verb = vs_span_slice(rest, n + 1, rest.n);
	return out->verb;
}

static vs_status
read_change(
    const struct vs_request *req, struct change *out, struct vs_err *err)
{
	static const char *const known[] = {"version", "after_s", "epoch"};
	VS_AUTO(vs_json) *doc = NULL;
	const struct vs_json *version, *after, *epoch;
	int64_t v = 0;

	VS_TRY(err, "query", vs_admin_query_dry(req, &out->dry_run, err));
	VS_TRY(err, "body", need_body(req, known, VS_COUNT(known), &doc, err));
	version = vs_json_get(doc, "version");
	if (version != NULL &&
	    (!vs_json_is_int(version, &v) || v < 1 || v > UINT32_MAX))
		return vs_fail(err, VS_MALFORMED,
		    "version: must be a whole number from 1");
	out->version = (uint32_t)v;
	after = vs_json_get(doc, "after_s");
	out->after_s = VS_DESTROY_WAIT_S;
	if (after != NULL &&
	    (!vs_json_is_int(after, &out->after_s) || out->after_s < 0))
		return vs_fail(err, VS_MALFORMED,
		    "after_s: must be a whole number of seconds, 0 for at "
		    "once");
	epoch = vs_json_get(doc, "epoch");
	out->epoch = -1;
	if (epoch != NULL &&
	    (!vs_json_is_int(epoch, &out->epoch) || out->epoch < 0 ||
		out->epoch > UINT32_MAX))
		return vs_fail(
		    err, VS_MALFORMED, "epoch: must be a whole number from 0");
	return VS_OK;
}

static vs_key_state
state_of(struct vs_span verb)
{
	if (vs_span_is(verb, "destroy"))
		return VS_KEY_DESTROYED;
	if (vs_span_is(verb, "disable"))
		return VS_KEY_DISABLED;
	if (vs_span_is(verb, "enable"))
		return VS_KEY_ACTIVE;
	if (vs_span_is(verb, "retire"))
		return VS_KEY_DECRYPT_ONLY;
	return VS_KEY_NONE;
}

static vs_status
apply(struct vs_broker *b, struct vs_span who, struct change *c,
    struct vs_err *err)
{
	vs_key_state state = state_of(c->verb);

	if (vs_span_is(c->verb, "rotate"))
		return vs_broker_key_rotate(
		    b, who, c->name, c->dry_run, &c->version, err);
	if (vs_span_is(c->verb, "cancel")) {
		c->state = VS_KEY_DISABLED;
		return vs_broker_key_cancel(
		    b, who, c->name, c->version, c->dry_run, err);
	}
	if (vs_span_is(c->verb, "close")) {
		if (c->epoch < 0)
			return vs_fail(err, VS_MALFORMED, "epoch: is missing");
		return vs_broker_key_close(
		    b, who, c->name, (uint32_t)c->epoch, c->dry_run, err);
	}
	if (state == VS_KEY_DESTROYED && c->after_s > 0) {
		c->state = VS_KEY_SCHEDULED;
		return vs_broker_key_schedule(b, who, c->name, c->version,
		    c->after_s, c->dry_run, &c->due_ms, err);
	}
	c->state = state;
	if (state == VS_KEY_NONE)
		return vs_fail(err, VS_NOT_FOUND,
		    "what to do with the key must be one of :rotate, "
		    ":disable, :enable, :retire, :destroy, :cancel, :close "
		    "and :import");
	return vs_broker_key_state(
	    b, who, c->name, c->version, state, c->dry_run, err);
}

void
vs_admin_key_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct change c = {0};
	struct vs_err err = {0};
	struct vs_json *doc;
	struct vs_span verb = split_verb(req, &c);
	vs_status st;

	if (vs_span_is(verb, "import")) {
		vs_admin_key_import(a, req, c.name, res);
		return;
	}
	st = read_change(req, &c, &err);
	if (st == VS_OK)
		st = apply(a->broker, req->identity->audit, &c, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "name", vs_json_str(c.name));
	if (c.version != 0)
		vs_json_set(&doc, "version", vs_json_int(c.version));
	if (c.state != VS_KEY_NONE)
		vs_json_set(
		    &doc, "state", vs_json_cstr(vs_key_state_name(c.state)));
	if (c.due_ms != 0)
		vs_admin_set_time(&doc, "destroy_at", c.due_ms);
	if (c.dry_run)
		vs_json_set(&doc, "dry_run", vs_json_bool(true));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}
