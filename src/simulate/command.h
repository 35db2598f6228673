/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe simulate pki DIR [--product P] [--rsa-bits N] [--chip-id HEX]
 * [--tcb fmc.bl.tee.snp.ucode]`, or with `--tee tdx [--fmspc HEX]`; either
 * with `--gpus N [--gpu-arch A] [--switches N]`. */
#ifndef VS_SIMULATE_COMMAND_H
#define VS_SIMULATE_COMMAND_H

#include "simulate/simulate.h"

/* argv[0] is "pki". Creates the directory when absent, refuses one that
 * holds a PKI already. VS_USAGE for bad arguments. done receives one line for
 * people ("wrote a simulated Milan PKI to DIR ..."). */
VS_MUST_USE vs_status vs_sim_pki_command(int argc, char **argv, int64_t now,
    struct vs_buf *done, struct vs_err *err);

/* What both shapes of a PKI begin with: not twice in one directory. */
VS_MUST_USE vs_status vs_sim_refuse_existing(
    const char *dir, struct vs_err *err);
/* argv as above; --tee tdx was seen. */
VS_MUST_USE vs_status vs_sim_tdx_pki_command(int argc, char **argv, int64_t now,
    struct vs_buf *done, struct vs_err *err);

/* GPUs of either, in DIR/gpu. */
struct vs_sim_gpu_args {
	unsigned gpus, switches;
	bool blackwell, arch_given, switches_given;
};
#define VS_SIM_GPU_USAGE                                                       \
	" [--gpus N] [--gpu-arch hopper|blackwell] [--switches 0|4]"
/* Rows of a table of getopt_long(), and what they mean. */
#define VS_SIM_GPU_OPTIONS                                                     \
	{"gpus", required_argument, NULL, 'g'},                                \
	    {"gpu-arch", required_argument, NULL, 'a'},                        \
	{                                                                      \
		"switches", required_argument, NULL, 'w'                       \
	}
bool vs_sim_gpu_is_option(int c);
VS_MUST_USE vs_status vs_sim_gpu_option(
    int c, const char *arg, struct vs_sim_gpu_args *a, struct vs_err *err);
/* Before anything is written. */
VS_MUST_USE vs_status vs_sim_gpu_check(
    const struct vs_sim_gpu_args *a, struct vs_err *err);
/* Nothing to do without --gpus. */
VS_MUST_USE vs_status vs_sim_gpu_make(const struct vs_sim_gpu_args *a,
    const char *dir, int64_t now, struct vs_buf *done, struct vs_err *err);

#endif
