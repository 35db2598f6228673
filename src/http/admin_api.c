/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of the admin API, and what is neither key nor audit. */
#include "http/admin_api.h"

#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "broker/config_value.h"
#include "broker/denied.h"
#include "broker/expiry.h"
#include "broker/view.h"
#include "codec/json.h"
#include "http/admin_import.h"
#include "http/admin_root.h"
#include "http/problem.h"

void
vs_admin_fail(struct vs_response *res, vs_status st, const struct vs_err *err)
{
	vs_respond_problem(res, VS_CANDOUR_ADMIN, st, err, NULL, NULL, 0);
}

void
vs_admin_set_time(struct vs_json **obj, const char *name, int64_t ms)
{
	char text[VS_TIME_TEXT_MAX];

	vs_time_format_ms(ms, text);
	vs_json_set(obj, name, vs_json_cstr(text));
}

vs_status
vs_admin_query_int(const struct vs_request *req, const char *name, int64_t dflt,
    int64_t max, int64_t *out, struct vs_err *err)
{
	const char *text = req->query(req->query_ctx, name);
	int64_t v = dflt;

	if (text != NULL &&
	    (!vs_config_count(vs_span_cstr(text), &v) || v > max))
		return vs_fail(err, VS_MALFORMED,
		    "%s: must be a whole number up to %lld", name,
		    (long long)max);
	*out = v;
	return VS_OK;
}

vs_status
vs_admin_query_dry(const struct vs_request *req, bool *out, struct vs_err *err)
{
	const char *text = req->query(req->query_ctx, "dry_run");

	*out = false;
	if (text != NULL && !vs_config_bool(vs_span_cstr(text), out))
		return vs_fail(
		    err, VS_MALFORMED, "dry_run: must be true or false");
	return VS_OK;
}

static struct vs_json *
keeper_json(const struct vs_keeper_status *k)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "up", vs_json_bool(k->up));
	vs_json_set(&o, "pid", vs_json_int(k->pid));
	vs_json_set(&o, "restarts", vs_json_int(k->restarts));
	vs_json_set(&o, "unwraps", vs_json_int((int64_t)k->unwraps));
	vs_json_set(&o, "failures", vs_json_int((int64_t)k->failures));
	return o;
}

static struct vs_json *
reload_json(const struct vs_reload_report *r)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "ok", vs_json_bool(r->ok));
	vs_admin_set_time(&o, "at", r->at_ms);
	if (!r->ok)
		vs_json_set(&o, "error", vs_json_cstr(r->error));
	return o;
}

