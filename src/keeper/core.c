/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/core_int.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "crypto/rand.h"
#include "keeper/record.h"

static vs_status
derive(struct vs_span root, const char *info, struct vs_secret **out)
{
	struct vs_secret *s = vs_secret_new(VS_ROOT_SIZE);
	vs_status st;

	if (s == NULL)
		return VS_NO_MEMORY;
	st = vs_hkdf_sha256(VS_SPAN(NULL, 0), root, vs_span_cstr(info),
	    vs_secret_poke(s), VS_ROOT_SIZE);
	if (st != VS_OK) {
		vs_secret_free(&s);
		return st;
	}
	*out = s;
	return VS_OK;
}

vs_status
vs_root_derive(struct vs_span root, struct vs_root_keys *out)
{
	struct vs_root_keys k = {0};
	vs_status st = derive(root, "vouchsafe/v1 kek-wrap", &k.kek_wrap);

	if (st == VS_OK)
		st = derive(root, "vouchsafe/v1 nonce-mac", &k.nonce_mac);
	if (st == VS_OK)
		st = derive(root, "vouchsafe/v1 audit-chain", &k.audit_chain);
	if (st == VS_OK)
		st = derive(root, "vouchsafe/v1 import", &k.import_key);
	if (st != VS_OK) {
		vs_root_wipe(&k);
		return st;
	}
	*out = k;
	return VS_OK;
}

void
vs_root_wipe(struct vs_root_keys *k)
{
	vs_secret_free(&k->kek_wrap);
	vs_secret_free(&k->kek_wrap_old);
	vs_secret_free(&k->nonce_mac);
	vs_secret_free(&k->audit_chain);
	vs_secret_free(&k->import_key);
}

vs_status
vs_core_new(const struct vs_root_keys *keys, struct vs_core **out)
{
	VS_AUTO(vs_core) *c = vs_calloc(1, sizeof *c);
	vs_status st;

	if (c == NULL)
		return VS_NO_MEMORY;
	c->keys = keys;
	c->scratch = vs_secret_new(SCRATCH_SIZE);
	if (c->scratch == NULL)
		return VS_NO_MEMORY;
	st = vs_aead_new(&c->wrap);
	if (st == VS_OK)
		st = vs_aead_new(&c->dek);
	if (st == VS_OK)
		st = vs_jwe_new(&c->jwe);
	if (st == VS_OK)
		*out = VS_TAKE(c);
	return st;
}

void
vs_core_free(struct vs_core **c)
{
	if (*c == NULL)
		return;
	vs_kek_cache_fini(&(*c)->keks);
	vs_aead_free(&(*c)->wrap);
	vs_aead_free(&(*c)->dek);
	vs_jwe_free(&(*c)->jwe);
	vs_secret_free(&(*c)->scratch);
	free(*c);
	*c = NULL;
}

static uint8_t *
scratch_key(struct vs_core *c)
{
	return vs_secret_poke(c->scratch);
}

vs_status
vs_core_kek(struct vs_core *c, const struct vs_key_place *place,
    struct vs_aead **out, uint8_t *ok)
{
	const struct vs_secret *old = c->keys->kek_wrap_old;
	const uint8_t *keys[2] = {vs_secret_peek(c->keys->kek_wrap).p,
	    old == NULL ? NULL : vs_secret_peek(old).p};

	return vs_kek_cache_get(
	    &c->keks, place, c->wrap, keys, scratch_key(c), out, ok);
}

vs_status
vs_core_seal_record(struct vs_aead *a, const uint8_t *key, struct vs_span aad,
    struct vs_span plain, uint8_t *record)
{
	const struct vs_aead_msg m = {
	    .nonce = record + 1 + VS_KEEPER_ID_SIZE,
	    .aad = aad,
	    .in = plain,
	    .out = record + VS_RECORD_HEAD,
	    .tag = record + VS_RECORD_HEAD + plain.n,
	};

	return vs_aead_seal(a, key, &m);
}

