/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of keys: create, rotate, change of state. */
#include "broker/admin.h"
#include "keeper/derived.h"

/* Of records in memory at once; a call that needs more is refused. */
enum { ADMIN_MEMORY_MAX = 256 * 1024 * 1024, CREATE_MAX = 10000 };

struct create {
	struct vs_broker *b;
	struct vs_arena *a;
	const struct vs_span *names;
	size_t n;
	size_t bytes;
	struct vs_span content_type;
	bool dataset;
	int64_t max_uses;
	struct vs_key_row *rows;
	struct vs_buf keys; /* for the audit row */
	struct vs_buf detail;
};

vs_status
vs_admin_check_type(struct vs_span t, struct vs_err *err)
{
	if (t.n > VS_CONTENT_TYPE_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.content_type",
		    "content type: longer than %d bytes", VS_CONTENT_TYPE_MAX);
	for (size_t i = 0; i < t.n; i++)
		/* What the keeper would put into no answer. */
		if (t.p[i] < 0x20 || t.p[i] > 0x7e || t.p[i] == '"' ||
		    t.p[i] == '\\')
			return vs_fail_code(err, VS_MALFORMED,
			    "key.content_type",
			    "content type: only printable ASCII, without "
			    "quotation marks and backslashes");
	return VS_OK;
}

vs_status
vs_admin_check_size(size_t bytes, bool dataset, struct vs_err *err)
{
	if (dataset && bytes < VS_DATASET_BYTES_MIN)
		return vs_fail_code(err, VS_MALFORMED, "key.bytes",
		    "bytes: a dataset has at least %d, for what is derived "
		    "from fewer can be guessed",
		    VS_DATASET_BYTES_MIN);
	return VS_OK;
}

static vs_status
check_create(const struct create *c, struct vs_err *err)
{
	size_t total = 0;

	if (c->n == 0 || c->n > CREATE_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.count",
		    "keys: must be 1 to %d", CREATE_MAX);
	if (c->bytes == 0 || c->bytes > VS_PAYLOAD_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.bytes",
		    "bytes: must be 1 to %d", VS_PAYLOAD_MAX);
	VS_TRY(err, "create", vs_admin_check_size(c->bytes, c->dataset, err));
	if (!vs_mul(c->n, c->bytes, &total) || total > ADMIN_MEMORY_MAX / 2)
		return vs_fail_code(err, VS_TOO_LARGE, "key.bytes",
		    "keys: too many bytes for one call");
	VS_TRY(err, "create", vs_admin_check_type(c->content_type, err));
	for (size_t i = 0; i < c->n; i++)
		VS_TRY(err, "create", vs_admin_check_name(c->names[i], err));
	return VS_OK;
}

/* Names of derived keys belong to their datasets. */
vs_status
vs_admin_check_name(struct vs_span name, struct vs_err *err)
{
	struct vs_derived d;

	VS_TRY(err, "name", vs_key_name_check(name, err));
	if (vs_derived_parse(name, &d))
		return vs_fail_code(err, VS_MALFORMED, "key.reserved",
		    "key %.*s: names that end in /epoch-N/shard-N are those of "
		    "derived keys",
		    VS_SPAN_ARG(name));
	return VS_OK;
}

/* Only a dry run needs this: the store refuses what exists. */
static vs_status
check_absent(const struct create *c, struct vs_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct vs_key_row row = {0};
		vs_status st = vs_store_key(
		    c->b->opt.store, c->names[i], 1, c->a, &row, err);

		if (st == VS_OK)
			return vs_fail_code(err, VS_CONFLICT, "key.exists",
			    "key %.*s exists already",
			    VS_SPAN_ARG(c->names[i]));
		if (st != VS_NOT_FOUND)
			return st;
		vs_err_clear(err);
	}
	return VS_OK;
}

static vs_status
generate_all(struct create *c, struct vs_err *err)
{
	struct vs_kek_row kek = {0};

	c->rows = vs_arena_calloc(c->a, c->n, sizeof *c->rows);
	if (c->rows == NULL)
		return vs_fail(err, VS_NO_MEMORY, "create");
	for (size_t i = 0; i < c->n; i++) {
		struct vs_key_row *row = &c->rows[i];
		struct vs_span ns = vs_key_namespace(c->names[i]);

		if (kek.version == 0 || !vs_span_equal(kek.ns, ns))
			VS_TRY(err, "create",
			    vs_admin_kek(c->b, ns, c->a, &kek, err));
		row->name = c->names[i];
		row->version = 1;
		row->size = (uint32_t)c->bytes;
		row->content_type = c->content_type;
		row->kind = c->dataset ? VS_KIND_DATASET : VS_KIND_KEY;
		row->max_uses = c->max_uses;
		VS_TRY(err, "create",
		    vs_admin_generate(c->b, &kek, c->a, row, err));
		vs_buf_puts(&c->keys, i > 0 ? "," : "");
		vs_buf_add(&c->keys, row->name);
		vs_buf_puts(&c->keys, "@1");
	}
	return VS_OK;
}

