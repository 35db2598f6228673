/* SPDX-License-Identifier: Apache-2.0 */
/* A reference document as XML, up to its signature: never a document that
 * verifies, for nobody here has NVIDIA's key. */
#include "cli/rim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vs_collateral *
anchors(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *c = NULL;
	struct vs_err err = {0};

	VS_ASSERT(vs_collateral_build(b, &c, &err) == VS_OK);
	vs_collateral_builder_free(&b);
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vs_collateral *c;
	struct vs_span in = VS_SPAN(data, size);
	struct vs_nv_rim_parts p;
	struct vs_nv_rim *rim = NULL;
	struct vs_rim_doc *d = NULL;
	struct vs_err err = {0};
	struct vs_arena a;

	if (c == NULL)
		c = anchors();
	vs_arena_init(&a, 1 << 22);
	(void)vs_rim_is(in);
	if (vs_rim_verify(in, NULL, vs_collateral_trust(c), NULL, &a, &p, &rim,
		&err) != VS_OK)
		VS_ASSERT(err.status != VS_OK && rim == NULL);
	vs_nv_rim_free(&rim);
	/* The rest, as if the signers had been the right ones. */
	if (vs_rim_doc_read(in, &d, &err) == VS_OK) {
		struct vs_span text;

		if (vs_rim_doc_parts(d, &a, &p, &err) == VS_OK)
			(void)vs_rim_doc_verify(d, p.certs[0], &err);
		if (vs_rim_doc_canonical(d, &a, &text, &err) == VS_OK)
			VS_ASSERT(text.n > 0);
	}
	vs_rim_doc_free(&d);
	vs_arena_fini(&a);
	return 0;
}
