# SPDX-License-Identifier: Apache-2.0
# For the tests of seals: a daemon whose seal is configured, a guest's key, and
# a TPM or a token of the test's own. Sourced after lib.sh.

get() { guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5; }

# key_digest: of the key demo/k as a guest receives it.
key_digest() {
  rm -f "$TMP/key"
  get demo/k --out "$TMP/key" 2>/dev/null >/dev/null || return 1
  sha256sum <"$TMP/key" | cut -d' ' -f1
}

# opens WHAT: the daemon starts, is ready, and releases the same key as ever.
opens() {
  start_daemon || exit 1
  check "$1: ready" wait_status /readyz 200 20
  same "$1: the key is released" "$(key_digest)" "$FIRST"
}

# sealed WHAT TEXT: it starts, is alive, serves nothing, and says why.
sealed() {
  start_daemon || exit 1
  check "$1: alive" wait_status /healthz 200 20
  check "$1: not ready" wait_status /readyz 503 20
  exits "$1: status says sealed" 4 vouchsafe seal status
  has "$1: and why" "$TMP/out" "$2"
  if key_digest >/dev/null; then bad "$1: a key was released"; else
    ok "$1: no key is released"
  fi
}

# first_start: makes the seal with the store, and the key that must come back.
first_start() {
  start_daemon || exit 1
  check "first start: ready" wait_status /readyz 200 20
  exits "the seal's kind is told" 0 vouchsafe seal status
  has "the seal's kind is told" "$TMP/out" "$1"
  exits "a key is made" 0 vouchsafe key create demo/k
  FIRST=$(key_digest)
  check "and released" test -n "$FIRST"
  stop_daemon
}

start_tpm() {
  mkdir -p "$TMP/tpm"
  swtpm socket --tpm2 --tpmstate "dir=$TMP/tpm" \
    --server "type=unixio,path=$TMP/tpm.sock" \
    --ctrl "type=unixio,path=$TMP/tpm.sock.ctrl" \
    --flags not-need-init,startup-clear >/dev/null 2>&1 &
  TPM_PID=$!
  export TPM2TOOLS_TCTI=swtpm:path=$TMP/tpm.sock
  local i
  for i in $(seq 100); do
    [ -S "$TMP/tpm.sock" ] && return 0
    sleep 0.05
  done
  return 1
}
# As a reset of the machine does: the PCRs are zeros again.
stop_tpm() {
  [ -n "${TPM_PID:-}" ] || return 0
  kill -TERM "$TPM_PID" 2>/dev/null
  wait "$TPM_PID" 2>/dev/null
  rm -f "$TMP/tpm.sock"
  TPM_PID=
}
