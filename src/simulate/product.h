/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between AMD's product lines (AMD 56860, AMD 57230). */
#ifndef VS_SIMULATE_PRODUCT_H
#define VS_SIMULATE_PRODUCT_H

#include "simulate/simulate.h"

struct vs_sim_product_info {
	const char *name;                /* "Milan": in the CAs' common names */
	const char *vcek_name;           /* productName of a VCEK */
	uint8_t family, model, stepping; /* CPUID, in reports from version 3 */
	bool turin_tcb; /* the TCB layout with fmc, struct version 1 */
	size_t chip_id_size;
	uint32_t version;        /* of the reports its firmware makes */
	uint64_t ark, ask, asvk; /* serial numbers */
};

const struct vs_sim_product_info *vs_sim_product_info(vs_sim_product p);

struct vs_sim_tcb {
	uint8_t fmc, bl, tee, snp, ucode;
};
/* TCB_VERSION as the product lays it out. */
void vs_sim_tcb_write(const struct vs_sim_product_info *info,
    const struct vs_sim_tcb *tcb, uint8_t out[8]);

#endif
