/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and CRLs of the shape of Intel's SGX PKI (Intel SGX PCK
 * Certificate and Certificate Revocation List Profile Specification): ECDSA
 * with SHA-256 on P-256 throughout.
 */
#ifndef VS_SIMULATE_ECCERT_H
#define VS_SIMULATE_ECCERT_H

#include "simulate/cert.h"

/* What a certificate may do. */
typedef enum vs_sim_use {
	VS_SIM_USE_ROOT,
	VS_SIM_USE_CA,
	VS_SIM_USE_LEAF, /* PCK and TCB Signing */
} vs_sim_use;

struct vs_sim_eccert {
	uint64_t serial;
	const char *subject_cn, *issuer_cn;
	int64_t not_before, not_after; /* Unix seconds */
	vs_sim_use use;
	const char *crl_url;
	const struct vs_issue_key *key;    /* whose public part it certifies */
	const struct vs_issue_key *issuer; /* P-256 */
	struct vs_span extensions;         /* more of them, one by one */
};
/* Appends the certificate. */
VS_MUST_USE vs_status vs_sim_eccert_build(
    const struct vs_sim_eccert *c, struct vs_buf *der, struct vs_err *err);

/* The RSA fields of the CRL's description do not count here. */
VS_MUST_USE vs_status vs_sim_eccrl_build(
    const struct vs_sim_crl_spec *c, struct vs_buf *der, struct vs_err *err);

/* r || s, 64 bytes: the raw form of everything Intel signs with P-256. */
VS_MUST_USE vs_status vs_sim_sign_raw(const struct vs_issue_key *k,
    struct vs_span msg, uint8_t sig[64], struct vs_err *err);
/* x || y of the public point. */
VS_MUST_USE vs_status vs_sim_point(
    const struct vs_issue_key *k, uint8_t xy[64], struct vs_err *err);

#endif
