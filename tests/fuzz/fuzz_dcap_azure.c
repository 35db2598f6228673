/* SPDX-License-Identifier: Apache-2.0 */
/* vs_dcap_azure_read: what is accepted has its parts. */
#include "evidence/dcap/azure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_dcap_azure az;
	struct vs_arena arena;
	struct vs_err err = {0};

	vs_arena_init(&arena, 1 << 20);
	if (vs_dcap_azure_read(VS_SPAN(data, size), &arena, &az, &err) != VS_OK)
		VS_ASSERT(err.code != NULL);
	else
		VS_ASSERT(az.hcl.report.n == VS_HCL_REPORT_SIZE &&
		    (az.quote.attest.n == 0) == (az.quote.pcrs.n == 0));
	vs_arena_fini(&arena);
	return 0;
}
