/* SPDX-License-Identifier: Apache-2.0 */
/* What an expression may be in a world: the evaluator over sets of values. */
#include "policy/floor.h"

static const unsigned ALL_BITS = FL_TRUE | FL_FALSE | FL_ERROR;

void
vs_fl_bits(struct vs_fl_val *out, unsigned may)
{
	out->n = 0;
	out->may = (uint8_t)may;
}

void
vs_fl_unknown(const struct vs_cel_node *n, struct vs_fl_val *out)
{
	vs_fl_bits(out,
	    n->type != NULL && n->type->kind == VS_KIND_BOOL
		? ALL_BITS
		: (unsigned)(FL_ANY | FL_ERROR));
}

void
vs_fl_one(struct vs_fl_val *out, vs_fl_kind kind)
{
	out->may = 0;
	out->n = 1;
	out->alt[0] = (struct vs_fl_alt){.kind = (uint8_t)kind};
}

static void
one_range(struct vs_fl_val *out, int64_t lo, int64_t hi)
{
	vs_fl_one(out, FL_RANGE);
	out->alt[0].u.range.lo = lo;
	out->alt[0].u.range.hi = hi;
}

static void
add_cell(struct vs_fl_val *out, const struct vs_fl_cell *cell)
{
	if (cell->may != 0)
		out->may |= cell->may;
	else
		vs_fl_add(out, cell->alt);
}

static void
eval_claim(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	const struct vs_fl_claim *c = &f->claim[n->id];

	if (c->n == 0) {
		vs_fl_unknown(n, out);
		return;
	}
	vs_fl_bits(out, 0);
	for (size_t i = 0; i < c->n; i++) {
		if (c->now < 0 || (size_t)c->now == i)
			add_cell(out, &c->cell[i]);
	}
}

static unsigned
has_claim(const struct vs_floor *f, uint32_t id)
{
	const struct vs_fl_claim *c = &f->claim[id];
	unsigned may = 0;

	if (c->n == 0)
		return c->absent ? FL_TRUE | FL_FALSE : FL_TRUE;
	for (size_t i = 0; i < c->n; i++) {
		if (c->now < 0 || (size_t)c->now == i)
			may |= c->cell[i].may == FL_ERROR ? FL_FALSE : FL_TRUE;
	}
	return may;
}

static unsigned
has_record(const struct vs_floor *f, struct vs_span path)
{
	bool maybe = false;

	for (uint32_t id = 0; id < VS_CLAIM_COUNT; id++) {
		struct vs_span whole =
		    vs_span_cstr(vs_claim_def((vs_claim_id)id)->path);
		unsigned may;

		if (whole.n <= path.n || whole.p[path.n] != '.' ||
		    !vs_span_starts(whole, path))
			continue;
		may = has_claim(f, id);
		if (may == FL_TRUE)
			return FL_TRUE;
		maybe = maybe || may != FL_FALSE;
	}
	return maybe ? FL_TRUE | FL_FALSE : FL_FALSE;
}

static void
eval_logic(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	unsigned decides = n->op == VS_OP_OR ? FL_TRUE : FL_FALSE;
	unsigned other = FL_TRUE + FL_FALSE - decides;
	bool all_other = true;
	unsigned may = 0;

	for (size_t i = 0; i < n->n; i++) {
		unsigned one = vs_fl_bool(f, n->kid[i]);

		may |= one & (decides | FL_ERROR);
		all_other = all_other && (one & other) != 0;
		/* Decided, whatever the others are. */
		if (one == decides) {
			vs_fl_bits(out, decides);
			return;
		}
	}
	vs_fl_bits(out, may | (all_other ? other : 0u));
}

static void
eval_cond(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	unsigned c = vs_fl_bool(f, n->kid[0]);
	struct vs_fl_val branch;

	vs_fl_bits(out, c & FL_ERROR);
	for (unsigned i = 1; i <= 2; i++) {
		if ((c & (i == 1 ? FL_TRUE : FL_FALSE)) == 0)
			continue;
		vs_fl_eval(f, n->kid[i], &branch);
		vs_fl_join(out, &branch);
	}
}

const struct vs_cel_node *
vs_fl_written_list(const struct vs_floor *f, const struct vs_cel_node *n)
{
	while (n->op == VS_OP_LET)
		n = f->p->lets[n->id].code;
	return n->op == VS_OP_LIST ? n : NULL;
}

