/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start order: keeper, store, policies and collateral, and only then the
 * sockets: the first byte from the network finds everything in place.
 */
#include "http/daemon.h"

#include <errno.h>
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
#include "broker/reload.h"
#include "broker/upkeep.h"
#include "broker/view.h"
#include "http/admin_api.h"
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
	ADMIN_CONNECTIONS = 64,
	STOP_GRACE_MS = 5000,
	PRUNE_EVERY_S = 60,
	EXPIRY_EVERY_S = 10,
	WATCH_EVERY_S = 1,
	HEAP_KEEP = 4 * 1024 * 1024,
	HEAP_STEP = 256 * 1024,
	PATH_BYTES = 1024,
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
	struct vs_admin admin_app;
	char keeper_path[PATH_BYTES];
	uint64_t stamp;
	pthread_mutex_t reload_lock; /* reloads one at a time; guards last */
	struct vs_reload_report last;
	bool created; /* the store is of this start */
	bool owed; /* a reload that a sealed keeper did not let be recorded */
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
	/* First: what decides shall not change by a reload that fails. */
	if (d->c->tls_cert != NULL)
		VS_TRY(err, "certificate",
		    vs_tls_load(d->c->tls_cert, d->c->tls_key, err));
	VS_TRY(err, "policies and collateral",
	    vs_reload(d->c, d->broker, now_ms(), err));
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

static bool
may_administer(void *ctx, int fd)
{
	const struct daemon *d = ctx;

	return vs_peer_may_administer(fd, d->c->admin_group);
}

static vs_status
make_data_dir(const char *path, struct vs_err *err)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot create the data directory; create its parent, "
		    "or name another with --data",
		    path);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return vs_fail(err, VS_USAGE, "%s: not a directory", path);
	return VS_OK;
}

/* The keeper stands beside our own executable unless configured. */
static vs_status
find_keeper(struct daemon *d, struct vs_err *err)
{
	ssize_t n;
	char *slash;

	if (d->c->keeper_program != NULL) {
		(void)snprintf(d->keeper_path, sizeof d->keeper_path, "%s",
		    d->c->keeper_program);
		return VS_OK;
	}
	n = readlink(
	    "/proc/self/exe", d->keeper_path, sizeof d->keeper_path - 1);
	if (n <= 0)
		return vs_fail(err, VS_INTERNAL,
		    "cannot find our own executable; set keeper.program");
	d->keeper_path[n] = '\0';
	slash = strrchr(d->keeper_path, '/');
	if (slash == NULL ||
	    (size_t)(slash - d->keeper_path) + sizeof "/vouchsafe-keeper" >
		sizeof d->keeper_path)
		return vs_fail(err, VS_INTERNAL, "path too long");
	memcpy(slash, "/vouchsafe-keeper", sizeof "/vouchsafe-keeper");
	return VS_OK;
}

static void
store_path(const struct vs_config *c, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "%s/vouchsafe.db", c->data);
}

/* A store that is there may hold keys under a root that is missing: then a
 * new root must not hide the loss. */
static bool
store_exists(const struct vs_config *c)
{
	char path[PATH_BYTES];
	struct stat st;

	store_path(c, path);
	return stat(path, &st) == 0;
}

static vs_status
open_keeper(struct daemon *d, struct vs_err *err)
{
	/* One channel a worker, one for the audit chain and one for what
	 * takes long. */
	struct vs_keeper_options opt = {
	    .program = d->keeper_path,
	    .seal = d->c->seal,
	    .may_create_seal = !store_exists(d->c),
	    .channels = (unsigned)d->c->workers + ADMIN_THREADS + 2,
	};
	struct vs_keeper_status ks = {0};

	VS_TRY(err, "keeper", find_keeper(d, err));
	VS_TRY(err, "keeper", vs_keeper_start(&opt, &d->keeper, err));
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

static vs_status
open_store(struct daemon *d, struct vs_err *err)
{
	char path[PATH_BYTES];
	struct vs_store_options opt = {
	    .path = path,
	    .readers = (unsigned)d->c->workers + ADMIN_THREADS + 1,
	    .chain = vs_chain_macs,
	    .digest = vs_chain_digest,
	    .ctx = &d->chain,
	};

	d->chain = (struct vs_chain){
	    d->keeper, (unsigned)d->c->workers + ADMIN_THREADS};
	store_path(d->c, path);
	d->created = !store_exists(d->c);
	return vs_store_open(&opt, &d->store, err);
}

/* Whether it is the store that was last served here, where a TPM can tell. */
static vs_status
check_fresh(struct daemon *d, struct vs_err *err)
{
	struct vs_seal_conf seal = d->c->seal;
	const struct vs_freshness_counter counter = vs_freshness_tpm(&seal);
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
	if (!f.sealed) /* a sealed keeper records nothing */
		return vs_freshness_record(d->broker, err);
	return VS_OK;
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
	    .workers = (unsigned)d->c->workers + ADMIN_THREADS,
	    .batch_channel = (unsigned)d->c->workers + ADMIN_THREADS + 1,
	};

	return vs_broker_new(&opt, &d->broker, err);
}

