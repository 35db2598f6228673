/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/decide.h"

#include <string.h>

#include "broker/broker_int.h"
#include "broker/release_ask.h"
#include "keeper/derived.h"

/* Made in this file and nowhere else. */
struct vs_grant {
	struct vs_reseal reseal;
};

const struct vs_reseal *
vs_grant_reseal(const struct vs_grant *g)
{
	return &g->reseal;
}

void
vs_decision_fini(struct vs_decision *d)
{
	vs_trail_fini(&d->trail);
	vs_buf_fini(&d->names);
}

struct awaited {
	struct vs_key_row row;
	struct vs_policy_approvals need;
};

/* Working state of one decision. */
struct judge {
	const struct vs_case *c;
	struct vs_arena *a;      /* the request's */
	struct vs_arena scratch; /* of one key's evaluation */
	struct vs_reseal_item *items;
	size_t items_n;
	struct vs_decision *out;
	bool all;
	struct awaited *awaited; /* releases that people must agree to */
	size_t awaited_n;
	/* The dataset that was looked up last, for its many shards. */
	struct vs_key_ask dataset_ask;
	struct vs_key_row dataset;
};

/* One key in its turn. */
struct turn {
	const struct vs_key_ask *ask;
	struct vs_key_row row;
	bool is_derived; /* row is the dataset's */
	struct vs_derived derived;
};

/* 16 MiB: far above what the evaluator's own limits let one key use. */
enum { SCRATCH_MAX = 16 * 1024 * 1024, FAILED_MAX = 64 };

static const char *
state_of(const struct vs_key_row *row)
{
	return row->state == VS_KEY_NONE ? "unknown"
					 : vs_key_state_name(row->state);
}

static const char *
state_code(vs_key_state s)
{
	switch (s) {
	case VS_KEY_ACTIVE:
		return "key.active";
	case VS_KEY_DISABLED:
		return "key.disabled";
	case VS_KEY_DESTROYED:
		return "key.destroyed";
	case VS_KEY_DECRYPT_ONLY:
		return "key.decrypt_only";
	case VS_KEY_SCHEDULED:
		return "key.scheduled";
	case VS_KEY_NONE:
		break;
	}
	return "key.unknown";
}

/* A key that is not there leaves *row zero: state VS_KEY_NONE. */
static vs_status
fetch_row(const struct judge *j, const struct vs_key_ask *ask,
    struct vs_key_row *row, struct vs_err *err)
{
	vs_status st =
	    vs_store_key(j->c->store, ask->name, ask->version, j->a, row, err);

	if (st == VS_NOT_FOUND) {
		vs_err_clear(err);
		*row = (struct vs_key_row){0};
		return VS_OK;
	}
	return st;
}

static vs_status
fetch_dataset(struct judge *j, const struct vs_key_ask *ask,
    struct vs_key_row *row, struct vs_err *err)
{
	if (j->dataset_ask.version != ask->version ||
	    !vs_span_equal(j->dataset_ask.name, ask->name)) {
		VS_TRY(err, "decide", fetch_row(j, ask, &j->dataset, err));
		j->dataset_ask = *ask;
	}
	*row = j->dataset;
	return VS_OK;
}

/* What its name says, when there is such a dataset; else the key itself. */
static vs_status
fetch(struct judge *j, struct turn *t, struct vs_err *err)
{
	struct vs_key_ask base = {.version = t->ask->version};

	if (vs_derived_parse(t->ask->name, &t->derived)) {
		base.name = t->derived.base;
		VS_TRY(err, "decide", fetch_dataset(j, &base, &t->row, err));
		t->is_derived = t->row.state != VS_KEY_NONE &&
		    t->row.kind == VS_KIND_DATASET;
		if (t->is_derived)
			return VS_OK;
	}
	return fetch_row(j, t->ask, &t->row, err);
}

static vs_status
set_key_claims(struct vs_claims *claims, struct vs_span name, uint32_t version,
    struct vs_err *err)
{
	VS_TRY(err, "key.name", vs_claims_str(claims, VS_CLAIM_KEY_NAME, name));
	VS_TRY(err, "key.namespace",
	    vs_claims_str(
		claims, VS_CLAIM_KEY_NAMESPACE, vs_key_namespace(name)));
	vs_claims_int(claims, VS_CLAIM_KEY_VERSION, version);
	return VS_OK;
}

/* The version that the policy hears of: of an unknown key the one that was
 * asked for, so that its judgement takes the same way. */
static uint32_t
version_of(const struct vs_key_ask *ask, const struct vs_key_row *row)
{
	if (row->state != VS_KEY_NONE)
		return row->version;
	return ask->version == 0 ? 1 : ask->version;
}

