/* SPDX-License-Identifier: Apache-2.0 */
/* Policies over HTTP: what is in force, what was, and the way back. */
#include <string.h>

#include "base/encoding.h"
#include "broker/config_value.h"
#include "broker/policies.h"
#include "broker/view.h"
#include "codec/json.h"
#include "http/admin_api.h"

#define POLICIES_PATH "/v1/policies/"
#define SETS_PATH "/v1/policy-sets/"

static void
set_counts(struct vs_json **o, struct vs_broker *b, const char *name)
{
	struct vs_json *counts = vs_json_object();
	struct vs_policy_counts c;

	vs_broker_policy_counts(b, name, &c);
	vs_json_set(&counts, "allow", vs_json_int((int64_t)c.allow));
	vs_json_set(&counts, "deny", vs_json_int((int64_t)c.deny));
	vs_json_set(
	    &counts, "shadow_allow", vs_json_int((int64_t)c.shadow_allow));
	vs_json_set(
	    &counts, "shadow_deny", vs_json_int((int64_t)c.shadow_deny));
	vs_json_set(o, "decisions", counts);
}

struct vs_json *
vs_admin_policies_json(struct vs_broker *b, const struct vs_broker_loaded *l)
{
	struct vs_json *o = vs_json_object();
	struct vs_json *names = vs_json_array();
	size_t n = l->policies == NULL ? 0 : vs_policy_set_count(l->policies);

	for (size_t i = 0; i < n; i++) {
		const struct vs_policy *p = vs_policy_set_at(l->policies, i);
		struct vs_json *it = vs_json_object();

		vs_json_set(&it, "name", vs_json_cstr(vs_policy_name(p)));
		vs_json_set(&it, "version", vs_json_int(vs_policy_version(p)));
		vs_json_set(&it, "mode", vs_json_cstr(vs_policy_mode(p)));
		vs_json_set(
		    &it, "rules", vs_json_int((int64_t)vs_policy_rules(p)));
		set_counts(&it, b, vs_policy_name(p));
		vs_json_append(&names, it);
	}
	vs_json_set(&o, "count", vs_json_int((int64_t)n));
	vs_json_set(&o, "names", names);
	vs_json_set(&o, "digest", vs_json_cstr(l->policies_hex));
	if (l->loaded_ms != 0)
		vs_admin_set_time(&o, "loaded_at", l->loaded_ms);
	return o;
}

void
vs_admin_policies_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_broker_loaded l;
	struct vs_json *doc;

	(void)req;
	vs_broker_loaded(a->broker, &l);
	doc = vs_admin_policies_json(a->broker, &l);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
	vs_broker_loaded_fini(&l);
}

static struct vs_json *
row_json(const struct vs_policy_row *r, bool text)
{
	struct vs_json *o = vs_json_object();
	char hex[2 * VS_POLICY_HASH_SIZE + 1];

	vs_hex(VS_SPAN_OF(r->hash), hex);
	vs_json_set(&o, "name", vs_json_str(r->name));
	vs_json_set(&o, "version", vs_json_int(r->version));
	vs_json_set(&o, "sha256", vs_json_cstr(hex));
	vs_json_set(&o, "file", vs_json_str(r->file));
	vs_admin_set_time(&o, "loaded_at", r->loaded_ms);
	if (text)
		vs_json_set(&o, "text", vs_json_str(r->text));
	if (text && r->signatures.n > 0)
		vs_json_set(&o, "signatures", vs_json_str(r->signatures));
	return o;
}

static vs_status
versions(struct vs_admin *a, struct vs_span name, struct vs_arena *arena,
    struct vs_json **out, struct vs_err *err)
{
	struct vs_policy_row *rows = NULL;
	struct vs_json *list, *doc;
	int64_t pin = 0;
	size_t n = 0;

	VS_TRY(err, "policy",
	    vs_broker_policy_versions(a->broker, name, arena, &rows, &n, err));
	if (n == 0)
		return vs_fail(
		    err, VS_NOT_FOUND, "there is no policy of this name");
	VS_TRY(err, "policy",
	    vs_broker_policy_pinned(a->broker, name, arena, &pin, err));
	list = vs_json_array();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, row_json(&rows[i], false));
	doc = vs_json_object();
	vs_json_set(&doc, "name", vs_json_str(name));
	vs_json_set(&doc, "versions", list);
	if (pin != 0)
		vs_json_set(&doc, "rolled_back_to", vs_json_int(pin));
	*out = doc;
	return VS_OK;
}

static vs_status
version(struct vs_admin *a, struct vs_span name, struct vs_span number,
    struct vs_arena *arena, struct vs_json **out, struct vs_err *err)
{
	struct vs_policy_row row;
	int64_t v = 0;

	if (!vs_config_count(number, &v) || v < 1)
		return vs_fail(
		    err, VS_MALFORMED, "version: must be a whole number");
	VS_TRY(err, "policy",
	    vs_broker_policy_version(a->broker, name, v, arena, &row, err));
	*out = row_json(&row, true);
	return VS_OK;
}

