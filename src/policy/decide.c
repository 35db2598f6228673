/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict. It starts as "deny, fatal" and becomes something else only at
 * the end of a path on which everything worked.
 */
#include <string.h>

#include "policy/document.h"
#include "policy/glob.h"

/* What one policy says. Zeroed memory is a denial. */
struct opinion {
	bool allow;
	bool fatal;
	bool accepts_debug, accepts_simulated;
	const char *reason;
};

bool
vs_pol_admits(const struct vs_policy *p, const struct vs_claims *claims)
{
	static const struct {
		const char *kind, *other;
	} tees[] = {
#define X(sym, name, kind, other) [sym] = {kind, other},
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	const struct vs_claim_value *kind =
	    vs_claims_get(claims, VS_CLAIM_TEE_KIND);

	if (!kind->present)
		return false;
	for (size_t i = 0; i < VS_TEE_COUNT; i++) {
		if (p->tee[i] &&
		    (vs_span_is(kind->u.s, tees[i].kind) ||
			(tees[i].other != NULL &&
			    vs_span_is(kind->u.s, tees[i].other))))
			return true;
	}
	return false;
}

bool
vs_pol_in_window(const struct vs_policy *p, int64_t now_ms)
{
	return (!p->has_not_before || now_ms >= p->not_before_ms) &&
	    (!p->has_not_after || now_ms <= p->not_after_ms);
}

static struct vs_val
timestamp_of_ms(int64_t ms)
{
	int64_t s = ms / 1000 - (ms % 1000 < 0);

	return vs_val_timestamp(s, (ms - s * 1000) * 1000000);
}

/* Those that the policy declares, by number; NULL where one is missing or too
 * old: reading it is a fatal error. */
static const struct vs_list **
lists_of(const struct vs_policy *p, const struct vs_lists *lists,
    int64_t now_ms, struct vs_arena *arena)
{
	const struct vs_list **v =
	    vs_arena_calloc(arena, p->lists_n, sizeof(*v));

	for (size_t i = 0; v != NULL && i < p->lists_n; i++) {
		const struct vs_pol_list *want = &p->lists[i];
		const struct vs_list *l = vs_lists_find(
		    lists, want->registry, vs_span_cstr(want->name));

		if (l != NULL && vs_list_usable(l, want->max_age_ms, now_ms))
			v[i] = l;
	}
	return v;
}

bool
vs_pol_start(const struct vs_policy *p, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_cel_run *run)
{
	*run = (struct vs_cel_run){.claims = claims,
	    .now = timestamp_of_ms(now_ms),
	    .let_code = p->let_code,
	    .lists = lists_of(p, lists, now_ms, arena),
	    .arena = arena};
	run->lets = vs_arena_calloc(arena, p->lets_n, sizeof(*run->lets));
	return run->lets != NULL && run->lists != NULL;
}

/* A bool, or an error of whatever kind. */
static struct vs_val
ask(struct vs_cel_run *run, const struct vs_cel_node *code)
{
	struct vs_val v = vs_cel_answer(run, code);

	if (v.kind != VS_KIND_BOOL && !vs_val_is_error(v))
		return vs_val_error(VS_CEL_NO_OVERLOAD);
	return v;
}

static void
run_rule(struct vs_cel_run *run, const struct vs_pol_rule *rule,
    struct vs_rule_result *res, bool *fatal)
{
	struct vs_val v = vs_val_bool(true);

	run->limit = run->cost + VS_CEL_RULE_COST;
	if (run->limit > VS_CEL_POLICY_COST)
		run->limit = VS_CEL_POLICY_COST;
	if (rule->when != NULL)
		v = ask(run, rule->when);
	if (v.kind == VS_KIND_BOOL && !v.u.b) {
		res->outcome = VS_RULE_SKIPPED;
		return;
	}
	if (v.kind == VS_KIND_BOOL)
		v = ask(run, rule->assert_code);
	if (vs_val_is_error(v)) {
		*fatal = *fatal || vs_val_is_fatal(v);
		res->error = vs_cel_error_name((vs_cel_error)v.error);
		res->outcome = VS_RULE_ERROR;
		return;
	}
	res->outcome = v.u.b ? VS_RULE_PASSED : VS_RULE_FAILED;
}

static void
weigh(const struct vs_pol_rule *rule, const struct vs_rule_result *res,
    struct opinion *o, size_t *passed)
{
	if (rule->warn || res->outcome == VS_RULE_SKIPPED)
		return;
	if (res->outcome != VS_RULE_PASSED) {
		o->reason = "rules";
		return;
	}
	++*passed;
	if (rule->reads.claim[VS_CLAIM_TEE_DEBUG])
		o->accepts_debug = true;
	if (rule->reads.claim[VS_CLAIM_TEE_SIMULATED])
		o->accepts_simulated = true;
}

/* All rules, so that the report lists every failure. */
static void
run_rules(const struct vs_policy *p, struct vs_cel_run *run, bool shadow,
    struct vs_rule_result *res, struct opinion *o)
{
	size_t passed = 0;

	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_pol_rule *rule = &p->rules[i];

		res[i] = (struct vs_rule_result){.policy = p->name,
		    .id = rule->id,
		    .warn = rule->warn,
		    .shadow = shadow,
		    .message = rule->message,
		    .line = rule->line};
		run_rule(run, rule, &res[i], &o->fatal);
		weigh(rule, &res[i], o, &passed);
	}
	if (o->fatal)
		o->reason = "fatal";
	else if (o->reason == NULL && passed == 0)
		o->reason = "no-rule";
	o->allow = o->reason == NULL;
}

