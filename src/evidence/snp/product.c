/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/product.h"

#include <string.h>

#include "base/result.h"

const char *
vs_snp_product_name(vs_snp_product p)
{
	switch (p) {
	case VS_SNP_MILAN:
		return "Milan";
	case VS_SNP_GENOA:
		return "Genoa";
	case VS_SNP_TURIN:
		return "Turin";
	case VS_SNP_NO_PRODUCT:
		break;
	}
	return "";
}

const char *
vs_snp_signer_name(vs_snp_signer s)
{
	switch (s) {
	case VS_SNP_VCEK:
		return "vcek";
	case VS_SNP_VLEK:
		return "vlek";
	case VS_SNP_NO_SIGNER:
		break;
	}
	return "";
}

/* Later models of family 1Ah (Venice) have another TCB layout and no public
 * root: unknown, so refused. */
vs_snp_product
vs_snp_product_of_cpuid(uint8_t family, uint8_t model)
{
	if (family == 0x19 && model <= 0x0f)
		return VS_SNP_MILAN;
	if (family == 0x19 && model <= 0x1f)
		return VS_SNP_GENOA;
	if (family == 0x19 && model >= 0xa0 && model <= 0xaf)
		return VS_SNP_GENOA;
	if (family == 0x1a && model <= 0x11)
		return VS_SNP_TURIN;
	return VS_SNP_NO_PRODUCT;
}

bool
vs_snp_issuer_cn(const char *cn, vs_snp_product *product, vs_snp_signer *signer)
{
	static const char vlek[] = "SEV-VLEK-", vcek[] = "SEV-";
	const vs_snp_product all[] = {VS_SNP_MILAN, VS_SNP_GENOA, VS_SNP_TURIN};
	vs_snp_signer kind;

	if (strncmp(cn, vlek, sizeof(vlek) - 1) == 0) {
		kind = VS_SNP_VLEK;
		cn += sizeof(vlek) - 1;
	} else if (strncmp(cn, vcek, sizeof(vcek) - 1) == 0) {
		kind = VS_SNP_VCEK;
		cn += sizeof(vcek) - 1;
	} else {
		return false;
	}
	for (size_t i = 0; i < VS_COUNT(all); i++) {
		if (strcmp(cn, vs_snp_product_name(all[i])) == 0) {
			*product = all[i];
			*signer = kind;
			return true;
		}
	}
	return false;
}

vs_snp_signer
vs_snp_leaf_cn(const char *cn)
{
	if (strcmp(cn, "SEV-VCEK") == 0)
		return VS_SNP_VCEK;
	if (strcmp(cn, "SEV-VLEK") == 0)
		return VS_SNP_VLEK;
	return VS_SNP_NO_SIGNER;
}

int
vs_snp_struct_version(vs_snp_product p)
{
	return p == VS_SNP_TURIN ? 1 : 0;
}
