/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates that came with a report, in all forms that hosts and
 * clouds use. Everything here is untrusted. */
#ifndef VS_EVIDENCE_SNP_CERTS_H
#define VS_EVIDENCE_SNP_CERTS_H

#include "base/arena.h"
#include "crypto/x509.h"
#include "crypto/x509_crl.h"

/* What the sender says a certificate is. */
typedef enum vs_snp_role {
	VS_SNP_ROLE_ANY, /* did not say: content decides */
	VS_SNP_ROLE_LEAF,
	VS_SNP_ROLE_CA,
	VS_SNP_ROLE_CRL,
} vs_snp_role;

/* Bytes as sent. */
struct vs_snp_blob {
	vs_snp_role role;
	struct vs_span bytes;
};

enum {
	VS_SNP_BLOBS_MAX = 32,
	VS_SNP_CERTS_MAX = 32, /* a chain has three */
	VS_SNP_EVIDENCE_CRLS_MAX = 4,
};

struct vs_snp_cert {
	vs_snp_role role; /* LEAF, CA or ANY */
	struct vs_cert *cert;
};

struct vs_snp_certs {
	struct vs_snp_cert v[VS_SNP_CERTS_MAX];
	size_t n;
	struct vs_crl *crls[VS_SNP_EVIDENCE_CRLS_MAX];
	size_t crls_n;
};

/*
 * DER, PEM (bundle), certificate table, Azure THIM JSON; certificates and
 * CRLs. parse.cert_table for anything else, and for what does not parse.
 * The arena holds what PEM and JSON decode to, for the call only.
 */
VS_MUST_USE vs_status vs_snp_certs_read(const struct vs_snp_blob *blobs,
    size_t n, struct vs_arena *scratch, struct vs_snp_certs *out,
    struct vs_err *err);
void vs_snp_certs_fini(struct vs_snp_certs *c);

#endif
