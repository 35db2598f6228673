/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, status codes and bodies of both APIs, among fakes below. */
#include "base/encoding.h"
#include "broker/tokens.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "fake_world.h"
#include "http/admin_api.h"
#include "http/guest_api.h"
#include "http/problem.h"
#include "store/policies.h"

/* ---- the rest of the fakes: what only the APIs read ---- */

vs_evidence_kind
vs_evidence_kind_parse(struct vs_span name)
{
	return vs_span_is(name, "snp") ? VS_EVIDENCE_SNP : VS_EVIDENCE_UNKNOWN;
}

struct vs_collateral *
vs_collateral_ref(struct vs_collateral *c)
{
	struct vs_collateral *copy = vs_calloc(1, sizeof *copy);

	if (copy == NULL)
		return NULL;
	*copy = *c;
	copy->crl.product = "Milan";
	copy->crl.not_after = 4102444800;
	return copy;
}

struct vs_policy_set *
vs_policy_set_ref(struct vs_policy_set *s)
{
	(void)s;
	return vs_calloc(1, sizeof(struct vs_policy_set));
}

vs_status
vs_policy_load(const char *file, struct vs_span text,
    struct vs_policy_diags *diags, struct vs_policy **out, struct vs_err *err)
{
	(void)file;
	(void)diags;
	if (vs_span_is(text, "broken"))
		return vs_fail(err, VS_MALFORMED, "fake policy is broken");
	*out = malloc(1);
	return VS_OK;
}

void
vs_policy_free(struct vs_policy **p)
{
	free(*p);
	*p = NULL;
}

int64_t
vs_policy_version(const struct vs_policy *p)
{
	(void)p;
	return 7;
}

const char *
vs_policy_mode(const struct vs_policy *p)
{
	(void)p;
	return "enforce";
}

size_t
vs_policy_rules(const struct vs_policy *p)
{
	(void)p;
	return 3;
}

/* ---- one call ---- */

struct http {
	struct bench t;
	struct vs_admin admin;
	struct vs_config config; /* the defaults: root may do everything */
	struct vs_gate gate;
	struct vs_reload_report report; /* what a reload yields */
	unsigned reloads;
	const char *query[8]; /* name, value, ... NULL */
	const char *type;     /* of the next request's body */
	const char *authorization;
	bool remote; /* not on the socket */
	struct vs_response res;
	struct vs_json *doc; /* of the answer, when it is JSON */
};

static void
fake_reload(void *daemon, struct vs_reload_report *out)
{
	struct http *h = daemon;

	h->reloads++;
	*out = h->report;
}

static void
fake_last(void *daemon, struct vs_reload_report *out)
{
	*out = ((struct http *)daemon)->report;
}

static void
http_init(struct http *h)
{
	struct vs_identities *ids = NULL;
	struct vs_err err = {0};

	*h = (struct http){.type = "application/json"};
	bench_init(&h->t);
	CHECK_OK(vs_config_load(NULL, NULL, &h->config, &err), err);
	vs_gate_init(&h->gate);
	CHECK_OK(vs_identities_load(&h->config, &ids, &err), err);
	vs_gate_install(&h->gate, ids);
	h->report = (struct vs_reload_report){.at_ms = 1000, .ok = true};
	h->admin = (struct vs_admin){.broker = h->t.b,
	    .gate = &h->gate,
	    .daemon = h,
	    .reload = fake_reload,
	    .last = fake_last};
}

static void
drop(struct http *h)
{
	vs_buf_fini(&h->res.body);
	vs_json_free(&h->doc);
	h->res = (struct vs_response){0};
}

static void
http_fini(struct http *h)
{
	drop(h);
	vs_gate_fini(&h->gate);
	vs_config_fini(&h->config);
	bench_fini(&h->t);
}

static const char *
query_value(void *ctx, const char *name)
{
	const struct http *h = ctx;

	for (size_t i = 0; h->query[i] != NULL; i += 2)
		if (strcmp(h->query[i], name) == 0)
			return h->query[i + 1];
	return NULL;
}

static unsigned
send_to(struct http *h, vs_handler handler, void *app, const char *method,
    const char *path, struct vs_span body)
{
	struct vs_err err = {0};
	struct vs_request req = {.method = method,
	    .path = vs_span_cstr(path),
	    .content_type = vs_span_cstr(h->type),
	    .body = body,
	    .peer = "192.0.2.7",
	    .authorization = vs_span_cstr(h->authorization),
	    .local = !h->remote,
	    .arena = &h->t.arena,
	    .query = query_value,
	    .query_ctx = h};

	drop(h);
	vs_arena_reset(&h->t.arena);
	handler(app, &req, &h->res);
	CHECK(h->res.status >= 200 && h->res.content_type != NULL);
	if (strstr(h->res.content_type, "json") != NULL)
		CHECK_OK(
		    vs_json_parse(vs_buf_span(&h->res.body), &h->doc, &err),
		    err);
	return h->res.status;
}

static unsigned
guest(struct http *h, const char *method, const char *path, const char *body)
{
	return send_to(
	    h, vs_guest_api, h->t.b, method, path, vs_span_cstr(body));
}

static unsigned
admin(struct http *h, const char *method, const char *path, const char *body)
{
	return send_to(
	    h, vs_admin_api, &h->admin, method, path, vs_span_cstr(body));
}

static struct vs_span
member(const struct vs_json *doc, const char *name)
{
	struct vs_span s = {NULL, 0};

	CHECK(vs_json_is_string(vs_json_get(doc, name), &s));
	return s;
}

static int64_t
number(const struct vs_json *doc, const char *name)
{
	int64_t n = -1;

	CHECK(vs_json_is_int(vs_json_get(doc, name), &n));
	return n;
}

