/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/bind.h"

#include "evidence/snp/tcb.h"

vs_status
vs_snp_bind_signer(const struct vs_snp_report *r, const struct vs_snp_chain *c,
    struct vs_err *err)
{
	if (r->signer != c->signer)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.signer",
		    "KEY_INFO does not name a %s, as the certificate is",
		    vs_snp_signer_name(c->signer));
	/* Without CPUID the issuer's name tells the product; but the layout
	 * of TCBs on Turin was not settled when version 2 was. */
	if (r->version >= 3 ? r->product != c->product
			    : c->product == VS_SNP_TURIN)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.product",
		    "report of %s, certificate for %s",
		    r->version >= 3 ? vs_snp_product_name(r->product)
				    : "version 2",
		    vs_snp_product_name(c->product));
	if (c->leaf.struct_version != vs_snp_struct_version(c->product))
		return vs_fail_code(err, VS_UNTRUSTED, "bind.product",
		    "certificate structVersion does not fit %s",
		    vs_snp_product_name(c->product));
	return VS_OK;
}

vs_status
vs_snp_check_signature(const struct vs_snp_report *r,
    const struct vs_snp_chain *c, struct vs_err *err)
{
	VS_TRY_CODE(err, "sig.report", "report signature",
	    vs_p384_verify_le(c->key, r->signed_part, r->r.p, r->s.p, err));
	return VS_OK;
}

/* REPORTED_TCB is the one that the signing key is derived from. */
static vs_status
bind_tcb(const struct vs_snp_report *r, const struct vs_snp_chain *c,
    struct vs_err *err)
{
	for (unsigned i = 0; i < VS_SNP_SPL_COUNT; i++) {
		const char *name = vs_snp_spl_name((vs_snp_spl)i);
		int at = vs_snp_tcb_index(c->product, (vs_snp_spl)i);
		int spl = c->leaf.spl[i];

		if (at < 0)
			continue;
		if (spl < 0)
			return vs_fail_code(err, VS_UNTRUSTED, "bind.tcb",
			    "certificate: %s is %s", name,
			    spl == VS_SNP_EXT_ABSENT ? "missing" : "malformed");
		if (spl != r->reported_tcb.p[at])
			return vs_fail_code(err, VS_UNTRUSTED, "bind.tcb",
			    "%s: certificate %d, report %u", name, spl,
			    r->reported_tcb.p[at]);
	}
	return VS_OK;
}

/* A VLEK belongs to a provider, not to a chip. */
static vs_status
bind_vlek(const struct vs_snp_chain *c, struct vs_err *err)
{
	if (c->leaf.hwid_n != VS_SNP_EXT_ABSENT)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.chip_id",
		    "a VLEK certificate must not name a chip");
	if (c->leaf.csp_n <= 0)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.signer",
		    "a VLEK certificate must name the cloud provider");
	return VS_OK;
}

static vs_status
bind_vcek(const struct vs_snp_report *r, const struct vs_snp_chain *c,
    bool allow_masked, bool *masked, struct vs_err *err)
{
	const int want = c->product == VS_SNP_TURIN ? 8 : 64;
	struct vs_span hwid;

	if (c->leaf.csp_n != VS_SNP_EXT_ABSENT)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.signer",
		    "a VCEK certificate must not name a cloud provider");
	if (c->leaf.hwid_n != want)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.chip_id",
		    "a VCEK certificate for %s must name a chip by %d bytes",
		    vs_snp_product_name(c->product), want);
	*masked = vs_span_zero(r->chip_id);
	if (*masked && !allow_masked)
		return vs_fail_code(err, VS_UNTRUSTED, "bind.chip_id",
		    "the host masks CHIP_ID");
	if (*masked)
		return VS_OK;
	hwid = VS_SPAN(c->leaf.hwid, (size_t)want);
	if (!vs_span_equal(vs_span_slice(r->chip_id, 0, hwid.n), hwid) ||
	    !vs_span_zero(vs_span_slice(r->chip_id, hwid.n, r->chip_id.n)))
		return vs_fail_code(err, VS_UNTRUSTED, "bind.chip_id",
		    "the certificate is for another chip");
	return VS_OK;
}

vs_status
vs_snp_bind_platform(const struct vs_snp_report *r,
    const struct vs_snp_chain *c, bool allow_masked, bool *masked,
    struct vs_err *err)
{
	*masked = false;
	VS_TRY(err, "TCB", bind_tcb(r, c, err));
	if (c->signer == VS_SNP_VLEK)
		return bind_vlek(c, err);
	return bind_vcek(r, c, allow_masked, masked, err);
}
