#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Intel's collateral from the command line and in the daemon: imported in any
# form, never rolled back, listed by platform, and warned of before it lapses.
. "$(dirname "$0")/lib.sh"

cd "$TMP" || exit 1
vouchsafe simulate pki pki --tee tdx >/dev/null || exit 1
vouchsafe simulate pki stranger --tee tdx >/dev/null || exit 1
cp pki/root.pem lab.pem
LAB=(--trust-anchor lab.pem)
NOW=$(date -u +%s)
at() { date -u -d "@$((NOW + $1 * 86400))" +%Y-%m-%dT%H:%M:%SZ; }
says() { # DIR OPTIONS...
  local dir=$1
  shift
  vouchsafe simulate collateral --pki pki --out "$dir" "$@" >/dev/null
}
import() {
  vouchsafe collateral import --collateral col "${LAB[@]}" "$@" >out 2>&1
  CODE=$?
}
status() { vouchsafe collateral status --collateral col "${LAB[@]}" "$@"; }
gives() { same "$1: exit code" "$CODE" "$2"; }
shows() { has "$1" out "$2"; }
count() { ls col | wc -l; }

echo "# import"
says first --at "$(at -3)" --number 17
import first
gives "a directory in one go" 0
shows "with TCB info" "tcb-info TDX"
shows "and the identity" "qe-identity TD QE: stored"
HELD=$(count)
import first
gives "once more" 0
same "adds nothing" "$(count)" "$HELD"
status --json >out || true
shows "the platform is listed" '"name": "TDX 0053494d0000"'
shows "with its number" '"number": 17'
grep -A12 '"name": "TDX' out >platform
has "and its days" platform '"days_left": 2'

echo "# newer, older, forged"
says second --at "$(at -2)" --number 18
import second/tcb-info.json second/qe-identity.json
gives "a higher number" 0
shows "replaces" "in place of the older one"
says kinder --at "$(at -1)" --number 17
import kinder/tcb-info.json
gives "a lower number, issued later" 0
shows "is left out" "older than the one that is there"
same "one copy stays" "$(count)" "$HELD"
vouchsafe simulate collateral --pki stranger --out foreign >/dev/null
import foreign/tcb-info.json
gives "by a stranger" 3
import foreign/pck-crl.der
gives "a CRL by a stranger" 3
shows "says which chain is missing" "import its chain first"
import foreign
gives "a chain of a stranger" 3
sed 's/"tcbEvaluationDataNumber":18/"tcbEvaluationDataNumber":19/' \
  second/tcb-info.json >edited.json
import edited.json
gives "an edited one" 3
shows "does not verify" "not signed by a known TCB signing certificate"
echo '{"tcbInfo":{}}' >broken.json
import broken.json
gives "a broken one" 2
same "nothing of it stays" "$(count)" "$HELD"

echo "# two lists of one root"
vouchsafe simulate pki "$TMP/amd" --rsa-bits 2048 >/dev/null
vouchsafe simulate crl --pki "$TMP/amd" --revoke ask --out "$TMP/vcek.crl" \
  --at "$(date -u -d '2 days ago' +%FT%TZ)"
vouchsafe simulate crl --pki "$TMP/amd" --out "$TMP/vlek.crl"
vouchsafe simulate evidence --pki "$TMP/amd" --out-report "$TMP/snp.bin" \
  --out-certs "$TMP/snp.certs" >/dev/null
for order in "vcek vlek" "vlek vcek"; do
  rm -rf "$TMP/two"
  for list in $order; do
    exits "import of the list $list" 0 vouchsafe collateral import \
      "$TMP/$list.crl" --collateral "$TMP/two" --trust-anchor "$TMP/amd/ark.pem"
  done
  exits "revoked by either list ($order)" 3 vouchsafe appraise \
    --cpu "$TMP/snp.bin" --certs "$TMP/snp.certs" --collateral "$TMP/two" \
    --trust-anchor "$TMP/amd/ark.pem"
  has "and for that" "$TMP/out" chain.revoked
done

echo "# forms"
python3 - second <<'END'
import json, sys, urllib.parse
d = sys.argv[1]
text = lambda f: open(f"{d}/{f}").read()
hexa = lambda f: open(f"{d}/{f}", "rb").read().hex()
tcb, qe = text("tcb-info.json"), text("qe-identity.json")
chain, pck = text("tcb-info-issuer-chain.pem"), text("pck-crl-issuer-chain.pem")
inner = lambda s, m: (s[s.index(m) + len(m):s.rindex(',"signature"')],
                      json.loads(s)["signature"])
