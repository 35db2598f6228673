/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer, free of any HTTP library. */
#ifndef VS_HTTP_MESSAGE_H
#define VS_HTTP_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"

struct vs_identity;

/* All borrowed for the call. */
struct vs_request {
	const char *method;
	struct vs_span path;         /* percent-decoded, without the query */
	struct vs_span content_type; /* empty when there is none */
	struct vs_span body;
	struct vs_span if_match; /* headers; empty when there are none */
	struct vs_span if_none_match;
	const char *peer; /* address, or "uid:N" on the admin socket */
	struct vs_span authorization; /* the header; empty: there is none */
	/* The admin socket: who is at the other end. */
	bool local;
	unsigned uid, gid;
	/* DER; an authority of ours signed it. Empty: none was shown. */
	struct vs_span client_cert;
	/* Who asks; set on the way to a handler of the admin API, which may
	 * rely on it. NULL on other listeners. */
	const struct vs_identity *identity;
	unsigned worker;
	struct vs_arena *arena; /* the worker's, reset before the call */
	/* The value of a query parameter, NULL when it is absent. */
	const char *(*query)(void *ctx, const char *name);
	void *query_ctx;
};

struct vs_response {
	unsigned status;
	const char *content_type; /* static */
	const char *allow;        /* for 405; static or in the arena */
	const char *authenticate; /* static; for 401 */
	unsigned retry_after_s;   /* 0: none */
	const char *etag;         /* in the arena; NULL: none */
	struct vs_buf body;       /* the caller's to finish */
	/* For the log: class and fine code of a failure, id of a release. */
	const char *class_name;
	const char *code;
	char id[37];
	char who[96]; /* the identity on the admin API; cut when longer */
};

typedef void (*vs_handler)(
    void *app, const struct vs_request *req, struct vs_response *res);

struct vs_route {
	const char *method;
	const char *path; /* a trailing "/" stands for anything below */
	void (*handle)(
	    void *app, const struct vs_request *req, struct vs_response *res);
};

/* Finds the route; else NULL, and res is 404, or 405 with what is allowed. */
const struct vs_route *vs_route_find(const struct vs_route *routes, size_t n,
    const struct vs_request *req, struct vs_response *res);
/* Finds the route and calls it. */
void vs_route_dispatch(const struct vs_route *routes, size_t n, void *app,
    const struct vs_request *req, struct vs_response *res);

/* A JSON answer; 503 when the body did not fit in memory. */
struct vs_json;
void vs_respond_json(
    struct vs_response *res, unsigned status, const struct vs_json *doc);

#endif
