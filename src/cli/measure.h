/* SPDX-License-Identifier: Apache-2.0 */
/* The launch digest of files that a person names: `measure snp`, and
 * `allow add --measure`. */
#ifndef VS_CLI_MEASURE_H
#define VS_CLI_MEASURE_H

#include "cli/measure_snp.h"
#include "cli/options.h"

struct vs_measure_opts {
	const char *ovmf, *kernel, *initrd, *append;
	const char *vcpu_type, *vcpu_sig, *features, *vmm, *ovmf_hash;
	const char *svsm;
	uint64_t vcpus, svsm_vars;
};

/* Rows of an option table; m is the struct vs_measure_opts of struct t. */
#define VS_MEASURE_OPTIONS(t, m)                                               \
	VS_OPT("ovmf", TEXT, t, m.ovmf, "FILE", "the firmware, whole"),        \
	    VS_OPT("vcpus", COUNT, t, m.vcpus, "N", "virtual CPUs"),           \
	    VS_OPT("vcpu-type", TEXT, t, m.vcpu_type, "TYPE",                  \
		"QEMU's CPU model: EPYC-v4, EPYC-Milan, EPYC-Genoa, ..."),     \
	    VS_OPT("vcpu-sig", TEXT, t, m.vcpu_sig, "HEX",                     \
		"instead: CPUID signature, 800f12"),                           \
	    VS_OPT("kernel", TEXT, t, m.kernel, "FILE",                        \
		"kernel that QEMU starts directly"),                           \
	    VS_OPT("initrd", TEXT, t, m.initrd, "FILE", "its initrd"),         \
	    VS_OPT("append", TEXT, t, m.append, "TEXT",                        \
		"its command line, to the letter"),                            \
	    VS_OPT("guest-features", TEXT, t, m.features, "HEX",               \
		"SEV_FEATURES; 1 (21 from Linux 6.6 hosts with debug swap)"),  \
	    VS_OPT("vmm", TEXT, t, m.vmm, "NAME", "qemu, ec2 or gce; qemu"),   \
	    VS_OPT("ovmf-hash", TEXT, t, m.ovmf_hash, "HEX",                   \
		"digest of the OVMF's pages, in place of its contents"),       \
	    VS_OPT("svsm", TEXT, t, m.svsm, "FILE", "a Coconut SVSM"),         \
	    VS_OPT("svsm-vars-size", COUNT, t, m.svsm_vars, "N",               \
		"bytes of the OVMF variable store, with --svsm")

/* measure_tdx.c: `measure tdx`. */
struct vs_measure_tdx_opts {
	const char *event_log;
	bool json;
};
int vs_cli_measure_tdx(const void *opts, const struct vs_args *args);

/* Any of the options was given. */
bool vs_measure_given(const struct vs_measure_opts *o);
/* ovmf may be NULL. VS_USAGE for files that cannot be read. */
VS_MUST_USE vs_status vs_measure_snp(const struct vs_measure_opts *o,
    uint8_t ovmf[VS_SNP_LD_SIZE], uint8_t out[VS_SNP_LD_SIZE],
    struct vs_err *err);

#endif
