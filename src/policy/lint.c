/* SPDX-License-Identifier: Apache-2.0 */
/* What is legal and yet most likely not meant. */
#include "policy/lint.h"

/* Claims that are hex of exactly their largest length. */
static const vs_claim_id hex_claims[] = {VS_CLAIM_TEE_EVIDENCE_DIGEST,
    VS_CLAIM_SNP_MEASUREMENT, VS_CLAIM_SNP_HOST_DATA, VS_CLAIM_SNP_REPORT_DATA,
    VS_CLAIM_SNP_REPORT_ID, VS_CLAIM_SNP_REPORT_ID_MA, VS_CLAIM_SNP_CHIP_ID,
    VS_CLAIM_SNP_FAMILY_ID, VS_CLAIM_SNP_IMAGE_ID, VS_CLAIM_SNP_ID_KEY_DIGEST,
    VS_CLAIM_SNP_AUTHOR_KEY_DIGEST, VS_CLAIM_SNP_POLICY_RAW,
    VS_CLAIM_SNP_PLATFORM_RAW, VS_CLAIM_SNP_LEAF_SPKI,
    VS_CLAIM_SNP_TCB_CURRENT_RAW, VS_CLAIM_SNP_TCB_REPORTED_RAW,
    VS_CLAIM_SNP_TCB_COMMITTED_RAW, VS_CLAIM_SNP_TCB_LAUNCH_RAW,
    VS_CLAIM_AZ_RUNTIME_DIGEST, VS_CLAIM_AZ_PCR_DIGEST, VS_CLAIM_INTEL_FMSPC,
    VS_CLAIM_INTEL_PCK_SPKI, VS_CLAIM_TDX_MRTD, VS_CLAIM_TDX_RTMR0,
    VS_CLAIM_TDX_RTMR1, VS_CLAIM_TDX_RTMR2, VS_CLAIM_TDX_RTMR3,
    VS_CLAIM_TDX_MRCONFIGID, VS_CLAIM_TDX_MROWNER, VS_CLAIM_TDX_MROWNERCONFIG,
    VS_CLAIM_TDX_MRSERVICETD, VS_CLAIM_TDX_MRSEAM, VS_CLAIM_TDX_MRSIGNERSEAM,
    VS_CLAIM_SGX_MRENCLAVE, VS_CLAIM_SGX_MRSIGNER};

/* What ties a guest to one image. */
static const vs_claim_id measurements[] = {VS_CLAIM_SNP_MEASUREMENT,
    VS_CLAIM_SNP_ID_KEY_DIGEST, VS_CLAIM_SNP_AUTHOR_KEY_DIGEST,
    VS_CLAIM_AZ_PCR_DIGEST, VS_CLAIM_TDX_MRTD, VS_CLAIM_TDX_RTMR1,
    VS_CLAIM_TDX_RTMR2, VS_CLAIM_SGX_MRENCLAVE, VS_CLAIM_SGX_MRSIGNER};

static const vs_claim_id debugs[] = {VS_CLAIM_TEE_DEBUG,
    VS_CLAIM_SNP_POLICY_DEBUG, VS_CLAIM_TDX_ATTR_DEBUG,
    VS_CLAIM_SGX_ATTR_DEBUG};

struct place {
	struct vs_pol_doc *d;
	const struct vs_yaml *yaml;
};

static bool
is_hex_claim(uint32_t id)
{
	for (size_t i = 0; i < VS_COUNT(hex_claims); i++) {
		if ((uint32_t)hex_claims[i] == id)
			return true;
	}
	return false;
}

/* The claim that an operand is, also under the name of a let. */
static const struct vs_cel_node *
claim_behind(const struct vs_pol_doc *d, const struct vs_cel_node *n)
{
	while (n->op == VS_OP_LET)
		n = d->p->lets[n->id].code;
	return n->op == VS_OP_CLAIM ? n : NULL;
}

static bool
lower_hex(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
			(s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	}
	return true;
}

