/* SPDX-License-Identifier: Apache-2.0 */
/* From a seal to a server that serves. */
#ifndef VS_KEEPER_UNSEAL_H
#define VS_KEEPER_UNSEAL_H

#include "keeper/seal.h"
#include "keeper/server.h"
#include "keeper/shamir.h"

/*
 * Opens the seal by its own back end. What does not open leaves the server
 * sealed, and says why.
 */
void vs_server_unseal(struct vs_server *s, const struct vs_seal_conf *c);

/* One share; the last one needed opens the server. What is wrong with it goes
 * to err, and the server stays as it is. */
VS_MUST_USE vs_status vs_server_share(
    struct vs_server *s, const struct vs_share *share, struct vs_err *err);

/* After the last channel. */
void vs_server_fini(struct vs_server *s);

#endif
