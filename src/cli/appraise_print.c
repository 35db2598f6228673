/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "claims/gpu.h"
#include "cli/appraise_gpu.h"
#include "cli/dispatch.h"
#include "cli/output.h"

static struct vs_json *
rule_json(const struct vs_rule_result *r)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "policy", vs_json_cstr(r->policy));
	vs_json_set(&o, "id", vs_json_cstr(r->id));
	vs_json_set(
	    &o, "outcome", vs_json_cstr(vs_rule_outcome_name(r->outcome)));
	if (r->warn)
		vs_json_set(&o, "severity", vs_json_cstr("warn"));
	if (r->shadow)
		vs_json_set(&o, "shadow", vs_json_bool(true));
	if (r->message != NULL)
		vs_json_set(&o, "message", vs_json_cstr(r->message));
	if (r->error != NULL)
		vs_json_set(&o, "error", vs_json_cstr(r->error));
	if (r->explain.n > 0)
		vs_json_set(&o, "explain", vs_json_str(r->explain));
	return o;
}

static struct vs_json *
verdict_json(const struct vs_policy_result *v)
{
	struct vs_json *o = vs_json_object(), *rules = vs_json_array();

	vs_json_set(&o, "allow", vs_json_bool(v->verdict == VS_VERDICT_ALLOW));
	vs_json_set(&o, "reason", vs_json_cstr(v->reason));
	for (size_t i = 0; i < v->rules_n; i++)
		vs_json_append(&rules, rule_json(&v->rules[i]));
	vs_json_set(&o, "rules", rules);
	return o;
}

static struct vs_json *
claims_json(const struct vs_claims *c)
{
	struct vs_buf text = {0};
	struct vs_json *o = NULL;
	struct vs_err err = {0};

	vs_claims_json(c, &text);
	/* NULL is carried on and caught when the whole is written. */
	if (vs_json_parse(vs_buf_span(&text), &o, &err) != VS_OK)
		o = NULL;
	vs_buf_fini(&text);
	return o;
}

int
vs_appraise_json(const struct vs_appraisal *r, int code)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "verified", vs_json_bool(r->verified));
	if (r->error_class != NULL)
		vs_json_set(&o, "error",
		    vs_cli_error_json(r->error_class, r->code, r->detail));
	if (r->verified)
		vs_json_set(&o, "claims", claims_json(r->claims));
	if (r->gpus != NULL && r->verified)
		vs_json_set(&o, "devices", vs_gpu_json(r->gpus));
	if (r->judged)
		vs_json_set(&o, "verdict", verdict_json(r->verdict));
	return vs_cli_json(&o, code);
}

static vs_colour
outcome_colour(const struct vs_rule_result *r)
{
	switch (r->outcome) {
	case VS_RULE_PASSED:
		return VS_GOOD;
	case VS_RULE_SKIPPED:
		return VS_DIM;
	case VS_RULE_FAILED:
	case VS_RULE_ERROR:
		break;
	}
	return r->warn || r->shadow ? VS_WARN : VS_BAD;
}

static void
print_rule(const struct vs_rule_result *r)
{
	char text[VS_CLI_TEXT_MAX];
	const char *outcome = vs_rule_outcome_name(r->outcome);

	printf("  ");
	vs_cli_paint(stdout, outcome_colour(r), outcome);
	printf("%*s %s/%s%s%s", (int)(8 - strlen(outcome)), "", r->policy,
	    r->id, r->warn ? " (warning only)" : "",
	    r->shadow ? " (shadow)" : "");
	if (r->outcome == VS_RULE_FAILED || r->outcome == VS_RULE_ERROR) {
		if (r->message != NULL)
			printf(": %s",
			    vs_cli_text(vs_span_cstr(r->message), text));
		if (r->error != NULL)
			printf(" [%s]", r->error);
		if (r->explain.n > 0)
			printf(
			    "\n           %s", vs_cli_text(r->explain, text));
	}
	putchar('\n');
}

static void
print_verdict(const struct vs_policy_result *v)
{
	bool allow = v->verdict == VS_VERDICT_ALLOW;

	printf("\nverdict: ");
	vs_cli_paint(
	    stdout, allow ? VS_GOOD : VS_BAD, allow ? "allow" : "deny");
	printf(" (%s)\n", v->reason);
	for (size_t i = 0; i < v->rules_n; i++)
		print_rule(&v->rules[i]);
}

/* Strings come out of evidence: each on its line, whatever it holds. */
static void
print_claim_value(const struct vs_claim_def *d, const struct vs_claim_value *v)
{
	char text[VS_CLI_TEXT_MAX];

	switch (d->type) {
	case VS_CLAIM_BOOL:
		fputs(v->u.b ? "true" : "false", stdout);
		break;
	case VS_CLAIM_INT:
		printf("%lld", (long long)v->u.i);
		break;
	case VS_CLAIM_STRING:
		fputs(vs_cli_text(v->u.s, text), stdout);
		break;
	case VS_CLAIM_TIME:
		vs_time_format_ms(v->u.i * 1000, text);
		fputs(text, stdout);
		break;
	case VS_CLAIM_STRINGS:
		for (size_t i = 0; i < v->u.list.n; i++)
			printf("%s%s", i > 0 ? ", " : "",
			    vs_cli_text(v->u.list.v[i], text));
		break;
	}
}

static void
print_gpu(const struct vs_claims *c, size_t gpu)
{
	for (int i = 0; i < VS_GPU_CLAIM_COUNT; i++) {
		vs_gpu_claim_id id = (vs_gpu_claim_id)i;
		const struct vs_claim_def *d = vs_gpu_claim_def(id);
		const struct vs_claim_value *v = vs_claims_gpu_get(c, gpu, id);
		char name[64];

		if (!v->present)
			continue;
		(void)snprintf(
		    name, sizeof(name), "gpus[%zu].%s", gpu, d->path);
		printf("%-34s ", name);
		print_claim_value(d, v);
		putchar('\n');
	}
}

static void
print_claims(const struct vs_claims *c)
{
	for (int i = 0; i < VS_CLAIM_COUNT; i++) {
		const struct vs_claim_def *d = vs_claim_def((vs_claim_id)i);
		const struct vs_claim_value *v =
		    vs_claims_get(c, (vs_claim_id)i);
		if (!v->present)
			continue;
		printf("%-34s ", d->path);
		print_claim_value(d, v);
		putchar('\n');
	}
	for (size_t i = 0; i < vs_claims_gpus(c); i++)
		print_gpu(c, i);
}

void
vs_appraise_text(const struct vs_appraisal *r)
{
	if (!r->verified) {
		vs_cli_paint(stdout, VS_BAD, "not verified");
		printf(": %s%s%s\n", r->code ? r->code : "",
		    r->code ? ": " : "", r->detail);
		return;
	}
	vs_cli_paint(stdout, VS_GOOD, "verified");
	printf("\n\n");
	print_claims(r->claims);
	if (r->gpus != NULL) {
		putchar('\n');
		vs_gpu_text(r->gpus);
	}
	if (r->judged)
		print_verdict(r->verdict);
	if (r->error_class != NULL)
		printf("\n%s%s%s\n", r->code ? r->code : "",
		    r->code ? ": " : "", r->detail);
}
