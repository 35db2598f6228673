/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon from inside: its parts, and who starts them. */
#ifndef VS_HTTP_DAEMON_INT_H
#define VS_HTTP_DAEMON_INT_H

#include <pthread.h>

#include "broker/chain.h"
#include "broker/freshness.h"
#include "broker/gate.h"
#include "http/admin_api.h"
#include "http/daemon.h"
#include "http/daemon_files.h"
#include "http/expiry_log.h"
#include "http/listener.h"

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

/* Of requests that are handled at a time; the keeper's channels from there on
 * are the audit chain's, and that of what takes long. */
unsigned vs_daemon_workers(const struct vs_config *c);
/* A store that is there may hold keys under a root that is missing: then a
 * new root must not hide the loss. */
bool vs_daemon_store_exists(const struct daemon *d);

/* ---- daemon_keeper.c: before the first thread ---- */

/* Forks what starts the keeper. */
VS_MUST_USE vs_status vs_daemon_prepare_keeper(
    struct daemon *d, struct vs_err *err);
/* Where we are root and shall not stay it. The keeper and the sockets are
 * root's by then. */
VS_MUST_USE vs_status vs_daemon_become_user(
    struct daemon *d, struct vs_err *err);
/* In the cage: has it started, and says how it stands. A sealed one is no
 * failure. */
VS_MUST_USE vs_status vs_daemon_run_keeper(
    struct daemon *d, struct vs_err *err);

/* ---- daemon_listen.c ---- */

/* A caller waits in the queue until vs_daemon_listen. */
VS_MUST_USE vs_status vs_daemon_bind(struct daemon *d, struct vs_err *err);
VS_MUST_USE vs_status vs_daemon_listen(struct daemon *d, struct vs_err *err);
/* Ends them, also where they were only bound. The admin socket's name stays
 * behind: to remove it is to change the data directory, and the next start
 * replaces it. */
void vs_daemon_hang_up(struct daemon *d);

#endif
