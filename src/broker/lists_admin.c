/* SPDX-License-Identifier: Apache-2.0 */
/* Adding to lists and revoking. */
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "broker/admin.h"
#include "broker/list_proof.h"
#include "broker/lists.h"
#include "broker/lists_watch.h"
#include "codec/yaml.h"

/* What is pushed to several brokers before they have looked again fits, too. */
enum { LIST_FULL = VS_LIST_ITEMS_MAX - 16384 };

const struct vs_list_rules *
vs_broker_list_rules(struct vs_broker *b)
{
	return &b->opt.lists;
}

vs_status
vs_broker_list_rule(struct vs_broker *b, struct vs_span name,
    const struct vs_list_rule **out, struct vs_err *err)
{
	const struct vs_list_rules *rules = &b->opt.lists;
	const struct vs_list_rule *r = vs_list_rule_named(rules, name);
	const char *names[VS_LISTS_MAX];
	const char *near;

	if (r != NULL) {
		*out = r;
		return VS_OK;
	}
	for (size_t i = 0; i < rules->n; i++)
		names[i] = rules->v[i].name;
	near = vs_nearest(name, names, rules->n);
	return vs_fail_code(err, VS_NOT_FOUND, "list.unknown",
	    "the configuration has no list of this name%s%s%s",
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

/* One change on its way to the store. */
struct change {
	struct vs_broker *b;
	const struct vs_identity *who;
	const struct vs_list_rule *rule;
	struct vs_arena *a;
	struct vs_span value;
	struct vs_provenance proof;
	struct vs_buf keys, detail; /* of the record */
	struct vs_audit_row audit;
	struct vs_act act;
};

static vs_status
begin(struct change *c, vs_action may, struct vs_span list,
    struct vs_span value, struct vs_err *err)
{
	VS_TRY(err, "list", vs_broker_list_rule(c->b, list, &c->rule, err));
	VS_TRY(err, c->rule->name,
	    vs_identity_may(c->who, may, vs_span_cstr(c->rule->name),
		vs_span_cstr(c->rule->kind->name), err));
	VS_TRY(err, c->rule->name,
	    vs_entry_value(c->rule->kind, value, c->a, &c->value, err));
	c->act = (struct vs_act){.who = c->who->audit,
	    .person = c->who->person,
	    .roles = c->who->roles,
	    .now_ms = vs_clock_ms(&c->b->opt.clock)};
	return VS_OK;
}

static void
end(struct change *c)
{
	vs_buf_fini(&c->keys);
	vs_buf_fini(&c->detail);
}

static void
put_text(struct vs_buf *b, const char *name, struct vs_span v)
{
	if (v.n == 0)
		return;
	vs_buf_printf(b, ",\"%s\":", name);
	vs_json_quote(v, b);
}

/* "LIST:VALUE" stands where the names of keys do. */
static vs_status
record(struct change *c, const char *action, struct vs_err *err)
{
	vs_buf_puts(&c->detail, "}");
	vs_buf_printf(&c->keys, "%s:", c->rule->name);
	vs_buf_add(&c->keys, c->value);
	VS_TRY(err, "audit", vs_buf_status(&c->keys));
	VS_TRY(err, "audit", vs_buf_status(&c->detail));
	VS_TRY(err, "audit",
	    vs_admin_row(c->b, c->who->audit, action, vs_buf_span(&c->keys),
		vs_buf_span(&c->detail), &c->audit, err));
	c->act.audit = &c->audit;
	return VS_OK;
}

/* Who tried what and may not, or could not show where it comes from: for the
 * trail as well. What cannot be written down is refused all the same. */
void
vs_lists_refused(struct vs_broker *b, const struct vs_identity *who,
    const char *action, struct vs_span list, struct vs_span value,
    const struct vs_err *why)
{
	vs_class class = vs_status_class(why->status);
	struct vs_buf detail = {0};
	struct vs_audit_row row;
	struct vs_err ignored = {0};

	if (class != VS_CLASS_DENIED && class != VS_CLASS_UNVERIFIED)
		return;
	list = vs_span_slice(list, 0, VS_LIST_NAME_MAX);
	value = vs_span_slice(value, 0, VS_LIST_VALUE_MAX);
	vs_buf_puts(&detail, "{\"message\":");
	vs_json_quote(vs_span_cstr(why->msg), &detail);
	/* They are as they came: a record is text. */
	if (vs_utf8_valid(list))
		put_text(&detail, "list", list);
	if (vs_utf8_valid(value))
		put_text(&detail, "value", value);
	vs_buf_puts(&detail, "}");
	if (vs_buf_status(&detail) == VS_OK &&
	    vs_admin_row(b, who->audit, action, VS_SPAN_LIT(""),
		vs_buf_span(&detail), &row, &ignored) == VS_OK) {
		row.outcome = VS_SPAN_LIT("denied");
		row.class_name = vs_span_cstr(vs_class_name(class));
		row.code = vs_span_cstr(why->code == NULL ? "" : why->code);
		if (vs_store_commit(b->opt.store, &row, NULL, 0, &ignored) !=
		    VS_OK)
			vs_log(VS_LOG_ERROR, "event=audit-failed action=%s",
			    action);
	}
	vs_buf_fini(&detail);
}

static vs_status
check_text(const char *what, struct vs_span s, struct vs_err *err)
{
	if (s.n > VS_REASON_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.text",
		    "%s: longer than %d octets", what, VS_REASON_MAX);
	return VS_OK;
}

static vs_status
check_push(
    const struct change *c, const struct vs_list_push *p, struct vs_err *err)
{
	unsigned roles = c->rule->add_roles;

	if (roles != 0 && (c->who->roles & roles) == 0)
		return vs_fail_code(err, VS_DENIED, "identity.role",
		    "this list takes entries of other roles only");
	VS_TRY(err, "add", check_text("source", p->source, err));
	VS_TRY(err, "add", check_text("reason", p->reason, err));
	if (p->emergency && !c->rule->deny)
		return vs_fail_code(err, VS_MALFORMED, "entry.emergency",
		    "only what shuts guests out can be an emergency");
	if (p->emergency && (c->who->roles & VS_ROLE_SECURITY) == 0)
		return vs_fail_code(err, VS_DENIED, "identity.role",
		    "only the security team says what an emergency is");
	if (p->emergency && p->reason.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "entry.reason",
		    "an emergency needs a reason");
	return VS_OK;
}

/* No later than the list allows, and not past. */
static vs_status
expiry(const struct change *c, const struct vs_list_push *p, int64_t *out,
    struct vs_err *err)
{
	int64_t life = c->rule->max_life_s * 1000;
	int64_t latest = c->act.now_ms + life;
	const int64_t last = INT64_C(253402300799999);

	*out = p->expires_given ? p->expires_ms : life != 0 ? latest : 0;
	if (*out != 0 && *out <= c->act.now_ms)
		return vs_fail_code(err, VS_MALFORMED, "entry.expiry",
		    "the time of expiry is past");
	/* One entry that policies cannot hold would keep all lists from them.
	 */
	if (*out > last)
		return vs_fail_code(err, VS_MALFORMED, "entry.expiry",
		    "the time of expiry is behind the year 9999");
	if (life != 0 && (*out == 0 || *out > latest))
		return vs_fail_code(err, VS_MALFORMED, "entry.expiry",
		    "an entry of this list lives for at most %lld hours",
		    (long long)c->rule->max_life_s / 3600);
	return VS_OK;
}

/* The list as policies see it now; NULL. */
static const struct vs_list *
seen(const struct vs_lists *l, const struct vs_list_rule *rule)
{
	char name[VS_LIST_NAME_MAX + 1] = "";

	for (size_t i = 0; i < VS_LIST_NAME_MAX && rule->name[i] != '\0'; i++)
		name[i] = rule->name[i] == '-' ? '_' : rule->name[i];
	return vs_lists_find(l, rule->registry, vs_span_cstr(name));
}

/* A list that is too long cannot be built, nor the others with it. */
static vs_status
check_room(const struct change *c, struct vs_err *err)
{
	struct vs_lists *l = vs_broker_lists(c->b);
	const struct vs_list *one = seen(l, c->rule);
	bool full = one != NULL && vs_list_size(one) >= LIST_FULL &&
	    vs_list_get(one, c->value, c->act.now_ms / 1000) == NULL;

	vs_lists_free(&l);
	return full
	    ? vs_fail_code(err, VS_CONFLICT, "list.full",
		  "the list has %d entries, and no room for more", LIST_FULL)
	    : VS_OK;
}

static vs_status
plan_add(struct change *c, const struct vs_list_push *p,
    struct vs_entry_add *add, struct vs_err *err)
{
	VS_TRY(err, "add", check_push(c, p, err));
	VS_TRY(err, "add", check_room(c, err));
	VS_TRY(err, "add",
	    vs_list_prove(c->rule, c->value, p->provenance,
		c->act.now_ms / 1000, c->a, &c->proof, err));
	*add =
	    (struct vs_entry_add){.row = {.list = vs_span_cstr(c->rule->name),
				      .value = c->value,
				      .kind = vs_span_cstr(c->rule->kind->name),
				      .labels = p->labels,
				      .source = p->source,
				      .slsa_level = c->proof.slsa_level,
				      .builder = c->proof.builder,
				      .source_uri = c->proof.source_uri,
				      .source_ref = c->proof.source_ref},
		.expires_given = p->expires_given,
		.may_restore = (c->who->roles & VS_ROLE_SECURITY) != 0,
		.no_sooner = c->rule->deny,
		.overtakes = p->emergency,
		.ask_until_ms = c->act.now_ms + c->rule->pending_s * 1000,
		.reason = p->reason,
		.match = p->match};
	if (!p->emergency)
		add->need = c->rule->add;
	VS_TRY(err, "add", expiry(c, p, &add->row.expires_ms, err));
	VS_TRY(err, "add", vs_uuid7(c->act.now_ms, add->ask));
	return VS_OK;
}

/* Who vouched for it, and where that is logged. */
static void
put_proof(struct vs_buf *b, const struct vs_provenance *p)
{
	if (p->identity.n == 0)
		return;
	put_text(b, "signed_by", p->identity);
	put_text(b, "issuer", p->issuer);
	put_text(b, "builder", p->builder);
	put_text(b, "source_uri", p->source_uri);
	put_text(b, "source_ref", p->source_ref);
	put_text(b, "source_digest", p->source_digest);
	vs_buf_printf(b, ",\"slsa_level\":%lld", (long long)p->slsa_level);
	if (p->logged)
		vs_buf_printf(
		    b, ",\"log_index\":%lld", (long long)p->log_index);
}

static void
put_push(struct change *c, const struct vs_list_push *p,
    const struct vs_entry_add *add)
{
	struct vs_buf *b = &c->detail;
	char until[VS_TIME_TEXT_MAX];

	vs_buf_puts(b, "{\"list\":");
	vs_json_quote(vs_span_cstr(c->rule->name), b);
	put_text(b, "value", c->value);
	put_text(b, "kind", vs_span_cstr(c->rule->kind->name));
	vs_buf_puts(b, ",\"labels\":");
	vs_buf_add(b, p->labels);
	put_text(b, "source", p->source);
	put_text(b, "reason", p->reason);
	put_proof(b, &c->proof);
	if (add->row.expires_ms != 0) {
		vs_time_format_ms(add->row.expires_ms, until);
		put_text(b, "expires_at", vs_span_cstr(until));
	}
	if (p->emergency)
		vs_buf_puts(b, ",\"emergency\":true");
}

/* What a change would come to; races aside, the store would say the same. */
static vs_status
foresee(struct change *c, bool adds, bool waits, struct vs_entry_outcome *out,
    struct vs_err *err)
{
	struct vs_entry_row r = {.id = 0};
	vs_status st = vs_store_entry(c->b->opt.store,
	    vs_span_cstr(c->rule->name), c->value, c->a, &r, err);

	if (st != VS_OK && !(adds && st == VS_NOT_FOUND))
		return st;
	vs_err_clear(err);
	*out = (struct vs_entry_outcome){
	    .id = r.id, .change = r.change, .waits = waits};
	if (adds && r.state == VS_ENTRY_REVOKED &&
	    (c->who->roles & VS_ROLE_SECURITY) == 0)
		return vs_fail_code(err, VS_CONFLICT, "entry.revoked",
		    "this value was revoked: only the security team may add it "
		    "again");
	out->state = !adds ? waits ? r.state : VS_ENTRY_REVOKED
	    : waits        ? VS_ENTRY_PENDING
			   : VS_ENTRY_ACTIVE;
	out->unchanged = r.state == out->state;
	return VS_OK;
}

static vs_status
add(struct change *c, const struct vs_list_push *p, struct vs_list_pushed *out,
    struct vs_err *err)
{
	struct vs_entry_add add;

	VS_TRY(err, "add", plan_add(c, p, &add, err));
	out->value = c->value;
	if (p->dry_run)
		return foresee(
		    c, true, !vs_need_nothing(&add.need), &out->entry, err);
	put_push(c, p, &add);
	VS_TRY(err, "add", record(c, "list.add", err));
	VS_TRY(err, "add",
	    vs_store_entry_add(
		c->b->opt.store, &c->act, &add, &out->entry, err));
	/* Before it stands in the lists the answer is on its way: what was
	 * added late shuts nobody out who was let in before. A deny list is
	 * another matter. */
	if (!out->entry.waits)
		out->in_force = vs_lists_watch_poke(c->b, c->rule->deny);
	return VS_OK;
}

vs_status
vs_broker_list_add(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_list_push *p, struct vs_arena *a,
    struct vs_list_pushed *out, struct vs_err *err)
{
	struct change c = {.b = b, .who = who, .a = a};
	struct vs_list_pushed done = {.in_force = false};
	vs_status st = begin(&c, VS_MAY_ADD, p->list, p->value, err);

	if (st == VS_OK)
		st = add(&c, p, &done, err);
	end(&c);
	if (st != VS_OK)
		vs_lists_refused(b, who, "list.add", p->list, p->value, err);
	if (st == VS_OK)
		*out = done;
	return st;
}

static vs_status
check_revoke(const struct change *c, const struct vs_list_revocation *r,
    struct vs_err *err)
{
	VS_TRY(err, "revoke", check_text("reason", r->reason, err));
	if (r->emergency && c->rule->deny)
		return vs_fail_code(err, VS_MALFORMED, "entry.emergency",
		    "only what shuts guests out can be an emergency");
	if (r->reason.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "entry.reason",
		    "a revocation needs a reason");
	return VS_OK;
}

static vs_status
revoke(struct change *c, const struct vs_list_revocation *r,
    struct vs_list_pushed *out, struct vs_err *err)
{
	struct vs_entry_revoke op = {.list = vs_span_cstr(c->rule->name),
	    .value = c->value,
	    .reason = r->reason,
	    .ask_until_ms = c->act.now_ms + c->rule->pending_s * 1000,
	    .match = r->match};

	VS_TRY(err, "revoke", check_revoke(c, r, err));
	if (!r->emergency)
		op.need = c->rule->revoke;
	VS_TRY(err, "revoke", vs_uuid7(c->act.now_ms, op.ask));
	out->value = c->value;
	if (r->dry_run)
		return foresee(
		    c, false, !vs_need_nothing(&op.need), &out->entry, err);
	vs_buf_puts(&c->detail, "{\"list\":");
	vs_json_quote(vs_span_cstr(c->rule->name), &c->detail);
	put_text(&c->detail, "value", c->value);
	put_text(&c->detail, "reason", r->reason);
	vs_buf_puts(&c->detail, r->emergency ? ",\"emergency\":true" : "");
	VS_TRY(err, "revoke", record(c, "list.revoke", err));
	VS_TRY(err, "revoke",
	    vs_store_entry_revoke(
		c->b->opt.store, &c->act, &op, &out->entry, err));
	if (!out->entry.waits)
		out->in_force = vs_lists_watch_poke(c->b, true);
	return VS_OK;
}

vs_status
vs_broker_list_revoke(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_list_revocation *r, struct vs_arena *a,
    struct vs_list_pushed *out, struct vs_err *err)
{
	struct change c = {.b = b, .who = who, .a = a};
	struct vs_list_pushed done = {.in_force = false};
	vs_status st = begin(&c, VS_MAY_REVOKE, r->list, r->value, err);

	if (st == VS_OK)
		st = revoke(&c, r, &done, err);
	end(&c);
	if (st != VS_OK)
		vs_lists_refused(b, who, "list.revoke", r->list, r->value, err);
	if (st == VS_OK)
		*out = done;
	return st;
}
