/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded decisions taken again, with the clock of their day: under the
 * policies that decided, and under others. Who would gain a key, who would
 * lose one, and by which rules.
 */
#ifndef VS_CLI_REPLAY_H
#define VS_CLI_REPLAY_H

#include "cli/history.h"
#include "policy/document.h"

enum { VS_REPLAY_POLICIES_MAX = 256, VS_REPLAY_RULES_MAX = 16 };

/* Policies of files. */
struct vs_policy_files {
	struct vs_policy *v[VS_REPLAY_POLICIES_MAX];
	size_t n;
};
/* A file, or every .yaml and .yml of a directory. Adds to out. */
VS_MUST_USE vs_status vs_policy_files_add(
    struct vs_policy_files *out, const char *path, struct vs_err *err);
bool vs_policy_path_is_dir(const char *path);
void vs_policy_files_fini(struct vs_policy_files *f);

/* A decision that comes out another way. Texts live for the call. */
struct vs_change {
	const char *id;
	int64_t at_ms;
	struct vs_span key;
	bool gains; /* else it loses */
	/* Rules that decide: those that deny now, or denied and no longer do;
	 * without a rule, the reason. "policy/rule" each. */
	const char *rules[VS_REPLAY_RULES_MAX];
	size_t rules_n;
};

struct vs_replay {
	struct vs_history *h;
	int64_t since_ms, until_ms;
	/* Lists of a file, or NULL: those without as_of are as old as the
	 * decision, to the minute. */
	const char *lists;
	/*
	 * What decides afterwards: `after` in place of the policies of its
	 * names in the set of the record; or, when whole, alone. NULL: the
	 * set `current`. before: likewise, instead of what decided; NULL:
	 * that.
	 */
	const struct vs_policy_files *before, *after;
	bool whole;
	const struct vs_recorded_set *current;
	void (*change)(void *ctx, const struct vs_change *c);
	void (*progress)(void *ctx, size_t done, size_t total);
	void *ctx;
};

struct vs_replay_totals {
	size_t records;      /* releases that were asked for */
	size_t decisions;    /* of keys */
	size_t unjudged;     /* records without a decision: evidence failed */
	size_t lost_records; /* cannot be read, or their policies are gone */
	size_t differs;      /* taken again they are not what was recorded */
	size_t gain, lose;
	char why[256]; /* of the first lost record */
};
VS_MUST_USE vs_status vs_replay_run(const struct vs_replay *r,
    struct vs_replay_totals *out, struct vs_err *err);

#endif
