/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/recorded.h"

#include <stdio.h>

#include "base/clock.h"
#include "claims/gpu.h"
#include "policy/env.h"

/* Records in records: the longest path has four names. */
enum { DEPTH_MAX = 8 };

static vs_status
wrong(const char *path, const char *want, struct vs_err *err)
{
	return vs_fail(err, VS_MALFORMED, "%.80s: must be %s", path, want);
}

static vs_status
copy(struct vs_claims *c, const struct vs_claim_def *def, struct vs_span s,
    struct vs_span *out, struct vs_err *err)
{
	if (s.n > def->max)
		return vs_fail(err, VS_MALFORMED, "%s: longer than %zu",
		    def->path, def->max);
	VS_TRY(err, def->path, vs_arena_dup(c->arena, s, out));
	return VS_OK;
}

static vs_status
read_strings(struct vs_claims *c, const struct vs_claim_def *def,
    const struct vs_json *j, struct vs_claim_value *out, struct vs_err *err)
{
	size_t n = vs_json_size(j);
	struct vs_span *v;

	if (vs_json_type_of(j) != VS_JSON_ARRAY || n > VS_CLAIM_ITEMS_MAX)
		return wrong(def->path, "a list of strings", err);
	v = vs_arena_calloc(c->arena, n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "claims");
	for (size_t i = 0; i < n; i++) {
		struct vs_span s;

		if (!vs_json_is_string(vs_json_at(j, i), &s))
			return wrong(def->path, "a list of strings", err);
		VS_TRY(err, "claims", copy(c, def, s, &v[i], err));
	}
	out->u.list.v = v;
	out->u.list.n = n;
	return VS_OK;
}

static vs_status
read_value(struct vs_claims *c, const struct vs_claim_def *def,
    const struct vs_json *j, struct vs_claim_value *out, struct vs_err *err)
{
	struct vs_span s;
	int64_t ms;

	switch (def->type) {
	case VS_CLAIM_BOOL:
		if (!vs_json_is_bool(j, &out->u.b))
			return wrong(def->path, "true or false", err);
		return VS_OK;
	case VS_CLAIM_INT:
		if (!vs_json_is_int(j, &out->u.i))
			return wrong(def->path, "a whole number", err);
		return VS_OK;
	case VS_CLAIM_TIME:
		if (!vs_json_is_string(j, &s) ||
		    vs_time_parse_ms(s, &ms) != VS_OK || ms % 1000 != 0)
			return wrong(def->path, "a time", err);
		out->u.i = ms / 1000;
		return VS_OK;
	case VS_CLAIM_STRINGS:
		return read_strings(c, def, j, out, err);
	case VS_CLAIM_STRING:
		break;
	}
	if (!vs_json_is_string(j, &s))
		return wrong(def->path, "a string", err);
	return copy(c, def, s, &out->u.s, err);
}

static vs_status
read_gpu(struct vs_claims *c, const struct vs_json *gpu, struct vs_err *err)
{
	size_t at = 0;

	if (vs_json_type_of(gpu) != VS_JSON_OBJECT)
		return wrong("gpus", "a list of objects", err);
	VS_TRY(err, "gpus", vs_claims_gpu_add(c, &at));
	for (size_t i = 0; i < vs_json_size(gpu); i++) {
		struct vs_claim_value v = {.present = true};
		struct vs_span name = {0};
		const struct vs_json *j = vs_json_member(gpu, i, &name);
		vs_gpu_claim_id id = vs_gpu_claim_find(name);

		if (id == VS_GPU_CLAIM_COUNT)
			return vs_fail(err, VS_MALFORMED,
			    "there is no claim gpus[].%.*s", VS_SPAN_ARG(name));
		VS_TRY(err, "gpus",
		    read_value(c, vs_gpu_claim_def(id), j, &v, err));
		c->gpus[at].v[id] = v;
	}
	return VS_OK;
}

static vs_status
read_gpus(struct vs_claims *c, const struct vs_json *gpus, struct vs_err *err)
{
	if (vs_json_type_of(gpus) != VS_JSON_ARRAY)
		return wrong("gpus", "a list of objects", err);
	for (size_t i = 0; i < vs_json_size(gpus); i++)
		VS_TRY(err, "claims", read_gpu(c, vs_json_at(gpus, i), err));
	return VS_OK;
}

static vs_status read_record(struct vs_claims *c, const struct vs_json *obj,
    struct vs_span prefix, int depth, struct vs_err *err);

static vs_status
read_member(struct vs_claims *c, const struct vs_json *j, struct vs_span path,
    int depth, struct vs_err *err)
{
	struct vs_claim_value v = {.present = true};
	vs_claim_id id = vs_claim_find(path);

	if (vs_span_is(path, "gpus"))
		return read_gpus(c, j, err);
	if (id == VS_CLAIM_COUNT && vs_json_type_of(j) == VS_JSON_OBJECT &&
	    vs_cel_is_record(path) && depth < DEPTH_MAX)
		return read_record(c, j, path, depth + 1, err);
	if (id == VS_CLAIM_COUNT)
		return vs_fail(err, VS_MALFORMED, "there is no claim %.*s",
		    VS_SPAN_ARG(path));
	VS_TRY(err, "claims", read_value(c, vs_claim_def(id), j, &v, err));
	c->v[id] = v;
	return VS_OK;
}

static vs_status
read_record(struct vs_claims *c, const struct vs_json *obj,
    struct vs_span prefix, int depth, struct vs_err *err)
{
	char path[160];

	for (size_t i = 0; i < vs_json_size(obj); i++) {
		struct vs_span name = {0};
		const struct vs_json *j = vs_json_member(obj, i, &name);
		int n = snprintf(path, sizeof(path), "%.*s%s%.*s",
		    VS_SPAN_ARG(prefix), prefix.n > 0 ? "." : "",
		    VS_SPAN_ARG(name));

		if (n < 0 || (size_t)n >= sizeof(path))
			return vs_fail(err, VS_MALFORMED,
			    "claims: the name of one is too long");
		VS_TRY(err, "claims",
		    read_member(c, j, VS_SPAN(path, (size_t)n), depth, err));
	}
	return VS_OK;
}

vs_status
vs_claims_read(
    const struct vs_json *obj, struct vs_claims *c, struct vs_err *err)
{
	if (vs_json_type_of(obj) != VS_JSON_OBJECT)
		return wrong("claims", "an object", err);
	return read_record(c, obj, VS_SPAN(NULL, 0), 0, err);
}