static bool
waiver_expired(const struct vs_policy *p, int64_t now_ms)
{
	const struct vs_policy_waiver *w;

	for (size_t i = 0; (w = vs_policy_waiver_at(p, i)) != NULL; i++) {
		if (now_ms >= w->until_ms)
			return true;
	}
	return false;
}

/* Fills res and *n; both stay as they are where no rule was run. */
static struct opinion
ask_policy(const struct vs_policy *p, bool shadow, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_rule_result *res, size_t *n)
{
	struct opinion o = {0};
	struct vs_cel_run run;

	if (!vs_pol_admits(p, claims)) {
		o.reason = "tee";
	} else if (!vs_pol_in_window(p, now_ms)) {
		o.reason = "window";
	} else if (waiver_expired(p, now_ms)) {
		o.reason = "waiver";
	} else if (!vs_pol_start(p, lists, claims, now_ms, arena, &run)) {
		o.fatal = true;
		o.reason = "fatal";
	} else {
		run_rules(p, &run, shadow, res, &o);
		*n = p->rules_n;
	}
	return o;
}

/* Texts for people, once nothing can change the verdict any more. */
static void
explain_policy(const struct vs_policy *p, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_rule_result *res)
{
	struct vs_cel_run run;

	if (!vs_pol_start(p, lists, claims, now_ms, arena, &run))
		return;
	for (size_t i = 0; i < p->rules_n; i++) {
		if (p->rules[i].explain == NULL ||
		    res[i].outcome == VS_RULE_PASSED ||
		    res[i].outcome == VS_RULE_SKIPPED)
			continue;
		run.limit = run.cost + VS_CEL_RULE_COST;
		struct vs_val v = vs_cel_answer(&run, p->rules[i].explain);
		if (v.kind == VS_KIND_STRING)
			res[i].explain = vs_val_span(v);
	}
}

/* A claim that nobody set is no "false". */
static bool
is_false(const struct vs_claims *claims, vs_claim_id id)
{
	const struct vs_claim_value *v = vs_claims_get(claims, id);

	return v->present && !v->u.b;
}

/* A GPU that an operator made up, beside a processor that is real: nobody
 * who accepts simulated machines means that. */
static bool
gpu_made_up(const struct vs_claims *claims)
{
	if (!is_false(claims, VS_CLAIM_TEE_SIMULATED))
		return false;
	for (size_t i = 0; i < vs_claims_gpus(claims); i++) {
		const struct vs_claim_value *v =
		    vs_claims_gpu_get(claims, i, VS_GPU_SIMULATED);

		if (!v->present || v->u.b)
			return true;
	}
	return false;
}

struct session {
	const struct vs_policy *const *policies;
	size_t n;
	bool all_enforce;
	const struct vs_lists *lists;
	const struct vs_claims *claims;
	int64_t now_ms;
	struct vs_arena *arena;
	struct vs_rule_result *res;
	size_t res_n;
	size_t *first; /* of each policy's results; SIZE_MAX: none */
	const char *reason;
	size_t granting;
	size_t failing, failing_disclose;
	const struct vs_policy_waiver **waived;
	size_t waived_n;
	struct vs_policy_approvals approvals;
	struct vs_policy_opinion *said; /* of each policy */
	bool accepts_debug, accepts_simulated;
};

static void
count_opinion(
    struct session *s, const struct vs_policy *p, const struct opinion *o)
{
	/* A guard can only take away. */
	if (!p->guard || s->all_enforce) {
		s->granting++;
		s->accepts_debug = s->accepts_debug || o->accepts_debug;
		s->accepts_simulated =
		    s->accepts_simulated || o->accepts_simulated;
	}
	for (size_t i = 0; i < p->waivers_n; i++) {
		if (p->waivers[i].used)
			s->waived[s->waived_n++] = &p->waivers[i].pub;
	}
	vs_pol_add_approvals(&s->approvals, &p->approvals);
	if (o->allow)
		return;
	s->failing++;
	s->failing_disclose += p->disclose;
	if (s->reason == NULL || o->fatal)
		s->reason = o->reason;
}

