/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/output.h"
#include "codec/yaml.h"

enum { COMMANDS_MAX = 64 };

static const struct vs_command bench_commands[] = {
    {.verb = "bench",
	.args = "[release|unwrap] ...",
	.summary = "measure a release against the bare cryptography",
	.raw = vs_cli_bench},
};
const struct vs_family vs_bench_family = {
    bench_commands, VS_COUNT(bench_commands)};

static const struct vs_family *const families[] = {
    &vs_appraise_family,
    &vs_policy_family,
    &vs_policy_eval_family,
    &vs_policy_test_family,
    &vs_policy_explain_family,
    &vs_policy_replay_family,
    &vs_policy_sign_family,
    &vs_policy_rollback_family,
    &vs_key_family,
    &vs_allow_family,
    &vs_key_rewrap_family,
    &vs_key_import_family,
    &vs_seal_rotate_family,
    &vs_audit_family,
    &vs_collateral_family,
    &vs_seal_family,
    &vs_seal_make_family,
    &vs_seal_policy_family,
    &vs_backup_family,
    &vs_simulate_family,
    &vs_token_family,
    &vs_bench_family,
    &vs_measure_family,
    &vs_provenance_family,
};

/* The i-th command of all, NULL past the last. */
static const struct vs_command *
nth(const struct vs_family *extra, size_t i)
{
	for (size_t f = 0; f < VS_COUNT(families); f++) {
		if (i < families[f]->n)
			return &families[f]->v[i];
		i -= families[f]->n;
	}
	return extra != NULL && i < extra->n ? &extra->v[i] : NULL;
}

static void
usage_line(const struct vs_command *c, FILE *f)
{
	fprintf(f, "vouchsafe %s%s%s%s%s%s\n", c->verb, c->sub ? " " : "",
	    c->sub ? c->sub : "", c->opts_n > 0 ? " [options]" : "",
	    c->args[0] ? " " : "", c->args);
}

static void
print_overview(const struct vs_family *extra, FILE *f)
{
	const struct vs_command *c;

	fputs("vouchsafe: prove, judge and administer releases of keys to "
	      "confidential VMs\n\n",
	    f);
	for (size_t i = 0; (c = nth(extra, i)) != NULL; i++) {
		char name[48];
		(void)snprintf(name, sizeof(name), "%s%s%s", c->verb,
		    c->sub ? " " : "", c->sub ? c->sub : "");
		fprintf(f, "  %-20s %s\n", name, c->summary);
	}
	fputs("\n`vouchsafe help VERB` says more; every verb knows --json.\n"
	      "Exit codes: 0 ok, 1 denied or check failed, 2 usage or bad "
	      "input,\n3 unverified evidence, 4 unavailable.\n",
	    f);
}

static void
print_command(const struct vs_command *c)
{
	printf("usage: ");
	usage_line(c, stdout);
	printf("  %s\n", c->summary);
	if (c->opts_n > 0) {
		printf("\noptions:\n");
		vs_options_help(c->opts, c->opts_n, stdout);
	}
}

/* Every command of a verb; 0 when there is no such verb. */
static size_t
commands_of(const struct vs_family *extra, const char *verb,
    const struct vs_command **out)
{
	const struct vs_command *c;
	size_t n = 0;

	for (size_t i = 0; (c = nth(extra, i)) != NULL; i++)
		if (strcmp(c->verb, verb) == 0 && n < COMMANDS_MAX)
			out[n++] = c;
	return n;
}

static int
unknown_word(const char *what, const char *before, const char *word,
    const char *const *names, size_t n)
{
	char shown[VS_CLI_TEXT_MAX];
	const char *near = vs_nearest(vs_span_cstr(word), names, n);

	fprintf(stderr, "vouchsafe: unknown %s \"%s\"", what,
	    vs_cli_text(vs_span_cstr(word), shown));
	if (near != NULL)
		fprintf(stderr, "; did you mean `vouchsafe %s%s%s`?", before,
		    before[0] ? " " : "", near);
	fputs("\n`vouchsafe help` lists what there is.\n", stderr);
	return VS_EXIT_USAGE;
}

