/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>

#include "base/encoding.h"
#include "simulate/command.h"
#include "simulate/tdx.h"

static const struct option options[] = {
    {"tee", required_argument, NULL, 'e'},
    {"fmspc", required_argument, NULL, 'f'},
    VS_SIM_GPU_OPTIONS,
    {NULL, 0, NULL, 0},
};

static vs_status
parse_args(int argc, char **argv, struct vs_sim_tdx_options *opt,
    struct vs_sim_gpu_args *gpus, const char **dir, struct vs_err *err)
{
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'f' &&
		    vs_unhex(vs_span_cstr(optarg), opt->fmspc,
			sizeof(opt->fmspc)) != VS_OK)
			return vs_fail(
			    err, VS_USAGE, "--fmspc wants 12 hex digits");
		if (vs_sim_gpu_is_option(c))
			VS_TRY(err, "options",
			    vs_sim_gpu_option(c, optarg, gpus, err));
		if (c == '?')
			return vs_fail(err, VS_USAGE,
			    "usage: simulate pki DIR --tee tdx [--fmspc "
			    "HEX]" VS_SIM_GPU_USAGE);
	}
	if (optind + 1 != argc)
		return vs_fail(err, VS_USAGE, "wants one directory");
	*dir = argv[optind];
	return VS_OK;
}

vs_status
vs_sim_tdx_pki_command(
    int argc, char **argv, int64_t now, struct vs_buf *done, struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *t = NULL;
	struct vs_sim_tdx_options opt;
	struct vs_sim_gpu_args gpus = {0};
	const char *dir = NULL;

	vs_sim_tdx_defaults(now, &opt);
	VS_TRY(err, "simulate pki",
	    parse_args(argc, argv, &opt, &gpus, &dir, err));
	VS_TRY(err, "simulate pki", vs_sim_gpu_check(&gpus, err));
	VS_TRY(err, "simulate pki", vs_sim_refuse_existing(dir, err));
	VS_TRY(err, "simulate pki", vs_sim_tdx_new(&opt, &t, err));
	VS_TRY(err, "simulate pki", vs_sim_tdx_save(t, dir, err));
	vs_buf_printf(done,
	    "wrote a simulated Intel PKI to %s: name %s/root.pem as a trust "
	    "anchor in the broker's configuration and %s/collateral as its "
	    "collateral to accept its guests\n",
	    dir, dir, dir);
	return vs_sim_gpu_make(&gpus, dir, now, done, err);
}
