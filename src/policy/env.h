/* SPDX-License-Identifier: Apache-2.0 */
/* What names mean, and the passes that use it: resolve, check, fold. */
#ifndef VS_POLICY_ENV_H
#define VS_POLICY_ENV_H

#include "policy/ast.h"
#include "policy/func.h"
#include "policy/types.h"

struct vs_cel_decl {
	struct vs_span name; /* may hold dots: "param.min_svn" */
	uint8_t op;          /* VS_OP_VAR, LIT, LET or NOW */
	bool used;           /* set by the resolver */
	uint32_t id;
	struct vs_val val; /* LIT */
	struct vs_cel_type *type;
	int line, col; /* where it is declared */
};

struct vs_cel_env {
	struct vs_cel_decl *decls;
	size_t decls_n;
	/* Names of claims are known, and the rules of policies hold: every
	 * type is known, patterns are constants. */
	bool policy;
	struct vs_span container;    /* of names; empty in policies */
	const struct vs_cel_fn *fns; /* besides the table; ends with NULL */
};

/*
 * Turns names into what they mean, in place. Names without a meaning become
 * VS_OP_UNBOUND, which the checker refuses. False with the fault set for
 * what can never have a meaning, and without memory.
 */
bool vs_cel_resolve(const struct vs_cel_env *env, struct vs_cel_node *root,
    struct vs_arena *a, struct vs_cel_fault *fault);

/*
 * Puts a type on every node. False with the fault set ("E_CHECK", "E_ZONE").
 */
bool vs_cel_check(const struct vs_cel_env *env, struct vs_cel_node *root,
    struct vs_arena *a, struct vs_cel_fault *fault);

/*
 * Replaces what has no variables by its value. A constant that is an error
 * is a fault: the rule would deny for ever. Constant lists of strings are put
 * in order for `in`.
 */
bool vs_cel_fold(
    struct vs_cel_node *root, struct vs_arena *a, struct vs_cel_fault *fault);

/* names.c: "did you mean". Whether a name is param, lists or registry. */
bool vs_cel_is_space(struct vs_span name);
const char *vs_cel_nearest_name(
    const struct vs_cel_env *env, struct vs_span name, struct vs_arena *a);
/* A function, method or macro, or NULL. */
const char *vs_cel_nearest_call(struct vs_span name, bool member);
/* Nothing in that space is called name. Always false, with the fault. */
bool vs_cel_unknown_in_space(const struct vs_cel_env *env, struct vs_span space,
    struct vs_span name, size_t pos, struct vs_arena *a,
    struct vs_cel_fault *fault);

/* Whether claims begin with path and a dot. */
bool vs_cel_is_record(struct vs_span path);
/* The nearest field of a record ("" for the top), or NULL. */
const char *vs_cel_nearest_field(
    struct vs_span record, struct vs_span field, struct vs_arena *a);
struct vs_cel_type *vs_cel_claim_type(struct vs_types *t, uint32_t id);
/* The names of types as values, "int" and the like: VS_KIND_COUNT at most.
 * Not in policies. Returns how many. */
size_t vs_cel_declare_types(struct vs_types *t, struct vs_cel_decl *out);

#endif
