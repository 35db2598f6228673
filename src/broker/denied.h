/* SPDX-License-Identifier: Apache-2.0 */
/* On record: somebody whom we know tried what he may not. */
#ifndef VS_BROKER_DENIED_H
#define VS_BROKER_DENIED_H

#include "broker/broker.h"
#include "broker/identity.h"

/* Action "admin.denied", outcome "denied"; method and path go into the
 * detail. code may be NULL. */
VS_MUST_USE vs_status vs_broker_denied(struct vs_broker *b,
    const struct vs_identity *who, const char *method, struct vs_span path,
    const char *code, struct vs_err *err);

#endif
