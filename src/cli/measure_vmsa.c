/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMSA pages: the registers of a vCPU when it starts, at the offsets of AMD
 * APM 2 table B-4. What is not set is zero. The values are those of the VMM:
 * QEMU with KVM, and what EC2 and GCE do otherwise.
 */
#include <string.h>

#include "cli/measure_snp.h"

enum { SEG = 16, FULL = 0xffff };

/* Little-endian, at a fixed place of the page. */
static void
put(uint8_t *page, size_t at, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		page[at + i] = (uint8_t)(v >> 8 * i);
}

struct segment {
	uint16_t selector, attrib;
	uint32_t limit, base;
};

/* Index: ES CS SS DS FS GS GDTR LDTR IDTR TR. */
static void
put_segment(uint8_t *page, size_t index, struct segment s)
{
	put(page, index * SEG, s.selector, 2);
	put(page, index * SEG + 2, s.attrib, 2);
	put(page, index * SEG + 4, s.limit, 4);
	put(page, index * SEG + 8, s.base, 8);
}

static void
common(uint8_t *page, const struct vs_snp_vcpu *v)
{
	memset(page, 0, VS_SNP_PAGE_SIZE);
	put_segment(page, 5, (struct segment){0, 0x93, FULL, 0});
	put_segment(page, 6, (struct segment){0, 0, FULL, 0});
	put_segment(page, 7, (struct segment){0, 0x82, FULL, 0});
	put_segment(page, 8, (struct segment){0, 0, FULL, 0});
	put_segment(page, 9, (struct segment){0, 0x8b, FULL, 0});
	put(page, 0x0d0, 0x1000, 8);             /* EFER: SVME */
	put(page, 0x148, 0x40, 8);               /* CR4: MCE */
	put(page, 0x158, 0x10, 8);               /* CR0 */
	put(page, 0x160, 0x400, 8);              /* DR7 */
	put(page, 0x168, 0xffff0ff0, 8);         /* DR6 */
	put(page, 0x170, 2, 8);                  /* RFLAGS */
	put(page, 0x268, 0x0007040600070406, 8); /* G_PAT */
	put(page, 0x310, v->signature, 8);       /* RDX */
	put(page, 0x3b0, v->features, 8);
	put(page, 0x3e8, 1, 8);      /* XCR0 */
	put(page, 0x408, 0x1f80, 4); /* MXCSR */
	put(page, 0x410, 0x37f, 2);  /* FCW */
}

enum { RESET_VECTOR_LOW = 0xfff0 };

static void
as_cloud(uint8_t *page, const struct vs_snp_vcpu *v, uint32_t eip)
{
	const uint32_t cs = eip & 0xffff0000;

	put(page, 0x310, 0x600, 8);
	put(page, 0x408, 0, 4);
	put(page, 0x410, 0, 2);
	if (v->vmm == VS_VMM_GCE) {
		put(page, 0x268, 0x00070106, 8);
		return;
	}
	if (eip == (0xffff0000u | RESET_VECTOR_LOW))
		put_segment(page, 1, (struct segment){0xf000, 0x9a, FULL, cs});
	put_segment(page, 2, (struct segment){0, 0x92, FULL, 0});
	put_segment(page, 9, (struct segment){0, 0x83, FULL, 0});
}

void
vs_vmsa_page(
    const struct vs_snp_vcpu *v, uint32_t eip, uint8_t out[VS_SNP_PAGE_SIZE])
{
	const struct segment data = {0, 0x93, FULL, 0};

	common(out, v);
	put_segment(out, 0, data);
	put_segment(
	    out, 1, (struct segment){0xf000, 0x9b, FULL, eip & 0xffff0000});
	put_segment(out, 2, data);
	put_segment(out, 3, data);
	put_segment(out, 4, data);
	put(out, 0x178, eip & 0xffff, 8);
	if (v->vmm != VS_VMM_QEMU)
		as_cloud(out, v, eip);
}

void
vs_vmsa_svsm_page(
    const struct vs_snp_vcpu *v, uint32_t eip, uint8_t out[VS_SNP_PAGE_SIZE])
{
	const struct segment data = {16, 0xc93, 0xffffffff, 0};

	common(out, v);
	put_segment(out, 0, data);
	put_segment(out, 1, (struct segment){8, 0xc9b, 0xffffffff, 0});
	put_segment(out, 2, data);
	put_segment(out, 3, data);
	put_segment(out, 4, data);
	put(out, 0x158, 0x11, 8); /* CR0: protected mode */
	put(out, 0x178, eip, 8);
}
