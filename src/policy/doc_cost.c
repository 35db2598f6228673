/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy can cost at most: one that could run over its limit and so
 * deny by chance does not load. */
#include <stdio.h>

#include "policy/cost.h"
#include "policy/document.h"

_Static_assert((int)VS_POL_NAMES_MAX <= (int)VS_COST_LETS_MAX, "lets");

struct costs {
	struct vs_pol_doc *d;
	struct vs_cost_env env;
	struct vs_cel_bound *lets;
	uint64_t used[VS_COST_LETS_MAX / 64]; /* lets of the whole policy */
	uint64_t sum;                         /* of the rules, without lets */
};

/* Where the part stands that is too dear, else where the whole begins. */
static void
too_dear(struct costs *c, const struct vs_yaml *y, const struct vs_cel_bound *b,
    const struct vs_cel_node *whole, uint64_t total)
{
	bool part = b->over != NULL;
	uint64_t cost = part ? b->over_cost : total;
	char text[24] = "any number of";
	int line, col;

	vs_doc_position(c->d, y, part ? b->over->pos : whole->pos, &line, &col);
	if (cost < UINT64_MAX)
		(void)snprintf(
		    text, sizeof(text), "%llu", (unsigned long long)cost);
	vs_report_error(c->d->report, "E_COST", line, col,
	    "%s may cost %s units, a rule %d at most: shorter lists, fewer "
	    "comprehensions inside each other",
	    part ? "this" : "the rule with its lets", text, VS_CEL_RULE_COST);
}

static bool
bound(struct costs *c, const struct vs_cel_node *n, struct vs_cel_bound *out)
{
	if (vs_cel_bound(&c->env, n, out))
		return true;
	c->d->report->no_memory = true;
	return false;
}

static bool
bound_lets(struct costs *c)
{
	const struct vs_policy *p = c->d->p;

	for (size_t i = 0; i < p->lets_n; i++) {
		struct vs_cel_bound *b = &c->lets[i];

		if (!bound(c, p->lets[i].code, b))
			return false;
		if (b->cost > VS_CEL_RULE_COST)
			too_dear(
			    c, p->lets[i].yaml, b, p->lets[i].code, b->cost);
	}
	return c->d->report->errors == 0;
}

/* when and assert, which share one limit. */
static void
bound_rule(struct costs *c, const struct vs_pol_rule *rule)
{
	struct vs_cel_bound a, w = {0};
	struct vs_cel_bound both;
	uint64_t total;

	if (!bound(c, rule->assert_code, &a) ||
	    (rule->when != NULL && !bound(c, rule->when, &w)))
		return;
	both = a;
	both.cost = vs_cost_add(a.cost, w.cost);
	for (size_t i = 0; i < VS_COUNT(both.lets); i++) {
		both.lets[i] |= w.lets[i];
		c->used[i] |= both.lets[i];
	}
	c->sum = vs_cost_add(c->sum, both.cost);
	total = vs_cel_bound_total(&c->env, &both);
	if (total <= VS_CEL_RULE_COST)
		return;
	if (w.cost > a.cost)
		too_dear(c, rule->yaml_when, &w, rule->when, total);
	else
		too_dear(c, rule->yaml_assert, &a, rule->assert_code, total);
}

/* The text for people has the limit of a rule for itself. */
static void
bound_explain(struct costs *c, const struct vs_pol_rule *rule)
{
	struct vs_cel_bound b;

	if (rule->explain == NULL || !bound(c, rule->explain, &b) ||
	    vs_cel_bound_total(&c->env, &b) <= VS_CEL_RULE_COST)
		return;
	vs_report_error(c->d->report, "E_COST", rule->line, rule->col,
	    "the explanation of this rule may cost more than %d units",
	    VS_CEL_RULE_COST);
}

void
vs_doc_cost(struct vs_pol_doc *d)
{
	struct vs_policy *p = d->p;
	struct costs c = {.d = d};
	struct vs_cel_bound all = {0};

	c.lets = vs_doc_calloc(d, p->lets_n, sizeof(*c.lets));
	if (c.lets == NULL)
		return;
	c.env = (struct vs_cost_env){
	    .arena = &p->arena, .lets = c.lets, .limit = VS_CEL_RULE_COST};
	if (!bound_lets(&c))
		return;
	for (size_t i = 0; i < p->rules_n; i++) {
		bound_rule(&c, &p->rules[i]);
		bound_explain(&c, &p->rules[i]);
	}
	all.cost = c.sum;
	for (size_t i = 0; i < VS_COUNT(all.lets); i++)
		all.lets[i] = c.used[i];
	p->cost = vs_cel_bound_total(&c.env, &all);
	if (p->cost > VS_CEL_POLICY_COST && d->report->errors == 0)
		vs_report_error(d->report, "E_COST", 0, 0,
		    "all rules together may cost %llu units, a policy %d at "
		    "most",
		    (unsigned long long)p->cost, VS_CEL_POLICY_COST);
}
