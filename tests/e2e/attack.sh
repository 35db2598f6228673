#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attacks over the wire: replays, wrong bindings, wrong keys, floods, drips.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
make_pki || exit 1

OTHERS=()
extra_cleanup() {
  local p
  for p in "${OTHERS[@]}"; do kill -TERM "$p" 2>/dev/null; done
  for p in "${OTHERS[@]}"; do wait "$p" 2>/dev/null; done
}
# extra_daemon NAME: another broker from $TMP/config.yaml; its port in PORT.
extra_daemon() {
  PORT=$(free_port)
  write_config
  mv "$TMP/config.yaml" "$TMP/$1.yaml"
  sed -i "s,^data: .*,data: $TMP/$1," "$TMP/$1.yaml"
  "$VS_BIN/vouchsafed" --config "$TMP/$1.yaml" >>"$TMP/$1.log" 2>&1 &
  OTHERS+=($!)
  wait_status /readyz 200 20
}

mkdir -p "$TMP/policies"
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
policy_for closed 'closed/**' "$(printf '33%.0s' $(seq 48))" \
  >"$TMP/policies/closed.yaml"
extra_daemon other </dev/null || exit 1
OTHER=$PORT
extra_daemon short <<END || exit 1
  request_timeout: 5s
  idle_timeout: 5s
nonce_ttl: 10s
END
SHORT=$PORT
PORT=$(free_port)
write_config </dev/null
start_daemon || exit 1
wait_status /readyz 200 20 || exit 1

vouchsafe key create demo/key demo/disabled demo/destroyed closed/key \
  nobody/key >/dev/null || exit 1
vouchsafe key disable demo/disabled >/dev/null || exit 1
vouchsafe key destroy demo/destroyed --now --yes >/dev/null || exit 1

python3 "$(dirname "$0")/attack.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" \
  "$OTHER" "$SHORT" "$DAEMON_PID"
