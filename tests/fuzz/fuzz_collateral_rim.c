/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of reference documents, and the canonical form inside of them as if
 * its signature had verified. */
#include <stdlib.h>
#include <string.h>

#include "collateral/nvidia.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
golden(struct vs_span canonical)
{
	struct vs_nv_rim *rim = calloc(1, sizeof(*rim));
	struct vs_err err = {0};

	VS_ASSERT(rim != NULL);
	if (vs_nv_golden_read(canonical, rim, &err) == VS_OK) {
		size_t n = 0;

		VS_ASSERT(rim->version[0] != '\0' && rim->product[0] != '\0');
		for (size_t i = 0; i < VS_NV_RIM_INDEX_COUNT; i++) {
			const struct vs_nv_golden *g = &rim->golden[i];

			VS_ASSERT(g->n > 0 || !g->active);
			VS_ASSERT((size_t)g->first + g->n <= rim->digests_n);
			n += g->n;
		}
		VS_ASSERT(n == rim->digests_n && n > 0);
	}
	vs_nv_rim_free(&rim);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_nv_rim_parts p;
	struct vs_err err = {0};

	golden(in);
	if (vs_nv_table_read(in, &p, &err) == VS_OK) {
		struct vs_buf again = {0};

		vs_nv_table_write(&p, &again);
		VS_ASSERT(vs_span_equal(vs_buf_span(&again), in));
		vs_buf_fini(&again);
		golden(p.canonical);
	} else {
		VS_ASSERT(strcmp(err.code, "RIM_PARSE") == 0);
	}
	return 0;
}
