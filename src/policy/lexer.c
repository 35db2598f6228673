/* SPDX-License-Identifier: Apache-2.0 */
/* Text to tokens; string literals are in literal.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policy/lexer.h"

const char *
vs_token_text(vs_token_kind k)
{
	static const char *const texts[] = {
#define X(sym, text) [sym] = (text),
	    VS_TOKEN_TABLE(X)
#undef X
	};

	return texts[k];
}

/* 0 past the end: no token holds a NUL, so it ends every scan. */
static uint8_t
peek(const struct vs_lexer *l, size_t ahead)
{
	return l->text.n - l->at > ahead ? l->text.p[l->at + ahead] : 0;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
skip_blank(struct vs_lexer *l)
{
	for (;; l->at++) {
		uint8_t c = peek(l, 0);

		if (c == '/' && peek(l, 1) == '/') {
			if (l->no_comments)
				return vs_cel_fault(l->fault, "E_SCHEMA", l->at,
				    "a comment needs a literal block (|): "
				    "other scalars join lines");
			while (l->at < l->text.n && l->text.p[l->at] != '\n')
				l->at++;
			c = peek(l, 0);
		}
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r' &&
		    c != '\f')
			return true;
	}
}

static vs_token_kind
word_kind(struct vs_span w)
{
	static const struct {
		const char *word;
		vs_token_kind kind;
	} words[] = {{"true", VS_TOK_TRUE}, {"false", VS_TOK_FALSE},
	    {"null", VS_TOK_NULL}, {"in", VS_TOK_IN}};
	static const char *const reserved[] = {"as", "break", "const",
	    "continue", "else", "for", "function", "if", "import", "let",
	    "loop", "package", "namespace", "return", "var", "void", "while"};

	for (size_t i = 0; i < VS_COUNT(words); i++) {
		if (vs_span_is(w, words[i].word))
			return words[i].kind;
	}
	for (size_t i = 0; i < VS_COUNT(reserved); i++) {
		if (vs_span_is(w, reserved[i]))
			return VS_TOK_RESERVED;
	}
	return VS_TOK_IDENT;
}

static bool
lex_word(struct vs_lexer *l, struct vs_token *t)
{
	while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)))
		l->at++;
	t->text = vs_span_slice(l->text, t->pos, l->at - t->pos);
	t->kind = word_kind(t->text);
	if (t->text.n > VS_CEL_IDENT_MAX)
		return vs_cel_fault(l->fault, "E_LIMIT", t->pos,
		    "a name longer than %d bytes", VS_CEL_IDENT_MAX);
	return true;
}

static bool
lex_quoted(struct vs_lexer *l, struct vs_token *t)
{
	size_t begin = ++l->at;

	while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)) ||
	    (peek(l, 0) != 0 && strchr(".-/ ", peek(l, 0)) != NULL))
		l->at++;
	if (peek(l, 0) != '`' || l->at == begin)
		return vs_cel_fault(l->fault, "E_PARSE", t->pos,
		    "a quoted name holds letters, digits and _ . - / only");
	if (l->at - begin > VS_CEL_IDENT_MAX)
		return vs_cel_fault(l->fault, "E_LIMIT", t->pos,
		    "a name longer than %d bytes", VS_CEL_IDENT_MAX);
	t->kind = VS_TOK_QUOTED;
	t->text = vs_span_slice(l->text, begin, l->at - begin);
	l->at++;
	return true;
}

static bool
too_big(struct vs_lexer *l, const struct vs_token *t)
{
	return vs_cel_fault(
	    l->fault, "E_PARSE", t->pos, "the number is out of range");
}

/* Digits of base 10 or 16 from `from` to l->at. */
static bool
number_value(struct vs_lexer *l, struct vs_token *t, size_t from, unsigned base)
{
	uint64_t v = 0;

	for (size_t i = from; i < l->at; i++) {
		uint8_t c = l->text.p[i];
		unsigned digit = is_digit(c) ? c - (unsigned)'0'
		    : c >= 'a'               ? c - (unsigned)'a' + 10
					     : c - (unsigned)'A' + 10;

		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return too_big(l, t);
	}
	t->num = v;
	t->kind = VS_TOK_INT;
	if (peek(l, 0) == 'u' || peek(l, 0) == 'U') {
		t->kind = VS_TOK_UINT;
		l->at++;
	} else if (v > (uint64_t)INT64_MAX + 1) {
		return too_big(l, t);
	}
	return true;
}

static bool
real_value(struct vs_lexer *l, struct vs_token *t)
{
	/* More digits change nothing that a policy could mean. */
	char buf[512];
	size_t n = l->at - t->pos;

	if (n >= sizeof(buf))
		return vs_cel_fault(l->fault, "E_LIMIT", t->pos,
		    "a number longer than %zu digits", sizeof(buf) - 1);
	memcpy(buf, l->text.p + t->pos, n);
	buf[n] = '\0';
	t->real = strtod(buf, NULL);
	t->kind = VS_TOK_DOUBLE;
	if (!isfinite(t->real))
		return too_big(l, t);
	return true;
}

