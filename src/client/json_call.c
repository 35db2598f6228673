/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

static vs_status
call(struct vs_client *c, const char *method, const char *path,
    struct vs_span body, struct vs_reply *reply, struct vs_json **out,
    struct vs_problem *problem, struct vs_err *err)
{
	VS_AUTO(vs_json) *v = NULL;

	VS_TRY(err, path,
	    vs_client_request(
		c, method, path, "application/json", body, reply, err));
	VS_TRY(err, path, vs_reply_check(reply, problem, err));
	if (reply->body.n != 0)
		VS_TRY(err, "answer",
		    vs_json_parse(vs_buf_span(&reply->body), &v, err));
	if (out != NULL)
		*out = VS_TAKE(v);
	return VS_OK;
}

vs_status
vs_client_json(struct vs_client *c, const char *method, const char *path,
    const struct vs_json *in, struct vs_json **out, struct vs_problem *problem,
    struct vs_err *err)
{
	struct vs_reply reply = {0};
	struct vs_buf body = {0};
	vs_status st = VS_OK;

	if (problem != NULL)
		*problem = (struct vs_problem){.retry_after_s = -1};
	if (in != NULL)
		st = vs_json_dump(in, VS_JSON_COMPACT, &body);
	if (st == VS_OK)
		st = call(c, method, path, vs_buf_span(&body), &reply, out,
		    problem, err);
	else
		st = vs_fail(err, st, "request body");
	vs_reply_fini(&reply);
	vs_buf_fini(&body);
	return st;
}

vs_status
vs_client_admin(struct vs_client *c, const char *method, const char *path,
    const struct vs_json *in, struct vs_json **out, struct vs_err *err)
{
	return vs_client_json(c, method, path, in, out, NULL, err);
}

void
vs_client_escape(struct vs_buf *out, struct vs_span text, bool keep_slash)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.n; i++) {
		uint8_t ch = text.p[i];
		char escaped[3] = {'%', hex[ch >> 4], hex[ch & 15]};
		/* RFC 3986 2.3 */
		bool plain = (ch >= 'a' && ch <= 'z') ||
		    (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
		    ch == '-' || ch == '.' || ch == '_' || ch == '~' ||
		    (keep_slash && ch == '/');

		vs_buf_add(out, plain ? VS_SPAN(&ch, 1) : VS_SPAN(escaped, 3));
	}
}
