/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cells that a claim is split into: each constant it is compared with,
 * the ranges between numbers, and the rest. Together they are all it can be.
 */
#include <string.h>

#include "policy/floor.h"

static void
read_record(struct vs_floor *f, struct vs_span path)
{
	for (size_t id = 0; id < VS_CLAIM_COUNT; id++) {
		struct vs_span whole =
		    vs_span_cstr(vs_claim_def((vs_claim_id)id)->path);

		if (whole.n > path.n && whole.p[path.n] == '.' &&
		    vs_span_starts(whole, path))
			f->claim[id].read = true;
	}
}

/* Marks the claims of an expression and of its lets. */
static void
mark(struct vs_floor *f, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_CLAIM || n->op == VS_OP_HAS_CLAIM)
		f->claim[n->id].read = true;
	if (n->op == VS_OP_HAS_RECORD)
		read_record(f, n->name);
	/* Lets that are read are marked from their own: all of them are. */
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			mark(f, n->kid[i]);
	}
}

/* ---- cells --------------------------------------------------------------- */

enum {
	FL_POINTS_MAX = (FL_ALTS_MAX - 2) / 2,
	FL_TEXTS_MAX = FL_ALTS_MAX - 2,
};

static void
add_const(struct vs_fl_claim *c, struct vs_val v)
{
	struct vs_fl_alt alt = vs_fl_of_val(v);

	for (size_t i = 0; i < c->n; i++) {
		const struct vs_fl_alt *had = &c->cell[i].alt;

		if (had->kind != alt.kind)
			continue;
		if (alt.kind == FL_RANGE
			? had->u.range.lo == alt.u.range.lo
			: vs_span_equal(
			      vs_val_span(had->u.val), vs_val_span(v)))
			return;
	}
	/* Room for the rest and for absence; k points make 2k + 1 ranges. */
	if (c->n >= (alt.kind == FL_RANGE ? FL_POINTS_MAX : FL_TEXTS_MAX)) {
		c->many = true;
		return;
	}
	c->cell[c->n++] = (struct vs_fl_cell){.alt = alt};
}

static void
add_consts(struct vs_fl_claim *c, struct vs_val v)
{
	if (v.kind == VS_KIND_LIST) {
		for (size_t i = 0; i < v.n && !c->many; i++)
			add_const(c, v.u.v[i]);
	} else if (v.kind == VS_KIND_STRING || v.kind == VS_KIND_INT) {
		add_const(c, v);
	}
}

/* What an operand may be: claims, and constants, through lets and ?:. */
typedef void (*visit)(
    struct vs_floor *f, const struct vs_cel_node *leaf, void *ctx);

static void
leaves(struct vs_floor *f, const struct vs_cel_node *n, visit fn, void *ctx)
{
	/* Lets may double at each step; without their constants nothing is
	 * proved. */
	if (++f->steps > FL_STEPS_MAX) {
		f->spent = true;
		return;
	}
	while (n->op == VS_OP_LET)
		n = f->p->lets[n->id].code;
	if (n->op == VS_OP_COND) {
		leaves(f, n->kid[1], fn, ctx);
		leaves(f, n->kid[2], fn, ctx);
	} else if (n->op == VS_OP_LIST) {
		for (size_t i = 0; i < n->n; i++)
			leaves(f, n->kid[i], fn, ctx);
	} else {
		fn(f, n, ctx);
	}
}

static void
give_const(struct vs_floor *f, const struct vs_cel_node *leaf, void *ctx)
{
	const struct vs_cel_node *claim = ctx;
	struct vs_fl_claim *c = &f->claim[claim->id];
	vs_claim_type type = vs_claim_def((vs_claim_id)claim->id)->type;

	if (leaf->op == VS_OP_LIT &&
	    (type == VS_CLAIM_INT || type == VS_CLAIM_STRING))
		add_consts(c, leaf->val);
}

