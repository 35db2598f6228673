#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A policy from its explanation to its rollback, against a daemon.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
NEAR=$(printf '11%.0s' $(seq 47))12

get() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5; }
allowed_id() { sed -n 's/.*release id \([0-9a-f-]*\).*/\1/p' "$TMP/err"; }
denied_id() {
  sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]\{27\}\).*/\1/p' "$TMP/err" | head -n 1
}
lacks() {
  if grep -q -- "$3" "$2"; then bad "$1"; else ok "$1"; fi
}

start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create demo/a

echo "# explain"
exits "a release" 0 get demo/a --out "$TMP/key"
ALLOWED=$(allowed_id)
rm -f "$TMP/key"
exits "a denial" 1 get demo/a --sim-measurement "$NEAR" --out "$TMP/no"
DENIED=$(denied_id)
exits "policy explain of the denial" 0 vouchsafe policy explain "$DENIED"
has "names the rule" "$TMP/out" "rule measurement failed"
has "has the source line" "$TMP/out" "snp.measurement =="
has "has carets under it" "$TMP/out" "^~~~"
has "says what came near" "$TMP/out" "differs in 1 of 96 characters"
lacks "leaves out rules that held" "$TMP/out" "rule tcb"
exits "policy explain of the release" 0 vouchsafe policy explain "$ALLOWED"
has "says that it was allowed" "$TMP/out" "allow (allowed)"
exits "as JSON" 0 vouchsafe policy explain "$DENIED" --json
has "with the operands" "$TMP/out" '"operands"'
exits "from the database" 0 \
  vouchsafe policy explain "$DENIED" --db "$TMP/data/vouchsafe.db"
has "the same" "$TMP/out" "differs in 1 of 96 characters"
exits "of nothing" 2 \
  vouchsafe policy explain 00000000-0000-7000-8000-000000000000

echo "# three views"
exits "the guest's" 0 vouchsafe audit show "$DENIED" --view guest
has "has the id" "$TMP/out" "$DENIED"
lacks "has no rule" "$TMP/out" measurement
lacks "has no value" "$TMP/out" "$NEAR"
exits "the security team's" 0 vouchsafe audit show "$DENIED" --view security
has "has the reason" "$TMP/out" "rule measurement failed"
lacks "has no hashes" "$TMP/out" collateral
exits "the auditor's" 0 vouchsafe audit show "$DENIED" --view auditor
has "has the reason" "$TMP/out" "rule measurement failed"
for what in policies collateral evidence mac; do
  check "has the hash: $what" grep -q "^$what  *[0-9a-f]\{64\}" "$TMP/out"
done
has "has the policy's hash" "$TMP/out" \
  "demo version 1 $(sha256sum <"$TMP/policies/demo.yaml" | cut -d' ' -f1)"
exits "another view" 2 vouchsafe audit show "$DENIED" --view king

echo "# explain of claims and evidence"
vouchsafe audit show "$DENIED" --json >"$TMP/record.json"
exits "of recorded claims" 1 vouchsafe policy explain \
  --claims "$TMP/record.json" --policy "$TMP/policies/demo.yaml" --key demo/a
has "the same reason" "$TMP/out" "differs in 1 of 96 characters"
exits "without a policy" 2 vouchsafe policy explain --claims "$TMP/record.json"

echo "# replay and diff"
exits "replay under what is in force" 0 vouchsafe policy replay
has "changes nothing" "$TMP/out" "2 decisions in 2 records: 0 gain, 0 lose"
sed 's/microcode >= 1$/microcode >= 250/; s/^version: 1/version: 2/' \
  "$TMP/policies/demo.yaml" >"$TMP/strict.yaml"
exits "replay under a stricter policy" 1 \
  vouchsafe policy replay --policy "$TMP/strict.yaml"
has "who loses" "$TMP/out" "loses  demo/a"
has "which release" "$TMP/out" "$ALLOWED"
has "by which rule" "$TMP/out" "demo/tcb"
has "and how many" "$TMP/out" "2 decisions in 2 records: 0 gain, 1 lose"
sed "s/== \"$MEASUREMENT\"/in [\"$MEASUREMENT\", \"$NEAR\"]/" \
  "$TMP/policies/demo.yaml" >"$TMP/wide.yaml"
exits "replay under a wider one" 0 \
  vouchsafe policy replay --policy "$TMP/wide.yaml" --json
has "who gains" "$TMP/out" '"gains"'
exits "replay since tomorrow" 0 vouchsafe policy replay \
  --since "$(date -u -d tomorrow +%Y-%m-%dT%H:%M:%SZ)"
has "there is nothing" "$TMP/out" "0 decisions in 0 records"
exits "from the database" 1 vouchsafe policy replay \
  --policy "$TMP/strict.yaml" --db "$TMP/data/vouchsafe.db"
has "the same" "$TMP/out" "2 decisions in 2 records: 0 gain, 1 lose"
exits "diff of two versions" 1 vouchsafe policy diff \
  "$TMP/policies/demo.yaml" "$TMP/strict.yaml"
