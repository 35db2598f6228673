/* SPDX-License-Identifier: Apache-2.0 */
/* What check.c and strict.c share. */
#ifndef VS_POLICY_CHECK_H
#define VS_POLICY_CHECK_H

#include "policy/env.h"

enum { VS_CEL_IDENT_TEXT = 160 };

struct vs_checker {
	const struct vs_cel_env *env;
	struct vs_types types;
	struct vs_cel_fault *fault;
	struct vs_cel_type *local[VS_CEL_LOCALS_MAX];
};

/* Reports a name without a value. Always NULL. */
struct vs_cel_type *vs_check_no_value(
    struct vs_checker *c, const struct vs_cel_node *n);
/* Whether the function exists, and may be called in this profile. */
bool vs_check_call_allowed(struct vs_checker *c, const struct vs_cel_node *n);
/* The type of a field of a record; its number goes into the node. */
struct vs_cel_type *vs_check_field(
    struct vs_checker *c, struct vs_cel_node *n, const struct vs_cel_record *r);
/* The rules that only policies have, for one node with its final type. */
bool vs_check_strict(struct vs_checker *c, struct vs_cel_node *n);

#endif
