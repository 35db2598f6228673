/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies: a YAML document of rules in a checked subset of CEL, compiled
 * once, evaluated without malloc. A policy that is not true denies.
 */
#ifndef VS_POLICY_POLICY_H
#define VS_POLICY_POLICY_H

#include "base/arena.h"
#include "base/buf.h"
#include "claims/claims.h"
#include "policy/lists.h"

struct vs_policy;     /* one compiled document; immutable, thread-safe */
struct vs_policy_set; /* all that decide together; immutable, refcounted */

/* Zeroed memory denies. */
typedef enum vs_verdict {
	VS_VERDICT_DENY = 0,
	VS_VERDICT_ALLOW = 1
} vs_verdict;

typedef enum vs_rule_outcome {
	VS_RULE_ERROR = 0, /* evaluation error: the rule fails */
	VS_RULE_FAILED,
	VS_RULE_SKIPPED, /* its `when` was false */
	VS_RULE_PASSED,
} vs_rule_outcome;
const char *vs_rule_outcome_name(vs_rule_outcome o); /* "failed", ... */

/* A finding of the loader. Borrowed from the list. */
struct vs_policy_diag {
	bool error;       /* else a warning (lint) */
	const char *code; /* "E_CHECK", "W_NO_DEBUG", ... */
	int line, col;    /* from 1; 0: the whole file */
	const char *msg;
};
struct vs_policy_diags; /* growable list, owned by the caller */
struct vs_policy_diags *vs_policy_diags_new(void);
void vs_policy_diags_free(struct vs_policy_diags **d);
size_t vs_policy_diags_count(const struct vs_policy_diags *d);
const struct vs_policy_diag *vs_policy_diags_at(
    const struct vs_policy_diags *d, size_t i);

/*
 * Parses, type-checks against the claims schema and compiles. file names the
 * source in messages. All findings go to diags (may be NULL); the first
 * error is also in err as "file:line:col: message".
 * A policy in enforce mode that may allow a guest without what the floor
 * demands (no debug, a least TCB, a known image) does not load, unless it
 * waives that check, with a reason, until a time that is to come.
 */
VS_MUST_USE vs_status vs_policy_load(const char *file, struct vs_span text,
    struct vs_policy_diags *diags, struct vs_policy **out, struct vs_err *err);
/*
 * The same as of now_ms, which expires waivers. With VS_POLICY_PAST the floor
 * is not looked at: for judging again what was decided under an older
 * version, never for deciding.
 */
#define VS_POLICY_PAST INT64_MIN
VS_MUST_USE vs_status vs_policy_load_at(const char *file, struct vs_span text,
    int64_t now_ms, struct vs_policy_diags *diags, struct vs_policy **out,
    struct vs_err *err);
void vs_policy_free(struct vs_policy **p);
const char *vs_policy_name(const struct vs_policy *p);
const char *vs_policy_file(const struct vs_policy *p);
/* The document as it was loaded; lives as long as the policy. */
struct vs_span vs_policy_text(const struct vs_policy *p);
int64_t vs_policy_version(const struct vs_policy *p);
/* False in shadow mode. True for guards, which may deny but never grant. */
bool vs_policy_enforces(const struct vs_policy *p);
const char *vs_policy_mode(const struct vs_policy *p); /* "enforce", ... */
size_t vs_policy_rules(const struct vs_policy *p);
/* The i-th list or registry that the document declares, with '_' for '-', or
 * NULL past the end. */
const char *vs_policy_list_at(
    const struct vs_policy *p, size_t i, bool *registry, int *line);

/* A check that the policy does not meet and waives: to be told at every
 * start. Borrowed from the policy. */
struct vs_policy_waiver {
	const char *policy;
	const char *check; /* "debug", "tcb", "identity", ... */
	const char *reason;
	const char *until; /* RFC 3339 */
	int64_t until_ms;
	int line;
};
/* The i-th that is in use, or NULL past the end. */
const struct vs_policy_waiver *vs_policy_waiver_at(
    const struct vs_policy *p, size_t i);

