/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/encoding.h"

struct args {
	struct vs_sim_pki_options opt;
	struct vs_sim_gpu_args gpus;
	const char *dir;
};

/* "FMC.BL.TEE.SNP.UCODE" */
static vs_status
parse_tcb(const char *text, struct vs_sim_pki_options *opt, struct vs_err *err)
{
	uint8_t *parts[] = {
	    &opt->fmc, &opt->bl, &opt->tee, &opt->snp, &opt->ucode};
	const char *p = text;

	for (size_t i = 0; i < VS_COUNT(parts); i++) {
		char *end = NULL;
		unsigned long v = strtoul(p, &end, 10);

		if (*p < '0' || *p > '9' || v > 255 ||
		    *end != (i + 1 < VS_COUNT(parts) ? '.' : '\0'))
			return vs_fail(err, VS_USAGE,
			    "--tcb %s: wants FMC.BOOTLOADER.TEE.SNP.MICROCODE",
			    text);
		*parts[i] = (uint8_t)v;
		p = end + 1;
	}
	return VS_OK;
}

static vs_status
parse_chip_id(
    const char *text, struct vs_sim_pki_options *opt, struct vs_err *err)
{
	size_t n = opt->product == VS_SIM_TURIN ? 8 : 64;

	if (vs_unhex(vs_span_cstr(text), opt->chip_id, n) != VS_OK)
		return vs_fail(err, VS_USAGE,
		    "--chip-id: wants %zu hex digits for this product", 2 * n);
	return VS_OK;
}

static vs_status
parse_option(int c, const char *arg, struct args *a, struct vs_err *err)
{
	char *end = NULL;

	if (vs_sim_gpu_is_option(c))
		return vs_sim_gpu_option(c, arg, &a->gpus, err);
	switch (c) {
	case 'p':
	case 'e':
		break; /* seen in an earlier pass */
	case 'b':
		a->opt.rsa_bits = (unsigned)strtoul(arg, &end, 10);
		if (*end != '\0' || a->opt.rsa_bits < 2048 ||
		    a->opt.rsa_bits > 8192)
			return vs_fail(
			    err, VS_USAGE, "--rsa-bits wants 2048 to 8192");
		break;
	case 'c':
		return parse_chip_id(arg, &a->opt, err);
	case 't':
		return parse_tcb(arg, &a->opt, err);
	default:
		return vs_fail(err, VS_USAGE,
		    "usage: simulate pki DIR [--product Milan|Genoa|Turin] "
		    "[--rsa-bits N] [--chip-id HEX] [--tcb F.B.T.S.U], or "
		    "simulate pki DIR --tee tdx [--fmspc HEX]; both "
		    "with" VS_SIM_GPU_USAGE);
	}
	return VS_OK;
}

static const struct option options[] = {
    {"tee", required_argument, NULL, 'e'},
    {"product", required_argument, NULL, 'p'},
    {"rsa-bits", required_argument, NULL, 'b'},
    {"chip-id", required_argument, NULL, 'c'},
    {"tcb", required_argument, NULL, 't'},
    VS_SIM_GPU_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* The product decides what the other options mean, so it is read first. */
static vs_status
parse_product(
    int argc, char **argv, int64_t now, struct args *a, struct vs_err *err)
{
	vs_sim_product product = VS_SIM_MILAN;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p' &&
		    vs_sim_product_parse(vs_span_cstr(optarg), &product) !=
			VS_OK)
			return vs_fail(err, VS_USAGE,
			    "--product %s: wants Milan, Genoa or Turin",
			    optarg);
	}
	vs_sim_pki_defaults(product, now, &a->opt);
	return VS_OK;
}

static vs_status
parse_args(
    int argc, char **argv, int64_t now, struct args *a, struct vs_err *err)
{
	int c;

	VS_TRY(err, "product", parse_product(argc, argv, now, a, err));
	optind = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		VS_TRY(err, "options", parse_option(c, optarg, a, err));
	if (optind + 1 != argc)
		return parse_option('?', NULL, a, err);
	a->dir = argv[optind];
	return VS_OK;
}

vs_status
vs_sim_refuse_existing(const char *dir, struct vs_err *err)
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/pki.json", dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	if (stat(path, &st) == 0)
		return vs_fail(err, VS_CONFLICT,
		    "%s holds a simulated PKI already: remove it first or name "
		    "another directory",
		    dir);
	return VS_OK;
}

/* Which vendor's shape; other options wait. */
static vs_status
parse_tee(int argc, char **argv, bool *tdx, struct vs_err *err)
{
	int c;

	optind = 0;
	opterr = 0;
	*tdx = false;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'e')
			continue;
		*tdx = strcmp(optarg, "tdx") == 0;
		if (!*tdx && strcmp(optarg, "snp") != 0)
			return vs_fail(err, VS_USAGE,
			    "--tee %.20s: wants snp or tdx", optarg);
	}
	return VS_OK;
}

vs_status
vs_sim_pki_command(
    int argc, char **argv, int64_t now, struct vs_buf *done, struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	struct args a = {0};
	bool tdx;

	VS_TRY(err, "simulate pki", parse_tee(argc, argv, &tdx, err));
	if (tdx)
		return vs_sim_tdx_pki_command(argc, argv, now, done, err);
	VS_TRY(err, "simulate pki", parse_args(argc, argv, now, &a, err));
	VS_TRY(err, "simulate pki", vs_sim_gpu_check(&a.gpus, err));
	VS_TRY(err, "simulate pki", vs_sim_refuse_existing(a.dir, err));
	VS_TRY(err, "simulate pki", vs_sim_pki_new(&a.opt, &pki, err));
	VS_TRY(err, "simulate pki", vs_sim_pki_save(pki, a.dir, err));
	vs_buf_printf(done,
	    "wrote a simulated %s PKI to %s: name %s/ark.pem as a trust "
	    "anchor in the broker's configuration to accept its guests\n",
	    vs_sim_product_name(a.opt.product), a.dir, a.dir);
	return vs_sim_gpu_make(&a.gpus, a.dir, now, done, err);
}
