/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy replay`, `policy diff`: yesterday under other policies. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/dispatch.h"
#include "cli/output.h"
#include "cli/replay.h"
#include "cli/rule_diff.h"

enum { SHOWN_DEFAULT = 20, TALLIES_MAX = 512 };

struct replay_opts {
	struct vs_admin_opts admin;
	const char *db;
	struct vs_opt_list policies;
	struct vs_opt_time since, until;
	const char *lists;
	uint64_t limit;
	bool only_rules;
};

/* Changes by rule. */
struct tally {
	char *rule;
	size_t gain, lose;
};

struct job {
	const struct replay_opts *o;
	struct vs_history *h;
	struct vs_policy_files before, after;
	struct tally tallies[TALLIES_MAX];
	size_t tallies_n;
	struct vs_json *changes;
	struct vs_table table;
	size_t shown;
	struct vs_replay_totals totals;
};

static void
count(struct job *j, const char *rule, bool gains)
{
	struct tally *t = NULL;

	for (size_t i = 0; i < j->tallies_n && t == NULL; i++) {
		if (strcmp(j->tallies[i].rule, rule) == 0)
			t = &j->tallies[i];
	}
	if (t == NULL && j->tallies_n < TALLIES_MAX) {
		t = &j->tallies[j->tallies_n++];
		t->rule = vs_cli_dup(vs_span_cstr(rule));
	}
	if (t == NULL)
		return;
	t->gain += gains;
	t->lose += !gains;
}

static void
add_json(struct job *j, const struct vs_change *c, const char *at)
{
	struct vs_json *o = vs_json_object(), *rules = vs_json_array();

	vs_json_set(&o, "id", vs_json_cstr(c->id));
	vs_json_set(&o, "at", vs_json_cstr(at));
	vs_json_set(&o, "key", vs_json_str(c->key));
	vs_json_set(&o, "change", vs_json_cstr(c->gains ? "gains" : "loses"));
	for (size_t i = 0; i < c->rules_n; i++)
		vs_json_append(&rules, vs_json_cstr(c->rules[i]));
	vs_json_set(&o, "rules", rules);
	vs_json_append(&j->changes, o);
}

static void
add_row(struct job *j, const struct vs_change *c, const char *at)
{
	uint64_t limit = j->o->limit > 0 ? j->o->limit : SHOWN_DEFAULT;
	struct vs_buf rules = {0};

	if (j->shown++ >= limit)
		return;
	for (size_t i = 0; i < c->rules_n; i++)
		vs_buf_printf(&rules, "%s%s", i > 0 ? " " : "", c->rules[i]);
	vs_table_adds(&j->table, c->gains ? "gains" : "loses");
	vs_table_add(&j->table, c->key);
	vs_table_adds(&j->table, at);
	vs_table_adds(&j->table, c->id);
	vs_table_add(&j->table, vs_buf_span(&rules));
	vs_buf_fini(&rules);
}

static void
on_change(void *ctx, const struct vs_change *c)
{
	struct job *j = ctx;
	char at[VS_TIME_TEXT_MAX];

	vs_time_format_ms(c->at_ms, at);
	for (size_t i = 0; i < c->rules_n; i++)
		count(j, c->rules[i], c->gains);
	if (j->o->admin.json)
		add_json(j, c, at);
	else
		add_row(j, c, at);
}

/* Progress goes to people, not into what a script reads. */
static void
on_progress(void *ctx, size_t done, size_t total)
{
	enum { WIDTH = 30 };
	char bar[WIDTH + 1];
	size_t full = total > 0 ? done * WIDTH / total : WIDTH;

	(void)ctx;
	if (isatty(STDERR_FILENO) != 1)
		return;
	full = full > WIDTH ? WIDTH : full;
	memset(bar, '.', WIDTH);
	memset(bar, '#', full);
	bar[WIDTH] = '\0';
	(void)fprintf(stderr, "\r\033[K[%s] %zu of %zu%s", bar, done, total,
	    done >= total ? "\n" : "");
}

static struct vs_json *
totals_json(const struct vs_replay_totals *t)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "records", vs_json_int((int64_t)t->records));
	vs_json_set(&o, "decisions", vs_json_int((int64_t)t->decisions));
	vs_json_set(&o, "gain", vs_json_int((int64_t)t->gain));
	vs_json_set(&o, "lose", vs_json_int((int64_t)t->lose));
	vs_json_set(&o, "evidence_failed", vs_json_int((int64_t)t->unjudged));
	vs_json_set(&o, "not_replayed", vs_json_int((int64_t)t->lost_records));
	vs_json_set(&o, "not_as_recorded", vs_json_int((int64_t)t->differs));
	if (t->lost_records > 0)
		vs_json_set(&o, "why_not", vs_json_cstr(t->why));
	return o;
}

static int
print_json(struct job *j, struct vs_json *rules, int code)
{
	struct vs_json *root = vs_json_object(), *by = vs_json_array();

	for (size_t i = 0; i < j->tallies_n; i++) {
		const struct tally *t = &j->tallies[i];
		struct vs_json *o = vs_json_object();

		vs_json_set(&o, "rule", vs_json_cstr(t->rule));
		vs_json_set(&o, "gain", vs_json_int((int64_t)t->gain));
		vs_json_set(&o, "lose", vs_json_int((int64_t)t->lose));
		vs_json_append(&by, o);
	}
	if (rules != NULL)
		vs_json_set(&root, "rules", rules);
	vs_json_set(&root, "totals", totals_json(&j->totals));
	vs_json_set(&root, "by_rule", by);
	vs_json_set(&root, "changes", VS_TAKE(j->changes));
	return vs_cli_json(&root, code);
}

static void
print_tallies(const struct job *j)
{
	static const char *const heads[] = {"RULE", "GAIN", "LOSE"};
	struct vs_table t;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < j->tallies_n; i++) {
		vs_table_adds(&t, j->tallies[i].rule);
		vs_table_addf(&t, "%zu", j->tallies[i].gain);
		vs_table_addf(&t, "%zu", j->tallies[i].lose);
	}
	putchar('\n');
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
}

static void
print_text(const struct job *j)
{
	const struct vs_replay_totals *t = &j->totals;
	size_t rows = j->table.n / j->table.cols - 1;

	if (rows > 0)
		vs_table_print(&j->table, stdout);
	if (j->shown > rows)
		printf("... and %zu more; --limit or --json show them\n",
		    j->shown - rows);
	if (j->tallies_n > 0)
		print_tallies(j);
	printf("%s%zu decisions in %zu records: %zu gain, %zu lose\n",
	    rows > 0 ? "\n" : "", t->decisions, t->records, t->gain, t->lose);
	if (t->unjudged > 0)
		printf("%zu records: the evidence failed, no policy was "
		       "asked\n",
		    t->unjudged);
	if (t->differs > 0)
		printf("%zu decisions are not what was recorded when taken "
		       "again: other lists?\n",
		    t->differs);
	if (t->lost_records > 0)
		printf("%zu records cannot be taken again; the first is %s\n",
		    t->lost_records, t->why);
}

static vs_status
prepare(struct job *j, struct vs_replay *r, struct vs_err *err)
{
	const struct replay_opts *o = j->o;

	*r = (struct vs_replay){.since_ms = o->since.given ? o->since.ms : 0,
	    .until_ms = o->until.given ? o->until.ms : INT64_MAX,
	    .change = on_change,
	    .progress = on_progress,
	    .ctx = j};
	r->lists = o->lists;
	VS_TRY(err, "records", vs_history_open(&o->admin, o->db, &j->h, err));
	r->h = j->h;
	return VS_OK;
}

static vs_status
replay(struct job *j, struct vs_err *err)
{
	const struct replay_opts *o = j->o;
	struct vs_replay r;

	VS_TRY(err, "replay", prepare(j, &r, err));
	for (size_t i = 0; i < o->policies.n; i++)
		VS_TRY(err, "--policy",
		    vs_policy_files_add(&j->after, o->policies.v[i], err));
	if (o->policies.n > 0) {
		r.after = &j->after;
		/* A directory is what the daemon would load: all of it. */
		r.whole = o->policies.n == 1 &&
		    vs_policy_path_is_dir(o->policies.v[0]);
	} else {
		VS_TRY(
		    err, "replay", vs_history_current(j->h, &r.current, err));
	}
	return vs_replay_run(&r, &j->totals, err);
}

static struct job *
new_job(const struct replay_opts *o)
{
	static const char *const heads[] = {"", "KEY", "AT", "ID", "RULES"};
	struct job *j = vs_cli_alloc(sizeof(*j));

	j->o = o;
	j->changes = vs_json_array();
	vs_table_init(&j->table, heads, VS_COUNT(heads));
	return j;
}

static void
free_job(struct job *j)
{
	for (size_t i = 0; i < j->tallies_n; i++)
		free(j->tallies[i].rule);
	vs_policy_files_fini(&j->before);
	vs_policy_files_fini(&j->after);
	vs_history_close(&j->h);
	vs_json_free(&j->changes);
	vs_table_fini(&j->table);
	free(j);
}

/* Losing a key is what a rollout wants to know: exit 1. */
static int
exit_of(const struct job *j)
{
	return j->totals.lose > 0 || j->totals.lost_records > 0 ? VS_EXIT_DENIED
								: VS_EXIT_OK;
}

static int
run_replay(const void *opts, const struct vs_args *args)
{
	struct job *j = new_job(opts);
	struct vs_err err = {0};
	int code;

	(void)args;
	if (replay(j, &err) != VS_OK) {
		code = vs_cli_fail(&err, j->o->admin.json);
	} else if (j->o->admin.json) {
		code = print_json(j, NULL, exit_of(j));
	} else {
		print_text(j);
		code = exit_of(j);
	}
	free_job(j);
	return code;
}

static vs_status
diff(struct job *j, const struct vs_args *args, struct vs_err *err)
{
	struct vs_replay r;

	VS_TRY(err, "OLD", vs_policy_files_add(&j->before, args->v[0], err));
	VS_TRY(err, "NEW", vs_policy_files_add(&j->after, args->v[1], err));
	if (j->o->only_rules)
		return VS_OK;
	VS_TRY(err, "diff", prepare(j, &r, err));
	r.before = &j->before;
	r.after = &j->after;
	return vs_replay_run(&r, &j->totals, err);
}

static int
run_diff(const void *opts, const struct vs_args *args)
{
	struct job *j = new_job(opts);
	struct vs_err err = {0};
	int code;

	if (diff(j, args, &err) != VS_OK) {
		code = vs_cli_fail(&err, j->o->admin.json);
	} else if (j->o->admin.json) {
		code = print_json(
		    j, vs_rule_diff_json(&j->before, &j->after), exit_of(j));
	} else {
		vs_rule_diff_print(&j->before, &j->after);
		if (!j->o->only_rules) {
			putchar('\n');
			print_text(j);
		}
		code = exit_of(j);
	}
	free_job(j);
	return code;
}

#define OPT(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct replay_opts, member, arg, help)
#define COMMON                                                                 \
	VS_ADMIN_OPTIONS(struct replay_opts),                                  \
	    OPT("db", TEXT, db, "FILE", "the database instead of the daemon"), \
	    OPT("since", TIME, since, "TIME",                                  \
		"decisions not older: RFC 3339, Unix seconds"),                \
	    OPT("until", TIME, until, "TIME", "and not newer"),                \
	    OPT("lists", TEXT, lists, "FILE",                                  \
		"value lists and registries, JSON"),                           \
	    OPT("limit", COUNT, limit, "N",                                    \
		"show so many changes, 20 by "                                 \
		"default")
static const struct vs_opt replay_options[] = {
    COMMON,
    OPT("policy", LIST, policies, "PATH",
	"a policy to put in place of its name, or a directory as all there "
	"is; those in force by default"),
};
static const struct vs_opt diff_options[] = {
    COMMON,
    OPT("rules", FLAG, only_rules, NULL,
	"compare the rules alone, without records"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "replay",
	.args = "",
	.summary = "take recorded decisions again: who gains, who loses",
	.opts = replay_options,
	.opts_n = VS_COUNT(replay_options),
	.size = sizeof(struct replay_opts),
	.run = run_replay},
    {.verb = "policy",
	.sub = "diff",
	.args = "OLD NEW",
	.args_min = 2,
	.args_max = 2,
	.summary = "compare two versions, rule by rule and over records",
	.opts = diff_options,
	.opts_n = VS_COUNT(diff_options),
	.size = sizeof(struct replay_opts),
	.run = run_diff},
};
const struct vs_family vs_policy_replay_family = {commands, VS_COUNT(commands)};
