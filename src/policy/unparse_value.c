/* SPDX-License-Identifier: Apache-2.0 */
/* Values as expressions that yield them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/func.h"
#include "policy/unparse.h"

static void
quoted(struct vs_buf *b, struct vs_span s, bool bytes)
{
	vs_buf_puts(b, bytes ? "b\"" : "\"");
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c == '"' || c == '\\')
			vs_buf_printf(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f || (bytes && c > 0x7f))
			vs_buf_printf(b, "\\x%02x", c);
		else
			vs_buf_add(b, VS_SPAN(&c, 1));
	}
	vs_buf_puts(b, "\"");
}

static void
real(struct vs_buf *b, double d)
{
	char s[40];
	int precision = 0;

	/* No literal has these. */
	if (!isfinite(d)) {
		vs_buf_puts(b,
		    isnan(d)    ? "double(\"NaN\")"
			: d < 0 ? "double(\"-Infinity\")"
				: "double(\"Infinity\")");
		return;
	}
	do {
		(void)snprintf(s, sizeof(s), "%.*g", ++precision, d);
	} while (precision < 17 && strtod(s, NULL) != d);
	vs_buf_puts(b, s);
	if (strpbrk(s, ".e") == NULL)
		vs_buf_puts(b, ".0");
}

static void
list_value(struct vs_buf *b, struct vs_val v)
{
	bool map = v.kind == VS_KIND_MAP;

	vs_buf_puts(b, map ? "{" : "[");
	for (size_t i = 0; i < v.n; i++) {
		vs_buf_puts(b, i > 0 ? ", " : "");
		vs_cel_value_text(v.u.v[map ? 2 * i : i], b);
		if (map) {
			vs_buf_puts(b, ": ");
			vs_cel_value_text(v.u.v[2 * i + 1], b);
		}
	}
	vs_buf_puts(b, map ? "}" : "]");
}

/* What only a function makes. */
static void
made_by(struct vs_buf *b, const char *fn, struct vs_val v)
{
	uint8_t buf[64];
	struct vs_span s = VS_SPAN(buf, 0);

	if (v.kind == VS_KIND_SEMVER)
		s = vs_val_span(v);
	else if (v.kind == VS_KIND_TIMESTAMP || v.kind == VS_KIND_DURATION)
		s.n = vs_cel_format_time(v, (char *)buf);
	else
		s.n = vs_cel_format_net(v, (char *)buf);
	vs_buf_printf(b, "%s(", fn);
	quoted(b, s, false);
	vs_buf_puts(b, ")");
}

static void
literal(struct vs_buf *b, struct vs_val v)
{
	switch (v.kind) {
	case VS_KIND_NULL:
		vs_buf_puts(b, "null");
		return;
	case VS_KIND_BOOL:
		vs_buf_puts(b, v.u.b ? "true" : "false");
		return;
	case VS_KIND_INT:
		vs_buf_printf(b, "%lld", (long long)v.u.i);
		return;
	case VS_KIND_UINT:
		vs_buf_printf(b, "%lluu", (unsigned long long)v.u.u);
		return;
	case VS_KIND_DOUBLE:
		real(b, v.u.d);
		return;
	case VS_KIND_STRING:
	case VS_KIND_BYTES:
		quoted(b, vs_val_span(v), v.kind == VS_KIND_BYTES);
		return;
	case VS_KIND_TYPE:
		vs_buf_puts(b, vs_kind_name((vs_kind)v.u.i));
		return;
	case VS_KIND_LIST:
	case VS_KIND_MAP:
		list_value(b, v);
		return;
	case VS_KIND_TIMESTAMP:
		made_by(b, "timestamp", v);
		return;
	case VS_KIND_DURATION:
		made_by(b, "duration", v);
		return;
	case VS_KIND_IP:
		made_by(b, "ip", v);
		return;
	case VS_KIND_CIDR:
		made_by(b, "cidr", v);
		return;
	case VS_KIND_SEMVER:
		made_by(b, "semver", v);
		return;
	case VS_KIND_ERROR:
		vs_buf_printf(
		    b, "error %s", vs_cel_error_name((vs_cel_error)v.error));
		return;
	default:
		vs_buf_puts(b, vs_kind_name((vs_kind)v.kind));
		return;
	}
}

void
vs_cel_value_text(struct vs_val v, struct vs_buf *out)
{
	literal(out, v);
}
