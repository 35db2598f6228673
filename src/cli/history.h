/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded decisions and the policies that took them: over a daemon's admin
 * socket, or from its database file. */
#ifndef VS_CLI_HISTORY_H
#define VS_CLI_HISTORY_H

#include "base/clock.h"
#include "base/random.h"
#include "cli/admin.h"
#include "claims/claims.h"
#include "policy/policy.h"

struct vs_history;

/* One audit record, whole. In an arena. */
struct vs_recorded {
	int64_t seq;
	int64_t at_ms;
	char id[VS_UUID_TEXT_MAX];
	struct vs_span action, outcome, class_name, code, peer, keys;
	struct vs_span detail; /* JSON */
	char mac[65];
};

/* db: the database file; NULL: the daemon. */
VS_MUST_USE vs_status vs_history_open(const struct vs_admin_opts *admin,
    const char *db, struct vs_history **out, struct vs_err *err);
void vs_history_close(struct vs_history **h);

VS_MUST_USE vs_status vs_history_get(struct vs_history *h, const char *id,
    struct vs_arena *a, struct vs_recorded *out, struct vs_err *err);

/* Releases of a span of time, oldest first; total: how many. */
VS_MUST_USE vs_status vs_history_begin(struct vs_history *h, int64_t since_ms,
    int64_t until_ms, size_t *total, struct vs_err *err);
/* The next page, in the arena; *n is 0 at the end. */
VS_MUST_USE vs_status vs_history_next(struct vs_history *h, struct vs_arena *a,
    const struct vs_recorded **rows, size_t *n, struct vs_err *err);

/* One policy of a set: what it was loaded from. */
struct vs_set_member {
	char *name;
	int64_t version;
	char sha256[65];
};

/* A set that decided, as `policies` of a record names it. Belongs to the
 * history, which loads each set once. */
struct vs_recorded_set {
	char digest[65];
	struct vs_policy_set *set;
	struct vs_set_member *members;
	size_t n;
	struct vs_recorded_set *next;
};
VS_MUST_USE vs_status vs_history_set(struct vs_history *h,
    struct vs_span digest, const struct vs_recorded_set **out,
    struct vs_err *err);
/* The one in force: the daemon's, or the last that was loaded. */
VS_MUST_USE vs_status vs_history_current(struct vs_history *h,
    const struct vs_recorded_set **out, struct vs_err *err);

/*
 * The decision of a record, to be taken again. VS_NOT_FOUND when there was
 * none: the evidence failed before.
 */
struct vs_json;
struct vs_retake {
	struct vs_json *detail;
	const struct vs_json *decisions; /* of the detail */
	struct vs_span policies;         /* digest of the set */
	struct vs_claims claims;         /* without key.* */
};
VS_MUST_USE vs_status vs_retake_read(const struct vs_recorded *r,
    struct vs_arena *a, struct vs_retake *out, struct vs_err *err);
void vs_retake_fini(struct vs_retake *t);
/* The i-th key of a decision, as a claim. */
VS_MUST_USE vs_status vs_retake_key(struct vs_retake *t,
    const struct vs_json *decision, size_t i, struct vs_span *name,
    struct vs_err *err);

#endif
