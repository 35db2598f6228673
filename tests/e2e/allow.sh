#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lists of the store: what is added decides the next release, what is revoked
# no longer does; and what needs a second person waits for one.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
cat >>"$TMP/config.yaml" <<END
lists:
  released-images:
    kind: snp-measurement
  two-person:
    kind: snp-measurement
    approvals: {add: 1, wait: 1h}
  bad-chips:
    kind: snp-chip-id
    form: list
    effect: deny
END
if command -v openssl >/dev/null; then
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
    -out "$TMP/ci.pem" 2>/dev/null
  openssl pkey -in "$TMP/ci.pem" -pubout -out "$TMP/ci.pub"
  cat >>"$TMP/config.yaml" <<END
  proven:
    kind: snp-measurement
    provenance:
      keys: [ci.pub]
      no_log: true
      source_uri: https://git.example/acme/model
      source_ref: refs/tags/*
      builders:
        - {id: "https://ci.example/*", level: 3}
      min_level: 3
END
fi
OTHER=$(printf '22%.0s' $(seq 48))
THIRD=$(printf '33%.0s' $(seq 48))
list_policy() { # NAME GLOB LIST
  cat <<END
apiVersion: policy/v1
name: $1
version: 1
keys: ["$2"]
tee: [snp]
lists:
  $3: {source: registry, max_age: 1m}
  bad-chips: {source: signed-file}
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab"
  - id: no-debug
    assert: |
      !tee.debug
  - id: listed
    assert: |
      snp.measurement in registry.${3//-/_} &&
      !registry.${3//-/_}[snp.measurement].revoked
  - id: chip
    assert: |
      !(snp.chip_id in lists.bad_chips)
  - id: tcb
    assert: |
      snp.tcb.reported.microcode >= 1
END
}
list_policy demo 'demo/**' released-images >"$TMP/policies/demo.yaml"
list_policy two 'two/**' two-person >"$TMP/policies/two.yaml"
# As demo, but a person must agree to each release.
{
  list_policy one 'one/**' released-images
  echo "approvals:"
  echo "  release: 1"
  echo "  window: 8s"
  echo "  reason: weights of a customer"
} >"$TMP/policies/one.yaml"
if [ -s "$TMP/ci.pub" ]; then
  list_policy proven 'proven/**' proven | sed '/!registry.*revoked/a\
      \&\& registry.proven[snp.measurement].slsa_level >= 3' \
    >"$TMP/policies/proven.yaml"
fi
get() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5 --out "$TMP/key"; }

echo "# configuration"
for bad in 'approvals: {}' 'approvals: {add: 0}' 'approvals: {revoke: 1}' \
  'approvals: {add: 1, revoke: 1}' 'approvals: {add: {ci: 1}}' 'approvals: 2'; do
  sed "s/approvals: .*/$bad/" "$TMP/config.yaml" >"$TMP/bad.yaml"
  exits "refused: $bad" 2 "$VS_BIN/vouchsafed" --config "$TMP/bad.yaml" --check
  grep -Eq 'bad.yaml:[0-9]+:[0-9]+: ' "$TMP/err" && ok "with its place" ||
    bad "no place: $(cat "$TMP/err")"
done
sed "s/kind: snp-chip-id/kind: snp-chipid/" "$TMP/config.yaml" >"$TMP/bad.yaml"
exits "refused: an unknown kind" 2 \
  "$VS_BIN/vouchsafed" --config "$TMP/bad.yaml" --check
has "with the nearest" "$TMP/err" "did you mean snp-chip-id"

list_policy lost 'lost/**' nowhere >"$TMP/policies/lost.yaml"
exits "--check" 0 "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
cat "$TMP/out" "$TMP/err" >"$TMP/both"
has "warns of a list that is nowhere" "$TMP/both" \
  "nowhere: the configuration has no such list"
rm "$TMP/policies/lost.yaml"

start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "keys" 0 vouchsafe key create demo/a two/a one/a one/b proven/a

