/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "cli/output.h"
#include "crypto/digest.h"
#include "store/policies.h"

enum { PAGE = 500, SET_ARENA_MAX = 96 * 1024 * 1024 };

struct vs_history {
	struct vs_admin_opts admin;
	struct vs_store *store; /* or NULL: the daemon */
	struct vs_recorded_set *sets;
	struct vs_audit_span span;
	bool ended;
};

vs_status
vs_history_open(const struct vs_admin_opts *admin, const char *db,
    struct vs_history **out, struct vs_err *err)
{
	struct vs_store_options opt = {
	    .path = db, .readers = 1, .read_only = true};
	struct vs_history *h = vs_cli_alloc(sizeof(*h));
	vs_status st = VS_OK;

	h->admin = *admin;
	if (db != NULL)
		st = vs_store_open(&opt, &h->store, err);
	if (st != VS_OK) {
		free(h);
		err->status = VS_USAGE;
		return VS_USAGE;
	}
	*out = h;
	return VS_OK;
}

static void
free_set(struct vs_recorded_set *s)
{
	vs_policy_set_free(&s->set);
	for (size_t i = 0; i < s->n; i++)
		free(s->members[i].name);
	free(s->members);
	free(s);
}

void
vs_history_close(struct vs_history **hp)
{
	struct vs_history *h = *hp;

	*hp = NULL;
	if (h == NULL)
		return;
	while (h->sets != NULL) {
		struct vs_recorded_set *s = h->sets;

		h->sets = s->next;
		free_set(s);
	}
	vs_store_close(&h->store);
	free(h);
}

static void
from_row(const struct vs_audit_row *r, struct vs_recorded *out)
{
	*out = (struct vs_recorded){.seq = r->seq,
	    .at_ms = r->at_ms,
	    .action = r->action,
	    .outcome = r->outcome,
	    .class_name = r->class_name,
	    .code = r->code,
	    .peer = r->peer,
	    .keys = r->keys,
	    .detail = r->detail};
	vs_uuid_format(r->id, out->id);
	vs_hex(VS_SPAN_OF(r->mac), out->mac);
}

static vs_status
copy(const struct vs_json *j, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	vs_status st = vs_arena_dup(a, vs_cli_str(j, name), out);

	return st == VS_OK ? st : vs_fail(err, st, "record: %s", name);
}

static void
copy_text(struct vs_span s, char *out, size_t size)
{
	size_t n = s.n < size ? s.n : size - 1;

	if (n > 0)
		memcpy(out, s.p, n);
	out[n] = '\0';
}

/* detail is an object, or its text. */
static vs_status
copy_detail(const struct vs_json *j, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *d = vs_json_get(j, "detail");
	struct vs_buf text = {0};
	struct vs_span s;
	vs_status st = VS_OK;

	if (vs_json_is_string(d, &s))
		return copy(j, "detail", a, out, err);
	if (d != NULL)
		st = vs_json_dump(d, VS_JSON_COMPACT, &text);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&text), out);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_fail(err, st, "record: detail");
}

static vs_status
from_json(const struct vs_json *j, struct vs_arena *a, struct vs_recorded *out,
    struct vs_err *err)
{
	static const struct {
		const char *name;
		size_t at;
	} texts[] = {
	    {"action", offsetof(struct vs_recorded, action)},
	    {"outcome", offsetof(struct vs_recorded, outcome)},
	    {"class", offsetof(struct vs_recorded, class_name)},
	    {"code", offsetof(struct vs_recorded, code)},
	    {"peer", offsetof(struct vs_recorded, peer)},
	    {"keys", offsetof(struct vs_recorded, keys)},
	};

	*out = (struct vs_recorded){.seq = vs_cli_int(j, "seq")};
	if (vs_time_parse_ms(vs_cli_str(j, "at"), &out->at_ms) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "record: at: not a time");
	copy_text(vs_cli_str(j, "id"), out->id, sizeof(out->id));
	copy_text(vs_cli_str(j, "mac"), out->mac, sizeof(out->mac));
	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		void *at = (char *)out + texts[i].at;

		VS_TRY(err, "record", copy(j, texts[i].name, a, at, err));
	}
	return copy_detail(j, a, &out->detail, err);
}

vs_status
vs_history_get(struct vs_history *h, const char *id, struct vs_arena *a,
    struct vs_recorded *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *j = NULL;
	struct vs_audit_row row;
	uint8_t raw[VS_UUID_SIZE];
	char path[96];

	if (vs_uuid_parse(vs_span_cstr(id), raw) != VS_OK)
		return vs_fail(
		    err, VS_USAGE, "\"%.60s\" is not a release id", id);
	if (h->store != NULL) {
		VS_TRY(err, "record",
		    vs_store_audit_get(h->store, raw, a, &row, err));
		from_row(&row, out);
		return VS_OK;
	}
	(void)snprintf(path, sizeof(path), "/v1/audit/%s", id);
	VS_TRY(
	    err, "record", vs_cli_call(&h->admin, "GET", path, NULL, &j, err));
	return from_json(j, a, out, err);
}

