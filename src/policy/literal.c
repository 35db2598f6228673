/* SPDX-License-Identifier: Apache-2.0 */
/* String and bytes literals: quotes, escapes, raw forms. */
#include <string.h>

#include "policy/lexer.h"
#include "policy/utf8.h"

struct literal {
	struct vs_lexer *l;
	bool raw, bytes;
	uint8_t quote;
	size_t quotes; /* 1 or 3 */
	uint8_t *out;
	size_t n;
};

static bool
bad(const struct literal *s, const char *what)
{
	return vs_cel_fault(s->l->fault, "E_PARSE", s->l->at, "%s", what);
}

static uint8_t
at(const struct literal *s, size_t ahead)
{
	const struct vs_lexer *l = s->l;

	return l->text.n - l->at > ahead ? l->text.p[l->at + ahead] : 0;
}

static void
put(struct literal *s, uint8_t c)
{
	s->out[s->n++] = c;
}

static bool
put_code_point(struct literal *s, uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return bad(s, "not a Unicode character");
	s->n += vs_utf8_put(cp, s->out + s->n);
	return true;
}

static int
digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* n digits after the backslash and `skip` letters; moves past them. */
static bool
number_escape(struct literal *s, size_t skip, size_t n, int base)
{
	bool unicode = n == 4 || n == 8;
	uint32_t v = 0;

	if (s->bytes && unicode)
		return bad(s, "\\u and \\U have no place in bytes");
	for (size_t i = 0; i < n; i++) {
		int d = digit_of(at(s, 1 + skip + i));

		if (d >= base)
			return bad(s, "an escape with too few digits");
		v = v * (uint32_t)base + (uint32_t)d;
	}
	if (base == 8 && v > 255)
		return bad(s, "an octal escape above \\377");
	if (s->bytes)
		put(s, (uint8_t)v);
	else if (!put_code_point(s, v))
		return false;
	s->l->at += 1 + skip + n;
	return true;
}

static bool
escape(struct literal *s)
{
	static const char from[] = "\\?\"'`abfnrtv";
	static const char to[] = "\\?\"'`\a\b\f\n\r\t\v";
	uint8_t c = at(s, 1);
	const char *hit = c != 0 ? strchr(from, c) : NULL;

	if (hit != NULL) {
		put(s, (uint8_t)to[hit - from]);
		s->l->at += 2;
		return true;
	}
	if (c == 'x' || c == 'X')
		return number_escape(s, 1, 2, 16);
	if (c == 'u')
		return number_escape(s, 1, 4, 16);
	if (c == 'U')
		return number_escape(s, 1, 8, 16);
	if (c >= '0' && c <= '3')
		return number_escape(s, 0, 3, 8);
	return bad(s, "not an escape");
}

static bool
closes(const struct literal *s)
{
	for (size_t i = 0; i < s->quotes; i++) {
		if (at(s, i) != s->quote)
			return false;
	}
	return true;
}

/* Octets of source before the closing quotes: enough room for the value, as
 * no escape yields more octets than it is long. */
static bool
extent(struct literal *s, size_t pos, size_t *out)
{
	struct vs_lexer *l = s->l;
	size_t begin = l->at;

	for (; !closes(s); l->at++) {
		uint8_t c = at(s, 0);

		if (c == '\\' && !s->raw)
			l->at++;
		if (l->at >= l->text.n)
			return vs_cel_fault(l->fault, "E_PARSE", pos,
			    "a string that does not end");
		c = at(s, 0);
		if (s->quotes == 1 && (c == '\n' || c == '\r'))
			return vs_cel_fault(l->fault, "E_PARSE", pos,
			    "a string that does not end on its line");
	}
	*out = l->at - begin;
	l->at = begin;
	return true;
}

static bool
body(struct literal *s)
{
	struct vs_lexer *l = s->l;

	while (!closes(s)) {
		uint8_t c = l->text.p[l->at];

		if (s->n > VS_CEL_LITERAL_MAX)
			return vs_cel_fault(l->fault, "E_LIMIT", l->at,
			    "a literal longer than %d bytes",
			    VS_CEL_LITERAL_MAX);
		if (c == '\\' && !s->raw) {
			if (!escape(s))
				return false;
		} else {
			put(s, c);
			l->at++;
		}
	}
	l->at += s->quotes;
	return true;
}

bool
vs_lexer_string(struct vs_lexer *l, bool raw, bool bytes, struct vs_token *t)
{
	struct literal s = {.l = l, .raw = raw, .bytes = bytes, .quotes = 1};
	size_t room;

	s.quote = at(&s, 0);
	if (at(&s, 1) == s.quote && at(&s, 2) == s.quote)
		s.quotes = 3;
	l->at += s.quotes;
	if (!extent(&s, t->pos, &room))
		return false;
	s.out = vs_arena_alloc(l->arena, room + 1);
	if (s.out == NULL)
		return vs_cel_fault(
		    l->fault, "E_LIMIT", t->pos, "out of memory");
	if (!body(&s))
		return false;
	t->kind = bytes ? VS_TOK_BYTES : VS_TOK_STRING;
	t->text = VS_SPAN(s.out, s.n);
	return true;
}
