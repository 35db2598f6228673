/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/verify.h"

#include <string.h>

#include "evidence/dcap/azure.h"
#include "evidence/dcap/claims.h"

/* An event log or Azure's evidence as JSON, decoded. */
enum { SCRATCH_MAX = 2 * VS_EVIDENCE_EVENT_LOG_MAX };

/* One appraisal. Spans are borrowed from the input and the arena. */
struct appraisal {
	const struct vs_evidence_input *in;
	const struct vs_evidence_options *opt;
	const struct vs_trust *trust;
	struct vs_arena scratch;    /* JSON, decoded */
	struct vs_dcap_azure outer; /* az-tdx */
	struct vs_az_verified az;
	struct vs_dcap_quote quote;
	struct vs_dcap_platform *platform;
	bool cached; /* the platform is */
	const struct vs_anchor *anchor;
	const struct vs_intel_tcb_info *info;
	const struct vs_intel_identity *identity;
	struct vs_dcap_tcb tcb;
	struct vs_dcap_verified v;
};

/* The DCAP quote, whatever it came in. */
static vs_status
unwrap(struct appraisal *a, struct vs_span *quote, struct vs_err *err)
{
	const struct vs_vtpm_quote *q = &a->in->quote;

	*quote = a->in->report;
	if (a->in->kind != VS_EVIDENCE_AZ_TDX)
		return VS_OK;
	VS_TRY(err, "unwrap",
	    vs_dcap_azure_read(a->in->report, &a->scratch, &a->outer, err));
	*quote = a->outer.td_quote;
	if ((q->attest.n | q->signature.n | q->pcrs.n) == 0)
		return VS_OK;
	if (a->outer.quote.attest.n != 0)
		return vs_fail(err, VS_USAGE,
		    "a vTPM quote inside of the evidence and one beside it");
	a->outer.quote = *q;
	return VS_OK;
}

static vs_status
parse(struct appraisal *a, struct vs_err *err)
{
	vs_intel_tee want =
	    a->in->kind == VS_EVIDENCE_SGX ? VS_INTEL_SGX : VS_INTEL_TDX;
	struct vs_span quote;

	VS_TRY(err, "parse", unwrap(a, &quote, err));
	VS_TRY(err, "parse", vs_dcap_quote_parse(quote, &a->quote, err));
	if (a->quote.tee != want)
		return vs_fail_code(err, VS_MALFORMED, "tee_type",
		    "a quote of %s was sent as one of the other TEE",
		    a->quote.tee == VS_INTEL_TDX ? "TDX" : "SGX");
	return VS_OK;
}

/* From the cache or anew; what follows is the same for both. */
static vs_status
find_platform(
    struct appraisal *a, const uint8_t key[VS_SHA256_SIZE], struct vs_err *err)
{
	a->platform = vs_dcap_platform_get(a->opt->cache, key);
	a->cached = a->platform != NULL;
	if (!a->cached)
		VS_TRY(err, "platform",
		    vs_dcap_platform_new(&a->quote, a->in->certs,
			a->in->certs_n, a->trust, &a->platform, err));
	a->anchor = vs_dcap_platform_anchor(a->platform, a->trust);
	if (a->anchor == NULL) /* the key names the snapshot */
		return vs_fail(err, VS_INTERNAL, "platform without an anchor");
	return VS_OK;
}

static vs_status
find_statements(struct appraisal *a, struct vs_err *err)
{
	struct vs_intel_query q = {
	    .anchor = a->anchor,
	    .tee = a->quote.tee,
	    .allow_v2 = a->opt->allow_tcb_info_v2,
	    .now = a->opt->now,
	};

	memcpy(q.fmspc, a->platform->id.fmspc, sizeof(q.fmspc));
	memcpy(q.pceid, a->platform->id.pceid, sizeof(q.pceid));
	VS_TRY(
	    err, "collateral", vs_intel_tcb_info(a->trust, &q, &a->info, err));
	VS_TRY(err, "collateral",
	    vs_intel_identity(a->trust, &q, &a->identity, err));
	return VS_OK;
}

/*
 * Any enclave can have a report signed by the platform: only that the report
 * is of Intel's own quoting enclave makes the key in it an attestation key.
 */
static vs_status
check_qe(const struct appraisal *a, struct vs_err *err)
{
	const struct vs_sgx_report *r = &a->quote.qe;
	struct vs_dcap_qe qe = {.isvprodid = r->isvprodid};

	memcpy(qe.miscselect, r->miscselect.p, sizeof(qe.miscselect));
	memcpy(qe.attributes, r->attributes.p, sizeof(qe.attributes));
	memcpy(qe.mrsigner, r->mrsigner.p, sizeof(qe.mrsigner));
	return vs_dcap_qe_check(a->identity, &qe, err);
}

static vs_status
authenticate(struct appraisal *a, struct vs_err *err)
{
	VS_TRY(err, "platform",
	    vs_dcap_platform_judge(
		a->platform, a->trust, a->anchor, a->opt->now, err));
	VS_TRY(err, "platform", find_statements(a, err));
	if (!a->cached)
		VS_TRY(err, "platform",
		    vs_dcap_platform_vouch(a->platform, &a->quote, err));
	VS_TRY(err, "QE", check_qe(a, err));
	VS_TRY_CODE(err, "quote_signature", "quote",
	    vs_p256_verify(a->platform->key, a->quote.signed_part,
		a->quote.signature.p, err));
	return VS_OK;
}