vs_status
vs_core_new_kek(struct vs_core *c, struct vs_span ns, uint32_t kek_version,
    uint8_t kek[VS_KEY_RECORD_SIZE])
{
	uint8_t aad_buf[VS_RECORD_AAD_MAX];
	uint8_t *key = scratch_key(c);
	struct vs_span aad;
	vs_status st;

	if (!vs_record_name_ok(ns) || vs_record_namespace(ns).n != ns.n ||
	    kek_version == 0)
		return VS_MALFORMED;
	st = vs_record_begin(kek);
	if (st == VS_OK)
		st = vs_aad_kek(aad_buf, ns, kek_version, kek + 1, &aad);
	if (st == VS_OK)
		st = vs_rand_secret(key, VS_AEAD_KEY_SIZE);
	if (st == VS_OK)
		st = vs_core_seal_record(c->wrap,
		    vs_secret_peek(c->keys->kek_wrap).p, aad,
		    VS_SPAN(key, VS_AEAD_KEY_SIZE), kek);
	vs_wipe(key, VS_AEAD_KEY_SIZE);
	return st;
}

/* DEK and payload of a new key; their ids and nonces are drawn here. */
static vs_status
seal_pair(struct vs_core *c, const struct vs_key_place *place,
    struct vs_aead *kek, struct vs_span plain, uint8_t *dek, uint8_t *payload)
{
	uint8_t aad_buf[VS_RECORD_AAD_MAX];
	uint8_t *key = scratch_key(c);
	struct vs_span aad;
	vs_status st = vs_record_begin(dek);

	if (st == VS_OK)
		st = vs_record_begin(payload);
	if (st == VS_OK)
		st = vs_aad_dek(aad_buf, place, dek + 1, &aad);
	if (st == VS_OK)
		st = vs_core_seal_record(
		    kek, NULL, aad, VS_SPAN(key, VS_AEAD_KEY_SIZE), dek);
	if (st != VS_OK)
		return st;
	memcpy(payload + 1, dek + 1, VS_KEEPER_ID_SIZE); /* the DEK's id */
	return vs_core_seal_record(
	    c->dek, key, vs_aad_payload(aad_buf, aad), plain, payload);
}

uint8_t *
vs_core_room(struct vs_core *c, size_t n, struct vs_secret **own)
{
	if (n <= SCRATCH_PAYLOAD)
		return scratch_key(c) + (SCRATCH_SIZE - SCRATCH_PAYLOAD);
	*own = vs_secret_new(n);
	return *own == NULL ? NULL : vs_secret_poke(*own);
}

vs_status
vs_core_put(struct vs_core *c, const struct vs_key_place *place,
    struct vs_span plain, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload)
{
	struct vs_aead *kek = NULL;
	uint8_t *key = scratch_key(c);
	uint8_t *record;
	uint8_t ok = 0;
	vs_status st;

	if (!vs_record_name_ok(place->name) || place->version == 0)
		return VS_MALFORMED;
	st = vs_core_kek(c, place, &kek, &ok);
	if (st != VS_OK)
		return st;
	if (ok != 0xff)
		return VS_UNTRUSTED;
	record = vs_buf_grow(payload, plain.n + VS_PAYLOAD_OVERHEAD);
	if (record == NULL)
		return VS_NO_MEMORY;
	st = vs_rand_secret(key, VS_AEAD_KEY_SIZE);
	if (st == VS_OK)
		st = seal_pair(c, place, kek, plain, dek, record);
	vs_wipe(key, VS_AEAD_KEY_SIZE);
	if (st != VS_OK)
		payload->n -= plain.n + VS_PAYLOAD_OVERHEAD;
	return st;
}

vs_status
vs_core_new_key(struct vs_core *c, const struct vs_key_place *place, size_t n,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload)
{
	struct vs_secret *own = NULL;
	uint8_t *plain;
	vs_status st;

	if (n == 0 || n > VS_PAYLOAD_MAX)
		return VS_MALFORMED;
	plain = vs_core_room(c, n, &own);
	if (plain == NULL)
		return VS_BUSY;
	st = vs_rand_secret(plain, n);
	if (st == VS_OK)
		st = vs_core_put(c, place, VS_SPAN(plain, n), dek, payload);
	vs_wipe(plain, n);
	vs_secret_free(&own);
	return st;
}

