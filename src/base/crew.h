/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads that help with the parts of a large piece of work. */
#ifndef VS_BASE_CREW_H
#define VS_BASE_CREW_H

#include <stddef.h>

/* The caller of vs_crew_run works, too: this many at most beside it. */
enum { VS_CREW_HANDS_MAX = 15 };

struct vs_crew; /* thread-safe: several may be served at once */

/* hands may be 0. NULL without memory; threads that cannot be had are done
 * without. */
struct vs_crew *vs_crew_new(unsigned hands);
/* Nobody may be in vs_crew_run. Accepts NULL, nulls the pointer. */
void vs_crew_free(struct vs_crew **c);

/* One for each processor but the one that the caller uses. */
unsigned vs_crew_fitting(void);

typedef void (*vs_crew_fn)(void *arg, size_t i);
/*
 * fn(arg, i) once for each i below n, and returns when all have returned. No
 * lock is held meanwhile. c may be NULL: all of it on this thread. A call
 * must not wait for that of another i.
 */
void vs_crew_run(struct vs_crew *c, size_t n, vs_crew_fn fn, void *arg);

#endif
