/* SPDX-License-Identifier: Apache-2.0 */
/* The most that each form of an expression is charged. */
#include "claims/gpu.h"
#include "policy/cost.h"
#include "policy/env.h"
#include "policy/lists.h"
#include "policy/record.h"
#include "policy/regex.h"

/* What a part costs, and the value that comes of it. */
struct part {
	uint64_t cost;
	const struct vs_cel_size *size;
};

static struct part bound(struct vs_coster *c, const struct vs_cel_node *n);

static struct part
scalar(uint64_t cost)
{
	return (struct part){cost, &vs_size_scalar};
}

static const struct vs_cel_size *
elem_of(const struct vs_cel_size *s)
{
	return s->elem != NULL ? s->elem : &vs_size_scalar;
}

static const struct vs_cel_size *
key_of(const struct vs_cel_size *s)
{
	return s->key != NULL ? s->key : &vs_size_scalar;
}

static const struct vs_cel_size *
strings(struct vs_coster *c, size_t max)
{
	return vs_size_new(c, VS_CLAIM_ITEMS_MAX, NULL, vs_size_octets(c, max));
}

static const struct vs_cel_size *
claim_size(struct vs_coster *c, const struct vs_claim_def *d)
{
	if (d->type == VS_CLAIM_STRING)
		return vs_size_octets(c, d->max);
	if (d->type == VS_CLAIM_STRINGS)
		return strings(c, d->max);
	return &vs_size_scalar;
}

/* A list of strings is made anew at each reading. */
static struct part
bound_claim(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_size *s =
	    claim_size(c, vs_claim_def((vs_claim_id)n->id));

	return (struct part){1 + (s->elem != NULL ? s->n : 0), s};
}

/* As a value: what is longer than this cannot be walked through. */
static struct part
bound_listed(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_size *text = vs_size_octets(c, VS_LIST_VALUE_MAX);
	bool map = n->type != NULL && n->type->kind == VS_KIND_MAP;

	return (struct part){1 + 2 * VS_LIST_WALK_MAX,
	    vs_size_new(c, VS_LIST_WALK_MAX, map ? text : NULL,
		map ? &vs_size_scalar : text)};
}

static bool
reads_let(const struct vs_cel_bound *b, uint32_t id)
{
	return (b->lets[id / 64] >> (id % 64) & 1) != 0;
}

static const struct vs_cel_bound *
let_of(const struct vs_coster *c, const struct vs_cel_node *n)
{
	if (n->op != VS_OP_LET || n->id >= VS_COST_LETS_MAX ||
	    c->env->lets == NULL)
		return NULL;
	return &c->env->lets[n->id];
}

static struct part
bound_let(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_bound *let = let_of(c, n);

	if (let == NULL)
		return (struct part){UINT64_MAX, &vs_size_unknown};
	c->out->lets[n->id / 64] |= UINT64_C(1) << (n->id % 64);
	for (size_t i = 0; i < VS_COUNT(let->lets); i++)
		c->out->lets[i] |= let->lets[i];
	return (struct part){1, let->size};
}

/* A list of the snapshot is not walked through where only one of it is
 * wanted. */
static bool
is_listed(const struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_bound *let = let_of(c, n);

	return n->op == VS_OP_LISTED || (let != NULL && let->listed);
}

/* Looking for a key, or for an element. */
static uint64_t
lookup(const struct vs_cel_size *in, const struct vs_cel_size *key)
{
	const struct vs_cel_size *have =
	    in->key != NULL ? in->key : elem_of(in);

	return vs_cost_mul(in->n, vs_cost_equal(have, key));
}

/* target[key], target.name and key in target: what the target costs and what
 * the lookup does. */
static struct part
bound_member(struct vs_coster *c, const struct vs_cel_node *target,
    const struct vs_cel_size *key)
{
	struct part t;

	if (is_listed(c, target)) {
		t = bound_listed(c, target);
		t.cost = vs_cost_add(2, vs_cost_octets(key->n));
		return t;
	}
	t = bound(c, target);
	t.cost = vs_cost_add(t.cost, lookup(t.size, key));
	return t;
}

static const struct vs_cel_size *
field_size(struct vs_coster *c, const struct vs_cel_record *r, uint32_t id)
{
	if (id >= r->n)
		return &vs_size_unknown;
	if (r->field[id].max == 0)
		return &vs_size_scalar;
	return r->field[id].sig[0] == 'L' ? strings(c, r->field[id].max)
					  : vs_size_octets(c, r->field[id].max);
}

static struct part
bound_select(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_type *type = n->kid[0]->type;
	struct vs_cel_size name = {.n = n->name.n};
	struct part t;

	if (type != NULL && type->kind == VS_KIND_RECORD) {
		t = bound(c, n->kid[0]);
		t.size = field_size(c, type->record, n->id);
	} else {
		t = bound_member(c, n->kid[0], &name);
		t.size = elem_of(t.size);
	}
	t.cost = vs_cost_add(t.cost, 1);
	if (n->op == VS_OP_HAS)
		t.size = &vs_size_scalar;
	return t;
}

