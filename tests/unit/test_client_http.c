/* SPDX-License-Identifier: Apache-2.0 */
/* The client and the load generator against a scripted server. */
#include "base/clock.h"
#include "check.h"
#include "client/api.h"
#include "client/loadgen.h"
#include "http_server.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static struct vs_client *
client(const struct server *s, struct vs_client_options opt)
{
	struct vs_client *c = NULL;
	struct vs_err err = {0};
	char url[64];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)s->port);
	opt.url = url;
	if (s->path[0] != '\0')
		opt.unix_socket = s->path;
	CHECK_OK(vs_client_new(&opt, &c, &err), err);
	return c;
}

static vs_status
post(struct vs_client *c, struct vs_reply *r, struct vs_err *err)
{
	return vs_client_request(c, "POST", "/v1/x?y=1", "application/json",
	    VS_SPAN_LIT("{\"a\":1}"), r, err);
}

static void
test_requests_keep_the_connection(void)
{
	struct server s = {.answer = OK_EMPTY};
	struct vs_reply r = {0};
	struct vs_err err = {0};
	struct vs_client *c;

	start(&s, false);
	c = client(&s, (struct vs_client_options){0});
	for (int i = 0; i < 3; i++) {
		CHECK_OK(post(c, &r, &err), err);
		CHECK_INT(r.status, 200);
		CHECK_INT(r.retry_after_s, -1);
		CHECK(vs_span_is(vs_buf_span(&r.body), "{}"));
	}
	CHECK(strncmp(seen(&s), "POST /v1/x?y=1 HTTP/1.1\r\n", 25) == 0);
	CHECK(strstr(seen(&s), "\r\nContent-Type: application/json\r\n"));
	CHECK(strstr(seen(&s), "\r\n\r\n{\"a\":1}"));
	CHECK(strstr(seen(&s), "Expect") == NULL);
	CHECK_OK(vs_client_request(
		     c, "GET", "/v1/z", "", VS_SPAN(NULL, 0), &r, &err),
	    err);
	CHECK(strncmp(seen(&s), "GET /v1/z HTTP/1.1\r\n", 20) == 0);
	CHECK(strstr(seen(&s), "Content-Type") == NULL);
	vs_client_free(&c);
	vs_reply_fini(&r);
	stop(&s);
	CHECK_INT(s.accepted, 1);
	CHECK_INT(s.requests, 4);
}

static void
test_unix_socket(void)
{
	struct server s = {.answer = OK_EMPTY};
	struct vs_err err = {0};
	struct vs_json *out = NULL;
	struct vs_client *c;

	start(&s, true);
	c = client(&s, (struct vs_client_options){0});
	CHECK_OK(
	    vs_client_admin(c, "DELETE", "/v1/keys/a", NULL, &out, &err), err);
	CHECK_INT(vs_json_type_of(out), VS_JSON_OBJECT);
	CHECK(strncmp(seen(&s), "DELETE /v1/keys/a HTTP/1.1\r\n", 28) == 0);
	vs_json_free(&out);
	vs_client_free(&c);
	stop(&s);
}

static void
test_redirects_are_not_followed(void)
{
	struct server s = {.answer = "HTTP/1.1 302 Found\r\n"
				     "Location: http://127.0.0.1:1/\r\n"
				     "Content-Length: 0\r\n\r\n"};
	struct vs_reply r = {0};
	struct vs_err err = {0};
	struct vs_client *c;

	start(&s, false);
	c = client(&s, (struct vs_client_options){0});
	CHECK_OK(post(c, &r, &err), err);
	CHECK_INT(r.status, 302);
	vs_client_free(&c);
	vs_reply_fini(&r);
	stop(&s);
	CHECK_INT(s.requests, 1);
}

static void
test_retry_after(void)
{
	struct server s = {.answer =
			       "HTTP/1.1 503 Service Unavailable\r\n"
			       "Retry-After: 7\r\nContent-Length: 0\r\n\r\n"};
	struct vs_problem p;
	struct vs_err err = {0};
	struct vs_client *c;

	start(&s, false);
	c = client(&s, (struct vs_client_options){0});
	CHECK_INT(vs_client_json(c, "POST", "/v1/x", NULL, NULL, &p, &err),
	    VS_UNAVAILABLE);
	CHECK_INT(p.http, 503);
	CHECK_INT(p.retry_after_s, 7);
	CHECK(err.code == NULL);
	vs_client_free(&c);
	stop(&s);
}

static void
test_answers_are_bounded(void)
{
	struct server s = {.answer = "HTTP/1.1 200 OK\r\n"
				     "Content-Length: 20\r\n\r\n"
				     "01234567890123456789"};
	struct vs_reply r = {0};
	struct vs_err err = {0};
	struct vs_client *c;

	start(&s, false);
	c = client(&s, (struct vs_client_options){.body_max = 19});
	CHECK_INT(post(c, &r, &err), VS_TOO_LARGE);
	vs_client_free(&c);
	c = client(&s, (struct vs_client_options){.body_max = 20});
	CHECK_OK(post(c, &r, &err), err);
	CHECK_INT(r.body.n, 20);
	vs_client_free(&c);
	vs_reply_fini(&r);
	stop(&s);
}

static void
test_silence_times_out(void)
{
	struct server s = {.mute = true};
	struct vs_reply r = {0};
	struct vs_err err = {0};
	struct vs_client *c;

	start(&s, false);
	c = client(&s, (struct vs_client_options){.timeout_s = 1});
	CHECK_INT(post(c, &r, &err), VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "did not answer within 1 s") != NULL);
	vs_client_free(&c);
	vs_reply_fini(&r);
	stop(&s);
}

