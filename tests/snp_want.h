/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of an appraisal against what the manifest says of a case. */
#ifndef VS_TESTS_SNP_WANT_H
#define VS_TESTS_SNP_WANT_H

#include "snp_vectors.h"

static inline void
want_str(const struct vs_claims *c, vs_claim_id id, const char *want)
{
	const struct vs_claim_value *v = vs_claims_get(c, id);

	if (want == NULL)
		return;
	if (CHECK(v->present) && !CHECK(vs_span_is(v->u.s, want)))
		fprintf(stderr, "%s: want %s, have %.*s\n",
		    vs_claim_def(id)->path, want, VS_SPAN_ARG(v->u.s));
}

static inline void
want_int(const struct vs_claims *c, vs_claim_id id, int64_t want)
{
	const struct vs_claim_value *v = vs_claims_get(c, id);

	if (CHECK(v->present))
		CHECK_INT(v->u.i, want);
}

static inline void
want_bool(const struct vs_claims *c, vs_claim_id id, bool want)
{
	const struct vs_claim_value *v = vs_claims_get(c, id);

	if (CHECK(v->present))
		CHECK_INT(v->u.b, want);
}

static inline int64_t
num(const struct vs_json *obj, const char *name)
{
	const struct vs_json *v = vs_json_get(obj, name);
	struct vs_span s;
	int64_t n = -1;

	if (vs_json_is_int(v, &n))
		return n;
	if (CHECK(vs_json_is_string(v, &s)))
		n = (int64_t)strtoull((const char *)s.p, NULL, 16);
	return n;
}

/* Manifest name of a hex claim. */
static const struct {
	const char *name;
	vs_claim_id id;
} hex_claims[] = {
    {"report_data", VS_CLAIM_SNP_REPORT_DATA},
    {"measurement", VS_CLAIM_SNP_MEASUREMENT},
    {"host_data", VS_CLAIM_SNP_HOST_DATA},
    {"id_key_digest", VS_CLAIM_SNP_ID_KEY_DIGEST},
    {"author_key_digest", VS_CLAIM_SNP_AUTHOR_KEY_DIGEST},
    {"family_id", VS_CLAIM_SNP_FAMILY_ID},
    {"image_id", VS_CLAIM_SNP_IMAGE_ID},
    {"report_id", VS_CLAIM_SNP_REPORT_ID},
    {"chip_id", VS_CLAIM_SNP_CHIP_ID},
    {"current_tcb", VS_CLAIM_SNP_TCB_CURRENT_RAW},
    {"reported_tcb", VS_CLAIM_SNP_TCB_REPORTED_RAW},
    {"committed_tcb", VS_CLAIM_SNP_TCB_COMMITTED_RAW},
    {"launch_tcb", VS_CLAIM_SNP_TCB_LAUNCH_RAW},
    {"current_version", VS_CLAIM_SNP_FW_CURRENT},
    {"committed_version", VS_CLAIM_SNP_FW_COMMITTED},
    {"launch_mit_vector", VS_CLAIM_SNP_MIT_LAUNCH},
    {"current_mit_vector", VS_CLAIM_SNP_MIT_CURRENT},
};

/* Two hex digits each of "191101". */
static inline int
hex_byte(const char *s, size_t i)
{
	char two[3] = {s[2 * i], s[2 * i + 1], '\0'};

	return (int)strtol(two, NULL, 16);
}

static inline void
check_bits(const struct vs_claims *c, uint64_t policy, uint64_t platform)
{
	char raw[17];

	snprintf(raw, sizeof(raw), "%016" PRIx64, policy);
	want_str(c, VS_CLAIM_SNP_POLICY_RAW, raw);
	snprintf(raw, sizeof(raw), "%016" PRIx64, platform);
	want_str(c, VS_CLAIM_SNP_PLATFORM_RAW, raw);
	want_int(c, VS_CLAIM_SNP_POLICY_ABI_MINOR, policy & 0xff);
	want_int(c, VS_CLAIM_SNP_POLICY_ABI_MAJOR, policy >> 8 & 0xff);
	want_bool(c, VS_CLAIM_SNP_POLICY_SMT, policy >> 16 & 1);
	want_bool(c, VS_CLAIM_SNP_POLICY_MIGRATE_MA, policy >> 18 & 1);
	want_bool(c, VS_CLAIM_SNP_POLICY_DEBUG, policy >> 19 & 1);
	want_bool(c, VS_CLAIM_TEE_DEBUG, policy >> 19 & 1);
	want_bool(c, VS_CLAIM_SNP_POLICY_UNKNOWN, false);
	want_bool(c, VS_CLAIM_SNP_PLATFORM_SMT, platform & 1);
	want_bool(c, VS_CLAIM_SNP_PLATFORM_TSME, platform >> 1 & 1);
	want_bool(c, VS_CLAIM_SNP_PLATFORM_ECC, platform >> 2 & 1);
	want_bool(c, VS_CLAIM_SNP_PLATFORM_ALIAS_CHECK, platform >> 5 & 1);
	want_bool(c, VS_CLAIM_SNP_PLATFORM_TIO, platform >> 7 & 1);
}

