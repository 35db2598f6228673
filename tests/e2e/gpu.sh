#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Releases to guests with GPUs: the machine is judged as one. A simulated
# SEV-SNP or TDX guest with 8 GPUs gets its key; with any of them wrong it does
# not, and the security team learns which one and why.
. "$(dirname "$0")/lib.sh"

HERE=$(dirname "$0")
vouchsafe simulate pki "$TMP/pki" --rsa-bits 2048 --gpus 8 >"$TMP/out" || exit 1
has "it says what to trust" "$TMP/out" rim-root.pem
vouchsafe simulate pki "$TMP/tdx" --tee tdx --gpus 8 --gpu-arch blackwell \
  >/dev/null || exit 1
vouchsafe simulate pki "$TMP/strange" --rsa-bits 2048 --gpus 8 >/dev/null ||
  exit 1
exits "GPUs that do not exist" 2 vouchsafe simulate pki "$TMP/no" --gpus 17
exits "switches without their board" 2 vouchsafe simulate pki "$TMP/no" \
  --rsa-bits 2048 --gpus 4 --switches 4
exits "an option of GPUs without GPUs" 2 vouchsafe simulate pki "$TMP/no" \
  --rsa-bits 2048 --gpu-arch hopper

# RTMR1 of a simulated TD.
LOADER=$(printf '21%.0s' $(seq 48))
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
mkdir -p "$TMP/policies" "$TMP/collateral"
cp "$TMP/pki/crl.der" "$TMP/collateral/"
cp "$TMP/tdx/collateral/"* "$TMP/collateral/"
ANCHORS=()
{
  echo "data: $TMP/data"
  echo "policy_dir: $TMP/policies"
  echo "collateral_dir: $TMP/collateral"
  echo "trust_anchors:"
  for a in lab=pki/ark.pem lab-tdx=tdx/root.pem \
    gpu=pki/gpu/gpu-root.pem rim=pki/gpu/rim-root.pem \
    gpu-b=tdx/gpu/gpu-root.pem rim-b=tdx/gpu/rim-root.pem; do
    cp "$TMP/${a#*=}" "$TMP/${a%%=*}.pem"
    echo "  - name: ${a%%=*}"
    echo "    file: $TMP/${a%%=*}.pem"
    ANCHORS+=(--trust-anchor "$TMP/${a%%=*}.pem")
  done
  echo "guest:"
  echo "  listen: 127.0.0.1:$PORT"
} >"$TMP/config.yaml"
export VOUCHSAFE_SOCKET=$TMP/data/admin.sock
exits "reference documents are imported" 0 vouchsafe collateral import \
  --collateral "$TMP/collateral" "${ANCHORS[@]}" \
  "$TMP"/pki/gpu/rims/*.xml "$TMP"/tdx/gpu/rims/*.xml
exits "those of a foreign root are not" 3 vouchsafe collateral import \
  --collateral "$TMP/other" --trust-anchor "$TMP/pki/gpu/rim-root.pem" \
  "$TMP"/strange/gpu/rims/*.xml
has "and it says why" "$TMP/err" "no trust anchor"

# The rules about GPUs, as in policy/; each by a name of its own.
gpu_rules() {
  cat <<END
  - id: gpu-count
    message: the node does not have all of its GPUs
    assert: |
      size(gpus) == 8
    explain: |
      "GPUs: " + string(size(gpus))
  - id: gpu-genuine
    message: a GPU is not what its maker measured
    assert: |
      gpus.all(g, g.arch == "$1" && g.bound && g.simulated &&
        g.measurements == "match")
  - id: gpu-confidential
    message: a GPU is not in confidential mode
    assert: |
      gpus.all(g, has(g.cc_state) && g.cc_state == "on")
  - id: gpu-mode
    message: a GPU was passed through as if it were alone
    assert: |
      gpus.all(g, has(g.cc_mode) && g.cc_mode == "$2")
  - id: gpu-vbios
    message: the VBIOS of a GPU is too old
    assert: |
      gpus.all(g, vercmpHex(g.vbios_version, "$3") >= 0)
  - id: gpu-fleet
    message: a GPU is not one of ours
    assert: |
      gpus.all(g, g.id in param.gpu_ids)
END
}
# ids DIR: its 8 GPUs, as claims name them.
ids() {
  local i
  for i in $(seq 0 7); do
    openssl storeutl -noout -text -certs "$TMP/$1/gpu/gpu-$i.pem" |
      grep -A 1 'Serial Number' | sed -n 5p | tr -d ' :'
  done
}
params() {
  echo "params:"
  echo "  gpu_ids:"
  ids "$1" | sed 's/.*/    - "&"/'
}
{
  policy_for node 'node/**' "$MEASUREMENT" | sed '/^rules:/,$d'
  params pki
  policy_for node 'node/**' "$MEASUREMENT" | sed -n '/^rules:/,$p'
  gpu_rules hopper ppcie 96.00.A5.00.01
  cat <<END
  - id: gpu-fabric
    message: the GPUs and switches of the node do not name each other
    assert: |
      gpus.all(g, has(g.topology) && g.topology)
END
} >"$TMP/policies/node.yaml"
{
  cat <<END
apiVersion: policy/v1
name: tnode
version: 1
keys: ["tnode/**"]
tee: [tdx]
END
  params tdx
  cat <<END
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab-tdx"
  - id: no-debug
    assert: |
      !tee.debug
  - id: image
    assert: |
      has(tdx.mrtd) && tdx.mrtd == "$MEASUREMENT" &&
      has(tdx.rtmr1) && tdx.rtmr1 == "$LOADER"
  - id: tcb-status
    assert: |
      has(tcb_status) && tcb_status == "UpToDate"
END
  gpu_rules blackwell mpt 97.00.88.00.0F
} >"$TMP/policies/tnode.yaml"
policy_for plain 'plain/**' "$MEASUREMENT" >"$TMP/policies/plain.yaml"
cp "$VS_SOURCE/policy/simulated-gpu-node.yaml" "$TMP/policies/"
exits "the policies are good" 0 vouchsafe policy check "$TMP"/policies/*.yaml

PKI=pki
get() { guest get "$NAME" --url "$URL" --simulate "$TMP/$PKI" --wait 5 "$@"; }
gets() {
  local what=$1
  shift
  rm -f "$TMP/key"
  exits "$what" 0 get --out "$TMP/key" "$@"
}
# refused WHAT EXIT CLASS DEVICE ARGS...: the guest's exit code, what the
# audit record of the attempt names, and which device.
refused() {
  local what=$1 code=$2 class=$3 device=$4
  shift 4
  rm -f "$TMP/no"
  exits "$what" "$code" get --out "$TMP/no" "$@"
  if [ -e "$TMP/no" ]; then bad "$what: it left a file"; fi
  if grep -qE "$class|GPU|gpu|TOPOLOGY" "$TMP/err"; then
    bad "$what: the guest learns why"
  fi
  id=$(sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]\{27\}\).*/\1/p' "$TMP/err" |
    head -n 1)
  exits "$what: it is in the audit" 0 vouchsafe audit show "$id"
  has "$what: with its class" "$TMP/out" "$class"
  [ -z "$device" ] || has "$what: and its device" "$TMP/out" "$device"
}
# explained WHAT TEXT: what the policy says of the last attempt.
explained() {
  vouchsafe policy explain "$id" >"$TMP/out" 2>"$TMP/err"
  has "$1" "$TMP/out" "$2"
}

