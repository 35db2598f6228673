/* SPDX-License-Identifier: Apache-2.0 */
/* Agreeing, rejecting, and the end of what waited for too long. */
#include <string.h>

#include "store/lists_int.h"

/* An ask with its detail, its entry and its votes. */
enum { ARENA_MAX = 4 * 1024 * 1024, VOTES_MAX = 256 };

struct voting {
	const struct vs_act *act;
	const struct vs_vote *vote;
	struct vs_arena arena;
	struct vs_ask_row ask;
	struct vs_vote_outcome out;
};

static vs_status
add_vote(
    struct vs_store *s, const struct voting *v, bool *again, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_VOTE_ADD);

	vs_query_blob(&q, 1, VS_SPAN_OF(v->ask.id));
	vs_query_text(&q, 2, v->act->person);
	vs_query_text(&q, 3, v->act->who);
	vs_query_int(&q, 4, v->act->roles);
	vs_query_int(&q, 5, v->act->now_ms);
	VS_TRY(err, "vote", vs_query_run(&q, err));
	*again = sqlite3_changes(s->writer.db) == 0;
	return VS_OK;
}

/* As much as was asked for then, and as much as is today. */
static struct vs_need
stricter(const struct vs_need *a, const struct vs_need *b)
{
	struct vs_need n = *a;

	if (b->any > n.any)
		n.any = b->any;
	for (size_t i = 0; i < VS_NEED_ROLES; i++)
		if (b->role[i] > n.role[i])
			n.role[i] = b->role[i];
	return n;
}

static bool
is_met(const struct voting *v, const struct vs_vote_row *rows, size_t n)
{
	struct vs_need need = stricter(&v->ask.need, &v->vote->need);
	unsigned roles[VOTES_MAX];

	/* What nobody need agree to does not wait: then it is not ours. */
	if (n > VOTES_MAX || vs_need_nothing(&need))
		return false;
	for (size_t i = 0; i < n; i++)
		roles[i] = rows[i].roles;
	return vs_need_met(&need, roles, n);
}

static vs_status
set_approvals(struct vs_store *s, int64_t entry, const struct vs_vote_row *rows,
    size_t n, struct vs_err *err)
{
	struct vs_buf names = {0};
	vs_status st;

	for (size_t i = 0; i < n; i++) {
		vs_buf_puts(&names, i > 0 ? "\n" : "");
		vs_buf_add(&names, rows[i].who);
	}
	st = vs_buf_status(&names);
	if (st == VS_OK) {
		VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ENTRY_AGREED);

		vs_query_int(&q, 1, entry);
		vs_query_text(&q, 2, vs_buf_span(&names));
		st = vs_query_run(&q, err);
	}
	vs_buf_fini(&names);
	return st;
}

static vs_status
activate(struct vs_store *s, struct voting *v, const struct vs_vote_row *rows,
    size_t n, struct vs_err *err)
{
	struct vs_entry_pair pair;

	VS_TRY(err, "entry",
	    vs_entry_pair_read(
		s, v->ask.subject, v->ask.value, &v->arena, &pair, err));
	if (pair.pending.id != v->ask.entry)
		return vs_fail(
		    err, VS_INTERNAL, "store: the entry does not wait");
	if (pair.live.id != 0) {
		VS_TRY(err, "entry",
		    vs_entry_to(s, pair.live.id, VS_ENTRY_REPLACED, v->act,
			VS_SPAN_LIT("added again"), err));
		VS_TRY(err, "entry",
		    vs_asks_overtake(s, pair.live.id, v->act->now_ms, err));
	}
	VS_TRY(err, "entry",
	    vs_entry_to(s, v->ask.entry, VS_ENTRY_ACTIVE, v->act,
		VS_SPAN_LIT(""), err));
	VS_TRY(err, "entry", set_approvals(s, v->ask.entry, rows, n, err));
	return vs_lists_changed(s, err);
}

static vs_status
carry_out(struct vs_store *s, struct voting *v, const struct vs_vote_row *rows,
    size_t n, struct vs_err *err)
{
	int64_t until = v->ask.expires_ms;

	if (v->ask.action == VS_ASK_RELEASE)
		until = v->act->now_ms + v->ask.window_ms;
	VS_TRY(err, "approve",
	    vs_ask_to(s, &v->ask, VS_ASK_APPROVED, v->act->now_ms, until, err));
	v->out.state = VS_ASK_APPROVED;
	if (v->ask.action == VS_ASK_RELEASE)
		return VS_OK;
	if (v->ask.action == VS_ASK_ADD)
		return activate(s, v, rows, n, err);
	VS_TRY(err, "approve",
	    vs_entry_to(
		s, v->ask.entry, VS_ENTRY_REVOKED, v->act, v->ask.reason, err));
	return vs_lists_changed(s, err);
}

