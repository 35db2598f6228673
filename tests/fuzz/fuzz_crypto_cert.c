/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, CRLs and PEM: vs_cert_parse, vs_crl_parse, vs_pem_next. */
#include "crypto/der.h"
#include "crypto/pem.h"
#include "crypto/x509.h"
#include "crypto/x509_crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
pem(struct vs_span in)
{
	struct vs_rd rd = vs_rd_of(in);
	struct vs_arena a;
	struct vs_pem p;

	vs_arena_init(&a, 256 * 1024);
	while (vs_pem_next(&rd, &a, &p) == VS_OK)
		VS_ASSERT(p.der.n <= in.n);
	vs_arena_fini(&a);
}

static void
cert(struct vs_span in)
{
	static const uint8_t oid[] = {
	    0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01, 0x04};
	VS_AUTO(vs_cert) *c = NULL;
	VS_AUTO(vs_pubkey) *k = NULL;
	struct vs_err err = {0};
	struct vs_span v;

	if (vs_cert_parse(in, &c, &err) != VS_OK)
		return;
	VS_ASSERT(vs_cert_is(in));
	(void)vs_cert_ext(c, VS_SPAN_OF(oid), &v); /* must not crash */
	(void)vs_cert_key_is_p384(c);
	VS_ASSERT(vs_cert_pubkey(c, &k, &err) == VS_OK);
	if (vs_cert_issued_by(c, c, 0, &err) == VS_OK)
		VS_ASSERT(vs_cert_facts(c)->self_issued);
}

static void
crl(struct vs_span in)
{
	VS_AUTO(vs_crl) *c = NULL;
	struct vs_err err = {0};

	if (vs_crl_parse(in, &c, &err) == VS_OK)
		VS_ASSERT(!vs_cert_is(in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);

	cert(in);
	crl(in);
	pem(in);
	return 0;
}