/* A problem (RFC 9457) with all that every one has. */
static void
is_problem(struct http *h, unsigned status, const char *class_name,
    const char *detail, int line)
{
	char type[80];

	(void)snprintf(
	    type, sizeof type, "urn:vouchsafe:problem:%s", class_name);
	if (!CHECK_INT(h->res.status, status) ||
	    !CHECK(vs_span_is(member(h->doc, "type"), type)) ||
	    !CHECK(vs_span_is(member(h->doc, "detail"), detail)))
		fprintf(
		    stderr, "line %d: %s\n", line, vs_buf_cstr(&h->res.body));
	CHECK_STR(h->res.content_type, "application/problem+json");
	CHECK_STR(h->res.class_name, class_name);
	CHECK_INT(number(h->doc, "status"), status);
	CHECK(member(h->doc, "title").n > 0);
	CHECK_INT(h->res.retry_after_s > 0, status == 503 || status == 429);
}
#define PROBLEM(h, status, class_name, detail)                                 \
	is_problem((h), (status), (class_name), (detail), __LINE__)

/* ---- routes ---- */

static void
test_guest_routes(void)
{
	static const char nothing[] = "There is nothing at this path.";
	static const char *const absent[] = {"/", "", "/v1", "/v1/",
	    "/v1/release/", "/v1/releases", "/V1/release", "/v1/keys",
	    "/v1/status", "/v1/renew", "/v1/audit", "/healthz/x", "/metrics"};
	struct http h;

	http_init(&h);
	for (size_t i = 0; i < VS_COUNT(absent); i++) {
		(void)guest(&h, "GET", absent[i], "");
		PROBLEM(&h, 404, "usage", nothing);
		(void)guest(&h, "POST", absent[i], "{}");
		PROBLEM(&h, 404, "usage", nothing);
	}
	http_fini(&h);
}

static void
test_methods(void)
{
	static const char no[] = "The method is not allowed here.";
	struct http h;

	http_init(&h);
	(void)guest(&h, "GET", "/v1/release", "");
	PROBLEM(&h, 405, "usage", no);
	CHECK_STR(h.res.allow, "POST");
	(void)guest(&h, "PUT", "/v1/challenge", "");
	PROBLEM(&h, 405, "usage", no);
	CHECK_STR(h.res.allow, "POST");
	(void)guest(&h, "POST", "/healthz", "");
	PROBLEM(&h, 405, "usage", no);
	CHECK_STR(h.res.allow, "GET, HEAD");
	(void)guest(&h, "OPTIONS", "/v1/info", "");
	PROBLEM(&h, 405, "usage", no);
	(void)guest(&h, "post", "/v1/challenge", "");
	PROBLEM(&h, 405, "usage", no);
	CHECK_INT(guest(&h, "HEAD", "/healthz", ""), 200);
	(void)admin(&h, "DELETE", "/v1/keys", "");
	PROBLEM(&h, 405, "usage", no);
	CHECK_STR(h.res.allow, "GET, HEAD, POST");
	(void)admin(&h, "DELETE", "/v1/keys/a/b", "");
	CHECK_STR(h.res.allow, "GET, HEAD, POST");
	(void)admin(&h, "POST", "/v1/audit/x", "");
	CHECK_STR(h.res.allow, "GET, HEAD");
	(void)admin(&h, "GET", "/v1/policies:reload", "");
	CHECK_STR(h.res.allow, "POST");
	CHECK_INT(h.reloads, 0);
	http_fini(&h);
}

static void
test_admin_routes(void)
{
	static const char *const absent[] = {"/", "/v1/keys/", "/v1/audit/",
	    "/v1/release", "/v1/challenge", "/healthz"};
	struct http h;

	http_init(&h);
	for (size_t i = 0; i < VS_COUNT(absent); i++) {
		(void)admin(&h, "GET", absent[i], "");
		PROBLEM(&h, 404, "usage", "There is nothing at this path.");
	}
	http_fini(&h);
}

/* ---- guests ---- */

static void
test_facts(void)
{
	struct http h;

	http_init(&h);
	CHECK_INT(guest(&h, "GET", "/healthz", ""), 200);
	CHECK(vs_span_is(member(h.doc, "status"), "live"));
	CHECK_INT(guest(&h, "GET", "/v1/info", ""), 200);
	CHECK(vs_span_is(member(h.doc, "name"), "vouchsafe"));
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "evidence")), 5);
	CHECK_INT(guest(&h, "POST", "/v1/challenge", "ignored"), 200);
	CHECK_INT(member(h.doc, "nonce").n, 43);
	CHECK_INT(number(h.doc, "expires_in"), 300);
	fake.sealed = true;
	(void)guest(&h, "GET", "/readyz", "");
	CHECK_INT(h.res.status, 503);
	CHECK_STR(h.res.class_name, "unavailable");
	/* What is alive is so without a key. */
	CHECK_INT(guest(&h, "GET", "/healthz", ""), 200);
	http_fini(&h);
}

static void
test_ready(void)
{
	struct http h;

	http_init(&h);
	CHECK_INT(guest(&h, "GET", "/readyz", ""), 200);
	CHECK(vs_span_is(member(h.doc, "status"), "ready"));
	http_fini(&h);
}

static void
test_unsealed_comes_first(void)
{
	struct http h;

	http_init(&h);
	fake.sealed = true;
	(void)guest(&h, "POST", "/v1/challenge", "");
	PROBLEM(
	    &h, 503, "unavailable", "Nothing was released. Try again later.");
	http_fini(&h);
}

#define B32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* A request with a fresh nonce for this key. */
static const char *
body_for(struct http *h, const char *key, char out[512])
{
	struct vs_span nonce;

	CHECK_INT(guest(h, "POST", "/v1/challenge", ""), 200);
	nonce = member(h->doc, "nonce");
	(void)snprintf(out, 512,
	    "{\"nonce\":\"%.*s\",\"recipient\":{\"kty\":\"OKP\",\"crv\":"
	    "\"X25519\",\"x\":\"" B32 "\"},\"evidence\":{\"cpu\":{\"kind\":"
	    "\"snp\",\"report\":\"AAEC\"}},\"keys\":[{\"name\":\"%s\"}]}",
	    VS_SPAN_ARG(nonce), key);
	return out;
}

static unsigned
release(struct http *h, const char *key)
{
	char body[512];

	return guest(h, "POST", "/v1/release", body_for(h, key, body));
}

