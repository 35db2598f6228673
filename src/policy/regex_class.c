/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of code points: [..], \d, [:alpha:], and letters of either case. */
#include "policy/regex_prog.h"

enum { CP_MAX = 0x10ffff };

/* A class while it is read. */
struct builder {
	uint64_t ascii[2];
	struct vs_rx_range *v;
	size_t n, cap;
};

static void
set_bit(uint64_t ascii[2], uint32_t c)
{
	ascii[c / 64] |= UINT64_C(1) << (c % 64);
}

static bool
get_bit(const uint64_t ascii[2], uint32_t c)
{
	return (ascii[c / 64] >> (c % 64) & 1) != 0;
}

bool
vs_rx_class_has(const struct vs_rx_class *c, uint32_t cp)
{
	size_t lo = 0, hi = c->n;

	if (cp < 0x80)
		return get_bit(c->ascii, cp);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cp > c->v[mid].hi)
			lo = mid + 1;
		else if (cp < c->v[mid].lo)
			hi = mid;
		else
			return true;
	}
	return false;
}

/* Keeps the ranges sorted and apart. */
static bool
add_range(struct vs_rx_parser *p, struct builder *b, uint32_t lo, uint32_t hi)
{
	size_t i = 0, j, k;

	while (i < b->n && b->v[i].hi + 1 < lo)
		i++;
	for (j = i; j < b->n && b->v[j].lo <= hi + 1; j++) {
		lo = b->v[j].lo < lo ? b->v[j].lo : lo;
		hi = b->v[j].hi > hi ? b->v[j].hi : hi;
	}
	if (i == j && b->n == b->cap) {
		size_t cap = b->cap == 0 ? 4 : 2 * b->cap;
		struct vs_rx_range *v =
		    vs_arena_calloc(p->arena, cap, sizeof(*v));

		if (v == NULL)
			return vs_rx_no_memory(p);
		for (k = 0; k < b->n; k++)
			v[k] = b->v[k];
		b->v = v;
		b->cap = cap;
	}
	if (i == j) {
		for (k = b->n++; k > i; k--)
			b->v[k] = b->v[k - 1];
	} else {
		for (k = i + 1; j < b->n; k++, j++)
			b->v[k] = b->v[j];
		b->n = k;
	}
	b->v[i] = (struct vs_rx_range){lo, hi};
	return true;
}

