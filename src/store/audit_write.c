/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail and spent nonces: writing. */
#include <string.h>

#include "store/store_int.h"

static void
put_u64(struct vs_buf *out, uint64_t v)
{
	uint8_t b[8];
	struct vs_wr w = vs_wr_of(b, sizeof b);

	vs_wr_u64be(&w, v);
	vs_buf_add(out, VS_SPAN_OF(b));
}

static void
put_field(struct vs_buf *out, struct vs_span v)
{
	put_u64(out, v.n);
	vs_buf_add(out, v);
}

void
vs_audit_canonical(const struct vs_audit_row *row, struct vs_buf *out)
{
	static const char tag[] = "vouchsafe/v1 audit"; /* with its NUL */

	vs_buf_add(out, VS_SPAN_OF(tag));
	put_u64(out, (uint64_t)row->seq);
	vs_buf_add(out, VS_SPAN_OF(row->id));
	put_u64(out, (uint64_t)row->at_ms);
	put_field(out, row->action);
	put_field(out, row->outcome);
	put_field(out, row->class_name);
	put_field(out, row->code);
	put_field(out, row->peer);
	put_field(out, row->keys);
	put_field(out, row->detail);
}

static vs_status
last_row(struct vs_store *s, int64_t *seq, uint8_t mac[VS_STORE_MAC_SIZE],
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_AUDIT_LAST);
	bool row = false;

	VS_TRY(err, "last row", vs_query_step(&q, &row, err));
	if (!row)
		return VS_OK; /* the first row chains from zeros */
	*seq = vs_query_get_int(&q, 0);
	return vs_query_get_n(&q, 1, mac, VS_STORE_MAC_SIZE);
}

static vs_status
insert_row(struct vs_store *s, const struct vs_audit_row *r, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_AUDIT_ADD);

	vs_query_int(&q, 1, r->seq);
	vs_query_blob(&q, 2, VS_SPAN_OF(r->id));
	vs_query_int(&q, 3, r->at_ms);
	vs_query_text(&q, 4, r->action);
	vs_query_text(&q, 5, r->outcome);
	vs_query_text(&q, 6, r->class_name);
	vs_query_text(&q, 7, r->code);
	vs_query_text(&q, 8, r->peer);
	vs_query_text(&q, 9, r->keys);
	vs_query_blob(&q, 10, VS_SPAN_OF(r->mac));
	vs_query_text(&q, 11, r->detail);
	VS_TRY(err, "row", vs_query_run(&q, err));
	/* A schema that was tampered with can make it do nothing. */
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail(err, VS_INTERNAL,
		    "store: the audit record was not written");
	return VS_OK;
}

static vs_status
digest_row(struct vs_store *s, const struct vs_audit_row *row, uint8_t out[32],
    struct vs_err *err)
{
	vs_buf_reset(&s->canonical);
	vs_audit_canonical(row, &s->canonical);
	VS_TRY(err, "row", vs_buf_status(&s->canonical));
	VS_TRY(err, "digest",
	    s->opt.digest(s->opt.ctx, vs_buf_span(&s->canonical), out));
	return VS_OK;
}

static bool
leaves_row(const struct vs_op *op)
{
	return op->given != NULL && !op->own_failure && !op->silent;
}

/* One call for the MACs of the whole group. */
vs_status
vs_audit_append(
    struct vs_store *s, struct vs_op *const *ops, size_t n, struct vs_err *err)
{
	uint8_t prev[VS_STORE_MAC_SIZE] = {0};
	int64_t seq = 0;
	size_t rows = 0;

	VS_TRY(err, "audit", last_row(s, &seq, prev, err));
	for (size_t i = 0; i < n; i++) {
		if (!leaves_row(ops[i]))
			continue;
		ops[i]->row.seq = ++seq;
		VS_TRY(err, "audit",
		    digest_row(s, &ops[i]->row, s->digests[rows++], err));
	}
	if (rows == 0)
		return VS_OK;
	VS_TRY(err, "audit chain",
	    s->opt.chain(s->opt.ctx, prev, (const uint8_t(*)[32])s->digests,
		rows, s->macs, err));
	vs_store_at(s, "chained");
	rows = 0;
	for (size_t i = 0; i < n; i++) {
		if (!leaves_row(ops[i]))
			continue;
		memcpy(ops[i]->row.mac, s->macs[rows++], VS_STORE_MAC_SIZE);
		VS_TRY(err, "audit", insert_row(s, &ops[i]->row, err));
	}
	return VS_OK;
}

struct prune {
	int64_t now_ms;
	size_t removed;
};

/* A batch short enough that releases behind it do not notice. */
enum { PRUNE_BATCH = 1000 };

static vs_status
prune(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct prune *p = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_NONCE_PRUNE);

	vs_query_int(&q, 1, p->now_ms);
	vs_query_int(&q, 2, PRUNE_BATCH);
	VS_TRY(err, "prune", vs_query_run(&q, err));
	p->removed = (size_t)sqlite3_changes(s->writer.db);
	return VS_OK;
}

vs_status
vs_store_prune_nonces(
    struct vs_store *s, int64_t now_ms, size_t *removed, struct vs_err *err)
{
	size_t total = 0;
	struct prune p = {.now_ms = now_ms};

	do {
		struct vs_op op = {.apply = prune, .arg = &p};

		VS_TRY(err, "prune", vs_store_submit(s, &op, err));
		total += p.removed;
	} while (p.removed == PRUNE_BATCH);
	*removed = total;
	return VS_OK;
}

static vs_status
probe(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_PROBE);

	(void)op;
	return vs_query_run(&q, err);
}

vs_status
vs_store_probe(struct vs_store *s, struct vs_err *err)
{
	struct vs_op op = {.apply = probe};

	return vs_store_submit(s, &op, err);
}
