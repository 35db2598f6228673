#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Releases to Intel TDX guests: who gets a key, who does not, and what the
# security team learns about each refusal.
. "$(dirname "$0")/lib.sh"

HERE=$(dirname "$0")
ZEROS=$(printf '00%.0s' $(seq 64))
vouchsafe simulate pki "$TMP/pki" --tee tdx >/dev/null || exit 1
vouchsafe simulate pki "$TMP/foreign" --tee tdx >/dev/null || exit 1

# says ARGS...: what Intel says from now on.
says() {
  vouchsafe simulate collateral --pki "$TMP/pki" --out "$TMP/collateral" "$@"
}
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
mkdir -p "$TMP/policies"
says || exit 1
cat >"$TMP/config.yaml" <<END
data: $TMP/data
policy_dir: $TMP/policies
collateral_dir: $TMP/collateral
trust_anchors:
  - name: lab
    file: $TMP/pki/root.pem
guest:
  listen: 127.0.0.1:$PORT
END
export VOUCHSAFE_SOCKET=$TMP/data/admin.sock
# RTMR1 of a simulated TD without a log, and of one with (Intel TDX DCAP
# Quoting Library API, A.3.2: at 376 of the body, which is at 48).
LOADER=$(printf '21%.0s' $(seq 48))
vouchsafe simulate evidence --pki "$TMP/pki" --report-data "$ZEROS" \
  --out-report "$TMP/quote" --out-event-log "$TMP/log"
LOGGED=$(od -An -v -tx1 -j 424 -N 48 "$TMP/quote" | tr -d ' \n')
cat >"$TMP/policies/demo.yaml" <<END
apiVersion: policy/v1
name: demo
version: 1
keys: ["demo/**"]
tee: [tdx]
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab"
  - id: no-debug
    message: the host may read the guest's memory
    assert: |
      !tee.debug
  - id: no-migration
    assert: |
      has(tdx.attributes.migratable) && !tdx.attributes.migratable
  - id: image
    assert: |
      has(tdx.mrtd) && tdx.mrtd == "$MEASUREMENT" &&
      has(tdx.rtmr1) && tdx.rtmr1 in ["$LOADER", "$LOGGED"]
  - id: tcb-status
    message: the platform lacks updates
    assert: |
      has(tcb_status) && tcb_status == "UpToDate"
  - id: tcb-number
    message: Intel has said more about this platform since
    assert: |
      has(tcb_evaluation_data_number) && tcb_evaluation_data_number >= 18
END
cat >"$TMP/policies/logged.yaml" <<END
apiVersion: policy/v1
name: logged
version: 1
keys: ["logged/**"]
tee: [tdx]
waive:
  - {check: tcb, until: 2099-01-01T00:00:00Z, reason: the event log is at issue}
  - {check: identity, until: 2099-01-01T00:00:00Z,
     reason: events tell what was booted}
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab"
  - id: no-debug
    assert: |
      !tee.debug
  - id: image
    assert: |
      has(tdx.mrtd) && tdx.mrtd == "$MEASUREMENT"
  - id: secure-boot
    assert: |
      has(eventlog.secure_boot) && eventlog.secure_boot
  - id: nothing-since
    assert: |
      has(eventlog.rtmr3_replayed) && eventlog.rtmr3_replayed &&
      has(eventlog.applications) && size(eventlog.applications) == 0
END

get() { guest get "${NAME:-demo/key}" --url "$URL" --simulate "$TMP/pki" --wait 5 "$@"; }
gets() {
  local what=$1
  shift
  rm -f "$TMP/key"
  exits "$what" 0 get --out "$TMP/key" "$@"
  same "$what: it is the same key" "$(sha256sum <"$TMP/key" | cut -d' ' -f1)" \
    "${KEY:=$(sha256sum <"$TMP/key" | cut -d' ' -f1)}"
}
# refused WHAT EXIT CLASS ARGS...: the guest's exit code, and what the audit
# record of the attempt names.
refused() {
  local what=$1 code=$2 class=$3 id
  shift 3
  rm -f "$TMP/no"
  exits "$what" "$code" get --out "$TMP/no" "$@"
  if [ -e "$TMP/no" ]; then bad "$what: it left a file"; fi
  if grep -q "$class" "$TMP/err"; then bad "$what: the guest learns why"; fi
  id=$(sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]\{27\}\).*/\1/p' "$TMP/err" |
    head -n 1)
  exits "$what: it is in the audit" 0 vouchsafe audit show "$id"
  has "$what: with its class" "$TMP/out" "$class"
}
# reload ARGS...: other collateral, in the running daemon.
reload() {
  local before after i
  before=$(grep -c event=loaded "$TMP/daemon.log")
  says "$@" || bad "simulate collateral $*"
  kill -HUP "$DAEMON_PID"
  for i in $(seq 100); do
    after=$(grep -c event=loaded "$TMP/daemon.log")
    [ "$after" != "$before" ] && return
    sleep 0.05
  done
  bad "no reload after $*"
}

