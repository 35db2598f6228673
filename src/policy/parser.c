/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursive descent with precedence climbing. Chains of && and || become one
 * node of many kids. Both the recursion here and the height of the tree are
 * bounded, so nothing that walks a tree can run out of stack.
 */
#include <string.h>

#include "base/encoding.h"
#include "policy/parse.h"
#include "policy/parser.h"

struct vs_cel_node *
vs_parser_no_memory(struct vs_parser *p)
{
	(void)vs_cel_fault(p->fault, "E_LIMIT", p->tok.pos, "out of memory");
	return NULL;
}

struct vs_cel_node *
vs_parser_unexpected(struct vs_parser *p, const char *wanted)
{
	(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
	    "%s expected, not %s", wanted, vs_token_text(p->tok.kind));
	return NULL;
}

bool
vs_parser_advance(struct vs_parser *p)
{
	p->end = p->tok.end;
	return vs_lexer_next(&p->lex, &p->tok);
}

bool
vs_parser_expect(struct vs_parser *p, vs_token_kind k)
{
	if (p->tok.kind != k)
		return vs_parser_unexpected(p, vs_token_text(k)) != NULL;
	return vs_parser_advance(p);
}

bool
vs_parser_add(struct vs_parser *p, struct vs_kids *k, struct vs_cel_node *node)
{
	if (k->n == k->cap) {
		size_t cap = k->cap == 0 ? 4 : 2 * k->cap;
		struct vs_cel_node **v = vs_arena_calloc(
		    p->arena, cap, sizeof(struct vs_cel_node *));

		if (v == NULL)
			return vs_parser_no_memory(p) != NULL;
		if (k->n > 0)
			memcpy(v, k->v, k->n * sizeof(*v));
		k->v = v;
		k->cap = cap;
	}
	k->v[k->n++] = node;
	return true;
}

struct vs_cel_node *
vs_parser_node(
    struct vs_parser *p, vs_op op, size_t pos, const struct vs_kids *kids)
{
	struct vs_cel_node *n;
	unsigned depth = 0;

	if (++p->nodes > VS_CEL_NODES_MAX) {
		(void)vs_cel_fault(p->fault, "E_LIMIT", pos,
		    "an expression of more than %d parts", VS_CEL_NODES_MAX);
		return NULL;
	}
	n = vs_arena_alloc(p->arena, sizeof(*n));
	if (n == NULL)
		return vs_parser_no_memory(p);
	n->op = (uint8_t)op;
	n->pos = (uint32_t)pos;
	n->end = (uint32_t)p->end;
	for (size_t i = 0; kids != NULL && i < kids->n; i++) {
		if (kids->v[i]->depth > depth)
			depth = kids->v[i]->depth;
	}
	if (depth + 1 > VS_CEL_DEPTH_MAX) {
		(void)vs_cel_fault(p->fault, "E_LIMIT", pos,
		    "more than %d levels deep", VS_CEL_DEPTH_MAX);
		return NULL;
	}
	n->depth = (uint16_t)(depth + 1);
	if (kids != NULL) {
		n->kid = kids->v;
		n->n = (uint32_t)kids->n;
	}
	return n;
}

/* A node over one to three operands. */
struct vs_cel_node *
vs_parser_over(struct vs_parser *p, vs_op op, size_t pos, struct vs_cel_node *a,
    struct vs_cel_node *b, struct vs_cel_node *c)
{
	struct vs_kids k = {0};

	if (!vs_parser_add(p, &k, a) || (b && !vs_parser_add(p, &k, b)) ||
	    (c && !vs_parser_add(p, &k, c)))
		return NULL;
	return vs_parser_node(p, op, pos, &k);
}

/* The number is part of the literal: -9223372036854775808 has no positive. */
static struct vs_cel_node *
parse_negative(struct vs_parser *p, size_t pos)
{
	uint64_t num = p->tok.num;
	struct vs_cel_node *n = vs_parser_literal(
	    p, vs_val_int(num > INT64_MAX ? INT64_MIN : -(int64_t)num));

	if (n == NULL)
		return NULL;
	n->pos = (uint32_t)pos;
	return vs_parser_member(p, n);
}

static struct vs_cel_node *
parse_operand(struct vs_parser *p)
{
	struct vs_cel_node *n = vs_parser_primary(p);

	return n != NULL ? vs_parser_member(p, n) : NULL;
}

static struct vs_cel_node *
parse_unary(struct vs_parser *p)
{
	vs_token_kind sign = p->tok.kind;
	size_t first = p->tok.pos, last = first, count = 0;
	struct vs_cel_node *n;

	if (sign != VS_TOK_BANG && sign != VS_TOK_MINUS)
		return parse_operand(p);
	for (; p->tok.kind == sign; count++) {
		last = p->tok.pos;
		if (!vs_parser_advance(p))
			return NULL;
	}
	if (sign == VS_TOK_MINUS && p->tok.kind == VS_TOK_INT) {
		n = parse_negative(p, last);
		count--;
	} else {
		n = parse_operand(p);
	}
	for (; n != NULL && count > 0; count--)
		n = vs_parser_over(p,
		    sign == VS_TOK_BANG ? VS_OP_NOT : VS_OP_NEG, first, n, NULL,
		    NULL);
	return n;
}

