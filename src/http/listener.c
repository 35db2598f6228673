/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listener.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "http/access_log.h"
#include "http/connection.h"
#include "http/problem.h"
#include "http/tls.h"
#include "http/workers.h"

/* Request line and headers; the library answers 431 above it. */
enum { HEADER_MAX = 32 * 1024, OPTIONS_MAX = 16, BODY_AT_ONCE = 64 * 1024 };

struct vs_listener {
	struct vs_listener_options opt;
	struct MHD_Daemon *mhd;
	struct vs_conns conns;
	struct vs_access_log log;
	atomic_uint in_flight;
};

/* One request from its headers to the end of its answer. */
struct exchange {
	struct vs_buf body;
	struct vs_conn *conn;
	int64_t begin_ns;
};

static const char slow_body[] =
    "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json"
    "\r\nContent-Length: 105\r\nConnection: close\r\n\r\n"
    "{\"type\":\"urn:vouchsafe:problem:limited\",\"title\":"
    "\"The request took too long\",\"status\":408,\"detail\":\"slow\"}";

/* "?dry_run" without a value is not one that is absent: it is empty, and no
 * good value of anything. */
static const char *
query_value(void *ctx, const char *name)
{
	const char *text = NULL;
	size_t n = 0;

	if (MHD_lookup_connection_value_n(ctx, MHD_GET_ARGUMENT_KIND, name,
		strlen(name), &text, &n) != MHD_YES)
		return NULL;
	return text == NULL ? "" : text;
}

static struct vs_span
header(struct MHD_Connection *c, const char *name)
{
	return vs_span_cstr(
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, name));
}

static bool
add_headers(struct MHD_Response *r, const struct vs_response *res)
{
	char seconds[12];
	bool ok =
	    MHD_add_response_header(r, "Cache-Control", "no-store") == MHD_YES;

	if (res->content_type != NULL)
		ok = ok &&
		    MHD_add_response_header(
			r, "Content-Type", res->content_type) == MHD_YES;
	if (res->allow != NULL)
		ok = ok &&
		    MHD_add_response_header(r, "Allow", res->allow) == MHD_YES;
	if (res->authenticate != NULL)
		ok = ok &&
		    MHD_add_response_header(
			r, "WWW-Authenticate", res->authenticate) == MHD_YES;
	if (res->etag != NULL)
		ok = ok &&
		    MHD_add_response_header(r, "ETag", res->etag) == MHD_YES;
	if (res->retry_after_s > 0) {
		(void)snprintf(
		    seconds, sizeof seconds, "%u", res->retry_after_s);
		ok = ok &&
		    MHD_add_response_header(r, "Retry-After", seconds) ==
			MHD_YES;
	}
	return ok;
}

/* Hands the body over to the library: no copy. */
static enum MHD_Result
send_response(struct MHD_Connection *c, struct vs_response *res)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
	    vs_buf_span(&res->body).n, res->body.p, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result sent = MHD_NO;

	if (r == NULL) {
		vs_buf_fini(&res->body);
		return MHD_NO;
	}
	res->body = (struct vs_buf){0};
	if (add_headers(r, res))
		sent = MHD_queue_response(c, res->status, r);
	MHD_destroy_response(r);
	return sent;
}

static void
tell(struct vs_listener *l, const struct exchange *x, const char *method,
    const char *url, const struct vs_response *res)
{
	vs_access_log_put(&l->log, l->opt.name, x->conn->peer, method, url, res,
	    vs_mono_ns() - x->begin_ns);
}

static enum MHD_Result
refuse(struct vs_listener *l, struct MHD_Connection *c, struct exchange *x,
    const char *method, const char *url, unsigned status, const char *detail)
{
	struct vs_response res = {0};

	vs_respond_status(&res, status, detail);
	tell(l, x, method, url, &res);
	return send_response(c, &res);
}

/* True when the announced length is above the limit. A modest one gets its
 * room at once; a large one as it comes. */
static bool
announces_too_much(struct MHD_Connection *c, struct vs_buf *body)
{
	size_t max = body->max;
	struct vs_span text = header(c, "Content-Length");
	uint64_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || n > max)
			return true;
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	}
	if (n > 0 && n <= max && n <= BODY_AT_ONCE &&
	    vs_buf_grow(body, (size_t)n) != NULL)
		vs_buf_reset(body);
	return n > max;
}

