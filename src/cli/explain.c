/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include <string.h>

#include "cli/dispatch.h"
#include "cli/lists_file.h"
#include "cli/output.h"
#include "policy/explain.h"

enum { ARENA_MAX = 64 * 1024 * 1024 };

vs_status
vs_view_parse(const char *text, vs_view *out, struct vs_err *err)
{
	static const char *const names[] = {"guest", "security", "auditor"};

	*out = VS_VIEW_SECURITY;
	if (text == NULL)
		return VS_OK;
	for (size_t i = 0; i < VS_COUNT(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (vs_view)i;
			return VS_OK;
		}
	}
	return vs_fail(
	    err, VS_USAGE, "--view: must be guest, security or auditor");
}

struct job {
	const struct vs_explain_opts *o;
	struct vs_history *h;
	struct vs_arena arena;
	struct vs_recorded rec;
	struct vs_retake take;
	struct vs_lists *lists;
	const struct vs_recorded_set *set;
	struct vs_json *root;
	struct vs_json *list;   /* of explanations */
	struct vs_json *failed; /* what the guest was told */
};

static bool
is_listed(const struct vs_json *list, const char *id)
{
	for (size_t i = 0; i < vs_json_size(list); i++) {
		struct vs_span s;

		if (vs_json_is_string(vs_json_at(list, i), &s) &&
		    vs_span_is(s, id))
			return true;
	}
	return false;
}

/* The rule ids that the guest was told: as the broker chose them. */
static void
add_disclosed(struct job *j, const struct vs_policy_result *p)
{
	if (p->verdict == VS_VERDICT_ALLOW || !p->disclose_rule_ids)
		return;
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_rule_result *r = &p->rules[i];
		bool decides = !r->warn && !r->shadow &&
		    (r->outcome == VS_RULE_FAILED ||
			r->outcome == VS_RULE_ERROR);

		if (decides && !is_listed(j->failed, r->id))
			vs_json_append(&j->failed, vs_json_cstr(r->id));
	}
}

/* Another reason than the record's: other lists, or another program. */
static const char *
difference(struct job *j, const struct vs_json *decision, const char *reason)
{
	struct vs_span recorded = vs_cli_str(decision, "reason");

	if (recorded.n == 0 || vs_span_is(recorded, reason))
		return NULL;
	return vs_arena_printf(&j->arena,
	    "the record says \"%.*s\": what decided then is not all here "
	    "(lists?)",
	    VS_SPAN_ARG(recorded));
}

static vs_status
as_json(
    const struct vs_explanation *e, struct vs_json **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st;

	vs_explain_json(e, &text);
	st = vs_buf_status(&text);
	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&text), out, err);
	else
		(void)vs_fail(err, st, "explain");
	vs_buf_fini(&text);
	return st;
}

static vs_status
print_text(const struct vs_explanation *e, const char *note, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st;

	vs_explain_text(e, &text);
	st = vs_buf_status(&text);
	if (st == VS_OK)
		fputs(vs_buf_cstr(&text), stdout);
	else
		(void)vs_fail(err, st, "explain");
	vs_buf_fini(&text);
	if (st == VS_OK && note != NULL)
		printf("  note: %s\n", note);
	return st;
}

/* Keys of one element were judged alike: the first stands for them. */
static vs_status
explain_one(struct job *j, const struct vs_json *decision, struct vs_err *err)
{
	const struct vs_explanation *e = NULL;
	struct vs_question q = {.set = j->set->set,
	    .lists = j->lists,
	    .claims = &j->take.claims,
	    .now_ms = j->rec.at_ms};
	struct vs_json *o = NULL;
	struct vs_span name;
	const char *note;

	VS_TRY(err, "key", vs_retake_key(&j->take, decision, 0, &name, err));
	VS_TRY(err, "explain", vs_explain(&q, &j->arena, &e, err));
	add_disclosed(j, &e->result);
	if (j->o->view == VS_VIEW_GUEST)
		return VS_OK;
	note = difference(j, decision, e->result.reason);
	if (!j->o->admin.json)
		return print_text(e, note, err);
	VS_TRY(err, "explain", as_json(e, &o, err));
	vs_json_set(&o, "keys", vs_json_copy(vs_json_get(decision, "keys")));
	if (vs_json_get(decision, "state") != NULL)
		vs_json_set(
		    &o, "state", vs_json_copy(vs_json_get(decision, "state")));
	if (note != NULL)
		vs_json_set(&o, "differs", vs_json_cstr(note));
	vs_json_append(&j->list, o);
	return VS_OK;
}

static vs_status
explain_all(struct job *j, struct vs_err *err)
{
	const struct vs_json *d = j->take.decisions;

	VS_TRY(err, "policies",
	    vs_history_set(j->h, j->take.policies, &j->set, err));
	for (size_t i = 0; i < vs_json_size(d); i++)
		VS_TRY(err, "decision", explain_one(j, vs_json_at(d, i), err));
	return VS_OK;
}

static void
put_text(struct job *j, const char *name, struct vs_span value)
{
	char safe[VS_CLI_TEXT_MAX];

	if (value.n == 0)
		return;
	if (j->o->admin.json)
		vs_json_set(&j->root, name, vs_json_str(value));
	else
		printf("%-11s %s\n", name, vs_cli_text(value, safe));
}

