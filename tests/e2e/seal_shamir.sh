#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Seals by shares: three of five open, two do not, a wrong share is named; the
# same root under another seal; new custodians; recovery beside a TPM.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libseal.sh"
extra_cleanup() { stop_tpm; }

unseal() { sed -n "$2p" "$TMP/$1" | vouchsafe seal unseal; }
make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"

echo "# init"
exits "without the numbers" 2 vouchsafe seal init --data "$TMP/data" \
  --seal shamir
exits "more than there are" 2 vouchsafe seal init --data "$TMP/data" \
  --seal shamir --shares 3 --threshold 4
exits "no such seal" 2 vouchsafe seal init --data "$TMP/data" --seal paper
exits "five custodians, any three" 0 vouchsafe seal init --data "$TMP/data" \
  --seal shamir --shares 5 --threshold 3
grep -o 'VSS1-.*' "$TMP/out" >"$TMP/shares"
same "five shares" "$(wc -l <"$TMP/shares")" 5
same "only the owner reads the seal" "$(stat -c %a "$TMP/data/root.seal")" 600
exits "not twice" 2 vouchsafe seal init --data "$TMP/data"
has "and why" "$TMP/err" "there is a seal already"

echo "# the ceremony"
start_daemon || exit 1
check "alive while sealed" wait_status /healthz 200 20
same "not ready while sealed" "$(http_status "$PORT" /readyz)" 503
exits "status says sealed" 4 vouchsafe seal status
has "and how many it waits for" "$TMP/out" "any 3 of 5 open it"
exits "no key is made" 4 vouchsafe key create demo/k
exits "the first share" 0 unseal shares 2
has "one is given" "$TMP/out" "given   1 of 3"
exits "the same once more" 0 unseal shares 2
has "counts once" "$TMP/out" "given   1 of 3"
sed 's/....$/AAAA/' "$TMP/shares" >"$TMP/slips"
exits "a slip of the pen" 2 unseal slips 4
has "names the share" "$TMP/err" "share 4 was not entered as it is written"
exits "something else" 2 vouchsafe seal unseal < <(echo "let me in")
exits "two do not open it" 0 unseal shares 5
exits "two do not open it" 4 vouchsafe seal status
has "two do not open it" "$TMP/out" "given   2 of 3"
same "and nothing is ready" "$(http_status "$PORT" /readyz)" 503
exits "the third does" 0 unseal shares 1
has "it is open" "$TMP/out" "state   open"
check "ready" wait_status /readyz 200 20
exits "a share too many" 2 unseal shares 3
exits "a key is made" 0 vouchsafe key create demo/k
FIRST=$(key_digest)
check "and released" test -n "$FIRST"
exits "the trail" 0 vouchsafe audit list
has "says that it was unsealed" "$TMP/out" "seal.unseal"
exits "the trail is whole" 0 vouchsafe audit verify
for f in "$TMP/daemon.log" "$TMP"/data/vouchsafe.db*; do
  if grep -qaE 'VSS1-[0-9]+-[A-Z2-7]{4}' "$f"; then bad "a share in $f"; fi
done
if grep -qaFf <(cut -d- -f6-8 "$TMP/shares") "$TMP/daemon.log"; then
  bad "a part of a share in the log"; else ok "no share in log or store"; fi
kill -9 "$(keeper_pid)"
sleep 1
exits "a keeper that died is sealed again" 4 vouchsafe seal status
exits "all at once" 0 vouchsafe seal unseal <"$TMP/shares"
has "opens it" "$TMP/out" "state   open"
check "ready again" wait_status /readyz 200 20
same "the same key" "$(key_digest)" "$FIRST"
stop_daemon

