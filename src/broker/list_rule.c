/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/list_rule.h"

#include <string.h>

#include "base/encoding.h"

const struct vs_entry_kind vs_entry_kinds[] = {
#define X(name, prefix, hex, doc) {name, prefix, hex, doc},
    VS_ENTRY_KIND_TABLE(X)
#undef X
};
const size_t vs_entry_kinds_n = VS_COUNT(vs_entry_kinds);

const struct vs_entry_kind *
vs_entry_kind_named(struct vs_span name)
{
	for (size_t i = 0; i < vs_entry_kinds_n; i++)
		if (vs_span_is(name, vs_entry_kinds[i].name))
			return &vs_entry_kinds[i];
	return NULL;
}

static bool
is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

static vs_status
hex_value(const struct vs_entry_kind *k, struct vs_span text,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err)
{
	size_t skip = strlen(k->prefix);
	bool good = text.n == skip + k->hex &&
	    vs_span_starts(text, VS_SPAN(k->prefix, skip));
	char *copy;

	for (size_t i = skip; good && i < text.n; i++)
		good = is_hex(text.p[i]);
	if (!good)
		return vs_fail_code(err, VS_MALFORMED, "entry.value",
		    "a value of kind %s is %s%s%zu hex digits", k->name,
		    k->prefix, skip > 0 ? " and " : "", k->hex);
	copy = vs_arena_cstr(a, text);
	if (copy == NULL)
		return vs_fail(err, VS_NO_MEMORY, "value");
	for (size_t i = skip; i < text.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'F')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	*out = VS_SPAN(copy, text.n);
	return VS_OK;
}

static bool
all_of(struct vs_span s, bool (*fits)(uint8_t c))
{
	for (size_t i = 0; i < s.n; i++)
		if (!fits(s.p[i]))
			return false;
	return s.n > 0;
}

static bool
is_graphic(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

static bool
is_printable(uint8_t c)
{
	return c >= 0x20 && c != 0x7f;
}

static bool
is_advisory(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* Numbers of at most 18 digits, parted by single dots: what vercmp takes. */
static bool
is_version(struct vs_span s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && digits == 0)
			return false;
		if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
		digits = s.p[i] == '.' ? 0 : digits + 1;
		if (digits > 18)
			return false;
	}
	return digits > 0;
}

/* The next number of a version; 0 behind its end: 570 is 570.0. */
static int64_t
next_part(struct vs_span *s)
{
	int64_t v = 0;
	size_t n = 0;

	while (n < s->n && s->p[n] != '.')
		v = v * 10 + (s->p[n++] - '0');
	*s = vs_span_slice(*s, n + 1, s->n);
	return v;
}

static bool
is_below(struct vs_span a, struct vs_span b)
{
	while (a.n > 0 || b.n > 0) {
		int64_t x = next_part(&a), y = next_part(&b);

		if (x != y)
			return x < y;
	}
	return false;
}

/* One that ends before it begins would forbid nothing. */
static bool
is_range(struct vs_span s)
{
	struct vs_span low, high;
	size_t n = 0;

	while (n + 1 < s.n && !(s.p[n] == '.' && s.p[n + 1] == '.'))
		n++;
	low = vs_span_slice(s, 0, n);
	high = vs_span_slice(s, n + 2, s.n);
	return is_version(low) && is_version(high) && is_below(low, high);
}

static bool
text_fits(const struct vs_entry_kind *k, struct vs_span text)
{
	if (strcmp(k->name, "gpu-id") == 0)
		return all_of(text, is_graphic);
	if (strcmp(k->name, "advisory") == 0)
		return all_of(text, is_advisory);
	if (strcmp(k->name, "version-range") == 0)
		return is_range(text);
	return vs_utf8_valid(text) && all_of(text, is_printable);
}

vs_status
vs_entry_value(const struct vs_entry_kind *k, struct vs_span text,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err)
{
	if (k->prefix != NULL)
		return hex_value(k, text, a, out, err);
	if (text.n > VS_LIST_VALUE_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.value",
		    "a value has at most %d octets", VS_LIST_VALUE_MAX);
	if (!text_fits(k, text))
		return vs_fail_code(err, VS_MALFORMED, "entry.value",
		    "this is no value of kind %s%s", k->name,
		    strcmp(k->name, "version-range") == 0
			? ": it is LOW..HIGH, such as 570.0..570.86.15"
			: "");
	*out = text;
	return VS_OK;
}

static bool
same_name(struct vs_span a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = a.p[i] == '-' ? '_' : (char)a.p[i];
		char y = b[i] == '-' ? '_' : b[i];

		if (x != y)
			return false;
	}
	return true;
}

const struct vs_list_rule *
vs_list_rule_named(const struct vs_list_rules *rules, struct vs_span name)
{
	for (size_t i = 0; i < rules->n; i++)
		if (same_name(name, rules->v[i].name))
			return &rules->v[i];
	return NULL;
}
