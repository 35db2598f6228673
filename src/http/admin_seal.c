/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal: what it waits for, and shares for it. A share comes as the bare
 * body, so that no parser keeps a copy, and goes to the keeper and nowhere
 * else: no log line, no audit record and no answer has it.
 */
#include "base/log.h"
#include "broker/unseal.h"
#include "broker/view.h"
#include "codec/json.h"
#include "http/admin_api.h"

static struct vs_json *
shares_json(const struct vs_seal_shares *s)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "threshold", vs_json_int(s->threshold));
	vs_json_set(&o, "total", vs_json_int(s->total));
	vs_json_set(&o, "given", vs_json_int(s->given));
	vs_json_set(&o, "recovery", vs_json_bool(s->recovery));
	return o;
}

static void
respond(struct vs_response *res, const struct vs_keeper_status *k)
{
	struct vs_json *doc = vs_json_object();

	vs_json_set(&doc, "seal", vs_json_cstr(k->seal));
	vs_json_set(&doc, "sealed", vs_json_bool(k->sealed || !k->up));
	if (!k->up)
		vs_json_set(&doc, "why", vs_json_cstr("the keeper is not up"));
	else if (k->sealed && k->why[0] != '\0')
		vs_json_set(&doc, "why", vs_json_cstr(k->why));
	if (k->shares.threshold > 0)
		vs_json_set(&doc, "shares", shares_json(&k->shares));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

void
vs_admin_seal_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_keeper_status k = {0};

	(void)req;
	vs_broker_keeper(a->broker, &k);
	respond(res, &k);
}

void
vs_admin_seal_unseal(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_keeper_status k = {0};
	struct vs_err err = {0};
	vs_status st = vs_broker_unseal(
	    a->broker, req->identity->audit, req->body, &k, &err);

	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	vs_log(VS_LOG_INFO, "event=%s seal=%s given=%u threshold=%u",
	    k.sealed ? "share" : "unsealed", k.seal, k.shares.given,
	    k.shares.threshold);
	respond(res, &k);
}
