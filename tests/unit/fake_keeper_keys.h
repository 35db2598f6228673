/* SPDX-License-Identifier: Apache-2.0 */
/* The faked keeper's calls around imports; part of fake_keeper.h. */
#ifndef VS_TESTS_FAKE_KEEPER_KEYS_H
#define VS_TESTS_FAKE_KEEPER_KEYS_H

#include "keeper/import.h"
#include "keeper/root.h"

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

#endif
