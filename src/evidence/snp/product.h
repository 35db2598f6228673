/* SPDX-License-Identifier: Apache-2.0 */
/* AMD product lines and kinds of signing keys, and what tells them apart. */
#ifndef VS_EVIDENCE_SNP_PRODUCT_H
#define VS_EVIDENCE_SNP_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum vs_snp_product {
	VS_SNP_NO_PRODUCT = 0, /* not known */
	VS_SNP_MILAN,
	VS_SNP_GENOA, /* also Bergamo and Siena */
	VS_SNP_TURIN,
} vs_snp_product;

typedef enum vs_snp_signer {
	VS_SNP_NO_SIGNER = 0, /* none, or a value that AMD reserves */
	VS_SNP_VCEK,
	VS_SNP_VLEK,
} vs_snp_signer;

/* "Milan", ...; "" for none. */
const char *vs_snp_product_name(vs_snp_product p);
/* "vcek", "vlek"; "" for none. */
const char *vs_snp_signer_name(vs_snp_signer s);

/* From the combined family and model; VS_SNP_NO_PRODUCT when there is no
 * public root for it. */
vs_snp_product vs_snp_product_of_cpuid(uint8_t family, uint8_t model);
/* From the common name of an ASK ("SEV-Milan") or ASVK ("SEV-VLEK-Milan"). */
bool vs_snp_issuer_cn(
    const char *cn, vs_snp_product *product, vs_snp_signer *signer);
/* From the common name of a leaf. */
vs_snp_signer vs_snp_leaf_cn(const char *cn);

/* Version of the layout of TCB_VERSION and of the certificate extensions. */
int vs_snp_struct_version(vs_snp_product p);

#endif
