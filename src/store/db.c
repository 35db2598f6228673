/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* How long a statement waits for another process that holds the lock. */
enum { BUSY_MS = 5000 };

static const char *const sql_text[VS_SQL_COUNT] = {
#define X(id, text) [VS_SQL_##id] = (text),
    VS_SQL_TABLE(X)
#undef X
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_rc = SQLITE_ERROR;

/* Process-wide and before the first connection: no global memory counter
 * (its mutex is contended), and a path is a path, never a URI. */
static void
configure(void)
{
	int rc = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);

	if (rc == SQLITE_OK)
		rc = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_config(SQLITE_CONFIG_URI, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_initialize();
	once_rc = rc;
}

struct mapping {
	int rc; /* primary result code of SQLite */
	vs_status st;
	const char *code;
};

static const struct mapping mappings[] = {
    {SQLITE_FULL, VS_DISK_FULL, "store.full"},
    {SQLITE_BUSY, VS_UNAVAILABLE, "store.busy"},
    {SQLITE_LOCKED, VS_UNAVAILABLE, "store.busy"},
    {SQLITE_PROTOCOL, VS_UNAVAILABLE, "store.busy"},
    {SQLITE_IOERR, VS_UNAVAILABLE, "store.io"},
    {SQLITE_CANTOPEN, VS_UNAVAILABLE, "store.io"},
    {SQLITE_READONLY, VS_UNAVAILABLE, "store.io"},
    {SQLITE_PERM, VS_UNAVAILABLE, "store.io"},
    {SQLITE_CORRUPT, VS_UNAVAILABLE, "store.corrupt"},
    {SQLITE_NOTADB, VS_UNSUPPORTED, "store.foreign"},
    {SQLITE_NOMEM, VS_NO_MEMORY, "store.memory"},
    {SQLITE_CONSTRAINT, VS_CONFLICT, "store.conflict"},
    {SQLITE_TOOBIG, VS_TOO_LARGE, "store.size"},
};

static struct mapping
map(sqlite3 *db, int rc)
{
	int primary = rc & 0xff;

	/* A write that found no space may be told as an I/O error. */
	if (primary == SQLITE_IOERR && db != NULL) {
		int e = sqlite3_system_errno(db);

		if (e == ENOSPC || e == EDQUOT)
			primary = SQLITE_FULL;
	}
	for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++)
		if (mappings[i].rc == primary)
			return mappings[i];
	return (struct mapping){rc, VS_INTERNAL, "store.internal"};
}

vs_status
vs_db_fail(struct vs_db *db, int rc, const char *what, struct vs_err *err)
{
	struct mapping m = map(db->db, rc);
	bool own = db->db != NULL && sqlite3_errcode(db->db) == rc;

	return vs_fail_code(err, m.st, m.code, "store: %s: %s", what,
	    own ? sqlite3_errmsg(db->db) : sqlite3_errstr(rc));
}

vs_status
vs_db_exec(struct vs_db *db, const char *sql, struct vs_err *err)
{
	int rc = sqlite3_exec(db->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? VS_OK : vs_db_fail(db, rc, "exec", err);
}

vs_status
vs_db_int(struct vs_db *db, const char *sql, int64_t *out, struct vs_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st); /* repeats the error of the step */
	return rc == SQLITE_ROW ? VS_OK : vs_db_fail(db, rc, "query", err);
}

struct switch_row {
	int op;
	int on;
};

/* A hostile database file must not run code or break the file format. */
static const struct switch_row switches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
};

static vs_status
set_up(struct vs_db *db, vs_db_role role, struct vs_err *err)
{
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
		int now = -1;
		int rc = sqlite3_db_config(
		    db->db, switches[i].op, switches[i].on, &now);

		if (rc != SQLITE_OK || now != switches[i].on)
			return vs_fail(err, VS_INTERNAL,
			    "store: SQLite refuses option %d", switches[i].op);
	}
	(void)sqlite3_busy_timeout(db->db, BUSY_MS); /* cannot fail */
	/* Small caches: the kernel's page cache is shared, ours is not. */
	VS_TRY(err, "pragmas",
	    vs_db_exec(db,
		"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		"PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
		"PRAGMA mmap_size = 0;",
		err));
	if (role == VS_DB_READER)
		return vs_db_exec(db,
		    "PRAGMA cache_size = -128; PRAGMA query_only = ON;", err);
	return vs_db_exec(db,
	    "PRAGMA cache_size = -2048; PRAGMA wal_autocheckpoint = 4000;"
	    "PRAGMA journal_size_limit = 33554432;",
	    err);
}

