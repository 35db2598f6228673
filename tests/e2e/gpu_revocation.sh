#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What NVIDIA says of revocation, as files: kept, verified before use, and what
# becomes of a release. And devices judged with their CPU on the command line.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "no openssl"
vouchsafe simulate pki "$TMP/pki" --rsa-bits 2048 --gpus 2 >/dev/null || exit 1
GPU=$TMP/pki/gpu
cd "$TMP" || exit 1

# answer CERT ISSUER KEY STATE FILE: what a responder would say of the first
# certificate in the file CERT. STATE is good, or why it is revoked.
answer() {
  local serial
  serial=$(openssl x509 -in "$1" -noout -serial | cut -d= -f2)
  if [ "$4" = good ]; then
    printf 'V\t991231235959Z\t\t%s\tunknown\t/CN=x\n' "$serial" >index.txt
  else
    printf 'R\t991231235959Z\t250101000000Z,%s\t%s\tunknown\t/CN=x\n' \
      "$4" "$serial" >index.txt
  fi
  openssl ocsp -index index.txt -CA "$2" -rsigner "$2" -rkey "$3" \
    -issuer "$2" -cert "$1" -respout "$5" -ndays 1 -no_nonce -noverify \
    -rmd sha384 >/dev/null 2>&1 || echo "no answer $5"
}
# Certificate N of a chain, from 0 at the leaf.
cert() {
  awk -v want="$2" '/-----BEGIN/ { n++ } n == want + 1' "$1"
}
for i in 0 1; do cert "$GPU/gpu-$i.pem" 1 >"brom-$i.pem"; done
answer brom-0.pem "$GPU/provisioner.pem" "$GPU/provisioner.key" good good-0.der
answer brom-1.pem "$GPU/provisioner.pem" "$GPU/provisioner.key" good good-1.der
answer "$GPU/provisioner.pem" "$GPU/identity.pem" "$GPU/identity.key" good \
  good-p.der
answer "$GPU/identity.pem" "$GPU/gpu-root.pem" "$GPU/gpu-root.key" good \
  good-i.der
answer brom-1.pem "$GPU/provisioner.pem" "$GPU/provisioner.key" \
  certificateHold hold-1.der

PORT=$(free_port)
URL=http://127.0.0.1:$PORT
mkdir -p policies collateral
cp pki/crl.der collateral/
for a in ark.pem gpu/gpu-root.pem gpu/rim-root.pem; do
  cp "pki/$a" .
done
{
  echo "data: $TMP/data"
  echo "policy_dir: $TMP/policies"
  echo "collateral_dir: $TMP/collateral"
  echo "trust_anchors:"
  for a in lab=ark gpu=gpu-root rim=rim-root; do
    echo "  - name: ${a%%=*}"
    echo "    file: $TMP/${a#*=}.pem"
  done
  echo "guest:"
  echo "  listen: 127.0.0.1:$PORT"
} >config.yaml
export VOUCHSAFE_SOCKET=$TMP/data/admin.sock
ANCHORS=(--trust-anchor ark.pem --trust-anchor gpu-root.pem
  --trust-anchor rim-root.pem)
{
  policy_for node 'node/**' "$MEASUREMENT"
  cat <<'END'
  - id: gpus
    assert: |
      size(gpus) == 2 && gpus.all(g, g.simulated &&
        has(g.cc_state) && g.cc_state == "on" &&
        has(g.cc_mode) && g.cc_mode == "mpt" && g.measurements == "match")
  - id: withdrawn
    assert: |
      gpus.all(g, g.revocation == "good" && has(g.revocation_age) &&
        g.revocation_age < 86400)
END
} >policies/node.yaml
exits "the policy is good" 0 vouchsafe policy check policies/node.yaml

