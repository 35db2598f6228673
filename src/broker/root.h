/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotation of the root, online: the keeper makes a new one beside the old,
 * the upkeep moves every KEK under it, and then the old one is forgotten.
 * While there are two, the seal holds both, so a rotation that was
 * interrupted goes on with the next start.
 */
#ifndef VS_BROKER_ROOT_H
#define VS_BROKER_ROOT_H

#include "broker/broker.h"

struct vs_broker_root {
	uint32_t generation; /* of the newest root */
	uint32_t old;        /* of the one before; 0: no rotation runs */
};
VS_MUST_USE vs_status vs_broker_root(
    struct vs_broker *b, struct vs_broker_root *out, struct vs_err *err);
/* VS_CONFLICT while one is under way. */
VS_MUST_USE vs_status vs_broker_root_rotate(struct vs_broker *b,
    struct vs_span who, bool dry_run, struct vs_broker_root *out,
    struct vs_err *err);

/* Of the upkeep: moves KEKs when there are two roots. */
void vs_root_step(struct vs_broker *b);

#endif
