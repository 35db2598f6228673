/* SPDX-License-Identifier: Apache-2.0 */
/* What the other side says when it says no. */
#include "check.h"
#include "client/api.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static vs_status
check(int http, const char *type, const char *body, struct vs_problem *p,
    struct vs_err *err)
{
	struct vs_reply r = {.status = http, .retry_after_s = -1};
	vs_status st;

	(void)snprintf(r.content_type, sizeof(r.content_type), "%s", type);
	vs_buf_puts(&r.body, body);
	st = vs_reply_check(&r, p, err);
	vs_reply_fini(&r);
	return st;
}

static vs_status
problem(int http, const char *class_name)
{
	struct vs_err err = {0};
	char body[200];

	(void)snprintf(body, sizeof(body),
	    "{\"type\":\"https://vouchsafe.example/problems/%s\"}", class_name);
	return check(http, "application/problem+json", body, NULL, &err);
}

static void
test_success_is_no_problem(void)
{
	struct vs_problem p = {.http = 7};
	struct vs_err err = {0};

	CHECK_INT(check(200, "application/json", "{}", &p, &err), VS_OK);
	CHECK_INT(p.http, 0);
	CHECK_INT(check(204, "", "", &p, &err), VS_OK);
	CHECK_INT(check(302, "", "", &p, &err), VS_INTERNAL);
}

static void
test_each_class_has_its_status(void)
{
	CHECK_INT(problem(400, "malformed"), VS_MALFORMED);
	CHECK_INT(problem(401, "stale"), VS_STALE);
	CHECK_INT(problem(403, "unverified"), VS_UNTRUSTED);
	CHECK_INT(problem(403, "denied"), VS_DENIED);
	CHECK_INT(problem(429, "limited"), VS_BUSY);
	CHECK_INT(problem(413, "limited"), VS_TOO_LARGE);
	CHECK_INT(problem(400, "usage"), VS_USAGE);
	CHECK_INT(problem(404, "usage"), VS_NOT_FOUND);
	CHECK_INT(problem(409, "usage"), VS_CONFLICT);
	CHECK_INT(problem(503, "unavailable"), VS_UNAVAILABLE);
	CHECK_INT(problem(500, "internal"), VS_INTERNAL);
	/* A class that is none: the HTTP status decides. */
	CHECK_INT(problem(403, "elsewhere"), VS_DENIED);
	CHECK_INT(problem(418, "elsewhere"), VS_MALFORMED);
}

static void
test_other_forms_of_type(void)
{
	struct vs_err err = {0};

	CHECK_INT(
	    check(403, "application/problem+json; charset=utf-8",
		"{\"type\":\"urn:vouchsafe:problem:unverified\"}", NULL, &err),
	    VS_UNTRUSTED);
	CHECK_INT(check(403, "application/problem+json",
		      "{\"type\":\"unverified\"}", NULL, &err),
	    VS_UNTRUSTED);
}

static void
test_members_reach_the_message(void)
{
	struct vs_problem p;
	struct vs_err err = {0};

	CHECK_INT(check(403, "application/problem+json",
		      "{\"type\":\"x/denied\",\"title\":\"denied\","
		      "\"detail\":\"policy says no\",\"status\":403,"
		      "\"instance\":\"urn:uuid:" ID "\","
		      "\"failed_rules\":[\"measured\",\"no-debug\"]}",
		      &p, &err),
	    VS_DENIED);
	CHECK_INT(p.http, 403);
	CHECK_STR(p.id, ID);
	CHECK_STR(p.title, "denied");
	CHECK_STR(p.detail, "policy says no");
	CHECK_STR(p.rules, "measured, no-debug");
	CHECK_STR(err.msg,
	    "denied (release id " ID "): policy says no "
	    "(rules: measured, no-debug)");
}

static void
test_hostile_documents_do_no_harm(void)
{
	struct vs_problem p;
	struct vs_err err = {0};
	struct vs_buf body = {0};

	/* Control characters of a terminal become question marks. */
	CHECK_INT(check(403, "application/problem+json",
		      "{\"detail\":\"a\\u001b[2Jb\\u00e9\"}", &p, &err),
	    VS_DENIED);
	CHECK_STR(p.detail, "a?[2Jb??");
	CHECK_INT(
	    check(403, "application/problem+json",
		"{\"instance\":\"urn:uuid:not-one\",\"title\":3}", &p, &err),
	    VS_DENIED);
	CHECK_STR(p.id, "");
	CHECK_INT(check(503, "text/html", "<html>proxy</html>", &p, &err),
	    VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "HTTP status 503") != NULL);
	CHECK_INT(
	    check(403, "application/problem+json", "{\"detail\":", &p, &err),
	    VS_DENIED);
	vs_buf_puts(&body, "{\"failed_rules\":[\"");
	for (int i = 0; i < 1000; i++)
		vs_buf_puts(&body, "long-");
	vs_buf_puts(&body, "\"],\"detail\":\"");
	for (int i = 0; i < 1000; i++)
		vs_buf_puts(&body, "long ");
	vs_buf_puts(&body, "\"}");
	CHECK_INT(check(403, "application/problem+json", vs_buf_cstr(&body), &p,
		      &err),
	    VS_DENIED);
	CHECK_INT(strlen(p.detail), sizeof(p.detail) - 1);
	CHECK_STR(p.rules, "");
	vs_buf_fini(&body);
}

static void
test_escape(void)
{
	struct vs_buf b = {0};

	vs_client_escape(&b, VS_SPAN_LIT("a/b c?&=%~\xff"), false);
	CHECK_STR(vs_buf_cstr(&b), "a%2Fb%20c%3F%26%3D%25~%FF");
	vs_buf_reset(&b);
	vs_client_escape(&b, VS_SPAN_LIT("a/b"), true);
	CHECK_STR(vs_buf_cstr(&b), "a/b");
	vs_buf_fini(&b);
}

static void
test_release_body(void)
{
	const struct vs_api_key keys[] = {
	    {VS_SPAN_LIT("a/b"), 0}, {VS_SPAN_LIT("a/c"), 7}};
	uint8_t nonce[32] = {0};
	struct vs_api_release req = {.nonce = VS_SPAN_OF(nonce),
	    .jwk = VS_SPAN_LIT("{\"kty\":\"EC\"}"),
	    .kind = "snp",
	    .report = VS_SPAN_LIT("\x01\x02\x03"),
	    .certs = VS_SPAN_LIT("\xff"),
	    .keys = keys,
	    .keys_n = 2};
	struct vs_buf b = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_api_release_body(&req, &b, &err), err);
	CHECK_STR(vs_buf_cstr(&b),
	    "{\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
	    "\"recipient\":{\"kty\":\"EC\"},\"evidence\":{\"cpu\":{"
	    "\"kind\":\"snp\",\"report\":\"AQID\",\"certs\":\"_w\"}},"
	    "\"keys\":[{\"name\":\"a/b\"},{\"name\":\"a/c\","
	    "\"version\":7}]}");
	vs_buf_reset(&b);
	req.jwk = VS_SPAN_LIT("{");
	CHECK_INT(vs_api_release_body(&req, &b, &err), VS_MALFORMED);
	vs_buf_fini(&b);
}

int
main(void)
{
	RUN(test_success_is_no_problem);
	RUN(test_each_class_has_its_status);
	RUN(test_other_forms_of_type);
	RUN(test_members_reach_the_message);
	RUN(test_hostile_documents_do_no_harm);
	RUN(test_escape);
	RUN(test_release_body);
	return check_result();
}
