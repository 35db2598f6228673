/* SPDX-License-Identifier: Apache-2.0 */
#include "client/api.h"

#include <string.h>

#include "base/encoding.h"

enum { NONCE_TTL_MAX = 24 * 60 * 60 };

static vs_status
read_challenge(const struct vs_json *doc, uint8_t nonce[VS_API_NONCE_SIZE],
    int64_t *expires_in_s, struct vs_err *err)
{
	struct vs_span text;
	const struct vs_json *ttl;
	uint8_t bytes[VS_API_NONCE_SIZE];
	int64_t seconds;

	VS_TRY(err, "nonce", vs_json_need_str(doc, "", "nonce", &text, err));
	VS_TRY(err, "nonce", vs_b64url_decode_n(text, bytes, sizeof(bytes)));
	VS_TRY(err, "expires_in",
	    vs_json_need(doc, "", "expires_in", VS_JSON_INT, &ttl, err));
	if (!vs_json_is_int(ttl, &seconds) || seconds < 1 ||
	    seconds > NONCE_TTL_MAX)
		return vs_fail(err, VS_RANGE, "expires_in");
	memcpy(nonce, bytes, sizeof(bytes));
	*expires_in_s = seconds;
	return VS_OK;
}

vs_status
vs_api_challenge(struct vs_client *c, uint8_t nonce[VS_API_NONCE_SIZE],
    int64_t *expires_in_s, struct vs_problem *problem, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;

	VS_TRY(err, "challenge",
	    vs_client_json(
		c, "POST", "/v1/challenge", NULL, &doc, problem, err));
	VS_TRY(err, "challenge", read_challenge(doc, nonce, expires_in_s, err));
	return VS_OK;
}

static struct vs_json *
b64url(struct vs_span bytes)
{
	struct vs_buf b = {0};
	struct vs_json *v = NULL;

	vs_buf_b64url(&b, bytes);
	if (vs_buf_status(&b) == VS_OK)
		v = vs_json_str(vs_buf_span(&b));
	vs_buf_fini(&b);
	return v;
}

static struct vs_json *
key_list(const struct vs_api_release *req)
{
	struct vs_json *keys = vs_json_array();

	for (size_t i = 0; i < req->keys_n; i++) {
		struct vs_json *key = vs_json_object();

		vs_json_set(&key, "name", vs_json_str(req->keys[i].name));
		if (req->keys[i].version != 0)
			vs_json_set(
			    &key, "version", vs_json_int(req->keys[i].version));
		vs_json_append(&keys, key);
	}
	return keys;
}

static struct vs_json *
device_list(const struct vs_api_device *v, size_t n)
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < n; i++) {
		struct vs_json *d = vs_json_object();

		vs_json_set(&d, "report", b64url(v[i].report));
		vs_json_set(&d, "certs", b64url(v[i].certs));
		if (v[i].cc_state != NULL)
			vs_json_set(
			    &d, "cc_state", vs_json_cstr(v[i].cc_state));
		vs_json_append(&list, d);
	}
	return list;
}

static struct vs_json *
evidence_of(const struct vs_api_release *req)
{
	struct vs_json *evidence = vs_json_object();
	struct vs_json *cpu = vs_json_object();

	vs_json_set(&cpu, "kind", vs_json_cstr(req->kind));
	vs_json_set(&cpu, "report", b64url(req->report));
	if (req->certs.n != 0)
		vs_json_set(&cpu, "certs", b64url(req->certs));
	vs_json_set(&evidence, "cpu", cpu);
	if (req->gpus_n != 0)
		vs_json_set(
		    &evidence, "gpus", device_list(req->gpus, req->gpus_n));
	if (req->switches_n != 0)
		vs_json_set(&evidence, "switches",
		    device_list(req->switches, req->switches_n));
	if (req->event_log.n != 0)
		vs_json_set(&evidence, "event_log", b64url(req->event_log));
	return evidence;
}

vs_status
vs_api_release_body(
    const struct vs_api_release *req, struct vs_buf *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_json *jwk = NULL;

	VS_TRY(err, "recipient", vs_json_parse(req->jwk, &jwk, err));
	root = vs_json_object();
	vs_json_set(&root, "nonce", b64url(req->nonce));
	vs_json_set(&root, "recipient", jwk);
	vs_json_set(&root, "evidence", evidence_of(req));
	vs_json_set(&root, "keys", key_list(req));
	VS_TRY(err, "release body", vs_json_dump(root, VS_JSON_COMPACT, out));
	return VS_OK;
}

static vs_status
read_release(const struct vs_json *doc, struct vs_buf *jwe,
    char id[VS_UUID_TEXT_MAX], struct vs_err *err)
{
	struct vs_span sealed, text;
	uint8_t bytes[VS_UUID_SIZE];

	VS_TRY(err, "release_id",
	    vs_json_need_str(doc, "", "release_id", &text, err));
	VS_TRY(err, "release_id", vs_uuid_parse(text, bytes));
	VS_TRY(
	    err, "sealed", vs_json_need_str(doc, "", "sealed", &sealed, err));
	vs_buf_add(jwe, sealed);
	VS_TRY(err, "sealed", vs_buf_status(jwe));
	vs_uuid_format(bytes, id);
	return VS_OK;
}

static vs_status
post_release(struct vs_client *c, struct vs_span body, struct vs_json **doc,
    struct vs_problem *problem, struct vs_err *err)
{
	struct vs_reply reply = {0};
	vs_status st = vs_client_request(
	    c, "POST", "/v1/release", "application/json", body, &reply, err);

	if (st == VS_OK)
		st = vs_reply_check(&reply, problem, err);
	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&reply.body), doc, err);
	vs_reply_fini(&reply);
	return st;
}

vs_status
vs_api_release(struct vs_client *c, const struct vs_api_release *req,
    struct vs_buf *jwe, char id[VS_UUID_TEXT_MAX], struct vs_problem *problem,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_buf body = {0};
	vs_status st = vs_api_release_body(req, &body, err);

	if (problem != NULL)
		*problem = (struct vs_problem){.retry_after_s = -1};
	if (st == VS_OK)
		st = post_release(c, vs_buf_span(&body), &doc, problem, err);
	vs_buf_fini(&body);
	VS_TRY(err, "release", st);
	VS_TRY(err, "release", read_release(doc, jwe, id, err));
	return VS_OK;
}
