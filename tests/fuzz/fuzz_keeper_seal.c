/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the parsers of seal files, of shares on paper and of rings. */
#include "keeper/seal_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t set[VS_SHARE_SET_SIZE];
	uint8_t share[VS_SHAMIR_SIZE];
	char text[VS_SHARE_TEXT_MAX];
	struct vs_seal_parts p;
	unsigned number = 0;

	if (vs_seal_parse(VS_SPAN(data, size), &p) == VS_OK)
		VS_ASSERT(p.bare || (p.slots_n > 0 && p.areas_at < size));
	(void)vs_ring_ok(VS_SPAN(data, size));
	if (vs_share_read(VS_SPAN(data, size), &number, set, share) != VS_OK)
		return 0;
	/* What was read is written the same way again, but for its case. */
	VS_ASSERT(vs_share_text(number, set, share, text) == VS_OK);
	VS_ASSERT(
	    vs_share_read(vs_span_cstr(text), &number, set, share) == VS_OK);
	return 0;
}