flat = {"pck_crl_issuer_chain": pck, "root_ca_crl": hexa("root-crl.der"),
        "pck_crl": hexa("pck-crl.der"), "tcb_info_issuer_chain": chain,
        "qe_identity_issuer_chain": chain}
flat["tcb_info"], flat["tcb_info_signature"] = inner(tcb, '"tcbInfo":')
flat["qe_identity"], flat["qe_identity_signature"] = inner(qe, '"enclaveIdentity":')
json.dump(flat, open("flat.json", "w"))
url = urllib.parse.quote
open("platform.json", "w").write(
    '{"collaterals":{"tcbinfos":[{"fmspc":"x","tdx_tcbinfo":' + tcb + '}],'
    '"pckcacrl":{"platformCrl":"' + hexa("pck-crl.der") + '"},'
    '"tdqeidentity":' + qe + ',"rootcacrl":"' + hexa("root-crl.der") + '",'
    '"certificates":{"TCB-Info-Issuer-Chain":"' + url(chain) + '",'
    '"SGX-PCK-Certificate-Issuer-Chain":{"PLATFORM":"' + url(pck) + '"}}}}')
open("tcb.hdr", "w").write("HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: " + url(chain) + "\r\n")
open("pck.hdr", "w").write("SGX-PCK-CRL-Issuer-Chain: " + url(pck) + "\r\n")
open("root-crl.hex", "w").write(hexa("root-crl.der") + "\n")
END
for form in flat.json platform.json \
  "tcb.hdr pck.hdr root-crl.hex second/pck-crl.der second/tcb-info.json second/qe-identity.json"; do
  rm -rf col
  # shellcheck disable=SC2086
  import $form
  gives "as ${form%% *}" 0
  same "all of it" "$(count)" "$HELD"
done
status >out; CODE=$?
gives "status" 0
status --at "$(at 40)" >out; CODE=$?
gives "status, later" 1
shows "what has lapsed" EXPIRED

echo "# the daemon"
PORT=$(free_port)
mkdir -p policies data
rm -rf col && cp -r second col
cat >config.yaml <<END
data: $TMP/data
policy_dir: $TMP/policies
collateral_dir: $TMP/col
trust_anchors:
  - name: lab
    file: $TMP/lab.pem
guest:
  listen: 127.0.0.1:$PORT
END
cat >policies/p.yaml <<END
apiVersion: policy/v1
name: demo
version: 1
keys: ["demo/**"]
tee: [tdx]
waive:
  - {check: tcb, until: 2099-01-01T00:00:00Z, reason: nothing is released}
  - {check: identity, until: 2099-01-01T00:00:00Z, reason: nothing is released}
rules:
  - id: simulated
    assert: |
      tee.simulated && !tee.debug
END
export VOUCHSAFE_SOCKET=$TMP/data/admin.sock
start_daemon || exit 1
ready() { http_get "$PORT" /readyz >out 2>/dev/null; }
wait_for() { # WHAT TEXT: in the answer of /readyz, within 10 s
  for _ in $(seq 50); do
    ready
    grep -q -- "$2" out && break
    sleep 0.2
  done
  has "$1" out "$2"
}
wait_for "ready" '"status":"ready"'
says old --at "$(at -40)" --number 18
cp old/tcb-info.json col/tcb-info.json
wait_for "degraded without one platform's TCB info" '"status":"degraded"'
has "but ready" out "200 OK"
curl -s --unix-socket "$VOUCHSAFE_SOCKET" http://localhost/v1/status >out
has "a figure for alarms" out '"lapsed":1'
has "that names what it is" out '"next_name":"TDX 0053494d0000"'
cp old/qe-identity.json col/qe-identity.json
wait_for "not ready without the identity of the QE" " 503 "
has "says why" out collateral.expired
for _ in $(seq 25); do
  grep -q 'event=collateral-lapsed kind=qe-identity' daemon.log && break
  sleep 1
done
has "the log warns" daemon.log \
  'event=collateral-lapsed kind=tcb-info name="TDX 0053494d0000"'
finish
