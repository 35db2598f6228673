/* SPDX-License-Identifier: Apache-2.0 */
/* The enumerated requests. Anything else is no request. */
#include <string.h>

#include "keeper/import.h"
#include "keeper/record.h"
#include "keeper/root.h"
#include "keeper/server.h"
#include "keeper/unseal.h"

/* One request in its turn. */
struct turn {
	struct vs_server *s;
	struct vs_core *core;
	struct vs_arena *arena;
	struct vs_buf *out;
	bool *fatal;
};

static vs_status
broken(const struct turn *t)
{
	*t->fatal = true;
	return VS_MALFORMED;
}

static vs_status
get_status(const struct turn *t, struct vs_rd in)
{
	struct vs_server *s = t->s;
	struct vs_seal_shares shares = {0};

	if (vs_rd_end(&in) != VS_OK)
		return broken(t);
	(void)pthread_mutex_lock(&s->lock);
	if (s->file != NULL)
		vs_seal_progress(s->file, &shares);
	vs_put_u32(t->out, atomic_load(&s->sealed) ? 1 : 0);
	vs_put_field(t->out, vs_span_cstr(s->seal));
	vs_put_field(t->out, vs_span_cstr(s->why));
	(void)pthread_mutex_unlock(&s->lock);
	vs_put_u64(t->out, atomic_load(&s->unwraps));
	vs_put_u64(t->out, atomic_load(&s->failures));
	vs_put_u32(t->out, shares.threshold);
	vs_put_u32(t->out, shares.total);
	vs_put_u32(t->out, shares.given);
	vs_put_u32(t->out, shares.recovery ? 1 : 0);
	return vs_buf_status(t->out);
}

/* What is wrong with a share is said in the answer, which is none of
 * failure. */
static vs_status
unseal(const struct turn *t, struct vs_rd in)
{
	struct vs_err err = {0};
	struct vs_share share;
	vs_status st;

	if (vs_rd_u8(&in, &share.number) != VS_OK ||
	    vs_rd_copy(&in, share.set, sizeof share.set) != VS_OK ||
	    vs_rd_copy(&in, share.bytes, sizeof share.bytes) != VS_OK ||
	    vs_rd_end(&in) != VS_OK)
		return broken(t);
	st = vs_server_share(t->s, &share, &err);
	vs_wipe(&share, sizeof share);
	vs_put_u32(t->out, (uint32_t)st);
	vs_put_field(t->out, vs_span_cstr(err.msg));
	return vs_buf_status(t->out);
}

static vs_status
nonce_key(const struct turn *t, struct vs_rd in)
{
	if (vs_rd_end(&in) != VS_OK)
		return broken(t);
	vs_buf_add(t->out, vs_secret_peek(t->s->keys.nonce_mac));
	return vs_buf_status(t->out);
}

static vs_status
new_kek(const struct turn *t, struct vs_rd in)
{
	struct vs_span ns;
	uint32_t version;
	uint8_t *kek;

	if (vs_get_field(&in, VS_KEY_NAME_MAX, &ns) != VS_OK ||
	    vs_rd_u32be(&in, &version) != VS_OK || vs_rd_end(&in) != VS_OK)
		return broken(t);
	kek = vs_buf_grow(t->out, VS_KEY_RECORD_SIZE);
	return kek == NULL ? VS_NO_MEMORY
			   : vs_core_new_kek(t->core, ns, version, kek);
}

static vs_status
new_key(const struct turn *t, struct vs_rd in)
{
	struct vs_key_place place;
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload = {0};
	uint32_t n;
	vs_status st;

	if (vs_get_place(&in, &place) != VS_OK ||
	    vs_rd_u32be(&in, &n) != VS_OK || vs_rd_end(&in) != VS_OK)
		return broken(t);
	st = vs_core_new_key(t->core, &place, n, dek, &payload);
	if (st == VS_OK) {
		vs_buf_add(t->out, VS_SPAN_OF(dek));
		vs_buf_add(t->out, vs_buf_span(&payload));
		st = vs_buf_status(t->out);
	}
	vs_buf_fini(&payload);
	return st;
}

static vs_status
reseal(const struct turn *t, struct vs_rd in)
{
	struct vs_reseal req;
	unsigned failed = 0;
	vs_status st = vs_get_reseal(&in, t->arena, &req);

	if (st == VS_NO_MEMORY)
		return st;
	if (st != VS_OK)
		return broken(t);
	st = vs_core_reseal(t->core, &req, t->out, &failed);
	atomic_fetch_add(&t->s->unwraps, req.n);
	atomic_fetch_add(&t->s->failures, failed);
	return st;
}

static vs_status
chain(const struct turn *t, struct vs_rd in)
{
	struct vs_span prev;
	struct vs_span digests;
	uint32_t n;

	if (vs_rd_bytes(&in, VS_KEEPER_CHAIN_SIZE, &prev) != VS_OK ||
	    vs_rd_u32be(&in, &n) != VS_OK || n == 0 || n > VS_CHAIN_MAX ||
	    vs_rd_bytes(&in, (size_t)n * 32, &digests) != VS_OK ||
	    vs_rd_end(&in) != VS_OK)
		return broken(t);
	return vs_core_chain(t->core, prev.p, digests, t->out);
}

