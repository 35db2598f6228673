#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The restore drill: a backup under load, the machine lost, and everything
# back from two files. With a TPM, what was put back is told apart.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libseal.sh"
extra_cleanup() {
  stop_load
  stop_tpm
}

# Keys are made and released until it is told to stop.
start_load() {
  rm -f "$TMP/stop"
  (
    i=0
    while [ ! -e "$TMP/stop" ]; do
      i=$((i + 1))
      vouchsafe key create "demo/load$i" >/dev/null 2>&1 || exit 1
      echo "$i" >"$TMP/made"
    done
  ) &
  LOAD_1=$!
  (
    while [ ! -e "$TMP/stop" ]; do
      get demo/k --fd 1 >/dev/null 2>"$TMP/get.err" || exit 1
    done
  ) &
  LOAD_2=$!
}
stop_load() {
  [ -n "${LOAD_1:-}" ] || return 0
  local a=0 b=0
  touch "$TMP/stop"
  wait "$LOAD_1" || a=$?
  wait "$LOAD_2" || b=$?
  LOAD_1=
  LOAD_RESULT="$a $b"
}
# number FILE NAME: a number in pretty JSON of ours.
number() { sed -n "s/.*\"$2\": *\\([0-9]*\\).*/\\1/p" "$1" | head -n 1; }
# restore FILE: as docs/operations.md has it.
restore() {
  rm -f "$TMP/data/vouchsafe.db" "$TMP/data/vouchsafe.db-wal" \
    "$TMP/data/vouchsafe.db-shm"
  install -m 600 "$1" "$TMP/data/vouchsafe.db"
}

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
first_start file
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
exits "a key that will be destroyed" 0 vouchsafe key create demo/gone
exits "some audit records" 0 vouchsafe key create demo/a demo/b demo/c

echo "# what it refuses"
mkdir "$TMP/copies"
exits "nowhere to go" 2 vouchsafe backup --data "$TMP/data"
exits "no store" 4 vouchsafe backup --data "$TMP/copies" \
  --out "$TMP/copies/none.db"
echo mine >"$TMP/copies/there"
exits "over a file" 2 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/copies/there"
has "and says so" "$TMP/err" "is not overwritten"
same "it is as it was" "$(cat "$TMP/copies/there")" mine
exits "no such directory" 4 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/nowhere/copy.db"
exits "--json says what" 2 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/copies/there" --json
has "--json says what" "$TMP/out" '"error"'
same "nothing is left behind" "$(ls "$TMP/copies")" there

echo "# under load"
start_load
sleep 0.5
for i in 1 2 3; do
  exits "backup $i" 0 vouchsafe backup --data "$TMP/data" \
    --out "$TMP/copies/$i.db" --json
  cp "$TMP/out" "$TMP/copies/$i.json"
  sleep 0.3
done
cp "$TMP/data/root.seal" "$TMP/copies/root.seal"
exits "as text" 0 vouchsafe backup --config "$TMP/config.yaml" \
  --out "$TMP/copies/4.db"
has "it says what it does not hold" "$TMP/out" "without  the seal"
has "and where that is" "$TMP/out" "$TMP/data/root.seal"
has "and what it keeps" "$TMP/out" "lives on in this file"
stop_load
same "nobody failed meanwhile" "$LOAD_RESULT" "0 0"
same "mode" "$(stat -c %a "$TMP/copies/3.db")" 600
same "the files, and nothing else" "$(ls "$TMP/copies" | tr '\n' ' ')" \
  "1.db 1.json 2.db 2.json 3.db 3.json 4.db root.seal there "
AT_3=$(number "$TMP/copies/3.json" keys)
check "more keys from copy to copy" \
  test "$(number "$TMP/copies/1.json" keys)" -lt "$AT_3"
HEAD=$(number "$TMP/copies/3.json" head_seq):$(json_str "$TMP/copies/3.json" head)
exits "the head of the copy is in the trail" 0 \
  vouchsafe audit verify --head "$HEAD"

echo "# what happens after the copy"
exits "a key is destroyed" 0 vouchsafe key destroy demo/gone --yes --now
exits "a key is made" 0 vouchsafe key create demo/late

echo "# lost, and restored"
kill -KILL "$DAEMON_PID"
wait "$DAEMON_PID" 2>/dev/null
rm -rf "$TMP/data"
mkdir -m 700 "$TMP/data"
install -m 600 "$TMP/copies/root.seal" "$TMP/data/root.seal"
restore "$TMP/copies/3.db"
opens "restored"
vouchsafe key list --json >"$TMP/list"
same "every key of the copy" "$(grep -c '"name"' "$TMP/list")" "$AT_3"
exits "the trail is whole" 0 vouchsafe audit verify --head "$HEAD"
exits "what came later is not there" 2 vouchsafe key show demo/late
exits "what was destroyed later is there again" 0 get demo/gone \
  --out "$TMP/gone"
exits "so it is destroyed again" 0 \
  vouchsafe key destroy demo/gone --yes --now
exits "it counts on" 0 vouchsafe key create demo/new
stop_daemon
exits "without a daemon" 0 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/copies/5.db"
if ls "$TMP/data" | grep -q -- '-shm'; then bad "a WAL is left behind"; else
  ok "no WAL is left behind"
fi

echo "# half a copy"
head -c $(($(stat -c %s "$TMP/copies/3.db") / 2)) "$TMP/copies/3.db" \
  >"$TMP/half.db"
mv "$TMP/data/vouchsafe.db" "$TMP/whole.db"
cp "$TMP/half.db" "$TMP/data/vouchsafe.db"
exits "is none" 4 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/copies/6.db"
check "and nothing has its name" test ! -e "$TMP/copies/6.db"
mv "$TMP/whole.db" "$TMP/data/vouchsafe.db"

command -v swtpm >/dev/null || {
  echo "no swtpm: the rest is left out"
  finish
}
echo "# before a TPM"
rm -rf "$TMP/data"
start_tpm || exit 1
write_config <<END
seal:
  kind: tpm2
  tpm2:
    tcti: $TPM2TOOLS_TCTI
    pcrs: sha256:7
END
first_start tpm2
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
exits "a backup" 0 vouchsafe backup --data "$TMP/data" \
  --out "$TMP/copies/tpm.db"
stop_daemon
cp "$TMP/data/vouchsafe.db" "$TMP/now.db"
restore "$TMP/copies/tpm.db"
# Of this very start: a plain copy would pass.
exits "the copy does not serve" 2 \
  timeout 20 "$VS_BIN/vouchsafed" --config "$TMP/config.yaml"
has "it is known for what it is" "$TMP/err" "this database is a backup"
has "and what to do is said" "$TMP/err" "--accept-old-store"
restore "$TMP/now.db"
opens "the database of now serves"
stop_daemon
restore "$TMP/copies/tpm.db"
start_daemon --accept-old-store || exit 1
check "the copy serves when an operator says so" wait_status /readyz 200 20
same "and releases the key" "$(key_digest)" "$FIRST"
exits "the trail tells" 0 vouchsafe audit list --action store.accept
has "the trail tells" "$TMP/out" store.accept
exits "and is whole" 0 vouchsafe audit verify
stop_daemon
opens "and from then on it is the database"
stop_daemon

finish