echo "# what the simulator makes, by openssl"
if command -v openssl >/dev/null && command -v python3 >/dev/null; then
  for form in v4 v5 v5-td10; do
    vouchsafe simulate evidence --pki "$TMP/pki" --td "$form" \
      --report-data "$ZEROS" --out-report "$TMP/quote"
    exits "a quote of form $form" 0 python3 "$HERE/tdx_check.py" "$TMP/pki" \
      "$TMP/collateral" "$TMP/quote" "$ZEROS"
  done
  exits "appraise verifies it, too" 0 vouchsafe appraise --cpu "$TMP/quote" \
    --kind tdx --trust-anchor "$TMP/pki/root.pem" \
    --collateral "$TMP/pki/collateral" --expect-report-data "$ZEROS"
fi

echo "# release"
start_daemon || exit 1
check "readyz is 200" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create demo/key logged/key
KEY=
gets "a TD gets the key"
gets "with a quote of version 5" --sim-td v5
gets "with a TD 1.0 body in version 5" --sim-td v5-td10
gets "with its event log" --sim-td event-log
exits "the tool can be such a guest, too" 0 vouchsafe simulate guest demo/key \
  --pki "$TMP/pki" --url "$URL" --sim-td v5 --out "$TMP/no"
NAME=logged/key exits "events that a policy asks for" 0 \
  get --sim-td event-log --out "$TMP/no"
exits "audit list" 0 vouchsafe audit list
has "the releases are there" "$TMP/out" allowed

echo "# the guest is not what it should be"
refused "another image" 1 image --sim-measurement "$(printf '22%.0s' $(seq 48))"
refused "a debug TD" 1 no-debug --sim-debug
refused "a TD that may be migrated" 1 no-migration --sim-td migratable
refused "a platform with old microcode" 1 tcb-status --sim-td old-tcb
has "and the audit names its status" "$TMP/out" OutOfDate
has "and the advisories" "$TMP/out" INTEL-SA-01099
refused "an old TDX module" 1 tcb-status --sim-td old-module
NAME=logged/key refused "no log where a policy asks for events" 1 secure-boot
refused "an event log of another boot" 3 eventlog_mismatch --event-log "$TMP/log"
refused "another enclave as quoting enclave" 3 qe_identity_mismatch \
  --sim-td foreign-qe
refused "a foreign root" 3 root_untrusted --simulate "$TMP/foreign"

echo "# what Intel says"
reload --revoke pck
refused "a revoked PCK" 3 cert_revoked
reload --revoke ca
refused "a revoked platform CA" 3 cert_revoked
reload --revoke signing
refused "a revoked TCB signer" 3 cert_revoked
reload --revoked-level
refused "a revoked TCB level" 3 tcb_revoked
reload --sgx-qe
refused "the SGX QE's identity for the TD's" 3 qe_identity_mismatch
reload --other-qe
refused "a QE of another signer" 3 qe_identity_mismatch
reload --number 17 --at "$(date -u -d '-1 day' +%FT%TZ)"
refused "an older TCB info" 1 tcb-number
reload --raised --number 19
refused "a newer TCB info that wants an update" 1 tcb-status
has "and the audit names the advisory" "$TMP/out" INTEL-SA-01313
reload --at "$(date -u -d '-40 days' +%FT%TZ)"
refused "collateral that has lapsed" 3 expired
reload
gets "with good collateral again"

if command -v python3 >/dev/null; then
  echo "# on the wire"
  python3 "$HERE/tdx_wire.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" ||
    FAILED=$((FAILED + 1))
  echo "# the same in CBOR"
  exits "another key" 0 vouchsafe key create demo/other
  python3 "$HERE/cbor.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" ||
    FAILED=$((FAILED + 1))
fi
stop_daemon
same "it stops in order" "$DAEMON_STATUS" 0
finish
