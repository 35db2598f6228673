/* SPDX-License-Identifier: Apache-2.0 */
/* The launch digest, page by page. */
#include "cli/measure_snp.h"

#include <string.h>

enum {
	PAGE_NORMAL = 1,
	PAGE_VMSA = 2,
	PAGE_ZERO = 3,
	PAGE_UNMEASURED = 4,
	PAGE_SECRETS = 5,
	PAGE_CPUID = 6,
	PAGE_INFO_SIZE = 0x70, /* AMD 56860 table 67 */
	HASHES_SIZE = 176,     /* 168, padded to 16 */
	HASHES_USED = 168,
	HASH_ENTRY = 50,
};
static const uint64_t vmsa_gpa = 0x0000fffffffff000;
static const uint32_t bsp_eip = 0xfffffff0;

static vs_status
extend(uint8_t ld[VS_SNP_LD_SIZE], uint8_t type,
    const uint8_t contents[VS_SHA384_SIZE], uint64_t gpa)
{
	uint8_t info[PAGE_INFO_SIZE];
	struct vs_wr w = vs_wr_of(info, sizeof(info));
	struct vs_span all;
	vs_status st;

	vs_wr_bytes(&w, VS_SPAN(ld, VS_SNP_LD_SIZE));
	vs_wr_bytes(&w, VS_SPAN(contents, VS_SHA384_SIZE));
	vs_wr_u16le(&w, PAGE_INFO_SIZE);
	vs_wr_u8(&w, type);
	vs_wr_zeros(&w, 5); /* IMI, permissions of VMPL 3 to 1, reserved */
	vs_wr_u64le(&w, gpa);
	st = vs_wr_finish(&w, &all);
	return st == VS_OK ? vs_sha384(all, ld) : st;
}