echo "# on a terminal"
on_a_terminal() {
  PTY=$(dirname "$0")/seal_pty.py
  start_daemon || exit 1
  check "alive" wait_status /healthz 200 20
  exits "a share is asked for" 0 python3 "$PTY" "$VS_BIN/vouchsafe" seal unseal \
    < <(sed -n 1p "$TMP/shares")
  has "a share is asked for" "$TMP/out" "Share: "
  has "and counts" "$TMP/out" "given   1 of 3"
  if grep -qF "$(sed -n 1p "$TMP/shares" | cut -c1-40)" "$TMP/out"; then
    bad "it is shown"; else ok "it is not shown"; fi
  stop_daemon
  exits "shares one at a time" 0 python3 "$PTY" "$VS_BIN/vouchsafe" seal init \
    --data "$TMP/other" --seal shamir --shares 2 --threshold 2 < <(printf '\n\n')
  has "each asks for Enter" "$TMP/out" "Enter wipes it from the screen"
  same "and is wiped" "$(grep -c $'\033\\[H\033\\[2J\033\\[3J' "$TMP/out")" 2
}
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
  on_a_terminal
else
  echo "not tried: this machine has no pseudo-terminals"
fi

echo "# new custodians"
exits "with two shares of the old" 2 vouchsafe seal reshare \
  --data "$TMP/data" --shares 4 --threshold 2 < <(head -n 2 "$TMP/shares")
cp "$TMP/data/root.seal" "$TMP/seal.before"
exits "with three of them" 0 vouchsafe seal reshare --data "$TMP/data" \
  --shares 4 --threshold 2 <"$TMP/shares"
grep -o 'VSS1-.*' "$TMP/out" >"$TMP/shares2"
same "four shares" "$(wc -l <"$TMP/shares2")" 4
start_daemon || exit 1
check "alive" wait_status /healthz 200 20
exits "an old share" 2 unseal shares 1
has "is told so" "$TMP/err" "share 1 is of another set"
exits "two of the new" 0 vouchsafe seal unseal <"$TMP/shares2"
check "open it" wait_status /readyz 200 20
same "the same key" "$(key_digest)" "$FIRST"
stop_daemon

echo "# a new root under the same shares"
start_daemon || exit 1
check "alive" wait_status /healthz 200 20
exits "a sealed root is not rotated" 4 vouchsafe seal rotate-root
exits "the shares" 0 vouchsafe seal unseal <"$TMP/shares2"
check "open it" wait_status /readyz 200 20
exits "another root, without a ceremony" 0 vouchsafe seal rotate-root
same "the same key" "$(key_digest)" "$FIRST"
stop_daemon
start_daemon || exit 1
exits "the same shares" 0 vouchsafe seal unseal <"$TMP/shares2"
check "open the new root" wait_status /readyz 200 20
same "the same key" "$(key_digest)" "$FIRST"
exits "the trail is whole, from the first root on" 0 vouchsafe audit verify
stop_daemon

echo "# from any seal to any"
exits "to a file" 0 vouchsafe seal migrate --data "$TMP/data" --seal file \
  <"$TMP/shares2"
opens "from the file"
exits "to a file again, while it runs" 0 vouchsafe seal migrate \
  --data "$TMP/data" --seal file
stop_daemon
opens "from the new file"
stop_daemon
exits "back to shares, as JSON" 0 vouchsafe seal migrate --data "$TMP/data" \
  --seal shamir --shares 3 --threshold 2 --json
jq -r '.shares[]' "$TMP/out" >"$TMP/shares3"
same "three shares" "$(wc -l <"$TMP/shares3")" 3
same "of two" "$(jq .threshold "$TMP/out")" 2
exits "to nothing that there is" 4 vouchsafe seal migrate --data "$TMP/data" \
  --seal tpm2 --tpm2-pcrs sha256:7 --tpm2-tcti swtpm:path=/nowhere \
  <"$TMP/shares3"
has "and says so" "$TMP/err" "no TPM at swtpm:path=/nowhere"
start_daemon || exit 1
exits "a failed change changes nothing" 0 vouchsafe seal unseal <"$TMP/shares3"
check "ready" wait_status /readyz 200 20
same "the same key" "$(key_digest)" "$FIRST"
stop_daemon

