/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/nvgpu/arch.h"

#include <string.h>

/* Names as they are in device certificates and reference documents. */
static const struct family {
	vs_nv_arch arch;
	const char *name;
	const char *declared;
	const char *product;
	const char *device;      /* begins the CN of leaf and BROM */
	const char *provisioner; /* begins the CN of the authority above */
} families[] = {
    {VS_NV_HOPPER, "hopper", "HOPPER", "GH100", "GH100 ",
	"NVIDIA GH100 Provisioner ICA "},
    {VS_NV_BLACKWELL, "blackwell", "BLACKWELL", "GB100", "GB100 ",
	"NVIDIA GB100 Provisioner ICA "},
    {VS_NV_LS10, "ls10", "LS10", "LS10", "LS_10 ",
	"NVIDIA LS_10 Provisioner ICA "},
};

static const struct family *
find(vs_nv_arch a)
{
	for (size_t i = 0; i < VS_COUNT(families); i++)
		if (families[i].arch == a)
			return &families[i];
	return NULL;
}

vs_nv_arch
vs_nv_arch_parse(struct vs_span name)
{
	for (size_t i = 0; i < VS_COUNT(families); i++)
		if (vs_span_is(name, families[i].name) ||
		    vs_span_is(name, families[i].declared))
			return families[i].arch;
	return VS_NV_NONE;
}

const char *
vs_nv_arch_name(vs_nv_arch a)
{
	const struct family *f = find(a);

	return f != NULL ? f->name : "unknown";
}

const char *
vs_nv_arch_product(vs_nv_arch a)
{
	const struct family *f = find(a);

	return f != NULL ? f->product : "unknown";
}

static bool
begins(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

vs_nv_arch
vs_nv_arch_of_leaf(const char *cn)
{
	for (size_t i = 0; i < VS_COUNT(families); i++)
		if (begins(cn, families[i].device))
			return families[i].arch;
	return VS_NV_NONE;
}

bool
vs_nv_arch_fits(
    vs_nv_arch a, const char *leaf, const char *brom, const char *provisioner)
{
	const struct family *f = find(a);

	return f != NULL && begins(leaf, f->device) &&
	    begins(brom, f->device) && begins(provisioner, f->provisioner);
}

bool
vs_nv_arch_is_switch(vs_nv_arch a)
{
	return a == VS_NV_LS10;
}
