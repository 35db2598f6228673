/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that others made. They come as a compact JWE (RFC 7516) with ECDH-ES
 * and A256GCM to the keeper's import key, an X25519 key derived from the
 * root: the front passes on what it cannot read. apu is VS_IMPORT_APU, apv
 * the digest of what the key is for, so that what was sealed for one name,
 * version and kind does not open as another.
 */
#ifndef VS_KEEPER_IMPORT_H
#define VS_KEEPER_IMPORT_H

#include "keeper/client.h"

enum {
	VS_IMPORT_KEY_SIZE = 32,
	VS_IMPORT_CONTEXT_SIZE = 32,
	/* Of a JOSE header in base64url. */
	VS_IMPORT_HEADER_MAX = 1024,
};
#define VS_IMPORT_APU VS_SPAN_LIT("vouchsafe/v1 import")

/* SHA-256 over kind, version and name: the apv. */
VS_MUST_USE vs_status vs_import_context(struct vs_span name, uint32_t version,
    bool dataset, uint8_t out[VS_IMPORT_CONTEXT_SIZE]);

/* The parts of the JWE that the keeper does not know by itself. */
struct vs_import_sealed {
	struct vs_span header; /* base64url text, as received: the AAD */
	struct vs_span epk;    /* VS_IMPORT_KEY_SIZE */
	struct vs_span iv;
	struct vs_span ciphertext; /* 1 .. VS_PAYLOAD_MAX bytes */
	struct vs_span tag;
};

VS_MUST_USE vs_status vs_keeper_import_key(struct vs_keeper *k,
    unsigned channel, uint8_t out[VS_IMPORT_KEY_SIZE], struct vs_err *err);
/* As vs_keeper_new_key, with the payload that is sealed in `in`.
 * VS_UNTRUSTED, code "import.sealed", when it does not open. */
VS_MUST_USE vs_status vs_keeper_import(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, const struct vs_import_sealed *in,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload,
    struct vs_err *err);

/* The same in the core. */
struct vs_core;
VS_MUST_USE vs_status vs_core_import_key(
    struct vs_core *c, uint8_t out[VS_IMPORT_KEY_SIZE]);
VS_MUST_USE vs_status vs_core_import(struct vs_core *c,
    const struct vs_key_place *place, const struct vs_import_sealed *in,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload);

/* On the wire. */
struct vs_rd;
void vs_put_import(struct vs_buf *b, const struct vs_import_sealed *in);
VS_MUST_USE vs_status vs_get_import(
    struct vs_rd *in, struct vs_import_sealed *out);

#endif
