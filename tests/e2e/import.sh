#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Keys that were made elsewhere: what goes in comes out, and the daemon's
# front never holds it in the clear.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20

get() {
  rm -f "$TMP/key"
  guest get "$1" --url "$URL" --simulate "$TMP/pki" --wait 5 --out "$TMP/key"
}
head -c 32 /dev/urandom >"$TMP/mine"
head -c 48 /dev/urandom >"$TMP/next"
head -c 1048576 /dev/urandom >"$TMP/large"
head -c 1048577 /dev/urandom >"$TMP/huge"
: >"$TMP/empty"

echo "# import key"
exits "import-key" 0 vouchsafe key import-key
THUMB=$(sed -n 's/^thumbprint //p' "$TMP/out")
check "has a thumbprint" test -n "$THUMB"
exits "import-key --json" 0 vouchsafe key import-key --json
has "is a JWK" "$TMP/out" '"crv": "X25519"'

echo "# import"
exits "without a file" 2 vouchsafe key import demo/mine
exits "an empty file" 2 vouchsafe key import demo/mine --from "$TMP/empty"
exits "too long a file" 2 vouchsafe key import demo/mine --from "$TMP/huge"
exits "no file" 2 vouchsafe key import demo/mine --from "$TMP/nothing"
exits "another import key is refused" 3 vouchsafe key import demo/mine \
  --from "$TMP/mine" --expect-key "$(printf 'A%.0s' $(seq 43))"
exits "--dry-run" 0 vouchsafe key import demo/mine --from "$TMP/mine" --dry-run
exits "has made nothing" 2 vouchsafe key show demo/mine
exits "import" 0 vouchsafe key import demo/mine --from "$TMP/mine" \
  --content-type text/plain --expect-key "$THUMB"
has "says so" "$TMP/out" "imported demo/mine, version 1, 32 bytes"
exits "it is given out" 0 get demo/mine
check "as it was" cmp -s "$TMP/key" "$TMP/mine"
exits "again: the name exists" 2 vouchsafe key import demo/mine \
  --from "$TMP/next"
has "and says how" "$TMP/err" "--rotate"
exits "a new version, from standard input" 0 \
  vouchsafe key import demo/mine --from - --rotate <"$TMP/next"
exits "the new one is given out" 0 get demo/mine
check "as it was" cmp -s "$TMP/key" "$TMP/next"
exits "and the old one by its number" 0 get demo/mine@1
check "as it was" cmp -s "$TMP/key" "$TMP/mine"
exits "the largest" 0 vouchsafe key import demo/large --from "$TMP/large"
exits "is given out" 0 get demo/large
check "as it was" cmp -s "$TMP/key" "$TMP/large"
exits "a rewrap carries them along" 0 vouchsafe key rewrap demo
exits "given out after it" 0 get demo/mine
check "as it was" cmp -s "$TMP/key" "$TMP/next"
exits "audit" 0 vouchsafe audit list --action key.import
has "it is on record" "$TMP/out" demo/mine@2

echo "# sealed by somebody else's hand"
post() {
  python3 - "$TMP/data/admin.sock" "$1" "$2" <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
body = open(sys.argv[3], "rb").read()
s.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
          % (sys.argv[2].encode(), len(body)) + body)
data = b""
while True:
    got = s.recv(65536)
    if not got:
        break
    data += got
print(data.split()[1].decode())
END
}
echo '{"sealed":"a.b.c"}' >"$TMP/body"
same "three parts" "$(post /v1/keys/demo/x:import "$TMP/body")" 400
echo '{"sealed":"e30..AAAA.AAAA.AAAA"}' >"$TMP/body"
same "an empty header" "$(post /v1/keys/demo/x:import "$TMP/body")" 400
echo '{}' >"$TMP/body"
same "nothing sealed" "$(post /v1/keys/demo/x:import "$TMP/body")" 400

echo "# the front's memory"
# A marker that the front has surely seen, and the keys that it must not have.
printf 'demo/large' >"$TMP/marker"
if python3 "$(dirname "$0")/memscan.py" "$DAEMON_PID" "$TMP/marker" \
  "$TMP/mine" "$TMP/next" >"$TMP/scan" 2>/dev/null; then
  head -c 64 "$TMP/large" >"$TMP/large.head"
  python3 "$(dirname "$0")/memscan.py" "$DAEMON_PID" "$TMP/large.head" \
    >>"$TMP/scan"
  sed 's/^/     | /' "$TMP/scan"
  check "the scan finds what is there" \
    test "$(sed -n "s# $TMP/marker##p" "$TMP/scan")" -gt 0
  same "the imported key is not" "$(sed -n "s# $TMP/mine##p" "$TMP/scan")" 0
  same "nor is the second" "$(sed -n "s# $TMP/next##p" "$TMP/scan")" 0
  same "nor is the large one" \
    "$(sed -n "s# $TMP/large.head##p" "$TMP/scan")" 0
else
  echo "     | no right to read the daemon's memory: not scanned"
fi
stop_daemon
finish
