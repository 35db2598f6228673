/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/import.h"

#include "crypto/digest.h"
#include "keeper/core_int.h"
#include "keeper/frame.h"

vs_status
vs_import_context(struct vs_span name, uint32_t version, bool dataset,
    uint8_t out[VS_IMPORT_CONTEXT_SIZE])
{
	const uint8_t head[5] = {dataset ? 1 : 0, (uint8_t)(version >> 24),
	    (uint8_t)(version >> 16), (uint8_t)(version >> 8),
	    (uint8_t)version};
	/* The name is last and the rest of one size: injective. */
	const struct vs_span parts[] = {VS_IMPORT_APU, VS_SPAN_OF(head), name};

	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out);
}

static vs_status
load(struct vs_core *c, struct vs_ecdh **out, struct vs_ecdh_point *at)
{
	VS_AUTO(vs_ecdh) *e = NULL;
	vs_status st = vs_ecdh_new(&e);

	if (st == VS_OK)
		st = vs_ecdh_load_x25519(
		    e, vs_secret_peek(c->keys->import_key).p, at);
	if (st == VS_OK)
		*out = VS_TAKE(e);
	return st;
}

vs_status
vs_core_import_key(struct vs_core *c, uint8_t out[VS_IMPORT_KEY_SIZE])
{
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point at;
	vs_status st = load(c, &e, &at);

	for (size_t i = 0; st == VS_OK && i < VS_IMPORT_KEY_SIZE; i++)
		out[i] = at.x[i];
	return st;
}

static vs_status
open_sealed(struct vs_core *c, const struct vs_key_place *place,
    const struct vs_import_sealed *in, uint8_t *plain)
{
	uint8_t context[VS_IMPORT_CONTEXT_SIZE];
	const struct vs_jwe_parts parts = {.header = in->header,
	    .epk_x = in->epk,
	    .apu = VS_IMPORT_APU,
	    .apv = VS_SPAN_OF(context),
	    .iv = in->iv,
	    .ciphertext = in->ciphertext,
	    .tag = in->tag};
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point at;
	vs_status st = vs_import_context(
	    place->name, place->version, place->dataset, context);

	if (st == VS_OK)
		st = load(c, &e, &at);
	if (st == VS_OK)
		st = vs_jwe_open(e, &parts, plain);
	/* A point of small order is no better than a wrong tag. */
	return st == VS_MALFORMED ? VS_UNTRUSTED : st;
}

vs_status
vs_core_import(struct vs_core *c, const struct vs_key_place *place,
    const struct vs_import_sealed *in, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload)
{
	struct vs_secret *own = NULL;
	size_t n = in->ciphertext.n;
	uint8_t *plain;
	vs_status st;

	if (!vs_record_name_ok(place->name) || n == 0 || n > VS_PAYLOAD_MAX)
		return VS_MALFORMED;
	plain = vs_core_room(c, n, &own);
	if (plain == NULL)
		return VS_BUSY;
	st = open_sealed(c, place, in, plain);
	if (st == VS_OK)
		st = vs_core_put(c, place, VS_SPAN(plain, n), dek, payload);
	vs_wipe(plain, n);
	vs_secret_free(&own);
	return st;
}

void
vs_put_import(struct vs_buf *b, const struct vs_import_sealed *in)
{
	vs_put_field(b, in->header);
	vs_buf_add(b, in->epk);
	vs_buf_add(b, in->iv);
	vs_buf_add(b, in->tag);
	vs_put_field(b, in->ciphertext);
}

vs_status
vs_get_import(struct vs_rd *in, struct vs_import_sealed *out)
{
	struct vs_import_sealed s = {0};
	vs_status st = vs_get_field(in, VS_IMPORT_HEADER_MAX, &s.header);

	if (st == VS_OK)
		st = vs_rd_bytes(in, VS_IMPORT_KEY_SIZE, &s.epk);
	if (st == VS_OK)
		st = vs_rd_bytes(in, VS_AEAD_NONCE_SIZE, &s.iv);
	if (st == VS_OK)
		st = vs_rd_bytes(in, VS_AEAD_TAG_SIZE, &s.tag);
	if (st == VS_OK)
		st = vs_get_field(in, VS_PAYLOAD_MAX, &s.ciphertext);
	if (st == VS_OK)
		*out = s;
	return st;
}
