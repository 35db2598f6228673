/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/root.h"

#include <string.h>

#include "keeper/core_int.h"
#include "keeper/server.h"

vs_status
vs_ring_keys(const struct vs_secret *ring, struct vs_root_keys *out)
{
	const struct vs_span old = vs_ring_root(ring, VS_RING_OLD);
	struct vs_root_keys k = {0}, before = {0};
	vs_status st = vs_root_derive(vs_ring_root(ring, VS_RING_NEWEST), &k);

	if (st == VS_OK && old.n > 0)
		st = vs_root_derive(old, &before);
	if (st != VS_OK) {
		vs_root_wipe(&k);
		return st;
	}
	memcpy(vs_secret_poke(k.audit_chain), vs_ring_audit(ring).p,
	    vs_ring_audit(ring).n);
	k.kek_wrap_old = VS_TAKE(before.kek_wrap);
	vs_root_wipe(&before);
	*out = k;
	return VS_OK;
}

/* The next ring, on disk first. */
static vs_status
change(struct vs_server *s, vs_root_act act, struct vs_err *err)
{
	struct vs_secret *next = NULL;
	vs_status st;

	if (act == VS_ROOT_BEGIN)
		st = vs_ring_begin(s->ring, &next);
	else
		st = vs_ring_finish(s->ring, &next);
	if (st != VS_OK)
		return vs_fail_code(err, st, "root.state",
		    act == VS_ROOT_BEGIN
			? "a rotation of the root is under way"
			: "no rotation of the root is under way");
	st = vs_seal_put_ring(s->file, next, err);
	if (st == VS_OK) {
		vs_secret_free(&s->ring);
		s->ring = VS_TAKE(next);
		/* From here each channel takes its keys anew. */
		atomic_fetch_add(&s->changes, 1);
	}
	vs_secret_free(&next);
	return st;
}

vs_status
vs_server_root(struct vs_server *s, vs_root_act act, struct vs_root_state *out,
    struct vs_err *err)
{
	vs_status st = VS_OK;

	(void)pthread_mutex_lock(&s->lock);
	if (s->ring == NULL || s->file == NULL)
		st = vs_fail(err, VS_SEALED, "the keeper is sealed");
	else if (act != VS_ROOT_LOOK)
		st = change(s, act, err);
	if (st == VS_OK)
		*out = (struct vs_root_state){
		    vs_ring_generation(s->ring, VS_RING_NEWEST),
		    vs_ring_generation(s->ring, VS_RING_OLD)};
	(void)pthread_mutex_unlock(&s->lock);
	return st;
}

static uint8_t
open_under(struct vs_core *c, const struct vs_secret *root,
    const struct vs_record *r, struct vs_span aad, uint8_t *key)
{
	return vs_core_open_record(
	    c->wrap, vs_secret_peek(root).p, aad, r, key);
}

vs_status
vs_core_rewrap_kek(struct vs_core *c, struct vs_span ns, uint32_t kek_version,
    const uint8_t *kek, uint8_t *out, bool *moved)
{
	uint8_t *key = vs_secret_poke(c->scratch);
	uint8_t aad_buf[VS_RECORD_AAD_MAX];
	uint8_t now, before = 0;
	struct vs_record r;
	struct vs_span aad;
	vs_status st = vs_record_parse(VS_SPAN(kek, VS_KEY_RECORD_SIZE), &r);

	if (st != VS_OK || !vs_record_name_ok(ns))
		return VS_UNTRUSTED;
	st = vs_aad_kek(aad_buf, ns, kek_version, r.id, &aad);
	if (st != VS_OK)
		return st;
	now = open_under(c, c->keys->kek_wrap, &r, aad, key);
	if (c->keys->kek_wrap_old != NULL && now != 0xff)
		before = open_under(c, c->keys->kek_wrap_old, &r, aad, key);
	*moved = before == 0xff;
	memcpy(out, kek, VS_KEY_RECORD_SIZE);
	if (now != 0xff && before != 0xff)
		st = VS_UNTRUSTED;
	if (st == VS_OK && *moved)
		st = vs_record_begin(out);
	memcpy(out + 1, r.id, VS_KEEPER_ID_SIZE); /* DEKs name it */
	if (st == VS_OK && *moved)
		st = vs_core_seal_record(c->wrap,
		    vs_secret_peek(c->keys->kek_wrap).p, aad,
		    VS_SPAN(key, VS_AEAD_KEY_SIZE), out);
	vs_wipe(key, VS_AEAD_KEY_SIZE);
	return st;
}
