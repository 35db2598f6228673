#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The processes as they run: who they are, what they may still do, and what
# is in the memory of the one that parses requests.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

KEYS=${CAGE_KEYS:-1000}

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
echo 1234 >"$TMP/pki/pin" # beside a root certificate, which the daemon reads
printf 'seal:\n  pkcs11:\n    pin_file: %s/pki/pin\n' "$TMP" >>"$TMP/config.yaml"
if [ "$(id -u)" -eq 0 ]; then
  printf 'user: 64501\nkeeper:\n  user: 64502\n' >>"$TMP/config.yaml"
  chmod 711 "$TMP"
  chmod -R a+rX "$TMP/pki" "$TMP/policies" "$TMP/collateral"
fi
# Instrumented programs are not caged; `strings` may not be there.
caged=yes
grep -q 'being an instrumented build' "$VS_BIN/vouchsafe-keeper" && caged=no

proc() { sed -n "s/^$2:[[:space:]]*\([^[:space:]]*\).*/\1/p" "/proc/$1/status"; }

echo "# processes"
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
if [ $caged = yes ] && grep -q landlock_restrict_self /proc/kallsyms; then
  has "it is told of a PIN that the daemon can read" "$TMP/daemon.log" \
    "the token's PIN $TMP/pki/pin lies in $TMP/pki"
  if grep -q "the seal $TMP" "$TMP/daemon.log"; then
    bad "the seal is in reach"; else ok "and of no seal"; fi
fi
STARTER=$(child_of "$DAEMON_PID" vouchsafe-start)
KEEPER=$(keeper_pid)
check "the keeper is its starter's child" test -n "$KEEPER"
for pid in $DAEMON_PID $KEEPER; do
  name=$(cat "/proc/$pid/comm")
  same "$name: no new privileges" "$(proc "$pid" NoNewPrivs)" 1
  if [ $caged = yes ]; then
    for t in "/proc/$pid/task"/*; do
      same "$name: thread ${t##*/} is filtered" \
        "$(sed -n 's/^Seccomp:[[:space:]]*//p' "$t/status")" 2
    done
  fi
done
if [ "$(id -u)" -eq 0 ]; then
  same "the daemon is another user" "$(proc "$DAEMON_PID" Uid)" 64501
  same "the keeper is yet another" "$(proc "$KEEPER" Uid)" 64502
  same "the daemon has no capability" "$(proc "$DAEMON_PID" CapEff)" \
    0000000000000000
  same "nor the keeper" "$(proc "$KEEPER" CapEff)" 0000000000000000
  same "the seal is root's" "$(stat -c %u:%a "$TMP/data/root.seal")" 0:600
  same "the store is the daemon's" "$(stat -c %u "$TMP/data/vouchsafe.db")" 64501
fi

echo "# serving from inside"
get() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5; }
exits "key create" 0 vouchsafe key create demo/one
exits "a release" 0 get demo/one --out "$TMP/key"
policy_for demo 'demo/**' "$MEASUREMENT" | sed 's/^version: 1/version: 2/' \
  >"$TMP/policies/demo.yaml"
chmod a+r "$TMP/policies/demo.yaml"
kill -HUP "$DAEMON_PID"
reloaded() {
  local i
  for i in $(seq 100); do
    [ "$(grep -c event=loaded "$TMP/daemon.log")" -ge 2 ] && return
    sleep 0.1
  done
  return 1
}
check "a reload" reloaded
exits "a release under the new policy" 0 get demo/one --out "$TMP/key"
kill -KILL "$KEEPER"
check "a keeper that was killed comes back" wait_status /readyz 200 20
exits "and serves" 0 get demo/one --out "$TMP/key"
NEW=$(keeper_pid)
check "as another process" test "$NEW" != "$KEEPER"
if [ $caged = yes ]; then
  same "in its cage" "$(proc "$NEW" Seccomp)" 2
fi

echo "# the memory of the daemon"
if ! head -c 1 "/proc/$DAEMON_PID/mem" 2>/dev/null; then
  [ "$(id -u)" -eq 0 ] || { echo "not root: memory is not scanned"; finish; }
fi
names=()
for i in $(seq "$KEYS"); do names+=("demo/planted-$i"); done
exits "$KEYS keys are created" 0 vouchsafe key create "${names[@]}"
mkdir "$TMP/keys"
exits "and released" 0 get "${names[@]}" --out "$TMP/keys"
python3 - "$TMP/keys" >"$TMP/secrets" <<'END'
import pathlib
import sys
for f in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if f.is_file():
        print(f.read_bytes().hex())
END
same "their values are known" "$(wc -l <"$TMP/secrets")" "$KEYS"
(
  for i in $(seq 12); do
    get "${names[@]}" --out "$TMP/again.$i" >/dev/null 2>&1 || exit 1
  done
) &
LOAD=$!
for round in 1 2 3; do
  python3 "$here/memsearch.py" "$DAEMON_PID" demo/planted-1 "$TMP/secrets" \
    >"$TMP/scan" 2>&1
  code=$?
  cat "$TMP/scan"
  same "scan $round: none of the keys is in the daemon's memory" $code 0
done
check "it served meanwhile" kill -0 "$LOAD"
wait "$LOAD"
same "and every release succeeded" $? 0
# The scan can find: the guest that unwraps them has them all.
mkfifo "$TMP/pipe"
python3 - "$TMP/secrets" "$TMP/pipe" <<'END' &
import sys
keys = [bytes.fromhex(line) for line in open(sys.argv[1])]
open(sys.argv[2]).read()
END
HOLDER=$!
sleep 0.5
python3 "$here/memsearch.py" "$HOLDER" import "$TMP/secrets" >"$TMP/scan" 2>&1
cat "$TMP/scan"
# One may hide behind another that grep found before it.
FOUND=$(sed -n 's/.*, \([0-9]*\) found.*/\1/p' "$TMP/scan")
check "the scan finds keys where there are some" \
  test "${FOUND:-0}" -ge $((KEYS * 9 / 10))
: >"$TMP/pipe"
finish
