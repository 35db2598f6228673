/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

/* "VSch": tells our files from other SQLite databases. */
#define APPLICATION_ID "1448305512"
enum { APPLICATION_ID_VALUE = 1448305512 };

/*
 * Records stand apart from the keys' metadata, in an append-only table:
 * lists do not read them, and destroying one overwrites it where it is,
 * without the page splits that would leave copies behind.
 */
static const char schema_1[] =
    "CREATE TABLE kek ("
    " id INTEGER PRIMARY KEY, ns TEXT NOT NULL, version INTEGER NOT NULL,"
    " record BLOB NOT NULL, UNIQUE (ns, version)) STRICT;"
    "CREATE TABLE record ("
    " id INTEGER PRIMARY KEY, dek BLOB NOT NULL, payload BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE key ("
    " name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
    " content_type TEXT NOT NULL, size INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, destroyed_ms INTEGER NOT NULL,"
    " kek_id INTEGER NOT NULL REFERENCES kek (id),"
    " record_id INTEGER NOT NULL REFERENCES record (id),"
    " PRIMARY KEY (name, version)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE nonce ("
    " nonce BLOB PRIMARY KEY NOT NULL CHECK (length(nonce) = 32),"
    " expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX nonce_expires ON nonce (expires_ms);"
    /* detail last: a scan of the others does not read its pages. */
    "CREATE TABLE audit ("
    " seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " at_ms INTEGER NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,"
    " class TEXT NOT NULL, code TEXT NOT NULL, peer TEXT NOT NULL,"
    " keys TEXT NOT NULL, mac BLOB NOT NULL CHECK (length(mac) = 32),"
    " detail TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER audit_keep BEFORE DELETE ON audit BEGIN"
    " SELECT RAISE (ABORT, 'the audit trail is append-only'); END;"
    "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN"
    " SELECT RAISE (ABORT, 'the audit trail is append-only'); END;"
    /* As much as a release writes: a disk with room for less is full. */
    "CREATE TABLE probe ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), pad BLOB NOT NULL) STRICT;";

/* Every version of a policy that was ever loaded stays: replays need it. */
static const char schema_2[] =
    "CREATE TABLE policy ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " version INTEGER NOT NULL CHECK (version > 0),"
    " hash BLOB NOT NULL CHECK (length(hash) = 32),"
    " loaded_ms INTEGER NOT NULL, file TEXT NOT NULL,"
    " signatures TEXT NOT NULL, text TEXT NOT NULL,"
    " UNIQUE (name, version)) STRICT;"
    "CREATE INDEX policy_hash ON policy (hash);"
    "CREATE TRIGGER policy_keep BEFORE DELETE ON policy BEGIN"
    " SELECT RAISE (ABORT, 'policies that were loaded stay'); END;"
    "CREATE TRIGGER policy_fixed BEFORE UPDATE ON policy BEGIN"
    " SELECT RAISE (ABORT, 'policies that were loaded stay'); END;"
    "CREATE TABLE policy_set ("
    " digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),"
    " loaded_ms INTEGER NOT NULL, hashes BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE policy_pin ("
    " name TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL,"
    " FOREIGN KEY (name, version) REFERENCES policy (name, version)"
    ") STRICT, WITHOUT ROWID;";

/*
 * Lists. The rows of a value are its history; the indexes keep two writers
 * from making two entries of one.
 */
