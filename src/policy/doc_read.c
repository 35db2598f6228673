/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars and mappings of the document, by what the schema wants. There is
 * no implicit typing: `no` is the text "no". */
#include <stdarg.h>
#include <stdio.h>

#include "policy/document.h"

void
vs_doc_bad(struct vs_pol_doc *d, const struct vs_yaml *y, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	vs_report_error(d->report, "E_SCHEMA", y->line, y->col, "%s", text);
}

void *
vs_doc_calloc(struct vs_pol_doc *d, size_t n, size_t size)
{
	void *p = vs_arena_calloc(&d->p->arena, n, size);

	if (p == NULL)
		d->report->no_memory = true;
	return p;
}

bool
vs_doc_is(struct vs_pol_doc *d, const struct vs_yaml *y, vs_yaml_type type,
    const char *what)
{
	if (y->type == type)
		return true;
	vs_doc_bad(d, y, "%s must be a %s", what,
	    type == VS_YAML_SCALAR    ? "single value"
		: type == VS_YAML_SEQ ? "list"
				      : "mapping");
	return false;
}

static bool
known(struct vs_span key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i] != NULL && vs_span_is(key, names[i]))
			return true;
	}
	return false;
}

static void
unknown_key(struct vs_pol_doc *d, const struct vs_yaml *key, const char *what,
    const char *const *names, size_t n)
{
	const char *all[24];
	size_t count = 0;

	for (size_t i = 0; i < n && count < VS_COUNT(all); i++) {
		if (names[i] != NULL)
			all[count++] = names[i];
	}
	const char *near = vs_nearest(key->text, all, count);
	vs_doc_bad(d, key, "unknown key \"%.*s\" in %s%s%s%s",
	    (int)(key->text.n < 64 ? key->text.n : 64),
	    (const char *)key->text.p, what,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

bool
vs_doc_keys(struct vs_pol_doc *d, const struct vs_yaml *map, const char *what,
    const char *const *names, size_t n)
{
	bool ok = true;

	if (!vs_doc_is(d, map, VS_YAML_MAP, what))
		return false;
	for (size_t i = 0; i < map->n; i++) {
		if (!known(map->k[i]->text, names, n)) {
			unknown_key(d, map->k[i], what, names, n);
			ok = false;
		}
	}
	for (size_t i = 0; i < n && names[i] != NULL; i++) {
		if (vs_yaml_get(map, names[i]) == NULL) {
			vs_doc_bad(d, map, "%s has no \"%s\"", what, names[i]);
			ok = false;
		}
	}
	return ok;
}

bool
vs_doc_str(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    const char **out)
{
	char *s;

	if (!vs_doc_is(d, y, VS_YAML_SCALAR, what))
		return false;
	s = vs_arena_cstr(&d->p->arena, y->text);
	if (s == NULL) {
		d->report->no_memory = true;
		return false;
	}
	*out = s;
	return true;
}

bool
vs_doc_parse_int(struct vs_span s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v = 0;

	if (s.n == minus)
		return false;
	for (size_t i = minus; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' ||
		    __builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > (uint64_t)INT64_MAX + minus)
		return false;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool
vs_doc_int(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    int64_t *out)
{
	if (!vs_doc_is(d, y, VS_YAML_SCALAR, what))
		return false;
	if (vs_doc_parse_int(y->text, out))
		return true;
	vs_doc_bad(d, y, "%s must be a whole number", what);
	return false;
}

bool
vs_doc_time(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    int64_t *ms)
{
	struct vs_val t;

	if (!vs_doc_is(d, y, VS_YAML_SCALAR, what))
		return false;
	if (!vs_cel_parse_timestamp(y->text, &t)) {
		vs_doc_bad(d, y,
		    "%s must be a time such as 2026-01-31T00:00:00Z", what);
		return false;
	}
	*ms = t.u.i * 1000 + t.n / 1000000;
	return true;
}

bool
vs_doc_enum(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    const char *const *names, size_t n, size_t *out)
{
	const char *near;

	if (!vs_doc_is(d, y, VS_YAML_SCALAR, what))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (vs_span_is(y->text, names[i])) {
			*out = i;
			return true;
		}
	}
	near = vs_nearest(y->text, names, n);
	vs_doc_bad(d, y, "%s: unknown value \"%.*s\"%s%s%s", what,
	    (int)(y->text.n < 64 ? y->text.n : 64), (const char *)y->text.p,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return false;
}

bool
vs_doc_is_ident(struct vs_span s)
{
	static const char *const words[] = {"true", "false", "null", "in"};

	if (s.n == 0 || s.n > 128 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return !known(s, words, VS_COUNT(words));
}
