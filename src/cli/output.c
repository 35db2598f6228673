/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "cli/dispatch.h"

__attribute__((noreturn)) static void
out_of_memory(void)
{
	fputs("vouchsafe: out of memory\n", stderr);
	exit(VS_EXIT_UNAVAILABLE); /* NOLINT(concurrency-mt-unsafe) */
}

void *
vs_cli_alloc(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

char *
vs_cli_dup(struct vs_span s)
{
	char *p = vs_cli_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

/* Bytes of the UTF-8 sequence at p (text is known to be valid), and its code
 * point. */
static size_t
decode(const uint8_t *p, uint32_t *cp)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t v = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		v = v << 6 | (p[i] & 0x3f);
	*cp = v;
	return n;
}

/* Neither controls nor what reorders or hides text. */
static bool
showable(uint32_t cp)
{
	return (cp >= 0x20 && cp < 0x7f) ||
	    (cp >= 0xa0 && !(cp >= 0x200b && cp <= 0x200f) &&
		!(cp >= 0x2028 && cp <= 0x202e) &&
		!(cp >= 0x2060 && cp <= 0x206f) && cp != 0xfeff);
}

static char *
escape(char *out, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[p[i] >> 4];
		*out++ = hex[p[i] & 15];
	}
	return out;
}

const char *
vs_cli_text(struct vs_span text, char out[VS_CLI_TEXT_MAX])
{
	bool utf8 = vs_utf8_valid(text);
	char *p = out;
	size_t i = 0;

	while (i < text.n) {
		uint32_t cp = text.p[i];
		size_t n = utf8 ? decode(text.p + i, &cp) : 1;
		if (i + n > VS_CLI_TEXT_SHOWN)
			break;
		if (showable(cp) && (utf8 || cp < 0x7f))
			p = (char *)memcpy(p, text.p + i, n) + n;
		else
			p = escape(p, text.p + i, n);
		i += n;
	}
	if (i < text.n)
		p = (char *)memcpy(p, "...", 3) + 3;
	*p = '\0';
	return out;
}

static bool
coloured(FILE *f)
{
	/* One thread only. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *no = getenv("NO_COLOR");

	return (no == NULL || no[0] == '\0') && isatty(fileno(f)) == 1;
}

void
vs_cli_paint(FILE *f, vs_colour c, const char *text)
{
	static const char *const codes[] = {
	    [VS_PLAIN] = "0",
	    [VS_GOOD] = "32",
	    [VS_BAD] = "1;31",
	    [VS_WARN] = "33",
	    [VS_DIM] = "2",
	};

	if (c == VS_PLAIN || !coloured(f))
		fputs(text, f);
	else
		fprintf(f, "\033[%sm%s\033[0m", codes[c], text);
}

void
vs_table_init(struct vs_table *t, const char *const *heads, size_t cols)
{
	*t = (struct vs_table){.cols = cols};
	for (size_t i = 0; i < cols; i++)
		vs_table_adds(t, heads[i]);
}

void
vs_table_add(struct vs_table *t, struct vs_span cell)
{
	char safe[VS_CLI_TEXT_MAX];
	char **grown = realloc(t->cells, (t->n + 1) * sizeof(*grown));

	if (grown == NULL)
		out_of_memory();
	t->cells = grown;
	t->cells[t->n++] = vs_cli_dup(vs_span_cstr(vs_cli_text(cell, safe)));
}

void
vs_table_adds(struct vs_table *t, const char *cell)
{
	vs_table_add(t, vs_span_cstr(cell));
}

void
vs_table_addf(struct vs_table *t, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vs_table_adds(t, text);
}

static size_t
width(const struct vs_table *t, size_t col)
{
	size_t w = 0;

	for (size_t i = col; i < t->n; i += t->cols)
		if (strlen(t->cells[i]) > w)
			w = strlen(t->cells[i]);
	return w;
}

void
vs_table_print(const struct vs_table *t, FILE *f)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t col = i % t->cols;
		if (i < t->cols)
			vs_cli_paint(f, VS_DIM, t->cells[i]);
		else
			fputs(t->cells[i], f);
		if (col + 1 == t->cols)
			fputc('\n', f);
		else
			fprintf(f, "%*s",
			    (int)(width(t, col) - strlen(t->cells[i])) + 2, "");
	}
}

void
vs_table_fini(struct vs_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct vs_table){0};
}

int
vs_cli_json(struct vs_json **v, int code)
{
	struct vs_buf text = {0};

	if (vs_json_dump(*v, VS_JSON_PRETTY, &text) == VS_OK) {
		puts(vs_buf_cstr(&text));
	} else {
		fputs("vouchsafe: out of memory\n", stderr);
		code = VS_EXIT_UNAVAILABLE;
	}
	vs_buf_fini(&text);
	vs_json_free(v);
	return code;
}

struct vs_json *
vs_cli_error_json(const char *class_name, const char *code, const char *detail)
{
	struct vs_json *e = vs_json_object();

	vs_json_set(&e, "class", vs_json_cstr(class_name));
	if (code != NULL)
		vs_json_set(&e, "code", vs_json_cstr(code));
	vs_json_set(&e, "detail", vs_json_cstr(detail));
	return e;
}

int
vs_cli_fail(const struct vs_err *err, bool json)
{
	int code = vs_status_exit(err->status);

	if (json) {
		struct vs_json *o = vs_json_object();
		vs_json_set(&o, "error",
		    vs_cli_error_json(
			vs_class_name(vs_status_class(err->status)), err->code,
			err->msg));
		return vs_cli_json(&o, code);
	}
	fprintf(stderr, "vouchsafe: %s\n", err->msg);
	return code;
}

vs_status
vs_cli_confirm(const char *question, bool *yes, struct vs_err *err)
{
	char line[16];

	if (isatty(STDIN_FILENO) != 1)
		return vs_fail(err, VS_USAGE,
		    "no terminal to ask on: say --yes to go ahead");
	fprintf(stderr, "%s [y/N] ", question);
	*yes = fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
	return VS_OK;
}

struct vs_span
vs_cli_str(const struct vs_json *obj, const char *name)
{
	struct vs_span s = {0};

	return vs_json_is_string(vs_json_get(obj, name), &s)
	    ? s
	    : (struct vs_span){0};
}

int64_t
vs_cli_int(const struct vs_json *obj, const char *name)
{
	int64_t v = 0;

	return vs_json_is_int(vs_json_get(obj, name), &v) ? v : 0;
}
