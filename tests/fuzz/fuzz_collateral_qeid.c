/* SPDX-License-Identifier: Apache-2.0 */
/* vs_intel_parse_identity: what is accepted is in range, and in order. */
#include "collateral/intel_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_intel_identity q;
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, VS_INTEL_ARENA_MAX);
	if (vs_intel_parse_identity(VS_SPAN(data, size), &a, &q, &err) !=
	    VS_OK) {
		VS_ASSERT(err.code != NULL && err.status != VS_OK);
	} else {
		VS_ASSERT(q.levels_n >= 1 && q.levels_n <= VS_INTEL_LEVELS_MAX);
		for (size_t i = 0; i < q.levels_n; i++) {
			vs_tcb_status s = q.levels[i].verdict.status;

			VS_ASSERT(s == VS_TCB_UP_TO_DATE ||
			    s == VS_TCB_OUT_OF_DATE || s == VS_TCB_REVOKED);
			VS_ASSERT(i == 0 ||
			    q.levels[i].isvsvn < q.levels[i - 1].isvsvn);
		}
	}
	vs_arena_fini(&a);
	return 0;
}