/* "{name}" or "{name}/versions/{n}". */
void
vs_admin_policy_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	static const char part[] = "/versions/";
	struct vs_span path =
	    vs_span_slice(req->path, sizeof POLICIES_PATH - 1, req->path.n);
	const uint8_t *slash = path.n > 0 ? memchr(path.p, '/', path.n) : NULL;
	struct vs_json *doc = NULL;
	struct vs_err err = {0};
	vs_status st;

	if (slash == NULL) {
		st = versions(app, path, req->arena, &doc, &err);
	} else {
		size_t n = (size_t)(slash - path.p);
		struct vs_span rest = vs_span_slice(path, n, path.n);

		st = vs_span_starts(rest, VS_SPAN_LIT(part))
		    ? version(app, vs_span_slice(path, 0, n),
			  vs_span_slice(rest, sizeof part - 1, rest.n),
			  req->arena, &doc, &err)
		    : vs_fail(&err, VS_NOT_FOUND, "there is no such path");
	}
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

void
vs_admin_policy_set(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_span hex =
	    vs_span_slice(req->path, sizeof SETS_PATH - 1, req->path.n);
	uint8_t digest[VS_POLICY_HASH_SIZE];
	struct vs_policy_row *rows = NULL;
	struct vs_json *list, *doc;
	struct vs_err err = {0};
	size_t n = 0;
	vs_status st = hex.n == 2 * sizeof digest
	    ? vs_unhex(hex, digest, sizeof digest)
	    : VS_MALFORMED;

	if (st != VS_OK)
		st = vs_fail(
		    &err, VS_MALFORMED, "the digest of a set is 64 hex digits");
	else
		st = vs_broker_policy_set(
		    a->broker, digest, req->arena, &rows, &n, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	list = vs_json_array();
	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, row_json(&rows[i], true));
	doc = vs_json_object();
	vs_json_set(&doc, "digest", vs_json_str(hex));
	vs_json_set(&doc, "policies", list);
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

struct rollback {
	struct vs_span name;
	int64_t version;
	bool dry_run;
};

static vs_status
read_rollback(
    const struct vs_request *req, struct rollback *out, struct vs_err *err)
{
	static const char verb[] = ":rollback";
	static const char *const known[] = {"version"};
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_span path =
	    vs_span_slice(req->path, sizeof POLICIES_PATH - 1, req->path.n);
	size_t n = sizeof verb - 1;
	const struct vs_json *v;

	if (path.n <= n ||
	    !vs_span_is(vs_span_slice(path, path.n - n, n), verb))
		return vs_fail(err, VS_NOT_FOUND,
		    "POST: wants a policy's name and :rollback");
	out->name = vs_span_slice(path, 0, path.n - n);
	VS_TRY(err, "body",
	    vs_json_parse(
		req->body.n > 0 ? req->body : VS_SPAN_LIT("{}"), &doc, err));
	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	VS_TRY(err, "body", vs_json_only(doc, "", known, 1, err));
	v = vs_json_get(doc, "version");
	if (v != NULL &&
	    (!vs_json_is_int(v, &out->version) || out->version < 1))
		return vs_fail(
		    err, VS_MALFORMED, "version: must be a whole number");
	return vs_admin_query_dry(req, &out->dry_run, err);
}

/* The reload decides: an old version may not load under today's rules. */
static vs_status
apply(struct vs_admin *a, struct vs_span who, const struct rollback *r,
    const struct vs_rollback *done, struct vs_err *err)
{
	struct vs_reload_report report = {0};
	struct vs_err undo = {0};

	a->reload(a->daemon, &report);
	if (report.ok)
		return VS_OK;
	if (vs_broker_rollback_undo(a->broker, who, r->name, done, &undo) !=
	    VS_OK)
		return vs_fail(err, VS_UNAVAILABLE,
		    "not loaded, and not undone: %.60s: %.60s", report.error,
		    undo.msg);
	return vs_fail(err, VS_USAGE, "not loaded: %.120s", report.error);
}

void
vs_admin_policy_post(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_span who = req->identity->audit;
	struct rollback r = {.version = 0};
	struct vs_rollback done = {0};
	struct vs_json *doc;
	struct vs_err err = {0};
	vs_status st = read_rollback(req, &r, &err);

	if (st == VS_OK)
		st = vs_broker_rollback(
		    a->broker, who, r.name, r.version, r.dry_run, &done, &err);
	if (st == VS_OK && !r.dry_run)
		st = apply(a, who, &r, &done, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "name", vs_json_str(r.name));
	vs_json_set(&doc, "from", vs_json_int(done.from));
	vs_json_set(&doc, "to", vs_json_int(done.to));
	vs_json_set(&doc, "dry_run", vs_json_bool(r.dry_run));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}
