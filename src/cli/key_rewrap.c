/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe key rewrap`: starts a rotation of KEKs and shows how it goes. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"

struct rewrap_opts {
	struct vs_admin_opts admin;
	bool dry_run;
	bool status;
	bool no_wait;
};

enum {
	POLL_MS = 250,
	/* A daemon that is being restarted goes on where it was. */
	PATIENCE_S = 60,
	BAR = 30,
};

/* What all namespaces of one call have done together. */
struct sum {
	int64_t total, done, unreadable, old;
	size_t running;
	const struct vs_json *failed; /* one that ended before its end */
};

static double
now_s(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* is always there */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
add(struct sum *s, const struct vs_json *kek)
{
	const struct vs_json *pass = vs_json_get(kek, "rewrap");
	bool running = false;

	s->old += vs_cli_int(kek, "old_versions");
	if (pass == NULL)
		return;
	(void)vs_json_is_bool(vs_json_get(pass, "running"), &running);
	s->running += running;
	s->total += vs_cli_int(pass, "total");
	s->done += vs_cli_int(pass, "done");
	s->unreadable += vs_cli_int(pass, "unreadable");
	if (!running && vs_json_get(pass, "error") != NULL)
		s->failed = pass;
}

static vs_status
get(const struct rewrap_opts *o, const char *ns, struct vs_json **out,
    struct vs_err *err)
{
	struct vs_buf path = {0};
	vs_status st;

	vs_buf_puts(&path, "/v1/keks");
	vs_cli_query(&path, "namespace", ns);
	st = vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, out, err);
	vs_buf_fini(&path);
	return st;
}

/* To people alone, and on one line. */
static void
show(const struct sum *s, double rate)
{
	char bar[BAR + 1];
	int64_t full = s->total > 0 ? s->done * BAR / s->total : 0;

	if (isatty(STDERR_FILENO) != 1)
		return;
	full = full > BAR ? BAR : full;
	memset(bar, '.', BAR);
	memset(bar, '#', (size_t)full);
	bar[BAR] = '\0';
	(void)fprintf(stderr, "\r\033[K[%s] %lld of %lld keys, %.0f/s", bar,
	    (long long)s->done, (long long)s->total, rate);
	if (rate > 0 && s->done < s->total)
		(void)fprintf(stderr, ", %.0f s left",
		    (double)(s->total - s->done) / rate);
}

static void
end_line(void)
{
	if (isatty(STDERR_FILENO) == 1)
		(void)fputc('\n', stderr);
}

struct watch {
	const struct rewrap_opts *o;
	const char *ns;
	double began;
	double silent_since; /* 0: the daemon answers */
	struct sum sum;
	struct vs_json *last;
};

/* One look. VS_OK with nothing in *w->last: the daemon does not answer. */
static vs_status
look(struct watch *w, struct vs_err *err)
{
	struct vs_json *doc = NULL;
	const struct vs_json *keks;
	vs_status st = get(w->o, w->ns, &doc, err);

	if (vs_status_class(st) == VS_CLASS_UNAVAILABLE) {
		if (w->silent_since <= 0)
			w->silent_since = now_s();
		if (now_s() - w->silent_since > PATIENCE_S)
			return st;
		vs_err_clear(err);
		return VS_OK;
	}
	if (st != VS_OK)
		return st;
	w->silent_since = 0;
	vs_json_free(&w->last);
	w->last = doc;
	w->sum = (struct sum){0};
	keks = vs_json_get(doc, "keks");
	for (size_t i = 0; i < vs_json_size(keks); i++)
		add(&w->sum, vs_json_at(keks, i));
	return VS_OK;
}

/* Keys that do not open keep an old KEK without a pass that runs. */
static bool
is_over(const struct watch *w)
{
	return w->silent_since <= 0 && w->last != NULL && w->sum.running == 0 &&
	    (w->sum.old == 0 || w->sum.unreadable > 0);
}

static vs_status
watch(struct watch *w, struct vs_err *err)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (;;) {
		double t;

		VS_TRY(err, "progress", look(w, err));
		t = now_s() - w->began;
		show(&w->sum, t > 0 ? (double)w->sum.done / t : 0);
		if (is_over(w))
			break;
		(void)nanosleep(&pause, NULL); /* a signal: look earlier */
	}
	end_line();
	return VS_OK;
}

static void
print_table(const struct vs_json *keks)
{
	static const char *const heads[] = {"NAMESPACE", "KEK", "CREATED",
	    "ENCRYPTIONS", "OLD", "REWRAPPED", "UNREADABLE"};
	struct vs_table t;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (size_t i = 0; i < vs_json_size(keks); i++) {
		const struct vs_json *k = vs_json_at(keks, i);
		const struct vs_json *p = vs_json_get(k, "rewrap");

		vs_table_add(&t, vs_cli_str(k, "namespace"));
		vs_table_addf(&t, "%lld", (long long)vs_cli_int(k, "version"));
		vs_table_add(&t, vs_cli_str(k, "created_at"));
		vs_table_addf(
		    &t, "%lld", (long long)vs_cli_int(k, "encryptions"));
		vs_table_addf(
		    &t, "%lld", (long long)vs_cli_int(k, "old_versions"));
		if (p == NULL) {
			vs_table_adds(&t, "-");
			vs_table_adds(&t, "-");
			continue;
		}
		vs_table_addf(&t, "%lld of %lld",
		    (long long)vs_cli_int(p, "done"),
		    (long long)vs_cli_int(p, "total"));
		vs_table_addf(
		    &t, "%lld", (long long)vs_cli_int(p, "unreadable"));
	}
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
}

static int
print_status(const struct rewrap_opts *o, const char *ns)
{
	struct vs_json *doc = NULL;
	struct vs_err err = {0};

	if (get(o, ns, &doc, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&doc, VS_EXIT_OK);
	if (vs_json_size(vs_json_get(doc, "keks")) == 0)
		puts("no namespaces");
	else
		print_table(vs_json_get(doc, "keks"));
	vs_json_free(&doc);
	return VS_EXIT_OK;
}

static vs_status
start(const struct rewrap_opts *o, const char *ns, struct vs_json **out,
    struct vs_err *err)
{
	struct vs_json *in = vs_json_object();
	struct vs_buf path = {0};
	vs_status st;

	if (ns != NULL)
		vs_json_set(&in, "namespace", vs_json_cstr(ns));
	vs_buf_puts(&path, "/v1/keks:rewrap");
	vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
	st = vs_cli_call(&o->admin, "POST", vs_buf_cstr(&path), in, out, err);
	vs_buf_fini(&path);
	vs_json_free(&in);
	return st;
}

static void
print_started(const struct rewrap_opts *o, const struct vs_json *doc)
{
	const struct vs_json *keks = vs_json_get(doc, "keks");
	char text[VS_CLI_TEXT_MAX];

	for (size_t i = 0; i < vs_json_size(keks); i++) {
		const struct vs_json *k = vs_json_at(keks, i);

		printf("%s%s: KEK version %lld\n",
		    o->dry_run ? "would rotate " : "",
		    vs_cli_text(vs_cli_str(k, "namespace"), text),
		    (long long)vs_cli_int(k, "version"));
	}
}

static int
report(struct watch *w)
{
	double t = now_s() - w->began;
	int code = w->sum.unreadable > 0 ? VS_EXIT_DENIED : VS_EXIT_OK;

	if (w->o->admin.json)
		return vs_cli_json(&w->last, code);
	printf("rewrapped %lld keys in %.1f s, %.0f/s\n",
	    (long long)(w->sum.done - w->sum.unreadable), t,
	    t > 0 ? (double)w->sum.done / t : 0);
	if (w->sum.unreadable > 0)
		(void)fprintf(stderr,
		    "%lld records do not open: they keep the old KEK\n",
		    (long long)w->sum.unreadable);
	vs_json_free(&w->last);
	return code;
}

static int
run(const void *opts, const struct vs_args *args)
{
	const struct rewrap_opts *o = opts;
	const char *ns = args->n > 0 ? args->v[0] : NULL;
	struct watch w = {.o = o, .ns = ns, .began = now_s()};
	struct vs_json *started = NULL;
	struct vs_err err = {0};

	if (o->status)
		return print_status(o, ns);
	if (start(o, ns, &started, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if ((o->dry_run || o->no_wait) && o->admin.json)
		return vs_cli_json(&started, VS_EXIT_OK);
	if (!o->admin.json)
		print_started(o, started);
	vs_json_free(&started);
	if (o->dry_run || o->no_wait)
		return VS_EXIT_OK;
	(void)fflush(stdout); /* the bar goes elsewhere */
	if (watch(&w, &err) != VS_OK) {
		vs_json_free(&w.last);
		return vs_cli_fail(&err, o->admin.json);
	}
	return report(&w);
}

static const struct vs_opt options[] = {VS_ADMIN_OPTIONS(struct rewrap_opts),
    VS_OPT("status", FLAG, struct rewrap_opts, status, NULL,
	"start nothing: show KEKs and how far rotations are"),
    VS_OPT("no-wait", FLAG, struct rewrap_opts, no_wait, NULL,
	"start, and do not wait for the end"),
    VS_OPT("dry-run", FLAG, struct rewrap_opts, dry_run, NULL,
	"check everything, change nothing")};

static const struct vs_command commands[] = {
    {.verb = "key",
	.sub = "rewrap",
	.args = "[NAMESPACE]",
	.args_max = 1,
	.summary = "a new KEK, and all keys under it; online",
	.opts = options,
	.opts_n = VS_COUNT(options),
	.size = sizeof(struct rewrap_opts),
	.run = run},
};
const struct vs_family vs_key_rewrap_family = {commands, VS_COUNT(commands)};
