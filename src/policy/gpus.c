/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/gpus.h"

#include "claims/gpu.h"
#include "policy/func.h"
#include "policy/trace.h"

/* Types of claims, in the letters of types.h. */
#define SIG_BOOL "b"
#define SIG_INT "i"
#define SIG_STRING "s"
#define SIG_TIME "t"
#define SIG_STRINGS "Ls"

static const struct vs_cel_field fields[VS_GPU_CLAIM_COUNT] = {
#define X(id, name, type, max, flags, doc)                                     \
	{name, SIG_##type, ((flags)&VS_CLAIM_OPT) != 0, max},
    VS_CLAIM_TABLE_GPU(X)
#undef X
};

static const uint8_t types[VS_GPU_CLAIM_COUNT] = {
#define X(id, name, type, max, flags, doc) VS_CLAIM_##type,
    VS_CLAIM_TABLE_GPU(X)
#undef X
};
_Static_assert(
    (int)VS_GPU_CLAIM_COUNT <= (int)VS_CEL_FIELDS_MAX, "fields of a record");

const struct vs_cel_record vs_gpu_record = {
    "a GPU", fields, VS_GPU_CLAIM_COUNT};

bool
vs_gpu_field_sensitive(uint32_t field)
{
	return field < VS_GPU_CLAIM_COUNT &&
	    (vs_gpu_claim_def((vs_gpu_claim_id)field)->flags & VS_CLAIM_SENS) !=
	    0;
}

static bool
list_of(struct vs_arena *a, const struct vs_claim_value *c, struct vs_val *out)
{
	struct vs_val *v = vs_arena_calloc(a, c->u.list.n, sizeof(*v));

	if (v == NULL)
		return false;
	for (size_t i = 0; i < c->u.list.n; i++)
		v[i] = vs_val_str(c->u.list.v[i]);
	*out = vs_val_list(v, c->u.list.n);
	return true;
}

/* False without memory for a list. */
static bool
fill(struct vs_arena *a, const struct vs_claim_value *from, struct vs_val *to)
{
	for (size_t i = 0; i < VS_COUNT(types); i++) {
		const struct vs_claim_value *c = &from[i];

		if (!c->present)
			to[i] = vs_val_error(VS_CEL_NO_FIELD);
		else if (types[i] == VS_CLAIM_STRING)
			to[i] = vs_val_str(c->u.s);
		else if (types[i] == VS_CLAIM_BOOL)
			to[i] = vs_val_bool(c->u.b);
		else if (types[i] == VS_CLAIM_INT)
			to[i] = vs_val_int(c->u.i);
		else if (types[i] == VS_CLAIM_TIME)
			to[i] = vs_val_timestamp(c->u.i, 0);
		else if (!list_of(a, c, &to[i]))
			return false;
	}
	return true;
}

struct vs_val
vs_cel_gpus(struct vs_cel_run *run)
{
	size_t n, width = VS_GPU_CLAIM_COUNT;
	struct vs_val *list, *field;

	if (run->gpus.kind == VS_KIND_LIST)
		return run->gpus;
	if (run->claims == NULL)
		return vs_val_error(VS_CEL_INTERNAL);
	/* Not charged: at most 16 records, once, and the static bound need
	 * not know which reading is the first. */
	n = vs_claims_gpus(run->claims);
	list = vs_arena_calloc(run->arena, n * (1 + width), sizeof(*list));
	if (list == NULL)
		return vs_val_error(VS_CEL_ARENA);
	field = list + n;
	for (size_t g = 0; g < n; g++, field += width) {
		if (!fill(run->arena, run->claims->gpus[g].v, field))
			return vs_val_error(VS_CEL_ARENA);
		list[g] = vs_val_record(field, width);
	}
	/* What an extra finds is in an arena that ends before the run. */
	if (run->trace == NULL || !run->trace->extra)
		run->gpus = vs_val_list(list, n);
	return vs_val_list(list, n);
}
