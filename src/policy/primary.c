/* SPDX-License-Identifier: Apache-2.0 */
/* Literals, names, calls, lists, maps, and what may follow them. */
#include "policy/parse.h"

/* Comma separated expressions up to the closing token, which is eaten. */
static bool
parse_args(struct vs_parser *p, vs_token_kind close, bool trailing_comma,
    struct vs_kids *k)
{
	while (p->tok.kind != close) {
		struct vs_cel_node *arg = vs_parser_expr(p);

		if (arg == NULL || !vs_parser_add(p, k, arg))
			return false;
		if (p->tok.kind != VS_TOK_COMMA)
			break;
		if (!vs_parser_advance(p))
			return false;
		if (p->tok.kind == close && !trailing_comma)
			return vs_parser_unexpected(p, "an argument") != NULL;
	}
	return vs_parser_expect(p, close);
}

static struct vs_cel_node *
parse_list(struct vs_parser *p)
{
	struct vs_kids k = {0};
	size_t pos = p->tok.pos;

	if (!vs_parser_advance(p) || !parse_args(p, VS_TOK_RBRACKET, true, &k))
		return NULL;
	return vs_parser_node(p, VS_OP_LIST, pos, &k);
}

static bool
parse_entry(struct vs_parser *p, struct vs_kids *k)
{
	struct vs_cel_node *key = vs_parser_expr(p);

	if (key == NULL || !vs_parser_add(p, k, key) ||
	    !vs_parser_expect(p, VS_TOK_COLON))
		return false;
	struct vs_cel_node *value = vs_parser_expr(p);
	return value != NULL && vs_parser_add(p, k, value);
}

static struct vs_cel_node *
parse_map(struct vs_parser *p)
{
	struct vs_kids k = {0};
	size_t pos = p->tok.pos;

	if (!vs_parser_advance(p))
		return NULL;
	while (p->tok.kind != VS_TOK_RBRACE) {
		if (!parse_entry(p, &k))
			return NULL;
		if (p->tok.kind != VS_TOK_COMMA)
			break;
		if (!vs_parser_advance(p))
			return NULL;
	}
	if (!vs_parser_expect(p, VS_TOK_RBRACE))
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
	if (!vs_parser_advance(p) || !parse_args(p, VS_TOK_RPAREN, false, &k))
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

	if (dot && !vs_parser_advance(p))
		return NULL;
	if (p->tok.kind == VS_TOK_RESERVED) {
		(void)vs_cel_fault(p->fault, "E_PARSE", p->tok.pos,
		    "\"%.*s\" is a reserved word", VS_SPAN_ARG(p->tok.text));
		return NULL;
	}
	if (p->tok.kind != VS_TOK_IDENT)
		return vs_parser_unexpected(
		    p, dot ? "a name" : "an expression");
	struct vs_span name = p->tok.text;
	if (!vs_parser_advance(p))
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

struct vs_cel_node *
vs_parser_literal(struct vs_parser *p, struct vs_val v)
{
	size_t pos = p->tok.pos;

	if (!vs_parser_advance(p))
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

	if (!vs_parser_advance(p))
		return NULL;
	n = vs_parser_expr(p);
	if (n == NULL || !vs_parser_expect(p, VS_TOK_RPAREN))
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
	return vs_parser_literal(p, vs_val_int((int64_t)p->tok.num));
}

struct vs_cel_node *
vs_parser_primary(struct vs_parser *p)
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
		return vs_parser_literal(p, vs_val_uint(t->num));
	case VS_TOK_DOUBLE:
		return vs_parser_literal(p, vs_val_double(t->real));
	case VS_TOK_STRING:
		return vs_parser_literal(p, vs_val_str(t->text));
	case VS_TOK_BYTES:
		return vs_parser_literal(p, vs_val_bytes(t->text));
	case VS_TOK_TRUE:
	case VS_TOK_FALSE:
		return vs_parser_literal(
		    p, vs_val_bool(t->kind == VS_TOK_TRUE));
	case VS_TOK_NULL:
		return vs_parser_literal(p, vs_val_null());
	default:
		return parse_name(p);
	}
}

static struct vs_cel_node *
parse_select(struct vs_parser *p, struct vs_cel_node *target)
{
	if (!vs_parser_advance(p))
		return NULL;
	if (p->tok.kind != VS_TOK_IDENT && p->tok.kind != VS_TOK_RESERVED &&
	    p->tok.kind != VS_TOK_QUOTED)
		return vs_parser_unexpected(p, "a field name");
	bool quoted = p->tok.kind == VS_TOK_QUOTED;
	struct vs_span name = p->tok.text;
	size_t end = p->tok.end;
	if (!vs_parser_advance(p))
		return NULL;
	if (p->tok.kind == VS_TOK_LPAREN && !quoted)
		return parse_call(p, name, target->pos, target);
	struct vs_cel_node *n =
	    vs_parser_over(p, VS_OP_SELECT, target->pos, target, NULL, NULL);
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

	if (!vs_parser_advance(p))
		return NULL;
	i = vs_parser_expr(p);
	if (i == NULL || !vs_parser_expect(p, VS_TOK_RBRACKET))
		return NULL;
	return vs_parser_over(p, VS_OP_INDEX, target->pos, target, i, NULL);
}

struct vs_cel_node *
vs_parser_member(struct vs_parser *p, struct vs_cel_node *n)
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