static void
test_release(void)
{
	struct http h;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	CHECK_INT(release(&h, "models/a"), 200);
	CHECK_STR(h.res.content_type, "application/json");
	CHECK_STR(h.res.class_name, "ok");
	CHECK_INT(vs_json_size(h.doc), 2);
	CHECK(vs_span_is(member(h.doc, "release_id"), h.res.id));
	CHECK(vs_span_is(member(h.doc, "sealed"), "models/a@1 "));
	h.type = "Application/JSON; charset=utf-8";
	CHECK_INT(release(&h, "models/a"), 200);
	http_fini(&h);
}

static void
test_media_types(void)
{
	static const char *const wrong[] = {"", "text/plain",
	    "application/jsonx", "application/problem+json",
	    "application/x-www-form-urlencoded", "application/cborx"};
	struct http h;
	char body[512];

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	(void)body_for(&h, "models/a", body);
	for (size_t i = 0; i < VS_COUNT(wrong); i++) {
		h.type = wrong[i];
		CHECK_INT(guest(&h, "POST", "/v1/release", body), 415);
		CHECK_STR(h.res.class_name, "usage");
	}
	CHECK_INT(world.appraisals, 0);
	/* Nothing was spent meanwhile. */
	h.type = "application/json";
	CHECK_INT(guest(&h, "POST", "/v1/release", body), 200);
	http_fini(&h);
}

static void
test_malformed_names_the_field(void)
{
	struct http h;

	http_init(&h);
	(void)guest(&h, "POST", "/v1/release", "{\"nonce\": }");
	PROBLEM(&h, 400, "malformed", "JSON, line 1 column 11: not a value");
	CHECK(vs_json_get(h.doc, "instance") == NULL);
	CHECK(vs_json_get(h.doc, "code") == NULL);
	(void)guest(&h, "POST", "/v1/release", "{\"nonce\":\"AA\"}");
	PROBLEM(&h, 400, "malformed", "nonce: must be 32 bytes");
	(void)guest(&h, "POST", "/v1/release", "");
	CHECK_INT(h.res.status, 400);
	(void)guest(&h, "POST", "/v1/release", "{\"nonce\":\"" B32 B32 "\"}");
	PROBLEM(&h, 413, "limited", "nonce: above 32 bytes");
	CHECK(vs_span_is(member(h.doc, "title"), "The request is too large"));
	http_fini(&h);
}

/* ---- what a guest must not learn ---- */

static const char generic[] = "Policy does not allow this release. Ask the "
			      "operator to look up the instance id in the "
			      "audit trail.";

/* The body without its id, which must be a new one each time. */
static void
without_id(struct http *h, char out[1024])
{
	char *at;

	(void)snprintf(out, 1024, "%s", vs_buf_cstr(&h->res.body));
	at = strstr(out, h->res.id);
	if (CHECK(h->res.id[0] != '\0' && at != NULL))
		memset(at, 'X', 36);
	CHECK(strstr(out, h->res.id) == NULL);
}

static void
test_denials_look_alike(void)
{
	static const char *const keys[] = {
	    "models/denied", "models/unknown", "models/gone", "models/off"};
	struct http h;
	char first[1024];
	char other[1024];

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/denied"), h.t.err);
	CHECK_OK(create_key(&h.t, "models/gone"), h.t.err);
	CHECK_OK(create_key(&h.t, "models/off"), h.t.err);
	CHECK_OK(set_state(&h.t, "models/gone", 1, VS_KEY_DESTROYED), h.t.err);
	CHECK_OK(set_state(&h.t, "models/off", 1, VS_KEY_DISABLED), h.t.err);
	world.denied_key = "models/denied";
	for (size_t i = 0; i < VS_COUNT(keys); i++) {
		(void)release(&h, keys[i]);
		PROBLEM(&h, 403, "denied", generic);
		without_id(&h, i == 0 ? first : other);
		if (i > 0)
			CHECK_STR(other, first);
		CHECK(vs_json_get(h.doc, "code") == NULL);
		CHECK(vs_json_get(h.doc, "failed_rules") == NULL);
	}
	http_fini(&h);
}

static void
test_evidence_of_one_class_looks_alike(void)
{
	static const char *const codes[] = {
	    "chain.revoked", "bind.tcb", "report.signature", NULL};
	struct http h;
	char first[1024];
	char other[1024];

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	world.evidence = VS_UNTRUSTED;
	for (size_t i = 0; i < VS_COUNT(codes); i++) {
		world.evidence_code = codes[i];
		CHECK_INT(release(&h, "models/a"), 403);
		CHECK_STR(h.res.class_name, "unverified");
		without_id(&h, i == 0 ? first : other);
		if (i > 0)
			CHECK_STR(other, first);
		CHECK(strstr(first, "fake evidence") == NULL);
	}
	/* The log has what the guest has not. */
	world.evidence_code = "chain.revoked";
	(void)release(&h, "models/a");
	CHECK_STR(h.res.code, "chain.revoked");
	http_fini(&h);
}

static void
test_disclosed_rules(void)
{
	struct http h;
	const struct vs_json *rules;
	struct vs_span id = {NULL, 0};

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	world.denied_key = "*";
	world.disclose = true;
	(void)release(&h, "models/a");
	PROBLEM(&h, 403, "denied", generic);
	rules = vs_json_get(h.doc, "failed_rules");
	if (CHECK_INT(vs_json_size(rules), 1)) {
		CHECK(vs_json_is_string(vs_json_at(rules, 0), &id));
		CHECK(vs_span_is(id, "second"));
	}
	/* The id alone: no message, no value. */
	CHECK(strstr(vs_buf_cstr(&h.res.body), "failed\",") == NULL);
	CHECK(strstr(vs_buf_cstr(&h.res.body), "why") == NULL);
	http_fini(&h);
}

