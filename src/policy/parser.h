/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VS_POLICY_PARSER_H
#define VS_POLICY_PARSER_H

#include "policy/ast.h"

/*
 * Parses one expression; the tree and its text spans live in the arena and
 * in text. NULL with the fault set: "E_PARSE", "E_LIMIT", or "E_SCHEMA" for
 * a comment where comments are off.
 */
struct vs_cel_node *vs_cel_parse(struct vs_span text, bool no_comments,
    struct vs_arena *a, struct vs_cel_fault *fault);

#endif
