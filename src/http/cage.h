/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's cage: what it serves with, and nothing else. */
#ifndef VS_HTTP_CAGE_H
#define VS_HTTP_CAGE_H

#include "broker/config.h"

/*
 * To be called with the store's files open and the sockets bound, after the
 * keeper's starter was forked and before the first thread. In reach stay:
 * the store, and, to read, the policies, the collateral and the files that
 * the configuration names. No new socket, no program, no other file; a seal
 * or PIN among the readable ones is warned of.
 */
VS_MUST_USE vs_status vs_daemon_cage(
    const struct vs_config *c, const char *store, struct vs_err *err);

#endif
