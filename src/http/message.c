/* SPDX-License-Identifier: Apache-2.0 */
#include "http/message.h"

#include <string.h>

#include "codec/json.h"
#include "http/problem.h"

static bool
path_matches(const struct vs_route *r, struct vs_span path)
{
	size_t n = strlen(r->path);

	if (n > 1 && r->path[n - 1] == '/')
		return path.n > n && vs_span_starts(path, VS_SPAN(r->path, n));
	return vs_span_is(path, r->path);
}

static const char *
allowed(bool get, bool post)
{
	if (get && post)
		return "GET, HEAD, POST";
	return get ? "GET, HEAD" : "POST";
}

void
vs_route_dispatch(const struct vs_route *routes, size_t n, void *app,
    const struct vs_request *req, struct vs_response *res)
{
	/* HEAD is GET; the library leaves the body out. */
	const char *method =
	    strcmp(req->method, "HEAD") == 0 ? "GET" : req->method;
	bool get = false;
	bool post = false;

	for (size_t i = 0; i < n; i++) {
		if (!path_matches(&routes[i], req->path))
			continue;
		if (strcmp(routes[i].method, method) == 0) {
			routes[i].handle(app, req, res);
			return;
		}
		get = get || strcmp(routes[i].method, "GET") == 0;
		post = post || strcmp(routes[i].method, "POST") == 0;
	}
	if (!get && !post) {
		vs_respond_status(res, 404, "There is nothing at this path.");
		return;
	}
	vs_respond_status(res, 405, "The method is not allowed here.");
	res->allow = allowed(get, post);
}

void
vs_respond_json(
    struct vs_response *res, unsigned status, const struct vs_json *doc)
{
	vs_buf_reset(&res->body);
	if (vs_json_dump(doc, VS_JSON_COMPACT, &res->body) != VS_OK) {
		vs_buf_reset(&res->body);
		vs_respond_status(res, 503, "Out of memory.");
		return;
	}
	res->status = status;
	res->content_type = "application/json";
}
