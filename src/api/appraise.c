/* SPDX-License-Identifier: Apache-2.0 */
/* One appraisal: evidence to claims to verdict, and what to say about it. */
#include <stdlib.h>

#include "api/verifier.h"

/* Claims and the evaluation of a policy fit many times over. */
enum { ARENA_MAX = 4 * 1024 * 1024 };

struct vouchsafe_appraisal {
	struct vs_arena arena;
	struct vs_claims values;
	bool verified;
	bool allowed;
	const char *code;
	struct vs_err err;
	struct vs_buf claims;
	struct vs_buf rules;
};

static void
put_rules(const struct vs_policy_result *res, struct vs_buf *out)
{
	vs_buf_puts(out, "[");
	for (size_t i = 0; i < res->rules_n; i++) {
		const struct vs_rule_result *r = &res->rules[i];

		vs_buf_puts(out, i == 0 ? "{\"policy\":" : ",{\"policy\":");
		vs_json_quote(vs_span_cstr(r->policy), out);
		vs_buf_puts(out, ",\"id\":");
		vs_json_quote(vs_span_cstr(r->id), out);
		vs_buf_printf(out, ",\"outcome\":\"%s\"",
		    vs_rule_outcome_name(r->outcome));
		if (r->message != NULL) {
			vs_buf_puts(out, ",\"message\":");
			vs_json_quote(vs_span_cstr(r->message), out);
		}
		vs_buf_puts(out, "}");
	}
	vs_buf_puts(out, "]");
}

static vs_status
verify(const struct vouchsafe_verifier *v, const struct vouchsafe_evidence *ev,
    int64_t now, struct vouchsafe_appraisal *a)
{
	const struct vs_span certs = VS_SPAN(ev->certs, ev->certs_len);
	const struct vs_evidence_input in = {
	    .kind = vs_evidence_kind_parse(vs_span_cstr(ev->kind)),
	    .report = VS_SPAN(ev->report, ev->report_len),
	    .certs = &certs,
	    .certs_n = ev->certs_len == 0 ? 0 : 1,
	    .event_log = VS_SPAN(ev->event_log, ev->event_log_len),
	};
	const struct vs_evidence_expect expect = {
	    .report_data = VS_SPAN(ev->expected_report_data,
		ev->expected_report_data == NULL ? 0 : 64),
	};
	const struct vs_evidence_options opt = {
	    .collateral = v->collateral,
	    .now = now,
	    .crl = v->crl,
	};

	if (v->collateral == NULL)
		return vs_fail_code(&a->err, VS_USAGE, "usage",
		    "call vouchsafe_verifier_seal first");
	if (in.kind == VS_EVIDENCE_UNKNOWN)
		return vs_fail_code(&a->err, VS_UNSUPPORTED, "usage",
		    "unknown kind of evidence; known are snp, az-snp, "
		    "tdx, az-tdx and sgx");
	return vs_evidence_appraise(&in, &expect, &opt, &a->values, &a->err);
}

static void
judge(const struct vouchsafe_verifier *v, const char *key_name, int64_t now,
    struct vouchsafe_appraisal *a)
{
	struct vs_policy_result res = {.verdict = VS_VERDICT_DENY};
	vs_status st = vs_claims_key(&a->values, vs_span_cstr(key_name), 0);

	if (st != VS_OK) {
		a->code = "fatal";
		(void)vs_ctx(&a->err, "key name", st);
		return;
	}
	vs_policy_decide(
	    v->policies, NULL, &a->values, now * 1000, &a->arena, &res);
	put_rules(&res, &a->rules);
	a->code = res.reason;
	a->allowed = res.verdict == VS_VERDICT_ALLOW &&
	    vs_buf_status(&a->rules) == VS_OK;
}

struct vouchsafe_appraisal *
vouchsafe_appraise(const struct vouchsafe_verifier *v,
    const struct vouchsafe_evidence *evidence, const char *key_name,
    int64_t now)
{
	struct vouchsafe_appraisal *a = vs_calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	vs_arena_init(&a->arena, ARENA_MAX);
	vs_claims_init(&a->values, &a->arena);
	if (verify(v, evidence, now, a) != VS_OK) {
		a->code = a->err.code;
		return a;
	}
	vs_claims_json(&a->values, &a->claims);
	a->verified = vs_buf_status(&a->claims) == VS_OK;
	if (a->verified && key_name != NULL)
		judge(v, key_name, now, a);
	return a;
}

void
vouchsafe_appraisal_free(struct vouchsafe_appraisal *a)
{
	if (a == NULL)
		return;
	vs_buf_fini(&a->claims);
	vs_buf_fini(&a->rules);
	vs_arena_fini(&a->arena);
	free(a);
}

bool
vouchsafe_appraisal_verified(const struct vouchsafe_appraisal *a)
{
	return a != NULL && a->verified;
}

bool
vouchsafe_appraisal_allowed(const struct vouchsafe_appraisal *a)
{
	return a != NULL && a->verified && a->allowed;
}

const char *
vouchsafe_appraisal_code(const struct vouchsafe_appraisal *a)
{
	return a == NULL || a->code == NULL ? "" : a->code;
}

const char *
vouchsafe_appraisal_detail(const struct vouchsafe_appraisal *a)
{
	return a == NULL ? "" : a->err.msg;
}

/* The buffers end in a NUL that their growth always leaves room for. */
static const char *
text_of(const struct vs_buf *b)
{
	struct vs_buf view = *b;

	return b->p == NULL ? "" : vs_buf_cstr(&view);
}

const char *
vouchsafe_appraisal_claims(const struct vouchsafe_appraisal *a)
{
	return a == NULL ? "" : text_of(&a->claims);
}

const char *
vouchsafe_appraisal_rules(const struct vouchsafe_appraisal *a)
{
	return a == NULL ? "" : text_of(&a->rules);
}
