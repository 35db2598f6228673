/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch digest of a SEV-SNP guest, worked out from its files: what
 * MEASUREMENT of its reports will be (AMD 56860, 8.17 SNP_LAUNCH_UPDATE; the
 * order of pages is that of the VMM).
 *
 * Nothing here is trusted: a wrong digest never matches a report.
 */
#ifndef VS_CLI_MEASURE_SNP_H
#define VS_CLI_MEASURE_SNP_H

#include "crypto/digest.h"

enum { VS_SNP_LD_SIZE = VS_SHA384_SIZE };

typedef enum vs_snp_vmm { VS_VMM_QEMU, VS_VMM_EC2, VS_VMM_GCE } vs_snp_vmm;

/* A part of guest memory that the firmware wants prepared. */
struct vs_fw_section {
	uint32_t gpa, size, type;
};
enum {
	VS_FW_SEC_MEM = 1,
	VS_FW_SECRETS = 2,
	VS_FW_CPUID = 3,
	VS_FW_CAA = 4,
	VS_FW_KERNEL_HASHES = 0x10,
	VS_FW_SECTIONS_MAX = 64,
};

/* What a firmware image (OVMF, or an SVSM of the same form) says of itself,
 * in a table of GUIDs near its end. */
struct vs_firmware {
	struct vs_span image;
	uint64_t base; /* where its first byte lies */
	bool has_hashes, has_ap_eip, has_svsm;
	uint32_t hashes_gpa;
	uint32_t ap_eip;
	uint32_t svsm_offset;
	struct vs_fw_section sections[VS_FW_SECTIONS_MAX];
	size_t sections_n;
};
/* An image that ends at guest address `end`. */
VS_MUST_USE vs_status vs_firmware_read(struct vs_span image, uint64_t end,
    struct vs_firmware *out, struct vs_err *err);

struct vs_snp_vcpu {
	vs_snp_vmm vmm;
	uint32_t signature; /* CPUID Fn0000_0001 EAX */
	uint64_t features;  /* SEV_FEATURES */
};
enum { VS_SNP_PAGE_SIZE = 4096 };
/* The save area of a vCPU at reset (AMD APM 2, table B-4). */
void vs_vmsa_page(
    const struct vs_snp_vcpu *v, uint32_t eip, uint8_t out[VS_SNP_PAGE_SIZE]);
/* The same for an SVSM, which starts in 32-bit protected mode. */
void vs_vmsa_svsm_page(
    const struct vs_snp_vcpu *v, uint32_t eip, uint8_t out[VS_SNP_PAGE_SIZE]);

/* SHA-256 of what QEMU hands to the firmware. */
struct vs_snp_kernel {
	uint8_t kernel[VS_SHA256_SIZE];
	uint8_t initrd[VS_SHA256_SIZE];
	uint8_t cmdline[VS_SHA256_SIZE]; /* with its NUL */
};

struct vs_snp_launch {
	struct vs_snp_vcpu vcpu;
	uint64_t vcpus;
	const struct vs_firmware *ovmf;
	const struct vs_firmware *svsm;     /* NULL: none */
	const struct vs_snp_kernel *kernel; /* NULL: none is measured */
	const uint8_t
	    *seed; /* digest after the OVMF pages; NULL: of the image */
};
/* ovmf: the digest after the pages of the OVMF, which seeds others. */
VS_MUST_USE vs_status vs_snp_launch_digest(const struct vs_snp_launch *l,
    uint8_t ovmf[VS_SNP_LD_SIZE], uint8_t out[VS_SNP_LD_SIZE],
    struct vs_err *err);

#endif
