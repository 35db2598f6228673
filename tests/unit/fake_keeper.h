/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole keeper client, faked, for tests of the broker that need no
 * process: defining every function here keeps the real one out of the link.
 * Records say what they are for; a "JWE" is the list of what was asked.
 */
#ifndef VS_TESTS_FAKE_KEEPER_H
#define VS_TESTS_FAKE_KEEPER_H

#include <string.h>

#include "crypto/digest.h"
#include "keeper/client.h"
#include "keeper/import.h"
#include "keeper/root.h"

static struct {
	uint8_t root;
	bool sealed;
	bool down;
	vs_status reseal;         /* VS_OK, or how a reseal fails */
	vs_status chain;          /* the same for the audit chain */
	_Atomic unsigned reseals; /* threads call as well */
	_Atomic unsigned keks;
	_Atomic unsigned nonce_keys;
	unsigned rewraps;
	unsigned fail_rewrap;   /* from this one on; 0: none */
	const char *unreadable; /* a key whose record does not open */
} fake;

static vs_status
fake_state(struct vs_err *err)
{
	if (fake.sealed)
		return vs_fail(err, VS_SEALED, "fake keeper is sealed");
	if (fake.down)
		return vs_fail(err, VS_UNAVAILABLE, "fake keeper is down");
	return VS_OK;
}

vs_status
vs_keeper_start(const struct vs_keeper_options *opt, struct vs_keeper **out,
    struct vs_err *err)
{
	(void)opt;
	(void)out;
	return vs_fail(err, VS_INTERNAL, "fake");
}

void
vs_keeper_free(struct vs_keeper **k)
{
	*k = NULL;
}

void
vs_keeper_status(struct vs_keeper *k, struct vs_keeper_status *out)
{
	(void)k;
	*out = (struct vs_keeper_status){
	    .up = !fake.down, .sealed = fake.sealed, .why = "locked"};
}

/* One share opens it. */
vs_status
vs_keeper_unseal(struct vs_keeper *k, unsigned channel, struct vs_span share,
    struct vs_err *err)
{
	(void)k;
	(void)channel;
	if (!vs_span_starts(share, VS_SPAN_LIT("VSS1-")))
		return vs_fail(err, VS_MALFORMED, "fake: no share");
	fake.sealed = false;
	return VS_OK;
}

vs_status
vs_keeper_nonce_key(
    struct vs_keeper *k, unsigned channel, uint8_t out[32], struct vs_err *err)
{
	(void)k;
	(void)channel;
	fake.nonce_keys++;
	memset(out, 0x5a ^ fake.root, 32);
	return fake_state(err);
}

vs_status
vs_keeper_new_kek(struct vs_keeper *k, unsigned channel, struct vs_span ns,
    uint32_t kek_version, uint8_t kek[VS_KEY_RECORD_SIZE], struct vs_err *err)
{
	(void)k;
	(void)channel;
	memset(kek, 'K', VS_KEY_RECORD_SIZE);
	memcpy(kek, ns.p, ns.n < 16 ? ns.n : 16);
	kek[76] = (uint8_t)kek_version;
	fake.keks++;
	return fake_state(err);
}

vs_status
vs_keeper_new_key(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, size_t n, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload, struct vs_err *err)
{
	uint8_t *p = vs_buf_grow(payload, n + VS_PAYLOAD_OVERHEAD);

	(void)k;
	(void)channel;
	memset(dek, 'D', VS_KEY_RECORD_SIZE);
	dek[0] = (uint8_t)place->version;
	if (p != NULL)
		memset(p, 'P', n + VS_PAYLOAD_OVERHEAD);
	return fake_state(err);
}

vs_status
vs_keeper_reseal(struct vs_keeper *k, unsigned channel,
    const struct vs_reseal *req, struct vs_buf *jwe, struct vs_err *err)
{
	(void)k;
	(void)channel;
	fake.reseals++;
	if (fake.reseal != VS_OK)
		return vs_fail(err, fake.reseal, "fake failure");
	for (size_t i = 0; i < req->n; i++)
		vs_buf_printf(jwe, "%.*s@%u ",
		    VS_SPAN_ARG(req->items[i].place.name),
		    (unsigned)req->items[i].place.version);
	return fake_state(err);
}