/* By words: half of what is opened are keys, and there are many. */
static void
mask_bytes(uint8_t *p, size_t n, uint8_t mask)
{
	const uint64_t wide = 0x0101010101010101u * mask;
	uint64_t word;

	for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		word &= wide;
		memcpy(p, &word, sizeof word);
	}
	for (; n > 0; n--)
		*p++ &= mask;
}

uint8_t
vs_core_open_record(struct vs_aead *a, const uint8_t *key, struct vs_span aad,
    const struct vs_record *r, uint8_t *out)
{
	uint8_t tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {.nonce = r->nonce,
	    .aad = aad,
	    .in = r->sealed,
	    .out = out,
	    .tag = tag};
	uint8_t ok;

	memcpy(tag, r->tag, sizeof tag);
	ok = vs_aead_open_mask(a, key, &m);
	mask_bytes(out, r->sealed.n, ok);
	return ok;
}

/*
 * DEK, then payload. A DEK that does not open leaves zeros as the key, and the
 * payload is "opened" with them all the same: the same work for every record,
 * whichever fails. The zeros matter: a record that was moved fails by its tag
 * alone, and what came out of the cipher is the key.
 */
uint8_t
vs_core_open(struct vs_core *c, const struct vs_reseal_item *it,
    struct vs_aead *kek, uint8_t *plain)
{
	uint8_t *key = scratch_key(c);
	struct vs_record dek, payload;
	struct vs_span aad = {NULL, 0};
	uint8_t ok;

	if (vs_record_parse(it->dek, &dek) != VS_OK ||
	    vs_record_parse(it->payload, &payload) != VS_OK ||
	    memcmp(dek.id, payload.id, VS_KEEPER_ID_SIZE) != 0)
		return 0; /* ids are public */
	if (vs_aad_dek(c->aad, &it->place, dek.id, &aad) != VS_OK)
		return 0;
	ok = vs_core_open_record(kek, NULL, aad, &dek, key);
	aad = vs_aad_payload(c->aad, aad);
	ok &= vs_core_open_record(c->dek, key, aad, &payload, plain);
	vs_wipe(key, VS_AEAD_KEY_SIZE);
	return ok;
}

uint8_t
vs_core_unwrap(struct vs_core *c, const struct vs_reseal_item *it)
{
	struct vs_secret *own = NULL;
	struct vs_aead *kek = NULL;
	size_t n = it->payload.n - VS_PAYLOAD_OVERHEAD;
	uint8_t *plain;
	uint8_t ok = 0;

	if (it->payload.n < VS_PAYLOAD_OVERHEAD)
		return 0;
	plain = vs_core_room(c, n, &own);
	if (plain != NULL && vs_core_kek(c, &it->place, &kek, &ok) == VS_OK) {
		ok &= vs_core_open(c, it, kek, plain);
		vs_wipe(plain, n);
	}
	vs_secret_free(&own);
	return ok;
}

vs_status
vs_core_chain(struct vs_core *c, const uint8_t *prev, struct vs_span digests,
    struct vs_buf *macs)
{
	const struct vs_span key = vs_secret_peek(c->keys->audit_chain);
	uint8_t last[VS_KEEPER_CHAIN_SIZE];

	memcpy(last, prev, sizeof last);
	for (size_t i = 0; i + 32 <= digests.n; i += 32) {
		const struct vs_span parts[] = {
		    VS_SPAN_OF(last), vs_span_slice(digests, i, 32)};
		uint8_t mac[VS_KEEPER_CHAIN_SIZE];
		vs_status st = vs_hmac_sha256(key, parts, 2, mac);

		if (st != VS_OK)
			return st;
		memcpy(last, mac, sizeof last);
		vs_buf_add(macs, VS_SPAN_OF(mac));
	}
	return vs_buf_status(macs);
}
