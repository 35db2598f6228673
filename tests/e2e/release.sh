#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole way of a release, and what an operator does around it.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
OTHER=$(printf '22%.0s' $(seq 48))

get() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5; }
# digest_of WHAT ARGS...: gets one key and sets DIGEST and ID.
digest_of() {
  local what=$1
  shift
  exits "$what" 0 get "$@" --out "$TMP/key"
  DIGEST=$(sed -n 's/.*sha256 \([0-9a-f]*\).*/\1/p' "$TMP/err")
  ID=$(sed -n 's/.*release id \([0-9a-f-]*\).*/\1/p' "$TMP/err")
  same "$what: the digest is the key's" "$DIGEST" \
    "$(sha256sum <"$TMP/key" | cut -d' ' -f1)"
  same "$what: the key has 32 bytes" "$(stat -c %s "$TMP/key")" 32
  same "$what: only its owner reads it" "$(stat -c %a "$TMP/key")" 600
  rm -f "$TMP/key"
}
denied_id() { sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]\{27\}\).*/\1/p' "$TMP/err" | head -n 1; }

echo "# configuration"
exits "--check accepts the configuration" 0 \
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
sed 's/^policy_dir:/policy_dri:/' "$TMP/config.yaml" >"$TMP/typo.yaml"
exits "--check refuses an unknown key" 2 \
  "$VS_BIN/vouchsafed" --config "$TMP/typo.yaml" --check
has "and names the nearest" "$TMP/err" policy_dir
has "and the line" "$TMP/err" ":2:"

echo "# start"
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "the seal is open" 0 vouchsafe seal status
has "it is the file seal" "$TMP/out" file

echo "# keys"
exits "key create" 0 vouchsafe key create demo/llama/weights demo/other
exits "create of an existing name conflicts" 2 \
  vouchsafe key create demo/llama/weights
exits "create of a bad name" 2 vouchsafe key create 'demo/../x'
exits "create --dry-run" 0 vouchsafe key create demo/dry --dry-run
exits "key list" 0 vouchsafe key list
has "it lists the key" "$TMP/out" demo/llama/weights
if grep -q demo/dry "$TMP/out"; then bad "a dry run made a key"; else
  ok "a dry run made no key"
fi
exits "key show" 0 vouchsafe key show demo/llama/weights
exits "key show of nothing" 2 vouchsafe key show demo/nothing

echo "# release"
digest_of "a proven guest gets the key" demo/llama/weights
FIRST=$DIGEST ALLOWED=$ID
digest_of "and the same key again" demo/llama/weights
same "the digest is the same" "$DIGEST" "$FIRST"
digest_of "from a P-384 recipient" demo/llama/weights --curve P-384
same "the digest is the same" "$DIGEST" "$FIRST"
digest_of "from an X25519 recipient" demo/llama/weights --curve X25519
same "the digest is the same" "$DIGEST" "$FIRST"
digest_of "from a guest with a VLEK" demo/llama/weights --sim-vlek
mkdir -p "$TMP/both"
exits "two keys in one answer" 0 \
  get demo/llama/weights demo/other --out "$TMP/both"
same "both are there" "$(grep -c sha256 "$TMP/err")" 2

echo "# denials"
exits "another image is denied" 1 \
  get demo/llama/weights --sim-measurement "$OTHER" --out "$TMP/no"
DENIED=$(denied_id)
exits "a debug guest is denied" 1 \
  get demo/llama/weights --sim-debug --out "$TMP/no"
exits "an unknown key is denied" 1 get demo/nothing --out "$TMP/no"
exits "a key without a policy is denied" 1 get other/key --out "$TMP/no"
exits "one bad key of two: nothing is released" 1 \
  get demo/llama/weights demo/nothing --out "$TMP/no"
vouchsafe simulate pki "$TMP/forged" --rsa-bits 2048 >/dev/null
exits "a forged root is unverified" 3 guest get demo/llama/weights \
  --url "$URL" --simulate "$TMP/forged" --wait 5 --out "$TMP/no"
if [ -e "$TMP/no" ]; then bad "a denied guest left a file"; else
  ok "denied guests left no file"
fi

echo "# audit"
exits "audit list" 0 vouchsafe audit list
has "it has the release" "$TMP/out" "$ALLOWED"
has "it has the denial" "$TMP/out" "$DENIED"
exits "audit list --outcome denied" 0 vouchsafe audit list --outcome denied
if grep -q "$ALLOWED" "$TMP/out"; then bad "the filter lets all pass"; else
  ok "the filter leaves the others out"
