/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include "evidence/dcap/quote.h"
#include "evidence/dcap/verify.h"
#include "evidence/snp/verify.h"

/* A TPM's command buffer has 4 KiB. */
enum { QUOTE_PART_MAX = 4096 };

static const struct {
	vs_evidence_kind kind;
	const char *name;
} kinds[] = {
    {VS_EVIDENCE_SNP, "snp"},
    {VS_EVIDENCE_AZ_SNP, "az-snp"},
    {VS_EVIDENCE_TDX, "tdx"},
    {VS_EVIDENCE_SGX, "sgx"},
    {VS_EVIDENCE_AZ_TDX, "az-tdx"},
};

vs_evidence_kind
vs_evidence_kind_parse(struct vs_span name)
{
	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (vs_span_is(name, kinds[i].name))
			return kinds[i].kind;
	return VS_EVIDENCE_UNKNOWN;
}

const char *
vs_evidence_kind_name(vs_evidence_kind k)
{
	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (kinds[i].kind == k)
			return kinds[i].name;
	return "unknown";
}

static bool
holds(struct vs_span text, struct vs_span part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (vs_span_equal(vs_span_slice(text, i, part.n), part))
			return true;
	return false;
}

/* Damaged evidence should get the error of its kind, so near misses in size
 * or magic are guessed as well. */
vs_evidence_kind
vs_evidence_kind_guess(struct vs_span report)
{
	const size_t hcl_nv_index = 2600, version_max = 16;
	struct vs_rd rd = vs_rd_of(report);
	uint32_t version;
	vs_intel_tee tee;

	if (vs_dcap_quote_is(report, &tee))
		return tee == VS_INTEL_TDX ? VS_EVIDENCE_TDX : VS_EVIDENCE_SGX;
	if (vs_span_starts(report, VS_SPAN_LIT("HCLA")) ||
	    report.n == hcl_nv_index)
		return VS_EVIDENCE_AZ_SNP;
	if (vs_span_starts(report, VS_SPAN_LIT("{")))
		return holds(report, VS_SPAN_LIT("\"td_quote\""))
		    ? VS_EVIDENCE_AZ_TDX
		    : VS_EVIDENCE_SNP;
	/* The version of a report or the status of a firmware response. */
	if (vs_rd_u32le(&rd, &version) == VS_OK && version <= version_max)
		return VS_EVIDENCE_SNP;
	return VS_EVIDENCE_UNKNOWN;
}

static bool
is_dcap(vs_evidence_kind k)
{
	return k == VS_EVIDENCE_TDX || k == VS_EVIDENCE_SGX;
}

static vs_status
check_sizes(const struct vs_evidence_input *in, struct vs_err *err)
{
	size_t total = 0;

	if (in->report.n > VS_EVIDENCE_REPORT_MAX)
		return vs_fail_code(err, VS_MALFORMED,
		    is_dcap(in->kind) ? "quote_malformed" : "parse.size",
		    "evidence: report of %zu bytes", in->report.n);
	if (in->certs_n > VS_EVIDENCE_CERT_BLOBS_MAX)
		return vs_fail_code(err, VS_MALFORMED, "parse.cert_table",
		    "evidence: %zu certificate blobs", in->certs_n);
	for (size_t i = 0; i < in->certs_n; i++)
		if (!vs_add(total, in->certs[i].n, &total) ||
		    total > VS_EVIDENCE_CERTS_MAX)
			return vs_fail_code(err, VS_MALFORMED,
			    "parse.cert_table",
			    "evidence: more than %d bytes of certificates",
			    VS_EVIDENCE_CERTS_MAX);
	if (in->quote.attest.n > QUOTE_PART_MAX ||
	    in->quote.signature.n > QUOTE_PART_MAX ||
	    in->quote.pcrs.n > QUOTE_PART_MAX)
		return vs_fail_code(err, VS_MALFORMED, "parse.size",
		    "evidence: vTPM quote too large");
	if (in->event_log.n > VS_EVIDENCE_EVENT_LOG_MAX)
		return vs_fail_code(err, VS_MALFORMED, "eventlog_malformed",
		    "evidence: event log of %zu bytes", in->event_log.n);
	if (in->event_log.n > 0 && in->kind != VS_EVIDENCE_TDX)
		return vs_fail(
		    err, VS_USAGE, "evidence: an event log belongs to tdx");
	if (in->kind != VS_EVIDENCE_AZ_SNP && in->kind != VS_EVIDENCE_AZ_TDX &&
	    (in->quote.attest.n | in->quote.signature.n | in->quote.pcrs.n))
		return vs_fail(err, VS_USAGE,
		    "evidence: a vTPM quote belongs to az-snp and az-tdx");
	return VS_OK;
}

static vs_status
appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err)
{
	vs_status st;

	if (opt->collateral == NULL)
		return vs_fail(err, VS_USAGE, "evidence: no collateral");
	st = check_sizes(in, err);
	if (st != VS_OK)
		return st;
	switch (in->kind) {
	case VS_EVIDENCE_SNP:
	case VS_EVIDENCE_AZ_SNP:
		return vs_snp_appraise(in, expect, opt, out, err);
	case VS_EVIDENCE_TDX:
	case VS_EVIDENCE_SGX:
	case VS_EVIDENCE_AZ_TDX:
		return vs_dcap_appraise(in, expect, opt, out, err);
	case VS_EVIDENCE_UNKNOWN:
		break;
	}
	return vs_fail(err, VS_UNSUPPORTED, "evidence: unknown kind");
}

vs_status
vs_evidence_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err)
{
	vs_status st;

	vs_err_clear(err);
	st = appraise(in, expect, opt, out, err);
	if (st != VS_OK)
		vs_claims_init(out, out->arena); /* nothing half-proven */
	return st;
}
