/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/kek_cache.h"

#include <string.h>

#include "base/secret.h"
#include "keeper/record.h"

void
vs_kek_cache_fini(struct vs_kek_cache *c)
{
	for (size_t i = 0; i < VS_KEK_CACHE_MAX; i++)
		vs_aead_free(&c->v[i].aead);
}

static bool
is_entry_of(const struct vs_kek_entry *e, const struct vs_key_place *place,
    struct vs_span ns)
{
	return e->opened && e->version == place->kek_version &&
	    vs_span_equal(VS_SPAN(e->record, VS_KEY_RECORD_SIZE), place->kek) &&
	    vs_span_equal(VS_SPAN(e->ns, e->ns_n), ns);
}

/* A free entry, or the one that was not used for longest. */
static struct vs_kek_entry *
victim(struct vs_kek_cache *c)
{
	struct vs_kek_entry *oldest = &c->v[0];

	for (size_t i = 0; i < VS_KEK_CACHE_MAX; i++) {
		if (c->v[i].aead == NULL)
			return &c->v[i];
		if (c->v[i].used < oldest->used)
			oldest = &c->v[i];
	}
	return oldest;
}

/* 0xff and the KEK, or 0x00 and zeros. A record of no known format does not
 * open either: no more is told. */
static uint8_t
open_kek(const struct vs_key_place *place, struct vs_span ns,
    struct vs_aead *wrap, const uint8_t *const keys[2], uint8_t *kek)
{
	uint8_t aad[VS_RECORD_AAD_MAX];
	uint8_t tag[VS_AEAD_TAG_SIZE];
	uint8_t ok = 0;
	struct vs_record r;
	struct vs_aead_msg m;

	if (vs_record_parse(place->kek, &r) == VS_OK) {
		memcpy(tag, r.tag, sizeof tag);
		m = (struct vs_aead_msg){
		    .nonce = r.nonce, .in = r.sealed, .out = kek, .tag = tag};
		if (vs_aad_kek(aad, ns, place->kek_version, r.id, &m.aad) ==
		    VS_OK)
			ok = vs_aead_open_mask(wrap, keys[0], &m);
		/* Which root a record is under is no secret. */
		if (m.aad.n > 0 && ok != 0xff && keys[1] != NULL) {
			memcpy(tag, r.tag, sizeof tag);
			ok = vs_aead_open_mask(wrap, keys[1], &m);
		}
	}
	for (size_t i = 0; i < VS_AEAD_KEY_SIZE; i++)
		kek[i] &= ok;
	return ok;
}

/* Loads the key schedules of both directions by messages that nobody sees. */
static vs_status
load(struct vs_aead *a, const uint8_t *kek)
{
	static const uint8_t nonce[VS_AEAD_NONCE_SIZE];
	uint8_t tag[VS_AEAD_TAG_SIZE];
	uint8_t none[1];
	const struct vs_aead_msg m = {.nonce = nonce, .out = none, .tag = tag};
	vs_status st = vs_aead_seal(a, kek, &m);

	return st == VS_OK ? vs_aead_open(a, kek, &m) : st;
}

static vs_status
fill(struct vs_kek_entry *e, const struct vs_key_place *place,
    struct vs_span ns, struct vs_aead *wrap, const uint8_t *const keys[2],
    uint8_t *scratch, uint8_t *ok)
{
	uint8_t opened = open_kek(place, ns, wrap, keys, scratch);
	vs_status st;

	vs_aead_free(&e->aead);
	memset(e, 0, sizeof *e);
	st = vs_aead_new(&e->aead);
	if (st == VS_OK)
		st = load(e->aead, scratch);
	vs_wipe(scratch, VS_AEAD_KEY_SIZE);
	if (st != VS_OK) {
		vs_aead_free(&e->aead);
		return st;
	}
	e->opened = opened == 0xff;
	e->version = place->kek_version;
	e->ns_n = (uint8_t)ns.n;
	if (ns.n > 0)
		memcpy(e->ns, ns.p, ns.n);
	memcpy(e->record, place->kek.p, VS_KEY_RECORD_SIZE);
	*ok = opened;
	return VS_OK;
}

vs_status
vs_kek_cache_get(struct vs_kek_cache *c, const struct vs_key_place *place,
    struct vs_aead *wrap, const uint8_t *const keys[2], uint8_t *scratch,
    struct vs_aead **out, uint8_t *ok)
{
	struct vs_span ns = vs_record_namespace(place->name);
	struct vs_kek_entry *e = NULL;
	uint8_t opened = 0xff;
	vs_status st = VS_OK;

	if (place->kek.n != VS_KEY_RECORD_SIZE || ns.n > VS_KEY_NAME_MAX)
		return VS_MALFORMED;
	for (size_t i = 0; e == NULL && i < VS_KEK_CACHE_MAX; i++)
		if (is_entry_of(&c->v[i], place, ns))
			e = &c->v[i];
	if (e == NULL) {
		e = victim(c);
		st = fill(e, place, ns, wrap, keys, scratch, &opened);
	}
	if (st != VS_OK)
		return st;
	e->used = e->opened ? ++c->clock : 0;
	*out = e->aead;
	*ok = opened;
	return VS_OK;
}
