/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a sealed broker with the custodians' shares. */
#ifndef VS_BROKER_UNSEAL_H
#define VS_BROKER_UNSEAL_H

#include "broker/broker.h"

/*
 * One share, as printed. *after says where things stand. When this one opened
 * the keeper, that is written to the audit trail, which could not be written
 * before: who gave the last share, never what was in it.
 */
VS_MUST_USE vs_status vs_broker_unseal(struct vs_broker *b, struct vs_span who,
    struct vs_span share, struct vs_keeper_status *after, struct vs_err *err);

#endif
