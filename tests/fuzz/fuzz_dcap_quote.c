/* SPDX-License-Identifier: Apache-2.0 */
/* vs_dcap_quote_parse and vs_dcap_chain_read: what is accepted borrows from
 * the input only, and a chain has its places filled. */
#include "evidence/dcap/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct vs_span s, struct vs_span whole)
{
	VS_ASSERT(s.p >= whole.p && s.p + s.n <= whole.p + whole.n);
}

static void
read_chain(const struct vs_dcap_quote *q)
{
	struct vs_dcap_chain chain;
	struct vs_err err = {0};

	if (vs_dcap_chain_read(q, &q->cert_data, 1, &chain, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL);
		return;
	}
	VS_ASSERT(chain.pck != NULL && chain.ca != NULL);
	VS_ASSERT(!vs_cert_facts(chain.pck)->ca);
	vs_dcap_chain_fini(&chain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_dcap_quote q;
	struct vs_err err = {0};
	vs_intel_tee tee;

	if (vs_dcap_quote_parse(in, &q, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL && err.status != VS_OK);
		return 0;
	}
	VS_ASSERT(vs_dcap_quote_is(in, &tee) && tee == q.tee);
	VS_ASSERT(q.version >= 3 && q.version <= 5);
	VS_ASSERT((q.body == VS_DCAP_BODY_SGX) == (q.tee == VS_INTEL_SGX));
	VS_ASSERT(q.signed_part.p == data && q.key.n == 64);
	inside(q.vouched, in);
	inside(q.qe.bytes, q.vouched);
	inside(q.qe_auth, q.vouched);
	inside(q.cert_data, q.vouched);
	inside(q.tee == VS_INTEL_SGX ? q.sgx.report_data : q.td.report_data,
	    q.signed_part);
	read_chain(&q);
	return 0;
}
