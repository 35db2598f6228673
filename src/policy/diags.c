/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/report.h"

struct vs_policy_diags {
	struct vs_policy_diag *v;
	size_t n, cap;
};

/* A file that is wrong all over tells nothing more after so many. */
enum { DIAGS_MAX = 1000, TEXT_MAX = 320 };

struct vs_policy_diags *
vs_policy_diags_new(void)
{
	return vs_calloc(1, sizeof(struct vs_policy_diags));
}

static void
free_text(const char *s)
{
	free((void *)(uintptr_t)s);
}

void
vs_policy_diags_free(struct vs_policy_diags **d)
{
	if (d == NULL || *d == NULL)
		return;
	for (size_t i = 0; i < (*d)->n; i++)
		free_text((*d)->v[i].msg);
	free((*d)->v);
	free(*d);
	*d = NULL;
}

size_t
vs_policy_diags_count(const struct vs_policy_diags *d)
{
	return d != NULL ? d->n : 0;
}

const struct vs_policy_diag *
vs_policy_diags_at(const struct vs_policy_diags *d, size_t i)
{
	return d != NULL && i < d->n ? &d->v[i] : NULL;
}

static bool
grow(struct vs_policy_diags *d)
{
	size_t cap = d->cap == 0 ? 8 : 2 * d->cap;
	struct vs_policy_diag *v = vs_calloc(cap, sizeof(*v));

	if (v == NULL)
		return false;
	if (d->n > 0)
		memcpy(v, d->v, d->n * sizeof(*v));
	free(d->v);
	d->v = v;
	d->cap = cap;
	return true;
}

static bool
add(struct vs_policy_diags *d, bool error, const char *code, int line, int col,
    const char *text)
{
	char *copy;

	if (d->n >= DIAGS_MAX)
		return true;
	if (d->n == d->cap && !grow(d))
		return false;
	copy = strdup(text);
	if (copy == NULL)
		return false;
	d->v[d->n++] = (struct vs_policy_diag){.error = error,
	    .code = code,
	    .line = line,
	    .col = col,
	    .msg = copy};
	return true;
}

static void
report(struct vs_report *r, bool error, const char *code, int line, int col,
    const char *text)
{
	if (r->diags != NULL && !add(r->diags, error, code, line, col, text))
		r->no_memory = true;
	if (!error)
		return;
	if (r->errors++ > 0)
		return;
	if (line > 0)
		(void)vs_fail(r->err, VS_MALFORMED, "%s:%d:%d: %s", r->file,
		    line, col, text);
	else
		(void)vs_fail(r->err, VS_MALFORMED, "%s: %s", r->file, text);
	r->err->code = code;
}

/* Texts quote the file; a terminal must not obey it. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

void
vs_report_error(struct vs_report *r, const char *code, int line, int col,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	make_printable(text);
	report(r, true, code, line, col, text);
}

void
vs_report_warn(struct vs_report *r, const char *code, int line, int col,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	make_printable(text);
	report(r, false, code, line, col, text);
}
