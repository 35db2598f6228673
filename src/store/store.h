/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: keys (wrapped), spent nonces, the audit trail. One interface;
 * sqlite.c is the embedded default and the only home of sqlite3.h.
 *
 * Thread-safe. Reads take a connection from a small pool; all writes go
 * through one committer thread, which puts the operations that wait into one
 * transaction (group commit): one fsync for many callers, each of whom
 * returns only when its own operation is on disk.
 */
#ifndef VS_STORE_STORE_H
#define VS_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"

struct vs_store;
struct vs_audit_row;

enum {
	VS_STORE_ID_SIZE = 16,
	VS_STORE_NONCE_SIZE = 32,
	VS_STORE_MAC_SIZE = 32,
	VS_KEY_NAMESPACE_MAX = 255,
};

/*
 * MACs for audit rows about to be written: macs[i] over digests[i], chained
 * from prev (the last row's MAC, zeros for the first). Called by the
 * committer thread; a failure fails the whole group.
 */
typedef vs_status (*vs_store_chain_fn)(void *ctx, const uint8_t prev[32],
    const uint8_t (*digests)[32], size_t n, uint8_t (*macs)[32],
    struct vs_err *err);

/* SHA-256 of one audit row's canonical encoding (crypto is not below us). */
typedef vs_status (*vs_store_digest_fn)(
    void *ctx, struct vs_span row, uint8_t out[32]);

struct vs_store_options {
	const char *path; /* the database file; created if absent */
	unsigned readers; /* read connections */
	/* For tools, also beside a daemon: neither creates nor migrates, and
	 * whatever writes must not be called. chain, digest: NULL. */
	bool read_only;
	vs_store_chain_fn chain;
	vs_store_digest_fn digest;
	void *ctx;
	/* Called once every file is open and before the first thread starts,
	 * may be NULL: for the caller to confine itself. */
	vs_status (*opened)(void *opened_ctx, struct vs_err *err);
	void *opened_ctx;
	/* Test hook: called at named points of a commit, may be NULL. */
	void (*at)(void *ctx, const char *point);
};

/* Opens, creates or migrates. Refuses a schema newer than it knows. */
VS_MUST_USE vs_status vs_store_open(const struct vs_store_options *opt,
    struct vs_store **out, struct vs_err *err);
/* Waits for pending commits. Accepts NULL, nulls the pointer. */
void vs_store_close(struct vs_store **s);
/* Writes and syncs a probe row: for readyz. */
VS_MUST_USE vs_status vs_store_probe(struct vs_store *s, struct vs_err *err);

/* ---- keys -------------------------------------------------------------- */

struct vs_kek_row {
	struct vs_span ns;
	uint32_t version;
	struct vs_span record; /* empty once it is retired */
	int64_t created_ms;
	int64_t retired_ms; /* 0: not */
	int64_t uses;       /* encryptions under it */
};

typedef enum vs_key_state {
	VS_KEY_NONE = 0,
	VS_KEY_ACTIVE,
	VS_KEY_DISABLED,
	VS_KEY_DESTROYED,    /* records are gone */
	VS_KEY_DECRYPT_ONLY, /* given out by its number alone */
	VS_KEY_SCHEDULED,    /* given out no more, destroyed when due */
} vs_key_state;
const char *vs_key_state_name(vs_key_state s);

typedef enum vs_key_kind {
	VS_KIND_KEY = 0,
	VS_KIND_DATASET, /* never given out: others are derived from it */
} vs_key_kind;

struct vs_key_row {
	struct vs_span name;
	uint32_t version;
	vs_key_state state;
	struct vs_span content_type;
	uint32_t size; /* bytes of the payload in the clear */
	int64_t created_ms;
	int64_t destroyed_ms; /* or will be, when scheduled; 0: neither */
	vs_key_kind kind;
	int64_t uses;        /* counted where there is a limit */
	int64_t max_uses;    /* 0: no limit */
	int64_t epoch_floor; /* of a dataset: epochs below are closed */
	uint32_t kek_version;
	struct vs_span kek; /* the KEK's record */
	struct vs_span dek;
	struct vs_span payload;
};

/* Newest KEK of a namespace; VS_NOT_FOUND. Spans live in the arena. */
VS_MUST_USE vs_status vs_store_kek(struct vs_store *s, struct vs_span ns,
    struct vs_arena *a, struct vs_kek_row *out, struct vs_err *err);
/* VS_CONFLICT when that version exists (another writer was first). */
VS_MUST_USE vs_status vs_store_add_kek(
    struct vs_store *s, const struct vs_kek_row *row, struct vs_err *err);
