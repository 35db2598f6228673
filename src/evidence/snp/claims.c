/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* AMD 56860: POLICY and PLATFORM_INFO, bit numbers. */
enum {
	POLICY_SMT = 16,
	POLICY_MIGRATE_MA = 18,
	POLICY_DEBUG = 19,
	POLICY_FIRST_UNKNOWN = 26,
	AUTHOR_KEY_EN = 0,
};

static const struct {
	vs_claim_id id;
	unsigned bit;
} policy_bits[] =
    {
	{VS_CLAIM_SNP_POLICY_SMT, POLICY_SMT},
	{VS_CLAIM_SNP_POLICY_MIGRATE_MA, POLICY_MIGRATE_MA},
	{VS_CLAIM_SNP_POLICY_DEBUG, POLICY_DEBUG},
	{VS_CLAIM_SNP_POLICY_SINGLE_SOCKET, 20},
	{VS_CLAIM_SNP_POLICY_CXL, 21},
	{VS_CLAIM_SNP_POLICY_AES256_XTS, 22},
	{VS_CLAIM_SNP_POLICY_RAPL_DIS, 23},
	{VS_CLAIM_SNP_POLICY_CIPHERTEXT_HIDING, 24},
	{VS_CLAIM_SNP_POLICY_PAGE_SWAP_DISABLE, 25},
},
  platform_bits[] = {
      {VS_CLAIM_SNP_PLATFORM_SMT, 0},
      {VS_CLAIM_SNP_PLATFORM_TSME, 1},
      {VS_CLAIM_SNP_PLATFORM_ECC, 2},
      {VS_CLAIM_SNP_PLATFORM_RAPL_DIS, 3},
      {VS_CLAIM_SNP_PLATFORM_CIPHERTEXT_HIDING, 4},
      {VS_CLAIM_SNP_PLATFORM_ALIAS_CHECK, 5},
      {VS_CLAIM_SNP_PLATFORM_TIO, 7},
};

static bool
bit(uint64_t v, unsigned n)
{
	return (v >> n & 1) != 0;
}

static vs_status
text(struct vs_claims *c, vs_claim_id id, const char *s)
{
	return vs_claims_str(c, id, vs_span_cstr(s));
}

static vs_status
hex64(struct vs_claims *c, vs_claim_id id, uint64_t v)
{
	char s[17];

	(void)snprintf(s, sizeof(s), "%016" PRIx64, v);
	return text(c, id, s);
}

static vs_status
firmware(struct vs_claims *c, vs_claim_id id, struct vs_snp_fw fw)
{
	char s[16];

	(void)snprintf(s, sizeof(s), "%u.%u.%u", fw.major, fw.minor, fw.build);
	return text(c, id, s);
}

static vs_status
tee(const struct vs_snp_verified *v, struct vs_claims *c, struct vs_err *err)
{
	VS_TRY(err, "tee.kind",
	    text(c, VS_CLAIM_TEE_KIND, vs_evidence_kind_name(v->kind)));
	vs_claims_bool(
	    c, VS_CLAIM_TEE_DEBUG, bit(v->report->policy, POLICY_DEBUG));
	vs_claims_bool(c, VS_CLAIM_TEE_SIMULATED, v->chain->simulated);
	VS_TRY(
	    err, "tee.anchor", text(c, VS_CLAIM_TEE_ANCHOR, v->chain->anchor));
	vs_claims_bool(c, VS_CLAIM_TEE_BOUND, v->bound);
	VS_TRY(err, "tee.evidence_digest",
	    vs_claims_hex(c, VS_CLAIM_TEE_EVIDENCE_DIGEST,
		VS_SPAN_OF(v->evidence_digest)));
	VS_TRY(err, "tee.crl", text(c, VS_CLAIM_TEE_CRL, v->crl));
	return VS_OK;
}

