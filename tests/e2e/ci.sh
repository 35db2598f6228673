#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A CI job that has nothing but the token of its issuer pushes a measurement;
# the next release with it succeeds, and fails once it is revoked. What the
# job may not, it cannot, by whatever order of calls.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "no openssl"
command -v python3 >/dev/null || skip "no python3"
make_pki || exit 1
jwt() { python3 "$VS_SOURCE/tests/e2e/jwt.py" "$@"; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -keyout "$TMP/broker.key" -out "$TMP/broker.crt" -days 2 -subj /CN=broker \
  -addext "subjectAltName=IP:127.0.0.1" 2>/dev/null || exit 1
openssl genrsa -out "$TMP/issuer.pem" 2048 2>/dev/null
jwt jwks "$TMP/issuer.pem" k1 >"$TMP/jwks.json" || exit 1

ADMIN_PORT=$(free_port)
write_config <<END
admin:
  listen: 127.0.0.1:$ADMIN_PORT
  tls:
    cert: $TMP/broker.crt
    key: $TMP/broker.key
lists:
  released: {kind: snp-measurement}
  agreed:
    kind: snp-measurement
    approvals: {add: 1}
  other: {kind: snp-measurement}
identities:
  issuers:
    - name: gitlab
      issuer: https://gitlab.com
      audience: https://broker.example
      jwks: $TMP/jwks.json
  bindings:
    - issuer: gitlab
      claims: {project_path: org/app, ref_type: branch, ref: main}
      roles: [ci]
      lists: [released, agreed]
    - issuer: gitlab
      claims: {project_path: org/ops, user_login: "*_lead"}
      person_claim: user_login
      roles: [security]
END
cat >"$TMP/policies/demo.yaml" <<END
apiVersion: policy/v1
name: demo
version: 1
keys: ["demo/**"]
tee: [snp]
lists:
  released: {source: registry, max_age: 1m}
  agreed: {source: registry, max_age: 1m}
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab"
  - id: no-debug
    assert: |
      !tee.debug
  - id: listed
    assert: |
      snp.measurement in registry.released ||
      snp.measurement in registry.agreed
  - id: tcb
    assert: |
      snp.tcb.reported.microcode >= 1
END
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "a key" 0 vouchsafe key create demo/a

H='{"alg":"RS256","typ":"JWT","kid":"k1"}'
claims() { # SUB MORE
  printf '{"iss":"https://gitlab.com","aud":"https://broker.example",'
  printf '"sub":"%s","jti":"j-%s","iat":@0,"nbf":@-5,"exp":@300,%s}' \
    "$1" "$1" "$2"
}
as() { # SUB MORE VERB...
  local t
  t=$(jwt sign "$TMP/issuer.pem" "$H" "$(claims "$1" "$2")") || return 99
  shift 2
  VOUCHSAFE_URL=https://127.0.0.1:$ADMIN_PORT VOUCHSAFE_TOKEN=$t \
    vouchsafe "$@" --ca "$TMP/broker.crt"
}
JOB='"project_path":"org/app","ref_type":"branch","ref":"main"'
job() { as project_path:org/app:ref_type:branch:ref:main "$JOB" "$@"; }
lead() {
  as "user:$1" "\"project_path\":\"org/ops\",\"user_login\":\"$1_lead\"" \
    "${@:2}"
}
get() {
  guest get demo/a --url "$URL" --simulate "$TMP/pki" --wait 0 --out "$TMP/key"
}
within_a_second() { # WHAT WANT COMMAND...
  local what=$1 want=$2 got= i
  shift 2
  for i in $(seq 10); do
    got=0
    "$@" >"$TMP/out" 2>"$TMP/err" || got=$?
    [ "$got" = "$want" ] && ok "$what" && return
    sleep 0.1
  done
  bad "$what: exit $got, want $want"
}

echo "# the job's way"
exits "not listed: denied" 1 get
exits "the job pushes its measurement" 0 job allow add released "$MEASUREMENT"
within_a_second "listed: released" 0 get
exits "again: the same entry" 0 job allow add released "$MEASUREMENT"
has "it says so" "$TMP/out" "as it was"
exits "the job may not revoke" 1 job allow revoke released "$MEASUREMENT" \
  --reason test
has "it says why" "$TMP/err" "may not revoke"
exits "a lead may" 0 lead ann allow revoke released "$MEASUREMENT" \
  --reason "found a flaw"
within_a_second "revoked: denied" 1 get
exits "the job cannot bring it back" 2 job allow add released "$MEASUREMENT"

echo "# what the job may not"
exits "another list" 1 job allow add other "$MEASUREMENT"
has "another list: says why" "$TMP/err" "may not change the list other"
exits "another branch" 1 as x "${JOB/main/feature}" allow add released \
  "$MEASUREMENT"
has "another branch: says why" "$TMP/err" "ref is feature, not main"
exits "a tag of that name" 1 as x "${JOB/branch/tag}" allow add released \
  "$MEASUREMENT"
exits "another project" 1 as x "${JOB/org\/app/org\/evil}" allow add \
  released "$MEASUREMENT"
has "another project: says why" "$TMP/err" \
  "project_path is org/evil, not org/app"
exits "to look at another list" 1 job allow list other
exits "or at an entry of it" 1 job allow show other "$MEASUREMENT"
exits "its own it may see" 0 job allow list released
exits "a key" 1 job key create demo/b
exits "the trail" 1 job audit list
exits "a token of its own" 1 job token create x --role ci --list other

echo "# two persons"
exits "the job asks" 0 job allow add agreed "$MEASUREMENT"
ASK=$(vouchsafe allow pending --json | json_str /dev/stdin id)
[ -n "$ASK" ] || bad "nothing is pending"
exits "not yet: denied" 1 get
exits "the job may not agree with itself" 1 job allow approve "$ASK"
exits "a lead may" 0 lead ben allow approve "$ASK"
within_a_second "agreed: released" 0 get
exits "a lead asks" 0 lead ben allow add agreed "$(printf '44%.0s' $(seq 48))"
ASK=$(vouchsafe allow pending --json | json_str /dev/stdin id)
exits "and may not agree with himself" 1 lead ben allow approve "$ASK"
exits "nor by a token that he makes" 0 lead ben token create me \
  --role security --out "$TMP/me"
exits "which is his hand" 1 vouchsafe allow approve "$ASK" \
  --url "https://127.0.0.1:$ADMIN_PORT" --ca "$TMP/broker.crt" \
  --token-file "$TMP/me"
exits "nor by another job of his" 1 as other:job \
  '"project_path":"org/ops","user_login":"ben_lead"' allow approve "$ASK"
exits "another lead may" 0 lead ann allow approve "$ASK"

exits "audit" 0 vouchsafe audit list --json
has "the trail has the job and its token" "$TMP/out" \
  "oidc:gitlab:project_path:org/app:ref_type:branch:ref:main#j-project_path"
exits "the trail is whole" 0 vouchsafe audit verify
stop_daemon
finish
