/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `vouchsafe simulate`. */
#ifndef VS_CLI_SIMULATE_H
#define VS_CLI_SIMULATE_H

#include "broker/broker.h"
#include "cli/options.h"

struct vs_crl_opts {
	const char *pki, *out;
	struct vs_opt_list revoke;
	uint64_t days;
	struct vs_opt_time at;
};
/* Writes the list; returns the exit code. */
int vs_cli_simulate_crl(const void *opts, const struct vs_args *args);

struct vs_sim_collateral_opts {
	const char *pki, *out;
	struct vs_opt_time at;
	uint64_t days, number;
	bool raised, level, sgx_qe, other_qe;
	struct vs_opt_list revoke;
};
/* Writes the files; returns the exit code. */
int vs_cli_simulate_collateral(const void *opts, const struct vs_args *args);

/* GPUs beside the CPU of `simulate evidence`. */
struct vs_sim_gpu_opts {
	const char *out, *nonce;
	uint64_t n;
	struct vs_opt_list words;
};
/* Writes their evidence, where it is wanted: for the nonce of the options,
 * or bound to a challenge and recipient; then devices is their digest. */
VS_MUST_USE vs_status vs_cli_simulate_gpus(
    const struct vs_sim_gpu_opts *o, const char *pki, struct vs_err *err);
VS_MUST_USE vs_status vs_cli_simulate_bound(const struct vs_sim_gpu_opts *o,
    const char *pki, struct vs_span nonce, const struct vs_recipient *to,
    uint8_t devices[32], struct vs_err *err);

#endif