static vs_status
agree(
    struct vs_store *s, struct vs_op *op, struct voting *v, struct vs_err *err)
{
	struct vs_vote_row *rows = NULL;
	size_t n = 0;

	if (vs_span_equal(v->ask.person, v->act->person))
		return vs_refuse(op, VS_DENIED, "approval.self",
		    "who asks for something cannot approve it", err);
	VS_TRY(err, "approve", add_vote(s, v, &v->out.unchanged, err));
	VS_TRY(err, "approve",
	    vs_votes_read(&s->writer, v->ask.id, &v->arena, &rows, &n, err));
	v->out.state = VS_ASK_OPEN;
	/* Also of a vote that was there: what is asked for may be less now
	 * than it was when that was counted, and never less than at first. */
	if (is_met(v, rows, n)) {
		v->out.unchanged = false;
		VS_TRY(err, "approve", carry_out(s, v, rows, n, err));
	}
	op->silent = v->out.unchanged;
	op->row.code = vs_span_cstr(vs_ask_state_name(v->out.state));
	return VS_OK;
}

static vs_status
reject(
    struct vs_store *s, struct vs_op *op, struct voting *v, struct vs_err *err)
{
	VS_TRY(err, "reject",
	    vs_ask_to(s, &v->ask, VS_ASK_REJECTED, v->act->now_ms,
		v->ask.expires_ms, err));
	v->out.state = VS_ASK_REJECTED;
	op->row.code = VS_SPAN_LIT("rejected");
	if (v->ask.action != VS_ASK_ADD)
		return VS_OK;
	return vs_entry_to(
	    s, v->ask.entry, VS_ENTRY_REJECTED, v->act, v->vote->reason, err);
}

static bool
voted(const struct vs_vote_row *rows, size_t n, struct vs_span person)
{
	for (size_t i = 0; i < n; i++)
		if (vs_span_equal(rows[i].person, person))
			return true;
	return false;
}

/* A call that comes again after it did its work is no error. */
static vs_status
closed(
    struct vs_store *s, struct vs_op *op, struct voting *v, struct vs_err *err)
{
	struct vs_vote_row *rows = NULL;
	size_t n = 0;
	bool same;

	VS_TRY(err, "approve",
	    vs_votes_read(&s->writer, v->ask.id, &v->arena, &rows, &n, err));
	same = v->vote->reject
	    ? v->ask.state == VS_ASK_REJECTED
	    : v->ask.state == VS_ASK_APPROVED && voted(rows, n, v->act->person);
	if (!same)
		return vs_refuse(op, VS_CONFLICT, "approval.closed",
		    "this does not wait for approval any more", err);
	v->out = (struct vs_vote_outcome){v->ask.state, true};
	op->silent = true;
	return VS_OK;
}

static vs_status
run_vote(
    struct vs_store *s, struct vs_op *op, struct voting *v, struct vs_err *err)
{
	bool lapsed = false;

	VS_TRY(err, "approval",
	    vs_ask_find(&s->writer, v->vote->ask, &v->arena, &v->ask, err));
	VS_TRY(
	    err, "approval", vs_ask_settle(s, &v->ask, v->act, &lapsed, err));
	if (lapsed || v->ask.state == VS_ASK_LAPSED)
		return vs_refuse(op, VS_CONFLICT, "approval.lapsed",
		    "nobody agreed in time: it must be asked for again", err);
	/* A release that was approved can still be forbidden. */
	if (v->ask.state != VS_ASK_OPEN &&
	    !(v->vote->reject && v->ask.action == VS_ASK_RELEASE &&
		v->ask.state == VS_ASK_APPROVED))
		return closed(s, op, v, err);
	return v->vote->reject ? reject(s, op, v, err) : agree(s, op, v, err);
}

static vs_status
apply_vote(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct voting *v = op->arg;
	vs_status st;

	v->out = (struct vs_vote_outcome){.state = VS_ASK_ABSENT};
	vs_arena_init(&v->arena, ARENA_MAX);
	st = run_vote(s, op, v, err);
	vs_arena_fini(&v->arena);
	return st;
}

vs_status
vs_store_vote(struct vs_store *s, const struct vs_act *act,
    const struct vs_vote *vote, struct vs_vote_outcome *out, struct vs_err *err)
{
	struct voting v = {.act = act, .vote = vote};
	struct vs_op op = {.apply = apply_vote,
	    .arg = &v,
	    .given = act->audit,
	    .savepoint = true};
	vs_status st = vs_store_submit(s, &op, err);

	if (st == VS_OK)
		*out = v.out;
	return st;
}

struct releasing {
	const struct vs_act *act;
	const struct vs_ask_row *ask;
	struct vs_arena arena;
	struct vs_ask_row found; /* its text is the caller's */
};

