/* SPDX-License-Identifier: Apache-2.0 */
/* The root key over HTTP: which generation, and the start of a rotation. */
#include "broker/root.h"
#include "codec/json.h"
#include "http/admin_api.h"
#include "http/admin_root.h"
#include "http/problem.h"

static void
answer(const struct vs_broker_root *r, bool dry_run, unsigned status,
    struct vs_response *res)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "generation", vs_json_int(r->generation));
	vs_json_set(&o, "rotating", vs_json_bool(r->old != 0));
	if (dry_run)
		vs_json_set(&o, "dry_run", vs_json_bool(true));
	vs_respond_json(res, status, o);
	vs_json_free(&o);
}

void
vs_admin_root_get(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_broker_root r = {0};
	struct vs_err err = {0};
	vs_status st = vs_broker_root(a->broker, &r, &err);

	(void)req;
	if (st != VS_OK)
		vs_admin_fail(res, st, &err);
	else
		answer(&r, false, 200, res);
}

void
vs_admin_root_rotate(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	struct vs_broker_root r = {0};
	struct vs_err err = {0};
	bool dry_run = false;
	vs_status st = vs_admin_query_dry(req, &dry_run, &err);

	if (st == VS_OK)
		st = vs_broker_root_rotate(
		    a->broker, req->identity->audit, dry_run, &r, &err);
	if (st != VS_OK)
		vs_admin_fail(res, st, &err);
	else
		answer(&r, dry_run, dry_run ? 200 : 202, res);
}