static vs_status
evaluate(struct appraisal *a, struct vs_err *err)
{
	const struct vs_dcap_pck *id = &a->platform->id;
	const struct vs_td_report *td = &a->quote.td;
	struct vs_dcap_tcb_in in = {
	    .info = a->info,
	    .qe = a->identity,
	    .pcesvn = id->pcesvn,
	    .qe_isvsvn = a->quote.qe.isvsvn,
	};

	memcpy(in.pck_svn, id->svn, sizeof(in.pck_svn));
	if (a->quote.tee == VS_INTEL_TDX) {
		memcpy(
		    in.tee_tcb_svn, td->tee_tcb_svn.p, sizeof(in.tee_tcb_svn));
		memcpy(in.mrsignerseam, td->mrsignerseam.p,
		    sizeof(in.mrsignerseam));
		memcpy(in.seamattributes, td->seamattributes.p,
		    sizeof(in.seamattributes));
		in.has_svn2 = td->tee_tcb_svn2.n == sizeof(in.tee_tcb_svn2);
		if (in.has_svn2)
			memcpy(in.tee_tcb_svn2, td->tee_tcb_svn2.p,
			    sizeof(in.tee_tcb_svn2));
	}
	return vs_dcap_tcb_evaluate(&in, &a->tcb, err);
}

/* The TD is the paravisor: it alone can have a TD report made, and with the
 * digest of the runtime data there it speaks for the guest in it. */
static vs_status
bind_azure(struct appraisal *a, const struct vs_evidence_expect *expect,
    struct vs_err *err)
{
	VS_TRY(err, "azure",
	    vs_az_bind_runtime(a->outer.hcl.runtime, a->quote.td.report_data,
		&a->scratch, &a->az, err));
	VS_TRY(err, "azure",
	    vs_az_bind_request(&a->outer.quote, expect, &a->az, err));
	a->v.azure = &a->az;
	a->v.bound = a->az.bound;
	return VS_OK;
}

static vs_status
bind(struct appraisal *a, const struct vs_evidence_expect *expect,
    struct vs_err *err)
{
	struct vs_span want = expect->report_data;
	struct vs_span have = a->quote.tee == VS_INTEL_TDX
	    ? a->quote.td.report_data
	    : a->quote.sgx.report_data;

	if (a->in->kind == VS_EVIDENCE_AZ_TDX)
		return bind_azure(a, expect, err);
	/* An expectation that this kind cannot meet is not met. */
	if (expect->vtpm_nonce.n > 0)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.nonce",
		    "a vTPM nonce is expected, and there is no vTPM");
	if (want.n == 0)
		return VS_OK;
	if (!vs_equal_ct(want, have))
		return vs_fail_code(err, VS_UNTRUSTED, "bind.report_data",
		    "the quote was not made for this request: REPORTDATA "
		    "differs");
	a->v.bound = true;
	return VS_OK;
}

static vs_status
tell(struct appraisal *a, struct vs_claims *out, struct vs_err *err)
{
	VS_TRY(err, "quote",
	    vs_sha256(a->quote.signed_part, a->v.evidence_digest));
	a->v.kind = a->in->kind;
	a->v.quote = &a->quote;
	a->v.platform = a->platform;
	a->v.anchor = a->anchor;
	a->v.info = a->info;
	a->v.tcb = &a->tcb;
	return vs_dcap_claims(&a->v, out, err);
}

/* The log is parsed last: by then it comes from a genuine TD. */
static vs_status
tell_with_log(struct appraisal *a, struct vs_claims *out, struct vs_err *err)
{
	struct vs_event_log log;
	vs_status st;

	if (a->in->event_log.n == 0)
		return tell(a, out, err);
	st = vs_event_log_read(a->in->event_log, &a->scratch, &log, err);
	if (st == VS_OK)
		st = vs_event_log_check(
		    &log, &a->quote.td, &a->v.rtmr3_replayed, err);
	if (st == VS_OK) {
		a->v.log = &log;
		st = tell(a, out, err);
		a->v.log = NULL;
	}
	return st;
}

static vs_status
run(struct appraisal *a, const struct vs_evidence_expect *expect,
    struct vs_claims *out, struct vs_err *err)
{
	const char *kind = vs_evidence_kind_name(a->in->kind);
	uint8_t key[VS_SHA256_SIZE];

	VS_TRY(err, kind, parse(a, err));
	VS_TRY(err, kind,
	    vs_dcap_platform_key(&a->quote, a->in->certs, a->in->certs_n,
		a->opt->collateral, key));
	VS_TRY(err, kind, find_platform(a, key, err));
	VS_TRY(err, kind, authenticate(a, err));
	VS_TRY(err, kind, evaluate(a, err));
	VS_TRY(err, kind, bind(a, expect, err));
	VS_TRY(err, kind, tell_with_log(a, out, err));
	if (!a->cached)
		vs_dcap_platform_put(a->opt->cache, key, a->platform);
	return VS_OK;
}

vs_status
vs_dcap_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err)
{
	struct appraisal a = {
	    .in = in,
	    .opt = opt,
	    .trust = vs_collateral_trust(opt->collateral),
	};
	vs_status st;

	vs_arena_init(&a.scratch, SCRATCH_MAX);
	st = run(&a, expect, out, err);
	vs_arena_fini(&a.scratch);
	vs_dcap_platform_free(&a.platform);
	return st;
}
