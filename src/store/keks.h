/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotation of KEKs: which keys are still under an old one, moving them in
 * batches, and retiring the KEK that has none left. A key says itself which
 * KEK it is under, so a rotation that was interrupted is resumed by looking.
 */
#ifndef VS_STORE_KEKS_H
#define VS_STORE_KEKS_H

#include "store/store.h"

/* Every KEK, ordered by namespace and version. */
VS_MUST_USE vs_status vs_store_kek_list(struct vs_store *s, struct vs_arena *a,
    struct vs_kek_row **rows, size_t *n, struct vs_err *err);

/* A key that is to be moved, without its payload. */
struct vs_rewrap_row {
	struct vs_span name;
	uint32_t version;
	uint32_t size;
	vs_key_kind kind;
	uint32_t kek_version;
	struct vs_span kek; /* record it is under now */
	struct vs_span dek;
	struct vs_span moved; /* set by the caller: the DEK under the new KEK */
	int64_t kek_id;       /* the store's */
	int64_t record_id;
};

struct vs_rewrap_page {
	struct vs_span ns;
	uint32_t to_version; /* the KEK they go to */
	struct vs_span after_name;
	uint32_t after_version;
	size_t limit; /* rows */
	size_t
	    bytes_max; /* of payloads in the clear; one row is always given */
};
/* Keys of the namespace that are under another KEK and not destroyed, in the
 * order of names and versions. */
VS_MUST_USE vs_status vs_store_rewrap_next(struct vs_store *s,
    const struct vs_rewrap_page *page, struct vs_arena *a,
    struct vs_rewrap_row **rows, size_t *n, struct vs_err *err);
/* How many there are. */
VS_MUST_USE vs_status vs_store_rewrap_left(struct vs_store *s,
    struct vs_span ns, uint32_t to_version, size_t *n, struct vs_err *err);

/*
 * Puts rows[i].moved in the place of rows[i].dek, all in one transaction, and
 * counts n encryptions under the KEK they went to. A key that was destroyed
 * or moved meanwhile is left alone; rows with an empty moved are skipped.
 */
VS_MUST_USE vs_status vs_store_rewrap_apply(struct vs_store *s,
    struct vs_span ns, uint32_t to_version, const struct vs_rewrap_row *rows,
    size_t n, struct vs_err *err);

/*
 * Overwrites and removes the record of a KEK that no key is under, and
 * empties the WAL. VS_CONFLICT when keys are under it, or it is the newest.
 */
VS_MUST_USE vs_status vs_store_kek_retire(struct vs_store *s, struct vs_span ns,
    uint32_t version, int64_t now_ms, const struct vs_audit_row *audit,
    struct vs_err *err);

/* Replaces the record of a KEK by the same KEK under another root.
 * VS_CONFLICT when the old record is no longer the one in place. */
VS_MUST_USE vs_status vs_store_kek_record(struct vs_store *s,
    const struct vs_kek_row *now, struct vs_span record, struct vs_err *err);

#endif
