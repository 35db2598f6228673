/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of JSON text. Inside codec/ only: it speaks jansson. */
#ifndef VS_CODEC_JSON_PARSE_H
#define VS_CODEC_JSON_PARSE_H

#include <jansson.h>

#include "base/bytes.h"

/* As vs_json_parse, or with nul as vs_json_parse_nul, see there. */
VS_MUST_USE vs_status vs_json_read(
    struct vs_span text, bool nul, json_t **out, struct vs_err *err);

#endif