static vs_status
signer(const struct vs_snp_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_snp_chain *ch = v->chain;

	VS_TRY(err, "snp.product",
	    text(c, VS_CLAIM_SNP_PRODUCT, vs_snp_product_name(ch->product)));
	VS_TRY(err, "snp.signer",
	    text(c, VS_CLAIM_SNP_SIGNER, vs_snp_signer_name(ch->signer)));
	if (ch->leaf.csp_n > 0)
		VS_TRY(err, "snp.csp_id",
		    text(c, VS_CLAIM_SNP_CSP_ID, ch->leaf.csp));
	vs_claims_bool(c, VS_CLAIM_SNP_CHIP_ID_MASKED, v->chip_id_masked);
	VS_TRY(err, "snp.leaf_spki",
	    vs_claims_hex(
		c, VS_CLAIM_SNP_LEAF_SPKI, VS_SPAN_OF(ch->spki_sha256)));
	return VS_OK;
}

static vs_status
ids(const struct vs_snp_report *r, struct vs_claims *c, struct vs_err *err)
{
	const struct {
		vs_claim_id id;
		struct vs_span v;
	} all[] = {
	    {VS_CLAIM_SNP_MEASUREMENT, r->measurement},
	    {VS_CLAIM_SNP_HOST_DATA, r->host_data},
	    {VS_CLAIM_SNP_REPORT_DATA, r->report_data},
	    {VS_CLAIM_SNP_REPORT_ID, r->report_id},
	    {VS_CLAIM_SNP_REPORT_ID_MA, r->report_id_ma},
	    {VS_CLAIM_SNP_CHIP_ID, r->chip_id},
	    {VS_CLAIM_SNP_FAMILY_ID, r->family_id},
	    {VS_CLAIM_SNP_IMAGE_ID, r->image_id},
	    {VS_CLAIM_SNP_ID_KEY_DIGEST, r->id_key_digest},
	    {VS_CLAIM_SNP_AUTHOR_KEY_DIGEST, r->author_key_digest},
	};

	for (size_t i = 0; i < VS_COUNT(all); i++)
		VS_TRY(err, vs_claim_def(all[i].id)->path,
		    vs_claims_hex(c, all[i].id, all[i].v));
	return VS_OK;
}

static void
numbers(const struct vs_snp_report *r, struct vs_claims *c)
{
	vs_claims_int(c, VS_CLAIM_SNP_VERSION, r->version);
	vs_claims_int(c, VS_CLAIM_SNP_VMPL, r->vmpl);
	vs_claims_int(c, VS_CLAIM_SNP_GUEST_SVN, r->guest_svn);
	vs_claims_bool(
	    c, VS_CLAIM_SNP_AUTHOR_KEY_EN, bit(r->key_info, AUTHOR_KEY_EN));
	if (r->version < 3)
		return;
	vs_claims_int(c, VS_CLAIM_SNP_CPUID_FAMILY, r->cpuid_family);
	vs_claims_int(c, VS_CLAIM_SNP_CPUID_MODEL, r->cpuid_model);
	vs_claims_int(c, VS_CLAIM_SNP_CPUID_STEPPING, r->cpuid_stepping);
}

static vs_status
bits(const struct vs_snp_report *r, struct vs_claims *c, struct vs_err *err)
{
	VS_TRY(err, "snp.policy", hex64(c, VS_CLAIM_SNP_POLICY_RAW, r->policy));
	vs_claims_int(c, VS_CLAIM_SNP_POLICY_ABI_MAJOR, r->policy >> 8 & 0xff);
	vs_claims_int(c, VS_CLAIM_SNP_POLICY_ABI_MINOR, r->policy & 0xff);
	for (size_t i = 0; i < VS_COUNT(policy_bits); i++)
		vs_claims_bool(
		    c, policy_bits[i].id, bit(r->policy, policy_bits[i].bit));
	vs_claims_bool(c, VS_CLAIM_SNP_POLICY_UNKNOWN,
	    r->policy >> POLICY_FIRST_UNKNOWN != 0);
	VS_TRY(err, "snp.platform",
	    hex64(c, VS_CLAIM_SNP_PLATFORM_RAW, r->platform_info));
	for (size_t i = 0; i < VS_COUNT(platform_bits); i++)
		vs_claims_bool(c, platform_bits[i].id,
		    bit(r->platform_info, platform_bits[i].bit));
	return VS_OK;
}

