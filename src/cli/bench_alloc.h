/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts allocations, to show that a piece of code makes none: the program
 * has its own malloc, calloc and realloc in front of those of glibc, in
 * builds without sanitizers.
 */
#ifndef VS_CLI_BENCH_ALLOC_H
#define VS_CLI_BENCH_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Calls so far, by any thread. */
uint64_t vs_bench_allocs(void);
/* Whether they are seen at all: tries one. */
bool vs_bench_allocs_seen(void);

#endif
