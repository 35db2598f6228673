/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tokens.h"

#include "store/store_int.h"

/* The columns of VS_SQL_TOKEN_COLS. */
static vs_status
get_row(struct vs_query *q, struct vs_arena *a, struct vs_token_row *r,
    struct vs_err *err)
{
	VS_TRY(err, "token", vs_query_get(q, 0, a, &r->id));
	VS_TRY(err, "token", vs_query_get_n(q, 1, r->hash, sizeof r->hash));
	VS_TRY(err, "token", vs_query_get(q, 2, a, &r->name));
	r->roles = (unsigned)vs_query_get_int(q, 3);
	VS_TRY(err, "token", vs_query_get(q, 4, a, &r->lists));
	VS_TRY(err, "token", vs_query_get(q, 5, a, &r->kinds));
	VS_TRY(err, "token", vs_query_get(q, 6, a, &r->person));
	VS_TRY(err, "token", vs_query_get(q, 7, a, &r->made_by));
	r->made_ms = vs_query_get_int(q, 8);
	r->expires_ms = vs_query_get_int(q, 9);
	r->revoked_ms = vs_query_get_int(q, 10);
	return vs_query_get(q, 11, a, &r->revoked_by);
}

static vs_status
not_found(struct vs_err *err)
{
	return vs_fail_code(
	    err, VS_NOT_FOUND, "token.unknown", "there is no such token");
}

static vs_status
one(struct vs_db *db, struct vs_span id, struct vs_arena *a,
    struct vs_token_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_TOKEN_GET);
	struct vs_token_row r = {.roles = 0};
	bool row = false;

	vs_query_text(&q, 1, id);
	VS_TRY(err, "token", vs_query_step(&q, &row, err));
	if (!row)
		return not_found(err);
	VS_TRY(err, "token", get_row(&q, a, &r, err));
	*out = r;
	return VS_OK;
}

vs_status
vs_store_token(struct vs_store *s, struct vs_span id, struct vs_arena *a,
    struct vs_token_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = one(db, id, a, out, err);

	vs_store_put(s, db);
	return st;
}

struct found {
	struct vs_token_row *v;
	size_t n, cap;
};

static vs_status
list(struct vs_db *db, struct vs_span before, size_t limit, struct vs_arena *a,
    struct found *f, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_TOKEN_LIST);
	bool row = false;

	vs_query_text(&q, 1, before);
	vs_query_int(&q, 2, (int64_t)limit);
	for (;;) {
		struct vs_token_row *v;

		VS_TRY(err, "tokens", vs_query_step(&q, &row, err));
		if (!row)
			return VS_OK;
		v = vs_arena_more(a, f->v, f->n, &f->cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "tokens");
		f->v = v;
		VS_TRY(err, "tokens", get_row(&q, a, &v[f->n], err));
		f->n++;
	}
}

vs_status
vs_store_token_list(struct vs_store *s, struct vs_span before, size_t limit,
    struct vs_arena *a, struct vs_token_row **rows, size_t *n,
    struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	struct found f = {.n = 0};
	vs_status st = list(db, before, limit, a, &f, err);

	vs_store_put(s, db);
	if (st == VS_OK) {
		*rows = f.v;
		*n = f.n;
	}
	return st;
}

static vs_status
add(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct vs_token_row *r = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_TOKEN_ADD);

	vs_query_text(&q, 1, r->id);
	vs_query_blob(&q, 2, VS_SPAN_OF(r->hash));
	vs_query_text(&q, 3, r->name);
	vs_query_int(&q, 4, (int64_t)r->roles);
	vs_query_text(&q, 5, r->lists);
	vs_query_text(&q, 6, r->kinds);
	vs_query_text(&q, 7, r->person);
	vs_query_text(&q, 8, r->made_by);
	vs_query_int(&q, 9, r->made_ms);
	vs_query_int(&q, 10, r->expires_ms);
	VS_TRY(err, "token", vs_query_run(&q, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail_code(err, VS_CONFLICT, "token.exists",
		    "this token is there already");
	return VS_OK;
}

vs_status
vs_store_token_add(struct vs_store *s, const struct vs_token_row *row,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct vs_token_row copy = *row;
	struct vs_op op = {.apply = add, .arg = &copy, .given = audit};

	return vs_store_submit(s, &op, err);
}

struct revoke {
	struct vs_span id, by;
	int64_t now_ms;
};

static vs_status
revoke(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct revoke *r = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_TOKEN_REVOKE);

	vs_query_text(&q, 1, r->id);
	vs_query_int(&q, 2, r->now_ms);
	vs_query_text(&q, 3, r->by);
	VS_TRY(err, "token", vs_query_run(&q, err));
	return sqlite3_changes(s->writer.db) == 1 ? VS_OK : not_found(err);
}

vs_status
vs_store_token_revoke(struct vs_store *s, struct vs_span id, int64_t now_ms,
    struct vs_span by, const struct vs_audit_row *audit, struct vs_err *err)
{
	struct revoke r = {id, by, now_ms};
	struct vs_op op = {.apply = revoke, .arg = &r, .given = audit};

	return vs_store_submit(s, &op, err);
}
