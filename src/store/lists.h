/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of lists, and changes that wait until enough people have agreed.
 *
 * Every change is one transaction with its audit record. What it finds there
 * decides what it does: a call that comes twice, late, or at the same time as
 * another changes nothing that the other did. Who may call, and how many
 * must agree, is settled by the caller.
 */
#ifndef VS_STORE_LISTS_H
#define VS_STORE_LISTS_H

#include "store/store.h"

/* X(symbol, number in the database, name). Only active and revoked entries
 * are live: there is at most one of them, and at most one pending, for a
 * value of a list. The others are history. */
#define VS_ENTRY_STATE_TABLE(X)                                                \
	X(VS_ENTRY_PENDING, 1, "pending")                                      \
	X(VS_ENTRY_ACTIVE, 2, "active")                                        \
	X(VS_ENTRY_REVOKED, 3, "revoked")                                      \
	X(VS_ENTRY_REPLACED, 4, "replaced")                                    \
	X(VS_ENTRY_REJECTED, 5, "rejected")                                    \
	X(VS_ENTRY_LAPSED, 6, "lapsed")

typedef enum vs_entry_state {
	VS_ENTRY_NONE = 0,
#define X(sym, number, name) sym = (number),
	VS_ENTRY_STATE_TABLE(X)
#undef X
} vs_entry_state;
/* "?" for a number that is none. */
const char *vs_entry_state_name(vs_entry_state s);

struct vs_entry_row {
	int64_t id; /* set by the store, grows */
	struct vs_span list;
	struct vs_span value;
	struct vs_span kind;
	vs_entry_state state;
	struct vs_span labels;   /* JSON object, canonical; "{}" for none */
	struct vs_span source;   /* free text: a pipeline, a ticket */
	struct vs_span added_by; /* as audit records name it */
	int64_t added_ms;
	int64_t expires_ms; /* 0: never */
	/* Who agreed, a line each. */
	struct vs_span approvals;
	int64_t slsa_level; /* 0: no provenance was shown */
	struct vs_span builder;
	struct vs_span source_uri;
	struct vs_span source_ref;
	int64_t state_ms;        /* when it came into this state */
	struct vs_span state_by; /* who brought it there */
	struct vs_span reason;   /* of a revocation or rejection */
	int64_t change;          /* grows with every change of the row */
};

/*
 * How many must agree: `any` of whoever may, and for each role so many who
 * have it; one person counts for one place only. Zero: nobody need.
 */
enum { VS_NEED_ROLES = 8 };
struct vs_need {
	uint8_t any;
	uint8_t role[VS_NEED_ROLES]; /* by bit number of the role */
};
bool vs_need_nothing(const struct vs_need *n);
/* voters[i]: the roles of the i-th person who agreed. */
bool vs_need_met(const struct vs_need *need, const unsigned *voters, size_t n);

/* X(symbol, number, name) */
#define VS_ASK_ACTION_TABLE(X)                                                 \
	X(VS_ASK_ADD, 1, "add")                                                \
	X(VS_ASK_REVOKE, 2, "revoke")                                          \
	X(VS_ASK_RELEASE, 3, "release")

typedef enum vs_ask_action {
	VS_ASK_NONE = 0,
#define X(sym, number, name) sym = (number),
	VS_ASK_ACTION_TABLE(X)
#undef X
} vs_ask_action;
const char *vs_ask_action_name(vs_ask_action a);

#define VS_ASK_STATE_TABLE(X)                                                  \
	X(VS_ASK_OPEN, 1, "open")                                              \
	X(VS_ASK_APPROVED, 2, "approved")                                      \
	X(VS_ASK_REJECTED, 3, "rejected")                                      \
	X(VS_ASK_LAPSED, 4, "lapsed")                                          \
	X(VS_ASK_USED, 5, "used") /* a release that was approved was made */   \
	X(VS_ASK_OVERTAKEN, 6, "overtaken") /* by another change */

typedef enum vs_ask_state {
	VS_ASK_ABSENT = 0,
#define X(sym, number, name) sym = (number),
	VS_ASK_STATE_TABLE(X)
#undef X
} vs_ask_state;
const char *vs_ask_state_name(vs_ask_state s);

enum { VS_ASK_ID_SIZE = 16, VS_BINDING_SIZE = 32 };

/* Something that was asked for and waits for others to agree. */
struct vs_ask_row {
	uint8_t id[VS_ASK_ID_SIZE];
	vs_ask_action action;
	vs_ask_state state;
	struct vs_span subject; /* the list; of a release, NAME@VERSION */
	struct vs_span value;   /* of the entry; of a release, the binding */
	int64_t entry;          /* 0: a release */
	struct vs_need need;
	struct vs_span asked_by;
	struct vs_span person; /* who must not agree */
	int64_t asked_ms;
	int64_t expires_ms; /* the wait, and then of what was approved */
	int64_t window_ms;  /* release: how long the approval holds */
	struct vs_span reason;
	struct vs_span detail; /* JSON object: what an approver must see */
	int64_t closed_ms;     /* 0: open */
};

struct vs_vote_row {
	struct vs_span who;
	struct vs_span person;
	unsigned roles;
	int64_t at_ms;
};

/* Who does it, when, and the record of it. The store completes the record:
 * its code is what came of it. */
struct vs_act {
	struct vs_span who;
	struct vs_span person;
	unsigned roles;
	int64_t now_ms;
	const struct vs_audit_row *audit;
};

struct vs_entry_outcome {
	vs_entry_state state; /* of what was asked for */
	int64_t id, change;   /* of that row */
	bool unchanged;       /* it was so before: no record was written */
	bool waits;           /* for approvals, as ask says */
	uint8_t ask[VS_ASK_ID_SIZE];
};