echo "# a first version"
python3 - "$TMP/data" <<'PY'
import hashlib, os, sys
body = b"VSSEAL1\n" + bytes(range(32))
for name in os.listdir(sys.argv[1]):
    if name.startswith(("vouchsafe.db", "root.seal")):
        os.remove(os.path.join(sys.argv[1], name))
path = os.path.join(sys.argv[1], "root.seal")
with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
    f.write(body + hashlib.sha256(body).digest())
PY
first_start file
exits "to the second" 0 vouchsafe seal migrate --data "$TMP/data" --seal file
same "it is one" "$(head -c 7 "$TMP/data/root.seal")" VSSEAL2
opens "from the second"
stop_daemon

command -v swtpm >/dev/null || finish
command -v tpm2_pcrextend >/dev/null || finish
echo "# recovery beside a TPM"
start_tpm || exit 1
TPM=(--tpm2-tcti "$TPM2TOOLS_TCTI" --tpm2-pcrs sha256:11)
exits "to a TPM" 0 vouchsafe seal migrate --data "$TMP/data" --seal tpm2 \
  "${TPM[@]}"
{
  echo "seal:"
  echo "  kind: tpm2"
  echo "  tpm2:"
  echo "    tcti: $TPM2TOOLS_TCTI"
  echo "    pcrs: sha256:11"
} >"$TMP/seal.yaml"
write_config <"$TMP/seal.yaml"
opens "from the TPM"
stop_daemon
cp "$TMP/data/vouchsafe.db" "$TMP/old.db"
exits "recovery shares" 0 vouchsafe seal recovery create \
  --config "$TMP/config.yaml" --shares 3 --threshold 2
grep -o 'VSS1-.*' "$TMP/out" >"$TMP/rescue"
opens "from the TPM still"
exits "status tells of recovery" 0 vouchsafe seal status
has "status tells of recovery" "$TMP/out" "where the seal does not"
stop_daemon
tpm2_pcrextend "11:sha256=$(printf 'ab%.0s' $(seq 32))" || exit 1
sealed "after a change of PCR 11" "PCR 11 changed"
exits "two recovery shares" 0 vouchsafe seal unseal <"$TMP/rescue"
check "open it" wait_status /readyz 200 20
same "the same key" "$(key_digest)" "$FIRST"
stop_daemon
cp "$TMP/data/vouchsafe.db" "$TMP/new.db"
cp "$TMP/old.db" "$TMP/data/vouchsafe.db"
rm -f "$TMP"/data/vouchsafe.db-*
start_daemon --accept-old-store || exit 1
check "an old store, accepted while sealed: alive" wait_status /healthz 200 20
exits "two recovery shares" 0 vouchsafe seal unseal <"$TMP/rescue"
check "open it" wait_status /readyz 200 20
exits "the trail tells" 0 vouchsafe audit list --action store.accept
has "the trail tells" "$TMP/out" store.accept
stop_daemon
cp "$TMP/new.db" "$TMP/data/vouchsafe.db"
rm -f "$TMP"/data/vouchsafe.db-*
start_daemon --accept-old-store || exit 1
exits "two recovery shares" 0 vouchsafe seal unseal <"$TMP/rescue"
stop_daemon
exits "to the new values, with recovery shares" 0 vouchsafe seal migrate \
  --config "$TMP/config.yaml" --seal tpm2 --shares 3 --threshold 2 <"$TMP/rescue"
has "and why they were asked for" "$TMP/err" "PCR 11 changed"
opens "with the new values"
stop_daemon
exits "recovery is removed" 0 vouchsafe seal recovery remove --config "$TMP/config.yaml"
opens "without recovery"
exits "no share opens it" 2 unseal rescue 1
stop_daemon
finish
