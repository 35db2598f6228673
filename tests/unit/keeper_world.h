/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keeper's core under a known root, keys in it, and a recipient that opens
 * what the core seals. plain_of opens records by hand, so that the core is
 * measured against something else than itself.
 */
#ifndef VS_TESTS_KEEPER_WORLD_H
#define VS_TESTS_KEEPER_WORLD_H

#include "base/encoding.h"
#include "check.h"
#include "crypto/aead.h"
#include "crypto/jwe.h"
#include "keeper/core.h"
#include "keeper/record.h"

enum { WORLD_POOL = 4 * 1024 * 1024 };

#define WORLD_RELEASE "018f0000-0000-7000-8000-000000000001"

static const uint8_t world_nonce[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

struct world {
	struct vs_root_keys keys;
	struct vs_core *core;
	uint8_t kek[VS_KEY_RECORD_SIZE]; /* of "models", version 1 */
};

struct world_key {
	char name[VS_KEY_NAME_MAX + 1];
	uint32_t version;
	uint32_t kek_version;
	uint8_t kek[VS_KEY_RECORD_SIZE];
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
};

struct world_guest {
	struct vs_ecdh *ecdh;
	struct vs_ecdh_point at;
};

static inline void
world_pool(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(WORLD_POOL, &err), err))
		exit(check_result());
}

static inline void
world_new(struct world *w, uint8_t root_byte)
{
	uint8_t root[VS_ROOT_SIZE];

	*w = (struct world){0};
	memset(root, root_byte, sizeof root);
	CHECK_INT(vs_root_derive(VS_SPAN_OF(root), &w->keys), VS_OK);
	CHECK_INT(vs_core_new(&w->keys, &w->core), VS_OK);
	CHECK_INT(
	    vs_core_new_kek(w->core, VS_SPAN_LIT("models"), 1, w->kek), VS_OK);
}

static inline void
world_free(struct world *w)
{
	vs_core_free(&w->core);
	vs_root_wipe(&w->keys);
}

static inline struct vs_key_place
place_of(const struct world_key *k)
{
	return (struct vs_key_place){.kek = VS_SPAN_OF(k->kek),
	    .kek_version = k->kek_version,
	    .name = vs_span_cstr(k->name),
	    .version = k->version};
}

/* A key of n random bytes in namespace "models". */
static inline void
key_new(struct world *w, struct world_key *k, const char *name, size_t n)
{
	struct vs_key_place place;

	*k = (struct world_key){.version = 1, .kek_version = 1};
	(void)snprintf(k->name, sizeof k->name, "%s", name);
	memcpy(k->kek, w->kek, sizeof k->kek);
	place = place_of(k);
	CHECK_INT(
	    vs_core_new_key(w->core, &place, n, k->dek, &k->payload), VS_OK);
	CHECK_INT(k->payload.n, n + VS_PAYLOAD_OVERHEAD);
}

static inline void
key_copy(struct world_key *to, const struct world_key *from)
{
	*to = *from;
	to->payload = (struct vs_buf){0};
	vs_buf_add(&to->payload, vs_buf_span(&from->payload));
	CHECK_INT(vs_buf_status(&to->payload), VS_OK);
}

static inline void
key_free(struct world_key *k)
{
	vs_buf_fini(&k->payload);
}

static inline struct vs_reseal_item
item_of(const struct world_key *k)
{
	return (struct vs_reseal_item){.place = place_of(k),
	    .dek = VS_SPAN_OF(k->dek),
	    .payload = vs_buf_span(&k->payload)};
}

static inline void
guest_new(struct world_guest *g, vs_curve curve)
{
	*g = (struct world_guest){0};
	CHECK_INT(vs_ecdh_new(&g->ecdh), VS_OK);
	CHECK_INT(vs_ecdh_generate(g->ecdh, curve, &g->at), VS_OK);
}

static inline void
guest_free(struct world_guest *g)
{
	vs_ecdh_free(&g->ecdh);
}

static inline struct vs_recipient
recipient_of(const struct world_guest *g)
{
	size_t n = vs_curve_size(g->at.curve);
	bool ec = g->at.curve != VS_CURVE_X25519;

	return (struct vs_recipient){.curve = g->at.curve,
	    .x = VS_SPAN(g->at.x, n),
	    .y = VS_SPAN(ec ? g->at.y : NULL, ec ? n : 0)};
}

static inline struct vs_reseal
request_of(
    const struct world_guest *g, const struct vs_reseal_item *items, size_t n)
{
	return (struct vs_reseal){.to = recipient_of(g),
	    .nonce = VS_SPAN_OF(world_nonce),
	    .release_id = VS_SPAN_LIT(WORLD_RELEASE),
	    .items = items,
	    .n = n};
}

/* ---- opening a JWE ------------------------------------------------------ */

/* The text of "name":"..." in a JSON object of ours. */
static inline struct vs_span
text_of(struct vs_span json, const char *name)
{
	char key[32];
	size_t n = (size_t)snprintf(key, sizeof key, "\"%s\":\"", name);
	const uint8_t *at = memmem(json.p, json.n, key, n);
	const uint8_t *end;

	if (at == NULL)
		return (struct vs_span){NULL, 0};
	at += n;
	end = memchr(at, '"', json.n - (size_t)(at - json.p));
	return VS_SPAN(at, end == NULL ? 0 : (size_t)(end - at));
}

