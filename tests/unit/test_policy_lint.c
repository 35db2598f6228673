/* SPDX-License-Identifier: Apache-2.0 */
/* Lints over whole documents: each is told where it applies, and not where
 * it does not. */
#include "check.h"

#include "policy/policy.h"

/* The lints are tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

#define DOC(rules)                                                             \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [snp]\nlists:\n  r: {source: registry}\n"                        \
	"let:\n  kind: |\n    tee.kind\n"                                      \
	"rules:\n" rules
#define NAMED(id, expr) "  - id: " id "\n    assert: |\n      " expr "\n"
#define RULE(expr) DOC(NAMED("x", expr))

/* The first finding of that code as "line:col: message", or "". */
static const char *
finding(const char *text, const char *code)
{
	static char out[400];
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_err err = {0};

	out[0] = '\0';
	CHECK_OK(vs_policy_load("p", vs_span_cstr(text), diags, &p, &err), err);
	for (size_t i = vs_policy_diags_count(diags); i > 0; i--) {
		const struct vs_policy_diag *d =
		    vs_policy_diags_at(diags, i - 1);

		if (strcmp(d->code, code) == 0)
			(void)snprintf(out, sizeof(out), "%d:%d: %s", d->line,
			    d->col, d->msg);
	}
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
	return out;
}

static void
test_never(void)
{
#define NEVER(expr) finding(RULE(expr), "W_NEVER")
	CHECK_STR(NEVER("tee.kind == \"SNP\""),
	    "14:19: tee.kind is never \"SNP\"; did you mean \"snp\"?");
	CHECK_STR(NEVER("kind == \"tdc\""),
	    "14:15: tee.kind is never \"tdc\"; did you mean \"tdx\"?");
	CHECK_STR(NEVER("\"god\" == tee.crl"),
	    "14:7: tee.crl is never \"god\"; did you mean \"good\"?");
	CHECK_STR(NEVER("snp.product in [\"Milan\", \"Rome\"]"),
	    "14:22: snp.product is never \"Rome\"");
	CHECK_STR(NEVER("gpus.all(g, g.cc_state == \"ON\")"),
	    "14:33: gpu.cc_state is never \"ON\"; did you mean \"on\"?");
	CHECK_STR(NEVER("snp.tcb.reported.microcode >= 2130"),
	    "14:37: snp.tcb.reported.microcode is never 2130");
	CHECK_STR(NEVER("snp.vmpl == -1"), "14:19: snp.vmpl is never -1");
	CHECK_STR(NEVER("tee.kind != \"snp\" && tee.crl == \"off\""), "");
	CHECK_STR(NEVER("snp.tcb.reported.microcode <= 300"), "");
	CHECK_STR(NEVER("snp.product == snp.csp_id"), "");
#undef NEVER
}

static void
test_subsumed(void)
{
	static const char code[] = "W_SUBSUMED";

	CHECK_STR(finding(DOC(NAMED("a", "tee.bound && !tee.debug")
				  NAMED("b", "(tee.bound) && (!tee.debug)")),
		      code),
	    "15:5: rule \"b\" says nothing that rule \"a\" of line 12 does "
	    "not say");
	CHECK_STR(finding(DOC(NAMED("a", "tee.bound") "    when: |\n"
						      "      tee.debug\n" NAMED(
							  "b", "tee.bound")),
		      code),
	    "12:5: rule \"a\" says nothing that rule \"b\" of line 17 does "
	    "not say");
	CHECK_STR(
	    finding(DOC(NAMED("a", "tee.bound") "    severity: warn\n" NAMED(
			"b", "tee.bound")),
		code),
	    "12:5: rule \"a\" says nothing that rule \"b\" of line 16 does "
	    "not say");
	CHECK_STR(
	    finding(DOC(NAMED("a",
			"tee.bound") "    when: |\n"
				     "      tee.debug\n" NAMED("b",
					 "tee.bound") "    when: |\n"
						      "      tee.simulated\n"),
		code),
	    "");
	CHECK_STR(finding(DOC(NAMED("a", "tee.bound") NAMED("b", "!tee.debug")),
		      code),
	    "");
}

static void
test_or_error(void)
{
#define OR(expr) finding(RULE(expr), "W_OR_ERROR")
	CHECK_STR(OR("tee.bound || snp.vmpl == 0"),
	    "14:20: || hides it when snp.vmpl is absent: the other side "
	    "decides then");
	CHECK_STR(OR("tee.bound && (snp.vmpl == 0 || tee.debug)"),
	    "14:21: || hides it when snp.vmpl is absent: the other side "
	    "decides then");
	CHECK_STR(OR("!has(snp.vmpl) || snp.vmpl == 0"), "");
	CHECK_STR(OR("has(snp.vmpl) && (tee.bound || snp.vmpl == 0)"), "");
	CHECK_STR(OR("tee.debug || !tee.bound || key.name == \"a\""), "");
	CHECK_STR(OR("snp.vmpl == 0"), "");
#undef OR
}

static void
test_regex(void)
{
#define RE(expr) finding(RULE(expr), "W_REGEX_UNANCHORED")
	CHECK_STR(RE("snp.csp_id.matches(\"[a-z]+\")"),
	    "14:26: the pattern matches anywhere in the text: begin it with "
	    "^ and end it with $");
	CHECK_STR(RE("snp.csp_id.matches(\"^[a-z]+$\")"), "");
	CHECK_STR(RE("snp.csp_id.matches(r\"\\Aaws\")"), "");
#undef RE
}

static void
test_revoked(void)
{
#define REV(expr) finding(RULE(expr), "W_REVOKED")
	CHECK_STR(REV("snp.measurement in registry.r"),
	    "14:26: a revoked entry is in the registry still: ask for "
	    "registry.r[...].revoked");
	CHECK_STR(REV("snp.measurement in registry.r && "
		      "!registry.r[snp.measurement].revoked"),
	    "");
#undef REV
}

static void
test_unused(void)
{
	CHECK_STR(finding(RULE("kind == \"snp\""), "W_UNUSED"),
	    "7:3: registry.r is never used");
}

int
main(void)
{
	RUN(test_never);
	RUN(test_subsumed);
	RUN(test_or_error);
	RUN(test_regex);
	RUN(test_revoked);
	RUN(test_unused);
	return check_result();
}
