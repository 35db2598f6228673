/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists and approvals as administrators meet them: who asks is known and
 * recorded, the configuration says what is allowed.
 */
#ifndef VS_BROKER_LISTS_H
#define VS_BROKER_LISTS_H

#include "broker/broker.h"
#include "broker/identity.h"

/* The rules of the configuration. */
const struct vs_list_rules *vs_broker_list_rules(struct vs_broker *b);
/* VS_NOT_FOUND, code "list.unknown", with the nearest name. */
VS_MUST_USE vs_status vs_broker_list_rule(struct vs_broker *b,
    struct vs_span name, const struct vs_list_rule **out, struct vs_err *err);

enum {
	VS_LABELS_MAX = 32,
	VS_LABEL_TEXT_MAX = 128, /* octets of a name or a value */
	VS_REASON_MAX = 512,     /* octets; of a source as well */
};

/* What a caller says of an entry to be added. */
struct vs_list_push {
	struct vs_span list;
	struct vs_span value;
	struct vs_span labels; /* canonical JSON object; "{}" for none */
	struct vs_span source;
	struct vs_span reason;
	bool expires_given;
	int64_t expires_ms; /* 0: never */
	/* Deny lists: at once, whatever approvals they need, by the security
	 * team alone. */
	bool emergency;
	/* A proof of origin; empty: none is shown. See broker/list_proof.h */
	struct vs_span provenance;
	struct vs_entry_match match;
	bool dry_run;
};

/*
 * Adds an entry, or asks for it where the list needs approvals. The value is
 * brought into its form, and is then out->value. Codes "list.unknown",
 * "entry.value", "entry.expiry", "entry.provenance", "entry.pending",
 * "entry.revoked", "entry.sooner", "list.full", "etag.mismatch", and
 * those of vs_identity_may.
 */
struct vs_list_pushed {
	struct vs_span value; /* in the arena */
	struct vs_entry_outcome entry;
	bool in_force; /* this broker decides by it already */
};
VS_MUST_USE vs_status vs_broker_list_add(struct vs_broker *b,
    const struct vs_identity *who, const struct vs_list_push *p,
    struct vs_arena *a, struct vs_list_pushed *out, struct vs_err *err);

/*
 * Revokes an entry, or asks for it. emergency: at once, whatever the list
 * says, with a reason, by the security team alone; not for deny lists, where
 * it would let guests in. Returns when this broker no longer decides by it.
 */
struct vs_list_revocation {
	struct vs_span list, value, reason;
	bool emergency;
	struct vs_entry_match match;
	bool dry_run;
};
VS_MUST_USE vs_status vs_broker_list_revoke(struct vs_broker *b,
    const struct vs_identity *who, const struct vs_list_revocation *r,
    struct vs_arena *a, struct vs_list_pushed *out, struct vs_err *err);

/* Agrees to what waits, or (reject) ends it; who asked may reject, too. */
struct vs_list_vote {
	uint8_t ask[VS_ASK_ID_SIZE];
	bool reject;
	struct vs_span reason;
	bool dry_run;
};
VS_MUST_USE vs_status vs_broker_vote(struct vs_broker *b,
    const struct vs_identity *who, const struct vs_list_vote *v,
    struct vs_arena *a, struct vs_vote_outcome *out, struct vs_err *err);

/* Records an attempt that was denied, or whose proof did not verify; other
 * failures leave no record. */
void vs_lists_refused(struct vs_broker *b, const struct vs_identity *who,
    const char *action, struct vs_span list, struct vs_span value,
    const struct vs_err *why);

/* As the store's functions of like names; the value is brought into its
 * form. */
VS_MUST_USE vs_status vs_broker_entry(struct vs_broker *b, struct vs_span list,
    struct vs_span value, struct vs_arena *a, struct vs_entry_row *out,
    struct vs_err *err);
VS_MUST_USE vs_status vs_broker_entries(struct vs_broker *b,
    const struct vs_entry_filter *f, struct vs_arena *a,
    struct vs_entry_row **rows, size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_entry_counts(struct vs_broker *b,
    struct vs_span list, struct vs_entry_counts *out, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_ask(struct vs_broker *b,
    const uint8_t id[VS_ASK_ID_SIZE], struct vs_arena *a,
    struct vs_ask_row *out, struct vs_vote_row **votes, size_t *votes_n,
    struct vs_err *err);
VS_MUST_USE vs_status vs_broker_asks(struct vs_broker *b,
    const struct vs_ask_filter *f, struct vs_arena *a, struct vs_ask_row **rows,
    size_t *n, struct vs_err *err);
/* Ends what waited for too long; errors are left to the next time. */
void vs_broker_asks_lapse(struct vs_broker *b);

/* What the entry is called now: an active one whose time is over has
 * "expired". */
const char *vs_entry_shown(const struct vs_entry_row *r, int64_t now_ms);

#endif