import() {
  vouchsafe collateral import --collateral collateral "${ANCHORS[@]}" "$@"
}
exits "reference documents" 0 import pki/gpu/rims/*.xml
exits "answers are kept" 0 import good-0.der good-1.der good-p.der
has "each by its serial number" out "ocsp 41"
exits "and known afterwards" 0 import good-0.der
has "as they are" out "known already"
exits "what is none is not" 2 import "$GPU/gpu.json"
exits "status" 0 vouchsafe collateral status --collateral collateral \
  "${ANCHORS[@]}"
has "says that nobody verified them" out unverified

echo "# lists of an authority that comes with the evidence"
cat >ca.cnf <<'END'
[ca]
default_ca = lists
[lists]
database = listed.txt
default_md = sha384
default_crl_days = 30
END
# list FILE [SERIAL]: by the authority above the provisioner.
list() {
  : >listed.txt
  [ $# -eq 1 ] || printf 'R\t991231235959Z\t250101000000Z\t%s\tunknown\t%s\n' \
    "$2" /CN=x >listed.txt
  openssl ca -config ca.cnf -gencrl -cert "$GPU/identity.pem" \
    -keyfile "$GPU/identity.key" -out "$1" >/dev/null 2>&1 || echo "no list $1"
}
keep() {
  vouchsafe collateral import --collateral lists "${ANCHORS[@]}" "$@"
}
lists() {
  find lists -name 'crl-NVIDIA*' | wc -l
}
mkdir lists
serial=$(openssl x509 -in "$GPU/provisioner.pem" -noout -serial | cut -d= -f2)
list empty-1.pem && sleep 1.1
list revoked.pem "$serial" && sleep 1.1
list empty-2.pem && sleep 1.1
list empty-3.pem
exits "an empty list" 0 keep empty-1.pem
exits "one with something on it replaces it" 0 keep revoked.pem
same "one is left" "$(lists)" 1
exits "an empty one does not replace that" 0 keep empty-2.pem
same "both are there" "$(lists)" 2
exits "but the empty one" 0 keep empty-3.pem
same "two, as before" "$(lists)" 2
exits "an older one changes nothing" 0 keep empty-1.pem
same "and is not kept" "$(lists)" 2

echo "# with the CPU, on the command line"
NONCE=$(printf '5a%.0s' $(seq 32))
cat >jwk.json <<'END'
{"kty":"OKP","crv":"X25519","x":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
END
exits "evidence" 0 vouchsafe simulate evidence --pki pki --nonce "$NONCE" \
  --recipient jwk.json --out-report r --out-certs c --out-gpus g.json
app() {
  vouchsafe appraise --cpu r --certs c --gpu g.json --collateral collateral \
    "${ANCHORS[@]}" --nonce "$NONCE" --recipient jwk.json --json "$@"
}
exits "one machine" 0 app --gpu-cc-state on
has "its state" out '"cc_state": "on"'
has "bound" out '"bound": true'
has "one answer is missing" out '"revocation": "absent"'
exits "another state than the guest's" 3 app --gpu-cc-state devtools
has "is not bound" out bind.report_data
exits "no state" 3 app
exits "a state for each" 0 app --gpu-cc-state on --gpu-cc-state on
exits "a state for one too many" 2 app --gpu-cc-state on \
  --gpu-cc-state on --gpu-cc-state on
exits "a state without its request" 2 vouchsafe appraise --gpu g.json \
  --gpu-cc-state on
NONCE=${NONCE/5a/5b} exits "another request" 3 app --gpu-cc-state on
exits "under the lists" 3 vouchsafe appraise --gpu g.json \
  --collateral lists "${ANCHORS[@]}" --json
has "the authority is revoked" out GPU_REVOKED
exits "the last answer" 0 import good-i.der
exits "nothing is missing" 0 app --gpu-cc-state on
has "good" out '"revocation": "good"'
has "and how long ago" out '"revocation_age":'
exits "two days later" 0 app --gpu-cc-state on --at "$(date -ud '+2 days' +%s)"
has "nothing is known any more" out '"revocation": "absent"'

echo "# in a release"
get() {
  guest get node/key --url "$URL" --simulate pki --wait 5 --out key "$@"
}
# until CODE: after a reload, which takes a second or two.
until_get() {
  local i got=
  for i in $(seq 50); do
    got=0
    get >out 2>err || got=$?
    [ "$got" = "$1" ] && return 0
    sleep 0.1
  done
  echo "     | exit $got, waited for $1"
  return 1
}
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create node/key
exits "the key" 0 get
exits "a hold" 0 import hold-1.der
check "nobody gets the key" until_get 3
id=$(sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]\{27\}\).*/\1/p' err | head -n 1)
exits "on record" 0 vouchsafe audit show "$id"
has "by its class" out GPU_REVOKED
has "and its device" out "GPU 1"
sleep 1.1 # answers know seconds
answer brom-1.pem "$GPU/provisioner.pem" "$GPU/provisioner.key" good \
  later-1.der
exits "the hold ends" 0 import later-1.der
check "the key again" until_get 0
same "the hold is kept" "$(find collateral -name 'ocsp-*' -size +0 | wc -l)" 5
answer brom-1.pem "$GPU/provisioner.pem" "$GPU/provisioner.key" \
  keyCompromise revoked-1.der
exits "revoked" 0 import revoked-1.der
check "for good" until_get 3
stop_daemon
finish
