/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the lists' tables, written one at a time inside an operation. */
#include "store/lists_int.h"

vs_status
vs_refuse(struct vs_op *op, vs_status st, const char *code, const char *why,
    struct vs_err *err)
{
	op->row.outcome = VS_SPAN_LIT("denied");
	op->row.class_name = vs_span_cstr(vs_class_name(vs_status_class(st)));
	op->row.code = vs_span_cstr(code);
	op->status = vs_fail(err, st, "%s", why);
	err->code = code;
	return VS_OK; /* so that the record stays */
}

static vs_status
read_pair(struct vs_query *q, struct vs_arena *a, struct vs_entry_pair *out,
    struct vs_err *err)
{
	for (;;) {
		struct vs_entry_row r;
		bool row = false;

		VS_TRY(err, "entry", vs_query_step(q, &row, err));
		if (!row)
			return VS_OK;
		VS_TRY(err, "entry", vs_entry_read(q, a, &r, err));
		if (r.state == VS_ENTRY_PENDING)
			out->pending = r;
		else
			out->live = r;
	}
}

vs_status
vs_entry_pair_read(struct vs_store *s, struct vs_span list,
    struct vs_span value, struct vs_arena *a, struct vs_entry_pair *out,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ENTRY_OF);

	*out = (struct vs_entry_pair){.live = {.id = 0}};
	vs_query_text(&q, 1, list);
	vs_query_text(&q, 2, value);
	return read_pair(&q, a, out, err);
}

static vs_status
changed_one(struct vs_store *s, const char *what, struct vs_err *err)
{
	/* A schema that was tampered with can make it do nothing. */
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail(err, VS_INTERNAL, "store: %s: no change", what);
	return VS_OK;
}

vs_status
vs_entry_to(struct vs_store *s, int64_t id, vs_entry_state state,
    const struct vs_act *act, struct vs_span reason, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ENTRY_STATE);

	vs_query_int(&q, 1, id);
	vs_query_int(&q, 2, state);
	vs_query_int(&q, 3, act->now_ms);
	vs_query_text(&q, 4, act->who);
	vs_query_text(&q, 5, reason);
	VS_TRY(err, "entry", vs_query_run(&q, err));
	return changed_one(s, "entry", err);
}

vs_status
vs_lists_changed(struct vs_store *s, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_LIST_CHANGED);

	VS_TRY(err, "lists", vs_query_run(&q, err));
	return changed_one(s, "lists", err);
}

vs_status
vs_ask_insert(
    struct vs_store *s, const struct vs_ask_row *ask, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_ADD);
	uint8_t need[VS_NEED_SIZE];

	vs_need_pack(&ask->need, need);
	vs_query_blob(&q, 1, VS_SPAN_OF(ask->id));
	vs_query_int(&q, 2, ask->action);
	vs_query_text(&q, 3, ask->subject);
	vs_query_text(&q, 4, ask->value);
	vs_query_int(&q, 5, ask->entry);
	vs_query_blob(&q, 6, VS_SPAN_OF(need));
	vs_query_text(&q, 7, ask->asked_by);
	vs_query_text(&q, 8, ask->person);
	vs_query_int(&q, 9, ask->asked_ms);
	vs_query_int(&q, 10, ask->expires_ms);
	vs_query_int(&q, 11, ask->window_ms);
	vs_query_text(&q, 12, ask->reason);
	vs_query_text(&q, 13, ask->detail);
	return vs_query_run(&q, err);
}

vs_status
vs_ask_to(struct vs_store *s, const struct vs_ask_row *ask, vs_ask_state state,
    int64_t now_ms, int64_t expires_ms, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_STATE);

	vs_query_blob(&q, 1, VS_SPAN_OF(ask->id));
	vs_query_int(&q, 2, state);
	vs_query_int(&q, 3, now_ms);
	vs_query_int(&q, 4, expires_ms);
	VS_TRY(err, "ask", vs_query_run(&q, err));
	return changed_one(s, "ask", err);
}

vs_status
vs_ask_open(struct vs_store *s, vs_ask_action action, struct vs_span subject,
    struct vs_span value, struct vs_arena *a, struct vs_ask_row *out,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_OPEN);
	bool row = false;

	vs_query_int(&q, 1, action);
	vs_query_text(&q, 2, subject);
	vs_query_text(&q, 3, value);
	VS_TRY(err, "ask", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "nothing waits for approval");
	return vs_ask_read(&q, a, out, err);
}

vs_status
vs_asks_overtake(
    struct vs_store *s, int64_t entry, int64_t now_ms, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_OVERTAKE);

	vs_query_int(&q, 1, entry);
	vs_query_int(&q, 2, now_ms);
	return vs_query_run(&q, err);
}

vs_status
vs_ask_settle(struct vs_store *s, const struct vs_ask_row *ask,
    const struct vs_act *act, bool *lapsed, struct vs_err *err)
{
	bool waits = ask->state == VS_ASK_OPEN ||
	    (ask->action == VS_ASK_RELEASE && ask->state == VS_ASK_APPROVED);

	*lapsed = waits && ask->expires_ms <= act->now_ms;
	if (!*lapsed)
		return VS_OK;
	VS_TRY(err, "lapse",
	    vs_ask_to(
		s, ask, VS_ASK_LAPSED, act->now_ms, ask->expires_ms, err));
	if (ask->action != VS_ASK_ADD)
		return VS_OK;
	return vs_entry_to(s, ask->entry, VS_ENTRY_LAPSED, act,
	    VS_SPAN_LIT("nobody agreed in time"), err);
}
