/* SPDX-License-Identifier: Apache-2.0 */
/* vs_snp_report_parse: what is accepted borrows from the input only. */
#include "evidence/snp/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct vs_span s, struct vs_span whole)
{
	VS_ASSERT(s.p >= whole.p && s.p + s.n <= whole.p + whole.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_snp_report r;
	struct vs_err err = {0};

	if (vs_snp_report_parse(in, &r, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL && err.status != VS_OK);
		return 0;
	}
	VS_ASSERT(r.version >= 2 && r.version <= 5);
	VS_ASSERT(r.version == 2 || r.product != VS_SNP_NO_PRODUCT);
	inside(r.signed_part, in);
	inside(r.report_data, in);
	inside(r.chip_id, in);
	inside(r.s, in);
	return 0;
}
