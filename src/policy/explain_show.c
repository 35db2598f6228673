/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people and logs see them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/explain.h"

/* Text that stops, with "...", where the limit is. */
struct show {
	char text[VS_WHY_VALUE_MAX + 1];
	size_t n;
	bool full;
};

static void
put(struct show *s, const char *text, size_t n)
{
	if (s->full)
		return;
	if (n > VS_WHY_VALUE_MAX - 3 - s->n) {
		s->full = true;
		memcpy(s->text + s->n, "...", 3);
		s->n += 3;
		return;
	}
	memcpy(s->text + s->n, text, n);
	s->n += n;
}

static void
puts_to(struct show *s, const char *text)
{
	put(s, text, strlen(text));
}

static void
put_octet(struct show *s, uint8_t c)
{
	char hex[8];

	if (c == '"' || c == '\\') {
		char two[2] = {'\\', (char)c};

		put(s, two, 2);
	} else if (c >= 0x20 && c < 0x7f) {
		char one = (char)c;

		put(s, &one, 1);
	} else {
		(void)snprintf(hex, sizeof(hex), "\\x%02x", c);
		put(s, hex, 4);
	}
}

static void
put_string(struct show *s, struct vs_span text)
{
	puts_to(s, "\"");
	for (size_t i = 0; i < text.n && !s->full; i++)
		put_octet(s, text.p[i]);
	puts_to(s, "\"");
}

static void
put_hex(struct show *s, struct vs_span bytes)
{
	char hex[3];

	puts_to(s, "0x");
	for (size_t i = 0; i < bytes.n && !s->full; i++) {
		(void)snprintf(hex, sizeof(hex), "%02x", bytes.p[i]);
		put(s, hex, 2);
	}
}

static void put_val(struct show *s, struct vs_val v, int depth);

static void
put_items(struct show *s, struct vs_val v, int depth)
{
	bool map = v.kind == VS_KIND_MAP;

	puts_to(s, map ? "{" : "[");
	for (size_t i = 0; i < v.n && !s->full; i++) {
		if (i > 0)
			puts_to(s, ", ");
		put_val(s, v.u.v[map ? 2 * i : i], depth + 1);
		if (!map)
			continue;
		puts_to(s, ": ");
		put_val(s, v.u.v[2 * i + 1], depth + 1);
	}
	puts_to(s, map ? "}" : "]");
}

static void
put_number(struct show *s, struct vs_val v)
{
	char text[40];

	if (v.kind == VS_KIND_INT)
		(void)snprintf(text, sizeof(text), "%lld", (long long)v.u.i);
	else if (v.kind == VS_KIND_UINT)
		(void)snprintf(
		    text, sizeof(text), "%lluu", (unsigned long long)v.u.u);
	else
		(void)snprintf(text, sizeof(text), "%.17g", v.u.d);
	puts_to(s, text);
}

static void
put_time(struct show *s, struct vs_val v)
{
	char text[VS_TIME_TEXT_MAX];

	if (v.kind == VS_KIND_TIMESTAMP) {
		vs_time_format_ms(v.u.i * 1000 + v.n / 1000000, text);
		puts_to(s, text);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.9gs", (double)v.u.i / 1e9);
	puts_to(s, text);
}

/* Lists nest as the expression does; deeper than this says no more. */
enum { DEPTH_MAX = 6 };

static void
put_val(struct show *s, struct vs_val v, int depth)
{
	if (s->full)
		return;
	if (depth > DEPTH_MAX) {
		puts_to(s, "...");
		return;
	}
	switch (v.kind) {
	case VS_KIND_NULL:
		puts_to(s, "null");
		return;
	case VS_KIND_BOOL:
		puts_to(s, v.u.b ? "true" : "false");
		return;
	case VS_KIND_INT:
	case VS_KIND_UINT:
	case VS_KIND_DOUBLE:
		put_number(s, v);
		return;
	case VS_KIND_STRING:
		put_string(s, vs_val_span(v));
		return;
	case VS_KIND_BYTES:
		put_hex(s, vs_val_span(v));
		return;
	case VS_KIND_LIST:
	case VS_KIND_MAP:
		put_items(s, v, depth);
		return;
	case VS_KIND_TYPE:
		puts_to(s, vs_kind_name((vs_kind)v.u.i));
		return;
	case VS_KIND_TIMESTAMP:
	case VS_KIND_DURATION:
		put_time(s, v);
		return;
	case VS_KIND_ERROR:
		puts_to(s, vs_cel_error_name((vs_cel_error)v.error));
		return;
	default:
		puts_to(s, "(");
		puts_to(s, vs_kind_name((vs_kind)v.kind));
		puts_to(s, ")");
	}
}

const char *
vs_why_show(struct vs_val v, struct vs_arena *a)
{
	struct show s = {.n = 0};

	put_val(&s, v, 0);
	if (s.full && (v.kind == VS_KIND_LIST || v.kind == VS_KIND_MAP))
		return vs_arena_printf(a, "%.*s (%u in all)", (int)s.n - 20,
		    s.text, (unsigned)v.n);
	return vs_arena_cstr(a, VS_SPAN(s.text, s.n));
}

const char *
vs_why_redacted(struct vs_val v, struct vs_arena *a)
{
	bool sized = v.kind == VS_KIND_STRING || v.kind == VS_KIND_BYTES ||
	    v.kind == VS_KIND_LIST || v.kind == VS_KIND_MAP;

	if (!sized)
		return "<redacted>";
	return vs_arena_printf(a, "<redacted len=%u>", (unsigned)v.n);
}
