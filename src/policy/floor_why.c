/* SPDX-License-Identifier: Apache-2.0 */
/* The way out that the search has found, in the words of the file. */
#include "policy/floor.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 72, CLAIMS_MAX = 3 };

/* A part of an expression that may be true (or false) and is enough. */
struct spot {
	const struct vs_yaml *yaml;
	const struct vs_cel_node *node;
	bool holds; /* else it may be false */
};

static bool
may(struct vs_floor *f, const struct vs_cel_node *n, bool truth)
{
	return (vs_fl_bool(f, n) & (truth ? FL_TRUE : FL_FALSE)) != 0;
}

/* All operands are needed: the one that should have caught the guest. */
static const struct vs_cel_node *
operand_concerned(struct vs_floor *f, const struct vs_cel_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (vs_fl_concerns(f, n->kid[i]))
			return n->kid[i];
	}
	return NULL;
}

static const struct vs_cel_node *
operand_enough(struct vs_floor *f, const struct vs_cel_node *n, bool truth)
{
	for (size_t i = 0; i < n->n; i++) {
		if (may(f, n->kid[i], truth))
			return n->kid[i];
	}
	return NULL;
}

static const struct vs_cel_node *
step(struct vs_floor *f, const struct vs_cel_node *n, bool *truth)
{
	switch (n->op) {
	case VS_OP_NOT:
		*truth = !*truth;
		return n->kid[0];
	case VS_OP_AND:
	case VS_OP_OR:
		return *truth == (n->op == VS_OP_AND)
		    ? operand_concerned(f, n)
		    : operand_enough(f, n, *truth);
	case VS_OP_COND:
		if (may(f, n->kid[0], true) && may(f, n->kid[1], *truth))
			return n->kid[1];
		return n->kid[2];
	default:
		return NULL;
	}
}

/* Down to the part that is enough by itself; lets keep their names. */
static void
descend(struct vs_floor *f, struct spot *s)
{
	const struct vs_cel_node *next;

	while ((next = step(f, s->node, &s->holds)) != NULL)
		s->node = next;
}

/* The words on one line, cut where they are long. */
static void
words_of(const struct spot *s, char out[WORDS_MAX + 4])
{
	struct vs_span w = vs_span_slice(
	    s->yaml->text, s->node->pos, (size_t)(s->node->end - s->node->pos));
	size_t at = 0;

	for (size_t i = 0; i < w.n && at < WORDS_MAX; i++) {
		char c = (char)w.p[i];

		if (c == '\n' || c == '\t')
			c = ' ';
		if (c != ' ' || (at > 0 && out[at - 1] != ' '))
			out[at++] = c;
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	/* No half of a character. */
	while (at == WORDS_MAX && ((uint8_t)out[at - 1] & 0x80) != 0)
		at--;
	(void)snprintf(out + at, 4, "%s", at >= WORDS_MAX ? "..." : "");
}

/* Whether the part reads the claim, and it was looked at one by one. */
static bool
told_by(struct vs_floor *f, const struct vs_cel_node *n, size_t id)
{
	/* Past that the hint is left out. */
	if (++f->steps > 2 * FL_STEPS_MAX)
		return false;
	while (n->op == VS_OP_LET)
		n = f->p->lets[n->id].code;
	if (n->op == VS_OP_CLAIM && n->id == id)
		return !f->claim[id].forced && f->claim[id].now >= 0;
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && told_by(f, n->kid[i], id))
			return true;
	}
	return false;
}

static int
cell_text(const struct vs_fl_claim *c, const char *path, char *out, size_t n)
{
	const struct vs_fl_cell *cell = &c->cell[c->now];

	if (cell->may == FL_ERROR)
		return snprintf(out, n, "no %s", path);
	if (cell->may != 0)
		return snprintf(out, n, "%s %s", path,
		    cell->may == FL_TRUE ? "true" : "false");
	if (cell->alt.kind == FL_OTHER)
		return snprintf(out, n, "another %s", path);
	if (cell->alt.kind == FL_CONST)
		return snprintf(out, n, "%s \"%.*s\"", path,
		    (int)(cell->alt.u.val.n < 24 ? cell->alt.u.val.n : 24),
		    (const char *)cell->alt.u.val.u.p);
	if (cell->alt.u.range.hi == INT64_MAX)
		return snprintf(out, n, "a large %s", path);
	if (cell->alt.u.range.lo == INT64_MIN)
		return snprintf(out, n, "%s below %lld", path,
		    (long long)cell->alt.u.range.hi + 1);
	return snprintf(
	    out, n, "%s %lld", path, (long long)cell->alt.u.range.lo);
}

/* ", with another snp.product": how it has to come for it. */
static void
claims_of(
    struct vs_floor *f, const struct vs_cel_node *part, char *out, size_t n)
{
	size_t at = 0, told = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->order_n && told < CLAIMS_MAX; i++) {
		size_t id = f->order[i];
		char one[96];

		if (!told_by(f, part, id))
			continue;
		(void)cell_text(&f->claim[id],
		    vs_claim_def((vs_claim_id)id)->path, one, sizeof(one));
		int len = snprintf(out + at, n - at, "%s%s",
		    told == 0 ? ", with " : ", ", one);
		at += len > 0 ? (size_t)len : 0;
		told++;
		if (at >= n)
			return;
	}
}

static void
tell(struct vs_floor *f, struct vs_pol_doc *d, const char *what,
    const char *kind, const struct vs_pol_rule *r)
{
	struct spot s = {r->yaml_assert, r->assert_code, true};
	char words[WORDS_MAX + 4], claims[128];
	bool skipped = false;
	int line, col;

	if (r->when != NULL && may(f, r->when, false)) {
		s = (struct spot){r->yaml_when, r->when, false};
		skipped = true;
	}
	descend(f, &s);
	words_of(&s, words);
	claims_of(f, s.node, claims, sizeof(claims));
	vs_doc_position(d, s.yaml, s.node->pos, &line, &col);
	vs_report_error(d->report, "E_FLOOR", line, col,
	    "%s (%s) can be allowed: rule \"%s\" %s where `%s` is %s%s", what,
	    kind, r->id, skipped ? "is skipped" : "holds", words,
	    s.holds ? "true" : "false", claims);
}

void
vs_fl_report(struct vs_floor *f, struct vs_pol_doc *d, const char *what,
    const char *kind)
{
	const struct vs_policy *p = d->p;

	if (f->spent) {
		vs_report_error(d->report, "E_FLOOR", p->rules_line,
		    p->rules_col,
		    "whether %s (%s) can be allowed is too intricate to be "
		    "proved: write the demand as a rule of its own",
		    what, kind);
		return;
	}
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_pol_rule *r = &p->rules[i];

		if (r->warn)
			continue;
		if (vs_fl_concerns(f, r->assert_code) ||
		    (r->when != NULL && vs_fl_concerns(f, r->when))) {
			tell(f, d, what, kind, r);
			return;
		}
	}
	vs_report_error(d->report, "E_FLOOR", p->rules_line, p->rules_col,
	    "%s (%s) can be allowed: no deny rule looks at what would tell",
	    what, kind);
}
