/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/range.h"

/* Without leading zeros, as names of derived keys have them. */
static bool
number(struct vs_span text, uint32_t *out)
{
	uint64_t v = 0;

	if (text.n == 0 || text.n > 10 || (text.p[0] == '0' && text.n > 1))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text.p[i] - '0');
	}
	*out = (uint32_t)v;
	return v <= UINT32_MAX;
}

bool
vs_guest_range_parse(
    struct vs_span name, struct vs_guest_range *out, vs_status *st)
{
	static const char lead[] = "/shard-";
	const struct vs_span want = VS_SPAN_LIT(lead);
	struct vs_span text = {NULL, 0};
	struct vs_guest_range r = {0};
	size_t dots = 0;

	for (size_t i = 0; i + want.n <= name.n; i++)
		if (vs_span_equal(vs_span_slice(name, i, want.n), want)) {
			r.stem = vs_span_slice(name, 0, i + want.n);
			text = vs_span_slice(name, i + want.n, name.n);
		}
	while (dots + 1 < text.n &&
	    !(text.p[dots] == '.' && text.p[dots + 1] == '.'))
		dots++;
	if (dots + 1 >= text.n)
		return false;
	*st = VS_USAGE;
	if (number(vs_span_slice(text, 0, dots), &r.first) &&
	    number(vs_span_slice(text, dots + 2, text.n), &r.last) &&
	    r.first <= r.last) {
		*out = r;
		*st = VS_OK;
	}
	return true;
}
