/* SPDX-License-Identifier: Apache-2.0 */
/* What people and machines see: tables, JSON, failures, questions. */
#ifndef VS_CLI_OUTPUT_H
#define VS_CLI_OUTPUT_H

#include <stdio.h>

#include "codec/json.h"

enum { VS_CLI_TEXT_SHOWN = 256, VS_CLI_TEXT_MAX = 4 * VS_CLI_TEXT_SHOWN + 4 };
/* Text from elsewhere, safe for a terminal: control characters become \xNN;
 * VS_CLI_TEXT_SHOWN bytes at most. */
const char *vs_cli_text(struct vs_span text, char out[VS_CLI_TEXT_MAX]);

typedef enum vs_colour { VS_PLAIN, VS_GOOD, VS_BAD, VS_WARN, VS_DIM } vs_colour;
/* Escape sequences only on a terminal, and not where NO_COLOR is set. */
void vs_cli_paint(FILE *f, vs_colour c, const char *text);

/* Columns as wide as their widest cell. */
struct vs_table {
	size_t cols;
	char **cells; /* row by row, the heads first */
	size_t n;
};
void vs_table_init(struct vs_table *t, const char *const *heads, size_t cols);
void vs_table_add(struct vs_table *t, struct vs_span cell);
void vs_table_adds(struct vs_table *t, const char *cell);
void vs_table_addf(struct vs_table *t, const char *fmt, ...) VS_PRINTF(2, 3);
void vs_table_print(const struct vs_table *t, FILE *f);
void vs_table_fini(struct vs_table *t);

/* Pretty JSON and a line feed on standard output; the exit code to return
 * when it could not be made, else code. Frees *v. */
int vs_cli_json(struct vs_json **v, int code);

/* Says what failed, on standard error or as {"error": ...} on standard
 * output; returns the exit code of the class. */
int vs_cli_fail(const struct vs_err *err, bool json);
/* {"class", "code"?, "detail"}; code may be NULL. */
struct vs_json *vs_cli_error_json(
    const char *class_name, const char *code, const char *detail);

/* Asks on the terminal. VS_USAGE where there is no terminal to ask. */
VS_MUST_USE vs_status vs_cli_confirm(
    const char *question, bool *yes, struct vs_err *err);

/* A string member of an object, or "" */
struct vs_span vs_cli_str(const struct vs_json *obj, const char *name);
int64_t vs_cli_int(const struct vs_json *obj, const char *name);

/* Aborts with a message when memory is short: only in this folder. */
void *vs_cli_alloc(size_t n);
char *vs_cli_dup(struct vs_span s);

#endif
