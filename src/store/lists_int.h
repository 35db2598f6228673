/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the lists' tables, for the files that read and write them. */
#ifndef VS_STORE_LISTS_INT_H
#define VS_STORE_LISTS_INT_H

#include "store/lists.h"
#include "store/store_int.h"

/* The columns of VS_SQL_ENTRY_COLS. */
VS_MUST_USE vs_status vs_entry_read(struct vs_query *q, struct vs_arena *a,
    struct vs_entry_row *out, struct vs_err *err);
/* The columns of VS_SQL_ASK_COLS, and detail. */
VS_MUST_USE vs_status vs_ask_read(struct vs_query *q, struct vs_arena *a,
    struct vs_ask_row *out, struct vs_err *err);
/* VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_ask_find(struct vs_db *db,
    const uint8_t id[VS_ASK_ID_SIZE], struct vs_arena *a,
    struct vs_ask_row *out, struct vs_err *err);
VS_MUST_USE vs_status vs_votes_read(struct vs_db *db,
    const uint8_t id[VS_ASK_ID_SIZE], struct vs_arena *a,
    struct vs_vote_row **out, size_t *n, struct vs_err *err);

enum { VS_NEED_SIZE = 1 + VS_NEED_ROLES };
void vs_need_pack(const struct vs_need *n, uint8_t out[VS_NEED_SIZE]);

/* Everything below writes, in the open transaction of an operation. */

/* What one value has: a live entry, a pending one, both or none (id 0). */
struct vs_entry_pair {
	struct vs_entry_row live, pending;
};
VS_MUST_USE vs_status vs_entry_pair_read(struct vs_store *s,
    struct vs_span list, struct vs_span value, struct vs_arena *a,
    struct vs_entry_pair *out, struct vs_err *err);

VS_MUST_USE vs_status vs_entry_to(struct vs_store *s, int64_t id,
    vs_entry_state state, const struct vs_act *act, struct vs_span reason,
    struct vs_err *err);
/* What policies see has changed. */
VS_MUST_USE vs_status vs_lists_changed(struct vs_store *s, struct vs_err *err);
VS_MUST_USE vs_status vs_ask_insert(
    struct vs_store *s, const struct vs_ask_row *ask, struct vs_err *err);
VS_MUST_USE vs_status vs_ask_to(struct vs_store *s,
    const struct vs_ask_row *ask, vs_ask_state state, int64_t now_ms,
    int64_t expires_ms, struct vs_err *err);
/* The open one, or of a release the approved one; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_ask_open(struct vs_store *s, vs_ask_action action,
    struct vs_span subject, struct vs_span value, struct vs_arena *a,
    struct vs_ask_row *out, struct vs_err *err);
/* What was open about an entry is overtaken. */
VS_MUST_USE vs_status vs_asks_overtake(
    struct vs_store *s, int64_t entry, int64_t now_ms, struct vs_err *err);
/* An ask whose time is over ends; *lapsed tells. */
VS_MUST_USE vs_status vs_ask_settle(struct vs_store *s,
    const struct vs_ask_row *ask, const struct vs_act *act, bool *lapsed,
    struct vs_err *err);

/* Refused for good reason: the record says so, and it is kept. */
VS_MUST_USE vs_status vs_refuse(struct vs_op *op, vs_status st,
    const char *code, const char *why, struct vs_err *err);

#endif