VS_MUST_USE vs_status vs_store_add_kek_audited(struct vs_store *s,
    const struct vs_kek_row *row, const struct vs_audit_row *audit,
    struct vs_err *err);

/*
 * Adds n versions in one transaction, all or none. A row of version v needs
 * v - 1 to exist (v == 1: the name must not); else VS_CONFLICT.
 * row.kek is ignored: (namespace, kek_version) must be the newest KEK there
 * is; else VS_CONFLICT with code "kek.rotated".
 */
VS_MUST_USE vs_status vs_store_add_keys(struct vs_store *s,
    const struct vs_key_row *rows, size_t n, struct vs_err *err);

/* version 0: the newest active one. VS_NOT_FOUND when there is none; a
 * destroyed version is found, with its state and without records. */
VS_MUST_USE vs_status vs_store_key(struct vs_store *s, struct vs_span name,
    uint32_t version, struct vs_arena *a, struct vs_key_row *out,
    struct vs_err *err);

/* Without records, ordered by name then version; names after `after`
 * (exclusive) with the given prefix; at most limit names. */
VS_MUST_USE vs_status vs_store_key_list(struct vs_store *s,
    struct vs_span prefix, struct vs_span after, size_t limit,
    struct vs_arena *a, struct vs_key_row **rows, size_t *n,
    struct vs_err *err);
/* All versions of one name, without records; VS_NOT_FOUND. */
VS_MUST_USE vs_status vs_store_key_versions(struct vs_store *s,
    struct vs_span name, struct vs_arena *a, struct vs_key_row **rows,
    size_t *n, struct vs_err *err);
/*
 * version 0: all versions. Destroying overwrites and removes the records.
 * VS_KEY_SCHEDULED is not set by this, and what is scheduled or destroyed
 * does not change: VS_CONFLICT when nothing else is there.
 */
VS_MUST_USE vs_status vs_store_key_state(struct vs_store *s,
    struct vs_span name, uint32_t version, vs_key_state state, int64_t now_ms,
    struct vs_err *err);

/*
 * The same with an audit row in the very transaction of the change: there is
 * no moment at which one is on disk without the other.
 */
VS_MUST_USE vs_status vs_store_add_keys_audited(struct vs_store *s,
    const struct vs_key_row *rows, size_t n, const struct vs_audit_row *audit,
    struct vs_err *err);
VS_MUST_USE vs_status vs_store_key_state_audited(struct vs_store *s,
    struct vs_span name, uint32_t version, vs_key_state state, int64_t now_ms,
    const struct vs_audit_row *audit, struct vs_err *err);

/*
 * Scheduled for destruction at due_ms, anew when it was before; and undone:
 * the versions are disabled then. VS_CONFLICT when there is none to take.
 */
VS_MUST_USE vs_status vs_store_key_schedule(struct vs_store *s,
    struct vs_span name, uint32_t version, int64_t due_ms,
    const struct vs_audit_row *audit, struct vs_err *err);
VS_MUST_USE vs_status vs_store_key_cancel(struct vs_store *s,
    struct vs_span name, uint32_t version, const struct vs_audit_row *audit,
    struct vs_err *err);
/* Versions whose time has come: name and version are set. */
VS_MUST_USE vs_status vs_store_keys_due(struct vs_store *s, int64_t now_ms,
    size_t limit, struct vs_arena *a, struct vs_key_row **rows, size_t *n,
    struct vs_err *err);
/* Destroys one of them. VS_CONFLICT when it was cancelled meanwhile. */
VS_MUST_USE vs_status vs_store_key_destroy_due(struct vs_store *s,
    const struct vs_key_row *key, int64_t now_ms,
    const struct vs_audit_row *audit, struct vs_err *err);

/* Closes the epochs of a dataset below floor, in every version, for good.
 * VS_CONFLICT, code "key.kind", for a key that is no dataset. */
VS_MUST_USE vs_status vs_store_key_close(struct vs_store *s,
    struct vs_span name, int64_t floor, const struct vs_audit_row *audit,
    struct vs_err *err);

/* ---- audit and nonces -------------------------------------------------- */

/* One attempt at a release, or one administrative act. */
struct vs_audit_row {
	int64_t seq; /* set by the store */
	uint8_t id[VS_STORE_ID_SIZE];
	int64_t at_ms;
	struct vs_span action;     /* "release", "key.create", ... */
	struct vs_span outcome;    /* "allowed", "denied", "failed", "done" */
	struct vs_span class_name; /* "ok", "denied", "unverified", ... */
	struct vs_span code;       /* fine code, may be empty */
	struct vs_span peer;   /* address, or identity of an administrator */
	struct vs_span keys;   /* names and versions, comma-separated */
	struct vs_span detail; /* JSON object: claims, rules, digests */
	uint8_t mac[VS_STORE_MAC_SIZE]; /* set by the store */
};

