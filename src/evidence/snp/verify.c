/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/verify.h"

#include <string.h>

#include "evidence/snp/bind.h"
#include "evidence/snp/cache.h"
#include "evidence/snp/claims.h"
#include "evidence/snp/coco.h"
#include "evidence/azure/hcl.h"

enum {
	/* Certificates as JSON numbers and PEM, decoded. */
	SCRATCH_MAX = 512 * 1024,
	/* MSG_REPORT_RSP (AMD 56860): header, report; the ioctl's buffer. */
	RSP_HEAD_SIZE = 32,
	RSP_BUFFER_SIZE = 4000,
	REPORT_DATA_SIZE = 64,
};

/* One appraisal. Spans are borrowed from the input and the arena. */
struct appraisal {
	const struct vs_evidence_input *in;
	const struct vs_evidence_expect *expect;
	const struct vs_evidence_options *opt;
	struct vs_arena scratch;
	uint8_t rebuilt[VS_SNP_REPORT_SIZE]; /* from JSON */
	struct vs_hcl hcl;
	struct vs_snp_report report;
	struct vs_snp_blob blobs[VS_SNP_BLOBS_MAX];
	size_t blobs_n;
	struct vs_snp_chain *chain;
	struct vs_az_verified az;
	struct vs_snp_verified v;
};

/* u32 status, u32 size, 24 zero bytes, report; zeros up to the size of the
 * ioctl's buffer. */
static vs_status
unwrap_rsp(struct vs_span in, struct vs_span *report, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(in);
	uint32_t status, size;

	VS_TRY(err, "status", vs_rd_u32le(&rd, &status));
	VS_TRY(err, "size", vs_rd_u32le(&rd, &size));
	if (status != 0 || size != VS_SNP_REPORT_SIZE)
		return vs_fail(err, VS_MALFORMED,
		    "firmware status %u, report size %u", status, size);
	VS_TRY(err, "header", vs_rd_zeros(&rd, 24));
	VS_TRY(err, "report", vs_rd_bytes(&rd, size, report));
	VS_TRY(err, "padding", vs_rd_zeros(&rd, rd.n));
	return VS_OK;
}

/* The 1184 bytes, whatever they came in. */
static vs_status
unwrap(struct appraisal *a, struct vs_span *report, struct vs_err *err)
{
	struct vs_span in = a->in->report;

	if (a->in->kind == VS_EVIDENCE_AZ_SNP) {
		VS_TRY(
		    err, "az-snp", vs_hcl_parse(in, VS_HCL_SNP, &a->hcl, err));
		*report = a->hcl.report;
	} else if (in.n > 0 && in.p[0] == '{') {
		VS_TRY(err, "snp",
		    vs_snp_coco_read(in, &a->scratch, a->rebuilt, a->blobs,
			&a->blobs_n, err));
		*report = VS_SPAN_OF(a->rebuilt);
	} else if (in.n == RSP_BUFFER_SIZE ||
	    in.n == RSP_HEAD_SIZE + VS_SNP_REPORT_SIZE) {
		VS_TRY_CODE(err, "parse.size", "MSG_REPORT_RSP",
		    unwrap_rsp(in, report, err));
	} else {
		*report = in;
	}
	return VS_OK;
}

static vs_status
parse(struct appraisal *a, struct vs_err *err)
{
	struct vs_span report;

	VS_TRY(err, "evidence", unwrap(a, &report, err));
	VS_TRY(err, "evidence", vs_snp_report_parse(report, &a->report, err));
	for (size_t i = 0; i < a->in->certs_n; i++) {
		if (a->blobs_n == VS_SNP_BLOBS_MAX)
			return vs_fail_code(err, VS_MALFORMED,
			    "parse.cert_table", "too many certificates");
		a->blobs[a->blobs_n++] =
		    (struct vs_snp_blob){VS_SNP_ROLE_ANY, a->in->certs[i]};
	}
	return VS_OK;
}

