/* SPDX-License-Identifier: Apache-2.0 */
/* States of keys: what they are, will be, and cannot be again. */
#include "store/store_int.h"

struct change {
	struct vs_span name;
	uint32_t version; /* 0: all */
	vs_key_state state;
	int64_t now_ms;
};

struct counts {
	int64_t all;
	int64_t live; /* not destroyed */
	int64_t scheduled;
};

static vs_status
count(struct vs_store *s, const struct change *c, struct counts *out,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_COUNT);
	bool row = false;

	vs_query_text(&q, 1, c->name);
	vs_query_int(&q, 2, c->version);
	VS_TRY(err, "count", vs_query_step(&q, &row, err));
	*out = (struct counts){vs_query_get_int(&q, 0), vs_query_get_int(&q, 1),
	    vs_query_get_int(&q, 2)};
	if (out->all == 0)
		return vs_fail(err, VS_NOT_FOUND, "there is no such key");
	return VS_OK;
}

static vs_status
update(struct vs_store *s, vs_sql_id id, const struct change *c, int64_t third,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, id);

	vs_query_text(&q, 1, c->name);
	vs_query_int(&q, 2, c->version);
	if (third != 0)
		vs_query_int(&q, 3, third);
	return vs_query_run(&q, err);
}

/* Zeros of the same length go where the record stands; then it is emptied. */
static vs_status
destroy(struct vs_store *s, const struct change *c, struct vs_err *err)
{
	VS_TRY(err, "destroy", update(s, VS_SQL_KEY_OVERWRITE, c, 0, err));
	VS_TRY(err, "destroy", update(s, VS_SQL_KEY_EMPTY, c, 0, err));
	return update(
	    s, VS_SQL_KEY_DESTROYED, c, c->now_ms == 0 ? 1 : c->now_ms, err);
}

/* Destroyed is for ever; a second destruction is no error. */
static vs_status
change_state(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	struct counts n = {0};

	VS_TRY(err, "state", count(s, c, &n, err));
	if (c->state == VS_KEY_DESTROYED)
		return destroy(s, c, err);
	if (n.live == 0)
		return vs_fail_code(
		    err, VS_CONFLICT, "key.destroyed", "the key was destroyed");
	if (n.live == n.scheduled)
		return vs_fail_code(err, VS_CONFLICT, "key.scheduled",
		    "the key is scheduled for destruction: cancel that first");
	return update(s, VS_SQL_KEY_STATE, c, c->state, err);
}

vs_status
vs_store_key_state_audited(struct vs_store *s, struct vs_span name,
    uint32_t version, vs_key_state state, int64_t now_ms,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct change c = {name, version, state, now_ms};
	struct vs_op op = {.apply = change_state,
	    .arg = &c,
	    .given = audit,
	    .savepoint = true,
	    .scrub = state == VS_KEY_DESTROYED};

	if (state == VS_KEY_NONE || state == VS_KEY_SCHEDULED)
		return vs_fail(err, VS_USAGE, "not a state to set");
	return vs_store_submit(s, &op, err);
}

vs_status
vs_store_key_state(struct vs_store *s, struct vs_span name, uint32_t version,
    vs_key_state state, int64_t now_ms, struct vs_err *err)
{
	return vs_store_key_state_audited(
	    s, name, version, state, now_ms, NULL, err);
}

static vs_status
schedule(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	struct counts n = {0};

	VS_TRY(err, "schedule", count(s, c, &n, err));
	if (n.live == 0)
		return vs_fail_code(
		    err, VS_CONFLICT, "key.destroyed", "the key was destroyed");
	return update(s, VS_SQL_KEY_SCHEDULE, c, c->now_ms, err);
}

