/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which policies were in force when: every version that was ever loaded with
 * its text, the sets that decided together, and the versions that an
 * operator went back to. What replays and explanations need, and what keeps
 * an older version from coming back unnoticed.
 */
#ifndef VS_STORE_POLICIES_H
#define VS_STORE_POLICIES_H

#include "store/store.h"

enum { VS_POLICY_HASH_SIZE = 32 };

struct vs_policy_row {
	struct vs_span name;
	int64_t version;
	uint8_t hash[VS_POLICY_HASH_SIZE]; /* SHA-256 of the text */
	int64_t loaded_ms;                 /* for the first time */
	struct vs_span file;               /* as it was called then */
	struct vs_span text;
	struct vs_span signatures; /* the .sig file, may be empty */
};

/* The highest version of a name that was ever loaded; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_store_policy_newest(struct vs_store *s,
    struct vs_span name, struct vs_arena *a, struct vs_policy_row *out,
    struct vs_err *err);
VS_MUST_USE vs_status vs_store_policy_version(struct vs_store *s,
    struct vs_span name, int64_t version, struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err);
VS_MUST_USE vs_status vs_store_policy_hash(struct vs_store *s,
    const uint8_t hash[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err);
/* All versions of a name (empty: of all), newest first, without texts. */
VS_MUST_USE vs_status vs_store_policy_list(struct vs_store *s,
    struct vs_span name, struct vs_arena *a, struct vs_policy_row **rows,
    size_t *n, struct vs_err *err);

/* The hashes, one after the other, of the set that this digest names. */
VS_MUST_USE vs_status vs_store_policy_set(struct vs_store *s,
    const uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_span *hashes, struct vs_err *err);

/* The digest of the set that was loaded last; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_store_policy_set_last(struct vs_store *s,
    uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_err *err);

/*
 * A set was loaded: adds the versions that are new, the set, and the audit
 * row (NULL: none), in one transaction; a new version ends the rollback of
 * its policy. VS_CONFLICT when a version exists
 * with another hash, or a higher one does and this one was never loaded.
 */
struct vs_policy_load_row {
	uint8_t digest[VS_POLICY_HASH_SIZE];
	const struct vs_policy_row *rows;
	size_t n;
	int64_t at_ms;
};
VS_MUST_USE vs_status vs_store_policies_loaded(struct vs_store *s,
    const struct vs_policy_load_row *load, const struct vs_audit_row *audit,
    struct vs_err *err);

/* An operator went back to a version (0: no longer). VS_NOT_FOUND when it
 * was never loaded. */
VS_MUST_USE vs_status vs_store_policy_pin(struct vs_store *s,
    struct vs_span name, int64_t version, const struct vs_audit_row *audit,
    struct vs_err *err);
/* Name and version only. */
VS_MUST_USE vs_status vs_store_policy_pins(struct vs_store *s,
    struct vs_arena *a, struct vs_policy_row **rows, size_t *n,
    struct vs_err *err);

#endif