static void
skip_digits(struct vs_lexer *l)
{
	while (is_digit(peek(l, 0)))
		l->at++;
}

/* After a number no letter or digit may follow at once: 1x is no number. */
static bool
number_ends(struct vs_lexer *l, const struct vs_token *t)
{
	if (is_letter(peek(l, 0)) || is_digit(peek(l, 0)))
		return vs_cel_fault(
		    l->fault, "E_PARSE", t->pos, "not a number");
	return true;
}

static bool
lex_number(struct vs_lexer *l, struct vs_token *t)
{
	bool real = false;

	if (peek(l, 0) == '0' && peek(l, 1) == 'x' && is_hex(peek(l, 2))) {
		l->at += 2;
		while (is_hex(peek(l, 0)))
			l->at++;
		return number_value(l, t, t->pos + 2, 16) && number_ends(l, t);
	}
	skip_digits(l);
	if (peek(l, 0) == '.' && is_digit(peek(l, 1))) {
		real = true;
		l->at++;
		skip_digits(l);
	}
	if (peek(l, 0) == 'e' || peek(l, 0) == 'E') {
		size_t sign = peek(l, 1) == '+' || peek(l, 1) == '-';

		if (is_digit(peek(l, 1 + sign))) {
			real = true;
			l->at += 1 + sign;
			skip_digits(l);
		}
	}
	return (real ? real_value(l, t) : number_value(l, t, t->pos, 10)) &&
	    number_ends(l, t);
}

static bool
lex_mark(struct vs_lexer *l, struct vs_token *t)
{
	static const struct {
		char text[3];
		vs_token_kind kind;
	} marks[] = {{"<=", VS_TOK_LE}, {">=", VS_TOK_GE}, {"==", VS_TOK_EQ},
	    {"!=", VS_TOK_NE}, {"&&", VS_TOK_AND}, {"||", VS_TOK_OR},
	    {"(", VS_TOK_LPAREN}, {")", VS_TOK_RPAREN}, {"[", VS_TOK_LBRACKET},
	    {"]", VS_TOK_RBRACKET}, {"{", VS_TOK_LBRACE}, {"}", VS_TOK_RBRACE},
	    {".", VS_TOK_DOT}, {",", VS_TOK_COMMA}, {":", VS_TOK_COLON},
	    {"?", VS_TOK_QUESTION}, {"+", VS_TOK_PLUS}, {"-", VS_TOK_MINUS},
	    {"*", VS_TOK_STAR}, {"/", VS_TOK_SLASH}, {"%", VS_TOK_PERCENT},
	    {"!", VS_TOK_BANG}, {"<", VS_TOK_LT}, {">", VS_TOK_GT}};

	for (size_t i = 0; i < VS_COUNT(marks); i++) {
		if (!vs_span_starts(vs_span_slice(l->text, l->at, 2),
			vs_span_cstr(marks[i].text)))
			continue;
		t->kind = marks[i].kind;
		l->at += strlen(marks[i].text);
		return true;
	}
	uint8_t c = peek(l, 0);
	if (c == '=')
		return vs_cel_fault(l->fault, "E_PARSE", t->pos,
		    "'=' is no operator; compare with ==");
	if (c == '&' || c == '|')
		return vs_cel_fault(l->fault, "E_PARSE", t->pos,
		    "'%c' is no operator; use %c%c", c, c, c);
	if (c == '#')
		return vs_cel_fault(l->fault, "E_PARSE", t->pos,
		    "'#' begins no comment here; use //");
	if (c > ' ' && c < 0x7f)
		return vs_cel_fault(
		    l->fault, "E_PARSE", t->pos, "unexpected '%c'", c);
	return vs_cel_fault(
	    l->fault, "E_PARSE", t->pos, "unexpected byte 0x%02x", c);
}

/* r'..', b'..', br'..' in any case of the letters. */
static bool
string_prefix(const struct vs_lexer *l, bool *raw, bool *bytes, size_t *len)
{
	size_t n = 0;

	*bytes = peek(l, n) == 'b' || peek(l, n) == 'B';
	n += *bytes;
	*raw = peek(l, n) == 'r' || peek(l, n) == 'R';
	n += *raw;
	*len = n;
	return peek(l, n) == '"' || peek(l, n) == '\'';
}

bool
vs_lexer_next(struct vs_lexer *l, struct vs_token *out)
{
	bool raw, bytes, ok;
	size_t len;

	if (!skip_blank(l))
		return false;
	struct vs_token t = {.kind = VS_TOK_END, .pos = l->at};
	uint8_t c = peek(l, 0);
	if (l->at == l->text.n) {
		ok = true;
	} else if (string_prefix(l, &raw, &bytes, &len)) {
		l->at += len;
		ok = vs_lexer_string(l, raw, bytes, &t);
	} else if (is_letter(c)) {
		ok = lex_word(l, &t);
	} else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
		ok = lex_number(l, &t);
	} else if (c == '`') {
		ok = lex_quoted(l, &t);
	} else {
		ok = lex_mark(l, &t);
	}
	if (!ok)
		return false;
	t.end = l->at;
	*out = t;
	return true;
}