static inline void
check_report_claims(const struct vs_claims *c, const struct vs_json *j)
{
	const char *fms = v_str(j, "cpuid_fms");
	int64_t key_info = num(j, "key_info"), version = num(j, "version");

	for (size_t i = 0; i < VS_COUNT(hex_claims); i++)
		want_str(c, hex_claims[i].id, v_str(j, hex_claims[i].name));
	want_int(c, VS_CLAIM_SNP_VERSION, version);
	want_int(c, VS_CLAIM_SNP_GUEST_SVN, num(j, "guest_svn"));
	want_int(c, VS_CLAIM_SNP_VMPL, num(j, "vmpl"));
	check_bits(
	    c, (uint64_t)num(j, "policy"), (uint64_t)num(j, "platform_info"));
	want_bool(c, VS_CLAIM_SNP_AUTHOR_KEY_EN, key_info & 1);
	want_str(c, VS_CLAIM_SNP_SIGNER, key_info & 4 ? "vlek" : "vcek");
	CHECK(vs_claims_get(c, VS_CLAIM_SNP_MIT_LAUNCH)->present ==
	    (version >= 5));
	if (version < 3) {
		CHECK(!vs_claims_get(c, VS_CLAIM_SNP_CPUID_FAMILY)->present);
		return;
	}
	want_int(c, VS_CLAIM_SNP_CPUID_FAMILY, hex_byte(fms, 0));
	want_int(c, VS_CLAIM_SNP_CPUID_MODEL, hex_byte(fms, 1));
	want_int(c, VS_CLAIM_SNP_CPUID_STEPPING, hex_byte(fms, 2));
}

static inline void
check_case_claims(const struct vs_claims *c, const struct vs_json *j)
{
	const struct vs_json *tcb = vs_json_get(j, "tcb");
	const char *product = v_str(j, "product");
	char anchor[32];

	check_report_claims(c, vs_json_get(j, "claims"));
	want_str(c, VS_CLAIM_SNP_PRODUCT, product);
	snprintf(anchor, sizeof(anchor), "ARK-%s", product);
	want_str(c, VS_CLAIM_TEE_ANCHOR, anchor);
	want_bool(c, VS_CLAIM_TEE_SIMULATED, false);
	want_bool(c, VS_CLAIM_TEE_BOUND, false);
	want_bool(c, VS_CLAIM_SNP_CHIP_ID_MASKED, false);
	want_int(c, VS_CLAIM_SNP_TCB_REPORTED_BL, num(tcb, "bl"));
	want_int(c, VS_CLAIM_SNP_TCB_REPORTED_TEE, num(tcb, "tee"));
	want_int(c, VS_CLAIM_SNP_TCB_REPORTED_SNP, num(tcb, "snp"));
	want_int(c, VS_CLAIM_SNP_TCB_REPORTED_UCODE, num(tcb, "ucode"));
	if (vs_json_get(tcb, "fmc") != NULL)
		want_int(c, VS_CLAIM_SNP_TCB_REPORTED_FMC, num(tcb, "fmc"));
	else
		CHECK(
		    !vs_claims_get(c, VS_CLAIM_SNP_TCB_REPORTED_FMC)->present);
	want_str(c, VS_CLAIM_SNP_CSP_ID, v_str(j, "csp_id"));
	want_str(c, VS_CLAIM_TEE_KIND,
	    vs_json_get(j, "hcl") != NULL ? "az-snp" : "snp");
}

static inline void
check_azure_claims(const struct vs_claims *c, const struct vs_json *j)
{
	const struct vs_json *hcl = vs_json_get(j, "hcl_parsed");
	bool quote = vs_json_get(j, "tpm") != NULL;

	if (hcl == NULL)
		return;
	want_str(c, VS_CLAIM_AZ_RUNTIME_DIGEST, v_str(hcl, "var_data_sha256"));
	want_str(c, VS_CLAIM_AZ_USER_DATA, v_str(hcl, "user_data"));
	want_bool(c, VS_CLAIM_AZ_QUOTE, quote);
	want_bool(c, VS_CLAIM_AZ_SECURE_BOOT, true);
	CHECK(vs_claims_get(c, VS_CLAIM_AZ_PCR_DIGEST)->present == quote);
	CHECK(vs_claims_get(c, VS_CLAIM_AZ_VM_ID)->present);
}

#endif
