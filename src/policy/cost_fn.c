/* SPDX-License-Identifier: Apache-2.0 */
/* The most that a call of each function is charged, and that comes of it. */
#include "policy/cost.h"
#include "policy/func.h"
#include "policy/semver.h"

/* Beside LINEAR, which is in each of them. */
enum charge {
	LINEAR,  /* the octets of every operand a few times, and the result */
	ITEMS,   /* the elements of a list, each like an operand */
	SEARCH,  /* the octets of one string times those of another */
	GLOB,    /* text times text and pattern */
	PAIRS,   /* each element against each */
	PATTERN, /* a regular expression that is made on the way */
	SHOWN,   /* everything that is in the second operand */
};

enum result {
	SCALAR,
	SAME,   /* as the first operand */
	TEXT,   /* of a scalar */
	TWICE,  /* the octets of the first operand twice */
	PARTS,  /* a list of parts of the first operand */
	JOINED, /* all elements and what goes between them */
	REPLACED,
	VERSION,
	LONG, /* as long as a string may be */
};

static const struct rule {
	vs_cel_impl impl;
	uint8_t charge; /* enum charge */
	uint8_t result; /* enum result */
} rules[] = {
    {vs_fn_size, LINEAR, SCALAR},
    {vs_fn_type, LINEAR, SCALAR},
    {vs_fn_same, LINEAR, SAME},
    {vs_fn_to_bool, LINEAR, SCALAR},
    {vs_fn_to_int, LINEAR, SCALAR},
    {vs_fn_to_uint, LINEAR, SCALAR},
    {vs_fn_to_double, LINEAR, SCALAR},
    {vs_fn_to_string, LINEAR, TEXT},
    {vs_fn_to_bytes, LINEAR, SAME},
    {vs_fn_contains, SEARCH, SCALAR},
    {vs_fn_starts, LINEAR, SCALAR},
    {vs_fn_ends, LINEAR, SCALAR},
    {vs_fn_lower, LINEAR, SAME},
    {vs_fn_upper, LINEAR, SAME},
    {vs_fn_trim, LINEAR, SAME},
    {vs_fn_split, SEARCH, PARTS},
    {vs_fn_join, ITEMS, JOINED},
    {vs_fn_substring, LINEAR, SAME},
    {vs_fn_index_of, SEARCH, SCALAR},
    {vs_fn_last_index_of, SEARCH, SCALAR},
    {vs_fn_replace, SEARCH, REPLACED},
    {vs_fn_char_at, LINEAR, SAME},
    {vs_fn_reverse, LINEAR, SAME},
    {vs_fn_quote, LINEAR, TWICE},
    {vs_fn_format, SHOWN, LONG},
    {vs_fn_timestamp, LINEAR, SCALAR},
    {vs_fn_duration, LINEAR, SCALAR},
    {vs_fn_year, LINEAR, SCALAR},
    {vs_fn_month, LINEAR, SCALAR},
    {vs_fn_date, LINEAR, SCALAR},
    {vs_fn_day_of_month, LINEAR, SCALAR},
    {vs_fn_day_of_year, LINEAR, SCALAR},
    {vs_fn_day_of_week, LINEAR, SCALAR},
    {vs_fn_hours, LINEAR, SCALAR},
    {vs_fn_minutes, LINEAR, SCALAR},
    {vs_fn_seconds, LINEAR, SCALAR},
    {vs_fn_millis, LINEAR, SCALAR},
    {vs_fn_dur_hours, LINEAR, SCALAR},
    {vs_fn_dur_minutes, LINEAR, SCALAR},
    {vs_fn_dur_seconds, LINEAR, SCALAR},
    {vs_fn_dur_millis, LINEAR, SCALAR},
    {vs_fn_hex, LINEAR, TWICE},
    {vs_fn_unhex, LINEAR, SAME},
    {vs_fn_glob, GLOB, SCALAR},
    {vs_fn_matches, PATTERN, SCALAR},
    {vs_fn_vercmp, LINEAR, SCALAR},
    {vs_fn_vercmp_hex, LINEAR, SCALAR},
    {vs_fn_vercmp_in, ITEMS, SCALAR},
    {vs_fn_sets_contains, PAIRS, SCALAR},
    {vs_fn_sets_intersects, PAIRS, SCALAR},
    {vs_fn_sets_equivalent, PAIRS, SCALAR},
    {vs_fn_distinct, PAIRS, SAME},
    {vs_fn_greatest, ITEMS, SCALAR},
    {vs_fn_least, ITEMS, SCALAR},
    {vs_fn_bit_and, LINEAR, SCALAR},
    {vs_fn_bit_or, LINEAR, SCALAR},
    {vs_fn_bit_xor, LINEAR, SCALAR},
    {vs_fn_bit_not, LINEAR, SCALAR},
    {vs_fn_shift_left, LINEAR, SCALAR},
    {vs_fn_shift_right, LINEAR, SCALAR},
    {vs_fn_ceil, LINEAR, SCALAR},
    {vs_fn_floor, LINEAR, SCALAR},
    {vs_fn_round, LINEAR, SCALAR},
    {vs_fn_trunc, LINEAR, SCALAR},
    {vs_fn_sqrt, LINEAR, SCALAR},
    {vs_fn_abs, LINEAR, SCALAR},
    {vs_fn_sign, LINEAR, SCALAR},
    {vs_fn_is_nan, LINEAR, SCALAR},
    {vs_fn_is_inf, LINEAR, SCALAR},
    {vs_fn_is_finite, LINEAR, SCALAR},
    {vs_fn_b64_encode, LINEAR, TWICE},
    {vs_fn_b64_decode, LINEAR, SAME},
    {vs_fn_ip, LINEAR, SCALAR},
    {vs_fn_is_ip, LINEAR, SCALAR},
    {vs_fn_ip_canonical, LINEAR, SCALAR},
    {vs_fn_cidr, LINEAR, SCALAR},
    {vs_fn_is_cidr, LINEAR, SCALAR},
    {vs_fn_ip_family, LINEAR, SCALAR},
    {vs_fn_ip_unspecified, LINEAR, SCALAR},
    {vs_fn_ip_loopback, LINEAR, SCALAR},
    {vs_fn_ip_local_multicast, LINEAR, SCALAR},
    {vs_fn_ip_local_unicast, LINEAR, SCALAR},
    {vs_fn_ip_global_unicast, LINEAR, SCALAR},
    {vs_fn_cidr_has_ip, LINEAR, SCALAR},
    {vs_fn_cidr_has_cidr, LINEAR, SCALAR},
    {vs_fn_cidr_ip, LINEAR, SCALAR},
    {vs_fn_cidr_masked, LINEAR, SCALAR},
    {vs_fn_cidr_length, LINEAR, SCALAR},
    {vs_fn_net_string, LINEAR, TEXT},
    {vs_fn_semver, LINEAR, VERSION},
    {vs_fn_is_semver, LINEAR, SCALAR},
    {vs_fn_semver_compare, LINEAR, SCALAR},
    {vs_fn_semver_greater, LINEAR, SCALAR},
    {vs_fn_semver_less, LINEAR, SCALAR},
    {vs_fn_semver_major, LINEAR, SCALAR},
    {vs_fn_semver_minor, LINEAR, SCALAR},
    {vs_fn_semver_patch, LINEAR, SCALAR},
};

