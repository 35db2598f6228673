/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a trace, shared by the files that explain one rule. */
#ifndef VS_POLICY_EXPLAIN_INT_H
#define VS_POLICY_EXPLAIN_INT_H

#include "policy/explain.h"
#include "policy/trace.h"

struct vs_why_list {
	struct vs_why *first, *last;
};

struct vs_why_walk {
	const struct vs_why_job *job;
	const struct vs_yaml *yaml; /* of the expression that is told */
	const struct vs_seen *let[VS_POL_NAMES_MAX];
	/* What holds sensitive values. */
	bool hidden_let[VS_POL_NAMES_MAX];
	bool hidden_local[VS_CEL_LOCALS_MAX];
	size_t n;
	bool cut;
};

struct vs_span vs_why_source(
    const struct vs_why_walk *w, const struct vs_cel_node *n);
void vs_why_note(struct vs_why *y, const char *note); /* NULL: none */

/* true, false, or else an error. */
vs_why_what vs_why_outcome(struct vs_val v);
/* Appends to the list; NULL when there is no room. */
struct vs_why *vs_why_add(struct vs_why_walk *w, struct vs_why_list *list,
    const struct vs_seen *s, vs_why_what what);
/* What made a part come out as it did. flat: parts of which each one counts
 * need no part above them. */
const struct vs_why *vs_why_told(
    struct vs_why_walk *w, const struct vs_seen *s, bool flat);

/* explain_loop.c. */
void vs_why_loop(
    struct vs_why_walk *w, struct vs_why_list *list, const struct vs_seen *s);

/* explain_value.c. Whether the value of a node lets a sensitive claim show. */
bool vs_why_hidden(const struct vs_why_walk *w, const struct vs_cel_node *n);
void vs_why_operand(struct vs_why_walk *w, struct vs_why *y,
    struct vs_span source, struct vs_val v, bool hidden);
/* The values that a leaf was made of. */
void vs_why_values(
    struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s);
/* What came near, what is absent. */
void vs_why_near(
    struct vs_why_walk *w, struct vs_why *y, const struct vs_seen *s);

#endif
