/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_files.h"

#include <string.h>

#include "base/file.h"
#include "cli/output.h"
#include "codec/yaml.h"

enum { POLICIES_MAX = 64 };

static vs_status
load_one(const char *file, struct vs_policy **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_file_read(file, VS_YAML_SIZE_MAX, &text, err);

	if (st == VS_OK)
		st = vs_policy_load(file, vs_buf_span(&text), NULL, out, err);
	vs_buf_fini(&text);
	/* A policy that does not load is wrong input, never a verdict. */
	if (st != VS_OK && vs_status_class(st) != VS_CLASS_INTERNAL) {
		err->status = VS_USAGE;
		st = VS_USAGE;
	}
	return st;
}

vs_status
vs_cli_policy_set(const struct vs_opt_list *files, struct vs_policy_set **out,
    struct vs_err *err)
{
	struct vs_policy *v[POLICIES_MAX] = {0};
	size_t n = 0;
	vs_status st = VS_OK;

	if (files->n > POLICIES_MAX)
		return vs_fail(
		    err, VS_USAGE, "--policy: at most %d files", POLICIES_MAX);
	while (st == VS_OK && n < files->n) {
		st = load_one(files->v[n], &v[n], err);
		if (st == VS_OK)
			n++;
	}
	if (st == VS_OK)
		return vs_policy_set_new(v, n, out, err);
	for (size_t i = 0; i < n; i++)
		vs_policy_free(&v[i]);
	return st;
}

static struct vs_span
line_of(struct vs_span text, int line)
{
	const uint8_t *p = text.p, *end = text.p + text.n;

	for (int i = 1; i < line && p < end; i++) {
		const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));
		p = lf != NULL ? lf + 1 : end;
	}
	const uint8_t *lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	return VS_SPAN(p, (size_t)((lf != NULL ? lf : end) - p));
}

/* Tabs stay tabs, so that the caret is under its column. */
static void
print_caret(struct vs_span line, int col)
{
	printf("    ");
	for (int i = 1; i < col && (size_t)i <= line.n; i++) {
		uint8_t c = line.p[i - 1];
		/* One column for a whole UTF-8 character. */
		if ((c & 0xc0) != 0x80)
			putchar(c == '\t' ? '\t' : ' ');
	}
	vs_cli_paint(stdout, VS_GOOD, "^");
	putchar('\n');
}

static void
print_line(struct vs_span line)
{
	printf("    ");
	for (size_t i = 0; i < line.n; i++) {
		uint8_t c = line.p[i];
		putchar(c == '\t' || (c >= 0x20 && c != 0x7f) ? c : '?');
	}
	putchar('\n');
}

void
vs_cli_print_diag(
    const char *file, struct vs_span text, const struct vs_policy_diag *d)
{
	if (d->line > 0)
		printf("%s:%d:%d: ", file, d->line, d->col);
	else
		printf("%s: ", file);
	vs_cli_paint(stdout, d->error ? VS_BAD : VS_WARN,
	    d->error ? "error" : "warning");
	printf(": %s [%s]\n", d->msg, d->code);
	if (d->line <= 0)
		return;
	struct vs_span line = line_of(text, d->line);
	print_line(line);
	if (d->col > 0)
		print_caret(line, d->col);
}
