/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded, thread-safe cache of refcounted, immutable objects by digest. */
#ifndef VS_BASE_CACHE_H
#define VS_BASE_CACHE_H

#include <stdint.h>
#include <stddef.h>

enum { VS_CACHE_KEY_SIZE = 32 };

/* What kind of object: its address is part of the key, so that nobody gets
 * an object of another type. */
struct vs_cache_type {
	void (*ref)(void *obj);  /* one more reference */
	void (*drop)(void *obj); /* one less */
};

struct vs_cache;

/* Room for about this many; NULL without memory. */
struct vs_cache *vs_cache_new(size_t entries);
void vs_cache_free(struct vs_cache **c);

/* A reference for the caller, or NULL. c may be NULL: none. */
void *vs_cache_get(struct vs_cache *c, const struct vs_cache_type *type,
    const uint8_t key[VS_CACHE_KEY_SIZE]);
/* Takes a reference of its own, unless the key is there already. */
void vs_cache_put(struct vs_cache *c, const struct vs_cache_type *type,
    const uint8_t key[VS_CACHE_KEY_SIZE], void *obj);

#endif
