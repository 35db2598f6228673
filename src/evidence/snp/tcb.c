/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/tcb.h"

/* AMD 56860, TCB_VERSION; AMD 57230 for the SPLs 4 to 7 of certificates,
 * which stand for the reserved bytes. */
static const struct {
	const char *name;
	int struct0; /* Milan, Genoa */
	int struct1; /* Turin */
} spls[VS_SNP_SPL_COUNT] = {
    [VS_SNP_SPL_BL] = {"boot loader", 0, 1},
    [VS_SNP_SPL_TEE] = {"TEE", 1, 2},
    [VS_SNP_SPL_SNP] = {"SNP", 6, 3},
    [VS_SNP_SPL_4] = {"SPL 4", 2, -1},
    [VS_SNP_SPL_5] = {"SPL 5", 3, 4},
    [VS_SNP_SPL_6] = {"SPL 6", 4, 5},
    [VS_SNP_SPL_7] = {"SPL 7", 5, 6},
    [VS_SNP_SPL_UCODE] = {"microcode", 7, 7},
    [VS_SNP_SPL_FMC] = {"FMC", -1, 0},
};

int
vs_snp_tcb_index(vs_snp_product p, vs_snp_spl spl)
{
	return vs_snp_struct_version(p) == 1 ? spls[spl].struct1
					     : spls[spl].struct0;
}

const char *
vs_snp_spl_name(vs_snp_spl spl)
{
	return spls[spl].name;
}
