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
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "broker/chain.h"
#include "broker/freshness.h"
#include "broker/list_proof.h"
#include "broker/lists.h"
#include "broker/lists_watch.h"
#include "broker/reload.h"
#include "broker/upkeep.h"
#include "broker/view.h"
#include "http/admin_api.h"
#include "http/cage.h"
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
	/* An imported key of 1 MiB, sealed and in base64url. */
	ADMIN_BODY_MAX = 2 * 1024 * 1024,
	NAME_ARENA = 4096,
	ADMIN_CONNECTIONS = 64,
	STOP_GRACE_MS = 5000,
	PRUNE_EVERY_S = 60,
	EXPIRY_EVERY_S = 10,
	WATCH_EVERY_S = 1,
	HEAP_KEEP = 4 * 1024 * 1024,
	HEAP_STEP = 256 * 1024,
	NOBODY = 65534,
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
	char store_path[VS_DAEMON_PATH_MAX];
	struct vs_seal_conf seal;
	struct vs_freshness_outside outside;
	int guest_fd; /* bound before the cage, served after it */
	int admin_fd;
	int admin_tls_fd;
	uint64_t stamp;
	pthread_mutex_t reload_lock; /* reloads one at a time; guards last */
	struct vs_reload_report last;
	bool created; /* the store is of this start */
	bool owed; /* a reload that a sealed keeper did not let be recorded */
	bool accepted; /* an old store, and that is not recorded yet */
	struct vs_expiry_log expiry;
};

static int64_t
now_ms(void)
{
	struct vs_clock clock = vs_clock_system();

	return vs_clock_ms(&clock);
}

/* That an old store was accepted, once. */
static vs_status
record_accepted(struct daemon *d, struct vs_err *err)
{
	if (d->accepted)
		VS_TRY(err, "store", vs_freshness_record(d->broker, err));
	d->accepted = false;
	return VS_OK;
}

