/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions in which leaf certificates name their firmware. */
#include "evidence/nvgpu/fwid.h"
#include "evidence/nvgpu/opaque.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct vs_nv_fwid *f, struct vs_span in)
{
	VS_ASSERT(f->digest.n == VS_NV_FWID_SIZE);
	VS_ASSERT(
	    f->digest.p >= in.p && f->digest.p + f->digest.n <= in.p + in.n);
	VS_ASSERT(f->device_key.n < in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_nv_fwid f;
	struct vs_err err = {0};

	if (vs_nv_fwid_composite(in, &f, &err) == VS_OK) {
		VS_ASSERT(f.device_key.n > 0);
		check(&f, in);
	}
	if (vs_nv_fwid_tcb_info(in, &f, &err) == VS_OK)
		check(&f, in);
	return 0;
}
