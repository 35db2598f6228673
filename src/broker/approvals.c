/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for approval: agreeing, rejecting, looking. */
#include <string.h>

#include "base/encoding.h"
#include "base/random.h"
#include "broker/admin.h"
#include "broker/lists.h"
#include "broker/lists_watch.h"

struct voting {
	struct vs_broker *b;
	const struct vs_identity *who;
	struct vs_arena *a;
	struct vs_ask_row ask;
	struct vs_need need; /* of today */
	struct vs_buf keys, detail;
};

/* What today's configuration asks for; what is no longer there asks for
 * nothing, and then nobody can agree. */
static vs_status
need_of(struct voting *v, const struct vs_list_rule **rule, struct vs_err *err)
{
	const struct vs_list_rule *r = NULL;

	if (v->ask.action == VS_ASK_RELEASE)
		return VS_OK;
	VS_TRY(err, "approval",
	    vs_broker_list_rule(v->b, v->ask.subject, &r, err));
	v->need = v->ask.action == VS_ASK_ADD ? r->add : r->revoke;
	*rule = r;
	return VS_OK;
}

static vs_status
may(struct voting *v, bool reject, struct vs_err *err)
{
	const struct vs_list_rule *rule = NULL;

	/* Who asked may think better of it. */
	if (reject && vs_span_equal(v->ask.person, v->who->person))
		return VS_OK;
	if (v->ask.action == VS_ASK_RELEASE)
		return vs_identity_may(v->who, VS_MAY_APPROVE_RELEASE,
		    VS_SPAN_LIT(""), VS_SPAN_LIT(""), err);
	VS_TRY(err, "approval", need_of(v, &rule, err));
	VS_ASSERT(rule != NULL);
	return vs_identity_may(v->who, VS_MAY_APPROVE, vs_span_cstr(rule->name),
	    vs_span_cstr(rule->kind->name), err);
}

static void
put(struct vs_buf *b, const char *name, struct vs_span text)
{
	vs_buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
	vs_json_quote(text, b);
}

static vs_status
record(struct voting *v, const struct vs_list_vote *vote,
    struct vs_audit_row *row, struct vs_err *err)
{
	struct vs_buf *b = &v->detail;
	char id[VS_UUID_TEXT_MAX];

	vs_uuid_format(v->ask.id, id);
	vs_buf_puts(b, "{");
	put(b, "approval", vs_span_cstr(id));
	put(b, "action", vs_span_cstr(vs_ask_action_name(v->ask.action)));
	put(b, "subject", v->ask.subject);
	put(b, "value", v->ask.value);
	put(b, "asked_by", v->ask.asked_by);
	if (vote->reason.n > 0)
		put(b, "reason", vote->reason);
	vs_buf_puts(b, "}");
	vs_buf_add(&v->keys, v->ask.subject);
	if (v->ask.action != VS_ASK_RELEASE) {
		vs_buf_puts(&v->keys, ":");
		vs_buf_add(&v->keys, v->ask.value);
	}
	VS_TRY(err, "audit", vs_buf_status(&v->keys));
	VS_TRY(err, "audit", vs_buf_status(b));
	return vs_admin_row(v->b, v->who->audit,
	    vote->reject ? "approval.reject" : "approval.approve",
	    vs_buf_span(&v->keys), vs_buf_span(b), row, err);
}

static vs_status
foresee(const struct voting *v, const struct vs_list_vote *vote,
    struct vs_vote_outcome *out, struct vs_err *err)
{
	if (v->ask.state != VS_ASK_OPEN)
		return vs_fail_code(err, VS_CONFLICT, "approval.closed",
		    "this does not wait for approval any more");
	if (!vote->reject && vs_span_equal(v->ask.person, v->who->person))
		return vs_fail_code(err, VS_DENIED, "approval.self",
		    "who asks for something cannot approve it");
	out->state = vote->reject ? VS_ASK_REJECTED : VS_ASK_OPEN;
	return VS_OK;
}

static vs_status
vote_on(struct voting *v, const struct vs_list_vote *vote,
    struct vs_vote_outcome *out, struct vs_err *err)
{
	struct vs_audit_row row;
	struct vs_act act = {.who = v->who->audit,
	    .person = v->who->person,
	    .roles = v->who->roles,
	    .now_ms = vs_clock_ms(&v->b->opt.clock),
	    .audit = &row};
	struct vs_vote op = {.reject = vote->reject, .reason = vote->reason};
	vs_status st;

