/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens for the admin API: what is kept of them is not enough to use one. */
#ifndef VS_STORE_TOKENS_H
#define VS_STORE_TOKENS_H

#include "store/store.h"

enum { VS_TOKEN_HASH_SIZE = 32 };

struct vs_token_row {
	struct vs_span id; /* 16 hex digits */
	uint8_t hash[VS_TOKEN_HASH_SIZE];
	struct vs_span name; /* what it is for, in words of its maker */
	unsigned roles;
	struct vs_span lists; /* patterns, parted by spaces */
	struct vs_span kinds;
	struct vs_span person; /* whose hand it is where two are needed */
	struct vs_span made_by;
	int64_t made_ms;
	int64_t expires_ms;
	int64_t revoked_ms; /* 0: not */
	struct vs_span revoked_by;
};

/* VS_CONFLICT when the id or the hash is there already. */
VS_MUST_USE vs_status vs_store_token_add(struct vs_store *s,
    const struct vs_token_row *row, const struct vs_audit_row *audit,
    struct vs_err *err);
VS_MUST_USE vs_status vs_store_token(struct vs_store *s, struct vs_span id,
    struct vs_arena *a, struct vs_token_row *out, struct vs_err *err);
/* Newest first, also those that have expired or were revoked; those older
 * than `before` (empty: from the newest). */
VS_MUST_USE vs_status vs_store_token_list(struct vs_store *s,
    struct vs_span before, size_t limit, struct vs_arena *a,
    struct vs_token_row **rows, size_t *n, struct vs_err *err);
/* For ever; a second time is no error. VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_store_token_revoke(struct vs_store *s,
    struct vs_span id, int64_t now_ms, struct vs_span by,
    const struct vs_audit_row *audit, struct vs_err *err);

#endif
