/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Import of keys over HTTP. The JWE is taken apart here, and what is in it
 * stays closed: the keeper alone has the key for it.
 */
#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"
#include "http/admin_api.h"
#include "http/admin_import.h"
#include "http/problem.h"

/* RFC 7638 over the members that RFC 8037 2 requires. */
static vs_status
thumbprint(const uint8_t key[VS_BROKER_IMPORT_KEY_SIZE], uint8_t out[32])
{
	const struct vs_recipient r = {.curve = VS_CURVE_X25519,
	    .x = VS_SPAN(key, VS_BROKER_IMPORT_KEY_SIZE)};

	return vs_binding_thumbprint(&r, out);
}

static void
set_b64url(struct vs_json **o, const char *name, struct vs_span bytes)
{
	struct vs_buf text = {0};

	vs_buf_b64url(&text, bytes);
	vs_json_set(o, name, vs_json_cstr(vs_buf_cstr(&text)));
	vs_buf_fini(&text);
}

void
vs_admin_import_key(
    void *app, const struct vs_request *req, struct vs_response *res)
{
	struct vs_admin *a = app;
	uint8_t key[VS_BROKER_IMPORT_KEY_SIZE];
	uint8_t print[32];
	struct vs_err err = {0};
	struct vs_json *doc;
	vs_status st = vs_broker_import_key(a->broker, key, &err);

	(void)req;
	if (st == VS_OK) {
		st = thumbprint(key, print);
		if (st != VS_OK)
			(void)vs_fail(&err, st, "import key");
	}
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "kty", vs_json_cstr("OKP"));
	vs_json_set(&doc, "crv", vs_json_cstr("X25519"));
	set_b64url(&doc, "x", VS_SPAN_OF(key));
	set_b64url(&doc, "kid", VS_SPAN_OF(print));
	vs_respond_json(res, 200, doc);
	vs_json_free(&doc);
}

/* As far as a number of JSON goes without loss. */
#define USES_MAX ((int64_t)1 << 53)

enum { PARTS = 5, P_HEADER = 0, P_KEY, P_IV, P_TEXT, P_TAG };

static vs_status
split(struct vs_span jwe, struct vs_span part[PARTS], struct vs_err *err)
{
	size_t n = 0;
	size_t from = 0;

	for (size_t i = 0; i <= jwe.n; i++) {
		if (i < jwe.n && jwe.p[i] != '.')
			continue;
		if (n == PARTS)
			return vs_fail(err, VS_MALFORMED, "too many parts");
		part[n++] = vs_span_slice(jwe, from, i - from);
		from = i + 1;
	}
	if (n != PARTS)
		return vs_fail(err, VS_MALFORMED, "too few parts");
	if (part[P_KEY].n != 0) /* ECDH-ES wraps no key */
		return vs_fail(err, VS_MALFORMED, "encrypted key present");
	return VS_OK;
}

static vs_status
need_text(const struct vs_json *obj, const char *name, const char *want,
    struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, name, vs_json_need_str(obj, "", name, &text, err));
	if (!vs_span_is(text, want))
		return vs_fail(err, VS_MALFORMED, "%s is not %s", name, want);
	return VS_OK;
}

static vs_status
read_header(struct vs_span text, struct vs_arena *a, struct vs_sealed_key *out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *header = NULL;
	const struct vs_json *epk;
	struct vs_span json;

	if (text.n > VS_SEALED_HEADER_MAX)
		return vs_fail(err, VS_MALFORMED, "header: too long");
	VS_TRY(err, "header", vs_b64url_decode(a, text, &json));
	VS_TRY(err, "header", vs_json_parse(json, &header, err));
	VS_TRY(err, "header", need_text(header, "alg", "ECDH-ES", err));
	VS_TRY(err, "header", need_text(header, "enc", "A256GCM", err));
	VS_TRY(err, "header",
	    vs_json_need(header, "", "epk", VS_JSON_OBJECT, &epk, err));
	VS_TRY(err, "epk", need_text(epk, "kty", "OKP", err));
	VS_TRY(err, "epk", need_text(epk, "crv", "X25519", err));
	VS_TRY(err, "epk",
	    vs_json_need_b64url(
		epk, "epk", "x", VS_BROKER_IMPORT_KEY_SIZE, a, &out->epk, err));
	out->header = text;
	return VS_OK;
}

