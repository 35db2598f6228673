/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/generation.h"
#include "store/schema.h"

enum { STEP_PAGES = 1024, PATH_BYTES = 1024, BUSY_TRIES = 50, BUSY_MS = 100 };

static vs_status
refuse(struct vs_err *err, const char *path, const char *what)
{
	return vs_fail_code(err,
	    errno == ENOSPC || errno == EDQUOT ? VS_DISK_FULL : VS_UNAVAILABLE,
	    "store.io", "%.100s: %s: errno %d", path, what, errno);
}

static vs_status
exists(struct vs_err *err, const char *path)
{
	return vs_fail(err, VS_CONFLICT,
	    "%.100s: is there already, and is not overwritten", path);
}

struct count {
	const char *sql;
	size_t at; /* in struct vs_backup */
};

static const struct count counts[] = {
    {"PRAGMA user_version", offsetof(struct vs_backup, schema)},
    {"SELECT count(DISTINCT name) FROM key", offsetof(struct vs_backup, names)},
    {"SELECT count(*) FROM key", offsetof(struct vs_backup, keys)},
    {"SELECT count(*) FROM kek", offsetof(struct vs_backup, keks)},
    {"SELECT count(*) FROM policy", offsetof(struct vs_backup, policies)},
    {"SELECT count(*) FROM audit", offsetof(struct vs_backup, audit)},
    {"SELECT coalesce(max(seq), 0) FROM audit",
	offsetof(struct vs_backup, head_seq)},
};

static vs_status
read_head(struct vs_db *db, struct vs_backup *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_AUDIT_LAST);
	bool row = false;

	VS_TRY(err, "head", vs_query_step(&q, &row, err));
	if (row && vs_query_get_n(&q, 1, out->head, sizeof out->head) != VS_OK)
		return vs_fail_code(err, VS_UNAVAILABLE, "store.corrupt",
		    "the last record's MAC");
	return VS_OK;
}

static vs_status
count(struct vs_db *db, struct vs_backup *out, struct vs_err *err)
{
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		int64_t v = 0;

		VS_TRY(err, "count", vs_db_int(db, counts[i].sql, &v, err));
		memcpy((char *)out + counts[i].at, &v, sizeof v);
	}
	return read_head(db, out, err);
}

/* One transaction holds the snapshot, or a commit of the daemon would make
 * SQLite begin the copy anew, and under load it would never end. */
static int
copy_pages(
    struct vs_db *from, struct vs_db *to, const struct vs_backup_options *opt)
{
	sqlite3_backup *b =
	    sqlite3_backup_init(to->db, "main", from->db, "main");
	int tries = 0;
	int rc;

	if (b == NULL)
		return sqlite3_errcode(to->db);
	do {
		rc = sqlite3_backup_step(b, STEP_PAGES);
		if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
			(void)sqlite3_sleep(BUSY_MS);
		else if (opt->progress != NULL)
			opt->progress(opt->ctx,
			    sqlite3_backup_pagecount(b) -
				sqlite3_backup_remaining(b),
			    sqlite3_backup_pagecount(b));
	} while (rc == SQLITE_OK ||
	    ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) &&
		++tries < BUSY_TRIES));
	(void)sqlite3_backup_finish(b); /* rc has what matters */
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A file of its own, without a WAL beside it; no longer the database that
 * was last served. */
static vs_status
mark(struct vs_db *to, struct vs_err *err)
{
	char sql[96];

	VS_TRY(
	    err, "copy", vs_db_exec(to, "PRAGMA journal_mode = DELETE", err));
	(void)snprintf(sql, sizeof sql,
	    "UPDATE generation SET value = %d WHERE value <> 0",
	    (int)VS_GENERATION_COPY); /* fits */
	return vs_db_exec(to, sql, err);
}

static vs_status
copy_open(struct vs_db *from, const char *temp,
    const struct vs_backup_options *opt, struct vs_err *err)
{
	struct vs_db to;
	vs_status st;
	int rc;

	VS_TRY(err, temp, vs_db_open(&to, temp, VS_DB_WRITER, err));
	rc = copy_pages(from, &to, opt);
	st =
	    rc == SQLITE_OK ? mark(&to, err) : vs_db_fail(&to, rc, "copy", err);
	vs_db_close(&to);
	return st;
}

static vs_status
snapshot(struct vs_db *from, const char *temp,
    const struct vs_backup_options *opt, struct vs_backup *have,
    struct vs_err *err)
{
	VS_TRY(err, "begin", vs_db_exec(from, "BEGIN", err));
	VS_TRY(err, opt->from, count(from, have, err));
	VS_TRY(err, "copy", copy_open(from, temp, opt, err));
	return vs_db_exec(from, "COMMIT", err);
}

