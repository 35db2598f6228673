/* SPDX-License-Identifier: Apache-2.0 */
/* What parser.c and macro.c share. */
#ifndef VS_POLICY_PARSE_H
#define VS_POLICY_PARSE_H

#include "policy/lexer.h"

struct vs_parser {
	struct vs_lexer lex;
	struct vs_token tok; /* the next one */
	struct vs_arena *arena;
	struct vs_cel_fault *fault;
	size_t end; /* of the last token taken */
	unsigned depth;
	unsigned nodes;
};

/* Operands as they come, before their node is made. */
struct vs_kids {
	struct vs_cel_node **v;
	size_t n, cap;
};

bool vs_parser_add(
    struct vs_parser *p, struct vs_kids *k, struct vs_cel_node *node);
/* NULL with the fault set when a limit is passed. */
struct vs_cel_node *vs_parser_node(
    struct vs_parser *p, vs_op op, size_t pos, const struct vs_kids *kids);

/* A node over one to three operands. */
struct vs_cel_node *vs_parser_over(struct vs_parser *p, vs_op op, size_t pos,
    struct vs_cel_node *a, struct vs_cel_node *b, struct vs_cel_node *c);

/* The next token becomes p->tok. */
bool vs_parser_advance(struct vs_parser *p);
/* The same, when p->tok is of this kind. */
bool vs_parser_expect(struct vs_parser *p, vs_token_kind k);
/* Always NULL, with the fault set. */
struct vs_cel_node *vs_parser_unexpected(
    struct vs_parser *p, const char *wanted);
struct vs_cel_node *vs_parser_no_memory(struct vs_parser *p);

struct vs_cel_node *vs_parser_expr(struct vs_parser *p);
struct vs_cel_node *vs_parser_primary(struct vs_parser *p);
struct vs_cel_node *vs_parser_literal(struct vs_parser *p, struct vs_val v);
/* n, and all selections, calls and indexes behind it. */
struct vs_cel_node *vs_parser_member(
    struct vs_parser *p, struct vs_cel_node *n);

/*
 * Turns a call that is a macro into its node, in place. Anything else stays
 * a call. False with the fault set when it is a macro used wrongly.
 */
bool vs_parser_macro(struct vs_parser *p, struct vs_cel_node *call);

#endif