static vs_status
read_sealed(struct vs_span jwe, struct vs_arena *a, struct vs_sealed_key *out,
    struct vs_err *err)
{
	struct vs_span part[PARTS];

	VS_TRY(err, "sealed", split(jwe, part, err));
	VS_TRY(err, "sealed", read_header(part[P_HEADER], a, out, err));
	VS_TRY(err, "iv", vs_b64url_decode(a, part[P_IV], &out->iv));
	VS_TRY(err, "tag", vs_b64url_decode(a, part[P_TAG], &out->tag));
	VS_TRY(err, "ciphertext",
	    vs_b64url_decode(a, part[P_TEXT], &out->ciphertext));
	return VS_OK;
}

vs_status
vs_admin_read_use(const struct vs_json *doc, bool *dataset, int64_t *max_uses,
    struct vs_err *err)
{
	const struct vs_json *d = vs_json_get(doc, "dataset");
	const struct vs_json *m = vs_json_get(doc, "max_uses");
	int64_t max = 0;
	bool is = false;

	if (d != NULL && !vs_json_is_bool(d, &is))
		return vs_fail(
		    err, VS_MALFORMED, "dataset: must be true or false");
	if (m != NULL &&
	    (!vs_json_is_int(m, &max) || max < 1 || max > USES_MAX))
		return vs_fail(err, VS_MALFORMED,
		    "max_uses: must be a whole number from 1");
	*dataset = is;
	*max_uses = max;
	return VS_OK;
}

/* What stands in the body, borrowed from it. */
static vs_status
read_body(const struct vs_request *req, const struct vs_json *doc,
    struct vs_key_import *in, struct vs_err *err)
{
	static const char *const known[] = {
	    "sealed", "version", "content_type", "dataset", "max_uses"};
	const struct vs_json *version = vs_json_get(doc, "version");
	struct vs_span jwe;
	int64_t v = 1;

	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "body: must be an object");
	VS_TRY(err, "body", vs_json_only(doc, "", known, VS_COUNT(known), err));
	VS_TRY(err, "body", vs_json_need_str(doc, "", "sealed", &jwe, err));
	if (version != NULL &&
	    (!vs_json_is_int(version, &v) || v < 1 || v > UINT32_MAX))
		return vs_fail(err, VS_MALFORMED,
		    "version: must be a whole number from 1");
	in->version = (uint32_t)v;
	VS_TRY(err, "body",
	    vs_admin_read_use(doc, &in->dataset, &in->max_uses, err));
	if (vs_json_get(doc, "content_type") != NULL)
		VS_TRY(err, "body",
		    vs_json_need_str(
			doc, "", "content_type", &in->content_type, err));
	return read_sealed(jwe, req->arena, &in->sealed, err);
}

void
vs_admin_key_import(struct vs_admin *a, const struct vs_request *req,
    struct vs_span name, struct vs_response *res)
{
	struct vs_key_import in = {.name = name};
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_err err = {0};
	struct vs_json *out;
	bool dry_run = false;
	vs_status st = vs_admin_query_dry(req, &dry_run, &err);

	if (st == VS_OK)
		st = vs_json_parse(req->body, &doc, &err);
	if (st == VS_OK)
		st = read_body(req, doc, &in, &err);
	if (st == VS_OK)
		st = vs_broker_key_import(
		    a->broker, req->identity->audit, &in, dry_run, &err);
	if (st != VS_OK) {
		vs_admin_fail(res, st, &err);
		return;
	}
	out = vs_json_object();
	vs_json_set(&out, "name", vs_json_str(name));
	vs_json_set(&out, "version", vs_json_int(in.version));
	vs_json_set(&out, "size", vs_json_int((int64_t)in.sealed.ciphertext.n));
	if (dry_run)
		vs_json_set(&out, "dry_run", vs_json_bool(true));
	vs_respond_json(res, dry_run ? 200 : 201, out);
	vs_json_free(&out);
}
