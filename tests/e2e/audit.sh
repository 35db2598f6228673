#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The audit trail against somebody who can write the database.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 writes into the database"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
vouchsafe key create demo/a demo/b demo/c >/dev/null
for i in 1 2 3 4; do
  guest get demo/a --url "$URL" --simulate "$TMP/pki" --wait 5 \
    --out "$TMP/key" 2>/dev/null
done

exits "a trail that nobody touched is good" 0 vouchsafe audit verify
has "it says so" "$TMP/out" good
HEAD=$(sed -n 's/^head //p' "$TMP/out")
ROWS=${HEAD%%:*}
check "it has a head" [ "${#HEAD}" -gt 65 ]
exits "the noted head is there" 0 vouchsafe audit verify --head "$HEAD"
exits "a head that is no head" 2 vouchsafe audit verify --head 12
exits "--json" 0 vouchsafe audit verify --json
has "it is JSON" "$TMP/out" '"good": true'

# Statements on the database of a stopped daemon, without its triggers.
tamper() {
  stop_daemon
  python3 - "$TMP/data/vouchsafe.db" "$@" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
triggers = [r[0] for r in db.execute(
    "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"
    " AND tbl_name = 'audit'")]
db.execute("DROP TRIGGER IF EXISTS audit_keep")
db.execute("DROP TRIGGER IF EXISTS audit_fixed")
for sql in sys.argv[2:]:
    db.execute(sql)
for t in triggers:
    db.execute(t)
db.commit()
END
  start_daemon || exit 1
  wait_status /readyz 200 20 || exit 1
}
keep() { stop_daemon; cp "$TMP/data/vouchsafe.db" "$TMP/kept.db"; start_daemon; }
put_back() {
  stop_daemon
  rm -f "$TMP/data/vouchsafe.db"*
  cp "$TMP/kept.db" "$TMP/data/vouchsafe.db"
  start_daemon && wait_status /readyz 200 20
}
keep

for change in "outcome = 'denied'" "at_ms = at_ms + 1" "peer = '10.0.0.1'" \
  "keys = 'demo/b@1'" "detail = '{}'" "code = 'x'" "class = 'x'" \
  "action = 'x'" "id = randomblob(16)" "mac = randomblob(32)"; do
  tamper "UPDATE audit SET $change WHERE seq = 3"
  exits "changed: $change" 1 vouchsafe audit verify
  has "it is told" "$TMP/out" "record 3"
  put_back || exit 1
done
tamper "DELETE FROM audit WHERE seq = 2"
exits "a record taken out" 1 vouchsafe audit verify
has "it is told" "$TMP/out" "record 2 "
has "as missing" "$TMP/out" missing
put_back || exit 1

tamper "DELETE FROM audit WHERE seq = 2" \
  "UPDATE audit SET seq = seq - 1 WHERE seq > 2"
exits "a record taken out, the rest moved up" 1 vouchsafe audit verify
put_back || exit 1

tamper "DELETE FROM audit WHERE seq = $ROWS"
exits "the newest cut off: the chain alone cannot tell" 0 vouchsafe audit verify
exits "the noted head can" 1 vouchsafe audit verify --head "$HEAD"
has "it says what that means" "$TMP/out" "cut off"
put_back || exit 1

tamper "INSERT INTO audit SELECT -7, randomblob(16), at_ms, action, outcome,
  class, code, peer, keys, randomblob(32), detail FROM audit WHERE seq = 3"
exits "a record before the first" 1 vouchsafe audit verify
has "it is told" "$TMP/out" "record -7"
put_back || exit 1

# What stands in the schema must not keep a record from being written.
for what in "BEFORE INSERT ON audit WHEN NEW.keys LIKE 'demo/b%'
  BEGIN SELECT RAISE(IGNORE); END" "AFTER INSERT ON audit
  BEGIN DELETE FROM audit WHERE seq = NEW.seq; END"; do
  tamper "CREATE TRIGGER quiet $what"
  exits "a trigger planted ${what%% *} the record" 0 guest get demo/b \
    --url "$URL" --simulate "$TMP/pki" --wait 5 --out "$TMP/key"
  exits "audit list" 0 vouchsafe audit list --limit 1
  has "the release is on record" "$TMP/out" "demo/b@1"
  put_back || exit 1
done

exits "all is good again" 0 vouchsafe audit verify --head "$HEAD"
exits "records go on after it" 0 vouchsafe key create demo/d
exits "and the noted head is still there" 0 vouchsafe audit verify --head "$HEAD"

kill -KILL "$(keeper_pid)"
"$VS_BIN/vouchsafe" audit verify >"$TMP/out" 2>&1
case $? in
0 | 4) ok "without its keeper a check fails or waits, and never says bad" ;;
*) bad "a check without the keeper: $(cat "$TMP/out")" ;;
esac
finish
