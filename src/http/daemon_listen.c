/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's listeners: for guests, and for administrators. */
#include <unistd.h>

#include "broker/identities.h"
#include "http/daemon_int.h"
#include "http/guest_api.h"
#include "http/socket.h"
#include "http/tls.h"

enum {
	ADMIN_THREADS = 2,
	/* An imported key of 1 MiB, sealed and in base64url. */
	ADMIN_BODY_MAX = 2 * 1024 * 1024,
	ADMIN_CONNECTIONS = 64,
	NAME_ARENA = 4096,
	STOP_GRACE_MS = 5000,
};

unsigned
vs_daemon_workers(const struct vs_config *c)
{
	unsigned admin =
	    c->admin_listen == NULL ? ADMIN_THREADS : 2 * ADMIN_THREADS;

	return (unsigned)c->workers + admin;
}

/* Only whether; a request asks again, for what. */
static bool
may_administer(void *ctx, unsigned uid, unsigned gid)
{
	struct daemon *d = ctx;
	struct vs_identities *ids = vs_gate_take(&d->gate);
	struct vs_local_peer peer = {uid, gid};
	struct vs_identity who;
	struct vs_arena a;
	struct vs_err err = {0};
	vs_status st;

	if (ids == NULL)
		return false;
	vs_arena_init(&a, NAME_ARENA);
	st = vs_identify_local(ids, &peer, &a, &who, &err);
	vs_arena_fini(&a);
	vs_identities_free(&ids);
	return st == VS_OK;
}

vs_status
vs_daemon_bind(struct daemon *d, struct vs_err *err)
{
	VS_TRY(err, "admin",
	    vs_listen_unix(
		d->c->admin_socket, d->c->admin_group, &d->admin_fd, err));
	VS_TRY(err, "guest", vs_listen_tcp(d->c->listen, &d->guest_fd, err));
	if (d->c->admin_listen != NULL)
		VS_TRY(err, "admin",
		    vs_listen_tcp(d->c->admin_listen, &d->admin_tls_fd, err));
	return VS_OK;
}

static vs_status
start_guest(struct daemon *d, struct vs_err *err)
{
	const struct vs_config *c = d->c;
	struct vs_listener_options opt = {
	    .name = "guest",
	    .fd = d->guest_fd,
	    .tls = c->tls_cert != NULL ? VS_TLS_GUEST : VS_TLS_NONE,
	    .threads = (unsigned)c->workers,
	    .max_body = (size_t)c->max_body,
	    .max_connections = (unsigned)c->max_connections,
	    .max_connections_per_address =
		(unsigned)c->max_connections_per_address,
	    .max_in_flight = (unsigned)c->max_in_flight,
	    .idle_timeout_s = (unsigned)c->idle_timeout_s,
	    .request_timeout_s = (unsigned)c->request_timeout_s,
	    .workers = d->workers,
	    .handler = vs_guest_api,
	    .app = d->broker,
	};

	d->guest_fd = -1; /* the listener's */
	return vs_listener_start(&opt, &d->guest, err);
}

static vs_status
start_admin(struct daemon *d, struct vs_err *err)
{
	struct vs_listener_options opt = {
	    .name = "admin",
	    .fd = d->admin_fd,
	    .unix_peer = true,
	    .admit = may_administer,
	    .admit_ctx = d,
	    .threads = ADMIN_THREADS,
	    .max_body = ADMIN_BODY_MAX,
	    .max_connections = ADMIN_CONNECTIONS,
	    .max_in_flight = ADMIN_CONNECTIONS,
	    .idle_timeout_s = (unsigned)d->c->idle_timeout_s,
	    .request_timeout_s = (unsigned)d->c->request_timeout_s,
	    .workers = d->workers,
	    .handler = vs_admin_api,
	    .app = &d->admin_app,
	};

	d->admin_fd = -1; /* the listener's */
	return vs_listener_start(&opt, &d->admin, err);
}

static vs_status
start_admin_tls(struct daemon *d, struct vs_err *err)
{
	const struct vs_config *c = d->c;
	struct vs_listener_options opt = {
	    .name = "admin-tls",
	    .fd = d->admin_tls_fd,
	    .tls = VS_TLS_ADMIN,
	    .threads = ADMIN_THREADS,
	    .max_body = (size_t)c->admin_max_body,
	    .max_connections = (unsigned)c->admin_max_connections,
	    .max_connections_per_address =
		(unsigned)c->admin_max_connections_per_address,
	    .max_in_flight = (unsigned)c->admin_max_in_flight,
	    .idle_timeout_s = (unsigned)c->idle_timeout_s,
	    .request_timeout_s = (unsigned)c->request_timeout_s,
	    .workers = d->workers,
	    .handler = vs_admin_api,
	    .app = &d->admin_app,
	};

	if (c->admin_listen == NULL)
		return VS_OK;
	VS_TRY(err, "admin", vs_daemon_client_ca(c, &d->client_ca, err));
	if (c->admin_client_ca != NULL)
		opt.client_ca = vs_buf_cstr(&d->client_ca);
	d->admin_tls_fd = -1; /* the listener's */
	return vs_listener_start(&opt, &d->admin_tls, err);
}

vs_status
vs_daemon_listen(struct daemon *d, struct vs_err *err)
{
	VS_TRY(err, "admin", start_admin(d, err));
	VS_TRY(err, "admin", start_admin_tls(d, err));
	VS_TRY(err, "guest", start_guest(d, err));
	return VS_OK;
}

static void
close_unused(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* nobody was served */
}

void
vs_daemon_hang_up(struct daemon *d)
{
	vs_listener_stop(&d->guest, STOP_GRACE_MS);
	vs_listener_stop(&d->admin, STOP_GRACE_MS);
	vs_listener_stop(&d->admin_tls, STOP_GRACE_MS);
	close_unused(d->guest_fd);
	close_unused(d->admin_fd);
	close_unused(d->admin_tls_fd);
}