static int
unknown_verb(const struct vs_family *extra, const char *word)
{
	const char *names[COMMANDS_MAX];
	const struct vs_command *c;
	size_t n = 0;

	for (size_t i = 0; (c = nth(extra, i)) != NULL; i++)
		if (n < COMMANDS_MAX)
			names[n++] = c->verb;
	return unknown_word("verb", "", word, names, n);
}

static int
unknown_sub(const struct vs_command *const *c, size_t n, const char *word)
{
	const char *names[COMMANDS_MAX];

	for (size_t i = 0; i < n; i++)
		names[i] = c[i]->sub;
	return unknown_word("command", c[0]->verb, word, names, n);
}

static int
missing_sub(const struct vs_command *const *c, size_t n)
{
	fprintf(stderr, "vouchsafe %s: say what to do:\n", c[0]->verb);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "  %-10s %s\n", c[i]->sub, c[i]->summary);
	return VS_EXIT_USAGE;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool
asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_help(argv[i]))
			return true;
	return false;
}

static vs_status
check_args(
    const struct vs_command *c, const struct vs_args *args, struct vs_err *err)
{
	if (args->n < c->args_min)
		return vs_fail(err, VS_USAGE, "too few arguments");
	if (args->n > c->args_max)
		return vs_fail(err, VS_USAGE, "unexpected argument \"%.60s\"",
		    args->v[c->args_max]);
	return VS_OK;
}

static int
bad_usage(const struct vs_command *c, const struct vs_err *err)
{
	fprintf(stderr, "vouchsafe %s%s%s: %s\nusage: ", c->verb,
	    c->sub ? " " : "", c->sub ? c->sub : "", err->msg);
	usage_line(c, stderr);
	return VS_EXIT_USAGE;
}

/* argv[0] is the last word of the command's name. */
static int
run(const struct vs_command *c, int argc, char **argv)
{
	struct vs_err err = {0};
	struct vs_args args = {0};

	if (c->raw != NULL)
		return c->raw(argc, argv);
	if (asks_help(argc, argv)) {
		print_command(c);
		return VS_EXIT_OK;
	}
	void *opts = calloc(1, c->size);
	if (opts == NULL)
		return VS_EXIT_UNAVAILABLE;
	vs_status st =
	    vs_options_parse(argc, argv, c->opts, c->opts_n, opts, &args, &err);
	if (st == VS_OK)
		st = check_args(c, &args, &err);
	int code = st == VS_OK ? c->run(opts, &args) : bad_usage(c, &err);
	vs_options_fini(c->opts, c->opts_n, opts);
	free(opts);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("vouchsafe: cannot write the output\n", stderr);
		return code == VS_EXIT_OK ? VS_EXIT_UNAVAILABLE : code;
	}
	return code;
}

static int
help_verb(const struct vs_family *extra, const char *verb)
{
	const struct vs_command *c[COMMANDS_MAX];
	size_t n = commands_of(extra, verb, c);

	if (n == 0)
		return unknown_verb(extra, verb);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar('\n');
		print_command(c[i]);
	}
	return VS_EXIT_OK;
}

static int
run_verb(int argc, char **argv, const struct vs_family *extra)
{
	const struct vs_command *c[COMMANDS_MAX];
	size_t n = commands_of(extra, argv[0], c);

	if (n == 0)
		return unknown_verb(extra, argv[0]);
	if (c[0]->sub == NULL)
		return run(c[0], argc, argv);
	if (argc < 2)
		return missing_sub(c, n);
	if (is_help(argv[1]))
		return help_verb(extra, argv[0]);
	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i]->sub, argv[1]) == 0)
			return run(c[i], argc - 1, argv + 1);
	return unknown_sub(c, n, argv[1]);
}

int
vs_cli_main(int argc, char **argv, const struct vs_family *extra)
{
	if (argc < 2) {
		print_overview(extra, stderr);
		return VS_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("vouchsafe " VS_VERSION);
		return VS_EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 || is_help(argv[1])) {
		if (argc > 2)
			return help_verb(extra, argv[2]);
		print_overview(extra, stdout);
		return VS_EXIT_OK;
	}
	return run_verb(argc - 1, argv + 1, extra);
}