static void
test_spent_and_stale(void)
{
	static const char stale[] =
	    "The nonce is unknown, expired or spent. Take a new challenge.";
	struct http h;
	char body[512];
	char unknown[512];
	char *letter;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	(void)body_for(&h, "models/a", body);
	memcpy(unknown, body, sizeof unknown);
	letter = &unknown[sizeof "{\"nonce\":\"" - 1 + 20];
	*letter = *letter == 'A' ? 'B' : 'A';
	CHECK_INT(guest(&h, "POST", "/v1/release", body), 200);
	(void)guest(&h, "POST", "/v1/release", body);
	PROBLEM(&h, 401, "stale", stale);
	(void)guest(&h, "POST", "/v1/release", unknown);
	PROBLEM(&h, 401, "stale", stale);
	(void)body_for(&h, "models/a", body);
	h.t.now_ms += 301000;
	(void)guest(&h, "POST", "/v1/release", body);
	PROBLEM(&h, 401, "stale", stale);
	http_fini(&h);
}

static void
test_keeper_failures(void)
{
	static const char later[] = "Nothing was released. Try again later.";
	struct http h;
	char body[512];

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	(void)body_for(&h, "models/a", body);
	fake.reseal = VS_UNAVAILABLE;
	(void)guest(&h, "POST", "/v1/release", body);
	PROBLEM(&h, 503, "unavailable", later);
	fake.reseal = VS_OK;
	(void)body_for(&h, "models/a", body);
	fake.chain = VS_DISK_FULL;
	(void)guest(&h, "POST", "/v1/release", body);
	CHECK_INT(h.res.status, 503);
	CHECK(vs_json_get(h.doc, "sealed") == NULL);
	http_fini(&h);
}

/* ---- problems by themselves ---- */

static void
problem(struct http *h, vs_candour candour, vs_status st)
{
	struct vs_err err = {0};
	const uint8_t id[VS_UUID_SIZE] = {1};

	drop(h);
	(void)vs_fail_code(&err, st, "fine.code", "inner words");
	vs_respond_problem(&h->res, candour, st, &err, id, NULL, 0);
	CHECK_OK(vs_json_parse(vs_buf_span(&h->res.body), &h->doc, &err), err);
}

static void
test_candour(void)
{
	static const struct {
		vs_status st;
		unsigned status;
		const char *class_name;
		bool guest_sees;
	} cases[] = {{VS_MALFORMED, 400, "malformed", true},
	    {VS_UNSUPPORTED, 400, "malformed", true},
	    {VS_UNTRUSTED, 403, "unverified", false},
	    {VS_STALE, 401, "stale", false}, {VS_SPENT, 401, "stale", false},
	    {VS_DENIED, 403, "denied", false}, {VS_BUSY, 429, "limited", false},
	    {VS_TOO_LARGE, 413, "limited", false},
	    {VS_NOT_FOUND, 404, "usage", true},
	    {VS_CONFLICT, 409, "usage", true},
	    {VS_SEALED, 503, "unavailable", false},
	    {VS_DISK_FULL, 503, "unavailable", false},
	    {VS_INTERNAL, 500, "internal", false},
	    {VS_NO_MEMORY, 500, "internal", false}};
	struct http h = {.type = ""};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		problem(&h, VS_CANDOUR_GUEST, cases[i].st);
		CHECK_INT(h.res.status, cases[i].status);
		CHECK_STR(h.res.class_name, cases[i].class_name);
		CHECK_INT(vs_span_is(member(h.doc, "detail"), "inner words"),
		    cases[i].guest_sees);
		CHECK(vs_json_get(h.doc, "code") == NULL);
		CHECK(vs_span_is(member(h.doc, "instance"),
		    "urn:uuid:01000000-0000-0000-0000-000000000000"));
		problem(&h, VS_CANDOUR_ADMIN, cases[i].st);
		PROBLEM(
		    &h, cases[i].status, cases[i].class_name, "inner words");
		CHECK(vs_span_is(member(h.doc, "code"), "fine.code"));
	}
	drop(&h);
}

static void
test_plain_statuses(void)
{
	static const struct {
		unsigned status;
		const char *class_name;
	} cases[] = {{403, "denied"}, {404, "usage"}, {405, "usage"},
	    {408, "limited"}, {413, "limited"}, {415, "usage"},
	    {429, "limited"}, {431, "limited"}, {503, "unavailable"}};
	struct http h = {.type = ""};
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		drop(&h);
		vs_respond_status(&h.res, cases[i].status, "words");
		CHECK_OK(
		    vs_json_parse(vs_buf_span(&h.res.body), &h.doc, &err), err);
		PROBLEM(&h, cases[i].status, cases[i].class_name, "words");
	}
	drop(&h);
}

/* ---- administrators ---- */

static void
test_keys_life(void)
{
	struct http h;
	const struct vs_json *list;

	http_init(&h);
	CHECK_INT(admin(&h, "POST", "/v1/keys",
		      "{\"names\":[\"a/x\",\"a/y\"],\"bytes\":16}"),
	    201);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "created")), 2);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:rotate", ""), 200);
	CHECK_INT(number(h.doc, "version"), 2);
	CHECK_INT(admin(&h, "GET", "/v1/keys/a/x", ""), 200);
	CHECK(vs_span_is(member(h.doc, "name"), "a/x"));
	list = vs_json_get(h.doc, "versions");
	if (CHECK_INT(vs_json_size(list), 2)) {
		CHECK_INT(number(vs_json_at(list, 1), "version"), 2);
		CHECK_INT(number(vs_json_at(list, 1), "size"), 16);
		CHECK(
		    vs_span_is(member(vs_json_at(list, 0), "state"), "active"));
	}
	CHECK_INT(
	    admin(&h, "POST", "/v1/keys/a/x:disable", "{\"version\":1}"), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "disabled"));
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:enable", "{}"), 200);
	CHECK_INT(
	    admin(&h, "POST", "/v1/keys/a/x:destroy", "{\"after_s\":60}"), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "scheduled"));
	CHECK(vs_json_get(h.doc, "destroy_at") != NULL);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:enable", ""), 409);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:cancel", ""), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "disabled"));
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:cancel", ""), 409);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:retire", ""), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "decrypt-only"));
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:destroy", ""), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "scheduled"));
	CHECK_INT(
	    admin(&h, "POST", "/v1/keys/a/x:destroy", "{\"after_s\":0}"), 200);
	CHECK(vs_span_is(member(h.doc, "state"), "destroyed"));
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:enable", ""), 409);
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	list = vs_json_get(h.doc, "keys");
	if (CHECK_INT(vs_json_size(list), 2)) {
		CHECK_INT(number(vs_json_at(list, 0), "active_version"), 0);
		CHECK_INT(number(vs_json_at(list, 1), "active_version"), 1);
	}
	CHECK(vs_json_get(h.doc, "next") == NULL);
	http_fini(&h);
}

