/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a key in the store; lists; records that are gone for good. */
#include "store_fixture.h"

static struct vs_span
name_of(const char *s)
{
	return vs_span_cstr(s);
}

static vs_status
get(struct fixture *f, const char *name, uint32_t version,
    struct vs_key_row *row)
{
	return vs_store_key(f->s, name_of(name), version, &f->a, row, &f->err);
}

static vs_status
set_state(struct fixture *f, const char *name, uint32_t v, vs_key_state st)
{
	return vs_store_key_state(f->s, name_of(name), v, st, 7000, &f->err);
}

static void
test_kek_newest_and_conflict(void)
{
	struct fixture f;
	struct vs_kek_row kek = {.ns = name_of("models"),
	    .version = 1,
	    .record = VS_SPAN_LIT("one")};
	struct vs_kek_row got = {0};

	fixture_init(&f);
	CHECK_INT(vs_store_kek(f.s, kek.ns, &f.a, &got, &f.err), VS_NOT_FOUND);
	CHECK_OK(vs_store_add_kek(f.s, &kek, &f.err), f.err);
	CHECK_INT(vs_store_add_kek(f.s, &kek, &f.err), VS_CONFLICT);
	kek.version = 2;
	kek.record = VS_SPAN_LIT("two");
	CHECK_OK(vs_store_add_kek(f.s, &kek, &f.err), f.err);
	CHECK_OK(vs_store_kek(f.s, kek.ns, &f.a, &got, &f.err), f.err);
	CHECK_INT(got.version, 2);
	CHECK(vs_span_is(got.record, "two"));
	CHECK(vs_span_is(got.ns, "models"));
	fixture_fini(&f);
}

static void
test_key_round_trip(void)
{
	struct fixture f;
	struct vs_key_row r = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK(vs_span_is(r.name, "models/a"));
	CHECK_INT(r.version, 1);
	CHECK_INT(r.state, VS_KEY_ACTIVE);
	CHECK(vs_span_is(r.content_type, "application/octet-stream"));
	CHECK_INT(r.size, 32);
	CHECK_INT(r.created_ms, 1000);
	CHECK_INT(r.destroyed_ms, 0);
	CHECK_INT(r.kek_version, 1);
	CHECK(vs_span_is(r.kek, "record of the kek"));
	CHECK(vs_span_is(r.dek, "a wrapped dek"));
	CHECK(vs_span_is(r.payload, "a sealed payload"));
	CHECK_INT(get(&f, "models/b", 1, &r), VS_NOT_FOUND);
	CHECK_INT(get(&f, "models/a", 2, &r), VS_NOT_FOUND);
	CHECK_INT(get(&f, "models/b", 0, &r), VS_NOT_FOUND);
	fixture_fini(&f);
}