has "has the rule as it was" "$TMP/out" "- snp.tcb.reported.microcode >= 1"
has "and as it is" "$TMP/out" "+ snp.tcb.reported.microcode >= 250"
has "and who loses" "$TMP/out" "0 gain, 1 lose"
exits "diff of the rules alone" 0 vouchsafe policy diff --rules \
  "$TMP/policies/demo.yaml" "$TMP/policies/demo.yaml"
has "says so" "$TMP/out" "the rules are the same"

echo "# test"
exits "policy test of the examples" 0 vouchsafe policy test \
  "$VS_SOURCE/policy" --junit "$TMP/junit.xml"
check "writes JUnit" grep -q '<testsuites .* failures="0" errors="0"' \
  "$TMP/junit.xml"
check "that is XML" python3 -c \
  'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$TMP/junit.xml"
vouchsafe simulate evidence --pki "$TMP/pki" --out-report "$TMP/report.bin" \
  --out-certs "$TMP/certs.bin" --report-data "$(printf '00%.0s' $(seq 64))" \
  >/dev/null
NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ)
cases() {
  cat <<END
policy: policies/demo.yaml
cases:
  - name: the image by claims
    claims:
      tee: {simulated: true, anchor: lab}
      snp: {measurement: "$MEASUREMENT", tcb: {reported: {microcode: 3}}}
    expect: allow
  - name: another image
    claims:
      tee: {simulated: true, anchor: lab}
      snp: {measurement: "$NEAR", tcb: {reported: {microcode: 3}}}
    expect: deny
    failed: [measurement]
  - name: raw evidence
    evidence: report.bin
    certs: [certs.bin]
    collateral: collateral
    trust_anchors: [$1]
    key: demo/a
    now: $NOW
    expect: $2
END
}
cp "$TMP/pki/ark.pem" "$TMP/lab.pem"
cases lab.pem allow >"$TMP/cases.yaml"
exits "cases, one of raw evidence" 0 vouchsafe policy test "$TMP/cases.yaml"
has "all ran" "$TMP/out" "3 tests, 0 failed"
cases lab.pem deny >"$TMP/cases.yaml"
exits "an expectation that fails" 1 vouchsafe policy test "$TMP/cases.yaml" \
  --junit "$TMP/junit.xml"
has "says which and why" "$TMP/out" \
  "failed: raw evidence: deny expected, got allow"
has "also in JUnit" "$TMP/junit.xml" "<failure message=\"deny expected"
vouchsafe simulate pki "$TMP/other" --rsa-bits 2048 >/dev/null
cp "$TMP/other/ark.pem" "$TMP/stranger.pem"
cases stranger.pem unverified >"$TMP/cases.yaml"
exits "evidence that is to be unverified" 0 \
  vouchsafe policy test "$TMP/cases.yaml"
cases missing.pem unverified >"$TMP/cases.yaml"
exits "a file that is missing is no such thing" 1 \
  vouchsafe policy test "$TMP/cases.yaml"
sed 's/^cases:/casse:/' "$TMP/cases.yaml" >"$TMP/typo.yaml"
exits "a file that does not load" 1 vouchsafe policy test "$TMP/typo.yaml"
has "is an error" "$TMP/out" "error: loads:"

sed '/^rules:/i params: {least: 1}' "$TMP/policies/demo.yaml" |
  sed 's/microcode >= 1$/microcode >= param.least/' >"$TMP/param.yaml"
sed 's/least: 1/least: 2/' "$TMP/param.yaml" >"$TMP/param2.yaml"
exits "diff tells parameters" 0 vouchsafe policy diff --rules \
  "$TMP/param.yaml" "$TMP/param2.yaml"
has "by name" "$TMP/out" "changed demo/param.least"

echo "# sign and verify"
for who in ann bob; do
  openssl genpkey -algorithm ed25519 -out "$TMP/$who.key" 2>/dev/null
  openssl pkey -in "$TMP/$who.key" -pubout -out "$TMP/$who.pem" 2>/dev/null
done
openssl ecparam -name prime256v1 -genkey -noout -out "$TMP/eve.key" 2>/dev/null
openssl ec -in "$TMP/eve.key" -pubout -out "$TMP/eve.pem" 2>/dev/null
P=$TMP/policies/demo.yaml
exits "sign" 0 vouchsafe policy sign "$P" --key "$TMP/ann.key"
exits "verify" 0 vouchsafe policy verify "$P" --signer "$TMP/ann.pem"
exits "of another signer" 1 vouchsafe policy verify "$P" \
  --signer "$TMP/bob.pem"
exits "two are needed" 1 vouchsafe policy verify "$P" --threshold 2 \
  --signer "$TMP/ann.pem" --signer "$TMP/bob.pem"
exits "the same key again" 0 vouchsafe policy sign "$P" --key "$TMP/ann.key"
has "counts once" "$TMP/out" "1 signature"
exits "a second signer, on P-256" 0 \
  vouchsafe policy sign "$P" --key "$TMP/eve.key"
