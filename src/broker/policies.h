/* SPDX-License-Identifier: Apache-2.0 */
/* What administrators see of policies and their history, and the way back to
 * an earlier version. */
#ifndef VS_BROKER_POLICIES_H
#define VS_BROKER_POLICIES_H

#include "broker/broker.h"
#include "store/policies.h"

struct vs_policy_counts {
	uint64_t allow, deny;
	uint64_t shadow_allow, shadow_deny;
};
/* Zeros for a name that never was in force. */
void vs_broker_policy_counts(
    struct vs_broker *b, const char *name, struct vs_policy_counts *out);

/* As the store's functions of like names. */
VS_MUST_USE vs_status vs_broker_policy_versions(struct vs_broker *b,
    struct vs_span name, struct vs_arena *a, struct vs_policy_row **rows,
    size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_policy_version(struct vs_broker *b,
    struct vs_span name, int64_t version, struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err);
/* The version that is gone back to, or 0. */
VS_MUST_USE vs_status vs_broker_policy_pinned(struct vs_broker *b,
    struct vs_span name, struct vs_arena *a, int64_t *version,
    struct vs_err *err);
/* The policies of a set, with their texts, in its order. */
VS_MUST_USE vs_status vs_broker_policy_set(struct vs_broker *b,
    const uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_policy_row **rows, size_t *n, struct vs_err *err);
/* As vs_store_audit_scan and vs_store_audit_count. */
VS_MUST_USE vs_status vs_broker_audit_scan(struct vs_broker *b,
    const struct vs_audit_span *span, struct vs_arena *a,
    struct vs_audit_row **rows, size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_audit_count(struct vs_broker *b,
    const struct vs_audit_span *span, size_t *n, struct vs_err *err);

/*
 * Goes back to a version, or (0) to the one before the one in force; going
 * to the newest ends it. Takes effect at the next reload, which the caller
 * makes: when that fails, out->before is to be gone back to. With a record.
 */
struct vs_rollback {
	int64_t from;   /* in force */
	int64_t to;     /* from now on */
	int64_t before; /* what was gone back to before, or 0 */
};
VS_MUST_USE vs_status vs_broker_rollback(struct vs_broker *b,
    struct vs_span who, struct vs_span name, int64_t version, bool dry_run,
    struct vs_rollback *out, struct vs_err *err);
/* Undoes it when the reload failed; with a record, too. */
VS_MUST_USE vs_status vs_broker_rollback_undo(struct vs_broker *b,
    struct vs_span who, struct vs_span name, const struct vs_rollback *r,
    struct vs_err *err);

#endif
