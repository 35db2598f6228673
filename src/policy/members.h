/* SPDX-License-Identifier: Apache-2.0 */
/* `x in ["a", "b", ...]`: a constant list of strings is put in order when
 * the policy is loaded, and searched by halves when it is read. */
#ifndef VS_POLICY_MEMBERS_H
#define VS_POLICY_MEMBERS_H

#include "policy/ast.h"

/* Shorter lists are faster from one end to the other. */
enum { VS_MEMBERS_MIN = 8 };

/* Prepares every `in` of a folded tree. False without memory. */
bool vs_cel_members(struct vs_cel_node *root, struct vs_arena *a);
/* Whether n->sorted has s. Charges one comparison for each halving. */
bool vs_cel_is_member(
    struct vs_cel_run *run, const struct vs_cel_node *n, struct vs_val s);

#endif
