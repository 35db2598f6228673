/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of lists: adding and revoking. */
#include <string.h>

#include "store/lists_int.h"

/* Two rows of a value and what waits about them. */
enum { ARENA_MAX = 1024 * 1024 };

/* One operation. arena is of the one run. */
struct change {
	const struct vs_act *act;
	const struct vs_entry_add *add; /* or */
	const struct vs_entry_revoke *revoke;
	struct vs_arena arena;
	struct vs_entry_pair pair;
	struct vs_entry_outcome out;
};

/* Without a word of it any end will do, but of what forbids only one that is
 * as late. */
static bool
same_end(const struct vs_entry_row *old, const struct vs_entry_add *add)
{
	int64_t end = add->row.expires_ms;

	if (old->expires_ms == end)
		return true;
	if (add->expires_given)
		return false;
	return !add->no_sooner || old->expires_ms == 0 ||
	    (end != 0 && end <= old->expires_ms);
}

static bool
same_content(const struct vs_entry_row *old, const struct vs_entry_add *add)
{
	const struct vs_entry_row *r = &add->row;

	return vs_span_equal(old->labels, r->labels) &&
	    old->slsa_level == r->slsa_level &&
	    vs_span_equal(old->builder, r->builder) &&
	    vs_span_equal(old->source_uri, r->source_uri) &&
	    vs_span_equal(old->source_ref, r->source_ref) && same_end(old, add);
}

static bool
is_over(const struct vs_entry_row *r, int64_t now_ms)
{
	return r->expires_ms != 0 && r->expires_ms <= now_ms;
}

/* Reads both rows; a pending one whose time is over is gone. */
static vs_status
look(struct vs_store *s, struct change *c, struct vs_span list,
    struct vs_span value, struct vs_err *err)
{
	struct vs_entry_row *pending = &c->pair.pending;
	struct vs_ask_row ask;
	bool lapsed = false;
	vs_status st;

	VS_TRY(err, "entry",
	    vs_entry_pair_read(s, list, value, &c->arena, &c->pair, err));
	if (pending->id == 0)
		return VS_OK;
	st = vs_ask_open(s, VS_ASK_ADD, list, value, &c->arena, &ask, err);
	if (st != VS_OK)
		return st == VS_NOT_FOUND
		    ? vs_fail(err, VS_INTERNAL, "store: nobody asked for it")
		    : st;
	memcpy(c->out.ask, ask.id, sizeof c->out.ask);
	VS_TRY(err, "entry", vs_ask_settle(s, &ask, c->act, &lapsed, err));
	if (lapsed)
		*pending = (struct vs_entry_row){.id = 0};
	return VS_OK;
}

static vs_status
check_match(
    const struct change *c, const struct vs_entry_match *m, struct vs_err *err)
{
	const struct vs_entry_row *r =
	    c->pair.live.id != 0 ? &c->pair.live : &c->pair.pending;

	if (!m->given || (r->id == m->id && r->change == m->change))
		return VS_OK;
	return vs_fail_code(err, VS_CONFLICT, "etag.mismatch",
	    "the entry is no longer what it was: look at it again");
}

static vs_status
insert(struct vs_store *s, const struct change *c, vs_entry_state state,
    int64_t *id, struct vs_err *err)
{
	const struct vs_entry_row *r = &c->add->row;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_ENTRY_ADD);

	vs_query_text(&q, 1, r->list);
	vs_query_text(&q, 2, r->value);
	vs_query_text(&q, 3, r->kind);
	vs_query_int(&q, 4, state);
	vs_query_text(&q, 5, r->labels);
	vs_query_text(&q, 6, r->source);
	vs_query_text(&q, 7, c->act->who);
	vs_query_int(&q, 8, c->act->now_ms);
	vs_query_int(&q, 9, r->expires_ms);
	vs_query_int(&q, 10, r->slsa_level);
	vs_query_text(&q, 11, r->builder);
	vs_query_text(&q, 12, r->source_uri);
	vs_query_text(&q, 13, r->source_ref);
	VS_TRY(err, "entry", vs_query_run(&q, err));
	*id = sqlite3_last_insert_rowid(s->writer.db);
	return VS_OK;
}

static void
tell(struct vs_op *op, struct change *c, vs_entry_state state, int64_t id,
    int64_t change)
{
	c->out.state = state;
	c->out.id = id;
	c->out.change = change;
	op->row.code =
	    vs_span_cstr(c->out.waits ? "waits" : vs_entry_state_name(state));
}

static void
tell_unchanged(struct vs_op *op, struct change *c, const struct vs_entry_row *r)
{
	c->out.unchanged = true;
	c->out.waits = r->state == VS_ENTRY_PENDING;
	tell(op, c, r->state, r->id, r->change);
	op->silent = true;
}