echo "# add, release, revoke"
exits "not listed: denied" 1 get demo/a
exits "allow add" 0 vouchsafe allow add released-images "$MEASUREMENT" \
  --label image=demo --source "pipeline 7" --reason "first release"
sleep 0.5
exits "listed: released" 0 get demo/a
exits "the same again" 0 vouchsafe allow add released-images "$MEASUREMENT" \
  --label image=demo
has "is one entry" "$TMP/out" "as it was"
exits "allow list" 0 vouchsafe allow list released-images
has "it lists it" "$TMP/out" "$MEASUREMENT"
exits "allow list as JSON" 0 vouchsafe allow list released-images --json
if command -v python3 >/dev/null; then
  check "is JSON" python3 -c 'import json,sys; json.load(open(sys.argv[1]))["entries"][0]["value"]' "$TMP/out"
fi
exits "allow list of all" 0 vouchsafe allow list
has "it has the rule" "$TMP/out" two-person
exits "allow show" 0 vouchsafe allow show released-images "$MEASUREMENT"
has "with its label" "$TMP/out" '"image":"demo"'
exits "a bad value" 2 vouchsafe allow add released-images 1234
has "says the form" "$TMP/err" "96 hex digits"
exits "an unknown list" 2 vouchsafe allow add released-image "$MEASUREMENT"
has "with the nearest" "$TMP/err" released-images
exits "a dry run" 0 vouchsafe allow add released-images "$OTHER" --dry-run
exits "adds nothing" 2 vouchsafe allow show released-images "$OTHER"
exits "revoke without a reason" 2 \
  vouchsafe allow revoke released-images "$MEASUREMENT"
exits "revoke" 0 vouchsafe allow revoke released-images "$MEASUREMENT" \
  --reason "leaked"
exits "revoked: the next release is denied" 1 get demo/a
exits "revoke again" 0 vouchsafe allow revoke released-images "$MEASUREMENT" \
  --reason "leaked"
has "changes nothing" "$TMP/out" "as it was"
exits "audit" 0 vouchsafe audit list
has "it has the addition" "$TMP/out" list.add
has "it has the revocation" "$TMP/out" list.revoke

echo "# deny list"
exits "add again by the security team" 0 \
  vouchsafe allow add released-images "$MEASUREMENT"
sleep 0.5
exits "released" 0 get demo/a
# The simulated processor of the PKI.
CHIP=$(vouchsafe audit list --json | sed -n 's/.*"id": "\([^"]*\)".*/\1/p' |
  head -n 1)
vouchsafe audit show "$CHIP" --json >"$TMP/record"
CHIP=$(sed -n 's/.*"chip_id": *"\([0-9a-f]*\)".*/\1/p' "$TMP/record" | head -n 1)
exits "a chip is denied" 0 vouchsafe allow add bad-chips "$CHIP"
exits "and gets nothing" 1 get demo/a
exits "lifted" 0 vouchsafe allow revoke bad-chips "$CHIP" --reason "repaired"
exits "released again" 0 get demo/a

echo "# two persons"
exits "add waits" 0 vouchsafe allow add two-person "$MEASUREMENT" --reason new
has "for approval" "$TMP/out" "waits for approval"
ASK=$(sed -n 's/.*waits for approval \([0-9a-f-]*\).*/\1/p' "$TMP/out")
sleep 0.5
exits "and is not listed" 1 get two/a
exits "the same person cannot approve" 1 vouchsafe allow approve "$ASK"
exits "pending" 0 vouchsafe allow pending
has "it is there" "$TMP/out" "$ASK"
exits "pending ID" 0 vouchsafe allow pending "$ASK"
has "with the reason" "$TMP/out" '"new"'
exits "the same push" 0 vouchsafe allow add two-person "$MEASUREMENT"
has "is the same request" "$TMP/out" "$ASK"
exits "reject" 0 vouchsafe allow reject "$ASK" --reason "not yet"
exits "approve after that" 2 vouchsafe allow approve "$ASK"
exits "two/a is denied" 1 get two/a