static void
take_consts(struct vs_floor *f, const struct vs_cel_node *leaf, void *ctx)
{
	const struct vs_cel_node *other = ctx;
	struct vs_cel_node claim = {.op = VS_OP_CLAIM, .id = leaf->id};

	/* What the world sets has its cells. */
	if (leaf->op == VS_OP_CLAIM && !f->claim[leaf->id].forced &&
	    leaf->id != VS_CLAIM_TEE_KIND &&
	    (f->claim[leaf->id].n == 0 || f->claim[leaf->id].cell[0].may == 0))
		leaves(f, other, give_const, &claim);
}

static bool
is_relation(const struct vs_cel_node *n)
{
	return (n->op >= VS_OP_EQ && n->op <= VS_OP_GE) || n->op == VS_OP_IN;
}

static void
collect(struct vs_floor *f, const struct vs_cel_node *n)
{
	if (is_relation(n)) {
		leaves(f, n->kid[0], take_consts, n->kid[1]);
		leaves(f, n->kid[1], take_consts, n->kid[0]);
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			collect(f, n->kid[i]);
	}
}

static void
add_range(struct vs_fl_claim *c, int64_t lo, int64_t hi)
{
	if (lo <= hi)
		c->cell[c->n++] = (struct vs_fl_cell){
		    .alt = {.kind = FL_RANGE, .u.range = {lo, hi}}};
}

/* From the points that are compared with to ranges that cover everything. */
static void
cut_ranges(struct vs_fl_claim *c)
{
	int64_t point[FL_ALTS_MAX], from = INT64_MIN;
	size_t n = c->n;
	bool whole = false;

	for (size_t i = 0; i < n; i++) {
		int64_t v = c->cell[i].alt.u.range.lo;
		size_t k = i;

		for (; k > 0 && point[k - 1] > v; k--)
			point[k] = point[k - 1];
		point[k] = v;
	}
	c->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (point[i] > INT64_MIN)
			add_range(c, from, point[i] - 1);
		add_range(c, point[i], point[i]);
		whole = point[i] == INT64_MAX;
		from = whole ? from : point[i] + 1;
	}
	if (!whole)
		add_range(c, from, INT64_MAX);
}

static void
finish(struct vs_fl_claim *c, uint32_t id)
{
	vs_claim_type type = vs_claim_def((vs_claim_id)id)->type;

	if (c->many || type == VS_CLAIM_TIME || type == VS_CLAIM_STRINGS) {
		c->n = 0;
		return;
	}
	if (type == VS_CLAIM_INT)
		cut_ranges(c);
	else if (type == VS_CLAIM_STRING)
		c->cell[c->n++] =
		    (struct vs_fl_cell){.alt = {.kind = FL_OTHER, .claim = id}};
	else {
		c->cell[c->n++] = (struct vs_fl_cell){.may = FL_TRUE};
		c->cell[c->n++] = (struct vs_fl_cell){.may = FL_FALSE};
	}
	if (c->absent)
		c->cell[c->n++] = (struct vs_fl_cell){.may = FL_ERROR};
}

typedef void (*each)(struct vs_floor *f, const struct vs_cel_node *n);

/* Every expression that has a say in a verdict. */
static void
everything(struct vs_floor *f, each fn)
{
	const struct vs_policy *p = f->p;

	for (size_t i = 0; i < p->lets_n; i++)
		fn(f, p->lets[i].code);
	for (size_t i = 0; i < p->rules_n; i++) {
		if (p->rules[i].warn)
			continue;
		fn(f, p->rules[i].assert_code);
		if (p->rules[i].when != NULL)
			fn(f, p->rules[i].when);
	}
}

void
vs_fl_domains(struct vs_floor *f)
{
	bool set[VS_CLAIM_COUNT];

	for (uint32_t id = 0; id < VS_CLAIM_COUNT; id++) {
		set[id] = f->claim[id].n > 0;
		f->claim[id].now = -1;
	}
	everything(f, mark);
	everything(f, collect);
	for (uint32_t id = 0; id < VS_CLAIM_COUNT; id++) {
		if (f->claim[id].read && !set[id])
			finish(&f->claim[id], id);
	}
}