static void
respond(struct vs_response *res, struct vs_json *doc)
{
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

/* For alarms: how much has lapsed, how much will, and what is next. */
static struct vs_json *
expiry_json(const struct vs_collateral *c, int64_t now)
{
	struct vs_json *o = vs_json_object();
	struct vs_expiry e;

	vs_expiry_count(c, now, &e);
	vs_json_set(&o, "lapsed", vs_json_int((int64_t)e.lapsed));
	vs_json_set(&o, "soon", vs_json_int((int64_t)e.soon));
	if (e.next != NULL) {
		vs_json_set(&o, "next_kind", vs_json_cstr(e.next->kind));
		vs_json_set(&o, "next_name", vs_json_cstr(e.next->name));
		vs_admin_set_time(&o, "next_at", e.next->not_after * 1000);
		vs_json_set(
		    &o, "next_in_s", vs_json_int(e.next->not_after - now));
	}
	return o;
}

static void
status(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_keeper_status k = {0};
	struct vs_broker_loaded l;
	struct vs_reload_report last = {0};
	struct vs_clock clock = vs_clock_system();
	struct vs_json *doc = vs_json_object();
	struct vs_err err = {0};

	(void)req;
	vs_broker_keeper(a->broker, &k);
	vs_broker_loaded(a->broker, &l);
	a->last(a->daemon, &last);
	vs_json_set(&doc, "version", vs_json_cstr(VS_VERSION));
	vs_json_set(&doc, "uptime_s",
	    vs_json_int((vs_clock_ms(&clock) - a->started_ms) / 1000));
	vs_json_set(&doc, "ready",
	    vs_json_bool(vs_broker_ready(a->broker, &err) == VS_OK));
	if (err.status != VS_OK)
		vs_json_set(&doc, "not_ready", vs_json_cstr(err.msg));
	vs_json_set(&doc, "sealed", vs_json_bool(k.sealed));
	vs_json_set(&doc, "keeper", keeper_json(&k));
	vs_json_set(&doc, "policies", vs_admin_policies_json(a->broker, &l));
	vs_json_set(&doc, "collateral_digest", vs_json_cstr(l.collateral_hex));
	if (l.collateral != NULL)
		vs_json_set(&doc, "collateral_expiry",
		    expiry_json(l.collateral, vs_clock_s(&clock)));
	vs_json_set(&doc, "last_reload", reload_json(&last));
	vs_broker_loaded_fini(&l);
	respond(res, doc);
}

static void
reload(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_reload_report r = {0};
	struct vs_err err = {0};

	(void)req;
	a->reload(a->daemon, &r);
	if (r.ok) {
		respond(res, reload_json(&r));
		return;
	}
	vs_admin_fail(
	    res, vs_fail(&err, VS_USAGE, "not loaded: %.200s", r.error), &err);
}

static struct vs_json *
item_json(const struct vs_collateral_item *it)
{
	struct vs_json *o = vs_json_object();
	char hex[65];

	vs_hex(VS_SPAN_OF(it->sha256), hex);
	vs_json_set(&o, "kind", vs_json_cstr(it->kind));
	vs_json_set(&o, "name", vs_json_cstr(it->name));
	vs_json_set(&o, "product", vs_json_cstr(it->product));
	vs_json_set(&o, "built_in", vs_json_bool(it->built_in));
	vs_json_set(&o, "simulated", vs_json_bool(it->simulated));
	vs_json_set(&o, "unverified", vs_json_bool(it->unverified));
	vs_json_set(&o, "superseded", vs_json_bool(it->superseded));
	if (it->number != 0)
		vs_json_set(&o, "number", vs_json_int(it->number));
	vs_admin_set_time(&o, "not_before", it->not_before * 1000);
	vs_admin_set_time(&o, "not_after", it->not_after * 1000);
	vs_json_set(&o, "sha256", vs_json_cstr(hex));
	return o;
}

static void
collateral(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_broker_loaded l;
	struct vs_json *items = vs_json_array();
	struct vs_json *doc = vs_json_object();
	size_t n;

	(void)req;
	vs_broker_loaded(a->broker, &l);
	n = l.collateral == NULL ? 0 : vs_collateral_count(l.collateral);
	for (size_t i = 0; i < n; i++)
		vs_json_append(
		    &items, item_json(vs_collateral_item(l.collateral, i)));
	vs_json_set(&doc, "items", items);
	vs_json_set(&doc, "digest", vs_json_cstr(l.collateral_hex));
	vs_broker_loaded_fini(&l);
	respond(res, doc);
}

/* X(method, path, handler, what it needs) */
/* clang-format off */
#define ROUTES(X)                                                              \
	X("GET", "/v1/status", status, VS_MAY_SEE_STATUS)                      \
	X("GET", "/v1/keys", vs_admin_keys_get, VS_MAY_SEE_KEYS)               \
	X("POST", "/v1/keys", vs_admin_keys_post, VS_MAY_CHANGE_KEYS)          \
	X("GET", "/v1/keys/", vs_admin_key_get, VS_MAY_SEE_KEYS)               \
	X("POST", "/v1/keys/", vs_admin_key_post, VS_MAY_CHANGE_KEYS)          \
	X("GET", "/v1/keks", vs_admin_keks_get, VS_MAY_SEE_KEYS)               \
	X("POST", "/v1/keks:rewrap", vs_admin_keks_rewrap,                     \
	    VS_MAY_CHANGE_KEYS)                                                \
	X("GET", "/v1/import-key", vs_admin_import_key, VS_MAY_SEE_KEYS)       \
	X("GET", "/v1/root", vs_admin_root_get, VS_MAY_SEE_KEYS)               \
	X("POST", "/v1/root:rotate", vs_admin_root_rotate, VS_MAY_CHANGE_KEYS) \
	X("GET", "/v1/audit", vs_admin_audit_list, VS_MAY_SEE_AUDIT)           \
	X("GET", "/v1/audit/", vs_admin_audit_get, VS_MAY_SEE_AUDIT)           \
	X("GET", "/v1/audit:verify", vs_admin_audit_verify, VS_MAY_SEE_AUDIT)  \
	X("GET", "/v1/audit:export", vs_admin_audit_export, VS_MAY_SEE_AUDIT)  \
	X("GET", "/v1/policies", vs_admin_policies_get, VS_MAY_SEE_POLICIES)   \
	X("POST", "/v1/policies:reload", reload, VS_MAY_CHANGE_POLICIES)       \
	X("GET", "/v1/policies/", vs_admin_policy_get, VS_MAY_SEE_POLICIES)    \
	X("POST", "/v1/policies/", vs_admin_policy_post,                       \
	    VS_MAY_CHANGE_POLICIES)                                            \
	X("GET", "/v1/policy-sets/", vs_admin_policy_set, VS_MAY_SEE_POLICIES) \
	X("GET", "/v1/tokens", vs_admin_tokens_get, VS_MAY_SEE_TOKENS)         \
	X("POST", "/v1/tokens", vs_admin_tokens_post, VS_MAY_CHANGE_TOKENS)    \
	X("POST", "/v1/tokens/", vs_admin_token_post, VS_MAY_CHANGE_TOKENS)    \
	X("GET", "/v1/allowlists", vs_admin_lists_get, VS_MAY_SEE_LISTS)       \
	X("GET", "/v1/allowlists/", vs_admin_list_get, VS_MAY_SEE_LISTS)       \
	X("PUT", "/v1/allowlists/", vs_admin_list_put, VS_MAY_ADD)             \
	X("POST", "/v1/allowlists/", vs_admin_list_post, VS_MAY_REVOKE)        \
	X("GET", "/v1/approvals", vs_admin_approvals_get, VS_MAY_SEE_LISTS)    \
	X("GET", "/v1/approvals/", vs_admin_approval_get, VS_MAY_SEE_LISTS)    \
	X("POST", "/v1/approvals/", vs_admin_approval_post, VS_MAY_SEE_LISTS)  \
	X("GET", "/v1/collateral", collateral, VS_MAY_SEE_STATUS)              \
	X("GET", "/v1/seal", vs_admin_seal_get, VS_MAY_SEE_STATUS)             \
	X("POST", "/v1/seal:unseal", vs_admin_seal_unseal, VS_MAY_UNSEAL)
/* clang-format on */

static const struct vs_route routes[] = {
#define X(method, path, handler, may) {method, path, handler},
    ROUTES(X)
#undef X
};

static const vs_action needs[] = {
#define X(method, path, handler, may) may,
    ROUTES(X)
#undef X
};

/* The answer stays what it is, also where there is no room for the record. */
static void
record_denial(struct vs_admin *a, const struct vs_request *req,
    const struct vs_response *res)
{
	struct vs_err err = {0};

	if (vs_broker_denied(a->broker, req->identity, req->method, req->path,
		res->code, &err) != VS_OK)
		vs_log(VS_LOG_ERROR, "event=unrecorded what=denial why=\"%s\"",
		    err.msg);
}

void
vs_admin_api(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_request known = *req;
	struct vs_identity who = {.kind = VS_IDENTITY_NONE};
	const struct vs_span tokens = VS_SPAN_LIT("/v1/tokens");
	const struct vs_route *r;
	struct vs_err err = {0};
	vs_status st = vs_admin_identify(app, req, &who, &err);

	known.identity = &who;
	if (st != VS_OK) {
		vs_admin_refuse(res, st, &err);
		return;
	}
	(void)snprintf(
	    res->who, sizeof res->who, "%.*s", VS_SPAN_ARG(who.audit));
	r = vs_route_find(routes, VS_COUNT(routes), req, res);
	if (r == NULL)
		return;
	st = vs_identity_may(
	    &who, needs[r - routes], VS_SPAN_LIT(""), VS_SPAN_LIT(""), &err);
	if (st == VS_OK)
		r->handle(app, &known, res);
	else
		vs_admin_fail(res, st, &err);
	/* Lists keep their own record, which says more. */
	if (res->status == 403 && strcmp(r->method, "GET") != 0 &&
	    (st != VS_OK || vs_span_starts(req->path, tokens)))
		record_denial(app, &known, res);
}
