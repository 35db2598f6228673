# SPDX-License-Identifier: Apache-2.0
# Shared by the end-to-end tests: a private directory, clean-up, a daemon on
# loopback, and plain assertions. Sourced, never run.
set -u

VS_BIN=${VS_BIN:-}
VS_SOURCE=${VS_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
if [ -z "$VS_BIN" ]; then
  for d in "$VS_SOURCE/build/dev" "$VS_SOURCE/build/release" "$VS_SOURCE/build"; do
    [ -x "$d/vouchsafe" ] && VS_BIN=$d && break
  done
fi
VECTORS=${VOUCHSAFE_VECTORS:-}
VECTORS=${VECTORS:-${VS_DEFAULT_VECTORS:-$VS_SOURCE/../shared/vectors}}

export PYTHONDONTWRITEBYTECODE=1
TMP=$(mktemp -d "${TMPDIR:-/tmp}/vouchsafe-e2e.XXXXXX") || exit 1
DAEMON_PID=
FAILED=0
CHECKS=0

skip() {
  echo "skipped: $*"
  exit 77
}

cleanup() {
  local code=$?
  trap - EXIT
  stop_daemon
  if declare -F extra_cleanup >/dev/null; then extra_cleanup; fi
  if [ "$code" -ne 0 ] && [ "$code" -ne 77 ] && [ -f "$TMP/daemon.log" ]; then
    echo "--- last lines of the daemon's log"
    tail -n 30 "$TMP/daemon.log"
  fi
  if [ -n "${VS_KEEP:-}" ]; then echo "kept: $TMP"; else rm -rf "$TMP"; fi
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

for p in vouchsafe vouchsafed vouchsafe-keeper vouchsafe-seal vouchsafe-guest; do
  [ -x "$VS_BIN/$p" ] || { echo "no $p in VS_BIN=$VS_BIN"; exit 1; }
done

vouchsafe() { "$VS_BIN/vouchsafe" "$@"; }
guest() { "$VS_BIN/vouchsafe-guest" "$@"; }

ok() {
  CHECKS=$((CHECKS + 1))
  echo "ok   $*"
}
bad() {
  CHECKS=$((CHECKS + 1))
  FAILED=$((FAILED + 1))
  echo "FAIL $*"
}
# check WHAT COMMAND...: the command must succeed.
check() {
  local what=$1
  shift
  if "$@"; then ok "$what"; else bad "$what"; fi
}
# same WHAT GOT WANT
same() {
  if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: got \"$2\", want \"$3\""; fi
}
# exits WHAT CODE COMMAND...: standard output to $TMP/out, errors to $TMP/err.
exits() {
  local what=$1 want=$2 got=0
  shift 2
  "$@" >"$TMP/out" 2>"$TMP/err" || got=$?
  if [ "$got" = "$want" ]; then
    ok "$what"
  else
    bad "$what: exit $got, want $want"
    sed 's/^/     | /' "$TMP/out" "$TMP/err" | head -n 20
  fi
}
has() {
  if grep -qF -- "$3" "$2"; then ok "$1"; else
    bad "$1: no \"$3\" in $2"
    sed 's/^/     | /' "$2" | head -n 20
  fi
}
finish() {
  echo "$CHECKS checks, $FAILED failed"
  [ "$FAILED" -eq 0 ] && [ "$CHECKS" -gt 0 ]
  exit
}

# A port that nobody listens on at the moment.
free_port() {
  local p i
  for i in $(seq 50); do
    p=$((10000 + (RANDOM * 32768 + RANDOM) % 20000)) # below the ephemeral range
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then
      echo "$p"
      return
    fi
  done
  return 1
}

# write_config: $TMP/config.yaml for $TMP/data on $PORT. Standard input goes to
# its end, which is the section `guest`.
write_config() {
  PORT=${PORT:-$(free_port)}
  URL=http://127.0.0.1:$PORT
  mkdir -p "$TMP/policies" "$TMP/collateral"
  cp "$TMP/pki/crl.der" "$TMP/collateral/"
  {
    echo "data: $TMP/data"
    echo "policy_dir: $TMP/policies"
    echo "collateral_dir: $TMP/collateral"
    echo "trust_anchors:"
    echo "  - name: lab"
    echo "    file: $TMP/pki/ark.pem"
    echo "guest:"
    echo "  listen: 127.0.0.1:$PORT"
    cat
  } >"$TMP/config.yaml"
  export VOUCHSAFE_SOCKET=$TMP/data/admin.sock
}

# One HTTP request with nothing but bash: prints status line and body.
http_get() {
  local host=127.0.0.1 port=$1 path=$2 line
  exec 3<>"/dev/tcp/$host/$port" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$path" >&3
  IFS= read -r -t 10 line <&3 || line=
  echo "$line" | tr -d '\r'
  timeout 10 cat <&3
  exec 3>&- 3<&-
}
http_status() { http_get "$1" "$2" 2>/dev/null | head -n 1 | cut -d' ' -f2; }

# wait_status PATH CODE SECONDS
wait_status() {
  local i
  for i in $(seq $(($3 * 20))); do
    [ "$(http_status "$PORT" "$1")" = "$2" ] && return 0
    sleep 0.05
  done
  echo "     | $1 is $(http_status "$PORT" "$1"), waited for $2"
  return 1
}

start_daemon() {
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" "$@" \
    >>"$TMP/daemon.log" 2>&1 &
  DAEMON_PID=$!
  wait_status /healthz 200 20 || {
    echo "the daemon did not start"
    return 1
  }
}

stop_daemon() {
  [ -n "$DAEMON_PID" ] || return 0
  local i
  kill -TERM "$DAEMON_PID" 2>/dev/null
  for i in $(seq 200); do
    kill -0 "$DAEMON_PID" 2>/dev/null || break
    sleep 0.05
  done
  if kill -0 "$DAEMON_PID" 2>/dev/null; then
    echo "the daemon did not stop in 10 s"
    kill -KILL "$DAEMON_PID" 2>/dev/null
  fi
  wait "$DAEMON_PID" 2>/dev/null
  DAEMON_STATUS=$?
  DAEMON_PID=
}

# The simulated PKI, once a test. Small RSA keys: it is the shape that counts.
make_pki() {
  vouchsafe simulate pki "$TMP/pki" --rsa-bits 2048 "$@" >/dev/null
}

MEASUREMENT=$(printf '11%.0s' $(seq 48))
# policy_for NAME GLOB MEASUREMENT: a policy that admits simulated guests.
policy_for() {
  cat <<END
apiVersion: policy/v1
name: $1
version: 1
keys: ["$2"]
tee: [snp]
rules:
  - id: simulated
    assert: |
      tee.simulated && tee.anchor == "lab"
    message: only guests of the lab's test root
  - id: no-debug
    assert: |
      !tee.debug
  - id: measurement
    assert: |
      snp.measurement == "$3"
    message: not the image that was approved
  - id: tcb
    assert: |
      snp.tcb.reported.microcode >= 1
END
}

# child_of PID NAME (15 characters at most)
child_of() {
  local p
  for p in /proc/[0-9]*; do
    [ "$(sed -n 's/^PPid:[[:space:]]*//p' "$p/status" 2>/dev/null)" = "$1" ] &&
      [ "$(cat "$p/comm" 2>/dev/null)" = "$2" ] && echo "${p#/proc/}"
  done
}
# The keeper is the child of its starter, and that one the daemon's.
keeper_pid() { child_of "$(child_of "$DAEMON_PID" vouchsafe-start)" vouchsafe-keepe; }

# The value of a member in pretty JSON of ours: json_str FILE NAME
json_str() {
  sed -n "s/.*\"$2\": *\"\\([^\"]*\\)\".*/\\1/p" "$1" | head -n 1
}
