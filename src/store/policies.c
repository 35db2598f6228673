/* SPDX-License-Identifier: Apache-2.0 */
#include "store/policies.h"

#include <string.h>

#include "store/store_int.h"

/* The columns of VS_SQL_POLICY_COLS. */
static vs_status
get_row(struct vs_query *q, struct vs_arena *a, struct vs_policy_row *r,
    struct vs_err *err)
{
	VS_TRY(err, "name", vs_query_get(q, 0, a, &r->name));
	r->version = vs_query_get_int(q, 1);
	VS_TRY(err, "hash", vs_query_get_n(q, 2, r->hash, sizeof r->hash));
	r->loaded_ms = vs_query_get_int(q, 3);
	VS_TRY(err, "file", vs_query_get(q, 4, a, &r->file));
	return VS_OK;
}

static vs_status
one(struct vs_query *q, bool text, struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err)
{
	struct vs_policy_row r = {0};
	bool row = false;

	VS_TRY(err, "policy", vs_query_step(q, &row, err));
	if (!row)
		return vs_fail(
		    err, VS_NOT_FOUND, "there is no such version of a policy");
	VS_TRY(err, "policy", get_row(q, a, &r, err));
	if (text) {
		VS_TRY(err, "policy", vs_query_get(q, 5, a, &r.text));
		VS_TRY(err, "policy", vs_query_get(q, 6, a, &r.signatures));
	}
	*out = r;
	return VS_OK;
}

static vs_status
newest(struct vs_db *db, struct vs_span name, struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_NEWEST);

	vs_query_text(&q, 1, name);
	return one(&q, false, a, out, err);
}

vs_status
vs_store_policy_newest(struct vs_store *s, struct vs_span name,
    struct vs_arena *a, struct vs_policy_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = newest(db, name, a, out, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
by_version(struct vs_db *db, struct vs_span name, int64_t version,
    struct vs_arena *a, struct vs_policy_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_VERSION);

	vs_query_text(&q, 1, name);
	vs_query_int(&q, 2, version);
	return one(&q, true, a, out, err);
}

vs_status
vs_store_policy_version(struct vs_store *s, struct vs_span name,
    int64_t version, struct vs_arena *a, struct vs_policy_row *out,
    struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = by_version(db, name, version, a, out, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
by_hash(struct vs_db *db, struct vs_span hash, struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_HASH);

	vs_query_blob(&q, 1, hash);
	return one(&q, true, a, out, err);
}

vs_status
vs_store_policy_hash(struct vs_store *s,
    const uint8_t hash[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_policy_row *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st =
	    by_hash(db, VS_SPAN(hash, VS_POLICY_HASH_SIZE), a, out, err);

	vs_store_put(s, db);
	return st;
}

struct found {
	struct vs_policy_row *v;
	size_t n;
	size_t cap;
};

static struct vs_policy_row *
next_slot(struct found *f, struct vs_arena *a)
{
	struct vs_policy_row *v =
	    vs_arena_more(a, f->v, f->n, &f->cap, sizeof *v);

	if (v == NULL)
		return NULL;
	f->v = v;
	return &f->v[f->n++];
}

/* Rows of names and versions, and of more when all. */
static vs_status
collect(struct vs_query *q, bool all, struct vs_arena *a, struct found *out,
    struct vs_err *err)
{
	for (;;) {
		struct vs_policy_row *r;
		bool row = false;

		VS_TRY(err, "policies", vs_query_step(q, &row, err));
		if (!row)
			return VS_OK;
		r = next_slot(out, a);
		if (r == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: policies");
		if (all) {
			VS_TRY(err, "policies", get_row(q, a, r, err));
			continue;
		}
		VS_TRY(err, "policies", vs_query_get(q, 0, a, &r->name));
		r->version = vs_query_get_int(q, 1);
	}
}

static vs_status
list(struct vs_db *db, struct vs_span name, struct vs_arena *a,
    struct found *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_LIST);

	vs_query_text(&q, 1, name);
	return collect(&q, true, a, out, err);
}

vs_status
vs_store_policy_list(struct vs_store *s, struct vs_span name,
    struct vs_arena *a, struct vs_policy_row **rows, size_t *n,
    struct vs_err *err)
{
	struct found f = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = list(db, name, a, &f, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = f.v;
	*n = f.n;
	return VS_OK;
}

static vs_status
pins(
    struct vs_db *db, struct vs_arena *a, struct found *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_PINS);

	return collect(&q, false, a, out, err);
}

vs_status
vs_store_policy_pins(struct vs_store *s, struct vs_arena *a,
    struct vs_policy_row **rows, size_t *n, struct vs_err *err)
{
	struct found f = {0};
	struct vs_db *db = vs_store_take(s);
	vs_status st = pins(db, a, &f, err);

	vs_store_put(s, db);
	if (st != VS_OK)
		return st;
	*rows = f.v;
	*n = f.n;
	return VS_OK;
}

static vs_status
set_members(struct vs_db *db, struct vs_span digest, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_SET);
	bool row = false;

	vs_query_blob(&q, 1, digest);
	VS_TRY(err, "policy set", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(
		    err, VS_NOT_FOUND, "there is no such set of policies");
	VS_TRY(err, "policy set", vs_query_get(&q, 0, a, out));
	return VS_OK;
}

vs_status
vs_store_policy_set(struct vs_store *s,
    const uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_span *hashes, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = set_members(
	    db, VS_SPAN(digest, VS_POLICY_HASH_SIZE), a, hashes, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
last_set(
    struct vs_db *db, uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_POLICY_SET_LAST);
	bool row = false;

	VS_TRY(err, "policy set", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_NOT_FOUND, "no policy was ever loaded");
	return vs_query_get_n(&q, 0, digest, VS_POLICY_HASH_SIZE);
}

vs_status
vs_store_policy_set_last(
    struct vs_store *s, uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = last_set(db, digest, err);

	vs_store_put(s, db);
	return st;
}

/* Whether this very version is there; a conflict when it must not be added. */
static vs_status
check_row(struct vs_store *s, const struct vs_policy_row *r, bool *there,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_POLICY_FROM);
	uint8_t hash[VS_POLICY_HASH_SIZE];
	bool row = false;

	*there = false;
	vs_query_text(&q, 1, r->name);
	vs_query_int(&q, 2, r->version);
	VS_TRY(err, "policy", vs_query_step(&q, &row, err));
	if (!row)
		return VS_OK;
	VS_TRY(err, "policy", vs_query_get_n(&q, 1, hash, sizeof hash));
	if (vs_query_get_int(&q, 0) == r->version &&
	    memcmp(hash, r->hash, sizeof hash) == 0) {
		*there = true;
		return VS_OK;
	}
	return vs_fail_code(err, VS_CONFLICT, "policy.version",
	    "a policy of this name and version or a higher one was loaded "
	    "with another content");
}

static vs_status
add_row(struct vs_store *s, const struct vs_policy_row *r, int64_t at_ms,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_POLICY_ADD);

	vs_query_text(&q, 1, r->name);
	vs_query_int(&q, 2, r->version);
	vs_query_blob(&q, 3, VS_SPAN_OF(r->hash));
	vs_query_int(&q, 4, at_ms);
	vs_query_text(&q, 5, r->file);
	vs_query_text(&q, 6, r->text);
	vs_query_text(&q, 7, r->signatures);
	return vs_query_run(&q, err);
}

static vs_status
insert_set(struct vs_store *s, const struct vs_policy_load_row *load,
    struct vs_span hashes, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_POLICY_SET_ADD);

	vs_query_blob(&q, 1, VS_SPAN_OF(load->digest));
	vs_query_int(&q, 2, load->at_ms);
	vs_query_blob(&q, 3, hashes);
	return vs_query_run(&q, err);
}

static vs_status
add_set(struct vs_store *s, const struct vs_policy_load_row *load,
    struct vs_err *err)
{
	struct vs_buf hashes = {0};
	vs_status st;

	for (size_t i = 0; i < load->n; i++)
		vs_buf_add(&hashes, VS_SPAN_OF(load->rows[i].hash));
	st = vs_buf_status(&hashes);
	if (st == VS_OK)
		st = insert_set(s, load, vs_buf_span(&hashes), err);
	else
		(void)vs_fail(err, st, "store: policy set");
	vs_buf_fini(&hashes);
	return st;
}

static vs_status
unpin(struct vs_store *s, struct vs_span name, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_POLICY_UNPIN);

	vs_query_text(&q, 1, name);
	return vs_query_run(&q, err);
}

