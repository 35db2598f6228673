/* SPDX-License-Identifier: Apache-2.0 */
/* Conformance cases: what they declare, and running them. */
#include <math.h>
#include <string.h>

#include "policy/cases.h"
#include "policy/parser.h"

enum { DECLS_MAX = 64, FNS_MAX = 8, SIG_MAX = 64, PARAMS_MAX = 2 };

/* A type as the letters of a signature; params: names of type variables. */
struct letters {
	char text[SIG_MAX];
	size_t n;
	struct vs_span params[PARAMS_MAX];
};

static bool
letter(struct letters *l, char c)
{
	if (l->n + 1 >= SIG_MAX)
		return false;
	l->text[l->n++] = c;
	l->text[l->n] = '\0';
	return true;
}

static bool
letter_of_name(struct letters *l, struct vs_span name)
{
	static const struct {
		const char *name;
		char letter;
	} names[] = {
#define X(sym, text, c) {text, c},
	    VS_KIND_TABLE(X)
#undef X
		{"dyn", '.'},
	    {"timestamp", 't'}, {"duration", 'D'}};

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		char c = names[i].letter;

		if (!vs_span_is(name, names[i].name))
			continue;
		/* Without parts: of anything. */
		return letter(l, c) &&
		    ((c != 'L' && c != 'T' && c != 'M') || letter(l, '.')) &&
		    (c != 'M' || letter(l, '.'));
	}
	return false;
}

static bool
letter_of_param(struct letters *l, struct vs_span name)
{
	for (size_t i = 0; i < PARAMS_MAX; i++) {
		if (l->params[i].n == 0)
			l->params[i] = name;
		if (vs_span_equal(l->params[i], name))
			return letter(l, (char)('A' + (int)i));
	}
	return false;
}

/* Recursion: as deep as the JSON is, which is bounded. */
static bool
letters_of(struct letters *l, const struct vs_json *t)
{
	const struct vs_json *sub;
	struct vs_span name;

	if (vs_json_is_string(t, &name))
		return letter_of_name(l, name);
	if ((sub = vs_json_get(t, "list")) != NULL)
		return letter(l, 'L') && letters_of(l, sub);
	if ((sub = vs_json_get(t, "type")) != NULL)
		return letter(l, 'T') && letters_of(l, sub);
	if ((sub = vs_json_get(t, "map")) != NULL)
		return letter(l, 'M') && letters_of(l, vs_json_at(sub, 0)) &&
		    letters_of(l, vs_json_at(sub, 1));
	return vs_json_is_string(vs_json_get(t, "param"), &name) &&
	    letter_of_param(l, name);
}

/* dyn for what the checker has no type for. */
static struct vs_cel_type *
type_named(const struct vs_json *t, struct vs_arena *a, bool *unsupported)
{
	struct vs_types types = {.arena = a};
	struct vs_cel_type *vars[2] = {0};
	struct letters l = {0};
	const char *sig = l.text;

	if (!letters_of(&l, t)) {
		*unsupported = true;
		return vs_type_of_kind(VS_TYPE_DYN);
	}
	return vs_type_read(&types, &sig, vars);
}

/* Declarations under construction. */
struct scene {
	struct vs_arena *arena;
	struct vs_cel_decl *decls;
	struct vs_val *vars;
	struct vs_cel_fn *fns;
	size_t n, vars_n, fns_n;
	bool unsupported;
	bool full;
};

static void
add_fn(struct scene *s, struct vs_span name, const struct vs_json *f)
{
	const struct vs_json *params = vs_json_get(f, "params");
	struct letters l = {0};
	struct vs_cel_fn *fn = &s->fns[s->fns_n];

	if (s->fns_n == FNS_MAX) {
		s->full = true;
		return;
	}
	for (size_t i = 0; i < vs_json_size(params); i++) {
		if (!letters_of(&l, vs_json_at(params, i)))
			s->unsupported = true;
	}
	if (!letter(&l, '>') || !letters_of(&l, vs_json_get(f, "result")))
		s->unsupported = true;
	fn->name = vs_arena_cstr(s->arena, name);
	fn->sig = vs_arena_cstr(s->arena, VS_SPAN(l.text, l.n));
	if (fn->name == NULL || fn->sig == NULL)
		s->full = true;
	else if (!s->unsupported)
		s->fns_n++;
}

static struct vs_cel_decl *
variable(struct scene *s, struct vs_span name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (vs_span_equal(s->decls[i].name, name))
			return &s->decls[i];
	}
	if (s->n == DECLS_MAX - VS_KIND_COUNT) {
		s->full = true;
		return &s->decls[0];
	}
	s->decls[s->n] = (struct vs_cel_decl){.name = name,
	    .op = VS_OP_VAR,
	    .id = (uint32_t)s->vars_n,
	    .type = vs_type_of_kind(VS_TYPE_DYN)};
	s->vars[s->vars_n++] = vs_val_error(VS_CEL_UNBOUND);
	return &s->decls[s->n++];
}

static void
declare(struct scene *s, const struct vs_json *d)
{
	const struct vs_json *f = vs_json_get(d, "function");
	struct vs_cel_type *t;
	struct vs_span name;

	if (!vs_json_is_string(vs_json_get(d, "name"), &name)) {
		s->unsupported = true;
		return;
	}
	for (size_t i = 0; i < vs_json_size(f); i++)
		add_fn(s, name, vs_json_at(f, i));
	if (f != NULL)
		return;
	t = type_named(vs_json_get(d, "type"), s->arena, &s->unsupported);
	variable(s, name)->type = t;
}

