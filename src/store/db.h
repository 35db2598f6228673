/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SQLite connection with its prepared statements, and queries on it.
 * Internal to store/. A connection belongs to one thread at a time.
 */
#ifndef VS_STORE_DB_H
#define VS_STORE_DB_H

#include <sqlite3.h>

#include "base/arena.h"
#include "store/sql.h"

struct vs_db {
	sqlite3 *db;
	sqlite3_stmt *st[VS_SQL_COUNT]; /* prepared at first use */
};

typedef enum vs_db_role { VS_DB_READER, VS_DB_WRITER } vs_db_role;

/* The file must exist. On failure *db is closed again. */
VS_MUST_USE vs_status vs_db_open(
    struct vs_db *db, const char *path, vs_db_role role, struct vs_err *err);
void vs_db_close(struct vs_db *db);

/* Fills err from the connection's last failure, whose code is rc. */
vs_status vs_db_fail(
    struct vs_db *db, int rc, const char *what, struct vs_err *err);
/* SQL of ours without parameters or results. */
VS_MUST_USE vs_status vs_db_exec(
    struct vs_db *db, const char *sql, struct vs_err *err);
/* A pragma or query with one integer as its result. */
VS_MUST_USE vs_status vs_db_int(
    struct vs_db *db, const char *sql, int64_t *out, struct vs_err *err);

/*
 * One run of a statement. A failure of a bind is kept and reported by the
 * step. Bound bytes are borrowed until the query ends. VS_QUERY ends it at
 * scope exit, which also ends the read transaction.
 */
struct vs_query {
	struct vs_db *db;
	sqlite3_stmt *st;
	int rc;
};
#define VS_QUERY __attribute__((cleanup(vs_query_end))) struct vs_query

struct vs_query vs_query_of(struct vs_db *db, vs_sql_id id);
void vs_query_end(struct vs_query *q);
void vs_query_int(struct vs_query *q, int at, int64_t v);
void vs_query_text(struct vs_query *q, int at, struct vs_span v);
void vs_query_blob(struct vs_query *q, int at, struct vs_span v);
VS_MUST_USE vs_status vs_query_step(
    struct vs_query *q, bool *row, struct vs_err *err);
/* For a statement without rows. */
VS_MUST_USE vs_status vs_query_run(struct vs_query *q, struct vs_err *err);

int64_t vs_query_get_int(struct vs_query *q, int col);
/* Exactly n bytes, else VS_INTERNAL: the column was written by us. */
VS_MUST_USE vs_status vs_query_get_n(
    struct vs_query *q, int col, uint8_t *out, size_t n);
/* Borrowed until the next step or the end of the query. */
VS_MUST_USE vs_status vs_query_peek(
    struct vs_query *q, int col, struct vs_span *out);
/* A copy in the arena. */
VS_MUST_USE vs_status vs_query_get(
    struct vs_query *q, int col, struct vs_arena *a, struct vs_span *out);

#endif
