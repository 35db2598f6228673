/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KEKs that a thread has opened, each as a context with its key schedule
 * loaded. Keyed by the whole record and what it is bound to: a record that
 * differs in one bit is another KEK.
 */
#ifndef VS_KEEPER_KEK_CACHE_H
#define VS_KEEPER_KEK_CACHE_H

#include "crypto/aead.h"
#include "keeper/client.h"

/* Namespaces in use at a time; each costs about 1 KiB of locked memory. */
enum { VS_KEK_CACHE_MAX = 32 };

struct vs_kek_entry {
	struct vs_aead *aead; /* NULL: free */
	uint64_t used;
	bool opened; /* else it stands for nothing, and goes first */
	uint32_t version;
	uint8_t ns_n;
	uint8_t ns[VS_KEY_NAME_MAX];
	uint8_t record[VS_KEY_RECORD_SIZE];
};

struct vs_kek_cache {
	struct vs_kek_entry v[VS_KEK_CACHE_MAX];
	uint64_t clock;
};

void vs_kek_cache_fini(struct vs_kek_cache *c);

/*
 * The context of the place's KEK, opened with the kek-wrap key when it is not
 * there yet. wrap is a context for that, keys the kek-wrap keys of the newest
 * root and, or NULL, of the one before; scratch 32 bytes of locked memory. *ok
 * is 0xff, or 0x00 for a record that does not open: *out then holds a key of
 * zeros, for a caller that does the same work to its end. Borrowed until the
 * next call.
 */
VS_MUST_USE vs_status vs_kek_cache_get(struct vs_kek_cache *c,
    const struct vs_key_place *place, struct vs_aead *wrap,
    const uint8_t *const keys[2], uint8_t *scratch, struct vs_aead **out,
    uint8_t *ok);

#endif
