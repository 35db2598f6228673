#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A full disk: 503, and nothing that was acknowledged is lost.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root, to mount a small file system"
mkdir -p "$TMP/data"
mount -t tmpfs -o size=3m,mode=700 tmpfs "$TMP/data" 2>/dev/null ||
  skip "cannot mount"
extra_cleanup() { umount -l "$TMP/data"; }

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create demo/key

get() {
  guest get demo/key --url "$URL" --simulate "$TMP/pki" --wait 0 \
    --out "$TMP/key" 2>"$TMP/get.err"
}
received=()
note() { received+=("$(sed -n 's/.*release id \([0-9a-f-]*\).*/\1/p' "$TMP/get.err")"); }

for _ in 1 2 3 4 5; do get && note; done
same "five releases before" "${#received[@]}" 5

# Everything that is left, to the last block.
dd if=/dev/zero of="$TMP/data/ballast" bs=4096 count=2048 2>/dev/null
refused=0 code=0
for _ in $(seq 60); do
  code=0
  get || code=$?
  if [ "$code" = 0 ]; then note; else
    [ "$code" = 4 ] && refused=$((refused + 1))
  fi
  [ "$refused" -ge 5 ] && break
done
same "a full disk answers unavailable" "$code" 4
check "more than once" test "$refused" -ge 5
check "readyz says so" wait_status /readyz 503 5
same "healthz does not" "$(http_status "$PORT" /healthz)" 200
exits "no key is made either" 4 vouchsafe key create demo/more

rm -f "$TMP/data/ballast"
check "with room again it is ready" wait_status /readyz 200 20
code=0
get || code=$?
same "and releases" "$code" 0
note

kill -KILL "$DAEMON_PID"
wait "$DAEMON_PID" 2>/dev/null
DAEMON_PID=
start_daemon || exit 1
check "ready after a crash" wait_status /readyz 200 20
lost=0
for id in "${received[@]}"; do
  vouchsafe audit show "$id" --json >"$TMP/show" 2>&1 &&
    [ "$(json_str "$TMP/show" outcome)" = allowed ] || lost=$((lost + 1))
done
same "every release that a guest saw is in the audit" "$lost" 0
finish