echo "# releases that people approve"
now() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 0 --out "$TMP/key"; }
# ask_of KEY: the last request for its release.
ask_of() { vouchsafe allow pending | awk -v k="$1@1" '$2 == "release" && $4 == k { print $1 }' | tail -n 1; }
exits "an approved image must wait" 1 now one/a
has "and is told so" "$TMP/err" "waits for people"
ASK=$(ask_of one/a)
check "the request is there" test -n "$ASK"
exits "asking again" 1 now one/a
same "is the same request" "$(ask_of one/a)" "$ASK"
exits "an approver sees it" 0 vouchsafe allow pending "$ASK"
has "with the reason of the policy" "$TMP/out" "weights of a customer"
has "and what was proven" "$TMP/out" "$MEASUREMENT"
exits "approve" 0 vouchsafe allow approve "$ASK"
exits "another key is not approved by that" 1 now one/b
exits "nor another processor" 1 now one/a --sim-vlek
exits "the release succeeds" 0 now one/a
exits "once" 1 now one/a
ASK=$(ask_of one/a)
exits "approve again" 0 vouchsafe allow approve "$ASK"
sleep 8.2
exits "its window is over" 1 now one/a
exits "reject one/b" 0 vouchsafe allow reject "$(ask_of one/b)" --reason no
exits "one/b asks anew" 1 now one/b
(sleep 1.5 && vouchsafe allow approve "$(ask_of one/b)") >/dev/null &
exits "a guest that waits gets it" 0 guest get one/b --url "$URL" \
  --simulate "$TMP/pki" --wait 20 --out "$TMP/key"
wait $! 2>/dev/null
exits "the trail has it" 0 vouchsafe audit list --limit 50
has "who asked" "$TMP/out" release.ask
has "who approved" "$TMP/out" approval.approve

echo "# proofs of origin"
if [ -s "$TMP/ci.pub" ]; then
  envelope() { # FILE REPO VALUE: signs for the text of a value
    local s
    s='{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"m","digest":{"sha256":"'
    s+=$(printf '%s' "$3" | sha256sum | cut -d' ' -f1)
    s+='"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"https://ci.example/t","externalParameters":{},"resolvedDependencies":[{"uri":"git+'$2'@refs/tags/v1","digest":{"gitCommit":"abc"}}]},"runDetails":{"builder":{"id":"https://ci.example/builder"}}}}'
    printf 'DSSEv1 28 application/vnd.in-toto+json %d %s' "${#s}" "$s" >"$TMP/pae"
    openssl dgst -sha256 -sign "$TMP/ci.pem" -out "$TMP/sig" "$TMP/pae"
    printf '{"payloadType":"application/vnd.in-toto+json","payload":"%s","signatures":[{"sig":"%s"}]}' \
      "$(printf '%s' "$s" | base64 -w0)" "$(base64 -w0 "$TMP/sig")" >"$1"
  }
  REPO=https://git.example/acme/model
  envelope "$TMP/good.json" "$REPO" "$OTHER"
  envelope "$TMP/fork.json" "$REPO-fork" "$OTHER"
  envelope "$TMP/third.json" "$REPO" "$THIRD"
  exits "without one it is refused" 1 vouchsafe allow add proven "$OTHER"
  has "and told why" "$TMP/err" "proof of origin"
  exits "of a fork" 1 vouchsafe allow add proven "$OTHER" \
    --provenance "$TMP/fork.json"
  exits "of another value" 1 vouchsafe allow add proven "$OTHER" \
    --provenance "$TMP/third.json"
  sed 's/"payload":"./"payload":"f/' "$TMP/good.json" >"$TMP/cut.json"
  exits "altered" 3 vouchsafe allow add proven "$OTHER" \
    --provenance "$TMP/cut.json"
  exits "a list that demands none takes none" 2 vouchsafe allow add \
    released-images "$OTHER" --provenance "$TMP/good.json"
  exits "with one it is added" 0 vouchsafe allow add proven "$OTHER" \
    --provenance "$TMP/good.json"
  exits "and shown" 0 vouchsafe allow show proven "$OTHER" --json
  has "with its level" "$TMP/out" '"slsa_level": 3'
  has "and its source" "$TMP/out" "$REPO"
  sleep 0.5
  exits "a policy reads that" 0 guest get proven/a --url "$URL" \
    --simulate "$TMP/pki" --wait 0 --out "$TMP/key" --sim-measurement "$OTHER"
