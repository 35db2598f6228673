/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keks.h"

#include "store/store_int.h"

static vs_status
get_kek(struct vs_query *q, struct vs_arena *a, struct vs_kek_row *r,
    struct vs_err *err)
{
	VS_TRY(err, "namespace", vs_query_get(q, 0, a, &r->ns));
	r->version = (uint32_t)vs_query_get_int(q, 1);
	VS_TRY(err, "record", vs_query_get(q, 2, a, &r->record));
	r->created_ms = vs_query_get_int(q, 3);
	r->retired_ms = vs_query_get_int(q, 4);
	r->uses = vs_query_get_int(q, 5);
	return VS_OK;
}

static vs_status
list(struct vs_db *db, struct vs_arena *a, struct vs_kek_row **rows, size_t *n,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEK_LIST);
	struct vs_kek_row *v = NULL;
	size_t cap = 0;
	size_t found = 0;
	bool row = false;

	for (;;) {
		VS_TRY(err, "keks", vs_query_step(&q, &row, err));
		if (!row)
			break;
		v = vs_arena_more(a, v, found, &cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "list of KEKs");
		VS_TRY(err, "keks", get_kek(&q, a, &v[found++], err));
	}
	*rows = v;
	*n = found;
	return VS_OK;
}

vs_status
vs_store_kek_list(struct vs_store *s, struct vs_arena *a,
    struct vs_kek_row **rows, size_t *n, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = list(db, a, rows, n, err);

	vs_store_put(s, db);
	return st;
}

/* Names of a namespace are those above "ns/" and below "ns0". */
struct range {
	uint8_t low[VS_KEY_NAMESPACE_MAX + 1];
	uint8_t high[VS_KEY_NAMESPACE_MAX + 1];
	size_t n;
};

static vs_status
range_of(struct vs_span ns, struct range *out, struct vs_err *err)
{
	if (ns.n == 0 || ns.n > VS_KEY_NAMESPACE_MAX)
		return vs_fail(err, VS_USAGE, "not a namespace");
	for (size_t i = 0; i < ns.n; i++)
		out->low[i] = out->high[i] = ns.p[i];
	out->low[ns.n] = '/';
	out->high[ns.n] = '/' + 1;
	out->n = ns.n + 1;
	return VS_OK;
}

static vs_status
kek_id(struct vs_db *db, struct vs_span ns, uint32_t version, int64_t *id,
    bool *newest, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEK_ID);
	bool row = false;

	vs_query_text(&q, 1, ns);
	vs_query_int(&q, 2, version);
	VS_TRY(err, "kek", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "there is no such KEK");
	*id = vs_query_get_int(&q, 0);
	*newest = vs_query_get_int(&q, 1) != 0;
	return VS_OK;
}

static vs_status
get_row(struct vs_query *q, struct vs_arena *a, struct vs_rewrap_row *r,
    struct vs_err *err)
{
	*r = (struct vs_rewrap_row){0};
	VS_TRY(err, "name", vs_query_get(q, 0, a, &r->name));
	r->version = (uint32_t)vs_query_get_int(q, 1);
	r->size = (uint32_t)vs_query_get_int(q, 2);
	r->kind = (vs_key_kind)vs_query_get_int(q, 3);
	r->kek_id = vs_query_get_int(q, 4);
	r->kek_version = (uint32_t)vs_query_get_int(q, 5);
	VS_TRY(err, "kek", vs_query_get(q, 6, a, &r->kek));
	r->record_id = vs_query_get_int(q, 7);
	VS_TRY(err, "dek", vs_query_get(q, 8, a, &r->dek));
	return VS_OK;
}