/* ---- order --------------------------------------------------------------- */

static bool
concerns(const struct vs_floor *f, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_CLAIM || n->op == VS_OP_HAS_CLAIM)
		return f->claim[n->id].forced;
	if (n->op == VS_OP_GPUS)
		return f->gpus != FL_GPUS_FREE;
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && concerns(f, n->kid[i]))
			return true;
	}
	if (n->op == VS_OP_HAS_RECORD) {
		for (size_t id = 0; id < VS_CLAIM_COUNT; id++) {
			struct vs_span path =
			    vs_span_cstr(vs_claim_def((vs_claim_id)id)->path);

			if (f->claim[id].forced &&
			    vs_span_starts(path, n->name))
				return true;
		}
	}
	return false;
}

/* Lets are no trees: each is looked at once for all. */
static bool
concerns_deep(
    const struct vs_floor *f, const struct vs_cel_node *n, const bool *let)
{
	if (n->op == VS_OP_LET)
		return let[n->id];
	if (n->n == 0)
		return concerns(f, n);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && concerns_deep(f, n->kid[i], let))
			return true;
	}
	return false;
}

bool
vs_fl_concerns(const struct vs_floor *f, const struct vs_cel_node *n)
{
	bool let[VS_POL_NAMES_MAX] = {false};

	for (size_t i = 0; i < f->p->lets_n; i++)
		let[i] = concerns_deep(f, f->p->lets[i].code, let);
	return concerns_deep(f, n, let);
}

static void
reads_of(const struct vs_policy *p, const struct vs_cel_node *n, bool *claim,
    bool *let)
{
	if (n->op == VS_OP_CLAIM || n->op == VS_OP_HAS_CLAIM)
		claim[n->id] = true;
	if (n->op == VS_OP_LET && !let[n->id]) {
		let[n->id] = true;
		reads_of(p, p->lets[n->id].code, claim, let);
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			reads_of(p, n->kid[i], claim, let);
	}
}

enum { FAR = 4 };

/* How far each claim is from what is forced, by the rules that they share. */
static void
measure(struct vs_floor *f, const struct vs_pol_rule *r, uint8_t *far)
{
	bool claim[VS_CLAIM_COUNT] = {false}, let[VS_POL_NAMES_MAX] = {false};
	uint8_t least = FAR;

	if (r->warn)
		return;
	reads_of(f->p, r->assert_code, claim, let);
	if (r->when != NULL)
		reads_of(f->p, r->when, claim, let);
	if (vs_fl_concerns(f, r->assert_code) ||
	    (r->when != NULL && vs_fl_concerns(f, r->when)))
		least = 0;
	for (size_t id = 0; id < VS_CLAIM_COUNT; id++) {
		if (claim[id] && far[id] < least)
			least = far[id];
	}
	for (size_t id = 0; id < VS_CLAIM_COUNT; id++) {
		if (claim[id] && far[id] > least + 1)
			far[id] = (uint8_t)(least + 1);
	}
}

void
vs_fl_order(struct vs_floor *f)
{
	uint8_t far[VS_CLAIM_COUNT];

	memset(far, FAR, sizeof(far));
	for (int round = 0; round < FAR; round++) {
		for (size_t i = 0; i < f->p->rules_n; i++)
			measure(f, &f->p->rules[i], far);
	}
	f->order_n = 0;
	for (int d = 0; d <= FAR; d++) {
		for (int id = 0; id < VS_CLAIM_COUNT; id++) {
			const struct vs_fl_claim *c = &f->claim[id];

			if (far[id] == d && c->read && c->n > 1)
				f->order[f->order_n++] = (uint16_t)id;
		}
	}
}