static struct part
bound_index(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part i = bound(c, n->kid[1]);
	struct part t = bound_member(c, n->kid[0], i.size);

	return (struct part){
	    vs_cost_add(1, vs_cost_add(i.cost, t.cost)), elem_of(t.size)};
}

static struct part
bound_in(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part key = bound(c, n->kid[0]);
	struct part t = bound_member(c, n->kid[1], key.size);

	return scalar(vs_cost_add(1, vs_cost_add(key.cost, t.cost)));
}

static struct part
bound_call(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_size *a[VS_FN_ARGS_MAX], *size;
	struct part out = scalar(1);
	uint64_t most = 0;

	if (n->fn == NULL || n->n > VS_FN_ARGS_MAX)
		return out;
	for (size_t i = 0; i < n->n; i++) {
		struct part p = bound(c, n->kid[i]);

		out.cost = vs_cost_add(out.cost, p.cost);
		a[i] = p.size;
	}
	if (n->regex != NULL) {
		most = vs_cost_mul((a[0]->n + 3) / 4, vs_regex_size(n->regex));
		most = 2 + vs_cost_octets(most);
	} else {
		for (const struct vs_cel_fn *f = n->fn; f != NULL;
		     f = vs_cel_fn_next(f)) {
			uint64_t one = vs_cost_call(c, f, a, n->n, &size);

			most = one > most ? one : most;
			out.size = vs_size_join(c, out.size, size);
		}
	}
	out.cost = vs_cost_add(out.cost, most);
	return out;
}

/* All operands one after the other. */
static struct part
bound_all(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part out = scalar(1);

	for (size_t i = 0; i < n->n; i++)
		out.cost = vs_cost_add(out.cost, bound(c, n->kid[i]).cost);
	return out;
}

static struct part
bound_list(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_size *elem = &vs_size_scalar;
	uint64_t cost = vs_cost_add(1, n->n);

	for (size_t i = 0; i < n->n; i++) {
		struct part p = bound(c, n->kid[i]);

		cost = vs_cost_add(cost, p.cost);
		elem = vs_size_join(c, elem, p.size);
	}
	return (struct part){cost, vs_size_new(c, n->n, NULL, elem)};
}

/* Each key is compared with those before it. */
static struct part
bound_map(struct vs_coster *c, const struct vs_cel_node *n)
{
	const struct vs_cel_size *s[2] = {&vs_size_scalar, &vs_size_scalar};
	uint64_t cost = vs_cost_add(1, n->n), pairs = n->n / 2;

	for (size_t i = 0; i < n->n; i++) {
		struct part p = bound(c, n->kid[i]);

		cost = vs_cost_add(cost, p.cost);
		s[i % 2] = vs_size_join(c, s[i % 2], p.size);
	}
	cost = vs_cost_add(cost,
	    vs_cost_mul(
		pairs * pairs, vs_cost_add(1, vs_cost_equal(s[0], s[0]))));
	return (struct part){cost, vs_size_new(c, pairs, s[0], s[1])};
}

static struct part
bound_cond(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part cond = bound(c, n->kid[0]);
	struct part yes = bound(c, n->kid[1]), no = bound(c, n->kid[2]);

	return (struct part){vs_cost_add(vs_cost_add(1, cond.cost),
				 yes.cost > no.cost ? yes.cost : no.cost),
	    vs_size_join(c, yes.size, no.size)};
}

/* Strings and lists grow; numbers do not. */
static const struct vs_cel_size *
sum_size(struct vs_coster *c, const struct vs_cel_size *a,
    const struct vs_cel_size *b)
{
	uint64_t n = vs_cost_add(a->n, b->n);

	if (a->elem == NULL && b->elem == NULL)
		return vs_size_octets(c, n);
	return vs_size_new(c, n, NULL, vs_size_join(c, elem_of(a), elem_of(b)));
}

static struct part
bound_binary(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part a = bound(c, n->kid[0]), b = bound(c, n->kid[1]);
	struct part out = scalar(vs_cost_add(1, vs_cost_add(a.cost, b.cost)));

	if (n->op == VS_OP_ADD) {
		out.size = sum_size(c, a.size, b.size);
		out.cost = vs_cost_add(out.cost,
		    out.size->elem != NULL ? out.size->n
					   : vs_cost_octets(out.size->n));
	} else if (n->op >= VS_OP_EQ) {
		out.cost = vs_cost_add(out.cost, vs_cost_equal(a.size, b.size));
	}
	return out;
}

/* The maps that a transformMapEntry() makes, put together. */
static struct part
bound_entries(struct vs_coster *c, uint64_t n, const struct vs_cel_size *one)
{
	uint64_t all = vs_cost_mul(n, one->n);
	uint64_t compare = vs_cost_equal(key_of(one), key_of(one));

	return (struct part){vs_cost_add(vs_cost_mul(all, 8),
				 vs_cost_mul(vs_cost_mul(all, all), compare)),
	    vs_size_new(c, all, key_of(one), elem_of(one))};
}

