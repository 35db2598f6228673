/* SPDX-License-Identifier: Apache-2.0 */
/* The front's calls around the life of keys. */
#include <string.h>

#include "keeper/client_int.h"
#include "keeper/import.h"
#include "keeper/root.h"

enum { MOVED = 1 + VS_KEY_RECORD_SIZE };

static vs_status
check_rewrap(const struct vs_rewrap *r, struct vs_err *err)
{
	if (r->n == 0 || r->n > VS_REWRAP_KEYS_MAX)
		return vs_fail(
		    err, VS_RANGE, "rewrap: 1 to %d keys", VS_REWRAP_KEYS_MAX);
	if (r->from.n != VS_KEY_RECORD_SIZE || r->to.n != VS_KEY_RECORD_SIZE)
		return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
		    "the record of a KEK has a wrong size");
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].name.n > VS_KEY_NAME_MAX ||
		    r->items[i].dek.n != VS_KEY_RECORD_SIZE)
			return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
			    "a record has a wrong size");
	return VS_OK;
}

static void
put_rewrap(struct vs_buf *b, const struct vs_rewrap *r)
{
	vs_buf_add(b, r->from);
	vs_put_u32(b, r->from_version);
	vs_buf_add(b, r->to);
	vs_put_u32(b, r->to_version);
	vs_put_u32(b, (uint32_t)r->n);
	for (size_t i = 0; i < r->n; i++) {
		vs_put_field(b, r->items[i].name);
		vs_put_u32(b, r->items[i].version);
		vs_put_u32(b, r->items[i].dataset ? 1 : 0);
		vs_buf_add(b, r->items[i].dek);
	}
}

vs_status
vs_keeper_rewrap(struct vs_keeper *k, unsigned channel,
    const struct vs_rewrap *req, uint8_t (*deks)[VS_KEY_RECORD_SIZE], bool *ok,
    struct vs_err *err)
{
	struct vs_buf b = {0};
	struct vs_buf answer = {0};
	vs_status st = check_rewrap(req, err);

	if (st != VS_OK)
		return st;
	put_rewrap(&b, req);
	st = vs_keeper_ask(
	    k, channel, VS_OP_REWRAP, &b, req->n * MOVED, &answer, err);
	for (size_t i = 0; st == VS_OK && i < req->n; i++) {
		ok[i] = answer.p[i * MOVED] == 1;
		memcpy(deks[i], answer.p + i * MOVED + 1, VS_KEY_RECORD_SIZE);
	}
	vs_buf_fini(&b);
	vs_buf_fini(&answer);
	return st;
}

vs_status
vs_keeper_import_key(struct vs_keeper *k, unsigned channel,
    uint8_t out[VS_IMPORT_KEY_SIZE], struct vs_err *err)
{
	struct vs_buf none = {0};
	struct vs_buf answer = {0};
	vs_status st = vs_keeper_ask(k, channel, VS_OP_IMPORT_KEY, &none,
	    VS_IMPORT_KEY_SIZE, &answer, err);

	if (st == VS_OK)
		memcpy(out, answer.p, VS_IMPORT_KEY_SIZE);
	vs_buf_fini(&answer);
	return st;
}

static vs_status
check_import(const struct vs_key_place *place,
    const struct vs_import_sealed *in, struct vs_err *err)
{
	if (place->name.n > VS_KEY_NAME_MAX ||
	    place->kek.n != VS_KEY_RECORD_SIZE)
		return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
		    "a name or record has a wrong size");
	if (in->header.n > VS_IMPORT_HEADER_MAX ||
	    in->epk.n != VS_IMPORT_KEY_SIZE || in->iv.n != 12 ||
	    in->tag.n != 16 || in->ciphertext.n == 0 ||
	    in->ciphertext.n > VS_PAYLOAD_MAX)
		return vs_fail_code(err, VS_MALFORMED, "import.sealed",
		    "the sealed key has a part of a wrong size");
	return VS_OK;
}

vs_status
vs_keeper_import(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, const struct vs_import_sealed *in,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload, struct vs_err *err)
{
	struct vs_buf b = {0};
	struct vs_buf answer = {0};
	vs_status st = check_import(place, in, err);

	if (st != VS_OK)
		return st;
	vs_put_place(&b, place);
	vs_put_import(&b, in);
	st = vs_keeper_ask(k, channel, VS_OP_IMPORT, &b,
	    VS_KEY_RECORD_SIZE + in->ciphertext.n + VS_PAYLOAD_OVERHEAD,
	    &answer, err);
	if (st == VS_OK) {
		struct vs_span all = vs_buf_span(&answer);

		memcpy(dek, all.p, VS_KEY_RECORD_SIZE);
		vs_buf_add(
		    payload, vs_span_slice(all, VS_KEY_RECORD_SIZE, all.n));
		if (vs_buf_status(payload) != VS_OK)
			st = vs_fail(err, vs_buf_status(payload), "payload");
	}
	vs_buf_fini(&b);
	vs_buf_fini(&answer);
	return st;
}

vs_status
vs_keeper_root(struct vs_keeper *k, unsigned channel, vs_root_act act,
    struct vs_root_state *out, struct vs_err *err)
{
	struct vs_buf b = {0};
	struct vs_buf answer = {0};
	struct vs_root_state now = {0};
	struct vs_span msg = {NULL, 0};
	struct vs_rd in;
	uint32_t result = VS_INTERNAL;
	vs_status st;

	vs_put_u32(&b, (uint32_t)act);
	st = vs_keeper_ask(k, channel, VS_OP_ROOT, &b, 0, &answer, err);
	in = vs_rd_of(vs_buf_span(&answer));
	if (st == VS_OK &&
	    (vs_rd_u32be(&in, &result) != VS_OK ||
		vs_get_field(&in, VS_ERR_MSG_MAX, &msg) != VS_OK ||
		vs_rd_u32be(&in, &now.generation) != VS_OK ||
		vs_rd_u32be(&in, &now.old) != VS_OK))
		st = vs_fail(err, VS_INTERNAL, "keeper: answer");
	else if (st == VS_OK && result != VS_OK)
		st = vs_fail_code(err, (vs_status)result, "root.state", "%.*s",
		    VS_SPAN_ARG(msg));
	if (st == VS_OK)
		*out = now;
	vs_buf_fini(&b);
	vs_buf_fini(&answer);
	return st;
}

vs_status
vs_keeper_rewrap_kek(struct vs_keeper *k, unsigned channel, struct vs_span ns,
    const uint8_t *kek, uint32_t kek_version, uint8_t out[VS_KEY_RECORD_SIZE],
    bool *moved, struct vs_err *err)
{
	struct vs_buf b = {0};
	struct vs_buf answer = {0};
	vs_status st;

	if (ns.n > VS_KEY_NAME_MAX)
		return vs_fail(err, VS_MALFORMED, "the namespace is too long");
	vs_put_field(&b, ns);
	vs_put_u32(&b, kek_version);
	vs_buf_add(&b, VS_SPAN(kek, VS_KEY_RECORD_SIZE));
	st = vs_keeper_ask(k, channel, VS_OP_REWRAP_KEK, &b,
	    VS_KEY_RECORD_SIZE + 4, &answer, err);
	if (st == VS_OK) {
		memcpy(out, answer.p, VS_KEY_RECORD_SIZE);
		*moved = answer.p[VS_KEY_RECORD_SIZE + 3] == 1;
	}
	vs_buf_fini(&b);
	vs_buf_fini(&answer);
	return st;
}
