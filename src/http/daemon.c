/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start order: keeper, store, policies and collateral, and only then the
 * sockets: the first byte from the network finds everything in place.
 */
#include "http/daemon.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "broker/chain.h"
#include "broker/list_proof.h"
#include "broker/lists.h"
#include "broker/lists_watch.h"
#include "broker/reload.h"
#include "broker/view.h"
#include "http/admin_api.h"
#include "http/daemon_files.h"
#include "http/expiry_log.h"
#include "http/guest_api.h"
#include "http/listener.h"
#include "http/socket.h"
#include "http/tls.h"

enum {
	/* A release of 10,000 keys, decoded, with its claims and verdicts. */
	ARENA_MAX = 32 * 1024 * 1024,
	ADMIN_THREADS = 2,
	ADMIN_BODY_MAX = 1024 * 1024,
	NAME_ARENA = 4096,
	ADMIN_CONNECTIONS = 64,
	STOP_GRACE_MS = 5000,
	PRUNE_EVERY_S = 60,
	EXPIRY_EVERY_S = 10,
	WATCH_EVERY_S = 1,
	HEAP_KEEP = 4 * 1024 * 1024,
	HEAP_STEP = 256 * 1024,
};

struct daemon {
	const struct vs_config *c;
	struct vs_store *store;
	struct vs_keeper *keeper;
	struct vs_chain chain;
	struct vs_broker *broker;
	struct vs_workers *workers;
	struct vs_listener *guest;
	struct vs_listener *admin;
	struct vs_listener *admin_tls;
	struct vs_gate gate;
	struct vs_buf client_ca; /* PEM text */
	struct vs_admin admin_app;
	char keeper_path[VS_DAEMON_PATH_MAX];
	uint64_t stamp;
	pthread_mutex_t reload_lock; /* reloads one at a time; guards last */
	struct vs_reload_report last;
	struct vs_expiry_log expiry;
};

static int64_t
now_ms(void)
{
	struct vs_clock clock = vs_clock_system();

	return vs_clock_ms(&clock);
}

static vs_status
reload_files(struct daemon *d, struct vs_err *err)
{
	VS_AUTO(vs_identities) *ids = NULL;

	/* First: what decides shall not change by a reload that fails. */
	VS_TRY(err, "reload", vs_daemon_certificates(d->c, err));
	VS_TRY(err, "reload", vs_identities_load(d->c, &ids, err));
	VS_TRY(err, "policies and collateral",
	    vs_reload(d->c, d->broker, now_ms(), err));
	vs_gate_install(&d->gate, VS_TAKE(ids));
	return VS_OK;
}

static void
reload(void *ctx, struct vs_reload_report *out)
{
	struct daemon *d = ctx;
	struct vs_err err = {0};
	vs_status st;

	(void)pthread_mutex_lock(&d->reload_lock);
	d->stamp = vs_reload_stamp(d->c);
	st = reload_files(d, &err);
	d->last =
	    (struct vs_reload_report){.at_ms = now_ms(), .ok = st == VS_OK};
	(void)snprintf(d->last.error, sizeof d->last.error, "%s", err.msg);
	*out = d->last;
	(void)pthread_mutex_unlock(&d->reload_lock);
	if (st == VS_OK)
		vs_log(VS_LOG_INFO, "event=loaded");
	else
		vs_log(VS_LOG_ERROR,
		    "event=reload-failed kept=previous error=\"%s\"", err.msg);
}