static vs_status
reload_files(struct daemon *d, struct vs_err *err)
{
	VS_AUTO(vs_identities) *ids = NULL;
	vs_status st;

	/* First: what decides shall not change by a reload that fails. */
	VS_TRY(err, "reload", vs_daemon_certificates(d->c, err));
	VS_TRY(err, "reload", vs_identities_load(d->c, &ids, err));
	st = record_accepted(d, err);
	if (st == VS_OK)
		st = vs_reload(d->c, d->broker, now_ms(), err);
	/* Whoever is to unseal the keeper must be known by then. */
	if (st == VS_OK || st == VS_SEALED)
		vs_gate_install(&d->gate, VS_TAKE(ids));
	return st == VS_OK ? VS_OK : vs_ctx(err, "policies and collateral", st);
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
	d->owed = st == VS_SEALED;
	d->last =
	    (struct vs_reload_report){.at_ms = now_ms(), .ok = st == VS_OK};
	(void)snprintf(d->last.error, sizeof d->last.error, "%s", err.msg);
	*out = d->last;
	(void)pthread_mutex_unlock(&d->reload_lock);
	if (st == VS_OK)
		vs_log(VS_LOG_INFO, "event=loaded");
	else if (st == VS_SEALED)
		vs_log(VS_LOG_WARN,
		    "event=load-waits note=\"policies and collateral are "
		    "loaded when the keeper is unsealed\"");
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

/* A store that is there may hold keys under a root that is missing: then a
 * new root must not hide the loss. */
static bool
store_exists(const struct daemon *d)
{
	struct stat st;

	return stat(d->store_path, &st) == 0;
}

/* Who the keeper becomes: only root can become another. */
static vs_status
keeper_user(
    const struct vs_config *c, struct vs_cage_user *out, struct vs_err *err)
{
	struct vs_err ignored = {0};

	if (geteuid() != 0)
		return VS_OK;
	if (c->keeper_user != NULL)
		return vs_cage_user_find(c->keeper_user, out, err);
	if (vs_cage_user_find("vouchsafe-keeper", out, &ignored) != VS_OK)
		*out = (struct vs_cage_user){NOBODY, NOBODY};
	return VS_OK;
}

static vs_status
prepare_keeper(struct daemon *d, struct vs_err *err)
{
	/* One channel a worker, one for the audit chain and one for what
	 * takes long. */
	struct vs_keeper_options opt = {
	    .program = d->keeper_path,
	    .seal = d->c->seal,
	    .may_create_seal = !store_exists(d),
	    .channels = worker_count(d->c) + 2,
	};

	VS_TRY(err, "keeper", vs_daemon_find_keeper(d->c, d->keeper_path, err));
	VS_TRY(err, "keeper.user", keeper_user(d->c, &opt.user, err));
	return vs_keeper_new(&opt, &d->keeper, err);
}

static vs_status
run_keeper(struct daemon *d, struct vs_err *err)
{
	struct vs_keeper_status ks = {0};

	VS_TRY(err, "keeper", vs_keeper_run(d->keeper, err));
	vs_keeper_status(d->keeper, &ks);
	if (ks.sealed)
		vs_log(VS_LOG_ERROR, "event=sealed seal=%s why=\"%s\"", ks.seal,
		    ks.why);
	else if (strcmp(ks.seal, "file") == 0)
		vs_log(VS_LOG_WARN,
		    "event=unsealed seal=%s note=\"the file seal protects "
		    "against theft of the database only\"",
		    ks.seal);
	else
		vs_log(VS_LOG_INFO, "event=unsealed seal=%s", ks.seal);
	return VS_OK;
}

/* Where we are root and shall not stay it. The keeper and the sockets are
 * root's by then. */
static vs_status
become_user(struct daemon *d, struct vs_err *err)
{
	struct vs_cage_user user;

	if (d->c->user == NULL || geteuid() != 0)
		return VS_OK;
	VS_TRY(err, "user", vs_cage_user_find(d->c->user, &user, err));
	if (chown(d->c->data, user.uid, user.gid) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot be given to user %s", d->c->data, d->c->user);
	return vs_cage_become(&user, err);
}

static vs_status
step_into_cage(void *daemon, struct vs_err *err)
{
	struct daemon *d = daemon;

	return vs_daemon_cage(d->c, d->store_path, err);
}

static vs_status
open_store(struct daemon *d, struct vs_err *err)
{
	struct vs_store_options opt = {
	    .path = d->store_path,
	    /* One for who looks after the lists, and for what takes long. */
	    .readers = worker_count(d->c) + 2,
	    .chain = vs_chain_macs,
	    .digest = vs_chain_digest,
	    .ctx = &d->chain,
	    .opened = step_into_cage,
	    .opened_ctx = d,
	};

	d->chain = (struct vs_chain){d->keeper, worker_count(d->c)};
	d->created = !store_exists(d);
	return vs_store_open(&opt, &d->store, err);
}

/* Whether it is the store that was last served here, where a TPM can tell. */
static vs_status
check_fresh(struct daemon *d, struct vs_err *err)
{
	const struct vs_freshness_counter counter =
	    vs_freshness_counter_outside(&d->outside);
	struct vs_freshness f = {.counter = &counter,
	    .created = d->created,
	    .accept = d->c->accept_old_store};
	struct vs_keeper_status ks = {0};
	bool known = false;
	vs_status st;

	vs_keeper_status(d->keeper, &ks);
	if (strcmp(ks.seal, "tpm2") != 0)
		return VS_OK;
	f.sealed = ks.sealed;
	st = vs_freshness_check(d->store, &f, &known, err);
	if (st != VS_OK)
		return st;
	if (!known)
		vs_log(VS_LOG_WARN,
		    "event=store-age-unknown note=\"the TPM's counter cannot "
		    "be read: see that this is the newest database before "
		    "unsealing it\"");
	if (!known || !f.accept)
		return VS_OK;
	vs_log(VS_LOG_WARN, "event=old-store-accepted");
	d->accepted = true;
	/* A sealed keeper records nothing: then it is done before anything is
	 * loaded, and so before anything is released. */
	return f.sealed ? VS_OK : record_accepted(d, err);
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
	    .allow_expired_rim = d->c->allow_expired_rim,
	    .workers = worker_count(d->c),
	    .batch_channel = worker_count(d->c) + 1,
	    .hands = vs_crew_fitting(),
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

/* A caller waits in the queue until all is in place. */
static vs_status
bind_sockets(struct daemon *d, struct vs_err *err)
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

/* The first thread starts in open_store, after the cage. */
static vs_status
start_outside(struct daemon *d, struct vs_err *err)
{
	VS_TRY(err, "configuration", vs_list_proof_check(&d->c->lists, err));
	VS_TRY(err, "data", vs_daemon_data_dirs(d->c, err));
	VS_TRY(err, "keeper", prepare_keeper(d, err));
	d->seal = d->c->seal;
	VS_TRY(err, "counter", vs_freshness_fork(&d->seal, &d->outside, err));
	VS_TRY(err, "sockets", bind_sockets(d, err));
	VS_TRY(err, "user", become_user(d, err));
	VS_TRY(err, "store", open_store(d, err));
	return VS_OK;
}

/* From here on in the cage. */
static vs_status
start(struct daemon *d, struct vs_err *err)
{
	struct vs_reload_report first = {0};

	VS_TRY(err, "keeper", run_keeper(d, err));
	VS_TRY(err, "broker", open_broker(d, err));
	VS_TRY(err, "store", check_fresh(d, err));
	vs_freshness_outside_stop(&d->outside);
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
	/* What is loaded is recorded first, and a sealed keeper records
	 * nothing: it is up all the same, so that it can be unsealed. */
	if (!first.ok && !d->owed)
		return vs_fail(err, VS_USAGE, "%s", first.error);
	VS_TRY(err, "lists", vs_lists_watch_start(d->broker, err));
	VS_TRY(err, "admin", start_admin(d, err));
	VS_TRY(err, "admin", start_admin_tls(d, err));
	VS_TRY(err, "guest", start_guest(d, err));
	VS_TRY(err, "upkeep", vs_broker_upkeep_start(d->broker, err));
	return VS_OK;
}

static void
close_unused(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* nobody was served */
}

static void
stop(struct daemon *d)
{
	/* The admin socket's name stays behind: to remove it is to change the
	 * data directory, and the next start replaces it. */
	vs_listener_stop(&d->guest, STOP_GRACE_MS);
	vs_listener_stop(&d->admin, STOP_GRACE_MS);
	vs_listener_stop(&d->admin_tls, STOP_GRACE_MS);
	close_unused(d->guest_fd);
	close_unused(d->admin_fd);
	close_unused(d->admin_tls_fd);
	vs_freshness_outside_stop(&d->outside);
	/* First: it has threads that use the store. */
	vs_broker_free(&d->broker);
	vs_store_close(&d->store);
	vs_keeper_free(&d->keeper);
	vs_workers_free(&d->workers);
	vs_tls_fini();
	vs_gate_fini(&d->gate);
	vs_buf_fini(&d->client_ca);
}

/* What could not be loaded while the keeper was sealed. */
static bool
is_due(struct daemon *d)
{
	struct vs_keeper_status k = {0};

	if (d->owed)
		vs_keeper_status(d->keeper, &k);
	return d->owed && k.up && !k.sealed;
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
	if (seconds % WATCH_EVERY_S == 0 &&
	    (vs_reload_stamp(d->c) != d->stamp || is_due(d)))
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
	struct daemon d = {
	    .c = c, .guest_fd = -1, .admin_fd = -1, .admin_tls_fd = -1};
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
	(void)snprintf(
	    d.store_path, sizeof d.store_path, "%s/vouchsafe.db", c->data);
	VS_ASSERT(pthread_mutex_init(&d.reload_lock, NULL) == 0);
	vs_gate_init(&d.gate);
	st = start_outside(&d, err);
	if (st == VS_OK)
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
