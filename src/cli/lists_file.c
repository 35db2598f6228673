/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lists_file.h"

#include <string.h>

#include "base/clock.h"
#include "cli/input.h"
#include "codec/json.h"

/* 100,000 values of JSON at most; most of them digests. */
enum { FILE_MAX = 32 * 1024 * 1024 };

struct reader {
	struct vs_lists_builder *b;
	struct vs_arena arena;
	int64_t now_ms;
};

/* An object with no members but these. */
static vs_status
only(const struct vs_json *obj, const char *const *names, size_t n,
    struct vs_err *err)
{
	if (vs_json_type_of(obj) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "must be an object");
	return vs_json_only(obj, "", names, n, err);
}

static vs_status
time_ms(const struct vs_json *obj, const char *name, int64_t *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(obj, name);
	struct vs_span text;

	if (v == NULL)
		return VS_OK;
	if (!vs_json_is_string(v, &text) ||
	    vs_time_parse_ms(text, out) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "%s: a time is RFC 3339 text", name);
	return VS_OK;
}

static vs_status
time_s(const struct vs_json *obj, const char *name, int64_t *out,
    struct vs_err *err)
{
	int64_t ms = 0;

	VS_TRY(err, "time", time_ms(obj, name, &ms, err));
	*out = ms / 1000;
	return VS_OK;
}

static vs_status
text_of(const struct vs_json *obj, const char *name, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(obj, name);

	if (v != NULL && !vs_json_is_string(v, out))
		return vs_fail(err, VS_MALFORMED, "%s: must be text", name);
	return VS_OK;
}

static vs_status
approvals_of(struct reader *r, const struct vs_json *obj,
    struct vs_registry_record *rec, struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(obj, "approvals");
	struct vs_span *names;

	if (v == NULL)
		return VS_OK;
	names = vs_arena_calloc(&r->arena, vs_json_size(v), sizeof(*names));
	if (names == NULL)
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	if (vs_json_type_of(v) != VS_JSON_ARRAY)
		return vs_fail(err, VS_MALFORMED, "approvals: must be a list");
	for (size_t i = 0; i < vs_json_size(v); i++) {
		if (!vs_json_is_string(vs_json_at(v, i), &names[i]))
			return vs_fail(
			    err, VS_MALFORMED, "approvals: must be names");
	}
	rec->approvals = names;
	rec->approvals_n = vs_json_size(v);
	return VS_OK;
}

static vs_status
read_record(struct reader *r, const struct vs_json *obj,
    struct vs_registry_record *rec, struct vs_err *err)
{
	static const char *const names[] = {
#define X(sym, name, sig, optional, max) name,
	    VS_REGISTRY_FIELD_TABLE(X)
#undef X
	};
	const struct vs_json *v;

	VS_TRY(err, "entry", only(obj, names, VS_COUNT(names), err));
	VS_TRY(err, "entry", time_s(obj, "added_at", &rec->added_at_s, err));
	VS_TRY(
	    err, "entry", time_s(obj, "expires_at", &rec->expires_at_s, err));
	VS_TRY(err, "entry", text_of(obj, "added_by", &rec->added_by, err));
	VS_TRY(err, "entry", text_of(obj, "builder", &rec->builder, err));
	VS_TRY(err, "entry", text_of(obj, "source_uri", &rec->source_uri, err));
	VS_TRY(err, "entry", text_of(obj, "source_ref", &rec->source_ref, err));
	VS_TRY(err, "entry", approvals_of(r, obj, rec, err));
	v = vs_json_get(obj, "slsa_level");
	if (v != NULL && !vs_json_is_int(v, &rec->slsa_level))
		return vs_fail(
		    err, VS_MALFORMED, "slsa_level: must be a whole number");
	v = vs_json_get(obj, "revoked");
	if (v != NULL && !vs_json_is_bool(v, &rec->revoked))
		return vs_fail(
		    err, VS_MALFORMED, "revoked: must be true or false");
	return VS_OK;
}

static vs_status
read_value(struct reader *r, const struct vs_json *v, struct vs_err *err)
{
	static const char *const names[] = {"value", "expires_at"};
	struct vs_span text;
	int64_t end = 0;

	if (vs_json_type_of(v) == VS_JSON_OBJECT) {
		VS_TRY(err, "value", only(v, names, 2, err));
		VS_TRY(err, "value", time_s(v, "expires_at", &end, err));
		v = vs_json_get(v, "value");
	}
	if (!vs_json_is_string(v, &text))
		return vs_fail(err, VS_MALFORMED, "a value must be text");
	return vs_lists_add_value(r->b, text, end, err);
}