	VS_TRY(err, "approval",
	    vs_store_ask(
		v->b->opt.store, vote->ask, v->a, &v->ask, NULL, NULL, err));
	st = may(v, vote->reject, err);
	if (st != VS_OK) {
		vs_lists_refused(v->b, v->who,
		    vote->reject ? "approval.reject" : "approval.approve",
		    v->ask.subject, v->ask.value, err);
		return st;
	}
	op.need = v->need;
	if (vote->reason.n > VS_REASON_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.text",
		    "reason: longer than %d octets", VS_REASON_MAX);
	if (vote->dry_run)
		return foresee(v, vote, out, err);
	VS_TRY(err, "approval", record(v, vote, &row, err));
	memcpy(op.ask, vote->ask, sizeof op.ask);
	VS_TRY(err, "approval",
	    vs_store_vote(v->b->opt.store, &act, &op, out, err));
	if (out->state == VS_ASK_APPROVED && v->ask.action != VS_ASK_RELEASE)
		(void)vs_lists_watch_poke(v->b, v->ask.action == VS_ASK_REVOKE);
	return VS_OK;
}

vs_status
vs_broker_vote(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_list_vote *vote, struct vs_arena *a,
    struct vs_vote_outcome *out, struct vs_err *err)
{
	struct voting v = {.b = b, .who = who, .a = a};
	struct vs_vote_outcome done = {.unchanged = false};
	vs_status st = vote_on(&v, vote, &done, err);

	vs_buf_fini(&v.keys);
	vs_buf_fini(&v.detail);
	if (st == VS_OK)
		*out = done;
	return st;
}

vs_status
vs_broker_entry(struct vs_broker *b, struct vs_span list, struct vs_span value,
    struct vs_arena *a, struct vs_entry_row *out, struct vs_err *err)
{
	const struct vs_list_rule *r = NULL;
	struct vs_span v;

	VS_TRY(err, "list", vs_broker_list_rule(b, list, &r, err));
	VS_TRY(err, r->name, vs_entry_value(r->kind, value, a, &v, err));
	return vs_store_entry(
	    b->opt.store, vs_span_cstr(r->name), v, a, out, err);
}

vs_status
vs_broker_entries(struct vs_broker *b, const struct vs_entry_filter *f,
    struct vs_arena *a, struct vs_entry_row **rows, size_t *n,
    struct vs_err *err)
{
	const struct vs_list_rule *r = NULL;
	struct vs_entry_filter own = *f;

	VS_TRY(err, "list", vs_broker_list_rule(b, f->list, &r, err));
	own.list = vs_span_cstr(r->name);
	if (f->value.n > 0)
		VS_TRY(err, r->name,
		    vs_entry_value(r->kind, f->value, a, &own.value, err));
	return vs_store_entries(b->opt.store, &own, a, rows, n, err);
}

vs_status
vs_broker_entry_counts(struct vs_broker *b, struct vs_span list,
    struct vs_entry_counts *out, struct vs_err *err)
{
	return vs_store_entry_counts(b->opt.store, list, out, err);
}

vs_status
vs_broker_ask(struct vs_broker *b, const uint8_t id[VS_ASK_ID_SIZE],
    struct vs_arena *a, struct vs_ask_row *out, struct vs_vote_row **votes,
    size_t *votes_n, struct vs_err *err)
{
	return vs_store_ask(b->opt.store, id, a, out, votes, votes_n, err);
}

vs_status
vs_broker_asks(struct vs_broker *b, const struct vs_ask_filter *f,
    struct vs_arena *a, struct vs_ask_row **rows, size_t *n, struct vs_err *err)
{
	return vs_store_asks(b->opt.store, f, a, rows, n, err);
}

void
vs_broker_asks_lapse(struct vs_broker *b)
{
	struct vs_audit_row row;
	struct vs_act act = {.who = VS_SPAN_LIT("daemon"),
	    .person = VS_SPAN_LIT("daemon"),
	    .now_ms = vs_clock_ms(&b->opt.clock),
	    .audit = &row};
	struct vs_err err = {0};
	size_t n = 0;

	if (vs_admin_row(b, act.who, "approval.lapse", VS_SPAN_LIT(""),
		VS_SPAN_LIT("{}"), &row, &err) != VS_OK)
		return;
	/* Nothing depends on it: what is too old is not approved any more,
	 * marked or not. */
	if (vs_store_asks_lapse(b->opt.store, &act, &n, &err) != VS_OK)
		return;
}

const char *
vs_entry_shown(const struct vs_entry_row *r, int64_t now_ms)
{
	if (r->state == VS_ENTRY_ACTIVE && r->expires_ms != 0 &&
	    r->expires_ms <= now_ms)
		return "expired";
	return vs_entry_state_name(r->state);
}
