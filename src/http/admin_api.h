/* SPDX-License-Identifier: Apache-2.0 */
/* What operators, the security team and CI may ask, on the admin socket. */
#ifndef VS_HTTP_ADMIN_API_H
#define VS_HTTP_ADMIN_API_H

#include "broker/broker.h"
#include "broker/gate.h"
#include "broker/identity.h"
#include "http/message.h"

/* How the last reload went; kept by the daemon, read by the status. */
struct vs_reload_report {
	int64_t at_ms;
	bool ok;
	char error[VS_ERR_MSG_MAX];
};

struct vs_admin {
	struct vs_broker *broker;
	struct vs_gate *gate; /* who gets in */
	int64_t started_ms;
	void *daemon;
	/* Reloads now; the report is also what `last` gives afterwards. */
	void (*reload)(void *daemon, struct vs_reload_report *out);
	void (*last)(void *daemon, struct vs_reload_report *out);
};

/* A vs_handler; app is the struct vs_admin. */
void vs_admin_api(
    void *app, const struct vs_request *req, struct vs_response *res);

/* Who asks, by what the connection and the request show. The text lives in
 * the request's arena. */
VS_MUST_USE vs_status vs_admin_identify(struct vs_admin *a,
    const struct vs_request *req, struct vs_identity *out, struct vs_err *err);
/* The answer to a failure of it: 401, or 403 for whom we know. */
void vs_admin_refuse(
    struct vs_response *res, vs_status st, const struct vs_err *err);

/* Parts of the API, in files of their own. */
void vs_admin_keys_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_keys_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_key_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_key_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_keks_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_keks_rewrap(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_audit_list(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_audit_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_audit_verify(
    void *app, const struct vs_request *req, struct vs_response *res);

void vs_admin_audit_export(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_seal_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_seal_unseal(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_policies_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_policy_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_policy_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_policy_set(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_tokens_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_tokens_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_token_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_lists_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_list_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_list_put(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_list_post(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_approvals_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_approval_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_approval_post(
    void *app, const struct vs_request *req, struct vs_response *res);
struct vs_broker_loaded;
struct vs_json *vs_admin_policies_json(
    struct vs_broker *b, const struct vs_broker_loaded *l);

/* ---- helpers of these files -------------------------------------------- */

void vs_admin_fail(
    struct vs_response *res, vs_status st, const struct vs_err *err);
/* Sets a member to RFC 3339 text. */
struct vs_json;
void vs_admin_set_time(struct vs_json **obj, const char *name, int64_t ms);
/* A number in the query; dflt when absent; VS_MALFORMED when it is none. */
VS_MUST_USE vs_status vs_admin_query_int(const struct vs_request *req,
    const char *name, int64_t dflt, int64_t max, int64_t *out,
    struct vs_err *err);
/* ?dry_run=true or =false */
VS_MUST_USE vs_status vs_admin_query_dry(
    const struct vs_request *req, bool *out, struct vs_err *err);

#endif
