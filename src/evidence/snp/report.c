/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/report.h"

enum {
	SIG_ALGO_P384 = 1,
	SCALAR_SIZE = 48,
	KEY_INFO_RESERVED_SHIFT = 5,
	POLICY_MUST_BE_ONE = 17,
	CHIP_ID_TURIN_SIZE = 8,
};

/* What the checks need besides the fields. */
struct rest {
	uint32_t sig_algo;
	struct vs_span reserved[5];
	struct vs_span mit; /* both vectors: reserved before version 5 */
	struct vs_span cpuid;
	struct vs_span r_pad, s_pad, tail;
};

/* 0x000 to 0x04f */
static vs_status
read_head(struct vs_rd *in, struct vs_snp_report *r, struct rest *x,
    struct vs_err *err)
{
	VS_TRY(err, "version", vs_rd_u32le(in, &r->version));
	VS_TRY(err, "guest_svn", vs_rd_u32le(in, &r->guest_svn));
	VS_TRY(err, "policy", vs_rd_u64le(in, &r->policy));
	VS_TRY(err, "family_id", vs_rd_bytes(in, 16, &r->family_id));
	VS_TRY(err, "image_id", vs_rd_bytes(in, 16, &r->image_id));
	VS_TRY(err, "vmpl", vs_rd_u32le(in, &r->vmpl));
	VS_TRY(err, "signature_algo", vs_rd_u32le(in, &x->sig_algo));
	VS_TRY(err, "current_tcb", vs_rd_bytes(in, 8, &r->current_tcb));
	VS_TRY(err, "platform_info", vs_rd_u64le(in, &r->platform_info));
	VS_TRY(err, "key_info", vs_rd_u32le(in, &r->key_info));
	VS_TRY(err, "reserved", vs_rd_bytes(in, 4, &x->reserved[0]));
	return VS_OK;
}

/* 0x050 to 0x17f */
static vs_status
read_ids(struct vs_rd *in, struct vs_snp_report *r, struct vs_err *err)
{
	VS_TRY(err, "report_data", vs_rd_bytes(in, 64, &r->report_data));
	VS_TRY(err, "measurement", vs_rd_bytes(in, 48, &r->measurement));
	VS_TRY(err, "host_data", vs_rd_bytes(in, 32, &r->host_data));
	VS_TRY(err, "id_key_digest", vs_rd_bytes(in, 48, &r->id_key_digest));
	VS_TRY(err, "author_key_digest",
	    vs_rd_bytes(in, 48, &r->author_key_digest));
	VS_TRY(err, "report_id", vs_rd_bytes(in, 32, &r->report_id));
	VS_TRY(err, "report_id_ma", vs_rd_bytes(in, 32, &r->report_id_ma));
	return VS_OK;
}

static vs_status
read_fw(struct vs_rd *in, struct vs_snp_fw *fw, struct vs_span *reserved,
    struct vs_err *err)
{
	VS_TRY(err, "build", vs_rd_u8(in, &fw->build));
	VS_TRY(err, "minor", vs_rd_u8(in, &fw->minor));
	VS_TRY(err, "major", vs_rd_u8(in, &fw->major));
	VS_TRY(err, "reserved", vs_rd_bytes(in, 1, reserved));
	return VS_OK;
}

/* 0x180 to 0x29f */
static vs_status
read_platform(struct vs_rd *in, struct vs_snp_report *r, struct rest *x,
    struct vs_err *err)
{
	struct vs_rd look;

	VS_TRY(err, "reported_tcb", vs_rd_bytes(in, 8, &r->reported_tcb));
	look = *in;
	VS_TRY(err, "cpuid", vs_rd_bytes(&look, 3, &x->cpuid));
	VS_TRY(err, "cpuid_fam_id", vs_rd_u8(in, &r->cpuid_family));
	VS_TRY(err, "cpuid_mod_id", vs_rd_u8(in, &r->cpuid_model));
	VS_TRY(err, "cpuid_step", vs_rd_u8(in, &r->cpuid_stepping));
	VS_TRY(err, "reserved", vs_rd_bytes(in, 21, &x->reserved[1]));
	VS_TRY(err, "chip_id", vs_rd_bytes(in, 64, &r->chip_id));
	VS_TRY(err, "committed_tcb", vs_rd_bytes(in, 8, &r->committed_tcb));
	VS_TRY(err, "current", read_fw(in, &r->current, &x->reserved[2], err));
	VS_TRY(
	    err, "committed", read_fw(in, &r->committed, &x->reserved[3], err));
	VS_TRY(err, "launch_tcb", vs_rd_bytes(in, 8, &r->launch_tcb));
	look = *in;
	VS_TRY(err, "mit_vectors", vs_rd_bytes(&look, 16, &x->mit));
	VS_TRY(err, "launch_mit_vector", vs_rd_u64le(in, &r->launch_mit));
	VS_TRY(err, "current_mit_vector", vs_rd_u64le(in, &r->current_mit));
	VS_TRY(err, "reserved", vs_rd_bytes(in, 152, &x->reserved[4]));
	return VS_OK;
}