static inline struct vs_span
member_of(struct vs_span json, const char *name, struct vs_arena *a)
{
	struct vs_span out = {NULL, 0};

	if (vs_b64url_decode(a, text_of(json, name), &out) != VS_OK)
		return (struct vs_span){NULL, 0};
	return out;
}

/* The five parts of a compact JWE; false when there are not five. */
static inline bool
split_jwe(struct vs_span jwe, struct vs_span part[5])
{
	size_t at = 0;

	for (size_t i = 0; i < 5; i++) {
		size_t from = at;

		while (at < jwe.n && jwe.p[at] != '.')
			at++;
		part[i] = vs_span_slice(jwe, from, at - from);
		if (i == 4 ? at != jwe.n : at == jwe.n)
			return false;
		at++;
	}
	return true;
}

/* The plaintext, in the arena; empty when it does not open. */
static inline struct vs_span
open_jwe(const struct world_guest *g, struct vs_span jwe, struct vs_arena *a)
{
	struct vs_span part[5], raw[5], h;
	struct vs_jwe_parts p;
	uint8_t *out;

	if (!CHECK(split_jwe(jwe, part)))
		return (struct vs_span){NULL, 0};
	for (size_t i = 0; i < 5; i++)
		CHECK_INT(vs_b64url_decode(a, part[i], &raw[i]), VS_OK);
	h = raw[0];
	CHECK(vs_span_is(text_of(h, "alg"), "ECDH-ES"));
	CHECK(vs_span_is(text_of(h, "enc"), "A256GCM"));
	CHECK(vs_span_is(text_of(h, "crv"), vs_curve_name(g->at.curve)));
	CHECK_INT(raw[1].n, 0);
	p = (struct vs_jwe_parts){.header = part[0],
	    .epk_x = member_of(h, "x", a),
	    .epk_y = member_of(h, "y", a),
	    .apu = member_of(h, "apu", a),
	    .apv = member_of(h, "apv", a),
	    .iv = raw[2],
	    .ciphertext = raw[3],
	    .tag = raw[4]};
	CHECK(vs_span_equal(p.apu, VS_SPAN_OF(world_nonce)));
	CHECK(vs_span_is(p.apv, WORLD_RELEASE));
	out = vs_arena_alloc(a, raw[3].n);
	if (vs_jwe_open(g->ecdh, &p, out) != VS_OK)
		return (struct vs_span){NULL, 0};
	return VS_SPAN(out, raw[3].n);
}

/* ---- records by hand ---------------------------------------------------- */

static inline vs_status
open_by_hand(
    const uint8_t *key, struct vs_span aad, struct vs_span record, uint8_t *out)
{
	VS_AUTO(vs_aead) *aead = NULL;
	struct vs_record r;
	uint8_t tag[VS_AEAD_TAG_SIZE];
	vs_status st = vs_record_parse(record, &r);

	if (st == VS_OK)
		st = vs_aead_new(&aead);
	if (st != VS_OK)
		return st;
	memcpy(tag, r.tag, sizeof tag);
	return vs_aead_open(aead, key,
	    &(struct vs_aead_msg){.nonce = r.nonce,
		.aad = aad,
		.in = r.sealed,
		.out = out,
		.tag = tag});
}

static inline void
seal_by_hand(
    const uint8_t *key, struct vs_span aad, struct vs_span plain, uint8_t *rec)
{
	VS_AUTO(vs_aead) *aead = NULL;

	CHECK_INT(vs_aead_new(&aead), VS_OK);
	CHECK_INT(
	    vs_aead_seal(aead, key,
		&(struct vs_aead_msg){.nonce = rec + 1 + VS_KEEPER_ID_SIZE,
		    .aad = aad,
		    .in = plain,
		    .out = rec + VS_RECORD_HEAD,
		    .tag = rec + VS_RECORD_HEAD + plain.n}),
	    VS_OK);
}

struct opened {
	uint8_t kek[32];
	uint8_t dek[32];
	uint8_t *plain;
	size_t n;
};

/* Every layer of a key; free o->plain. */
static inline void
open_all(const struct world *w, const struct world_key *k, struct opened *o)
{
	const struct vs_key_place place = place_of(k);
	uint8_t buf[VS_RECORD_AAD_MAX];
	struct vs_span aad;

	o->n = k->payload.n - VS_PAYLOAD_OVERHEAD;
	o->plain = calloc(1, o->n);
	CHECK_INT(vs_aad_kek(buf, vs_record_namespace(place.name),
		      k->kek_version, k->kek + 1, &aad),
	    VS_OK);
	CHECK_INT(open_by_hand(vs_secret_peek(w->keys.kek_wrap).p, aad,
		      VS_SPAN_OF(k->kek), o->kek),
	    VS_OK);
	CHECK_INT(vs_aad_dek(buf, &place, k->dek + 1, &aad), VS_OK);
	CHECK_INT(open_by_hand(o->kek, aad, VS_SPAN_OF(k->dek), o->dek), VS_OK);
	aad = vs_aad_payload(buf, aad);
	CHECK_INT(open_by_hand(o->dek, aad, vs_buf_span(&k->payload), o->plain),
	    VS_OK);
}

#endif
