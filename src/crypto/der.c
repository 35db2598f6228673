/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

static vs_status
read_length(struct vs_rd *in, size_t *out)
{
	uint8_t first, b;
	size_t n = 0;
	vs_status st = vs_rd_u8(in, &first);

	if (st != VS_OK)
		return st;
	if (first < 0x80) {
		*out = first;
		return VS_OK;
	}
	/* 0x80 is indefinite; four bytes are more than any limit of ours. */
	if (first == 0x80 || first > 0x84)
		return VS_MALFORMED;
	for (int i = first & 0x7f; i > 0; i--) {
		st = vs_rd_u8(in, &b);
		if (st != VS_OK)
			return st;
		if (n == 0 && b == 0)
			return VS_MALFORMED; /* not minimal */
		n = n << 8 | b;
	}
	if (n < 0x80)
		return VS_MALFORMED; /* not minimal */
	*out = n;
	return VS_OK;
}

vs_status
vs_der_next(struct vs_rd *in, struct vs_der *out)
{
	struct vs_rd rd = *in;
	struct vs_der el;
	size_t n;
	vs_status st = vs_rd_u8(&rd, &el.tag);

	if (st != VS_OK)
		return st;
	if ((el.tag & 0x1f) == 0x1f)
		return VS_MALFORMED; /* no format we read has high tags */
	st = read_length(&rd, &n);
	if (st != VS_OK)
		return st;
	st = vs_rd_bytes(&rd, n, &el.value);
	if (st != VS_OK)
		return st;
	el.whole = VS_SPAN(in->p, in->n - rd.n);
	*in = rd;
	*out = el;
	return VS_OK;
}

vs_status
vs_der_only(struct vs_span in, uint8_t tag, struct vs_span *value)
{
	struct vs_rd rd = vs_rd_of(in);
	struct vs_der el;
	vs_status st = vs_der_next(&rd, &el);

	if (st != VS_OK)
		return st;
	if (el.tag != tag)
		return VS_MALFORMED;
	st = vs_rd_end(&rd);
	if (st == VS_OK)
		*value = el.value;
	return st;
}

/* The first SEQUENCE of a tbsCertificate or tbsCertList: only the version
 * and the serial number come before it. */
static vs_status
inner_alg(struct vs_span tbs, struct vs_span *out)
{
	struct vs_rd rd = vs_rd_of(tbs);
	struct vs_der el;

	for (int i = 0; i < 3; i++) {
		vs_status st = vs_der_next(&rd, &el);
		if (st != VS_OK)
			return st;
		if (el.tag == VS_DER_SEQUENCE) {
			*out = el.whole;
			return VS_OK;
		}
		if (el.tag != VS_DER_CONTEXT_0 && el.tag != VS_DER_INTEGER)
			return VS_MALFORMED;
	}
	return VS_MALFORMED;
}

vs_status
vs_der_sig_algs(
    struct vs_span der, struct vs_span *inner, struct vs_span *outer)
{
	struct vs_span body, in;
	struct vs_der tbs, alg;
	struct vs_rd rd;
	vs_status st = vs_der_only(der, VS_DER_SEQUENCE, &body);

	if (st != VS_OK)
		return st;
	rd = vs_rd_of(body);
	st = vs_der_next(&rd, &tbs);
	if (st != VS_OK)
		return st;
	st = vs_der_next(&rd, &alg);
	if (st != VS_OK)
		return st;
	if (tbs.tag != VS_DER_SEQUENCE || alg.tag != VS_DER_SEQUENCE)
		return VS_MALFORMED;
	st = inner_alg(tbs.value, &in);
	if (st != VS_OK)
		return st;
	*inner = in;
	*outer = alg.whole;
	return VS_OK;
}