static void
ask_all(struct session *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct vs_policy *p = s->policies[i];
		bool shadow = p->shadow && !s->all_enforce;
		size_t n = 0;
		struct opinion o = ask_policy(p, shadow, s->lists, s->claims,
		    s->now_ms, s->arena, s->res + s->res_n, &n);

		s->said[i] = (struct vs_policy_opinion){
		    p, shadow, o.allow, o.allow ? "allowed" : o.reason};
		s->first[i] = n > 0 ? s->res_n : SIZE_MAX;
		s->res_n += n;
		if (!shadow)
			count_opinion(s, p, &o);
	}
	if (s->granting == 0)
		s->reason = "no-policy";
	else if (s->reason != NULL)
		return;
	else if (!s->accepts_debug && !is_false(s->claims, VS_CLAIM_TEE_DEBUG))
		s->reason = "debug";
	else if (!s->accepts_simulated &&
	    !is_false(s->claims, VS_CLAIM_TEE_SIMULATED))
		s->reason = "simulated";
	else if (gpu_made_up(s->claims))
		s->reason = "simulated";
}

static bool
prepare(struct session *s)
{
	size_t rules = 0, waivers = 0;

	for (size_t i = 0; i < s->n; i++) {
		rules += s->policies[i]->rules_n;
		waivers += s->policies[i]->waivers_n;
	}
	s->waived = vs_arena_calloc(s->arena, waivers, sizeof(*s->waived));
	s->res = vs_arena_calloc(s->arena, rules, sizeof(*s->res));
	s->first = vs_arena_calloc(s->arena, s->n, sizeof(*s->first));
	s->said = vs_arena_calloc(s->arena, s->n, sizeof(*s->said));
	return s->res != NULL && s->first != NULL && s->waived != NULL &&
	    s->said != NULL;
}

static void
finish(struct session *s, struct vs_policy_result *out)
{
	out->rules = s->res;
	out->rules_n = s->res_n;
	out->waived = s->waived;
	out->waived_n = s->waived_n;
	out->approvals = s->approvals;
	out->opinions = s->said;
	out->opinions_n = s->n;
	if (s->reason == NULL) {
		out->verdict = VS_VERDICT_ALLOW;
		out->reason = "allowed";
	} else {
		out->reason = s->reason;
		out->disclose_rule_ids =
		    s->failing > 0 && s->failing == s->failing_disclose;
	}
	for (size_t i = 0; i < s->n; i++) {
		if (s->first[i] != SIZE_MAX)
			explain_policy(s->policies[i], s->lists, s->claims,
			    s->now_ms, s->arena, s->res + s->first[i]);
	}
}

void
vs_pol_judge(const struct vs_policy *const *policies, size_t n,
    bool all_enforce, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_policy_result *out)
{
	struct session s = {.policies = policies,
	    .n = n,
	    .all_enforce = all_enforce,
	    .lists = lists,
	    .claims = claims,
	    .now_ms = now_ms,
	    .arena = arena};

	*out = (struct vs_policy_result){.reason = "fatal"};
	if (!prepare(&s))
		return;
	ask_all(&s);
	finish(&s, out);
}

bool
vs_pol_governs(const struct vs_policy *p, struct vs_span key)
{
	for (size_t i = 0; i < p->keys_n; i++) {
		if (vs_glob_match(p->keys[i], key))
			return true;
	}
	return false;
}

void
vs_policy_decide(const struct vs_policy_set *set, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_policy_result *out)
{
	const struct vs_claim_value *key =
	    vs_claims_get(claims, VS_CLAIM_KEY_NAME);
	size_t total = vs_policy_set_count(set), n = 0;
	const struct vs_policy **policies;

	*out = (struct vs_policy_result){.reason = "fatal"};
	policies = vs_arena_calloc(arena, total, sizeof(*policies));
	if (policies == NULL)
		return;
	for (size_t i = 0; key->present && i < total; i++) {
		const struct vs_policy *p = vs_policy_set_at(set, i);

		if (vs_pol_governs(p, key->u.s))
			policies[n++] = p;
	}
	vs_pol_judge(policies, n, false, lists, claims, now_ms, arena, out);
}

const char *
vs_rule_outcome_name(vs_rule_outcome o)
{
	switch (o) {
	case VS_RULE_FAILED:
		return "failed";
	case VS_RULE_SKIPPED:
		return "skipped";
	case VS_RULE_PASSED:
		return "passed";
	case VS_RULE_ERROR:
	default:
		return "error";
	}
}
