#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS on the guest listener: the certificate is checked, and changes without a
# restart. Plain text on other addresses than loopback is refused.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "no openssl"
make_pki || exit 1

# certificate SERIAL: signed by the test's CA, to tls.crt and tls.key.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -keyout "$TMP/ca.key" -out "$TMP/ca.crt" -days 2 -subj /CN=test-ca \
  2>/dev/null || exit 1
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$TMP/new.key" -out "$TMP/new.csr" -subj /CN=broker 2>/dev/null &&
    openssl x509 -req -in "$TMP/new.csr" -CA "$TMP/ca.crt" \
      -CAkey "$TMP/ca.key" -set_serial "$1" -days 1 -out "$TMP/new.crt" \
      -extfile <(echo "subjectAltName=IP:127.0.0.1") 2>/dev/null &&
    mv "$TMP/new.key" "$TMP/tls.key" && mv "$TMP/new.crt" "$TMP/tls.crt"
}
serial() {
  openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null |
    openssl x509 -noout -serial 2>/dev/null | cut -d= -f2
}
wait_serial() {
  local i
  for i in $(seq 100); do
    [ "$(serial)" = "$1" ] && return 0
    sleep 0.1
  done
  return 1
}

certificate 1001 || exit 1
write_config <<END
  tls:
    cert: $TMP/tls.crt
    key: $TMP/tls.key
END
URL=https://127.0.0.1:$PORT
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
get() {
  guest get demo/key --url "$URL" --simulate "$TMP/pki" --wait 0 \
    --out "$TMP/key" "$@"
}

"$VS_BIN/vouchsafed" --config "$TMP/config.yaml" >>"$TMP/daemon.log" 2>&1 &
DAEMON_PID=$!
# OpenSSL prints serial numbers in hex.
check "it serves TLS" wait_serial 03E9
exits "key create" 0 vouchsafe key create demo/key
exits "a guest that knows the CA gets its key" 0 get --ca "$TMP/ca.crt"
exits "a guest that does not, does not ask" 4 get
exits "plain text is not answered" 4 guest get demo/key \
  --url "http://127.0.0.1:$PORT" --simulate "$TMP/pki" --wait 0 --out "$TMP/no"
for v in -tls1 -tls1_1; do
  if openssl s_client "$v" -connect "127.0.0.1:$PORT" </dev/null 2>&1 |
    grep -q 'Cipher is [A-Z]'; then bad "$v is spoken"; else
    ok "$v is not spoken"
  fi
done
# A silent and a broken client do not keep others out.
exec 5<>"/dev/tcp/127.0.0.1/$PORT"
printf 'nonsense' >&5
exits "beside a client that talks nonsense" 0 get --ca "$TMP/ca.crt"
exec 5>&- 5<&-

echo "# another certificate, without a restart"
certificate 1002
kill -HUP "$DAEMON_PID"
check "it is served" wait_serial 03EA
exits "and keys are released" 0 get --ca "$TMP/ca.crt"
cp "$TMP/tls.key" "$TMP/good.key"
openssl ecparam -name prime256v1 -genkey -noout -out "$TMP/tls.key"
kill -HUP "$DAEMON_PID"
sleep 1
check "a key of another certificate keeps the old pair" wait_serial 03EA
exits "and keys are released" 0 get --ca "$TMP/ca.crt"
echo garbage >"$TMP/tls.crt"
kill -HUP "$DAEMON_PID"
sleep 1
check "so does a broken certificate" wait_serial 03EA
vouchsafe policy status >"$TMP/before"
for p in "$TMP"/policies/*.yaml; do
  sed -i 's/^version: 1$/version: 2/' "$p"
done
kill -HUP "$DAEMON_PID"
sleep 2
vouchsafe policy status >"$TMP/after"
same "and policies do not change by a reload that fails at it" \
  "$(awk '{print $1, $2}' "$TMP/after")" "$(awk '{print $1, $2}' "$TMP/before")"
cp "$TMP/good.key" "$TMP/tls.key"
stop_daemon
same "it stops in order" "$DAEMON_STATUS" 0

echo "# addresses"
sed "s,127.0.0.1:,0.0.0.0:,; /^  tls:/,\$d" "$TMP/config.yaml" >"$TMP/open.yaml"
exits "plain text on every address is refused" 2 \
  "$VS_BIN/vouchsafed" --config "$TMP/open.yaml" --check
has "and says what to do" "$TMP/err" tls
finish
