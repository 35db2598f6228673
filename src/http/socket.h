/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. */
#ifndef VS_HTTP_SOCKET_H
#define VS_HTTP_SOCKET_H

#include "base/result.h"

/* "127.0.0.1:8443" */
VS_MUST_USE vs_status vs_listen_tcp(
    const char *address, int *fd, struct vs_err *err);
/* Mode 0660; group may be NULL. A stale socket is replaced, one that a
 * running daemon serves is not. */
VS_MUST_USE vs_status vs_listen_unix(
    const char *path, const char *group, int *fd, struct vs_err *err);

#endif
