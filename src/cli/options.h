/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command line options as a table: the parser, the help text and the "did
 * you mean" all come from it. Long options only, `--name value` or
 * `--name=value`, in any order with the arguments; `--` ends them.
 */
#ifndef VS_CLI_OPTIONS_H
#define VS_CLI_OPTIONS_H

#include <stdio.h>

#include "base/bytes.h"

typedef enum vs_opt_kind {
	VS_OPT_FLAG,  /* bool */
	VS_OPT_TEXT,  /* const char * */
	VS_OPT_LIST,  /* struct vs_opt_list; may repeat */
	VS_OPT_COUNT, /* uint64_t, decimal, 1 or more */
	VS_OPT_TIME,  /* struct vs_opt_time: RFC 3339 or Unix seconds */
} vs_opt_kind;

struct vs_opt_list {
	const char **v; /* the strings are argv's */
	size_t n;
};

struct vs_opt_time {
	bool given;
	int64_t ms;
};

/* One row: where in the caller's struct the value goes. */
struct vs_opt {
	const char *name; /* without the dashes */
	vs_opt_kind kind;
	size_t offset;
	const char *arg; /* "FILE"; NULL for flags */
	const char *help;
};

#define VS_OPT(name, kind, type, member, arg, help)                            \
	{                                                                      \
		name, VS_OPT_##kind, offsetof(type, member), arg, help         \
	}

/* What is left when the options are taken out. */
struct vs_args {
	char **v;
	size_t n;
};

/*
 * argv[0] is skipped. Values go into *out (zeroed by the caller) at the
 * offsets of the table; arguments are moved to the front of argv + 1.
 * VS_USAGE, with the nearest option, for anything that is not in the table,
 * lacks its value, or is given twice without being a list.
 */
VS_MUST_USE vs_status vs_options_parse(int argc, char **argv,
    const struct vs_opt *opts, size_t n, void *out, struct vs_args *rest,
    struct vs_err *err);
/* Frees the lists; *out is otherwise untouched. */
void vs_options_fini(const struct vs_opt *opts, size_t n, void *out);
/* One line an option, aligned. */
void vs_options_help(const struct vs_opt *opts, size_t n, FILE *f);

#endif
