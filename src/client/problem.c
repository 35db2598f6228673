/* SPDX-License-Identifier: Apache-2.0 */
/* What the other side says when it says no (RFC 9457). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "client/client.h"

static const struct {
	vs_class class;
	vs_status status;
} by_class[] = {
    {VS_CLASS_MALFORMED, VS_MALFORMED},
    {VS_CLASS_UNVERIFIED, VS_UNTRUSTED},
    {VS_CLASS_STALE, VS_STALE},
    {VS_CLASS_DENIED, VS_DENIED},
    {VS_CLASS_LIMITED, VS_LIMITED},
    {VS_CLASS_USAGE, VS_USAGE},
    {VS_CLASS_UNAVAILABLE, VS_UNAVAILABLE},
    {VS_CLASS_INTERNAL, VS_INTERNAL},
};

static const struct {
	int http;
	vs_status status;
} by_http[] = {
    {400, VS_MALFORMED},
    {401, VS_STALE},
    {403, VS_DENIED},
    {404, VS_NOT_FOUND},
    {408, VS_UNAVAILABLE},
    {409, VS_CONFLICT},
    {412, VS_CONFLICT},
    {413, VS_TOO_LARGE},
    {429, VS_BUSY},
    {431, VS_LIMITED},
    {502, VS_UNAVAILABLE},
    {503, VS_UNAVAILABLE},
    {504, VS_UNAVAILABLE},
};

static vs_status
status_of_http(int http)
{
	for (size_t i = 0; i < VS_COUNT(by_http); i++)
		if (by_http[i].http == http)
			return by_http[i].status;
	return http >= 400 && http < 500 ? VS_MALFORMED : VS_INTERNAL;
}

/* The last segment of the type URI names the class. */
static vs_status
status_of_type(struct vs_span type, int http)
{
	size_t from = type.n;
	struct vs_span name;

	while (from > 0 && memchr("/:#", type.p[from - 1], 3) == NULL)
		from--;
	name = vs_span_slice(type, from, type.n - from);
	if (vs_span_is(name, "unauthenticated"))
		return VS_DENIED;
	for (size_t i = 0; i < VS_COUNT(by_class); i++) {
		if (!vs_span_is(name, vs_class_name(by_class[i].class)))
			continue;
		/* The finer value where HTTP says more than the class. */
		if (vs_status_class(status_of_http(http)) == by_class[i].class)
			return status_of_http(http);
		return by_class[i].status;
	}
	return status_of_http(http);
}

/* For a terminal: printable ASCII stays, all else becomes '?'. */
static void
copy_text(struct vs_span text, char *out, size_t cap)
{
	size_t n = text.n < cap - 1 ? text.n : cap - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = text.p[i] >= 0x20 && text.p[i] < 0x7f ? (char)text.p[i]
							       : '?';
	out[n] = '\0';
}

static void
copy_member(const struct vs_json *doc, const char *name, char *out, size_t cap)
{
	struct vs_span text;

	if (vs_json_is_string(vs_json_get(doc, name), &text))
		copy_text(text, out, cap);
}

static void
copy_id(const struct vs_json *doc, char out[VS_UUID_TEXT_MAX])
{
	struct vs_span text, prefix = VS_SPAN_LIT("urn:uuid:");
	uint8_t id[VS_UUID_SIZE];

	if (!vs_json_is_string(vs_json_get(doc, "instance"), &text) ||
	    !vs_span_starts(text, prefix))
		return;
	text = vs_span_slice(text, prefix.n, text.n);
	if (vs_uuid_parse(text, id) == VS_OK)
		vs_uuid_format(id, out);
}

static void
copy_rules(const struct vs_json *doc, struct vs_problem *p)
{
	const struct vs_json *rules = vs_json_get(doc, "failed_rules");
	size_t used = 0;

	if (vs_json_type_of(rules) != VS_JSON_ARRAY)
		return;
	for (size_t i = 0; i < vs_json_size(rules); i++) {
		struct vs_span text;
		size_t left = sizeof(p->rules) - used;

		if (!vs_json_is_string(vs_json_at(rules, i), &text) ||
		    text.n + 3 > left)
			return;
		if (used != 0) {
			memcpy(p->rules + used, ", ", 2);
			used += 2;
		}
		copy_text(text, p->rules + used, sizeof(p->rules) - used);
		used += text.n;
	}
}

/* "title (release id ID): detail (rules: a, b)": what is cut off when the
 * message is full is what a person needs least. */
static vs_status
report(vs_status st, const struct vs_problem *p, struct vs_err *err)
{
	const char *title = p->title[0] != '\0' ? p->title : vs_status_text(st);
	bool detail = p->detail[0] != '\0';
	bool rules = p->rules[0] != '\0';
	bool id = p->id[0] != '\0';

	return vs_fail(err, st, "%.60s%s%s%s%s%s%s%s%s", title,
	    id ? " (release id " : "", p->id, id ? ")" : "", detail ? ": " : "",
	    p->detail, rules ? " (rules: " : "", p->rules, rules ? ")" : "");
}

vs_status
vs_reply_check(
    const struct vs_reply *r, struct vs_problem *problem, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_problem p = {
	    .http = r->status, .retry_after_s = r->retry_after_s};
	struct vs_err ignored = {0};
	struct vs_span type;
	vs_status st = status_of_http(r->status);

	if (r->status >= 200 && r->status < 300) {
		if (problem != NULL)
			*problem = (struct vs_problem){.retry_after_s = -1};
		return VS_OK;
	}
	/* Not every failure comes from us: a proxy's page is no document. */
	if (strncasecmp(r->content_type, "application/problem+json", 24) == 0 &&
	    vs_json_parse(vs_buf_span(&r->body), &doc, &ignored) == VS_OK) {
		if (vs_json_is_string(vs_json_get(doc, "type"), &type))
			st = status_of_type(type, r->status);
		copy_member(doc, "title", p.title, sizeof(p.title));
		copy_member(doc, "detail", p.detail, sizeof(p.detail));
		copy_id(doc, p.id);
		copy_rules(doc, &p);
	} else {
		(void)snprintf(p.detail, sizeof(p.detail),
		    "HTTP status %d without details", r->status);
	}
	if (problem != NULL)
		*problem = p;
	return report(st, &p, err);
}
