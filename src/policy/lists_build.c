/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of lists: putting one together. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/random.h"
#include "policy/func.h"
#include "policy/lists_int.h"
#include "policy/record.h"

/* Texts and records of a million entries. */
enum { ARENA_MAX = 1 << 30 };

struct vs_lists_builder {
	struct vs_lists *lists;
	struct vs_list *open; /* takes what is added */
};

struct vs_lists_builder *
vs_lists_builder_new(void)
{
	VS_AUTO(vs_lists_builder) *b = vs_calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->lists = vs_calloc(1, sizeof(*b->lists));
	if (b->lists == NULL)
		return NULL;
	vs_arena_init(&b->lists->arena, ARENA_MAX);
	atomic_init(&b->lists->refs, 1);
	if (vs_random(b->lists->key, sizeof(b->lists->key)) != VS_OK)
		return NULL;
	return VS_TAKE(b);
}

void
vs_lists_builder_free(struct vs_lists_builder **b)
{
	if (b == NULL || *b == NULL)
		return;
	vs_lists_free(&(*b)->lists);
	free(*b);
	*b = NULL;
}

static bool
copy_name(struct vs_span from, char *to)
{
	if (from.n == 0 || from.n > VS_LIST_NAME_MAX ||
	    (from.p[0] >= '0' && from.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < from.n; i++) {
		char c = (char)from.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
		to[i] = c == '-' ? '_' : c;
	}
	to[from.n] = '\0';
	return true;
}

static vs_status
begin(struct vs_lists_builder *b, const struct vs_list_head *head,
    bool registry, struct vs_err *err)
{
	struct vs_lists *s = b->lists;
	struct vs_list *l;

	if (s->n == VS_LISTS_MAX)
		return vs_fail(
		    err, VS_TOO_LARGE, "more than %d lists", VS_LISTS_MAX);
	l = vs_calloc(1, sizeof(*l));
	if (l == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists: out of memory");
	*l = (struct vs_list){.registry = registry,
	    .per = registry ? 2 : 1,
	    .first_expiry = INT64_MAX,
	    .key = {s->key[0], s->key[1]}};
	atomic_init(&l->as_of_ms, head->as_of_ms);
	atomic_init(&l->valid_until_ms, head->valid_until_ms);
	if (!copy_name(head->name, l->name)) {
		vs_list_free(l);
		return vs_fail(err, VS_MALFORMED,
		    "the name of a list holds letters, digits, - and _, begins "
		    "with no digit, and is at most %d long",
		    VS_LIST_NAME_MAX);
	}
	if (vs_lists_find(s, registry, vs_span_cstr(l->name)) != NULL) {
		vs_list_free(l);
		return vs_fail(err, VS_CONFLICT,
		    "two %s are called \"%.*s\", with - and _ alike",
		    registry ? "registries" : "lists", VS_SPAN_ARG(head->name));
	}
	s->list[s->n++] = l;
	b->open = l;
	return VS_OK;
}

vs_status
vs_lists_add_list(struct vs_lists_builder *b, const struct vs_list_head *head,
    struct vs_err *err)
{
	return begin(b, head, false, err);
}

vs_status
vs_lists_add_registry(struct vs_lists_builder *b,
    const struct vs_list_head *head, struct vs_err *err)
{
	return begin(b, head, true, err);
}

static vs_status
copy_text(struct vs_lists_builder *b, struct vs_span from, size_t max,
    struct vs_val *to, struct vs_err *err)
{
	struct vs_span own;

	if (from.n > max)
		return vs_fail(err, VS_TOO_LARGE,
		    "list \"%s\": a text of more than %zu octets",
		    b->open->name, max);
	if (!vs_utf8_valid(from))
		return vs_fail(err, VS_MALFORMED,
		    "list \"%s\": a text is not UTF-8", b->open->name);
	if (vs_arena_dup(&b->lists->arena, from, &own) != VS_OK)
		return vs_fail(err, VS_NO_MEMORY, "lists: out of memory");
	*to = vs_val_str(own);
	return VS_OK;
}

/* Room for a row, and its key in it. */
static vs_status
new_row(struct vs_lists_builder *b, struct vs_span key, struct vs_err *err)
{
	struct vs_list *l = b->open;

	if (key.n == 0)
		return vs_fail(
		    err, VS_MALFORMED, "list \"%s\": an empty value", l->name);
	if (!vs_list_grow(l))
		return vs_fail(err,
		    l->n >= VS_LIST_ITEMS_MAX ? VS_TOO_LARGE : VS_NO_MEMORY,
		    "list \"%s\": no room for more", l->name);
	return copy_text(b, key, VS_LIST_VALUE_MAX, &l->v[l->n * l->per], err);
}

static void
commit_row(struct vs_list *l, int64_t expires_at_s)
{
	int64_t end = expires_at_s == 0 ? INT64_MAX : expires_at_s;

	l->expires[l->n] = end;
	if (end < l->first_expiry)
		l->first_expiry = end;
	vs_list_index(l, l->n);
	l->n++;
}

/* first_expiry stays: a walk that looks for the expired finds none. */
static void
keep_longer(struct vs_list *l, size_t row, int64_t expires_at_s)
{
	int64_t end = expires_at_s == 0 ? INT64_MAX : expires_at_s;

	if (end > l->expires[row])
		l->expires[row] = end;
}

vs_status
vs_lists_add_value(struct vs_lists_builder *b, struct vs_span value,
    int64_t expires_at_s, struct vs_err *err)
{
	struct vs_list *l = b->open;
	size_t row;

	VS_ASSERT(l != NULL && !l->registry);
	row = vs_list_row(l, value);
	if (row != SIZE_MAX) {
		keep_longer(l, row, expires_at_s);
		return VS_OK;
	}
	VS_TRY(err, "add", new_row(b, value, err));
	commit_row(l, expires_at_s);
	return VS_OK;
}

static vs_status
set_time(struct vs_val *to, int64_t s, struct vs_err *err)
{
	*to = vs_val_timestamp(s, 0);
	if (vs_val_is_error(*to))
		return vs_fail(err, VS_RANGE, "a time out of range");
	return VS_OK;
}

static vs_status
set_text(struct vs_lists_builder *b, struct vs_val *v, size_t field,
    struct vs_span text, struct vs_err *err)
{
	if (text.n == 0)
		return VS_OK;
	return copy_text(
	    b, text, vs_registry_entry.field[field].max, &v[field], err);
}

static vs_status
set_approvals(struct vs_lists_builder *b, struct vs_val *to,
    const struct vs_registry_record *r, struct vs_err *err)
{
	struct vs_val *v;

	if (r->approvals_n > VS_LIST_APPROVALS_MAX)
		return vs_fail(err, VS_TOO_LARGE, "more than %d approvals",
		    VS_LIST_APPROVALS_MAX);
	v = vs_arena_calloc(&b->lists->arena, r->approvals_n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists: out of memory");
	for (size_t i = 0; i < r->approvals_n; i++)
		VS_TRY(err, "approval",
		    copy_text(
			b, r->approvals[i], VS_LIST_PERSON_MAX, &v[i], err));
	*to = vs_val_list(v, r->approvals_n);
	return VS_OK;
}

static vs_status
set_record(struct vs_lists_builder *b, struct vs_val *v,
    const struct vs_registry_record *r, struct vs_err *err)
{
	for (size_t i = 0; i < VS_REG_COUNT; i++)
		v[i] = vs_val_error(VS_CEL_NO_FIELD);
	v[VS_REG_ADDED_BY] = vs_val_str(VS_SPAN(NULL, 0));
	VS_TRY(
	    err, "added_at", set_time(&v[VS_REG_ADDED_AT], r->added_at_s, err));
	if (r->expires_at_s != 0)
		VS_TRY(err, "expires_at",
		    set_time(&v[VS_REG_EXPIRES_AT], r->expires_at_s, err));
	VS_TRY(
	    err, "added_by", set_text(b, v, VS_REG_ADDED_BY, r->added_by, err));
	VS_TRY(
	    err, "approvals", set_approvals(b, &v[VS_REG_APPROVALS], r, err));
	VS_TRY(err, "builder", set_text(b, v, VS_REG_BUILDER, r->builder, err));
	VS_TRY(err, "source_uri",
	    set_text(b, v, VS_REG_SOURCE_URI, r->source_uri, err));
	VS_TRY(err, "source_ref",
	    set_text(b, v, VS_REG_SOURCE_REF, r->source_ref, err));
	v[VS_REG_SLSA_LEVEL] = vs_val_int(r->slsa_level);
	v[VS_REG_REVOKED] = vs_val_bool(r->revoked);
	return VS_OK;
}

vs_status
vs_lists_add_record(struct vs_lists_builder *b, struct vs_span key,
    const struct vs_registry_record *r, struct vs_err *err)
{
	struct vs_list *l = b->open;
	struct vs_val *fields;

	VS_ASSERT(l != NULL && l->registry);
	if (vs_list_row(l, key) != SIZE_MAX)
		return vs_fail(err, VS_CONFLICT,
		    "registry \"%s\": a key is there twice", l->name);
	VS_TRY(err, "add", new_row(b, key, err));
	fields =
	    vs_arena_calloc(&b->lists->arena, VS_REG_COUNT, sizeof(*fields));
	if (fields == NULL)
		return vs_fail(err, VS_NO_MEMORY, "lists: out of memory");
	VS_TRY(err, l->name, set_record(b, fields, r, err));
	l->v[l->n * l->per + 1] = vs_val_record(fields, VS_REG_COUNT);
	commit_row(l, r->expires_at_s);
	return VS_OK;
}

vs_status
vs_lists_build(struct vs_lists_builder **builder, const char *digest,
    struct vs_lists **out, struct vs_err *err)
{
	VS_AUTO(vs_lists_builder) *b = VS_TAKE(*builder);
	size_t n = strlen(digest);

	if (n >= sizeof(b->lists->digest))
		return vs_fail(err, VS_TOO_LARGE, "the digest is too long");
	memcpy(b->lists->digest, digest, n + 1);
	*out = VS_TAKE(b->lists);
	return VS_OK;
}