/*
 * Says that a vs_store_commit will come soon, or that it comes now or never.
 * While some are announced, the committer waits a few milliseconds for them,
 * so that they share one transaction and one fsync; without announcements
 * it never waits. Each announce is followed by exactly one arrive.
 */
void vs_store_announce(struct vs_store *s);
void vs_store_arrive(struct vs_store *s);

/*
 * Writes the row and, when nonce is not NULL, marks the nonce spent, in one
 * durable transaction; returns when it is on disk. A nonce that was spent
 * before: the row is still written, with outcome "denied", class "stale" and
 * code "nonce.spent", and the call returns VS_SPENT. VS_DISK_FULL or
 * VS_UNAVAILABLE: nothing was written.
 */
VS_MUST_USE vs_status vs_store_commit(struct vs_store *s,
    const struct vs_audit_row *row, const uint8_t *nonce,
    int64_t nonce_expiry_ms, struct vs_err *err);

/*
 * The same for a release, with what it uses up: keys with a limit or derived
 * from a dataset, each used n times, and approvals (ids of 16 octets, one
 * behind the other). All or none, in the same transaction. Where one is not
 * there to be used (used up, its epoch closed, over), the row is written as
 * denied with the code of why, the nonce is spent, nothing else is, and the
 * call returns VS_DENIED.
 */
struct vs_key_use {
	struct vs_span name;
	uint32_t version;
	uint32_t n;
	int64_t epoch; /* the lowest that is asked for; -1: not derived */
};
struct vs_release_use {
	const struct vs_key_use *keys;
	size_t keys_n;
	const uint8_t *asks;
	size_t asks_n;
};
/* use: NULL for nothing. */
VS_MUST_USE vs_status vs_store_commit_release(struct vs_store *s,
    const struct vs_audit_row *row, const uint8_t *nonce,
    int64_t nonce_expiry_ms, const struct vs_release_use *use,
    struct vs_err *err);

/* Removes nonces that expired before now: they fail by age anyway. */
VS_MUST_USE vs_status vs_store_prune_nonces(
    struct vs_store *s, int64_t now_ms, size_t *removed, struct vs_err *err);

/* Newest first; rows with seq < before (0: from the newest); filters may be
 * empty. Without detail. */
struct vs_audit_filter {
	int64_t before;
	int64_t since_ms; /* 0: any */
	struct vs_span outcome;
	struct vs_span action;
	struct vs_span key; /* exact name among keys */
	size_t limit;
};
VS_MUST_USE vs_status vs_store_audit_list(struct vs_store *s,
    const struct vs_audit_filter *f, struct vs_arena *a,
    struct vs_audit_row **rows, size_t *n, struct vs_err *err);
VS_MUST_USE vs_status vs_store_audit_get(struct vs_store *s,
    const uint8_t id[VS_STORE_ID_SIZE], struct vs_arena *a,
    struct vs_audit_row *out, struct vs_err *err);

/* A record as its successor sees it. */
struct vs_audit_link {
	int64_t seq;
	uint8_t id[VS_STORE_ID_SIZE];
	uint8_t digest[32];             /* of the row as it stands there now */
	uint8_t mac[VS_STORE_MAC_SIZE]; /* as it was written */
};
/* The records after number `after`, oldest first, at most limit. */
VS_MUST_USE vs_status vs_store_audit_links(struct vs_store *s, int64_t after,
    size_t limit, struct vs_audit_link *out, size_t *n, struct vs_err *err);
/* Whole rows in the order of their commits, a page at a time. */
struct vs_audit_span {
	int64_t after; /* seq; 0: from the first */
	int64_t since_ms, until_ms;
	struct vs_span action; /* empty: any */
	size_t limit;
};
VS_MUST_USE vs_status vs_store_audit_scan(struct vs_store *s,
    const struct vs_audit_span *span, struct vs_arena *a,
    struct vs_audit_row **rows, size_t *n, struct vs_err *err);
/* How many there are, limit aside. */
VS_MUST_USE vs_status vs_store_audit_count(struct vs_store *s,
    const struct vs_audit_span *span, size_t *n, struct vs_err *err);

/* The bytes that a row's digest covers. */
void vs_audit_canonical(const struct vs_audit_row *row, struct vs_buf *out);

#endif
