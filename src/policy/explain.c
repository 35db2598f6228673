/* SPDX-License-Identifier: Apache-2.0 */
/* The decision again, policy by policy, with the reason of each. */
#include <string.h>

#include "base/clock.h"
#include "policy/explain.h"
#include "policy/trace.h"

struct explain {
	const struct vs_question *q;
	struct vs_arena *arena;
	struct vs_arena scratch;
	struct vs_explanation *out;
};

static vs_status
no_memory(struct vs_err *err)
{
	return vs_fail(err, VS_NO_MEMORY, "explain: no memory");
}

static const char *
tee_note(const struct explain *x, const struct vs_policy *p)
{
	static const char *const names[] = {
#define X(sym, name, kind, other) [sym] = (name),
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	const struct vs_claim_value *kind =
	    vs_claims_get(x->q->claims, VS_CLAIM_TEE_KIND);
	struct vs_span have =
	    kind->present ? kind->u.s : VS_SPAN_LIT("(unknown)");
	char list[128] = "";
	size_t n = 0;

	for (size_t i = 0; i < VS_TEE_COUNT; i++) {
		if (!p->tee[i] || n + 16 > sizeof(list))
			continue;
		memcpy(list + n, " ", 1);
		memcpy(list + n + 1, names[i], strlen(names[i]) + 1);
		n += 1 + strlen(names[i]);
	}
	return vs_arena_printf(x->arena,
	    "the evidence is of kind %.*s; the policy admits:%s",
	    VS_SPAN_ARG(have), list);
}

static const char *
window_note(const struct explain *x, const struct vs_policy *p)
{
	char now[VS_TIME_TEXT_MAX], edge[VS_TIME_TEXT_MAX];
	bool early = p->has_not_before && x->q->now_ms < p->not_before_ms;

	vs_time_format_ms(x->q->now_ms, now);
	vs_time_format_ms(early ? p->not_before_ms : p->not_after_ms, edge);
	return vs_arena_printf(x->arena, "%s is %s %s of the policy, %s", now,
	    early ? "before" : "after", early ? "not_before" : "not_after",
	    edge);
}

/* What the guard rails say, when no rule of a policy does. */
static const char *
reason_note(const char *reason)
{
	static const struct {
		const char *reason, *note;
	} notes[] = {
	    {"debug",
		"the guest may be debugged by its host (tee.debug), and no "
		"policy that allows reads that claim"},
	    {"simulated",
		"the evidence is simulated or under an anchor of the "
		"operator (tee.simulated), and no policy that allows reads "
		"that claim"},
	    {"no-policy", "no enforcing policy governs this key"},
	    {"waiver", "a waiver of the policy has expired"},
	    {"no-rule", "every rule was skipped by its when"},
	    {"fatal", "the evaluation itself failed; that denies"},
	};

	for (size_t i = 0; i < VS_COUNT(notes); i++) {
		if (strcmp(notes[i].reason, reason) == 0)
			return notes[i].note;
	}
	return NULL;
}

static bool
did_fail(const struct vs_rule_result *r)
{
	return r->outcome == VS_RULE_FAILED || r->outcome == VS_RULE_ERROR;
}

static vs_status
explain_rules(
    struct explain *x, struct vs_explained_policy *ep, struct vs_err *err)
{
	const struct vs_explained_rule **tail = &ep->rules;

	for (size_t i = 0; i < ep->result.rules_n; i++) {
		const struct vs_rule_result *r = &ep->result.rules[i];
		struct vs_explained_rule *er;
		struct vs_why_job job = {.p = ep->policy,
		    .rule = &ep->policy->rules[i],
		    .q = x->q,
		    .arena = x->arena,
		    .scratch = &x->scratch};

		if (!did_fail(r))
			continue;
		er = vs_arena_alloc(x->arena, sizeof(*er));
		if (er == NULL)
			return no_memory(err);
		er->rule = job.rule;
		er->result = r;
		vs_arena_reset(&x->scratch);
		VS_TRY(err, "explain", vs_why_rule(&job, er, err));
		*tail = er;
		tail = &er->next;
	}
	return VS_OK;
}

static vs_status
explain_policy(struct explain *x, const struct vs_policy *p,
    struct vs_explained_policy **out, struct vs_err *err)
{
	struct vs_explained_policy *ep = vs_arena_alloc(x->arena, sizeof(*ep));

	if (ep == NULL)
		return no_memory(err);
	ep->policy = p;
	vs_pol_judge(&p, 1, true, x->q->lists, x->q->claims, x->q->now_ms,
	    x->arena, &ep->result);
	if (strcmp(ep->result.reason, "tee") == 0)
		ep->note = tee_note(x, p);
	else if (strcmp(ep->result.reason, "window") == 0)
		ep->note = window_note(x, p);
	else
		ep->note = reason_note(ep->result.reason);
	VS_TRY(err, "explain", explain_rules(x, ep, err));
	*out = ep;
	return VS_OK;
}

static vs_status
explain_all(struct explain *x, struct vs_err *err)
{
	const struct vs_explained_policy **tail = &x->out->policies;

	for (size_t i = 0; i < vs_policy_set_count(x->q->set); i++) {
		const struct vs_policy *p = vs_policy_set_at(x->q->set, i);
		struct vs_explained_policy *ep = NULL;

		if (!vs_pol_governs(p, x->out->key))
			continue;
		VS_TRY(err, "explain", explain_policy(x, p, &ep, err));
		*tail = ep;
		tail = &ep->next;
	}
	return VS_OK;
}

vs_status
vs_explain(const struct vs_question *q, struct vs_arena *arena,
    const struct vs_explanation **out, struct vs_err *err)
{
	struct explain x = {.q = q, .arena = arena};
	const struct vs_claim_value *key =
	    vs_claims_get(q->claims, VS_CLAIM_KEY_NAME);
	vs_status st;

	x.out = vs_arena_alloc(arena, sizeof(*x.out));
	if (x.out == NULL)
		return no_memory(err);
	if (key->present)
		x.out->key = key->u.s;
	x.out->now_ms = q->now_ms;
	vs_policy_decide(
	    q->set, q->lists, q->claims, q->now_ms, arena, &x.out->result);
	x.out->note = reason_note(x.out->result.reason);
	vs_arena_init(&x.scratch, VS_TRACE_ARENA);
	st = explain_all(&x, err);
	vs_arena_fini(&x.scratch);
	if (st == VS_OK)
		*out = x.out;
	return st;
}
