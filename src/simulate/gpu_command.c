/* SPDX-License-Identifier: Apache-2.0 */
/* `--gpus` of `vouchsafe simulate pki`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/command.h"
#include "simulate/gpu.h"

bool
vs_sim_gpu_is_option(int c)
{
	return c == 'g' || c == 'a' || c == 'w';
}

static vs_status
count(const char *name, const char *text, unsigned long min, unsigned long max,
    unsigned *out, struct vs_err *err)
{
	char *end = NULL;
	unsigned long v = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || v < min ||
	    v > max)
		return vs_fail(err, VS_USAGE, "%s %.20s: wants %lu to %lu",
		    name, text, min, max);
	*out = (unsigned)v;
	return VS_OK;
}

vs_status
vs_sim_gpu_option(
    int c, const char *arg, struct vs_sim_gpu_args *a, struct vs_err *err)
{
	if (c == 'g')
		return count("--gpus", arg, 1, VS_SIM_GPUS_MAX, &a->gpus, err);
	if (c == 'w') {
		a->switches_given = true;
		return count("--switches", arg, 0, VS_SIM_SWITCHES_MAX,
		    &a->switches, err);
	}
	a->arch_given = true;
	a->blackwell = strcmp(arg, "blackwell") == 0;
	if (!a->blackwell && strcmp(arg, "hopper") != 0)
		return vs_fail(err, VS_USAGE,
		    "--gpu-arch %.20s: wants hopper or blackwell", arg);
	return VS_OK;
}

vs_status
vs_sim_gpu_check(const struct vs_sim_gpu_args *a, struct vs_err *err)
{
	if (a->gpus == 0 && (a->arch_given || a->switches_given))
		return vs_fail(err, VS_USAGE,
		    "--gpu-arch and --switches go with --gpus N");
	if (a->switches > 0 &&
	    (a->blackwell || a->gpus != 8 ||
		a->switches != VS_SIM_SWITCHES_MAX))
		return vs_fail(err, VS_USAGE,
		    "--switches: only 8 GPUs of Hopper have them, and they "
		    "have %d",
		    VS_SIM_SWITCHES_MAX);
	return VS_OK;
}

vs_status
vs_sim_gpu_make(const struct vs_sim_gpu_args *a, const char *dir, int64_t now,
    struct vs_buf *done, struct vs_err *err)
{
	VS_AUTO(vs_sim_board) *b = NULL;
	struct vs_sim_board_options opt;
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/gpu", dir);

	if (a->gpus == 0)
		return vs_buf_status(done);
	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	vs_sim_board_defaults(now, a->blackwell, a->gpus, &opt);
	if (a->switches_given)
		opt.switches = a->switches;
	VS_TRY(err, "simulate pki", vs_sim_board_new(&opt, &b, err));
	VS_TRY(err, "simulate pki", vs_sim_board_save(b, path, err));
	vs_buf_printf(done,
	    "wrote %u simulated %s GPUs and %u switches to %s: name "
	    "gpu-root.pem "
	    "and rim-root.pem of it as trust anchors, too, and import its "
	    "rims/*.xml with `vouchsafe collateral import`\n",
	    opt.gpus, opt.blackwell ? "Blackwell" : "Hopper", opt.switches,
	    path);
	return vs_buf_status(done);
}
