/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * Set-associative: a key belongs to one set, and inside the set the slot
 * that was used longest ago gives way. Filling it takes certificates that
 * verify, so a stranger cannot flush it.
 */
enum { WAYS = 8, SETS_MAX = 8192 };

struct slot {
	uint8_t key[VS_SHA256_SIZE];
	struct vs_snp_chain *chain; /* NULL: free */
	uint64_t used;
};

struct vs_evidence_cache {
	pthread_mutex_t lock;
	size_t sets;
	uint64_t tick;
	struct slot *slots;
};

struct vs_evidence_cache *
vs_evidence_cache_new(size_t entries)
{
	struct vs_evidence_cache *c = calloc(1, sizeof(*c));

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

void
vs_evidence_cache_free(struct vs_evidence_cache **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < (*c)->sets * WAYS; i++)
		vs_snp_chain_free(&(*c)->slots[i].chain);
	(void)pthread_mutex_destroy(&(*c)->lock); /* nobody holds it */
	free((*c)->slots);
	free(*c);
	*c = NULL;
}

vs_status
vs_snp_cache_key(const struct vs_snp_blob *blobs, size_t n,
    vs_snp_signer wanted, const struct vs_collateral *collateral,
    uint8_t key[VS_SHA256_SIZE])
{
	struct vs_span parts[1 + 2 * VS_SNP_BLOBS_MAX];
	uint8_t heads[VS_SNP_BLOBS_MAX][9];
	uint8_t head[VS_SHA256_SIZE + 1];
	size_t used = 0;

	if (n > VS_SNP_BLOBS_MAX)
		return VS_TOO_LARGE;
	vs_collateral_digest(collateral, head);
	head[VS_SHA256_SIZE] = (uint8_t)wanted;
	parts[used++] = VS_SPAN_OF(head);
	for (size_t i = 0; i < n; i++) {
		struct vs_wr w = vs_wr_of(heads[i], sizeof(heads[i]));

		vs_wr_u8(&w, (uint8_t)blobs[i].role);
		vs_wr_u64be(&w, blobs[i].bytes.n);
		parts[used++] = VS_SPAN_OF(heads[i]);
		parts[used++] = blobs[i].bytes;
	}
	return vs_digest(VS_HASH_SHA256, parts, used, key);
}

/* The key is a digest: its first bytes spread well. */
static struct slot *
set_of(const struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE])
{
	size_t h = (size_t)key[0] << 16 | (size_t)key[1] << 8 | key[2];

	return &c->slots[h % c->sets * WAYS];
}

static struct slot *
find(struct slot *set, const uint8_t key[VS_SHA256_SIZE])
{
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].chain != NULL &&
		    memcmp(set[i].key, key, VS_SHA256_SIZE) == 0)
			return &set[i];
	return NULL;
}

struct vs_snp_chain *
vs_snp_cache_get(struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE])
{
	struct vs_snp_chain *chain = NULL;
	struct slot *s;

	if (c == NULL || pthread_mutex_lock(&c->lock) != 0)
		return NULL;
	s = find(set_of(c, key), key);
	if (s != NULL) {
		s->used = ++c->tick;
		chain = vs_snp_chain_ref(s->chain);
	}
	VS_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
	return chain;
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
vs_snp_cache_put(struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE],
    struct vs_snp_chain *chain)
{
	struct slot *set, *s;

	if (c == NULL || pthread_mutex_lock(&c->lock) != 0)
		return;
	set = set_of(c, key);
	if (find(set, key) == NULL) {
		s = oldest(set);
		vs_snp_chain_free(&s->chain);
		s->chain = vs_snp_chain_ref(chain);
		s->used = ++c->tick;
		memcpy(s->key, key, VS_SHA256_SIZE);
	}
	VS_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
}
