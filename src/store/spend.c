/* SPDX-License-Identifier: Apache-2.0 */
/* What a release spends with its record: nonce, uses of keys, approvals. */
#include <sqlite3.h>

#include "store/sql.h"
#include "store/store_int.h"

struct spend {
	const uint8_t *nonce; /* NULL: none */
	int64_t expiry_ms;
	const struct vs_release_use *use; /* NULL: nothing */
};

/* NULL when the key may be used so; else the code of why not. One writer: what
 * is seen here holds until the transaction ends. */
static vs_status
may_use(struct vs_store *s, const struct vs_key_use *u, const char **why,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_MAY_USE);
	bool row = false;
	int64_t max;

	vs_query_text(&q, 1, u->name);
	vs_query_int(&q, 2, u->version);
	VS_TRY(err, "use", vs_query_step(&q, &row, err));
	if (!row) {
		*why = "key.changed"; /* disabled or destroyed meanwhile */
		return VS_OK;
	}
	max = vs_query_get_int(&q, 0);
	if (max > 0 && vs_query_get_int(&q, 1) + (int64_t)u->n > max)
		*why = "key.exhausted";
	else if (u->epoch >= 0 && u->epoch < vs_query_get_int(&q, 2))
		*why = "key.epoch_closed";
	return VS_OK;
}

static vs_status
may_use_ask(struct vs_store *s, const uint8_t *id, int64_t now_ms,
    const char **why, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_GOOD);
	bool good = false;

	vs_query_blob(&q, 1, VS_SPAN(id, VS_STORE_ID_SIZE));
	vs_query_int(&q, 2, now_ms);
	VS_TRY(err, "approval", vs_query_step(&q, &good, err));
	if (!good)
		*why = "approval.used";
	return VS_OK;
}

/* All are looked at before one is used. */
static vs_status
may_use_all(struct vs_store *s, const struct vs_release_use *u, int64_t now_ms,
    const char **why, struct vs_err *err)
{
	*why = NULL;
	for (size_t i = 0; i < u->keys_n && *why == NULL; i++)
		VS_TRY(err, "use", may_use(s, &u->keys[i], why, err));
	for (size_t i = 0; i < u->asks_n && *why == NULL; i++)
		VS_TRY(err, "use",
		    may_use_ask(
			s, u->asks + i * VS_STORE_ID_SIZE, now_ms, why, err));
	return VS_OK;
}

static vs_status
use_key(struct vs_store *s, const struct vs_key_use *u, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_USE);

	vs_query_text(&q, 1, u->name);
	vs_query_int(&q, 2, u->version);
	vs_query_int(&q, 3, u->n);
	return vs_query_run(&q, err);
}

static vs_status
use_ask(
    struct vs_store *s, const uint8_t *id, int64_t now_ms, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_USE);

	vs_query_blob(&q, 1, VS_SPAN(id, VS_STORE_ID_SIZE));
	vs_query_int(&q, 2, now_ms);
	VS_TRY(err, "approval", vs_query_run(&q, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail(
		    err, VS_INTERNAL, "store: the approval was not used");
	return VS_OK;
}

/* What may not be used turns the row into the record of that. */
static vs_status
consume(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct vs_release_use *u = ((const struct spend *)op->arg)->use;
	const int64_t now_ms = op->row.at_ms;
	const char *why = NULL;

	if (u == NULL)
		return VS_OK;
	VS_TRY(err, "uses", may_use_all(s, u, now_ms, &why, err));
	if (why != NULL) {
		op->row.outcome = VS_SPAN_LIT("denied");
		op->row.class_name = VS_SPAN_LIT("denied");
		op->row.code = vs_span_cstr(why);
		/* One text for all denials: the caller's peer may read it. */
		op->status = vs_fail_code(
		    err, VS_DENIED, "denied", "the release is denied");
		return VS_OK;
	}
	for (size_t i = 0; i < u->keys_n; i++)
		VS_TRY(err, "use", use_key(s, &u->keys[i], err));
	for (size_t i = 0; i < u->asks_n; i++)
		VS_TRY(err, "use",
		    use_ask(s, u->asks + i * VS_STORE_ID_SIZE, now_ms, err));
	return VS_OK;
}

/* A nonce that was spent before turns the row into the record of that. */
static vs_status
spend(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct spend *sp = op->arg;

	if (sp->nonce == NULL)
		return consume(s, op, err);
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_NONCE_SPEND);
	vs_query_blob(&q, 1, VS_SPAN(sp->nonce, VS_STORE_NONCE_SIZE));
	vs_query_int(&q, 2, sp->expiry_ms);
	VS_TRY(err, "nonce", vs_query_run(&q, err));
	if (sqlite3_changes(s->writer.db) == 1)
		return consume(s, op, err);
	op->row.outcome = VS_SPAN_LIT("denied");
	op->row.class_name = VS_SPAN_LIT("stale");
	op->row.code = VS_SPAN_LIT("nonce.spent");
	op->status = vs_fail_code(
	    err, VS_SPENT, "nonce.spent", "the nonce was used before");
	return VS_OK;
}

vs_status
vs_store_commit_release(struct vs_store *s, const struct vs_audit_row *row,
    const uint8_t *nonce, int64_t nonce_expiry_ms,
    const struct vs_release_use *use, struct vs_err *err)
{
	struct spend sp = {nonce, nonce_expiry_ms, use};
	struct vs_op op = {.apply = spend, .arg = &sp, .given = row};

	return vs_store_submit(s, &op, err);
}

vs_status
vs_store_commit(struct vs_store *s, const struct vs_audit_row *row,
    const uint8_t *nonce, int64_t nonce_expiry_ms, struct vs_err *err)
{
	return vs_store_commit_release(
	    s, row, nonce, nonce_expiry_ms, NULL, err);
}
