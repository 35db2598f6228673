/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, reopening, and the files that are refused. */
#include <sqlite3.h>

#include "store/sql.h"
#include "store_fixture.h"

static void
raw(struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(f->path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int64_t
raw_int(struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int64_t v = -1;

	CHECK_INT(sqlite3_open(f->path, &db), SQLITE_OK);
	if (CHECK_INT(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK) &&
	    CHECK_INT(sqlite3_step(st), SQLITE_ROW))
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

static void
test_open_creates_private_file(void)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	struct fixture f;
	struct stat st;

	fixture_init(&f);
	add_kek(&f, "models");
	for (size_t i = 0; i < 3; i++) {
		char path[128];

		(void)snprintf(path, sizeof path, "%s%s", f.path, tails[i]);
		CHECK_INT(stat(path, &st), 0);
		CHECK_INT(st.st_mode & 0777, 0600);
	}
	vs_store_close(&f.s);
	CHECK(f.s == NULL);
	vs_store_close(&f.s);
	CHECK_INT(raw_int(&f, "PRAGMA user_version"), 4);
	CHECK_INT(raw_int(&f, "PRAGMA application_id"), 0x56536368);
	fixture_fini(&f);
}

static void
test_open_narrows_wide_mode(void)
{
	struct fixture f;
	struct stat st;

	fixture_init(&f);
	vs_store_close(&f.s);
	CHECK_INT(chmod(f.path, 0644), 0);
	CHECK_OK(fixture_open(&f), f.err);
	CHECK_INT(stat(f.path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	fixture_fini(&f);
}

static void
test_reopen_keeps_all(void)
{
	struct fixture f;
	struct vs_key_row row;

	fixture_init(&f);
	add_kek(&f, "models");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_OK(commit(&f, 1, NULL), f.err);
	CHECK_OK(fixture_reopen(&f), f.err);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/a"), 1, &f.a, &row, &f.err),
	    f.err);
	CHECK_OK(commit(&f, 2, NULL), f.err);
	CHECK_INT(check_chain(&f), 2);
	fixture_fini(&f);
}

/* What schema 2 had of keys and KEKs. */
static void
step_down(struct fixture *f)
{
	raw(f,
	    "CREATE TABLE key_2 ("
	    " name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),"
	    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
	    " content_type TEXT NOT NULL, size INTEGER NOT NULL,"
	    " created_ms INTEGER NOT NULL, destroyed_ms INTEGER NOT NULL,"
	    " kek_id INTEGER NOT NULL REFERENCES kek (id),"
	    " record_id INTEGER NOT NULL REFERENCES record (id),"
	    " PRIMARY KEY (name, version)) STRICT, WITHOUT ROWID;"
	    "INSERT INTO key_2 SELECT name, version, state, content_type,"
	    " size, created_ms, destroyed_ms, kek_id, record_id FROM key;"
	    "DROP TABLE key; ALTER TABLE key_2 RENAME TO key;"
	    "ALTER TABLE kek DROP COLUMN created_ms;"
	    "ALTER TABLE kek DROP COLUMN retired_ms;"
	    "ALTER TABLE kek DROP COLUMN uses;"
	    "DROP TABLE generation;"
	    "PRAGMA user_version = 3");
}

static void
test_keys_come_along_from_schema_3(void)
{
	struct fixture f;
	struct vs_key_row row = {0};

	fixture_init(&f);
	add_kek(&f, "models");
	add_kek(&f, "other");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	CHECK_OK(add_key(&f, "models/a", 2), f.err);
	CHECK_OK(add_key(&f, "models/b", 1), f.err);
	CHECK_OK(vs_store_key_state(f.s, VS_SPAN_LIT("models/a"), 1,
		     VS_KEY_DESTROYED, 77, &f.err),
	    f.err);
	vs_store_close(&f.s);
	step_down(&f);
	CHECK_OK(fixture_open(&f), f.err);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/a"), 0, &f.a, &row, &f.err),
	    f.err);
	CHECK_INT(row.version, 2);
	CHECK(vs_span_is(row.dek, "a wrapped dek"));
	CHECK(row.kind == VS_KIND_KEY && row.max_uses == 0);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/a"), 1, &f.a, &row, &f.err),
	    f.err);
	CHECK_INT(row.state, VS_KEY_DESTROYED);
	CHECK_INT(row.destroyed_ms, 77);
	CHECK_INT(raw_int(&f, "SELECT uses FROM kek WHERE ns = 'models'"), 3);
	CHECK_INT(raw_int(&f, "SELECT uses FROM kek WHERE ns = 'other'"), 0);
	CHECK_OK(add_key(&f, "models/c", 1), f.err);
	fixture_fini(&f);
}

static void
test_open_newer_schema_refused(void)
{
	struct fixture f;

	fixture_init(&f);
	vs_store_close(&f.s);
	raw(&f, "PRAGMA user_version = 1000");
	CHECK_INT(fixture_open(&f), VS_UNSUPPORTED);
	CHECK_STR(f.err.code, "store.newer");
	CHECK(f.s == NULL);
	CHECK_INT(raw_int(&f, "PRAGMA user_version"), 1000);
	fixture_fini(&f);
}

static void
test_open_foreign_database_refused(void)
{
	struct fixture f;

	fixture_init_at(&f, "/tmp");
	raw(&f, "CREATE TABLE t (x); PRAGMA user_version = 1");
	CHECK_INT(fixture_open(&f), VS_UNSUPPORTED);
	CHECK_STR(f.err.code, "store.foreign");
	CHECK_INT(raw_int(&f, "SELECT count(*) FROM sqlite_schema"), 1);
	fixture_fini(&f);
}

static void
test_open_unversioned_tables_refused(void)
{
	struct fixture f;

	fixture_init_at(&f, "/tmp");
	raw(&f, "CREATE TABLE t (x)");
	CHECK_INT(fixture_open(&f), VS_UNSUPPORTED);
	CHECK_STR(f.err.code, "store.foreign");
	fixture_fini(&f);
}

static void
test_open_other_file_refused(void)
{
	struct fixture f;
	FILE *o;

	fixture_init_at(&f, "/tmp");
	o = fopen(f.path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("not a database\n", o);
	fclose(o);
	CHECK_INT(fixture_open(&f), VS_UNSUPPORTED);
	CHECK_STR(f.err.code, "store.foreign");
	fixture_fini(&f);
}

static void
test_open_missing_folder_fails(void)
{
	struct fixture f;

	fixture_init_at(&f, "/tmp");
	(void)snprintf(f.path, sizeof f.path, "%s/no/store.db", f.dir);
	CHECK_INT(fixture_open(&f), VS_UNAVAILABLE);
	CHECK(strstr(f.err.msg, "/no/store.db") != NULL);
	fixture_fini(&f);
}

static void
test_probe_writes(void)
{
	struct fixture f;

	fixture_init(&f);
	CHECK_OK(vs_store_probe(f.s, &f.err), f.err);
	CHECK_OK(vs_store_probe(f.s, &f.err), f.err);
	vs_store_close(&f.s);
	CHECK_INT(raw_int(&f, "SELECT count(*) FROM probe"), 1);
	CHECK_INT(raw_int(&f, "SELECT length(pad) FROM probe"), 32768);
	fixture_fini(&f);
}

static void
test_audit_rows_cannot_be_changed(void)
{
	struct fixture f;
	sqlite3 *db = NULL;

	fixture_init(&f);
	CHECK_OK(commit(&f, 1, NULL), f.err);
	CHECK_INT(sqlite3_open(f.path, &db), SQLITE_OK);
	CHECK(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL, NULL) !=
	    SQLITE_OK);
	CHECK(sqlite3_exec(db, "UPDATE audit SET peer = 'x'", NULL, NULL,
		  NULL) != SQLITE_OK);
	sqlite3_close(db);
	fixture_fini(&f);
}

static const char *const all_sql[] = {
#define X(id, text) [VS_SQL_##id] = (text),
    VS_SQL_TABLE(X)
#undef X
};

static bool
scans(sqlite3 *db, const char *sql)
{
	char q[1024];
	sqlite3_stmt *st = NULL;
	bool bad = false;

	(void)snprintf(q, sizeof q, "EXPLAIN QUERY PLAN %s", sql);
	CHECK_INT(sqlite3_prepare_v2(db, q, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *plan = (const char *)sqlite3_column_text(st, 3);

		bad = bad || strncmp(plan, "SCAN", 4) == 0 ||
		    strstr(plan, "TEMP B-TREE") != NULL;
	}
	sqlite3_finalize(st);
	return bad;
}

/* What costs the same for 10 keys and for a million. */
static void
test_plans_use_indexes(void)
{
	static const vs_sql_id ids[] = {VS_SQL_KEK_NEWEST, VS_SQL_KEK_ID,
	    VS_SQL_KEY_HAS, VS_SQL_KEY_NEWEST, VS_SQL_KEY_VERSION,
	    VS_SQL_KEY_LIST, VS_SQL_KEY_VERSIONS, VS_SQL_KEY_COUNT,
	    VS_SQL_KEY_STATE, VS_SQL_KEY_OVERWRITE, VS_SQL_KEY_EMPTY,
	    VS_SQL_KEY_DESTROYED, VS_SQL_NONCE_PRUNE, VS_SQL_AUDIT_GET};
	struct fixture f;
	sqlite3 *db = NULL;

	fixture_init(&f);
	CHECK_INT(sqlite3_open(f.path, &db), SQLITE_OK);
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		if (!CHECK(!scans(db, all_sql[ids[i]])))
			fprintf(stderr, "  %s\n", all_sql[ids[i]]);
	/* The check itself can fail. */
	CHECK(scans(db, "SELECT * FROM key WHERE size = 1"));
	sqlite3_close(db);
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_open_creates_private_file);
	RUN(test_open_narrows_wide_mode);
	RUN(test_reopen_keeps_all);
	RUN(test_keys_come_along_from_schema_3);
	RUN(test_open_newer_schema_refused);
	RUN(test_open_foreign_database_refused);
	RUN(test_open_unversioned_tables_refused);
	RUN(test_open_other_file_refused);
	RUN(test_open_missing_folder_fails);
	RUN(test_probe_writes);
	RUN(test_audit_rows_cannot_be_changed);
	RUN(test_plans_use_indexes);
	return check_result();
}