static vs_status
start_guest(struct daemon *d, struct vs_err *err)
{
	const struct vs_config *c = d->c;
	struct vs_listener_options opt = {
	    .name = "guest",
	    .tls = c->tls_cert != NULL,
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

	d->admin_app = (struct vs_admin){
	    .broker = d->broker,
	    .started_ms = now_ms(),
	    .daemon = d,
	    .reload = reload,
	    .last = last_reload,
	};
	VS_TRY(err, "admin",
	    vs_listen_unix(
		d->c->admin_socket, d->c->admin_group, &opt.fd, err));
	return vs_listener_start(&opt, &d->admin, err);
}

static vs_status
start(struct daemon *d, struct vs_err *err)
{
	struct vs_reload_report first = {0};

	VS_TRY(err, "data", make_data_dir(d->c->data, err));
	VS_TRY(err, "keeper", open_keeper(d, err));
	VS_TRY(err, "store", open_store(d, err));
	VS_TRY(err, "broker", open_broker(d, err));
	VS_TRY(err, "store", check_fresh(d, err));
	VS_TRY(err, "workers",
	    vs_workers_new((unsigned)d->c->workers + ADMIN_THREADS, ARENA_MAX,
		&d->workers, err));
	reload(d, &first);
	/* What is loaded is recorded first, and a sealed keeper records
	 * nothing: it is up all the same, so that it can be unsealed. */
	if (!first.ok && !d->owed)
		return vs_fail(err, VS_USAGE, "%s", first.error);
	VS_TRY(err, "admin", start_admin(d, err));
	VS_TRY(err, "guest", start_guest(d, err));
	VS_TRY(err, "upkeep", vs_broker_upkeep_start(d->broker, err));
	return VS_OK;
}

static void
stop(struct daemon *d)
{
	vs_listener_stop(&d->guest, STOP_GRACE_MS);
	if (d->admin != NULL)
		(void)unlink(d->c->admin_socket); /* a stale one is replaced */
	vs_listener_stop(&d->admin, STOP_GRACE_MS);
	if (d->broker != NULL)
		vs_broker_upkeep_stop(d->broker);
	vs_store_close(&d->store);
	vs_broker_free(&d->broker);
	vs_keeper_free(&d->keeper);
	vs_workers_free(&d->workers);
	vs_tls_fini();
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
	if (seconds % WATCH_EVERY_S == 0 &&
	    (vs_reload_stamp(d->c) != d->stamp || is_due(d)))
		reload(d, &r);
	if (seconds % PRUNE_EVERY_S == 0)
		vs_broker_prune(d->broker);
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
	st = start(&d, err);
	if (st == VS_OK) {
		vs_log(VS_LOG_INFO, "event=ready guest=%s tls=%s admin=%s",
		    c->listen, c->tls_cert != NULL ? "on" : "off",
		    c->admin_socket);
		serve(&d, &signals);
		vs_log(VS_LOG_INFO, "event=stopping");
	}
	stop(&d);
	(void)pthread_mutex_destroy(&d.reload_lock);
	return st;
}

static vs_status
check_seal(
    const struct vs_seal_conf *c, struct vs_buf *report, struct vs_err *err)
{
	bool shares = c->kind != NULL && strcmp(c->kind, "shamir") == 0;
	const char *file = c->path;
	struct stat st;

	if (stat(file, &st) != 0) {
		vs_buf_printf(report, "%s: note: no seal yet; %s\n", file,
		    shares ? "make it with `vouchsafe seal init`"
			   : "the first start makes one");
		return VS_OK;
	}
	if ((st.st_mode & 077) != 0)
		return vs_fail(err, VS_USAGE,
		    "%s: others may read it; chmod 600 it", file);
	return VS_OK;
}

vs_status
vs_daemon_check(
    const struct vs_config *c, struct vs_buf *report, struct vs_err *err)
{
	VS_TRY(err, "check", vs_reload_check(c, now_ms(), report, err));
	if (c->tls_cert != NULL)
		VS_TRY(err, "check", vs_tls_load(c->tls_cert, c->tls_key, err));
	vs_tls_fini();
	return check_seal(&c->seal, report, err);
}
