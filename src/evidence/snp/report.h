/* SPDX-License-Identifier: Apache-2.0 */
/* ATTESTATION_REPORT (AMD 56860, table 23): bytes to struct, no crypto. */
#ifndef VS_EVIDENCE_SNP_REPORT_H
#define VS_EVIDENCE_SNP_REPORT_H

#include "base/bytes.h"
#include "evidence/snp/product.h"

enum {
	VS_SNP_REPORT_SIZE = 0x4a0,
	VS_SNP_SIGNED_SIZE = 0x2a0,
	VS_SNP_VERSION_MIN = 2,
	VS_SNP_VERSION_MAX = 5, /* later ones may mean other things */
};

struct vs_snp_fw {
	uint8_t build, minor, major;
};

/* Spans are borrowed from the report's bytes. */
struct vs_snp_report {
	struct vs_span signed_part;
	uint32_t version;
	uint32_t guest_svn;
	uint64_t policy;
	struct vs_span family_id;
	struct vs_span image_id;
	uint32_t vmpl;
	uint64_t platform_info;
	uint32_t key_info;
	struct vs_span report_data;
	struct vs_span measurement;
	struct vs_span host_data;
	struct vs_span id_key_digest;
	struct vs_span author_key_digest;
	struct vs_span report_id;
	struct vs_span report_id_ma;
	struct vs_span current_tcb;
	struct vs_span reported_tcb;
	struct vs_span committed_tcb;
	struct vs_span launch_tcb;
	uint8_t cpuid_family, cpuid_model, cpuid_stepping; /* version 3 on */
	struct vs_span chip_id;
	struct vs_snp_fw current, committed;
	uint64_t launch_mit, current_mit; /* version 5 on */
	struct vs_span r, s;              /* 48 bytes, little-endian */

	vs_snp_product product; /* by CPUID; none in version 2 */
	vs_snp_signer signer;   /* SIGNING_KEY of KEY_INFO */
};

/* Fails with parse.size, .version, .sig_algo, .reserved, .sig_padding,
 * .policy or .product, in this order. */
VS_MUST_USE vs_status vs_snp_report_parse(
    struct vs_span bytes, struct vs_snp_report *out, struct vs_err *err);

#endif
