/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `vouchsafe simulate`. */
#ifndef VS_CLI_SIMULATE_H
#define VS_CLI_SIMULATE_H

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

#endif
