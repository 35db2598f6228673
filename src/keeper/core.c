/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/jwe.h"
#include "crypto/kdf.h"
#include "crypto/rand.h"
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
};

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
	vs_secret_free(&k->nonce_mac);
	vs_secret_free(&k->audit_chain);
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

static vs_status
get_kek(struct vs_core *c, const struct vs_key_place *place,
    struct vs_aead **out, uint8_t *ok)
{
	return vs_kek_cache_get(&c->keks, place, c->wrap,
	    vs_secret_peek(c->keys->kek_wrap).p, scratch_key(c), out, ok);
}

/* Seals n bytes at plain into record, whose id and nonce are written. key
 * NULL: the one that is loaded. */
static vs_status
seal_record(struct vs_aead *a, const uint8_t *key, struct vs_span aad,
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
		st = seal_record(c->wrap, vs_secret_peek(c->keys->kek_wrap).p,
		    aad, VS_SPAN(key, VS_AEAD_KEY_SIZE), kek);
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
		st = seal_record(
		    kek, NULL, aad, VS_SPAN(key, VS_AEAD_KEY_SIZE), dek);
	if (st != VS_OK)
		return st;
	memcpy(payload + 1, dek + 1, VS_KEEPER_ID_SIZE); /* the DEK's id */
	return seal_record(
	    c->dek, key, vs_aad_payload(aad_buf, aad), plain, payload);
}

/* Locked room for n bytes: the scratch when they fit, else *own. */
static uint8_t *
payload_room(struct vs_core *c, size_t n, struct vs_secret **own)
{
	if (n <= SCRATCH_PAYLOAD)
		return scratch_key(c) + (SCRATCH_SIZE - SCRATCH_PAYLOAD);
	*own = vs_secret_new(n);
	return *own == NULL ? NULL : vs_secret_poke(*own);
}

static vs_status
new_key(struct vs_core *c, const struct vs_key_place *place, size_t n,
    struct vs_aead *kek, uint8_t *dek, uint8_t *record)
{
	struct vs_secret *own = NULL;
	uint8_t *key = scratch_key(c);
	uint8_t *plain = payload_room(c, n, &own);
	vs_status st = plain == NULL ? VS_BUSY : VS_OK;

	if (st == VS_OK)
		st = vs_rand_secret(key, VS_AEAD_KEY_SIZE);
	if (st == VS_OK)
		st = vs_rand_secret(plain, n);
	if (st == VS_OK)
		st = seal_pair(c, place, kek, VS_SPAN(plain, n), dek, record);
	vs_wipe(key, VS_AEAD_KEY_SIZE);
	vs_wipe(plain, plain == NULL ? 0 : n);
	vs_secret_free(&own);
	return st;
}

vs_status
vs_core_new_key(struct vs_core *c, const struct vs_key_place *place, size_t n,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload)
{
	struct vs_aead *kek = NULL;
	uint8_t *record;
	uint8_t ok = 0;
	vs_status st;

	if (!vs_record_name_ok(place->name) || place->version == 0 || n == 0 ||
	    n > VS_PAYLOAD_MAX)
		return VS_MALFORMED;
	st = get_kek(c, place, &kek, &ok);
	if (st != VS_OK)
		return st;
	if (ok != 0xff)
		return VS_UNTRUSTED;
	record = vs_buf_grow(payload, n + VS_PAYLOAD_OVERHEAD);
	if (record == NULL)
		return VS_NO_MEMORY;
	st = new_key(c, place, n, kek, dek, record);
	if (st != VS_OK)
		payload->n -= n + VS_PAYLOAD_OVERHEAD;
	return st;
}

/* Opens one record: 0xff and the plaintext, or 0x00 and zeros. */
static uint8_t
open_record(struct vs_aead *a, const uint8_t *key, struct vs_span aad,
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
	for (size_t i = 0; i < r->sealed.n; i++)
		out[i] &= ok;
	return ok;
}

/*
 * DEK, then payload. A DEK that does not open leaves zeros as the key, and the
 * payload is "opened" with them all the same: the same work for every record,
 * whichever fails. The zeros matter: a record that was moved fails by its tag
 * alone, and what came out of the cipher is the key.
 */
