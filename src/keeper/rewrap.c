/* SPDX-License-Identifier: Apache-2.0 */
/* DEKs from one KEK to the next. */
#include <string.h>

#include "crypto/rand.h"
#include "keeper/core_int.h"

enum { ANSWER = 1 + VS_KEY_RECORD_SIZE };

static struct vs_key_place
place_of(const struct vs_rewrap *r, const struct vs_rewrap_item *it, bool to)
{
	return (struct vs_key_place){.kek = to ? r->to : r->from,
	    .kek_version = to ? r->to_version : r->from_version,
	    .name = it->name,
	    .version = it->version,
	    .dataset = it->dataset};
}

/* A DEK that does not open goes on as zeros, is sealed like any other, and the
 * record is masked away at the end. */
static vs_status
move(struct vs_core *c, const struct vs_rewrap *r,
    const struct vs_rewrap_item *it, struct vs_aead *from, struct vs_aead *to,
    uint8_t usable, uint8_t *out)
{
	const struct vs_key_place old = place_of(r, it, false);
	const struct vs_key_place new = place_of(r, it, true);
	uint8_t *dek = vs_secret_poke(c->scratch);
	uint8_t aad_buf[VS_RECORD_AAD_MAX];
	uint8_t *record = out + 1;
	struct vs_record parts;
	struct vs_span aad = {NULL, 0};
	uint8_t ok = usable;
	vs_status st;

	if (vs_record_parse(it->dek, &parts) != VS_OK)
		return VS_OK; /* its form is public */
	st = vs_aad_dek(aad_buf, &old, parts.id, &aad);
	if (st == VS_OK)
		st = vs_record_begin(record);
	if (st != VS_OK)
		return st;
	ok &= vs_core_open_record(from, NULL, aad, &parts, dek);
	memcpy(record + 1, parts.id, VS_KEEPER_ID_SIZE);
	st = vs_aad_dek(aad_buf, &new, parts.id, &aad);
	if (st == VS_OK)
		st = vs_core_seal_record(
		    to, NULL, aad, VS_SPAN(dek, VS_AEAD_KEY_SIZE), record);
	vs_wipe(dek, VS_AEAD_KEY_SIZE);
	for (size_t i = 0; i < VS_KEY_RECORD_SIZE; i++)
		record[i] &= ok;
	out[0] = ok & 1;
	return st;
}

/* All keys of one call are of one namespace, that of the KEKs. */
static bool
request_ok(const struct vs_rewrap *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!vs_record_name_ok(r->items[i].name) ||
		    r->items[i].version == 0 ||
		    !vs_span_equal(vs_record_namespace(r->items[i].name),
			vs_record_namespace(r->items[0].name)))
			return false;
	return r->n > 0;
}

vs_status
vs_core_rewrap(
    struct vs_core *c, const struct vs_rewrap *req, struct vs_buf *out)
{
	struct vs_aead *from = NULL, *to = NULL;
	struct vs_key_place place;
	uint8_t ok = 0;
	uint8_t *at;
	vs_status st;

	if (!request_ok(req))
		return VS_MALFORMED;
	at = vs_buf_grow(out, req->n * ANSWER);
	if (at == NULL)
		return VS_NO_MEMORY;
	memset(at, 0, req->n * ANSWER);
	/* The newest first: of two in the cache it is not the one that makes
	 * room for the other. */
	place = place_of(req, &req->items[0], true);
	st = vs_core_kek(c, &place, &to, &ok);
	if (st == VS_OK && ok != 0xff)
		st = VS_UNTRUSTED;
	place = place_of(req, &req->items[0], false);
	if (st == VS_OK)
		st = vs_core_kek(c, &place, &from, &ok);
	for (size_t i = 0; st == VS_OK && i < req->n; i++)
		st =
		    move(c, req, &req->items[i], from, to, ok, at + i * ANSWER);
	if (st != VS_OK)
		out->n -= req->n * ANSWER;
	return st;
}