/* After the headers, before a byte of the body is kept. */
static enum MHD_Result
begin(struct vs_listener *l, struct MHD_Connection *c, const char *method,
    const char *url, void **state)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct exchange *x;

	if (info == NULL || info->socket_context == NULL)
		return MHD_NO;
	x = vs_calloc(1, sizeof *x);
	if (x == NULL)
		return MHD_NO;
	*state = x;
	x->conn = info->socket_context;
	x->begin_ns = vs_mono_ns();
	x->body.max = l->opt.max_body;
	vs_conn_enter(x->conn, VS_PHASE_BODY);
	if (atomic_fetch_add(&l->in_flight, 1) >= l->opt.max_in_flight)
		return refuse(l, c, x, method, url, 429,
		    "Too many requests are in flight.");
	if (!x->conn->admitted)
		return refuse(l, c, x, method, url, 403,
		    "This user may not administer the broker.");
	if (announces_too_much(c, &x->body))
		return refuse(
		    l, c, x, method, url, 413, "The body is too large.");
	return MHD_YES;
}

static vs_status
client(struct MHD_Connection *c, struct vs_span *der, struct vs_err *err)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (info == NULL || info->tls_session == NULL)
		return vs_fail(err, VS_INTERNAL, "no TLS session");
	return vs_tls_client(info->tls_session, der, err);
}

static enum MHD_Result
refuse_client(struct vs_listener *l, struct MHD_Connection *c,
    struct exchange *x, const char *method, const char *url,
    const struct vs_err *err)
{
	struct vs_response res = {0};

	vs_respond_unauthenticated(&res, err);
	tell(l, x, method, url, &res);
	return send_response(c, &res);
}

static enum MHD_Result
finish(struct vs_listener *l, struct MHD_Connection *c, const char *method,
    const char *url, struct exchange *x)
{
	struct vs_response res = {0};
	struct vs_request req = {
	    .method = method,
	    .path = vs_span_cstr(url),
	    .content_type = header(c, "Content-Type"),
	    .body = vs_buf_span(&x->body),
	    .if_match = header(c, "If-Match"),
	    .if_none_match = header(c, "If-None-Match"),
	    .peer = x->conn->peer,
	    .authorization = header(c, "Authorization"),
	    .local = l->opt.unix_peer,
	    .uid = x->conn->uid,
	    .gid = x->conn->gid,
	    .query = query_value,
	    .query_ctx = c,
	};

	if (l->opt.client_ca != NULL) {
		struct vs_err err = {0};

		if (client(c, &req.client_cert, &err) != VS_OK)
			return refuse_client(l, c, x, method, url, &err);
	}
	vs_conn_enter(x->conn, VS_PHASE_HANDLING);
	req.worker = vs_workers_take(l->opt.workers, &req.arena);
	l->opt.handler(l->opt.app, &req, &res);
	vs_workers_give(l->opt.workers, req.worker);
	tell(l, x, method, url, &res);
	return send_response(c, &res);
}

static enum MHD_Result
on_access(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *data_n,
    void **state)
{
	struct vs_listener *l = cls;
	struct exchange *x = *state;

	(void)version;
	if (x == NULL)
		return begin(l, c, method, url, state);
	if (*data_n == 0)
		return finish(l, c, method, url, x);
	/* Only a chunked body can exceed the limit here: the library takes no
	 * answer before its end, so the connection ends. */
	vs_buf_add(&x->body, VS_SPAN(data, *data_n));
	if (vs_buf_status(&x->body) != VS_OK)
		return MHD_NO;
	*data_n = 0;
	return MHD_YES;
}

static void
on_completed(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode how)
{
	struct vs_listener *l = cls;
	struct exchange *x = *state;

	(void)c;
	(void)how;
	if (x == NULL)
		return;
	*state = NULL;
	vs_conn_enter(x->conn, VS_PHASE_WAITING);
	if (l->opt.unix_peer) /* it may have been a share of the seal */
		vs_wipe(x->body.p, x->body.n);
	vs_buf_fini(&x->body);
	free(x);
	atomic_fetch_sub(&l->in_flight, 1);
}

static void
started(struct vs_listener *l, struct MHD_Connection *c, void **context)
{
	const union MHD_ConnectionInfo *fd =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *addr =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct vs_conn *conn =
	    fd == NULL ? NULL : vs_conns_add(&l->conns, fd->connect_fd);

	*context = conn; /* NULL: its requests are refused */
	if (conn == NULL)
		return;
	if (l->opt.unix_peer) {
		conn->admitted = vs_peer_local(conn) &&
		    (l->opt.admit == NULL ||
			l->opt.admit(l->opt.admit_ctx, conn->uid, conn->gid));
		return;
	}
	conn->admitted = true;
	vs_peer_address(addr == NULL ? NULL : addr->client_addr, conn->peer);
}

static void
on_connection(void *cls, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct vs_listener *l = cls;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		started(l, c, context);
	else if (*context != NULL)
		vs_conns_remove(&l->conns, *context);
}

