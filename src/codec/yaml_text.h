/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VS_CODEC_YAML_TEXT_H
#define VS_CODEC_YAML_TEXT_H

#include "base/bytes.h"

/* Size, UTF-8, and nothing that shows otherwise than it parses. */
VS_MUST_USE vs_status vs_yaml_check_text(
    struct vs_span text, struct vs_err *err);
/* Fails at the line and column of a byte; columns count bytes here. */
vs_status vs_yaml_bad_byte(
    struct vs_span text, size_t at, const char *what, struct vs_err *err);

#endif
