/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: reading. */
#include "store/store_int.h"

static vs_status
get_row(struct vs_query *q, struct vs_arena *a, struct vs_audit_row *r,
    struct vs_err *err)
{
	r->seq = vs_query_get_int(q, 0);
	VS_TRY(err, "id", vs_query_get_n(q, 1, r->id, sizeof r->id));
	r->at_ms = vs_query_get_int(q, 2);
	VS_TRY(err, "action", vs_query_get(q, 3, a, &r->action));
	VS_TRY(err, "outcome", vs_query_get(q, 4, a, &r->outcome));
	VS_TRY(err, "class", vs_query_get(q, 5, a, &r->class_name));
	VS_TRY(err, "code", vs_query_get(q, 6, a, &r->code));
	VS_TRY(err, "peer", vs_query_get(q, 7, a, &r->peer));
	VS_TRY(err, "keys", vs_query_get(q, 8, a, &r->keys));
	VS_TRY(err, "mac", vs_query_get_n(q, 9, r->mac, sizeof r->mac));
	return VS_OK;
}

struct found {
	struct vs_audit_row *v;
	size_t n;
	size_t cap;
};

static struct vs_audit_row *
next_slot(struct found *f, struct vs_arena *a)
{
	struct vs_audit_row *v =
	    vs_arena_more(a, f->v, f->n, &f->cap, sizeof *v);

	if (v == NULL)
		return NULL;
	f->v = v;
	return &f->v[f->n++];
}

/* Rows come in the order of commits, which is nearly that of at_ms: far
 * enough before `since` there is nothing more to find. */
enum { SLACK_MS = 10 * 60 * 1000 };

static vs_status
list(struct vs_db *db, const struct vs_audit_filter *f, struct vs_arena *a,
    struct found *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_AUDIT_LIST);
	bool more = true;

	vs_query_int(&q, 1, f->before == 0 ? INT64_MAX : f->before);
	vs_query_text(&q, 2, f->outcome);
	vs_query_text(&q, 3, f->action);
	vs_query_text(&q, 4, f->key);
	while (out->n < f->limit) {
		struct vs_audit_row *slot;
		int64_t at;

		VS_TRY(err, "audit list", vs_query_step(&q, &more, err));
		if (!more)
			break;
		at = vs_query_get_int(&q, 2);
		if (at < f->since_ms - SLACK_MS)
			break;
		if (at < f->since_ms)
			continue;
		slot = next_slot(out, a);
		if (slot == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: audit list");
		VS_TRY(err, "audit list", get_row(&q, a, slot, err));
	}
	return VS_OK;
}

vs_status
vs_store_audit_list(struct vs_store *s, const struct vs_audit_filter *f,
    struct vs_arena *a, struct vs_audit_row **rows, size_t *n,
    struct vs_err *err)
{
	struct found found = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = list(db, f, a, &found, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = found.v;
	*n = found.n;
	return VS_OK;
}

static vs_status
get(struct vs_db *db, const uint8_t *id, struct vs_arena *a,
    struct vs_audit_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_AUDIT_GET);
	struct vs_audit_row r = {0};
	bool row = false;

	vs_query_blob(&q, 1, VS_SPAN(id, VS_STORE_ID_SIZE));
	VS_TRY(err, "audit record", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(
		    err, VS_NOT_FOUND, "there is no audit record of this id");
	VS_TRY(err, "audit record", get_row(&q, a, &r, err));
	VS_TRY(err, "audit record", vs_query_get(&q, 10, a, &r.detail));
	*out = r;
	return VS_OK;
}

vs_status
vs_store_audit_get(struct vs_store *s, const uint8_t id[VS_STORE_ID_SIZE],
    struct vs_arena *a, struct vs_audit_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = get(db, id, a, out, err);

	vs_store_put(s, db);
	return st;
}

static struct vs_query
span_query(struct vs_db *db, vs_sql_id id, const struct vs_audit_span *f)
{
	struct vs_query q = vs_query_of(db, id);

	vs_query_int(&q, 1, f->after);
	vs_query_int(&q, 2, f->since_ms);
	vs_query_int(&q, 3, f->until_ms);
	vs_query_text(&q, 4, f->action);
	return q;
}

static vs_status
scan(struct vs_db *db, const struct vs_audit_span *f, struct vs_arena *a,
    struct found *out, struct vs_err *err)
{
	VS_QUERY q = span_query(db, VS_SQL_AUDIT_SCAN, f);
	bool more = true;

	vs_query_int(
	    &q, 5, f->limit > INT32_MAX ? INT32_MAX : (int64_t)f->limit);
	for (;;) {
		struct vs_audit_row *slot;

		VS_TRY(err, "audit scan", vs_query_step(&q, &more, err));
		if (!more)
			return VS_OK;
		slot = next_slot(out, a);
		if (slot == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: audit scan");
		VS_TRY(err, "audit scan", get_row(&q, a, slot, err));
		VS_TRY(
		    err, "audit scan", vs_query_get(&q, 10, a, &slot->detail));
	}
}

vs_status
vs_store_audit_scan(struct vs_store *s, const struct vs_audit_span *span,
    struct vs_arena *a, struct vs_audit_row **rows, size_t *n,
    struct vs_err *err)
{
	struct found found = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = scan(db, span, a, &found, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = found.v;
	*n = found.n;
	return VS_OK;
}

static vs_status
count(struct vs_db *db, const struct vs_audit_span *f, size_t *n,
    struct vs_err *err)
{
	VS_QUERY q = span_query(db, VS_SQL_AUDIT_COUNT, f);
	bool row = false;

	VS_TRY(err, "audit count", vs_query_step(&q, &row, err));
	*n = row ? (size_t)vs_query_get_int(&q, 0) : 0;
	return VS_OK;
}

vs_status
vs_store_audit_count(struct vs_store *s, const struct vs_audit_span *span,
    size_t *n, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = count(db, span, n, err);

	vs_store_put(s, db);
	return st;
}
