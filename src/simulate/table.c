/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate table that the host hands to a guest (AMD 56421 4.1.8.1):
 * {GUID, offset, length} entries, an all-zero one, then the certificates. */
#include "simulate/pki.h"

enum { ENTRY_SIZE = 24, ENTRIES = 3 };

static const uint8_t guid_vcek[16] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45,
    0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
static const uint8_t guid_vlek[16] = {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48,
    0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1};
static const uint8_t guid_ask[16] = {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f,
    0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82};
static const uint8_t guid_ark[16] = {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49,
    0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae};

vs_status
vs_sim_cert_table(const struct vs_sim_pki *p, bool vlek, struct vs_buf *out,
    struct vs_err *err)
{
	const uint8_t *guids[ENTRIES] = {
	    vlek ? guid_vlek : guid_vcek, guid_ask, guid_ark};
	struct vs_span certs[ENTRIES] = {vlek ? vs_sim_vlek(p) : vs_sim_vcek(p),
	    vlek ? vs_sim_asvk(p) : vs_sim_ask(p), vs_sim_ark(p)};
	uint8_t head[ENTRY_SIZE * (ENTRIES + 1)];
	struct vs_wr w = vs_wr_of(head, sizeof(head));
	size_t offset = sizeof(head);
	struct vs_span done;

	for (size_t i = 0; i < ENTRIES; i++) {
		vs_wr_bytes(&w, VS_SPAN(guids[i], 16));
		vs_wr_u32le(&w, (uint32_t)offset);
		vs_wr_u32le(&w, (uint32_t)certs[i].n);
		offset += certs[i].n;
	}
	vs_wr_zeros(&w, ENTRY_SIZE);
	VS_TRY(err, "simulate: table", vs_wr_finish(&w, &done));
	vs_buf_add(out, done);
	for (size_t i = 0; i < ENTRIES; i++)
		vs_buf_add(out, certs[i]);
	VS_TRY(err, "simulate: table", vs_buf_status(out));
	return VS_OK;
}