/* The longest text of a number, a moment or a network, rounded up. */
enum { TEXT_MAX = 64 };

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static const struct vs_cel_size *
element(const struct vs_cel_size *list)
{
	return list->elem != NULL ? list->elem : &vs_size_scalar;
}

/* Elements that replace() or split() may find, and what each may become. */
static const struct vs_cel_size *
grown(struct vs_coster *c, uint64_t n, uint64_t by)
{
	return vs_size_octets(
	    c, vs_cost_add(n, vs_cost_mul(vs_cost_add(n, 1), by)));
}

static const struct vs_cel_size *
result_of(struct vs_coster *c, enum result r,
    const struct vs_cel_size *const *a, size_t n)
{
	switch (r) {
	case SAME:
		return a[0];
	case TEXT:
		return vs_size_octets(
		    c, a[0]->n > TEXT_MAX ? a[0]->n : TEXT_MAX);
	case TWICE:
		return vs_size_octets(
		    c, vs_cost_add(vs_cost_mul(a[0]->n, 2), 4));
	case PARTS:
		return vs_size_new(c,
		    least(vs_cost_add(a[0]->n, 1), VS_CEL_ITEMS_MAX), NULL,
		    vs_size_octets(c, a[0]->n));
	case JOINED:
		return vs_size_octets(c,
		    vs_cost_mul(a[0]->n,
			vs_cost_add(element(a[0])->n, n > 1 ? a[1]->n : 0)));
	case REPLACED:
		return grown(c, a[0]->n, n > 2 ? a[2]->n : VS_CEL_STR_MAX);
	case VERSION:
		return &vs_size_version;
	case LONG:
		return vs_size_octets(c, VS_CEL_STR_MAX);
	case SCALAR:
	default:
		return &vs_size_scalar;
	}
}