static vs_status
next(struct vs_db *db, const struct vs_rewrap_page *p, struct vs_arena *a,
    struct vs_rewrap_row *rows, size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_REWRAP_NEXT);
	struct range range;
	size_t bytes = 0;
	int64_t to = 0;
	bool newest = false;
	bool row = false;

	VS_TRY(err, "rewrap", range_of(p->ns, &range, err));
	VS_TRY(
	    err, "rewrap", kek_id(db, p->ns, p->to_version, &to, &newest, err));
	vs_query_text(&q, 1,
	    p->after_name.n > 0 ? p->after_name : VS_SPAN(range.low, range.n));
	vs_query_int(&q, 2, p->after_version);
	vs_query_text(&q, 3, VS_SPAN(range.high, range.n));
	vs_query_int(&q, 4, to);
	vs_query_int(&q, 5, (int64_t)p->limit);
	while (*n < p->limit && (*n == 0 || bytes <= p->bytes_max)) {
		VS_TRY(err, "rewrap", vs_query_step(&q, &row, err));
		if (!row)
			break;
		VS_TRY(err, "rewrap", get_row(&q, a, &rows[*n], err));
		bytes += rows[*n].size;
		*n += 1;
	}
	return VS_OK;
}

vs_status
vs_store_rewrap_next(struct vs_store *s, const struct vs_rewrap_page *page,
    struct vs_arena *a, struct vs_rewrap_row **rows, size_t *n,
    struct vs_err *err)
{
	struct vs_rewrap_row *v = vs_arena_calloc(a, page->limit, sizeof *v);
	struct vs_db *db;
	size_t found = 0;
	vs_status st;

	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "rewrap");
	db = vs_store_take(s);
	st = next(db, page, a, v, &found, err);
	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = v;
	*n = found;
	return VS_OK;
}

/* The first column of a query over the range and one KEK; 0: no row. */
static vs_status
over_range(struct vs_db *db, vs_sql_id id, struct vs_span ns, int64_t kek,
    int64_t *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, id);
	struct range range;
	bool row = false;

	VS_TRY(err, "keks", range_of(ns, &range, err));
	vs_query_text(&q, 1, VS_SPAN(range.low, range.n));
	vs_query_text(&q, 2, VS_SPAN(range.high, range.n));
	vs_query_int(&q, 3, kek);
	VS_TRY(err, "keks", vs_query_step(&q, &row, err));
	*out = row ? vs_query_get_int(&q, 0) : 0;
	return VS_OK;
}

vs_status
vs_store_rewrap_left(struct vs_store *s, struct vs_span ns, uint32_t to_version,
    size_t *n, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	int64_t id = 0;
	int64_t left = 0;
	bool newest;
	vs_status st = kek_id(db, ns, to_version, &id, &newest, err);

	if (st == VS_OK)
		st = over_range(db, VS_SQL_KEK_LEFT, ns, id, &left, err);
	vs_store_put(s, db);
	if (st == VS_OK)
		*n = (size_t)left;
	return st;
}

struct move {
	struct vs_span ns;
	uint32_t to_version;
	const struct vs_rewrap_row *rows;
	size_t n;
};

/* Both or neither: the compare in the first makes the second safe. */
static vs_status
move_one(struct vs_store *s, const struct vs_rewrap_row *r, int64_t to,
    struct vs_err *err)
{
	VS_QUERY dek = vs_query_of(&s->writer, VS_SQL_REWRAP_DEK);
	VS_QUERY key = vs_query_of(&s->writer, VS_SQL_REWRAP_KEY);

	vs_query_int(&dek, 1, r->record_id);
	vs_query_blob(&dek, 2, r->moved);
	vs_query_blob(&dek, 3, r->dek);
	VS_TRY(err, "dek", vs_query_run(&dek, err));
	if (sqlite3_changes(s->writer.db) == 0)
		return VS_OK; /* destroyed or moved meanwhile */
	vs_query_text(&key, 1, r->name);
	vs_query_int(&key, 2, r->version);
	vs_query_int(&key, 3, r->kek_id);
	vs_query_int(&key, 4, to);
	VS_TRY(err, "key", vs_query_run(&key, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail(err, VS_CONFLICT, "the key moved meanwhile");
	return VS_OK;
}

static vs_status
move(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct move *m = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEK_USES);
	bool newest = false;
	int64_t to = 0;
	int64_t moved = 0;

	VS_TRY(err, "rewrap",
	    kek_id(&s->writer, m->ns, m->to_version, &to, &newest, err));
	for (size_t i = 0; i < m->n; i++) {
		if (m->rows[i].moved.n == 0)
			continue;
		VS_TRY(err, "rewrap", move_one(s, &m->rows[i], to, err));
		moved++;
	}
	vs_query_int(&q, 1, to);
	vs_query_int(&q, 2, moved);
	return vs_query_run(&q, err);
}

vs_status
vs_store_rewrap_apply(struct vs_store *s, struct vs_span ns,
    uint32_t to_version, const struct vs_rewrap_row *rows, size_t n,
    struct vs_err *err)
{
	struct move m = {ns, to_version, rows, n};
	struct vs_op op = {.apply = move, .arg = &m, .savepoint = true};