static vs_status
add_failed(struct judge *j, const char *id, struct vs_err *err)
{
	struct vs_decision *d = j->out;
	char *copy;

	for (size_t i = 0; i < d->failed_n; i++)
		if (strcmp(d->failed[i], id) == 0)
			return VS_OK;
	if (d->failed_n == FAILED_MAX)
		return VS_OK;
	if (d->failed == NULL)
		d->failed =
		    vs_arena_calloc(j->a, FAILED_MAX, sizeof *d->failed);
	/* A copy: the policies may go before the answer does. */
	copy = vs_arena_cstr(j->a, vs_span_cstr(id));
	if (d->failed == NULL || copy == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: failed rules");
	d->failed[d->failed_n++] = copy;
	return VS_OK;
}

static vs_status
disclose(struct judge *j, const struct vs_policy_result *p, struct vs_err *err)
{
	if (p->verdict == VS_VERDICT_ALLOW || !p->disclose_rule_ids)
		return VS_OK;
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_rule_result *r = &p->rules[i];
		bool decides = !r->warn && !r->shadow &&
		    (r->outcome == VS_RULE_FAILED ||
			r->outcome == VS_RULE_ERROR);

		if (decides && r->id != NULL)
			VS_TRY(err, "decide", add_failed(j, r->id, err));
	}
	return VS_OK;
}

static void
put_name(struct vs_buf *b, struct vs_span name, uint32_t version)
{
	if (b->n > 0)
		vs_buf_puts(b, ",");
	vs_buf_add(b, name);
	if (version != 0)
		vs_buf_printf(b, "@%u", (unsigned)version);
}

