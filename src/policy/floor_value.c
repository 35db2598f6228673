/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of possible values, and relations between them. */
#include "policy/floor.h"

void
vs_fl_add(struct vs_fl_val *v, struct vs_fl_alt alt)
{
	if ((v->may & FL_ANY) != 0)
		return;
	if (v->n == FL_ALTS_MAX) {
		v->n = 0;
		v->may |= FL_ANY;
		return;
	}
	v->alt[v->n++] = alt;
}

void
vs_fl_join(struct vs_fl_val *v, const struct vs_fl_val *w)
{
	v->may |= w->may;
	if ((v->may & FL_ANY) != 0)
		v->n = 0;
	for (size_t i = 0; i < w->n; i++)
		vs_fl_add(v, w->alt[i]);
}

static struct vs_fl_alt
range(int64_t lo, int64_t hi)
{
	return (struct vs_fl_alt){.kind = FL_RANGE, .u.range = {lo, hi}};
}

struct vs_fl_alt
vs_fl_of_val(struct vs_val val)
{
	if (val.kind == VS_KIND_INT)
		return range(val.u.i, val.u.i);
	if (val.kind == VS_KIND_TIMESTAMP)
		return range(val.u.i, val.u.i + (val.n > 0));
	return (struct vs_fl_alt){.kind = FL_CONST, .u.val = val};
}

void
vs_fl_add_val(struct vs_fl_val *v, struct vs_val val)
{
	if (val.kind == VS_KIND_BOOL)
		v->may |= val.u.b ? FL_TRUE : FL_FALSE;
	else if (vs_val_is_error(val))
		v->may |= FL_ERROR;
	else
		vs_fl_add(v, vs_fl_of_val(val));
}

unsigned
vs_fl_truth(const struct vs_fl_val *v)
{
	unsigned may = v->may & (FL_TRUE | FL_FALSE | FL_ERROR);

	/* What is not known to be one bool is any. */
	if ((v->may & FL_ANY) != 0 || v->n > 0 || may == 0)
		return FL_TRUE | FL_FALSE | FL_ERROR;
	return may;
}

bool
vs_fl_fails(const struct vs_fl_val *v)
{
	return v->may == FL_ERROR && v->n == 0;
}

/* No key signed it: whoever starts a guest without one gets this. */
static bool
all_zero(struct vs_val v)
{
	struct vs_span s = vs_val_span(v);

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '0')
			return false;
	}
	return true;
}

static bool
has_cell(const struct vs_fl_claim *c, struct vs_val v)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct vs_fl_cell *cell = &c->cell[i];

		if (cell->may == 0 && cell->alt.kind == FL_CONST &&
		    vs_span_equal(vs_val_span(cell->alt.u.val), vs_val_span(v)))
			return true;
	}
	return false;
}

static unsigned
equal_const(
    const struct vs_floor *f, const struct vs_fl_alt *a, struct vs_val v)
{
	if (v.kind != VS_KIND_STRING)
		return FL_TRUE | FL_FALSE;
	switch ((vs_fl_kind)a->kind) {
	case FL_CONST:
		if (a->u.val.kind != VS_KIND_STRING)
			return FL_TRUE | FL_FALSE;
		return vs_span_equal(vs_val_span(a->u.val), vs_val_span(v))
		    ? FL_TRUE
		    : FL_FALSE;
	case FL_FRESH:
		return all_zero(v) ? FL_TRUE | FL_FALSE : FL_FALSE;
	case FL_OTHER:
		return has_cell(&f->claim[a->claim], v) ? FL_FALSE
							: FL_TRUE | FL_FALSE;
	case FL_RANGE:
	case FL_HOLDS_FRESH:
	case FL_TRUSTED:
	case FL_SET:
	case FL_ENTRY:
	case FL_GPUS:
	case FL_GPU:
	default:
		return FL_TRUE | FL_FALSE;
	}
}

static unsigned
equal_ranges(const struct vs_fl_alt *a, const struct vs_fl_alt *b)
{
	if (a->u.range.hi < b->u.range.lo || b->u.range.hi < a->u.range.lo)
		return FL_FALSE;
	if (a->u.range.lo == a->u.range.hi && b->u.range.lo == b->u.range.hi)
		return FL_TRUE;
	return FL_TRUE | FL_FALSE;
}

