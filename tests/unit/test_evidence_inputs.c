/* SPDX-License-Identifier: Apache-2.0 */
/* The front of appraisal: kinds, sizes, and what no verifier ever sees. */
#include "check.h"
#include "evidence/evidence.h"

static struct vs_collateral *amd;
static uint8_t big[VS_EVIDENCE_REPORT_MAX + 1];

static void
test_kinds(void)
{
	CHECK_INT(vs_evidence_kind_parse(VS_SPAN_LIT("snp")), VS_EVIDENCE_SNP);
	CHECK_INT(
	    vs_evidence_kind_parse(VS_SPAN_LIT("az-snp")), VS_EVIDENCE_AZ_SNP);
	CHECK_INT(
	    vs_evidence_kind_parse(VS_SPAN_LIT("SNP")), VS_EVIDENCE_UNKNOWN);
	CHECK_INT(vs_evidence_kind_parse(VS_SPAN_LIT("")), VS_EVIDENCE_UNKNOWN);
	CHECK_STR(vs_evidence_kind_name(VS_EVIDENCE_SNP), "snp");
	CHECK_STR(vs_evidence_kind_name(VS_EVIDENCE_AZ_SNP), "az-snp");
	CHECK_STR(vs_evidence_kind_name(VS_EVIDENCE_UNKNOWN), "unknown");
}

static void
guess(struct vs_span report, vs_evidence_kind want)
{
	CHECK_INT(vs_evidence_kind_guess(report), want);
}

static void
test_guess(void)
{
	uint8_t b[2600] = {3};

	guess(VS_SPAN(b, 1184), VS_EVIDENCE_SNP);
	guess(VS_SPAN(b, 1183), VS_EVIDENCE_SNP);
	guess(VS_SPAN(b, 2600), VS_EVIDENCE_AZ_SNP);
	guess(VS_SPAN_LIT("HCLA"), VS_EVIDENCE_AZ_SNP);
	guess(VS_SPAN_LIT("{\"attestation_report\":1}"), VS_EVIDENCE_SNP);
	guess(VS_SPAN_LIT(""), VS_EVIDENCE_UNKNOWN);
	guess(VS_SPAN_LIT("hello world"), VS_EVIDENCE_UNKNOWN);
}

/* Everything about the input, with a good default. */
static struct vs_err
appraise(struct vs_evidence_input *in, const struct vs_collateral *c)
{
	struct vs_evidence_options opt = {.collateral = c};
	struct vs_evidence_expect expect = {0};
	struct vs_claims claims;
	struct vs_err err = {.status = VS_STALE, .code = "left.over"};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 16);
	vs_claims_init(&claims, &a);
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	CHECK(vs_evidence_appraise(in, &expect, &opt, &claims, &err) != VS_OK);
	/* What the claims held before is gone as well. */
	CHECK(!vs_claims_get(&claims, VS_CLAIM_TEE_DEBUG)->present);
	CHECK(claims.arena == &a);
	vs_arena_fini(&a);
	return err;
}

static void
want(struct vs_evidence_input *in, vs_status st, const char *code)
{
	struct vs_err err = appraise(in, amd);

	CHECK_INT(err.status, st);
	if (code == NULL)
		CHECK(err.code == NULL);
	else
		CHECK_STR(err.code, code);
}

static void
test_limits(void)
{
	struct vs_span certs[VS_EVIDENCE_CERT_BLOBS_MAX + 1];
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_SNP};

	in.report = VS_SPAN(big, sizeof(big));
	want(&in, VS_MALFORMED, "parse.size");
	in.report.n--;
	want(&in, VS_MALFORMED, "parse.size");
	in.report = VS_SPAN(NULL, 0);
	want(&in, VS_MALFORMED, "parse.size");
	in.certs = certs;
	for (size_t i = 0; i < VS_COUNT(certs); i++)
		certs[i] = VS_SPAN(big, 1);
	in.certs_n = VS_COUNT(certs);
	want(&in, VS_MALFORMED, "parse.cert_table");
	in.certs_n = 2;
	certs[0].n = VS_EVIDENCE_CERTS_MAX;
	want(&in, VS_MALFORMED, "parse.cert_table");
	certs[0].n = SIZE_MAX; /* the sum must not wrap */
	want(&in, VS_MALFORMED, "parse.cert_table");
}

static void
test_kind_and_quote(void)
{
	struct vs_evidence_input in = {.report = VS_SPAN(big, 1184)};
	struct vs_err err;

	want(&in, VS_UNSUPPORTED, NULL);
	in.kind = VS_EVIDENCE_SNP;
	in.quote.attest = VS_SPAN(big, 10);
	want(&in, VS_USAGE, NULL);
	in.kind = VS_EVIDENCE_AZ_SNP;
	want(&in, VS_TRUNCATED, "parse.hcl");
	in.quote.attest.n = 4097;
	want(&in, VS_MALFORMED, "parse.size");
	in.quote.attest.n = 0;
	in.quote.signature = VS_SPAN(big, 4097);
	want(&in, VS_MALFORMED, "parse.size");
	in.quote.signature.n = 0;
	in.quote.pcrs = VS_SPAN(big, 4097);
	want(&in, VS_MALFORMED, "parse.size");
	err = appraise(&in, NULL);
	CHECK_INT(err.status, VS_USAGE);
}

int
main(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_err err = {0};

	if (b == NULL || !CHECK_OK(vs_collateral_build(b, &amd, &err), err))
		return 1;
	vs_collateral_builder_free(&b);
	RUN(test_kinds);
	RUN(test_guess);
	RUN(test_limits);
	RUN(test_kind_and_quote);
	vs_collateral_free(&amd);
	return check_result();
}
