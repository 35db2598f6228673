/* SPDX-License-Identifier: Apache-2.0 */
/* vs_dcap_pck_parse, and vs_dcap_pck_read of whole certificates. */
#include "evidence/dcap/pck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_cert *cert = NULL;
	struct vs_dcap_pck p;
	struct vs_err err = {0};

	if (vs_dcap_pck_parse(in, &p, &err) == VS_OK)
		VS_ASSERT(p.sgx_type >= 0 && p.sgx_type <= 2);
	else
		VS_ASSERT(err.code != NULL);
	if (vs_cert_parse(in, &cert, &err) != VS_OK)
		return 0;
	if (vs_dcap_pck_read(cert, &p, &err) != VS_OK)
		VS_ASSERT(err.code != NULL);
	vs_cert_free(&cert);
	return 0;
}
