/* SPDX-License-Identifier: Apache-2.0 */
/* Claims as JSON and as text. Written by hand: claims/ sits below codec/. */
#include <string.h>

#include "base/clock.h"
#include "claims/claims.h"
#include "claims/gpu.h"

static bool
needs_escape(uint8_t c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void
put_escaped(uint8_t c, struct vs_buf *out)
{
	if (c == '"' || c == '\\')
		vs_buf_printf(out, "\\%c", c);
	else
		vs_buf_printf(out, "\\u%04x", c);
}

void
vs_json_quote(struct vs_span text, struct vs_buf *out)
{
	size_t from = 0;
	uint8_t *at;
	size_t n;

	for (n = 0; n < text.n && !needs_escape(text.p[n]); n++)
		continue;
	if (n == text.n) { /* nearly always: one copy */
		at = vs_buf_grow(out, n + 2);
		if (at == NULL)
			return;
		at[0] = '"';
		if (n > 0)
			memcpy(at + 1, text.p, n);
		at[n + 1] = '"';
		return;
	}
	vs_buf_puts(out, "\"");
	for (size_t i = 0; i < text.n; i++) {
		if (!needs_escape(text.p[i]))
			continue;
		vs_buf_add(out, vs_span_slice(text, from, i - from));
		put_escaped(text.p[i], out);
		from = i + 1;
	}
	vs_buf_add(out, vs_span_slice(text, from, text.n));
	vs_buf_puts(out, "\"");
}

static void
put_list(const struct vs_claim_value *v, struct vs_buf *out)
{
	vs_buf_puts(out, "[");
	for (size_t i = 0; i < v->u.list.n; i++) {
		if (i > 0)
			vs_buf_puts(out, ",");
		vs_json_quote(v->u.list.v[i], out);
	}
	vs_buf_puts(out, "]");
}

static void
put_value(
    vs_claim_type type, const struct vs_claim_value *v, struct vs_buf *out)
{
	char time[VS_TIME_TEXT_MAX];

	switch (type) {
	case VS_CLAIM_BOOL:
		vs_buf_puts(out, v->u.b ? "true" : "false");
		return;
	case VS_CLAIM_INT:
		vs_buf_int(out, v->u.i);
		return;
	case VS_CLAIM_STRING:
		vs_json_quote(v->u.s, out);
		return;
	case VS_CLAIM_TIME:
		vs_time_format_ms(v->u.i * 1000, time);
		vs_buf_printf(out, "\"%s\"", time);
		return;
	case VS_CLAIM_STRINGS:
		put_list(v, out);
		return;
	}
}

/* Bytes of the record part that a and b share: whole segments with dots. */
static size_t
shared_prefix(const char *a, const char *b)
{
	size_t shared = 0;

	for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		if (a[i] == '.')
			shared = i + 1;
	return shared;
}

static size_t
count_dots(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '.';
	return n;
}

/* Opens the records between the shared prefix and the last segment. */
static const char *
open_records(const char *rest, struct vs_buf *out)
{
	const char *dot;

	while ((dot = strchr(rest, '.')) != NULL) {
		vs_json_quote(VS_SPAN(rest, (size_t)(dot - rest)), out);
		vs_buf_puts(out, ":{");
		rest = dot + 1;
	}
	return rest;
}

static void
put_gpu(const struct vs_claims *c, size_t gpu, struct vs_buf *out)
{
	const char *before = "{";

	for (unsigned i = 0; i < VS_GPU_CLAIM_COUNT; i++) {
		vs_gpu_claim_id id = (vs_gpu_claim_id)i;
		const struct vs_claim_def *def = vs_gpu_claim_def(id);
		const struct vs_claim_value *v = vs_claims_gpu_get(c, gpu, id);

		if (!v->present)
			continue;
		vs_buf_puts(out, before);
		vs_json_quote(vs_span_cstr(def->path), out);
		vs_buf_puts(out, ":");
		put_value(def->type, v, out);
		before = ",";
	}
	vs_buf_puts(out, before[0] == '{' ? "{}" : "}");
}

static void
put_gpus(const struct vs_claims *c, struct vs_buf *out)
{
	vs_buf_puts(out, "\"gpus\":[");
	for (size_t i = 0; i < vs_claims_gpus(c); i++) {
		if (i > 0)
			vs_buf_puts(out, ",");
		put_gpu(c, i, out);
	}
	vs_buf_puts(out, "]");
}

/* The table keeps the rows of one record together, so that one pass does. */
void
vs_claims_json(const struct vs_claims *c, struct vs_buf *out)
{
	const char *last = "";

	vs_buf_puts(out, "{");
	for (unsigned i = 0; i < VS_CLAIM_COUNT; i++) {
		const struct vs_claim_def *def = vs_claim_def((vs_claim_id)i);
		size_t shared = shared_prefix(last, def->path);
		const char *name;

		if (!c->v[i].present)
			continue;
		for (size_t d = count_dots(last + shared); d > 0; d--)
			vs_buf_puts(out, "}");
		if (last[0] != '\0')
			vs_buf_puts(out, ",");
		name = open_records(def->path + shared, out);
		vs_json_quote(vs_span_cstr(name), out);
		vs_buf_puts(out, ":");
		put_value(def->type, &c->v[i], out);
		last = def->path;
	}
	for (size_t d = count_dots(last); d > 0; d--)
		vs_buf_puts(out, "}");
	if (vs_claims_gpus(c) > 0) {
		vs_buf_puts(out, last[0] != '\0' ? "," : "");
		put_gpus(c, out);
	}
	vs_buf_puts(out, "}");
}

static void
put_line(const struct vs_claim_def *def, const struct vs_claim_value *v,
    struct vs_buf *out)
{
	if (def->type == VS_CLAIM_STRING)
		vs_buf_add(out, v->u.s);
	else
		put_value(def->type, v, out);
	vs_buf_puts(out, "\n");
}

static void
gpu_text(const struct vs_claims *c, size_t gpu, struct vs_buf *out)
{
	for (unsigned i = 0; i < VS_GPU_CLAIM_COUNT; i++) {
		vs_gpu_claim_id id = (vs_gpu_claim_id)i;
		const struct vs_claim_def *def = vs_gpu_claim_def(id);
		const struct vs_claim_value *v = vs_claims_gpu_get(c, gpu, id);
		int pad = 26 - (int)strlen(def->path) - (gpu > 9);

		if (!v->present)
			continue;
		vs_buf_printf(out, "gpus[%zu].%s%*s ", gpu, def->path,
		    pad > 0 ? pad : 0, "");
		put_line(def, v, out);
	}
}

void
vs_claims_text(const struct vs_claims *c, struct vs_buf *out)
{
	for (unsigned i = 0; i < VS_CLAIM_COUNT; i++) {
		const struct vs_claim_def *def = vs_claim_def((vs_claim_id)i);

		if (!c->v[i].present)
			continue;
		vs_buf_printf(out, "%-34s ", def->path);
		put_line(def, &c->v[i], out);
	}
	for (size_t i = 0; i < vs_claims_gpus(c); i++)
		gpu_text(c, i, out);
}
