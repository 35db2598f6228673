/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "broker/dir.h"
#include "cli/lists_file.h"
#include "cli/output.h"
#include "codec/yaml.h"

enum {
	PAGE_ARENA = 256 * 1024 * 1024, /* records may hold 10,000 keys */
	RECORD_ARENA = 64 * 1024 * 1024,
	DECISION_ARENA = 16 * 1024 * 1024,
};

static vs_status
add_file(struct vs_policy_files *out, const char *path, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st;

	if (out->n == VS_REPLAY_POLICIES_MAX)
		return vs_fail(err, VS_USAGE, "%s: above %d policies", path,
		    VS_REPLAY_POLICIES_MAX);
	st = vs_file_read(path, VS_YAML_SIZE_MAX, &text, err);
	if (st == VS_OK)
		st = vs_policy_load(
		    path, vs_buf_span(&text), NULL, &out->v[out->n], err);
	vs_buf_fini(&text);
	if (st == VS_OK)
		out->n++;
	else if (st != VS_NO_MEMORY)
		st = err->status = VS_USAGE;
	return st;
}

static bool
is_policy(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

bool
vs_policy_path_is_dir(const char *path)
{
	struct stat facts;

	return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

vs_status
vs_policy_files_add(
    struct vs_policy_files *out, const char *path, struct vs_err *err)
{
	struct vs_dir dir = {0};
	vs_status st;

	if (!vs_policy_path_is_dir(path))
		return add_file(out, path, err);
	st = vs_dir_read(path, &dir, err);
	for (size_t i = 0; st == VS_OK && i < dir.n; i++) {
		if (is_policy(dir.paths[i]))
			st = add_file(out, dir.paths[i], err);
	}
	vs_dir_fini(&dir);
	return st;
}

void
vs_policy_files_fini(struct vs_policy_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		vs_policy_free(&f->v[i]);
	f->n = 0;
}

/* Those that judge one key. */
struct lineup {
	const struct vs_policy *v[2 * VS_REPLAY_POLICIES_MAX];
	size_t n;
};

static void
put(struct lineup *l, const struct vs_policy *p, struct vs_span key)
{
	if (l->n < VS_COUNT(l->v) && vs_pol_governs(p, key))
		l->v[l->n++] = p;
}

static bool
replaces(const struct vs_policy_files *f, const struct vs_policy *p)
{
	for (size_t i = 0; f != NULL && i < f->n; i++) {
		if (strcmp(vs_policy_name(f->v[i]), vs_policy_name(p)) == 0)
			return true;
	}
	return false;
}

/* The set, with the files in place of the policies of their names; those of
 * other are left out as well. */
static void
line_up(const struct vs_policy_set *set, const struct vs_policy_files *files,
    const struct vs_policy_files *other, struct vs_span key, struct lineup *l)
{
	l->n = 0;
	for (size_t i = 0; i < vs_policy_set_count(set); i++) {
		const struct vs_policy *p = vs_policy_set_at(set, i);

		if (!replaces(files, p) && !replaces(other, p))
			put(l, p, key);
	}
	for (size_t i = 0; files != NULL && i < files->n; i++)
		put(l, files->v[i], key);
}

struct run {
	const struct vs_replay *r;
	struct vs_replay_totals *t;
	struct vs_arena record, decision;
	struct lineup lineup;
	struct vs_lists *lists;
	int64_t lists_ms; /* when they are as of */
	const struct vs_recorded *rec;
	struct vs_retake take;
};

static void
judge(struct run *x, struct vs_policy_result *out)
{
	vs_pol_judge(x->lineup.v, x->lineup.n, false, x->lists, &x->take.claims,
	    x->rec->at_ms, &x->decision, out);
}

/* The rules for which a result is a denial. */
static void
name_rules(struct run *x, const struct vs_policy_result *p, struct vs_change *c)
{
	for (size_t i = 0; i < p->rules_n; i++) {
		const struct vs_rule_result *r = &p->rules[i];

		if (r->warn || r->shadow || r->outcome == VS_RULE_PASSED ||
		    r->outcome == VS_RULE_SKIPPED)
			continue;
		if (c->rules_n < VS_REPLAY_RULES_MAX)
			c->rules[c->rules_n++] = vs_arena_printf(
			    &x->decision, "%s/%s", r->policy, r->id);
	}
	if (c->rules_n == 0)
		c->rules[c->rules_n++] = p->reason;
	for (size_t i = 0; i < c->rules_n; i++) {
		if (c->rules[i] == NULL)
			c->rules[i] = "?";
	}
}

static bool
allows(const struct vs_policy_result *p)
{
	return p->verdict == VS_VERDICT_ALLOW;
}

/* What the policies said; the key's state is another matter. */
static bool
recorded_allow(const struct vs_json *decision)
{
	return vs_span_is(vs_cli_str(decision, "reason"), "allowed");
}

static void
compare(struct run *x, struct vs_span key, bool was,
    const struct vs_policy_result *before, const struct vs_policy_result *after)
{
	struct vs_change c = {.id = x->rec->id,
	    .at_ms = x->rec->at_ms,
	    .key = key,
	    .gains = !was};

	x->t->decisions++;
	if (was == allows(after))
		return;
	name_rules(x, was ? after : before, &c);
	if (was)
		x->t->lose++;
	else
		x->t->gain++;
	x->r->change(x->r->ctx, &c);
}

static vs_status
again(struct run *x, const struct vs_json *decision, size_t i,
    const struct vs_policy_set *set, struct vs_err *err)
{
	const struct vs_replay *r = x->r;
	struct vs_policy_result before, after;
	struct vs_span key;
	bool was;

	vs_arena_reset(&x->decision);
	VS_TRY(err, "key", vs_retake_key(&x->take, decision, i, &key, err));
	line_up(set, r->before, r->before != NULL ? r->after : NULL, key,
	    &x->lineup);
	judge(x, &before);
	was = allows(&before);
	if (r->before == NULL && was != recorded_allow(decision)) {
		x->t->differs++;
		was = !was;
	}
	if (r->after == NULL)
		line_up(r->current->set, NULL, NULL, key, &x->lineup);
	else
		line_up(r->whole ? NULL : set, r->after, r->before, key,
		    &x->lineup);
	judge(x, &after);
	compare(x, key, was, &before, &after);
	return VS_OK;
}

static vs_status
replay_decisions(struct run *x, struct vs_err *err)
{
	const struct vs_json *d = x->take.decisions;
	const struct vs_recorded_set *set = NULL;

	VS_TRY(err, "policies",
	    vs_history_set(x->r->h, x->take.policies, &set, err));
	for (size_t i = 0; i < vs_json_size(d); i++) {
		const struct vs_json *one = vs_json_at(d, i);
		size_t keys = vs_json_size(vs_json_get(one, "keys"));

		for (size_t k = 0; k < keys; k++)
			VS_TRY(
			    err, "decision", again(x, one, k, set->set, err));
	}
	return VS_OK;
}

static vs_status
refresh_lists(struct run *x, struct vs_err *err)
{
	enum { SAME_MS = 60 * 1000 };
	int64_t at = x->rec->at_ms;

	if (x->r->lists == NULL ||
	    (x->lists != NULL && at >= x->lists_ms &&
		at - x->lists_ms < SAME_MS))
		return VS_OK;
	vs_lists_free(&x->lists);
	x->lists_ms = at;
	return vs_cli_lists(x->r->lists, at, &x->lists, err);
}

/* A record that cannot be taken again is counted, never guessed. */
static vs_status
replay_record(struct run *x, struct vs_err *err)
{
	vs_status st;

	vs_arena_reset(&x->record);
	x->t->records++;
	st = vs_retake_read(x->rec, &x->record, &x->take, err);
	if (st == VS_NOT_FOUND) {
		x->t->unjudged++;
		vs_err_clear(err);
		return VS_OK;
	}
	if (st == VS_OK) {
		st = replay_decisions(x, err);
		vs_retake_fini(&x->take);
	}
	if (st == VS_OK || st == VS_NO_MEMORY ||
	    vs_status_class(st) == VS_CLASS_UNAVAILABLE)
		return st;
	if (x->t->lost_records++ == 0)
		(void)snprintf(x->t->why, sizeof(x->t->why), "%s: %.160s",
		    x->rec->id, err->msg);
	vs_err_clear(err);
	return VS_OK;
}

static vs_status
replay_pages(struct run *x, size_t total, struct vs_err *err)
{
	struct vs_arena page;
	vs_status st = VS_OK;
	size_t n = 1;

	vs_arena_init(&page, PAGE_ARENA);
	while (st == VS_OK && n > 0) {
		const struct vs_recorded *rows = NULL;

		vs_arena_reset(&page);
		st = vs_history_next(x->r->h, &page, &rows, &n, err);
		for (size_t i = 0; st == VS_OK && i < n; i++) {
			x->rec = &rows[i];
			st = refresh_lists(x, err);
			if (st == VS_OK)
				st = replay_record(x, err);
		}
		x->r->progress(x->r->ctx, x->t->records, total);
	}
	vs_arena_fini(&page);
	return st;
}

vs_status
vs_replay_run(
    const struct vs_replay *r, struct vs_replay_totals *out, struct vs_err *err)
{
	struct vs_replay_totals t = {0};
	struct run *x = vs_cli_alloc(sizeof(*x));
	size_t total = 0;
	vs_status st =
	    vs_history_begin(r->h, r->since_ms, r->until_ms, &total, err);

	x->r = r;
	x->t = &t;
	vs_arena_init(&x->record, RECORD_ARENA);
	vs_arena_init(&x->decision, DECISION_ARENA);
	if (st == VS_OK)
		st = replay_pages(x, total, err);
	vs_arena_fini(&x->record);
	vs_arena_fini(&x->decision);
	vs_lists_free(&x->lists);
	free(x);
	if (st == VS_OK)
		*out = t;
	return st;
}