static void
test_key_pages(void)
{
	struct http h;

	http_init(&h);
	CHECK_INT(admin(&h, "POST", "/v1/keys",
		      "{\"names\":[\"a/1\",\"a/2\",\"b/1\"]}"),
	    201);
	h.query[0] = "limit";
	h.query[1] = "2";
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "keys")), 2);
	CHECK(vs_span_is(member(h.doc, "next"), "a/2"));
	h.query[2] = "after";
	h.query[3] = "a/2";
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "keys")), 1);
	CHECK(vs_json_get(h.doc, "next") == NULL);
	h.query[2] = "prefix";
	h.query[3] = "a/";
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "keys")), 2);
	h.query[1] = "many";
	(void)admin(&h, "GET", "/v1/keys", "");
	PROBLEM(
	    &h, 400, "malformed", "limit: must be a whole number up to 1000");
	h.query[1] = "1001";
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 400);
	http_fini(&h);
}

static void
test_bad_changes(void)
{
	static const struct {
		const char *path;
		const char *body;
		unsigned status;
		const char *says;
	} cases[] = {
	    {"/v1/keys", "", 400, "names: missing"},
	    {"/v1/keys", "[]", 400, "body: must be an object"},
	    {"/v1/keys", "{\"name\":\"a/b\"}", 400, "name: unknown member"},
	    {"/v1/keys", "{\"names\":[]}", 400, "names: must be 1 to 1000"},
	    {"/v1/keys", "{\"names\":[1]}", 400, "names[0]: must be a string"},
	    {"/v1/keys", "{\"names\":[\"a\"]}", 400, "key name"},
	    {"/v1/keys", "{\"names\":[\"a/b\"],\"bytes\":0}", 400, "bytes"},
	    {"/v1/keys", "{\"names\":[\"a/b\"],\"bytes\":1048577}", 400,
		"bytes: must be 1 to 1048576"},
	    {"/v1/keys", "{\"names\":[\"a/b\"],\"bytes\":\"32\"}", 400,
		"bytes"},
	    {"/v1/keys", "{\"names\":[\"a/b\"],\"content_type\":1}", 400,
		"content_type: must be a string"},
	    {"/v1/keys", "{\"names\":[\"a/b\"],\"dry_run\":1}", 400,
		"dry_run: must be true or false"},
	    {"/v1/keys/a/x:disable", "{\"version\":0}", 400, "version: must"},
	    {"/v1/keys/a/x:disable", "{\"versions\":1}", 400,
		"versions: unknown member"},
	    {"/v1/keys/a/x:disable", "{", 400, "JSON, line 1"},
	    {"/v1/keys/a/x", "", 404, "must be one of :rotate"},
	    {"/v1/keys/a/x:", "", 404, "must be one of :rotate"},
	    {"/v1/keys/a/x:explode", "", 404, "must be one of :rotate"},
	    {"/v1/keys/a/none:destroy", "", 404, ""},
	    {"/v1/keys/a/none:rotate", "", 404, ""},
	    {"/v1/keys/a/x:disable", "{\"version\":9}", 404, ""},
	    {"/v1/keys/a:rotate", "", 400, "key name"},
	};
	struct http h;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "a/x"), h.t.err);
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		unsigned got = admin(&h, "POST", cases[i].path, cases[i].body);

		if (!CHECK_INT(got, cases[i].status) ||
		    !CHECK(strstr(vs_buf_cstr(&h.res.body), cases[i].says) !=
			NULL))
			fprintf(stderr, "%s %s: %s\n", cases[i].path,
			    cases[i].body, vs_buf_cstr(&h.res.body));
	}
	CHECK_INT(admin(&h, "POST", "/v1/keys", "{\"names\":[\"a/x\"]}"), 409);
	CHECK_INT(admin(&h, "GET", "/v1/keys/a/none", ""), 404);
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "keys")), 1);
	http_fini(&h);
}

static void
test_dry_runs_change_nothing(void)
{
	struct http h;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "a/x"), h.t.err);
	CHECK_INT(admin(&h, "POST", "/v1/keys",
		      "{\"names\":[\"a/y\"],\"dry_run\":true}"),
	    200);
	h.query[0] = "dry_run";
	h.query[1] = "true";
	CHECK_INT(admin(&h, "POST", "/v1/keys", "{\"names\":[\"a/y\"]}"), 200);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:rotate", ""), 200);
	CHECK_INT(number(h.doc, "version"), 2);
	CHECK_INT(admin(&h, "POST", "/v1/keys/a/x:destroy", ""), 200);
	h.query[1] = "maybe";
	(void)admin(&h, "POST", "/v1/keys/a/x:destroy", "{\"after_s\":0}");
	CHECK_INT(h.res.status, 400);
	h.query[0] = NULL;
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "keys")), 1);
	CHECK(strstr(vs_buf_cstr(&h.res.body), "\"state\":\"active\"") != NULL);
	http_fini(&h);
}

static void
test_audit(void)
{
	struct http h;
	char path[64];
	const struct vs_json *list;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	CHECK_INT(release(&h, "models/a"), 200);
	(void)snprintf(path, sizeof path, "/v1/audit/%s", h.res.id);
	CHECK_INT(admin(&h, "GET", path, ""), 200);
	CHECK(vs_span_is(member(h.doc, "action"), "release"));
	CHECK(vs_span_is(member(h.doc, "outcome"), "allowed"));
	CHECK(vs_span_is(member(h.doc, "peer"), "192.0.2.7"));
	CHECK(vs_span_is(member(h.doc, "keys"), "models/a@1"));
	CHECK_INT(member(h.doc, "mac").n, 64);
	CHECK_INT(
	    vs_json_type_of(vs_json_get(h.doc, "detail")), VS_JSON_OBJECT);
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	list = vs_json_get(h.doc, "records");
	CHECK_INT(vs_json_size(list), 2);
	CHECK(vs_json_get(vs_json_at(list, 0), "detail") == NULL);
	h.query[0] = "action";
	h.query[1] = "key.create";
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "records")), 1);
	h.query[0] = "limit";
	h.query[1] = "1";
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	CHECK_INT(number(h.doc, "next"), 2);
	h.query[2] = "before";
	h.query[3] = "2";
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "records")), 1);
	http_fini(&h);
}

