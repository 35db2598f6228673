/* SPDX-License-Identifier: Apache-2.0 */
/* Published numbers as they are printed: hex. */
#ifndef VS_TESTS_CRYPTO_VECTORS_H
#define VS_TESTS_CRYPTO_VECTORS_H

#include "base/encoding.h"
#include "check.h"

enum { HEX_MAX = 96 };

struct hex {
	uint8_t p[HEX_MAX];
	size_t n;
};

static inline struct hex
hex(const char *text)
{
	struct hex h = {.n = strlen(text) / 2};

	VS_ASSERT(h.n <= HEX_MAX);
	CHECK_INT(vs_unhex(vs_span_cstr(text), h.p, h.n), VS_OK);
	return h;
}

/* Of a struct hex that stays where it is. */
#define HEX_SPAN(h) VS_SPAN((h).p, (h).n)

static inline bool
is_hex(const uint8_t *got, const char *want)
{
	const struct hex h = hex(want);

	return memcmp(got, h.p, h.n) == 0;
}

#endif
