/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a decision went as it did: for each policy that did not allow, the
 * smallest set of operands that made its rules fail, where they are written,
 * their values, and what came near. For the security team and auditors:
 * a guest learns none of it.
 */
#ifndef VS_POLICY_EXPLAIN_H
#define VS_POLICY_EXPLAIN_H

#include "policy/document.h"

enum {
	VS_WHY_VALUE_MAX = 128, /* octets of a value that is shown */
	VS_WHY_ELEMENTS_MAX = 3,
	VS_WHY_OPERANDS_MAX = 8,
	VS_WHY_NOTES_MAX = 4,
};

typedef enum vs_why_what {
	VS_WHY_FALSE = 0, /* zeroed memory claims the least */
	VS_WHY_TRUE,
	VS_WHY_ERROR,
	VS_WHY_GUARDED, /* an error that a false operand beside it explains */
	VS_WHY_ELEMENT, /* one element of all() or exists() */
} vs_why_what;
const char *vs_why_what_name(vs_why_what w); /* "false", ... */

struct vs_why_operand {
	struct vs_span source;
	const char *value;
};

/* A part of an expression and what it was. The parts that made it so are
 * its kids. */
struct vs_why {
	vs_why_what what;
	struct vs_span source; /* as it is written; may span lines */
	int line, col;         /* of its first octet in the file */
	const char *op;        /* "==", "in", "all", ... or NULL */
	const char *error;     /* kind, of an error */
	size_t index;          /* of an ELEMENT */
	struct vs_why_operand operands[VS_WHY_OPERANDS_MAX];
	size_t operands_n;
	const char *notes[VS_WHY_NOTES_MAX];
	size_t notes_n;
	const struct vs_why *kids;
	const struct vs_why *next;
};

struct vs_explained_rule {
	const struct vs_pol_rule *rule;
	const struct vs_rule_result *result;
	bool in_when;             /* it was `when` that failed */
	bool cut;                 /* too long to be told whole */
	const struct vs_why *why; /* NULL: cut before it began */
	const struct vs_explained_rule *next;
};

/* A policy that governs the key. */
struct vs_explained_policy {
	const struct vs_policy *policy;
	struct vs_policy_result result; /* as if it were alone, enforcing */
	const char *note;               /* what is to be said beyond rules */
	const struct vs_explained_rule *rules; /* those that failed */
	const struct vs_explained_policy *next;
};

struct vs_explanation {
	struct vs_policy_result result; /* of all together */
	struct vs_span key;
	int64_t now_ms;
	const char *note; /* or NULL */
	const struct vs_explained_policy *policies;
};

/* What a decision was made of. */
struct vs_question {
	const struct vs_policy_set *set;
	const struct vs_lists *lists;   /* or NULL */
	const struct vs_claims *claims; /* with key.* */
	int64_t now_ms;
};

/*
 * Decides again and says why. Everything is in the arena or belongs to the
 * set. VS_NO_MEMORY when the arena is too small.
 */
VS_MUST_USE vs_status vs_explain(const struct vs_question *q,
    struct vs_arena *arena, const struct vs_explanation **out,
    struct vs_err *err);

/* Indented text with the source lines and carets under them. */
void vs_explain_text(const struct vs_explanation *e, struct vs_buf *out);
/* One JSON object. */
void vs_explain_json(const struct vs_explanation *e, struct vs_buf *out);

/* ---- inside ------------------------------------------------------------ */

struct vs_seen_tree;

/* explain_why.c: of one rule that failed. */
struct vs_why_job {
	const struct vs_policy *p;
	const struct vs_pol_rule *rule;
	const struct vs_question *q;
	struct vs_arena *arena;   /* of the answer */
	struct vs_arena *scratch; /* of the trace */
};
VS_MUST_USE vs_status vs_why_rule(const struct vs_why_job *j,
    struct vs_explained_rule *out, struct vs_err *err);

/* explain_show.c: at most VS_WHY_VALUE_MAX octets, in the arena; NULL
 * without memory. */
const char *vs_why_show(struct vs_val v, struct vs_arena *a);
/* "<redacted len=N>" */
const char *vs_why_redacted(struct vs_val v, struct vs_arena *a);

/* explain_near.c: what of a list, or of one text, comes near to `have`; NULL
 * when nothing does. In the arena. */
const char *vs_why_near_text(
    struct vs_span have, struct vs_span want, struct vs_arena *a);
const char *vs_why_near_list(
    struct vs_span have, struct vs_val list, struct vs_arena *a);
/* How two numbers miss each other: "8 is 2 too low", with the part of the
 * TCB that it is. op is VS_OP_EQ .. VS_OP_GE. */
const char *vs_why_near_number(int op, struct vs_span claim, struct vs_val a,
    struct vs_val b, struct vs_arena *arena);

#endif