static vs_status
read_from(const char *temp, const struct vs_backup_options *opt,
    struct vs_backup *have, struct vs_err *err)
{
	struct vs_db from;
	vs_status st;

	VS_TRY(err, opt->from, vs_db_open(&from, opt->from, VS_DB_READER, err));
	st = vs_schema_require(&from, err);
	if (st == VS_OK)
		st = snapshot(&from, temp, opt, have, err);
	vs_db_close(&from); /* ends the transaction too */
	return st;
}

/* Of the whole file: pages, rows, indexes, and that no row is orphaned. */
static vs_status
check(struct vs_db *db, struct vs_err *err)
{
	int64_t wrong = 0;

	VS_TRY(err, "integrity",
	    vs_db_int(db,
		"SELECT count(*) FROM pragma_integrity_check"
		" WHERE integrity_check <> 'ok'",
		&wrong, err));
	if (wrong == 0)
		VS_TRY(err, "integrity",
		    vs_db_int(db,
			"SELECT count(*) FROM pragma_foreign_key_check", &wrong,
			err));
	if (wrong != 0)
		return vs_fail_code(err, VS_UNAVAILABLE, "store.corrupt",
		    "the copy is damaged, and so may be the database");
	return vs_schema_require(db, err);
}

static vs_status
verify(const char *temp, const struct vs_backup *have, struct vs_backup *out,
    struct vs_err *err)
{
	struct vs_backup got = {0};
	struct vs_db db;
	struct stat st;
	vs_status rc;

	VS_TRY(err, temp, vs_db_open(&db, temp, VS_DB_READER, err));
	rc = check(&db, err);
	if (rc == VS_OK)
		rc = count(&db, &got, err);
	vs_db_close(&db);
	VS_TRY(err, "the copy, read back", rc);
	if (memcmp(&got, have, sizeof got) != 0)
		return vs_fail(err, VS_INTERNAL,
		    "the copy does not hold what the database does");
	if (stat(temp, &st) != 0)
		return refuse(err, temp, "cannot be read");
	*out = got;
	out->bytes = st.st_size;
	return VS_OK;
}

static int
sync_at(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	(void)close(fd); /* only synced */
	return rc;
}

static int
sync_parent(const char *path)
{
	char dir[PATH_BYTES];
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return sync_at(".", O_RDONLY | O_DIRECTORY);
	if (slash == path)
		return sync_at("/", O_RDONLY | O_DIRECTORY);
	(void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
	return sync_at(dir, O_RDONLY | O_DIRECTORY);
}

/* link, not rename: never over a file that is there. */
static vs_status
publish(const char *temp, const char *path, struct vs_err *err)
{
	if (sync_at(temp, O_RDONLY) != 0)
		return refuse(err, path, "cannot be written");
	if (link(temp, path) != 0)
		return errno == EEXIST ? exists(err, path)
				       : refuse(err, path, "cannot be named");
	if (sync_parent(path) != 0)
		return refuse(err, path, "cannot be written");
	return VS_OK;
}

static vs_status
make_temp(const char *path, char temp[PATH_BYTES], struct vs_err *err)
{
	int n = snprintf(temp, PATH_BYTES, "%s.XXXXXX", path);
	int fd;

	if (n < 0 || n >= PATH_BYTES - 16)
		return vs_fail(err, VS_USAGE, "the path is too long");
	fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return refuse(err, path, "cannot be created");
	(void)close(fd); /* nothing was written */
	return VS_OK;
}

static void
remove_temp(const char *temp)
{
	char journal[PATH_BYTES + 16];

	(void)unlink(temp); /* its other name is what counts */
	(void)snprintf(journal, sizeof journal, "%s-journal", temp);
	(void)unlink(journal); /* there is none after a good end */
}

vs_status
vs_store_backup(const struct vs_backup_options *opt, struct vs_backup *out,
    struct vs_err *err)
{
	struct vs_backup have = {0}, got = {0};
	char temp[PATH_BYTES];
	vs_status st;

	if (access(opt->to, F_OK) == 0)
		return exists(err, opt->to); /* before all the work */
	VS_TRY(err, "backup", make_temp(opt->to, temp, err));
	st = read_from(temp, opt, &have, err);
	if (st == VS_OK)
		st = verify(temp, &have, &got, err);
	if (st == VS_OK)
		st = publish(temp, opt->to, err);
	remove_temp(temp);
	if (st == VS_OK)
		*out = got;
	return st;
}