static bool
build_scene(const struct vs_json *j, struct scene *s)
{
	const struct vs_json *env = vs_json_get(j, "type_env");
	const struct vs_json *bound = vs_json_get(j, "bindings"), *v;
	struct vs_types types = {.arena = s->arena};
	struct vs_span name;

	s->decls = vs_arena_calloc(s->arena, DECLS_MAX, sizeof(*s->decls));
	s->vars = vs_arena_calloc(s->arena, DECLS_MAX, sizeof(*s->vars));
	s->fns = vs_arena_calloc(s->arena, FNS_MAX + 1, sizeof(*s->fns));
	if (s->decls == NULL || s->vars == NULL || s->fns == NULL)
		return false;
	for (size_t i = 0; i < vs_json_size(env); i++)
		declare(s, vs_json_at(env, i));
	for (size_t i = 0; (v = vs_json_member(bound, i, &name)) != NULL; i++)
		s->vars[variable(s, name)->id] = vs_cel_case_value(v, s->arena);
	s->n += vs_cel_declare_types(&types, s->decls + s->n);
	return !s->full && !types.no_memory;
}

static bool
flag(const struct vs_json *j, const char *name)
{
	bool b;

	return vs_json_is_bool(vs_json_get(j, name), &b) && b;
}

bool
vs_cel_case_read(
    const struct vs_json *j, struct vs_arena *a, struct vs_cel_case *out)
{
	const struct vs_json *expect = vs_json_get(j, "expect");
	const struct vs_json *type = vs_json_get(expect, "deduced_type");
	struct vs_cel_case c = {.check = !flag(j, "disable_check"),
	    .check_only = flag(j, "check_only"),
	    .wants_error = flag(expect, "error"),
	    .wants_value = vs_json_get(expect, "value") != NULL};
	struct scene s = {.arena = a};

	if (!vs_json_is_string(vs_json_get(j, "expr"), &c.expr) ||
	    !vs_json_is_string(vs_json_get(j, "name"), &c.name) ||
	    !build_scene(j, &s))
		return false;
	(void)vs_json_is_string(vs_json_get(j, "section"), &c.section);
	(void)vs_json_is_string(vs_json_get(j, "tier"), &c.tier);
	(void)vs_json_is_string(vs_json_get(j, "container"), &c.env.container);
	if (c.wants_value)
		c.want = vs_cel_case_value(vs_json_get(expect, "value"), a);
	if (type != NULL)
		c.want_type = type_named(type, a, &s.unsupported);
	c.unsupported = s.unsupported;
	c.env.decls = s.decls;
	c.env.decls_n = s.n;
	c.env.fns = s.fns_n > 0 ? s.fns : NULL;
	c.vars = s.vars;
	*out = c;
	return true;
}

static bool
same_lists(struct vs_arena *a, struct vs_val got, struct vs_val want)
{
	if (got.n != want.n)
		return false;
	for (size_t i = 0; i < got.n; i++) {
		if (!vs_cel_same_value(a, got.u.v[i], want.u.v[i]))
			return false;
	}
	return true;
}

/* Keys are different from each other, so one way is both. */
static bool
same_maps(struct vs_arena *a, struct vs_val got, struct vs_val want)
{
	struct vs_cel_run run = {.arena = a, .limit = UINT64_MAX};

	if (got.n != want.n)
		return false;
	for (size_t i = 0; i < got.n; i++) {
		const struct vs_val *v =
		    vs_val_map_get(&run, want, got.u.v[2 * i]);

		if (v == NULL || v[-1].kind != got.u.v[2 * i].kind ||
		    !vs_cel_same_value(a, got.u.v[2 * i + 1], *v))
			return false;
	}
	return true;
}

bool
vs_cel_same_value(struct vs_arena *a, struct vs_val got, struct vs_val want)
{
	struct vs_cel_run run = {.arena = a, .limit = UINT64_MAX};

	if (got.kind != want.kind)
		return false;
	if (got.kind == VS_KIND_DOUBLE && isnan(got.u.d))
		return isnan(want.u.d);
	if (got.kind == VS_KIND_LIST)
		return same_lists(a, got, want);
	if (got.kind == VS_KIND_MAP)
		return same_maps(a, got, want);
	return vs_val_equal(&run, got, want);
}

static bool
same_type(const struct vs_cel_case *c, const struct vs_cel_type *t)
{
	char text[VS_TYPE_TEXT_MAX], wanted[VS_TYPE_TEXT_MAX];

	if (c->unsupported || t == NULL)
		return false;
	vs_type_text(t, text);
	vs_type_text(c->want_type, wanted);
	return strcmp(text, wanted) == 0;
}

/* False when the case is refused before it is evaluated. */
static bool
compile(
    const struct vs_cel_case *c, struct vs_arena *a, struct vs_cel_outcome *out)
{
	out->root = vs_cel_parse(c->expr, false, a, &out->fault);
	return out->root != NULL &&
	    vs_cel_resolve(&c->env, out->root, a, &out->fault) &&
	    (!c->check || vs_cel_check(&c->env, out->root, a, &out->fault));
}

void
vs_cel_case_run(
    const struct vs_cel_case *c, struct vs_arena *a, struct vs_cel_outcome *out)
{
	struct vs_cel_run run = {
	    .vars = c->vars, .arena = a, .limit = VS_CEL_POLICY_COST};

	*out = (struct vs_cel_outcome){0};
	if (!compile(c, a, out)) {
		out->pass = c->wants_error;
		return;
	}
	out->pass = c->want_type == NULL || same_type(c, out->root->type);
	if (c->check_only)
		return;
	out->val = vs_cel_answer(&run, out->root);
	out->cost = run.cost;
	out->evaluated = true;
	if (vs_val_is_error(out->val))
		out->pass = c->wants_error;
	else if (c->wants_error)
		out->pass = false;
	else if (c->wants_value)
		out->pass =
		    out->pass && vs_cel_same_value(a, out->val, c->want);
}