static bool
is_letter(uint32_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void
fold(uint64_t ascii[2])
{
	for (uint32_t c = 'A'; c <= 'z'; c++) {
		if (is_letter(c) && get_bit(ascii, c))
			set_bit(ascii, c ^ 0x20);
	}
}

/* A range as written, under the flags that hold. */
static bool
add(struct vs_rx_parser *p, struct builder *b, size_t at, uint32_t lo,
    uint32_t hi)
{
	bool folds = (p->flags & VS_RX_FOLD) != 0;
	uint64_t bits[2] = {0};

	if (folds && hi > 0x7f)
		return vs_rx_bad(p, at, "only ASCII under the flag i");
	for (uint32_t c = lo; c <= hi && c < 0x80; c++)
		set_bit(bits, c);
	if (folds)
		fold(bits);
	b->ascii[0] |= bits[0];
	b->ascii[1] |= bits[1];
	if (hi < 0x80)
		return true;
	return add_range(p, b, lo < 0x80 ? 0x80 : lo, hi);
}

/* ASCII bits of a named class; may be inverted, then with all the rest. */
static bool
add_named(struct vs_rx_parser *p, struct builder *b, const uint64_t named[2],
    bool invert)
{
	uint64_t bits[2] = {named[0], named[1]};

	if ((p->flags & VS_RX_FOLD) != 0)
		fold(bits);
	b->ascii[0] |= invert ? ~bits[0] : bits[0];
	b->ascii[1] |= invert ? ~bits[1] : bits[1];
	return !invert || add_range(p, b, 0x80, CP_MAX);
}

static struct vs_rx_node *
finish(struct vs_rx_parser *p, struct builder *b, bool invert)
{
	struct vs_rx_class *c = vs_arena_alloc(p->arena, sizeof(*c));
	struct vs_rx_node *n = vs_rx_node(p, VS_RX_CLASS, 1);
	struct builder other = {{~b->ascii[0], ~b->ascii[1]}, NULL, 0, 0};
	uint32_t from = 0x80;

	if (c == NULL || n == NULL) {
		(void)vs_rx_no_memory(p);
		return NULL;
	}
	for (size_t i = 0; invert && i < b->n; i++) {
		if (b->v[i].lo > from &&
		    !add_range(p, &other, from, b->v[i].lo - 1))
			return NULL;
		from = b->v[i].hi + 1;
	}
	if (invert && from <= CP_MAX && !add_range(p, &other, from, CP_MAX))
		return NULL;
	b = invert ? &other : b;
	*c = (struct vs_rx_class){{b->ascii[0], b->ascii[1]}, b->v, b->n};
	n->set = c;
	return n;
}

/* Each name, and its ASCII characters as pairs of bounds. */
static const struct named {
	const char *name;
	const char *pairs;
	bool nul; /* and NUL, which no C string holds */
} posix[] = {
    {"alnum", "09AZaz", false},
    {"alpha", "AZaz", false},
    {"ascii", "\x01\x7f", true},
    {"blank", "\t\t  ", false},
    {"cntrl", "\x01\x1f\x7f\x7f", true},
    {"digit", "09", false},
    {"graph", "!~", false},
    {"lower", "az", false},
    {"print", " ~", false},
    {"punct", "!/:@[`{~", false},
    {"space", "\t\r  ", false},
    {"upper", "AZ", false},
    {"word", "09AZaz__", false},
    {"xdigit", "09AFaf", false},
};

/* \s has no vertical tab, [:space:] has one. */
static const struct named perl[] = {
    {"d", "09", false},
    {"w", "09AZaz__", false},
    {"s", "\t\n\f\r  ", false},
};

static void
bits_of(const struct named *n, uint64_t bits[2])
{
	bits[0] = n->nul ? 1 : 0;
	bits[1] = 0;
	for (const char *s = n->pairs; s[0] != '\0'; s += 2) {
		for (uint32_t c = (uint8_t)s[0]; c <= (uint8_t)s[1]; c++)
			set_bit(bits, c);
	}
}

static const struct named *
find_perl(uint8_t letter)
{
	for (size_t i = 0; i < VS_COUNT(perl); i++) {
		if ((letter | 0x20) == perl[i].name[0])
			return &perl[i];
	}
	return NULL;
}

bool
vs_rx_is_perl(uint8_t letter)
{
	return is_letter(letter) && find_perl(letter) != NULL;
}

/* \D is \d inverted. */
static bool
add_perl(struct vs_rx_parser *p, struct builder *b, uint8_t letter)
{
	const struct named *n = find_perl(letter);
	uint64_t bits[2];

	VS_ASSERT(n != NULL);
	bits_of(n, bits);
	return add_named(p, b, bits, (letter & 0x20) == 0);
}

struct vs_rx_node *
vs_rx_perl(struct vs_rx_parser *p, uint8_t letter)
{
	struct builder b = {{0}, NULL, 0, 0};

	return add_perl(p, &b, letter) ? finish(p, &b, false) : NULL;
}

/* At "[:". False with p->st still VS_OK when this is no named class. */
static bool
add_posix(struct vs_rx_parser *p, struct builder *b)
{
	struct vs_span rest = vs_span_slice(p->text, p->at + 2, p->text.n);
	bool invert = rest.n > 0 && rest.p[0] == '^';
	struct vs_span name = vs_span_slice(rest, invert, rest.n);
	size_t n = 0;
	uint64_t bits[2];

	while (n + 1 < name.n && (name.p[n] != ':' || name.p[n + 1] != ']'))
		n++;
	if (n + 1 >= name.n)
		return false;
	name.n = n;
	for (size_t i = 0; i < VS_COUNT(posix); i++) {
		if (!vs_span_is(name, posix[i].name))
			continue;
		p->at += 2 + (size_t)invert + n + 2;
		bits_of(&posix[i], bits);
		return add_named(p, b, bits, invert);
	}
	return vs_rx_bad(p, p->at, "no such class of characters");
}

/* One end of a range. */
static bool
take_end(struct vs_rx_parser *p, uint32_t *cp)
{
	size_t at = p->at;

	if (vs_rx_done(p))
		return vs_rx_bad(p, at, "a set [..] that does not end");
	if (vs_rx_eat(p, '\\'))
		return vs_rx_escape(p, at, cp);
	*cp = vs_rx_take(p);
	return true;
}

static bool
add_item(struct vs_rx_parser *p, struct builder *b)
{
	size_t at = p->at;
	uint32_t lo = 0, hi;

	if (vs_rx_peek(p, 0) == '[' && vs_rx_peek(p, 1) == ':') {
		if (add_posix(p, b))
			return true;
		if (p->st != VS_OK)
			return false;
	}
	if (vs_rx_peek(p, 0) == '\\' && vs_rx_is_perl(vs_rx_peek(p, 1))) {
		p->at += 2;
		return add_perl(p, b, p->text.p[p->at - 1]);
	}
	if (!take_end(p, &lo))
		return false;
	hi = lo;
	if (vs_rx_peek(p, 0) == '-' && p->at + 1 < p->text.n &&
	    vs_rx_peek(p, 1) != ']') {
		p->at++;
		if (!take_end(p, &hi))
			return false;
	}
	if (hi < lo)
		return vs_rx_bad(p, at, "the range runs backwards");
	return add(p, b, at, lo, hi);
}

struct vs_rx_node *
vs_rx_bracket(struct vs_rx_parser *p, size_t at)
{
	struct builder b = {{0}, NULL, 0, 0};
	bool invert = vs_rx_eat(p, '^');

	for (bool first = true; first || vs_rx_peek(p, 0) != ']';
	     first = false) {
		if (vs_rx_done(p)) {
			vs_rx_bad(p, at, "a set [..] that does not end");
			return NULL;
		}
		if (!add_item(p, &b))
			return NULL;
	}
	p->at++;
	return finish(p, &b, invert);
}

struct vs_rx_node *
vs_rx_literal(struct vs_rx_parser *p, size_t at, uint32_t cp)
{
	struct builder b = {{0}, NULL, 0, 0};
	struct vs_rx_node *n;

	if ((p->flags & VS_RX_FOLD) != 0 && (cp > 0x7f || is_letter(cp)))
		return add(p, &b, at, cp, cp) ? finish(p, &b, false) : NULL;
	n = vs_rx_node(p, VS_RX_CHAR, 1);
	if (n != NULL)
		n->a = cp;
	return n;
}
