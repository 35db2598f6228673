/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/unparse.h"

/* How tightly a form binds. */
enum { COND = 1, OR, AND, RELATION, SUM, PRODUCT, UNARY, MEMBER };

static void show(struct vs_buf *b, const struct vs_cel_node *n, int least);

static void
text(struct vs_buf *b, const char *s)
{
	vs_buf_add(b, vs_span_cstr(s));
}

static bool
negative(const struct vs_cel_node *n)
{
	return n->op == VS_OP_LIT &&
	    ((n->val.kind == VS_KIND_INT && n->val.u.i < 0) ||
		(n->val.kind == VS_KIND_DOUBLE && n->val.u.d < 0));
}

static int
level(const struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_COND:
		return COND;
	case VS_OP_OR:
		return OR;
	case VS_OP_AND:
		return AND;
	case VS_OP_EQ:
	case VS_OP_NE:
	case VS_OP_LT:
	case VS_OP_LE:
	case VS_OP_GT:
	case VS_OP_GE:
	case VS_OP_IN:
		return RELATION;
	case VS_OP_ADD:
	case VS_OP_SUB:
		return SUM;
	case VS_OP_MUL:
	case VS_OP_DIV:
	case VS_OP_MOD:
		return PRODUCT;
	case VS_OP_NOT:
	case VS_OP_NEG:
		return UNARY;
	default:
		return negative(n) ? UNARY : MEMBER;
	}
}

/* [_a-zA-Z][_a-zA-Z0-9]*, and no word that the lexer takes for itself. */
static bool
plain_name(struct vs_span s)
{
	static const char *const words[] = {"true", "false", "null", "in"};

	for (size_t i = 0; i < VS_COUNT(words); i++) {
		if (vs_span_is(s, words[i]))
			return false;
	}
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '_' || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return s.n > 0;
}

static void
field(struct vs_buf *b, const struct vs_cel_node *n)
{
	show(b, n->kid[0], MEMBER);
	text(b, plain_name(n->name) ? "." : ".`");
	vs_buf_add(b, n->name);
	if (!plain_name(n->name))
		text(b, "`");
}

/* Operands from i on, separated. */
static void
operands(struct vs_buf *b, const struct vs_cel_node *n, size_t i)
{
	for (bool first = true; i < n->n; i++) {
		if (n->kid[i] == NULL)
			continue;
		text(b, first ? "" : ", ");
		show(b, n->kid[i], COND);
		first = false;
	}
}

static void
call(struct vs_buf *b, const struct vs_cel_node *n)
{
	if (n->member) {
		show(b, n->kid[0], MEMBER);
		text(b, ".");
	}
	vs_buf_add(b, n->name);
	text(b, "(");
	operands(b, n, n->member);
	text(b, ")");
}

static const char *
macro_name(const struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_ALL:
		return "all";
	case VS_OP_EXISTS:
		return "exists";
	case VS_OP_ONE:
		return "existsOne";
	case VS_OP_FILTER:
		return "filter";
	case VS_OP_TRANSFORM_MAP:
		return "transformMap";
	case VS_OP_TRANSFORM_ENTRY:
		return "transformMapEntry";
	default:
		return n->name2.n > 0 ? "transformList" : "map";
	}
}

static void
loop(struct vs_buf *b, const struct vs_cel_node *n)
{
	show(b, n->kid[0], MEMBER);
	vs_buf_printf(b, ".%s(", macro_name(n));
	vs_buf_add(b, n->name);
	if (n->name2.n > 0) {
		text(b, ", ");
		vs_buf_add(b, n->name2);
	}
	text(b, ", ");
	operands(b, n, 1);
	text(b, ")");
}

static void
entries(struct vs_buf *b, const struct vs_cel_node *n)
{
	text(b, "{");
	for (size_t i = 0; i < n->n; i++) {
		text(b, i % 2 == 1 ? ": " : i > 0 ? ", " : "");
		show(b, n->kid[i], COND);
	}
	text(b, "}");
}

static void
between(struct vs_buf *b, const struct vs_cel_node *n, const char *op)
{
	int own = level(n);

	for (size_t i = 0; i < n->n; i++) {
		if (i > 0)
			vs_buf_printf(b, " %s ", op);
		/* a - b - c is (a - b) - c; a && b && c is one node. */
		show(b, n->kid[i], i == 0 && own >= RELATION ? own : own + 1);
	}
}

/* Whether the text begins with a number, which would take a minus before it
 * for its own. */
