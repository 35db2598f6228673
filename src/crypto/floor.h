/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare cryptography of one release, straight on OpenSSL with everything
 * fetched and loaded beforehand: what no broker can be faster than. For
 * measuring only.
 */
#ifndef VS_CRYPTO_FLOOR_H
#define VS_CRYPTO_FLOOR_H

#include "base/bytes.h"

struct vs_floor;

VS_MUST_USE vs_status vs_floor_new(struct vs_floor **out, struct vs_err *err);
void vs_floor_free(struct vs_floor **f);

/* Each does its operation once; false: OpenSSL failed. */
/* ECDSA P-384 with SHA-384 over a report's 672 signed bytes. */
bool vs_floor_verify(struct vs_floor *f);
/* ECDSA P-256 with SHA-256 over the 632 signed bytes of a TDX quote. */
bool vs_floor_verify_p256(struct vs_floor *f);
/* P-256: a fresh key, then the shared secret with a given peer. */
bool vs_floor_agree(struct vs_floor *f);
/* AES-256-GCM: a 32-byte DEK under a loaded KEK, a 32-byte payload under that
 * fresh DEK, then 192 bytes sealed under a fresh key. */
bool vs_floor_aead(struct vs_floor *f);

/* The bare loop of the unwrap core: n records, each a DEK of 32 bytes under
 * a loaded KEK and a payload of 32 bytes under a fresh key. */
bool vs_floor_unwrap(struct vs_floor *f, size_t n);
/* The same for a batch: a key agreement, n records, and n times size bytes
 * sealed in one message under a fresh key. */
bool vs_floor_batch(struct vs_floor *f, size_t n, size_t size);

#endif