/* Whether what is asked for today was asked for then. */
static bool
still_asks(const struct vs_ask_row *then, const struct vs_ask_row *today)
{
	const struct vs_need both = stricter(&then->need, &today->need);

	return memcmp(&both, &then->need, sizeof both) == 0 &&
	    then->window_ms <= today->window_ms;
}

static vs_status
run_release(struct vs_store *s, struct vs_op *op, struct releasing *r,
    struct vs_err *err)
{
	struct vs_ask_row fresh = *r->ask;
	struct vs_ask_row old;
	bool lapsed = false;
	vs_status st = vs_ask_open(s, VS_ASK_RELEASE, r->ask->subject,
	    r->ask->value, &r->arena, &old, err);

	if (st != VS_OK && st != VS_NOT_FOUND)
		return st;
	if (st == VS_OK)
		VS_TRY(err, "release",
		    vs_ask_settle(s, &old, r->act, &lapsed, err));
	vs_err_clear(err);
	/* Fewer people, or for longer, than the policies would have now. What
	 * either wants is then asked for, so that two that differ agree. */
	if (st == VS_OK && !lapsed && !still_asks(&old, r->ask)) {
		VS_TRY(err, "release",
		    vs_ask_to(s, &old, VS_ASK_OVERTAKEN, r->act->now_ms,
			old.expires_ms, err));
		fresh.need = stricter(&old.need, &r->ask->need);
		if (old.window_ms < fresh.window_ms)
			fresh.window_ms = old.window_ms;
		lapsed = true;
	}
	r->found = fresh;
	if (st == VS_OK && !lapsed) {
		memcpy(r->found.id, old.id, sizeof old.id);
		r->found.state = old.state;
		r->found.expires_ms = old.expires_ms;
		op->silent = true;
		return VS_OK;
	}
	r->found.state = VS_ASK_OPEN;
	return vs_ask_insert(s, &fresh, err);
}

static vs_status
apply_release(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct releasing *r = op->arg;
	vs_status st;

	vs_arena_init(&r->arena, ARENA_MAX);
	st = run_release(s, op, r, err);
	vs_arena_fini(&r->arena);
	return st;
}

vs_status
vs_store_ask_release(struct vs_store *s, const struct vs_act *act,
    const struct vs_ask_row *ask, struct vs_ask_row *out, struct vs_err *err)
{
	struct releasing r = {.act = act, .ask = ask};
	struct vs_op op = {.apply = apply_release,
	    .arg = &r,
	    .given = act->audit,
	    .savepoint = true};
	vs_status st = vs_store_submit(s, &op, err);

	if (st == VS_OK)
		*out = r.found;
	return st;
}

struct lapsing {
	const struct vs_act *act;
	struct vs_arena arena;
	size_t n;
};

static vs_status
collect_due(struct vs_store *s, struct lapsing *l, struct vs_ask_row **rows,
    size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ASK_DUE);
	struct vs_ask_row *v = NULL;
	size_t count = 0, cap = 0;

	vs_query_int(&q, 1, l->act->now_ms);
	for (;;) {
		bool row = false;

		VS_TRY(err, "due", vs_query_step(&q, &row, err));
		if (!row)
			break;
		v = vs_arena_more(&l->arena, v, count, &cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: due");
		VS_TRY(err, "due", vs_ask_read(&q, &l->arena, &v[count], err));
		count++;
	}
	*rows = v;
	*n = count;
	return VS_OK;
}

static vs_status
run_lapse(struct vs_store *s, struct lapsing *l, struct vs_err *err)
{
	struct vs_ask_row *rows = NULL;
	size_t n = 0;

	l->n = 0;
	VS_TRY(err, "lapse", collect_due(s, l, &rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		bool lapsed = false;

		VS_TRY(err, "lapse",
		    vs_ask_settle(s, &rows[i], l->act, &lapsed, err));
		l->n += lapsed;
	}
	return VS_OK;
}

static vs_status
apply_lapse(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct lapsing *l = op->arg;
	vs_status st;

	vs_arena_init(&l->arena, ARENA_MAX);
	st = run_lapse(s, l, err);
	vs_arena_fini(&l->arena);
	op->silent = l->n == 0;
	return st;
}

vs_status
vs_store_asks_lapse(
    struct vs_store *s, const struct vs_act *act, size_t *n, struct vs_err *err)
{
	struct lapsing l = {.act = act};
	struct vs_op op = {.apply = apply_lapse,
	    .arg = &l,
	    .given = act->audit,
	    .savepoint = true};
	vs_status st = vs_store_submit(s, &op, err);

	if (st == VS_OK)
		*n = l.n;
	return st;
}
