/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of one value inside a JSON text, as they stand there: for
 * signatures over a part of a document. A value is never written again to be
 * verified.
 *
 * The text should have passed vs_json_parse, which refuses double names;
 * these functions alone are safe on any bytes and find the first.
 */
#ifndef VS_CODEC_JSON_RAW_H
#define VS_CODEC_JSON_RAW_H

#include "base/bytes.h"

/* From the first to the last byte of the member's value. Names are compared
 * as written: one with escapes is another name. VS_NOT_FOUND without it,
 * VS_MALFORMED when the text is not an object. */
VS_MUST_USE vs_status vs_json_raw_member(
    struct vs_span object, const char *name, struct vs_span *out);
/* The i-th element; VS_NOT_FOUND past the end, VS_MALFORMED when the text is
 * not an array. */
VS_MUST_USE vs_status vs_json_raw_item(
    struct vs_span array, size_t i, struct vs_span *out);

#endif