static vs_status
build_chain(struct appraisal *a, struct vs_err *err)
{
	const struct vs_trust *trust = vs_collateral_trust(a->opt->collateral);
	struct vs_snp_certs certs;
	vs_status st;

	VS_TRY(err, "evidence",
	    vs_snp_certs_read(a->blobs, a->blobs_n, &a->scratch, &certs, err));
	st =
	    vs_snp_chain_build(&certs, a->report.signer, trust, &a->chain, err);
	vs_snp_certs_fini(&certs);
	return st;
}

/* From the cache or anew; the checks that follow are the same for both. */
static vs_status
authenticate(
    struct appraisal *a, const uint8_t key[VS_SHA256_SIZE], struct vs_err *err)
{
	a->chain = vs_snp_cache_get(a->opt->cache, key);
	if (a->chain == NULL)
		VS_TRY(err, "evidence", build_chain(a, err));
	VS_TRY(err, "evidence",
	    vs_snp_chain_judge(
		a->chain, a->opt->now, a->opt->crl, &a->v.crl, err));
	VS_TRY(err, "evidence", vs_snp_bind_signer(&a->report, a->chain, err));
	VS_TRY(
	    err, "evidence", vs_snp_check_signature(&a->report, a->chain, err));
	VS_TRY(err, "evidence",
	    vs_snp_bind_platform(&a->report, a->chain,
		a->opt->allow_masked_chip_id, &a->v.chip_id_masked, err));
	return VS_OK;
}

static vs_status
wrong_report_data(struct vs_err *err)
{
	return vs_fail_code(err, VS_UNTRUSTED, "bind.report_data",
	    "the report was not made for this request: REPORT_DATA differs");
}

static vs_status
bind_snp(struct appraisal *a, struct vs_err *err)
{
	struct vs_span want = a->expect->report_data;

	/* An expectation that this kind cannot meet is not met. */
	if (a->expect->vtpm_nonce.n > 0)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.nonce",
		    "a vTPM nonce is expected, and there is no vTPM");
	if (want.n == 0)
		return VS_OK;
	if (!vs_equal_ct(want, a->report.report_data))
		return wrong_report_data(err);
	a->v.bound = true;
	return VS_OK;
}

/*
 * The runtime data's digest in the report makes the vTPM key in them the
 * paravisor's. Only the paravisor is at VMPL 0: a report that the guest's
 * kernel asked for at a lower privilege proves nothing of the kind.
 */
static vs_status
bind_azure(struct appraisal *a, struct vs_err *err)
{
	if (a->report.vmpl != 0)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.hcl_runtime_data",
		    "VMPL %u: not a report of the paravisor", a->report.vmpl);
	VS_TRY(err, "az-snp",
	    vs_az_bind_runtime(a->hcl.runtime, a->report.report_data,
		&a->scratch, &a->az, err));
	VS_TRY(err, "az-snp",
	    vs_az_bind_request(&a->in->quote, a->expect, &a->az, err));
	a->v.azure = &a->az;
	a->v.bound = a->az.bound;
	return VS_OK;
}

static vs_status
run(struct appraisal *a, struct vs_claims *out, struct vs_err *err)
{
	uint8_t key[VS_SHA256_SIZE];

	VS_TRY(err, "snp", parse(a, err));
	VS_TRY(err, "snp",
	    vs_snp_cache_key(a->blobs, a->blobs_n, a->report.signer,
		a->opt->collateral, key));
	VS_TRY(err, "snp", authenticate(a, key, err));
	VS_TRY(err, "snp",
	    a->in->kind == VS_EVIDENCE_AZ_SNP ? bind_azure(a, err)
					      : bind_snp(a, err));
	VS_TRY(
	    err, "snp", vs_sha256(a->report.signed_part, a->v.evidence_digest));
	a->v.kind = a->in->kind;
	a->v.report = &a->report;
	a->v.chain = a->chain;
	VS_TRY(err, "snp", vs_snp_claims(&a->v, out, err));
	vs_snp_cache_put(a->opt->cache, key, a->chain);
	return VS_OK;
}

vs_status
vs_snp_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err)
{
	struct appraisal a = {.in = in, .expect = expect, .opt = opt};
	vs_status st;

	vs_arena_init(&a.scratch, SCRATCH_MAX);
	st = run(&a, out, err);
	vs_snp_chain_free(&a.chain);
	vs_arena_fini(&a.scratch);
	return st;
}