static void
add_option(struct MHD_OptionItem *o, size_t *n, enum MHD_OPTION which,
    intptr_t value, void *ptr)
{
	VS_ASSERT(*n + 1 < OPTIONS_MAX);
	o[(*n)++] = (struct MHD_OptionItem){which, value, ptr};
}

/* The library takes a function as a data pointer. */
static void *
retrieve_ptr(vs_tls_slot slot)
{
	vs_tls_retrieve_fn fn = vs_tls_retrieve(slot);
	void *p;

	_Static_assert(sizeof p == sizeof fn, "POSIX says so");
	memcpy(&p, &fn, sizeof p);
	return p;
}

/* The library reads it, whatever its prototype says. */
static void *
ca_ptr(const struct vs_listener_options *o)
{
	const char *text = o->client_ca;
	void *p;

	memcpy(&p, &text, sizeof p);
	return p;
}

static void
set_options(const struct vs_listener_options *o, struct MHD_OptionItem *items)
{
	static char priorities[] = VS_TLS_PRIORITIES;
	size_t n = 0;

	add_option(items, &n, MHD_OPTION_LISTEN_SOCKET, o->fd, NULL);
	add_option(items, &n, MHD_OPTION_CONNECTION_LIMIT,
	    (intptr_t)o->max_connections, NULL);
	if (o->max_connections_per_address > 0)
		add_option(items, &n, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		    (intptr_t)o->max_connections_per_address, NULL);
	add_option(items, &n, MHD_OPTION_CONNECTION_TIMEOUT,
	    (intptr_t)o->idle_timeout_s, NULL);
	add_option(
	    items, &n, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_MAX, NULL);
	if (o->threads > 1)
		add_option(items, &n, MHD_OPTION_THREAD_POOL_SIZE,
		    (intptr_t)o->threads, NULL);
	if (o->client_ca != NULL)
		add_option(items, &n, MHD_OPTION_HTTPS_MEM_TRUST, 0, ca_ptr(o));
	if (o->tls != VS_TLS_NONE) {
		add_option(
		    items, &n, MHD_OPTION_HTTPS_PRIORITIES, 0, priorities);
		add_option(items, &n, MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
		    retrieve_ptr(o->tls));
	}
	items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

vs_status
vs_listener_start(const struct vs_listener_options *opt,
    struct vs_listener **out, struct vs_err *err)
{
	struct vs_listener *l = vs_calloc(1, sizeof *l);
	struct MHD_OptionItem items[OPTIONS_MAX];
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
	    MHD_USE_SUPPRESS_DATE_NO_CLOCK;

	if (l == NULL) {
		(void)close(opt->fd);
		return vs_fail(err, VS_NO_MEMORY, "listener");
	}
	l->opt = *opt;
	vs_conns_init(&l->conns);
	vs_access_log_init(&l->log);
	set_options(opt, items);
	l->mhd = MHD_start_daemon(
	    flags | (opt->tls != VS_TLS_NONE ? MHD_USE_TLS : 0u), 0, NULL, NULL,
	    on_access, l, MHD_OPTION_ARRAY, items, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, l, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
	    MHD_OPTION_END);
	if (l->mhd == NULL) {
		(void)close(opt->fd);
		vs_conns_fini(&l->conns);
		vs_access_log_fini(&l->log);
		free(l);
		return vs_fail(err, VS_UNAVAILABLE,
		    "the %s listener does not start", opt->name);
	}
	*out = l;
	return VS_OK;
}

void
vs_listener_reap(struct vs_listener *l)
{
	const int64_t s = INT64_C(1000000000);
	int64_t body = l->opt.request_timeout_s * s;

	vs_conns_reap(&l->conns, body + l->opt.idle_timeout_s * s, body,
	    l->opt.tls != VS_TLS_NONE ? VS_SPAN(NULL, 0)
				      : VS_SPAN_LIT(slow_body));
}

void
vs_listener_stop(struct vs_listener **l, unsigned grace_ms)
{
	struct vs_listener *it = *l;
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
	int fd;

	if (it == NULL)
		return;
	*l = NULL;
	fd = MHD_quiesce_daemon(it->mhd);
	for (unsigned ms = 0; ms < grace_ms; ms += 10) {
		if (atomic_load(&it->in_flight) == 0)
			break;
		(void)nanosleep(&tick, NULL); /* shorter is fine */
	}
	MHD_stop_daemon(it->mhd);
	if (fd >= 0)
		(void)close(fd); /* nothing was written to it */
	vs_conns_fini(&it->conns);
	vs_access_log_fini(&it->log);
	free(it);
}
