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

static struct vs_cel_node *parse_expr(struct vs_parser *p);
static struct vs_cel_node *parse_unary(struct vs_parser *p);

static struct vs_cel_node *
no_memory(struct vs_parser *p)
{
	(void)vs_cel_fault(p->fault, "E_LIMIT", p->tok.pos, "out of memory");
	return NULL;
}

static struct vs_cel_node *
unexpected(struct vs_parser *p, const char *wanted)
{
	(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
	    "%s expected, not %s", wanted, vs_token_text(p->tok.kind));
	return NULL;
}

static bool
advance(struct vs_parser *p)
{
	p->end = p->tok.end;
	return vs_lexer_next(&p->lex, &p->tok);
}

static bool
expect(struct vs_parser *p, vs_token_kind k)
{
	if (p->tok.kind != k)
		return unexpected(p, vs_token_text(k)) != NULL;
	return advance(p);
}

bool
vs_parser_add(struct vs_parser *p, struct vs_kids *k, struct vs_cel_node *node)
{
	if (k->n == k->cap) {
		size_t cap = k->cap == 0 ? 4 : 2 * k->cap;
		struct vs_cel_node **v = vs_arena_calloc(
		    p->arena, cap, sizeof(struct vs_cel_node *));

		if (v == NULL)
			return no_memory(p) != NULL;
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
		return no_memory(p);
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
static struct vs_cel_node *
node_over(struct vs_parser *p, vs_op op, size_t pos, struct vs_cel_node *a,
    struct vs_cel_node *b, struct vs_cel_node *c)
{
	struct vs_kids k = {0};

	if (!vs_parser_add(p, &k, a) || (b && !vs_parser_add(p, &k, b)) ||
	    (c && !vs_parser_add(p, &k, c)))
		return NULL;
	return vs_parser_node(p, op, pos, &k);
}

/* Comma separated expressions up to the closing token, which is eaten. */
static bool
parse_args(struct vs_parser *p, vs_token_kind close, bool trailing_comma,
    struct vs_kids *k)
{
	while (p->tok.kind != close) {
		struct vs_cel_node *arg = parse_expr(p);

		if (arg == NULL || !vs_parser_add(p, k, arg))
			return false;
		if (p->tok.kind != VS_TOK_COMMA)
			break;
		if (!advance(p))
			return false;
		if (p->tok.kind == close && !trailing_comma)
			return unexpected(p, "an argument") != NULL;
	}
	return expect(p, close);
}

static struct vs_cel_node *
parse_list(struct vs_parser *p)
{
	struct vs_kids k = {0};
	size_t pos = p->tok.pos;

	if (!advance(p) || !parse_args(p, VS_TOK_RBRACKET, true, &k))
		return NULL;
	return vs_parser_node(p, VS_OP_LIST, pos, &k);
}

static bool
parse_entry(struct vs_parser *p, struct vs_kids *k)
{
	struct vs_cel_node *key = parse_expr(p);

	if (key == NULL || !vs_parser_add(p, k, key) ||
	    !expect(p, VS_TOK_COLON))
		return false;
	struct vs_cel_node *value = parse_expr(p);
	return value != NULL && vs_parser_add(p, k, value);
}

static struct vs_cel_node *
parse_map(struct vs_parser *p)
{
	struct vs_kids k = {0};
	size_t pos = p->tok.pos;

	if (!advance(p))
		return NULL;
	while (p->tok.kind != VS_TOK_RBRACE) {
		if (!parse_entry(p, &k))
			return NULL;
		if (p->tok.kind != VS_TOK_COMMA)
			break;
		if (!advance(p))
			return NULL;
	}
	if (!expect(p, VS_TOK_RBRACE))
		return NULL;
	return vs_parser_node(p, VS_OP_MAP, pos, &k);
}

static struct vs_cel_node *
parse_call(struct vs_parser *p, struct vs_span name, size_t pos,
    struct vs_cel_node *target)
{
	struct vs_kids k = {0};
	struct vs_cel_node *call;

	if (target != NULL && !vs_parser_add(p, &k, target))
		return NULL;
	if (!advance(p) || !parse_args(p, VS_TOK_RPAREN, false, &k))
		return NULL;
	call = vs_parser_node(p, VS_OP_CALL, pos, &k);
	if (call == NULL)
		return NULL;
	call->name = name;
	call->member = target != NULL;
	return vs_parser_macro(p, call) ? call : NULL;
}

static struct vs_cel_node *
parse_name(struct vs_parser *p)
{
	bool dot = p->tok.kind == VS_TOK_DOT;
	size_t pos = p->tok.pos;

	if (dot && !advance(p))
		return NULL;
	if (p->tok.kind == VS_TOK_RESERVED) {
		(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
		    "\"%.*s\" is a reserved word", VS_SPAN_ARG(p->tok.text));
		return NULL;
	}
	if (p->tok.kind != VS_TOK_IDENT)
		return unexpected(p, dot ? "a name" : "an expression");
	struct vs_span name = p->tok.text;
	if (!advance(p))
		return NULL;
	if (p->tok.kind == VS_TOK_LPAREN)
		return parse_call(p, name, pos, NULL);
	struct vs_cel_node *n = vs_parser_node(p, VS_OP_IDENT, pos, NULL);
	if (n == NULL)
		return NULL;
	n->name = name;
	n->end = (uint32_t)(pos + dot + name.n);
	n->member = dot;
	return n;
}

static struct vs_cel_node *
parse_literal(struct vs_parser *p, struct vs_val v)
{
	size_t pos = p->tok.pos;

	if (!advance(p))
		return NULL;
	struct vs_cel_node *n = vs_parser_node(p, VS_OP_LIT, pos, NULL);
	if (n == NULL)
		return NULL;
	n->val = v;
	return n;
}

static struct vs_cel_node *
parse_paren(struct vs_parser *p)
{
	struct vs_cel_node *n;

	if (!advance(p))
		return NULL;
	n = parse_expr(p);
	if (n == NULL || !expect(p, VS_TOK_RPAREN))
		return NULL;
	return n;
}

static struct vs_cel_node *
parse_int(struct vs_parser *p)
{
	if (p->tok.num > INT64_MAX) {
		(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
		    "the number is out of range");
		return NULL;
	}
	return parse_literal(p, vs_val_int((int64_t)p->tok.num));
}

static struct vs_cel_node *
parse_primary(struct vs_parser *p)
{
	const struct vs_token *t = &p->tok;

	switch ((int)t->kind) {
	case VS_TOK_LPAREN:
		return parse_paren(p);
	case VS_TOK_LBRACKET:
		return parse_list(p);
	case VS_TOK_LBRACE:
		return parse_map(p);
	case VS_TOK_INT:
		return parse_int(p);
	case VS_TOK_UINT:
		return parse_literal(p, vs_val_uint(t->num));
	case VS_TOK_DOUBLE:
		return parse_literal(p, vs_val_double(t->real));
	case VS_TOK_STRING:
		return parse_literal(p, vs_val_str(t->text));
	case VS_TOK_BYTES:
		return parse_literal(p, vs_val_bytes(t->text));
	case VS_TOK_TRUE:
	case VS_TOK_FALSE:
		return parse_literal(p, vs_val_bool(t->kind == VS_TOK_TRUE));
	case VS_TOK_NULL:
		return parse_literal(p, vs_val_null());
	default:
		return parse_name(p);
	}
}

static struct vs_cel_node *
parse_select(struct vs_parser *p, struct vs_cel_node *target)
{
	if (!advance(p))
		return NULL;
	if (p->tok.kind != VS_TOK_IDENT && p->tok.kind != VS_TOK_RESERVED &&
	    p->tok.kind != VS_TOK_QUOTED)
		return unexpected(p, "a field name");
	bool quoted = p->tok.kind == VS_TOK_QUOTED;
	struct vs_span name = p->tok.text;
	size_t end = p->tok.end;
	if (!advance(p))
		return NULL;
	if (p->tok.kind == VS_TOK_LPAREN && !quoted)
		return parse_call(p, name, target->pos, target);
	struct vs_cel_node *n =
	    node_over(p, VS_OP_SELECT, target->pos, target, NULL, NULL);
	if (n == NULL)
		return NULL;
	n->name = name;
	n->end = (uint32_t)end;
	return n;
}

static struct vs_cel_node *
parse_index(struct vs_parser *p, struct vs_cel_node *target)
{
	struct vs_cel_node *i;

	if (!advance(p))
		return NULL;
	i = parse_expr(p);
	if (i == NULL || !expect(p, VS_TOK_RBRACKET))
		return NULL;
	return node_over(p, VS_OP_INDEX, target->pos, target, i, NULL);
}

static struct vs_cel_node *
parse_member(struct vs_parser *p, struct vs_cel_node *n)
{
	while (n != NULL) {
		if (p->tok.kind == VS_TOK_DOT) {
			n = parse_select(p, n);
		} else if (p->tok.kind == VS_TOK_LBRACKET) {
			n = parse_index(p, n);
		} else if (p->tok.kind == VS_TOK_LBRACE) {
			(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
			    "messages are not supported");
			return NULL;
		} else {
			return n;
		}
	}
	return NULL;
}

/* The number is part of the literal: -9223372036854775808 has no positive. */
static struct vs_cel_node *
parse_negative(struct vs_parser *p, size_t pos)
{
	uint64_t num = p->tok.num;
	struct vs_cel_node *n = parse_literal(
	    p, vs_val_int(num > INT64_MAX ? INT64_MIN : -(int64_t)num));

	if (n == NULL)
		return NULL;
	n->pos = (uint32_t)pos;
	return parse_member(p, n);
}

static struct vs_cel_node *
parse_operand(struct vs_parser *p)
{
	struct vs_cel_node *n = parse_primary(p);

	return n != NULL ? parse_member(p, n) : NULL;
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
		if (!advance(p))
			return NULL;
	}
	if (sign == VS_TOK_MINUS && p->tok.kind == VS_TOK_INT) {
		n = parse_negative(p, last);
		count--;
	} else {
		n = parse_operand(p);
	}
	for (; n != NULL && count > 0; count--)
		n = node_over(p, sign == VS_TOK_BANG ? VS_OP_NOT : VS_OP_NEG,
		    first, n, NULL, NULL);
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
		if (!advance(p))
			return NULL;
		struct vs_cel_node *right = parse_binary(p, l + 1);
		if (right == NULL)
			return NULL;
		left = node_over(p, op, left->pos, left, right, NULL);
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
		if (!advance(p))
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
	if (!advance(p))
		return NULL;
	yes = parse_chain(p, VS_TOK_OR, VS_OP_OR);
	if (yes == NULL || !expect(p, VS_TOK_COLON))
		return NULL;
	no = parse_expr(p);
	if (no == NULL)
		return NULL;
	return node_over(p, VS_OP_COND, cond->pos, cond, yes, no);
}

static struct vs_cel_node *
parse_expr(struct vs_parser *p)
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
	if (!advance(&p))
		return NULL;
	n = parse_expr(&p);
	if (n == NULL)
		return NULL;
	if (p.tok.kind != VS_TOK_END)
		return unexpected(&p, "an operator or the end");
	return n;
}
