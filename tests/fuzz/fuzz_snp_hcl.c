/* SPDX-License-Identifier: Apache-2.0 */
/* Azure: vs_hcl_parse, and what is inside: the runtime data's JSON, quotes
 * and signatures of the vTPM. */
#include "evidence/azure/hcl.h"
#include "evidence/snp/report.h"
#include "evidence/azure/runtime.h"
#include "evidence/azure/tpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
runtime(struct vs_span json)
{
	struct vs_az_runtime r;
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, 256 * 1024);
	if (vs_az_runtime_parse(json, &a, &r, &err) == VS_OK)
		VS_ASSERT(!r.has_ak || r.ak_n.n <= 1024);
	vs_arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size), sig;
	struct vs_err err = {0};
	struct vs_tpm_quote q;
	struct vs_hcl h;

	if (vs_hcl_parse(in, VS_HCL_SNP, &h, &err) == VS_OK) {
		VS_ASSERT(h.report.n == VS_SNP_REPORT_SIZE);
		VS_ASSERT(h.runtime.p + h.runtime.n <= in.p + in.n);
		runtime(h.runtime);
	}
	runtime(in);
	if (vs_tpm_quote_parse(in, &q, &err) == VS_OK)
		VS_ASSERT(q.pcr_digest.n <= in.n);
	if (vs_tpm_signature_parse(in, 256, &sig, &err) == VS_OK)
		VS_ASSERT(sig.n <= in.n);
	return 0;
}