/* Pages whose contents count. */
static vs_status
pages(
    uint8_t ld[VS_SNP_LD_SIZE], uint8_t type, struct vs_span data, uint64_t gpa)
{
	uint8_t hash[VS_SHA384_SIZE];

	for (size_t at = 0; at < data.n; at += VS_SNP_PAGE_SIZE) {
		vs_status st =
		    vs_sha384(vs_span_slice(data, at, VS_SNP_PAGE_SIZE), hash);
		if (st == VS_OK)
			st = extend(ld, type, hash, gpa + at);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

/* Pages of which only type and place count. */
static vs_status
blank(uint8_t ld[VS_SNP_LD_SIZE], uint8_t type, uint64_t gpa, uint64_t size)
{
	const uint8_t none[VS_SHA384_SIZE] = {0};

	for (uint64_t at = 0; at < size; at += VS_SNP_PAGE_SIZE) {
		vs_status st = extend(ld, type, none, gpa + at);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

/* QEMU target/i386/sev.c: the table of hashes, its GUIDs as stored. */
static const uint8_t table_guid[16] = {0x06, 0xd6, 0x38, 0x94, 0x22, 0x4f, 0xc9,
    0x4c, 0xb4, 0x79, 0xa7, 0x93, 0xd4, 0x11, 0xfd, 0x21};
static const uint8_t kernel_guid[16] = {0x37, 0x94, 0xe7, 0x4d, 0xd2, 0xab,
    0x7f, 0x42, 0xb8, 0x35, 0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b};
static const uint8_t initrd_guid[16] = {0x31, 0xf7, 0xba, 0x44, 0x2f, 0x3a,
    0xd7, 0x4b, 0x9a, 0xf1, 0x41, 0xe2, 0x91, 0x69, 0x78, 0x1d};
static const uint8_t cmdline_guid[16] = {0xd8, 0x2d, 0xd0, 0x97, 0x20, 0xbd,
    0x94, 0x4c, 0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a};

static void
hash_entry(
    struct vs_wr *w, const uint8_t guid[16], const uint8_t hash[VS_SHA256_SIZE])
{
	vs_wr_bytes(w, VS_SPAN(guid, 16));
	vs_wr_u16le(w, HASH_ENTRY);
	vs_wr_bytes(w, VS_SPAN(hash, VS_SHA256_SIZE));
}

static vs_status
hashes_page(uint8_t ld[VS_SNP_LD_SIZE], const struct vs_snp_launch *l,
    const struct vs_fw_section *s, struct vs_err *err)
{
	uint8_t page[VS_SNP_PAGE_SIZE] = {0};
	size_t at = l->ovmf->hashes_gpa % VS_SNP_PAGE_SIZE;
	struct vs_wr w;
	struct vs_span all;

	if (!l->ovmf->has_hashes || s->size != VS_SNP_PAGE_SIZE ||
	    at > sizeof(page) - HASHES_SIZE)
		return vs_fail(err, VS_UNSUPPORTED,
		    "OVMF: no place for the hashes of the kernel");
	w = vs_wr_of(page + at, HASHES_SIZE);
	vs_wr_bytes(&w, VS_SPAN_OF(table_guid));
	vs_wr_u16le(&w, HASHES_USED);
	hash_entry(&w, cmdline_guid, l->kernel->cmdline);
	hash_entry(&w, initrd_guid, l->kernel->initrd);
	hash_entry(&w, kernel_guid, l->kernel->kernel);
	VS_TRY(err, "hashes", vs_wr_finish(&w, &all));
	return pages(ld, PAGE_NORMAL, VS_SPAN_OF(page), s->gpa);
}

static vs_status
section(uint8_t ld[VS_SNP_LD_SIZE], const struct vs_snp_launch *l,
    const struct vs_fw_section *s, struct vs_err *err)
{
	switch (s->type) {
	case VS_FW_SEC_MEM:
		return blank(ld,
		    l->vcpu.vmm == VS_VMM_GCE ? PAGE_UNMEASURED : PAGE_ZERO,
		    s->gpa, s->size);
	case VS_FW_SECRETS:
		return blank(ld, PAGE_SECRETS, s->gpa, VS_SNP_PAGE_SIZE);
	case VS_FW_CPUID:
		return blank(ld, PAGE_CPUID, s->gpa, VS_SNP_PAGE_SIZE);
	case VS_FW_CAA:
		return blank(ld, PAGE_ZERO, s->gpa, s->size);
	case VS_FW_KERNEL_HASHES:
		if (l->kernel != NULL)
			return hashes_page(ld, l, s, err);
		return blank(ld, PAGE_ZERO, s->gpa, s->size);
	default:
		return vs_fail(
		    err, VS_UNSUPPORTED, "OVMF: a section of type %u", s->type);
	}
}

/* EC2 measures the CPUID page after all the others. */
static vs_status
sections(uint8_t ld[VS_SNP_LD_SIZE], const struct vs_snp_launch *l,
    const struct vs_firmware *fw, struct vs_err *err)
{
	const bool later = l->vcpu.vmm == VS_VMM_EC2;

	for (int round = 0; round < (later ? 2 : 1); round++)
		for (size_t i = 0; i < fw->sections_n; i++) {
			const struct vs_fw_section *s = &fw->sections[i];
			bool last = later && s->type == VS_FW_CPUID;
			if (last == (round == 1))
				VS_TRY(err, "sections", section(ld, l, s, err));
		}
	return VS_OK;
}

static vs_status
vcpus(uint8_t ld[VS_SNP_LD_SIZE], const struct vs_snp_launch *l,
    struct vs_err *err)
{
	uint8_t page[VS_SNP_PAGE_SIZE];
	uint32_t first = bsp_eip, others = l->ovmf->ap_eip;

	if (l->svsm != NULL)
		first = others =
		    (uint32_t)(l->svsm->base + l->svsm->svsm_offset);
	else if (l->vcpus > 1 && !l->ovmf->has_ap_eip)
		return vs_fail(err, VS_UNSUPPORTED,
		    "OVMF: no reset address for more than one vCPU");
	for (uint64_t i = 0; i < l->vcpus; i++) {
		if (l->svsm != NULL)
			vs_vmsa_svsm_page(&l->vcpu, first, page);
		else
			vs_vmsa_page(&l->vcpu, i == 0 ? first : others, page);
		VS_TRY(err, "vCPU",
		    pages(ld, PAGE_VMSA, VS_SPAN_OF(page), vmsa_gpa));
	}
	return VS_OK;
}

static bool
has_section(const struct vs_firmware *fw, uint32_t type)
{
	for (size_t i = 0; i < fw->sections_n; i++)
		if (fw->sections[i].type == type)
			return true;
	return false;
}

static vs_status
check(const struct vs_snp_launch *l, struct vs_err *err)
{
	const struct vs_firmware *fw = l->svsm != NULL ? l->svsm : l->ovmf;

	if (fw->sections_n == 0)
		return vs_fail(err, VS_UNSUPPORTED,
		    "the firmware has no SEV metadata: not made for SEV-SNP");
	if (l->svsm != NULL && !l->svsm->has_svsm)
		return vs_fail(
		    err, VS_UNSUPPORTED, "SVSM: it names no entry point");
	if (l->svsm != NULL &&
	    (l->kernel != NULL || l->vcpu.vmm != VS_VMM_QEMU))
		return vs_fail(err, VS_UNSUPPORTED,
		    "SVSM: only with QEMU and without a measured kernel");
	/* The guest would start whatever kernel the host hands over. */
	if (l->kernel != NULL && !has_section(fw, VS_FW_KERNEL_HASHES))
		return vs_fail(err, VS_UNSUPPORTED,
		    "this OVMF does not measure a kernel; take the AmdSev "
		    "build, or leave --kernel away");
	return VS_OK;
}

vs_status
vs_snp_launch_digest(const struct vs_snp_launch *l,
    uint8_t ovmf[VS_SNP_LD_SIZE], uint8_t out[VS_SNP_LD_SIZE],
    struct vs_err *err)
{
	uint8_t ld[VS_SNP_LD_SIZE] = {0}, seed[VS_SNP_LD_SIZE];

	VS_TRY(err, "measure", check(l, err));
	if (l->seed != NULL)
		memcpy(ld, l->seed, sizeof(ld));
	else
		VS_TRY(err, "OVMF",
		    pages(ld, PAGE_NORMAL, l->ovmf->image, l->ovmf->base));
	memcpy(seed, ld, sizeof(seed));
	if (l->svsm != NULL)
		VS_TRY(err, "SVSM",
		    pages(ld, PAGE_NORMAL, l->svsm->image, l->svsm->base));
	VS_TRY(err, "measure",
	    sections(ld, l, l->svsm != NULL ? l->svsm : l->ovmf, err));
	VS_TRY(err, "measure", vcpus(ld, l, err));
	memcpy(ovmf, seed, sizeof(seed));
	memcpy(out, ld, sizeof(ld));
	return VS_OK;
}
