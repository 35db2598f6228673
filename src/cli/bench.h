/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe bench`: what a release costs, measured against the bare
 * cryptography in the same run. */
#ifndef VS_CLI_BENCH_H
#define VS_CLI_BENCH_H

/* argv[0] is "bench". Prints; returns the exit code. */
int vs_cli_bench(int argc, char **argv);

#endif