static void
span_path(const struct vs_history *h, size_t limit, struct vs_buf *path)
{
	char text[VS_TIME_TEXT_MAX];

	vs_buf_puts(path, "/v1/audit:export?action=release");
	vs_buf_printf(
	    path, "&limit=%zu&after=%lld", limit, (long long)h->span.after);
	if (h->span.since_ms > 0) {
		vs_time_format_ms(h->span.since_ms, text);
		vs_cli_query(path, "since", text);
	}
	if (h->span.until_ms < INT64_MAX) {
		vs_time_format_ms(h->span.until_ms, text);
		vs_cli_query(path, "until", text);
	}
}

static vs_status
call_span(struct vs_history *h, size_t limit, struct vs_json **out,
    struct vs_err *err)
{
	struct vs_buf path = {0};
	vs_status st;

	span_path(h, limit, &path);
	st = vs_cli_call(&h->admin, "GET", vs_buf_cstr(&path), NULL, out, err);
	vs_buf_fini(&path);
	return st;
}

vs_status
vs_history_begin(struct vs_history *h, int64_t since_ms, int64_t until_ms,
    size_t *total, struct vs_err *err)
{
	VS_AUTO(vs_json) *page = NULL;

	h->span = (struct vs_audit_span){.since_ms = since_ms,
	    .until_ms = until_ms,
	    .action = VS_SPAN_LIT("release"),
	    .limit = PAGE};
	h->ended = false;
	if (h->store != NULL)
		return vs_store_audit_count(h->store, &h->span, total, err);
	VS_TRY(err, "records", call_span(h, 1, &page, err));
	*total = (size_t)vs_cli_int(page, "total");
	return VS_OK;
}

static vs_status
next_of_store(struct vs_history *h, struct vs_arena *a,
    struct vs_recorded **out, size_t *n, struct vs_err *err)
{
	struct vs_audit_row *rows = NULL;

	VS_TRY(err, "records",
	    vs_store_audit_scan(h->store, &h->span, a, &rows, n, err));
	*out = vs_arena_calloc(a, *n, sizeof(**out));
	if (*out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "records");
	for (size_t i = 0; i < *n; i++)
		from_row(&rows[i], &(*out)[i]);
	return VS_OK;
}

static vs_status
next_of_daemon(struct vs_history *h, struct vs_arena *a,
    struct vs_recorded **out, size_t *n, struct vs_err *err)
{
	VS_AUTO(vs_json) *page = NULL;
	const struct vs_json *list;

	VS_TRY(err, "records", call_span(h, PAGE, &page, err));
	list = vs_json_get(page, "records");
	*n = vs_json_size(list);
	*out = vs_arena_calloc(a, *n, sizeof(**out));
	if (*out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "records");
	for (size_t i = 0; i < *n; i++)
		VS_TRY(err, "records",
		    from_json(vs_json_at(list, i), a, &(*out)[i], err));
	return VS_OK;
}

vs_status
vs_history_next(struct vs_history *h, struct vs_arena *a,
    const struct vs_recorded **rows, size_t *n, struct vs_err *err)
{
	struct vs_recorded *v = NULL;

	*n = 0;
	if (h->ended)
		return VS_OK;
	VS_TRY(err, "records",
	    h->store != NULL ? next_of_store(h, a, &v, n, err)
			     : next_of_daemon(h, a, &v, n, err));
	h->ended = *n < PAGE;
	if (*n > 0)
		h->span.after = v[*n - 1].seq;
	*rows = v;
	return VS_OK;
}

/* One policy of a set, as it is loaded. */
struct source {
	struct vs_span name, file, text;
	int64_t version;
	uint8_t hash[VS_SHA256_SIZE];
};

static vs_status
load_set(struct vs_recorded_set *s, const struct source *v, size_t n,
    struct vs_err *err)
{
	struct vs_policy **p = vs_cli_alloc(n * sizeof(*p));
	vs_status st = VS_OK;

	s->members = vs_cli_alloc(n * sizeof(*s->members));
	for (size_t i = 0; i < n && st == VS_OK; i++) {
		char *file = vs_cli_dup(v[i].file);

		s->members[i].name = vs_cli_dup(v[i].name);
		s->members[i].version = v[i].version;
		vs_hex(VS_SPAN_OF(v[i].hash), s->members[i].sha256);
		s->n = i + 1;
		/* Judged as it was then, waivers and all. */
		st = vs_policy_load_at(
		    file, v[i].text, VS_POLICY_PAST, NULL, &p[i], err);
		free(file);
	}
	if (st == VS_OK)
		st = vs_policy_set_new(p, n, &s->set, err);
	for (size_t i = 0; i < n; i++)
		vs_policy_free(&p[i]);
	free(p);
	return st;
}

static vs_status
set_of_store(struct vs_history *h, const uint8_t digest[32], struct vs_arena *a,
    struct source **out, size_t *n, struct vs_err *err)
{
	struct vs_span hashes;
	struct source *v;

