/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's operations on keys, as functions on memory: no I/O, so that
 * they can run under valgrind with the secrets marked, and in the benchmark.
 */
#ifndef VS_KEEPER_CORE_H
#define VS_KEEPER_CORE_H

#include "base/secret.h"
#include "keeper/client.h"

/* The sub-keys of the root (HKDF-SHA256, one info string each). Shared by all
 * threads, read only. */
struct vs_root_keys {
	struct vs_secret *kek_wrap;
	struct vs_secret *kek_wrap_old; /* NULL: the root is not rotated */
	struct vs_secret *nonce_mac;
	struct vs_secret *audit_chain;
	struct vs_secret *import_key; /* X25519, private */
};
enum { VS_ROOT_SIZE = 32 };

VS_MUST_USE vs_status vs_root_derive(
    struct vs_span root, struct vs_root_keys *out);
void vs_root_wipe(struct vs_root_keys *k);

/* Contexts and locked scratch of one thread. */
struct vs_core;

enum {
	/* Locked bytes that one core takes, without libcrypto's. */
	VS_CORE_LOCKED = 20 * 1024,
	/* What it takes of libcrypto's locked heap, with as many KEKs open as
	 * it keeps: 92 KiB with OpenSSL 3.0. */
	VS_CORE_HEAP = 112 * 1024,
};

VS_MUST_USE vs_status vs_core_new(
    const struct vs_root_keys *keys, struct vs_core **out);
void vs_core_free(struct vs_core **c);

VS_MUST_USE vs_status vs_core_new_kek(struct vs_core *c, struct vs_span ns,
    uint32_t kek_version, uint8_t kek[VS_KEY_RECORD_SIZE]);
VS_MUST_USE vs_status vs_core_new_key(struct vs_core *c,
    const struct vs_key_place *place, size_t n, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload);
/* As vs_keeper_reseal. *failed counts records that did not open, as far as
 * that may be told: 0 or 1. */
VS_MUST_USE vs_status vs_core_reseal(struct vs_core *c,
    const struct vs_reseal *req, struct vs_buf *jwe, unsigned *failed);
/* Appends for each item a byte, 1 or 0, and the record or zeros. */
VS_MUST_USE vs_status vs_core_rewrap(
    struct vs_core *c, const struct vs_rewrap *req, struct vs_buf *out);
VS_MUST_USE vs_status vs_core_chain(struct vs_core *c, const uint8_t *prev,
    struct vs_span digests, struct vs_buf *macs);

/* Opens one key's records into locked memory; 0xff when both opened. For the
 * benchmark of the unwrap alone. */
VS_MUST_USE uint8_t vs_core_unwrap(
    struct vs_core *c, const struct vs_reseal_item *it);

#endif
