/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listener: connections, limits, bodies. Requests that pass the limits go
 * to one handler. The only home of the HTTP library.
 */
#ifndef VS_HTTP_LISTENER_H
#define VS_HTTP_LISTENER_H

#include "http/message.h"
#include "http/tls.h"

struct vs_listener;
struct vs_workers;

/*
 * Worker numbers and their arenas: one for each request that is being
 * handled. A request takes the lowest free one.
 */
VS_MUST_USE vs_status vs_workers_new(
    unsigned n, size_t arena_cap, struct vs_workers **out, struct vs_err *err);
void vs_workers_free(struct vs_workers **w);

struct vs_listener_options {
	const char *name;      /* for the log: "guest", "admin" */
	int fd;                /* bound and listening; taken over */
	vs_tls_slot tls;       /* serve what vs_tls_load loaded */
	const char *client_ca; /* PEM text: ask clients for a certificate */
	bool unix_peer;        /* name the peer by its credentials */
	/* Refuses a connected local peer, may be NULL. */
	bool (*admit)(void *ctx, unsigned uid, unsigned gid);
	void *admit_ctx;
	unsigned threads;
	size_t max_body;
	unsigned max_connections;
	unsigned max_connections_per_address; /* 0: no limit */
	unsigned max_in_flight;
	unsigned idle_timeout_s;
	unsigned request_timeout_s;
	struct vs_workers *workers; /* borrowed */
	vs_handler handler;
	void *app;
};

VS_MUST_USE vs_status vs_listener_start(const struct vs_listener_options *opt,
    struct vs_listener **out, struct vs_err *err);
/* Ends connections whose request takes longer than it may. Once a second. */
void vs_listener_reap(struct vs_listener *l);
/* No new connections; waits up to grace_ms for those in flight, then ends. */
void vs_listener_stop(struct vs_listener **l, unsigned grace_ms);

#endif