static bool
begins_with_number(const struct vs_cel_node *n)
{
	while (n->op == VS_OP_SELECT || n->op == VS_OP_INDEX ||
	    n->op >= VS_OP_ALL || (n->op == VS_OP_CALL && n->member))
		n = n->kid[0];
	return n->op == VS_OP_LIT && n->val.kind == VS_KIND_INT && !negative(n);
}

static void
unary(struct vs_buf *b, const struct vs_cel_node *n)
{
	const struct vs_cel_node *kid = n->kid[0];
	bool minus = n->op == VS_OP_NEG;
	bool chain = kid->op == n->op || (minus && negative(kid));

	text(b, minus ? "-" : "!");
	show(b, kid,
	    minus && begins_with_number(kid) ? MEMBER + 1
		: chain                      ? UNARY
					     : MEMBER);
}

static void
condition(struct vs_buf *b, const struct vs_cel_node *n)
{
	show(b, n->kid[0], OR);
	text(b, " ? ");
	show(b, n->kid[1], OR);
	text(b, " : ");
	show(b, n->kid[2], COND);
}

static void
index_of(struct vs_buf *b, const struct vs_cel_node *n)
{
	show(b, n->kid[0], MEMBER);
	text(b, "[");
	show(b, n->kid[1], COND);
	text(b, "]");
}

static void
bind(struct vs_buf *b, const struct vs_cel_node *n)
{
	text(b, "cel.bind(");
	vs_buf_add(b, n->name);
	text(b, ", ");
	operands(b, n, 0);
	text(b, ")");
}

/* has() of a field, or of what the resolver made of it. */
static void
has(struct vs_buf *b, const struct vs_cel_node *n)
{
	text(b, "has(");
	if (n->op == VS_OP_HAS)
		field(b, n);
	else
		vs_buf_add(b, n->name);
	text(b, ")");
}

static void
list(struct vs_buf *b, const struct vs_cel_node *n)
{
	text(b, "[");
	operands(b, n, 0);
	text(b, "]");
}

static void
name(struct vs_buf *b, const struct vs_cel_node *n)
{
	text(b, n->member ? "." : "");
	vs_buf_add(b, n->name);
}

static void
constant(struct vs_buf *b, const struct vs_cel_node *n)
{
	vs_cel_value_text(n->val, b);
}

static void
form(struct vs_buf *b, const struct vs_cel_node *n)
{
	static void (*const forms[])(
	    struct vs_buf * b, const struct vs_cel_node *n) = {
	    [VS_OP_LIT] = constant,
	    [VS_OP_SELECT] = field,
	    [VS_OP_HAS] = has,
	    [VS_OP_HAS_CLAIM] = has,
	    [VS_OP_HAS_RECORD] = has,
	    [VS_OP_INDEX] = index_of,
	    [VS_OP_CALL] = call,
	    [VS_OP_LIST] = list,
	    [VS_OP_MAP] = entries,
	    [VS_OP_BIND] = bind,
	    [VS_OP_COND] = condition,
	    [VS_OP_NOT] = unary,
	    [VS_OP_NEG] = unary,
	};

	if (n->op < VS_COUNT(forms) && forms[n->op] != NULL)
		forms[n->op](b, n);
	else if (n->op >= VS_OP_ALL)
		loop(b, n);
	else if (n->n > 0)
		between(b, n, vs_op_text((vs_op)n->op));
	else
		name(b, n);
}

/* least: how tightly the place binds. */
static void
show(struct vs_buf *b, const struct vs_cel_node *n, int least)
{
	bool apart = level(n) < least;

	text(b, apart ? "(" : "");
	form(b, n);
	text(b, apart ? ")" : "");
}

void
vs_cel_unparse(const struct vs_cel_node *node, struct vs_buf *out)
{
	show(out, node, COND);
}

static bool
same_value(struct vs_val a, struct vs_val b)
{
	if (a.kind != b.kind)
		return false;
	if (a.kind == VS_KIND_STRING || a.kind == VS_KIND_BYTES)
		return vs_span_equal(vs_val_span(a), vs_val_span(b));
	if (a.kind == VS_KIND_BOOL)
		return a.u.b == b.u.b;
	return a.n == b.n && a.u.u == b.u.u;
}

bool
vs_cel_same_tree(const struct vs_cel_node *a, const struct vs_cel_node *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->op != b->op || a->member != b->member || a->n != b->n ||
	    !vs_span_equal(a->name, b->name) ||
	    !vs_span_equal(a->name2, b->name2))
		return false;
	if (a->op == VS_OP_LIT && !same_value(a->val, b->val))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!vs_cel_same_tree(a->kid[i], b->kid[i]))
			return false;
	}
	return true;
}
