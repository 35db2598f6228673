/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/lists_build.h"

#include <stdio.h>

struct filling {
	struct vs_lists_builder *b;
	const struct vs_list_rule *rule;
};

/* Identities are ASCII: cut anywhere. */
static struct vs_span
person(struct vs_span s)
{
	return vs_span_slice(s, 0, VS_LIST_PERSON_MAX);
}

static size_t
split_lines(struct vs_span text, struct vs_span *out, size_t max)
{
	size_t n = 0;

	while (text.n > 0 && n < max) {
		size_t end = 0;

		while (end < text.n && text.p[end] != '\n')
			end++;
		out[n++] = person(vs_span_slice(text, 0, end));
		text = vs_span_slice(text, end + 1, text.n);
	}
	return n;
}

/* In whole seconds, and rather too early than too late. */
static int64_t
end_s(const struct vs_entry_row *r)
{
	int64_t s = r->expires_ms / 1000;

	return r->expires_ms != 0 && s < 1 ? 1 : s;
}

static vs_status
add_record(struct filling *f, const struct vs_entry_row *r, struct vs_err *err)
{
	struct vs_span approvals[VS_LIST_APPROVALS_MAX];
	struct vs_registry_record rec = {
	    .added_at_s = r->added_ms / 1000,
	    .expires_at_s = end_s(r),
	    .added_by = person(r->added_by),
	    .approvals = approvals,
	    .slsa_level = r->slsa_level,
	    .builder = r->builder,
	    .source_uri = r->source_uri,
	    .source_ref = r->source_ref,
	    .revoked = r->state == VS_ENTRY_REVOKED,
	};

	rec.approvals_n =
	    split_lines(r->approvals, approvals, VS_LIST_APPROVALS_MAX);
	return vs_lists_add_record(f->b, r->value, &rec, err);
}

static vs_status
add_row(void *ctx, const struct vs_entry_row *r, struct vs_err *err)
{
	struct filling *f = ctx;

	if (r->state != VS_ENTRY_ACTIVE &&
	    !(r->state == VS_ENTRY_REVOKED && f->rule->keep_revoked))
		return VS_OK;
	return f->rule->registry
	    ? add_record(f, r, err)
	    : vs_lists_add_value(f->b, r->value, end_s(r), err);
}

static vs_status
fill(struct vs_store *s, struct filling *f, const struct vs_list_head *head,
    struct vs_err *err)
{
	VS_TRY(err, "lists",
	    f->rule->registry ? vs_lists_add_registry(f->b, head, err)
			      : vs_lists_add_list(f->b, head, err));
	return vs_store_entries_each(s, head->name, add_row, f, err);
}

vs_status
vs_lists_of_store(struct vs_store *s, const struct vs_list_rules *rules,
    int64_t change, int64_t as_of_ms, int64_t until_ms, struct vs_lists **out,
    struct vs_err *err)
{
	VS_AUTO(vs_lists_builder) *b = vs_lists_builder_new();
	char digest[48];

	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists");
	for (size_t i = 0; i < rules->n; i++) {
		struct filling f = {.b = b, .rule = &rules->v[i]};
		struct vs_list_head head = {
		    .name = vs_span_cstr(rules->v[i].name),
		    .as_of_ms = as_of_ms,
		    .valid_until_ms = until_ms};

		VS_TRY(err, rules->v[i].name, fill(s, &f, &head, err));
	}
	(void)snprintf(digest, sizeof digest, "store:%lld", (long long)change);
	return vs_lists_build(&b, digest, out, err);
}