static unsigned
in_written(struct vs_floor *f, const struct vs_fl_val *a,
    const struct vs_cel_node *list)
{
	unsigned may = a->may & FL_ERROR;
	bool surely = false, maybe = false;
	struct vs_fl_val b;

	for (size_t i = 0; i < list->n; i++) {
		vs_fl_eval(f, list->kid[i], &b);
		unsigned same = vs_fl_relate(f, VS_OP_EQ, a, &b);

		may |= same & FL_ERROR;
		surely = surely || same == FL_TRUE;
		maybe = maybe || (same & FL_TRUE) != 0;
	}
	return may | (maybe ? FL_TRUE : 0u) | (surely ? 0u : FL_FALSE);
}

static void
eval_relation(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	const struct vs_cel_node *list;
	struct vs_fl_val a, b;

	vs_fl_eval(f, n->kid[0], &a);
	list = n->op == VS_OP_IN ? vs_fl_written_list(f, n->kid[1]) : NULL;
	if (list != NULL) {
		vs_fl_bits(out, in_written(f, &a, list));
		return;
	}
	vs_fl_eval(f, n->kid[1], &b);
	vs_fl_bits(out,
	    n->op == VS_OP_IN ? vs_fl_in(f, &a, &b)
			      : vs_fl_relate(f, n->op, &a, &b));
}

/* Every element of a constant: which one, the attacker chooses. */
static void
any_element(struct vs_val c, struct vs_fl_val *out)
{
	size_t step = c.kind == VS_KIND_MAP ? 2 : 1;

	if (c.kind != VS_KIND_LIST && c.kind != VS_KIND_MAP) {
		vs_fl_bits(out, FL_ANY | FL_ERROR);
		return;
	}
	out->may |= FL_ERROR;
	for (size_t i = 0; i < c.n; i++)
		vs_fl_add_val(out, c.u.v[i * step + step - 1]);
}

static bool
all_fresh(const struct vs_fl_val *v)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->alt[i].kind != FL_FRESH)
			return false;
	}
	return (v->may & ~(unsigned)FL_ERROR) == 0;
}

static void
eval_index(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	struct vs_fl_val c, key;

	vs_fl_eval(f, n->kid[0], &c);
	vs_fl_eval(f, n->kid[1], &key);
	if (vs_fl_fails(&c) || vs_fl_fails(&key) ||
	    (c.n == 1 && c.may == 0 && c.alt[0].kind == FL_SET &&
		all_fresh(&key))) {
		vs_fl_bits(out, FL_ERROR);
		return;
	}
	if (c.n == 0 || (c.may & ~(unsigned)FL_ERROR) != 0) {
		vs_fl_unknown(n, out);
		return;
	}
	vs_fl_bits(out, FL_ERROR);
	for (size_t i = 0; i < c.n; i++) {
		if (c.alt[i].kind == FL_CONST) {
			any_element(c.alt[i].u.val, out);
		} else if (c.alt[i].kind == FL_SET) {
			vs_fl_add(out,
			    (struct vs_fl_alt){
				.kind = n->type->kind == VS_KIND_RECORD
				    ? FL_ENTRY
				    : FL_TRUSTED});
		} else {
			vs_fl_unknown(n, out);
			return;
		}
	}
}

/* Of the GPU that the world is about; claims/schema_gpu.h names the values. */
static void
gpu_field(const struct vs_cel_node *n, struct vs_fl_val *out)
{
	if (!vs_span_is(n->name, "cc_state")) {
		vs_fl_unknown(n, out);
		return;
	}
	vs_fl_bits(out, FL_ERROR);
	vs_fl_add_val(out, vs_val_str(VS_SPAN_LIT("off")));
	vs_fl_add_val(out, vs_val_str(VS_SPAN_LIT("devtools")));
}

static void
entry_field(const struct vs_cel_node *n, struct vs_fl_val *out)
{
	if (n->type->kind == VS_KIND_STRING)
		vs_fl_one(out, FL_TRUSTED);
	else if (n->type->kind == VS_KIND_LIST)
		vs_fl_one(out, FL_SET);
	else
		vs_fl_unknown(n, out);
	out->may |= FL_ERROR;
}

static void
eval_select(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	struct vs_fl_val c;

	vs_fl_eval(f, n->kid[0], &c);
	if (vs_fl_fails(&c))
		vs_fl_bits(out, FL_ERROR);
	else if (n->op == VS_OP_SELECT && c.n == 1 && c.alt[0].kind == FL_GPU &&
	    (c.may & ~(unsigned)FL_ERROR) == 0)
		gpu_field(n, out);
	else if (n->op == VS_OP_SELECT && c.n == 1 &&
	    c.alt[0].kind == FL_ENTRY && (c.may & ~(unsigned)FL_ERROR) == 0)
		entry_field(n, out);
	else
		vs_fl_unknown(n, out);
}

