/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of values, and arithmetic that does not wrap. */
#include "policy/cost.h"
#include "policy/semver.h"

const struct vs_cel_size vs_size_scalar = {0, NULL, NULL, false};
const struct vs_cel_size vs_size_version = {
    VS_SEMVER_TEXT_MAX, NULL, NULL, true};
const struct vs_cel_size vs_size_unknown = {
    VS_CEL_STR_MAX, &vs_size_unknown, &vs_size_unknown, true};

uint64_t
vs_cost_add(uint64_t a, uint64_t b)
{
	uint64_t r;

	return __builtin_add_overflow(a, b, &r) ? UINT64_MAX : r;
}

uint64_t
vs_cost_mul(uint64_t a, uint64_t b)
{
	uint64_t r;

	return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

uint64_t
vs_cost_octets(uint64_t n)
{
	return n / 16 + (n % 16 != 0);
}

const struct vs_cel_size *
vs_size_new(struct vs_coster *c, uint64_t n, const struct vs_cel_size *key,
    const struct vs_cel_size *elem)
{
	struct vs_cel_size *s = vs_arena_alloc(c->env->arena, sizeof(*s));

	if (s == NULL) {
		c->no_memory = true;
		return &vs_size_unknown;
	}
	s->n = n;
	s->key = key;
	s->elem = elem;
	return s;
}

const struct vs_cel_size *
vs_size_octets(struct vs_coster *c, uint64_t n)
{
	if (n == 0)
		return &vs_size_scalar;
	return vs_size_new(
	    c, n < VS_CEL_STR_MAX ? n : VS_CEL_STR_MAX, NULL, NULL);
}

const struct vs_cel_size *
vs_size_join(struct vs_coster *c, const struct vs_cel_size *a,
    const struct vs_cel_size *b)
{
	const struct vs_cel_size *key = a->key, *elem = a->elem;

	if (a == b || b == &vs_size_scalar || a == &vs_size_unknown)
		return a;
	if (a == &vs_size_scalar || b == &vs_size_unknown)
		return b;
	if (b->key != NULL)
		key = key != NULL ? vs_size_join(c, key, b->key) : b->key;
	if (b->elem != NULL)
		elem = elem != NULL ? vs_size_join(c, elem, b->elem) : b->elem;
	if ((a->version || b->version) && elem == NULL)
		return a->n + b->n > 2 * VS_SEMVER_TEXT_MAX ? &vs_size_unknown
							    : &vs_size_version;
	return vs_size_new(c, a->n > b->n ? a->n : b->n, key, elem);
}

const struct vs_cel_size *
vs_size_of_value(struct vs_coster *c, struct vs_val v)
{
	const struct vs_cel_size *key = &vs_size_scalar, *elem = key;

	switch (v.kind) {
	case VS_KIND_STRING:
	case VS_KIND_BYTES:
		return vs_size_octets(c, v.n);
	case VS_KIND_SEMVER:
		return &vs_size_version;
	case VS_KIND_LIST:
		for (size_t i = 0; i < v.n; i++)
			elem = vs_size_join(
			    c, elem, vs_size_of_value(c, v.u.v[i]));
		return vs_size_new(c, v.n, NULL, elem);
	case VS_KIND_MAP:
		for (size_t i = 0; i < v.n; i++) {
			key = vs_size_join(
			    c, key, vs_size_of_value(c, v.u.v[2 * i]));
			elem = vs_size_join(
			    c, elem, vs_size_of_value(c, v.u.v[2 * i + 1]));
		}
		return vs_size_new(c, v.n, key, elem);
	case VS_KIND_RECORD:
		return &vs_size_unknown;
	default:
		return &vs_size_scalar;
	}
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
vs_cost_equal(const struct vs_cel_size *a, const struct vs_cel_size *b)
{
	uint64_t cost, n = smaller(a->n, b->n);

	if (a == &vs_size_unknown && b == &vs_size_unknown)
		return UINT64_MAX;
	cost = vs_cost_add(1, vs_cost_octets(smaller(n, VS_CEL_STR_MAX)));
	if (a->version || b->version)
		cost =
		    vs_cost_add(cost, 2 * vs_cost_octets(VS_SEMVER_TEXT_MAX));
	if (a->elem == NULL || b->elem == NULL)
		return cost;
	/* Of maps each pair looks for its key among all. */
	if (a->key != NULL && b->key != NULL)
		cost = vs_cost_add(cost,
		    vs_cost_mul(
			vs_cost_mul(n, n), vs_cost_equal(a->key, b->key)));
	return vs_cost_add(
	    cost, vs_cost_mul(n, vs_cost_equal(a->elem, b->elem)));
}