	VS_TRY(
	    err, "set", vs_store_policy_set(h->store, digest, a, &hashes, err));
	*n = hashes.n / VS_SHA256_SIZE;
	v = vs_arena_calloc(a, *n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "set");
	for (size_t i = 0; i < *n; i++) {
		struct vs_policy_row row;

		VS_TRY(err, "set",
		    vs_store_policy_hash(
			h->store, hashes.p + i * VS_SHA256_SIZE, a, &row, err));
		v[i] = (struct source){
		    row.name, row.file, row.text, row.version, {0}};
		memcpy(v[i].hash, row.hash, sizeof(v[i].hash));
	}
	*out = v;
	return VS_OK;
}

static vs_status
set_of_daemon(struct vs_history *h, const char *digest, struct vs_arena *a,
    struct source **out, size_t *n, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	const struct vs_json *list;
	char path[96];
	struct source *v;

	(void)snprintf(path, sizeof(path), "/v1/policy-sets/%s", digest);
	VS_TRY(
	    err, "set", vs_cli_call(&h->admin, "GET", path, NULL, &doc, err));
	list = vs_json_get(doc, "policies");
	*n = vs_json_size(list);
	v = vs_arena_calloc(a, *n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "set");
	for (size_t i = 0; i < *n; i++) {
		const struct vs_json *j = vs_json_at(list, i);

		VS_TRY(err, "set", copy(j, "name", a, &v[i].name, err));
		VS_TRY(err, "set", copy(j, "file", a, &v[i].file, err));
		VS_TRY(err, "set", copy(j, "text", a, &v[i].text, err));
		v[i].version = vs_cli_int(j, "version");
		VS_TRY(err, "set", vs_sha256(v[i].text, v[i].hash));
	}
	*out = v;
	return VS_OK;
}

/* The digest is over the texts: who answers cannot tell another story. */
static vs_status
check_digest(const struct source *v, size_t n, const uint8_t digest[32],
    struct vs_err *err)
{
	struct vs_buf hashes = {0};
	uint8_t got[VS_SHA256_SIZE];
	vs_status st;

	for (size_t i = 0; i < n; i++) {
		uint8_t one[VS_SHA256_SIZE] = {0};

		if (vs_sha256(v[i].text, one) != VS_OK)
			hashes.bad = VS_INTERNAL;
		vs_buf_add(&hashes, VS_SPAN_OF(one));
	}
	st = vs_buf_status(&hashes);
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&hashes), got);
	vs_buf_fini(&hashes);
	if (st != VS_OK)
		return vs_fail(err, st, "digest");
	if (memcmp(got, digest, sizeof(got)) != 0)
		return vs_fail(err, VS_UNTRUSTED,
		    "the texts of the policies are not those that decided");
	return VS_OK;
}

static vs_status
fetch_set(struct vs_history *h, struct vs_recorded_set *s, struct vs_err *err)
{
	struct source *v = NULL;
	struct vs_arena a;
	uint8_t digest[VS_SHA256_SIZE];
	size_t n = 0;
	vs_status st =
	    vs_unhex(vs_span_cstr(s->digest), digest, sizeof(digest));

	if (st != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "record: policies: not the digest of a set");
	vs_arena_init(&a, SET_ARENA_MAX);
	st = h->store != NULL ? set_of_store(h, digest, &a, &v, &n, err)
			      : set_of_daemon(h, s->digest, &a, &v, &n, err);
	if (st == VS_OK)
		st = check_digest(v, n, digest, err);
	if (st == VS_OK)
		st = load_set(s, v, n, err);
	vs_arena_fini(&a);
	return st;
}

vs_status
vs_history_set(struct vs_history *h, struct vs_span digest,
    const struct vs_recorded_set **out, struct vs_err *err)
{
	struct vs_recorded_set *s;
	vs_status st;

	for (s = h->sets; s != NULL; s = s->next) {
		if (vs_span_is(digest, s->digest)) {
			*out = s;
			return VS_OK;
		}
	}
	s = vs_cli_alloc(sizeof(*s));
	copy_text(digest, s->digest, sizeof(s->digest));
	st = fetch_set(h, s, err);
	if (st != VS_OK) {
		free_set(s);
		return st;
	}
	s->next = h->sets;
	h->sets = s;
	*out = s;
	return VS_OK;
}

vs_status
vs_history_current(struct vs_history *h, const struct vs_recorded_set **out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	uint8_t raw[VS_SHA256_SIZE];
	char hex[2 * VS_SHA256_SIZE + 1];

	if (h->store != NULL) {
		VS_TRY(err, "policies in force",
		    vs_store_policy_set_last(h->store, raw, err));
		vs_hex(VS_SPAN_OF(raw), hex);
		return vs_history_set(h, vs_span_cstr(hex), out, err);
	}
	VS_TRY(err, "policies in force",
	    vs_cli_call(&h->admin, "GET", "/v1/policies", NULL, &doc, err));
	return vs_history_set(h, vs_cli_str(doc, "digest"), out, err);
}
