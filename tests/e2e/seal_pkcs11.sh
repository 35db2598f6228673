#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The token seal with SoftHSM2: round trip, wrong PIN, missing module.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libseal.sh"
command -v softhsm2-util >/dev/null || skip "no SoftHSM2"
MODULE=
for m in /usr/lib/*/softhsm/libsofthsm2.so /usr/lib/softhsm/libsofthsm2.so \
  /usr/lib64/pkcs11/libsofthsm2.so; do
  [ -r "$m" ] && MODULE=$m && break
done
[ -n "$MODULE" ] || skip "no module of SoftHSM2"

make_pki || exit 1
mkdir -p "$TMP/tokens"
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$TMP/tokens" \
  >"$TMP/softhsm2.conf"
export SOFTHSM2_CONF=$TMP/softhsm2.conf
new_token() {
  softhsm2-util --init-token --free --label "$1" --pin 1234 --so-pin 5678 \
    >/dev/null || exit 1
}
write_pin() {
  (umask 077 && echo "$1" >"$TMP/pin")
}
# token_config MODULE TOKEN KEY
token_config() {
  {
    echo "seal:"
    echo "  kind: pkcs11"
    echo "  pkcs11:"
    echo "    module: $1"
    echo "    token: $2"
    echo "    key: $3"
    echo "    pin_file: $TMP/pin"
    echo "    env: SOFTHSM2_CONF=$SOFTHSM2_CONF"
  } >"$TMP/seal.yaml"
  write_config <"$TMP/seal.yaml"
}

new_token vouchsafe
write_pin 1234
token_config "$MODULE" vouchsafe root-wrap
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"

echo "# round trip"
first_start pkcs11
opens "after a restart"
# Only root may look into a process that is not dumpable.
MAPS=/proc/$(keeper_pid)/maps
if [ "$(id -u)" = 0 ]; then
  check "the keeper's memory can be looked at" grep -q libcrypto "$MAPS"
  if grep -q softhsm "$MAPS"; then bad "the module is in the keeper"; else
    ok "the module is not in the keeper"
  fi
fi
stop_daemon

echo "# the PIN"
write_pin 4321
sealed "wrong PIN" "wrong PIN; it is not tried again"
stop_daemon
chmod 644 "$TMP/pin"
sealed "a PIN that others may read" "chmod 600"
stop_daemon
rm -f "$TMP/pin"
sealed "no PIN" "$TMP/pin"
stop_daemon
write_pin 1234
opens "with the right PIN again: the token is not locked"
stop_daemon

echo "# module, token and key"
token_config /nowhere/module.so vouchsafe root-wrap
sealed "missing module" "cannot load the module: /nowhere/module.so"
stop_daemon
token_config "$VS_BIN/vouchsafe" vouchsafe root-wrap
sealed "no module at all" "cannot load the module"
stop_daemon
token_config "$MODULE" elsewhere root-wrap
sealed "missing token" 'no token "elsewhere"'
stop_daemon
token_config "$MODULE" vouchsafe no-such-key
sealed "missing key" 'has no key "no-such-key"'
stop_daemon
mv "$TMP/tokens" "$TMP/tokens.kept"
mkdir "$TMP/tokens"
new_token vouchsafe
token_config "$MODULE" vouchsafe root-wrap
sealed "another token of that name" 'has no key "root-wrap"'
stop_daemon
rm -rf "$TMP/tokens"
mv "$TMP/tokens.kept" "$TMP/tokens"
opens "with the token back"
stop_daemon

finish
