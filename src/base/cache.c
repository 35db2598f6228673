/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/*
 * Set-associative: a key belongs to one set, and inside the set the slot
 * that was used longest ago gives way.
 */
enum { WAYS = 8, SETS_MAX = 8192 };

struct slot {
	uint8_t key[VS_CACHE_KEY_SIZE];
	const struct vs_cache_type *type;
	void *obj; /* NULL: free */
	uint64_t used;
};

struct vs_cache {
	pthread_mutex_t lock;
	size_t sets;
	uint64_t tick;
	struct slot *slots;
};

struct vs_cache *
vs_cache_new(size_t entries)
{
	struct vs_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->sets = entries / WAYS + (entries % WAYS != 0 ? 1 : 0);
	if (c->sets == 0)
		c->sets = 1;
	if (c->sets > SETS_MAX)
		c->sets = SETS_MAX;
	c->slots = vs_calloc(c->sets * WAYS, sizeof(*c->slots));
	if (c->slots == NULL || pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c->slots);
		free(c);
		return NULL;
	}
	return c;
}

static void
clear(struct slot *s)
{
	if (s->obj != NULL)
		s->type->drop(s->obj);
	s->obj = NULL;
}

void
vs_cache_free(struct vs_cache **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < (*c)->sets * WAYS; i++)
		clear(&(*c)->slots[i]);
	(void)pthread_mutex_destroy(&(*c)->lock); /* nobody holds it */
	free((*c)->slots);
	free(*c);
	*c = NULL;
}

/* The key is a digest: its first bytes spread well. */
static struct slot *
set_of(const struct vs_cache *c, const uint8_t key[VS_CACHE_KEY_SIZE])
{
	size_t h = (size_t)key[0] << 16 | (size_t)key[1] << 8 | key[2];

	return &c->slots[h % c->sets * WAYS];
}

static struct slot *
find(struct slot *set, const struct vs_cache_type *type,
    const uint8_t key[VS_CACHE_KEY_SIZE])
{
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].obj != NULL && set[i].type == type &&
		    memcmp(set[i].key, key, VS_CACHE_KEY_SIZE) == 0)
			return &set[i];
	return NULL;
}

void *
vs_cache_get(struct vs_cache *c, const struct vs_cache_type *type,
    const uint8_t key[VS_CACHE_KEY_SIZE])
{
	void *obj = NULL;
	struct slot *s;

	if (c == NULL || pthread_mutex_lock(&c->lock) != 0)
		return NULL;
	s = find(set_of(c, key), type, key);
	if (s != NULL) {
		s->used = ++c->tick;
		obj = s->obj;
		type->ref(obj);
	}
	VS_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
	return obj;
}

static struct slot *
oldest(struct slot *set)
{
	struct slot *s = &set[0];

	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < s->used)
			s = &set[i];
	return s;
}

void
vs_cache_put(struct vs_cache *c, const struct vs_cache_type *type,
    const uint8_t key[VS_CACHE_KEY_SIZE], void *obj)
{
	struct slot *set, *s;

	if (c == NULL || pthread_mutex_lock(&c->lock) != 0)
		return;
	set = set_of(c, key);
	if (find(set, type, key) == NULL) {
		s = oldest(set);
		clear(s);
		type->ref(obj);
		s->type = type;
		s->obj = obj;
		s->used = ++c->tick;
		memcpy(s->key, key, VS_CACHE_KEY_SIZE);
	}
	VS_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
}
