/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders that the daemon needs before it serves. */
#ifndef VS_HTTP_DAEMON_FILES_H
#define VS_HTTP_DAEMON_FILES_H

#include "base/buf.h"
#include "broker/config.h"

enum { VS_DAEMON_PATH_MAX = 1024 };

/* The data directory, and those of policies and collateral that lie in it:
 * what is not there when the cage closes stays out of reach. */
VS_MUST_USE vs_status vs_daemon_data_dirs(
    const struct vs_config *c, struct vs_err *err);
VS_MUST_USE vs_status vs_daemon_find_keeper(const struct vs_config *c,
    char path[VS_DAEMON_PATH_MAX], struct vs_err *err);
/* Those of the listeners that have one, served from now on. */
VS_MUST_USE vs_status vs_daemon_certificates(
    const struct vs_config *c, struct vs_err *err);
/* admin.client_ca as text, checked; pem stays empty where there is none. */
VS_MUST_USE vs_status vs_daemon_client_ca(
    const struct vs_config *c, struct vs_buf *pem, struct vs_err *err);

#endif
