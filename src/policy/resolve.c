/* SPDX-License-Identifier: Apache-2.0 */
/* Names to meanings: the longest prefix of a.b.c that is declared wins. */
#include <string.h>

#include "claims/claims.h"
#include "policy/env.h"

struct resolver {
	const struct vs_cel_env *env;
	struct vs_arena *arena;
	struct vs_cel_fault *fault;
	struct vs_span local[VS_CEL_LOCALS_MAX];
	bool bound[VS_CEL_LOCALS_MAX]; /* by cel.bind */
	unsigned locals;
	unsigned loops; /* around here */
};

static bool resolve(struct resolver *r, struct vs_cel_node *n);

static bool
no_memory(struct resolver *r)
{
	return vs_cel_fault(r->fault, "E_LIMIT", 0, "out of memory");
}

static bool
find_local(const struct resolver *r, struct vs_span name, uint32_t *slot)
{
	for (unsigned i = r->locals; i > 0; i--) {
		if (vs_span_equal(r->local[i - 1], name)) {
			*slot = i - 1;
			return true;
		}
	}
	return false;
}

/* The container "p.q" offers "p.q.name", "p.name" and "name". */
static struct vs_span
in_container(struct resolver *r, size_t prefix, struct vs_span name)
{
	if (prefix == 0)
		return name;

	uint8_t *text = vs_arena_alloc(r->arena, prefix + 1 + name.n);
	if (text == NULL)
		return VS_SPAN(NULL, 0);
	memcpy(text, r->env->container.p, prefix);
	text[prefix] = '.';
	if (name.n > 0)
		memcpy(text + prefix + 1, name.p, name.n);
	return VS_SPAN(text, prefix + 1 + name.n);
}

/* The next outer container, or 0. */
static size_t
outer(const struct resolver *r, size_t prefix)
{
	while (prefix > 0 && r->env->container.p[prefix - 1] != '.')
		prefix--;
	return prefix > 0 ? prefix - 1 : 0;
}

static struct vs_cel_decl *
find_exact(const struct resolver *r, struct vs_span name)
{
	for (size_t i = 0; i < r->env->decls_n; i++) {
		if (vs_span_equal(r->env->decls[i].name, name))
			return &r->env->decls[i];
	}
	return NULL;
}

static struct vs_cel_decl *
find_decl(struct resolver *r, struct vs_span name, bool absolute)
{
	size_t prefix = absolute ? 0 : r->env->container.n;

	for (;; prefix = outer(r, prefix)) {
		struct vs_cel_decl *d =
		    find_exact(r, in_container(r, prefix, name));
		if (d != NULL || prefix == 0)
			return d;
	}
}

static const struct vs_cel_fn *
find_exact_fn(const struct resolver *r, struct vs_span name, bool member)
{
	const struct vs_cel_fn *f = r->env->fns;

	for (; f != NULL && f->name != NULL; f++) {
		if (f->member == member && vs_span_is(name, f->name))
			return f;
	}
	return vs_cel_fn_find(name, member);
}

static const struct vs_cel_fn *
find_fn(struct resolver *r, struct vs_span name)
{
	for (size_t prefix = r->env->container.n;; prefix = outer(r, prefix)) {
		const struct vs_cel_fn *f =
		    find_exact_fn(r, in_container(r, prefix, name), false);
		if (f != NULL || prefix == 0)
			return f;
	}
}

static bool
become(struct resolver *r, struct vs_cel_node *n, struct vs_span name,
    bool absolute)
{
	struct vs_cel_decl *d = find_decl(r, name, absolute);
	vs_claim_id id;

	if (d != NULL) {
		d->used = true;
		n->op = d->op;
		n->id = d->id;
		n->val = d->val;
		n->type = d->type;
		n->n = 0;
		n->name = name;
		return true;
	}
	if (!r->env->policy)
		return false;
	if (vs_span_is(name, "gpus")) {
		n->op = VS_OP_GPUS;
		n->n = 0;
		n->name = name;
		return true;
	}
	id = vs_claim_find(name);
	if (id == VS_CLAIM_COUNT && !vs_cel_is_record(name))
		return false;
	n->op = id != VS_CLAIM_COUNT ? VS_OP_CLAIM : VS_OP_RECORD;
	n->id = (uint32_t)id;
	n->n = 0;
	n->name = name;
	return true;
}

static bool
unknown_field(struct resolver *r, const struct vs_cel_node *n,
    struct vs_span record, struct vs_span field)
{
	const char *near = vs_cel_nearest_field(record, field, r->arena);

