#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rotation of the root: the same keys under another root, and an old seal that
# opens nothing any more.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20

digest() {
  rm -f "$TMP/key"
  guest get "$1" --url "$URL" --simulate "$TMP/pki" --wait 5 \
    --out "$TMP/key" >/dev/null 2>"$TMP/err" || return 1
  sha256sum <"$TMP/key" | cut -d' ' -f1
}
exits "keys" 0 vouchsafe key create demo/a demo/b
exits "of another namespace" 0 vouchsafe key create other/a
A=$(digest demo/a)
SEAL=$(find "$TMP/data" -maxdepth 1 -name '*seal*' -type f | head -n 1)
cp "$SEAL" "$TMP/seal.first"
vouchsafe key import-key >"$TMP/import.first"

echo "# a rotation"
exits "--dry-run" 0 vouchsafe seal rotate-root --dry-run
has "says the generation" "$TMP/out" "generation 1"
exits "rotate-root" 0 vouchsafe seal rotate-root
has "the second" "$TMP/out" "generation 2; the old one is gone"
same "the same key" "$(digest demo/a)" "$A"
exits "a new namespace under the new root" 0 vouchsafe key create new/a
exits "a rewrap under the new root" 0 vouchsafe key rewrap demo
same "the same key" "$(digest demo/a)" "$A"
vouchsafe key import-key >"$TMP/import.second"
if cmp -s "$TMP/import.first" "$TMP/import.second"; then
  bad "the import key did not change with the root"
else ok "the import key changed with the root"; fi
exits "audit" 0 vouchsafe audit list --action root.rotate
has "it is on record" "$TMP/out" root.rotate
exits "audit" 0 vouchsafe audit list --action root.retire
has "so is the end" "$TMP/out" root.retire
exits "the audit trail is whole" 0 vouchsafe audit verify

echo "# kill -9 in the middle"
exits "start another" 0 vouchsafe seal rotate-root --no-wait
has "it runs" "$TMP/out" "are being moved"
exits "not two at a time" 2 vouchsafe seal rotate-root
kill -KILL "$DAEMON_PID"
wait "$DAEMON_PID" 2>/dev/null
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
same "the same key, between two roots" "$(digest demo/a)" "$A"
for i in $(seq 100); do
  grep -q "event=root-rotated generation=3" "$TMP/daemon.log" && break
  sleep 0.2
done
has "the next start ends it" "$TMP/daemon.log" "event=root-rotated generation=3"
same "the same key" "$(digest demo/a)" "$A"
stop_daemon
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
same "and after a restart" "$(digest demo/a)" "$A"
exits "the audit trail is whole" 0 vouchsafe audit verify

echo "# what a thief has of before"
stop_daemon
cp "$SEAL" "$TMP/seal.now"
cp "$TMP/seal.first" "$SEAL"
start_daemon || exit 1
if digest demo/a >/dev/null; then bad "the first root opens keys of now"; else
  ok "the first root opens nothing of now"
fi
stop_daemon
cp "$TMP/seal.now" "$SEAL"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
same "the right one does" "$(digest demo/a)" "$A"
stop_daemon
finish
