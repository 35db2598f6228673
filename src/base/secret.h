/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets live in one locked pool: mmap with guard pages, mlock, excluded
 * from core dumps and from forked children; freed slots are wiped.
 *
 * There is no printf path and no implicit conversion: vs_secret_peek is the
 * only way to the bytes, and it is greppable.
 */
#ifndef VS_BASE_SECRET_H
#define VS_BASE_SECRET_H

#include "base/bytes.h"

struct vs_secret; /* opaque */

/*
 * Maps and locks the pool (rounded up to pages). Must come first, once per
 * process. VS_UNAVAILABLE, with the limit in the message, when the kernel
 * refuses to lock that much.
 */
VS_MUST_USE vs_status vs_secret_pool_init(size_t bytes, struct vs_err *err);
/* Wipes and unmaps. Every secret must have been freed. */
void vs_secret_pool_fini(void);
/* Bytes in use, for tests and for the limits of a caller. */
size_t vs_secret_pool_used(void);

/* n zeroed bytes, or NULL: pool absent or full. Thread-safe. */
struct vs_secret *vs_secret_new(size_t n);
/* Wipes. Accepts NULL, nulls the caller's pointer, keeps errno. */
void vs_secret_free(struct vs_secret **s);
size_t vs_secret_len(const struct vs_secret *s);
/* Borrowed until the secret is freed. */
struct vs_span vs_secret_peek(const struct vs_secret *s);
uint8_t *vs_secret_poke(struct vs_secret *s);

/* Wipes memory in a way the compiler cannot drop. */
void vs_wipe(void *p, size_t n);

/* No core dumps, not dumpable, not traceable. For every process we start. */
VS_MUST_USE vs_status vs_process_harden(struct vs_err *err);

#endif