/*
 * How many people must agree to each release, beyond what the rules say.
 * Whoever decides must see to it: a verdict does not wait.
 */
struct vs_policy_approvals {
	int any;                           /* whoever may approve releases */
	int security, approver, operators; /* and of these roles */
	int64_t wait_ms;    /* how long a release waits for them */
	int64_t window_ms;  /* how long what was approved may be used */
	const char *reason; /* for approvers; NULL: none */
};
static inline bool
vs_policy_approvals_needed(const struct vs_policy_approvals *a)
{
	return a->any > 0 || a->security > 0 || a->approver > 0 ||
	    a->operators > 0;
}

/* One of the document's own tests. */
struct vs_policy_case_result {
	const char *name;
	int line, col;
	bool passed;
	char why[256]; /* when it did not */
};
size_t vs_policy_tests(const struct vs_policy *p);
/* arena: reset by the caller, of at least 1 MiB. */
void vs_policy_run_test(const struct vs_policy *p, size_t i,
    struct vs_arena *arena, struct vs_policy_case_result *out);

/* Runs the document's own tests: block. Each failure becomes a diag. */
VS_MUST_USE vs_status vs_policy_run_tests(const struct vs_policy *p,
    struct vs_policy_diags *diags, size_t *ran, size_t *failed,
    struct vs_err *err);

/* Takes ownership of n policies and sets their pointers to NULL; on failure
 * they stay the caller's. VS_CONFLICT for two of one name. */
VS_MUST_USE vs_status vs_policy_set_new(struct vs_policy **policies, size_t n,
    struct vs_policy_set **out, struct vs_err *err);
struct vs_policy_set *vs_policy_set_ref(struct vs_policy_set *s);
void vs_policy_set_free(struct vs_policy_set **s); /* drops one reference */
size_t vs_policy_set_count(const struct vs_policy_set *s);
const struct vs_policy *vs_policy_set_at(
    const struct vs_policy_set *s, size_t i);

struct vs_rule_result {
	const char *policy;
	const char *id;
	vs_rule_outcome outcome;
	bool warn;              /* severity: warn, does not decide */
	bool shadow;            /* of a policy in shadow mode */
	const char *message;    /* static text of the rule, or NULL */
	const char *error;      /* kind of the evaluation error, or NULL */
	struct vs_span explain; /* computed text, empty if none */
	int line;
};

/* What one policy that governs the key says by itself. */
struct vs_policy_opinion {
	const struct vs_policy *policy;
	bool shadow; /* it does not decide */
	bool allow;
	const char *reason; /* as of the result below */
};

/* All in the arena that the caller gave. */
struct vs_policy_result {
	vs_verdict verdict;
	/* "allowed", "rules", "tee", "window", "no-policy", "no-rule",
	 * "fatal", "simulated", "debug", "waiver" (one that has expired): what
	 * decided. */
	const char *reason;
	bool disclose_rule_ids; /* every failing policy says so */
	/* What the policies that took part in the decision waive: belongs
	 * into its record. They borrow from the policies. */
	size_t waived_n;
	const struct vs_policy_waiver *const *waived;
	size_t rules_n;
	const struct vs_rule_result *rules;
	/* Of all that took part in the decision, the strictest of each. */
	struct vs_policy_approvals approvals;
	/* In the order of the set. */
	const struct vs_policy_opinion *opinions;
	size_t opinions_n;
};

/*
 * Judges one key for one set of verified claims (with key.* set). All
 * enforcing policies whose `keys` match must allow; none matching denies, and
 * so does none but guards (mode: guard).
 * Built-in guard rails deny tee.debug, and tee.simulated, unless a matching
 * enforcing policy reads that very claim in a rule that then passes; and
 * simulated GPUs beside a processor that is not.
 * lists may be NULL: there are none. Reading a list or registry that is
 * missing or too old is an error that nothing in a policy absorbs.
 * Any failure of the engine itself is a denial with reason "fatal".
 */
void vs_policy_decide(const struct vs_policy_set *set,
    const struct vs_lists *lists, const struct vs_claims *claims,
    int64_t now_ms, struct vs_arena *arena, struct vs_policy_result *out);

#endif
