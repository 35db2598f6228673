/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and KEKs: writing. */
#include "store/store_int.h"

static vs_status
add_kek(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct vs_kek_row *r = op->arg;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEK_ADD);

	vs_query_text(&q, 1, r->ns);
	vs_query_int(&q, 2, r->version);
	vs_query_blob(&q, 3, r->record);
	vs_query_int(&q, 4, r->created_ms);
	return vs_query_run(&q, err);
}

vs_status
vs_store_add_kek_audited(struct vs_store *s, const struct vs_kek_row *row,
    const struct vs_audit_row *audit, struct vs_err *err)
{
	struct vs_kek_row copy = *row;
	struct vs_op op = {
	    .apply = add_kek, .arg = &copy, .given = audit, .savepoint = true};

	return vs_store_submit(s, &op, err);
}

vs_status
vs_store_add_kek(
    struct vs_store *s, const struct vs_kek_row *row, struct vs_err *err)
{
	return vs_store_add_kek_audited(s, row, NULL, err);
}

/* Rows of one call mostly share a namespace: remember the last KEK. */
struct kek_memo {
	struct vs_span ns;
	uint32_t version;
	int64_t id;
};

static struct vs_span
namespace_of(struct vs_span name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] != '/')
		n++;
	return vs_span_slice(name, 0, n);
}

static vs_status
kek_id(struct vs_store *s, const struct vs_key_row *r, struct kek_memo *memo,
    struct vs_err *err)
{
	struct vs_span ns = namespace_of(r->name);
	bool row = false;

	if (memo->id != 0 && memo->version == r->kek_version &&
	    vs_span_equal(memo->ns, ns))
		return VS_OK;
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEK_ID);
	vs_query_text(&q, 1, ns);
	vs_query_int(&q, 2, r->kek_version);
	VS_TRY(err, "kek", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_CONFLICT,
		    "the namespace has no KEK of version %u",
		    (unsigned)r->kek_version);
	/* Else a rotation that has passed this name would miss it. */
	if (vs_query_get_int(&q, 1) == 0)
		return vs_fail_code(err, VS_CONFLICT, "kek.rotated",
		    "the KEK of the namespace was rotated meanwhile");
	*memo = (struct kek_memo){ns, r->kek_version, vs_query_get_int(&q, 0)};
	return VS_OK;
}

/* As much of a name as a message holds. */
static int
shown(struct vs_span name)
{
	return name.n > 160 ? 160 : (int)name.n;
}

static vs_status
check_previous(
    struct vs_store *s, const struct vs_key_row *r, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_HAS);
	bool row = false;

	vs_query_text(&q, 1, r->name);
	vs_query_int(&q, 2, (int64_t)r->version - 1);
	VS_TRY(err, "key", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail(err, VS_CONFLICT,
		    "key %.*s has no version %u to follow", shown(r->name),
		    (const char *)r->name.p, (unsigned)r->version - 1);
	return VS_OK;
}

static vs_status
add_record(struct vs_store *s, const struct vs_key_row *r, int64_t *id,
    struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_RECORD_ADD);

	vs_query_blob(&q, 1, r->dek);
	vs_query_blob(&q, 2, r->payload);
	VS_TRY(err, "record", vs_query_run(&q, err));
	*id = sqlite3_last_insert_rowid(s->writer.db);
	return VS_OK;
}

static vs_status
insert_key(struct vs_store *s, const struct vs_key_row *r, int64_t kek,
    int64_t record, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEY_ADD);
	vs_status st;

	vs_query_text(&q, 1, r->name);
	vs_query_int(&q, 2, r->version);
	vs_query_int(&q, 3, r->state);
	vs_query_text(&q, 4, r->content_type);
	vs_query_int(&q, 5, r->size);
	vs_query_int(&q, 6, r->created_ms);
	vs_query_int(&q, 7, kek);
	vs_query_int(&q, 8, record);
	vs_query_int(&q, 9, r->kind);
	vs_query_int(&q, 10, r->max_uses);
	vs_query_int(&q, 11, r->epoch_floor);
	st = vs_query_run(&q, err);
	if (st == VS_CONFLICT)
		return vs_fail_code(err, VS_CONFLICT, "key.exists",
		    "key %.*s has a version %u already", shown(r->name),
		    (const char *)r->name.p, (unsigned)r->version);
	return st;
}

static vs_status
count_use(struct vs_store *s, int64_t kek, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(&s->writer, VS_SQL_KEK_USES);

	vs_query_int(&q, 1, kek);
	vs_query_int(&q, 2, 1);
	return vs_query_run(&q, err);
}

static vs_status
add_row(struct vs_store *s, const struct vs_key_row *r, struct kek_memo *memo,
    struct vs_err *err)
{
	int64_t record = 0;

	if (r->version == 0 ||
	    (r->state != VS_KEY_ACTIVE && r->state != VS_KEY_DISABLED))
		return vs_fail(err, VS_USAGE, "not a new version of a key");
	VS_TRY(err, "add", kek_id(s, r, memo, err));
	/* Versions have no gaps, so without version 1 there is none. */
	if (r->version > 1)
		VS_TRY(err, "add", check_previous(s, r, err));
	VS_TRY(err, "add", add_record(s, r, &record, err));
	VS_TRY(err, "add", insert_key(s, r, memo->id, record, err));
	return count_use(s, memo->id, err);
}

struct add {
	const struct vs_key_row *rows;
	size_t n;
};

static vs_status
add_keys(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const struct add *add = op->arg;
	struct kek_memo memo = {0};

	for (size_t i = 0; i < add->n; i++) {
		vs_status st = add_row(s, &add->rows[i], &memo, err);

		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

vs_status
vs_store_add_keys_audited(struct vs_store *s, const struct vs_key_row *rows,
    size_t n, const struct vs_audit_row *audit, struct vs_err *err)
{
	struct add add = {rows, n};
	struct vs_op op = {
	    .apply = add_keys, .arg = &add, .given = audit, .savepoint = true};

	return vs_store_submit(s, &op, err);
}

vs_status
vs_store_add_keys(struct vs_store *s, const struct vs_key_row *rows, size_t n,
    struct vs_err *err)
{
	return vs_store_add_keys_audited(s, rows, n, NULL, err);
}