/* The ask itself is taken over from the caller, the entry is ours. */
static vs_status
wait_for(struct vs_store *s, struct change *c, vs_ask_action action,
    int64_t entry, struct vs_err *err)
{
	bool adds = action == VS_ASK_ADD;
	struct vs_ask_row ask = {.action = action,
	    .subject = adds ? c->add->row.list : c->revoke->list,
	    .value = adds ? c->add->row.value : c->revoke->value,
	    .entry = entry,
	    .need = adds ? c->add->need : c->revoke->need,
	    .asked_by = c->act->who,
	    .person = c->act->person,
	    .asked_ms = c->act->now_ms,
	    .expires_ms = adds ? c->add->ask_until_ms : c->revoke->ask_until_ms,
	    .reason = adds ? c->add->reason : c->revoke->reason,
	    .detail = VS_SPAN_LIT("{}")};

	memcpy(ask.id, adds ? c->add->ask : c->revoke->ask, sizeof ask.id);
	memcpy(c->out.ask, ask.id, sizeof c->out.ask);
	c->out.waits = true;
	return vs_ask_insert(s, &ask, err);
}

/* NULL: it must be written. */
static const struct vs_entry_row *
already_there(const struct change *c)
{
	const struct vs_entry_pair *p = &c->pair;
	bool waits = p->pending.id != 0 && !c->add->overtakes;

	if (waits && same_content(&p->pending, c->add))
		return &p->pending;
	if (!waits && p->live.state == VS_ENTRY_ACTIVE &&
	    !is_over(&p->live, c->act->now_ms) &&
	    same_content(&p->live, c->add))
		return &p->live;
	return NULL;
}

/* What forbids would stop forbidding, and nobody had agreed to that. */
static bool
ends_sooner(const struct change *c)
{
	const struct vs_entry_row *live = &c->pair.live;
	int64_t end = c->add->row.expires_ms;

	return live->state == VS_ENTRY_ACTIVE &&
	    !is_over(live, c->act->now_ms) && end != 0 &&
	    (live->expires_ms == 0 || end < live->expires_ms);
}

static vs_status
check_add(const struct change *c, struct vs_err *err)
{
	if (c->add->no_sooner && ends_sooner(c))
		return vs_fail_code(err, VS_CONFLICT, "entry.sooner",
		    "this would end the entry sooner than it ends now: revoke "
		    "it instead");
	if (c->pair.pending.id != 0 && !c->add->overtakes)
		return vs_fail_code(err, VS_CONFLICT, "entry.pending",
		    "this value waits for approval with another content: "
		    "have that rejected first");
	if (c->pair.live.state == VS_ENTRY_REVOKED && !c->add->may_restore)
		return vs_fail_code(err, VS_CONFLICT, "entry.revoked",
		    "this value was revoked: only the security team may add it "
		    "again");
	return VS_OK;
}

/* Another entry takes the place of this one; id 0: there is none. */
static vs_status
replace(struct vs_store *s, const struct change *c, int64_t id,
    const char *reason, struct vs_err *err)
{
	if (id == 0)
		return VS_OK;
	VS_TRY(err, "add",
	    vs_entry_to(
		s, id, VS_ENTRY_REPLACED, c->act, vs_span_cstr(reason), err));
	return vs_asks_overtake(s, id, c->act->now_ms, err);
}

static vs_status
add_new(
    struct vs_store *s, struct vs_op *op, struct change *c, struct vs_err *err)
{
	bool waits = !vs_need_nothing(&c->add->need);
	vs_entry_state state = waits ? VS_ENTRY_PENDING : VS_ENTRY_ACTIVE;
	int64_t id = 0;

	/* Where something waits, it is an emergency: see check_add. */
	VS_TRY(err, "add",
	    replace(
		s, c, c->pair.pending.id, "overtaken by an emergency", err));
	if (!waits)
		VS_TRY(err, "add",
		    replace(s, c, c->pair.live.id, "added again", err));
	VS_TRY(err, "add", insert(s, c, state, &id, err));
	if (waits)
		VS_TRY(err, "add", wait_for(s, c, VS_ASK_ADD, id, err));
	else
		VS_TRY(err, "add", vs_lists_changed(s, err));
	tell(op, c, state, id, 1);
	return VS_OK;
}

static vs_status
run_add(
    struct vs_store *s, struct vs_op *op, struct change *c, struct vs_err *err)
{
	const struct vs_entry_add *add = c->add;
	const struct vs_entry_row *there;

	VS_TRY(err, "add", look(s, c, add->row.list, add->row.value, err));
	VS_TRY(err, "add", check_match(c, &add->match, err));
	there = already_there(c);
	if (there != NULL) {
		tell_unchanged(op, c, there);
		return VS_OK;
	}
	VS_TRY(err, "add", check_add(c, err));
	return add_new(s, op, c, err);
}

