/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement that the store runs again and again: one table. */
#ifndef VS_STORE_SQL_H
#define VS_STORE_SQL_H

#define VS_SQL_KEY_COLS                                                        \
	"k.name, k.version, k.state, k.content_type, k.size, k.created_ms,"    \
	" k.destroyed_ms, e.version, k.kind, k.uses, k.max_uses, "             \
	"k.epoch_floor"
#define VS_SQL_KEY_FROM " FROM key AS k JOIN kek AS e ON e.id = k.kek_id"
#define VS_SQL_KEY_READ                                                        \
	"SELECT " VS_SQL_KEY_COLS                                              \
	", e.record, r.dek, r.payload" VS_SQL_KEY_FROM                         \
	" JOIN record AS r ON r.id = k.record_id"
#define VS_SQL_KEY_SCAN "SELECT " VS_SQL_KEY_COLS VS_SQL_KEY_FROM
#define VS_SQL_AUDIT_COLS                                                      \
	"seq, id, at_ms, action, outcome, class, code, peer, keys, mac"
#define VS_SQL_POLICY_COLS "name, version, hash, loaded_ms, file"
/* The records of the versions of ?1 (or the one version ?2) to destroy. */
#define VS_SQL_DOOMED                                                          \
	" WHERE id IN (SELECT record_id FROM key WHERE name = ?1"              \
	" AND (?2 = 0 OR version = ?2) AND state <> 3)"