fi
exits "audit show of the release" 0 vouchsafe audit show "$ALLOWED"
has "it names the key" "$TMP/out" demo/llama/weights
exits "audit show of the denial" 0 vouchsafe audit show "$DENIED"
has "it names the rule" "$TMP/out" measurement
has "it has the rule's message" "$TMP/out" "not the image that was approved"
has "it has the claims" "$TMP/out" "$OTHER"
exits "audit show of nothing" 2 \
  vouchsafe audit show 00000000-0000-7000-8000-000000000000
exits "audit list --json" 0 vouchsafe audit list --json
has "it is JSON" "$TMP/out" '"records"'
if grep -q "$FIRST" "$TMP/out"; then bad "a key's digest is in the audit"; fi

echo "# life of a key"
exits "rotate" 0 vouchsafe key rotate demo/llama/weights
digest_of "the new version" demo/llama/weights
if [ "$DIGEST" != "$FIRST" ]; then ok "is another key"; else
  bad "rotation changed nothing"
fi
digest_of "the old version by number" demo/llama/weights@1
same "is the first key" "$DIGEST" "$FIRST"
exits "disable" 0 vouchsafe key disable demo/other
exits "a disabled key is denied" 1 get demo/other --out "$TMP/no"
exits "enable" 0 vouchsafe key enable demo/other
digest_of "an enabled key is released" demo/other
exits "destroy asks" 2 vouchsafe key destroy demo/other </dev/null
digest_of "and has destroyed nothing" demo/other
exits "destroy --yes" 0 vouchsafe key destroy demo/other --now --yes
exits "a destroyed key is denied" 1 get demo/other --out "$TMP/no"
exits "it is shown as destroyed" 0 vouchsafe key show demo/other
has "it is shown as destroyed" "$TMP/out" destroyed

echo "# reload"
cp "$TMP/policies/demo.yaml" "$TMP/good.yaml"
sed 's/snp.measurement ==/snp.measurment ==/' "$TMP/good.yaml" \
  >"$TMP/policies/demo.yaml"
exits "policy check refuses the broken policy" 1 \
  vouchsafe policy check "$TMP/policies/demo.yaml"
has "with a caret" "$TMP/out" "^"
kill -HUP "$DAEMON_PID"
sleep 1
digest_of "a broken policy keeps the old one" demo/llama/weights
has "the log says why" "$TMP/daemon.log" measurment
policy_for demo 'demo/**' "$OTHER" | sed 's/^version: 1/version: 2/' \
  >"$TMP/policies/demo.yaml"
exits "policy check accepts the new one" 0 \
  vouchsafe policy check "$TMP/policies/demo.yaml"
kill -HUP "$DAEMON_PID"
sleep 1
exits "after a reload the new policy decides" 1 \
  get demo/llama/weights --out "$TMP/no"
digest_of "for the new image" demo/llama/weights --sim-measurement "$OTHER"
sed 's/^version: 1/version: 3/' "$TMP/good.yaml" >"$TMP/policies/demo.yaml"

echo "# stop and start"
stop_daemon
same "it stops in order" "$DAEMON_STATUS" 0
start_daemon || exit 1
check "readyz is 200 again" wait_status /readyz 200 20
digest_of "keys outlive a restart" demo/llama/weights@1
same "and are the same" "$DIGEST" "$FIRST"

echo "# sealed"
stop_daemon
SEAL=$(find "$TMP/data" -maxdepth 1 -name '*seal*' -type f | head -n 1)
check "there is a seal file" test -n "$SEAL"
same "only its owner reads it" "$(stat -c %a "$SEAL")" 600
cp "$SEAL" "$TMP/seal.good"
printf 'X' | dd of="$SEAL" bs=1 seek=20 conv=notrunc 2>/dev/null
start_daemon || exit 1
same "healthz is 200 while sealed" "$(http_status "$PORT" /healthz)" 200
same "readyz is 503 while sealed" "$(http_status "$PORT" /readyz)" 503
exits "seal status says sealed" 4 vouchsafe seal status
has "and why" "$TMP/out" why
exits "no release while sealed" 4 guest get demo/llama/weights \
  --url "$URL" --simulate "$TMP/pki" --wait 0 --out "$TMP/no"
stop_daemon
cp "$TMP/seal.good" "$SEAL"
start_daemon || exit 1
check "readyz is 200 once mended" wait_status /readyz 200 20
digest_of "and keys are released" demo/llama/weights@1
same "the same keys" "$DIGEST" "$FIRST"
stop_daemon

finish
