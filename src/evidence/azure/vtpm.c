/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/azure/vtpm.h"

#include "crypto/pubkey.h"

static vs_status
check_quote_signature(const struct vs_vtpm_quote *quote,
    const struct vs_az_runtime *runtime, struct vs_err *err)
{
	VS_AUTO(vs_pubkey) *ak = NULL;
	struct vs_span sig;

	if (!runtime->has_ak)
		return vs_fail(
		    err, VS_UNTRUSTED, "the runtime data has no HCLAkPub");
	VS_TRY(err, "HCLAkPub",
	    vs_pubkey_rsa(runtime->ak_n, runtime->ak_e, &ak, err));
	VS_TRY(err, "TPMT_SIGNATURE",
	    vs_tpm_signature_parse(
		quote->signature, vs_pubkey_rsa_size(ak), &sig, err));
	return vs_rsa_pkcs1_sha256_verify(ak, quote->attest, sig, err);
}

/* The selection inside the quote counts, not the sender's idea of it. */
static vs_status
check_pcrs(
    struct vs_span pcrs, const struct vs_tpm_quote *q, struct vs_err *err)
{
	uint8_t digest[VS_SHA256_SIZE];

	if (!q->all_sha256)
		return vs_fail(err, VS_UNTRUSTED,
		    "the quote is not over the 24 SHA-256 PCRs");
	if (pcrs.n != VS_TPM_PCRS * (size_t)VS_SHA256_SIZE)
		return vs_fail(err, VS_UNTRUSTED, "not 24 PCR values");
	VS_TRY(err, "SHA-256", vs_sha256(pcrs, digest));
	if (!vs_span_equal(q->pcr_digest, VS_SPAN_OF(digest)))
		return vs_fail(
		    err, VS_UNTRUSTED, "PCR values do not hash to pcrDigest");
	return VS_OK;
}

/* Everything about a quote is unverified, not malformed: it is judged after
 * the report was found genuine. */
static vs_status
as_untrusted(struct vs_err *err, const char *code, vs_status st)
{
	if (vs_status_class(st) == VS_CLASS_MALFORMED)
		st = err->status = VS_UNTRUSTED;
	err->code = code;
	return st;
}

vs_status
vs_az_check_quote(const struct vs_vtpm_quote *quote,
    const struct vs_az_runtime *runtime, struct vs_span nonce,
    struct vs_tpm_quote *out, struct vs_err *err)
{
	struct vs_tpm_quote q;
	vs_status st = check_quote_signature(quote, runtime, err);

	if (st != VS_OK)
		return as_untrusted(err, "tpm.signature", st);
	st = vs_tpm_quote_parse(quote->attest, &q, err);
	if (st != VS_OK)
		return as_untrusted(err, "tpm.attest", st);
	if (nonce.n > 0 && !vs_equal_ct(q.extra_data, nonce))
		return vs_fail_code(err, VS_UNTRUSTED, "bind.nonce",
		    "extraData of the quote is not the nonce");
	if (quote->pcrs.n > 0) {
		st = check_pcrs(quote->pcrs, &q, err);
		if (st != VS_OK)
			return as_untrusted(err, "tpm.pcr_digest", st);
	}
	*out = q;
	return VS_OK;
}

vs_status
vs_az_bind_runtime(struct vs_span runtime, struct vs_span report_data,
    struct vs_arena *a, struct vs_az_verified *out, struct vs_err *err)
{
	VS_TRY(err, "runtime data", vs_sha256(runtime, out->runtime_digest));
	if (!vs_span_equal(vs_span_slice(report_data, 0, VS_SHA256_SIZE),
		VS_SPAN_OF(out->runtime_digest)) ||
	    !vs_span_zero(
		vs_span_slice(report_data, VS_SHA256_SIZE, report_data.n)))
		return vs_fail_code(err, VS_UNTRUSTED, "bind.hcl_runtime_data",
		    "REPORT_DATA is not the digest of the runtime data");
	return vs_az_runtime_parse(runtime, a, &out->runtime, err);
}

static vs_status
check_quote(const struct vs_vtpm_quote *q, struct vs_span nonce,
    struct vs_az_verified *v, struct vs_err *err)
{
	if (q->attest.n == 0 && q->signature.n == 0 && q->pcrs.n == 0) {
		if (nonce.n > 0)
			return vs_fail_code(err, VS_UNTRUSTED, "bind.nonce",
			    "a nonce is expected, and there is no quote");
		return VS_OK;
	}
	VS_TRY(err, "vTPM",
	    vs_az_check_quote(q, &v->runtime, nonce, &v->quote, err));
	v->quote_verified = true;
	return VS_OK;
}

vs_status
vs_az_bind_request(const struct vs_vtpm_quote *quote,
    const struct vs_evidence_expect *expect, struct vs_az_verified *v,
    struct vs_err *err)
{
	struct vs_span want = expect->report_data;
	bool quoted, told, enough;

	VS_TRY(err, "azure", check_quote(quote, expect->vtpm_nonce, v, err));
	if (want.n == 0)
		return VS_OK;
	quoted = v->quote_verified && vs_equal_ct(want, v->quote.extra_data);
	told = v->runtime.has_user_data &&
	    vs_equal_ct(want, VS_SPAN_OF(v->runtime.user_data));
	/* The key outlives the boot that a quote speaks of: fresh user-data
	 * beside an old quote would lend this boot the PCRs of that one. */
	enough = told && (!v->quote_verified || expect->vtpm_nonce.n > 0);
	v->bound = want.n == VS_AZ_USER_DATA_SIZE && (enough || quoted);
	if (!v->bound)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.report_data",
		    "the evidence was not made for this request: neither "
		    "user-data nor the quote's nonce is REPORT_DATA");
	/* Bound by the quote alone, what stands beside it may be of another
	 * boot; the quote speaks of this one's PCRs. */
	if (!told)
		v->runtime.has_secure_boot = false;
	return VS_OK;
}

vs_status
vs_az_claims(
    const struct vs_az_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_az_runtime *r = &v->runtime;

	if (r->has_user_data)
		VS_TRY(err, "azure.user_data",
		    vs_claims_hex(
			c, VS_CLAIM_AZ_USER_DATA, VS_SPAN_OF(r->user_data)));
	if (r->vm_id.n > 0)
		VS_TRY(err, "azure.vm_unique_id",
		    vs_claims_str(c, VS_CLAIM_AZ_VM_ID, r->vm_id));
	if (r->has_secure_boot)
		vs_claims_bool(c, VS_CLAIM_AZ_SECURE_BOOT, r->secure_boot);
	VS_TRY(err, "azure.runtime_data_digest",
	    vs_claims_hex(
		c, VS_CLAIM_AZ_RUNTIME_DIGEST, VS_SPAN_OF(v->runtime_digest)));
	vs_claims_bool(c, VS_CLAIM_AZ_QUOTE, v->quote_verified);
	if (v->quote_verified && v->quote.all_sha256)
		VS_TRY(err, "azure.pcr_digest",
		    vs_claims_hex(
			c, VS_CLAIM_AZ_PCR_DIGEST, v->quote.pcr_digest));
	return VS_OK;
}