static void
test_bad_audit_queries(void)
{
	static const char *const bad[][2] = {
	    {"limit", "x"}, {"before", "-1"}, {"since", "yesterday"}};
	struct http h;

	http_init(&h);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		h.query[0] = bad[i][0];
		h.query[1] = bad[i][1];
		CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 400);
		CHECK(strstr(vs_buf_cstr(&h.res.body), bad[i][0]) != NULL);
	}
	h.query[0] = NULL;
	(void)admin(&h, "GET", "/v1/audit/x", "");
	PROBLEM(&h, 400, "malformed", "the id must be a UUID");
	CHECK_INT(admin(&h, "GET",
		      "/v1/audit/01000000-0000-0000-0000-000000000000", ""),
	    404);
	http_fini(&h);
}

static void
test_status(void)
{
	struct http h;

	http_init(&h);
	CHECK_INT(admin(&h, "GET", "/v1/status", ""), 200);
	CHECK(member(h.doc, "version").n > 0);
	CHECK(vs_json_get(h.doc, "not_ready") == NULL);
	CHECK_INT(number(vs_json_get(h.doc, "policies"), "count"), 1);
	CHECK(vs_json_get(vs_json_get(h.doc, "last_reload"), "error") == NULL);
	CHECK_INT(admin(&h, "GET", "/v1/policies", ""), 200);
	CHECK(vs_span_is(
	    member(vs_json_at(vs_json_get(h.doc, "names"), 0), "name"), "p"));
	CHECK_INT(admin(&h, "GET", "/v1/collateral", ""), 200);
	fake.sealed = true;
	CHECK_INT(admin(&h, "GET", "/v1/seal", ""), 200);
	CHECK(vs_span_is(member(h.doc, "why"), "locked"));
	fake.sealed = false;
	fake.down = true;
	CHECK_INT(admin(&h, "GET", "/v1/seal", ""), 200);
	CHECK(vs_span_is(member(h.doc, "why"), "the keeper is not up"));
	http_fini(&h);
}

/* What a share opens is on record, the share is not. */
static void
test_unseal(void)
{
	static const char share[] = "VSS1-3-ABCD-EFGH";
	const struct vs_json *records;
	struct http h;

	http_init(&h);
	fake.sealed = true;
	(void)admin(&h, "POST", "/v1/seal:unseal", "hello");
	PROBLEM(&h, 400, "malformed", "fake: no share");
	CHECK_INT(admin(&h, "POST", "/v1/seal:unseal", share), 200);
	CHECK(vs_json_get(h.doc, "why") == NULL);
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	records = vs_json_get(h.doc, "records");
	CHECK(vs_span_is(
	    member(vs_json_at(records, 0), "action"), "seal.unseal"));
	CHECK(memmem(h.res.body.p, h.res.body.n, "ABCD", 4) == NULL);
	(void)admin(&h, "GET", "/v1/seal:unseal", "");
	CHECK_INT(h.res.status, 405);
	http_fini(&h);
}

static void
test_reload(void)
{
	struct http h;

	http_init(&h);
	CHECK_INT(admin(&h, "POST", "/v1/policies:reload", ""), 200);
	CHECK_INT(h.reloads, 1);
	h.report.ok = false;
	(void)snprintf(h.report.error, sizeof h.report.error, "p.yaml:3:1: no");
	(void)admin(&h, "POST", "/v1/policies:reload", "");
	PROBLEM(&h, 400, "usage", "not loaded: p.yaml:3:1: no");
	CHECK_INT(admin(&h, "GET", "/v1/status", ""), 200);
	CHECK(vs_span_is(member(vs_json_get(h.doc, "last_reload"), "error"),
	    "p.yaml:3:1: no"));
	http_fini(&h);
}

static void
load_version(struct http *h, uint8_t version, const char *text)
{
	struct vs_policy_row row = {.name = VS_SPAN_LIT("p"),
	    .version = version,
	    .hash = {version},
	    .file = VS_SPAN_LIT("p.yaml"),
	    .text = vs_span_cstr(text)};
	struct vs_policy_load_row load = {
	    .digest = {version}, .rows = &row, .n = 1, .at_ms = 1000 + version};

	CHECK_OK(vs_store_policies_loaded(h->t.store, &load, NULL, &h->t.err),
	    h->t.err);
}

static void
test_policy_history(void)
{
	struct http h;
	char path[96] = "/v1/policy-sets/06";

	http_init(&h);
	load_version(&h, 6, "six");
	load_version(&h, 7, "seven");
	CHECK_INT(admin(&h, "GET", "/v1/policies/p", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "versions")), 2);
	CHECK(vs_json_get(h.doc, "rolled_back_to") == NULL);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p/versions/6", ""), 200);
	CHECK(vs_span_is(member(h.doc, "text"), "six"));
	CHECK_INT(member(h.doc, "sha256").n, 64);
	memset(path + strlen(path), '0', 62);
	CHECK_INT(admin(&h, "GET", path, ""), 200);
	CHECK(vs_span_is(
	    member(vs_json_at(vs_json_get(h.doc, "policies"), 0), "text"),
	    "six"));
	path[20] = '1';
	CHECK_INT(admin(&h, "GET", path, ""), 404);
	CHECK_INT(admin(&h, "GET", "/v1/policy-sets/xyz", ""), 400);
	CHECK_INT(admin(&h, "GET", "/v1/policies/q", ""), 404);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p/versions/9", ""), 404);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p/versions/x", ""), 400);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p/other", ""), 404);
	http_fini(&h);
}