vs_status
vs_keeper_rewrap(struct vs_keeper *k, unsigned channel,
    const struct vs_rewrap *req, uint8_t (*deks)[VS_KEY_RECORD_SIZE], bool *ok,
    struct vs_err *err)
{
	(void)k;
	(void)channel;
	fake.rewraps++;
	for (size_t i = 0; i < req->n; i++) {
		ok[i] = fake.unreadable == NULL ||
		    !vs_span_is(req->items[i].name, fake.unreadable);
		memset(deks[i], ok[i] ? 'R' : 0, VS_KEY_RECORD_SIZE);
		deks[i][0] = (uint8_t)req->items[i].version;
		deks[i][1] = (uint8_t)req->to_version;
	}
	if (fake.fail_rewrap > 0 && fake.rewraps >= fake.fail_rewrap)
		return vs_fail(err, VS_UNAVAILABLE, "fake keeper broke");
	return fake_state(err);
}

static vs_status fake_import; /* how an import ends */

vs_status
vs_keeper_import_key(struct vs_keeper *k, unsigned channel,
    uint8_t out[VS_IMPORT_KEY_SIZE], struct vs_err *err)
{
	(void)k;
	(void)channel;
	memset(out, 'i', VS_IMPORT_KEY_SIZE);
	return fake_state(err);
}

vs_status
vs_keeper_import(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, const struct vs_import_sealed *in,
    uint8_t dek[VS_KEY_RECORD_SIZE], struct vs_buf *payload, struct vs_err *err)
{
	uint8_t *p =
	    vs_buf_grow(payload, in->ciphertext.n + VS_PAYLOAD_OVERHEAD);

	(void)k;
	(void)channel;
	memset(dek, 'I', VS_KEY_RECORD_SIZE);
	dek[0] = (uint8_t)place->version;
	if (p != NULL)
		memset(p, 'P', in->ciphertext.n + VS_PAYLOAD_OVERHEAD);
	if (fake_import != VS_OK)
		return vs_fail(err, fake_import, "fake failure");
	return fake_state(err);
}

static struct {
	struct vs_root_state state;
	unsigned finishes;
	bool unreadable; /* KEKs open under no root */
} fake_root;

vs_status
vs_keeper_root(struct vs_keeper *k, unsigned channel, vs_root_act act,
    struct vs_root_state *out, struct vs_err *err)
{
	struct vs_root_state *s = &fake_root.state;

	(void)k;
	(void)channel;
	if (s->generation == 0)
		s->generation = 1;
	if (act == VS_ROOT_BEGIN)
		*s = (struct vs_root_state){s->generation + 1, s->generation};
	if (act == VS_ROOT_FINISH) {
		s->old = 0;
		fake_root.finishes++;
	}
	*out = *s;
	return fake_state(err);
}

/* The last byte but one of a record says under which root it is. */
vs_status
vs_keeper_rewrap_kek(struct vs_keeper *k, unsigned channel, struct vs_span ns,
    const uint8_t *kek, uint32_t kek_version, uint8_t out[VS_KEY_RECORD_SIZE],
    bool *moved, struct vs_err *err)
{
	(void)k;
	(void)channel;
	(void)ns;
	(void)kek_version;
	if (fake_root.unreadable)
		return vs_fail(err, VS_UNTRUSTED, "fake record");
	memcpy(out, kek, VS_KEY_RECORD_SIZE);
	*moved = kek[75] != (uint8_t)fake_root.state.generation;
	out[75] = (uint8_t)fake_root.state.generation;
	return fake_state(err);
}

vs_status
vs_keeper_chain(struct vs_keeper *k, unsigned channel, const uint8_t prev[32],
    const uint8_t (*digests)[32], size_t n, uint8_t (*macs)[32],
    struct vs_err *err)
{
	(void)k;
	(void)channel;
	if (fake.chain != VS_OK)
		return vs_fail(err, fake.chain, "fake failure");
	if (fake_state(err) != VS_OK)
		return err->status;
	for (size_t i = 0; i < n; i++) {
		struct vs_span parts[] = {
		    VS_SPAN(i == 0 ? prev : macs[i - 1], 32),
		    VS_SPAN(digests[i], 32)};

		if (vs_digest(VS_HASH_SHA256, parts, 2, macs[i]) != VS_OK)
			return vs_fail(err, VS_INTERNAL, "digest");
	}
	return VS_OK;
}

#endif
