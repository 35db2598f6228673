/* SPDX-License-Identifier: Apache-2.0 */
#include "claims/claims.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"

enum {
	BOOL = VS_CLAIM_BOOL,
	INT = VS_CLAIM_INT,
	STRING = VS_CLAIM_STRING,
	TIME = VS_CLAIM_TIME,
	STRINGS = VS_CLAIM_STRINGS,
};

static const struct vs_claim_def defs[VS_CLAIM_COUNT] = {
#define X(id, path, type, max, flags, doc)                                     \
	{path, doc, (vs_claim_type)type, flags, max},
    VS_CLAIM_TABLE(X)
#undef X
};

const struct vs_claim_def *
vs_claim_def(vs_claim_id id)
{
	VS_ASSERT(id < VS_CLAIM_COUNT);
	return &defs[id];
}

vs_claim_id
vs_claim_find(struct vs_span path)
{
	for (unsigned i = 0; i < VS_CLAIM_COUNT; i++)
		if (vs_span_is(path, defs[i].path))
			return (vs_claim_id)i;
	return VS_CLAIM_COUNT;
}

void
vs_claims_init(struct vs_claims *c, struct vs_arena *arena)
{
	memset(c, 0, sizeof *c);
	c->arena = arena;
}

const struct vs_claim_value *
vs_claims_get(const struct vs_claims *c, vs_claim_id id)
{
	VS_ASSERT(id < VS_CLAIM_COUNT);
	return &c->v[id];
}

static struct vs_claim_value *
slot(struct vs_claims *c, vs_claim_id id, vs_claim_type type)
{
	VS_ASSERT(id < VS_CLAIM_COUNT && defs[id].type == type);
	return &c->v[id];
}

void
vs_claims_bool(struct vs_claims *c, vs_claim_id id, bool v)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_BOOL);

	s->u.b = v;
	s->present = true;
}

void
vs_claims_int(struct vs_claims *c, vs_claim_id id, int64_t v)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_INT);

	s->u.i = v;
	s->present = true;
}

void
vs_claims_time(struct vs_claims *c, vs_claim_id id, int64_t unix_s)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_TIME);

	s->u.i = unix_s;
	s->present = true;
}

vs_status
vs_claims_str(struct vs_claims *c, vs_claim_id id, struct vs_span v)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_STRING);
	struct vs_span copy;
	vs_status st;

	if (v.n > defs[id].max || !vs_utf8_valid(v))
		return VS_RANGE;
	st = vs_arena_dup(c->arena, v, &copy);
	if (st != VS_OK)
		return st;
	s->u.s = copy;
	s->present = true;
	return VS_OK;
}

vs_status
vs_claims_list(
    struct vs_claims *c, vs_claim_id id, const struct vs_span *v, size_t n)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_STRINGS);
	struct vs_span *copy;

	if (n > VS_CLAIM_ITEMS_MAX)
		return VS_RANGE;
	copy = vs_arena_calloc(c->arena, n, sizeof(*copy));
	if (copy == NULL)
		return VS_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		vs_status st;

		if (v[i].n > defs[id].max || !vs_utf8_valid(v[i]))
			return VS_RANGE;
		st = vs_arena_dup(c->arena, v[i], &copy[i]);
		if (st != VS_OK)
			return st;
	}
	s->u.list.v = copy;
	s->u.list.n = n;
	s->present = true;
	return VS_OK;
}

vs_status
vs_claims_hex(struct vs_claims *c, vs_claim_id id, struct vs_span bytes)
{
	struct vs_claim_value *s = slot(c, id, VS_CLAIM_STRING);
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
vs_claims_key(struct vs_claims *c, struct vs_span name, uint32_t version)
{
	size_t n = 0;
	vs_status st = vs_claims_str(c, VS_CLAIM_KEY_NAME, name);

	while (n < name.n && name.p[n] != '/')
		n++;
	if (st == VS_OK)
		st = vs_claims_str(
		    c, VS_CLAIM_KEY_NAMESPACE, vs_span_slice(name, 0, n));
	if (st == VS_OK && version > 0)
		vs_claims_int(c, VS_CLAIM_KEY_VERSION, version);
	return st;
}