static void
test_policy_rollback(void)
{
	struct http h;

	http_init(&h);
	load_version(&h, 5, "broken");
	load_version(&h, 6, "six");
	load_version(&h, 7, "seven");
	CHECK_INT(admin(&h, "POST", "/v1/policies/p:rollback", ""), 200);
	CHECK_INT(number(h.doc, "from"), 7);
	CHECK_INT(number(h.doc, "to"), 6);
	CHECK_INT(h.reloads, 1);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p", ""), 200);
	CHECK_INT(number(h.doc, "rolled_back_to"), 6);
	/* One that would not load today changes nothing. */
	CHECK_INT(
	    admin(&h, "POST", "/v1/policies/p:rollback", "{\"version\":5}"),
	    400);
	CHECK_INT(h.reloads, 1);
	/* A reload that fails undoes it. */
	h.report.ok = false;
	CHECK_INT(
	    admin(&h, "POST", "/v1/policies/p:rollback", "{\"version\":6}"),
	    400);
	CHECK_INT(h.reloads, 2);
	CHECK_INT(admin(&h, "GET", "/v1/policies/p", ""), 200);
	CHECK_INT(number(h.doc, "rolled_back_to"), 6);
	h.report.ok = true;
	CHECK_INT(admin(&h, "POST", "/v1/policies/q:rollback", ""), 404);
	CHECK_INT(admin(&h, "POST", "/v1/policies/p:other", ""), 404);
	CHECK_INT(admin(&h, "POST", "/v1/policies/p:rollback", "[]"), 400);
	CHECK_INT(
	    admin(&h, "POST", "/v1/policies/p:rollback", "{\"version\":0}"),
	    400);
	h.query[0] = "dry_run";
	h.query[1] = "true";
	CHECK_INT(admin(&h, "POST", "/v1/policies/p:rollback", ""), 200);
	CHECK_INT(h.reloads, 2);
	h.query[0] = "action";
	h.query[1] = "policy.rollback";
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "records")), 3);
	http_fini(&h);
}

static void
test_audit_export(void)
{
	struct http h;
	const struct vs_json *list;

	http_init(&h);
	CHECK_OK(create_key(&h.t, "models/a"), h.t.err);
	for (int i = 0; i < 3; i++)
		CHECK_INT(release(&h, "models/a"), 200);
	h.query[0] = "action";
	h.query[1] = "release";
	h.query[2] = "limit";
	h.query[3] = "2";
	CHECK_INT(admin(&h, "GET", "/v1/audit:export", ""), 200);
	CHECK_INT(number(h.doc, "total"), 3);
	list = vs_json_get(h.doc, "records");
	CHECK_INT(vs_json_size(list), 2);
	CHECK(member(vs_json_at(list, 0), "detail").n > 20);
	CHECK(number(vs_json_at(list, 0), "seq") <
	    number(vs_json_at(list, 1), "seq"));
	CHECK_INT(number(h.doc, "next"), number(vs_json_at(list, 1), "seq"));
	h.query[2] = "after";
	h.query[3] = "3";
	CHECK_INT(admin(&h, "GET", "/v1/audit:export", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "records")), 1);
	CHECK(vs_json_get(h.doc, "next") == NULL);
	h.query[3] = "x";
	CHECK_INT(admin(&h, "GET", "/v1/audit:export", ""), 400);
	http_fini(&h);
}

/* ---- identities ---- */

static const uint8_t token_secret[VS_TOKEN_SECRET_SIZE] = {7};

/* A token with one role; the header that shows it in out. */
static void
token_for(struct http *h, const char *role, unsigned salt, char out[160])
{
	uint8_t secret[VS_TOKEN_SECRET_SIZE], hash[32];
	char body[512], hex[65], tail[64] = "";

	memcpy(secret, token_secret, sizeof secret);
	secret[1] = (uint8_t)salt;
	CHECK_INT(vs_sha256(VS_SPAN_OF(secret), hash), VS_OK);
	vs_hex(VS_SPAN_OF(hash), hex);
	(void)snprintf(body, sizeof body,
	    "{\"sha256\":\"%s\",\"name\":\"t\",\"roles\":[\"%s\"],"
	    "\"lists\":[\"prod\"],\"expires_at\":\"2026-01-02T00:00:00Z\"}",
	    hex, role);
	h->authorization = NULL;
	CHECK_INT(admin(h, "POST", "/v1/tokens", body), 201);
	vs_b64url_encode(VS_SPAN_OF(secret), (uint8_t *)tail);
	(void)snprintf(out, 160, "Bearer vouchsafe_%.*s_%s",
	    VS_SPAN_ARG(member(h->doc, "id")), tail);
}

/* Every route, and the first letters of the roles that may: operator,
 * security, ci, auditor, approver (x). Whatever else the answer is, a role
 * that may not gets 403 and one that may does not. */
static const struct {
	const char *method, *path, *roles;
} route_roles[] = {
    {"GET", "/v1/status", "osa"},
    {"GET", "/v1/seal", "osa"},
    {"GET", "/v1/collateral", "osa"},
    {"GET", "/v1/keys", "oa"},
    {"POST", "/v1/keys", "o"},
    {"GET", "/v1/keys/a/b", "oa"},
    {"POST", "/v1/keys/a/b:rotate", "o"},
    {"POST", "/v1/keys/a/b:destroy", "o"},
    {"GET", "/v1/audit", "sa"},
    {"GET", "/v1/audit/x", "sa"},
    {"GET", "/v1/audit:verify", "sa"},
    {"GET", "/v1/audit:export", "sa"},
    {"GET", "/v1/policies", "osa"},
    {"GET", "/v1/policies/x", "osa"},
    {"GET", "/v1/policy-sets/x", "osa"},
    {"POST", "/v1/policies:reload", "s"},
    {"POST", "/v1/policies/x:rollback", "s"},
    {"GET", "/v1/tokens", "sa"},
    {"POST", "/v1/tokens", "s"},
    {"POST", "/v1/tokens/0123456789abcdef:revoke", "s"},
    {"GET", "/v1/allowlists", "oscax"},
    {"GET", "/v1/allowlists/x", "oscax"},
    {"PUT", "/v1/allowlists/x/entries/y", "sc"},
    {"POST", "/v1/allowlists/x/entries/y:revoke", "s"},
    {"GET", "/v1/approvals", "oscax"},
};

