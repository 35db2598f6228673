/* SPDX-License-Identifier: Apache-2.0 */
/* The floor: searches every world for a way to be allowed all the same. */
#include "policy/floor.h"

#include <stdlib.h>
#include <string.h>

/* Whether a rule may let this guest pass, by being true or by being skipped;
 * *passed where it may be true. */
static bool
may_hold(struct vs_floor *f, const struct vs_pol_rule *r, bool *passed)
{
	unsigned when = FL_TRUE;
	bool holds;

	if (r->warn)
		return true;
	if (r->when != NULL)
		when = vs_fl_bool(f, r->when);
	holds = (when & FL_TRUE) != 0 &&
	    (vs_fl_bool(f, r->assert_code) & FL_TRUE) != 0;
	*passed = *passed || holds;
	return holds || (when & FL_FALSE) != 0;
}

static bool
may_allow(struct vs_floor *f)
{
	bool passed = false;

	vs_fl_lets(f);
	for (size_t i = 0; i < f->p->rules_n; i++) {
		if (!may_hold(f, &f->p->rules[i], &passed))
			return false;
	}
	return passed;
}

/* Claim by claim, cell by cell: true, with the cells of the way out in place,
 * once nothing is left to be decided and the policy may still allow. */
static bool
escapes(struct vs_floor *f, size_t depth)
{
	struct vs_fl_claim *c;

	if (!may_allow(f))
		return f->spent;
	if (depth == f->order_n || f->spent)
		return true;
	c = &f->claim[f->order[depth]];
	for (uint8_t i = 0; i < c->n; i++) {
		c->now = (int8_t)i;
		if (escapes(f, depth + 1))
			return true;
	}
	c->now = -1;
	return false;
}

static const char *
check_name(vs_floor_check c)
{
	static const char *const names[] = {
#define X(sym, name, what) [sym] = (name),
	    VS_FLOOR_TABLE(X)
#undef X
	};

	return names[c];
}

/* Whether every way to be allowed by evidence of one kind meets the check. */
static bool
proved(struct vs_floor *f, struct vs_pol_doc *d, const struct vs_fl_evidence *e,
    vs_floor_check check, size_t world, bool tell)
{
	memset(f, 0, sizeof(*f));
	f->p = d->p;
	if (!vs_fl_force(f, e, check, world)) {
		if (tell)
			vs_report_error(d->report, "E_FLOOR", d->p->rules_line,
			    d->p->rules_col,
			    "check \"%s\": no claim of %s evidence is known "
			    "that could tell",
			    check_name(check), vs_fl_evidence_kind(e));
		return false;
	}
	vs_fl_domains(f);
	vs_fl_order(f);
	if (!escapes(f, 0))
		return true;
	if (tell)
		vs_fl_report(
		    f, d, vs_fl_what(e, check, world), vs_fl_evidence_kind(e));
	return false;
}

/* The first kind of evidence for which it is not proved is told. */
static bool
met(struct vs_floor *f, struct vs_pol_doc *d, vs_floor_check check, bool tell)
{
	const struct vs_fl_evidence *e;

	for (size_t i = 0; (e = vs_fl_evidence(i)) != NULL; i++) {
		if (!vs_fl_admits(d->p, e) || !vs_fl_exists(e))
			continue;
		for (size_t w = 0; w < vs_fl_worlds(e, check); w++) {
			if (!proved(f, d, e, check, w, tell))
				return false;
		}
	}
	return true;
}

static struct vs_pol_waiver *
waiver_of(const struct vs_policy *p, vs_floor_check check)
{
	for (size_t i = 0; i < p->waivers_n; i++) {
		if (p->waivers[i].check == (int)check)
			return &p->waivers[i];
	}
	return NULL;
}

