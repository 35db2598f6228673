/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon put together: store, keeper, broker, listeners, main loop. */
#ifndef VS_HTTP_DAEMON_H
#define VS_HTTP_DAEMON_H

#include "broker/config.h"

/*
 * Serves until SIGTERM or SIGINT, then stops gracefully. SIGHUP, and changed
 * policy, collateral or certificate files, reload; a reload that fails keeps
 * what was there. config_file (may be NULL) and data_override are kept for
 * messages only: a changed configuration needs a restart.
 */
VS_MUST_USE vs_status vs_daemon_run(
    const struct vs_config *c, struct vs_err *err);

/*
 * Validates what the daemon would load, without serving: policies,
 * collateral, anchors, TLS files, the seal. Findings go to report.
 */
VS_MUST_USE vs_status vs_daemon_check(
    const struct vs_config *c, struct vs_buf *report, struct vs_err *err);

#endif
