#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The states of keys, and the end of a waiting period.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20

get() {
  rm -f "$TMP/key"
  guest get "$1" --url "$URL" --simulate "$TMP/pki" --wait 5 --out "$TMP/key"
}
digest() { get "$1" >/dev/null 2>&1 && sha256sum <"$TMP/key" | cut -d' ' -f1; }
code_of_last() {
  vouchsafe audit list --action release --limit 1 --json >"$TMP/last"
  json_str "$TMP/last" code
}

echo "# decrypt-only"
exits "two versions" 0 vouchsafe key create demo/old
FIRST=$(digest demo/old)
exits "rotate" 0 vouchsafe key rotate demo/old
exits "retire the first" 0 vouchsafe key retire demo/old --version 1
has "it says so" "$TMP/out" "for decryption only"
exits "show" 0 vouchsafe key show demo/old
has "the state" "$TMP/out" decrypt-only
same "by its number it is given out" "$(digest demo/old@1)" "$FIRST"
exits "retire the second as well" 0 vouchsafe key retire demo/old --version 2
exits "by name there is none" 1 get demo/old
exits "enable" 0 vouchsafe key enable demo/old --version 1
same "by name it is the first again" "$(digest demo/old)" "$FIRST"

echo "# a waiting period"
exits "keys" 0 vouchsafe key create demo/a demo/b demo/c
A=$(digest demo/a)
exits "a wrong time" 2 vouchsafe key destroy demo/a --yes --after soon
exits "two times" 2 vouchsafe key destroy demo/a --yes --now --after 7d
exits "--dry-run" 0 vouchsafe key destroy demo/a --dry-run
same "has done nothing" "$(digest demo/a)" "$A"
exits "destroy, a week from now" 0 vouchsafe key destroy demo/a --yes
has "it says when" "$TMP/out" "destroyed at 20"
exits "not given out meanwhile" 1 get demo/a@1
same "the reason is on record" "$(code_of_last)" key.scheduled
exits "it cannot be enabled" 2 vouchsafe key enable demo/a
has "and says why" "$TMP/err" "cancel that first"
exits "show" 0 vouchsafe key show demo/a
has "the time is shown" "$TMP/out" "due 20"
exits "cancel" 0 vouchsafe key cancel demo/a
exits "it is disabled then" 1 get demo/a@1
same "that is on record" "$(code_of_last)" key.disabled
exits "enable" 0 vouchsafe key enable demo/a
same "the same key" "$(digest demo/a)" "$A"
exits "cancel of nothing" 2 vouchsafe key cancel demo/a

exits "destroy in two seconds" 0 vouchsafe key destroy demo/b --yes --after 2s
exits "and in a minute" 0 vouchsafe key destroy demo/c --yes --after 1m
for i in $(seq 100); do
  vouchsafe key show demo/b >"$TMP/b"
  grep -q destroyed "$TMP/b" && break
  sleep 0.1
done
has "it is destroyed when its time has come" "$TMP/b" destroyed
exits "not given out" 1 get demo/b@1
same "the reason is on record" "$(code_of_last)" key.destroyed
exits "audit" 0 vouchsafe audit list --action key.destroy
has "by the daemon" "$TMP/out" daemon
has "its name" "$TMP/out" demo/b@1
exits "the other waits" 0 vouchsafe key show demo/c
has "scheduled" "$TMP/out" scheduled
exits "a destroyed key has nothing to cancel" 2 vouchsafe key cancel demo/b

echo "# while the daemon is down"
exits "destroy in a second" 0 vouchsafe key destroy demo/a --yes --after 1s
kill -KILL "$DAEMON_PID"
wait "$DAEMON_PID" 2>/dev/null
sleep 1.2
start_daemon || exit 1
for i in $(seq 100); do
  vouchsafe key show demo/a >"$TMP/a"
  grep -q destroyed "$TMP/a" && break
  sleep 0.1
done
has "the next start catches up" "$TMP/a" destroyed
exits "the audit trail is whole" 0 vouchsafe audit verify
stop_daemon
finish