/* 0x2a0 to 0x49f: not covered by the signature itself. */
static vs_status
read_signature(struct vs_rd *in, struct vs_snp_report *r, struct rest *x,
    struct vs_err *err)
{
	VS_TRY(err, "r", vs_rd_bytes(in, SCALAR_SIZE, &r->r));
	VS_TRY(err, "r", vs_rd_bytes(in, 24, &x->r_pad));
	VS_TRY(err, "s", vs_rd_bytes(in, SCALAR_SIZE, &r->s));
	VS_TRY(err, "s", vs_rd_bytes(in, 24, &x->s_pad));
	VS_TRY(err, "reserved", vs_rd_bytes(in, 368, &x->tail));
	VS_TRY(err, "size", vs_rd_end(in));
	return VS_OK;
}

static vs_status
read_all(struct vs_span bytes, struct vs_snp_report *r, struct rest *x,
    struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes);

	VS_TRY(err, "report", read_head(&in, r, x, err));
	VS_TRY(err, "report", read_ids(&in, r, err));
	VS_TRY(err, "report", read_platform(&in, r, x, err));
	VS_TRY(err, "report", read_signature(&in, r, x, err));
	r->signed_part = vs_span_slice(bytes, 0, VS_SNP_SIGNED_SIZE);
	return VS_OK;
}

/* Known versions only, so that whatever must be zero in them is known. */
static bool
reserved_zero(const struct vs_snp_report *r, const struct rest *x)
{
	for (size_t i = 0; i < VS_COUNT(x->reserved); i++)
		if (!vs_span_zero(x->reserved[i]))
			return false;
	if (r->version < 5 && !vs_span_zero(x->mit))
		return false;
	if (r->version < 3 && !vs_span_zero(x->cpuid))
		return false;
	return r->key_info >> KEY_INFO_RESERVED_SHIFT == 0 &&
	    vs_span_zero(x->tail);
}

/*
 * Version 2 has no CPUID: the certificate's issuer will tell the product.
 * The exception is a short chip id: Turin with early firmware, whose TCB
 * layout is ambiguous.
 */
static vs_status
find_product(struct vs_snp_report *r, struct vs_err *err)
{
	struct vs_span rest =
	    vs_span_slice(r->chip_id, CHIP_ID_TURIN_SIZE, r->chip_id.n);

	r->product = VS_SNP_NO_PRODUCT;
	if (r->version == 2) {
		if (vs_span_zero(rest) && !vs_span_zero(r->chip_id))
			return vs_fail_code(err, VS_UNSUPPORTED,
			    "parse.product",
			    "version 2 report with an 8-byte chip id");
		return VS_OK;
	}
	r->product = vs_snp_product_of_cpuid(r->cpuid_family, r->cpuid_model);
	if (r->product == VS_SNP_NO_PRODUCT)
		return vs_fail_code(err, VS_UNSUPPORTED, "parse.product",
		    "CPU family %02x model %02x is no known product",
		    r->cpuid_family, r->cpuid_model);
	return VS_OK;
}

static vs_snp_signer
signer_of(uint32_t key_info)
{
	switch (key_info >> 2 & 7) {
	case 0:
		return VS_SNP_VCEK;
	case 1:
		return VS_SNP_VLEK;
	default:
		return VS_SNP_NO_SIGNER;
	}
}

static vs_status
check(struct vs_snp_report *r, const struct rest *x, struct vs_err *err)
{
	if (r->version < VS_SNP_VERSION_MIN || r->version > VS_SNP_VERSION_MAX)
		return vs_fail_code(err, VS_UNSUPPORTED, "parse.version",
		    "report version %u is not 2 to 5", r->version);
	if (x->sig_algo != SIG_ALGO_P384)
		return vs_fail_code(err, VS_UNSUPPORTED, "parse.sig_algo",
		    "signature algorithm %u is not 1, ECDSA P-384",
		    x->sig_algo);
	if (!reserved_zero(r, x))
		return vs_fail_code(err, VS_RESERVED, "parse.reserved",
		    "reserved bytes of a version %u report are not zero",
		    r->version);
	if (!vs_span_zero(x->r_pad) || !vs_span_zero(x->s_pad))
		return vs_fail_code(err, VS_RESERVED, "parse.sig_padding",
		    "r or s is longer than 48 bytes");
	if ((r->policy >> POLICY_MUST_BE_ONE & 1) != 1)
		return vs_fail_code(err, VS_MALFORMED, "parse.policy",
		    "bit 17 of the guest policy is not 1");
	r->signer = signer_of(r->key_info);
	return find_product(r, err);
}

vs_status
vs_snp_report_parse(
    struct vs_span bytes, struct vs_snp_report *out, struct vs_err *err)
{
	struct vs_snp_report r = {0};
	struct rest x = {0};

	if (bytes.n != VS_SNP_REPORT_SIZE)
		return vs_fail_code(err, VS_MALFORMED, "parse.size",
		    "a report has %d bytes, this has %zu", VS_SNP_REPORT_SIZE,
		    bytes.n);
	VS_TRY_CODE(err, "parse.size", "report", read_all(bytes, &r, &x, err));
	VS_TRY(err, "report", check(&r, &x, err));
	*out = r;
	return VS_OK;
}