/* Where the entry must stand for a change: VS_CONFLICT "etag.mismatch". */
struct vs_entry_match {
	bool given;
	int64_t id, change; /* 0, 0: there must be none */
};

/*
 * Adds the entry, or asks for it when need is not nothing. Of row the store
 * sets id, state, added_by, added_ms, approvals, state_* and change. An entry
 * that is active or pending with the same content stays as it is.
 * VS_CONFLICT: "entry.pending" when another content waits, "entry.revoked"
 * when it was revoked and may_restore is false, "entry.sooner" when it would
 * end before the active one and no_sooner is set.
 */
struct vs_entry_add {
	struct vs_entry_row row;
	bool expires_given; /* else any expiry is the same content ... */
	bool may_restore;
	/* ... unless it forbids: then none that ends sooner is, and what is
	 * there may not end sooner by it. */
	bool no_sooner;
	/* An emergency: what waits under this value gives way to it. */
	bool overtakes;
	struct vs_need need;
	int64_t ask_until_ms;
	uint8_t ask[VS_ASK_ID_SIZE]; /* a new id */
	struct vs_span reason;
	struct vs_entry_match match;
};
VS_MUST_USE vs_status vs_store_entry_add(struct vs_store *s,
    const struct vs_act *act, const struct vs_entry_add *add,
    struct vs_entry_outcome *out, struct vs_err *err);

/*
 * Revokes the entry, or asks for it. Whatever waits to be added under this
 * value is rejected at once either way. VS_NOT_FOUND.
 */
struct vs_entry_revoke {
	struct vs_span list, value;
	struct vs_span reason;
	struct vs_need need;
	int64_t ask_until_ms;
	uint8_t ask[VS_ASK_ID_SIZE];
	struct vs_entry_match match;
};
VS_MUST_USE vs_status vs_store_entry_revoke(struct vs_store *s,
    const struct vs_act *act, const struct vs_entry_revoke *r,
    struct vs_entry_outcome *out, struct vs_err *err);

/*
 * Agrees, or (reject) ends the matter. need: what is asked for today; what
 * was asked for when it began counts as well. Agreeing twice counts once.
 * VS_DENIED "approval.self" for who asked for it; VS_CONFLICT
 * "approval.closed" or "approval.lapsed"; both leave a record. VS_NOT_FOUND.
 */
struct vs_vote {
	uint8_t ask[VS_ASK_ID_SIZE];
	bool reject;
	struct vs_need need;
	struct vs_span reason;
};
struct vs_vote_outcome {
	vs_ask_state state;
	bool unchanged;
};
VS_MUST_USE vs_status vs_store_vote(struct vs_store *s,
    const struct vs_act *act, const struct vs_vote *v,
    struct vs_vote_outcome *out, struct vs_err *err);

/*
 * A release that needs approval: the open or approved one of this subject and
 * binding, else a new one, for which act->audit is written. One that fewer had
 * to agree to is overtaken by a new one.
 */
VS_MUST_USE vs_status vs_store_ask_release(struct vs_store *s,
    const struct vs_act *act, const struct vs_ask_row *ask,
    struct vs_ask_row *out, struct vs_err *err);

/* Ends what waited for too long. *n: how many; none leaves no record. */
VS_MUST_USE vs_status vs_store_asks_lapse(struct vs_store *s,
    const struct vs_act *act, size_t *n, struct vs_err *err);

/* ---- reading ------------------------------------------------------------ */

/* Grows whenever what policies may see of the lists changes. */
VS_MUST_USE vs_status vs_store_lists_change(
    struct vs_store *s, int64_t *out, struct vs_err *err);

/* Live entries of one list in the order of adding, as of one moment. The row
 * has what policies may see and no more, and is borrowed for the call; a
 * failure ends the walk. */
typedef vs_status (*vs_entry_fn)(
    void *ctx, const struct vs_entry_row *row, struct vs_err *err);
VS_MUST_USE vs_status vs_store_entries_each(struct vs_store *s,
    struct vs_span list, vs_entry_fn fn, void *ctx, struct vs_err *err);

/* The live entry of a value, else the pending one; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_store_entry(struct vs_store *s, struct vs_span list,
    struct vs_span value, struct vs_arena *a, struct vs_entry_row *out,
    struct vs_err *err);

struct vs_entry_filter {
	struct vs_span list;
	int64_t after;        /* id; 0: from the first */
	vs_entry_state state; /* NONE: pending, active and revoked */
	struct vs_span value; /* all rows of it, history too; empty: any */
	size_t limit;
};
VS_MUST_USE vs_status vs_store_entries(struct vs_store *s,
    const struct vs_entry_filter *f, struct vs_arena *a,
    struct vs_entry_row **rows, size_t *n, struct vs_err *err);

struct vs_entry_counts {
	int64_t pending, active, revoked;
};
VS_MUST_USE vs_status vs_store_entry_counts(struct vs_store *s,
    struct vs_span list, struct vs_entry_counts *out, struct vs_err *err);

/* VS_NOT_FOUND. votes may be NULL. */
VS_MUST_USE vs_status vs_store_ask(struct vs_store *s,
    const uint8_t id[VS_ASK_ID_SIZE], struct vs_arena *a,
    struct vs_ask_row *out, struct vs_vote_row **votes, size_t *votes_n,
    struct vs_err *err);
/* Oldest first, without detail; ids are of one time order. */
struct vs_ask_filter {
	vs_ask_state state; /* ABSENT: any */
	bool has_after;
	uint8_t after[VS_ASK_ID_SIZE];
	size_t limit;
};
VS_MUST_USE vs_status vs_store_asks(struct vs_store *s,
    const struct vs_ask_filter *f, struct vs_arena *a, struct vs_ask_row **rows,
    size_t *n, struct vs_err *err);

#endif