start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create node/key tnode/key plain/key \
  gpu-demo/key

echo "# SEV-SNP, 8 GPUs of Hopper and their switches"
NAME=node/key
gets "the node gets its key"
gets "and when it insists on 8" --gpus 8
gets "and in another order of options" --gpus all --curve X25519
exits "more GPUs than it has" 2 get --gpus 9 --out "$TMP/no"
mapfile -t IDS < <(ids pki)
exits "audit list" 0 vouchsafe audit list
has "the release is there" "$TMP/out" allowed
NAME=gpu-demo/key gets "the example policy"
NAME=plain/key gets "a policy that does not look at GPUs" --gpus 8
NAME=plain/key gets "and needs none" --gpus none

refused "one GPU dropped by the machine" 3 TOPOLOGY "" --gpus 7
refused "and its switches left out" 1 gpu-count "" --gpus 7 --sim-gpu no-switches
explained "the policy counts" "GPUs: 7"
refused "no GPU at all" 1 gpu-count "" --gpus none
refused "one GPU dropped on the way" 3 report_data "" --sim-gpu relay-drop
refused "one swapped on the way" 3 report_data "" --sim-gpu relay-swap
refused "two changed places on the way" 3 report_data "" --sim-gpu relay-order
refused "one duplicated" 3 GPU_DUPLICATE "${IDS[0]}" --sim-gpu duplicate
refused "one of another machine" 3 TOPOLOGY "GPU 7 (41" --sim-gpu foreign
refused "and without the switches" 1 gpu-fleet "" --sim-gpu foreign \
  --sim-gpu no-switches
refused "another challenge" 3 GPU_NONCE "${IDS[3]}" --sim-gpu stale:3
refused "a broken signature" 3 GPU_SIG "${IDS[2]}" --sim-gpu bad-signature:2
refused "firmware of another leaf" 3 GPU_FWID "${IDS[4]}" --sim-gpu fwid:4
refused "an old VBIOS" 1 gpu-vbios 96.00.9F.00.01 --sim-gpu old-vbios:5
explained "the explanation names the GPU" "gpus[5]"
refused "other measurements" 1 gpu-genuine driver:24 --sim-gpu mismatch:6
explained "the explanation names the GPU" "gpus[6]"
refused "developer mode" 1 gpu-confidential devtools --sim-gpu devtools:1
explained "the explanation names the GPU" "gpus[1]"
refused "developer mode, hidden on the way" 3 report_data "" \
  --sim-gpu devtools:1 --sim-gpu relay-cc-on