static vs_status
reject_pending(struct vs_store *s, const struct change *c, struct vs_err *err)
{
	int64_t id = c->pair.pending.id;

	if (id == 0)
		return VS_OK;
	VS_TRY(err, "revoke",
	    vs_entry_to(
		s, id, VS_ENTRY_REJECTED, c->act, c->revoke->reason, err));
	return vs_asks_overtake(s, id, c->act->now_ms, err);
}

static vs_status
revoke_now(
    struct vs_store *s, struct vs_op *op, struct change *c, struct vs_err *err)
{
	const struct vs_entry_row *live = &c->pair.live;

	VS_TRY(err, "revoke",
	    vs_entry_to(
		s, live->id, VS_ENTRY_REVOKED, c->act, c->revoke->reason, err));
	VS_TRY(
	    err, "revoke", vs_asks_overtake(s, live->id, c->act->now_ms, err));
	VS_TRY(err, "revoke", vs_lists_changed(s, err));
	tell(op, c, VS_ENTRY_REVOKED, live->id, live->change + 1);
	return VS_OK;
}

static vs_status
ask_to_revoke(
    struct vs_store *s, struct vs_op *op, struct change *c, struct vs_err *err)
{
	const struct vs_entry_row *live = &c->pair.live;
	struct vs_ask_row ask;
	bool lapsed = false;
	vs_status st = vs_ask_open(s, VS_ASK_REVOKE, c->revoke->list,
	    c->revoke->value, &c->arena, &ask, err);

	if (st != VS_OK && st != VS_NOT_FOUND)
		return st;
	if (st == VS_OK)
		VS_TRY(err, "revoke",
		    vs_ask_settle(s, &ask, c->act, &lapsed, err));
	if (st == VS_OK && !lapsed) {
		memcpy(c->out.ask, ask.id, sizeof c->out.ask);
		c->out.unchanged = true;
		c->out.waits = true;
		op->silent = true;
	} else {
		vs_err_clear(err);
		VS_TRY(err, "revoke",
		    wait_for(s, c, VS_ASK_REVOKE, live->id, err));
	}
	tell(op, c, live->state, live->id, live->change);
	return VS_OK;
}

static vs_status
run_revoke(
    struct vs_store *s, struct vs_op *op, struct change *c, struct vs_err *err)
{
	const struct vs_entry_revoke *r = c->revoke;
	const struct vs_entry_pair *p = &c->pair;

	VS_TRY(err, "revoke", look(s, c, r->list, r->value, err));
	if (p->live.id == 0 && p->pending.id == 0)
		return vs_fail_code(err, VS_NOT_FOUND, "entry.unknown",
		    "the list has no such entry");
	VS_TRY(err, "revoke", check_match(c, &r->match, err));
	VS_TRY(err, "revoke", reject_pending(s, c, err));
	if (p->live.id == 0) {
		tell(op, c, VS_ENTRY_REJECTED, p->pending.id,
		    p->pending.change + 1);
		return VS_OK;
	}
	if (p->live.state == VS_ENTRY_REVOKED) {
		bool had_pending = p->pending.id != 0;

		tell_unchanged(op, c, &p->live);
		op->silent = !had_pending;
		return VS_OK;
	}
	if (vs_need_nothing(&r->need))
		return revoke_now(s, op, c, err);
	return ask_to_revoke(s, op, c, err);
}

static vs_status
apply(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	struct change *c = op->arg;
	vs_status st;

	c->out = (struct vs_entry_outcome){.state = VS_ENTRY_NONE};
	vs_arena_init(&c->arena, ARENA_MAX);
	st =
	    c->add != NULL ? run_add(s, op, c, err) : run_revoke(s, op, c, err);
	vs_arena_fini(&c->arena);
	return st;
}

static vs_status
submit(struct vs_store *s, struct change *c, struct vs_entry_outcome *out,
    struct vs_err *err)
{
	struct vs_op op = {.apply = apply,
	    .arg = c,
	    .given = c->act->audit,
	    .savepoint = true};
	vs_status st = vs_store_submit(s, &op, err);

	if (st == VS_OK)
		*out = c->out;
	return st;
}

vs_status
vs_store_entry_add(struct vs_store *s, const struct vs_act *act,
    const struct vs_entry_add *add, struct vs_entry_outcome *out,
    struct vs_err *err)
{
	struct change c = {.act = act, .add = add};

	return submit(s, &c, out, err);
}

vs_status
vs_store_entry_revoke(struct vs_store *s, const struct vs_act *act,
    const struct vs_entry_revoke *r, struct vs_entry_outcome *out,
    struct vs_err *err)
{
	struct change c = {.act = act, .revoke = r};

	return submit(s, &c, out, err);
}
