/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotation of the root: a new one beside the old, every KEK from the one to
 * the other, and the old one forgotten. The keys that are derived from the
 * newest root serve at once; under the old one KEKs are only opened.
 */
#ifndef VS_KEEPER_ROOT_H
#define VS_KEEPER_ROOT_H

#include "keeper/client.h"

typedef enum vs_root_act {
	VS_ROOT_LOOK = 0,
	VS_ROOT_BEGIN,  /* VS_CONFLICT when there are two already */
	VS_ROOT_FINISH, /* VS_NOT_FOUND when there is no old one */
} vs_root_act;

struct vs_root_state {
	uint32_t generation; /* of the newest root */
	uint32_t old;        /* of the one before, 0: there is none */
};

/* Begin and finish are in the seal's file before the call returns. The
 * caller has seen every KEK under the newest root before it finishes: the
 * keeper does not know what KEKs there are. */
VS_MUST_USE vs_status vs_keeper_root(struct vs_keeper *k, unsigned channel,
    vs_root_act act, struct vs_root_state *out, struct vs_err *err);

/* The same KEK, of the same id, under the newest root. *moved is false when
 * it is there already. VS_UNTRUSTED when it opens under neither root. */
VS_MUST_USE vs_status vs_keeper_rewrap_kek(struct vs_keeper *k,
    unsigned channel, struct vs_span ns, const uint8_t *kek,
    uint32_t kek_version, uint8_t out[VS_KEY_RECORD_SIZE], bool *moved,
    struct vs_err *err);

/* In the keeper. */
struct vs_server;
struct vs_core;
struct vs_root_keys;
struct vs_secret;
VS_MUST_USE vs_status vs_server_root(struct vs_server *s, vs_root_act act,
    struct vs_root_state *out, struct vs_err *err);
VS_MUST_USE vs_status vs_core_rewrap_kek(struct vs_core *c, struct vs_span ns,
    uint32_t kek_version, const uint8_t *kek, uint8_t *out, bool *moved);
/* All sub-keys of a ring. */
VS_MUST_USE vs_status vs_ring_keys(
    const struct vs_secret *ring, struct vs_root_keys *out);

#endif
