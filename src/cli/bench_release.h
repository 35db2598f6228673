/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe bench release`, `unwrap`, `verify` and `policy`. */
#ifndef VS_CLI_BENCH_RELEASE_H
#define VS_CLI_BENCH_RELEASE_H

int vs_bench_release(int argc, char **argv);
int vs_bench_unwrap(int argc, char **argv);
int vs_bench_verify(int argc, char **argv);
int vs_bench_policy(int argc, char **argv);

#endif