static vs_status
rewrap(const struct turn *t, struct vs_rd in)
{
	struct vs_rewrap req;
	vs_status st = vs_get_rewrap(&in, t->arena, &req);

	if (st == VS_NO_MEMORY)
		return st;
	if (st != VS_OK)
		return broken(t);
	return vs_core_rewrap(t->core, &req, t->out);
}

static vs_status
import_key(const struct turn *t, struct vs_rd in)
{
	uint8_t *key;

	if (vs_rd_end(&in) != VS_OK)
		return broken(t);
	key = vs_buf_grow(t->out, VS_IMPORT_KEY_SIZE);
	return key == NULL ? VS_NO_MEMORY : vs_core_import_key(t->core, key);
}

static vs_status
import(const struct turn *t, struct vs_rd in)
{
	struct vs_key_place place;
	struct vs_import_sealed sealed;
	struct vs_buf payload = {0};
	uint8_t dek[VS_KEY_RECORD_SIZE];
	vs_status st;

	if (vs_get_place(&in, &place) != VS_OK ||
	    vs_get_import(&in, &sealed) != VS_OK || vs_rd_end(&in) != VS_OK)
		return broken(t);
	st = vs_core_import(t->core, &place, &sealed, dek, &payload);
	if (st == VS_OK) {
		vs_buf_add(t->out, VS_SPAN_OF(dek));
		vs_buf_add(t->out, vs_buf_span(&payload));
		st = vs_buf_status(t->out);
	}
	vs_buf_fini(&payload);
	return st;
}

/* As with a share: what is wrong is said in the answer. */
static vs_status
root(const struct turn *t, struct vs_rd in)
{
	struct vs_root_state now = {0};
	struct vs_err err = {0};
	uint32_t act = 0;
	vs_status st;

	if (vs_rd_u32be(&in, &act) != VS_OK || act > VS_ROOT_FINISH ||
	    vs_rd_end(&in) != VS_OK)
		return broken(t);
	st = vs_server_root(t->s, (vs_root_act)act, &now, &err);
	vs_put_u32(t->out, (uint32_t)st);
	vs_put_field(t->out, vs_span_cstr(err.msg));
	vs_put_u32(t->out, now.generation);
	vs_put_u32(t->out, now.old);
	return vs_buf_status(t->out);
}

static vs_status
rewrap_kek(const struct turn *t, struct vs_rd in)
{
	struct vs_span ns, kek;
	uint32_t version;
	uint8_t *out;
	bool moved = false;
	vs_status st;

	if (vs_get_field(&in, VS_KEY_NAME_MAX, &ns) != VS_OK ||
	    vs_rd_u32be(&in, &version) != VS_OK ||
	    vs_rd_bytes(&in, VS_KEY_RECORD_SIZE, &kek) != VS_OK ||
	    vs_rd_end(&in) != VS_OK)
		return broken(t);
	out = vs_buf_grow(t->out, VS_KEY_RECORD_SIZE);
	if (out == NULL)
		return VS_NO_MEMORY;
	st = vs_core_rewrap_kek(t->core, ns, version, kek.p, out, &moved);
	vs_put_u32(t->out, moved ? 1 : 0);
	return st == VS_OK ? vs_buf_status(t->out) : st;
}

struct row {
	vs_op op;
	bool while_sealed;
	vs_status (*run)(const struct turn *t, struct vs_rd in);
};

static const struct row rows[] = {
    {VS_OP_STATUS, true, get_status},
    {VS_OP_NONCE_KEY, false, nonce_key},
    {VS_OP_NEW_KEK, false, new_kek},
    {VS_OP_NEW_KEY, false, new_key},
    {VS_OP_RESEAL, false, reseal},
    {VS_OP_CHAIN, false, chain},
    {VS_OP_REWRAP, false, rewrap},
    {VS_OP_IMPORT_KEY, false, import_key},
    {VS_OP_IMPORT, false, import},
    {VS_OP_ROOT, false, root},
    {VS_OP_REWRAP_KEK, false, rewrap_kek},
    {VS_OP_UNSEAL, true, unseal},
};

vs_status
vs_server_answer(struct vs_server *s, struct vs_core *core, uint8_t op,
    struct vs_span payload, struct vs_arena *arena, struct vs_buf *out,
    bool *fatal)
{
	const struct turn t = {s, core, arena, out, fatal};
	vs_status st;

	*fatal = false;
	for (size_t i = 0; i < VS_COUNT(rows); i++) {
		if (rows[i].op != (vs_op)op)
			continue;
		if (core == NULL && !rows[i].while_sealed)
			return VS_SEALED;
		st = rows[i].run(&t, vs_rd_of(payload));
		if (st != VS_OK)
			vs_buf_reset(out);
		return st;
	}
	return broken(&t);
}
