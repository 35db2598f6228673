/* SPDX-License-Identifier: Apache-2.0 */
/* Steps over text that is known to be valid UTF-8. */
#ifndef VS_POLICY_UTF8_H
#define VS_POLICY_UTF8_H

#include "base/bytes.h"

/* Octets of the character at s.p (s.n > 0), never more than s.n. */
static inline size_t
vs_utf8_step(struct vs_span s)
{
	size_t n = s.p[0] < 0x80 ? 1
	    : s.p[0] < 0xe0      ? 2
	    : s.p[0] < 0xf0      ? 3
				 : 4;

	return n < s.n ? n : s.n;
}

/* Characters. */
size_t vs_utf8_count(struct vs_span s);
/* Octet offset of character i, or s.n + 1 when there are fewer. i may be the
 * count: then s.n. */
size_t vs_utf8_offset(struct vs_span s, uint64_t i);
uint32_t vs_utf8_get(struct vs_span s);
/* cp is a Unicode scalar value; writes 1 to 4 octets. */
size_t vs_utf8_put(uint32_t cp, uint8_t *out);

#endif
