/* SPDX-License-Identifier: Apache-2.0 */
#include "claims/gpu.h"

#include "base/encoding.h"

static const struct vs_claim_def defs[VS_GPU_CLAIM_COUNT] = {
#define X(id, name, type, max, flags, doc)                                     \
	{name, doc, VS_CLAIM_##type, flags, max},
    VS_CLAIM_TABLE_GPU(X)
#undef X
};

const struct vs_claim_def *
vs_gpu_claim_def(vs_gpu_claim_id id)
{
	VS_ASSERT(id < VS_GPU_CLAIM_COUNT);
	return &defs[id];
}

vs_gpu_claim_id
vs_gpu_claim_find(struct vs_span name)
{
	for (unsigned i = 0; i < VS_GPU_CLAIM_COUNT; i++) {
		if (vs_span_is(name, defs[i].path))
			return (vs_gpu_claim_id)i;
	}
	return VS_GPU_CLAIM_COUNT;
}

vs_status
vs_claims_gpu_add(struct vs_claims *c, size_t *index)
{
	if (c->gpus_n == VS_CLAIM_GPUS_MAX)
		return VS_RANGE;
	/* Room for all at the first: most requests have none. */
	if (c->gpus == NULL)
		c->gpus = vs_arena_calloc(
		    c->arena, VS_CLAIM_GPUS_MAX, sizeof(*c->gpus));
	if (c->gpus == NULL)
		return VS_NO_MEMORY;
	*index = c->gpus_n++;
	return VS_OK;
}

size_t
vs_claims_gpus(const struct vs_claims *c)
{
	return c->gpus_n;
}

const struct vs_claim_value *
vs_claims_gpu_get(const struct vs_claims *c, size_t gpu, vs_gpu_claim_id id)
{
	VS_ASSERT(gpu < c->gpus_n && id < VS_GPU_CLAIM_COUNT);
	return &c->gpus[gpu].v[id];
}

static struct vs_claim_value *
slot(struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, vs_claim_type type)
{
	VS_ASSERT(gpu < c->gpus_n && id < VS_GPU_CLAIM_COUNT &&
	    defs[id].type == type);
	return &c->gpus[gpu].v[id];
}

void
vs_claims_gpu_bool(struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, bool v)
{
	struct vs_claim_value *s = slot(c, gpu, id, VS_CLAIM_BOOL);

	s->u.b = v;
	s->present = true;
}

void
vs_claims_gpu_int(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, int64_t v)
{
	struct vs_claim_value *s = slot(c, gpu, id, VS_CLAIM_INT);

	s->u.i = v;
	s->present = true;
}

static vs_status
copy(struct vs_claims *c, vs_gpu_claim_id id, struct vs_span v,
    struct vs_span *out)
{
	if (v.n > defs[id].max || !vs_utf8_valid(v))
		return VS_RANGE;
	return vs_arena_dup(c->arena, v, out);
}

vs_status
vs_claims_gpu_str(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, struct vs_span v)
{
	struct vs_claim_value *s = slot(c, gpu, id, VS_CLAIM_STRING);
	vs_status st = copy(c, id, v, &s->u.s);

	s->present = s->present || st == VS_OK;
	return st;
}

vs_status
vs_claims_gpu_hex(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, struct vs_span bytes)
{
	struct vs_claim_value *s = slot(c, gpu, id, VS_CLAIM_STRING);
	char *text;

	if (bytes.n > defs[id].max / 2)
		return VS_RANGE;
	text = vs_arena_alloc(c->arena, 2 * bytes.n + 1);
	if (text == NULL)
		return VS_NO_MEMORY;
	vs_hex(bytes, text);
	s->u.s = VS_SPAN(text, 2 * bytes.n);
	s->present = true;
	return VS_OK;
}

vs_status
vs_claims_gpu_strs(struct vs_claims *c, size_t gpu, vs_gpu_claim_id id,
    const struct vs_span *v, size_t n)
{
	struct vs_claim_value *s = slot(c, gpu, id, VS_CLAIM_STRINGS);
	struct vs_span *list;

	if (n > VS_CLAIM_ITEMS_MAX)
		return VS_RANGE;
	list = vs_arena_calloc(c->arena, n, sizeof(*list));
	if (list == NULL)
		return VS_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		vs_status st = copy(c, id, v[i], &list[i]);

		if (st != VS_OK)
			return st;
	}
	s->u.list.v = list;
	s->u.list.n = n;
	s->present = true;
	return VS_OK;
}
