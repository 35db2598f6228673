/* SPDX-License-Identifier: Apache-2.0 */
/* The core from inside. */
#ifndef VS_KEEPER_CORE_INT_H
#define VS_KEEPER_CORE_INT_H

#include "crypto/aead.h"
#include "crypto/jwe.h"
#include "keeper/core.h"
#include "keeper/kek_cache.h"
#include "keeper/record.h"

/* A DEK, and a payload of the usual size behind it. */
enum { SCRATCH_SIZE = 4096, SCRATCH_PAYLOAD = SCRATCH_SIZE - 64 };

struct vs_core {
	const struct vs_root_keys *keys;
	struct vs_aead *wrap; /* under kek-wrap */
	struct vs_aead *dek;  /* under each DEK in turn */
	struct vs_jwe *jwe;
	struct vs_secret *scratch;
	struct vs_kek_cache keks;
	/* Of the record that is opened; public. Here, for on the stack a
	 * release build fills it with zeros first, each time. */
	uint8_t aad[VS_RECORD_AAD_MAX];
};

/* The context of the place's KEK; *ok as for vs_kek_cache_get. */
VS_MUST_USE vs_status vs_core_kek(struct vs_core *c,
    const struct vs_key_place *place, struct vs_aead **out, uint8_t *ok);

/* Seals plain into record, whose id and nonce are written. key NULL: the one
 * that is loaded. */
VS_MUST_USE vs_status vs_core_seal_record(struct vs_aead *a, const uint8_t *key,
    struct vs_span aad, struct vs_span plain, uint8_t *record);
/* Opens one record: 0xff and the plaintext, or 0x00 and zeros. */
VS_MUST_USE uint8_t vs_core_open_record(struct vs_aead *a, const uint8_t *key,
    struct vs_span aad, const struct vs_record *r, uint8_t *out);

/* Locked room for n bytes: the scratch when they fit, else *own. NULL when the
 * pool has none. */
uint8_t *vs_core_room(struct vs_core *c, size_t n, struct vs_secret **own);

/* A fresh DEK for a payload, both sealed; the payload's record is appended.
 * plain may be what vs_core_room gave. */
VS_MUST_USE vs_status vs_core_put(struct vs_core *c,
    const struct vs_key_place *place, struct vs_span plain,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload);

/* DEK and payload of an item under its KEK: 0xff, or 0x00 and nothing of the
 * key in plain. */
VS_MUST_USE uint8_t vs_core_open(struct vs_core *c,
    const struct vs_reseal_item *it, struct vs_aead *kek, uint8_t *plain);

#endif
