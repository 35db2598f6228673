/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and CRLs of AMD's shape (AMD 57230): RSASSA-PSS throughout,
 * AMD's distinguished names in AMD's order, written byte by byte.
 */
#ifndef VS_SIMULATE_CERT_H
#define VS_SIMULATE_CERT_H

#include "base/buf.h"
#include "crypto/issue.h"

struct vs_sim_cert {
	uint64_t serial;
	const char *subject_cn, *issuer_cn;
	int64_t not_before, not_after; /* Unix seconds */
	/* The PSS parameters with trailerField written out although it is the
	 * default, as in all of AMD's CAs and in leaves up to 2024. */
	bool trailer;
	const struct vs_issue_key *key;    /* whose public part it certifies */
	const struct vs_issue_key *issuer; /* RSA */
	struct vs_span extensions;         /* Extension elements, one by one */
};

/* Appends the certificate. */
VS_MUST_USE vs_status vs_sim_cert_build(
    const struct vs_sim_cert *c, struct vs_buf *der, struct vs_err *err);

struct vs_sim_crl_spec {
	const char *issuer_cn;
	const struct vs_issue_key *issuer;
	int64_t this_update, next_update; /* next_update 0: left out */
	const uint64_t *serials;
	size_t n;
};
VS_MUST_USE vs_status vs_sim_crl_build(
    const struct vs_sim_crl_spec *c, struct vs_buf *der, struct vs_err *err);

/* One Extension element; value is what goes into the OCTET STRING. */
void vs_sim_ext(
    struct vs_buf *b, const char *oid, bool critical, struct vs_span value);

void vs_sim_ext_ski(struct vs_buf *b, const uint8_t id[20]);
void vs_sim_ext_aki(struct vs_buf *b, const uint8_t id[20]);
void vs_sim_ext_crl_dp(struct vs_buf *b, const char *url);
/* Its value is one INTEGER. */
void vs_sim_ext_int(struct vs_buf *b, const char *oid, uint64_t v);
/* One RelativeDistinguishedName of one attribute. */
void vs_sim_rdn(
    struct vs_buf *b, const char *oid, unsigned tag, const char *text);

/* The extensions of an ARK (issuer NULL) or of an ASK or ASVK. */
VS_MUST_USE vs_status vs_sim_ca_extensions(const struct vs_issue_key *key,
    const struct vs_issue_key *issuer, const char *crl_url, struct vs_buf *out,
    struct vs_err *err);

/* What a leaf says of its chip, in the order of AMD's certificates. */
struct vs_sim_leaf {
	unsigned struct_version; /* 0, or 1 (Turin) */
	const char *product_name;
	uint8_t fmc, bl, tee, snp, ucode;
	struct vs_span hwid; /* 64 or 8 bytes; empty: left out */
	const char *csp_id;  /* NULL: left out */
};
void vs_sim_leaf_extensions(const struct vs_sim_leaf *leaf, struct vs_buf *out);

#endif
