/* SPDX-License-Identifier: Apache-2.0 */
/* all() and exists() over sets of values. */
#include "policy/floor.h"

/* Elements of a constant list that are looked at one by one. */
enum { UNROLL_MAX = 64 };

static const unsigned ALL_BITS = FL_TRUE | FL_FALSE | FL_ERROR;

static unsigned
body(struct vs_floor *f, const struct vs_cel_node *n,
    const struct vs_fl_val *element)
{
	struct vs_fl_val index;

	vs_fl_bits(&index, FL_ANY);
	if (n->name2.n > 0) {
		f->local[n->id] = index;
		f->local[n->id + 1] = *element;
	} else {
		f->local[n->id] = *element;
	}
	return vs_fl_bool(f, n->kid[1]);
}

/* One more operand of the && or || that a loop is. */
static unsigned
fold_in(bool exists, unsigned sofar, unsigned one)
{
	unsigned decides = exists ? FL_TRUE : FL_FALSE;
	unsigned other = FL_TRUE + FL_FALSE - decides;

	if (sofar == decides || one == decides)
		return decides;
	return ((sofar | one) & (decides | FL_ERROR)) | (sofar & one & other);
}

static unsigned
over_const(struct vs_floor *f, const struct vs_cel_node *n, struct vs_val list)
{
	bool exists = n->op == VS_OP_EXISTS;
	unsigned may = exists ? FL_FALSE : FL_TRUE;

	if ((list.kind != VS_KIND_LIST && list.kind != VS_KIND_MAP) ||
	    list.n > UNROLL_MAX || (list.kind == VS_KIND_MAP && n->name2.n > 0))
		return ALL_BITS;
	for (size_t i = 0; i < list.n; i++) {
		struct vs_fl_val e = {0};

		vs_fl_add_val(
		    &e, list.u.v[list.kind == VS_KIND_MAP ? 2 * i : i]);
		may = fold_in(exists, may, body(f, n, &e));
	}
	return may;
}

static unsigned
over_gpus(struct vs_floor *f, const struct vs_cel_node *n)
{
	bool exists = n->op == VS_OP_EXISTS;
	struct vs_fl_val gpu;
	unsigned may;

	if (f->gpus == FL_GPUS_NONE)
		return exists ? FL_FALSE : FL_TRUE;
	if (f->gpus == FL_GPUS_FREE) {
		vs_fl_bits(&gpu, FL_ANY);
		return body(f, n, &gpu) | ALL_BITS;
	}
	vs_fl_one(&gpu, FL_GPU);
	may = body(f, n, &gpu);
	/* Beside it there may be others, and those are as it pleases. */
	return fold_in(exists, ALL_BITS, may);
}

/* A list that holds what nobody named, beside anything else. */
static unsigned
over_strings(struct vs_floor *f, const struct vs_cel_node *n, uint32_t claim)
{
	struct vs_fl_val e;

	vs_fl_one(&e, FL_FRESH);
	e.alt[0].claim = claim;
	return fold_in(n->op == VS_OP_EXISTS, ALL_BITS, body(f, n, &e));
}

static unsigned
over_set(struct vs_floor *f, const struct vs_cel_node *n)
{
	bool exists = n->op == VS_OP_EXISTS;
	struct vs_fl_val e;

	vs_fl_one(&e, FL_TRUSTED);
	/* It may be empty. */
	return body(f, n, &e) | (exists ? FL_FALSE : FL_TRUE);
}

static unsigned
over_one(
    struct vs_floor *f, const struct vs_cel_node *n, const struct vs_fl_alt *a)
{
	if (a->kind == FL_CONST)
		return over_const(f, n, a->u.val);
	if (a->kind == FL_GPUS)
		return over_gpus(f, n);
	if (a->kind == FL_HOLDS_FRESH)
		return over_strings(f, n, a->claim);
	if (a->kind == FL_SET && n->name2.n == 0)
		return over_set(f, n);
	return ALL_BITS;
}

void
vs_fl_loop(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	const struct vs_cel_node *list = vs_fl_written_list(f, n->kid[0]);
	bool exists = n->op == VS_OP_EXISTS;
	struct vs_fl_val r;
	unsigned may;

	if (n->op != VS_OP_ALL && n->op != VS_OP_EXISTS) {
		vs_fl_unknown(n, out);
		return;
	}
	if (list != NULL) {
		may = exists ? FL_FALSE : FL_TRUE;
		for (size_t i = 0; i < list->n; i++) {
			vs_fl_eval(f, list->kid[i], &r);
			may = fold_in(exists, may, body(f, n, &r)) |
			    (r.may & FL_ERROR);
		}
		vs_fl_bits(out, may);
		return;
	}
	vs_fl_eval(f, n->kid[0], &r);
	may = (r.may & FL_ERROR) | ((r.may & FL_ANY) != 0 ? ALL_BITS : 0u);
	for (size_t i = 0; i < r.n; i++)
		may |= over_one(f, n, &r.alt[i]);
	vs_fl_bits(out, may);
}
