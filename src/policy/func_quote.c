/* SPDX-License-Identifier: Apache-2.0 */
/* strings.quote(), reverse(). */
#include <string.h>

#include "policy/func.h"
#include "policy/utf8.h"

struct vs_val
vs_fn_quote(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	static const char from[] = "\a\b\f\n\r\t\v\\\"";
	static const char to[] = "abfnrtv\\\"";
	struct vs_span s = vs_val_span(a[0]);
	size_t len = s.n + 2, at = 0;
	uint8_t *p;

	(void)n;
	for (size_t i = 0; i < s.n; i++)
		len += s.p[i] != 0 && strchr(from, s.p[i]) != NULL;
	p = vs_cel_octets(run, len);
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	p[at++] = '"';
	for (size_t i = 0; i < s.n; i++) {
		const char *hit = s.p[i] != 0 ? strchr(from, s.p[i]) : NULL;

		if (hit != NULL)
			p[at++] = '\\';
		p[at++] = hit != NULL ? (uint8_t)to[hit - from] : s.p[i];
	}
	p[at++] = '"';
	return vs_val_str(VS_SPAN(p, at));
}

struct vs_val
vs_fn_reverse(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span s = vs_val_span(a[0]);
	uint8_t *p = vs_cel_octets(run, s.n);
	size_t at = s.n;

	(void)n;
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	while (s.n > 0) {
		size_t step = vs_utf8_step(s);

		at -= step;
		memcpy(p + at, s.p, step);
		s = vs_span_slice(s, step, s.n);
	}
	return vs_val_str(VS_SPAN(p, a[0].n));
}
