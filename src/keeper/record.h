/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records at rest: format 1 || id 16 || nonce 12 || ciphertext || tag 16.
 * The AAD holds everything that gives a record its meaning, so that one that
 * is moved to another row, name, version or namespace does not open.
 */
#ifndef VS_KEEPER_RECORD_H
#define VS_KEEPER_RECORD_H

#include "crypto/aead.h"
#include "keeper/client.h"

enum {
	VS_RECORD_FORMAT = 1,
	VS_RECORD_HEAD = 1 + VS_KEEPER_ID_SIZE + VS_AEAD_NONCE_SIZE,
	/* Lengths, numbers and ids around two names of 255 bytes. */
	VS_RECORD_AAD_MAX = 768,
};

/* A record taken apart; borrowed. */
struct vs_record {
	const uint8_t *id;    /* VS_KEEPER_ID_SIZE */
	const uint8_t *nonce; /* VS_AEAD_NONCE_SIZE */
	struct vs_span sealed;
	const uint8_t *tag;
};

/* VS_MALFORMED for another format or a length that is too small. */
VS_MUST_USE vs_status vs_record_parse(
    struct vs_span bytes, struct vs_record *out);
/* Writes format, a fresh id and a fresh nonce. */
VS_MUST_USE vs_status vs_record_begin(uint8_t *record);

/* The AADs. ids are those of the record itself and of the key above it. */
VS_MUST_USE vs_status vs_aad_kek(uint8_t buf[VS_RECORD_AAD_MAX],
    struct vs_span ns, uint32_t kek_version, const uint8_t *kek_id,
    struct vs_span *out);
/*
 * A DEK's record is bound to its KEK; its payload to the DEK alone, so that
 * rotating a KEK rewraps DEKs and never touches a payload. The payload's AAD
 * is the front of the DEK's, with the purpose replaced.
 */
VS_MUST_USE vs_status vs_aad_dek(uint8_t buf[VS_RECORD_AAD_MAX],
    const struct vs_key_place *place, const uint8_t *dek_id,
    struct vs_span *out);
struct vs_span vs_aad_payload(
    uint8_t buf[VS_RECORD_AAD_MAX], struct vs_span dek_aad);

/* First segment of a key name. */
struct vs_span vs_record_namespace(struct vs_span name);
/* 1..255 bytes of [A-Za-z0-9._/-]: what JSON need not escape. */
bool vs_record_name_ok(struct vs_span name);
/* Printable ASCII without quote and backslash, or nothing. */
bool vs_record_type_ok(struct vs_span content_type);

#endif
