/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "policy/types.h"

struct vs_cel_type *
vs_type_of_kind(unsigned kind)
{
	/* Types without parts; never written to. */
	static struct vs_cel_type plain[VS_TYPE_VAR] = {
#define X(sym, name, letter) [sym] = {.kind = (sym)},
	    VS_KIND_TABLE(X)
#undef X
		[VS_TYPE_DYN] = {.kind = VS_TYPE_DYN},
	};

	return &plain[kind];
}

struct vs_cel_type *
vs_type_new(struct vs_types *t, unsigned kind, struct vs_cel_type *a,
    struct vs_cel_type *b)
{
	struct vs_cel_type *n = vs_arena_alloc(t->arena, sizeof(*n));

	if (n == NULL) {
		t->no_memory = true;
		return vs_type_of_kind(VS_TYPE_DYN);
	}
	n->kind = (uint8_t)kind;
	n->a = a;
	n->b = b;
	return n;
}

struct vs_cel_type *
vs_type_fresh(struct vs_types *t)
{
	return vs_type_new(t, VS_TYPE_VAR, NULL, NULL);
}

struct vs_cel_type *
vs_type_record(struct vs_types *t, const struct vs_cel_record *r)
{
	struct vs_cel_type *n = vs_type_new(t, VS_KIND_RECORD, NULL, NULL);

	if (!t->no_memory)
		n->record = r;
	return n;
}

struct vs_cel_type *
vs_type_find(struct vs_cel_type *t)
{
	while (t->kind == VS_TYPE_VAR && t->bound != NULL)
		t = t->bound;
	return t;
}

struct vs_cel_type *
vs_type_final(struct vs_types *t, struct vs_cel_type *ty)
{
	ty = vs_type_find(ty);
	if (ty->kind == VS_TYPE_VAR)
		return vs_type_of_kind(VS_TYPE_DYN);
	if (ty->a == NULL)
		return ty;
	return vs_type_new(t, ty->kind, vs_type_final(t, ty->a),
	    ty->b != NULL ? vs_type_final(t, ty->b) : NULL);
}

bool
vs_type_has_dyn(const struct vs_cel_type *t)
{
	return t->kind == VS_TYPE_DYN ||
	    (t->a != NULL && vs_type_has_dyn(t->a)) ||
	    (t->b != NULL && vs_type_has_dyn(t->b));
}

bool
vs_type_has_record(const struct vs_cel_type *t)
{
	return t->kind == VS_KIND_RECORD ||
	    (t->a != NULL && vs_type_has_record(t->a)) ||
	    (t->b != NULL && vs_type_has_record(t->b));
}

static void
bind(struct vs_types *t, struct vs_cel_type *var, struct vs_cel_type *to)
{
	/* A variable that was bound to itself would never be found again. */
	if (var == to)
		return;
	if (var->bound == NULL) {
		var->undo = t->trail;
		t->trail = var;
	}
	var->bound = to;
}

void
vs_type_undo(struct vs_types *t, struct vs_cel_type *mark)
{
	while (t->trail != mark) {
		struct vs_cel_type *var = t->trail;

		t->trail = var->undo;
		var->bound = NULL;
		var->undo = NULL;
	}
}

static bool
occurs(struct vs_cel_type *var, struct vs_cel_type *in)
{
	in = vs_type_find(in);
	return in == var || (in->a != NULL && occurs(var, in->a)) ||
	    (in->b != NULL && occurs(var, in->b));
}

static bool
nullable(unsigned kind)
{
	return kind == VS_KIND_TIMESTAMP || kind == VS_KIND_DURATION ||
	    kind == VS_KIND_IP || kind == VS_KIND_CIDR ||
	    kind == VS_KIND_SEMVER || kind == VS_KIND_RECORD ||
	    kind == VS_KIND_NULL;
}

static bool
unify(struct vs_types *t, struct vs_cel_type *from, struct vs_cel_type *to)
{
	from = vs_type_find(from);
	to = vs_type_find(to);
	if (from == to)
		return true;
	if (to->kind == VS_TYPE_VAR) {
		if (occurs(to, from))
			return false;
		bind(t, to, from);
		return true;
	}
	if (from->kind == VS_TYPE_VAR) {
		if (occurs(from, to))
			return false;
		bind(t, from, to);
		return true;
	}
	if (from->kind == VS_TYPE_DYN || to->kind == VS_TYPE_DYN)
		return true;
	if (from->kind == VS_KIND_NULL)
		return nullable(to->kind);
	if (to->kind == VS_KIND_NULL)
		return nullable(from->kind);
	if (from->kind != to->kind || from->record != to->record)
		return false;
	/* Any two types are values of the type "type". */
	if (from->kind == VS_KIND_TYPE)
		return true;
	return (from->a == NULL || unify(t, from->a, to->a)) &&
	    (from->b == NULL || unify(t, from->b, to->b));
}