vs_status
vs_store_key_schedule(struct vs_store *s, struct vs_span name, uint32_t version,
    int64_t due_ms, const struct vs_audit_row *audit, struct vs_err *err)
{
	struct change c = {name, version, VS_KEY_SCHEDULED, due_ms};
	struct vs_op op = {
	    .apply = schedule, .arg = &c, .given = audit, .savepoint = true};

	if (due_ms <= 0)
		return vs_fail(err, VS_USAGE, "not a time to schedule for");
	return vs_store_submit(s, &op, err);
}

static vs_status
cancel(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	struct counts n = {0};

	VS_TRY(err, "cancel", count(s, c, &n, err));
	if (n.scheduled == 0)
		return vs_fail_code(err, VS_CONFLICT, "key.not_scheduled",
		    "the key is not scheduled for destruction");
	return update(s, VS_SQL_KEY_CANCEL, c, 0, err);
}

vs_status
vs_store_key_cancel(struct vs_store *s, struct vs_span name, uint32_t version,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct change c = {name, version, VS_KEY_DISABLED, 0};
	struct vs_op op = {
	    .apply = cancel, .arg = &c, .given = audit, .savepoint = true};

	return vs_store_submit(s, &op, err);
}

static vs_status
list_due(struct vs_db *db, int64_t now_ms, size_t limit, struct vs_arena *a,
    struct vs_key_row *rows, size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_KEY_DUE);
	bool row = false;

	vs_query_int(&q, 1, now_ms);
	vs_query_int(&q, 2, (int64_t)limit);
	while (*n < limit) {
		VS_TRY(err, "due", vs_query_step(&q, &row, err));
		if (!row)
			break;
		VS_TRY(err, "due", vs_query_get(&q, 0, a, &rows[*n].name));
		rows[*n].version = (uint32_t)vs_query_get_int(&q, 1);
		*n += 1;
	}
	return VS_OK;
}

vs_status
vs_store_keys_due(struct vs_store *s, int64_t now_ms, size_t limit,
    struct vs_arena *a, struct vs_key_row **rows, size_t *n, struct vs_err *err)
{
	struct vs_key_row *v = vs_arena_calloc(a, limit, sizeof *v);
	struct vs_db *db;
	size_t found = 0;
	vs_status st;

	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "due");
	db = vs_store_take(s);
	st = list_due(db, now_ms, limit, a, v, &found, err);
	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = v;
	*n = found;
	return VS_OK;
}

static vs_status
destroy_due(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_IS_DUE);
	bool row = false;

	vs_query_text(&q, 1, c->name);
	vs_query_int(&q, 2, c->version);
	vs_query_int(&q, 3, c->now_ms);
	VS_TRY(err, "due", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail_code(err, VS_CONFLICT, "key.not_scheduled",
		    "the key is not due for destruction");
	return destroy(s, c, err);
}

vs_status
vs_store_key_destroy_due(struct vs_store *s, const struct vs_key_row *key,
    int64_t now_ms, const struct vs_audit_row *audit, struct vs_err *err)
{
	struct change c = {key->name, key->version, VS_KEY_DESTROYED, now_ms};
	struct vs_op op = {.apply = destroy_due,
	    .arg = &c,
	    .given = audit,
	    .savepoint = true,
	    .scrub = true};

	return vs_store_submit(s, &op, err);
}

static vs_status
close_epochs(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct change *c = op->arg;
	struct counts n = {0};
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_CLOSE);

	VS_TRY(err, "close", count(s, c, &n, err));
	vs_query_text(&q, 1, c->name);
	vs_query_int(&q, 2, c->now_ms);
	VS_TRY(err, "close", vs_query_run(&q, err));
	if (sqlite3_changes(s->writer.db) == 0)
		return vs_fail_code(
		    err, VS_CONFLICT, "key.kind", "the key is no dataset");
	return VS_OK;
}

vs_status
vs_store_key_close(struct vs_store *s, struct vs_span name, int64_t floor,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct change c = {name, 0, VS_KEY_NONE, floor};
	struct vs_op op = {.apply = close_epochs,
	    .arg = &c,
	    .given = audit,
	    .savepoint = true};

	return vs_store_submit(s, &op, err);
}
