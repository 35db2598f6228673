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

/* What may be allowed at a path, as bits in this order. */
static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};

/* In the arena of the request; without memory there is no such header. */
static const char *
allowed(struct vs_arena *a, unsigned mask)
{
	const char *text = NULL;

	for (size_t i = 0; i < VS_COUNT(methods); i++)
		if ((mask & 1u << i) != 0)
			text = vs_arena_printf(a, "%s%s%s",
			    text == NULL ? "" : text, text == NULL ? "" : ", ",
			    i == 0 ? "GET, HEAD" : methods[i]);
	return text;
}

static unsigned
method_bit(const char *method)
{
	for (size_t i = 0; i < VS_COUNT(methods); i++)
		if (strcmp(method, methods[i]) == 0)
			return 1u << i;
	return 0;
}

const struct vs_route *
vs_route_find(const struct vs_route *routes, size_t n,
    const struct vs_request *req, struct vs_response *res)
{
	/* HEAD is GET; the library leaves the body out. */
	const char *method =
	    strcmp(req->method, "HEAD") == 0 ? "GET" : req->method;
	unsigned mask = 0;

	for (size_t i = 0; i < n; i++) {
		if (!path_matches(&routes[i], req->path))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		mask |= method_bit(routes[i].method);
	}
	if (mask == 0) {
		vs_respond_status(res, 404, "There is nothing at this path.");
		return NULL;
	}
	vs_respond_status(res, 405, "The method is not allowed here.");
	res->allow = allowed(req->arena, mask);
	return NULL;
}

void
vs_route_dispatch(const struct vs_route *routes, size_t n, void *app,
    const struct vs_request *req, struct vs_response *res)
{
	const struct vs_route *r = vs_route_find(routes, n, req, res);

	if (r != NULL)
		r->handle(app, req, res);
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
