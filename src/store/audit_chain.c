/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail as a chain: what its MACs were made over. */
#include "store/store_int.h"

/* A blob of the same bytes is another value to a query that filters. */
static vs_status
peek_text(struct vs_query *q, int col, struct vs_span *out)
{
	*out = (struct vs_span){0};
	return sqlite3_column_type(q->st, col) == SQLITE_TEXT
	    ? vs_query_peek(q, col, out)
	    : VS_OK;
}

/* Spans are borrowed from the query, until its next step. */
static vs_status
peek_row(struct vs_query *q, struct vs_audit_row *r, struct vs_err *err)
{
	r->seq = vs_query_get_int(q, 0);
	VS_TRY(err, "id", vs_query_get_n(q, 1, r->id, sizeof r->id));
	r->at_ms = vs_query_get_int(q, 2);
	VS_TRY(err, "action", peek_text(q, 3, &r->action));
	VS_TRY(err, "outcome", peek_text(q, 4, &r->outcome));
	VS_TRY(err, "class", peek_text(q, 5, &r->class_name));
	VS_TRY(err, "code", peek_text(q, 6, &r->code));
	VS_TRY(err, "peer", peek_text(q, 7, &r->peer));
	VS_TRY(err, "keys", peek_text(q, 8, &r->keys));
	VS_TRY(err, "mac", vs_query_get_n(q, 9, r->mac, sizeof r->mac));
	VS_TRY(err, "detail", peek_text(q, 10, &r->detail));
	return VS_OK;
}

static vs_status
link_of(struct vs_store *s, const struct vs_audit_row *r, struct vs_buf *room,
    struct vs_audit_link *out, struct vs_err *err)
{
	vs_buf_reset(room);
	vs_audit_canonical(r, room);
	VS_TRY(err, "row", vs_buf_status(room));
	VS_TRY(err, "digest",
	    s->opt.digest(s->opt.ctx, vs_buf_span(room), out->digest));
	out->seq = r->seq;
	for (size_t i = 0; i < sizeof out->id; i++)
		out->id[i] = r->id[i];
	for (size_t i = 0; i < sizeof out->mac; i++)
		out->mac[i] = r->mac[i];
	return VS_OK;
}

static vs_status
links(struct vs_store *s, struct vs_db *db, int64_t after, size_t limit,
    struct vs_buf *room, struct vs_audit_link *out, size_t *n,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_AUDIT_CHAIN);

	/* From the start means all there is: numbers below 1 are forged. */
	vs_query_int(&q, 1, after == 0 ? INT64_MIN : after + 1);
	for (*n = 0; *n < limit; (*n)++) {
		struct vs_audit_row row = {0};
		bool more = false;

		VS_TRY(err, "audit chain", vs_query_step(&q, &more, err));
		if (!more)
			return VS_OK;
		VS_TRY(err, "audit chain", peek_row(&q, &row, err));
		VS_TRY(
		    err, "audit chain", link_of(s, &row, room, &out[*n], err));
	}
	return VS_OK;
}

vs_status
vs_store_audit_links(struct vs_store *s, int64_t after, size_t limit,
    struct vs_audit_link *out, size_t *n, struct vs_err *err)
{
	struct vs_db *db;
	struct vs_buf room = {0};
	size_t found = 0;
	vs_status st;

	if (after == INT64_MAX) {
		*n = 0;
		return VS_OK;
	}
	db = vs_store_take(s);
	st = links(s, db, after, limit, &room, out, &found, err);
	vs_buf_fini(&room);
	vs_store_put(s, db);
	if (st == VS_OK)
		*n = found;
	return st;
}