static void
check_waived(struct vs_pol_doc *d, struct vs_pol_waiver *w, int64_t now_ms)
{
	const struct vs_policy_waiver *pub = &w->pub;

	w->used = true;
	if (now_ms >= pub->until_ms)
		vs_report_error(d->report, "E_FLOOR", pub->line, w->col,
		    "the waiver of \"%s\" has expired: meet the check, or "
		    "decide anew",
		    pub->check);
	else
		vs_report_warn(d->report, "W_WAIVED", pub->line, w->col,
		    "the check \"%s\" is waived until %s: %s", pub->check,
		    pub->until, pub->reason);
}

static void
check_one(struct vs_floor *f, struct vs_pol_doc *d, vs_floor_check check,
    int64_t now_ms)
{
	struct vs_pol_waiver *w = waiver_of(d->p, check);

	/* What was loaded once is past praying for, but its waivers expire. */
	if (now_ms == VS_POLICY_PAST) {
		if (w != NULL)
			w->used = !met(f, d, check, false);
		return;
	}
	if (w == NULL)
		(void)met(f, d, check, true);
	else if (!met(f, d, check, false))
		check_waived(d, w, now_ms);
}

static void
unused_waivers(struct vs_pol_doc *d)
{
	for (size_t i = 0; i < d->p->waivers_n; i++) {
		const struct vs_pol_waiver *w = &d->p->waivers[i];

		if (!w->used)
			vs_report_warn(d->report, "W_UNUSED", w->pub.line,
			    w->col, "nothing needs the waiver of \"%s\"",
			    w->pub.check);
	}
}

static bool
has_row(const char *kind)
{
	const struct vs_fl_evidence *e;

	for (size_t i = 0; (e = vs_fl_evidence(i)) != NULL; i++) {
		if (strcmp(vs_fl_evidence_kind(e), kind) == 0)
			return true;
	}
	return false;
}

/* Evidence that the floor has never heard of is not over it. */
static void
check_kinds(struct vs_pol_doc *d)
{
	static const struct {
		const char *kind, *other;
	} tees[] = {
#define X(sym, name, kind, other) [sym] = {kind, other},
	    VS_POL_TEE_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < VS_TEE_COUNT; i++) {
		if (d->p->tee[i] &&
		    (!has_row(tees[i].kind) ||
			(tees[i].other != NULL && !has_row(tees[i].other))))
			vs_report_error(d->report, "E_FLOOR", 0, 0,
			    "nothing is known of %s evidence that could be "
			    "demanded",
			    tees[i].kind);
	}
}

/* Evidence that is admitted and that this version cannot verify. */
static void
lint_kinds(struct vs_pol_doc *d)
{
	static const char *const names[] = {
#define X(sym, name, kind, other) [sym] = (name),
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	const struct vs_fl_evidence *e;

	for (int tee = 0; tee < VS_TEE_COUNT; tee++) {
		bool known = false;

		for (size_t i = 0; (e = vs_fl_evidence(i)) != NULL; i++)
			known =
			    known || (vs_fl_exists(e) && vs_fl_is_of(e, tee));
		if (d->p->tee[tee] && !known)
			vs_report_warn(d->report, "W_KIND", 0, 0,
			    "no evidence of kind %s can be verified by this "
			    "version",
			    names[tee]);
	}
}

void
vs_doc_floor(struct vs_pol_doc *d, int64_t now_ms)
{
	struct vs_floor *f;

	if (!d->p->shadow && !d->p->guard) {
		f = vs_calloc(1, sizeof(*f));
		if (f == NULL) {
			d->report->no_memory = true;
			return;
		}
		if (now_ms != VS_POLICY_PAST)
			check_kinds(d);
		for (int c = 0; c < VS_FLOOR_GPU_COUNT; c++)
			check_one(f, d, (vs_floor_check)c, now_ms);
		if (d->p->mentions_gpus) {
			check_one(f, d, VS_FLOOR_GPU_COUNT, now_ms);
			check_one(f, d, VS_FLOOR_GPU_CC, now_ms);
		}
		free(f);
	}
	if (now_ms == VS_POLICY_PAST)
		return;
	unused_waivers(d);
	lint_kinds(d);
}
