/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and KEKs: reading. */
#include "store/store_int.h"

const char *
vs_key_state_name(vs_key_state s)
{
	switch (s) {
	case VS_KEY_NONE:
		return "none";
	case VS_KEY_ACTIVE:
		return "active";
	case VS_KEY_DISABLED:
		return "disabled";
	case VS_KEY_DESTROYED:
		return "destroyed";
	case VS_KEY_DECRYPT_ONLY:
		return "decrypt-only";
	case VS_KEY_SCHEDULED:
		return "scheduled";
	}
	return "none";
}

static vs_status
newest_kek(struct vs_db *db, struct vs_span ns, struct vs_arena *a,
    struct vs_kek_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEK_NEWEST);
	struct vs_kek_row r = {0};
	bool row = false;

	vs_query_text(&q, 1, ns);
	VS_TRY(err, "kek", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "the namespace has no KEK");
	r.version = (uint32_t)vs_query_get_int(&q, 0);
	VS_TRY(err, "kek", vs_query_get(&q, 1, a, &r.record));
	VS_TRY(err, "kek", vs_arena_dup(a, ns, &r.ns));
	*out = r;
	return VS_OK;
}

vs_status
vs_store_kek(struct vs_store *s, struct vs_span ns, struct vs_arena *a,
    struct vs_kek_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = newest_kek(db, ns, a, out, err);

	vs_store_put(s, db);
	return st;
}

/* The columns of VS_SQL_KEY_COLS. */
static vs_status
get_meta(struct vs_query *q, struct vs_arena *a, struct vs_key_row *r,
    struct vs_err *err)
{
	VS_TRY(err, "name", vs_query_get(q, 0, a, &r->name));
	r->version = (uint32_t)vs_query_get_int(q, 1);
	r->state = (vs_key_state)vs_query_get_int(q, 2);
	VS_TRY(err, "content type", vs_query_get(q, 3, a, &r->content_type));
	r->size = (uint32_t)vs_query_get_int(q, 4);
	r->created_ms = vs_query_get_int(q, 5);
	r->destroyed_ms = vs_query_get_int(q, 6);
	r->kek_version = (uint32_t)vs_query_get_int(q, 7);
	r->kind = (vs_key_kind)vs_query_get_int(q, 8);
	r->uses = vs_query_get_int(q, 9);
	r->max_uses = vs_query_get_int(q, 10);
	r->epoch_floor = vs_query_get_int(q, 11);
	return VS_OK;
}

static vs_status
one_key(struct vs_db *db, struct vs_span name, uint32_t version,
    struct vs_arena *a, struct vs_key_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(
	    db, version == 0 ? VS_SQL_KEY_NEWEST : VS_SQL_KEY_VERSION);
	struct vs_key_row r = {0};
	bool row = false;

	vs_query_text(&q, 1, name);
	if (version != 0)
		vs_query_int(&q, 2, version);
	VS_TRY(err, "key", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "there is no such key");
	VS_TRY(err, "key", get_meta(&q, a, &r, err));
	VS_TRY(err, "key", vs_query_get(&q, 12, a, &r.kek));
	VS_TRY(err, "key", vs_query_get(&q, 13, a, &r.dek));
	VS_TRY(err, "key", vs_query_get(&q, 14, a, &r.payload));
	*out = r;
	return VS_OK;
}

vs_status
vs_store_key(struct vs_store *s, struct vs_span name, uint32_t version,
    struct vs_arena *a, struct vs_key_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = one_key(db, name, version, a, out, err);

	vs_store_put(s, db);
	return st;
}

struct found {
	struct vs_key_row *v;
	size_t n;
	size_t cap;
};

static struct vs_key_row *
next_slot(struct found *f, struct vs_arena *a)
{
	struct vs_key_row *v = vs_arena_more(a, f->v, f->n, &f->cap, sizeof *v);

	if (v == NULL)
		return NULL;
	f->v = v;
	return &f->v[f->n++];
}

static vs_status
add_row(
    struct vs_query *q, struct vs_arena *a, struct found *f, struct vs_err *err)
{
	struct vs_key_row *slot = next_slot(f, a);

	if (slot == NULL)
		return vs_fail(err, VS_NO_MEMORY, "store: list of keys");
	return get_meta(q, a, slot, err);
}

static bool
before_or_at(struct vs_span a, struct vs_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++)
		if (a.p[i] != b.p[i])
			return a.p[i] < b.p[i];
	return a.n <= b.n;
}

struct list {
	struct vs_span prefix;
	struct vs_span after;
	size_t limit;
};

/* Rows come ordered by name: a new name ends the one before. */
static vs_status
list(struct vs_db *db, const struct list *l, struct vs_arena *a,
    struct found *f, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEY_LIST);
	struct vs_span from =
	    before_or_at(l->prefix, l->after) ? l->after : l->prefix;
	size_t names = 0;

	vs_query_text(&q, 1, from);
	for (;;) {
		struct vs_span name = {0};
		bool row = false;

		VS_TRY(err, "list", vs_query_step(&q, &row, err));
		if (!row)
			return VS_OK;
		VS_TRY(err, "list", vs_query_peek(&q, 0, &name));
		if (l->after.n > 0 && before_or_at(name, l->after))
			continue;
		if (!vs_span_starts(name, l->prefix))
			return VS_OK;
		if (f->n == 0 || !vs_span_equal(f->v[f->n - 1].name, name))
			names++;
		if (names > l->limit)
			return VS_OK;
		VS_TRY(err, "list", add_row(&q, a, f, err));
	}
}

vs_status
vs_store_key_list(struct vs_store *s, struct vs_span prefix,
    struct vs_span after, size_t limit, struct vs_arena *a,
    struct vs_key_row **rows, size_t *n, struct vs_err *err)
{
	struct list l = {prefix, after, limit};
	struct found f = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = list(db, &l, a, &f, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = f.v;
	*n = f.n;
	return VS_OK;
}

static vs_status
versions(struct vs_db *db, struct vs_span name, struct vs_arena *a,
    struct found *f, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEY_VERSIONS);
	bool row = false;

	vs_query_text(&q, 1, name);
	VS_TRY(err, "versions", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "there is no such key");
	while (row) {
		VS_TRY(err, "versions", add_row(&q, a, f, err));
		VS_TRY(err, "versions", vs_query_step(&q, &row, err));
	}
	return VS_OK;
}

vs_status
vs_store_key_versions(struct vs_store *s, struct vs_span name,
    struct vs_arena *a, struct vs_key_row **rows, size_t *n, struct vs_err *err)
{
	struct found f = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = versions(db, name, a, &f, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = f.v;
	*n = f.n;
	return VS_OK;
}
