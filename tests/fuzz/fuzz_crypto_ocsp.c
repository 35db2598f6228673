/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP responses: parsed, and asked about a certificate that they may name. */
#include <stdlib.h>

#include "crypto/ocsp.h"
#include "crypto/x509.h"

/* The parts of an input: a certificate, its issuer, and the response. */
static struct vs_span
next(struct vs_rd *rd)
{
	struct vs_span s = {0};
	uint16_t n;

	if (vs_rd_u16be(rd, &n) == VS_OK && n <= rd->n)
		(void)vs_rd_bytes(rd, n, &s);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN(data, size));
	VS_AUTO(vs_cert) *cert = NULL;
	VS_AUTO(vs_cert) *issuer = NULL;
	VS_AUTO(vs_ocsp) *o = NULL;
	struct vs_ocsp_answer a;
	struct vs_err err = {0};
	int64_t until;
	vs_status st;

	st = vs_cert_parse(next(&rd), &cert, &err);
	if (st == VS_OK)
		st = vs_cert_parse(next(&rd), &issuer, &err);
	if (vs_ocsp_parse(VS_SPAN(rd.p, rd.n), &o, &err) != VS_OK) {
		VS_ASSERT(o == NULL);
		return 0;
	}
	VS_ASSERT(vs_ocsp_facts(o)->this_update <= INT64_MAX);
	if (st != VS_OK)
		return 0;
	if (vs_ocsp_about(o, cert, issuer, &a))
		VS_ASSERT(a.this_update <= a.next_update);
	(void)vs_ocsp_issued_by(o, issuer, &until, &err);
	return 0;
}