static vs_status
refuse(struct judge *j, const char *why, const struct vs_policy_result *p,
    struct vs_err *err)
{
	j->all = false;
	if (j->out->code != NULL)
		return VS_OK; /* the first reason names the record */
	if (p->verdict == VS_VERDICT_ALLOW) {
		j->out->code = why;
		return VS_OK;
	}
	j->out->code = vs_arena_printf(
	    j->a, "policy.%s", p->reason == NULL ? "fatal" : p->reason);
	if (j->out->code == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: reason");
	return VS_OK;
}

static void
add_item(struct judge *j, const struct turn *t)
{
	const struct vs_key_row *row = &t->row;

	j->items[j->items_n++] = (struct vs_reseal_item){
	    .place = {.kek = row->kek,
		.kek_version = row->kek_version,
		.name = row->name,
		.version = row->version,
		.dataset = row->kind == VS_KIND_DATASET},
	    .dek = row->dek,
	    .payload = row->payload,
	    .content_type = row->content_type,
	    .derived = t->is_derived ? t->ask->name : (struct vs_span){0}};
}

/* Shards of one dataset share an entry; they mostly follow each other. */
static struct vs_key_use *
use_of(struct vs_decision *d, const struct vs_key_row *row)
{
	for (size_t i = d->uses_n; i > 0; i--)
		if (d->uses[i - 1].version == row->version &&
		    vs_span_equal(d->uses[i - 1].name, row->name))
			return &d->uses[i - 1];
	d->uses[d->uses_n] = (struct vs_key_use){
	    .name = row->name, .version = row->version, .epoch = -1};
	return &d->uses[d->uses_n++];
}

static vs_status
add_use(struct judge *j, const struct turn *t, struct vs_err *err)
{
	struct vs_decision *d = j->out;
	struct vs_key_use *u;

	if (t->row.max_uses == 0 && !t->is_derived)
		return VS_OK;
	if (d->uses == NULL)
		d->uses = vs_arena_calloc(j->a, j->c->keys_n, sizeof *d->uses);
	if (d->uses == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: uses");
	u = use_of(d, &t->row);
	u->n++;
	if (t->is_derived && (u->epoch < 0 || t->derived.epoch < u->epoch))
		u->epoch = t->derived.epoch;
	return VS_OK;
}

/* NULL: it may be given out, as far as it is up to the key. What is for
 * decryption only goes to those who name it by its number. */
static const char *
why_not(const struct turn *t)
{
	const struct vs_key_row *row = &t->row;

	if (row->state != VS_KEY_ACTIVE &&
	    !(row->state == VS_KEY_DECRYPT_ONLY && t->ask->version != 0))
		return state_code(row->state);
	if (row->kind == VS_KIND_DATASET && !t->is_derived)
		return "key.dataset";
	if (t->is_derived && t->derived.epoch < row->epoch_floor)
		return "key.epoch_closed";
	if (row->max_uses > 0 && row->uses >= row->max_uses)
		return "key.exhausted";
	return NULL;
}

/* Noted for later: people are asked only when all else is well. */
static vs_status
await(struct judge *j, const struct turn *t,
    const struct vs_policy_approvals *need, struct vs_err *err)
{
	struct vs_key_row row = t->row;

	if (j->awaited == NULL)
		j->awaited = vs_arena_calloc(
		    j->a, VS_RELEASE_ASKS_MAX, sizeof *j->awaited);
	if (j->awaited == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: approvals");
	if (j->awaited_n == VS_RELEASE_ASKS_MAX) {
		j->all = false;
		if (j->out->code == NULL)
			j->out->code = "approval.many";
		return VS_OK;
	}
	row.name = t->ask->name; /* of the shard, not of its dataset */
	j->awaited[j->awaited_n++] = (struct awaited){row, *need};
	return VS_OK;
}

/* key.* is of the last key that was judged: it is told apart. */
static vs_status
ask_people(struct judge *j, struct vs_err *err)
{
	struct vs_decision *d = j->out;

	d->asks = vs_arena_calloc(j->a, j->awaited_n, VS_STORE_ID_SIZE);
	if (d->asks == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: approvals");
	for (size_t i = 0; i < j->awaited_n; i++) {
		const struct awaited *w = &j->awaited[i];
		bool approved = false;

		VS_TRY(err, "decide",
		    set_key_claims(
			j->c->claims, w->row.name, w->row.version, err));
		VS_TRY(err, "decide",
		    vs_release_approved(j->c, j->a, &w->need, &w->row,
			d->asks + i * VS_STORE_ID_SIZE, &approved, err));
		d->asks_n++;
		if (approved)
			continue;
		j->all = false;
		d->pending = true;
		d->code = "approval.pending";
	}
	return VS_OK;
}

static vs_status
judge_key(struct judge *j, const struct vs_key_ask *ask, struct vs_err *err)
{
	struct turn t = {.ask = ask};
	struct vs_policy_result p = {0};
	struct vs_judged judged;
	const char *why;
	bool allow;

	VS_TRY(err, "decide", fetch(j, &t, err));
	VS_TRY(err, "decide",
	    set_key_claims(
		j->c->claims, ask->name, version_of(ask, &t.row), err));
	vs_arena_reset(&j->scratch);
	vs_policy_decide(j->c->policies, j->c->lists, j->c->claims,
	    j->c->now_ms, &j->scratch, &p);
	vs_counters_add(j->c->counters, j->c->policies, &p);
	why = why_not(&t);
	allow = p.verdict == VS_VERDICT_ALLOW && why == NULL;
	judged = (struct vs_judged){.name = ask->name,
	    .version =
		t.row.state == VS_KEY_NONE ? ask->version : t.row.version,
	    .state = state_of(&t.row),
	    .allow = allow,
	    .policy = &p};
	put_name(&j->out->names, judged.name, judged.version);
	vs_trail_add(&j->out->trail, &judged);
	VS_TRY(err, "decide", disclose(j, &p, err));
	if (!allow)
		return refuse(j, why, &p, err);
	if (vs_policy_approvals_needed(&p.approvals))
		VS_TRY(err, "decide", await(j, &t, &p.approvals, err));
	add_item(j, &t);
	return add_use(j, &t, err);
}

static vs_status
grant(struct judge *j, struct vs_err *err)
{
	struct vs_grant *g = vs_arena_alloc(j->a, sizeof *g);

	if (g == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: grant");
	VS_ASSERT(j->all && j->items_n == j->c->keys_n && j->items_n > 0);
	g->reseal = (struct vs_reseal){.to = j->c->to,
	    .nonce = j->c->nonce,
	    .release_id = j->c->release_id,
	    .items = j->items,
	    .n = j->items_n};
	j->out->grant = g;
	return VS_OK;
}

vs_status
vs_decide(const struct vs_case *c, struct vs_arena *a, struct vs_decision *out,
    struct vs_err *err)
{
	struct judge j = {.c = c, .a = a, .out = out, .all = true};
	vs_status st = VS_OK;

	j.items = vs_arena_calloc(a, c->keys_n, sizeof *j.items);
	if (j.items == NULL)
		return vs_fail(err, VS_NO_MEMORY, "decide: keys");
	vs_arena_init(&j.scratch, SCRATCH_MAX);
	for (size_t i = 0; i < c->keys_n && st == VS_OK; i++)
		st = judge_key(&j, &c->keys[i], err);
	vs_arena_fini(&j.scratch);
	if (st == VS_OK && j.all && j.awaited_n > 0)
		st = ask_people(&j, err);
	if (st != VS_OK)
		return st;
	if (out->pending)
		return vs_fail_code(err, VS_DENIED, "approval.pending",
		    "the release waits for approval");
	/* One text for all reasons: the caller's peer may read it. */
	if (!j.all)
		return vs_fail_code(
		    err, VS_DENIED, "denied", "the release is denied");
	return grant(&j, err);
}