static bool
less_specific(struct vs_cel_type *a, struct vs_cel_type *b)
{
	a = vs_type_find(a);
	b = vs_type_find(b);
	if (a->kind == VS_TYPE_DYN || a->kind == VS_TYPE_VAR)
		return true;
	if (b->kind == VS_TYPE_DYN || b->kind == VS_TYPE_VAR)
		return false;
	if (a->kind != b->kind)
		return b->kind == VS_KIND_NULL;
	return (a->a == NULL || b->a == NULL || less_specific(a->a, b->a)) &&
	    (a->b == NULL || b->b == NULL || less_specific(a->b, b->b));
}

static struct vs_cel_type *
most_general(struct vs_cel_type *a, struct vs_cel_type *b)
{
	return less_specific(a, b) ? a : b;
}

/*
 * A variable of the signature that an earlier operand bound is widened when
 * a later one is more general: [1] + [dyn(2)] is a list of dyn.
 */
static bool
assign(struct vs_types *t, struct vs_cel_type *from, struct vs_cel_type *to)
{
	if (to->kind == VS_TYPE_VAR && to->bound != NULL) {
		struct vs_cel_type *had = vs_type_find(to);

		if (!unify(t, from, had))
			return false;
		if (had->kind != VS_TYPE_VAR)
			bind(t, to, most_general(vs_type_find(from), had));
		return true;
	}
	struct vs_cel_type *f = vs_type_find(from);
	if (to->kind != VS_TYPE_VAR && f->kind == to->kind && to->a != NULL &&
	    f->a != NULL && f->kind != VS_KIND_TYPE)
		return assign(t, f->a, to->a) &&
		    (to->b == NULL || assign(t, f->b, to->b));
	return unify(t, from, to);
}

bool
vs_type_assignable(
    struct vs_types *t, struct vs_cel_type *from, struct vs_cel_type *to)
{
	struct vs_cel_type *mark = t->trail;

	if (assign(t, from, to))
		return true;
	vs_type_undo(t, mark);
	return false;
}

struct vs_cel_type *
vs_type_join(struct vs_types *t, struct vs_cel_type *a, struct vs_cel_type *b)
{
	if (vs_type_assignable(t, a, b))
		return most_general(a, b);
	return vs_type_of_kind(VS_TYPE_DYN);
}

static unsigned
kind_of_letter(char c)
{
	static const char letters[] = {
#define X(sym, name, letter) [sym] = (letter),
	    VS_KIND_TABLE(X)
#undef X
	};

	for (unsigned k = 0; k < VS_COUNT(letters); k++) {
		if (letters[k] == c)
			return k;
	}
	return VS_TYPE_DYN;
}

struct vs_cel_type *
vs_type_read(struct vs_types *t, const char **sig, struct vs_cel_type *vars[2])
{
	char c = *(*sig)++;

	if (c == 'A' || c == 'B') {
		if (vars[c - 'A'] == NULL)
			vars[c - 'A'] = vs_type_fresh(t);
		return vars[c - 'A'];
	}
	unsigned kind = kind_of_letter(c);
	if (kind == VS_KIND_LIST || kind == VS_KIND_TYPE) {
		struct vs_cel_type *a = vs_type_read(t, sig, vars);
		return vs_type_new(t, kind, a, NULL);
	}
	if (kind == VS_KIND_MAP) {
		struct vs_cel_type *a = vs_type_read(t, sig, vars);
		struct vs_cel_type *b = vs_type_read(t, sig, vars);
		return vs_type_new(t, kind, a, b);
	}
	return vs_type_of_kind(kind);
}

static const char *
name_of(const struct vs_cel_type *t)
{
	if (t->kind < VS_KIND_COUNT)
		return vs_kind_name((vs_kind)t->kind);
	return t->kind == VS_TYPE_DYN ? "dyn" : "any";
}

static size_t
text_at(const struct vs_cel_type *t, char *out, size_t at)
{
	while (t->kind == VS_TYPE_VAR && t->bound != NULL)
		t = t->bound;
	if (at >= VS_TYPE_TEXT_MAX)
		return at;

	int n = snprintf(out + at, VS_TYPE_TEXT_MAX - at, "%s%s", name_of(t),
	    t->a != NULL ? "(" : "");
	at += n > 0 ? (size_t)n : 0;
	if (t->a == NULL)
		return at;
	at = text_at(t->a, out, at);
	if (t->b != NULL && at < VS_TYPE_TEXT_MAX) {
		n = snprintf(out + at, VS_TYPE_TEXT_MAX - at, ", ");
		at = text_at(t->b, out, at + (n > 0 ? (size_t)n : 0));
	}
	if (at < VS_TYPE_TEXT_MAX) {
		n = snprintf(out + at, VS_TYPE_TEXT_MAX - at, ")");
		at += n > 0 ? (size_t)n : 0;
	}
	return at;
}

void
vs_type_text(const struct vs_cel_type *t, char out[VS_TYPE_TEXT_MAX])
{
	(void)text_at(t, out, 0);
}
