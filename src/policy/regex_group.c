/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between "(?" and the pattern of a group. */
#include "policy/regex_prog.h"

struct vs_rx_name {
	struct vs_span text;
	struct vs_rx_name *next;
};

/* (?P<name> and (?<name>, behind the '<'. The name is of no use here. */
static bool
group_name(struct vs_rx_parser *p, size_t at)
{
	size_t from = p->at;
	struct vs_rx_name *name = vs_arena_alloc(p->arena, sizeof(*name));

	while (!vs_rx_done(p) && vs_rx_peek(p, 0) != '>') {
		uint8_t c = vs_rx_peek(p, 0);

		if (c != '_' && !(c >= '0' && c <= '9') &&
		    !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			break;
		p->at++;
	}
	if (name == NULL)
		return vs_rx_no_memory(p);
	name->text = vs_span_slice(p->text, from, p->at - from);
	if (name->text.n == 0 || !vs_rx_eat(p, '>'))
		return vs_rx_bad(
		    p, at, "a group's name is [A-Za-z0-9_]+ and >");
	for (struct vs_rx_name *o = p->names; o != NULL; o = o->next) {
		if (vs_span_equal(o->text, name->text))
			return vs_rx_bad(p, at, "two groups of one name");
	}
	name->next = p->names;
	p->names = name;
	return true;
}

static unsigned
flag_of(uint8_t c)
{
	switch (c) {
	case 'i':
		return VS_RX_FOLD;
	case 'm':
		return VS_RX_LINES;
	case 's':
		return VS_RX_DOT_ALL;
	case 'U':
		return VS_RX_SWAP;
	default:
		return 0;
	}
}

/* (?i) and (?i-s:, behind the '?'. *closed: it was the first form. */
static bool
group_flags(struct vs_rx_parser *p, size_t at, bool *closed)
{
	unsigned flags = p->flags;
	bool off = false, some = false;

	for (; !vs_rx_done(p); p->at++) {
		uint8_t c = vs_rx_peek(p, 0);
		unsigned f = flag_of(c);

		if (c == '-' && !off) {
			off = true;
			some = false;
		} else if (f != 0) {
			flags = off ? flags & ~f : flags | f;
			some = true;
		} else {
			break;
		}
	}
	*closed = vs_rx_peek(p, 0) == ')';
	if ((!*closed && vs_rx_peek(p, 0) != ':') ||
	    (!some && (off || *closed)))
		return vs_rx_bad(
		    p, at, "no such group: (?:, (?P<name>, (?i) or (?i:");
	p->at++;
	p->flags = flags;
	return true;
}

/* What follows "(?". */
bool
vs_rx_group(struct vs_rx_parser *p, size_t at, bool *closed)
{
	uint8_t c = vs_rx_peek(p, 0), d = vs_rx_peek(p, 1);

	if (c == '=' || c == '!' || (c == '<' && (d == '=' || d == '!')))
		return vs_rx_bad(p, at, "look-around is not supported");
	if (c == '>')
		return vs_rx_bad(p, at, "possessive groups are not supported");
	if (c == 'P' && d == '=')
		return vs_rx_bad(p, at, "back-references are not supported");
	if (c == '<' || (c == 'P' && d == '<')) {
		p->at += c == '<' ? 1 : 2;
		return group_name(p, at);
	}
	return group_flags(p, at, closed);
}