static const char schema_3[] =
    "CREATE TABLE list_entry ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, list TEXT NOT NULL,"
    " value TEXT NOT NULL, kind TEXT NOT NULL,"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),"
    " labels TEXT NOT NULL, source TEXT NOT NULL, added_by TEXT NOT NULL,"
    " added_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " approvals TEXT NOT NULL, slsa_level INTEGER NOT NULL,"
    " builder TEXT NOT NULL, source_uri TEXT NOT NULL,"
    " source_ref TEXT NOT NULL, state_ms INTEGER NOT NULL,"
    " state_by TEXT NOT NULL, reason TEXT NOT NULL,"
    " change INTEGER NOT NULL) STRICT;"
    "CREATE INDEX list_entry_list ON list_entry (list);"
    "CREATE INDEX list_entry_value ON list_entry (list, value);"
    "CREATE UNIQUE INDEX list_entry_live ON list_entry (list, value)"
    " WHERE state IN (2, 3);"
    "CREATE UNIQUE INDEX list_entry_pending ON list_entry (list, value)"
    " WHERE state = 1;"
    "CREATE TABLE list_change ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL) STRICT;"
    "INSERT INTO list_change (id, n) VALUES (1, 0);"
    "CREATE TABLE ask ("
    " id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),"
    " action INTEGER NOT NULL CHECK (action BETWEEN 1 AND 3),"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),"
    " subject TEXT NOT NULL, value TEXT NOT NULL,"
    " entry INTEGER REFERENCES list_entry (id),"
    " need BLOB NOT NULL, asked_by TEXT NOT NULL, person TEXT NOT NULL,"
    " asked_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " window_ms INTEGER NOT NULL, closed_ms INTEGER NOT NULL,"
    " reason TEXT NOT NULL, detail TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX ask_open ON ask (action, subject, value)"
    " WHERE state = 1 OR (action = 3 AND state = 2);"
    "CREATE INDEX ask_expires ON ask (expires_ms)"
    " WHERE state = 1 OR (action = 3 AND state = 2);"
    "CREATE TABLE vote ("
    " ask BLOB NOT NULL REFERENCES ask (id), person TEXT NOT NULL,"
    " who TEXT NOT NULL, roles INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (ask, person)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE token ("
    " seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    " name TEXT NOT NULL, roles INTEGER NOT NULL, lists TEXT NOT NULL,"
    " kinds TEXT NOT NULL, person TEXT NOT NULL, made_by TEXT NOT NULL,"
    " made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " revoked_ms INTEGER NOT NULL, revoked_by TEXT NOT NULL) STRICT;";

/*
 * KEKs that are rotated, states with a waiting period, keys that may be used
 * so many times, and keys that others are derived from. The table of keys is
 * written anew, for SQLite cannot change a CHECK.
 */
static const char schema_4[] =
    "ALTER TABLE kek ADD COLUMN created_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE kek ADD COLUMN retired_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE kek ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;"
    "UPDATE kek SET uses = n FROM (SELECT kek_id, count(*) AS n FROM key"
    " GROUP BY kek_id) WHERE kek_id = id;"
    "CREATE TABLE key_4 ("
    " name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
    " content_type TEXT NOT NULL, size INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, destroyed_ms INTEGER NOT NULL,"
    " kek_id INTEGER NOT NULL REFERENCES kek (id),"
    " record_id INTEGER NOT NULL REFERENCES record (id),"
    " kind INTEGER NOT NULL DEFAULT 0 CHECK (kind BETWEEN 0 AND 1),"
    " uses INTEGER NOT NULL DEFAULT 0,"
    " max_uses INTEGER NOT NULL DEFAULT 0,"
    " epoch_floor INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (name, version)) STRICT, WITHOUT ROWID;"
    "INSERT INTO key_4 (name, version, state, content_type, size, created_ms,"
    " destroyed_ms, kek_id, record_id) SELECT name, version, state,"
    " content_type, size, created_ms, destroyed_ms, kek_id, record_id"
    " FROM key;"
    "DROP TABLE key;"
    "ALTER TABLE key_4 RENAME TO key;"
    "CREATE INDEX key_due ON key (destroyed_ms) WHERE state = 5;"
    /* See store/generation.h. */
    "CREATE TABLE generation ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT;";

/* migrations[v] leads from version v to v + 1. Never change one that was
 * released: add the next. */
static const char *const migrations[] = {
    schema_1, schema_2, schema_3, schema_4};
enum { SCHEMA_VERSION = sizeof migrations / sizeof migrations[0] };