static void
test_nobody_there_says_what_to_do(void)
{
	struct server s = {.port = 1};
	struct vs_reply r = {0};
	struct vs_err err = {0};
	struct vs_client *c = client(&s, (struct vs_client_options){0});

	CHECK_INT(post(c, &r, &err), VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "is vouchsafed running") != NULL);
	vs_client_free(&c);
	(void)snprintf(s.path, sizeof(s.path), "/nonexistent/admin.sock");
	c = client(&s, (struct vs_client_options){0});
	CHECK_INT(post(c, &r, &err), VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "/nonexistent/admin.sock") != NULL);
	vs_client_free(&c);
	vs_reply_fini(&r);
}

static void
test_bad_urls(void)
{
	static const char *const urls[] = {"127.0.0.1:8443", "ftp://x",
	    "http://", "http://x/path", "http://x?q", "http://u@x",
	    "http://x#f", "file:///etc/passwd", "http://x y"};
	struct vs_client *c = NULL;
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(urls); i++) {
		struct vs_client_options opt = {.url = urls[i]};

		CHECK_INT(vs_client_new(&opt, &c, &err), VS_USAGE);
		CHECK(c == NULL);
	}
}

static vs_status
challenge(const char *body)
{
	char answer[400];
	struct server s = {.answer = answer};
	uint8_t nonce[32];
	int64_t ttl = 0;
	struct vs_err err = {0};
	struct vs_client *c;
	vs_status st;

	(void)snprintf(answer, sizeof(answer),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	start(&s, false);
	c = client(&s, (struct vs_client_options){0});
	st = vs_api_challenge(c, nonce, &ttl, NULL, &err);
	if (st == VS_OK)
		CHECK(ttl == 300 && nonce[31] == 0);
	vs_client_free(&c);
	stop(&s);
	return st;
}

static void
test_challenge(void)
{
#define NONCE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	CHECK_INT(
	    challenge("{\"nonce\":\"" NONCE "\",\"expires_in\":300}"), VS_OK);
	CHECK(challenge("{\"nonce\":\"" NONCE "A\",\"expires_in\":300}") !=
	    VS_OK);
	CHECK(challenge("{\"nonce\":\"AA\",\"expires_in\":300}") != VS_OK);
	CHECK(challenge("{\"nonce\":\"" NONCE "\"}") != VS_OK);
	CHECK(challenge("{\"nonce\":\"" NONCE "\",\"expires_in\":0}") != VS_OK);
	CHECK(challenge("{\"expires_in\":300}") != VS_OK);
	CHECK(challenge("[]") != VS_OK);
}

static struct vs_load_result
loaded(struct server *s, bool new_connections)
{
	const struct vs_load_request one = {
	    VS_SPAN_LIT("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n"),
	    VS_SPAN_LIT("ab"), VS_SPAN_LIT("cd")};
	struct vs_load_request many[50];
	struct vs_load l = {.connections = 1,
	    .new_connections = new_connections,
	    .requests = many,
	    .n = VS_COUNT(many),
	    .deadline_ns = vs_mono_ns() + 20000000000};
	struct vs_load_result r = {0};
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(many); i++)
		many[i] = one;
	start(s, false);
	l.port = s->port;
	CHECK_OK(vs_load_run(&l, &r, &err), err);
	stop(s);
	return r;
}

static void
test_load_counts_answers(void)
{
	struct server s = {.answer = OK_EMPTY};
	struct vs_load_result r = loaded(&s, false);

	CHECK_INT(r.ok, 50);
	CHECK_INT(r.failed, 0);
	CHECK_INT(s.accepted, 1);
	CHECK(strstr(seen(&s), "\r\n\r\nabcd") != NULL);
	CHECK(vs_load_quantile(r.latency_us, r.ok, 0.5) <=
	    vs_load_quantile(r.latency_us, r.ok, 1));
	vs_load_result_fini(&r);
}

static void
test_load_can_connect_anew_each_time(void)
{
	struct server s = {.answer = OK_EMPTY};
	struct vs_load_result r = loaded(&s, true);

	CHECK_INT(r.ok, 50);
	CHECK_INT(s.accepted, 50);
	vs_load_result_fini(&r);
}

static void
test_load_tells_failures(void)
{
	struct server s = {.answer = "HTTP/1.1 403 Forbidden\r\n"
				     "Content-Length: 2\r\n\r\nno",
	    .closes = true};
	struct vs_load_result r = loaded(&s, false);

	CHECK_INT(r.ok, 0);
	CHECK_INT(r.failed, 50);
	CHECK_INT(r.first_status, 403);
	CHECK_STR(r.first_body, "no");
	vs_load_result_fini(&r);
}

int
main(void)
{
	RUN(test_requests_keep_the_connection);
	RUN(test_unix_socket);
	RUN(test_redirects_are_not_followed);
	RUN(test_retry_after);
	RUN(test_answers_are_bounded);
	RUN(test_silence_times_out);
	RUN(test_nobody_there_says_what_to_do);
	RUN(test_bad_urls);
	RUN(test_challenge);
	RUN(test_load_counts_answers);
	RUN(test_load_can_connect_anew_each_time);
	RUN(test_load_tells_failures);
	return check_result();
}