vs_status
vs_db_open(
    struct vs_db *db, const char *path, vs_db_role role, struct vs_err *err)
{
	vs_status st;
	int rc;

	*db = (struct vs_db){0};
	(void)pthread_once(&once, configure);
	if (once_rc != SQLITE_OK)
		return vs_db_fail(db, once_rc, "set-up of SQLite", err);
	rc = sqlite3_open_v2(path, &db->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	st = rc == SQLITE_OK ? set_up(db, role, err)
			     : vs_db_fail(db, rc, "open", err);
	if (st != VS_OK)
		vs_db_close(db);
	return st;
}

void
vs_db_close(struct vs_db *db)
{
	for (size_t i = 0; i < VS_SQL_COUNT; i++)
		(void)sqlite3_finalize(db->st[i]); /* NULL is legal */
	(void)sqlite3_close(db->db); /* nothing is left open on it */
	*db = (struct vs_db){0};
}

struct vs_query
vs_query_of(struct vs_db *db, vs_sql_id id)
{
	struct vs_query q = {.db = db, .rc = SQLITE_OK};

	if (db->st[id] == NULL)
		q.rc = sqlite3_prepare_v3(db->db, sql_text[id], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->st[id], NULL);
	q.st = db->st[id];
	return q;
}

void
vs_query_end(struct vs_query *q)
{
	if (q->st == NULL)
		return;
	(void)sqlite3_reset(q->st); /* repeats the error of the step */
	(void)sqlite3_clear_bindings(q->st);
	q->st = NULL;
}

void
vs_query_int(struct vs_query *q, int at, int64_t v)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_int64(q->st, at, v);
}

/* A NULL pointer would bind the value NULL. */
static const char *
bytes_of(struct vs_span v)
{
	return v.n == 0 ? "" : (const char *)v.p;
}

void
vs_query_text(struct vs_query *q, int at, struct vs_span v)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_text64(
		    q->st, at, bytes_of(v), v.n, SQLITE_STATIC, SQLITE_UTF8);
}

void
vs_query_blob(struct vs_query *q, int at, struct vs_span v)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_blob64(
		    q->st, at, bytes_of(v), v.n, SQLITE_STATIC);
}

vs_status
vs_query_step(struct vs_query *q, bool *row, struct vs_err *err)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_step(q->st);
	if (q->rc != SQLITE_ROW && q->rc != SQLITE_DONE)
		return vs_db_fail(q->db, q->rc, "statement", err);
	*row = q->rc == SQLITE_ROW;
	q->rc = SQLITE_OK;
	return VS_OK;
}

vs_status
vs_query_run(struct vs_query *q, struct vs_err *err)
{
	bool row = false;

	return vs_query_step(q, &row, err);
}

int64_t
vs_query_get_int(struct vs_query *q, int col)
{
	return sqlite3_column_int64(q->st, col);
}

vs_status
vs_query_peek(struct vs_query *q, int col, struct vs_span *out)
{
	/* The pointer first: it may convert, and then the length is right. */
	const void *p = sqlite3_column_blob(q->st, col);
	int n = sqlite3_column_bytes(q->st, col);

	if (n < 0 || (p == NULL && n > 0) ||
	    sqlite3_errcode(q->db->db) == SQLITE_NOMEM)
		return VS_NO_MEMORY;
	*out = VS_SPAN(p, (size_t)n);
	return VS_OK;
}

vs_status
vs_query_get_n(struct vs_query *q, int col, uint8_t *out, size_t n)
{
	struct vs_span v = {0};
	vs_status st = vs_query_peek(q, col, &v);

	if (st != VS_OK)
		return st;
	if (v.n != n)
		return VS_INTERNAL;
	memcpy(out, v.p, n);
	return VS_OK;
}

vs_status
vs_query_get(
    struct vs_query *q, int col, struct vs_arena *a, struct vs_span *out)
{
	struct vs_span v = {0};
	vs_status st = vs_query_peek(q, col, &v);

	return st != VS_OK ? st : vs_arena_dup(a, v, out);
}