	return vs_cel_fault(r->fault, "E_CHECK", n->end - field.n,
	    "%.*s has no field \"%.*s\"%s%s%s", VS_SPAN_ARG(record),
	    VS_SPAN_ARG(field), near != NULL ? "; did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

/* n is a chain of names that no local variable begins. */
static bool
resolve_chain(struct resolver *r, struct vs_cel_node *n)
{
	struct vs_span name;
	struct vs_cel_node *above = NULL;
	bool absolute;

	for (struct vs_cel_node *at = n;; above = at, at = at->kid[0]) {
		if (!vs_cel_dotted(at, r->arena, &name, &absolute))
			return no_memory(r);
		if (become(r, at, name, absolute)) {
			if (at->op == VS_OP_RECORD && above != NULL)
				return unknown_field(
				    r, above, name, above->name);
			return true;
		}
		if (at->op == VS_OP_IDENT) {
			if (r->env->policy && above != NULL &&
			    vs_cel_is_space(at->name))
				return vs_cel_unknown_in_space(r->env, at->name,
				    above->name, above->end - above->name.n,
				    r->arena, r->fault);
			at->op = VS_OP_UNBOUND;
			return true;
		}
	}
}

/* The name at the root of a chain of names, or NULL. */
static struct vs_cel_node *
root_of(struct vs_cel_node *n)
{
	while (n->op == VS_OP_SELECT)
		n = n->kid[0];
	return n->op == VS_OP_IDENT ? n : NULL;
}

static bool
resolve_name(struct resolver *r, struct vs_cel_node *n)
{
	struct vs_cel_node *root = root_of(n);
	uint32_t slot;

	if (root == NULL)
		return resolve(r, n->kid[0]);
	if (!root->member && find_local(r, root->name, &slot)) {
		root->op = r->bound[slot] ? VS_OP_BOUND : VS_OP_LOCAL;
		root->id = slot;
		return true;
	}
	return resolve_chain(r, n);
}

/* has(a.b): the whole may be a claim or a record of claims. */
static bool
resolve_has(struct resolver *r, struct vs_cel_node *n)
{
	struct vs_cel_node *root = root_of(n->kid[0]), whole = *n;
	struct vs_span path;
	uint32_t slot;
	bool absolute;

	if (r->env->policy && root != NULL &&
	    (root->member || !find_local(r, root->name, &slot))) {
		whole.op = VS_OP_SELECT;
		if (!vs_cel_dotted(&whole, r->arena, &path, &absolute))
			return no_memory(r);
		if (find_decl(r, path, absolute) == NULL &&
		    become(r, &whole, path, absolute)) {
			n->op = whole.op == VS_OP_CLAIM ? VS_OP_HAS_CLAIM
							: VS_OP_HAS_RECORD;
			n->id = whole.id;
			n->name = path;
			n->n = 0;
			return true;
		}
	}
	if (!resolve(r, n->kid[0]))
		return false;
	if (n->kid[0]->op == VS_OP_RECORD) {
		whole.end = n->end - 1;
		return unknown_field(r, &whole, n->kid[0]->name, n->name);
	}
	return true;
}

/* math.least(x) is a function of that name unless `math` is a variable. */
static bool
qualified_call(struct resolver *r, struct vs_cel_node *n)
{
	struct vs_cel_node *root = root_of(n->kid[0]);
	struct vs_span name;
	uint32_t slot;
	bool absolute;

	if (root == NULL || (!root->member && find_local(r, root->name, &slot)))
		return false;
	struct vs_cel_node whole = {
	    .op = VS_OP_SELECT, .n = 1, .kid = n->kid, .name = n->name};
	if (!vs_cel_dotted(&whole, r->arena, &name, &absolute))
		return false;
	const struct vs_cel_fn *f = find_fn(r, name);
	if (f == NULL)
		return false;
	n->fn = f;
	n->name = name;
	n->member = false;
	n->kid++;
	n->n--;
	return true;
}

static bool
resolve_kids(struct resolver *r, struct vs_cel_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && !resolve(r, n->kid[i]))
			return false;
	}
	return true;
}

static bool
resolve_call(struct resolver *r, struct vs_cel_node *n)
{
	if (!n->member)
		n->fn = find_fn(r, n->name);
	else if (!qualified_call(r, n))
		n->fn = find_exact_fn(r, n->name, true);
	return resolve_kids(r, n);
}

static bool
add_local(struct resolver *r, const struct vs_cel_node *n, struct vs_span name,
    bool bound)
{
	if (r->locals == VS_CEL_LOCALS_MAX)
		return vs_cel_fault(r->fault, "E_LIMIT", n->pos,
		    "more than %d local names at once", VS_CEL_LOCALS_MAX);
	r->bound[r->locals] = bound;
	r->local[r->locals++] = name;
	return true;
}

/* The range is outside the scope of the variable. */
static bool
resolve_loop(struct resolver *r, struct vs_cel_node *n)
{
	if (!resolve(r, n->kid[0]))
		return false;
	/* Elsewhere the number of names is limit enough. */
	if (r->loops == VS_CEL_NEST_MAX && r->env->policy)
		return vs_cel_fault(r->fault, "E_LIMIT", n->pos,
		    "more than %d comprehensions inside each other",
		    VS_CEL_NEST_MAX);
	n->id = r->locals;
	if (!add_local(r, n, n->name, false) ||
	    (n->name2.n > 0 && !add_local(r, n, n->name2, false)))
		return false;
	r->loops++;
	for (size_t i = 1; i < n->n; i++) {
		if (n->kid[i] != NULL && !resolve(r, n->kid[i]))
			return false;
	}
	r->loops--;
	r->locals = n->id;
	return true;
}

/* The value is outside the scope of the name. */
static bool
resolve_bind(struct resolver *r, struct vs_cel_node *n)
{
	if (!resolve(r, n->kid[0]))
		return false;
	n->id = r->locals;
	if (!add_local(r, n, n->name, true) || !resolve(r, n->kid[1]))
		return false;
	r->locals = n->id;
	return true;
}

static bool
resolve(struct resolver *r, struct vs_cel_node *n)
{
	if (n->op == VS_OP_IDENT || n->op == VS_OP_SELECT)
		return resolve_name(r, n);
	if (n->op == VS_OP_HAS)
		return resolve_has(r, n);
	if (n->op == VS_OP_CALL)
		return resolve_call(r, n);
	if (n->op == VS_OP_BIND)
		return resolve_bind(r, n);
	if (n->op >= VS_OP_ALL)
		return resolve_loop(r, n);
	return resolve_kids(r, n);
}

bool
vs_cel_resolve(const struct vs_cel_env *env, struct vs_cel_node *root,
    struct vs_arena *a, struct vs_cel_fault *fault)
{
	struct resolver r = {.env = env, .arena = a, .fault = fault};

	return resolve(&r, root);
}
