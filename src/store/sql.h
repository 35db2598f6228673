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
#define VS_SQL_ENTRY_COLS                                                      \
	"id, list, value, kind, state, labels, source, added_by, added_ms,"    \
	" expires_ms, approvals, slsa_level, builder, source_uri, source_ref," \
	" state_ms, state_by, reason, change"
#define VS_SQL_ASK_COLS                                                        \
	"id, action, state, subject, value, coalesce(entry, 0), need,"         \
	" asked_by, person, asked_ms, expires_ms, window_ms, closed_ms, "      \
	"reason"
/* The records of the versions of ?1 (or the one version ?2) to destroy. */
#define VS_SQL_DOOMED                                                          \
	" WHERE id IN (SELECT record_id FROM key WHERE name = ?1"              \
	" AND (?2 = 0 OR version = ?2) AND state <> 3)"

#define VS_SQL_TOKEN_COLS                                                      \
	"id, hash, name, roles, lists, kinds, person, made_by, made_ms,"       \
	" expires_ms, revoked_ms, revoked_by"

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
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10,"             \
	    " max(?11, coalesce((SELECT max(epoch_floor) FROM key"             \
	    " WHERE name = ?1), 0)))") /* what is closed stays closed */       \
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
	X(TOKEN_ADD, "INSERT INTO token (" VS_SQL_TOKEN_COLS ")"               \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, '')"         \
	    " ON CONFLICT DO NOTHING")                                         \
	X(TOKEN_GET, "SELECT " VS_SQL_TOKEN_COLS " FROM token WHERE id = ?1")  \
	X(TOKEN_LIST, "SELECT " VS_SQL_TOKEN_COLS " FROM token"                \
	    " WHERE ?1 = '' OR seq < (SELECT seq FROM token WHERE id = ?1)"    \
	    " ORDER BY seq DESC LIMIT ?2")                                     \
	/* The first who revoked it is the one to remember. */                 \
	X(TOKEN_REVOKE, "UPDATE token SET"                                     \
	    " revoked_by = CASE revoked_ms WHEN 0 THEN ?3 ELSE revoked_by END,"\
	    " revoked_ms = CASE revoked_ms WHEN 0 THEN ?2 ELSE revoked_ms END" \
	    " WHERE id = ?1")                                                  \
	X(POLICY_PINS, "SELECT name, version FROM policy_pin ORDER BY name")   \
	X(LIST_CHANGE, "SELECT n FROM list_change WHERE id = 1")               \
	X(LIST_CHANGED, "UPDATE list_change SET n = n + 1 WHERE id = 1")       \
	X(ENTRY_OF, "SELECT " VS_SQL_ENTRY_COLS " FROM list_entry"             \
	    " WHERE list = ?1 AND value = ?2 AND state IN (1, 2, 3)"           \
	    " ORDER BY state")                                                 \
	X(ENTRY_ID, "SELECT " VS_SQL_ENTRY_COLS " FROM list_entry"             \
	    " WHERE id = ?1")                                                  \
	X(ENTRY_ADD, "INSERT INTO list_entry (list, value, kind, state,"       \
	    " labels, source, added_by, added_ms, expires_ms, approvals,"      \
	    " slsa_level, builder, source_uri, source_ref, state_ms,"          \
	    " state_by, reason, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"   \
	    " ?8, ?9, '', ?10, ?11, ?12, ?13, ?8, ?7, '', 1)")                 \
	X(ENTRY_STATE, "UPDATE list_entry SET state = ?2, state_ms = ?3,"      \
	    " state_by = ?4, reason = ?5, change = change + 1 WHERE id = ?1")  \
	X(ENTRY_AGREED, "UPDATE list_entry SET approvals = ?2 WHERE id = ?1")  \
	X(ENTRY_EACH, "SELECT id, value, state, added_by, added_ms,"           \
	    " expires_ms, approvals, slsa_level, builder, source_uri,"         \
	    " source_ref FROM list_entry"                                      \
	    " INDEXED BY list_entry_list"                                      \
	    " WHERE list = ?1 AND state IN (2, 3) ORDER BY id")                \
	X(ENTRY_LIST, "SELECT " VS_SQL_ENTRY_COLS " FROM list_entry"           \
	    " INDEXED BY list_entry_list WHERE list = ?1 AND id > ?2"          \
	    " AND ((?3 = 0 AND state IN (1, 2, 3)) OR state = ?3)"             \
	    " ORDER BY id LIMIT ?4")                            \
	X(ENTRY_HISTORY, "SELECT " VS_SQL_ENTRY_COLS " FROM list_entry"        \
	    " WHERE list = ?1 AND value = ?5 AND id > ?2 AND (?3 = 0"          \
	    " OR state = ?3) ORDER BY id LIMIT ?4")                            \
	X(ENTRY_COUNTS, "SELECT total(state = 1), total(state = 2),"           \
	    " total(state = 3) FROM list_entry WHERE list = ?1")               \
	X(ASK_ADD, "INSERT INTO ask (id, action, state, subject, value,"       \
	    " entry, need, asked_by, person, asked_ms, expires_ms, window_ms," \
	    " closed_ms, reason, detail) VALUES (?1, ?2, 1, ?3, ?4,"           \
	    " nullif(?5, 0), ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12, ?13)")          \
	X(ASK_GET, "SELECT " VS_SQL_ASK_COLS ", detail FROM ask"               \
	    " WHERE id = ?1")                                                  \
	X(ASK_OPEN, "SELECT " VS_SQL_ASK_COLS ", '' FROM ask"                  \
	    " WHERE action = ?1 AND subject = ?2 AND value = ?3"               \
	    " AND (state = 1 OR (action = 3 AND state = 2))")                  \
	X(ASK_STATE, "UPDATE ask SET state = ?2, closed_ms = ?3,"              \
	    " expires_ms = ?4 WHERE id = ?1")                                  \
	X(ASK_OVERTAKE, "UPDATE ask SET state = 6, closed_ms = ?2"             \
	    " WHERE entry = ?1 AND state = 1")                                 \
	X(ASK_GOOD, "SELECT 1 FROM ask"                                        \
	    " WHERE id = ?1 AND action = 3 AND state = 2 AND expires_ms > ?2") \
	X(ASK_USE, "UPDATE ask SET state = 5, closed_ms = ?2"                  \
	    " WHERE id = ?1 AND action = 3 AND state = 2 AND expires_ms > ?2") \
	X(ASK_DUE, "SELECT " VS_SQL_ASK_COLS ", '' FROM ask"                   \
	    " WHERE expires_ms <= ?1"                                          \
	    " AND (state = 1 OR (action = 3 AND state = 2)) LIMIT 256")        \
	X(ASK_LIST, "SELECT " VS_SQL_ASK_COLS ", '' FROM ask"                  \
	    " WHERE id > ?1 AND (?2 = 0 OR state = ?2) ORDER BY id LIMIT ?3")  \
	X(VOTE_ADD, "INSERT INTO vote (ask, person, who, roles, at_ms)"        \
	    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")             \
	X(VOTE_LIST, "SELECT who, person, roles, at_ms FROM vote"              \
	    " WHERE ask = ?1 ORDER BY at_ms, person")
/* clang-format on */

typedef enum vs_sql_id {
#define X(id, text) VS_SQL_##id,
	VS_SQL_TABLE(X)
#undef X
	    VS_SQL_COUNT
} vs_sql_id;

#endif
