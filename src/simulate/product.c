/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/product.h"

#include <string.h>
#include <strings.h>

static const struct vs_sim_product_info products[VS_SIM_PRODUCTS] = {
    [VS_SIM_MILAN] = {.name = "Milan",
	.vcek_name = "Milan-B0",
	.family = 0x19,
	.model = 0x01,
	.stepping = 0x01,
	.chip_id_size = 64,
	.version = 3,
	.ark = 0x10000,
	.ask = 0x10001,
	.asvk = 0x10101},
    [VS_SIM_GENOA] = {.name = "Genoa",
	.vcek_name = "Genoa",
	.family = 0x19,
	.model = 0x11,
	.stepping = 0x01,
	.chip_id_size = 64,
	.version = 3,
	.ark = 0x20000,
	.ask = 0x20002,
	.asvk = 0x20101},
    [VS_SIM_TURIN] = {.name = "Turin",
	.vcek_name = "Turin",
	.family = 0x1a,
	.model = 0x02,
	.stepping = 0x01,
	.turin_tcb = true,
	.chip_id_size = 8,
	.version = 5,
	.ark = 0x30000,
	.ask = 0x30001,
	.asvk = 0x30101},
};

const struct vs_sim_product_info *
vs_sim_product_info(vs_sim_product p)
{
	VS_ASSERT((unsigned)p < VS_SIM_PRODUCTS);
	return &products[p];
}

const char *
vs_sim_product_name(vs_sim_product p)
{
	return vs_sim_product_info(p)->name;
}

vs_status
vs_sim_product_parse(struct vs_span name, vs_sim_product *out)
{
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++) {
		const char *want = products[i].name;

		if (name.n == strlen(want) &&
		    strncasecmp((const char *)name.p, want, name.n) == 0) {
			*out = (vs_sim_product)i;
			return VS_OK;
		}
	}
	return VS_UNSUPPORTED;
}

void
vs_sim_tcb_write(const struct vs_sim_product_info *info,
    const struct vs_sim_tcb *tcb, uint8_t out[8])
{
	memset(out, 0, 8);
	if (info->turin_tcb) {
		out[0] = tcb->fmc;
		out[1] = tcb->bl;
		out[2] = tcb->tee;
		out[3] = tcb->snp;
	} else {
		out[0] = tcb->bl;
		out[1] = tcb->tee;
		out[6] = tcb->snp;
	}
	out[7] = tcb->ucode;
}

void
vs_sim_pki_defaults(
    vs_sim_product product, int64_t now, struct vs_sim_pki_options *out)
{
	/* The TCB of firmware in the field when this was written. */
	static const struct vs_sim_pki_options defaults[VS_SIM_PRODUCTS] = {
	    [VS_SIM_MILAN] = {.bl = 4, .snp = 24, .ucode = 219},
	    [VS_SIM_GENOA] = {.bl = 10, .snp = 23, .ucode = 84},
	    [VS_SIM_TURIN] = {.fmc = 1, .bl = 1, .snp = 4, .ucode = 79},
	};

	VS_ASSERT((unsigned)product < VS_SIM_PRODUCTS);
	*out = defaults[product];
	out->product = product;
	out->now = now;
}