	return vs_store_submit(s, &op, err);
}

struct change {
	const struct vs_kek_row *row;
	struct vs_span record;
	int64_t now_ms;
};

static vs_status
retire(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	VS_QUERY zero = vs_query_of(&s->writer, VS_SQL_KEK_OVERWRITE);
	VS_QUERY gone = vs_query_of(&s->writer, VS_SQL_KEK_RETIRE);

	vs_query_text(&zero, 1, c->row->ns);
	vs_query_int(&zero, 2, c->row->version);
	VS_TRY(err, "retire", vs_query_run(&zero, err));
	vs_query_text(&gone, 1, c->row->ns);
	vs_query_int(&gone, 2, c->row->version);
	vs_query_int(&gone, 3, c->now_ms);
	VS_TRY(err, "retire", vs_query_run(&gone, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail_code(err, VS_CONFLICT, "kek.newest",
		    "the newest KEK of a namespace stays");
	return VS_OK;
}

/* Nothing is ever added under a KEK that is not the newest: once it is seen
 * to be empty it stays so, and the committer need not look again. */
static vs_status
check_empty(
    struct vs_store *s, struct vs_span ns, uint32_t version, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	bool newest = false;
	int64_t id = 0;
	int64_t used = 0;
	vs_status st = kek_id(db, ns, version, &id, &newest, err);

	if (st == VS_OK && newest)
		st = vs_fail_code(err, VS_CONFLICT, "kek.newest",
		    "the newest KEK of a namespace stays");
	if (st == VS_OK)
		st = over_range(db, VS_SQL_KEK_IN_USE, ns, id, &used, err);
	vs_store_put(s, db);
	if (st == VS_OK && used != 0)
		return vs_fail_code(err, VS_CONFLICT, "kek.in_use",
		    "keys are still under version %u of the KEK",
		    (unsigned)version);
	return st;
}

vs_status
vs_store_kek_retire(struct vs_store *s, struct vs_span ns, uint32_t version,
    int64_t now_ms, const struct vs_audit_row *audit, struct vs_err *err)
{
	const struct vs_kek_row row = {.ns = ns, .version = version};
	struct change c = {.row = &row, .now_ms = now_ms == 0 ? 1 : now_ms};
	struct vs_op op = {.apply = retire,
	    .arg = &c,
	    .given = audit,
	    .savepoint = true,
	    .scrub = true};

	VS_TRY(err, "retire", check_empty(s, ns, version, err));
	return vs_store_submit(s, &op, err);
}

static vs_status
replace(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEK_RECORD);

	vs_query_text(&q, 1, c->row->ns);
	vs_query_int(&q, 2, c->row->version);
	vs_query_blob(&q, 3, c->record);
	vs_query_blob(&q, 4, c->row->record);
	VS_TRY(err, "kek", vs_query_run(&q, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail(err, VS_CONFLICT, "the KEK changed meanwhile");
	return VS_OK;
}

vs_status
vs_store_kek_record(struct vs_store *s, const struct vs_kek_row *now,
    struct vs_span record, struct vs_err *err)
{
	struct change c = {.row = now, .record = record};
	struct vs_op op = {
	    .apply = replace, .arg = &c, .savepoint = true, .scrub = true};

	return vs_store_submit(s, &op, err);
}
