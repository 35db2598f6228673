/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's extension of PCK certificates: which platform, at which SVNs. Intel
 * SGX PCK Certificate and CRL Profile, 1.3.5. */
#ifndef VS_EVIDENCE_DCAP_PCK_H
#define VS_EVIDENCE_DCAP_PCK_H

#include "collateral/intel.h"

/* The platform id and instance id name one machine: not kept. */
struct vs_dcap_pck {
	uint8_t svn[VS_INTEL_COMPONENTS];
	uint16_t pcesvn;
	uint8_t pceid[VS_INTEL_PCEID_SIZE];
	uint8_t fmspc[VS_INTEL_FMSPC_SIZE];
	int sgx_type; /* 0 standard, 1 scalable, 2 scalable with integrity */
	/* Of the Platform CA's certificates; the other CA's say nothing. */
	bool has_config;
	bool dynamic_platform, cached_keys, smt;
};

/* The octets of the extension 1.2.840.113741.1.13.1. VS_UNTRUSTED with code
 * pck_extension unless each part is there once and of its only form. */
VS_MUST_USE vs_status vs_dcap_pck_parse(
    struct vs_span octets, struct vs_dcap_pck *out, struct vs_err *err);
/* The extension of a certificate. */
VS_MUST_USE vs_status vs_dcap_pck_read(
    const struct vs_cert *cert, struct vs_dcap_pck *out, struct vs_err *err);

#endif