static void
last_reload(void *ctx, struct vs_reload_report *out)
{
	struct daemon *d = ctx;

	(void)pthread_mutex_lock(&d->reload_lock);
	*out = d->last;
	(void)pthread_mutex_unlock(&d->reload_lock);
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

/* Of requests that are handled at a time. */
static unsigned
worker_count(const struct vs_config *c)
{
	unsigned admin =
	    c->admin_listen == NULL ? ADMIN_THREADS : 2 * ADMIN_THREADS;

	return (unsigned)c->workers + admin;
}

static void
store_path(const struct vs_config *c, char out[VS_DAEMON_PATH_MAX])
{
	(void)snprintf(out, VS_DAEMON_PATH_MAX, "%s/vouchsafe.db", c->data);
}

/* A store that is there may hold keys under a root that is missing: then a
 * new root must not hide the loss. */
static bool
store_exists(const struct vs_config *c)
{
	char path[VS_DAEMON_PATH_MAX];
	struct stat st;

	store_path(c, path);
	return stat(path, &st) == 0;
}

static vs_status
open_keeper(struct daemon *d, struct vs_err *err)
{
	/* One channel a worker, and one for the audit chain. */
	struct vs_keeper_options opt = {
	    .program = d->keeper_path,
	    .seal_file = d->c->seal_file,
	    .may_create_seal = !store_exists(d->c),
	    .channels = worker_count(d->c) + 1,
	};
	struct vs_keeper_status ks = {0};

	VS_TRY(err, "keeper", vs_daemon_find_keeper(d->c, d->keeper_path, err));
	VS_TRY(err, "keeper", vs_keeper_start(&opt, &d->keeper, err));
	vs_keeper_status(d->keeper, &ks);
	if (ks.sealed)
		vs_log(VS_LOG_ERROR, "event=sealed seal=%s why=\"%s\"", ks.seal,
		    ks.why);
	else
		vs_log(VS_LOG_WARN,
		    "event=unsealed seal=%s note=\"the file seal protects "
		    "against theft of the database only\"",
		    ks.seal);
	return VS_OK;
}

static vs_status
open_store(struct daemon *d, struct vs_err *err)
{
	char path[VS_DAEMON_PATH_MAX];
	struct vs_store_options opt = {
	    .path = path,
	    /* One for who looks after the lists. */
	    .readers = worker_count(d->c) + 1,
	    .chain = vs_chain_macs,
	    .digest = vs_chain_digest,
	    .ctx = &d->chain,
	};

	d->chain = (struct vs_chain){d->keeper, worker_count(d->c)};
	store_path(d->c, path);
	return vs_store_open(&opt, &d->store, err);
}

static vs_status
open_broker(struct daemon *d, struct vs_err *err)
{
	struct vs_broker_options opt = {
	    .store = d->store,
	    .keeper = d->keeper,
	    .clock = vs_clock_system(),
	    .nonce_ttl_s = (unsigned)d->c->nonce_ttl_s,
	    .crl = d->c->crl,
	    .allow_masked_chip_id = d->c->allow_masked_chip_id,
	    .workers = worker_count(d->c),
	    .lists = d->c->lists,
	};

	return vs_broker_new(&opt, &d->broker, err);
}

static vs_status
start_guest(struct daemon *d, struct vs_err *err)
{
	const struct vs_config *c = d->c;
	struct vs_listener_options opt = {
	    .name = "guest",
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

	VS_TRY(err, "guest", vs_listen_tcp(c->listen, &opt.fd, err));
	return vs_listener_start(&opt, &d->guest, err);
}

static vs_status
start_admin(struct daemon *d, struct vs_err *err)
{
	struct vs_listener_options opt = {
	    .name = "admin",
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

	VS_TRY(err, "admin",
	    vs_listen_unix(
		d->c->admin_socket, d->c->admin_group, &opt.fd, err));
	return vs_listener_start(&opt, &d->admin, err);
}

static vs_status
start_admin_tls(struct daemon *d, struct vs_err *err)
{
	const struct vs_config *c = d->c;
	struct vs_listener_options opt = {
	    .name = "admin-tls",
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
	VS_TRY(err, "admin", vs_listen_tcp(c->admin_listen, &opt.fd, err));
	return vs_listener_start(&opt, &d->admin_tls, err);
}

static vs_status
start(struct daemon *d, struct vs_err *err)
{
	struct vs_reload_report first = {0};

	VS_TRY(err, "configuration", vs_list_proof_check(&d->c->lists, err));
	VS_TRY(err, "data", vs_daemon_data_dir(d->c->data, err));
	VS_TRY(err, "keeper", open_keeper(d, err));
	VS_TRY(err, "store", open_store(d, err));
	VS_TRY(err, "broker", open_broker(d, err));
	VS_TRY(err, "workers",
	    vs_workers_new(worker_count(d->c), ARENA_MAX, &d->workers, err));
	d->admin_app = (struct vs_admin){
	    .broker = d->broker,
	    .gate = &d->gate,
	    .started_ms = now_ms(),
	    .daemon = d,
	    .reload = reload,
	    .last = last_reload,
	};
	reload(d, &first);
	if (!first.ok)
		return vs_fail(err, VS_USAGE, "%s", first.error);
	VS_TRY(err, "lists", vs_lists_watch_start(d->broker, err));
	VS_TRY(err, "admin", start_admin(d, err));
	VS_TRY(err, "admin", start_admin_tls(d, err));
	VS_TRY(err, "guest", start_guest(d, err));
	return VS_OK;
}

static void
stop(struct daemon *d)
{
	vs_listener_stop(&d->guest, STOP_GRACE_MS);
	if (d->admin != NULL)
		(void)unlink(d->c->admin_socket); /* a stale one is replaced */
	vs_listener_stop(&d->admin, STOP_GRACE_MS);
	vs_listener_stop(&d->admin_tls, STOP_GRACE_MS);
	/* First: it has a thread that reads the store. */
	vs_broker_free(&d->broker);
	vs_store_close(&d->store);
	vs_keeper_free(&d->keeper);
	vs_workers_free(&d->workers);
	vs_tls_fini();
	vs_gate_fini(&d->gate);
	vs_buf_fini(&d->client_ca);
}

/* Once a second: deadlines; less often: files, nonces. */
static void
tick(struct daemon *d, unsigned seconds)
{
	struct vs_reload_report r;

	vs_listener_reap(d->guest);
	vs_listener_reap(d->admin);
	if (d->admin_tls != NULL)
		vs_listener_reap(d->admin_tls);
	if (seconds % WATCH_EVERY_S == 0 && vs_reload_stamp(d->c) != d->stamp)
		reload(d, &r);
	if (seconds % PRUNE_EVERY_S == 0) {
		vs_broker_prune(d->broker);
		vs_broker_asks_lapse(d->broker);
	}
	if (seconds % EXPIRY_EVERY_S == 1)
		vs_expiry_log_tick(&d->expiry, d->broker, now_ms() / 1000);
}

static void
serve(struct daemon *d, const sigset_t *signals)
{
	const struct timespec second = {.tv_sec = 1};
	struct vs_reload_report r;

	for (unsigned seconds = 1;; seconds++) {
		int sig = sigtimedwait(signals, NULL, &second);

		if (sig == SIGTERM || sig == SIGINT)
			return;
		if (sig == SIGHUP)
			reload(d, &r);
		tick(d, seconds);
	}
}

/*
 * Each request takes and gives back the same few blocks: memory that goes
 * back to the kernel between two of them comes again as page faults.

 */
static void
tune_heap(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
	(void)mallopt(M_TOP_PAD, HEAP_STEP);
}

vs_status
vs_daemon_run(const struct vs_config *c, struct vs_err *err)
{
	struct daemon d = {.c = c};
	sigset_t signals;
	vs_status st;

	tune_heap();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	/* Before any thread starts, so that all of them inherit it. */
	if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0)
		return vs_fail(err, VS_INTERNAL, "cannot block signals");
	VS_TRY(err, "process", vs_process_harden(err));
	VS_ASSERT(pthread_mutex_init(&d.reload_lock, NULL) == 0);
	vs_gate_init(&d.gate);
	st = start(&d, err);
	if (st == VS_OK) {
		vs_log(VS_LOG_INFO,
		    "event=ready guest=%s tls=%s admin=%s admin_tls=%s",
		    c->listen, c->tls_cert != NULL ? "on" : "off",
		    c->admin_socket,
		    c->admin_listen != NULL ? c->admin_listen : "off");
		serve(&d, &signals);
		vs_log(VS_LOG_INFO, "event=stopping");
	}
	stop(&d);
	(void)pthread_mutex_destroy(&d.reload_lock);
	return st;
}
