/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/parts.h"

#include <string.h>

#include "base/encoding.h"
#include "collateral/nvidia.h"
#include "crypto/ocsp.h"
#include "crypto/pem.h"
#include "crypto/x509.h"

vs_status
vs_parts_put(struct vs_parts *p, vs_part_kind kind, struct vs_span bytes,
    struct vs_err *err)
{
	size_t at = p->n;

	if (p->n == VS_PARTS_MAX)
		return vs_fail(
		    err, VS_TOO_LARGE, "more than %d objects", VS_PARTS_MAX);
	while (at > 0 && p->v[at - 1].kind > kind)
		at--;
	memmove(&p->v[at + 1], &p->v[at], (p->n - at) * sizeof(p->v[0]));
	p->v[at] = (struct vs_part){kind, bytes};
	p->n++;
	return VS_OK;
}

/* ---- DER and hex ------------------------------------------------------- */

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* Some services end text with a newline, some with a NUL. */
static struct vs_span
trim(struct vs_span s)
{
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_space(s.p[0]))
		s = vs_span_slice(s, 1, s.n);
	return s;
}

/* A DER SEQUENCE begins with 30, as text "30": then every byte is a digit. */
static bool
is_hex(struct vs_span s)
{
	if (s.n < 4 || s.n % 2 != 0 || s.p[0] != '3' || s.p[1] != '0')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("0123456789abcdefABCDEF", s.p[i]) == NULL)
			return false;
	return true;
}

vs_status
vs_parts_der(struct vs_parts *p, struct vs_span bytes, struct vs_arena *a,
    struct vs_err *err)
{
	struct vs_span text = trim(bytes);

	if (is_hex(text)) {
		uint8_t *der = vs_arena_alloc(a, text.n / 2);

		if (der == NULL)
			return vs_fail(err, VS_NO_MEMORY, "hex text");
		VS_TRY(err, "hex text", vs_unhex(text, der, text.n / 2));
		bytes = VS_SPAN(der, text.n / 2);
	}
	if (vs_cert_is(bytes))
		return vs_parts_put(p, VS_PART_CERT, bytes, err);
	return vs_parts_put(
	    p, vs_ocsp_is(bytes) ? VS_PART_OCSP : VS_PART_CRL, bytes, err);
}

/* ---- PEM and URL-encoded PEM ------------------------------------------- */

static const char escaped_begin[] = "-----BEGIN%20";

static bool
has_escaped(struct vs_span text)
{
	return text.n > 0 &&
	    memmem(text.p, text.n, escaped_begin, sizeof(escaped_begin) - 1) !=
	    NULL;
}

/* RFC 3986 2.1; a "+" is one (the base64 has them). A block that begins
 * inside a line, behind the name of a header, gets a line of its own. */
static vs_status
unescape(struct vs_span text, struct vs_arena *a, struct vs_span *out)
{
	uint8_t *buf = vs_arena_calloc(a, text.n, 2);
	struct vs_wr w = vs_wr_of(buf, 2 * text.n);

	if (buf == NULL)
		return VS_NO_MEMORY;
	for (size_t i = 0; i < text.n; i++) {
		struct vs_span rest = vs_span_slice(text, i, text.n);
		uint8_t c = text.p[i];

		if (vs_span_starts(rest, VS_SPAN_LIT(escaped_begin)))
			vs_wr_u8(&w, '\n');
		if (c == '%' &&
		    vs_unhex(vs_span_slice(rest, 1, 2), &c, 1) == VS_OK)
			i += 2;
		vs_wr_u8(&w, c);
	}
	return vs_wr_finish(&w, out);
}

vs_status
vs_parts_pem(struct vs_parts *p, struct vs_span text, struct vs_arena *a,
    struct vs_err *err)
{
	struct vs_rd rd;
	struct vs_pem pem;
	vs_status st;

	if (has_escaped(text))
		VS_TRY(err, "URL-encoded PEM", unescape(text, a, &text));
	rd = vs_rd_of(text);
	while ((st = vs_pem_next(&rd, a, &pem)) == VS_OK) {
		if (vs_span_is(pem.label, "CERTIFICATE"))
			st = vs_parts_put(p, VS_PART_CERT, pem.der, err);
		else if (vs_span_is(pem.label, "X509 CRL"))
			st = vs_parts_put(p, VS_PART_CRL, pem.der, err);
		else if (vs_span_is(pem.label, "OCSP RESPONSE"))
			st = vs_parts_put(p, VS_PART_OCSP, pem.der, err);
		else
			st = vs_fail(err, VS_UNSUPPORTED,
			    "PEM block that is neither certificate nor CRL");
		if (st != VS_OK)
			return st;
	}
	if (st != VS_NOT_FOUND)
		return vs_fail(err, st, "broken PEM");
	return VS_OK;
}

vs_status
vs_parts_read(struct vs_span file, struct vs_arena *a, struct vs_parts *out,
    struct vs_err *err)
{
	struct vs_span text = trim(file);
	vs_status st;

	out->n = 0;
	if (vs_nv_table_is(file))
		st = vs_parts_put(out, VS_PART_RIM, file, err);
	else if (text.n > 0 && text.p[0] == '{')
		st = vs_parts_json(out, text, a, err);
	else if (vs_pem_is(file) || has_escaped(file))
		st = vs_parts_pem(out, file, a, err);
	else
		st = vs_parts_der(out, file, a, err);
	if (st == VS_OK && out->n == 0)
		return vs_fail(err, VS_MALFORMED, "nothing in it");
	return st;
}