/* 1 relations, 2 sums, 3 products; 0: not binary. */
static int
binary_op(vs_token_kind k, vs_op *op)
{
	static const struct {
		vs_token_kind kind;
		vs_op op;
		int level;
	} table[] = {{VS_TOK_LT, VS_OP_LT, 1}, {VS_TOK_LE, VS_OP_LE, 1},
	    {VS_TOK_GT, VS_OP_GT, 1}, {VS_TOK_GE, VS_OP_GE, 1},
	    {VS_TOK_EQ, VS_OP_EQ, 1}, {VS_TOK_NE, VS_OP_NE, 1},
	    {VS_TOK_IN, VS_OP_IN, 1}, {VS_TOK_PLUS, VS_OP_ADD, 2},
	    {VS_TOK_MINUS, VS_OP_SUB, 2}, {VS_TOK_STAR, VS_OP_MUL, 3},
	    {VS_TOK_SLASH, VS_OP_DIV, 3}, {VS_TOK_PERCENT, VS_OP_MOD, 3}};

	for (size_t i = 0; i < VS_COUNT(table); i++) {
		if (table[i].kind == k) {
			*op = table[i].op;
			return table[i].level;
		}
	}
	return 0;
}

/* Operators of this level or tighter. Recursion: three levels at most. */
static struct vs_cel_node *
parse_binary(struct vs_parser *p, int level)
{
	struct vs_cel_node *left = parse_unary(p);
	vs_op op;
	int l;

	while (left != NULL && (l = binary_op(p->tok.kind, &op)) >= level &&
	    l != 0) {
		if (!vs_parser_advance(p))
			return NULL;
		struct vs_cel_node *right = parse_binary(p, l + 1);
		if (right == NULL)
			return NULL;
		left = vs_parser_over(p, op, left->pos, left, right, NULL);
	}
	return left;
}

static struct vs_cel_node *
parse_chain(struct vs_parser *p, vs_token_kind link, vs_op op)
{
	struct vs_cel_node *n = link == VS_TOK_OR
	    ? parse_chain(p, VS_TOK_AND, VS_OP_AND)
	    : parse_binary(p, 1);
	struct vs_kids k = {0};

	if (n == NULL || p->tok.kind != link)
		return n;
	if (!vs_parser_add(p, &k, n))
		return NULL;
	while (p->tok.kind == link) {
		if (!vs_parser_advance(p))
			return NULL;
		struct vs_cel_node *next = link == VS_TOK_OR
		    ? parse_chain(p, VS_TOK_AND, VS_OP_AND)
		    : parse_binary(p, 1);
		if (next == NULL || !vs_parser_add(p, &k, next))
			return NULL;
	}
	return vs_parser_node(p, op, n->pos, &k);
}

static struct vs_cel_node *
parse_cond(struct vs_parser *p)
{
	struct vs_cel_node *cond = parse_chain(p, VS_TOK_OR, VS_OP_OR);
	struct vs_cel_node *yes, *no;

	if (cond == NULL || p->tok.kind != VS_TOK_QUESTION)
		return cond;
	if (!vs_parser_advance(p))
		return NULL;
	yes = parse_chain(p, VS_TOK_OR, VS_OP_OR);
	if (yes == NULL || !vs_parser_expect(p, VS_TOK_COLON))
		return NULL;
	no = vs_parser_expr(p);
	if (no == NULL)
		return NULL;
	return vs_parser_over(p, VS_OP_COND, cond->pos, cond, yes, no);
}

struct vs_cel_node *
vs_parser_expr(struct vs_parser *p)
{
	struct vs_cel_node *n;

	if (++p->depth > VS_CEL_DEPTH_MAX) {
		(void)vs_cel_fault(p->fault, "E_LIMIT", p->tok.pos,
		    "more than %d levels deep", VS_CEL_DEPTH_MAX);
		return NULL;
	}
	n = parse_cond(p);
	p->depth--;
	return n;
}

struct vs_cel_node *
vs_cel_parse(struct vs_span text, bool no_comments, struct vs_arena *a,
    struct vs_cel_fault *fault)
{
	struct vs_parser p = {
	    .lex = {.text = text,
		.no_comments = no_comments,
		.arena = a,
		.fault = fault},
	    .arena = a,
	    .fault = fault,
	};
	struct vs_cel_node *n;

	if (text.n > VS_CEL_TEXT_MAX) {
		(void)vs_cel_fault(fault, "E_LIMIT", 0,
		    "an expression longer than %d bytes", VS_CEL_TEXT_MAX);
		return NULL;
	}
	if (!vs_utf8_valid(text)) {
		(void)vs_cel_fault(fault, "E_PARSE", 0, "not valid UTF-8");
		return NULL;
	}
	if (!vs_parser_advance(&p))
		return NULL;
	n = vs_parser_expr(&p);
	if (n == NULL)
		return NULL;
	if (p.tok.kind != VS_TOK_END)
		return vs_parser_unexpected(&p, "an operator or the end");
	return n;
}
