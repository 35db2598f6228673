/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree. The parser builds it, the resolver turns names into what
 * they mean, the checker puts a type on each node, and the evaluator walks
 * it. Lives in an arena; immutable once loaded.
 */
#ifndef VS_POLICY_AST_H
#define VS_POLICY_AST_H

#include "base/arena.h"
#include "policy/value.h"

struct vs_cel_type;
struct vs_cel_fn;
struct vs_regex;

/* X(symbol, operator as it is written or NULL). From ADD on the operators
 * have two operands, from ALL on they are comprehensions. */
#define VS_OP_TABLE(X)                                                         \
	X(VS_OP_LIT, NULL)     /* val */                                       \
	X(VS_OP_IDENT, NULL)   /* name; before the resolver */                 \
	X(VS_OP_UNBOUND, NULL) /* name; nothing is called so */                \
	X(VS_OP_VAR, NULL)     /* id: slot of vs_cel_run.vars */               \
	X(VS_OP_LOCAL, NULL)   /* id: slot of vs_cel_run.local */              \
	X(VS_OP_BOUND, NULL)   /* id: slot of a cel.bind */                    \
	X(VS_OP_LET, NULL)     /* id: number of the let */                     \
	X(VS_OP_NOW, NULL)                                                     \
	X(VS_OP_LISTED, NULL)     /* id: number of the declared list */        \
	X(VS_OP_GPUS, NULL)       /* the list of GPUs */                       \
	X(VS_OP_CLAIM, NULL)      /* id: vs_claim_id */                        \
	X(VS_OP_RECORD, NULL)     /* name: path of a record of claims */       \
	X(VS_OP_SELECT, NULL)     /* kid[0] . name */                          \
	X(VS_OP_HAS, NULL)        /* has(kid[0].name) */                       \
	X(VS_OP_HAS_CLAIM, NULL)  /* id */                                     \
	X(VS_OP_HAS_RECORD, NULL) /* name: path */                             \
	X(VS_OP_INDEX, "_[_]")                                                 \
	X(VS_OP_CALL, NULL) /* name(kids), or kid[0].name(kids) */             \
	X(VS_OP_LIST, NULL)                                                    \
	X(VS_OP_MAP, NULL)  /* kids: key, value, key, ... */                   \
	X(VS_OP_BIND, NULL) /* cel.bind(name, kid[0], kid[1]); id: slot */     \
	X(VS_OP_COND, "_?_:_")                                                 \
	X(VS_OP_AND, "&&") /* two or more kids */                              \
	X(VS_OP_OR, "||")                                                      \
	X(VS_OP_NOT, "!")                                                      \
	X(VS_OP_NEG, "-_")                                                     \
	X(VS_OP_ADD, "+")                                                      \
	X(VS_OP_SUB, "-")                                                      \
	X(VS_OP_MUL, "*")                                                      \
	X(VS_OP_DIV, "/")                                                      \
	X(VS_OP_MOD, "%")                                                      \
	X(VS_OP_EQ, "==")                                                      \
	X(VS_OP_NE, "!=")                                                      \
	X(VS_OP_LT, "<")                                                       \
	X(VS_OP_LE, "<=")                                                      \
	X(VS_OP_GT, ">")                                                       \
	X(VS_OP_GE, ">=")                                                      \
	X(VS_OP_IN, "in")                                                      \
	/* name: variable; id: its slot. Where name2 is set there are two, the \
	 * index or key and the element or value; id + 1: slot of name2.       \
	 * kid[0]: range, kid[1]: predicate. */                                \
	X(VS_OP_ALL, NULL)                                                     \
	X(VS_OP_EXISTS, NULL)                                                  \
	X(VS_OP_ONE, NULL)                                                     \
	X(VS_OP_FILTER, NULL)                                                  \
	/* map(), transformList(): kid[1] or NULL, then kid[2]. */             \
	X(VS_OP_TRANSFORM, NULL)                                               \
	X(VS_OP_TRANSFORM_MAP, NULL)                                           \
	X(VS_OP_TRANSFORM_ENTRY, NULL)

typedef enum vs_op {
#define X(sym, text) sym,
	VS_OP_TABLE(X)
#undef X
} vs_op;

/* Deeper trees and larger ones are refused: the evaluator recurses. */
enum { VS_CEL_DEPTH_MAX = 250, VS_CEL_NODES_MAX = 10000 };

struct vs_cel_node {
	uint8_t op;     /* vs_op */
	bool member;    /* CALL: kid[0].name(); IDENT: `.name` (leading dot) */
	uint16_t depth; /* of the tree below, itself included */
	uint32_t pos;   /* octets of the source text */
	uint32_t end;
	uint32_t n;  /* kids */
	uint32_t id; /* SELECT, HAS of a record: number of the field */
	struct vs_cel_node **kid;
	struct vs_span name;
	struct vs_span name2; /* of a comprehension over two variables */
	struct vs_val val;
	const struct vs_cel_fn *fn;   /* CALL: first of its overloads */
	const struct vs_regex *regex; /* of matches(), once checked */
	/* IN, once folded: the strings of a constant kid[1] in order, or NULL;
	 * see members.h. */
	const struct vs_val *sorted;
	struct vs_cel_type *type; /* once checked */
};

/* Why an expression was refused. */
struct vs_cel_fault {
	const char *code; /* "E_PARSE", ...; NULL: none */
	uint32_t pos;
	char msg[192];
};

/* Keeps the first fault. Returns false, for the tail of a parser. */
bool vs_cel_fault(struct vs_cel_fault *f, const char *code, size_t pos,
    const char *fmt, ...) VS_PRINTF(4, 5);

/* "==" of VS_OP_EQ; "expression" for what is no operator. */
const char *vs_op_text(vs_op op);

/* Written "a.b.c" when node is a chain of names, else false. first: whether
 * it begins with a dot. */
bool vs_cel_dotted(const struct vs_cel_node *node, struct vs_arena *a,
    struct vs_span *out, bool *first);

#endif
