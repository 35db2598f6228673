/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/options.h"

struct opts {
	bool flag;
	const char *text;
	struct vs_opt_list list;
	uint64_t count;
	struct vs_opt_time time;
};

static const struct vs_opt table[] = {
    VS_OPT("flag", FLAG, struct opts, flag, NULL, "a flag"),
    VS_OPT("text", TEXT, struct opts, text, "T", "a text"),
    VS_OPT("list", LIST, struct opts, list, "L", "a list"),
    VS_OPT("count", COUNT, struct opts, count, "N", "a count"),
    VS_OPT("time", TIME, struct opts, time, "T", "a time"),
};

static char buffer[16][64];

static vs_status
parse(struct opts *o, struct vs_args *rest, struct vs_err *err, int n,
    const char *const *words)
{
	static char *argv[17];

	for (int i = 0; i < n; i++) {
		snprintf(buffer[i], sizeof(buffer[i]), "%s", words[i]);
		argv[i] = buffer[i];
	}
	argv[n] = NULL;
	*o = (struct opts){0};
	*err = (struct vs_err){0};
	return vs_options_parse(n, argv, table, VS_COUNT(table), o, rest, err);
}

#define PARSE(o, rest, err, ...)                                               \
	parse((o), (rest), (err),                                              \
	    (int)VS_COUNT(((const char *const[]){"verb", __VA_ARGS__})),       \
	    (const char *const[]){"verb", __VA_ARGS__})

static void
test_every_kind_is_taken(void)
{
	struct opts o;
	struct vs_args rest;
	struct vs_err err;

	CHECK_OK(PARSE(&o, &rest, &err, "a", "--flag", "--text", "x",
		     "--list=1", "b", "--list", "2", "--count", "42",
		     "--time=2026-01-02T03:04:05Z", "c"),
	    err);
	CHECK(o.flag);
	CHECK_STR(o.text, "x");
	CHECK_INT(o.list.n, 2);
	CHECK_STR(o.list.v[1], "2");
	CHECK_INT(o.count, 42);
	CHECK(o.time.given);
	CHECK_INT(o.time.ms, 1767323045000);
	CHECK_INT(rest.n, 3);
	CHECK_STR(rest.v[2], "c");
	vs_options_fini(table, VS_COUNT(table), &o);
	CHECK_INT(o.list.n, 0);
}

static void
test_two_dashes_end_the_options(void)
{
	struct opts o;
	struct vs_args rest;
	struct vs_err err;

	CHECK_OK(PARSE(&o, &rest, &err, "--", "--flag", "-"), err);
	CHECK(!o.flag);
	CHECK_INT(rest.n, 2);
	CHECK_STR(rest.v[0], "--flag");
}

static void
test_a_dash_alone_is_an_argument(void)
{
	struct opts o;
	struct vs_args rest;
	struct vs_err err;

	CHECK_OK(PARSE(&o, &rest, &err, "-"), err);
	CHECK_INT(rest.n, 1);
}

static void
test_unknown_option_names_the_nearest(void)
{
	struct opts o;
	struct vs_args rest;
	struct vs_err err;

	CHECK_INT(PARSE(&o, &rest, &err, "--texd", "x"), VS_USAGE);
	CHECK_STR(err.msg, "unknown option --texd; did you mean --text?");
	CHECK_INT(PARSE(&o, &rest, &err, "--zzzzzzzzzz"), VS_USAGE);
	CHECK_INT(PARSE(&o, &rest, &err, "-x"), VS_USAGE);
	/* A prefix is not the option. */
	CHECK_INT(PARSE(&o, &rest, &err, "--fla"), VS_USAGE);
}

static void
test_bad_values_are_usage(void)
{
	static const char *const counts[] = {
	    "", "0", "-1", "+1", "1x", "0x10", " 1", "18446744073709551616"};
	struct opts o;
	struct vs_args rest;
	struct vs_err err;

	for (size_t i = 0; i < VS_COUNT(counts); i++)
		CHECK_INT(
		    PARSE(&o, &rest, &err, "--count", counts[i]), VS_USAGE);
	CHECK_OK(
	    PARSE(&o, &rest, &err, "--count", "18446744073709551615"), err);
	CHECK_INT(PARSE(&o, &rest, &err, "--time", "yesterday"), VS_USAGE);
	CHECK_INT(PARSE(&o, &rest, &err, "--text"), VS_USAGE);
	CHECK_INT(PARSE(&o, &rest, &err, "--flag=1"), VS_USAGE);
	CHECK_INT(
	    PARSE(&o, &rest, &err, "--text", "a", "--text", "b"), VS_USAGE);
}

int
main(void)
{
	RUN(test_every_kind_is_taken);
	RUN(test_two_dashes_end_the_options);
	RUN(test_a_dash_alone_is_an_argument);
	RUN(test_unknown_option_names_the_nearest);
	RUN(test_bad_values_are_usage);
	return check_result();
}