static void
eval_size(
    const struct vs_floor *f, const struct vs_fl_val *v, struct vs_fl_val *out)
{
	uint8_t kind = v->n == 1 && (v->may & ~(unsigned)FL_ERROR) == 0
	    ? v->alt[0].kind
	    : (uint8_t)FL_CONST;

	if (kind != FL_GPUS)
		one_range(out, kind == FL_HOLDS_FRESH, INT64_MAX);
	else if (f->gpus == FL_GPUS_NONE)
		one_range(out, 0, 0);
	else
		one_range(out, f->gpus == FL_GPUS_BAD, VS_CLAIM_GPUS_MAX);
	out->may |= v->may & FL_ERROR;
}

/* Only what fails for sure is known of operands. */
static void
eval_strict(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	struct vs_fl_val a;

	vs_fl_unknown(n, out);
	for (size_t i = 0; i < n->n; i++) {
		vs_fl_eval(f, n->kid[i], &a);
		if (vs_fl_fails(&a)) {
			vs_fl_bits(out, FL_ERROR);
			return;
		}
		if (n->op == VS_OP_CALL && n->n == 1 &&
		    vs_span_is(n->name, "size"))
			eval_size(f, &a, out);
	}
}

static void
eval_not(struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	unsigned may = vs_fl_bool(f, n->kid[0]);

	vs_fl_bits(out,
	    (may & FL_ERROR) | ((may & FL_TRUE) != 0 ? FL_FALSE : 0u) |
		((may & FL_FALSE) != 0 ? FL_TRUE : 0u));
}

static void
eval_bind(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	vs_fl_eval(f, n->kid[0], out);
	f->local[n->id] = *out;
	vs_fl_eval(f, n->kid[1], out);
}

static void
eval_operator(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	switch (n->op) {
	case VS_OP_BIND:
		eval_bind(f, n, out);
		return;
	case VS_OP_AND:
	case VS_OP_OR:
		eval_logic(f, n, out);
		return;
	case VS_OP_NOT:
		eval_not(f, n, out);
		return;
	case VS_OP_COND:
		eval_cond(f, n, out);
		return;
	case VS_OP_EQ:
	case VS_OP_NE:
	case VS_OP_LT:
	case VS_OP_LE:
	case VS_OP_GT:
	case VS_OP_GE:
	case VS_OP_IN:
		eval_relation(f, n, out);
		return;
	case VS_OP_INDEX:
		eval_index(f, n, out);
		return;
	case VS_OP_SELECT:
	case VS_OP_HAS:
		eval_select(f, n, out);
		return;
	default:
		if (n->op >= VS_OP_ALL)
			vs_fl_loop(f, n, out);
		else
			eval_strict(f, n, out);
	}
}

static void
eval_node(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	vs_fl_bits(out, 0);
	switch (n->op) {
	case VS_OP_LIT:
		vs_fl_add_val(out, n->val);
		return;
	case VS_OP_CLAIM:
		eval_claim(f, n, out);
		return;
	case VS_OP_HAS_CLAIM:
		vs_fl_bits(out, has_claim(f, n->id));
		return;
	case VS_OP_HAS_RECORD:
		vs_fl_bits(out, has_record(f, n->name));
		return;
	case VS_OP_LET:
		*out = f->let[n->id];
		return;
	case VS_OP_LOCAL:
	case VS_OP_BOUND:
		*out = f->local[n->id];
		return;
	case VS_OP_LISTED:
		vs_fl_one(out, FL_SET);
		return;
	case VS_OP_GPUS:
		vs_fl_one(out, FL_GPUS);
		return;
	default:
		eval_operator(f, n, out);
	}
}

void
vs_fl_eval(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out)
{
	if (++f->steps > FL_STEPS_MAX) {
		f->spent = true;
		vs_fl_bits(out, ALL_BITS | FL_ANY);
		return;
	}
	eval_node(f, n, out);
}

unsigned
vs_fl_bool(struct vs_floor *f, const struct vs_cel_node *n)
{
	struct vs_fl_val v;

	vs_fl_eval(f, n, &v);
	return vs_fl_truth(&v);
}

/* In their order: each reads only those before it. */
void
vs_fl_lets(struct vs_floor *f)
{
	for (size_t i = 0; i < f->p->lets_n; i++)
		vs_fl_eval(f, f->p->lets[i].code, &f->let[i]);
}
