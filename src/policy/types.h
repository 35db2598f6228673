/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of the checker: kinds of values, dyn, and variables that unification
 * binds. Written in signatures as one letter each: those of VS_KIND_TABLE,
 * '.' dyn, LX list of X, MXY map of X to Y, TX the type X, A B variables.
 */
#ifndef VS_POLICY_TYPES_H
#define VS_POLICY_TYPES_H

#include "base/arena.h"
#include "policy/value.h"

/* Beyond vs_kind. */
enum {
	VS_TYPE_DYN = VS_KIND_COUNT,
	VS_TYPE_VAR,
};

struct vs_cel_record;

struct vs_cel_type {
	uint8_t kind;
	struct vs_cel_type *a, *b;          /* element; key and value */
	struct vs_cel_type *bound;          /* of a VAR */
	struct vs_cel_type *undo;           /* VARs bound since, newest first */
	const struct vs_cel_record *record; /* of a RECORD; no letter */
};

struct vs_types {
	struct vs_arena *arena;
	struct vs_cel_type *trail; /* bound variables, newest first */
	bool no_memory;
};

/* Never NULL: without memory it is dyn and t->no_memory is set. */
struct vs_cel_type *vs_type_of_kind(unsigned kind);
struct vs_cel_type *vs_type_new(struct vs_types *t, unsigned kind,
    struct vs_cel_type *a, struct vs_cel_type *b);
struct vs_cel_type *vs_type_fresh(struct vs_types *t);
struct vs_cel_type *vs_type_record(
    struct vs_types *t, const struct vs_cel_record *r);
/* Follows bound variables at the top. */
struct vs_cel_type *vs_type_find(struct vs_cel_type *t);
/* With every bound variable replaced and every free one made dyn. */
struct vs_cel_type *vs_type_final(struct vs_types *t, struct vs_cel_type *ty);
/* dyn anywhere inside. Of a final type. */
bool vs_type_has_dyn(const struct vs_cel_type *t);
/* A record anywhere inside. */
bool vs_type_has_record(const struct vs_cel_type *t);

/*
 * Whether a value of type `from` may stand where `to` is wanted; binds
 * variables on success only.
 */
bool vs_type_assignable(
    struct vs_types *t, struct vs_cel_type *from, struct vs_cel_type *to);
/* Takes back every binding since t->trail was mark. */
void vs_type_undo(struct vs_types *t, struct vs_cel_type *mark);
/* The type of a list that holds both; dyn when they do not go together. */
struct vs_cel_type *vs_type_join(
    struct vs_types *t, struct vs_cel_type *a, struct vs_cel_type *b);

/* Reads one type of a signature and moves on. A and B become vars[0..1]. */
struct vs_cel_type *vs_type_read(
    struct vs_types *t, const char **sig, struct vs_cel_type *vars[2]);

/* "list(string)" into out. */
enum { VS_TYPE_TEXT_MAX = 96 };
void vs_type_text(const struct vs_cel_type *t, char out[VS_TYPE_TEXT_MAX]);

#endif