static unsigned
equal(const struct vs_floor *f, const struct vs_fl_alt *a,
    const struct vs_fl_alt *b)
{
	if (a->kind == FL_RANGE && b->kind == FL_RANGE)
		return equal_ranges(a, b);
	if (b->kind == FL_CONST)
		return equal_const(f, a, b->u.val);
	if (a->kind == FL_CONST)
		return equal_const(f, b, a->u.val);
	if ((a->kind == FL_FRESH && b->kind == FL_TRUSTED) ||
	    (a->kind == FL_TRUSTED && b->kind == FL_FRESH))
		return FL_FALSE;
	/* A claim is what it is; that says nothing about what that is. */
	if ((a->kind == FL_FRESH || a->kind == FL_OTHER) &&
	    a->kind == b->kind && a->claim == b->claim)
		return FL_TRUE;
	return FL_TRUE | FL_FALSE;
}

static unsigned
not_bits(unsigned may)
{
	return ((may & FL_TRUE) != 0 ? FL_FALSE : 0u) |
	    ((may & FL_FALSE) != 0 ? FL_TRUE : 0u);
}

/* a < b, for all there is in both. */
static unsigned
less(const struct vs_fl_alt *a, const struct vs_fl_alt *b)
{
	if (a->kind != FL_RANGE || b->kind != FL_RANGE)
		return FL_TRUE | FL_FALSE;
	if (a->u.range.hi < b->u.range.lo)
		return FL_TRUE;
	if (a->u.range.lo >= b->u.range.hi)
		return FL_FALSE;
	return FL_TRUE | FL_FALSE;
}

static unsigned
relate_one(const struct vs_floor *f, int op, const struct vs_fl_alt *a,
    const struct vs_fl_alt *b)
{
	switch (op) {
	case VS_OP_EQ:
		return equal(f, a, b);
	case VS_OP_NE:
		return not_bits(equal(f, a, b));
	case VS_OP_LT:
		return less(a, b);
	case VS_OP_GE:
		return not_bits(less(a, b));
	case VS_OP_GT:
		return less(b, a);
	default:
		return not_bits(less(b, a));
	}
}

static unsigned
relate_bools(int op, unsigned a, unsigned b)
{
	unsigned same = 0, may = 0;

	if (op != VS_OP_EQ && op != VS_OP_NE)
		return FL_TRUE | FL_FALSE;
	if ((a & b & (FL_TRUE | FL_FALSE)) != 0)
		same |= FL_TRUE;
	if (((a & FL_TRUE) != 0 && (b & FL_FALSE) != 0) ||
	    ((a & FL_FALSE) != 0 && (b & FL_TRUE) != 0))
		same |= FL_FALSE;
	may = op == VS_OP_EQ ? same : not_bits(same);
	return may;
}

unsigned
vs_fl_relate(const struct vs_floor *f, int op, const struct vs_fl_val *a,
    const struct vs_fl_val *b)
{
	unsigned may = (a->may | b->may) & FL_ERROR;

	if (vs_fl_fails(a) || vs_fl_fails(b))
		return FL_ERROR;
	if (((a->may | b->may) & FL_ANY) != 0)
		return may | FL_TRUE | FL_FALSE;
	if (((a->may | b->may) & (FL_TRUE | FL_FALSE)) != 0)
		return may | relate_bools(op, a->may, b->may);
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < b->n; k++)
			may |= relate_one(f, op, &a->alt[i], &b->alt[k]);
	}
	return may;
}

/* In a constant list, or among the keys of a constant map. */
static unsigned
in_const(const struct vs_floor *f, const struct vs_fl_alt *a, struct vs_val c)
{
	size_t step = c.kind == VS_KIND_MAP ? 2 : 1;
	bool maybe = false;

	if (c.kind != VS_KIND_LIST && c.kind != VS_KIND_MAP)
		return FL_TRUE | FL_FALSE;
	for (size_t i = 0; i < c.n; i++) {
		struct vs_fl_alt b = vs_fl_of_val(c.u.v[i * step]);
		unsigned same = equal(f, a, &b);

		if (same == FL_TRUE)
			return FL_TRUE;
		maybe = maybe || same != FL_FALSE;
	}
	return maybe ? FL_TRUE | FL_FALSE : FL_FALSE;
}

unsigned
vs_fl_in(const struct vs_floor *f, const struct vs_fl_val *a,
    const struct vs_fl_val *container)
{
	unsigned may = (a->may | container->may) & FL_ERROR;

	if (vs_fl_fails(a) || vs_fl_fails(container))
		return FL_ERROR;
	if (((a->may | container->may) & ~(unsigned)FL_ERROR) != 0)
		return may | FL_TRUE | FL_FALSE;
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < container->n; k++) {
			const struct vs_fl_alt *c = &container->alt[k];

			if (c->kind == FL_CONST)
				may |= in_const(f, &a->alt[i], c->u.val);
			else if (c->kind == FL_SET &&
			    a->alt[i].kind == FL_FRESH)
				may |= FL_FALSE;
			else
				may |= FL_TRUE | FL_FALSE;
		}
	}
	return may;
}
