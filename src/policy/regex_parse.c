/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns to trees. Nothing deeper than the limit of nested groups. */
#include "policy/regex_prog.h"
#include "policy/utf8.h"

bool
vs_rx_bad(struct vs_rx_parser *p, size_t at, const char *why)
{
	if (p->st == VS_OK) {
		p->st = VS_MALFORMED;
		p->err_at = at;
		p->why = why;
	}
	return false;
}

bool
vs_rx_no_memory(struct vs_rx_parser *p)
{
	if (p->st == VS_OK) {
		p->st = VS_NO_MEMORY;
		p->err_at = p->at;
		p->why = "out of memory";
	}
	return false;
}

static bool
too_large(struct vs_rx_parser *p, size_t at, const char *why)
{
	if (vs_rx_bad(p, at, why) || p->st != VS_MALFORMED)
		return false;
	p->st = VS_TOO_LARGE;
	return false;
}

uint32_t
vs_rx_take(struct vs_rx_parser *p)
{
	struct vs_span rest = vs_span_slice(p->text, p->at, p->text.n);

	p->at += vs_utf8_step(rest);
	return vs_utf8_get(rest);
}

struct vs_rx_node *
vs_rx_node(struct vs_rx_parser *p, vs_rx_op op, size_t size)
{
	struct vs_rx_node *n = vs_arena_alloc(p->arena, sizeof(*n));

	if (n == NULL) {
		(void)vs_rx_no_memory(p);
		return NULL;
	}
	n->op = (uint8_t)op;
	n->size = size;
	return n;
}

/* One instruction ends every program: the match. */
static bool
fits(struct vs_rx_parser *p, const struct vs_rx_node *n, size_t at)
{
	return n->size < VS_REGEX_PROG_MAX ||
	    too_large(p, at, "more than 1000 instructions");
}

/* more: instructions of the joint itself. */
static bool
append(struct vs_rx_parser *p, struct vs_rx_node *parent,
    struct vs_rx_node *kid, size_t more, size_t at)
{
	if (parent->last == NULL)
		parent->kid = kid;
	else
		parent->last->next = kid;
	parent->last = kid;
	parent->size += kid->size + more;
	return fits(p, parent, at);
}

static struct vs_rx_node *
assertion(struct vs_rx_parser *p, vs_rx_op op)
{
	if (op == VS_RX_BEGIN || op == VS_RX_BOL)
		p->anchors |= VS_REGEX_BEGIN;
	if (op == VS_RX_END || op == VS_RX_EOL)
		p->anchors |= VS_REGEX_END;
	return vs_rx_node(p, op, 1);
}

static struct vs_rx_node *alternatives(struct vs_rx_parser *p);

/* Digits; more than the limit stays more than the limit. */
static bool
count(struct vs_rx_parser *p, size_t *i, int *out)
{
	size_t from = *i;
	int v = 0;

	for (; vs_rx_peek(p, *i) >= '0' && vs_rx_peek(p, *i) <= '9'; (*i)++) {
		if (v <= VS_REGEX_REPEAT_MAX)
			v = v * 10 + (vs_rx_peek(p, *i) - '0');
	}
	*out = v;
	return *i > from;
}

/* {n} {n,} {n,m}; anything else after '{' is literal text. */
static bool
counted(struct vs_rx_parser *p, int *min, int *max)
{
	size_t i = 1;

	if (vs_rx_peek(p, 0) != '{' || !count(p, &i, min))
		return false;
	*max = *min;
	if (vs_rx_peek(p, i) == ',') {
		i++;
		if (!count(p, &i, max))
			*max = VS_RX_FOREVER;
	}
	if (vs_rx_peek(p, i) != '}')
		return false;
	p->at += i + 1;
	return true;
}

static bool
repeat_op(struct vs_rx_parser *p, int *min, int *max)
{
	*min = vs_rx_peek(p, 0) == '+' ? 1 : 0;
	*max = vs_rx_peek(p, 0) == '?' ? 1 : VS_RX_FOREVER;
	if (vs_rx_eat(p, '*') || vs_rx_eat(p, '+') || vs_rx_eat(p, '?'))
		return true;
	return counted(p, min, max);
}

/* Nothing stands before a repeat. */
static bool
is_bare_repeat(struct vs_rx_parser *p)
{
	size_t at = p->at;
	int min, max;

	if (!repeat_op(p, &min, &max))
		return false;
	p->at = at;
	vs_rx_bad(p, at, "a repeat of nothing");
	return true;
}

/* Behind the '(' that stands at `at`. */
static struct vs_rx_node *
group(struct vs_rx_parser *p, size_t at)
{
	unsigned outer = p->flags;
	bool closed = false;
	struct vs_rx_node *n;

	if (vs_rx_eat(p, '?') && !vs_rx_group(p, at, &closed))
		return NULL;
	if (closed) /* (?i): the flags hold to the end of the group around */
		return is_bare_repeat(p) ? NULL : vs_rx_node(p, VS_RX_CAT, 0);
	if (p->depth == VS_REGEX_NEST_MAX) {
		too_large(p, at, "more than 100 groups in each other");
		return NULL;
	}
	p->depth++;
	n = alternatives(p);
	p->depth--;
	p->flags = outer;
	if (n != NULL && !vs_rx_eat(p, ')')) {
		vs_rx_bad(p, at, "a group ( that does not end");
		return NULL;
	}
	return n;
}

