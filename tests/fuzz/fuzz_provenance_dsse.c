/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes, and the statements inside them as if they were signed:
 * vs_pv_read, vs_pv_statement with its predicates, vs_pv_demand. */
#include "provenance/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t digest[32] = {0x2c, 0xf2};

static void
envelope(struct vs_span in, const struct vs_provenance_want *w)
{
	VS_AUTO(vs_json) *json = NULL;
	struct vs_pv_doc doc = {.sigs_n = 0};
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, 16 << 20);
	if (vs_pv_read(in, w, &a, &json, &doc, &err) == VS_OK) {
		VS_ASSERT(doc.sigs_n > 0);
		VS_ASSERT(!doc.dsse || doc.pae.n > doc.payload.n);
	} else {
		VS_ASSERT(err.code != NULL ||
		    vs_status_class(err.status) == VS_CLASS_INTERNAL);
	}
	vs_arena_fini(&a);
}

static void
statement(struct vs_span in, const struct vs_provenance_want *w, bool keyless)
{
	struct vs_arena a;
	struct vs_pv_run r = {.want = w, .arena = &a};
	struct vs_err err = {0};

	vs_arena_init(&a, 16 << 20);
	r.doc.dsse = true;
	r.doc.type = VS_SPAN_LIT("application/vnd.in-toto+json");
	r.doc.payload = in;
	r.out.keyless = keyless;
	r.out.identity = VS_SPAN_LIT("https://h/o/r/f@refs/heads/main");
	if (keyless)
		r.out.source_uri = VS_SPAN_LIT("https://h/o/r");
	if (vs_pv_statement(&r, &err) == VS_OK) {
		VS_ASSERT(r.out.predicate_type.n > 0);
		VS_ASSERT(
		    !keyless || vs_span_is(r.out.source_uri, "https://h/o/r"));
		if (vs_pv_demand(&r, &err) == VS_OK)
			VS_ASSERT(r.out.slsa_level <= VS_PROVENANCE_LEVEL_MAX);
	}
	vs_json_free(&r.statement_json);
	vs_arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_provenance_want w = {.digest = VS_SPAN_OF(digest),
	    .legacy_bundles = true,
	    .allow_v02 = true,
	    .allow_vsa = true};
	struct vs_span in = VS_SPAN(data, size);

	envelope(in, &w);
	statement(in, &w, false);
	statement(in, &w, true);
	w.any_predicate = true;
	statement(in, &w, true);
	return 0;
}
