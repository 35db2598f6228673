/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe measure`: the table, and what a person says of an SNP guest. */
#include "cli/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "codec/yaml.h"

/* A firmware is some MiB, a unified kernel image with its initrd hundreds. */
enum { FIRMWARE_MAX = 64 << 20, KERNEL_MAX = 1 << 30, VCPUS_MAX = 4096 };

/* QEMU target/i386/cpu.c: family, model and stepping of its models. */
static const struct {
	const char *name;
	uint32_t signature;
} cpus[] = {
    {"EPYC", 0x800f12},
    {"EPYC-v1", 0x800f12},
    {"EPYC-v2", 0x800f12},
    {"EPYC-IBPB", 0x800f12},
    {"EPYC-v3", 0x800f12},
    {"EPYC-v4", 0x800f12},
    {"EPYC-Rome", 0x830f10},
    {"EPYC-Rome-v1", 0x830f10},
    {"EPYC-Rome-v2", 0x830f10},
    {"EPYC-Rome-v3", 0x830f10},
    {"EPYC-Rome-v4", 0x830f10},
    {"EPYC-Milan", 0xa00f11},
    {"EPYC-Milan-v1", 0xa00f11},
    {"EPYC-Milan-v2", 0xa00f11},
    {"EPYC-Genoa", 0xa10f10},
    {"EPYC-Genoa-v1", 0xa10f10},
    {"EPYC-Turin", 0xb00f00},
    {"EPYC-Turin-v1", 0xb00f00},
};

/* At most 16 digits, with or without 0x. */
static vs_status
hex_number(const char *what, const char *text, uint64_t max, uint64_t *out,
    struct vs_err *err)
{
	const char *p = text;
	uint64_t v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (*p == '\0' || strlen(p) > 16 ||
	    p[strspn(p, "0123456789abcdefABCDEF")] != '\0')
		return vs_fail(
		    err, VS_USAGE, "%s: wants a number in hex", what);
	for (; *p != '\0'; p++) {
		unsigned digit = (unsigned)*p <= '9'
		    ? (unsigned)*p - '0'
		    : ((unsigned)*p | 0x20) - 'a' + 10;
		v = v << 4 | digit;
	}
	if (v > max)
		return vs_fail(err, VS_USAGE, "%s: too large", what);
	*out = v;
	return VS_OK;
}

static vs_status
signature(const struct vs_measure_opts *o, uint32_t *out, struct vs_err *err)
{
	const char *names[VS_COUNT(cpus)], *near;
	uint64_t v = 0;

	if ((o->vcpu_sig == NULL) == (o->vcpu_type == NULL))
		return vs_fail(
		    err, VS_USAGE, "one of --vcpu-type and --vcpu-sig");
	if (o->vcpu_sig != NULL) {
		VS_TRY(err, "vCPU",
		    hex_number("--vcpu-sig", o->vcpu_sig, UINT32_MAX, &v, err));
		*out = (uint32_t)v;
		return VS_OK;
	}
	for (size_t i = 0; i < VS_COUNT(cpus); i++) {
		names[i] = cpus[i].name;
		if (strcmp(o->vcpu_type, cpus[i].name) == 0) {
			*out = cpus[i].signature;
			return VS_OK;
		}
	}
	near = vs_nearest(vs_span_cstr(o->vcpu_type), names, VS_COUNT(cpus));
	return vs_fail(err, VS_USAGE, "--vcpu-type: \"%.40s\" is not known%s%s",
	    o->vcpu_type, near != NULL ? "; nearest is " : "",
	    near != NULL ? near : "");
}

static vs_status
vmm(const char *text, vs_snp_vmm *out, struct vs_err *err)
{
	if (text == NULL || strcmp(text, "qemu") == 0)
		*out = VS_VMM_QEMU;
	else if (strcmp(text, "ec2") == 0)
		*out = VS_VMM_EC2;
	else if (strcmp(text, "gce") == 0)
		*out = VS_VMM_GCE;
	else
		return vs_fail(err, VS_USAGE, "--vmm: qemu, ec2 or gce");
	return VS_OK;
}

static vs_status
hash_file(const char *path, uint8_t out[VS_SHA256_SIZE], struct vs_err *err)
{
	struct vs_buf file = {.max = KERNEL_MAX};
	vs_status st = VS_OK;

	if (path != NULL && vs_file_read(path, KERNEL_MAX, &file, err) != VS_OK)
		st = err->status = VS_USAGE;
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&file), out);
	vs_buf_fini(&file);
	return st;
}

/* NULL into *out: no kernel is measured. */
static vs_status
kernel(const struct vs_measure_opts *o, struct vs_snp_kernel *k,
    const struct vs_snp_kernel **out, struct vs_err *err)
{
	const char *line = o->append != NULL ? o->append : "";

	if (o->kernel == NULL) {
		if (o->initrd != NULL || o->append != NULL)
			return vs_fail(err, VS_USAGE,
			    "--initrd and --append go with --kernel");
		*out = NULL;
		return VS_OK;
	}
	VS_TRY(err, "--kernel", hash_file(o->kernel, k->kernel, err));
	VS_TRY(err, "--initrd", hash_file(o->initrd, k->initrd, err));
	VS_TRY(err, "--append",
	    vs_sha256(VS_SPAN(line, strlen(line) + 1), k->cmdline));
	*out = k;
	return VS_OK;
}

static vs_status
firmware(const char *path, uint64_t end, struct vs_buf *file,
    struct vs_firmware *fw, struct vs_err *err)
{
	file->max = FIRMWARE_MAX;
	if (vs_file_read(path, FIRMWARE_MAX, file, err) != VS_OK)
		return err->status = VS_USAGE;
	return vs_firmware_read(vs_buf_span(file), end, fw, err);
}

struct files {
	struct vs_buf ovmf, svsm;
	struct vs_firmware ovmf_fw, svsm_fw;
	struct vs_snp_kernel kernel;
	uint8_t seed[VS_SNP_LD_SIZE];
};

static vs_status
load(const struct vs_measure_opts *o, struct files *f, struct vs_snp_launch *l,
    struct vs_err *err)
{
	const uint64_t top = UINT64_C(1) << 32;

	VS_TRY(
	    err, o->ovmf, firmware(o->ovmf, top, &f->ovmf, &f->ovmf_fw, err));
	l->ovmf = &f->ovmf_fw;
	VS_TRY(err, "kernel", kernel(o, &f->kernel, &l->kernel, err));
	if (o->ovmf_hash != NULL) {
		if (vs_unhex(vs_span_cstr(o->ovmf_hash), f->seed,
			sizeof(f->seed)) != VS_OK)
			return vs_fail(
			    err, VS_USAGE, "--ovmf-hash: 48 bytes in hex");
		l->seed = f->seed;
	}
	if (o->svsm == NULL)
		return VS_OK;
	if (o->svsm_vars > f->ovmf_fw.base)
		return vs_fail(err, VS_USAGE, "--svsm-vars-size: too large");
	VS_TRY(err, o->svsm,
	    firmware(o->svsm, f->ovmf_fw.base - o->svsm_vars, &f->svsm,
		&f->svsm_fw, err));
	l->svsm = &f->svsm_fw;
	return VS_OK;
}

static vs_status
describe(const struct vs_measure_opts *o, struct vs_snp_launch *l,
    struct vs_err *err)
{
	if (o->ovmf == NULL || o->vcpus == 0)
		return vs_fail(
		    err, VS_USAGE, "--ovmf FILE and --vcpus N are needed");
	if (o->vcpus > VCPUS_MAX)
		return vs_fail(err, VS_USAGE, "--vcpus: at most %d", VCPUS_MAX);
	if (o->svsm_vars != 0 && o->svsm == NULL)
		return vs_fail(
		    err, VS_USAGE, "--svsm-vars-size goes with --svsm");
	l->vcpus = o->vcpus;
	VS_TRY(err, "vCPU", signature(o, &l->vcpu.signature, err));
	VS_TRY(err, "VMM", vmm(o->vmm, &l->vcpu.vmm, err));
	return hex_number("--guest-features",
	    o->features != NULL ? o->features : "1", UINT64_MAX,
	    &l->vcpu.features, err);
}

bool
vs_measure_given(const struct vs_measure_opts *o)
{
	return o->ovmf != NULL || o->kernel != NULL || o->initrd != NULL ||
	    o->append != NULL || o->vcpu_type != NULL || o->vcpu_sig != NULL ||
	    o->features != NULL || o->vmm != NULL || o->ovmf_hash != NULL ||
	    o->svsm != NULL || o->vcpus != 0 || o->svsm_vars != 0;
}

vs_status
vs_measure_snp(const struct vs_measure_opts *o, uint8_t ovmf[VS_SNP_LD_SIZE],
    uint8_t out[VS_SNP_LD_SIZE], struct vs_err *err)
{
	struct files *f = vs_cli_alloc(sizeof(*f));
	struct vs_snp_launch l = {.vcpus = 0};
	uint8_t seed[VS_SNP_LD_SIZE];
	vs_status st = describe(o, &l, err);

	if (st == VS_OK)
		st = load(o, f, &l, err);
	if (st == VS_OK)
		st = vs_snp_launch_digest(&l, seed, out, err);
	if (st == VS_OK && ovmf != NULL)
		memcpy(ovmf, seed, sizeof(seed));
	vs_buf_fini(&f->ovmf);
	vs_buf_fini(&f->svsm);
	free(f);
	return st;
}

struct snp_opts {
	struct vs_measure_opts m;
	bool json;
};

static int
run_snp(const void *opts, const struct vs_args *args)
{
	const struct snp_opts *o = opts;
	uint8_t ovmf[VS_SNP_LD_SIZE], ld[VS_SNP_LD_SIZE];
	char text[2 * VS_SNP_LD_SIZE + 1];
	struct vs_err err = {0};
	struct vs_json *doc;

	(void)args;
	if (vs_measure_snp(&o->m, ovmf, ld, &err) != VS_OK)
		return vs_cli_fail(&err, o->json);
	vs_hex(VS_SPAN_OF(ld), text);
	if (!o->json) {
		puts(text);
		return VS_EXIT_OK;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "kind", vs_json_cstr("snp-measurement"));
	vs_json_set(&doc, "measurement", vs_json_cstr(text));
	vs_hex(VS_SPAN_OF(ovmf), text);
	vs_json_set(&doc, "ovmf_hash", vs_json_cstr(text));
	return vs_cli_json(&doc, VS_EXIT_OK);
}

static const struct vs_opt snp_options[] = {
    VS_MEASURE_OPTIONS(struct snp_opts, m),
    VS_OPT("json", FLAG, struct snp_opts, json, NULL, "as JSON"),
};

static const struct vs_opt tdx_options[] = {
    VS_OPT("event-log", TEXT, struct vs_measure_tdx_opts, event_log, "FILE",
	"CCEL, or the JSON of dstack, of a guest that was started as wanted"),
    VS_OPT("json", FLAG, struct vs_measure_tdx_opts, json, NULL, "as JSON"),
};

static const struct vs_command commands[] = {
    {.verb = "measure",
	.sub = "snp",
	.args = "",
	.summary = "the launch digest that a SEV-SNP guest will report",
	.opts = snp_options,
	.opts_n = VS_COUNT(snp_options),
	.size = sizeof(struct snp_opts),
	.run = run_snp},
    {.verb = "measure",
	.sub = "tdx",
	.args = "",
	.summary = "the RTMRs that an event log leads to",
	.opts = tdx_options,
	.opts_n = VS_COUNT(tdx_options),
	.size = sizeof(struct vs_measure_tdx_opts),
	.run = vs_cli_measure_tdx},
};
const struct vs_family vs_measure_family = {commands, VS_COUNT(commands)};