/* clang-format off */
#define VS_SQL_TABLE(X)                                                        \
	X(BEGIN, "BEGIN IMMEDIATE")                                            \
	X(COMMIT, "COMMIT")                                                    \
	X(ROLLBACK, "ROLLBACK")                                                \
	X(SAVE, "SAVEPOINT op")                                                \
	X(SAVE_KEEP, "RELEASE op")                                             \
	X(SAVE_UNDO, "ROLLBACK TO op")                                         \
	X(PROBE, "INSERT INTO probe (id, pad) VALUES (1, randomblob(32768))"   \
	    " ON CONFLICT DO UPDATE SET pad = excluded.pad")                   \
	X(KEK_NEWEST, "SELECT version, record FROM kek WHERE ns = ?1"          \
	    " ORDER BY version DESC LIMIT 1")                                  \
	X(KEK_ID, "SELECT id, version = (SELECT max(version) FROM kek"         \
	    " WHERE ns = ?1) FROM kek WHERE ns = ?1 AND version = ?2")         \
	X(KEK_ADD, "INSERT INTO kek (ns, version, record, created_ms)"         \
	    " VALUES (?1, ?2, ?3, ?4)")                                        \
	X(KEK_USES, "UPDATE kek SET uses = uses + ?2 WHERE id = ?1")           \
	X(KEK_LIST, "SELECT ns, version, record, created_ms, retired_ms, uses" \
	    " FROM kek ORDER BY ns, version")                                  \
	X(KEK_RECORD, "UPDATE kek SET record = ?3"                             \
	    " WHERE ns = ?1 AND version = ?2 AND record = ?4")                 \
	X(KEK_OVERWRITE, "UPDATE kek SET record = zeroblob(length(record))"    \
	    " WHERE ns = ?1 AND version = ?2")                                 \
	X(KEK_RETIRE, "UPDATE kek SET record = x'', retired_ms = ?3"           \
	    " WHERE ns = ?1 AND version = ?2 AND version < (SELECT"            \
	    " max(version) FROM kek WHERE ns = ?1)")                           \
	/* ?1 and ?2: the namespace with '/' and with what follows it, '0'. */ \
	X(KEK_LEFT, "SELECT count(*) FROM key WHERE name > ?1 AND name < ?2"   \
	    " AND state <> 3 AND kek_id <> ?3")                                \
	X(KEK_IN_USE, "SELECT 1 FROM key WHERE name > ?1 AND name < ?2"        \
	    " AND state <> 3 AND kek_id = ?3 LIMIT 1")                         \
	X(REWRAP_NEXT, "SELECT k.name, k.version, k.size, k.kind, e.id,"       \
	    " e.version, e.record, r.id, r.dek" VS_SQL_KEY_FROM                \
	    " JOIN record AS r ON r.id = k.record_id"                          \
	    " WHERE (k.name, k.version) > (?1, ?2) AND k.name < ?3"            \
	    " AND k.state <> 3 AND k.kek_id <> ?4"                             \
	    " ORDER BY k.name, k.version LIMIT ?5")                            \
	X(REWRAP_DEK, "UPDATE record SET dek = ?2 WHERE id = ?1 AND dek = ?3") \
	X(REWRAP_KEY, "UPDATE key SET kek_id = ?4 WHERE name = ?1"             \
	    " AND version = ?2 AND kek_id = ?3")                               \
	X(KEY_HAS, "SELECT 1 FROM key WHERE name = ?1 AND version = ?2")       \
	X(RECORD_ADD, "INSERT INTO record (dek, payload) VALUES (?1, ?2)")     \
	X(KEY_ADD, "INSERT INTO key (name, version, state, content_type, size,"\
	    " created_ms, destroyed_ms, kek_id, record_id, kind, max_uses,"    \
	    " epoch_floor)"                                                    \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11)")       \
	X(KEY_MAY_USE, "SELECT max_uses, uses, epoch_floor FROM key"           \
	    " WHERE name = ?1 AND version = ?2 AND state IN (1, 4)")           \
	X(KEY_USE, "UPDATE key SET uses = uses + ?3"                           \
	    " WHERE name = ?1 AND version = ?2 AND max_uses > 0")              \
	X(KEY_CLOSE, "UPDATE key SET epoch_floor = max(epoch_floor, ?2)"       \
	    " WHERE name = ?1 AND kind = 1")                                   \
	X(KEY_NEWEST, VS_SQL_KEY_READ " WHERE k.name = ?1 AND k.state = 1"     \
	    " ORDER BY k.version DESC LIMIT 1")                                \
	X(KEY_VERSION, VS_SQL_KEY_READ                                         \
	    " WHERE k.name = ?1 AND k.version = ?2")                           \
	X(KEY_LIST, VS_SQL_KEY_SCAN " WHERE k.name >= ?1"                      \
	    " ORDER BY k.name, k.version")                                     \
	X(KEY_VERSIONS, VS_SQL_KEY_SCAN " WHERE k.name = ?1"                   \
	    " ORDER BY k.version")                                             \
	X(KEY_COUNT, "SELECT count(*), total(state <> 3), total(state = 5)"    \
	    " FROM key"                                                        \
	    " WHERE name = ?1 AND (?2 = 0 OR version = ?2)")                   \
	X(KEY_STATE, "UPDATE key SET state = ?3 WHERE name = ?1"               \
	    " AND (?2 = 0 OR version = ?2) AND state NOT IN (3, 5)")           \
	X(KEY_SCHEDULE, "UPDATE key SET state = 5, destroyed_ms = ?3"          \
	    " WHERE name = ?1 AND (?2 = 0 OR version = ?2) AND state <> 3")    \
	X(KEY_CANCEL, "UPDATE key SET state = 2, destroyed_ms = 0"             \
	    " WHERE name = ?1 AND (?2 = 0 OR version = ?2) AND state = 5")     \
	X(KEY_DUE, "SELECT name, version FROM key"                             \
	    " WHERE state = 5 AND destroyed_ms <= ?1"                          \
	    " ORDER BY destroyed_ms LIMIT ?2")                                 \
	X(KEY_IS_DUE, "SELECT 1 FROM key WHERE name = ?1 AND version = ?2"     \
	    " AND state = 5 AND destroyed_ms <= ?3")                           \
	X(KEY_OVERWRITE, "UPDATE record SET dek = zeroblob(length(dek)),"      \
	    " payload = zeroblob(length(payload))" VS_SQL_DOOMED)              \
	X(KEY_EMPTY, "UPDATE record SET dek = x'', payload = x''"              \
	    VS_SQL_DOOMED)                                                     \
	X(KEY_DESTROYED, "UPDATE key SET state = 3, destroyed_ms = ?3"         \
	    " WHERE name = ?1 AND (?2 = 0 OR version = ?2) AND state <> 3")    \
	X(NONCE_SPEND, "INSERT INTO nonce (nonce, expires_ms) VALUES (?1, ?2)" \
	    " ON CONFLICT DO NOTHING")                                         \
	X(NONCE_PRUNE, "DELETE FROM nonce WHERE nonce IN (SELECT nonce"        \
	    " FROM nonce WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)") \
	X(AUDIT_LAST, "SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1")  \
	X(AUDIT_ADD, "INSERT INTO audit (" VS_SQL_AUDIT_COLS ", detail)"       \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")          \
	X(AUDIT_LIST, "SELECT " VS_SQL_AUDIT_COLS " FROM audit"                \
	    " WHERE seq < ?1 AND (?2 = '' OR outcome = ?2)"                    \
	    " AND (?3 = '' OR action = ?3) AND (?4 = ''"                       \
	    " OR instr(',' || keys || ',', ',' || ?4 || ',') > 0"              \
	    " OR instr(',' || keys, ',' || ?4 || '@') > 0)"                    \
	    " ORDER BY seq DESC")                                              \
	X(AUDIT_CHAIN, "SELECT " VS_SQL_AUDIT_COLS ", detail FROM audit"       \
	    " WHERE seq >= ?1 ORDER BY seq")                                   \
	X(AUDIT_GET, "SELECT " VS_SQL_AUDIT_COLS ", detail FROM audit"         \
	    " WHERE id = ?1")                                                  \
	X(AUDIT_SCAN, "SELECT " VS_SQL_AUDIT_COLS ", detail FROM audit"        \
	    " WHERE seq > ?1 AND at_ms >= ?2 AND at_ms <= ?3"                  \
	    " AND (?4 = '' OR action = ?4) ORDER BY seq LIMIT ?5")             \
	X(AUDIT_COUNT, "SELECT count(*) FROM audit"                            \
	    " WHERE seq > ?1 AND at_ms >= ?2 AND at_ms <= ?3"                  \
	    " AND (?4 = '' OR action = ?4)")                                   \
	X(POLICY_NEWEST, "SELECT " VS_SQL_POLICY_COLS " FROM policy"           \
	    " WHERE name = ?1 ORDER BY version DESC LIMIT 1")                  \
	X(POLICY_VERSION, "SELECT " VS_SQL_POLICY_COLS ", text, signatures"    \
	    " FROM policy WHERE name = ?1 AND version = ?2")                   \
	X(POLICY_HASH, "SELECT " VS_SQL_POLICY_COLS ", text, signatures"       \
	    " FROM policy WHERE hash = ?1 LIMIT 1")                            \
	X(POLICY_LIST, "SELECT " VS_SQL_POLICY_COLS " FROM policy"             \
	    " WHERE ?1 = '' OR name = ?1 ORDER BY name, version DESC")         \
	X(POLICY_FROM, "SELECT version, hash FROM policy"                      \
	    " WHERE name = ?1 AND version >= ?2 ORDER BY version LIMIT 1")     \
	X(POLICY_ADD, "INSERT INTO policy (" VS_SQL_POLICY_COLS                \
	    ", text, signatures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")         \
	X(POLICY_SET, "SELECT hashes FROM policy_set WHERE digest = ?1")       \
	/* Never as late as another: the last one is known by it, also when   \
	 * the clock was set back. */                                         \
	X(POLICY_SET_ADD, "INSERT INTO policy_set (digest, loaded_ms, hashes)" \
	    " VALUES (?1, max(?2, (SELECT coalesce(max(loaded_ms), 0) + 1"     \
	    " FROM policy_set)), ?3)"                                          \
	    " ON CONFLICT DO UPDATE SET loaded_ms = excluded.loaded_ms")       \
	X(POLICY_SET_LAST, "SELECT digest FROM policy_set"                     \
	    " ORDER BY loaded_ms DESC LIMIT 1")                                \
	X(POLICY_PIN, "INSERT INTO policy_pin (name, version)"                 \
	    " SELECT name, version FROM policy"                                \
	    " WHERE name = ?1 AND version = ?2"                                \
	    " ON CONFLICT DO UPDATE SET version = excluded.version")           \
	X(POLICY_UNPIN, "DELETE FROM policy_pin WHERE name = ?1")              \
	X(POLICY_PINS, "SELECT name, version FROM policy_pin ORDER BY name")
/* clang-format on */

typedef enum vs_sql_id {
#define X(id, text) VS_SQL_##id,
	VS_SQL_TABLE(X)
#undef X
	    VS_SQL_COUNT
} vs_sql_id;

#endif
