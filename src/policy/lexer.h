/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of the expression language. */
#ifndef VS_POLICY_LEXER_H
#define VS_POLICY_LEXER_H

#include "policy/ast.h"

/* X(symbol, text as in a message). */
#define VS_TOKEN_TABLE(X)                                                      \
	X(VS_TOK_END, "the end")                                               \
	X(VS_TOK_IDENT, "a name")                                              \
	X(VS_TOK_RESERVED, "a reserved word")                                  \
	X(VS_TOK_QUOTED, "a quoted name")                                      \
	X(VS_TOK_INT, "a number")                                              \
	X(VS_TOK_UINT, "a number")                                             \
	X(VS_TOK_DOUBLE, "a number")                                           \
	X(VS_TOK_STRING, "a string")                                           \
	X(VS_TOK_BYTES, "bytes")                                               \
	X(VS_TOK_TRUE, "'true'")                                               \
	X(VS_TOK_FALSE, "'false'")                                             \
	X(VS_TOK_NULL, "'null'")                                               \
	X(VS_TOK_IN, "'in'")                                                   \
	X(VS_TOK_LPAREN, "'('")                                                \
	X(VS_TOK_RPAREN, "')'")                                                \
	X(VS_TOK_LBRACKET, "'['")                                              \
	X(VS_TOK_RBRACKET, "']'")                                              \
	X(VS_TOK_LBRACE, "'{'")                                                \
	X(VS_TOK_RBRACE, "'}'")                                                \
	X(VS_TOK_DOT, "'.'")                                                   \
	X(VS_TOK_COMMA, "','")                                                 \
	X(VS_TOK_COLON, "':'")                                                 \
	X(VS_TOK_QUESTION, "'?'")                                              \
	X(VS_TOK_PLUS, "'+'")                                                  \
	X(VS_TOK_MINUS, "'-'")                                                 \
	X(VS_TOK_STAR, "'*'")                                                  \
	X(VS_TOK_SLASH, "'/'")                                                 \
	X(VS_TOK_PERCENT, "'%'")                                               \
	X(VS_TOK_BANG, "'!'")                                                  \
	X(VS_TOK_LT, "'<'")                                                    \
	X(VS_TOK_LE, "'<='")                                                   \
	X(VS_TOK_GT, "'>'")                                                    \
	X(VS_TOK_GE, "'>='")                                                   \
	X(VS_TOK_EQ, "'=='")                                                   \
	X(VS_TOK_NE, "'!='")                                                   \
	X(VS_TOK_AND, "'&&'")                                                  \
	X(VS_TOK_OR, "'||'")

typedef enum vs_token_kind {
#define X(sym, text) sym,
	VS_TOKEN_TABLE(X)
#undef X
} vs_token_kind;

struct vs_token {
	vs_token_kind kind;
	size_t pos, end;
	struct vs_span text; /* name; decoded string or bytes, in the arena */
	uint64_t num;        /* INT (up to 2^63), UINT */
	double real;
};

enum { VS_CEL_TEXT_MAX = 16 * 1024, VS_CEL_IDENT_MAX = 128 };
enum { VS_CEL_LITERAL_MAX = 8 * 1024 };

struct vs_lexer {
	struct vs_span text;
	size_t at;
	/* A folded or quoted YAML scalar joins lines: a comment would swallow
	 * the next one. */
	bool no_comments;
	struct vs_arena *arena;
	struct vs_cel_fault *fault;
};

const char *vs_token_text(vs_token_kind k);
/* False with the fault set. At the end: VS_TOK_END, again and again. */
bool vs_lexer_next(struct vs_lexer *l, struct vs_token *out);
/* l->at stands on the quote; prefix letters are already eaten. */
bool vs_lexer_string(
    struct vs_lexer *l, bool raw, bool bytes, struct vs_token *t);

#endif
