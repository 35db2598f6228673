/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators may see. Reads only; never a key's bytes. */
#ifndef VS_BROKER_VIEW_H
#define VS_BROKER_VIEW_H

#include "broker/broker.h"

/* As the store's functions of like names. */
VS_MUST_USE vs_status vs_broker_key_list(struct vs_broker *b,
    struct vs_span prefix, struct vs_span after, size_t limit,
    struct vs_arena *a, struct vs_key_row **rows, size_t *n,
    struct vs_err *err);
VS_MUST_USE vs_status vs_broker_key_versions(struct vs_broker *b,
    struct vs_span name, struct vs_arena *a, struct vs_key_row **rows,
    size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_audit_list(struct vs_broker *b,
    const struct vs_audit_filter *f, struct vs_arena *a,
    struct vs_audit_row **rows, size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_audit_get(struct vs_broker *b,
    const uint8_t id[VS_STORE_ID_SIZE], struct vs_arena *a,
    struct vs_audit_row *out, struct vs_err *err);
void vs_broker_keeper(struct vs_broker *b, struct vs_keeper_status *out);
/* Removes nonces that have expired; errors are left to the next time. */
void vs_broker_prune(struct vs_broker *b);

/* The snapshot in force. Drop the references when done; both NULL when
 * nothing was loaded yet. */
struct vs_broker_loaded {
	struct vs_policy_set *policies;
	struct vs_collateral *collateral;
	char policies_hex[65];
	char collateral_hex[65];
	int64_t loaded_ms;
};
void vs_broker_loaded(struct vs_broker *b, struct vs_broker_loaded *out);
void vs_broker_loaded_fini(struct vs_broker_loaded *l);

#endif
