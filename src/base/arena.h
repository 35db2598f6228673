/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bump allocator for what lives as long as one request. Not thread-safe.
 * Holds no secrets.
 */
#ifndef VS_BASE_ARENA_H
#define VS_BASE_ARENA_H

#include "base/bytes.h"

struct vs_arena_block;

struct vs_arena {
	struct vs_arena_block *head;
	size_t total; /* bytes handed out since the last reset */
	size_t cap;   /* most bytes that may be handed out */
};

void vs_arena_init(struct vs_arena *a, size_t cap);
void vs_arena_fini(struct vs_arena *a);
/* Forgets all allocations, keeps the first block for the next request. */
void vs_arena_reset(struct vs_arena *a);
/* Zeroed, aligned to 16. NULL past the cap or without memory. n == 0 is 1. */
void *vs_arena_alloc(struct vs_arena *a, size_t n);
void *vs_arena_calloc(struct vs_arena *a, size_t count, size_t size);
/*
 * An array that grows: v itself while n < *cap, else a copy of its n elements
 * with twice the room, the rest zero. NULL without memory; v stays as it is.
 */
void *vs_arena_more(
    struct vs_arena *a, void *v, size_t n, size_t *cap, size_t size);
VS_MUST_USE vs_status vs_arena_dup(
    struct vs_arena *a, struct vs_span s, struct vs_span *out);
/* NUL-terminated copy, or NULL. */
char *vs_arena_cstr(struct vs_arena *a, struct vs_span s);
char *vs_arena_printf(struct vs_arena *a, const char *fmt, ...) VS_PRINTF(2, 3);

#endif