static void
test_versions_follow_each_other(void)
{
	struct fixture f;
	struct vs_key_row r = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_INT(add_key(&f, "models/a", 2), VS_CONFLICT);
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_INT(add_key(&f, "models/a", 1), VS_CONFLICT);
	CHECK_INT(add_key(&f, "models/a", 3), VS_CONFLICT);
	CHECK_OK(add_key(&f, "models/a", 2), f.err);
	CHECK_INT(add_key(&f, "other/a", 1), VS_CONFLICT); /* no KEK */
	CHECK_INT(add_key(&f, "models/b", 0), VS_USAGE);
	CHECK_OK(get(&f, "models/a", 0, &r), f.err);
	CHECK_INT(r.version, 2);
	CHECK_OK(set_state(&f, "models/a", 2, VS_KEY_DISABLED), f.err);
	CHECK_OK(get(&f, "models/a", 0, &r), f.err);
	CHECK_INT(r.version, 1);
	CHECK_OK(get(&f, "models/a", 2, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DISABLED);
	fixture_fini(&f);
}

static void
test_add_keys_is_all_or_none(void)
{
	struct fixture f;
	struct vs_key_row rows[3] = {key_row("models/a", 1),
	    key_row("models/b", 1), key_row("models/a", 1)};
	struct vs_audit_row audit = audit_row(1);
	struct vs_key_row got;

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_INT(vs_store_add_keys_audited(f.s, rows, 3, &audit, &f.err),
	    VS_CONFLICT);
	CHECK_STR(f.err.code, "key.exists");
	CHECK_INT(get(&f, "models/b", 1, &got), VS_NOT_FOUND);
	CHECK_INT(vs_store_audit_get(f.s, audit.id, &f.a, &audit, &f.err),
	    VS_NOT_FOUND);
	CHECK_OK(
	    vs_store_add_keys_audited(f.s, rows, 2, &audit, &f.err), f.err);
	CHECK_OK(get(&f, "models/b", 1, &got), f.err);
	CHECK_INT(check_chain(&f), 1);
	fixture_fini(&f);
}

/* A change whose audit row cannot be written does not happen. */
static void
test_change_without_audit_does_not_happen(void)
{
	struct fixture f;
	struct vs_key_row row = key_row("models/a", 1);
	struct vs_audit_row audit = audit_row(1);
	struct vs_key_row got;

	fixture_init(&f);
	add_kek(&f, "models");
	f.chain_fails = true;
	CHECK_INT(
	    vs_store_add_keys_audited(f.s, &row, 1, &audit, &f.err), VS_SEALED);
	CHECK_INT(get(&f, "models/a", 1, &got), VS_NOT_FOUND);
	f.chain_fails = false;
	CHECK_OK(
	    vs_store_add_keys_audited(f.s, &row, 1, &audit, &f.err), f.err);
	fixture_fini(&f);
}

static void
test_destroyed_is_final(void)
{
	struct fixture f;
	struct vs_key_row r = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_OK(add_key(&f, "models/a", 2), f.err);
	CHECK_INT(set_state(&f, "models/x", 1, VS_KEY_DISABLED), VS_NOT_FOUND);
	CHECK_INT(set_state(&f, "models/a", 1, VS_KEY_NONE), VS_USAGE);
	CHECK_OK(set_state(&f, "models/a", 1, VS_KEY_DESTROYED), f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DESTROYED);
	CHECK_INT(r.destroyed_ms, 7000);
	CHECK_INT(r.dek.n, 0);
	CHECK_INT(r.payload.n, 0);
	CHECK_INT(set_state(&f, "models/a", 1, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_OK(set_state(&f, "models/a", 1, VS_KEY_DESTROYED), f.err);
	CHECK_OK(set_state(&f, "models/a", 0, VS_KEY_DISABLED), f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DESTROYED);
	CHECK_OK(set_state(&f, "models/a", 0, VS_KEY_DESTROYED), f.err);
	CHECK_INT(get(&f, "models/a", 0, &r), VS_NOT_FOUND);
	CHECK_INT(add_key(&f, "models/a", 1), VS_CONFLICT);
	fixture_fini(&f);
}

static vs_status
schedule(struct fixture *f, const char *name, uint32_t v, int64_t due)
{
	struct vs_audit_row audit = audit_row((uint64_t)due + v);

	vs_err_clear(&f->err);
	return vs_store_key_schedule(
	    f->s, name_of(name), v, due, &audit, &f->err);
}

static vs_status
cancel(struct fixture *f, const char *name, uint32_t v)
{
	struct vs_audit_row audit = audit_row(90 + v);

	vs_err_clear(&f->err);
	return vs_store_key_cancel(f->s, name_of(name), v, &audit, &f->err);
}

static size_t
due(struct fixture *f, int64_t now, struct vs_key_row **rows)
{
	size_t n = 99;

	CHECK_OK(
	    vs_store_keys_due(f->s, now, 10, &f->a, rows, &n, &f->err), f->err);
	return n;
}

static void
test_scheduled_destruction(void)
{
	struct fixture f;
	struct vs_key_row *rows = NULL;
	struct vs_audit_row audit = audit_row(50);
	struct vs_key_row r = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_OK(add_key(&f, "models/a", 2), f.err);
	CHECK_OK(add_key(&f, "models/b", 1), f.err);
	CHECK_INT(schedule(&f, "models/x", 0, 5000), VS_NOT_FOUND);
	CHECK_INT(schedule(&f, "models/a", 0, 0), VS_USAGE);
	CHECK_INT(cancel(&f, "models/a", 0), VS_CONFLICT);
	CHECK_STR(f.err.code, "key.not_scheduled");
	CHECK_OK(schedule(&f, "models/a", 1, 5000), f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_SCHEDULED);
	CHECK_INT(r.destroyed_ms, 5000);
	CHECK_INT(r.dek.n > 0, 1);
	/* The other version changes as before; this one does not. */
	CHECK_INT(set_state(&f, "models/a", 1, VS_KEY_ACTIVE), VS_CONFLICT);
	CHECK_STR(f.err.code, "key.scheduled");
	CHECK_OK(set_state(&f, "models/a", 0, VS_KEY_DISABLED), f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_SCHEDULED);
	CHECK_INT(set_state(&f, "models/a", 2, VS_KEY_SCHEDULED), VS_USAGE);
	CHECK_INT(due(&f, 4999, &rows), 0);
	CHECK_INT(due(&f, 5000, &rows), 1);
	CHECK(vs_span_is(rows[0].name, "models/a") && rows[0].version == 1);
	CHECK_OK(schedule(&f, "models/a", 1, 6000), f.err); /* put off */
	CHECK_INT(vs_store_key_destroy_due(f.s, &rows[0], 5000, &audit, &f.err),
	    VS_CONFLICT);
	CHECK_OK(cancel(&f, "models/a", 1), f.err);
	CHECK_INT(vs_store_key_destroy_due(f.s, &rows[0], 9000, &audit, &f.err),
	    VS_CONFLICT);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DISABLED);
	CHECK_INT(r.destroyed_ms, 0);
	CHECK_OK(schedule(&f, "models/a", 1, 7000), f.err);
	CHECK_OK(vs_store_key_destroy_due(f.s, &rows[0], 8000, &audit, &f.err),
	    f.err);
	CHECK_OK(get(&f, "models/a", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DESTROYED);
	CHECK_INT(r.destroyed_ms, 8000);
	CHECK_INT(r.dek.n, 0);
	CHECK_INT(due(&f, 99999, &rows), 0);
	CHECK_INT(schedule(&f, "models/a", 1, 9000), VS_CONFLICT);
	CHECK_OK(set_state(&f, "models/b", 1, VS_KEY_DECRYPT_ONLY), f.err);
	CHECK_INT(get(&f, "models/b", 0, &r), VS_NOT_FOUND);
	CHECK_OK(get(&f, "models/b", 1, &r), f.err);
	CHECK_INT(r.state, VS_KEY_DECRYPT_ONLY);
	CHECK(check_chain(&f) > 0);
	fixture_fini(&f);
}

static bool
file_holds(const char *path, struct vs_span what)
{
	FILE *in = fopen(path, "rb");
	static uint8_t all[8 * 1024 * 1024];
	size_t n;

	if (in == NULL)
		return false;
	n = fread(all, 1, sizeof all, in);
	fclose(in);
	return memmem(all, n, what.p, what.n) != NULL;
}

static bool
store_holds(struct fixture *f, struct vs_span what)
{
	char wal[128];

	(void)snprintf(wal, sizeof wal, "%s-wal", f->path);
	return file_holds(f->path, what) || file_holds(wal, what);
}

enum { MANY = 300 };

/* 77-byte records and payloads from small to overflowing pages. */
static void
fill_records(struct fixture *f, uint8_t (*deks)[77], uint8_t *payload)
{
	for (uint32_t i = 0; i < MANY; i++) {
		char name[64];
		struct vs_key_row row;

		(void)snprintf(name, sizeof name, "models/%u",
		    (unsigned)(i * 2654435761u));
		for (size_t k = 0; k < 77; k++)
			deks[i][k] = (uint8_t)(i * 31 + k * k + (i >> 3) + 7);
		memcpy(deks[i], &i, sizeof i);
		memcpy(payload, "PAYLOAD!", 8);
		memcpy(payload + 8, &i, sizeof i);
		row = key_row(name, 1);
		row.dek = VS_SPAN(deks[i], 77);
		row.payload = VS_SPAN(payload, i % 10 == 0 ? 9000 : 77);
		CHECK_OK(vs_store_add_keys(f->s, &row, 1, &f->err), f->err);
	}
}

static void
test_destroyed_records_leave_no_bytes(void)
{
	struct fixture f;
	static uint8_t deks[MANY][77];
	static uint8_t payload[9000];

	fixture_init(&f);
	add_kek(&f, "models");
	fill_records(&f, deks, payload);
	for (uint32_t i = 0; i < MANY; i++) {
		char name[64];

		CHECK(store_holds(&f, VS_SPAN(deks[i], 77)));
		if (i % 3 == 0)
			continue;
		(void)snprintf(name, sizeof name, "models/%u",
		    (unsigned)(i * 2654435761u));
		CHECK_OK(set_state(&f, name, 0, VS_KEY_DESTROYED), f.err);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t head[12] = "PAYLOAD!";

		memcpy(head + 8, &i, sizeof i);
		CHECK_INT(store_holds(&f, VS_SPAN(deks[i], 77)), i % 3 == 0);
		CHECK_INT(store_holds(&f, VS_SPAN_OF(head)), i % 3 == 0);
	}
	fixture_fini(&f);
}

static void
list(struct fixture *f, const char *prefix, const char *after, size_t limit,
    const char *want)
{
	struct vs_key_row *rows = NULL;
	struct vs_buf got = {0};
	size_t n = 0;

	CHECK_OK(vs_store_key_list(f->s, name_of(prefix), name_of(after), limit,
		     &f->a, &rows, &n, &f->err),
	    f->err);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(rows[i].dek.n, 0);
		vs_buf_printf(&got, "%.*s@%u ", VS_SPAN_ARG(rows[i].name),
		    (unsigned)rows[i].version);
	}
	CHECK_STR(vs_buf_cstr(&got), want);
	vs_buf_fini(&got);
}

static void
test_list_pages_by_name(void)
{
	struct fixture f;

	fixture_init(&f);
	add_kek(&f, "a");
	add_kek(&f, "b");
	list(&f, "", "", 10, "");
	CHECK_OK(add_key(&f, "b/1", 1), f.err);
	CHECK_OK(add_key(&f, "a/2", 1), f.err);
	CHECK_OK(add_key(&f, "a/1", 1), f.err);
	CHECK_OK(add_key(&f, "a/1", 2), f.err);
	CHECK_OK(add_key(&f, "a/10", 1), f.err);
	list(&f, "", "", 10, "a/1@1 a/1@2 a/10@1 a/2@1 b/1@1 ");
	list(&f, "", "", 2, "a/1@1 a/1@2 a/10@1 ");
	list(&f, "", "a/10", 2, "a/2@1 b/1@1 ");
	list(&f, "a/1", "", 10, "a/1@1 a/1@2 a/10@1 ");
	list(&f, "a/", "a/1", 10, "a/10@1 a/2@1 ");
	list(&f, "b", "a/1", 10, "b/1@1 ");
	list(&f, "a", "b/0", 10, "");
	list(&f, "", "b/1", 10, "");
	list(&f, "", "", 0, "");
	fixture_fini(&f);
}

static void
test_versions_lists_one_name(void)
{
	struct fixture f;
	struct vs_key_row *rows = NULL;
	size_t n = 0;

	fixture_init(&f);
	add_kek(&f, "a");
	for (uint32_t v = 1; v <= 70; v++)
		CHECK_OK(add_key(&f, "a/1", v), f.err);
	CHECK_OK(add_key(&f, "a/10", 1), f.err);
	CHECK_OK(
	    vs_store_key_versions(f.s, name_of("a/1"), &f.a, &rows, &n, &f.err),
	    f.err);
	CHECK_INT(n, 70);
	for (size_t i = 0; i < n; i++)
		CHECK_INT(rows[i].version, i + 1);
	CHECK_INT(
	    vs_store_key_versions(f.s, name_of("a/2"), &f.a, &rows, &n, &f.err),
	    VS_NOT_FOUND);
	fixture_fini(&f);
}

static void
test_full_arena_fails(void)
{
	struct fixture f;
	struct vs_key_row r = {0};
	struct vs_key_row *rows = NULL;
	struct vs_arena tiny;
	size_t n = 0;

	fixture_init(&f);
	add_kek(&f, "a");
	CHECK_OK(add_key(&f, "a/1", 1), f.err);
	for (size_t cap = 0; cap < 96; cap += 16) {
		vs_arena_init(&tiny, cap);
		CHECK_INT(
		    vs_store_key(f.s, name_of("a/1"), 1, &tiny, &r, &f.err),
		    VS_NO_MEMORY);
		vs_err_clear(&f.err);
		CHECK_INT(vs_store_key_list(f.s, name_of(""), name_of(""), 9,
			      &tiny, &rows, &n, &f.err),
		    VS_NO_MEMORY);
		vs_err_clear(&f.err);
		vs_arena_fini(&tiny);
	}
	CHECK_INT(r.version, 0);
	fixture_fini(&f);
}

static void
test_state_names(void)
{
	CHECK_STR(vs_key_state_name(VS_KEY_ACTIVE), "active");
	CHECK_STR(vs_key_state_name(VS_KEY_DISABLED), "disabled");
	CHECK_STR(vs_key_state_name(VS_KEY_DESTROYED), "destroyed");
	CHECK_STR(vs_key_state_name(VS_KEY_DECRYPT_ONLY), "decrypt-only");
	CHECK_STR(vs_key_state_name(VS_KEY_SCHEDULED), "scheduled");
	CHECK_STR(vs_key_state_name(VS_KEY_NONE), "none");
}

/* A crash between the destruction and the emptying of the WAL. */
static void
test_destroyed_before_a_crash(void)
{
	struct fixture f;
	struct vs_key_row row = key_row("models/a", 1);
	uint8_t dek[77];
	int status = 0;
	pid_t pid;

	fixture_init(&f);
	memset(dek, 0x5d, sizeof dek);
	row.dek = VS_SPAN_OF(dek);
	vs_store_close(&f.s);
	pid = fork();
	if (pid == 0) {
		if (fixture_open(&f) != VS_OK)
			_exit(1);
		add_kek(&f, "models");
		if (vs_store_add_keys(f.s, &row, 1, &f.err) != VS_OK)
			_exit(2);
		f.stop_at = "committed";
		(void)set_state(&f, "models/a", 1, VS_KEY_DESTROYED);
		_exit(3);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	CHECK(store_holds(&f, VS_SPAN_OF(dek)));
	CHECK_OK(fixture_open(&f), f.err);
	CHECK_OK(get(&f, "models/a", 1, &row), f.err);
	CHECK_INT(row.state, VS_KEY_DESTROYED);
	CHECK(!store_holds(&f, VS_SPAN_OF(dek)));
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_kek_newest_and_conflict);
	RUN(test_key_round_trip);
	RUN(test_versions_follow_each_other);
	RUN(test_add_keys_is_all_or_none);
	RUN(test_change_without_audit_does_not_happen);
	RUN(test_destroyed_is_final);
	RUN(test_scheduled_destruction);
	RUN(test_destroyed_records_leave_no_bytes);
	RUN(test_destroyed_before_a_crash);
	RUN(test_list_pages_by_name);
	RUN(test_versions_lists_one_name);
	RUN(test_full_arena_fails);
	RUN(test_state_names);
	return check_result();
}
