#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rotation of KEKs while guests are served, and kill -9 in the middle of one.
# VS_REWRAP_KEYS: how many keys, 20,000 by default; VS_REWRAP_SECONDS: how long
# the rotation may take under load, 5 by default; VS_REWRAP_RATE: releases a
# second, 200 by default.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
KEYS=${VS_REWRAP_KEYS:-20000}
SECONDS_MAX=${VS_REWRAP_SECONDS:-5}
RATE=${VS_REWRAP_RATE:-200}
make_pki || exit 1
write_config <<'END'
END
echo "nonce_ttl: 3600" >>"$TMP/config.yaml"
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"

LOAD=
extra_cleanup() { [ -n "$LOAD" ] && kill "$LOAD" 2>/dev/null; }
PY=$(dirname "$0")/rewrap.py
digest() {
  guest get "$1" --url "$URL" --simulate "$TMP/pki" --wait 5 \
    --out "$TMP/key" >/dev/null 2>"$TMP/err" || return 1
  sha256sum <"$TMP/key" | cut -d' ' -f1
  rm -f "$TMP/key"
}
kek() { vouchsafe key rewrap --status --json demo >"$TMP/keks"; }

start_daemon || exit 1
check "ready" wait_status /readyz 200 20
exits "nothing to rotate yet" 2 vouchsafe key rewrap demo
exits "an empty store has no namespaces" 0 vouchsafe key rewrap --status
check "$KEYS keys" python3 "$PY" create "$TMP/data/admin.sock" demo "$KEYS"
exits "a key of another namespace" 0 vouchsafe key create other/key
FIRST=$(digest demo/0000000) LAST=$(digest "$(printf demo/%07d $((KEYS - 1)))")
check "keys are given out" test -n "$FIRST" -a -n "$LAST"

echo "# a small one, and what is refused"
exits "rewrap --dry-run" 0 vouchsafe key rewrap --dry-run demo
has "says what it would do" "$TMP/out" "would rotate demo: KEK version 2"
exits "another namespace alone" 0 vouchsafe key rewrap other
has "one key" "$TMP/out" "rewrapped 1 keys"
kek
has "this one is as it was" "$TMP/keks" '"version": 1'
has "its encryptions are counted" "$TMP/keks" "\"encryptions\": $KEYS"
exits "no such namespace" 2 vouchsafe key rewrap nothing

echo "# under load"
python3 "$PY" load "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" demo "$KEYS" \
  "$RATE" "$SECONDS_MAX" "$TMP/forged" "$TMP/over" >"$TMP/load.out" 2>&1 &
LOAD=$!
for i in $(seq 6000); do
  [ -e "$TMP/forged" ] || ! kill -0 "$LOAD" 2>/dev/null && break
  sleep 0.1
done
sleep 1
exits "rewrap $KEYS keys" 0 vouchsafe key rewrap demo
sed 's/^/     | /' "$TMP/out"
has "all of them" "$TMP/out" "rewrapped $KEYS keys"
touch "$TMP/over"
code=0
wait "$LOAD" || code=$?
LOAD=
sed 's/^/     | /' "$TMP/load.out"
same "no release failed" "$code" 0
kek
has "KEK 2" "$TMP/keks" '"version": 2'
has "the old one is erased" "$TMP/keks" '"old_versions": 0'
same "the same keys" "$(digest demo/0000000)" "$FIRST"
exits "audit" 0 vouchsafe audit list --action kek.retire
has "the retirement is on record" "$TMP/out" demo

echo "# kill -9 in the middle"
# Rotates, and kills the daemon once some keys were moved. A machine so fast
# that all were moved before is given another try.
for KEK in 3 4 5 6 7 8; do
  vouchsafe key rewrap demo >"$TMP/rewrap.out" 2>&1 &
  REWRAP=$!
  done=0
  for i in $(seq 1000); do
    kek 2>/dev/null || true
    done=$(sed -n 's/.*"done": \([0-9]*\).*/\1/p' "$TMP/keks" | head -n 1)
    version=$(sed -n 's/.*"version": \([0-9]*\).*/\1/p' "$TMP/keks" |
      head -n 1)
    [ "${version:-0}" = "$KEK" ] && [ "${done:-0}" -gt $((KEYS / 3)) ] && break
  done
  kill -KILL "$DAEMON_PID"
  wait "$DAEMON_PID" 2>/dev/null
  echo "     | killed at $done of $KEYS"
  [ "${done:-0}" -lt "$KEYS" ] && break
  start_daemon || exit 1
  wait "$REWRAP"
done
check "it was in the middle" test "$done" -gt 0 -a "$done" -lt "$KEYS"
start_daemon || exit 1
code=0
wait "$REWRAP" || code=$?
same "the command waits for the daemon, and for the end" "$code" 0
sed 's/^/     | /' "$TMP/rewrap.out"
kek
has "the new KEK" "$TMP/keks" "\"version\": $KEK"
has "nothing is left under another" "$TMP/keks" '"old_versions": 0'
resumed=$(sed -n 's/.*"total": \([0-9]*\).*/\1/p' "$TMP/keks" | head -n 1)
check "only the rest was done again" test "$resumed" -lt "$KEYS"
has "the log says so" "$TMP/daemon.log" "event=rewrapped namespace=demo kek=$KEK"
same "the first key is the same" "$(digest demo/0000000)" "$FIRST"
same "and the last" "$(digest "$(printf demo/%07d $((KEYS - 1)))")" "$LAST"
exits "the audit trail is whole" 0 vouchsafe audit verify
exits "rewrap of all namespaces" 0 vouchsafe key rewrap
has "names each" "$TMP/out" "other: KEK version 3"
stop_daemon
same "an orderly stop" "$DAEMON_STATUS" 0
finish