static void
check_hex(struct place at, const struct vs_claim_def *def,
    const struct vs_cel_node *n, struct vs_val v)
{
	struct vs_span s = vs_val_span(v);
	int line, col;

	vs_doc_position(at.d, at.yaml, n->pos, &line, &col);
	if (s.n != def->max)
		vs_report_error(at.d->report, "W_HEX", line, col,
		    "%s has %zu hex digits; \"%.*s%s\" has %zu and never "
		    "equals it",
		    def->path, def->max, (int)(s.n < 24 ? s.n : 24),
		    (const char *)s.p, s.n > 24 ? "..." : "", s.n);
	else if (!lower_hex(s))
		vs_report_warn(at.d->report, "W_HEX", line, col,
		    "%s is lower-case hex; \"%.24s...\" never equals it",
		    def->path, (const char *)s.p);
}

static void
compare_hex(struct place at, const struct vs_cel_node *claim,
    const struct vs_cel_node *other)
{
	const struct vs_claim_def *def;

	claim = claim_behind(at.d, claim);
	if (claim == NULL || !is_hex_claim(claim->id) || other->op != VS_OP_LIT)
		return;
	def = vs_claim_def((vs_claim_id)claim->id);
	if (other->val.kind == VS_KIND_STRING)
		check_hex(at, def, other, other->val);
	if (other->val.kind != VS_KIND_LIST)
		return;
	for (size_t i = 0; i < other->val.n; i++) {
		if (other->val.u.v[i].kind == VS_KIND_STRING)
			check_hex(at, def, other, other->val.u.v[i]);
	}
}

static void
lint_hex(struct place at, const struct vs_cel_node *n)
{
	if (n->op == VS_OP_EQ || n->op == VS_OP_NE || n->op == VS_OP_IN)
		compare_hex(at, n->kid[0], n->kid[1]);
	if (n->op == VS_OP_EQ || n->op == VS_OP_NE)
		compare_hex(at, n->kid[1], n->kid[0]);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			lint_hex(at, n->kid[i]);
	}
}

static void
lint_const(struct place at, const struct vs_pol_rule *rule,
    const struct vs_cel_node *n, const char *what)
{
	if (n->op == VS_OP_LIT)
		vs_report_warn(at.d->report, "W_CONST", at.yaml->line,
		    at.yaml->col, "rule \"%s\": %s is always %s", rule->id,
		    what, n->val.u.b ? "true" : "false");
}

static void
lint_rule(struct vs_pol_doc *d, const struct vs_pol_rule *rule)
{
	struct place at = {d, rule->yaml_assert};

	lint_const(at, rule, rule->assert_code, "assert");
	lint_hex(at, rule->assert_code);
	if (rule->when != NULL) {
		at.yaml = rule->yaml_when;
		lint_const(at, rule, rule->when, "when");
		lint_hex(at, rule->when);
	}
	vs_doc_lint_guards(d, rule);
}

static bool
any_rule_reads(const struct vs_policy *p, const vs_claim_id *ids, size_t n)
{
	for (size_t r = 0; r < p->rules_n; r++) {
		for (size_t i = 0; i < n; i++) {
			if (!p->rules[r].warn &&
			    p->rules[r].reads.claim[ids[i]])
				return true;
		}
	}
	return false;
}

static void
lint_names(struct vs_pol_doc *d)
{
	const struct vs_policy *p = d->p;

	for (size_t i = 0; i < p->decls_n; i++) {
		if (!p->decls[i].used)
			vs_report_warn(d->report, "W_UNUSED", p->decls[i].line,
			    p->decls[i].col, "%.*s is never used",
			    VS_SPAN_ARG(p->decls[i].name));
	}
}

void
vs_doc_lint(struct vs_pol_doc *d)
{
	struct vs_policy *p = d->p;

	for (size_t i = 0; i < p->lets_n; i++)
		lint_hex((struct place){d, p->lets[i].yaml}, p->lets[i].code);
	for (size_t i = 0; i < p->rules_n; i++)
		lint_rule(d, &p->rules[i]);
	/* A guard grants nothing, so others look at the image. */
	if (!p->guard &&
	    !any_rule_reads(p, measurements, VS_COUNT(measurements)))
		vs_report_warn(d->report, "W_NO_MEASUREMENT", 0, 0,
		    "no rule reads a measurement: any image would do");
	if (!any_rule_reads(p, debugs, VS_COUNT(debugs)))
		vs_report_warn(d->report, "W_NO_DEBUG", 0, 0,
		    "no rule looks at tee.debug");
	vs_lint_values(d);
	vs_lint_rules(d);
	lint_names(d);
}
