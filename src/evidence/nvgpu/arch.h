/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's devices that attest: two families of GPUs and one of switches. */
#ifndef VS_EVIDENCE_NVGPU_ARCH_H
#define VS_EVIDENCE_NVGPU_ARCH_H

#include "base/bytes.h"

typedef enum vs_nv_arch {
	VS_NV_NONE = 0, /* not known, not declared */
	VS_NV_HOPPER,
	VS_NV_BLACKWELL,
	VS_NV_LS10, /* the NVSwitch of a Hopper board */
} vs_nv_arch;

/* "HOPPER", "hopper", ...; VS_NV_NONE for any other text. */
vs_nv_arch vs_nv_arch_parse(struct vs_span name);
/* In lower case, as in claims. */
const char *vs_nv_arch_name(vs_nv_arch a);
/* As reference documents name it: "GH100", "GB100", "LS10". */
const char *vs_nv_arch_product(vs_nv_arch a);
/* Whose leaf certificate bears this common name. */
vs_nv_arch vs_nv_arch_of_leaf(const char *cn);
/* The common names of certificates 0, 1 and 2 are those of this family. */
bool vs_nv_arch_fits(
    vs_nv_arch a, const char *leaf, const char *brom, const char *provisioner);
bool vs_nv_arch_is_switch(vs_nv_arch a);

#endif