/* What comes of a comprehension beside its steps. */
static struct part
outcome(struct vs_coster *c, const struct vs_cel_node *n,
    const struct vs_cel_size *range, const struct vs_cel_size *body)
{
	uint64_t count = range->n;

	switch (n->op) {
	case VS_OP_FILTER:
		return (struct part){count,
		    vs_size_new(c, count, NULL,
			range->key != NULL
			    ? vs_size_join(c, range->key, elem_of(range))
			    : elem_of(range))};
	case VS_OP_TRANSFORM:
		return (struct part){count, vs_size_new(c, count, NULL, body)};
	case VS_OP_TRANSFORM_MAP:
		return (struct part){vs_cost_mul(count, 2),
		    vs_size_new(c, count, key_of(range), body)};
	case VS_OP_TRANSFORM_ENTRY:
		return bound_entries(c, count, body);
	default:
		return scalar(0);
	}
}

static struct part
bound_loop(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part range = bound(c, n->kid[0]), last = scalar(0), out;
	const struct vs_cel_size *elem = elem_of(range.size);
	const struct vs_cel_size *key = key_of(range.size);
	uint64_t step = 2;

	/* With one variable it is the key of a map, or the element. */
	c->local[n->id] =
	    n->name2.n == 0 && range.size->key == NULL ? elem : key;
	if (n->name2.n > 0)
		c->local[n->id + 1] = elem;
	for (size_t i = 1; i < n->n; i++) {
		if (n->kid[i] == NULL)
			continue;
		last = bound(c, n->kid[i]);
		step = vs_cost_add(step, last.cost);
	}
	out = outcome(c, n, range.size, last.size);
	out.cost = vs_cost_add(out.cost,
	    vs_cost_add(
		vs_cost_add(1, range.cost), vs_cost_mul(range.size->n, step)));
	return out;
}

/* The value is found at most once. */
static struct part
bound_bind(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part value = bound(c, n->kid[0]), body;

	c->local[n->id] = value.size;
	body = bound(c, n->kid[1]);
	body.cost = vs_cost_add(1, vs_cost_add(value.cost, body.cost));
	return body;
}

static struct part
bound_op(struct vs_coster *c, const struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_LIT:
		return (struct part){1, vs_size_of_value(c, n->val)};
	case VS_OP_VAR:
		return (struct part){1,
		    c->env->vars != NULL
			? vs_size_of_value(c, c->env->vars[n->id])
			: &vs_size_unknown};
	case VS_OP_LOCAL:
	case VS_OP_BOUND:
		return (struct part){1, c->local[n->id]};
	case VS_OP_LET:
		return bound_let(c, n);
	case VS_OP_CLAIM:
		return bound_claim(c, n);
	case VS_OP_GPUS:
		return (struct part){1,
		    vs_size_new(c, VS_CLAIM_GPUS_MAX, NULL, &vs_size_scalar)};
	case VS_OP_LISTED:
		return bound_listed(c, n);
	case VS_OP_SELECT:
	case VS_OP_HAS:
		return bound_select(c, n);
	case VS_OP_INDEX:
		return bound_index(c, n);
	case VS_OP_CALL:
		return bound_call(c, n);
	case VS_OP_LIST:
		return bound_list(c, n);
	case VS_OP_MAP:
		return bound_map(c, n);
	case VS_OP_BIND:
		return bound_bind(c, n);
	case VS_OP_COND:
		return bound_cond(c, n);
	case VS_OP_IN:
		return bound_in(c, n);
	case VS_OP_AND:
	case VS_OP_OR:
	case VS_OP_NOT:
	case VS_OP_NEG:
		return bound_all(c, n);
	default:
		break;
	}
	if (n->op >= VS_OP_ALL)
		return bound_loop(c, n);
	return n->op >= VS_OP_ADD ? bound_binary(c, n) : scalar(1);
}

static struct part
bound(struct vs_coster *c, const struct vs_cel_node *n)
{
	struct part p = bound_op(c, n);

	if (p.cost > c->env->limit && c->out->over == NULL) {
		c->out->over = n;
		c->out->over_cost = p.cost;
	}
	return p;
}

bool
vs_cel_bound(const struct vs_cost_env *env, const struct vs_cel_node *node,
    struct vs_cel_bound *out)
{
	struct vs_cel_bound b = {0};
	struct vs_coster c = {.env = env, .out = &b};
	struct part p = bound(&c, node);

	b.cost = p.cost;
	b.size = p.size;
	b.listed = is_listed(&c, node);
	*out = b;
	return !c.no_memory;
}

uint64_t
vs_cel_bound_total(const struct vs_cost_env *env, const struct vs_cel_bound *b)
{
	uint64_t sum = b->cost;

	for (uint32_t i = 0; i < VS_COST_LETS_MAX; i++) {
		if (reads_let(b, i))
			sum = vs_cost_add(sum, env->lets[i].cost);
	}
	return sum;
}