has "adds to the file" "$TMP/out" "2 signatures"
exits "two of three" 0 vouchsafe policy verify "$P" --threshold 2 \
  --signer "$TMP/ann.pem" --signer "$TMP/bob.pem" --signer "$TMP/eve.pem"
exits "one key named twice is no two" 2 vouchsafe policy verify "$P" \
  --threshold 2 --signer "$TMP/ann.pem" --signer "$TMP/ann.pem"
openssl ec -in "$TMP/eve.key" -pubout -conv_form compressed \
  -out "$TMP/eve2.pem" 2>/dev/null
exits "nor does one key in two encodings" 2 vouchsafe policy verify "$P" \
  --threshold 2 --signer "$TMP/eve.pem" --signer "$TMP/eve2.pem"
sed 's/tee.debug/tee.debag/' "$P" >"$TMP/broken.yaml"
exits "what does not load is not signed" 2 \
  vouchsafe policy sign "$TMP/broken.yaml" --key "$TMP/ann.key"

echo "# rollout: changed files, signatures, versions, rollback"
version_is() {
  local i
  for i in $(seq 40); do
    vouchsafe policy status >"$TMP/status" 2>/dev/null
    grep -q "^demo  *$1 " "$TMP/status" && return 0
    sleep 0.1
  done
  return 1
}
reload_says() {
  local i
  for i in $(seq 40); do
    grep -q -- "$1" "$TMP/daemon.log" && return 0
    sleep 0.1
  done
  return 1
}
sed "s/^version: 1/version: 2/; s/== \"$MEASUREMENT\"/in [\"$MEASUREMENT\", \"$NEAR\"]/" \
  "$P" >"$TMP/two.yaml"
cp "$P" "$TMP/one.yaml"
cp "$TMP/two.yaml" "$P"
check "a changed file is loaded by itself" version_is 2
exits "and decides" 0 get demo/a --sim-measurement "$NEAR" --out "$TMP/key"
rm -f "$TMP/key"
has "the status counts" "$TMP/status" "SHADOW-DENY"
cp "$TMP/one.yaml" "$P"
check "an older version does not load" reload_says "is older than version 2"
check "the one before stays" version_is 2
sed 's/^version: 2/version: 2 # other/' "$TMP/two.yaml" >"$P"
check "nor does another content" reload_says "write version: 3"
cp "$TMP/two.yaml" "$P"
exits "rollback --dry-run" 0 vouchsafe policy rollback demo --dry-run
check "changes nothing" version_is 2
exits "rollback" 0 vouchsafe policy rollback demo
has "says what it did" "$TMP/out" "took demo from version 2 to 1"
check "is in force" version_is 1
exits "and decides" 1 get demo/a --sim-measurement "$NEAR" --out "$TMP/no"
exits "history" 0 vouchsafe policy history demo
has "knows both" "$TMP/out" "$(sha256sum <"$TMP/two.yaml" | cut -d' ' -f1)"
has "and the rollback" "$TMP/out" "rolled back to version 1"
exits "it is on record" 0 vouchsafe audit list --action policy.rollback
has "with who did it" "$TMP/out" "uid:"
stop_daemon
start_daemon || exit 1
check "a restart keeps it" version_is 1
sed 's/^version: 2/version: 3/' "$TMP/two.yaml" >"$P"
check "a new version ends it" version_is 3
exits "rollback of nothing" 2 vouchsafe policy rollback other
exits "replay as of then" 0 vouchsafe policy replay
has "who gains by it" "$TMP/out" "gains  demo/a"
stop_daemon
{
  cat "$TMP/config.yaml"
  echo "policy_signers:"
  echo "  threshold: 2"
  echo "  keys: [ann.pem, bob.pem, eve.pem]"
} >"$TMP/signed.yaml"
cp "$TMP/signed.yaml" "$TMP/config.yaml"
exits "an unsigned policy does not load" 3 \
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
has "and it says so" "$TMP/err" "signed by 0 of the configured signers, 2"
vouchsafe policy sign "$P" --key "$TMP/bob.key" >/dev/null
vouchsafe policy sign "$P" --key "$TMP/eve.key" >/dev/null
exits "a signed one does" 0 \
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
start_daemon || exit 1
check "and is in force" version_is 3
sed 's/^version: 3/version: 4/' "$P" >"$TMP/four.yaml"
cp "$TMP/four.yaml" "$P"
check "a change without signatures does not load" \
  reload_says "demo.yaml: signed by 0"
check "the one before stays" version_is 3

echo "# a policy that fails its own tests"
cat >>"$P" <<'END'
tests:
  - name: anybody may have it
    claims: {}
    expect: allow
END
vouchsafe policy sign "$P" --key "$TMP/bob.key" >/dev/null
vouchsafe policy sign "$P" --key "$TMP/eve.key" >/dev/null
check "it does not load" reload_says "1 of its"
check "the one before still stays" version_is 3

finish