static void
test_roles_of_routes(void)
{
	static const struct {
		char letter;
		const char *name;
	} roles[] = {{'o', "operator"}, {'s', "security"}, {'c', "ci"},
	    {'a', "auditor"}, {'x', "approver"}};
	struct http h;

	http_init(&h);
	for (unsigned r = 0; r < VS_COUNT(roles); r++) {
		char header[160];

		token_for(&h, roles[r].name, r, header);
		h.authorization = header;
		h.remote = true;
		for (size_t i = 0; i < VS_COUNT(route_roles); i++) {
			bool may = strchr(route_roles[i].roles,
				       roles[r].letter) != NULL;
			unsigned got = admin(&h, route_roles[i].method,
			    route_roles[i].path, "{}");

			if (!CHECK((got != 403) == may) ||
			    !CHECK(may ||
				(h.res.code != NULL &&
				    strcmp(h.res.code, "identity.role") == 0)))
				fprintf(stderr, "%s %s %s: %u\n", roles[r].name,
				    route_roles[i].method, route_roles[i].path,
				    got);
			CHECK(got != 401);
		}
		h.remote = false;
	}
	http_fini(&h);
}

/* Somebody whom we know tried what he may not: that is on record. Reading is
 * not, nor is what nobody tried. */
static void
test_denials_on_record(void)
{
	struct http h;
	char header[160];
	const struct vs_json *row;
	struct vs_span peer;

	http_init(&h);
	token_for(&h, "auditor", 1, header);
	h.authorization = header;
	h.remote = true;
	CHECK_INT(admin(&h, "POST", "/v1/keys", "{}"), 403);
	h.authorization = "Bearer x";
	CHECK_INT(admin(&h, "POST", "/v1/keys", "{}"), 401);
	h.authorization = header;
	CHECK_INT(admin(&h, "GET", "/v1/keys", ""), 200);
	h.query[0] = "action";
	h.query[1] = "admin.denied";
	CHECK_INT(admin(&h, "GET", "/v1/audit", ""), 200);
	CHECK_INT(vs_json_size(vs_json_get(h.doc, "records")), 1);
	row = vs_json_at(vs_json_get(h.doc, "records"), 0);
	CHECK(vs_span_is(member(row, "outcome"), "denied"));
	CHECK(vs_span_is(member(row, "code"), "identity.role"));
	peer = member(row, "peer");
	CHECK(vs_span_starts(peer, VS_SPAN_LIT("token:")));
	http_fini(&h);
}

/* Who shows nothing, or what we do not know, is told what to show. */
static void
test_nobody(void)
{
	static const struct {
		const char *authorization, *code;
	} cases[] = {
	    {NULL, "identity.none"},
	    {"Basic eDp5", "identity.scheme"},
	    {"Bearer", "identity.scheme"},
	    {"Bearer ", "identity.scheme"},
	    {"Bearer x", "token.malformed"},
	    {"Bearer vouchsafe_", "token.unknown"},
	    {"Bearer vouchsafe_0123456789abcdef_"
	     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"token.unknown"},
	    {"Bearer e30.e30.AA", "token.malformed"},
	    {"Bearer eyJhbGciOiJub25lIn0.e30.AA", "token.alg"},
	};
	struct http h;

	http_init(&h);
	h.remote = true;
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		h.authorization = cases[i].authorization;
		CHECK_INT(admin(&h, "GET", "/v1/status", ""), 401);
		CHECK_STR(h.res.authenticate, "Bearer");
		CHECK_STR(h.res.code, cases[i].code);
		CHECK_STR(h.res.class_name, "unauthenticated");
	}
	/* What is shown decides, also on the socket. */
	h.remote = false;
	CHECK_INT(admin(&h, "GET", "/v1/status", ""), 401);
	h.authorization = NULL;
	CHECK_INT(admin(&h, "GET", "/v1/status", ""), 200);
	vs_gate_install(&h.gate, NULL);
	CHECK_INT(admin(&h, "GET", "/v1/status", ""), 503);
	http_fini(&h);
}

static void
test_bad_tokens(void)
{
	static const char *const bodies[] = {
	    "", "[]", "{}", "{\"sha256\":\"00\"}", "{\"sha256\":7}"};
	struct http h;

	http_init(&h);
	for (size_t i = 0; i < VS_COUNT(bodies); i++)
		CHECK_INT(admin(&h, "POST", "/v1/tokens", bodies[i]), 400);
	CHECK_INT(admin(&h, "POST", "/v1/tokens/x", ""), 404);
	CHECK_INT(
	    admin(&h, "POST", "/v1/tokens/0123456789abcdef:show", ""), 404);
	CHECK_INT(
	    admin(&h, "POST", "/v1/tokens/0123456789abcdef:revoke", ""), 404);
	http_fini(&h);
}

int
main(void)
{
	RUN(test_guest_routes);
	RUN(test_methods);
	RUN(test_admin_routes);
	RUN(test_facts);
	RUN(test_ready);
	RUN(test_unsealed_comes_first);
	RUN(test_release);
	RUN(test_media_types);
	RUN(test_malformed_names_the_field);
	RUN(test_denials_look_alike);
	RUN(test_evidence_of_one_class_looks_alike);
	RUN(test_disclosed_rules);
	RUN(test_spent_and_stale);
	RUN(test_keeper_failures);
	RUN(test_candour);
	RUN(test_plain_statuses);
	RUN(test_keys_life);
	RUN(test_key_pages);
	RUN(test_bad_changes);
	RUN(test_dry_runs_change_nothing);
	RUN(test_audit);
	RUN(test_bad_audit_queries);
	RUN(test_status);
	RUN(test_unseal);
	RUN(test_reload);
	RUN(test_policy_history);
	RUN(test_policy_rollback);
	RUN(test_audit_export);
	RUN(test_roles_of_routes);
	RUN(test_denials_on_record);
	RUN(test_nobody);
	RUN(test_bad_tokens);
	return check_result();
}
