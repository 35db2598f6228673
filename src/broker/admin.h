/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the administration of keys that its files share. */
#ifndef VS_BROKER_ADMIN_H
#define VS_BROKER_ADMIN_H

#include "broker/broker_int.h"

/*
 * The newest KEK of a namespace, made on demand. Safe against another writer
 * who makes it at the same time: the first one stays. Lives in the arena.
 */
VS_MUST_USE vs_status vs_admin_kek(struct vs_broker *b, struct vs_span ns,
    struct vs_arena *a, struct vs_kek_row *out, struct vs_err *err);

/*
 * Generates a payload of row->size bytes in the keeper and fills dek,
 * payload, kek_version, state and created_ms. name, version, size and
 * content_type are set by the caller.
 */
VS_MUST_USE vs_status vs_admin_generate(struct vs_broker *b,
    const struct vs_kek_row *kek, struct vs_arena *a, struct vs_key_row *row,
    struct vs_err *err);

/* Destroys the keys whose waiting period is over. */
void vs_admin_destroy_due(struct vs_broker *b);

/* The KEK that a record was made under was rotated before the record was
 * written: clears err, and it is worth another try. */
bool vs_admin_kek_moved(vs_status st, struct vs_err *err);

/* Of a key that is to be made. */
VS_MUST_USE vs_status vs_admin_check_name(
    struct vs_span name, struct vs_err *err);
/* VS_MALFORMED, code "key.content_type". */
VS_MUST_USE vs_status vs_admin_check_type(
    struct vs_span content_type, struct vs_err *err);
/* VS_MALFORMED, code "key.bytes", where that is too little for a dataset. */
enum { VS_DATASET_BYTES_MIN = 16 };
VS_MUST_USE vs_status vs_admin_check_size(
    size_t bytes, bool dataset, struct vs_err *err);

/* The audit row of a change that was made. Spans are borrowed. */
VS_MUST_USE vs_status vs_admin_row(struct vs_broker *b, struct vs_span who,
    const char *action, struct vs_span keys, struct vs_span detail,
    struct vs_audit_row *out, struct vs_err *err);

#endif