static vs_status
loaded(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct vs_policy_load_row *load = op->arg;

	for (size_t i = 0; i < load->n; i++) {
		bool there;

		VS_TRY(err, "load", check_row(s, &load->rows[i], &there, err));
		if (there)
			continue;
		VS_TRY(
		    err, "load", add_row(s, &load->rows[i], load->at_ms, err));
		/* A new version ends a rollback. */
		VS_TRY(err, "load", unpin(s, load->rows[i].name, err));
	}
	return add_set(s, load, err);
}

vs_status
vs_store_policies_loaded(struct vs_store *s,
    const struct vs_policy_load_row *load, const struct vs_audit_row *audit,
    struct vs_err *err)
{
	struct vs_policy_load_row copy = *load;
	struct vs_op op = {
	    .apply = loaded, .arg = &copy, .given = audit, .savepoint = true};

	return vs_store_submit(s, &op, err);
}

struct pin {
	struct vs_span name;
	int64_t version;
};

static vs_status
pin(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct pin *p = op->arg;

	if (p->version == 0)
		return unpin(s, p->name, err);
	VS_QUERY set = vs_query_of(&s->writer, VS_SQL_POLICY_PIN);
	vs_query_text(&set, 1, p->name);
	vs_query_int(&set, 2, p->version);
	VS_TRY(err, "pin", vs_query_run(&set, err));
	if (sqlite3_changes(s->writer.db) != 1)
		return vs_fail_code(err, VS_NOT_FOUND, "policy.unknown",
		    "this version of the policy was never loaded");
	return VS_OK;
}

vs_status
vs_store_policy_pin(struct vs_store *s, struct vs_span name, int64_t version,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct pin p = {name, version};
	struct vs_op op = {
	    .apply = pin, .arg = &p, .given = audit, .savepoint = true};

	return vs_store_submit(s, &op, err);
}