/* Every element of either list against every other, in both directions. */
static uint64_t
pairs(const struct vs_cel_size *a, const struct vs_cel_size *b)
{
	uint64_t one = vs_cost_equal(element(a), element(b));

	return vs_cost_add(vs_cost_mul(2, vs_cost_add(a->n, b->n)),
	    vs_cost_mul(vs_cost_mul(2, vs_cost_mul(a->n, b->n)), one));
}

/* format() goes over all of it twice, and sorts the keys of maps. */
static uint64_t
shown(const struct vs_cel_size *s)
{
	uint64_t one;

	if (s == &vs_size_unknown)
		return UINT64_MAX;
	if (s->elem == NULL)
		return 0;
	one = vs_cost_add(2, shown(s->elem));
	if (s->key != NULL)
		one = vs_cost_add(one, vs_cost_mul(2, s->n));
	return vs_cost_mul(s->n, one);
}

static uint64_t
charge_of(enum charge how, const struct vs_cel_size *const *a, size_t n)
{
	const struct vs_cel_size *b = n > 1 ? a[1] : a[0];

	switch (how) {
	case ITEMS:
		return vs_cost_mul(
		    a[0]->n, vs_cost_add(1, vs_cost_octets(element(a[0])->n)));
	case SEARCH:
		return vs_cost_add(a[0]->n,
		    vs_cost_mul(vs_cost_octets(a[0]->n), vs_cost_octets(b->n)));
	case GLOB:
		return vs_cost_add(
		    1, vs_cost_mul(a[0]->n, vs_cost_add(a[0]->n, b->n)) / 16);
	case PAIRS:
		return pairs(a[0], b);
	case SHOWN:
		return shown(b);
	case PATTERN:
		/* The largest program, 1000, a quarter of it an octet. */
		return vs_cost_add(200, vs_cost_mul(a[0]->n, 16));
	case LINEAR:
	default:
		return 0;
	}
}

uint64_t
vs_cost_call(struct vs_coster *c, const struct vs_cel_fn *f,
    const struct vs_cel_size *const *a, size_t n,
    const struct vs_cel_size **size)
{
	uint64_t cost = 4;

	for (size_t i = 0; i < VS_COUNT(rules); i++) {
		if (rules[i].impl != f->impl || n == 0)
			continue;
		*size = result_of(c, (enum result)rules[i].result, a, n);
		/* No function goes over an operand more than three times. */
		for (size_t k = 0; k < n; k++)
			cost = vs_cost_add(
			    cost, vs_cost_mul(3, vs_cost_octets(a[k]->n)));
		cost = vs_cost_add(cost, vs_cost_octets((*size)->n));
		if (rules[i].result == PARTS)
			cost = vs_cost_add(cost, (*size)->n);
		return vs_cost_add(
		    cost, charge_of((enum charge)rules[i].charge, a, n));
	}
	/* One that only a test knows. */
	*size = &vs_size_unknown;
	return UINT64_MAX;
}
