/* SPDX-License-Identifier: Apache-2.0 */
/* What check.c, check_loop.c and strict.c share. */
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

/* The type of a part, which it keeps; NULL with the fault set. */
struct vs_cel_type *vs_check_node(struct vs_checker *c, struct vs_cel_node *n);
/* Whether a part that has its type is a bool; what: "the condition". */
bool vs_check_bool(
    struct vs_checker *c, const struct vs_cel_node *n, const char *what);
/* check_loop.c: comprehensions; cel.bind(). */
struct vs_cel_type *vs_check_loop(struct vs_checker *c, struct vs_cel_node *n);
struct vs_cel_type *vs_check_bind(struct vs_checker *c, struct vs_cel_node *n);
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
