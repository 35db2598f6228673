/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as text again. */
#ifndef VS_POLICY_UNPARSE_H
#define VS_POLICY_UNPARSE_H

#include "base/buf.h"
#include "policy/ast.h"

/*
 * Text that parses to an equal tree, on one line, with as few parentheses as
 * that takes. For a tree as the parser made it; a resolved one shows the
 * names that it was written with, a folded one the constants instead.
 */
void vs_cel_unparse(const struct vs_cel_node *node, struct vs_buf *out);

/* A value as an expression that yields it; errors and records by name. */
void vs_cel_value_text(struct vs_val v, struct vs_buf *out);

/* Whether both say the same, positions aside. */
bool vs_cel_same_tree(const struct vs_cel_node *a, const struct vs_cel_node *b);

#endif