/* The guest's view is what it was answered: id and class, no code. */
static void
put_head(struct job *j)
{
	char at[VS_TIME_TEXT_MAX];

	vs_time_format_ms(j->rec.at_ms, at);
	put_text(j, "id", vs_span_cstr(j->rec.id));
	put_text(j, "outcome", j->rec.outcome);
	put_text(j, "class", j->rec.class_name);
	if (j->o->view == VS_VIEW_GUEST)
		return;
	put_text(j, "at", vs_span_cstr(at));
	put_text(j, "code", j->rec.code);
	put_text(j, "peer", j->rec.peer);
	put_text(j, "keys", j->rec.keys);
}

static void
put_error(struct job *j, const struct vs_json *detail)
{
	const struct vs_json *e = vs_json_get(detail, "error");

	if (e == NULL || j->o->view == VS_VIEW_GUEST)
		return;
	if (j->o->admin.json)
		vs_json_set(&j->root, "error", vs_json_copy(e));
	else
		put_text(j, "error", vs_cli_str(e, "message"));
}

static void
put_members(struct job *j)
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < j->set->n; i++) {
		const struct vs_set_member *m = &j->set->members[i];
		struct vs_json *o = vs_json_object();

		vs_json_set(&o, "name", vs_json_cstr(m->name));
		vs_json_set(&o, "version", vs_json_int(m->version));
		vs_json_set(&o, "sha256", vs_json_cstr(m->sha256));
		vs_json_append(&list, o);
		if (!j->o->admin.json)
			printf("%-11s %s version %lld %s\n", "policy", m->name,
			    (long long)m->version, m->sha256);
	}
	if (j->o->admin.json)
		vs_json_set(&j->root, "policy_files", list);
	else
		vs_json_free(&list);
}

/* What an auditor compares with other sources. */
static void
put_hashes(struct job *j)
{
	static const char *const names[] = {"policies", "lists", "collateral"};
	const struct vs_json *detail = j->take.detail;
	const struct vs_claim_value *evidence =
	    vs_claims_get(&j->take.claims, VS_CLAIM_TEE_EVIDENCE_DIGEST);

	for (size_t i = 0; i < VS_COUNT(names); i++)
		put_text(j, names[i], vs_cli_str(detail, names[i]));
	if (evidence->present)
		put_text(j, "evidence", evidence->u.s);
	put_text(j, "recipient", vs_cli_str(detail, "recipient"));
	put_text(j, "mac", vs_span_cstr(j->rec.mac));
	if (j->set != NULL)
		put_members(j);
	if (j->o->admin.json) {
		vs_json_set(&j->root, "seq", vs_json_int(j->rec.seq));
		vs_json_set(&j->root, "claims",
		    vs_json_copy(vs_json_get(detail, "claims")));
	}
}

static void
put_failed(struct job *j)
{
	if (vs_json_size(j->failed) == 0)
		return;
	if (j->o->admin.json) {
		vs_json_set(&j->root, "failed_rules", vs_json_copy(j->failed));
		return;
	}
	printf("%-11s", "failed_rules");
	for (size_t i = 0; i < vs_json_size(j->failed); i++) {
		struct vs_span s = {0};

		(void)vs_json_is_string(vs_json_at(j->failed, i), &s);
		printf(" %.*s", VS_SPAN_ARG(s));
	}
	putchar('\n');
}

static vs_status
explain(struct job *j, const char *id, struct vs_err *err)
{
	vs_status st;

	VS_TRY(
	    err, "record", vs_history_get(j->h, id, &j->arena, &j->rec, err));
	if (!vs_span_is(j->rec.action, "release"))
		return vs_fail(err, VS_USAGE,
		    "the record is of \"%.*s\", not of a release",
		    VS_SPAN_ARG(j->rec.action));
	if (j->o->lists != NULL)
		VS_TRY(err, "--lists",
		    vs_cli_lists(j->o->lists, j->rec.at_ms, &j->lists, err));
	put_head(j);
	st = vs_retake_read(&j->rec, &j->arena, &j->take, err);
	if (st == VS_NOT_FOUND) {
		VS_AUTO(vs_json) *detail = NULL;

		vs_err_clear(err);
		VS_TRY(
		    err, "detail", vs_json_parse(j->rec.detail, &detail, err));
		put_error(j, detail);
		return VS_OK;
	}
	if (st != VS_OK)
		return st;
	VS_TRY(err, "explain", explain_all(j, err));
	put_failed(j);
	if (j->o->view == VS_VIEW_AUDITOR)
		put_hashes(j);
	return VS_OK;
}

int
vs_cli_explain_id(const struct vs_explain_opts *o, const char *id)
{
	struct job j = {.o = o,
	    .root = vs_json_object(),
	    .list = vs_json_array(),
	    .failed = vs_json_array()};
	struct vs_err err = {0};
	vs_status st;
	int code = VS_EXIT_OK;

	vs_arena_init(&j.arena, ARENA_MAX);
	st = vs_history_open(&o->admin, o->db, &j.h, &err);
	if (st == VS_OK)
		st = explain(&j, id, &err);
	if (st != VS_OK) {
		code = vs_cli_fail(&err, o->admin.json);
	} else if (o->admin.json) {
		if (o->view != VS_VIEW_GUEST)
			vs_json_set(
			    &j.root, "explanations", vs_json_copy(j.list));
		code = vs_cli_json(&j.root, VS_EXIT_OK);
	}
	vs_retake_fini(&j.take);
	vs_json_free(&j.root);
	vs_json_free(&j.list);
	vs_json_free(&j.failed);
	vs_lists_free(&j.lists);
	vs_history_close(&j.h);
	vs_arena_fini(&j.arena);
	return code;
}
