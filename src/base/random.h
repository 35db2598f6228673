/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel randomness and release ids. Key material comes from crypto/. */
#ifndef VS_BASE_RANDOM_H
#define VS_BASE_RANDOM_H

#include "base/bytes.h"

/* getrandom(2); VS_INTERNAL when the kernel gives none. */
VS_MUST_USE vs_status vs_random(void *out, size_t n);

enum { VS_UUID_SIZE = 16, VS_UUID_TEXT_MAX = 37 };

/* UUIDv7 (RFC 9562 5.7): 48-bit milliseconds, then random bits. */
VS_MUST_USE vs_status vs_uuid7(int64_t unix_ms, uint8_t out[VS_UUID_SIZE]);
void vs_uuid_format(const uint8_t id[VS_UUID_SIZE], char out[VS_UUID_TEXT_MAX]);
VS_MUST_USE vs_status vs_uuid_parse(
    struct vs_span text, uint8_t out[VS_UUID_SIZE]);

#endif
