/* SPDX-License-Identifier: Apache-2.0 */
/* base64.encode, base64.decode: the standard alphabet of RFC 4648 4. */
#include "base/encoding.h"
#include "policy/func.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789+/";

struct vs_val
vs_fn_b64_encode(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	size_t len = ((size_t)a[0].n + 2) / 3 * 4, at = 0;
	uint8_t *p = vs_cel_octets(run, len);

	(void)n;
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < a[0].n; i += 3) {
		size_t left = a[0].n - i;
		uint32_t v = (uint32_t)a[0].u.p[i] << 16;

		if (left > 1)
			v |= (uint32_t)a[0].u.p[i + 1] << 8;
		if (left > 2)
			v |= a[0].u.p[i + 2];
		p[at++] = (uint8_t)letters[v >> 18];
		p[at++] = (uint8_t)letters[v >> 12 & 63];
		p[at++] = left > 1 ? (uint8_t)letters[v >> 6 & 63] : '=';
		p[at++] = left > 2 ? (uint8_t)letters[v & 63] : '=';
	}
	return vs_val_str(VS_SPAN(p, len));
}

static int
value_of(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A'
	    : c >= 'a' && c <= 'z'  ? c - 'a' + 26
	    : c >= '0' && c <= '9'  ? c - '0' + 52
	    : c == '+'              ? 62
	    : c == '/'              ? 63
				    : -1;
}

/* Padding is either whole or absent. */
static bool
strip_padding(struct vs_span *s)
{
	size_t n = s->n;

	if (n % 4 == 0) {
		for (int i = 0; i < 2 && n > 0 && s->p[n - 1] == '='; i++)
			n--;
	}
	s->n = n;
	return n % 4 != 1;
}

struct vs_val
vs_fn_b64_decode(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_span s = vs_val_span(a[0]);
	uint32_t v = 0;
	size_t len = 0, bits = 0;
	uint8_t *p;

	(void)n;
	vs_cel_charge_octets(run, s.n);
	if (!strip_padding(&s))
		return vs_val_error(VS_CEL_CONVERSION);
	p = vs_cel_octets(run, s.n * 3 / 4);
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < s.n; i++) {
		int d = value_of(s.p[i]);

		if (d < 0)
			return vs_val_error(VS_CEL_CONVERSION);
		v = (v << 6 | (uint32_t)d) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			p[len++] = (uint8_t)(v >> bits);
		}
	}
	/* The same bytes have one text only. */
	if ((v & ((1U << bits) - 1)) != 0)
		return vs_val_error(VS_CEL_CONVERSION);
	return vs_val_bytes(VS_SPAN(p, len));
}