/* Behind the backslash that stands at `at`. */
static struct vs_rx_node *
escaped(struct vs_rx_parser *p, size_t at)
{
	uint8_t c = vs_rx_peek(p, 0);
	uint32_t cp;

	if (vs_rx_is_perl(c)) {
		p->at++;
		return vs_rx_perl(p, c);
	}
	switch (c) {
	case 'A':
		p->at++;
		return assertion(p, VS_RX_BEGIN);
	case 'z':
		p->at++;
		return assertion(p, VS_RX_END);
	case 'b':
		p->at++;
		return assertion(p, VS_RX_WORD);
	case 'B':
		p->at++;
		return assertion(p, VS_RX_NOT_WORD);
	default:
		return vs_rx_escape(p, at, &cp) ? vs_rx_literal(p, at, cp)
						: NULL;
	}
}

static struct vs_rx_node *
atom(struct vs_rx_parser *p)
{
	size_t at = p->at;
	bool lines = (p->flags & VS_RX_LINES) != 0;
	uint32_t c = vs_rx_take(p);

	switch (c) {
	case '(':
		return group(p, at);
	case '[':
		return vs_rx_bracket(p, at);
	case '.':
		return vs_rx_node(p,
		    (p->flags & VS_RX_DOT_ALL) != 0 ? VS_RX_ANY : VS_RX_NOT_LF,
		    1);
	case '^':
		return assertion(p, lines ? VS_RX_BOL : VS_RX_BEGIN);
	case '$':
		return assertion(p, lines ? VS_RX_EOL : VS_RX_END);
	case '\\':
		return escaped(p, at);
	default:
		return vs_rx_literal(p, at, c);
	}
}

/* Written out; what is empty stays so, however often. */
static size_t
repeat_size(const struct vs_rx_node *r)
{
	size_t body = r->kid->size, min = (size_t)r->min;

	if (body == 0)
		return 0;
	if (r->max == VS_RX_FOREVER)
		return min == 0 ? body + 2 : min * body + 1;
	return min * body + ((size_t)r->max - min) * (body + 1);
}

static struct vs_rx_node *
repeat(struct vs_rx_parser *p, struct vs_rx_node *kid)
{
	size_t at = p->at;
	int min, max;
	struct vs_rx_node *n;

	if (kid == NULL || !repeat_op(p, &min, &max))
		return kid;
	if (min > VS_REGEX_REPEAT_MAX || max > VS_REGEX_REPEAT_MAX) {
		too_large(p, at, "a repeat of more than 1000");
		return NULL;
	}
	if (max != VS_RX_FOREVER && max < min) {
		vs_rx_bad(p, at, "the repeat runs backwards");
		return NULL;
	}
	(void)vs_rx_eat(p, '?'); /* lazy: the answer is the same */
	n = vs_rx_node(p, VS_RX_REPEAT, 0);
	if (n == NULL)
		return NULL;
	n->kid = kid;
	n->min = min;
	n->max = max;
	n->size = repeat_size(n);
	if (!fits(p, n, at))
		return NULL;
	at = p->at;
	if (repeat_op(p, &min, &max)) {
		vs_rx_bad(p, at, "a repeat of a repeat: put it in (?: )");
		return NULL;
	}
	return n;
}

/* Behind \Q: literals up to \E or the end, a repeat for the last alone. */
static bool
quoted(struct vs_rx_parser *p, struct vs_rx_node *cat)
{
	while (!vs_rx_done(p)) {
		size_t at = p->at;
		bool last = vs_rx_peek(p, 0) == '\\' && vs_rx_peek(p, 1) == 'E';
		struct vs_rx_node *n;

		if (last) {
			p->at += 2;
			return true;
		}
		n = vs_rx_literal(p, at, vs_rx_take(p));
		if (vs_rx_peek(p, 0) == '\\' && vs_rx_peek(p, 1) == 'E') {
			p->at += 2;
			n = repeat(p, n);
			last = true;
		}
		if (n == NULL || (n->size > 0 && !append(p, cat, n, 0, at)))
			return false;
		if (last)
			return true;
	}
	return true;
}

/* A sequence, up to '|' or ')'. */
static struct vs_rx_node *
sequence(struct vs_rx_parser *p)
{
	struct vs_rx_node *cat = vs_rx_node(p, VS_RX_CAT, 0);

	while (cat != NULL && !vs_rx_done(p)) {
		size_t at = p->at;
		struct vs_rx_node *n;
		uint8_t c = vs_rx_peek(p, 0);

		if (c == '|' || c == ')')
			break;
		if (is_bare_repeat(p))
			return NULL;
		if (c == '\\' && vs_rx_peek(p, 1) == 'Q') {
			p->at += 2;
			if (!quoted(p, cat))
				return NULL;
			continue;
		}
		n = repeat(p, atom(p));
		if (n == NULL)
			return NULL;
		/* What is empty leaves no trace: it costs nothing later. */
		if (n->size > 0 && !append(p, cat, n, 0, at))
			return NULL;
	}
	return cat;
}

static struct vs_rx_node *
alternatives(struct vs_rx_parser *p)
{
	struct vs_rx_node *first = sequence(p), *alt;

	if (first == NULL || vs_rx_peek(p, 0) != '|')
		return first;
	alt = vs_rx_node(p, VS_RX_ALT, 0);
	if (alt == NULL || !append(p, alt, first, 0, p->at))
		return NULL;
	for (size_t at = p->at; vs_rx_eat(p, '|'); at = p->at) {
		struct vs_rx_node *n = sequence(p);

		/* A split before the one ahead, a jump behind it. */
		if (n == NULL || !append(p, alt, n, 2, at))
			return NULL;
	}
	return alt;
}

struct vs_rx_node *
vs_rx_parse(struct vs_rx_parser *p)
{
	struct vs_rx_node *n = alternatives(p);

	if (n != NULL && !vs_rx_done(p)) {
		vs_rx_bad(p, p->at, "a ) without a (");
		return NULL;
	}
	return n;
}