static vs_status
read_list(struct reader *r, struct vs_span name, const struct vs_json *obj,
    struct vs_err *err)
{
	static const char *const names[] = {"as_of", "valid_until", "values"};
	struct vs_list_head head = {.name = name, .as_of_ms = r->now_ms};
	const struct vs_json *values;

	VS_TRY(err, "list", only(obj, names, 3, err));
	VS_TRY(err, "list", time_ms(obj, "as_of", &head.as_of_ms, err));
	VS_TRY(err, "list",
	    time_ms(obj, "valid_until", &head.valid_until_ms, err));
	VS_TRY(err, "list",
	    vs_json_need(obj, "", "values", VS_JSON_ARRAY, &values, err));
	VS_TRY(err, "list", vs_lists_add_list(r->b, &head, err));
	for (size_t i = 0; i < vs_json_size(values); i++)
		VS_TRY(err, "list", read_value(r, vs_json_at(values, i), err));
	return VS_OK;
}

static vs_status
read_registry(struct reader *r, struct vs_span name, const struct vs_json *obj,
    struct vs_err *err)
{
	static const char *const names[] = {"as_of", "valid_until", "entries"};
	struct vs_list_head head = {.name = name, .as_of_ms = r->now_ms};
	const struct vs_json *entries;

	VS_TRY(err, "registry", only(obj, names, 3, err));
	VS_TRY(err, "registry", time_ms(obj, "as_of", &head.as_of_ms, err));
	VS_TRY(err, "registry",
	    time_ms(obj, "valid_until", &head.valid_until_ms, err));
	VS_TRY(err, "registry",
	    vs_json_need(obj, "", "entries", VS_JSON_OBJECT, &entries, err));
	VS_TRY(err, "registry", vs_lists_add_registry(r->b, &head, err));
	for (size_t i = 0; i < vs_json_size(entries); i++) {
		struct vs_registry_record rec = {0};
		struct vs_span key;
		const struct vs_json *v = vs_json_member(entries, i, &key);

		VS_TRY(err, "registry", read_record(r, v, &rec, err));
		VS_TRY(
		    err, "registry", vs_lists_add_record(r->b, key, &rec, err));
	}
	return VS_OK;
}

typedef vs_status (*read_one)(struct reader *r, struct vs_span name,
    const struct vs_json *obj, struct vs_err *err);

static vs_status
read_section(struct reader *r, const struct vs_json *root, const char *section,
    read_one one, struct vs_err *err)
{
	const struct vs_json *all = vs_json_get(root, section);

	if (all != NULL && vs_json_type_of(all) != VS_JSON_OBJECT)
		return vs_fail(
		    err, VS_MALFORMED, "%s: must be an object", section);
	for (size_t i = 0; i < vs_json_size(all); i++) {
		struct vs_span name;
		const struct vs_json *v = vs_json_member(all, i, &name);

		VS_TRY(err, section, one(r, name, v, err));
	}
	return VS_OK;
}

static vs_status
read_all(struct reader *r, const char *path, struct vs_json **root,
    struct vs_err *err)
{
	static const char *const names[] = {"lists", "registries"};
	struct vs_span text;

	VS_TRY(
	    err, "--lists", vs_cli_read(path, FILE_MAX, &r->arena, &text, err));
	VS_TRY(err, path, vs_json_parse(text, root, err));
	VS_TRY(err, path, only(*root, names, 2, err));
	VS_TRY(err, path, read_section(r, *root, "lists", read_list, err));
	VS_TRY(err, path,
	    read_section(r, *root, "registries", read_registry, err));
	return VS_OK;
}

vs_status
vs_cli_lists(
    const char *path, int64_t now_ms, struct vs_lists **out, struct vs_err *err)
{
	struct reader r = {.b = vs_lists_builder_new(), .now_ms = now_ms};
	VS_AUTO(vs_json) *root = NULL;
	vs_status st;

	if (r.b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	vs_arena_init(&r.arena, FILE_MAX + FILE_MAX / 2);
	st = read_all(&r, path, &root, err);
	if (st == VS_OK)
		st = vs_lists_build(&r.b, "", out, err);
	vs_lists_builder_free(&r.b);
	vs_arena_fini(&r.arena);
	/* Whatever is wrong with it, the file was named on the command line. */
	return st == VS_OK || st == VS_NO_MEMORY ? st
						 : (err->status = VS_USAGE);
}
