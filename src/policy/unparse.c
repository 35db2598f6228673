/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/unparse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/func.h"

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

static void
quoted(struct vs_buf *b, struct vs_span s, bool bytes)
{
	text(b, bytes ? "b\"" : "\"");
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c == '"' || c == '\\')
			vs_buf_printf(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f || (bytes && c > 0x7f))
			vs_buf_printf(b, "\\x%02x", c);
		else
			vs_buf_add(b, VS_SPAN(&c, 1));
	}
	text(b, "\"");
}

static void
real(struct vs_buf *b, double d)
{
	char s[40];
	int precision = 0;

	/* No literal has these. */
	if (!isfinite(d)) {
		text(b,
		    isnan(d)    ? "double(\"NaN\")"
			: d < 0 ? "double(\"-Infinity\")"
				: "double(\"Infinity\")");
		return;
	}
	do {
		(void)snprintf(s, sizeof(s), "%.*g", ++precision, d);
	} while (precision < 17 && strtod(s, NULL) != d);
	text(b, s);
	if (strpbrk(s, ".e") == NULL)
		text(b, ".0");
}

static void
list_value(struct vs_buf *b, struct vs_val v)
{
	bool map = v.kind == VS_KIND_MAP;

	vs_buf_puts(b, map ? "{" : "[");
	for (size_t i = 0; i < v.n; i++) {
		text(b, i > 0 ? ", " : "");
		vs_cel_value_text(v.u.v[map ? 2 * i : i], b);
		if (map) {
			text(b, ": ");
			vs_cel_value_text(v.u.v[2 * i + 1], b);
		}
	}
	vs_buf_puts(b, map ? "}" : "]");
}

/* What only a function makes. */
static void
made_by(struct vs_buf *b, const char *fn, struct vs_val v)
{
	uint8_t buf[64];
	struct vs_span s = VS_SPAN(buf, 0);

	if (v.kind == VS_KIND_SEMVER)
		s = vs_val_span(v);
	else if (v.kind == VS_KIND_TIMESTAMP || v.kind == VS_KIND_DURATION)
		s.n = vs_cel_format_time(v, (char *)buf);
	else
		s.n = vs_cel_format_net(v, (char *)buf);
	vs_buf_printf(b, "%s(", fn);
	quoted(b, s, false);
	text(b, ")");
}

static void
literal(struct vs_buf *b, struct vs_val v)
{
	switch (v.kind) {
	case VS_KIND_NULL:
		text(b, "null");
		return;
	case VS_KIND_BOOL:
		text(b, v.u.b ? "true" : "false");
		return;
	case VS_KIND_INT:
		vs_buf_printf(b, "%lld", (long long)v.u.i);
		return;
	case VS_KIND_UINT:
		vs_buf_printf(b, "%lluu", (unsigned long long)v.u.u);
		return;
	case VS_KIND_DOUBLE:
		real(b, v.u.d);
		return;
	case VS_KIND_STRING:
	case VS_KIND_BYTES:
		quoted(b, vs_val_span(v), v.kind == VS_KIND_BYTES);
		return;
	case VS_KIND_TYPE:
		text(b, vs_kind_name((vs_kind)v.u.i));
		return;
	case VS_KIND_LIST:
	case VS_KIND_MAP:
		list_value(b, v);
		return;
	case VS_KIND_TIMESTAMP:
		made_by(b, "timestamp", v);
		return;
	case VS_KIND_DURATION:
		made_by(b, "duration", v);
		return;
	case VS_KIND_IP:
		made_by(b, "ip", v);
		return;
	case VS_KIND_CIDR:
		made_by(b, "cidr", v);
		return;
	case VS_KIND_SEMVER:
		made_by(b, "semver", v);
		return;
	case VS_KIND_ERROR:
		vs_buf_printf(
		    b, "error %s", vs_cel_error_name((vs_cel_error)v.error));
		return;
	default:
		text(b, vs_kind_name((vs_kind)v.kind));
		return;
	}
}

void
vs_cel_value_text(struct vs_val v, struct vs_buf *out)
{
	literal(out, v);
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

/* The number after a minus would become one with it. */
static void
unary(struct vs_buf *b, const struct vs_cel_node *n)
{
	const struct vs_cel_node *kid = n->kid[0];
	bool chain = kid->op == n->op || (n->op == VS_OP_NEG && negative(kid));
	bool number = n->op == VS_OP_NEG && kid->op == VS_OP_LIT &&
	    kid->val.kind == VS_KIND_INT && !negative(kid);

	text(b, n->op == VS_OP_NOT ? "!" : "-");
	show(b, kid, number ? MEMBER + 1 : chain ? UNARY : MEMBER);
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
form(struct vs_buf *b, const struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_LIT:
		literal(b, n->val);
		return;
	case VS_OP_SELECT:
		field(b, n);
		return;
	case VS_OP_HAS:
		text(b, "has(");
		field(b, n);
		text(b, ")");
		return;
	case VS_OP_INDEX:
		show(b, n->kid[0], MEMBER);
		text(b, "[");
		show(b, n->kid[1], COND);
		text(b, "]");
		return;
	case VS_OP_CALL:
		call(b, n);
		return;
	case VS_OP_LIST:
		text(b, "[");
		operands(b, n, 0);
		text(b, "]");
		return;
	case VS_OP_MAP:
		entries(b, n);
		return;
	case VS_OP_BIND:
		text(b, "cel.bind(");
		vs_buf_add(b, n->name);
		text(b, ", ");
		operands(b, n, 0);
		text(b, ")");
		return;
	case VS_OP_COND:
		condition(b, n);
		return;
	case VS_OP_NOT:
	case VS_OP_NEG:
		unary(b, n);
		return;
	case VS_OP_HAS_CLAIM:
	case VS_OP_HAS_RECORD:
		text(b, "has(");
		vs_buf_add(b, n->name);
		text(b, ")");
		return;
	default:
		break;
	}
	if (n->op >= VS_OP_ALL) {
		loop(b, n);
	} else if (n->n > 0) {
		between(b, n, vs_op_text((vs_op)n->op));
	} else {
		text(b, n->member ? "." : "");
		vs_buf_add(b, n->name);
	}
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
