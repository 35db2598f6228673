/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start order: the keeper's starter, sockets bound, the store's files, the
 * cage; then threads: keeper, policies and collateral, listeners. The first
 * byte that is read from the network finds everything in place.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "broker/list_proof.h"
#include "broker/lists.h"
#include "broker/lists_watch.h"
#include "broker/reload.h"
#include "broker/upkeep.h"
#include "broker/view.h"
#include "http/cage.h"
#include "http/daemon_int.h"
#include "http/tls.h"

enum {
	/* A release of 10,000 keys, decoded, with its claims and verdicts. */
	ARENA_MAX = 32 * 1024 * 1024,
	PRUNE_EVERY_S = 60,
	EXPIRY_EVERY_S = 10,
	WATCH_EVERY_S = 1,
	HEAP_KEEP = 4 * 1024 * 1024,
	HEAP_STEP = 256 * 1024,
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
	    .readers = vs_daemon_workers(d->c) + 2,
	    .chain = vs_chain_macs,
	    .digest = vs_chain_digest,
	    .ctx = &d->chain,
	    .opened = step_into_cage,
	    .opened_ctx = d,
	};

	d->chain = (struct vs_chain){d->keeper, vs_daemon_workers(d->c)};
	d->created = !vs_daemon_store_exists(d);
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
	    .workers = vs_daemon_workers(d->c),
	    .batch_channel = vs_daemon_workers(d->c) + 1,
	    .hands = vs_crew_fitting(),
	    .lists = d->c->lists,
	};

	return vs_broker_new(&opt, &d->broker, err);
}

/* The first thread starts in open_store, after the cage. */
static vs_status
start_outside(struct daemon *d, struct vs_err *err)
{
	VS_TRY(err, "configuration", vs_list_proof_check(&d->c->lists, err));
	VS_TRY(err, "data", vs_daemon_data_dirs(d->c, err));
	VS_TRY(err, "keeper", vs_daemon_prepare_keeper(d, err));
	d->seal = d->c->seal;
	VS_TRY(err, "counter", vs_freshness_fork(&d->seal, &d->outside, err));
	VS_TRY(err, "sockets", vs_daemon_bind(d, err));
	VS_TRY(err, "user", vs_daemon_become_user(d, err));
	VS_TRY(err, "store", open_store(d, err));
	return VS_OK;
}

/* From here on in the cage. */
static vs_status
start(struct daemon *d, struct vs_err *err)
{
	struct vs_reload_report first = {0};

	VS_TRY(err, "keeper", vs_daemon_run_keeper(d, err));
	VS_TRY(err, "broker", open_broker(d, err));
	VS_TRY(err, "store", check_fresh(d, err));
	vs_freshness_outside_stop(&d->outside);
	VS_TRY(err, "workers",
	    vs_workers_new(
		vs_daemon_workers(d->c), ARENA_MAX, &d->workers, err));
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
	VS_TRY(err, "sockets", vs_daemon_listen(d, err));
	VS_TRY(err, "upkeep", vs_broker_upkeep_start(d->broker, err));
	return VS_OK;
}

static void
stop(struct daemon *d)
{
	vs_daemon_hang_up(d);
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
