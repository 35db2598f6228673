/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/junit.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"

/* One more element, the old ones kept. */
static void *
grown(void *old, size_t n, size_t size)
{
	void *v = vs_cli_alloc((n + 1) * size);

	if (n > 0)
		memcpy(v, old, n * size);
	free(old);
	return v;
}

void
vs_tested_begin(struct vs_tested_all *all, const char *file)
{
	all->v = grown(all->v, all->n, sizeof(*all->v));
	all->v[all->n++] =
	    (struct vs_tested_file){.file = vs_cli_dup(vs_span_cstr(file))};
}

void
vs_tested_add(struct vs_tested_all *all, const struct vs_tested *t)
{
	struct vs_tested_file *f = &all->v[all->n - 1];
	struct vs_tested *copy;

	f->v = grown(f->v, f->n, sizeof(*f->v));
	copy = &f->v[f->n++];
	*copy = *t;
	copy->name = vs_cli_dup(vs_span_cstr(t->name));
	if (t->why != NULL)
		copy->why = vs_cli_dup(vs_span_cstr(t->why));
}

size_t
vs_tested_failed(const struct vs_tested_file *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].why != NULL;
	return n;
}

void
vs_tested_fini(struct vs_tested_all *all)
{
	for (size_t i = 0; i < all->n; i++) {
		for (size_t k = 0; k < all->v[i].n; k++) {
			free(all->v[i].v[k].name);
			free(all->v[i].v[k].why);
		}
		free(all->v[i].v);
		free(all->v[i].file);
	}
	free(all->v);
	*all = (struct vs_tested_all){.n = 0};
}

/* XML 1.0 has no way to write most control characters. */
static void
put_text(struct vs_buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			vs_buf_puts(b, "&amp;");
		else if (c == '<')
			vs_buf_puts(b, "&lt;");
		else if (c == '>')
			vs_buf_puts(b, "&gt;");
		else if (c == '"')
			vs_buf_puts(b, "&quot;");
		else if (c < 0x20 || c == 0x7f)
			vs_buf_puts(b, "?");
		else
			vs_buf_add(b, VS_SPAN(text, 1));
	}
}

static void
put_attribute(struct vs_buf *b, const char *name, const char *text)
{
	vs_buf_printf(b, " %s=\"", name);
	put_text(b, text);
	vs_buf_puts(b, "\"");
}

static void
put_time(struct vs_buf *b, int64_t ns)
{
	vs_buf_printf(b, " time=\"%lld.%06lld\"", (long long)(ns / 1000000000),
	    (long long)(ns % 1000000000 / 1000));
}

static void
put_case(
    struct vs_buf *b, const struct vs_tested_file *f, const struct vs_tested *t)
{
	const char *tag = t->error ? "error" : "failure";

	vs_buf_puts(b, "    <testcase");
	put_attribute(b, "classname", f->file);
	put_attribute(b, "name", t->name);
	put_attribute(b, "file", f->file);
	if (t->line > 0)
		vs_buf_printf(b, " line=\"%d\"", t->line);
	put_time(b, t->ns);
	if (t->why == NULL) {
		vs_buf_puts(b, "/>\n");
		return;
	}
	vs_buf_printf(b, ">\n      <%s", tag);
	put_attribute(b, "message", t->why);
	vs_buf_puts(b, "/>\n    </testcase>\n");
}

static void
put_counts(struct vs_buf *b, const struct vs_tested_file *v, size_t n)
{
	size_t tests = 0, failures = 0, errors = 0;
	int64_t ns = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < v[i].n; k++) {
			const struct vs_tested *t = &v[i].v[k];

			tests++;
			ns += t->ns;
			errors += t->why != NULL && t->error;
			failures += t->why != NULL && !t->error;
		}
	}
	vs_buf_printf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
	    tests, failures, errors);
	put_time(b, ns);
}

void
vs_junit_write(const struct vs_tested_all *all, struct vs_buf *out)
{
	vs_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	vs_buf_puts(out, "<testsuites name=\"vouchsafe policy test\"");
	put_counts(out, all->v, all->n);
	vs_buf_puts(out, ">\n");
	for (size_t i = 0; i < all->n; i++) {
		const struct vs_tested_file *f = &all->v[i];

		vs_buf_puts(out, "  <testsuite");
		put_attribute(out, "name", f->file);
		put_counts(out, f, 1);
		vs_buf_puts(out, ">\n");
		for (size_t k = 0; k < f->n; k++)
			put_case(out, f, &f->v[k]);
		vs_buf_puts(out, "  </testsuite>\n");
	}
	vs_buf_puts(out, "</testsuites>\n");
}
