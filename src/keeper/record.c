/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/record.h"

#include <string.h>

#include "crypto/rand.h"

vs_status
vs_record_parse(struct vs_span bytes, struct vs_record *out)
{
	struct vs_rd in = vs_rd_of(bytes);
	struct vs_span id, nonce, sealed, tag;
	uint8_t format;

	if (bytes.n < VS_RECORD_HEAD + VS_AEAD_TAG_SIZE)
		return VS_TRUNCATED;
	if (vs_rd_u8(&in, &format) != VS_OK || format != VS_RECORD_FORMAT ||
	    vs_rd_bytes(&in, VS_KEEPER_ID_SIZE, &id) != VS_OK ||
	    vs_rd_bytes(&in, VS_AEAD_NONCE_SIZE, &nonce) != VS_OK ||
	    vs_rd_bytes(&in, in.n - VS_AEAD_TAG_SIZE, &sealed) != VS_OK ||
	    vs_rd_bytes(&in, VS_AEAD_TAG_SIZE, &tag) != VS_OK)
		return VS_MALFORMED;
	*out = (struct vs_record){id.p, nonce.p, sealed, tag.p};
	return VS_OK;
}

vs_status
vs_record_begin(uint8_t *record)
{
	record[0] = VS_RECORD_FORMAT;
	return vs_rand_public(
	    record + 1, VS_KEEPER_ID_SIZE + VS_AEAD_NONCE_SIZE);
}

/*
 * Purposes have one length, so that one can take the place of the other in an
 * AAD.
 */
static const char purpose_kek[] = "kek    ";
static const char purpose_dek[] = "dek    ";
static const char purpose_dataset[] = "dataset";
static const char purpose_payload[] = "payload";
enum {
	PURPOSE_SIZE = sizeof purpose_payload - 1,
	/* Version and id of the KEK: what ends a DEK's AAD. */
	KEK_PART = 4 + VS_KEEPER_ID_SIZE,
};
_Static_assert(sizeof purpose_kek == sizeof purpose_payload &&
	sizeof purpose_dek == sizeof purpose_payload &&
	sizeof purpose_dataset == sizeof purpose_payload,
    "purposes have one length");

vs_status
vs_aad_kek(uint8_t buf[VS_RECORD_AAD_MAX], struct vs_span ns,
    uint32_t kek_version, const uint8_t *kek_id, struct vs_span *out)
{
	struct vs_wr w = vs_wr_of(buf, VS_RECORD_AAD_MAX);

	vs_wr_u8(&w, VS_RECORD_FORMAT);
	vs_wr_lp32(&w, ns);
	vs_wr_u32be(&w, kek_version);
	vs_wr_bytes(&w, VS_SPAN(kek_id, VS_KEEPER_ID_SIZE));
	vs_wr_bytes(&w, VS_SPAN(purpose_kek, PURPOSE_SIZE));
	return vs_wr_finish(&w, out);
}

vs_status
vs_aad_dek(uint8_t buf[VS_RECORD_AAD_MAX], const struct vs_key_place *place,
    const uint8_t *dek_id, struct vs_span *out)
{
	struct vs_wr w = vs_wr_of(buf, VS_RECORD_AAD_MAX);

	vs_wr_u8(&w, VS_RECORD_FORMAT);
	vs_wr_lp32(&w, vs_record_namespace(place->name));
	vs_wr_lp32(&w, place->name);
	vs_wr_u32be(&w, place->version);
	vs_wr_bytes(&w, VS_SPAN(dek_id, VS_KEEPER_ID_SIZE));
	vs_wr_bytes(&w,
	    VS_SPAN(
		place->dataset ? purpose_dataset : purpose_dek, PURPOSE_SIZE));
	vs_wr_u32be(&w, place->kek_version);
	vs_wr_bytes(&w, vs_span_slice(place->kek, 1, VS_KEEPER_ID_SIZE));
	return vs_wr_finish(&w, out);
}

struct vs_span
vs_aad_payload(uint8_t buf[VS_RECORD_AAD_MAX], struct vs_span dek_aad)
{
	size_t n = dek_aad.n - KEK_PART;

	memcpy(buf + n - PURPOSE_SIZE, purpose_payload, PURPOSE_SIZE);
	return VS_SPAN(buf, n);
}

struct vs_span
vs_record_namespace(struct vs_span name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] != '/')
		n++;
	return vs_span_slice(name, 0, n);
}

static bool
name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' ||
	    c == '-';
}

bool
vs_record_name_ok(struct vs_span name)
{
	if (name.n == 0 || name.n > VS_KEY_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name_byte(name.p[i]))
			return false;
	return true;
}

bool
vs_record_type_ok(struct vs_span content_type)
{
	if (content_type.n > VS_CONTENT_TYPE_MAX)
		return false;
	for (size_t i = 0; i < content_type.n; i++) {
		uint8_t c = content_type.p[i];

		if (c < 0x20 || c > 0x7E || c == '"' || c == '\\')
			return false;
	}
	return true;
}
