/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conformance cases: an expression, the variables it reads, and what must
 * come of it. The format is that of the public test suite of the language
 * (cel-spec tests/simple) put into JSON, where numbers are text so that none
 * passes through a double:
 *
 *   {"section", "name", "tier", "expr", "container"?, "disable_check"?,
 *    "check_only"?, "type_env"?: [{"name", "type"} or {"name", "function"}],
 *    "bindings"?: {name: value},
 *    "expect": {"value"} or {"error"} or {"deduced_type"}}
 *
 * and a value is {"type": "int", "value": "1"} and the like.
 */
#ifndef VS_POLICY_CASES_H
#define VS_POLICY_CASES_H

#include "codec/json.h"
#include "policy/env.h"

struct vs_cel_case {
	struct vs_span section, name, tier, expr;
	struct vs_cel_env env;
	const struct vs_val *vars;
	bool check;      /* by the static checker, before the evaluation */
	bool check_only; /* and no evaluation */
	bool wants_error;
	bool wants_value;
	struct vs_val want;
	struct vs_cel_type *want_type; /* or NULL */
	bool unsupported; /* has a type that the checker does not know */
};

/* What came of a case. */
struct vs_cel_outcome {
	bool pass;
	struct vs_cel_node *root;  /* NULL when it did not parse */
	struct vs_cel_fault fault; /* of parser or checker */
	bool evaluated;
	struct vs_val val;
	uint64_t cost;
};

/* A value in the notation of the cases; an error for anything else. */
struct vs_val vs_cel_case_value(const struct vs_json *j, struct vs_arena *a);
/* The other way; NULL without memory. */
struct vs_json *vs_cel_value_json(struct vs_val v);

/* False when it is no case, or without memory. Borrows from j. */
bool vs_cel_case_read(
    const struct vs_json *j, struct vs_arena *a, struct vs_cel_case *out);
void vs_cel_case_run(const struct vs_cel_case *c, struct vs_arena *a,
    struct vs_cel_outcome *out);
/* Of the same type and equal; a NaN is like another. */
bool vs_cel_same_value(
    struct vs_arena *a, struct vs_val got, struct vs_val want);

#endif
