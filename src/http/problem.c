/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <string.h>

#include "codec/json.h"

enum { RETRY_AFTER_S = 1, PENDING_RETRY_S = 5 };

struct title {
	vs_class class;
	const char *title;
	const char *detail; /* what a guest is told to do */
};

static const struct title titles[] = {
    {VS_CLASS_MALFORMED, "The request is malformed", NULL},
    {VS_CLASS_UNVERIFIED, "The evidence is not verified",
	"The evidence does not verify for this nonce and recipient key. Ask "
	"the operator to look up the instance id in the audit trail."},
    {VS_CLASS_STALE, "The nonce is stale",
	"The nonce is unknown, expired or spent. Take a new challenge."},
    {VS_CLASS_DENIED, "The release is denied",
	"Policy does not allow this release. Ask the operator to look up the "
	"instance id in the audit trail."},
    {VS_CLASS_LIMITED, "A limit is exceeded", "Wait, then try again."},
    {VS_CLASS_USAGE, "The request cannot be served", NULL},
    {VS_CLASS_UNAVAILABLE, "The broker cannot serve now",
	"Nothing was released. Try again later."},
    {VS_CLASS_INTERNAL, "The broker failed",
	"Nothing was released. Tell the operator the instance id."},
};

/* Waiting makes no request smaller. What a guest is told, when the detail is
 * not of the form of its request, is about the answer. */
static const struct title too_large = {VS_CLASS_LIMITED,
    "The request is too large", "Ask for fewer keys at a time."};

/* Of what an administrator is denied, no release is. */
static const struct title not_allowed = {
    VS_CLASS_DENIED, "The identity may not do this", NULL};

static const struct title *
title_of(vs_candour candour, vs_status st)
{
	vs_class c = vs_status_class(st);

	if (st == VS_TOO_LARGE)
		return &too_large;
	if (candour == VS_CANDOUR_ADMIN && c == VS_CLASS_DENIED)
		return &not_allowed;
	for (size_t i = 0; i < VS_COUNT(titles); i++)
		if (titles[i].class == c)
			return &titles[i];
	return &titles[VS_COUNT(titles) - 1];
}

static struct vs_json *
type_uri(const char *class_name)
{
	struct vs_buf b = {0};
	struct vs_json *v;

	vs_buf_printf(&b, "urn:vouchsafe:problem:%s", class_name);
	v = vs_json_str(vs_buf_span(&b));
	vs_buf_fini(&b);
	return v;
}

static struct vs_json *
instance_uri(const uint8_t id[VS_UUID_SIZE])
{
	char text[VS_UUID_TEXT_MAX];
	struct vs_buf b = {0};
	struct vs_json *v;

	vs_uuid_format(id, text);
	vs_buf_printf(&b, "urn:uuid:%s", text);
	v = vs_json_str(vs_buf_span(&b));
	vs_buf_fini(&b);
	return v;
}

static void
finish(struct vs_response *res, struct vs_json *doc)
{
	res->content_type = "application/problem+json";
	if (vs_json_dump(doc, VS_JSON_COMPACT, &res->body) != VS_OK) {
		/* No memory for words: the status says it. */
		vs_buf_reset(&res->body);
	}
	vs_json_free(&doc);
}

void
vs_respond_problem(struct vs_response *res, vs_candour candour, vs_status st,
    const struct vs_err *err, const uint8_t *id, const char *const *rules,
    size_t rules_n)
{
	vs_class class = vs_status_class(st);
	const struct title *t = title_of(candour, st);
	const char *detail = t->detail;
	/* Without an id nothing was looked at but the request's form. */
	bool form = st == VS_TOO_LARGE && id == NULL;
	/* Nothing but time is missing: the one denial worth another try. */
	bool pending = candour == VS_CANDOUR_GUEST && st == VS_DENIED &&
	    err->code != NULL && strcmp(err->code, "approval.pending") == 0;
	struct vs_json *doc = vs_json_object();

	if (pending)
		detail = "The release waits for people to approve it. Ask "
			 "again later, with a new challenge.";
	if (detail == NULL || form || candour == VS_CANDOUR_ADMIN)
		detail = err->msg[0] != '\0' ? err->msg : vs_status_text(st);
	res->status = (unsigned)vs_status_http(st);
	res->class_name = vs_class_name(class);
	res->code = err->code;
	if (res->status == 503 || res->status == 429)
		res->retry_after_s = RETRY_AFTER_S;
	if (pending)
		res->retry_after_s = PENDING_RETRY_S;
	vs_json_set(&doc, "type", type_uri(vs_class_name(class)));
	vs_json_set(&doc, "title", vs_json_cstr(t->title));
	vs_json_set(&doc, "status", vs_json_int(res->status));
	vs_json_set(&doc, "detail", vs_json_cstr(detail));
	if (candour == VS_CANDOUR_ADMIN && err->code != NULL)
		vs_json_set(&doc, "code", vs_json_cstr(err->code));
	if (pending)
		vs_json_set(&doc, "code", vs_json_cstr("pending"));
	if (id != NULL)
		vs_json_set(&doc, "instance", instance_uri(id));
	if (rules_n > 0) {
		struct vs_json *list = vs_json_array();

		for (size_t i = 0; i < rules_n; i++)
			vs_json_append(&list, vs_json_cstr(rules[i]));
		vs_json_set(&doc, "failed_rules", list);
	}
	finish(res, doc);
}

void
vs_respond_unauthenticated(struct vs_response *res, const struct vs_err *err)
{
	struct vs_json *doc = vs_json_object();

	res->status = 401;
	res->class_name = "unauthenticated";
	res->code = err->code;
	res->authenticate = "Bearer";
	vs_json_set(&doc, "type", type_uri(res->class_name));
	vs_json_set(&doc, "title", vs_json_cstr("The identity is not known"));
	vs_json_set(&doc, "status", vs_json_int(401));
	vs_json_set(&doc, "detail", vs_json_cstr(err->msg));
	if (err->code != NULL)
		vs_json_set(&doc, "code", vs_json_cstr(err->code));
	finish(res, doc);
}

static const char *
status_class(unsigned status)
{
	switch (status) {
	case 408:
	case 413:
	case 429:
	case 431:
		return "limited";
	case 503:
		return "unavailable";
	case 403:
		return "denied";
	default:
		return "usage";
	}
}

void
vs_respond_status(struct vs_response *res, unsigned status, const char *detail)
{
	const char *class_name = status_class(status);
	struct vs_json *doc = vs_json_object();

	res->status = status;
	res->class_name = class_name;
	if (status == 503 || status == 429)
		res->retry_after_s = RETRY_AFTER_S;
	vs_json_set(&doc, "type", type_uri(class_name));
	vs_json_set(&doc, "title", vs_json_cstr("The request is refused"));
	vs_json_set(&doc, "status", vs_json_int(status));
	vs_json_set(&doc, "detail", vs_json_cstr(detail));
	finish(res, doc);
}
