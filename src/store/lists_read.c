/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of lists: reading. */
#include "store/lists_int.h"

const char *
vs_entry_state_name(vs_entry_state s)
{
	switch (s) {
#define X(sym, number, name)                                                   \
	case sym:                                                              \
		return name;
		VS_ENTRY_STATE_TABLE(X)
#undef X
	case VS_ENTRY_NONE:
		break;
	}
	return "?";
}

vs_status
vs_entry_read(struct vs_query *q, struct vs_arena *a, struct vs_entry_row *out,
    struct vs_err *err)
{
	struct vs_entry_row r = {.id = vs_query_get_int(q, 0)};
	const struct {
		int col;
		struct vs_span *to;
	} texts[] = {{1, &r.list}, {2, &r.value}, {3, &r.kind}, {5, &r.labels},
	    {6, &r.source}, {7, &r.added_by}, {10, &r.approvals},
	    {12, &r.builder}, {13, &r.source_uri}, {14, &r.source_ref},
	    {16, &r.state_by}, {17, &r.reason}};

	for (size_t i = 0; i < VS_COUNT(texts); i++)
		VS_TRY(err, "entry",
		    vs_query_get(q, texts[i].col, a, texts[i].to));
	r.state = (vs_entry_state)vs_query_get_int(q, 4);
	r.added_ms = vs_query_get_int(q, 8);
	r.expires_ms = vs_query_get_int(q, 9);
	r.slsa_level = vs_query_get_int(q, 11);
	r.state_ms = vs_query_get_int(q, 15);
	r.change = vs_query_get_int(q, 18);
	*out = r;
	return VS_OK;
}

static vs_status
change(struct vs_db *db, int64_t *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_LIST_CHANGE);
	bool row = false;

	VS_TRY(err, "lists", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_INTERNAL, "store: lists: no counter");
	*out = vs_query_get_int(&q, 0);
	return VS_OK;
}

vs_status
vs_store_lists_change(struct vs_store *s, int64_t *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = change(db, out, err);

	vs_store_put(s, db);
	return st;
}

/* The columns of ENTRY_EACH: a hundred thousand rows notice each one. */
static vs_status
read_brief(struct vs_query *q, struct vs_entry_row *r, struct vs_err *err)
{
	VS_TRY(err, "entry", vs_query_peek(q, 1, &r->value));
	VS_TRY(err, "entry", vs_query_peek(q, 3, &r->added_by));
	VS_TRY(err, "entry", vs_query_peek(q, 6, &r->approvals));
	VS_TRY(err, "entry", vs_query_peek(q, 8, &r->builder));
	VS_TRY(err, "entry", vs_query_peek(q, 9, &r->source_uri));
	VS_TRY(err, "entry", vs_query_peek(q, 10, &r->source_ref));
	r->id = vs_query_get_int(q, 0);
	r->state = (vs_entry_state)vs_query_get_int(q, 2);
	r->added_ms = vs_query_get_int(q, 4);
	r->expires_ms = vs_query_get_int(q, 5);
	r->slsa_level = vs_query_get_int(q, 7);
	return VS_OK;
}

static vs_status
each(struct vs_db *db, struct vs_span list, vs_entry_fn fn, void *ctx,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_ENTRY_EACH);
	struct vs_entry_row r = {.list = list};

	vs_query_text(&q, 1, list);
	for (;;) {
		bool row = false;

		VS_TRY(err, "list", vs_query_step(&q, &row, err));
		if (!row)
			return VS_OK;
		VS_TRY(err, "list", read_brief(&q, &r, err));
		VS_TRY(err, "list", fn(ctx, &r, err));
	}
}

vs_status
vs_store_entries_each(struct vs_store *s, struct vs_span list, vs_entry_fn fn,
    void *ctx, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = each(db, list, fn, ctx, err);

	vs_store_put(s, db);
	return st;
}

/* Pending comes first in the order of states; the live one is preferred. */
static vs_status
current(struct vs_db *db, struct vs_span list, struct vs_span value,
    struct vs_arena *a, struct vs_entry_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_ENTRY_OF);
	struct vs_entry_row r = {0};

	vs_query_text(&q, 1, list);
	vs_query_text(&q, 2, value);
	for (;;) {
		bool row = false;

		VS_TRY(err, "entry", vs_query_step(&q, &row, err));
		if (!row)
			break;
		VS_TRY(err, "entry", vs_entry_read(&q, a, &r, err));
	}
	if (r.id == 0)
		return vs_fail_code(err, VS_NOT_FOUND, "entry.unknown",
		    "the list has no such entry");
	*out = r;
	return VS_OK;
}

vs_status
vs_store_entry(struct vs_store *s, struct vs_span list, struct vs_span value,
    struct vs_arena *a, struct vs_entry_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = current(db, list, value, a, out, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
page(struct vs_db *db, const struct vs_entry_filter *f, struct vs_arena *a,
    struct vs_entry_row **rows, size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(
	    db, f->value.n > 0 ? VS_SQL_ENTRY_HISTORY : VS_SQL_ENTRY_LIST);
	struct vs_entry_row *v = NULL;
	size_t count = 0, cap = 0;

	vs_query_text(&q, 1, f->list);
	vs_query_int(&q, 2, f->after);
	vs_query_int(&q, 3, f->state);
	vs_query_int(&q, 4, (int64_t)f->limit);
	if (f->value.n > 0)
		vs_query_text(&q, 5, f->value);
	for (;;) {
		bool row = false;

		VS_TRY(err, "entries", vs_query_step(&q, &row, err));
		if (!row)
			break;
		v = vs_arena_more(a, v, count, &cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: entries");
		VS_TRY(err, "entries", vs_entry_read(&q, a, &v[count], err));
		count++;
	}
	*rows = v;
	*n = count;
	return VS_OK;
}

vs_status
vs_store_entries(struct vs_store *s, const struct vs_entry_filter *f,
    struct vs_arena *a, struct vs_entry_row **rows, size_t *n,
    struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = page(db, f, a, rows, n, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
counts(struct vs_db *db, struct vs_span list, struct vs_entry_counts *out,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_ENTRY_COUNTS);
	bool row = false;

	vs_query_text(&q, 1, list);
	VS_TRY(err, "counts", vs_query_step(&q, &row, err));
	out->pending = vs_query_get_int(&q, 0);
	out->active = vs_query_get_int(&q, 1);
	out->revoked = vs_query_get_int(&q, 2);
	return VS_OK;
}

vs_status
vs_store_entry_counts(struct vs_store *s, struct vs_span list,
    struct vs_entry_counts *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = counts(db, list, out, err);

	vs_store_put(s, db);
	return st;
}
