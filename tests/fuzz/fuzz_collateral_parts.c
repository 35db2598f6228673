/* SPDX-License-Identifier: Apache-2.0 */
/* vs_parts_read: every form of a collateral file; and then all of it into a
 * snapshot, where nothing forged may stay. */
#include "collateral/collateral.h"
#include "collateral/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUILT_IN = 15 };

static struct vs_parts parts;

/* The seeds hold no statement that anybody signed; what a CRL of an unknown
 * authority may be is said by its flag. */
static void
nothing_stays(struct vs_span in)
{
	VS_AUTO(vs_collateral_builder) *b = vs_collateral_builder_new();
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_err err = {0};

	VS_ASSERT(b != NULL);
	(void)!vs_collateral_add(b, "fuzz", in, &err);
	VS_ASSERT(vs_collateral_build(b, &c, &err) == VS_OK);
	for (size_t i = BUILT_IN; i < vs_collateral_count(c); i++)
		VS_ASSERT(vs_collateral_item(c, i)->unverified);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, VS_PARTS_ARENA_MAX);
	if (vs_parts_read(in, &a, &parts, &err) == VS_OK) {
		VS_ASSERT(parts.n >= 1 && parts.n <= VS_PARTS_MAX);
		for (size_t i = 1; i < parts.n; i++)
			VS_ASSERT(parts.v[i - 1].kind <= parts.v[i].kind);
		if (parts.v[0].kind != VS_PART_CRL || parts.n > 1)
			nothing_stays(in);
	}
	vs_arena_fini(&a);
	return 0;
}