fi

echo "# the API itself"
if command -v curl >/dev/null; then
  api() { curl -s --unix-socket "$VOUCHSAFE_SOCKET" "$@"; }
  code() { api -o "$TMP/body" -D "$TMP/head" -w '%{http_code}' "$@"; }
  E=http://x/v1/allowlists/released-images/entries
  same "PUT" "$(code -X PUT "$E/$THIRD")" 200
  TAG=$(sed -n 's/^[Ee][Tt]ag: *\("[^"]*"\).*/\1/p' "$TMP/head")
  check "it has an ETag" test -n "$TAG"
  same "PUT again" "$(code -X PUT "$E/$THIRD")" 200
  has "is unchanged" "$TMP/body" '"unchanged":true'
  same "only where there is none" \
    "$(code -X PUT -H 'If-None-Match: *' "$E/$THIRD")" 412
  same "with another ETag" "$(code -X PUT -H 'If-Match: "1-99"' \
    -d '{"labels":{"a":"b"}}' "$E/$THIRD")" 412
  same "with nonsense" "$(code -X PUT -H 'If-Match: x' "$E/$THIRD")" 412
  same "with its own" "$(code -X PUT -H "If-Match: $TAG" \
    -d '{"labels":{"b":"2","a":"1"}}' "$E/$THIRD")" 200
  same "the old one is no more" "$(code -X POST -H "If-Match: $TAG" \
    -d '{"reason":"x"}' "$E/$THIRD:revoke")" 412
  same "labels in another order" \
    "$(code -X PUT -d '{"labels":{"a":"1","b":"2"}}' "$E/$THIRD")" 200
  has "are the same" "$TMP/body" '"unchanged":true'
  same "GET shows history" "$(code "$E/$THIRD")" 200
  has "what was replaced" "$TMP/body" '"state":"replaced"'
  same "a page of one" "$(code "$E?limit=1")" 200
  NEXT=$(sed -n 's/.*"next":\([0-9]*\).*/\1/p' "$TMP/body")
  check "has a next" test -n "$NEXT"
  cp "$TMP/body" "$TMP/first"
  same "the next page" "$(code "$E?limit=1&after=$NEXT")" 200
  if cmp -s "$TMP/body" "$TMP/first"; then bad "is the same"; else
    ok "is another"
  fi
  same "a dry run without a value" \
    "$(code -X POST -d '{"reason":"x"}' "$E/$THIRD:revoke?dry_run")" 400
  same "changes nothing" "$(code "$E/$THIRD")" 200
  has "for it is active" "$TMP/body" \
    "\"value\":\"$THIRD\",\"kind\":\"snp-measurement\",\"state\":\"active\""
  same "an unknown member" "$(code -X PUT -d '{"label":1}' "$E/$THIRD")" 400
  same "no list" "$(code http://x/v1/allowlists/none/entries)" 404
  same "not below a list" "$(code http://x/v1/allowlists/released-images/x)" 404
  same "no such verb" "$(code -X POST "$E/$THIRD:delete")" 404
  same "DELETE" "$(code -X DELETE "$E/$THIRD")" 405
  same "a past expiry" "$(code -X PUT \
    -d '{"expires_at":"2020-01-01T00:00:00Z"}' "$E/$THIRD")" 400
  same "approvals: a bad state" "$(code http://x/v1/approvals?state=x)" 400
  same "approvals: all" "$(code http://x/v1/approvals?state=all)" 200
  same "approvals: none of this id" "$(code \
    http://x/v1/approvals/00000000-0000-7000-8000-000000000000)" 404
fi

echo "# restart"
stop_daemon
same "it stops in order" "$DAEMON_STATUS" 0
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "the list outlives it" 0 get demo/a
exits "a list is no older than it says" 0 get demo/a
exits "the trail is whole" 0 vouchsafe audit verify
stop_daemon
finish
