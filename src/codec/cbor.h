/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded CBOR (RFC 8949), for application/cbor on the guest API: the same
 * members as JSON, in its core deterministic form without the key order.
 *
 * Refused: indefinite lengths, tags, floats, simple values other than false,
 * true and null, heads that are longer than they need be, keys that are not
 * text, keys that stand twice, text that is not UTF-8 or holds U+0000,
 * integers beyond int64_t, trailing bytes, and anything above the limits.
 */
#ifndef VS_CODEC_CBOR_H
#define VS_CODEC_CBOR_H

#include "codec/json.h"

enum {
	/* A release nests to 4. */
	VS_CBOR_DEPTH_MAX = 16,
	/* As in JSON: 10,000 keys of a release are 30,000 values. */
	VS_CBOR_ITEMS_MAX = VS_JSON_ITEMS_MAX,
	/* Longer names are members of nothing that we read. */
	VS_CBOR_KEY_MAX = 63,
};

/*
 * One item, as the JSON value of the same meaning. A byte string becomes its
 * unpadded base64url text, as JSON would carry it. No memory is taken for a
 * count before the bytes that it counts are known to be there. VS_MALFORMED
 * with the offset in the message.
 */
VS_MUST_USE vs_status vs_cbor_parse(
    struct vs_span in, struct vs_json **out, struct vs_err *err);

/* Writing: heads in their shortest form. A map's pairs follow it. */
void vs_cbor_put_map(struct vs_buf *out, size_t pairs);
void vs_cbor_put_text(struct vs_buf *out, struct vs_span text);
void vs_cbor_put_bytes(struct vs_buf *out, struct vs_span bytes);
void vs_cbor_put_int(struct vs_buf *out, int64_t v);

#endif
