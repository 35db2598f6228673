/* SPDX-License-Identifier: Apache-2.0 */
/* What the lints share. Each looks at a whole document that has loaded. */
#ifndef VS_POLICY_LINT_H
#define VS_POLICY_LINT_H

#include "policy/document.h"

/* Where an expression is written. rule is NULL for a let. */
struct vs_lint_at {
	struct vs_pol_doc *d;
	const struct vs_yaml *yaml;
	const struct vs_pol_rule *rule;
};

/* Calls fn for every node: lets first, then rules in their order. */
typedef void (*vs_lint_node)(
    const struct vs_lint_at *at, const struct vs_cel_node *n, void *ctx);
void vs_lint_each(struct vs_pol_doc *d, vs_lint_node fn, void *ctx);
void vs_lint_warn(const struct vs_lint_at *at, const struct vs_cel_node *n,
    const char *code, const char *fmt, ...) VS_PRINTF(4, 5);
/* The node that a let stands for, else itself. */
const struct vs_cel_node *vs_lint_behind(
    const struct vs_pol_doc *d, const struct vs_cel_node *n);

/* lint_value.c: W_NEVER. */
void vs_lint_values(struct vs_pol_doc *d);
/* lint_rule.c: W_SUBSUMED, W_OR_ERROR, W_REGEX_UNANCHORED, W_REVOKED. */
void vs_lint_rules(struct vs_pol_doc *d);

#endif
