/* SPDX-License-Identifier: Apache-2.0 */
/* gpus: in the claims of a test, a list of mappings. */
#include "policy/document.h"

static void
unknown_field(struct vs_pol_doc *d, const struct vs_yaml *key)
{
	const char *names[VS_GPU_CLAIM_COUNT], *near;

	for (unsigned i = 0; i < VS_GPU_CLAIM_COUNT; i++)
		names[i] = vs_gpu_claim_def((vs_gpu_claim_id)i)->path;
	near = vs_nearest(key->text, names, VS_GPU_CLAIM_COUNT);
	vs_doc_bad(d, key, "a GPU has no claim \"%.*s\"%s%s%s",
	    VS_SPAN_ARG(key->text), near != NULL ? "; did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

/* What a verified GPU of a production machine always has, as tests_run.c has
 * it for the processor. */
static void
set_defaults(struct vs_gpu_claims *g)
{
	struct vs_claim_value *v = g->v;

	v[VS_GPU_BOUND] = (struct vs_claim_value){.present = true, .u.b = true};
	v[VS_GPU_SIMULATED] = (struct vs_claim_value){.present = true};
	v[VS_GPU_FWID_REPORTED] = v[VS_GPU_BOUND];
	v[VS_GPU_MEASUREMENTS] = (struct vs_claim_value){
	    .present = true, .u.s = VS_SPAN_LIT("match")};
	v[VS_GPU_MISMATCHES] = (struct vs_claim_value){.present = true};
	v[VS_GPU_REVOCATION] = (struct vs_claim_value){
	    .present = true, .u.s = VS_SPAN_LIT("good")};
}

static void
read_gpu(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_gpu_claims *g)
{
	if (!vs_doc_is(d, y, VS_YAML_MAP, "a GPU"))
		return;
	set_defaults(g);
	for (size_t i = 0; i < y->n; i++) {
		vs_gpu_claim_id id = vs_gpu_claim_find(y->k[i]->text);

		if (id == VS_GPU_CLAIM_COUNT)
			unknown_field(d, y->k[i]);
		else if (vs_doc_claim(
			     d, y->v[i], vs_gpu_claim_def(id), &g->v[id]))
			g->v[id].present = true;
	}
}

void
vs_doc_test_gpus(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "gpus"))
		return;
	if (y->n > VS_CLAIM_GPUS_MAX) {
		vs_doc_bad(d, y, "more than %d GPUs", VS_CLAIM_GPUS_MAX);
		return;
	}
	t->gpus = vs_doc_calloc(d, y->n, sizeof(*t->gpus));
	if (t->gpus == NULL)
		return;
	t->gpus_n = y->n;
	for (size_t i = 0; i < y->n; i++)
		read_gpu(d, y->v[i], &t->gpus[i]);
}
