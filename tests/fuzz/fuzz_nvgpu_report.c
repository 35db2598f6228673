/* SPDX-License-Identifier: Apache-2.0 */
/* vs_nv_report_parse, vs_nv_fields_parse and vs_nv_opaque_read: what is
 * accepted borrows from the input only, and keeps its limits. */
#include <string.h>

#include "evidence/nvgpu/opaque.h"
#include "evidence/nvgpu/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct vs_span s, struct vs_span whole)
{
	VS_ASSERT(s.p >= whole.p && s.p + s.n <= whole.p + whole.n);
}

static void
plain(const char *s)
{
	VS_ASSERT(
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.") == strlen(s));
}

static void
meaning(const struct vs_nv_fields *f, vs_nv_arch arch, struct vs_span whole)
{
	struct vs_nv_opaque o;
	struct vs_err err = {0};

	if (vs_nv_opaque_read(f, arch, &o, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL);
		return;
	}
	plain(o.driver);
	plain(o.vbios);
	plain(o.project);
	plain(o.chip_sku);
	VS_ASSERT(o.vbios[0] != '\0' && o.peers_n <= VS_NV_LINKS);
	VS_ASSERT((o.driver[0] == '\0') == vs_nv_arch_is_switch(arch));
	if (o.fwid.n > 0)
		inside(o.fwid, whole);
}

static void
opaque(struct vs_span bytes)
{
	struct vs_nv_fields f;
	struct vs_err err = {0};

	if (vs_nv_fields_parse(bytes, &f, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL);
		return;
	}
	meaning(&f, VS_NV_HOPPER, bytes);
	meaning(&f, VS_NV_BLACKWELL, bytes);
	meaning(&f, VS_NV_LS10, bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_nv_report r;
	struct vs_err err = {0};
	size_t blocks = 0;

	opaque(in); /* by itself, so that no report is needed */
	if (vs_nv_report_parse(in, &r, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL && err.status != VS_OK);
		return 0;
	}
	inside(r.nonce, in);
	inside(r.opaque, in);
	inside(r.signature, in);
	VS_ASSERT(r.signed_part.n + r.signature.n == size);
	VS_ASSERT(r.measurement[0] == NULL);
	for (size_t i = 1; i < VS_NV_INDEX_COUNT; i++) {
		blocks += r.measurement[i] != NULL;
		if (r.measurement[i] != NULL)
			inside(
			    VS_SPAN(r.measurement[i], VS_NV_MEASUREMENT_SIZE),
			    in);
	}
	VS_ASSERT(blocks == r.blocks && blocks > 0);
	opaque(r.opaque);
	return 0;
}