static uint8_t
unwrap(struct vs_core *c, const struct vs_reseal_item *it, struct vs_aead *kek,
    uint8_t *plain)
{
	uint8_t aad_buf[VS_RECORD_AAD_MAX];
	uint8_t *key = scratch_key(c);
	struct vs_record dek, payload;
	struct vs_span aad = {NULL, 0};
	uint8_t ok;

	if (vs_record_parse(it->dek, &dek) != VS_OK ||
	    vs_record_parse(it->payload, &payload) != VS_OK ||
	    memcmp(dek.id, payload.id, VS_KEEPER_ID_SIZE) != 0)
		return 0; /* ids are public */
	if (vs_aad_dek(aad_buf, &it->place, dek.id, &aad) != VS_OK)
		return 0;
	ok = open_record(kek, NULL, aad, &dek, key);
	aad = vs_aad_payload(aad_buf, aad);
	ok &= open_record(c->dek, key, aad, &payload, plain);
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
	plain = payload_room(c, n, &own);
	if (plain != NULL && get_kek(c, &it->place, &kek, &ok) == VS_OK) {
		ok &= unwrap(c, it, kek, plain);
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

/* ---- the JWE of a release ---------------------------------------------- */

static const char lead[] = "{\"keys\":[";
static const char item_name[] = "{\"name\":\"";
static const char item_version[] = "\",\"version\":";
static const char item_key[] = ",\"key\":\"";
static const char item_type[] = "\",\"content_type\":\"";
static const char item_end[] = "\"}";
static const char tail[] = "],\"release_id\":\"";
static const char end[] = "\"}";

/* Everything that JSON does not need to escape. */
static bool
request_ok(const struct vs_reseal *req)
{
	if (req->n == 0 || req->n > VS_RESEAL_KEYS_MAX ||
	    !vs_record_name_ok(req->release_id))
		return false;
	for (size_t i = 0; i < req->n; i++)
		if (!vs_record_name_ok(req->items[i].place.name) ||
		    !vs_record_type_ok(req->items[i].content_type) ||
		    req->items[i].payload.n < VS_PAYLOAD_OVERHEAD)
			return false;
	return true;
}

static size_t
decimal_len(uint32_t v)
{
	size_t n = 1;

	for (; v >= 10; v /= 10)
		n++;
	return n;
}

static size_t
item_len(const struct vs_reseal_item *it)
{
	size_t n = sizeof item_name - 1 + it->place.name.n +
	    sizeof item_version - 1 + decimal_len(it->place.version) +
	    sizeof item_key - 1 +
	    vs_b64url_len(it->payload.n - VS_PAYLOAD_OVERHEAD) +
	    sizeof item_end - 1;

	if (it->content_type.n > 0)
		n += sizeof item_type - 1 + it->content_type.n;
	return n;
}

/* Bounded by the frame: no sum here can overflow. */
static size_t
plain_len(const struct vs_reseal *req)
{
	size_t n = sizeof lead - 1 + sizeof tail - 1 + req->release_id.n +
	    sizeof end - 1 + (req->n - 1);

	for (size_t i = 0; i < req->n; i++)
		n += item_len(&req->items[i]);
	return n;
}

static vs_status
add(struct vs_jwe *j, const char *text)
{
	return vs_jwe_add(j, vs_span_cstr(text));
}

static vs_status
add_head(struct vs_jwe *j, const struct vs_reseal_item *it)
{
	char version[12];
	vs_status st = add(j, item_name);

	(void)snprintf(version, sizeof version, "%u", it->place.version);
	if (st == VS_OK)
		st = vs_jwe_add(j, it->place.name);
	if (st == VS_OK)
		st = add(j, item_version);
	if (st == VS_OK)
		st = add(j, version);
	if (st == VS_OK)
		st = add(j, item_key);
	return st;
}

static vs_status
add_foot(struct vs_jwe *j, const struct vs_reseal_item *it)
{
	vs_status st = VS_OK;

	if (it->content_type.n > 0) {
		st = add(j, item_type);
		if (st == VS_OK)
			st = vs_jwe_add(j, it->content_type);
	}
	return st == VS_OK ? add(j, item_end) : st;
}

static vs_status
add_item(struct vs_core *c, const struct vs_reseal_item *it, uint8_t *ok)
{
	struct vs_secret *own = NULL;
	struct vs_aead *kek = NULL;
	size_t n = it->payload.n - VS_PAYLOAD_OVERHEAD;
	uint8_t *plain = payload_room(c, n, &own);
	uint8_t kek_ok = 0;
	vs_status st = VS_BUSY;

	if (plain != NULL)
		st = get_kek(c, &it->place, &kek, &kek_ok);
	if (st == VS_OK)
		st = add_head(c->jwe, it);
	if (st == VS_OK) {
		*ok &= kek_ok & unwrap(c, it, kek, plain);
		st = vs_jwe_add_b64url(c->jwe, VS_SPAN(plain, n));
		vs_wipe(plain, n);
	}
	vs_secret_free(&own);
	return st == VS_OK ? add_foot(c->jwe, it) : st;
}

static vs_status
add_all(struct vs_core *c, const struct vs_reseal *req, uint8_t *ok)
{
	vs_status st = add(c->jwe, lead);

	for (size_t i = 0; st == VS_OK && i < req->n; i++) {
		if (i > 0)
			st = add(c->jwe, ",");
		if (st == VS_OK)
			st = add_item(c, &req->items[i], ok);
	}
	if (st == VS_OK)
		st = add(c->jwe, tail);
	if (st == VS_OK)
		st = vs_jwe_add(c->jwe, req->release_id);
	if (st == VS_OK)
		st = add(c->jwe, end);
	return st;
}

vs_status
vs_core_reseal(struct vs_core *c, const struct vs_reseal *req,
    struct vs_buf *jwe, unsigned *failed)
{
	const struct vs_jwe_to to = {.curve = req->to.curve,
	    .x = req->to.x,
	    .y = req->to.y,
	    .apu = req->nonce,
	    .apv = req->release_id};
	uint8_t ok = 0xff;
	size_t plain;
	size_t len;
	uint8_t *out;
	vs_status st;

	*failed = 0;
	if (!request_ok(req))
		return VS_MALFORMED;
	plain = plain_len(req);
	len = vs_jwe_len(&to, plain);
	out = len == 0 ? NULL : vs_buf_grow(jwe, len);
	if (out == NULL)
		return VS_TOO_LARGE;
	st = vs_jwe_begin(c->jwe, &to, plain, out);
	if (st == VS_OK)
		st = add_all(c, req, &ok);
	if (st == VS_OK)
		st = vs_jwe_end(c->jwe);
	else
		vs_jwe_abort(c->jwe);
	/* That some record failed is the answer itself; which one is not. */
	if (st == VS_OK && ok != 0xff)
		st = VS_UNTRUSTED;
	if (st == VS_UNTRUSTED)
		*failed = 1;
	if (st != VS_OK) {
		vs_wipe(out, len);
		jwe->n -= len;
	}
	return st;
}
