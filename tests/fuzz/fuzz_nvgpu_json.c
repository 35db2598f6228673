/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of devices as JSON. */
#include <string.h>

#include "evidence/nvgpu/nvgpu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_nv_input v[VS_NV_DEVICES_MAX];
	struct vs_err err = {0};
	struct vs_arena a;
	size_t n = 0;

	vs_arena_init(&a, 1 << 20);
	if (vs_nv_evidence_json(VS_SPAN(data, size), &a, v, &n, &err) ==
	    VS_OK) {
		VS_ASSERT(n > 0 && n <= VS_NV_DEVICES_MAX);
		for (size_t i = 0; i < n; i++)
			VS_ASSERT(v[i].arch != VS_NV_NONE);
	} else {
		VS_ASSERT(strcmp(err.code, "GPU_PARSE") == 0 && n == 0);
	}
	vs_arena_fini(&a);
	return 0;
}
