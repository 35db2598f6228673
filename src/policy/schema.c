/* SPDX-License-Identifier: Apache-2.0 */
/* The claims schema as the checker sees it: records from dotted paths. */
#include <string.h>

#include "claims/claims.h"
#include "codec/yaml.h"
#include "policy/env.h"

/* What follows "record." in the path of a claim, or NULL. */
static const char *
below(const char *path, struct vs_span record)
{
	if (record.n == 0)
		return path;
	if (strncmp(path, (const char *)record.p, record.n) != 0 ||
	    path[record.n] != '.')
		return NULL;
	return path + record.n + 1;
}

bool
vs_cel_is_record(struct vs_span path)
{
	for (int id = 0; id < VS_CLAIM_COUNT; id++) {
		if (below(vs_claim_def((vs_claim_id)id)->path, path) != NULL)
			return true;
	}
	return false;
}

const char *
vs_cel_nearest_field(
    struct vs_span record, struct vs_span field, struct vs_arena *a)
{
	const char *names[VS_CLAIM_COUNT + 1];
	size_t n = 0;

	if (record.n == 0)
		names[n++] = "gpus";
	for (int id = 0; id < VS_CLAIM_COUNT; id++) {
		const char *rest =
		    below(vs_claim_def((vs_claim_id)id)->path, record);
		if (rest == NULL)
			continue;
		const char *name =
		    vs_arena_cstr(a, VS_SPAN(rest, strcspn(rest, ".")));
		if (name != NULL)
			names[n++] = name;
	}
	return vs_nearest(field, names, n);
}

struct vs_cel_type *
vs_cel_claim_type(struct vs_types *t, uint32_t id)
{
	switch (vs_claim_def((vs_claim_id)id)->type) {
	case VS_CLAIM_BOOL:
		return vs_type_of_kind(VS_KIND_BOOL);
	case VS_CLAIM_INT:
		return vs_type_of_kind(VS_KIND_INT);
	case VS_CLAIM_STRING:
		return vs_type_of_kind(VS_KIND_STRING);
	case VS_CLAIM_TIME:
		return vs_type_of_kind(VS_KIND_TIMESTAMP);
	case VS_CLAIM_STRINGS:
	default:
		return vs_type_new(
		    t, VS_KIND_LIST, vs_type_of_kind(VS_KIND_STRING), NULL);
	}
}

/* `list` is list(dyn). */
static struct vs_cel_type *
bare_type(struct vs_types *t, int kind)
{
	struct vs_cel_type *any = vs_type_of_kind(VS_TYPE_DYN);

	if (kind == VS_KIND_LIST)
		return vs_type_new(t, VS_KIND_LIST, any, NULL);
	if (kind == VS_KIND_MAP)
		return vs_type_new(t, VS_KIND_MAP, any, any);
	return vs_type_of_kind((unsigned)kind);
}

size_t
vs_cel_declare_types(struct vs_types *t, struct vs_cel_decl *out)
{
	size_t n = 0;

	for (int k = VS_KIND_NULL; k < VS_KIND_COUNT; k++) {
		const char *name = vs_kind_name((vs_kind)k);

		if (k == VS_KIND_RECORD)
			continue;
		out[n++] = (struct vs_cel_decl){.name = vs_span_cstr(name),
		    .op = VS_OP_LIT,
		    .val = vs_val_type((vs_kind)k),
		    .type =
			vs_type_new(t, VS_KIND_TYPE, bare_type(t, k), NULL)};
	}
	return n;
}