refused "confidential mode off" 1 gpu-confidential off --sim-gpu off
refused "a driver that says nothing" 1 gpu-confidential "" --sim-gpu unsaid
refused "a GPU passed through alone" 3 TOPOLOGY "${IDS[7]}" --sim-gpu spt
refused "the same without the switches" 1 gpu-mode "" --sim-gpu spt:4 \
  --sim-gpu no-switches
explained "the explanation names the GPU" "gpus[4]"
PKI=strange refused "another machine altogether" 3 chain.untrusted_root ""
mkdir "$TMP/mixed" && cp -r "$TMP/pki/." "$TMP/mixed/" &&
  rm -r "$TMP/mixed/gpu" && cp -r "$TMP/strange/gpu" "$TMP/mixed/gpu"
PKI=mixed refused "GPUs of a foreign root" 3 GPU_CHAIN "GPU 0"

echo "# TDX, 8 GPUs of Blackwell"
NAME=tnode/key
PKI=tdx
mapfile -t IDS < <(ids tdx)
gets "the node gets its key"
refused "one GPU dropped" 1 gpu-count "" --gpus 7
refused "one dropped on the way" 3 report_data "" --sim-gpu relay-drop
refused "one swapped on the way" 3 report_data "" --sim-gpu relay-swap
refused "one duplicated" 3 GPU_DUPLICATE "${IDS[0]}" --sim-gpu duplicate
refused "one of another machine" 1 gpu-fleet "" --sim-gpu foreign
refused "an old VBIOS" 1 gpu-vbios 97.00.83.00.09 --sim-gpu old-vbios:2
explained "the explanation names the GPU" "gpus[2]"
refused "other measurements" 1 gpu-genuine vbios:9 --sim-gpu mismatch:0
explained "the explanation names the GPU" "gpus[0]"
refused "developer mode" 1 gpu-confidential devtools --sim-gpu devtools
explained "the explanation names the GPU" "gpus[7]"
refused "a GPU passed through alone" 1 gpu-mode spt --sim-gpu spt
explained "the explanation names the GPU" "gpus[7]"

echo "# the options"
NAME=node/key
PKI=pki
exits "a word that nobody knows" 2 get --sim-gpu broken --out "$TMP/no"
exits "a number of GPUs that is none" 2 get --gpus eight --out "$TMP/no"
exits "more GPUs than a request holds" 2 get --gpus 17 --out "$TMP/no"
exits "a library that is not there" 4 guest get "$NAME" --url "$URL" \
  --nvml /nonexistent/nvml.so --wait 1 --out "$TMP/no"
has "is named" "$TMP/err" "/nonexistent/nvml.so: cannot load"
rm -rf "$TMP/bare" && mkdir "$TMP/bare" && cp "$TMP"/pki/*.* "$TMP/bare/"
PKI=bare exits "GPUs demanded of a PKI without any" 2 get --gpus all \
  --out "$TMP/no"
has "it says how to make them" "$TMP/err" "--gpus N"

echo "# offline"
JWK='{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}'
echo "$JWK" >"$TMP/jwk"
NONCE=$(printf 'ab%.0s' $(seq 32))
evidence() {
  vouchsafe simulate evidence --pki "$TMP/pki" --nonce "$NONCE" \
    --recipient "$TMP/jwk" --out-report "$TMP/report" \
    --out-certs "$TMP/certs" --out-gpus "$TMP/gpus.json" "$@"
}
appraise() {
  vouchsafe appraise --cpu "$TMP/report" --certs "$TMP/certs" \
    --gpu "$TMP/gpus.json" --nonce "$NONCE" --recipient "$TMP/jwk" \
    --gpu-cc-state on --collateral "$TMP/collateral" "${ANCHORS[@]}" "$@"
}
exits "evidence to files" 0 evidence
exits "appraise judges the machine as one" 0 appraise
has "with its fabric" "$TMP/out" "gpus[7].topology                   true"
exits "seven of eight" 0 evidence --gpus 7 --sim-gpu no-switches
exits "are seven" 0 appraise
exits "one swapped on the way" 0 evidence --sim-gpu relay-swap
exits "is another machine" 3 appraise
exits "a stale report" 0 evidence --sim-gpu stale:2
exits "is refused" 3 appraise
has "with its device and code" "$TMP/out" "GPU 2"
exits "GPUs without a place for them" 2 vouchsafe simulate evidence \
  --pki "$TMP/pki" --out-report "$TMP/report" --gpus 2
exits "two nonces" 2 evidence --gpu-nonce "$NONCE"
exits "a nonce that is none" 2 vouchsafe simulate evidence --pki "$TMP/pki" \
  --out-report "$TMP/report" --out-gpus "$TMP/gpus.json" --gpu-nonce 00
exits "too many GPUs" 2 evidence --gpus 17
exits "more than there are" 2 evidence --gpus 9

if command -v python3 >/dev/null; then
  echo "# on the wire"
  python3 "$HERE/gpu_wire.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" \
    node/key || FAILED=$((FAILED + 1))
fi
stop_daemon
same "it stops in order" "$DAEMON_STATUS" 0
finish
