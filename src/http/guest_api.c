/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guest_api.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "broker/expiry.h"
#include "broker/view.h"
#include "codec/cbor.h"
#include "http/guest_decode.h"
#include "http/problem.h"

static void
fail(struct vs_response *res, vs_status st, const struct vs_err *err)
{
	vs_respond_problem(res, VS_CANDOUR_GUEST, st, err, NULL, NULL, 0);
}

static const char json_type[] = "application/json";
static const char cbor_type[] = "application/cbor";

/* The media type alone, or with parameters. */
static bool
is_type(struct vs_span type, const char *want)
{
	size_t n = strlen(want);

	return type.n >= n && strncasecmp((const char *)type.p, want, n) == 0 &&
	    (type.n == n || type.p[n] == ';' || type.p[n] == ' ');
}

/* A request is answered in kind. */
static bool
wants_cbor(const struct vs_request *req)
{
	return is_type(req->content_type, cbor_type);
}

/* An answer that did not fit in memory must not look like an empty one. */
static void
finish(struct vs_response *res)
{
	struct vs_err err = {0};

	if (vs_buf_status(&res->body) != VS_OK) {
		vs_buf_fini(&res->body);
		fail(res, VS_NO_MEMORY, &err);
		return;
	}
	res->status = 200;
	res->class_name = "ok";
}

static void
put_challenge_json(
    struct vs_span nonce, unsigned expires_in, struct vs_response *res)
{
	vs_buf_puts(&res->body, "{\"nonce\":\"");
	vs_buf_b64url(&res->body, nonce);
	vs_buf_printf(&res->body, "\",\"expires_in\":%u}", expires_in);
	res->content_type = json_type;
}

static void
put_challenge_cbor(
    struct vs_span nonce, unsigned expires_in, struct vs_response *res)
{
	vs_cbor_put_map(&res->body, 2);
	vs_cbor_put_text(&res->body, VS_SPAN_LIT("nonce"));
	vs_cbor_put_bytes(&res->body, nonce);
	vs_cbor_put_text(&res->body, VS_SPAN_LIT("expires_in"));
	vs_cbor_put_int(&res->body, expires_in);
	res->content_type = cbor_type;
}

static void
challenge(void *app, const struct vs_request *req, struct vs_response *res)
{
	uint8_t nonce[VS_NONCE_SIZE];
	unsigned expires_in = 0;
	struct vs_err err = {0};
	vs_status st = vs_broker_challenge(app, nonce, &expires_in, &err);

	if (st != VS_OK) {
		fail(res, st, &err);
		return;
	}
	if (wants_cbor(req))
		put_challenge_cbor(VS_SPAN_OF(nonce), expires_in, res);
	else
		put_challenge_json(VS_SPAN_OF(nonce), expires_in, res);
	finish(res);
}

/* Id and JWE are made of letters that JSON need not escape. */
static void
put_release_json(const struct vs_release_reply *reply, struct vs_response *res)
{
	vs_buf_printf(
	    &res->body, "{\"release_id\":\"%s\",\"sealed\":\"", res->id);
	vs_buf_add(&res->body, vs_buf_span(&reply->jwe));
	vs_buf_puts(&res->body, "\"}");
	res->content_type = json_type;
}

static void
put_release_cbor(const struct vs_release_reply *reply, struct vs_response *res)
{
	vs_cbor_put_map(&res->body, 2);
	vs_cbor_put_text(&res->body, VS_SPAN_LIT("release_id"));
	vs_cbor_put_text(&res->body, vs_span_cstr(res->id));
	vs_cbor_put_text(&res->body, VS_SPAN_LIT("sealed"));
	vs_cbor_put_text(&res->body, vs_buf_span(&reply->jwe));
	res->content_type = cbor_type;
}

static void
put_release(const struct vs_request *req, const struct vs_release_reply *reply,
    struct vs_response *res)
{
	if (wants_cbor(req))
		put_release_cbor(reply, res);
	else
		put_release_json(reply, res);
	finish(res);
}

