/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser, the compiler and the matcher of patterns share. */
#ifndef VS_POLICY_REGEX_PROG_H
#define VS_POLICY_REGEX_PROG_H

#include "policy/regex.h"

typedef enum vs_rx_op {
	VS_RX_MATCH,
	VS_RX_CHAR,     /* a: code point */
	VS_RX_CLASS,    /* set */
	VS_RX_ANY,      /* any code point */
	VS_RX_NOT_LF,   /* any but a line feed */
	VS_RX_SPLIT,    /* goes on at a and at b */
	VS_RX_JMP,      /* a */
	VS_RX_BEGIN,    /* of the text */
	VS_RX_END,      /* of the text */
	VS_RX_BOL,      /* of a line */
	VS_RX_EOL,      /* of a line */
	VS_RX_WORD,     /* between a word character and none */
	VS_RX_NOT_WORD, /* anywhere else */
	/* Only in the tree. */
	VS_RX_CAT,    /* kids in order; also the empty pattern */
	VS_RX_ALT,    /* one of the kids */
	VS_RX_REPEAT, /* kid, min to max times */
} vs_rx_op;

struct vs_rx_range {
	uint32_t lo, hi;
};

/* Code points: ASCII as bits, the others as sorted, disjoint ranges. */
struct vs_rx_class {
	uint64_t ascii[2];
	const struct vs_rx_range *v;
	size_t n;
};

struct vs_rx_inst {
	uint8_t op;
	uint32_t a, b;
	const struct vs_rx_class *set;
};

struct vs_regex {
	const struct vs_rx_inst *prog;
	size_t n;
	unsigned anchors;
	bool from_begin; /* every match begins where the text does */
};

enum { VS_RX_FOREVER = -1 };

struct vs_rx_node {
	uint8_t op;
	uint32_t a; /* CHAR */
	const struct vs_rx_class *set;
	int min, max; /* REPEAT */
	size_t size;  /* instructions; 0 only of what matches emptiness */
	struct vs_rx_node *kid, *last; /* first and last */
	struct vs_rx_node *next;       /* sibling */
};

enum { /* flags of a group */
	VS_RX_FOLD = 1,
	VS_RX_LINES = 2,
	VS_RX_DOT_ALL = 4,
	VS_RX_SWAP = 8, /* greedy and lazy: no difference to a yes or no */
};

struct vs_rx_parser {
	struct vs_span text;
	size_t at;
	unsigned flags;
	unsigned depth;
	struct vs_arena *arena;
	struct vs_rx_name *names; /* of groups, so far */
	unsigned anchors;
	vs_status st;
	size_t err_at;
	const char *why;
};

/* All return false, or NULL, with p->st, err_at and why set. */
bool vs_rx_bad(struct vs_rx_parser *p, size_t at, const char *why);
bool vs_rx_no_memory(struct vs_rx_parser *p);
struct vs_rx_node *vs_rx_parse(struct vs_rx_parser *p);
struct vs_rx_node *vs_rx_node(struct vs_rx_parser *p, vs_rx_op op, size_t size);

/* regex_class.c. Behind the '['; at is where that stands. */
struct vs_rx_node *vs_rx_bracket(struct vs_rx_parser *p, size_t at);
/* \d and the like: whether letter names a class. */
bool vs_rx_is_perl(uint8_t letter);
struct vs_rx_node *vs_rx_perl(struct vs_rx_parser *p, uint8_t letter);
/* One code point as it is, or either case of it. */
struct vs_rx_node *vs_rx_literal(
    struct vs_rx_parser *p, size_t at, uint32_t cp);
bool vs_rx_class_has(const struct vs_rx_class *c, uint32_t cp);

/* regex_escape.c. Behind a backslash that stands at `at`: the code point. */
bool vs_rx_escape(struct vs_rx_parser *p, size_t at, uint32_t *cp);

/* regex_group.c. Behind the "(?" of a group: its name, or flags. *closed: it
 * was "(?i)", which ends here. */
bool vs_rx_group(struct vs_rx_parser *p, size_t at, bool *closed);

/* Reading. */
static inline bool
vs_rx_done(const struct vs_rx_parser *p)
{
	return p->at >= p->text.n;
}

/* The octet ahead; 0 at the end (a NUL is no syntax either). */
static inline uint8_t
vs_rx_peek(const struct vs_rx_parser *p, size_t ahead)
{
	return ahead < p->text.n - p->at ? p->text.p[p->at + ahead] : 0;
}

static inline bool
vs_rx_eat(struct vs_rx_parser *p, char c)
{
	if (vs_rx_done(p) || p->text.p[p->at] != (uint8_t)c)
		return false;
	p->at++;
	return true;
}

/* The code point ahead; not at the end. */
uint32_t vs_rx_take(struct vs_rx_parser *p);

#endif