static vs_status
check_owner(struct vs_db *db, int64_t version, struct vs_err *err)
{
	int64_t id = 0;
	int64_t objects = 0;

	VS_TRY(err, "open", vs_db_int(db, "PRAGMA application_id", &id, err));
	VS_TRY(err, "open",
	    vs_db_int(db, "SELECT count(*) FROM sqlite_schema", &objects, err));
	if (id == 0 && version == 0 && objects == 0)
		return VS_OK;
	if (id != APPLICATION_ID_VALUE)
		return vs_fail_code(err, VS_UNSUPPORTED, "store.foreign",
		    "store: the file is a database of another program");
	return VS_OK;
}

static vs_status
step_up(struct vs_db *db, int64_t from, struct vs_err *err)
{
	char set[64];

	VS_TRY(err, "migration", vs_db_exec(db, migrations[from], err));
	(void)snprintf(set, sizeof set, "PRAGMA user_version = %d",
	    (int)from + 1); /* fits */
	return vs_db_exec(db, set, err);
}

/* Inside one exclusive transaction: two openers migrate once. */
static vs_status
migrate(struct vs_db *db, struct vs_err *err)
{
	int64_t version = 0;

	VS_TRY(
	    err, "open", vs_db_int(db, "PRAGMA user_version", &version, err));
	VS_TRY(err, "open", check_owner(db, version, err));
	if (version > SCHEMA_VERSION || version < 0)
		return vs_fail_code(err, VS_UNSUPPORTED, "store.newer",
		    "store: schema version %lld is newer than this program "
		    "knows (%d)",
		    (long long)version, (int)SCHEMA_VERSION);
	if (version == SCHEMA_VERSION)
		return VS_OK;
	VS_TRY(err, "open",
	    vs_db_exec(db, "PRAGMA application_id = " APPLICATION_ID, err));
	for (; version < SCHEMA_VERSION; version++)
		VS_TRY(err, "open", step_up(db, version, err));
	return VS_OK;
}

static vs_status
set_wal(struct vs_db *db, struct vs_err *err)
{
	sqlite3_stmt *set = NULL;
	int rc = sqlite3_prepare_v2(
	    db->db, "PRAGMA journal_mode = WAL", -1, &set, NULL);
	bool wal = false;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(set);
	if (rc == SQLITE_ROW) {
		const unsigned char *mode = sqlite3_column_text(set, 0);

		wal = mode != NULL && strcmp((const char *)mode, "wal") == 0;
	}
	(void)sqlite3_finalize(set); /* repeats the error of the step */
	if (rc != SQLITE_ROW)
		return vs_db_fail(db, rc, "WAL mode", err);
	if (!wal)
		return vs_fail_code(err, VS_UNAVAILABLE, "store.io",
		    "store: the file system does not allow WAL mode");
	return VS_OK;
}

vs_status
vs_schema_require(struct vs_db *db, struct vs_err *err)
{
	int64_t version = 0, id = 0;

	VS_TRY(
	    err, "open", vs_db_int(db, "PRAGMA user_version", &version, err));
	VS_TRY(err, "open", vs_db_int(db, "PRAGMA application_id", &id, err));
	if (id != APPLICATION_ID_VALUE)
		return vs_fail_code(err, VS_UNSUPPORTED, "store.foreign",
		    "store: the file is a database of another program");
	if (version != SCHEMA_VERSION)
		return vs_fail_code(err, VS_UNSUPPORTED, "store.version",
		    "store: schema version %lld, not %d: only the daemon "
		    "migrates it",
		    (long long)version, (int)SCHEMA_VERSION);
	return VS_OK;
}

vs_status
vs_schema_migrate(struct vs_db *db, struct vs_err *err)
{
	vs_status st;

	VS_TRY(err, "open", vs_db_exec(db, "BEGIN EXCLUSIVE", err));
	st = migrate(db, err);
	if (st == VS_OK)
		st = vs_db_exec(db, "COMMIT", err);
	if (st != VS_OK) {
		/* The first failure is the one to tell. */
		(void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
		return st;
	}
	return set_wal(db, err);
}