static vs_status
create(struct create *c, struct vs_span who, struct vs_err *err)
{
	struct vs_audit_row audit;

	VS_TRY(err, "create", generate_all(c, err));
	vs_buf_printf(&c->detail, "{\"bytes\":%zu,\"content_type\":", c->bytes);
	vs_json_quote(c->content_type, &c->detail);
	if (c->dataset)
		vs_buf_puts(&c->detail, ",\"dataset\":true");
	if (c->max_uses > 0)
		vs_buf_printf(
		    &c->detail, ",\"max_uses\":%lld", (long long)c->max_uses);
	vs_buf_puts(&c->detail, "}");
	VS_TRY(err, "audit", vs_buf_status(&c->keys));
	VS_TRY(err, "audit", vs_buf_status(&c->detail));
	VS_TRY(err, "create",
	    vs_admin_row(c->b, who, "key.create", vs_buf_span(&c->keys),
		vs_buf_span(&c->detail), &audit, err));
	return vs_store_add_keys_audited(
	    c->b->opt.store, c->rows, c->n, &audit, err);
}

vs_status
vs_broker_key_create(struct vs_broker *b, struct vs_span who,
    const struct vs_span *names, size_t n, size_t bytes,
    struct vs_span content_type, bool dry_run, struct vs_err *err)
{
	const struct vs_key_make make = {.names = names,
	    .n = n,
	    .bytes = bytes,
	    .content_type = content_type};

	return vs_broker_key_make(b, who, &make, dry_run, err);
}

vs_status
vs_broker_key_make(struct vs_broker *b, struct vs_span who,
    const struct vs_key_make *make, bool dry_run, struct vs_err *err)
{
	struct vs_arena a;
	struct create c = {.b = b,
	    .a = &a,
	    .names = make->names,
	    .n = make->n,
	    .bytes = make->bytes,
	    .content_type = make->content_type,
	    .dataset = make->dataset,
	    .max_uses = make->max_uses};
	vs_status st = check_create(&c, err);

	if (st != VS_OK)
		return st;
	vs_arena_init(&a, ADMIN_MEMORY_MAX);
	st = dry_run ? check_absent(&c, err) : create(&c, who, err);
	/* Under the new KEK then; a rotation between both is not to be. */
	if (vs_admin_kek_moved(st, err)) {
		vs_buf_reset(&c.keys);
		vs_buf_reset(&c.detail);
		vs_arena_reset(&a);
		st = create(&c, who, err);
	}
	vs_buf_fini(&c.keys);
	vs_buf_fini(&c.detail);
	vs_arena_fini(&a);
	return st;
}

/* The newest version of any state says which number comes next; the newest
 * that is not destroyed, what the key is like. */
static vs_status
plan_rotation(struct vs_broker *b, struct vs_span name, struct vs_arena *a,
    struct vs_key_row *next, struct vs_err *err)
{
	struct vs_key_row *rows = NULL;
	size_t n = 0;
	size_t i;

	VS_TRY(err, "rotate",
	    vs_store_key_versions(b->opt.store, name, a, &rows, &n, err));
	for (i = n; i > 0; i--)
		if (rows[i - 1].state != VS_KEY_DESTROYED)
			break;
	if (i == 0)
		return vs_fail_code(err, VS_CONFLICT, "key.destroyed",
		    "every version of the key was destroyed");
	*next = (struct vs_key_row){.name = name,
	    .version = rows[n - 1].version + 1,
	    .size = rows[i - 1].size,
	    .content_type = rows[i - 1].content_type,
	    .kind = rows[i - 1].kind,
	    .max_uses = rows[i - 1].max_uses,
	    .epoch_floor = rows[i - 1].epoch_floor};
	return VS_OK;
}

static vs_status
rotate(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    struct vs_key_row *row, struct vs_err *err)
{
	struct vs_kek_row kek = {0};
	struct vs_audit_row audit;
	char *keys;

	VS_TRY(err, "rotate",
	    vs_admin_kek(b, vs_key_namespace(row->name), a, &kek, err));
	VS_TRY(err, "rotate", vs_admin_generate(b, &kek, a, row, err));
	keys = vs_arena_printf(
	    a, "%.*s@%u", VS_SPAN_ARG(row->name), (unsigned)row->version);
	if (keys == NULL)
		return vs_fail(err, VS_NO_MEMORY, "rotate");
	VS_TRY(err, "rotate",
	    vs_admin_row(b, who, "key.rotate", vs_span_cstr(keys),
		VS_SPAN_LIT("{}"), &audit, err));
	return vs_store_add_keys_audited(b->opt.store, row, 1, &audit, err);
}

vs_status
vs_broker_key_rotate(struct vs_broker *b, struct vs_span who,
    struct vs_span name, bool dry_run, uint32_t *new_version,
    struct vs_err *err)
{
	struct vs_arena a;
	struct vs_key_row row = {0};
	vs_status st = vs_key_name_check(name, err);

	if (st != VS_OK)
		return st;
	vs_arena_init(&a, ADMIN_MEMORY_MAX);
	st = plan_rotation(b, name, &a, &row, err);
	if (st == VS_OK && !dry_run)
		st = rotate(b, who, &a, &row, err);
	if (vs_admin_kek_moved(st, err))
		st = rotate(b, who, &a, &row, err);
	if (st == VS_OK)
		*new_version = row.version;
	vs_arena_fini(&a);
	return st;
}