static void
serve_release(struct vs_broker *b, const struct vs_request *req,
    const struct vs_release_request *ask, struct vs_response *res)
{
	struct vs_release_reply reply = {0};
	struct vs_err err = {0};
	vs_status st =
	    vs_broker_release(b, req->worker, req->arena, ask, &reply, &err);

	vs_uuid_format(reply.id, res->id);
	if (st == VS_OK)
		put_release(req, &reply, res);
	else
		vs_respond_problem(res, VS_CANDOUR_GUEST, st, &err, reply.id,
		    reply.failed_rules, reply.failed_rules_n);
	vs_buf_fini(&reply.jwe);
}

static void
release(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_release_request ask = {0};
	struct vs_err err = {0};
	VS_AUTO(vs_json) *doc = NULL;
	vs_status st;

	if (wants_cbor(req)) {
		st = vs_cbor_parse(req->body, &doc, &err);
	} else if (is_type(req->content_type, json_type)) {
		st = vs_json_parse(req->body, &doc, &err);
	} else {
		vs_respond_status(res, 415,
		    "Send the request as application/json or "
		    "application/cbor.");
		return;
	}
	if (st == VS_OK)
		st = vs_release_decode(doc, req->arena, &ask, &err);
	if (st != VS_OK) {
		fail(res, st, &err);
		return;
	}
	ask.peer = vs_span_cstr(req->peer);
	serve_release(app, req, &ask, res);
}

static void
healthz(void *app, const struct vs_request *req, struct vs_response *res)
{
	(void)app;
	(void)req;
	vs_buf_puts(&res->body, "{\"status\":\"live\"}");
	res->status = 200;
	res->content_type = json_type;
}

/* Ready all the same: guests of some platforms are refused, not all. */
static bool
degraded(struct vs_broker *b)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_broker_loaded l;
	struct vs_expiry e = {0};

	vs_broker_loaded(b, &l);
	if (l.collateral != NULL)
		vs_expiry_count(l.collateral, vs_clock_s(&clock), &e);
	vs_broker_loaded_fini(&l);
	return e.lapsed > 0;
}

static void
readyz(void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_err err = {0};
	vs_status st = vs_broker_ready(app, &err);

	(void)req;
	if (st != VS_OK) {
		/* What is missing is an operator's business, but load
		 * balancers are operated too: the fine code, no values. */
		vs_respond_status(
		    res, 503, err.code != NULL ? err.code : vs_status_text(st));
		res->code = err.code;
		return;
	}
	vs_buf_puts(&res->body,
	    degraded(app) ? "{\"status\":\"degraded\","
			    "\"code\":\"collateral.expired\"}"
			  : "{\"status\":\"ready\"}");
	res->status = 200;
	res->content_type = json_type;
}

static void
info(void *app, const struct vs_request *req, struct vs_response *res)
{
	(void)app;
	(void)req;
	vs_buf_puts(&res->body,
	    "{\"name\":\"vouchsafe\",\"version\":\"" VS_VERSION "\","
	    "\"evidence\":[\"snp\",\"az-snp\",\"tdx\",\"az-tdx\",\"sgx\"],"
	    "\"devices\":[\"hopper\",\"blackwell\",\"ls10\"],"
	    "\"recipient\":[\"P-256\",\"P-384\",\"X25519\"]}");
	res->status = 200;
	res->content_type = json_type;
}

void
vs_guest_api(void *app, const struct vs_request *req, struct vs_response *res)
{
	static const struct vs_route routes[] = {
	    {"POST", "/v1/release", release},
	    {"POST", "/v1/challenge", challenge},
	    {"GET", "/healthz", healthz},
	    {"GET", "/readyz", readyz},
	    {"GET", "/v1/info", info},
	};

	vs_route_dispatch(routes, VS_COUNT(routes), app, req, res);
}
