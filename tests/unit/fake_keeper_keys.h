/* SPDX-License-Identifier: Apache-2.0 */
/* The faked keeper's calls around imports; part of fake_keeper.h. */
#ifndef VS_TESTS_FAKE_KEEPER_KEYS_H
#define VS_TESTS_FAKE_KEEPER_KEYS_H

#include "keeper/import.h"

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

#endif