static vs_status
versions(const struct vs_snp_report *r, struct vs_claims *c, struct vs_err *err)
{
	VS_TRY(err, "snp.firmware",
	    firmware(c, VS_CLAIM_SNP_FW_CURRENT, r->current));
	VS_TRY(err, "snp.firmware",
	    firmware(c, VS_CLAIM_SNP_FW_COMMITTED, r->committed));
	if (r->version < 5)
		return VS_OK;
	VS_TRY(err, "snp.mitigations",
	    hex64(c, VS_CLAIM_SNP_MIT_LAUNCH, r->launch_mit));
	VS_TRY(err, "snp.mitigations",
	    hex64(c, VS_CLAIM_SNP_MIT_CURRENT, r->current_mit));
	return VS_OK;
}

/* The rows of one TCB in the schema. */
struct tcb_ids {
	vs_claim_id raw, fmc, bl, tee, snp, ucode;
};

#define TCB_IDS(name)                                                          \
	{                                                                      \
		VS_CLAIM_SNP_TCB_##name##_RAW, VS_CLAIM_SNP_TCB_##name##_FMC,  \
		    VS_CLAIM_SNP_TCB_##name##_BL,                              \
		    VS_CLAIM_SNP_TCB_##name##_TEE,                             \
		    VS_CLAIM_SNP_TCB_##name##_SNP,                             \
		    VS_CLAIM_SNP_TCB_##name##_UCODE                            \
	}

static vs_status
tcb(struct vs_claims *c, const struct tcb_ids *t, vs_snp_product p,
    struct vs_span raw, struct vs_err *err)
{
	const struct {
		vs_claim_id id;
		vs_snp_spl spl;
	} all[] = {{t->fmc, VS_SNP_SPL_FMC}, {t->bl, VS_SNP_SPL_BL},
	    {t->tee, VS_SNP_SPL_TEE}, {t->snp, VS_SNP_SPL_SNP},
	    {t->ucode, VS_SNP_SPL_UCODE}};

	VS_TRY(err, "snp.tcb", vs_claims_hex(c, t->raw, raw));
	for (size_t i = 0; i < VS_COUNT(all); i++) {
		int at = vs_snp_tcb_index(p, all[i].spl);
		if (at >= 0)
			vs_claims_int(c, all[i].id, raw.p[at]);
	}
	return VS_OK;
}

static vs_status
tcbs(const struct vs_snp_report *r, vs_snp_product p, struct vs_claims *c,
    struct vs_err *err)
{
	const struct tcb_ids current = TCB_IDS(CURRENT);
	const struct tcb_ids reported = TCB_IDS(REPORTED);
	const struct tcb_ids committed = TCB_IDS(COMMITTED);
	const struct tcb_ids launch = TCB_IDS(LAUNCH);

	VS_TRY(err, "current", tcb(c, &current, p, r->current_tcb, err));
	VS_TRY(err, "reported", tcb(c, &reported, p, r->reported_tcb, err));
	VS_TRY(err, "committed", tcb(c, &committed, p, r->committed_tcb, err));
	VS_TRY(err, "launch", tcb(c, &launch, p, r->launch_tcb, err));
	return VS_OK;
}

vs_status
vs_snp_claims(
    const struct vs_snp_verified *v, struct vs_claims *out, struct vs_err *err)
{
	const struct vs_snp_report *r = v->report;

	VS_TRY(err, "claims", tee(v, out, err));
	VS_TRY(err, "claims", signer(v, out, err));
	VS_TRY(err, "claims", ids(r, out, err));
	numbers(r, out);
	VS_TRY(err, "claims", bits(r, out, err));
	VS_TRY(err, "claims", versions(r, out, err));
	VS_TRY(err, "claims", tcbs(r, v->chain->product, out, err));
	if (v->azure != NULL)
		VS_TRY(err, "claims", vs_az_claims(v->azure, out, err));
	return VS_OK;
}
