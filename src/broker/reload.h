/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files to a snapshot: policies, trust anchors, collateral. All of it
 * loads, or nothing changes.
 */
#ifndef VS_BROKER_RELOAD_H
#define VS_BROKER_RELOAD_H

#include "broker/broker.h"
#include "broker/config.h"

enum { VS_POLICY_FILES_MAX = 256 };

/* Builds a snapshot from the files that the configuration names and installs
 * it. On failure the broker keeps what it had, and err names the file. */
VS_MUST_USE vs_status vs_reload(const struct vs_config *c, struct vs_broker *b,
    int64_t now_ms, struct vs_err *err);

/*
 * The same without a broker, for `vouchsafed --check`: every finding of every
 * policy goes to report, a line each, warnings too.
 */
VS_MUST_USE vs_status vs_reload_check(const struct vs_config *c, int64_t now_ms,
    struct vs_buf *report, struct vs_err *err);

/* Changes when a file that vs_reload or TLS reads is added, removed or
 * written. 0 is never a stamp. */
uint64_t vs_reload_stamp(const struct vs_config *c);

#endif
