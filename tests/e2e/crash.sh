#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the daemon at random moments under load, and of the keeper.
# VS_KILLS: how many times, 200 by default.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
KILLS=${VS_KILLS:-200}
make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"

launch() {
  # Without descriptor 9: the load ends when its last writer is gone.
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" \
    >>"$TMP/daemon.log" 2>&1 9>&- &
  DAEMON_PID=$!
}
keepers() {
  local p name
  for p in /proc/[0-9]*; do
    { read -r name <"$p/comm"; } 2>/dev/null || continue
    [ "$name" = vouchsafe-keepe ] || continue
    if tr '\0' ' ' <"$p/cmdline" 2>/dev/null | grep -q "$TMP" ||
      grep -q "^PPid:[[:space:]]$DAEMON_PID$" "$p/status" 2>/dev/null; then
      echo "${p#/proc/}"
    fi
  done
}

start_daemon || exit 1
check "ready" wait_status /readyz 200 20
exits "key create" 0 vouchsafe key create demo/key

echo "# kill -9 of the daemon, $KILLS times"
mkfifo "$TMP/load"
python3 "$(dirname "$0")/crash.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT" \
  "$TMP/received" <"$TMP/load" >"$TMP/load.out" 2>&1 &
LOAD=$!
exec 9>"$TMP/load"
for i in $(seq "$KILLS"); do
  sleep "0.$(printf %03d $((RANDOM % 1000)))"
  kill -KILL "$DAEMON_PID"
  wait "$DAEMON_PID" 2>/dev/null
  # The address must be free again at once, and the store must open.
  launch
done
check "it serves after the last kill" wait_status /readyz 200 20
sleep 1
exec 9>&-
code=0
wait "$LOAD" || code=$?
sed 's/^/     | /' "$TMP/load.out"
same "no nonce was spent twice, no wrong answer" "$code" 0

vouchsafe audit list --outcome allowed --limit 1000000 --json >"$TMP/audit" ||
  bad "audit list"
grep -o '"id": "[^"]*"' "$TMP/audit" | cut -d'"' -f4 | sort >"$TMP/recorded"
sort "$TMP/received" >"$TMP/got"
same "every key that a guest received has an audit record" \
  "$(comm -23 "$TMP/got" "$TMP/recorded" | wc -l)" 0
echo "     | $(wc -l <"$TMP/got") received, $(wc -l <"$TMP/recorded") recorded"
check "there was a load" test "$(wc -l <"$TMP/got")" -ge $((KILLS / 4))
same "one keeper is left" "$(keepers | wc -l)" 1

echo "# kill -9 of the keeper"
get() {
  guest get demo/key --url "$URL" --simulate "$TMP/pki" --wait 0 \
    --out "$TMP/key" >/dev/null 2>&1
}
other=0 unavailable=0
for i in $(seq 20); do
  K=$(keepers | head -n 1)
  [ -n "$K" ] && kill -KILL "$K" 2>/dev/null
  code=0
  get || code=$?
  case $code in
  0) ;;
  4) unavailable=$((unavailable + 1)) ;;
  *) other=$((other + 1)) ;;
  esac
done
same "without the keeper a release is unavailable, never another answer" \
  "$other" 0
check "some were unavailable" test "$unavailable" -ge 1
check "it recovers" wait_status /readyz 200 30
code=1
for i in $(seq 50); do get && code=0 && break || sleep 0.1; done
same "and releases again" "$code" 0
same "one keeper" "$(keepers | wc -l)" 1
KEEPER=$(keepers)
stop_daemon
same "an orderly stop" "$DAEMON_STATUS" 0
for i in $(seq 40); do kill -0 "$KEEPER" 2>/dev/null || break; sleep 0.05; done
if kill -0 "$KEEPER" 2>/dev/null; then bad "the keeper outlives the daemon"; else
  ok "the keeper stops with the daemon"
fi
finish
